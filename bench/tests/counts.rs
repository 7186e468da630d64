//! The costs of each operation apart from time: accesses to the state and wasm instructions are those of
//! `counts.txt`, and hardly grow with the pool.
//!
//! After an intended change of a cost, write the file again:
//!
//! ```sh
//! make bench-counts
//! ```
//!
//! Accesses are compared exactly. Instructions may differ by 2 %, since in another folder or on another
//! host the compiler orders functions differently. The first line of `counts.txt` names its compiler. With
//! another one, they may differ by a quarter.

use prover_pool_bench::{
	cost::Cost,
	name,
	pool::Pool,
	trace::{Access, Trace},
	variant_name,
	wasm::{compiler, Wasm},
	Operation, Setting, Variant, LARGEST_SCAN, OPERATIONS, SIZES, VARIANTS,
};
use std::{collections::HashMap, sync::LazyLock};

const EXPECTED: &str = include_str!("counts.txt");

static WASM: LazyLock<Wasm> = LazyLock::new(|| Wasm::load().expect("the wasm is valid"));

/// All costs. They are counted once: the number of slots belongs to the process, so two tests cannot count
/// at the same time.
static COSTS: LazyLock<HashMap<(Setting, Operation), Cost>> = LazyLock::new(|| {
	let mut costs = HashMap::new();
	for Setting { variant, size } in counted() {
		let pool = Pool::new(&WASM, variant, size, 1).expect("the pool can be filled");
		for operation in OPERATIONS.into_iter().chain([Operation::Transfer]) {
			let cost = Cost::of(&WASM, &pool, operation).expect("the operation succeeds");
			costs.insert((pool.setting, operation), cost);
		}
	}
	costs
});

fn counted() -> impl Iterator<Item = Setting> {
	VARIANTS
		.into_iter()
		.flat_map(|variant| SIZES.map(|size| Setting { variant, size }))
		.filter(|setting| setting.variant == Variant::Lottery || setting.size <= LARGEST_SCAN)
}

fn cost(variant: Variant, operation: Operation, size: u32) -> Cost {
	COSTS[&(Setting { variant, size }, operation)]
}

/// The words of the line for this operation.
fn expected(setting: Setting, operation: Operation) -> Vec<&'static str> {
	let size = setting.size.to_string();
	let key = [name(operation), variant_name(setting.variant), &size];
	let lines = EXPECTED.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
	lines.into_iter().find(|words| words.starts_with(&key)).unwrap_or_default()
}

#[test]
fn costs_are_as_written_down() {
	let written_for = EXPECTED.lines().next().and_then(|line| line.strip_prefix("# "));
	let tolerance = if written_for == compiler().ok().as_deref() { 0.02 } else { 0.25 };
	let mut differences = Vec::new();
	for ((setting, operation), cost) in COSTS.iter() {
		if *operation == Operation::Transfer && setting.variant == Variant::Scan {
			continue;
		}
		let expected: Vec<f64> = expected(*setting, *operation)
			.into_iter()
			.skip(3)
			.map(|word| word.parse().expect("a number"))
			.collect();
		let as_expected = match expected[..] {
			[reads, writes, instructions] => {
				let difference = cost.instructions as f64 / instructions - 1.0;
				(f64::from(cost.reads), f64::from(cost.writes)) == (reads, writes)
					&& difference.abs() <= tolerance
			},
			_ => false,
		};
		if !as_expected {
			differences.push(format!("{setting:?} {operation:?}: {cost:?}, not {expected:?}"));
		}
	}
	assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn transfers_cost_the_same_in_every_chain() {
	let transfers: Vec<_> = counted()
		.map(|Setting { variant, size }| cost(variant, Operation::Transfer, size))
		.collect();
	let first = transfers[0];
	assert!(
		transfers.iter().all(|cost| {
			(cost.reads, cost.writes) == (first.reads, first.writes)
				&& cost.instructions.abs_diff(first.instructions) < 100
		}),
		"{transfers:?}"
	);
}

#[test]
fn no_operation_costs_more_than_twice_as_much_with_100_000_members() {
	for operation in OPERATIONS {
		let [small, large] = [32, 100_000].map(|size| cost(Variant::Lottery, operation, size));
		assert!(large.accesses() <= 2 * small.accesses(), "{operation:?}: {large:?}, {small:?}");
	}
}

#[test]
fn what_scans_needs_no_more_accesses_than_a_scan_of_32() {
	for operation in [Operation::Draw, Operation::Stake] {
		let [lottery, scan] = VARIANTS.map(|variant| cost(variant, operation, 32));
		assert!(lottery.accesses() <= scan.accesses(), "{operation:?}: {lottery:?} and {scan:?}");
	}
}

#[test]
fn draws_of_one_block_share_one_read_and_one_write_of_the_lottery() {
	for draws in [1, 16] {
		let pool = Pool::new(&WASM, Variant::Lottery, 32, draws).expect("the pool can be filled");
		let trace = Trace::of(&WASM, &pool, Operation::Draw).expect("the draws succeed");
		let count = |access, item| trace.count(access, item);
		assert_eq!(count(Access::Write, "ProverPool.Assignments"), draws as usize);
		assert_eq!(count(Access::Read, "ProverLottery.State"), 1, "{draws} draws");
		assert_eq!(count(Access::Write, "ProverLottery.State"), 1, "{draws} draws");
		assert_eq!(count(Access::Read, "ProverPool.DrawQueue"), 1, "{draws} draws");
		assert_eq!(count(Access::Write, "ProverPool.DrawQueue"), 1, "{draws} draws");
	}
}
