//! Deferred slashes (R7): cancelled twice, applied early, dodged meanwhile.

use super::*;
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::PoolError;
use sp_runtime::traits::BadOrigin;

fn cancel(block_id: u64) -> sp_runtime::DispatchResult {
	ProverPool::cancel_slash(RuntimeOrigin::root(), block_id)
}

fn apply(block_id: u64) -> sp_runtime::DispatchResult {
	ProverPool::apply_slash(signed(FRANK), block_id)
}

/// Runs `test` when Alice is to pay 400 for block 1, of which Eve has reported half; due in 30.
fn slashed_later(test: impl FnOnce()) {
	demo(&[(ALICE, 1_000, 100, 4)]).slash_deferral(30).build_and_execute(|| {
		// `on_idle` has no weight: only calls apply slashes.
		IdleWeight::set(frame_support::weights::Weight::zero());
		assign(1, ALICE);
		assert_eq!(slash_for(1, 100, EVE, 200), Ok(400));
		pool_events();
		test();
	});
}

#[test]
fn deferred_slash_cannot_be_applied_early() {
	slashed_later(|| {
		advance_clock(29);
		assert_noop!(apply(1), Error::SlashNotDue);
		assert_eq!((held(ALICE), wealth(EVE), Slashes::get()), (1_000, START_BALANCE, vec![]));
		advance_clock(1);
		assert_ok!(apply(1));
		assert_eq!(
			(held(ALICE), wealth(EVE), Slashes::get()),
			(600, START_BALANCE + 200, vec![200])
		);
	});
}

#[test]
fn deferred_slash_cannot_be_applied_twice_or_cancelled_then() {
	slashed_later(|| {
		advance_clock(30);
		assert_noop!(cancel(1), Error::SlashDue);
		assert_ok!(apply(1));
		for _ in 0..2 {
			assert_noop!(apply(1), Error::NoPendingSlash);
			assert_noop!(cancel(1), Error::NoPendingSlash);
		}
		assert_eq!((loss(ALICE), held(ALICE)), (400, 600));
	});
}

#[test]
fn deferred_slash_cannot_be_cancelled_twice() {
	slashed_later(|| {
		advance_clock(29);
		assert_noop!(ProverPool::cancel_slash(signed(ALICE), 1), BadOrigin);
		assert_ok!(cancel(1));
		let cancelled = Event::SlashCancelled { block_id: 1, who: ALICE, amount: 400 };
		assert_eq!(pool_events(), [cancelled]);
		assert_eq!((free(ALICE), held(ALICE), staker(ALICE).record.missed), (9_400, 600, 0));
		for wait in [0, 1, 100] {
			advance_clock(wait);
			assert_noop!(cancel(1), Error::NoPendingSlash);
			assert_noop!(apply(1), Error::NoPendingSlash);
		}
		// Nobody is paid for reporting what did not happen.
		assert_eq!((loss(ALICE), wealth(EVE), Slashes::get()), (0, START_BALANCE, vec![]));
	});
}

#[test]
fn deferred_slash_cannot_be_dodged_by_leaving() {
	slashed_later(|| {
		// The amount left her records at once: neither an exit nor a new stake can use it.
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(exits(ALICE), [an_exit(0, 600, START + 111)]);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!((free(ALICE), held(ALICE), has_record(ALICE)), (9_600, 400, false));
		assert_ok!(apply(1));
		assert_eq!((held(ALICE), loss(ALICE), Slashes::get()), (0, 400, vec![200]));
	});
}

#[test]
fn deferred_slash_cannot_be_replaced_by_another_of_its_id() {
	slashed_later(|| {
		assert_noop!(request(1), PoolError::AlreadyAssigned);
		assert_noop!(slash(1, 0), PoolError::UnknownBlock);
		assert_noop!(discharge(1), PoolError::UnknownBlock);
		advance_clock(30);
		assert_noop!(request(1), PoolError::AlreadyAssigned);
		assert_ok!(apply(1));
		assert_ok!(request(1));
	});
}

#[test]
fn cancelled_slash_cannot_restore_a_slot_or_a_later_suspension() {
	let pool = [(EVE, 200, 100, 4)];
	demo(&pool).slash_deferral(30).suspension(2, 50).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		assert_eq!(slash(1, 10), Ok(40));
		assert_eq!(slash(2, 10), Ok(40));
		assert_eq!(staker(EVE).suspended_until, Some(START + 50));
		// Below half of the minimum after the third.
		advance_clock(5);
		assert_eq!(slash(3, 10), Ok(40));
		assert_eq!((prover(EVE), staker(EVE).suspended_until), (None, Some(START + 55)));
		// The second slash caused a suspension that a later one has prolonged: it goes on.
		assert_ok!(cancel(2));
		assert_eq!(staker(EVE).suspended_until, Some(START + 55));
		assert_ok!(cancel(3));
		assert_eq!(staker(EVE).suspended_until, None);
		assert_eq!((prover(EVE), staker(EVE).record.misses_in_a_row), (None, 1));
		// The exit of 80 and what was cancelled are hers; the first slash is pending.
		assert_eq!((held(EVE), free(EVE)), (120, 9_880));
	});
}

/// What remains: a record that is lost with the last tokens forgets its misses, and a pending slash does not know.
#[test]
fn cancelled_slash_of_a_lost_record_takes_a_miss_from_the_new_one() {
	demo(&[(EVE, 200, 100, 4)]).slash_deferral(30).suspension(2, 50).build_and_execute(|| {
		assign(1, EVE);
		assert_eq!(slash(1, 50), Ok(200));
		assert!(!has_record(EVE));
		assert_ok!(stake(EVE, 400, 100, 4));
		for block_id in [2, 3] {
			assign(block_id, EVE);
			assert_eq!(slash(block_id, 10), Ok(40));
		}
		assert_eq!(staker(EVE).suspended_until, Some(START + 50));
		assert_ok!(cancel(1));
		let record = staker(EVE).record;
		assert_eq!((record.missed, record.misses_in_a_row), (1, 1));
		assert_eq!((staker(EVE).suspended_until, held(EVE)), (None, 400));
	});
}
