//! Release and discharge (R6, R8). Slashes are in `slashing.rs`.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::{Fault, PoolError};
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, TrackRecord};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

fn duties(who: AccountId) -> (u32, u32) {
	(staker(who).outstanding, staker(who).liable)
}

fn free_capacity(who: AccountId) -> u32 {
	prover_row(who).unwrap().current_capacity
}

fn discharged(block_id: u64, who: AccountId) -> Event {
	Event::ProverDischarged { block_id, who }
}

fn released(block_id: u64, who: AccountId) -> Event {
	Event::ProverReleased { block_id, who }
}

// R6.

#[test]
fn a_release_returns_capacity_and_keeps_the_liability() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		System::reset_events();
		assert_ok!(release(7));

		assert_eq!(pool_events(), [released(7, ALICE)]);
		assert!(assignment(7).unwrap().released);
		assert_eq!(duties(ALICE), (1, 2));
		assert_eq!((free_capacity(ALICE), ProverPool::get_capacity()), (3, 3));
	});
}

#[test]
fn a_block_is_released_once() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(release(7));
		assert_noop!(release(7), PoolError::AlreadyReleased);
		assert_ok!(discharge(7));
		assert_noop!(release(7), PoolError::UnknownBlock);
	});
}

#[test]
fn a_release_of_a_former_member_counts_when_it_enters_again() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(release(7));
		assert_eq!((duties(ALICE), prover(ALICE)), ((0, 1), None));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(free_capacity(ALICE), 4);
	});
}

#[test]
fn a_release_after_the_slot_went_to_another_does_not_concern_that_one() {
	one_prover().max_provers(1).build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(stake(BOB, 2_000, 100, 3));
		assign(8, BOB);
		assert_ok!(release(7));
		assert_eq!(free_capacity(BOB), 2);
		assert_ok!(discharge(7));
		assert_eq!((free_capacity(BOB), ProverPool::get_capacity()), (2, 2));
	});
}

#[test]
fn only_the_protocol_origin_settles() {
	one_prover().build_and_execute(|| {
		let root = RuntimeOrigin::root;
		let slash_by =
			|origin, block_id| ProverPool::slash_prover(origin, block_id, 5, Fault::Other, None);
		assign(7, ALICE);
		for origin in [signed(ALICE), signed(BOB), RuntimeOrigin::none()] {
			assert_noop!(ProverPool::release_prover(origin.clone(), 7), BadOrigin);
			assert_noop!(slash_by(origin, 7), BadOrigin);
		}
		assert_noop!(ProverPool::discharge_prover(RuntimeOrigin::none(), 7), BadOrigin);

		assert_noop!(ProverPool::release_prover(root(), 8), Error::UnknownBlock);
		assert_noop!(slash_by(root(), 8), Error::UnknownBlock);
		assert_noop!(ProverPool::discharge_prover(root(), 8), Error::UnknownBlock);
		assert_ok!(request(8));
		assert_noop!(ProverPool::release_prover(root(), 8), Error::StillPending);
		assert_noop!(slash_by(root(), 8), Error::StillPending);

		System::reset_events();
		assert_ok!(ProverPool::release_prover(root(), 7));
		assert_noop!(ProverPool::release_prover(root(), 7), Error::AlreadyReleased);
		assert_ok!(ProverPool::discharge_prover(root(), 7));
		assert_ok!(ProverPool::discharge_prover(root(), 8));
		assert_eq!(
			pool_events(),
			[released(7, ALICE), discharged(7, ALICE), Event::RequestCancelled { block_id: 8 }]
		);
	});
}

// R8.

#[test]
fn a_discharge_closes_the_assignment_and_returns_its_capacity() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		System::reset_events();
		assert_ok!(discharge(7));

		assert_eq!(pool_events(), [discharged(7, ALICE)]);
		assert_eq!(assignment(7), None);
		assert!(!crate::AssignmentsOf::<Test>::contains_key(ALICE, 7));
		assert_eq!(duties(ALICE), (0, 0));
		assert_eq!(free_capacity(ALICE), 4);
		assert_eq!(
			staker(ALICE).record,
			TrackRecord { assigned: 1, served: 1, ..Default::default() }
		);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
	});
}

#[test]
fn a_discharge_after_the_release_returns_no_second_unit() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(release(7));
		assert_ok!(discharge(7));
		assert_eq!(duties(ALICE), (1, 1));
		assert_eq!((free_capacity(ALICE), ProverPool::get_capacity()), (3, 3));
	});
}

#[test]
fn the_record_of_a_former_member_ends_with_its_last_duty() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		// Ejected with nothing, but it owes a block.
		assert_eq!(
			staker(ALICE),
			Staker {
				max_capacity: 4,
				outstanding: 1,
				liable: 1,
				record: TrackRecord { assigned: 2, served: 0, missed: 1, misses_in_a_row: 1 },
				..Default::default()
			}
		);
		assert_ok!(release(8));
		assert!(has_record(ALICE));
		assert_ok!(discharge(8));
		assert!(!has_record(ALICE));
	});
}

#[test]
fn a_cancelled_request_leaves_the_others_in_order() {
	one_prover().build_and_execute(|| {
		for block_id in [3, 1, 2] {
			assert_ok!(request(block_id));
		}
		System::reset_events();
		assert_ok!(discharge(1));
		assert_eq!(pool_events(), [Event::RequestCancelled { block_id: 1 }]);
		assert_eq!(pending(), [3, 2]);
		assert_ok!(request(1));
		assert_eq!(pending(), [3, 2, 1]);
	});
}

#[test]
fn a_prover_discharges_its_own_assignment_once_it_is_older_than_the_limit() {
	one_prover().build_and_execute(|| {
		advance_clock(5);
		assign(7, ALICE);
		let by_alice = || ProverPool::discharge_prover(signed(ALICE), 7);
		assert_noop!(by_alice(), Error::NotOverdue);
		advance_clock(400);
		assert_noop!(by_alice(), Error::NotOverdue);
		advance_clock(1);
		System::reset_events();
		assert_ok!(by_alice());
		assert_eq!(pool_events(), [discharged(7, ALICE)]);
		assert_eq!(duties(ALICE), (0, 0));
	});
}

#[test]
fn a_prover_discharges_no_other_assignment() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(request(8));
		let by = |who, block_id| ProverPool::discharge_prover(signed(who), block_id);
		// The owner is checked before the age.
		assert_noop!(by(BOB, 7), Error::NotYourAssignment);
		assert_noop!(by(ALICE, 8), Error::StillPending);
		assert_noop!(by(ALICE, 9), Error::UnknownBlock);
		advance_clock(401);
		assert_noop!(by(BOB, 7), Error::NotYourAssignment);
		assert_noop!(by(ALICE, 8), Error::StillPending);
	});
}

#[test]
fn the_age_is_counted_from_the_draw() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		advance_clock(300);
		run_blocks(2);
		advance_clock(300);
		assert_ok!(release(7));
		let by_alice = || ProverPool::discharge_prover(signed(ALICE), 7);
		assert_noop!(by_alice(), Error::NotOverdue);
		advance_clock(101);
		// Released, and not a member any more: still its own.
		assert_ok!(exit(ALICE));
		assert_ok!(by_alice());
	});
}

#[test]
fn a_protocol_that_stops_locks_nothing_permanently() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(390);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		for block_id in 1..=4 {
			assert_ok!(ProverPool::discharge_prover(signed(ALICE), block_id));
		}
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
		assert!(!has_record(ALICE));
	});
}
