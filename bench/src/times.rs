//! Figures that depend on the machine: times. Their ratio to the time of a transfer hardly does.

use sp_core::traits::Externalities;
use sp_state_machine::BasicExternalities;
use std::time::Duration;

use crate::{cost::on_trie, pool::Pool, wasm::Wasm, Operation, Setting};

/// The rounds in which the transfer and the operation alternate.
const ROUNDS: usize = 9;
/// The limit of the time of all repeats of an operation in a round.
const BUDGET: Duration = Duration::from_millis(50);
/// The least number of repeats in a round, even if they take longer.
const MIN_REPEATS: u32 = 3;
/// The most repeats in a round.
const MAX_REPEATS: u32 = 100;

/// The medians of one operation's times, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
	/// The state is in a trie, all of it in memory, without a cache of nodes or values.
	pub in_trie: u64,
	/// The state is in a map: nearly the operation alone.
	pub alone: u64,
	/// The time alone, divided by that of a transfer that was measured alternately with it.
	pub transfers: Spread,
}

/// A median and the extremes of several rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
	/// The median.
	pub median: f64,
	/// The least value.
	pub min: f64,
	/// The greatest value.
	pub max: f64,
}

impl Spread {
	fn of(mut values: Vec<f64>) -> Self {
		values.sort_unstable_by(f64::total_cmp);
		Self { median: values[values.len() / 2], min: values[0], max: values[values.len() - 1] }
	}
}

/// A state in which operations can be timed.
pub struct Timer<'a> {
	wasm: &'a Wasm,
	pool: &'a Pool,
	map: BasicExternalities,
}

impl<'a> Timer<'a> {
	/// Returns a timer for a pool.
	pub fn new(wasm: &'a Wasm, pool: &'a Pool) -> Self {
		Self { wasm, pool, map: BasicExternalities::new(pool.map.clone()) }
	}

	/// Times an operation.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn times(&mut self, operation: Operation) -> Result<Times, String> {
		let (wasm, setting) = (self.wasm, self.pool.setting);
		let median = |ext: &mut dyn Externalities, operation, repeats| {
			median(wasm, ext, setting, operation, repeats)
		};
		let in_trie = on_trie(&self.pool.trie, |ext| {
			let repeats = affordable(median(ext, operation, 1)?);
			median(ext, operation, repeats)
		})?;
		let transfer_repeats = affordable(median(&mut self.map, Operation::Transfer, 1)?);
		let repeats = affordable(median(&mut self.map, operation, 1)?);
		let mut rounds = Vec::new();
		for _ in 0..ROUNDS {
			let transfer = median(&mut self.map, Operation::Transfer, transfer_repeats)?;
			rounds.push((median(&mut self.map, operation, repeats)?, transfer));
		}
		let ratio = |(time, transfer): &(u64, u64)| *time as f64 / *transfer as f64;
		let transfers = Spread::of(rounds.iter().map(ratio).collect());
		rounds.sort_unstable();
		Ok(Times { in_trie, alone: rounds[ROUNDS / 2].0, transfers })
	}
}

fn affordable(time: u64) -> u32 {
	let repeats = BUDGET.as_nanos() as u64 / time.max(1);
	(repeats as u32).clamp(MIN_REPEATS, MAX_REPEATS)
}

fn median(
	wasm: &Wasm,
	ext: &mut dyn Externalities,
	setting: Setting,
	operation: Operation,
	repeats: u32,
) -> Result<u64, String> {
	let mut times = wasm.times(ext, setting, operation, repeats)?;
	times.sort_unstable();
	Ok(times[times.len() / 2].max(1))
}
