//! Release and discharge (R6, R8), and what liability does to an exit (R3). Slashes are in `slashing.rs`.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::PoolError;
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, Staker};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

fn duties(who: AccountId) -> (u32, u32) {
	(staker(who).outstanding, staker(who).liable)
}

fn places(who: AccountId) -> u32 {
	prover(who).unwrap().current_capacity
}

fn discharged(block_id: u64, who: AccountId) -> Event {
	Event::ProverDischarged { block_id, who }
}

fn released(block_id: u64, who: AccountId) -> Event {
	Event::ProverReleased { block_id, who }
}

// R6.

#[test]
fn a_release_frees_the_place_and_keeps_the_liability() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		System::reset_events();
		assert_ok!(release(7));

		assert_eq!(pool_events(), [released(7, ALICE)]);
		assert!(assignment(7).unwrap().released);
		assert_eq!(duties(ALICE), (1, 2));
		assert_eq!(places(ALICE), 3);
		assert_eq!(staker(ALICE).liable_since, Some(START));
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
fn a_release_of_a_prover_that_left_counts_when_it_comes_back() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(release(7));
		assert_eq!(duties(ALICE), (0, 1));
		assert_eq!(prover(ALICE), None);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(places(ALICE), 4);
	});
}

#[test]
fn a_release_after_the_slot_went_to_another_leaves_that_one_alone() {
	one_prover().max_provers(1).build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(stake(BOB, 2_000, 100, 3));
		assign(8, BOB);
		assert_ok!(release(7));
		assert_eq!(places(BOB), 2);
		assert_ok!(discharge(7));
		assert_eq!(places(BOB), 2);
	});
}

#[test]
fn the_protocol_origin_releases_and_discharges_and_nobody_else() {
	one_prover().build_and_execute(|| {
		let root = RuntimeOrigin::root;
		assign(7, ALICE);
		for origin in [signed(ALICE), signed(BOB), RuntimeOrigin::none()] {
			assert_noop!(ProverPool::release_prover(origin.clone(), 7), BadOrigin);
			assert_noop!(ProverPool::slash_prover(origin, 7, 5, None), BadOrigin);
		}
		assert_noop!(ProverPool::discharge_prover(RuntimeOrigin::none(), 7), BadOrigin);

		assert_noop!(ProverPool::release_prover(root(), 8), Error::UnknownBlock);
		assert_noop!(ProverPool::slash_prover(root(), 8, 5, None), Error::UnknownBlock);
		assert_noop!(ProverPool::discharge_prover(root(), 8), Error::UnknownBlock);
		assert_ok!(request(8));
		assert_noop!(ProverPool::release_prover(root(), 8), Error::StillPending);
		assert_noop!(ProverPool::slash_prover(root(), 8, 5, None), Error::StillPending);

		System::reset_events();
		assert_ok!(ProverPool::release_prover(root(), 7));
		assert_noop!(ProverPool::release_prover(root(), 7), Error::AlreadyReleased);
		assert_ok!(ProverPool::discharge_prover(root(), 7));
		assert_ok!(ProverPool::discharge_prover(root(), 8));
		assert_eq!(
			pool_events(),
			[released(7, ALICE), discharged(7, ALICE), Event::RequestCancelled { block_id: 8 },]
		);
	});
}

// R8.

#[test]
fn a_discharge_closes_and_returns_the_place() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		System::reset_events();
		assert_ok!(discharge(7));

		assert_eq!(pool_events(), [discharged(7, ALICE)]);
		assert_eq!(assignment(7), None);
		assert!(!crate::AssignmentsOf::<Test>::contains_key(ALICE, 7));
		assert_eq!(duties(ALICE), (0, 0));
		assert_eq!(places(ALICE), 4);
		assert_eq!(staker(ALICE).liable_since, None);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
	});
}

#[test]
fn a_discharge_after_the_release_returns_no_second_place() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(release(7));
		assert_ok!(discharge(7));
		assert_eq!(duties(ALICE), (1, 1));
		assert_eq!(places(ALICE), 3);
	});
}

#[test]
fn the_record_of_a_prover_that_left_ends_with_its_last_duty() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		assert!(!has_record(ALICE));
	});
	one_prover().max_provers(1).build_and_execute(|| {
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
				liable_since: Some(START),
				last_changed_at: Some(START),
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
fn a_prover_discharges_itself_once_its_assignment_is_older_than_the_limit() {
	one_prover().build_and_execute(|| {
		advance_clock(5);
		assign(7, ALICE);
		assert_noop!(ProverPool::discharge_prover(signed(ALICE), 7), Error::NotOverdue);
		advance_clock(400);
		assert_noop!(ProverPool::discharge_prover(signed(ALICE), 7), Error::NotOverdue);
		advance_clock(1);
		System::reset_events();
		assert_ok!(ProverPool::discharge_prover(signed(ALICE), 7));
		assert_eq!(pool_events(), [discharged(7, ALICE)]);
		assert_eq!(duties(ALICE), (0, 0));
	});
}

#[test]
fn nobody_discharges_for_another_and_nothing_too_early() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(request(8));
		let by = |who, block_id| ProverPool::discharge_prover(signed(who), block_id);
		// Whose it is comes before how old it is.
		assert_noop!(by(BOB, 7), Error::NotYourAssignment);
		assert_noop!(by(ALICE, 8), Error::StillPending);
		assert_noop!(by(ALICE, 9), Error::UnknownBlock);
		advance_clock(401);
		assert_noop!(by(BOB, 7), Error::NotYourAssignment);
		assert_noop!(by(ALICE, 8), Error::StillPending);
	});
}

#[test]
fn the_age_is_that_of_the_draw_whatever_was_done_since() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		advance_clock(300);
		aim(7, ALICE, FEE);
		run_blocks(2);
		advance_clock(300);
		assert_ok!(release(7));
		assert_noop!(ProverPool::discharge_prover(signed(ALICE), 7), Error::NotOverdue);
		advance_clock(101);
		// Released, and out of the pool: still its own.
		assert_ok!(exit(ALICE));
		assert_ok!(ProverPool::discharge_prover(signed(ALICE), 7));
	});
}

#[test]
fn a_protocol_that_stops_locks_nothing_for_good() {
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

// R3: an exit is free once nothing has been owed, at its maturity or at any moment after.

/// Alice with 400 staked, and 600 on their way out that mature right after `START + 111`.
fn leave_600() {
	assert_ok!(stake(ALICE, 1_000, 100, 4));
	advance_clock(11);
	assert_ok!(stake(ALICE, 400, 100, 4));
	assert_eq!(staker(ALICE).exit_requested_at, Some(START + 11));
}

#[test]
fn an_exit_is_not_free_while_older_work_is_owed() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(100);
		// Before maturity that is what is said, liable or not.
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		// Delivered is not yet closed.
		assert_ok!(release(7));
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		advance_clock(10_000);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_ok!(discharge(7));
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), (400, 0));
	});
}

#[test]
fn a_departure_does_not_pay_an_exit_that_is_not_free_but_restarts_it() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(101);
		System::reset_events();
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [exited(ALICE, 400, 1_000)]);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		// Nothing to pay, not in the pool.
		advance_clock(101);
		assert_noop!(exit(ALICE), Error::NotInPool);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
	});
}

#[test]
fn work_taken_on_at_the_moment_of_maturity_still_counts() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		advance_clock(100);
		assign(7, ALICE);
		assert_eq!(staker(ALICE).liable_since, Some(START + 111));
		advance_clock(1);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
	});
}

#[test]
fn work_taken_on_one_moment_after_maturity_does_not() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		advance_clock(101);
		assign(7, ALICE);
		assert_eq!(staker(ALICE).liable_since, Some(START + 112));
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), (400, 0));
		assert_eq!(duties(ALICE), (1, 1));
	});
}

#[test]
fn owing_nothing_for_a_moment_after_maturity_frees_an_exit_for_good() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(150);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		// Closed and drawn anew within one moment: the new liability began after maturity.
		assert_ok!(discharge(7));
		assign(8, ALICE);
		assert_eq!(staker(ALICE).liable_since, Some(START + 161));
		assert_ok!(withdraw(ALICE));
	});
}

#[test]
fn owing_nothing_for_a_moment_before_maturity_does_not() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(50);
		assert_ok!(discharge(7));
		assign(8, ALICE);
		advance_clock(100);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
	});
}

#[test]
fn liability_lasts_as_long_as_anything_is_owed_without_a_break() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(150);
		// The next one begins before the last one ends: there is no moment without.
		assign(8, ALICE);
		assert_ok!(discharge(7));
		assert_eq!(staker(ALICE).liable_since, Some(START + 11));
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_ok!(discharge(8));
		assert_ok!(withdraw(ALICE));
	});
}

#[test]
fn what_is_owed_from_before_the_exit_counts_like_what_came_after() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_noop!(exit(ALICE), Error::NotInPool);
		assert_ok!(discharge(7));
		assert_ok!(exit(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
	});
}

#[test]
fn an_exit_that_is_not_free_can_be_staked_again() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(200);
		System::reset_events();
		assert_ok!(stake(ALICE, 700, 100, 4));
		assert_eq!(pool_events(), [staked(ALICE, 700, 100, 3)]);
		assert_eq!(held(ALICE), (700, 300));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 211));
	});
}
