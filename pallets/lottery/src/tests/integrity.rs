//! Parameters, their check, storage sizes and surcharges.

use codec::MaxEncodedLen;
use frame_support::{
	assert_ok,
	traits::{Hooks, StorageInfoTrait},
	weights::{constants::RocksDbWeight, Weight},
};
use prover_lottery_index::NodeStore;
use prover_pool_primitives::Selection;

use super::{fill, in_session};
use crate::{mock::*, LotteryState, Node, Parameters, State, MAX_PROVERS_LIMIT};

#[test]
fn parameters_are_queried() {
	ExtBuilder::default().build_and_execute(|| {
		let parameters =
			Parameters { max_provers: 4, price_floor_percent: 75, price_ceiling_percent: 125 };
		assert_eq!(ProverLottery::get_parameters(), parameters);
	});
}

#[test]
fn parameters_are_checked() {
	ExtBuilder::default().build_and_execute(|| {
		let check = ProverLottery::check_parameters;
		for max_provers in [1, MAX_PROVERS_LIMIT] {
			MaxProvers::set(max_provers);
			assert_ok!(check());
		}
		for max_provers in [0, MAX_PROVERS_LIMIT + 1] {
			MaxProvers::set(max_provers);
			assert!(check().unwrap_err().contains("set MaxProvers between 1 and 1,048,576"));
		}
		MaxProvers::set(4);
		for (floor, ceiling) in [(0, 100), (100, 100), (75, u32::MAX)] {
			PriceFloorPercent::set(floor);
			PriceCeilingPercent::set(ceiling);
			assert_ok!(check());
		}
		PriceFloorPercent::set(101);
		assert!(check().unwrap_err().contains("PriceFloorPercent to at most 100"));
		PriceFloorPercent::set(75);
		PriceCeilingPercent::set(99);
		assert!(check().unwrap_err().contains("PriceCeilingPercent to at least 100"));
		PriceCeilingPercent::set(125);
		<ProverLottery as Hooks<_>>::integrity_test();
	});
}

#[test]
#[should_panic(expected = "prover lottery: set MaxProvers between 1 and 1,048,576")]
fn integrity_test_refuses_what_the_check_refuses() {
	ExtBuilder::default().build_and_execute(|| {
		MaxProvers::set(0);
		<ProverLottery as Hooks<_>>::integrity_test();
	});
}

/// An upgrade reads the state once and changes nothing.
#[test]
fn an_upgrade_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		fill(4);
		let state = State::<Test>::get();
		let weight = <ProverLottery as Hooks<_>>::on_runtime_upgrade();
		assert_eq!(weight, RocksDbWeight::get().reads(1));
		assert!(State::<Test>::get() == state);
	});
}

/// The sizes that the documentation states.
#[test]
fn sizes() {
	assert_eq!(Node::max_encoded_len(), 5_891);
	assert_eq!(LotteryState::max_encoded_len(), 6_221);
	assert!(ProverLottery::storage_info().iter().all(|item| item.max_size.is_some()));
}

/// In units of reads and writes, for the levels that a pool of each size can have.
#[test]
fn surcharges_follow_the_number_of_slots() {
	let surcharges = |max_provers| {
		MaxProvers::set(max_provers);
		let time = |weight: Weight| weight.ref_time();
		[
			time(<Lottery as Selection<Balance>>::draw_surcharge()),
			time(<Lottery as Selection<Balance>>::update_surcharge()),
			time(<Lottery as Selection<Balance>>::reorder_surcharge()),
		]
	};
	let expected = |accesses: [(u64, u64); 3]| {
		accesses.map(|(reads, writes)| RocksDbWeight::get().reads_writes(reads, writes).ref_time())
	};
	// One level, two, and the measured size: only splits and joins.
	assert_eq!(surcharges(32), expected([(0, 0), (0, 0), (0, 2)]));
	assert_eq!(surcharges(65), expected([(0, 0), (0, 0), (1, 4)]));
	assert_eq!(surcharges(1_024), expected([(0, 0), (0, 0), (1, 4)]));
	// A page of slots more.
	assert_eq!(surcharges(1_025), expected([(0, 0), (0, 0), (2, 5)]));
	// Three, four and five levels.
	assert_eq!(surcharges(1_365), expected([(3, 0), (1, 1), (5, 9)]));
	assert_eq!(surcharges(100_000), expected([(6, 0), (2, 2), (8, 13)]));
	assert_eq!(surcharges(MAX_PROVERS_LIMIT), expected([(9, 0), (3, 3), (11, 17)]));
	let proof_size = <Lottery as Selection<Balance>>::draw_surcharge().proof_size();
	assert_eq!(proof_size, 9 * Node::max_encoded_len() as u64);
}

/// A pool of the measured size has the measured levels.
#[test]
fn the_measured_pool_has_two_levels() {
	ExtBuilder::default().max_provers(1_024).build_and_execute(|| {
		fill(1_024);
		assert_eq!(in_session(|session| session.index.store().root().height), 2);
	});
}
