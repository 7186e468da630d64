//! The table, and the same as JSON.

use crate::{cost::Cost, wasm::Times, Measured, Operation, Variant, OPERATIONS};
use serde_json::{json, Value};
use std::fmt::{self, Display, Formatter};

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Row {
	/// What was done.
	pub measured: Measured,
	/// How many members the pool had.
	pub size: u32,
	/// What was read and written.
	pub cost: Cost,
	/// How long it took.
	pub times: Times,
}

/// All measurements of one run.
#[derive(Clone, Debug, Default)]
pub struct Report(pub Vec<Row>);

/// The name of an operation in both formats.
pub fn name(operation: Operation) -> &'static str {
	match operation {
		Operation::Assign => "assign",
		Operation::Release => "release",
		Operation::Slash => "slash",
		Operation::Stake => "stake",
		Operation::Exit => "exit",
	}
}

/// What the original takes, in microseconds: its contract in the fastest EVM there is (revm), all state
/// hot in memory, without signature and trie, measured on two cores of 2.5 GHz.
pub fn original_micros(operation: Operation) -> u32 {
	match operation {
		Operation::Assign => 57,
		Operation::Release => 6,
		Operation::Slash => 9,
		Operation::Stake => 50,
		Operation::Exit => 5,
	}
}

impl Report {
	/// The operations of the pool as an array of objects.
	pub fn to_json(&self) -> Value {
		let rows = self.0.iter().filter_map(|row| match row.measured {
			Measured::Pool(variant, operation) => Some(json!({
				"op": name(operation),
				"variant": match variant {
					Variant::Index => "index",
					Variant::Scan => "scan",
				},
				"size": row.size,
				"reads": row.cost.reads,
				"writes": row.cost.writes,
				"proof_size": row.cost.proof_size,
				"ns": row.times.in_trie,
			})),
			Measured::TransferKeepAlive => None,
		});
		rows.collect()
	}

	fn find(&self, measured: Measured, size: u32) -> Option<&Row> {
		self.0.iter().find(|row| row.measured == measured && row.size == size)
	}

	fn sizes(&self) -> Vec<u32> {
		let mut sizes: Vec<_> = self.0.iter().map(|row| row.size).collect();
		sizes.sort_unstable();
		sizes.dedup();
		sizes
	}

	/// The columns of one measurement, with what they are in proportion to the smallest size, or nothing
	/// where it was not taken.
	fn cells(&self, measured: Measured, size: u32) -> String {
		let first = self.sizes().first().and_then(|first| self.find(measured, *first));
		let (Some(row), Some(first)) = (self.find(measured, size), first) else {
			return format!(
				"{:>7} {:>6} {:>6} {:>10} {:>10} {:>7} {:>10}",
				"-", "-", "-", "-", "-", "-", "-"
			);
		};
		let accesses = f64::from(row.cost.accesses()) / f64::from(first.cost.accesses());
		let time = row.times.in_trie as f64 / first.times.in_trie as f64;
		format!(
			"{:>7} {:>6} {:>6} {:>10} {:>10} {:>7} {:>10}",
			row.cost.reads,
			row.cost.writes,
			ratio(accesses),
			row.cost.proof_size,
			micros(row.times.in_trie),
			ratio(time),
			micros(row.times.alone),
		)
	}
}

/// What stands above [`Report::cells`].
fn header() -> String {
	format!(
		"{:>7} {:>6} {:>6} {:>10} {:>10} {:>7} {:>10}",
		"reads", "writes", "x", "proof, B", "time, µs", "x", "alone, µs"
	)
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

impl Display for Report {
	fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
		let width = header().chars().count();
		writeln!(f, "{:<20} {:>7} | {:<width$} | scan", "", "", "index")?;
		writeln!(f, "{:<20} {:>7} | {} | {}", "operation", "members", header(), header())?;
		for operation in OPERATIONS {
			writeln!(f)?;
			for size in self.sizes() {
				let cells = |variant| self.cells(Measured::Pool(variant, operation), size);
				let (index, scan) = (cells(Variant::Index), cells(Variant::Scan));
				writeln!(f, "{:<20} {size:>7} | {index} | {scan}", name(operation))?;
			}
		}
		writeln!(f)?;
		for size in self.sizes() {
			let cells = self.cells(Measured::TransferKeepAlive, size);
			writeln!(f, "{:<20} {size:>7} | {cells} |", "transfer_keep_alive")?;
		}
		let Some(size) = self.sizes().first().copied() else { return Ok(()) };
		writeln!(f, "\nAlone, with {size} members, in µs; the original in revm under the same conditions:\n")?;
		writeln!(f, "{:<20} {:>7} {:>7} {:>9}", "operation", "index", "scan", "original")?;
		for operation in OPERATIONS {
			let alone = |variant| {
				self.find(Measured::Pool(variant, operation), size)
					.map_or("-".into(), |row| micros(row.times.alone))
			};
			writeln!(
				f,
				"{:<20} {:>7} {:>7} {:>9}",
				name(operation),
				alone(Variant::Index),
				alone(Variant::Scan),
				original_micros(operation),
			)?;
		}
		Ok(())
	}
}
