//! How much of the state each operation reads and writes: exactly, and that it hardly grows with the
//! pool. Time is not looked at.

use prover_pool_bench::{
	cost::Cost,
	pool::Pool,
	Measured,
	Operation::{self, Assign, Exit, Release, Slash, Stake},
	Variant::{self, Index, Scan},
	OPERATIONS, SIZES, VARIANTS,
};
use std::{collections::HashMap, sync::LazyLock};

/// Where a scan takes too long to be looked at in a build that is not optimised.
const TOO_LARGE_FOR_A_SCAN: u32 = 100_000;

/// All costs, counted once: the number of slots belongs to the whole process, so that two tests could not
/// count at the same time.
static COSTS: LazyLock<HashMap<(Measured, u32), Cost>> = LazyLock::new(|| {
	let mut costs = HashMap::new();
	for (variant, size) in counted() {
		let pool = Pool::new(variant, size);
		let operations = OPERATIONS.map(|operation| Measured::Pool(variant, operation));
		for measured in operations.into_iter().chain([Measured::TransferKeepAlive]) {
			let state = pool.ready_for(measured);
			costs.insert((measured, size), Cost::natively(&state.trie, size, measured));
		}
	}
	costs
});

fn counted() -> impl Iterator<Item = (Variant, u32)> {
	VARIANTS
		.into_iter()
		.flat_map(|variant| SIZES.map(|size| (variant, size)))
		.filter(|(variant, size)| *variant == Index || *size < TOO_LARGE_FOR_A_SCAN)
}

fn cost(variant: Variant, operation: Operation, size: u32) -> Cost {
	COSTS[&(Measured::Pool(variant, operation), size)]
}

/// Reads and writes with 32, 1 024, 10 000 and 100 000 members.
type Counts = &'static [(u32, u32)];

#[rustfmt::skip]
const EXPECTED: [(Operation, Variant, Counts); 10] = [
	(Assign,  Index, &[(15, 7), (18, 7), (20, 7), (21, 7)]),
	(Assign,  Scan,  &[(45, 7), (1_037, 7), (10_013, 7)]),
	(Release, Index, &[(7, 5), (7, 5), (7, 5), (7, 5)]),
	(Release, Scan,  &[(7, 5), (7, 5), (7, 5)]),
	(Slash,   Index, &[(14, 9), (15, 10), (16, 11), (16, 11)]),
	(Slash,   Scan,  &[(14, 9), (14, 9), (14, 9)]),
	(Stake,   Index, &[(18, 12), (20, 14), (23, 16), (23, 16)]),
	(Stake,   Scan,  &[(48, 10), (1_040, 10), (10_016, 10)]),
	(Exit,    Index, &[(10, 6), (11, 7), (13, 9), (13, 9)]),
	(Exit,    Scan,  &[(10, 6), (10, 6), (10, 6)]),
];

#[test]
fn reads_and_writes_are_as_written_down() {
	for (operation, variant, expected) in EXPECTED {
		let sizes =
			SIZES.iter().filter(|size| counted().any(|counted| counted == (variant, **size)));
		let counts: Vec<_> = sizes
			.map(|size| cost(variant, operation, *size))
			.map(|cost| (cost.reads, cost.writes))
			.collect();
		assert_eq!(counts, expected, "{operation:?} by the {variant:?}");
	}
}

#[test]
fn transfers_cost_the_same_in_every_chain() {
	for (_, size) in counted() {
		let cost = COSTS[&(Measured::TransferKeepAlive, size)];
		assert_eq!((cost.reads, cost.writes), (8, 5), "{size} members");
	}
}

#[test]
fn no_operation_costs_more_than_twice_as_much_with_100_000_members() {
	for operation in OPERATIONS {
		let [small, large] = [32, 100_000].map(|size| cost(Index, operation, size).accesses());
		assert!(large <= 2 * small, "{operation:?}: {large} instead of {small}");
	}
}

#[test]
fn no_operation_costs_more_than_by_a_scan_with_32_members() {
	for operation in OPERATIONS {
		let [index, scan] = VARIANTS.map(|variant| cost(variant, operation, 32));
		assert!(index.accesses() <= scan.accesses(), "{operation:?}: {index:?} and {scan:?}");
	}
}
