//! Suspensions (R10) and the track record (R11). What a cancelled slash does to them is in `deferral.rs`.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::OpenReason;
use sp_core::U256;

use crate::{mock::*, Listing, MemberStatus, Offer, TrackRecord};

/// Two misses in a row suspend for 50.
fn one_prover() -> ExtBuilder {
	ExtBuilder::default().suspension(2, 50).provers(&[(ALICE, 1_000, 100, 4)])
}

fn miss(block_id: u64) {
	assign(block_id, ALICE);
	assert_ok!(slash(block_id, 0));
}

fn suspended(until: Moment) -> Event {
	Event::Suspended { who: ALICE, until }
}

fn misses_in_a_row() -> u32 {
	staker(ALICE).record.misses_in_a_row
}

#[test]
fn max_misses_in_a_row_suspend_at_once() {
	one_prover().build_and_execute(|| {
		miss(1);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
		advance_clock(5);
		assign(2, ALICE);
		System::reset_events();
		assert_ok!(slash(2, 0));
		assert_eq!(pool_events(), [slashed(2, ALICE, 0, 47), suspended(START + 55)]);
		assert_eq!(
			prover_row(ALICE).unwrap().status,
			MemberStatus::Suspended { until: START + 55 }
		);
		assert_eq!(slot(1), Some(ALICE));
		assert_eq!(ProverPool::get_capacity(), 0);
		assert_eq!(draw(3, FEE, U256::zero()), Some(open(OpenReason::EmptyPool)));
	});
}

#[test]
fn misses_that_are_not_in_a_row_do_not_suspend() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=6 {
			miss(block_id);
			assign(100, ALICE);
			// A release is not the end of an assignment, a discharge is.
			assert_ok!(release(100));
			assert_eq!(misses_in_a_row(), 1);
			assert_ok!(discharge(100));
			assert_eq!(misses_in_a_row(), 0);
		}
		assert_eq!(staker(ALICE).suspended_until, None);
	});
}

#[test]
fn without_max_misses_no_account_is_suspended() {
	one_prover().suspension(0, 50).build_and_execute(|| {
		for block_id in 1..=30 {
			miss(block_id);
		}
		assert_eq!(misses_in_a_row(), 30);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
	});
}

#[test]
fn a_suspended_member_resumes_one_moment_after_the_end() {
	one_prover().build_and_execute(|| {
		miss(1);
		miss(2);
		assert_noop!(resume(ALICE), Error::StillSuspended);
		assert_noop!(pause(ALICE), Error::AlreadyPaused);
		advance_clock(50);
		assert_noop!(resume(ALICE), Error::StillSuspended);
		advance_clock(1);
		// It does not end before the member resumes.
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Paused);
		assert_eq!(seed_for(ALICE, FEE), None);
		System::reset_events();
		assert_ok!(resume(ALICE));
		assert_eq!(pool_events(), [Event::Resumed { who: ALICE }]);
		assert_eq!(staker(ALICE).suspended_until, None);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
	});
}

#[test]
fn the_next_miss_after_a_suspension_suspends_again_until_work_is_done() {
	one_prover().build_and_execute(|| {
		miss(1);
		miss(2);
		advance_clock(51);
		assert_ok!(resume(ALICE));
		miss(3);
		assert_noop!(resume(ALICE), Error::StillSuspended);
		advance_clock(51);
		assert_ok!(resume(ALICE));
		assign(4, ALICE);
		assert_ok!(discharge(4));
		miss(5);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
	});
}

#[test]
fn a_suspended_account_enters_paused() {
	one_prover().build_and_execute(|| {
		miss(1);
		miss(2);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(
			prover_row(ALICE).unwrap().status,
			MemberStatus::Suspended { until: START + 50 }
		);
		assert!(prover(ALICE).unwrap().paused);
		assert_noop!(resume(ALICE), Error::StillSuspended);
		assert_eq!(ProverPool::get_capacity(), 0);
		advance_clock(40);
		assert_ok!(resume(ALICE));
		assert_eq!(ProverPool::get_capacity(), 4);
	});
}

#[test]
fn work_already_assigned_stays_due() {
	one_prover().build_and_execute(|| {
		assign(9, ALICE);
		miss(1);
		miss(2);
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
		assert_ok!(release(9));
		// 903 · 20 % / 4.
		assert_eq!(slash(9, 0), Ok(45));
		assert_eq!(misses_in_a_row(), 3);
	});
}

#[test]
fn a_miss_during_a_suspension_extends_it() {
	one_prover().build_and_execute(|| {
		assign(9, ALICE);
		miss(1);
		miss(2);
		advance_clock(20);
		System::reset_events();
		assert_eq!(slash(9, 0), Ok(45));
		assert_eq!(pool_events(), [slashed(9, ALICE, 0, 45), suspended(START + 70)]);
	});
}

#[test]
fn a_former_member_is_suspended_too_and_its_record_stays() {
	one_prover().build_and_execute(|| {
		assign(8, ALICE);
		assign(9, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(slash(8, 0));
		System::reset_events();
		assert_eq!(slash(9, 1_000), Ok(950));
		assert_eq!(pool_events(), [slashed(9, ALICE, 950, 0), suspended(START + 61)]);
		// Nothing is left but the suspension.
		assert!(has_record(ALICE));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert!(prover(ALICE).unwrap().paused);
	});
}

#[test]
fn an_ejection_comes_after_the_suspension() {
	one_prover().build_and_execute(|| {
		miss(1);
		assign(2, ALICE);
		System::reset_events();
		assert_eq!(slash(2, 1_000), Ok(950));
		assert_eq!(
			pool_events(),
			[
				slashed(2, ALICE, 0, 950),
				suspended(START + 50),
				Event::Exited { who: ALICE, amount: 0, exit: None, forced: true },
			]
		);
		assert_eq!(staker(ALICE).suspended_until, Some(START + 50));
	});
}

#[test]
fn a_suspension_without_end_does_not_wrap() {
	one_prover().suspension(1, Moment::MAX).build_and_execute(|| {
		miss(1);
		Now::set(Moment::MAX);
		assert_noop!(resume(ALICE), Error::StillSuspended);
	});
}

// With an entry delay.

#[test]
fn a_suspension_reaches_draws_at_once_whatever_waits() {
	ExtBuilder::default()
		.entry_delay(10)
		.suspension(1, 50)
		.provers(&[(ALICE, 1_000, 100, 4)])
		.build_and_execute(|| {
			assign(1, ALICE);
			assert_ok!(set_terms(ALICE, 90, 6));
			assert_ok!(slash(1, 0));
			assert_eq!(ProverPool::get_capacity(), 0);
			let paused = Offer { stake: 950, reward_per_gas: 100, max_capacity: 4, paused: true };
			assert_eq!(prover(ALICE).unwrap().listing, Listing::Changing(paused));
			run_blocks(10);
			assert_eq!(ProverPool::get_capacity(), 0);
			// A resumption is a change like others.
			advance_clock(51);
			assert_ok!(resume(ALICE));
			assert_eq!(ProverPool::get_capacity(), 0);
			run_blocks(10);
			assert_eq!(ProverPool::get_capacity(), 6);
		});
}

#[test]
fn an_entering_member_that_is_suspended_is_listed_paused() {
	ExtBuilder::default()
		.entry_delay(5)
		.suspension(1, 50)
		.provers(&[(ALICE, 1_000, 100, 4)])
		.build_and_execute(|| {
			assign(1, ALICE);
			advance_clock(11);
			assert_ok!(stake(ALICE, 1_000, 100, 4));
			assert_ok!(slash(1, 0));
			run_blocks(5);
			assert_eq!(prover(ALICE).unwrap().listing, Listing::Current);
			assert_eq!(ProverPool::get_capacity(), 0);
		});
}

// R11.

#[test]
fn the_track_record_counts_draws_and_how_they_ended() {
	one_prover().suspension(0, 0).build_and_execute(|| {
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		let record = || prover_row(ALICE).unwrap().record;
		let counts = |served, missed, misses_in_a_row| TrackRecord {
			assigned: 4,
			served,
			missed,
			misses_in_a_row,
		};
		assert_eq!(record(), counts(0, 0, 0));
		assert_ok!(release(1));
		assert_eq!(record(), counts(0, 0, 0));
		assert_ok!(slash(1, 0));
		assert_ok!(slash(2, 0));
		assert_eq!(record(), counts(0, 2, 2));
		assert_ok!(discharge(3));
		assert_eq!(record(), counts(1, 2, 0));
		// A request that is cancelled was never drawn.
		assert_ok!(request(9));
		assert_ok!(discharge(9));
		assert_eq!(record(), counts(1, 2, 0));
		// Its own discharge of an old assignment is served too.
		advance_clock(401);
		assert_ok!(ProverPool::discharge_prover(signed(ALICE), 4));
		assert_eq!(record(), counts(2, 2, 0));
		// It outlasts a membership, and ends with the record.
		assert_ok!(exit(ALICE));
		assert_eq!(ProverPool::get_staker(ALICE).record, counts(2, 2, 0));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(ProverPool::get_staker(ALICE).record, TrackRecord::default());
	});
}
