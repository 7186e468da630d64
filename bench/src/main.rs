//! `make bench`: measures, and prints a table or JSON.

use clap::{Parser, ValueEnum};
use prover_pool_bench::{
	cost::{on_trie, Cost},
	name,
	pool::Pool,
	report::{Report, Row},
	times::Timer,
	trace::{HostCalls, Trace},
	variant_name,
	wasm::{compiler, Counters, Wasm},
	Operation, Variant, LARGEST_SCAN, OPERATIONS, SIZES, VARIANTS,
};
use std::{collections::HashSet, process::ExitCode};

/// The time in nanoseconds above which an operation is not measured in a larger pool.
const TOO_LONG: u64 = 5_000_000_000;

/// The functions that a profile names: those that execute the most instructions.
const TOP_FUNCTIONS: usize = 12;

/// Measures what the prover pool's operations cost as the pool grows.
#[derive(Parser)]
struct Arguments {
	/// The format.
	#[arg(long, value_enum, default_value_t = Format::Table)]
	format: Format,
	/// The numbers of members.
	#[arg(long, value_delimiter = ',', default_values_t = SIZES)]
	sizes: Vec<u32>,
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum Format {
	/// For people.
	Table,
	/// An array of all rows and nothing else.
	Json,
	/// The content of `tests/counts.txt`. No time is measured.
	Counts,
	/// The calls of the host by each operation. No time is measured.
	Profile,
}

fn main() -> ExitCode {
	let Arguments { format, sizes } = Arguments::parse();
	let printed = match format {
		Format::Profile => profile(&sizes),
		Format::Counts => measure(&sizes, false)
			.and_then(|report| Ok(format!("# {}\n{}", compiler()?, report.to_counts()))),
		Format::Table => measure(&sizes, true).map(|report| report.to_string()),
		Format::Json => measure(&sizes, true).map(|report| format!("{:#}\n", report.to_json())),
	};
	match printed {
		Ok(text) => {
			print!("{text}");
			ExitCode::SUCCESS
		},
		Err(error) => {
			eprintln!("bench: {error}");
			ExitCode::FAILURE
		},
	}
}

fn measure(sizes: &[u32], with_times: bool) -> Result<Report, String> {
	let wasm = Wasm::load()?;
	let mut report = Report::default();
	let mut too_long = HashSet::new();
	for size in sizes {
		for variant in VARIANTS {
			if !with_times && variant == Variant::Scan && *size > LARGEST_SCAN {
				continue;
			}
			let operations: Vec<_> = OPERATIONS
				.into_iter()
				.chain((variant == Variant::Lottery).then_some(Operation::Transfer))
				.filter(|operation| !too_long.contains(&(variant, *operation)))
				.collect();
			eprintln!("bench: a pool of {size}, by the {}", variant_name(variant));
			let pool = Pool::new(&wasm, variant, *size, 1)?;
			let mut timer = with_times.then(|| Timer::new(&wasm, &pool));
			for operation in operations {
				let cost = Cost::of(&wasm, &pool, operation)?;
				let times = timer.as_mut().map(|timer| timer.times(operation)).transpose()?;
				if times.is_some_and(|times| times.in_trie > TOO_LONG) {
					too_long.insert((variant, operation));
				}
				report.0.push(Row { setting: pool.setting, operation, cost, times });
			}
		}
	}
	Ok(report)
}

fn profile(sizes: &[u32]) -> Result<String, String> {
	let wasm = Wasm::load()?;
	let (host_calls, copies) = (HostCalls::new()?, Counters::of_copies()?);
	let mut text = String::new();
	for size in sizes {
		let pool = Pool::new(&wasm, Variant::Lottery, *size, 1)?;
		for operation in OPERATIONS.into_iter().chain([Operation::Transfer]) {
			text += &format!("{} with {size} members\n", name(operation));
			let mut lines = Trace::of(&wasm, &pool, operation)?.summary();
			lines.extend(host_calls.summary(&pool, operation)?);
			for (what, counters) in
				[("bytes copied", &copies), ("instructions", wasm.instructions())]
			{
				let functions =
					on_trie(&pool.trie, |ext| counters.by_function(ext, pool.setting, operation))?;
				let all: u64 = functions.iter().map(|(_, count)| count).sum();
				lines.push(format!("{what:<14} {all:>6}"));
				lines.extend(
					functions
						.iter()
						.take(TOP_FUNCTIONS)
						.map(|(function, count)| format!("{:<14} {count:>6}  {function}", "")),
				);
			}
			for line in lines {
				text += &format!("  {}\n", line.trim_end());
			}
			text += "\n";
		}
	}
	Ok(text)
}
