//! Means and their intervals.
//!
//! Intervals are normal: mean ± 1.96 standard errors. Runs are independent, and an attack is compared with
//! its control run by run, so what both have in common cancels.

use crate::attack::Outcome;

/// A mean with its interval of 95 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
	/// The mean.
	pub mean: f64,
	/// Half of the width of the interval.
	pub half_width: f64,
	/// The number of runs.
	pub runs: u64,
}

impl Estimate {
	/// Returns the mean of these values.
	pub fn of(values: impl Iterator<Item = f64>) -> Self {
		let (mut runs, mut mean, mut squares) = (0u64, 0.0, 0.0);
		for value in values {
			runs += 1;
			let before = value - mean;
			mean += before / runs as f64;
			squares += before * (value - mean);
		}
		let variance = if runs > 1 { squares / (runs - 1) as f64 } else { f64::INFINITY };
		let half_width = 1.96 * (variance / runs.max(1) as f64).sqrt();
		Self { mean, half_width, runs }
	}

	/// Returns the lower end of the interval.
	pub fn low(&self) -> f64 {
		self.mean - self.half_width
	}

	/// Returns the upper end of the interval.
	pub fn high(&self) -> f64 {
		self.mean + self.half_width
	}

	/// Returns the estimate of a multiple.
	pub fn times(self, factor: f64) -> Self {
		Self { mean: self.mean * factor, half_width: self.half_width * factor.abs(), ..self }
	}
}

/// Runs with an attack beside their controls.
pub struct Paired<'a> {
	pairs: &'a [(Outcome, Outcome)],
	/// Proposals of a control, on average.
	blocks: f64,
}

impl<'a> Paired<'a> {
	/// Takes in pairs of an attack and its control.
	pub fn new(pairs: &'a [(Outcome, Outcome)]) -> Self {
		let blocks = pairs.iter().map(|(_, control)| control.blocks as f64).sum::<f64>();
		Self { pairs, blocks: blocks / pairs.len().max(1) as f64 }
	}

	/// Returns the difference that the attack makes, per 1,000 proposals of the control.
	pub fn difference(&self, of: impl Fn(&Outcome) -> f64) -> Estimate {
		let differences = self.pairs.iter().map(|(attack, control)| of(attack) - of(control));
		Estimate::of(differences).times(1_000.0 / self.blocks.max(1.0))
	}

	/// Returns verified blocks per block of the chain, with the attack or without.
	pub fn liveness(&self, attack: bool) -> f64 {
		let of = |pair: &(Outcome, Outcome)| if attack { pair.0 } else { pair.1 };
		let verified: u64 = self.pairs.iter().map(|pair| of(pair).verified).sum();
		let chain_blocks: u64 = self.pairs.iter().map(|pair| of(pair).chain_blocks).sum();
		verified as f64 / chain_blocks.max(1) as f64
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_interval_is_that_of_the_textbook() {
		let estimate = Estimate::of([1.0, 2.0, 3.0, 4.0].into_iter());
		assert_eq!((estimate.mean, estimate.runs), (2.5, 4));
		// The standard deviation is √(5/3).
		assert!((estimate.half_width - 1.96 * (5.0f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
	}

	#[test]
	fn differences_are_paired_and_scaled() {
		let outcome = |profit, blocks| Outcome { profit, blocks, ..Outcome::default() };
		let pairs = [(outcome(5.0, 9), outcome(3.0, 20)), (outcome(-1.0, 9), outcome(-3.0, 20))];
		let difference = Paired::new(&pairs).difference(|it| it.profit);
		assert_eq!((difference.mean, difference.half_width), (100.0, 0.0));
	}
}
