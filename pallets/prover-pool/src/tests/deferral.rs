//! Deferred slashes: applied when they are due, or cancelled before (R7).

use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};
use prover_pool_primitives::{BlockId, PoolError};
use sp_runtime::{traits::BadOrigin, DispatchResult, TokenError};

use crate::{
	mock::*, MemberStatus, PendingSlash, PendingSlashes, SlashSchedule, TrackRecord, WeightInfo,
};

const DEFERRAL: Moment = 60;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().slash_deferral(DEFERRAL).provers(&[(ALICE, 1_000, 100, 4)])
}

fn apply(who: AccountId, block_id: BlockId) -> DispatchResult {
	ProverPool::apply_slash(signed(who), block_id)
}

fn cancel(block_id: BlockId) -> DispatchResult {
	ProverPool::cancel_slash(RuntimeOrigin::root(), block_id)
}

fn pending_slashes() -> Vec<BlockId> {
	SlashSchedule::<Test>::iter_keys().map(|key| key.id()).collect()
}

fn deferred(block_id: BlockId, due_at: Moment) -> Event {
	Event::SlashDeferred { block_id, due_at }
}

fn applied(block_id: BlockId, who: AccountId, amount: Balance) -> Event {
	Event::SlashApplied { block_id, who, amount }
}

fn cancelled(block_id: BlockId, who: AccountId, amount: Balance) -> Event {
	Event::SlashCancelled { block_id, who, amount }
}

#[test]
fn a_deferred_slash_leaves_the_records_at_once_and_stays_on_hold() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(5);
		System::reset_events();
		assert_eq!(slash_for(7, 0, BOB, 30), Ok(50));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 50), deferred(7, START + 65)]);
		assert_eq!(prover(ALICE).unwrap().stake, 950);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		// Neither the reporter nor `OnSlash` has anything yet.
		assert_eq!((free(BOB), Slashes::get()), (START_BALANCE, vec![]));
		assert_eq!(
			PendingSlashes::<Test>::get(7),
			Some(PendingSlash {
				who: ALICE,
				amount: 50,
				fault: prover_pool_primitives::Fault::Late,
				reporter: Some((BOB, 30)),
				due_at: START + 65,
				suspended_until: None,
				served: 0,
			})
		);
		// What is pending does not answer for anything, and cannot be withdrawn.
		assign(8, ALICE);
		assert_eq!(slash(8, 1_000), Ok(950));
		assert_eq!(held(ALICE), 1_000);
		assert!(!has_record(ALICE));
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}

#[test]
fn without_deferral_no_slash_is_pending() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		assert_eq!(held(ALICE), 950);
		assert_noop!(apply(BOB, 7), Error::NoPendingSlash);
		assert_noop!(cancel(7), Error::NoPendingSlash);
		assert_ok!(request(7));
	});
}

#[test]
fn an_id_is_refused_while_its_slash_is_pending() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		assert_noop!(
			ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE),
			Error::AlreadyAssigned
		);
		// Its assignment is closed.
		assert_noop!(release(7), PoolError::UnknownBlock);
		assert_noop!(slash(7, 0), PoolError::UnknownBlock);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
		assert_ok!(cancel(7));
		assert_ok!(request(7));
	});
}

// Application.

#[test]
fn any_account_applies_a_slash_that_is_due() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash_for(7, 0, BOB, 30));
		advance_clock(59);
		assert_noop!(apply(CAROL, 7), Error::SlashNotDue);
		assert_noop!(ProverPool::apply_slash(RuntimeOrigin::root(), 7), BadOrigin);
		assert_noop!(apply(CAROL, 8), Error::NoPendingSlash);
		advance_clock(1);
		System::reset_events();
		assert_ok!(apply(CAROL, 7));
		assert_eq!(pool_events(), [applied(7, ALICE, 50)]);
		assert_eq!((held(ALICE), free(ALICE)), (950, 9_000));
		assert_eq!((free(BOB), Slashes::get()), (START_BALANCE + 30, vec![20]));
		// Once.
		assert_noop!(apply(CAROL, 7), Error::NoPendingSlash);
		assert_noop!(cancel(7), Error::NoPendingSlash);
		assert_ok!(request(7));
	});
}

#[test]
fn the_date_is_that_of_the_slash() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		SlashDeferral::set(0);
		assert_noop!(apply(CAROL, 7), Error::SlashNotDue);
		advance_clock(60);
		SlashDeferral::set(1_000);
		assert_ok!(apply(CAROL, 7));
	});
}

#[test]
fn a_deferral_without_end_does_not_wrap() {
	one_prover().build_and_execute(|| {
		SlashDeferral::set(Moment::MAX);
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		Now::set(Moment::MAX - 1);
		assert_noop!(apply(CAROL, 7), Error::SlashNotDue);
		assert_ok!(cancel(7));
	});
}

#[test]
fn a_slash_of_nothing_is_pending_like_others() {
	one_prover().build_and_execute(|| {
		SlashPoints::set(sp_runtime::Perbill::zero());
		assign(7, ALICE);
		assert_eq!(slash(7, 0), Ok(0));
		advance_clock(60);
		System::reset_events();
		assert_ok!(apply(CAROL, 7));
		assert_eq!(pool_events(), [applied(7, ALICE, 0)]);
		assert_eq!(Slashes::get(), []);
	});
}

// on_idle.

/// Runs the hook with a weight and returns what it consumed.
fn idle(weight: Weight) -> Weight {
	ProverPool::on_idle(System::block_number(), weight)
}

fn look() -> Weight {
	<Test as frame_system::Config>::DbWeight::get().reads(1)
}

fn each() -> Weight {
	look() + <Test as crate::Config>::WeightInfo::apply_slash()
}

#[test]
fn blocks_apply_due_slashes_by_themselves() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		advance_clock(59);
		run_blocks(1);
		assert_eq!(pending_slashes(), [7]);
		advance_clock(1);
		System::reset_events();
		run_blocks(1);
		assert_eq!(pool_events(), [applied(7, ALICE, 50)]);
		assert_eq!((held(ALICE), pending_slashes()), (950, vec![]));
	});
}

#[test]
fn idle_weight_is_never_exceeded_and_the_oldest_are_applied_first() {
	one_prover().build_and_execute(|| {
		IdleWeight::set(Weight::zero());
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		// Due in the order 3, 1, 2; then 4, too young.
		assert_ok!(slash(3, 0));
		advance_clock(1);
		assert_ok!(slash(2, 0));
		assert_ok!(slash(1, 0));
		advance_clock(59);
		assert_ok!(slash(4, 0));
		assert_eq!(pending_slashes(), [3, 1, 2, 4]);
		advance_clock(1);
		System::reset_events();

		for weight in [Weight::zero(), look() - Weight::from_parts(1, 0)] {
			assert_eq!(idle(weight), Weight::zero());
		}
		for short in [Weight::from_parts(1, 0), Weight::from_parts(0, 1)] {
			assert_eq!(idle(look() + each() - short), look());
		}
		assert_eq!(pool_events(), []);

		assert_eq!(idle(look() + each()), look() + each());
		assert_eq!(pool_events(), [applied(3, ALICE, 50)]);
		assert_eq!(idle(Weight::MAX), look() + each() * 2);
		assert_eq!(pending_slashes(), [4]);
		assert_eq!(idle(Weight::MAX), look());
	});
}

// Cancellation.

#[test]
fn a_cancelled_slash_returns_the_tokens_and_takes_back_one_miss() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(slash(7, 0));
		assert_ok!(slash_for(8, 0, BOB, 30));
		assert_eq!(
			staker(ALICE).record,
			TrackRecord { assigned: 2, served: 0, missed: 2, misses_in_a_row: 2 }
		);
		System::reset_events();
		assert_ok!(cancel(8));
		assert_eq!(pool_events(), [cancelled(8, ALICE, 47)]);
		// They are free tokens, not stake.
		assert_eq!((held(ALICE), free(ALICE)), (953, 9_047));
		assert_eq!(prover(ALICE).unwrap().stake, 903);
		assert_eq!((free(BOB), Slashes::get()), (START_BALANCE, vec![]));
		assert_eq!(
			staker(ALICE).record,
			TrackRecord { assigned: 2, served: 0, missed: 1, misses_in_a_row: 1 }
		);
		// Cancelled slashes cannot be applied, nor cancelled again.
		advance_clock(1_000);
		assert_noop!(apply(CAROL, 8), Error::NoPendingSlash);
		assert_noop!(cancel(8), Error::NoPendingSlash);
		run_blocks(1);
		assert_eq!((held(ALICE), Slashes::get()), (903, vec![50]));
	});
}

#[test]
fn only_the_cancel_origin_cancels_and_only_before_the_date() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(slash(7, 0));
		assert_ok!(slash(8, 0));
		for origin in [signed(ALICE), RuntimeOrigin::none()] {
			assert_noop!(ProverPool::cancel_slash(origin, 7), BadOrigin);
		}
		assert_noop!(cancel(9), Error::NoPendingSlash);
		advance_clock(59);
		assert_ok!(cancel(8));
		advance_clock(1);
		assert_noop!(cancel(7), Error::SlashDue);
		assert_ok!(apply(ALICE, 7));
	});
}

#[test]
fn a_cancelled_slash_does_not_restore_a_lost_slot() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 1_000));
		assert_eq!((slot(1), has_record(ALICE)), (None, false));
		assert_ok!(cancel(7));
		assert_eq!((slot(1), has_record(ALICE)), (None, false));
		assert_eq!((held(ALICE), free(ALICE)), (0, START_BALANCE));
	});
}

#[test]
fn a_cancellation_ends_the_suspension_that_the_slash_caused() {
	one_prover().suspension(2, 500).build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(slash(7, 0));
		System::reset_events();
		assert_ok!(slash(8, 0));
		assert_eq!(
			pool_events(),
			[
				slashed(8, ALICE, 0, 47),
				Event::Suspended { who: ALICE, until: START + 500 },
				deferred(8, START + 60),
			]
		);
		assert_ok!(cancel(8));
		assert_eq!(pool_events(), [Event::SuspensionEnded { who: ALICE }, cancelled(8, ALICE, 47)]);
		assert_eq!(staker(ALICE).suspended_until, None);
		// Paused until it resumes.
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Paused);
		assert_ok!(resume(ALICE));
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
	});
}

#[test]
fn a_cancellation_of_one_of_the_misses_in_a_row_ends_the_suspension() {
	one_prover().suspension(2, 500).build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(slash(7, 0));
		assert_ok!(slash(8, 0));
		System::reset_events();
		// Without it the other would not have suspended the account.
		assert_ok!(cancel(7));
		assert_eq!(pool_events(), [Event::SuspensionEnded { who: ALICE }, cancelled(7, ALICE, 50)]);
		assert_ok!(resume(ALICE));
	});
}

#[test]
fn a_suspension_stays_while_enough_misses_stand() {
	one_prover().suspension(2, 500).build_and_execute(|| {
		for block_id in 7..=9 {
			assign(block_id, ALICE);
		}
		for block_id in 7..=9 {
			assert_ok!(slash(block_id, 0));
		}
		// The last one set the end of the suspension; two are left without it.
		assert_ok!(cancel(9));
		assert_noop!(resume(ALICE), Error::StillSuspended);
		assert_ok!(cancel(8));
		assert_ok!(resume(ALICE));
	});
}

#[test]
fn a_cancellation_of_an_earlier_miss_leaves_misses_and_suspension_of_a_later_row() {
	one_prover().suspension(1, 10).build_and_execute(|| {
		for block_id in 7..=9 {
			assign(block_id, ALICE);
		}
		assert_ok!(slash(7, 0));
		assert_ok!(discharge(8));
		advance_clock(5);
		assert_ok!(slash(9, 0));
		assert_ok!(cancel(7));
		let record = staker(ALICE).record;
		assert_eq!((record.missed, record.misses_in_a_row), (1, 1));
		assert_noop!(resume(ALICE), Error::StillSuspended);
	});
}

#[test]
fn a_suspension_that_is_over_is_not_ended_again() {
	one_prover().suspension(1, 10).build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 0));
		advance_clock(11);
		System::reset_events();
		assert_ok!(cancel(7));
		assert_eq!(pool_events(), [cancelled(7, ALICE, 50)]);
	});
}

#[test]
fn what_a_cancellation_cannot_pay_stays_pending() {
	ExtBuilder::default().slash_deferral(DEFERRAL).balance(ALICE, 1_000).build_and_execute(|| {
		System::inc_providers(&ALICE);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		SlashPoints::set(sp_runtime::Perbill::zero());
		SlashMultiplier::set(1);
		assign(7, ALICE);
		// 9 are less than the existential deposit, and nothing else is free.
		assert_eq!(slash(7, 9), Ok(9));
		assert_noop!(cancel(7), TokenError::CannotCreate);
		set_free(ALICE, 10);
		assert_ok!(cancel(7));
		assert_eq!((free(ALICE), held(ALICE)), (19, 991));
	});
}

#[test]
fn members_leave_and_enter_beside_a_pending_slash() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(slash(7, 100));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(stake(ALICE, 2_000, 100, 4));
		assert_eq!(held(ALICE), 2_400);
		advance_clock(49);
		run_blocks(1);
		assert_eq!(held(ALICE), 2_000);
	});
}
