/** Events of the chain as sentences. */
import type { ChainEvent, EventData } from '../chain/types';
import { count, whole } from './amounts';

/** A part of a sentence: text, or something that the page links or formats. */
export type Part = string | { account: string } | { block: bigint } | { amount: bigint };

export type Tone = 'plain' | 'good' | 'bad' | 'warn' | 'info';

export interface Sentence {
	/** The block of the rollup that it is about, if it is about one. */
	block: bigint | undefined;
	what: string;
	tone: Tone;
	parts: Part[];
}

/** Builds the parts of a sentence from a template. */
function say(texts: TemplateStringsArray, ...values: (Part | number)[]): Part[] {
	return texts.flatMap((text, i) => {
		const value = values[i];
		return value === undefined ? [text] : [text, typeof value === 'number' ? whole(value) : value];
	});
}

const account = (value: string): Part => ({ account: value });
const sum = (value: bigint): Part => ({ amount: value });

type Phrasing<Name extends ChainEvent['name']> = (
	data: EventData<Name>,
	all: ChainEvent[],
) => [what: string, tone: Tone, parts: Part[]];

const FAULTS: Record<EventData<'ProverPool.Slashed'>['fault'], string> = {
	Late: 'it delivered no proof in time',
	Rescued: 'another prover had to do its work',
	RemovedProof: 'its proof was wrong',
	Skipped: 'nobody proved the block',
	Other: 'the protocol decided so',
};

const REASONS: Record<string, string> = {
	Expired: 'it was not drawn in time',
	ClaimVoided: 'what vouched for its proof is revoked',
	EmptyPool: 'the pool has no prover that can be drawn',
	NoFreeCapacity: 'no prover has free capacity',
	ZeroFee: 'the fee is 0',
};

/** Returns why a prover was slashed, as the end of a sentence. */
export function faultInWords(fault: string): string {
	return FAULTS[fault as keyof typeof FAULTS] ?? fault;
}

const PHRASINGS: { [Name in ChainEvent['name']]?: Phrasing<Name> } = {
	'ProverPool.Staked': ({ who, amount, rewardPerGas, currentCapacity }) => [
		'staked',
		'info',
		say`${account(who)} stakes ${sum(amount)} at ${rewardPerGas} per gas, for ${count(currentCapacity, 'block')} at once`,
	],
	'ProverPool.Exited': ({ who, amount, forced }) => [
		'left',
		forced ? 'bad' : 'info',
		say`${account(who)} leaves with ${sum(amount)}${forced ? ', forced out' : ''}`,
	],
	'ProverPool.Withdrawn': ({ who, amount }) => ['withdrawn', 'info', say`${account(who)} receives ${sum(amount)}`],
	'ProverPool.StakeIncreased': ({ who, amount }) => [
		'staked',
		'info',
		say`${account(who)} adds ${sum(amount)} to its stake`,
	],
	'ProverPool.Unstaked': ({ who, amount }) => ['unstaked', 'info', say`${account(who)} unstakes ${sum(amount)}`],
	'ProverPool.Restaked': ({ who, amount }) => [
		'staked',
		'info',
		say`${account(who)} stakes an exit of ${sum(amount)} again`,
	],
	'ProverPool.TermsChanged': ({ who, rewardPerGas, maxCapacity }) => [
		'terms',
		'info',
		say`${account(who)} now asks ${rewardPerGas} per gas, for ${count(maxCapacity, 'block')} at once`,
	],
	'ProverPool.Paused': ({ who }) => ['paused', 'warn', say`${account(who)} pauses: it keeps its slot and its work`],
	'ProverPool.Resumed': ({ who }) => ['resumed', 'info', say`${account(who)} returns to draws`],
	'ProverPool.OfferListed': ({ who }) => ['listed', 'plain', say`Draws use the present offer of ${account(who)}`],
	'ProverPool.Suspended': ({ who, until }) => [
		'suspended',
		'bad',
		say`${account(who)} missed too many blocks in a row: it cannot resume before ${until + 1}`,
	],
	'ProverPool.SuspensionEnded': ({ who }) => [
		'restored',
		'info',
		say`${account(who)} may resume: the slash that suspended it is cancelled`,
	],
	'ProverPool.Slashed': ({ who, amount, fault }) => [
		'slashed',
		'bad',
		say`${account(who)} loses ${sum(amount)}: ${faultInWords(fault)}`,
	],
	'ProverPool.SlashDeferred': ({ dueAt }) => [
		'deferred',
		'plain',
		say`The slash stays on hold until ${dueAt}, and can be cancelled before`,
	],
	'ProverPool.SlashApplied': ({ who, amount }) => ['applied', 'bad', say`${account(who)} has lost ${sum(amount)}`],
	'ProverPool.SlashCancelled': ({ who, amount }) => [
		'cancelled',
		'info',
		say`The slash is cancelled: ${account(who)} keeps ${sum(amount)}`,
	],

	'BlockProposal.BlockProposed': ({ proposer, gasLimit, feePerGas, escrow }) => [
		'proposed',
		'plain',
		say`By ${account(proposer)}: up to ${gasLimit} gas at a fee of ${feePerGas}, ${sum(escrow)} in escrow`,
	],
	'BlockProposal.BlockAssigned': ({ prover, rewardPerGas }) => [
		'drawn',
		'info',
		say`${account(prover)} must prove it, at ${rewardPerGas} per gas`,
	],
	'BlockProposal.BlockOpened': ({ cause }) => {
		const reason = cause.type === 'Drawn' ? cause.value : cause.type;
		return ['open', 'warn', say`Anybody may prove it: ${REASONS[reason] ?? reason}`];
	},
	'BlockProposal.BlockClaimed': ({ prover, gasUsed, bond }) => [
		'proven',
		'good',
		bond > 0n
			? say`By ${account(prover)}: ${gasUsed} gas, with a bond of ${sum(bond)}`
			: say`By ${account(prover)}: ${gasUsed} gas`,
	],
	'BlockProposal.ClaimRemoved': ({ prover }) => ['disputed', 'bad', say`The claim of ${account(prover)} is removed`],
	'BlockProposal.ClaimConfirmed': ({ prover }) => [
		'confirmed',
		'good',
		say`The claim of ${account(prover)} has its second proof`,
	],
	'BlockProposal.ClaimUnconfirmed': ({ prover }) => [
		'removed',
		'bad',
		say`The claim of ${account(prover)} had no second proof in time`,
	],
	'BlockProposal.ClaimVoided': ({ prover }) => [
		'void',
		'bad',
		say`The claim of ${account(prover)} is void: what vouched for it is revoked`,
	],
	'BlockProposal.BlockVerified': ({ prover, verdict, paid }) => {
		if (verdict === 'Failed') return ['verified', 'warn', say`${account(prover)} failed, and is paid nothing`];
		if (verdict === 'Rescued') return ['rescued', 'good', say`${account(prover)} is paid ${sum(paid)}`];
		return ['verified', 'good', say`${account(prover)} is paid ${sum(paid)}`];
	},
	'BlockProposal.BlockSkipped': ({ forfeited }) => [
		'skipped',
		'bad',
		say`Nobody proved it: ${sum(forfeited)} are forfeited`,
	],
	'BlockProposal.BlocksCancelled': ({ from, below }) => [
		'cancelled',
		'bad',
		say`Blocks ${{ block: from }} to ${{ block: below - 1n }} are cancelled`,
	],
	'BlockProposal.BlockCancelled': ({ returned }) => [
		'cancelled',
		'bad',
		say`Its proposer gets ${sum(returned)} back, and can propose the list again`,
	],
	'BlockProposal.PaymentFailed': ({ who, amount }) => [
		'unpaid',
		'bad',
		say`${account(who)} could not receive ${sum(amount)}`,
	],
	'BlockProposal.PoolRefused': ({ error }) => [
		'refused',
		'bad',
		say`The pool had already closed the assignment: ${String(error)}`,
	],
	'BlockProposal.Paused': ({ until }) => [
		'paused',
		'bad',
		say`Nothing is proposed or verified before block ${until}`,
	],
	'BlockProposal.Unpaused': () => ['resumed', 'good', say`Proposals and verification continue`],
	'BlockProposal.Reset': () => ['reset', 'bad', say`The rollup continues from another block`],
	'BlockProposal.Started': ({ feePerGas }) => ['started', 'good', say`The rollup starts, at a fee of ${feePerGas}`],
};

/** Returns the sentence of an event, or `undefined` for those that say nothing to people. */
export function sentenceOf(event: ChainEvent, all: ChainEvent[]): Sentence | undefined {
	const phrase = PHRASINGS[event.name] as Phrasing<ChainEvent['name']> | undefined;
	if (!phrase) return undefined;
	const [what, tone, parts] = phrase(event.data as never, all);
	return { block: blockOf(event), what, tone, parts };
}

/** Returns the block of the rollup that an event is about. */
export function blockOf({ data }: ChainEvent): bigint | undefined {
	const blockId = (data as { blockId?: unknown } | undefined)?.blockId;
	return typeof blockId === 'bigint' ? blockId : undefined;
}

/** Returns the accounts of the pool that an event is about. */
export function accountsOf({ data }: ChainEvent): string[] {
	const { who, prover } = (data ?? {}) as { who?: unknown; prover?: unknown };
	return [who, prover].filter((value) => typeof value === 'string');
}
