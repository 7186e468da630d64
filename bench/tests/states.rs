//! The pools are valid, and each operation has its effect once.

use pallet_prover_pool::Event::{
	self, Exited, ProverAssigned, ProverReleased, Slashed, Staked, TermsChanged, Unstaked,
};
use prover_pool_bench::{pool::Pool, wasm::Wasm, Operation, Variant, OPERATIONS, VARIANTS};
use prover_pool_bench_runtime::chain::{with_lottery, with_scan};
use sp_state_machine::BasicExternalities;

/// The size of all tests: the number of slots belongs to the process.
const SIZE: u32 = 32;

fn pool(variant: Variant) -> Pool {
	let wasm = Wasm::load().expect("the wasm is valid");
	Pool::new(&wasm, variant, SIZE, 1).expect("the pool can be filled")
}

macro_rules! events_of {
	($chain:ident, $pool:expr, $operation:expr) => {
		BasicExternalities::new($pool.map.clone()).execute_with(|| {
			let check = || {
				$chain::ProverPool::do_try_state().expect("the pool is valid");
			};
			check();
			assert_eq!($chain::System::event_count(), 0);
			$pool.setting.run($operation);
			check();
			let events = $chain::System::read_events_no_consensus();
			events.map(|record| record.event).collect::<Vec<_>>()
		})
	};
}

/// Does the operation, and returns the events of the pool.
macro_rules! pool_events_of {
	($chain:ident, $pool:expr, $operation:expr) => {{
		let events = events_of!($chain, $pool, $operation).into_iter();
		events
			.filter_map(|event| match event {
				$chain::RuntimeEvent::ProverPool(event) => Some(event),
				_ => None,
			})
			.collect::<Vec<_>>()
	}};
}

fn is_meant<T: pallet_prover_pool::Config>(operation: Operation, events: &[Event<T>]) -> bool {
	match operation {
		Operation::Draw => matches!(events, [ProverAssigned { .. }]),
		Operation::Release => matches!(events, [ProverReleased { .. }]),
		Operation::Slash => matches!(events, [Slashed { .. }]),
		Operation::Stake => matches!(events, [Exited { forced: true, .. }, Staked { .. }]),
		Operation::Exit => matches!(events, [Exited { forced: false, .. }]),
		Operation::Unstake => matches!(events, [Unstaked { .. }]),
		Operation::SetTerms => matches!(events, [TermsChanged { .. }]),
		Operation::Transfer => events.is_empty(),
	}
}

#[test]
fn every_operation_happens_once_and_both_selections_agree() {
	let [lottery, scan] = VARIANTS.map(pool);
	for operation in OPERATIONS {
		let by_lottery = pool_events_of!(with_lottery, lottery, operation);
		let by_scan = pool_events_of!(with_scan, scan, operation);
		assert!(is_meant(operation, &by_lottery), "{operation:?}: {by_lottery:?}");
		assert!(is_meant(operation, &by_scan), "{operation:?}: {by_scan:?}");
		assert_eq!(format!("{by_lottery:?}"), format!("{by_scan:?}"));
	}
}

#[test]
fn transfer_is_one() {
	let events = events_of!(with_lottery, pool(Variant::Lottery), Operation::Transfer);
	assert!(
		matches!(
			events[..],
			[with_lottery::RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. })]
		),
		"{events:?}"
	);
}
