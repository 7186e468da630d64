//! The pools are valid, and each operation does what its name says, once.

use pallet_prover_pool::Event::{self, Exited, ProverAssigned, ProverReleased, Slashed, Staked};
use prover_pool_bench::{pool::Pool, Measured, Operation, Variant, OPERATIONS, VARIANTS};
use prover_pool_runtime::{scaling, ProverPool, Runtime, RuntimeEvent, System};
use sp_state_machine::BasicExternalities;

/// All tests take the same: the number of slots belongs to the whole process.
const SIZE: u32 = 32;

/// Does it and gives all its events. A pool with an index must be valid before and after; what is scanned
/// has a layout that is no longer in use, and nothing to check it by.
fn events_of(pool: &Pool, measured: Measured) -> Vec<RuntimeEvent> {
	let check = || {
		if !matches!(measured, Measured::Pool(Variant::Scan, _)) {
			ProverPool::do_try_state().expect("the pool is valid");
		}
	};
	BasicExternalities::new(pool.ready_for(measured).map).execute_with(|| {
		check();
		assert_eq!(System::event_count(), 0);
		scaling::execute(SIZE, measured);
		check();
		System::read_events_no_consensus().map(|record| record.event).collect()
	})
}

/// Those of the pool.
fn pool_events_of(variant: Variant, operation: Operation) -> Vec<Event<Runtime>> {
	let pool = Pool::new(variant, SIZE);
	events_of(&pool, Measured::Pool(variant, operation))
		.into_iter()
		.filter_map(|event| match event {
			RuntimeEvent::ProverPool(event) => Some(event),
			_ => None,
		})
		.collect()
}

#[test]
fn every_operation_happens_once() {
	for variant in VARIANTS {
		for operation in OPERATIONS {
			let events = pool_events_of(variant, operation);
			let as_meant = match operation {
				Operation::Assign => matches!(events[..], [ProverAssigned { .. }]),
				Operation::Release => matches!(events[..], [ProverReleased { .. }]),
				Operation::Slash => {
					matches!(events[..], [Slashed { from_exit: 0, from_stake: 1.., .. }])
				},
				Operation::Stake => {
					matches!(events[..], [Exited { forced: true, .. }, Staked { .. }])
				},
				Operation::Exit => matches!(events[..], [Exited { forced: false, .. }]),
			};
			assert!(as_meant, "{variant:?} {operation:?}: {events:?}");
		}
	}
}

#[test]
fn both_ways_come_to_the_same() {
	for operation in OPERATIONS {
		let [index, scan] = VARIANTS.map(|variant| pool_events_of(variant, operation));
		// The order in which a draw walks the pool is not part of the interface.
		if operation == Operation::Assign {
			assert_eq!(index.len(), scan.len());
		} else if !matches!(operation, Operation::Release | Operation::Slash) {
			assert_eq!(index, scan, "{operation:?}");
		}
	}
}

#[test]
fn transfer_is_one() {
	let pool = Pool::new(Variant::Index, SIZE);
	let events = events_of(&pool, Measured::TransferKeepAlive);
	assert!(
		matches!(events[..], [RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. })]),
		"{events:?}"
	);
}
