//! What is printed.

use prover_pool_bench::{
	cost::Cost,
	report::{Report, Row},
	wasm::Times,
	Measured, Operation, Variant,
};
use serde_json::json;

fn row(measured: Measured, size: u32, reads: u32, nanos: u64) -> Row {
	let cost = Cost { reads, writes: 5, proof_size: 1_000 * size };
	Row { measured, size, cost, times: Times { in_trie: nanos, alone: nanos / 2 } }
}

fn report() -> Report {
	let index = Measured::Pool(Variant::Index, Operation::Assign);
	let scan = Measured::Pool(Variant::Scan, Operation::Assign);
	Report(vec![
		row(index, 32, 15, 20_000),
		row(scan, 32, 45, 40_000),
		row(Measured::TransferKeepAlive, 32, 8, 10_000),
		row(index, 1_024, 25, 30_000),
		row(Measured::TransferKeepAlive, 1_024, 8, 10_000),
	])
}

#[test]
fn json_has_the_operations_of_the_pool_and_nothing_else() {
	let expected = json!([
		{ "op": "assign", "variant": "index", "size": 32, "reads": 15, "writes": 5, "proof_size": 32_000, "ns": 20_000 },
		{ "op": "assign", "variant": "scan", "size": 32, "reads": 45, "writes": 5, "proof_size": 32_000, "ns": 40_000 },
		{ "op": "assign", "variant": "index", "size": 1_024, "reads": 25, "writes": 5, "proof_size": 1_024_000, "ns": 30_000 },
	]);
	assert_eq!(report().to_json(), expected);
}

/// The words of the table's lines that begin like this.
fn lines(beginning: &str) -> Vec<Vec<String>> {
	let table = report().to_string();
	let lines = table.lines().filter(|line| line.starts_with(beginning));
	lines.map(|line| line.split_whitespace().map(String::from).collect()).collect()
}

#[test]
fn table_shows_growth_beside_the_scan() {
	let lines = lines("assign");
	assert_eq!(
		lines[0].join(" "),
		"assign 32 | 15 5 1.00 32000 20.0 1.00 10.0 | 45 5 1.00 32000 40.0 1.00 20.0"
	);
	assert_eq!(
		lines[1].join(" "),
		"assign 1024 | 25 5 1.50 1024000 30.0 1.50 15.0 | - - - - - - -"
	);
}

#[test]
fn table_has_the_yardsticks() {
	assert_eq!(
		lines("transfer")[0].join(" "),
		"transfer_keep_alive 32 | 8 5 1.00 32000 10.0 1.00 5.0 |"
	);
	assert_eq!(lines("assign")[2], ["assign", "10.0", "20.0", "57"]);
}

#[test]
fn columns_are_aligned() {
	let table = report().to_string();
	let bars = |line: &str| {
		line.chars().enumerate().filter(|(_, c)| *c == '|').map(|(at, _)| at).collect::<Vec<_>>()
	};
	let mut rows = table.lines().filter(|line| line.contains('|')).map(bars);
	let first = rows.next().expect("there is a header");
	assert_eq!(first.len(), 2);
	assert!(rows.all(|row| row == first), "{table}");
}
