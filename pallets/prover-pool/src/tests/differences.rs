//! Where the contract of 2023 was wrong and this pallet is right: one test per row of the table.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::OpenReason;
use sp_core::H256;
use sp_runtime::Perbill;

use crate::mock::*;

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

fn drawn_at(block_id: u64, fee: u32) -> Outcome {
	request_at(block_id, fee).unwrap();
	run_blocks(2);
	outcomes().pop().unwrap().1
}

#[test]
fn d01_the_band_of_a_high_fee_does_not_wrap() {
	// 125 · 34 359 739 needs 33 bits.
	ExtBuilder::default().provers(&[(ALICE, 1_000, u32::MAX, 4)]).build_and_execute(|| {
		for (fee, reward_per_gas) in
			[(34_359_738, 42_949_672), (34_359_739, 42_949_673), (40_000_000, 50_000_000)]
		{
			assert_eq!(
				drawn_at(u64::from(fee), fee),
				Outcome::Assigned { prover: ALICE, reward_per_gas }
			);
		}
	});
}

#[test]
fn d02_four_times_a_huge_reward_does_not_wrap() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		// 4 · (2¹²⁶ + 1) is 4 modulo 2¹²⁸.
		assert_eq!(slash(7, (1 << 126) + 1), Ok(1_000));
	});
}

#[test]
fn d03_what_counts_as_slashable_is_what_is_slashed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));
		advance_clock(101);
		assign(7, ALICE);
		// The matured 600 neither raise the slash (400 · 20 % / 4 = 20) nor pay for it.
		assert_eq!(slash(7, 0), Ok(20));
		assert_eq!(held(ALICE), (380, 600));
	});
}

#[test]
fn d04_entering_again_gives_no_places_back() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=4 {
			assign(block_id, ALICE);
		}
		// In the original, three rounds of this gave three times the capacity.
		for _ in 0..3 {
			advance_clock(11);
			assert_ok!(stake(ALICE, 1_000, 100, 4));
			run_blocks(1);
			assert_eq!(prover(ALICE).unwrap().current_capacity, 0);
		}
		outcomes();
		assert_eq!(drawn_at(5, FEE), Outcome::Open { reason: OpenReason::NoFreeCapacity });
		// And a release is of one block, once.
		assert_ok!(release(1));
		assert!(release(1).is_err());
		assert_eq!(prover(ALICE).unwrap().current_capacity, 1);
	});
}

#[test]
fn d05_a_prover_slashed_to_nothing_holds_no_slot_and_wins_no_draw() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		assert_eq!(slash(7, 1_000), Ok(1_000));
		assert_eq!(slot(1), None);
		outcomes();
		assert_eq!(drawn_at(8, FEE), Outcome::Open { reason: OpenReason::EmptyPool });
	});
}

#[test]
fn d06_using_up_the_exit_does_not_lift_the_delay() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		// The whole stake again: nothing is left of the exit, nor of its clock.
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(staker(ALICE).exit_requested_at, None);
		assert_noop!(stake(ALICE, 1_000, 90, 4), Error::ChangeTooFrequent);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
	});
}

#[test]
fn d07_no_seed_that_was_known_at_the_request_decides_it() {
	let draw = |later: u8| {
		let mut prover = 0;
		ExtBuilder::default()
			.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
			.build_and_execute(|| {
				// Whoever asks knows this seed, and may choose the id for it.
				Seed::set(Some(H256::zero()));
				assert_ok!(request(7));
				run_blocks(1);
				assert_eq!(pending(), [7]);
				Seed::set(Some(H256::repeat_byte(later)));
				run_blocks(1);
				prover = assignment(7).unwrap().prover;
			});
		prover
	};
	let drawn: std::collections::BTreeSet<_> = (1..20).map(draw).collect();
	assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [ALICE, BOB]);
}

#[test]
fn d08_small_stakes_at_high_prices_keep_their_proportion() {
	// stake / e² is far below 1 for each: whole numbers would make all of them equal.
	ExtBuilder::default()
		.provers(&[
			(ALICE, 100, 4_000_000_000, 2),
			(BOB, 300, 4_000_000_000, 2),
			(CAROL, 9_600, 4_000_000_000, 2),
		])
		.build_and_execute(|| {
			let shares: Vec<_> = ProverPool::get_prover_weights(4_000_000_000, 1, 9)
				.into_iter()
				.map(|prover| prover.share as f64 / 1e18)
				.collect();
			for (share, exact) in shares.into_iter().zip([0.01, 0.03, 0.96]) {
				// Weights are ⌊stake · 2⁶⁴ / e²⌋: about 1.15 per unit of stake here.
				assert!((share - exact).abs() < 0.001, "{share}");
			}
		});
}

#[test]
fn d09_raising_the_capacity_does_not_lower_the_slash() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 20));
		// 1 000 · 20 % / 4, not / 20.
		assert_eq!(slash(7, 0), Ok(50));
	});
}

#[test]
fn d10_a_stall_longer_than_the_exit_period_lets_nobody_off() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_eq!(slash(7, 250), Ok(1_000));
	});
}

#[test]
fn d11_nobody_enters_for_a_draw_that_it_knows_and_leaves_again() {
	ExtBuilder::default().entry_delay(5).provers(&[(BOB, 200, 100, 4)]).build_and_execute(|| {
		// The first seed that draws whoever is in the slot after Bob's, if anybody is.
		RawSeeds::mutate(|seeds| seeds.insert(7, prover_pool_index::weight(200, 100)));
		assert_ok!(request(7));
		assert_ok!(stake(ALICE, 9_800, 100, 4));
		run_blocks(2);
		assert_eq!(assignment(7).unwrap().prover, BOB);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
	});
}

#[test]
fn d12_emptying_slots_is_dear_and_slow() {
	ExtBuilder::default()
		.max_provers(2)
		.min_overbid(Perbill::from_percent(5))
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
		.build_and_execute(|| {
			assert_noop!(stake(CAROL, 1_001, 100, 4), Error::ProverNotGoodEnough);
			assert_ok!(stake(CAROL, 1_051, 100, 4));
			// Whoever replaced somebody stays a while: one account does not empty two slots.
			assert_noop!(exit(CAROL), Error::ChangeTooFrequent);
			assert_noop!(stake(CAROL, 2_000, 100, 4), Error::ChangeTooFrequent);
		});
}

#[test]
fn d13_time_may_begin_at_zero() {
	ExtBuilder::default().build_and_execute(|| {
		Now::set(0);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(staker(ALICE).last_changed_at, Some(0));
		advance_clock(10);
		assert_noop!(exit(ALICE), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(exit(ALICE));

		// An exit asked for at time zero is an exit.
		Now::set(0);
		MinChangeDelay::set(0);
		assert_ok!(stake(BOB, 1_000, 100, 4));
		crate::Stakers::<Test>::mutate(BOB, |(staker, _)| staker.last_changed_at = None);
		assert_ok!(exit(BOB));
		assert_eq!(staker(BOB).exit_requested_at, Some(0));
		Now::set(100);
		assert_noop!(withdraw(BOB), Error::NoMatureExit);
		Now::set(101);
		assert_ok!(withdraw(BOB));

		// And so is a liability from then.
		Now::set(0);
		assert_ok!(stake(CAROL, 1_000, 100, 4));
		assign(7, CAROL);
		assert_eq!(staker(CAROL).liable_since, Some(0));
		Now::set(1);
		assert_ok!(exit(CAROL));
		Now::set(500);
		assert_noop!(withdraw(CAROL), Error::StillLiable);
	});
}

#[test]
fn d14_a_slot_emptied_by_a_slash_is_vacant_and_vacant_slots_come_first() {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)])
		.build_and_execute(|| {
			assign(7, BOB);
			assert_eq!(slash(7, 1_000), Ok(1_000));
			System::reset_events();
			assert_ok!(stake(DAVE, 5_000, 100, 4));
			assert_ok!(stake(EVE, 5_000, 100, 4));
			assert_eq!((slot(2), slot(4)), (Some(DAVE), Some(EVE)));
			assert_eq!(pool_events(), [staked(DAVE, 5_000, 100, 4), staked(EVE, 5_000, 100, 4)]);
		});
}

#[test]
fn d15_the_minimum_stake_is_an_amount_of_the_runtime() {
	ExtBuilder::default().build_and_execute(|| {
		MinStakePerCapacity::set(2_000);
		assert_noop!(stake(ALICE, 3_999, 100, 2), Error::InvalidParams);
		assert_ok!(stake(ALICE, 4_000, 100, 2));
	});
}
