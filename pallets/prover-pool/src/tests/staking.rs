//! Entering, leaving, being paid out (R1, R2, R3).

use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::BadOrigin, TokenError};

use crate::{mock::*, Prover, Staker};

/// A member with `amount` staked and the rest of 1,000 on its way out since now.
fn member_with_exit(who: AccountId, amount: Balance) {
	assert_ok!(stake(who, 1_000, 100, 4));
	advance_clock(11);
	assert_ok!(stake(who, amount, 100, 4));
	System::reset_events();
}

// R1: entering.

#[test]
fn entering_records_holds_and_tells_everything() {
	ExtBuilder::default().build_and_execute(|| {
		run_to_block(7);
		assert_ok!(stake(ALICE, 1_000, 90, 4));

		assert_eq!(pool_events(), [staked(ALICE, 1_000, 90, 4)]);
		assert_eq!(held(ALICE), (1_000, 0));
		assert_eq!(free(ALICE), 9_000);
		assert_eq!(
			prover(ALICE),
			Some(Prover {
				who: ALICE,
				staked_amount: 1_000,
				reward_per_gas: 90,
				current_capacity: 4,
				entered_in: 7,
				waiting: false,
			})
		);
		assert_eq!(
			staker(ALICE),
			Staker {
				exit_amount: 0,
				exit_requested_at: None,
				max_capacity: 4,
				prover_id: Some(1),
				outstanding: 0,
				liable: 0,
				liable_since: None,
				last_changed_at: Some(START),
			}
		);
	});
}

#[test]
fn the_provers_calls_need_a_signature() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(ProverPool::stake(origin.clone(), 1_000, 100, 4), BadOrigin);
			assert_noop!(ProverPool::exit(origin.clone()), BadOrigin);
			assert_noop!(ProverPool::withdraw(origin), BadOrigin);
		}
	});
}

#[test]
fn a_capacity_below_the_minimum_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(stake(ALICE, 1_000, 100, 1), Error::InvalidParams);
		assert_noop!(stake(ALICE, 1_000, 100, 0), Error::InvalidParams);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
	});
}

#[test]
fn the_stake_per_place_is_divided_whole() {
	ExtBuilder::default().build_and_execute(|| {
		// ⌊199 / 4⌋ = 49 < 50 = ⌊200 / 4⌋.
		assert_noop!(stake(ALICE, 199, 100, 4), Error::InvalidParams);
		assert_ok!(stake(ALICE, 200, 100, 4));
		// ⌊1 019 / 20⌋ = 50, although 20 · 51 is not reached.
		assert_ok!(stake(BOB, 1_019, 100, 20));
		assert_noop!(stake(CAROL, 1_019, 100, 21), Error::InvalidParams);
		assert_noop!(stake(CAROL, 1_019, 100, u32::MAX), Error::InvalidParams);
	});
}

#[test]
fn a_price_of_zero_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(stake(ALICE, 1_000, 0, 4), Error::InvalidParams);
		assert_ok!(stake(ALICE, 1_000, 1, 4));
		assert_ok!(stake(BOB, 1_000, u32::MAX, 4));
	});
}

#[test]
fn no_stake_with_any_other_argument_is_refused() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		for who in [ALICE, BOB] {
			assert_noop!(stake(who, 0, 1, 0), Error::InvalidParams);
			assert_noop!(stake(who, 0, 0, 1), Error::InvalidParams);
			assert_noop!(stake(who, 0, 100, 4), Error::InvalidParams);
		}
	});
}

#[test]
fn no_stake_is_refused_even_where_no_minimum_forbids_it() {
	ExtBuilder::default().build_and_execute(|| {
		MinStakePerCapacity::set(0);
		MinCapacity::set(0);
		assert_noop!(stake(ALICE, 0, 100, 4), Error::InvalidParams);
		assert_noop!(stake(ALICE, 1_000, 100, 0), Error::InvalidParams);
	});
}

#[test]
fn all_but_the_existential_deposit_can_be_staked() {
	ExtBuilder::default().balance(ALICE, 1_000).build_and_execute(|| {
		assert_noop!(stake(ALICE, 991, 100, 4), TokenError::FundsUnavailable);
		assert_ok!(stake(ALICE, 990, 100, 4));
		assert_eq!(free(ALICE), 10);
	});
}

#[test]
fn an_account_that_does_not_exist_cannot_stake() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(stake(NOBODY, 1_000, 100, 4), TokenError::FundsUnavailable);
	});
}

#[test]
fn refusals_come_in_order_delay_parameters_tokens_rank() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
		.build_and_execute(|| {
			// Everything is wrong. Not in the pool, so the delay does not apply.
			assert_noop!(stake(CAROL, 20_000, 0, 4), Error::InvalidParams);
			// Neither covered nor good enough.
			set_free(CAROL, 300);
			assert_noop!(stake(CAROL, 300, 100, 4), TokenError::FundsUnavailable);
			// Only not good enough.
			assert_noop!(stake(CAROL, 290, 100, 4), Error::ProverNotGoodEnough);

			// A member that changed just now: the delay before anything else.
			assert_noop!(stake(ALICE, 20_000, 0, 0), Error::ChangeTooFrequent);
			assert_noop!(stake(ALICE, 20_000, 100, 4), Error::ChangeTooFrequent);
			advance_clock(11);
			assert_noop!(stake(ALICE, 20_000, 0, 4), Error::InvalidParams);
			assert_noop!(stake(ALICE, 20_000, 100, 4), TokenError::FundsUnavailable);
		});
}

#[test]
fn a_member_that_stakes_again_leaves_first_and_takes_its_exit_along() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		run_to_block(5);
		assert_ok!(stake(ALICE, 1_500, 80, 6));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000), staked(ALICE, 1_500, 80, 6)]);
		assert_eq!(held(ALICE), (1_500, 0));
		assert_eq!(staker(ALICE).exit_requested_at, None);
		assert_eq!(staker(ALICE).last_changed_at, Some(START + 11));
		assert_eq!(staker(ALICE).max_capacity, 6);
		assert_eq!(prover(ALICE).unwrap().entered_in, 5);
	});
}

#[test]
fn what_a_lower_stake_leaves_over_starts_an_exit_now() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000), staked(ALICE, 400, 100, 4)]);
		assert_eq!(held(ALICE), (400, 600));
		assert_eq!(free(ALICE), 9_000);
		assert_eq!(staker(ALICE).exit_amount, 600);
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 11));
	});
}

#[test]
fn an_equal_stake_uses_up_the_exit_and_clears_its_clock() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(50);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(held(ALICE), (1_000, 0));
		assert_eq!(free(ALICE), 9_000);
		assert_eq!(staker(ALICE).exit_requested_at, None);
	});
}

#[test]
fn an_exit_used_in_part_starts_anew() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(99);
		// One moment before maturity.
		assert_ok!(stake(ALICE, 999, 100, 4));
		assert_eq!(held(ALICE), (999, 1));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 110));
		advance_clock(100);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		assert_ok!(withdraw(ALICE));
	});
}

#[test]
fn a_free_exit_is_paid_out_before_anything_is_staked() {
	ExtBuilder::default().balance(ALICE, 1_010).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		System::reset_events();
		assert_ok!(stake(ALICE, 400, 100, 4));

		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000), staked(ALICE, 400, 100, 4)]);
		// Free tokens pay, nothing is left on its way out.
		assert_eq!(held(ALICE), (400, 0));
		assert_eq!(free(ALICE), 610);
		assert_eq!(staker(ALICE).exit_requested_at, None);
	});
}

#[test]
fn a_member_that_stakes_again_is_paid_its_free_exit_first() {
	ExtBuilder::default().build_and_execute(|| {
		member_with_exit(ALICE, 400);
		advance_clock(101);
		assert_ok!(stake(ALICE, 300, 100, 4));

		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 600), exited(ALICE, 400, 400), staked(ALICE, 300, 100, 4)]
		);
		assert_eq!(held(ALICE), (300, 100));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 112));
	});
}

#[test]
fn a_refusal_takes_back_the_payment_that_came_first() {
	ExtBuilder::default().build_and_execute(|| {
		member_with_exit(ALICE, 400);
		advance_clock(101);
		assert_noop!(stake(ALICE, 0, 1, 4), Error::InvalidParams);
		assert_noop!(stake(ALICE, 20_000, 1, 4), TokenError::FundsUnavailable);
		assert_eq!(held(ALICE), (400, 600));
	});
}

// R2: leaving.

#[test]
fn leaving_moves_the_stake_to_the_exit() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000)]);
		assert_eq!(held(ALICE), (0, 1_000));
		assert_eq!(free(ALICE), 9_000);
		assert_eq!(slot(1), None);
		assert_eq!(prover(ALICE), None);
		assert_eq!(
			staker(ALICE),
			Staker {
				exit_amount: 1_000,
				exit_requested_at: Some(START + 11),
				max_capacity: 4,
				// An exit does not count as a change, an entry does.
				last_changed_at: Some(START),
				..Default::default()
			}
		);
	});
}

#[test]
fn three_zeroes_are_an_exit() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_noop!(stake(ALICE, 0, 0, 0), Error::ChangeTooFrequent);
		assert_noop!(stake(BOB, 0, 0, 0), Error::NotInPool);
		advance_clock(11);
		assert_ok!(stake(ALICE, 0, 0, 0));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000)]);
		advance_clock(101);
		assert_ok!(stake(ALICE, 0, 0, 0));
		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000)]);
	});
}

#[test]
fn the_delay_ends_one_moment_after_it_is_over() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(10);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		assert_noop!(stake(ALICE, 2_000, 100, 4), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(exit(ALICE));
	});
}

#[test]
fn every_entry_starts_the_delay_anew() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 90, 4));
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(10);
		assert_noop!(stake(ALICE, 1_000, 90, 4), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(stake(ALICE, 1_000, 90, 4));
	});
}

#[test]
fn the_delay_is_for_members_only() {
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
fn leaving_restarts_the_clock_for_the_whole_sum() {
	ExtBuilder::default().build_and_execute(|| {
		member_with_exit(ALICE, 400);
		advance_clock(100);
		assert_ok!(exit(ALICE));

		assert_eq!(pool_events(), [exited(ALICE, 400, 1_000)]);
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 111));
		advance_clock(100);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
	});
}

#[test]
fn leaving_pays_out_a_free_exit_first() {
	ExtBuilder::default().build_and_execute(|| {
		member_with_exit(ALICE, 400);
		advance_clock(101);
		assert_ok!(exit(ALICE));

		assert_eq!(pool_events(), [withdrawn(ALICE, 600), exited(ALICE, 400, 400)]);
		assert_eq!(held(ALICE), (0, 400));
	});
}

#[test]
fn an_exit_without_membership_pays_out_or_is_refused() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
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
	ExtBuilder::default().build_and_execute(|| {
		MinChangeDelay::set(200);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(201);
		assert_ok!(stake(ALICE, 400, 100, 4));
		advance_clock(101);
		// The exit is free, the change too early: all or nothing.
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		assert_ok!(withdraw(ALICE));
	});
}

// R3: being paid out. What liability does to it is in `settlement.rs`.

#[test]
fn an_exit_matures_one_moment_after_its_period() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		assert_noop!(withdraw(BOB), Error::NoMatureExit);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(100);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		System::reset_events();
		assert_ok!(withdraw(ALICE));

		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000)]);
		assert_eq!(held(ALICE), (0, 0));
		assert_eq!(free(ALICE), START_BALANCE);
		assert!(!has_record(ALICE));
	});
}

#[test]
fn a_member_may_withdraw_what_is_free_and_stays() {
	ExtBuilder::default().build_and_execute(|| {
		member_with_exit(ALICE, 400);
		// The delay is for leaving only.
		MinChangeDelay::set(1_000);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));

		assert_eq!(pool_events(), [withdrawn(ALICE, 600)]);
		assert_eq!(held(ALICE), (400, 0));
		assert_eq!(slot(1), Some(ALICE));
		assert_eq!(staker(ALICE).exit_requested_at, None);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}

#[test]
fn periods_are_live_parameters() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		MinChangeDelay::set(0);
		advance_clock(1);
		assert_ok!(exit(ALICE));
		ExitPeriod::set(5);
		advance_clock(6);
		assert_ok!(withdraw(ALICE));
	});
}

#[test]
fn system_blocks_are_not_the_clock_of_periods() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		run_blocks(500);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		run_blocks(500);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}

#[test]
fn periods_without_end_do_not_wrap() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		MinChangeDelay::set(Moment::MAX);
		advance_clock(1_000);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		MinChangeDelay::set(10);
		ExitPeriod::set(Moment::MAX);
		assert_ok!(exit(ALICE));
		Now::set(Moment::MAX);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}
