/** What a member may earn, and what it may lose. */
import type { ChainInfo, Market, PoolParameters, ProtocolConstants, StakerRow } from '../chain/types';
import { drawnOffer } from './listing';
import { band, clamp } from './odds';
import { cost } from './stages';

const PERBILL = 1_000_000_000n;
/** The unit of the chain's averages. */
export const FIXED = 10n ** 18n;
const MS_A_DAY = 86_400_000;

/** What an offer brings and risks at the present fee. */
export interface Prospect {
	/** The price that a draw agrees, per gas. */
	agreed: number;
	/** What a full block pays. */
	reward: bigint;
	/** The most that it earns in a day. */
	income: bigint;
	/** What it costs to miss a full block. */
	slash: bigint;
}

/** What prospects depend on besides the offer. */
export interface Circumstances {
	info: Pick<ChainInfo, 'protocol' | 'lottery'>;
	pool: PoolParameters;
	market: Pick<Market, 'fee' | 'averages'>;
	/** The milliseconds between two blocks. */
	blockTime: number;
}

/** Returns what an offer brings and risks, or `undefined` if no price can be agreed at the fee. */
export function prospectOf(
	{ rewardPerGas, maxCapacity }: { rewardPerGas: number; maxCapacity: number },
	answering: bigint,
	{ info: { protocol, lottery }, pool, market, blockTime }: Circumstances,
): Prospect | undefined {
	const prices = band(market.fee, lottery);
	if (!prices) return undefined;
	const agreed = clamp(rewardPerGas, prices);
	const reward = cost(protocol, protocol.maxGasLimit, agreed);
	return {
		agreed,
		reward,
		income: incomeAtFullUse(protocol, {
			capacity: maxCapacity,
			price: agreed,
			averageDelay: market.averages.delay,
			blocks: Math.round(MS_A_DAY / blockTime),
		}),
		slash: slashOf(pool, { answering, capacity: maxCapacity, reward }),
	};
}

/**
 * Returns what a member's offer brings and risks: that which draws use, and the later one while they use an older
 * one. The terms of an assignment are those of its draw. What answers for it are the tokens of now.
 */
export function prospectsOf(
	{ prover, exits }: StakerRow,
	now: number,
	circumstances: Circumstances,
): { drawn: Prospect | undefined; later: Prospect | undefined } {
	if (!prover) return { drawn: undefined, later: undefined };
	// An exit answers for what is drawn until its date (R3).
	const answering = exits.reduce(
		(sum, { amount, maturesAt }) => (now <= maturesAt ? sum + amount : sum),
		prover.offer.stake,
	);
	return {
		drawn: prospectOf(drawnOffer(prover), answering, circumstances),
		later: prover.listed && prospectOf(prover.offer, answering, circumstances),
	};
}

/**
 * Returns the most that a member earns in a time at a price: all its capacity is always taken, and each block is
 * full and occupies it for the average delay from draw to claim.
 */
function incomeAtFullUse(
	protocol: ProtocolConstants,
	{ capacity, price, averageDelay, blocks }: { capacity: number; price: number; averageDelay: bigint; blocks: number },
): bigint {
	const delay = averageDelay > FIXED ? averageDelay : FIXED;
	return (cost(protocol, protocol.maxGasLimit, price) * BigInt(capacity) * BigInt(blocks) * FIXED) / delay;
}

/** Returns the amount of a slash: the share of what answers, or the multiple of the reward (R7). */
function slashOf(
	{ slashPoints, slashMultiplier }: PoolParameters,
	{ answering, capacity, reward }: { answering: bigint; capacity: number; reward: bigint },
): bigint {
	const share = (answering * BigInt(slashPoints)) / (PERBILL * BigInt(Math.max(capacity, 1)));
	const multiple = BigInt(slashMultiplier) * reward;
	const most = share > multiple ? share : multiple;
	return most < answering ? most : answering;
}
