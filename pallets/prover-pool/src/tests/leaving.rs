//! Leaving the pool (R2).

use frame_support::{assert_noop, assert_ok};

use crate::mock::*;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

#[test]
fn a_departure_turns_the_stake_into_an_exit() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		assert_eq!(slot(1), None);
		assert_eq!(prover(ALICE), None);
		assert_eq!(
			staker(ALICE),
			Staker {
				max_capacity: 4,
				exits: vec![an_exit(0, 1_000, START + 111)].try_into().unwrap(),
				..Default::default()
			}
		);
		assert_eq!(ProverPool::get_capacity(), 0);
	});
}

#[test]
fn three_zeroes_are_an_exit() {
	one_prover().build_and_execute(|| {
		assert_noop!(stake(ALICE, 0, 0, 0), Error::ChangeTooFrequent);
		assert_noop!(stake(BOB, 0, 0, 0), Error::NotInPool);
		advance_clock(11);
		assert_ok!(stake(ALICE, 0, 0, 0));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0)]);
		advance_clock(101);
		assert_ok!(stake(ALICE, 0, 0, 0));
		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000)]);
	});
}

#[test]
fn the_change_delay_ends_one_moment_after_it_is_over() {
	one_prover().build_and_execute(|| {
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(10);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		assert_noop!(stake(ALICE, 2_000, 100, 4), Error::ChangeTooFrequent);
		assert_noop!(unstake(ALICE, 100), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(exit(ALICE));
	});
}

#[test]
fn only_entries_start_the_change_delay() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake_extra(ALICE, 100));
		assert_ok!(unstake(ALICE, 100));
		assert_ok!(restake(ALICE, 0));
		assert_ok!(set_terms(ALICE, 90, 5));
		assert_ok!(pause(ALICE));
		assert_ok!(resume(ALICE));
		assert_ok!(unstake(ALICE, 100));
		// An entry does.
		assert_ok!(stake(ALICE, 1_000, 90, 4));
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		assert_noop!(unstake(ALICE, 100), Error::ChangeTooFrequent);
		advance_clock(10);
		assert_noop!(stake(ALICE, 1_000, 90, 4), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(stake(ALICE, 1_000, 90, 4));
	});
}

#[test]
fn the_change_delay_is_for_members_only() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 5_000, 100, 4)])
		.build_and_execute(|| {
			// Alice entered just now, is replaced, and may come back at once.
			assert_ok!(stake(CAROL, 1_001, 100, 4));
			assert_eq!(slot(1), Some(CAROL));
			assert_ok!(stake(ALICE, 1_002, 100, 4));
			assert_eq!(slot(1), Some(ALICE));
		});
}

#[test]
fn a_departure_pays_out_free_exits_first() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		advance_clock(101);
		System::reset_events();
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 600), exited(ALICE, 400, 0)]);
		assert_eq!(held(ALICE), 400);
	});
}

#[test]
fn an_exit_without_membership_pays_out_or_is_refused() {
	one_prover().build_and_execute(|| {
		assert_noop!(exit(BOB), Error::NotInPool);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_noop!(exit(ALICE), Error::NotInPool);
		advance_clock(100);
		assert_noop!(exit(ALICE), Error::NotInPool);
		advance_clock(1);
		System::reset_events();
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000)]);
		assert!(!has_record(ALICE));
		assert_noop!(exit(ALICE), Error::NotInPool);
	});
}

#[test]
fn a_member_refused_for_the_delay_is_not_paid_either() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		advance_clock(101);
		// The exit is free, the departure too early: nothing happens.
		MinChangeDelay::set(200);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		assert_noop!(stake(ALICE, 400, 100, 4), Error::ChangeTooFrequent);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 400);
	});
}

#[test]
fn the_change_delay_is_a_live_parameter_and_never_wraps() {
	one_prover().build_and_execute(|| {
		MinChangeDelay::set(Moment::MAX);
		advance_clock(1_000);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		MinChangeDelay::set(0);
		assert_ok!(exit(ALICE));
	});
}

#[test]
fn system_blocks_are_not_the_clock_of_periods() {
	one_prover().build_and_execute(|| {
		run_blocks(500);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		run_blocks(500);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}
