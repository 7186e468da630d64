//! Nobody is suspended while that would leave too much of the listed stake paused (R10).

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::BlockId;
use sp_runtime::Perbill;

use crate::{mock::*, MemberStatus};

const QUARTER: Perbill = Perbill::from_percent(25);

/// One miss suspends for 50. A slash takes a fifth of the stake, divided by the capacity of 4.
fn with_share(share: Perbill, provers: &[(AccountId, Balance)]) -> ExtBuilder {
	let provers: Vec<_> = provers.iter().map(|(who, stake)| (*who, *stake, 100, 4)).collect();
	ExtBuilder::default().suspension(1, 50).max_paused_share(share).provers(&provers)
}

/// The account misses a block. Returns the events.
fn miss(block_id: BlockId, who: AccountId) -> Vec<Event> {
	assign(block_id, who);
	missed(block_id)
}

/// The prover of the block misses it. Returns the events.
fn missed(block_id: BlockId) -> Vec<Event> {
	System::reset_events();
	assert_ok!(slash(block_id, 0));
	pool_events()
}

fn suspended(who: AccountId, until: Moment) -> Event {
	Event::Suspended { who, until }
}

fn status(who: AccountId) -> MemberStatus<Moment> {
	prover_row(who).unwrap().status
}

#[test]
fn exactly_the_share_may_be_paused() {
	// A quarter of 3,800 is 950. A quarter of 3,799 is less.
	with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_850)]).build_and_execute(|| {
		assert_eq!(miss(1, ALICE), [slashed(1, ALICE, 0, 50), suspended(ALICE, START + 50)]);
		assert_eq!(status(ALICE), MemberStatus::Suspended { until: START + 50 });
		assert_eq!(ProverPool::get_capacity(), 4);
	});
	with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_849)]).build_and_execute(|| {
		assert_eq!(miss(1, ALICE), [slashed(1, ALICE, 0, 50)]);
		assert_eq!((status(ALICE), staker(ALICE).suspended_until), (MemberStatus::Active, None));
		assert_eq!(ProverPool::get_capacity(), 8);
	});
}

#[test]
fn misses_stay_counted_and_the_next_one_tries_again() {
	with_share(Perbill::from_percent(20), &[(ALICE, 1_000), (BOB, 2_850)]).build_and_execute(
		|| {
			assert_eq!(miss(1, ALICE), [slashed(1, ALICE, 0, 50)]);
			assert_eq!(miss(2, ALICE), [slashed(2, ALICE, 0, 47)]);
			assert_eq!(staker(ALICE).record.misses_in_a_row, 2);
			// More stake than hers suspends nobody without a miss.
			System::reset_events();
			assert_ok!(stake_extra(BOB, 2_000));
			run_blocks(1);
			assert_eq!(pool_events(), [Event::StakeIncreased { who: BOB, amount: 2_000 }]);
			assert_eq!(miss(3, ALICE), [slashed(3, ALICE, 0, 45), suspended(ALICE, START + 50)]);
		},
	);
}

#[test]
fn work_that_is_done_forgets_the_misses_that_did_not_suspend() {
	with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_000)]).suspension(2, 50).build_and_execute(
		|| {
			for block_id in 1..=3 {
				assert_eq!(miss(block_id, ALICE).len(), 1);
			}
			assign(4, ALICE);
			assert_ok!(discharge(4));
			MaxPausedShare::set(Perbill::one());
			assert_eq!(miss(5, ALICE).len(), 1);
			assert_eq!(miss(6, ALICE).pop(), Some(suspended(ALICE, START + 50)));
		},
	);
}

#[test]
fn stake_that_is_paused_by_choice_counts() {
	// With Bob 1,950 of 3,850 would be paused, without him 950.
	let pool = [(ALICE, 1_000), (BOB, 1_000), (CAROL, 1_900)];
	with_share(Perbill::from_percent(50), &pool).build_and_execute(|| {
		assert_ok!(pause(BOB));
		assert_eq!(miss(1, ALICE), [slashed(1, ALICE, 0, 50)]);
		assert_ok!(resume(BOB));
		assert_eq!(miss(2, ALICE), [slashed(2, ALICE, 0, 47), suspended(ALICE, START + 50)]);
	});
}

#[test]
fn a_pause_that_draws_do_not_know_yet_does_not_count() {
	let pool = [(ALICE, 1_000), (BOB, 1_000), (CAROL, 1_900)];
	with_share(Perbill::from_percent(50), &pool).entry_delay(10).build_and_execute(|| {
		assign(1, ALICE);
		assert_ok!(pause(BOB));
		assert_eq!(missed(1), [slashed(1, ALICE, 0, 50), suspended(ALICE, START + 50)]);
	});
}

#[test]
fn suspended_members_count_until_draws_know_that_they_resumed() {
	let pool = [(ALICE, 1_000), (BOB, 1_000), (CAROL, 1_800)];
	with_share(Perbill::from_percent(50), &pool).entry_delay(2).build_and_execute(|| {
		assign(1, ALICE);
		(2..=4).for_each(|block_id| assign(block_id, BOB));
		assert_eq!(missed(1).pop(), Some(suspended(ALICE, START + 50)));
		// A suspension that is over leaves her paused.
		advance_clock(51);
		assert_eq!(missed(2), [slashed(2, BOB, 0, 50)]);
		assert_ok!(resume(ALICE));
		assert_eq!(missed(3), [slashed(3, BOB, 0, 47)]);
		run_blocks(2);
		assert_eq!(missed(4), [slashed(4, BOB, 0, 45), suspended(BOB, START + 101)]);
	});
}

#[test]
fn members_that_leave_paused_take_their_stake_along() {
	let pool = [(ALICE, 1_000), (BOB, 1_000), (CAROL, 1_900)];
	with_share(Perbill::from_percent(50), &pool).build_and_execute(|| {
		assert_ok!(pause(BOB));
		assign(1, ALICE);
		advance_clock(11);
		assert_ok!(exit(BOB));
		// 950 of 2,850.
		assert_eq!(missed(1), [slashed(1, ALICE, 0, 50), suspended(ALICE, START + 61)]);
	});
}

#[test]
fn a_suspension_is_not_extended_beyond_the_share() {
	with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_850)]).build_and_execute(|| {
		(1..=3).for_each(|block_id| assign(block_id, ALICE));
		assert_eq!(missed(1).pop(), Some(suspended(ALICE, START + 50)));
		advance_clock(20);
		// Her stake is paused already, and counts once.
		assert_eq!(missed(2), [slashed(2, ALICE, 0, 47), suspended(ALICE, START + 70)]);
		assert_ok!(unstake(BOB, 1_000));
		assert_eq!(missed(3), [slashed(3, ALICE, 0, 45)]);
		assert_eq!(status(ALICE), MemberStatus::Suspended { until: START + 70 });
		assert_noop!(resume(ALICE), Error::StillSuspended);
	});
}

#[test]
fn a_member_with_more_than_the_share_is_never_suspended() {
	with_share(Perbill::from_percent(99), &[(ALICE, 1_000)]).build_and_execute(|| {
		for block_id in 1..=9 {
			assert_eq!(miss(block_id, ALICE).len(), 1);
		}
		assert_eq!((status(ALICE), staker(ALICE).suspended_until), (MemberStatus::Active, None));
	});
}

#[test]
fn a_former_member_adds_nothing() {
	with_share(Perbill::from_parts(1), &[(ALICE, 1_000), (BOB, 1_000)]).build_and_execute(|| {
		(1..=3).for_each(|block_id| assign(block_id, ALICE));
		assert_eq!(missed(1), [slashed(1, ALICE, 0, 50)]);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(missed(2), [slashed(2, ALICE, 47, 0), suspended(ALICE, START + 61)]);
		// But others may have paused too much already.
		assert_ok!(pause(BOB));
		assert_eq!(missed(3), [slashed(3, ALICE, 45, 0)]);
	});
}

#[test]
fn an_entering_member_adds_nothing_until_it_is_listed() {
	let pool = [(ALICE, 1_000), (BOB, 1_000)];
	with_share(QUARTER, &pool).entry_delay(5).build_and_execute(|| {
		(1..=3).for_each(|block_id| assign(block_id, ALICE));
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(missed(1), [slashed(1, ALICE, 0, 50), suspended(ALICE, START + 61)]);
		assert_eq!(missed(2), [slashed(2, ALICE, 0, 47), suspended(ALICE, START + 61)]);
		run_blocks(5);
		assert_eq!(missed(3), [slashed(3, ALICE, 0, 45)]);
	});
}

#[test]
fn a_larger_stake_that_waits_does_not_count() {
	let pool = [(ALICE, 1_000), (BOB, 2_849)];
	with_share(QUARTER, &pool).entry_delay(5).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, ALICE);
		assert_ok!(stake_extra(BOB, 5_000));
		assert_eq!(missed(1), [slashed(1, ALICE, 0, 50)]);
		run_blocks(5);
		assert_eq!(missed(2), [slashed(2, ALICE, 0, 47), suspended(ALICE, START + 50)]);
	});
}

// With deferred slashes.

fn cancel(block_id: BlockId) -> Vec<Event> {
	System::reset_events();
	assert_ok!(ProverPool::cancel_slash(RuntimeOrigin::root(), block_id));
	pool_events()
}

#[test]
fn a_cancelled_slash_takes_back_a_miss_that_did_not_suspend() {
	let builder = with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_000)]);
	builder.suspension(2, 50).slash_deferral(60).build_and_execute(|| {
		assert_eq!(miss(1, ALICE).len(), 2);
		let deferred = Event::SlashDeferred { block_id: 2, due_at: START + 60 };
		assert_eq!(miss(2, ALICE), [slashed(2, ALICE, 0, 47), deferred]);
		let cancelled = Event::SlashCancelled { block_id: 2, who: ALICE, amount: 47 };
		assert_eq!(cancel(2), [cancelled]);
		assert_eq!(
			(status(ALICE), staker(ALICE).record.misses_in_a_row),
			(MemberStatus::Active, 1)
		);
	});
}

#[test]
fn a_suspension_stays_while_enough_misses_stand_that_did_not_suspend() {
	let builder = with_share(QUARTER, &[(ALICE, 1_000), (BOB, 2_000)]);
	builder.suspension(2, 50).slash_deferral(60).build_and_execute(|| {
		(1..=3).for_each(|block_id| assert!(miss(block_id, ALICE).len() == 2));
		MaxPausedShare::set(Perbill::one());
		assert_eq!(miss(4, ALICE)[1], suspended(ALICE, START + 50));
		for block_id in [4, 2] {
			assert_eq!(cancel(block_id).len(), 1);
			assert_eq!(status(ALICE), MemberStatus::Suspended { until: START + 50 });
		}
		assert_eq!(cancel(1)[0], Event::SuspensionEnded { who: ALICE });
		assert_eq!(status(ALICE), MemberStatus::Paused);
	});
}
