//! The mathematics of prices, penalties and averages: pure functions of their arguments.
//!
//! None of them wraps or panics. A result that does not fit saturates at the largest value of its
//! type. Every result is rounded down, once, at the end: prices and windows against those whom they
//! favour, a penalty in favour of its prover.

use prover_pool_primitives::{Gas, PricePerGas};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{AtLeast32BitUnsigned, Saturating},
	FixedPointNumber, FixedU128, PerThing, Perbill, Rounding,
};

/// A share: `part` of `whole`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ratio {
	/// The part, at most the whole.
	pub part: u64,
	/// The whole. If it is 0, no part is taken.
	pub whole: u64,
}

/// Returns `⌊value · numerator / denominator⌋`, computed wide; saturates. A denominator of 0 counts as 1.
fn scaled(value: u128, numerator: u128, denominator: u128) -> u128 {
	multiply_by_rational_with_rounding(value, numerator, denominator.max(1), Rounding::Down)
		.unwrap_or(u128::MAX)
}

/// Returns `cost(gas, price) = (BaseGas + gas) × price`, exactly unless the balance type is too small.
pub fn cost<Balance: AtLeast32BitUnsigned>(base_gas: Gas, gas: Gas, price: PricePerGas) -> Balance {
	// Below 2³³ · 2³².
	let exact = (u128::from(base_gas) + u128::from(gas)) * u128::from(price);
	exact.try_into().unwrap_or_else(|_| Balance::max_value())
}

/// Returns `percent` of the fee, rounded down.
pub fn share_of_fee(fee_per_gas: PricePerGas, percent: u32) -> PricePerGas {
	scaled(fee_per_gas.into(), percent.into(), 100).try_into().unwrap_or(u32::MAX)
}

/// Returns what an open block pays per gas: linearly from `start` to `end` percent of the fee while
/// `elapsed` goes from 0 to `period`, then constant. Rounded down once, so that it starts where the
/// pool's band does and never exceeds what was escrowed.
pub fn open_reward(
	fee_per_gas: PricePerGas,
	start: u32,
	end: u32,
	elapsed: u64,
	period: u64,
) -> PricePerGas {
	let (elapsed, period) =
		if period == 0 { (1, 1) } else { (u128::from(elapsed.min(period)), u128::from(period)) };
	let rise = u128::from(end.saturating_sub(start)) * elapsed;
	let percent_periods = u128::from(start) * period + rise;
	scaled(fee_per_gas.into(), percent_periods, 100 * period).try_into().unwrap_or(u32::MAX)
}

/// Returns what an assigned prover gets of `reward` after `used` of a window of length `window`: all of it less
/// `max_penalty` in proportion to the share of the window used. The penalty is rounded down.
pub fn after_delay_penalty<Balance: AtLeast32BitUnsigned + Copy>(
	reward: Balance,
	max_penalty: Perbill,
	used: u64,
	window: u64,
) -> Balance {
	let used = if window == 0 { 0 } else { used.min(window) };
	let whole: u128 = reward.try_into().unwrap_or(u128::MAX);
	let penalty = scaled(
		whole,
		u128::from(max_penalty.deconstruct()) * u128::from(used),
		u128::from(Perbill::ACCURACY) * u128::from(window),
	);
	let penalty: Balance = penalty.try_into().unwrap_or_else(|_| Balance::max_value());
	reward.saturating_sub(penalty)
}

/// Returns an assigned prover's window: `multiplier` percent of the average delay, rounded down, within
/// `min..=max`.
pub fn window(average_delay: FixedU128, multiplier: u32, min: u64, max: u64) -> u64 {
	let whole = scaled(average_delay.into_inner(), multiplier.into(), 100 * FixedU128::DIV);
	u64::try_from(whole).unwrap_or(u64::MAX).min(max).max(min)
}

/// Returns the weight of a block in the averages: `(BaseGas + gas_used) / (BaseGas + MaxGasLimit)`, at most
/// 1.
pub fn averaging_weight(base_gas: Gas, gas_used: Gas, max_gas_limit: Gas) -> Ratio {
	let whole = u64::from(base_gas) + u64::from(max_gas_limit);
	Ratio { part: (u64::from(base_gas) + u64::from(gas_used)).min(whole), whole }
}

/// Returns the moving average after a sample of this weight: a `factor`-th of the weighted way towards it.
///
/// The step is rounded down, in units of 10⁻¹⁸, on the way up as on the way down: the average never
/// passes the sample, and stands still only when nearer to it than 10⁻¹³ or so.
pub fn moved(average: FixedU128, sample: FixedU128, weight: Ratio, factor: u32) -> FixedU128 {
	let (average, sample) = (average.into_inner(), sample.into_inner());
	let parts = u128::from(weight.whole) * u128::from(factor);
	let step = scaled(average.abs_diff(sample), weight.part.into(), parts);
	FixedU128::from_inner(if sample > average {
		average.saturating_add(step).min(sample)
	} else {
		average.saturating_sub(step).max(sample)
	})
}

/// Returns `moved`, or the nearest value that is not further from `start` than the share `step` of it. The
/// distance is rounded down.
pub fn within_step(moved: FixedU128, start: FixedU128, step: Perbill) -> FixedU128 {
	let distance = scaled(start.into_inner(), step.deconstruct().into(), Perbill::ACCURACY.into());
	let distance = FixedU128::from_inner(distance);
	moved.min(start.saturating_add(distance)).max(start.saturating_sub(distance))
}
