/**
 * The rules of docs/protocol.md as arithmetic, written a second time: the tests compute with these
 * what the chain must do. Amounts are `bigint`, gas, prices and times `number`.
 */

const PERBILL = 1_000_000_000n;

const min = (a, b) => (a < b ? a : b);
const max = (a, b) => (a > b ? a : b);
const floorPercent = (value, percent) => Math.floor((value * percent) / 100);

/** What using this much gas costs at this price. */
export function cost(baseGas, gas, price) {
	return (BigInt(baseGas) + BigInt(gas)) * BigInt(price);
}

/** What a proposal puts up: the highest reward that an open block can reach. */
export function escrow(baseGas, gasLimit, fee, openRewardEnd) {
	return cost(baseGas, gasLimit, floorPercent(fee, openRewardEnd));
}

/** The price agreed with a prover that asks `price`: its own, moved into the band around the fee (R4). */
export function agreedPrice(price, fee, { priceFloorPercent, priceCeilingPercent }) {
	const low = floorPercent(fee, priceFloorPercent);
	const high = floorPercent(fee, priceCeilingPercent);
	return Math.min(Math.max(price, low), high);
}

/** What a prover weighs in a draw (R4). */
export function weight(stake, price) {
	return (stake << 64n) / (BigInt(price) * BigInt(price));
}

/** What is slashed (R7). */
export function slash(slashable, { slashPoints, maxCapacity, slashMultiplier }, proofReward) {
	const share = (slashable * BigInt(slashPoints)) / (PERBILL * BigInt(maxCapacity));
	return min(max(share, BigInt(slashMultiplier) * proofReward), slashable);
}

/** What a prover in time gets of its reward (Money): the penalty is rounded down. */
export function afterDelay(reward, maxPenalty, used, window) {
	const parts = BigInt(maxPenalty) * BigInt(Math.min(used, window));
	return reward - (reward * parts) / (PERBILL * BigInt(window));
}

/** What an open block pays per gas after `elapsed` (Money). */
export function openReward(fee, { start, end, elapsed, period }) {
	const percent = BigInt(start) * BigInt(period) + BigInt(end - start) * BigInt(min(elapsed, period));
	return Number((BigInt(fee) * percent) / (100n * BigInt(period)));
}

/** A share in parts per billion of an amount, rounded down. */
export function share(amount, parts) {
	return (amount * BigInt(parts)) / PERBILL;
}

/** What a rescuer gets of the slash: a share of its reward, if the slash is as much (Money, R7). */
export function rescueBonus(reward, parts, slashed) {
	return min(share(reward, parts), slashed);
}

/** What somebody must exceed to replace a prover (R1): its stake and the overbid, rounded up. */
export function toExceed(stake, minOverbid) {
	return stake + (stake * BigInt(minOverbid) + PERBILL - 1n) / PERBILL;
}
