//! Slashes: how much, from what, to which account, and what becomes of the prover (R7, D16).
//! Deferred ones are in `deferral.rs`.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::{Fault, PoolError};
use sp_runtime::Perbill;

use crate::mock::*;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

/// Turns parts of Alice's stake into exits, one after the other.
fn unstake_each<const N: usize>(amounts: [Balance; N]) {
	advance_clock(11);
	for amount in amounts {
		assert_ok!(unstake(ALICE, amount));
	}
	System::reset_events();
}

fn amounts(who: AccountId) -> Vec<Balance> {
	exits(who).iter().map(|exit| exit.amount).collect()
}

fn stake_of(who: AccountId) -> Balance {
	prover(who).unwrap().stake
}

// How much.

#[test]
fn a_slash_takes_the_share_of_one_unit_or_the_multiple_of_the_reward() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		System::reset_events();
		// 1 000 · 20 % / 4 = 50, more than 4 · 12.
		assert_eq!(slash(1, 12), Ok(50));
		// 950 · 20 % / 4 = 47.5; 4 · 12 = 48.
		assert_eq!(slash(2, 12), Ok(48));
		// 902 · 20 % / 4 = 45.1, rounded down; 4 · 11 = 44.
		assert_eq!(slash(3, 11), Ok(45));

		assert_eq!(
			pool_events(),
			[slashed(1, ALICE, 0, 50), slashed(2, ALICE, 0, 48), slashed(3, ALICE, 0, 45)]
		);
		assert_eq!((stake_of(ALICE), held(ALICE), free(ALICE)), (857, 857, 9_000));
		assert_eq!(Slashes::get(), [50, 48, 45]);
		assert_eq!(Burned::get(), 143);
	});
}

#[test]
fn a_slash_is_at_most_what_answers() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		// The multiple of the reward saturates.
		assert_eq!(slash(7, u128::MAX), Ok(1_000));
		// Free tokens never answer.
		assert_eq!((held(ALICE), free(ALICE)), (0, 9_000));
	});
}

#[test]
fn the_largest_stake_is_slashed_without_overflow() {
	let rich = u128::MAX / 8 * 7;
	ExtBuilder::default().balance(ALICE, rich).build_and_execute(|| {
		assert_ok!(stake(ALICE, rich - 10, 100, 1_000));
		assign(7, ALICE);
		assert_eq!(slash(7, 0), Ok((rich - 10) / 5_000));
	});
}

#[test]
fn a_slash_closes_the_assignment_and_returns_its_capacity_once() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(release(8));
		assert_ok!(slash(8, 0));
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
		assert_eq!(ProverPool::get_capacity(), 3);
		assert_ok!(slash(7, 0));
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (0, 0));
		assert_eq!(ProverPool::get_capacity(), 4);
		assert_noop!(slash(7, 0), PoolError::UnknownBlock);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
		assert_eq!(assignment(7), None);
		assert!(!crate::AssignmentsOf::<Test>::contains_key(ALICE, 7));
	});
}

#[test]
fn a_slash_of_nothing_is_reported_and_moves_nothing() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		SlashPoints::set(Perbill::zero());
		assign(9, ALICE);
		System::reset_events();
		// 0 % of 1 000, and no reward.
		assert_eq!(slash(9, 0), Ok(0));
		// All of it, and then nothing answers.
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_eq!(slash(8, 250), Ok(0));
		let exited = Event::Exited { who: ALICE, amount: 0, exit: None, forced: true };
		assert_eq!(
			pool_events(),
			[slashed(9, ALICE, 0, 0), slashed(7, ALICE, 0, 1_000), exited, slashed(8, ALICE, 0, 0),]
		);
		// `OnSlash` is not called with nothing.
		assert_eq!(Slashes::get(), [1_000]);
		assert!(!has_record(ALICE));
	});
}

#[test]
fn the_event_has_the_fault() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 10)]).build_and_execute(|| {
		let faults =
			[Fault::Late, Fault::Rescued, Fault::RemovedProof, Fault::Skipped, Fault::Other];
		for (block_id, fault) in (1..).zip(faults) {
			assign(block_id, ALICE);
			System::reset_events();
			let root = RuntimeOrigin::root();
			assert_ok!(ProverPool::slash_prover(root, block_id, 2, fault, None));
			let [Event::Slashed { fault: reported, .. }] = pool_events()[..] else {
				panic!("one event")
			};
			assert_eq!(reported, fault);
		}
	});
}

// From what: in proportion.

#[test]
fn exits_and_stake_pay_in_proportion() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		unstake_each([300, 200]);
		// 1 000 answer, 50 are taken: ⌊50 · 300 / 1 000⌋, ⌊35 · 200 / 700⌋, the rest.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(pool_events(), [slashed(7, ALICE, 25, 25)]);
		assert_eq!((amounts(ALICE), stake_of(ALICE)), (vec![285, 190], 475));
		assert_eq!(held(ALICE), 950);
	});
}

#[test]
fn each_exit_rounds_down_and_the_stake_pays_the_rest() {
	one_prover().build_and_execute(|| {
		SlashPoints::set(Perbill::zero());
		assign(7, ALICE);
		unstake_each([333, 333]);
		// 4 of 1 000: ⌊4 · 333 / 1 000⌋ = 1, ⌊3 · 333 / 667⌋ = 1, the stake of 334 pays 2.
		assert_eq!(slash(7, 1), Ok(4));
		assert_eq!(pool_events(), [slashed(7, ALICE, 2, 2)]);
		assert_eq!((amounts(ALICE), stake_of(ALICE)), (vec![332, 332], 332));
	});
}

#[test]
fn without_a_stake_the_last_exit_pays_the_rest() {
	one_prover().build_and_execute(|| {
		SlashPoints::set(Perbill::zero());
		assign(7, ALICE);
		unstake_each([300, 200]);
		assert_ok!(exit(ALICE));
		System::reset_events();
		// ⌊4 · 300 / 1 000⌋ = 1, ⌊3 · 200 / 700⌋ = 0, the last pays 3.
		assert_eq!(slash(7, 1), Ok(4));
		assert_eq!(pool_events(), [slashed(7, ALICE, 4, 0)]);
		assert_eq!(amounts(ALICE), [299, 200, 497]);
	});
}

#[test]
fn a_slash_of_all_leaves_no_exit() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		unstake_each([300, 200]);
		assert_eq!(slash(7, 250), Ok(1_000));
		let exited = Event::Exited { who: ALICE, amount: 0, exit: None, forced: true };
		assert_eq!(pool_events(), [slashed(7, ALICE, 500, 500), exited]);
		assert!(!has_record(ALICE));
		assert_eq!((held(ALICE), free(ALICE)), (0, 9_000));
	});
}

#[test]
fn a_slash_leaves_dates_and_other_duties_alone() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		unstake_each([600]);
		advance_clock(50);
		assert_ok!(slash(7, 0));
		let exit = exits(ALICE)[0];
		assert_eq!((exit.amount, exit.matures_at, exit.duties), (570, START + 111, 1));
		assert_ok!(discharge(8));
		advance_clock(51);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 380);
	});
}

#[test]
fn only_exits_that_answer_pay() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(6, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		advance_clock(60);
		assert_ok!(unstake(ALICE, 200));
		// After the first exit's date, before the second's.
		advance_clock(50);
		assign(7, ALICE);
		System::reset_events();
		// 700 answer: 700 · 20 % / 4 = 35; ⌊35 · 200 / 700⌋ = 10.
		assert_eq!(slash(7, 0), Ok(35));
		assert_eq!(pool_events(), [slashed(7, ALICE, 10, 25)]);
		assert_eq!((amounts(ALICE), stake_of(ALICE)), (vec![300, 190], 475));
		// All of what answers for the older assignment.
		assert_eq!(slash(6, 0), Ok(48));
	});
}

#[test]
fn a_free_exit_is_never_slashed() {
	one_prover().build_and_execute(|| {
		unstake_each([600]);
		advance_clock(101);
		// Drawn after the exit's date.
		assign(7, ALICE);
		assign(8, ALICE);
		System::reset_events();
		// 400 · 20 % / 4 = 20.
		assert_eq!(slash(7, 0), Ok(20));
		assert_eq!(slash(8, 1_000), Ok(380));
		// Ejected; what is free is paid out with the departure.
		assert_eq!(
			pool_events(),
			[
				slashed(7, ALICE, 0, 20),
				slashed(8, ALICE, 0, 380),
				withdrawn(ALICE, 600),
				Event::Exited { who: ALICE, amount: 0, exit: None, forced: true },
			]
		);
		assert_eq!(free(ALICE), 9_600);
	});
}

#[test]
fn an_exit_is_slashable_for_what_it_answers_for_at_any_time() {
	for (wait, amount) in [(100, 50), (101, 20)] {
		one_prover().build_and_execute(|| {
			unstake_each([600]);
			advance_clock(wait);
			// Drawn in the last moment of the period, or in the first one after it.
			assign(7, ALICE);
			advance_clock(5_000);
			assert_eq!(slash(7, 0), Ok(amount));
		});
	}
}

#[test]
fn what_answers_is_judged_before_the_assignment_is_closed() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		// Closing the assignment makes the exit free: too late for this slash.
		assert_eq!(slash(7, 0), Ok(50));
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 9_950);
	});
}

// From what: exits first, as in the original.

#[test]
fn exits_first_takes_whole_exits_oldest_first() {
	one_prover().exits_first(true).build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		unstake_each([300, 200]);
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!((amounts(ALICE), stake_of(ALICE)), (vec![250, 200], 500));
		// 4 · 130 = 520: 250 and 200 of the exits, 70 of the stake.
		assert_eq!(slash(8, 130), Ok(520));
		assert_eq!(pool_events(), [slashed(7, ALICE, 50, 0), slashed(8, ALICE, 450, 70)]);
		assert_eq!((amounts(ALICE), stake_of(ALICE)), (vec![], 430));
	});
}

// The terms.

#[test]
fn the_terms_are_those_of_the_draw() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		SlashPoints::set(Perbill::from_percent(100));
		SlashMultiplier::set(100);
		assign(9, ALICE);
		// 1 000 · 20 % / 4; 4 · 20; 870 · 100 % / 4 = 217.5.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(slash(8, 20), Ok(80));
		assert_eq!(slash(9, 0), Ok(217));
	});
}

#[test]
fn another_capacity_does_not_change_the_terms_of_what_is_assigned() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(set_terms(ALICE, 100, 20));
		assign(8, ALICE);
		// By 4 for the first, by 20 for the second: 950 · 20 % / 20 = 9.5.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(slash(8, 0), Ok(9));
	});
}

#[test]
fn what_answers_is_what_there_is_now() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_ok!(stake_extra(ALICE, 3_000));
		// 4 000 · 20 % / 4.
		assert_eq!(slash(7, 0), Ok(200));
	});
}

// To which account.

#[test]
fn the_reporter_gets_its_sum_and_on_slash_the_rest() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash_for(7, 0, BOB, 30), Ok(50));
		assert_eq!(free(BOB), START_BALANCE + 30);
		assert_eq!(Slashes::get(), [20]);
	});
}

#[test]
fn the_reporter_gets_at_most_what_was_slashed() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_eq!(slash_for(7, 0, BOB, u128::MAX), Ok(50));
		assert_eq!(free(BOB), START_BALANCE + 50);
		assert_eq!(slash_for(8, 0, BOB, 47), Ok(47));
		assert_eq!(free(BOB), START_BALANCE + 97);
		// Nothing was left for `OnSlash`.
		assert_eq!(Slashes::get(), []);
	});
}

#[test]
fn a_reporter_with_a_sum_of_nothing_gets_nothing() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash_for(7, 0, NOBODY, 0), Ok(50));
		assert_eq!(Slashes::get(), [50]);
		assert!(!System::account_exists(&NOBODY));
	});
}

#[test]
fn what_the_reporter_cannot_receive_goes_to_on_slash() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		// Below the existential deposit of an account that does not exist.
		assert_eq!(slash_for(7, 0, NOBODY, 9), Ok(50));
		assert_eq!((free(NOBODY), Slashes::get()), (0, vec![50]));
		// Enough to create it.
		assert_eq!(slash_for(8, 0, NOBODY, 10), Ok(47));
		assert_eq!((free(NOBODY), Slashes::get()), (10, vec![50, 37]));
	});
}

#[test]
fn the_rest_may_go_to_an_account() {
	one_prover().build_and_execute(|| {
		SlashesTo::set(Some(CAROL));
		assign(7, ALICE);
		let root = RuntimeOrigin::root();
		assert_ok!(ProverPool::slash_prover(root, 7, 0, Fault::Late, Some((BOB, 30))));
		assert_eq!(free(BOB), START_BALANCE + 30);
		assert_eq!(free(CAROL), START_BALANCE + 20);
		assert_eq!(Burned::get(), 0);
	});
}

#[test]
fn a_prover_may_report_itself_and_wins_nothing() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash_for(7, 0, ALICE, 30), Ok(50));
		assert_eq!((held(ALICE), free(ALICE)), (950, 9_030));
	});
}
