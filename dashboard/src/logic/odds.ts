/** Weights and odds of a draw (R4), by the chain's own integer arithmetic. */
import type { LotteryParameters } from '../chain/types';
import { SHARE_UNIT } from './amounts';

/** The prices that count as they are. Lower ones count as the floor, higher ones as the ceiling. */
export interface Band {
	floor: number;
	ceiling: number;
}

/** The highest price of the chain's type. */
export const MAX_PRICE = 2 ** 32 - 1;

/** Returns the band around a fee, or `undefined` if it has no price above 0. */
export function band(fee: number, { priceFloorPercent, priceCeilingPercent }: LotteryParameters): Band | undefined {
	const part = (percent: number) => Math.min(Math.floor((fee * percent) / 100), MAX_PRICE);
	const ceiling = part(priceCeilingPercent);
	const floor = Math.max(Math.min(part(priceFloorPercent), ceiling), 1);
	return floor <= ceiling ? { floor, ceiling } : undefined;
}

/** Returns what a price counts as, which is also what is agreed. */
export function clamp(price: number, { floor, ceiling }: Band): number {
	return Math.min(Math.max(price, floor), ceiling);
}

/** Returns ⌊stake · 2⁶⁴ / price²⌋, or 0 if the price is 0. */
export function weight(stake: bigint, price: number): bigint {
	return price === 0 ? 0n : (stake << 64n) / (BigInt(price) * BigInt(price));
}

/** One whom a draw may choose. */
export interface Candidate {
	proverId: number;
	stake: bigint;
	price: number;
}

interface Group {
	stake: bigint;
	weight: bigint;
	candidates: Candidate[];
}

/**
 * The candidates of a draw in its order: by price, then by slot. Those below and above the band are one group
 * each, whose weight is that of the sum of their stakes, rounded down once.
 */
export interface Groups {
	band: Band;
	below: Group;
	inside: Group;
	above: Group;
	/** The weight of all. */
	total: bigint;
}

/** Returns the candidates in the order of a draw, in their groups. */
export function group(candidates: Candidate[], band: Band): Groups {
	const inOrder = [...candidates].sort((a, b) => a.price - b.price || a.proverId - b.proverId);
	const stakeOf = (some: Candidate[]) => some.reduce((sum, { stake }) => sum + stake, 0n);
	const clamped = (some: Candidate[], price: number): Group => {
		const stake = stakeOf(some);
		return { candidates: some, stake, weight: weight(stake, price) };
	};
	const below = clamped(inOrder.filter(({ price }) => price < band.floor), band.floor);
	const above = clamped(inOrder.filter(({ price }) => price > band.ceiling), band.ceiling);
	const within = inOrder.filter(({ price }) => price >= band.floor && price <= band.ceiling);
	const inside = {
		candidates: within,
		stake: stakeOf(within),
		weight: within.reduce((sum, { stake, price }) => sum + weight(stake, price), 0n),
	};
	return { band, below, inside, above, total: below.weight + inside.weight + above.weight };
}

/** Returns a part of a whole in parts of 10¹⁸, rounded down. */
export function shareOf(part: bigint, total: bigint): bigint {
	return total === 0n ? 0n : (part * SHARE_UNIT) / total;
}

/** Returns the weight of all candidates: the total of their groups, without their order. */
export function totalWeight(candidates: Candidate[], { floor, ceiling }: Band): bigint {
	let [below, inside, above] = [0n, 0n, 0n];
	for (const { stake, price } of candidates) {
		if (price < floor) below += stake;
		else if (price > ceiling) above += stake;
		else inside += weight(stake, price);
	}
	return weight(below, floor) + inside + weight(above, ceiling);
}

/** Returns the share that each candidate has of all weights at a fee, by slot. */
export function oddsAt(candidates: Candidate[], fee: number, percents: LotteryParameters): Map<number, bigint> {
	const prices = band(fee, percents);
	if (!prices) return new Map();
	const total = totalWeight(candidates, prices);
	return new Map(
		candidates.map(({ proverId, stake, price }) => [
			proverId,
			shareOf(weight(stake, clamp(price, prices)), total),
		]),
	);
}

/** Returns the share that one more candidate would have. */
export function oddsOfOffer(
	candidates: Candidate[],
	offer: { stake: bigint; price: number },
	fee: number,
	percents: LotteryParameters,
): bigint {
	const prices = band(fee, percents);
	if (!prices) return 0n;
	const own = weight(offer.stake, clamp(offer.price, prices));
	return shareOf(own, totalWeight(candidates, prices) + own);
}
