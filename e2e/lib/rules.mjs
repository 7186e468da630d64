/**
 * The rules of docs/protocol.md as arithmetic, written a second time: the tests compare the chain's
 * results with these. Amounts are `bigint`; gas, prices and times are `number`.
 */

const PERBILL = 1_000_000_000n;
/** The unit of averages. */
export const FIXED = 10n ** 18n;

const min = (a, b) => (a < b ? a : b);
const max = (a, b) => (a > b ? a : b);
const floorPercent = (value, percent) => Math.floor((value * percent) / 100);

/** The cost of this much gas at this price. */
export function cost(baseGas, gas, price) {
	return (BigInt(baseGas) + BigInt(gas)) * BigInt(price);
}

/** The escrow of a proposal: the highest reward that an open block can reach. */
export function escrow(baseGas, gasLimit, fee, openRewardEnd) {
	return cost(baseGas, gasLimit, floorPercent(fee, openRewardEnd));
}

/** The price agreed with a prover that asks `price`: its own, moved into the band around the fee (R4). */
export function agreedPrice(price, fee, { priceFloorPercent, priceCeilingPercent }) {
	const low = floorPercent(fee, priceFloorPercent);
	const high = floorPercent(fee, priceCeilingPercent);
	return Math.min(Math.max(price, low), high);
}

/** A prover's weight in a draw (R4). */
export function weight(stake, price) {
	return (stake << 64n) / (BigInt(price) * BigInt(price));
}

/** The amount of a slash (R7). */
export function slash(answering, { slashPoints, maxCapacity, slashMultiplier }, proofReward) {
	const share = (answering * BigInt(slashPoints)) / (PERBILL * BigInt(maxCapacity));
	return min(max(share, BigInt(slashMultiplier) * proofReward), answering);
}

/**
 * The parts of a slash that the exits pay, oldest first, and the stake: in proportion (R7, D16).
 *
 * @param {bigint} amount at most the sum of all
 * @param {bigint[]} exits those that answer
 * @param {bigint} stake
 */
export function splitSlash(amount, exits, stake) {
	let left = amount;
	let answering = exits.reduce((sum, exit) => sum + exit, stake);
	const fromExits = exits.map((exit) => {
		const part = answering > 0n ? (left * exit) / answering : 0n;
		left -= part;
		answering -= exit;
		return part;
	});
	return { fromExits, fromStake: left };
}

/** The part of its reward that a prover in time is paid (Money): the penalty is rounded down. */
export function afterDelay(reward, maxPenalty, used, window) {
	const parts = BigInt(maxPenalty) * BigInt(Math.min(used, window));
	return reward - (reward * parts) / (PERBILL * BigInt(window));
}

/** The weight of a block in the averages (Money). */
export function averagingWeight({ baseGas, maxGasLimit }, gasUsed) {
	return { part: BigInt(baseGas + gasUsed), whole: BigInt(baseGas + maxGasLimit) };
}

/**
 * A moving average after a sample (Money): a `factor`-th of the weighted way towards it. Average and
 * sample are in units of 10⁻¹⁸; the step is rounded down.
 */
export function moved(average, sample, { part, whole }, factor) {
	const way = sample > average ? sample - average : average - sample;
	const step = (way * part) / (whole * BigInt(factor));
	return sample > average ? average + step : average - step;
}

/** The fee within its bounds, and within a step of what it was when the chain's block began (Money). */
export function boundedFee(fee, atStart, { minFeePerGas, maxFeePerGas, maxFeeStep }) {
	const step = share(atStart, maxFeeStep);
	const stepped = max(min(fee, atStart + step), atStart - step);
	return max(min(stepped, BigInt(maxFeePerGas) * FIXED), BigInt(minFeePerGas) * FIXED);
}

/** The price of an open block after `elapsed` (Money). */
export function openReward(fee, { start, end, elapsed, period }) {
	const percent = BigInt(start) * BigInt(period) + BigInt(end - start) * BigInt(min(elapsed, period));
	return Number((BigInt(fee) * percent) / (100n * BigInt(period)));
}

/** A share in parts per billion of an amount, rounded down. */
export function share(amount, parts) {
	return (amount * BigInt(parts)) / PERBILL;
}

/** A rescuer's part of the slash: a share of its reward, if the slash is as much (Money, R7). */
export function rescueBonus(reward, parts, slashed) {
	return min(share(reward, parts), slashed);
}

/** The amount to exceed to replace a prover (R1): its stake and the overbid, rounded up. */
export function toExceed(stake, minOverbid) {
	return stake + (stake * BigInt(minOverbid) + PERBILL - 1n) / PERBILL;
}
