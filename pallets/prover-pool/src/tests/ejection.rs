//! What a slash makes of a member whose stake is too small (R7, D5).

use frame_support::{assert_noop, assert_ok};
use sp_runtime::Perbill;

use crate::mock::*;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

fn forced_out_with_nothing(who: AccountId) -> Event {
	Event::Exited { who, amount: 0, exit: None, forced: true }
}

#[test]
fn a_member_without_stake_is_ejected_at_once() {
	one_prover().max_provers(1).build_and_execute(|| {
		assign(7, ALICE);
		System::reset_events();
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 1_000), forced_out_with_nothing(ALICE)]);
		assert_eq!(slot(1), None);
		assert!(!has_record(ALICE));
		// The slot is vacant: no stake has to be exceeded.
		assert_ok!(stake(BOB, 200, 100, 4));
	});
}

#[test]
fn one_base_unit_is_a_stake() {
	one_prover().build_and_execute(|| {
		assert_ok!(stake_extra(ALICE, 1));
		assign(7, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_eq!(prover(ALICE).unwrap().stake, 1);
	});
}

#[test]
fn a_member_is_ejected_below_the_threshold_not_at_it() {
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
			assert_eq!(pool_events(), [slashed(8, ALICE, 0, 7), forced_out(ALICE, 143, 0)]);
			assert_eq!((slot(1), held(ALICE)), (None, 143));
			assert_eq!(exits(ALICE), [an_exit(0, 143, START + 100)]);
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
				[slashed(7, ALICE, 0, 200), slashed(8, BOB, 0, 200), forced_out(BOB, 66, 0)]
			);
			assert_eq!(prover(ALICE).unwrap().stake, 67);
		});
}

#[test]
fn the_threshold_is_a_share_of_the_minimum_for_the_present_capacity() {
	one_prover().ejection_threshold(Perbill::from_percent(100)).build_and_execute(|| {
		assign(7, ALICE);
		assign(8, ALICE);
		assert_ok!(set_terms(ALICE, 100, 19));
		// 19 · 50 = 950 are the least for a capacity of 19.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(slot(1), Some(ALICE));
		assert_eq!(slash(8, 0), Ok(47));
		assert_eq!(slot(1), None);
	});
}

#[test]
fn an_ejection_pays_the_exits_that_the_slash_made_free() {
	one_prover().ejection_threshold(Perbill::from_percent(50)).build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		advance_clock(101);
		// 50 % of 4 · 250 are 500, more than 380.
		MinStakePerCapacity::set(250);
		System::reset_events();
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(
			pool_events(),
			[slashed(7, ALICE, 30, 20), withdrawn(ALICE, 570), forced_out(ALICE, 380, 0)]
		);
		assert_eq!(held(ALICE), 380);
	});
}

/// D16: with exits first a large exit shields a small stake; in proportion it does not.
#[test]
fn a_large_exit_shields_a_stake_only_if_exits_come_first() {
	for (exits_first, stays) in [(true, true), (false, false)] {
		one_prover()
			.exits_first(exits_first)
			.ejection_threshold(Perbill::from_percent(100))
			.build_and_execute(|| {
				assign(7, ALICE);
				advance_clock(11);
				assert_ok!(unstake(ALICE, 800));
				assert_eq!(slash(7, 0), Ok(50));
				assert_eq!(prover(ALICE).is_some(), stays);
			});
	}
}

#[test]
fn the_delay_keeps_no_member_from_ejection_or_from_a_new_entry() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash(7, 250), Ok(1_000));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(slot(1), Some(ALICE));
	});
}

#[test]
fn an_ejected_member_stays_liable_for_the_rest() {
	ExtBuilder::default()
		.ejection_threshold(Perbill::from_percent(100))
		.provers(&[(ALICE, 200, 100, 4)])
		.build_and_execute(|| {
			assign(7, ALICE);
			assign(8, ALICE);
			// 200 · 20 % / 4.
			assert_eq!(slash(7, 0), Ok(10));
			assert_eq!(held(ALICE), 190);
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

#[test]
fn a_slashed_member_is_drawn_and_ranked_with_what_is_left() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 900, 100, 4)])
		.build_and_execute(|| {
			assign(7, ALICE);
			assert_eq!(slash(7, 100), Ok(400));
			// Alice is the smallest now.
			assert_ok!(stake(CAROL, 601, 100, 4));
			assert_eq!(slot(1), Some(CAROL));
		});
}
