//! `make bench`: measures, and prints a table or JSON.

use clap::{Parser, ValueEnum};
use prover_pool_bench::{
	cost::Cost,
	pool::Pool,
	report::{name, Report, Row},
	wasm::Wasm,
	Measured, Variant, OPERATIONS, SIZES, VARIANTS,
};
use std::{collections::HashSet, path::PathBuf, process::ExitCode};

/// What takes longer than this, in nanoseconds, is not tried with a larger pool.
const TOO_LONG: u64 = 5_000_000_000;

/// Measures what the prover pool's operations cost as the pool grows.
#[derive(Parser)]
struct Arguments {
	/// The release runtime, built with the feature `scaling-wasm`.
	#[arg(long)]
	wasm: PathBuf,
	/// What to print.
	#[arg(long, value_enum, default_value_t = Format::Table)]
	format: Format,
	/// How many members the pools have.
	#[arg(long, value_delimiter = ',', default_values_t = SIZES)]
	sizes: Vec<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
	/// For people.
	Table,
	/// An array of the pool's operations and nothing else.
	Json,
}

fn main() -> ExitCode {
	let arguments = Arguments::parse();
	match measure(&arguments) {
		Ok(report) => {
			match arguments.format {
				Format::Table => print!("{report}"),
				Format::Json => println!("{:#}", report.to_json()),
			}
			ExitCode::SUCCESS
		},
		Err(error) => {
			eprintln!("bench: {error}");
			ExitCode::FAILURE
		},
	}
}

fn measure(arguments: &Arguments) -> Result<Report, String> {
	let wasm = Wasm::load(&arguments.wasm)?;
	let mut report = Report::default();
	let mut too_long = HashSet::new();
	for size in &arguments.sizes {
		for variant in VARIANTS {
			eprintln!("bench: a pool of {size}, for the {}", words(variant));
			let pool = Pool::new(variant, *size);
			for operation in OPERATIONS {
				let measured = Measured::Pool(variant, operation);
				if too_long.contains(&measured) {
					eprintln!("bench: {}: the smaller pool took long enough", name(operation));
					continue;
				}
				let row = row(&wasm, &pool, measured)?;
				if row.times.in_trie > TOO_LONG {
					too_long.insert(measured);
				}
				report.0.push(row);
			}
			if variant == Variant::Index {
				report.0.push(row(&wasm, &pool, Measured::TransferKeepAlive)?);
			}
		}
	}
	Ok(report)
}

fn words(variant: Variant) -> &'static str {
	match variant {
		Variant::Index => "index",
		Variant::Scan => "scan",
	}
}

fn row(wasm: &Wasm, pool: &Pool, measured: Measured) -> Result<Row, String> {
	let state = pool.ready_for(measured);
	let size = pool.size;
	let cost = wasm.cost(&state, size, measured)?;
	let natively = Cost::natively(&state.trie, size, measured);
	if cost != natively {
		return Err(format!(
			"{measured:?}: the wasm costs {cost:?}, the host's build {natively:?}"
		));
	}
	Ok(Row { measured, size, cost, times: wasm.times(&state, size, measured)? })
}
