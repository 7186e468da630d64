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

/** Returns a refusal in words, with the date from which on the call is allowed, if the account's state tells it. */
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

/** Returns what a failure to send says to people. */
export function failureInWords(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	if (/cancel|reject|denied/i.test(message)) return 'The wallet did not sign. Nothing was sent.';
	if (/1010|Inability to pay/i.test(message)) {
		return 'The account cannot pay the transaction’s fee. Send it tokens first.';
	}
	if (/1014|Priority is too low/i.test(message)) {
		return 'An earlier transaction of this account waits to be included. Try again in a few seconds.';
	}
	if (/Stale|outdated|1012/i.test(message)) return 'The transaction was outdated. Try again.';
	return message;
}
