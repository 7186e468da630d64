/** What to do about an error of the chain, in one sentence. */
import sentences from '../../../cli/src/error/advice.json';
import type { Market, PoolParameters, Refusal, StakerRow } from '../chain/types';
import { count, whole } from './amounts';

/** The errors of the chain's own parts and of its transaction pool, which have no entry in the file. */
const OTHERS: Record<string, string> = {
	BadOrigin: 'This account may not make the call: sign with another one.',
	'Token.FundsUnavailable': 'Use less, or send the account tokens.',
	'Token.BelowMinimum': 'Leave at least the existential deposit in the account.',
	'Token.NotExpendable': 'Leave at least the existential deposit in the account.',
	'Balances.InsufficientBalance': 'Use less, or send the account tokens.',
};

/** Returns what to do about an error. */
export function adviceFor({ name }: Refusal): string {
	const known = (sentences as Record<string, { advice: string; page?: string }>)[name];
	return known?.page ?? known?.advice ?? OTHERS[name] ?? `Look for ${name} in the documentation, or ask its operators.`;
}

/** Returns a refusal in words, with the moment from which on the call is allowed, if the account's state has it. */
export function refusalInWords(
	refusal: Refusal,
	{ staker, pool, clock }: { staker: StakerRow; pool: PoolParameters; clock: Market['poolClock'] },
): { reason: string; advice: string } {
	const reason = refusal.docs || `The chain refuses: ${refusal.name}.`;
	const from = (moment: number) =>
		`It is allowed from ${clock.unit} ${whole(moment)} on, in ${count(Math.max(0, moment - clock.now), clock.unit)}.`;
	const allowed = allowedFrom(refusal.name, staker, pool);
	return { reason, advice: allowed === undefined ? adviceFor(refusal) : from(allowed) };
}

function allowedFrom(name: string, staker: StakerRow, pool: PoolParameters): number | undefined {
	switch (name) {
		case 'ProverPool.ChangeTooFrequent':
			return staker.prover && staker.prover.enteredAt + pool.minChangeDelay + 1;
		case 'ProverPool.StillSuspended':
			return staker.suspendedUntil === undefined ? undefined : staker.suspendedUntil + 1;
		case 'ProverPool.NoMatureExit':
			return staker.exits.length === 0 ? undefined : Math.min(...staker.exits.map(({ maturesAt }) => maturesAt)) + 1;
		default:
			return undefined;
	}
}

/** Returns in words why a transaction could not be tried, signed or sent. */
export function failureInWords(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	// An error of the node has its reason beside its message.
	const { data } = (error ?? {}) as { data?: unknown };
	const text = typeof data === 'string' ? `${message}: ${data}` : message;
	if (/Inability to pay/i.test(text)) return 'The account cannot pay the transaction’s fee. Send it tokens first.';
	if (/^101[34]\b|Priority is too low|Already imported/i.test(text)) {
		return 'An earlier transaction of this account waits to be included. Try again in a few seconds.';
	}
	if (/^1012\b|temporarily banned/i.test(text)) {
		return 'The node has refused this transaction a short time ago. Try again in half an hour, or change it.';
	}
	if (/Stale|outdated/i.test(text)) return 'The transaction was outdated. Try again.';
	return text;
}
