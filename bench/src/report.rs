//! The formats of the measurements: a table, JSON, and the counts that a test compares.

use frame_support::dispatch::DispatchClass;
use prover_pool_bench_runtime::{block_weights, chain::with_lottery, weight_of, MaxProvers};
use serde_json::{json, Value};
use std::fmt::{self, Display, Formatter};

use crate::{
	cost::Cost,
	name,
	times::{Spread, Times},
	variant_name, Operation, Setting, Variant, OPERATIONS, VARIANTS,
};

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Row {
	/// The selection and the number of members.
	pub setting: Setting,
	/// The operation.
	pub operation: Operation,
	/// The figures that do not depend on the machine.
	pub cost: Cost,
	/// The times, if they were measured.
	pub times: Option<Times>,
}

/// All measurements of one run.
#[derive(Clone, Debug, Default)]
pub struct Report(pub Vec<Row>);

/// Returns the most transfers that an operation should take with 32 members, alone.
pub fn goal(operation: Operation) -> Option<f64> {
	match operation {
		Operation::Draw => Some(0.7),
		Operation::Release => Some(0.25),
		Operation::Slash => Some(0.8),
		Operation::Stake => Some(1.7),
		Operation::Exit => Some(0.35),
		Operation::Unstake | Operation::SetTerms | Operation::Transfer => None,
	}
}

/// Returns the time of the original in microseconds: its contract in revm 43.0.3, with all state in memory,
/// without signature and trie, on an idle machine on which a transfer took 50.
pub fn original_micros(operation: Operation) -> Option<&'static str> {
	match operation {
		Operation::Draw => Some("69–73"),
		Operation::Release => Some("6–7"),
		Operation::Slash => Some("10–11"),
		Operation::Stake => Some("56–63"),
		Operation::Exit => Some("6"),
		Operation::Unstake | Operation::SetTerms | Operation::Transfer => None,
	}
}

impl Report {
	/// Returns all rows as an array of objects.
	pub fn to_json(&self) -> Value {
		let row = |row: &Row| {
			let Cost { reads, writes, proof_size, instructions } = row.cost;
			let mut object = json!({
				"op": name(row.operation),
				"variant": variant_name(row.setting.variant),
				"size": row.setting.size,
				"reads": reads,
				"writes": writes,
				"proof_size": proof_size,
				"instructions": instructions,
			});
			if let Some(Times { in_trie, alone, transfers }) = row.times {
				object["ns"] = json!(in_trie);
				object["alone_ns"] = json!(alone);
				let Spread { median, min, max } = transfers;
				object["transfers"] = json!({ "median": median, "min": min, "max": max });
			}
			object
		};
		self.0.iter().map(row).collect()
	}

	/// Returns the counts: a line for each row, of the operation, the selection, the members, reads, writes
	/// and instructions.
	pub fn to_counts(&self) -> String {
		let line =
			|row: &Row| {
				let Setting { variant, size } = row.setting;
				let Cost { reads, writes, instructions, .. } = row.cost;
				let (operation, variant) = (name(row.operation), variant_name(variant));
				format!("{operation:<9} {variant:<7} {size:>6} {reads:>5} {writes:>2} {instructions:>10}\n")
			};
		self.0.iter().map(line).collect()
	}

	fn find(&self, operation: Operation, variant: Variant, size: u32) -> Option<&Row> {
		let setting = Setting { variant, size };
		self.0.iter().find(|row| row.operation == operation && row.setting == setting)
	}

	fn sizes(&self) -> Vec<u32> {
		let mut sizes: Vec<_> = self.0.iter().map(|row| row.setting.size).collect();
		sizes.sort_unstable();
		sizes.dedup();
		sizes
	}

	/// Writes the rows of one operation with one selection. Each is compared with the first.
	fn fmt_rows(
		&self,
		f: &mut Formatter<'_>,
		operation: Operation,
		variant: Variant,
	) -> fmt::Result {
		let sizes = self.sizes();
		let mut rows = sizes.iter().filter_map(|size| self.find(operation, variant, *size));
		let Some(first) = rows.next() else { return Ok(()) };
		for row in std::iter::once(first).chain(rows) {
			let Cost { reads, writes, proof_size, instructions } = row.cost;
			let accesses = f64::from(row.cost.accesses()) / f64::from(first.cost.accesses());
			let growth = instructions as f64 / first.cost.instructions as f64;
			write!(
				f,
				"{:<10} {:<8} {:>7} | {reads:>7} {writes:>6} {:>6} {proof_size:>10} | \
				{instructions:>12} {:>6} | ",
				name(operation),
				variant_name(variant),
				row.setting.size,
				ratio(accesses),
				ratio(growth),
			)?;
			match (row.times, first.times) {
				(Some(times), Some(first)) => {
					let Times { in_trie, alone, transfers } = times;
					writeln!(
						f,
						"{:>10} {:>6} | {:>10} {:>6} | {:>7} {:>15}",
						micros(in_trie),
						ratio(in_trie as f64 / first.in_trie as f64),
						micros(alone),
						ratio(alone as f64 / first.alone as f64),
						ratio(transfers.median),
						format!("{}–{}", ratio(transfers.min), ratio(transfers.max)),
					)?
				},
				_ => writeln!(
					f,
					"{:>10} {:>6} | {:>10} {:>6} | {:>7} {:>15}",
					"-", "-", "-", "-", "-", "-"
				)?,
			}
		}
		Ok(())
	}

	/// Writes the smallest pool's operations beside their goals and the original.
	fn fmt_goals(&self, f: &mut Formatter<'_>) -> fmt::Result {
		let Some(size) = self.sizes().first().copied() else { return Ok(()) };
		writeln!(
			f,
			"\nAlone, with {size} members; the original in revm 43.0.3, on another machine:\n"
		)?;
		writeln!(
			f,
			"{:<10} {:>9} {:>6} {:>11} {:>11} {:>12}",
			"operation", "transfers", "goal", "lottery, µs", "scan, µs", "original, µs"
		)?;
		for operation in OPERATIONS {
			let times = |variant| self.find(operation, variant, size).and_then(|row| row.times);
			let dash = || String::from("-");
			let alone = |variant| times(variant).map_or_else(dash, |times| micros(times.alone));
			writeln!(
				f,
				"{:<10} {:>9} {:>6} {:>11} {:>11} {:>12}",
				name(operation),
				times(Variant::Lottery).map_or_else(dash, |times| ratio(times.transfers.median)),
				goal(operation).map_or_else(dash, ratio),
				alone(Variant::Lottery),
				alone(Variant::Scan),
				original_micros(operation).unwrap_or("-"),
			)?;
		}
		Ok(())
	}

	/// Writes the number of the most frequent operations that fit a block by weight.
	fn fmt_capacity(&self, f: &mut Formatter<'_>) -> fmt::Result {
		writeln!(
			f,
			"\nA block has the weight for, by the pallets' weights and the costs of ParityDB:\n"
		)?;
		writeln!(f, "{:>7} {:>7} {:>9} {:>7}", "members", "draws", "releases", "stakes")?;
		for size in self.sizes() {
			MaxProvers::set(size);
			let operations = [Operation::Draw, Operation::Release, Operation::Stake];
			let [draws, releases, stakes] = operations.map(per_block);
			writeln!(f, "{size:>7} {draws:>7} {releases:>9} {stakes:>7}")?;
		}
		Ok(())
	}
}

/// Returns how many operations the weight of one block's normal transactions allows.
fn per_block(operation: Operation) -> u64 {
	let limit = block_weights().get(DispatchClass::Normal).max_total.unwrap_or_default();
	weight_of::<with_lottery::Runtime>(operation)
		.and_then(|weight| limit.checked_div_per_component(&weight))
		.unwrap_or_default()
}

impl Display for Report {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		writeln!(
			f,
			"{:<10} {:<8} {:>7} | {:>7} {:>6} {:>6} {:>10} | {:>12} {:>6} | {:>10} {:>6} | {:>10} {:>6} | {:>7} {:>15}",
			"operation", "pool by", "members", "reads", "writes", "x", "proof, B", "instructions", "x",
			"time, µs", "x", "alone, µs", "x", "in", "transfers"
		)?;
		for operation in OPERATIONS.into_iter().chain([Operation::Transfer]) {
			writeln!(f)?;
			for variant in VARIANTS {
				self.fmt_rows(f, operation, variant)?;
			}
		}
		self.fmt_goals(f)?;
		self.fmt_capacity(f)
	}
}

fn micros(nanos: u64) -> String {
	format!("{:.1}", nanos as f64 / 1_000.0)
}

fn ratio(ratio: f64) -> String {
	if ratio < 100.0 {
		format!("{ratio:.2}")
	} else {
		format!("{ratio:.0}")
	}
}
