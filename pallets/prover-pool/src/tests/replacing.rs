//! Slots: which one an entry gets, and which member is replaced (R1, D12, D14).

use frame_support::{assert_noop, assert_ok};
use sp_runtime::Perbill;

use crate::mock::*;

const FULL: [(AccountId, Balance, u32, u32); 4] =
	[(ALICE, 3_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4), (DAVE, 2_000, 100, 4)];

fn full_pool() -> ExtBuilder {
	ExtBuilder::default().provers(&FULL)
}

fn slots() -> Vec<Option<AccountId>> {
	(1..=MaxProvers::get()).map(slot).collect()
}

#[test]
fn slots_are_filled_from_the_lowest() {
	ExtBuilder::default().build_and_execute(|| {
		for who in [CAROL, ALICE, DAVE, BOB] {
			assert_ok!(stake(who, 1_000, 100, 4));
		}
		assert_eq!(slots(), [Some(CAROL), Some(ALICE), Some(DAVE), Some(BOB)]);
	});
}

#[test]
fn the_lowest_vacant_slot_is_occupied() {
	full_pool().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(CAROL));
		assert_ok!(exit(BOB));
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), None, Some(DAVE)]);
	});
}

#[test]
fn a_vacant_slot_comes_before_any_replacement() {
	full_pool().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(DAVE));
		System::reset_events();
		// Far more than Bob's 1 000 in a lower slot.
		assert_ok!(stake(EVE, 9_000, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(BOB), Some(CAROL), Some(EVE)]);
		assert_eq!(pool_events(), [staked(EVE, 4, 9_000, 100, 4)]);
	});
}

#[test]
fn the_smallest_stake_is_replaced_on_a_tie_in_the_lowest_slot() {
	full_pool().build_and_execute(|| {
		assert_ok!(stake(EVE, 1_500, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), Some(CAROL), Some(DAVE)]);
		assert_eq!(pool_events(), [forced_out(BOB, 1_000, 0), staked(EVE, 2, 1_500, 100, 4)]);
		// Now Carol is the smallest.
		assert_ok!(stake(FRANK, 1_500, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), Some(FRANK), Some(DAVE)]);
	});
}

#[test]
fn an_equal_stake_is_not_good_enough_one_more_is() {
	full_pool().build_and_execute(|| {
		assert_noop!(stake(EVE, 999, 100, 4), Error::ProverNotGoodEnough);
		assert_noop!(stake(EVE, 1_000, 100, 4), Error::ProverNotGoodEnough);
		assert_ok!(stake(EVE, 1_001, 100, 4));
		assert_eq!(slot(2), Some(EVE));
	});
}

#[test]
fn the_overbid_is_rounded_up() {
	ExtBuilder::default()
		.max_provers(1)
		.min_overbid(Perbill::from_percent(5))
		.provers(&[(ALICE, 1_001, 100, 4)])
		.build_and_execute(|| {
			// 5 % of 1 001 are 50.05, so 51: at least 1 053.
			assert_noop!(stake(BOB, 1_051, 100, 4), Error::ProverNotGoodEnough);
			assert_noop!(stake(BOB, 1_052, 100, 4), Error::ProverNotGoodEnough);
			assert_ok!(stake(BOB, 1_053, 100, 4));
		});
}

#[test]
fn an_overbid_without_remainder_is_exact() {
	ExtBuilder::default()
		.max_provers(1)
		.min_overbid(Perbill::from_percent(100))
		.provers(&[(ALICE, 1_000, 100, 4)])
		.build_and_execute(|| {
			assert_noop!(stake(BOB, 2_000, 100, 4), Error::ProverNotGoodEnough);
			assert_ok!(stake(BOB, 2_001, 100, 4));
		});
}

#[test]
fn the_replaced_member_keeps_its_tokens_as_an_exit() {
	full_pool().build_and_execute(|| {
		advance_clock(5);
		assert_ok!(stake(EVE, 1_001, 100, 4));
		assert_eq!((held(BOB), free(BOB)), (1_000, 9_000));
		assert_eq!(exits(BOB), [an_exit(0, 1_000, START + 105)]);
		assert_eq!(staker(BOB).prover_id, None);
		advance_clock(101);
		assert_ok!(withdraw(BOB));
		assert_eq!(free(BOB), START_BALANCE);
	});
}

#[test]
fn the_replaced_member_is_paid_its_free_exit_first() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			advance_clock(11);
			assert_ok!(unstake(ALICE, 600));
			advance_clock(101);
			System::reset_events();
			assert_ok!(stake(BOB, 500, 90, 4));
			assert_eq!(
				pool_events(),
				[withdrawn(ALICE, 600), forced_out(ALICE, 400, 0), staked(BOB, 1, 500, 90, 4)]
			);
			assert_eq!((held(ALICE), free(ALICE)), (400, 9_600));
		},
	);
}

#[test]
fn the_other_exits_of_a_replaced_member_keep_their_dates() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			advance_clock(11);
			assert_ok!(unstake(ALICE, 600));
			advance_clock(100);
			System::reset_events();
			assert_ok!(stake(BOB, 500, 90, 4));
			assert_eq!(pool_events(), [forced_out(ALICE, 400, 1), staked(BOB, 1, 500, 90, 4)]);
			assert_eq!(exits(ALICE), [an_exit(0, 600, START + 111), an_exit(1, 400, START + 211)]);
		},
	);
}

#[test]
fn events_come_in_the_order_of_the_steps() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_500, 100, 4)])
		.build_and_execute(|| {
			advance_clock(11);
			assert_ok!(unstake(ALICE, 600));
			assert_ok!(exit(BOB));
			assert_ok!(stake(CAROL, 700, 100, 4));
			advance_clock(101);
			System::reset_events();
			// Bob is paid his free exit and enters from his free tokens; Alice is paid hers and replaced.
			assert_ok!(stake(BOB, 2_000, 100, 4));
			assert_eq!(
				pool_events(),
				[
					withdrawn(BOB, 1_500),
					withdrawn(ALICE, 600),
					forced_out(ALICE, 400, 0),
					staked(BOB, 1, 2_000, 100, 4),
				]
			);
		});
}

#[test]
fn the_delay_does_not_protect_from_replacement() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_ok!(stake(CAROL, 1_002, 100, 4));
		assert_eq!(slots(), [Some(CAROL)]);
	});
}

#[test]
fn the_replaced_member_stays_liable() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			assign(7, ALICE);
			assert_ok!(stake(BOB, 1_001, 100, 4));
			assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
			advance_clock(101);
			assert_noop!(withdraw(ALICE), Error::StillLiable);
			assert_ok!(discharge(7));
			assert_ok!(withdraw(ALICE));
		},
	);
}

#[test]
fn a_member_replaces_itself_even_with_less_than_all_others() {
	full_pool().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(DAVE, 200, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(BOB), Some(CAROL), Some(DAVE)]);
		assert_eq!(pool_events(), [exited(DAVE, 2_000, 0), staked(DAVE, 4, 200, 100, 4)]);
	});
}

#[test]
fn a_member_that_stakes_again_moves_to_a_lower_vacant_slot() {
	full_pool().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(BOB));
		assert_ok!(stake(DAVE, 2_000, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(DAVE), Some(CAROL), None]);
		assert_eq!(staker(DAVE).prover_id, Some(2));
	});
}

#[test]
fn a_pool_that_grows_has_vacant_slots() {
	full_pool().build_and_execute(|| {
		assert_noop!(stake(EVE, 200, 100, 4), Error::ProverNotGoodEnough);
		MaxProvers::set(5);
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_eq!(slot(5), Some(EVE));
	});
}

#[test]
fn a_paused_or_busy_member_is_ranked_like_others() {
	ExtBuilder::default()
		.max_provers(2)
		.provers(&[(ALICE, 1_000, 100, 2), (BOB, 1_100, 100, 2)])
		.build_and_execute(|| {
			assert_ok!(pause(ALICE));
			assert_ok!(stake(CAROL, 1_200, 100, 2));
			assert_eq!(slots(), [Some(CAROL), Some(BOB)]);
			assign(1, BOB);
			assign(2, BOB);
			assert_ok!(stake(DAVE, 1_200, 100, 2));
			assert_eq!(slots(), [Some(CAROL), Some(DAVE)]);
		});
}

#[test]
fn a_refused_newcomer_leaves_no_trace() {
	full_pool().build_and_execute(|| {
		assert_noop!(stake(EVE, 1_000, 100, 4), Error::ProverNotGoodEnough);
		assert_eq!((held(EVE), free(EVE)), (0, START_BALANCE));
		assert!(!has_record(EVE));
	});
}
