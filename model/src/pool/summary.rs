//! The counts of a run.

use core::fmt;
use std::collections::BTreeMap;

/// The counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
	/// The number of steps.
	pub steps: u64,
	/// The number of each result of each call (the name of an error or [`Summary::OK`]), and of each event.
	pub results: BTreeMap<(&'static str, &'static str), u64>,
}

impl Summary {
	/// The result of a call that is not refused.
	pub const OK: &'static str = "ok";

	/// Returns the number of accepted calls of `call`.
	pub fn accepted(&self, call: &'static str) -> u64 {
		self.results.get(&(call, Self::OK)).copied().unwrap_or_default()
	}

	/// Returns the number of refused calls of `call`.
	pub fn refused(&self, call: &'static str) -> u64 {
		let refused =
			|((name, result), _): &(&(&str, &str), &u64)| *name == call && *result != Self::OK;
		self.results.iter().filter(refused).map(|(_, times)| times).sum()
	}

	/// Adds the counts of another run.
	pub fn add(&mut self, other: Self) {
		self.steps += other.steps;
		for (key, times) in other.results {
			*self.results.entry(key).or_default() += times;
		}
	}

	pub(super) fn count(&mut self, call: &'static str, result: &'static str) {
		*self.results.entry((call, result)).or_default() += 1;
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(out, "{} steps", self.steps)?;
		let mut last = "";
		for ((call, result), times) in &self.results {
			if *call != last {
				write!(out, "\n{call}:")?;
				last = call;
			}
			write!(out, " {result} {times},")?;
		}
		Ok(())
	}
}
