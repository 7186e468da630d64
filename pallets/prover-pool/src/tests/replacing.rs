//! Slots: who gets which, and who has to make room (R1, D12, D14).

use frame_support::{assert_noop, assert_ok};
use sp_runtime::Perbill;

use crate::mock::*;

const FULL: [(AccountId, Balance, u32, u32); 4] =
	[(ALICE, 3_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4), (DAVE, 2_000, 100, 4)];

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
fn the_lowest_vacant_slot_is_taken() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(CAROL));
		assert_ok!(exit(BOB));
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), None, Some(DAVE)]);
	});
}

#[test]
fn a_vacant_slot_is_taken_before_anybody_is_replaced() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(DAVE));
		System::reset_events();
		// Far more than Bob's 1 000 in a lower slot.
		assert_ok!(stake(EVE, 9_000, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(BOB), Some(CAROL), Some(EVE)]);
		assert_eq!(pool_events(), [staked(EVE, 9_000, 100, 4)]);
	});
}

#[test]
fn the_smallest_stake_is_replaced_the_lowest_slot_on_a_tie() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		assert_ok!(stake(EVE, 1_500, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), Some(CAROL), Some(DAVE)]);
		assert_eq!(pool_events(), [forced_out(BOB, 1_000, 1_000), staked(EVE, 1_500, 100, 4)]);
		// Now Carol is the smallest.
		assert_ok!(stake(FRANK, 1_500, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(EVE), Some(FRANK), Some(DAVE)]);
	});
}

#[test]
fn an_equal_stake_is_not_good_enough_one_more_is() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
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
fn the_one_replaced_keeps_its_tokens_and_its_exit_runs() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		advance_clock(5);
		assert_ok!(stake(EVE, 1_001, 100, 4));
		assert_eq!(held(BOB), (0, 1_000));
		assert_eq!(free(BOB), 9_000);
		assert_eq!(staker(BOB).exit_requested_at, Some(START + 5));
		assert_eq!(staker(BOB).prover_id, None);
		advance_clock(101);
		assert_ok!(withdraw(BOB));
	});
}

#[test]
fn the_one_replaced_is_paid_its_free_exit_first() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));
		advance_clock(101);
		System::reset_events();
		assert_ok!(stake(BOB, 500, 90, 4));

		// The 600 were free; only the stake is on its way out now.
		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 600), forced_out(ALICE, 400, 400), staked(BOB, 500, 90, 4)]
		);
		assert_eq!(held(ALICE), (0, 400));
		assert_eq!(free(ALICE), 9_600);
	});
}

#[test]
fn the_one_replaced_has_its_maturing_exit_restarted() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));
		advance_clock(100);
		System::reset_events();
		assert_ok!(stake(BOB, 500, 90, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 400, 1_000), staked(BOB, 500, 90, 4)]);
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 111));
	});
}

#[test]
fn events_come_in_the_order_of_the_steps() {
	ExtBuilder::default().max_provers(2).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_ok!(stake(BOB, 1_500, 100, 4));
		advance_clock(11);
		// Alice stays and has 600 on their way out, Bob leaves, Carol takes his slot.
		assert_ok!(stake(ALICE, 400, 100, 4));
		assert_ok!(exit(BOB));
		assert_ok!(stake(CAROL, 700, 100, 4));
		advance_clock(101);
		System::reset_events();
		// Bob is paid his free exit, enters from his free tokens, and Alice, paid hers, makes room.
		assert_ok!(stake(BOB, 2_000, 100, 4));
		assert_eq!(
			pool_events(),
			[
				withdrawn(BOB, 1_500),
				withdrawn(ALICE, 600),
				forced_out(ALICE, 400, 400),
				staked(BOB, 2_000, 100, 4),
			]
		);
	});
}

#[test]
fn the_delay_does_not_protect_from_being_replaced() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_ok!(stake(CAROL, 1_002, 100, 4));
		assert_eq!(slots(), [Some(CAROL)]);
	});
}

#[test]
fn the_one_replaced_stays_liable() {
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
fn a_member_replaces_itself_even_with_less_than_everybody() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(DAVE, 200, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(BOB), Some(CAROL), Some(DAVE)]);
		assert_eq!(pool_events(), [exited(DAVE, 2_000, 2_000), staked(DAVE, 200, 100, 4)]);
	});
}

#[test]
fn a_member_that_stakes_again_moves_to_a_lower_vacant_slot() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(BOB));
		assert_ok!(stake(DAVE, 2_000, 100, 4));
		assert_eq!(slots(), [Some(ALICE), Some(DAVE), Some(CAROL), None]);
		assert_eq!(staker(DAVE).prover_id, Some(2));
	});
}

#[test]
fn a_pool_that_grows_has_vacant_slots() {
	ExtBuilder::default().provers(&FULL).build_and_execute(|| {
		assert_noop!(stake(EVE, 200, 100, 4), Error::ProverNotGoodEnough);
		MaxProvers::set(5);
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_eq!(slot(5), Some(EVE));
	});
}

#[test]
fn free_places_on_entry_are_the_capacity_less_what_is_outstanding() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		assert_ok!(release(1));
		advance_clock(11);
		System::reset_events();
		// Two blocks are still with her; the released one takes no place.
		assert_ok!(stake(ALICE, 1_000, 100, 5));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000), staked(ALICE, 1_000, 100, 3)]);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assert_eq!(pool_events(), [exited(ALICE, 1_000, 1_000), staked(ALICE, 1_000, 100, 0)]);
	});
}

#[test]
fn more_outstanding_than_the_new_capacity_leaves_no_place() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assert_eq!(prover(ALICE).unwrap().current_capacity, 0);
		// max(0, 2 − 3), max(0, 2 − 2), 2 − 1.
		for (block_id, places) in [(1, 0), (2, 0), (3, 1), (4, 2)] {
			assert_ok!(release(block_id));
			assert_eq!(prover(ALICE).unwrap().current_capacity, places);
		}
	});
}
