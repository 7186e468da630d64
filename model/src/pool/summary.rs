//! What a run has seen.

use core::fmt;
use std::collections::BTreeMap;

/// What a run has seen.
#[derive(Clone, Debug, Default)]
pub struct Summary {
	/// The number of steps.
	pub steps: u64,
	/// How often each call had each result, the name of an error or [`Summary::OK`]; and how often there
	/// was each event.
	pub results: BTreeMap<(&'static str, &'static str), u64>,
}

impl Summary {
	/// The result of what is not refused.
	pub const OK: &'static str = "ok";

	/// Returns how often `call` was accepted.
	pub fn accepted(&self, call: &'static str) -> u64 {
		self.results.get(&(call, Self::OK)).copied().unwrap_or_default()
	}

	/// Returns how often `call` was refused.
	pub fn refused(&self, call: &'static str) -> u64 {
		let refused =
			|((name, result), _): &(&(&str, &str), &u64)| *name == call && *result != Self::OK;
		self.results.iter().filter(refused).map(|(_, times)| times).sum()
	}

	/// Adds what another run has seen.
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
