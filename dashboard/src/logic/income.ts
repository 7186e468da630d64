/** What a member may earn, and what it may lose. */
import type { PoolParameters, ProtocolConstants } from '../chain/types';
import { cost } from './stages';

const PERBILL = 1_000_000_000n;
/** The unit of the chain's averages. */
export const FIXED = 10n ** 18n;

/**
 * Returns the most that a member earns in a time at a price: all its capacity is always taken, and each block is
 * full and occupies it for the average delay from draw to claim.
 */
export function incomeAtFullUse(
	protocol: ProtocolConstants,
	{ capacity, price, averageDelay, blocks }: { capacity: number; price: number; averageDelay: bigint; blocks: number },
): bigint {
	const delay = averageDelay > FIXED ? averageDelay : FIXED;
	return (cost(protocol, protocol.maxGasLimit, price) * BigInt(capacity) * BigInt(blocks) * FIXED) / delay;
}

/** Returns the amount of a slash: the share of what answers, or the multiple of the reward (R7). */
export function slashOf(
	{ slashPoints, slashMultiplier }: PoolParameters,
	{ answering, capacity, reward }: { answering: bigint; capacity: number; reward: bigint },
): bigint {
	const share = (answering * BigInt(slashPoints)) / (PERBILL * BigInt(Math.max(capacity, 1)));
	const multiple = BigInt(slashMultiplier) * reward;
	const most = share > multiple ? share : multiple;
	return most < answering ? most : answering;
}
