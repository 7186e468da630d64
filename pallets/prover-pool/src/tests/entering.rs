//! Entering the pool: terms, funding, the order of refusals (R1). Slots are in `replacing.rs`.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, Exit, Listing, Prover};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

#[test]
fn an_entry_holds_the_stake_and_records_the_offer() {
	ExtBuilder::default().build_and_execute(|| {
		run_to_block(7);
		assert_ok!(stake(ALICE, 1_000, 90, 4));

		assert_eq!(pool_events(), [staked(ALICE, 1, 1_000, 90, 4)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		assert_eq!(
			prover(ALICE),
			Some(Prover {
				account: ALICE,
				stake: 1_000,
				reward_per_gas: 90,
				paused: false,
				entered_at: START,
				entered_in: 7,
				changed_in: 7,
				listing: Listing::Current,
			})
		);
		assert_eq!(
			staker(ALICE),
			Staker { prover_id: Some(1), max_capacity: 4, ..Default::default() }
		);
	});
}

#[test]
fn calls_of_stakers_need_a_signature() {
	one_prover().build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			let origin = || origin.clone();
			assert_noop!(ProverPool::stake(origin(), 1_000, 100, 4), BadOrigin);
			assert_noop!(ProverPool::exit(origin()), BadOrigin);
			assert_noop!(ProverPool::withdraw(origin()), BadOrigin);
			assert_noop!(ProverPool::withdraw_for(origin(), ALICE), BadOrigin);
			assert_noop!(ProverPool::stake_extra(origin(), 1), BadOrigin);
			assert_noop!(ProverPool::unstake(origin(), 1), BadOrigin);
			assert_noop!(ProverPool::restake(origin(), 0), BadOrigin);
			assert_noop!(ProverPool::set_terms(origin(), 100, 4), BadOrigin);
			assert_noop!(ProverPool::pause(origin()), BadOrigin);
			assert_noop!(ProverPool::resume(origin()), BadOrigin);
		}
	});
}

#[test]
fn a_capacity_outside_its_range_is_refused() {
	ExtBuilder::default().max_capacity(10).build_and_execute(|| {
		assert_noop!(stake(ALICE, 1_000, 100, 0), Error::InvalidParams);
		assert_noop!(stake(ALICE, 1_000, 100, 1), Error::InvalidParams);
		assert_noop!(stake(ALICE, 1_000, 100, 11), Error::InvalidParams);
		assert_noop!(stake(ALICE, 1_000, 100, u32::MAX), Error::InvalidParams);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assert_ok!(stake(BOB, 1_000, 100, 10));
	});
}

#[test]
fn the_stake_per_capacity_is_divided_whole() {
	ExtBuilder::default().build_and_execute(|| {
		// ⌊199 / 4⌋ = 49 < 50 = ⌊200 / 4⌋.
		assert_noop!(stake(ALICE, 199, 100, 4), Error::InvalidParams);
		assert_ok!(stake(ALICE, 200, 100, 4));
		// ⌊1 019 / 20⌋ = 50, although 20 · 51 is not reached.
		assert_ok!(stake(BOB, 1_019, 100, 20));
		assert_noop!(stake(CAROL, 1_019, 100, 21), Error::InvalidParams);
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
	one_prover().build_and_execute(|| {
		advance_clock(11);
		for who in [ALICE, BOB] {
			assert_noop!(stake(who, 0, 1, 0), Error::InvalidParams);
			assert_noop!(stake(who, 0, 0, 1), Error::InvalidParams);
			assert_noop!(stake(who, 0, 100, 4), Error::InvalidParams);
		}
	});
}

#[test]
fn no_stake_and_no_capacity_are_refused_even_without_minimums() {
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
		assert_noop!(stake(ALICE, 991, 100, 4), Error::InsufficientFunds);
		assert_noop!(stake(NOBODY, 1_000, 100, 4), Error::InsufficientFunds);
		assert_ok!(stake(ALICE, 990, 100, 4));
		assert_eq!(free(ALICE), 10);
	});
}

#[test]
fn refusals_come_in_order_delay_parameters_tokens_rank() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
		.build_and_execute(|| {
			// Everything is wrong. Not a member, so the delay does not apply.
			assert_noop!(stake(CAROL, 20_000, 0, 4), Error::InvalidParams);
			// Neither covered nor good enough.
			set_free(CAROL, 300);
			assert_noop!(stake(CAROL, 300, 100, 4), Error::InsufficientFunds);
			// Only not good enough.
			assert_noop!(stake(CAROL, 290, 100, 4), Error::ProverNotGoodEnough);

			// A member that entered just now: the delay before anything else.
			assert_noop!(stake(ALICE, 20_000, 0, 0), Error::ChangeTooFrequent);
			assert_noop!(stake(ALICE, 20_000, 100, 4), Error::ChangeTooFrequent);
			advance_clock(11);
			assert_noop!(stake(ALICE, 20_000, 0, 4), Error::InvalidParams);
			assert_noop!(stake(ALICE, 20_000, 100, 4), Error::InsufficientFunds);
		});
}

// Funding.

#[test]
fn a_member_that_stakes_again_leaves_first_and_uses_its_exit() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		run_to_block(5);
		assert_ok!(stake(ALICE, 1_500, 80, 6));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0), staked(ALICE, 1, 1_500, 80, 6)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_500, 8_500));
		assert_eq!(exits(ALICE), []);
		let prover = prover(ALICE).unwrap();
		assert_eq!((prover.entered_at, prover.entered_in), (START + 11, 5));
		assert_eq!(staker(ALICE).max_capacity, 6);
	});
}

#[test]
fn the_rest_of_a_higher_stake_is_an_exit() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));

		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0), staked(ALICE, 1, 400, 100, 4)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		assert_eq!(exits(ALICE), [an_exit(0, 600, START + 111)]);
	});
}

#[test]
fn an_equal_stake_uses_up_the_exit() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(50);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		assert_eq!(exits(ALICE), []);
	});
}

#[test]
fn the_youngest_exits_fund_a_stake_first_and_a_part_used_starts_again() {
	one_prover().build_and_execute(|| {
		for amount in [300, 200] {
			advance_clock(11);
			assert_ok!(unstake(ALICE, amount));
		}
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(
			exits(ALICE),
			[
				an_exit(0, 300, START + 111),
				an_exit(1, 200, START + 122),
				an_exit(2, 500, START + 133),
			]
		);
		advance_clock(7);
		System::reset_events();
		// All 500 of the youngest, 100 of the next.
		assert_ok!(stake(ALICE, 600, 100, 4));
		assert_eq!(pool_events(), [staked(ALICE, 1, 600, 100, 4)]);
		assert_eq!(exits(ALICE), [an_exit(0, 300, START + 111), an_exit(1, 100, START + 140)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
	});
}

#[test]
fn an_exit_used_in_part_answers_for_all_that_is_not_closed() {
	one_prover().build_and_execute(|| {
		assign(6, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 500));
		advance_clock(101);
		// Drawn after the exit's date, so the exit does not answer for it.
		assign(7, ALICE);
		assert_eq!(exits(ALICE), [Exit { duties: 1, ..an_exit(0, 500, START + 111) }]);
		assert_ok!(stake(ALICE, 600, 100, 4));
		assert_eq!(exits(ALICE), [Exit { duties: 2, ..an_exit(0, 400, START + 212) }]);
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

		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000), staked(ALICE, 1, 400, 100, 4)]);
		assert_eq!((held(ALICE), free(ALICE)), (400, 610));
		assert_eq!(exits(ALICE), []);
	});
}

#[test]
fn a_member_that_stakes_again_is_paid_its_free_exit_first() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		advance_clock(101);
		System::reset_events();
		assert_ok!(stake(ALICE, 300, 100, 4));

		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 600), exited(ALICE, 400, 0), staked(ALICE, 1, 300, 100, 4)]
		);
		assert_eq!(held(ALICE), 400);
		assert_eq!(exits(ALICE), [an_exit(0, 100, START + 212)]);
	});
}

#[test]
fn a_refusal_undoes_the_payment_that_came_first() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		advance_clock(101);
		assert_noop!(stake(ALICE, 0, 1, 4), Error::InvalidParams);
		assert_noop!(stake(ALICE, 20_000, 1, 4), Error::InsufficientFunds);
		assert_eq!(held(ALICE), 1_000);
	});
}

// Capacity.

#[test]
fn free_capacity_at_entry_is_the_capacity_less_what_is_outstanding() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		assert_ok!(release(1));
		advance_clock(11);
		System::reset_events();
		// Two blocks are not delivered; the released one takes no capacity.
		assert_ok!(stake(ALICE, 1_000, 100, 5));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0), staked(ALICE, 1, 1_000, 100, 3)]);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 0), staked(ALICE, 1, 1_000, 100, 0)]);
	});
}

#[test]
fn more_outstanding_than_the_new_capacity_leaves_none_free() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assert_eq!(prover_row(ALICE).unwrap().current_capacity, 0);
		assert_eq!(ProverPool::get_capacity(), 0);
		// max(0, 2 − 3), max(0, 2 − 2), 2 − 1, 2 − 0.
		for (block_id, capacity) in [(1, 0), (2, 0), (3, 1), (4, 2)] {
			assert_ok!(release(block_id));
			assert_eq!(prover_row(ALICE).unwrap().current_capacity, capacity);
			assert_eq!(ProverPool::get_capacity(), u64::from(capacity));
		}
	});
}
