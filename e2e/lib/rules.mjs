/**
 * A second implementation of the arithmetic of docs/protocol.md. The tests compare the chain's results with
 * it. Amounts are `bigint`. Gas, prices and times are `number`.
 */

const PERBILL = 1_000_000_000n;
/** The unit of averages. */
export const FIXED = 10n ** 18n;

const min = (a, b) => (a < b ? a : b);
const max = (a, b) => (a > b ? a : b);
const floorPercent = (value, percent) => Math.floor((value * percent) / 100);

/** Returns the cost of an amount of gas at a price. */
export function cost(baseGas, gas, price) {
	return (BigInt(baseGas) + BigInt(gas)) * BigInt(price);
}

/** Returns the escrow of a proposal: the highest reward of an open block. */
export function escrow(baseGas, gasLimit, fee, openRewardEnd) {
	return cost(baseGas, gasLimit, floorPercent(fee, openRewardEnd));
}

/** Returns the price agreed with a prover that asks `price`: clamped to the band around the fee (R4). */
export function agreedPrice(price, fee, { priceFloorPercent, priceCeilingPercent }) {
	const low = floorPercent(fee, priceFloorPercent);
	const high = floorPercent(fee, priceCeilingPercent);
	return Math.min(Math.max(price, low), high);
}

/** Returns a prover's weight in a draw (R4). */
export function weight(stake, price) {
	return (stake << 64n) / (BigInt(price) * BigInt(price));
}

/** Returns the amount of a slash (R7). */
export function slash(answering, { slashPoints, maxCapacity, slashMultiplier }, proofReward) {
	const share = (answering * BigInt(slashPoints)) / (PERBILL * BigInt(maxCapacity));
	return min(max(share, BigInt(slashMultiplier) * proofReward), answering);
}

/**
 * Returns the parts of a slash that the exits pay, oldest first, and the part of the stake (R7, D16).
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

/** Returns the reward of a prover in time, less the penalty for delay, which is rounded down (Money). */
export function afterDelay(reward, maxPenalty, used, window) {
	const parts = BigInt(maxPenalty) * BigInt(Math.min(used, window));
	return reward - (reward * parts) / (PERBILL * BigInt(window));
}

/** Returns the weight of a block in the averages (Money). */
export function averagingWeight({ baseGas, maxGasLimit }, gasUsed) {
	return { part: BigInt(baseGas + gasUsed), whole: BigInt(baseGas + maxGasLimit) };
}

/**
 * Returns a moving average after a sample (Money). It moves by the weighted difference divided by `factor`,
 * rounded down. Average and sample are in units of 10⁻¹⁸.
 */
export function moved(average, sample, { part, whole }, factor) {
	const difference = sample > average ? sample - average : average - sample;
	const step = (difference * part) / (whole * BigInt(factor));
	return sample > average ? average + step : average - step;
}

/** Returns the fee clamped to its bounds, and to one step from the fee at the start of the block (Money). */
export function boundedFee(fee, atStart, { minFeePerGas, maxFeePerGas, maxFeeStep }) {
	const step = share(atStart, maxFeeStep);
	const stepped = max(min(fee, atStart + step), atStart - step);
	return max(min(stepped, BigInt(maxFeePerGas) * FIXED), BigInt(minFeePerGas) * FIXED);
}

/** Returns the price of an open block after `elapsed` (Money). */
export function openReward(fee, { start, end, elapsed, period }) {
	const percent = BigInt(start) * BigInt(period) + BigInt(end - start) * BigInt(min(elapsed, period));
	return Number((BigInt(fee) * percent) / (100n * BigInt(period)));
}

/** Returns a share of an amount, in parts per billion, rounded down. */
export function share(amount, parts) {
	return (amount * BigInt(parts)) / PERBILL;
}

/** Returns a rescuer's part of the slash: a share of its reward, at most the slash (Money, R7). */
export function rescueBonus(reward, parts, slashed) {
	return min(share(reward, parts), slashed);
}

/** Returns the amount that a newcomer must exceed: the member's stake and the overbid, rounded up (R1). */
export function toExceed(stake, minOverbid) {
	return stake + (stake * BigInt(minOverbid) + PERBILL - 1n) / PERBILL;
}
