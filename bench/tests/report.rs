//! Tests of the output.

use prover_pool_bench::{
	cost::Cost,
	report::{Report, Row},
	times::{Spread, Times},
	Operation, Setting, Variant,
};
use serde_json::json;

fn row(operation: Operation, variant: Variant, size: u32, reads: u32, nanos: u64) -> Row {
	let cost = Cost { reads, writes: 5, proof_size: 1_000 * size, instructions: 100 * nanos };
	let transfers = Spread { median: nanos as f64 / 10_000.0, min: 0.5, max: 4.5 };
	let times = Times { in_trie: nanos, alone: nanos / 2, transfers };
	Row { setting: Setting { variant, size }, operation, cost, times: Some(times) }
}

fn report() -> Report {
	Report(vec![
		row(Operation::Draw, Variant::Lottery, 32, 15, 20_000),
		row(Operation::Draw, Variant::Scan, 32, 45, 40_000),
		row(Operation::Transfer, Variant::Lottery, 32, 8, 10_000),
		row(Operation::Draw, Variant::Lottery, 1_024, 25, 30_000),
	])
}

#[test]
fn json_has_all_figures_of_all_rows() {
	let rows = report().to_json();
	let expected = json!({
		"op": "draw", "variant": "scan", "size": 32, "reads": 45, "writes": 5, "proof_size": 32_000,
		"instructions": 4_000_000, "ns": 40_000, "alone_ns": 20_000,
		"transfers": { "median": 4.0, "min": 0.5, "max": 4.5 },
	});
	assert_eq!(rows[1], expected);
	assert_eq!(rows[2]["op"], "transfer");
	assert_eq!(rows.as_array().map(Vec::len), Some(4));
}

#[test]
fn json_has_no_times_that_were_not_measured() {
	let report = Report(report().0.into_iter().map(|row| Row { times: None, ..row }).collect());
	let rows = report.to_json();
	assert!(rows[0].get("ns").is_none() && rows[0]["reads"] == 15);
}

#[test]
fn counts_are_one_line_per_row() {
	let counts = report().to_counts();
	let words: Vec<Vec<_>> = counts.lines().map(|line| line.split_whitespace().collect()).collect();
	assert_eq!(words[0], ["draw", "lottery", "32", "15", "5", "2000000"]);
	assert_eq!(words.len(), 4);
}

/// The words of the table's lines that begin like this.
fn lines(beginning: &str) -> Vec<String> {
	let table = report().to_string();
	let lines = table.lines().filter(|line| line.starts_with(beginning));
	lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn table_compares_each_row_with_the_smallest_pool() {
	let draws = lines("draw");
	assert_eq!(
		draws[0],
		"draw lottery 32 | 15 5 1.00 32000 | 2000000 1.00 | 20.0 1.00 | 10.0 1.00 | 2.00 0.50–4.50"
	);
	assert_eq!(
		draws[1],
		"draw lottery 1024 | 25 5 1.50 1024000 | 3000000 1.50 | 30.0 1.50 | 15.0 1.50 | 3.00 0.50–4.50"
	);
	assert_eq!(
		draws[2],
		"draw scan 32 | 45 5 1.00 32000 | 4000000 1.00 | 40.0 1.00 | 20.0 1.00 | 4.00 0.50–4.50"
	);
}

#[test]
fn table_has_the_goals_and_the_original() {
	assert_eq!(lines("draw")[3], "draw 2.00 0.70 10.0 20.0 69–73");
	assert_eq!(lines("unstake"), ["unstake - - - - -"]);
}

#[test]
fn table_counts_what_fits_a_block() {
	let table = report().to_string();
	let capacity = table.lines().last().map(|line| line.split_whitespace().collect::<Vec<_>>());
	let numbers: Vec<u64> =
		capacity.unwrap_or_default().iter().map(|word| word.parse().unwrap_or_default()).collect();
	assert_eq!(numbers.len(), 4);
	assert_eq!(numbers[0], 1_024);
	assert!(numbers[1..].iter().all(|count| *count > 100), "{numbers:?}");
}

#[test]
fn columns_are_aligned() {
	let table = report().to_string();
	let bars = |line: &str| {
		line.chars().enumerate().filter(|(_, c)| *c == '|').map(|(at, _)| at).collect::<Vec<_>>()
	};
	let mut rows = table.lines().filter(|line| line.contains('|')).map(bars);
	let first = rows.next().expect("there is a header");
	assert_eq!(first.len(), 5);
	assert!(rows.all(|row| row == first), "{table}");
}
