//! Slashes (R7): how much, from what, to whom, and what becomes of the prover.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::PoolError;
use sp_runtime::Perbill;

use crate::mock::*;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

/// Alice with 400 staked, and 600 on their way out since `START + 11`.
fn leave_600() {
	assert_ok!(stake(ALICE, 1_000, 100, 4));
	advance_clock(11);
	assert_ok!(stake(ALICE, 400, 100, 4));
}

fn staked_amount(who: AccountId) -> Balance {
	prover(who).unwrap().staked_amount
}

// How much.

#[test]
fn a_slash_takes_the_share_of_one_place_or_the_multiple_of_the_reward() {
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
		assert_eq!(staked_amount(ALICE), 857);
		assert_eq!(held(ALICE), (857, 0));
		assert_eq!(free(ALICE), 9_000);
		assert_eq!(Slashes::get(), [50, 48, 45]);
		assert_eq!(Burned::get(), 143);
	});
}

#[test]
fn a_slash_is_at_most_what_is_slashable() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash(7, u128::MAX), Ok(1_000));
		assert_eq!(held(ALICE), (0, 0));
		// Free tokens are nobody's.
		assert_eq!(free(ALICE), 9_000);
	});
}

#[test]
fn a_slash_closes_and_returns_the_place_once() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(release(8));
		// Released before: its place is not returned again.
		assert_ok!(slash(8, 0));
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
		assert_eq!(prover(ALICE).unwrap().current_capacity, 3);
		assert_ok!(slash(7, 0));
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (0, 0));
		assert_eq!(prover(ALICE).unwrap().current_capacity, 4);
		assert_noop!(slash(7, 0), PoolError::UnknownBlock);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
		assert_eq!(assignment(7), None);
		assert!(!crate::AssignmentsOf::<Test>::contains_key(ALICE, 7));
	});
}

#[test]
fn a_slash_that_comes_to_nothing_is_told() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		SlashPoints::set(Perbill::zero());
		assign(9, ALICE);
		System::reset_events();
		// Fixed when it was drawn: 0 % of 1 000, and no reward.
		assert_eq!(slash(9, 0), Ok(0));
		// All, and then there is nothing left for the next one.
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_eq!(slash(8, 250), Ok(0));
		assert_eq!(
			pool_events(),
			[
				slashed(9, ALICE, 0, 0),
				slashed(7, ALICE, 0, 1_000),
				forced_out(ALICE, 0, 0),
				slashed(8, ALICE, 0, 0),
			]
		);
		// Nobody is called for nothing.
		assert_eq!(Slashes::get(), [1_000]);
		assert!(!has_record(ALICE));
	});
}

// From what.

#[test]
fn the_exit_is_slashed_before_the_stake() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		assign(8, ALICE);
		System::reset_events();
		// Slashable are 1 000: 20 % / 4 are 50.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(held(ALICE), (400, 550));
		assert_eq!(staker(ALICE).exit_amount, 550);
		// 4 · 160 = 640: 550 of the exit, 90 of the stake.
		assert_eq!(slash(8, 160), Ok(640));
		assert_eq!(held(ALICE), (310, 0));
		assert_eq!(staked_amount(ALICE), 310);
		assert_eq!(pool_events(), [slashed(7, ALICE, 50, 0), slashed(8, ALICE, 550, 90)]);
	});
}

#[test]
fn a_slash_leaves_the_clock_of_the_exit_alone() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(50);
		assert_ok!(slash(7, 0));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 11));
		advance_clock(51);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), (400, 0));
	});
}

#[test]
fn an_exit_slashed_to_nothing_has_no_clock() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		// 4 · 150: exactly the exit.
		assert_eq!(slash(7, 150), Ok(600));
		assert_eq!(held(ALICE), (400, 0));
		assert_eq!(staker(ALICE).exit_amount, 0);
		assert_eq!(staker(ALICE).exit_requested_at, None);
		advance_clock(101);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		System::reset_events();
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [exited(ALICE, 400, 400)]);
	});
}

#[test]
fn a_prover_that_left_is_slashed_in_its_exit() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		System::reset_events();
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(slash(8, 250), Ok(950));
		assert_eq!(pool_events(), [slashed(7, ALICE, 50, 0), slashed(8, ALICE, 950, 0)]);
		assert!(!has_record(ALICE));
	});
}

#[test]
fn a_free_exit_is_not_slashable() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		advance_clock(101);
		// Drawn after maturity: the 600 were free before it.
		assign(7, ALICE);
		assign(8, ALICE);
		System::reset_events();
		// 400 · 20 % / 4 = 20.
		assert_eq!(slash(7, 0), Ok(20));
		assert_eq!(slash(8, 1_000), Ok(380));
		// Ejected; what is free is paid on the way out.
		assert_eq!(
			pool_events(),
			[
				slashed(7, ALICE, 0, 20),
				slashed(8, ALICE, 0, 380),
				withdrawn(ALICE, 600),
				forced_out(ALICE, 0, 0),
			]
		);
		assert_eq!(free(ALICE), 9_600);
	});
}

#[test]
fn a_mature_exit_of_somebody_who_is_liable_is_slashable() {
	ExtBuilder::default().build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(5_000);
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(held(ALICE), (400, 550));
	});
}

#[test]
fn an_exit_stays_slashable_up_to_and_at_maturity() {
	for (wait, amount) in [(100, 50), (101, 20)] {
		ExtBuilder::default().build_and_execute(|| {
			leave_600();
			advance_clock(wait);
			// Drawn in the last moment of the period, or in the first after it.
			assign(7, ALICE);
			assert_eq!(slash(7, 0), Ok(amount));
		});
	}
}

#[test]
fn what_is_slashable_is_judged_before_the_assignment_is_closed() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		// Closing the last assignment makes the exit free: too late for this slash.
		assert_eq!(slash(7, 0), Ok(50));
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 9_950);
	});
}

#[test]
fn an_ejection_after_the_last_slash_pays_the_exit_that_became_free() {
	ExtBuilder::default().ejection_threshold(Perbill::from_percent(50)).build_and_execute(|| {
		leave_600();
		assign(7, ALICE);
		advance_clock(101);
		// 50 % of 4 · 250 are 500, more than her 400.
		MinStakePerCapacity::set(250);
		System::reset_events();
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(
			pool_events(),
			[slashed(7, ALICE, 50, 0), withdrawn(ALICE, 550), forced_out(ALICE, 400, 400)]
		);
		assert_eq!(held(ALICE), (0, 400));
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
fn entering_again_with_another_capacity_does_not_change_the_terms() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 20));
		assign(8, ALICE);
		// By 4 places for the first, by 20 for the second: 950 · 20 % / 20 = 9.5.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(slash(8, 0), Ok(9));
	});
}

#[test]
fn what_is_slashable_is_what_there_is_now() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(stake(ALICE, 4_000, 100, 4));
		// 4 000 · 20 % / 4.
		assert_eq!(slash(7, 0), Ok(200));
	});
}

// To whom.

#[test]
fn the_reporter_gets_its_sum_and_the_rest_goes_on() {
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
		// Nothing was left for anybody else.
		assert!(Slashes::get().is_empty());
	});
}

#[test]
fn a_reporter_promised_nothing_gets_nothing() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash_for(7, 0, NOBODY, 0), Ok(50));
		assert_eq!(Slashes::get(), [50]);
		assert!(!System::account_exists(&NOBODY));
	});
}

#[test]
fn what_the_reporter_cannot_receive_goes_on_with_the_rest() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		// Below the existential deposit of an account that does not exist.
		assert_eq!(slash_for(7, 0, NOBODY, 9), Ok(50));
		assert_eq!(free(NOBODY), 0);
		assert_eq!(Slashes::get(), [50]);
		// Enough to create it.
		assert_eq!(slash_for(8, 0, NOBODY, 10), Ok(47));
		assert_eq!(free(NOBODY), 10);
		assert_eq!(Slashes::get(), [50, 37]);
	});
}

#[test]
fn the_rest_may_go_to_an_account() {
	one_prover().build_and_execute(|| {
		SlashesTo::set(Some(CAROL));
		assign(7, ALICE);
		assert_eq!(slash_for(7, 0, BOB, 30), Ok(50));
		assert_eq!(free(CAROL), START_BALANCE + 20);
		assert_eq!(Burned::get(), 0);
	});
}

#[test]
fn the_protocol_origin_slashes_too() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		System::reset_events();
		assert_ok!(ProverPool::slash_prover(RuntimeOrigin::root(), 7, 0, Some((BOB, 30))));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 50)]);
		assert_eq!(free(BOB), START_BALANCE + 30);
	});
}

// What becomes of the prover.

#[test]
fn a_prover_with_nothing_left_is_ejected_at_once() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			assign(7, ALICE);
			System::reset_events();
			assert_eq!(slash(7, 250), Ok(1_000));
			assert_eq!(pool_events(), [slashed(7, ALICE, 0, 1_000), forced_out(ALICE, 0, 0)]);
			assert_eq!(slot(1), None);
			assert!(!has_record(ALICE));
			// The slot is vacant: nobody need be outbid.
			assert_ok!(stake(BOB, 200, 100, 4));
		},
	);
}

#[test]
fn one_base_unit_is_something() {
	one_prover().build_and_execute(|| {
		MinStakePerCapacity::set(1);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_001, 100, 4));
		assign(7, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_eq!(slot(1), Some(ALICE));
		assert_eq!(staked_amount(ALICE), 1);
	});
}

#[test]
fn a_prover_is_ejected_below_the_threshold_not_at_it() {
	ExtBuilder::default()
		.ejection_threshold(Perbill::from_percent(75))
		.provers(&[(ALICE, 250, 100, 4)])
		.build_and_execute(|| {
			// 75 % of 4 · 50 are 150.
			assign(7, ALICE);
			assign(8, ALICE);
			System::reset_events();
			assert_eq!(slash(7, 25), Ok(100));
			assert_eq!(pool_events(), [slashed(7, ALICE, 0, 100)]);
			assert_eq!(slot(1), Some(ALICE));
			// 150 · 20 % / 4 = 7.5.
			assert_eq!(slash(8, 0), Ok(7));
			assert_eq!(pool_events(), [slashed(8, ALICE, 0, 7), forced_out(ALICE, 143, 143)]);
			assert_eq!(slot(1), None);
			assert_eq!(held(ALICE), (0, 143));
			assert_eq!(staker(ALICE).exit_requested_at, Some(START));
		});
}

#[test]
fn a_threshold_between_two_whole_stakes_ejects_the_lower_one() {
	ExtBuilder::default()
		.ejection_threshold(Perbill::from_rational(1u32, 3))
		.provers(&[(ALICE, 267, 100, 4), (BOB, 266, 100, 4)])
		.build_and_execute(|| {
			assign(7, ALICE);
			assign(8, BOB);
			System::reset_events();
			// A third of 4 · 50 is 66.67.
			assert_eq!(slash(7, 50), Ok(200));
			assert_eq!(slash(8, 50), Ok(200));
			assert_eq!(
				pool_events(),
				[slashed(7, ALICE, 0, 200), slashed(8, BOB, 0, 200), forced_out(BOB, 66, 66)]
			);
			assert_eq!(staked_amount(ALICE), 67);
		});
}

#[test]
fn the_threshold_is_a_share_of_the_minimum_for_the_present_capacity() {
	ExtBuilder::default()
		.ejection_threshold(Perbill::from_percent(100))
		.provers(&[(ALICE, 1_000, 100, 4)])
		.build_and_execute(|| {
			assign(7, ALICE);
			assign(8, ALICE);
			advance_clock(11);
			assert_ok!(stake(ALICE, 1_000, 100, 19));
			// 19 · 50 = 950 are the least for 19 places.
			assert_eq!(slash(7, 0), Ok(50));
			assert_eq!(slot(1), Some(ALICE));
			assert_eq!(slash(8, 0), Ok(47));
			assert_eq!(slot(1), None);
		});
}

#[test]
fn the_delay_does_not_keep_anybody_from_being_ejected_or_from_coming_back() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(slot(1), Some(ALICE));
	});
}

#[test]
fn an_ejected_prover_stays_liable_for_the_rest() {
	ExtBuilder::default()
		.ejection_threshold(Perbill::from_percent(100))
		.provers(&[(ALICE, 200, 100, 4)])
		.build_and_execute(|| {
			assign(7, ALICE);
			assign(8, ALICE);
			// 200 · 20 % / 4.
			assert_eq!(slash(7, 0), Ok(10));
			assert_eq!(held(ALICE), (0, 190));
			assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
			advance_clock(101);
			assert_noop!(withdraw(ALICE), Error::StillLiable);
			System::reset_events();
			// 190 · 20 % / 4 = 9.5: from the exit now.
			assert_eq!(slash(8, 0), Ok(9));
			assert_eq!(pool_events(), [slashed(8, ALICE, 9, 0)]);
			assert_ok!(withdraw(ALICE));
		});
}
