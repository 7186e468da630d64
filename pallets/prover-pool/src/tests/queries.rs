//! View functions: what they show, page by page.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use prover_pool_index::weight;
use prover_pool_primitives::{BlockId, ProverPool as Pool};
use sp_core::U256;
use sp_runtime::Perbill;

use crate::{mock::*, selection::SHARE_UNIT, Parameters, ProverWeight, Staker};

const THREE: [(AccountId, Balance, u32, u32); 3] =
	[(ALICE, 1_000, 100, 4), (BOB, 2_000, 80, 5), (CAROL, 3_000, 1_000, 6)];

#[test]
fn a_staker_is_shown_with_its_slot_or_without() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let (record, member) = ProverPool::get_staker(BOB);
		assert_eq!(record.prover_id, Some(2));
		assert_eq!(member.map(|prover| prover.staked_amount), Some(2_000));

		advance_clock(11);
		assert_ok!(exit(BOB));
		let (record, member) = ProverPool::get_staker(BOB);
		assert_eq!((record.exit_amount, member), (2_000, None));

		assert_eq!(ProverPool::get_staker(NOBODY), (Staker::default(), None));
	});
}

#[test]
fn the_capacity_is_the_sum_of_all_free_places() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(ProverPool::get_capacity(), 0);
	});
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		assert_eq!(ProverPool::get_capacity(), 15);
		assign(7, BOB);
		assert_eq!(ProverPool::get_capacity(), 14);
		assert_ok!(release(7));
		assert_eq!(ProverPool::get_capacity(), 15);
		// One that waits for its entry delay counts here, and not for the next draw.
		EntryDelay::set(5);
		assert_ok!(stake(DAVE, 1_000, 100, 3));
		assert_eq!(ProverPool::get_capacity(), 18);
		assert_eq!(<ProverPool as Pool<_, _>>::free_capacity(), 15);
	});
}

#[test]
fn the_capacity_is_wider_than_that_of_one_prover() {
	let rich = 1 << 60;
	ExtBuilder::default().balance(ALICE, rich).balance(BOB, rich).build_and_execute(|| {
		assert_ok!(stake(ALICE, rich - 10, 100, u32::MAX));
		assert_ok!(stake(BOB, rich - 10, 100, u32::MAX));
		assert_eq!(ProverPool::get_capacity(), 2 * u64::from(u32::MAX));
		run_blocks(1);
		assert_eq!(<ProverPool as Pool<_, _>>::free_capacity(), 2 * u64::from(u32::MAX));
	});
}

#[test]
fn provers_are_listed_by_slot_and_paged() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let page = |start, limit| -> Vec<_> {
			ProverPool::get_provers(start, limit)
				.into_iter()
				.map(|(prover_id, prover)| (prover_id, prover.who))
				.collect()
		};
		let all = [(1, ALICE), (2, BOB), (3, CAROL)];
		assert_eq!(page(1, u32::MAX), all);
		assert_eq!(page(0, 4), all);
		assert!(page(1, 0).is_empty());
		assert_eq!(page(1, 2), all[..2]);
		assert_eq!(page(3, 2), all[2..]);
		assert!(page(4, 2).is_empty());
		assert!(page(u32::MAX, u32::MAX).is_empty());

		// The limit counts members, not slots.
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(page(1, 2), [(2, BOB), (3, CAROL)]);
		assert_eq!(page(1, 1), [(2, BOB)]);
	});
}

#[test]
fn weights_are_those_of_a_draw_at_the_fee() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let entry = |prover_id, stake, effective_price, total: U256| {
			let weight = weight(stake, effective_price);
			ProverWeight {
				prover_id,
				weight,
				share: (weight * U256::from(SHARE_UNIT) / total).as_u64(),
				effective_price,
			}
		};
		// The band around 100 is [75, 125]: 1 000 becomes 125.
		let total = weight(1_000, 100) + weight(2_000, 80) + weight(3_000, 125);
		let all =
			[entry(1, 1_000, 100, total), entry(2, 2_000, 80, total), entry(3, 3_000, 125, total)];
		assert_eq!(ProverPool::get_prover_weights(100, 1, u32::MAX), all);
		// A page shows parts of the whole, not of the page.
		assert_eq!(ProverPool::get_prover_weights(100, 2, 1), all[1..2]);
		assert_eq!(ProverPool::get_prover_weights(100, 3, 5), all[2..]);
		assert!(ProverPool::get_prover_weights(100, 1, 0).is_empty());

		let shares: u64 = all.iter().map(|prover| prover.share).sum();
		assert!((SHARE_UNIT - 2..=SHARE_UNIT).contains(&shares));
		// 1 000 / 100² = 0.1 of 0.1 + 0.3125 + 0.192: 16.54…%.
		assert_eq!(all[0].share / 10u64.pow(14), 1_654);
	});
}

#[test]
fn who_cannot_be_drawn_weighs_nothing() {
	ExtBuilder::default()
		.entry_delay(3)
		.provers(&[(ALICE, 1_000, 100, 2), (BOB, 1_000, 100, 2)])
		.build_and_execute(|| {
			assign(1, ALICE);
			assign(2, ALICE);
			run_to_block(10);
			assert_ok!(stake(CAROL, 1_000, 110, 2));
			let shares = || -> Vec<_> {
				ProverPool::get_prover_weights(100, 1, 9)
					.into_iter()
					.map(|prover| (prover.share, prover.weight.is_zero(), prover.effective_price))
					.collect()
			};
			// Alice has no place. Carol entered in 10: block 14 is the first that may draw her, so
			// the weights shown in 13 count her.
			for block in 10..13 {
				run_to_block(block);
				assert_eq!(shares(), [(0, true, 100), (SHARE_UNIT, false, 100), (0, true, 110)]);
			}
			run_to_block(13);
			// 110² : 100² = 121 : 100.
			let carol = 452_488_687_782_805_429;
			assert_eq!(
				shares(),
				[(0, true, 100), (547_511_312_217_194_570, false, 100), (carol, false, 110)]
			);
		});
}

#[test]
fn weights_without_a_fee_or_a_pool_are_empty_or_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(ProverPool::get_prover_weights(100, 1, 9).is_empty());
	});
	ExtBuilder::default().provers(&THREE[..1]).build_and_execute(|| {
		// At a fee of 0 nobody is drawn.
		let [only] = &ProverPool::get_prover_weights(0, 1, 9)[..] else { panic!("one member") };
		assert_eq!((only.weight, only.share, only.effective_price), (U256::zero(), 0, 0));
	});
}

#[test]
fn assignments_are_listed_by_account_and_paged() {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 20), (BOB, 1_000, 100, 20)])
		.build_and_execute(|| {
			for block_id in 1..=7 {
				assign(block_id, ALICE);
			}
			assign(100, BOB);
			let ids = |after, limit| -> Vec<BlockId> {
				ProverPool::get_assignments(ALICE, after, limit)
					.into_iter()
					.map(|(block_id, shown)| {
						assert_eq!(Some(shown), assignment(block_id));
						block_id
					})
					.collect()
			};
			let all = ids(None, u32::MAX);
			assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), (1..=7).collect());
			assert_eq!(ids(None, 3), all[..3]);
			assert_eq!(ids(Some(all[2]), 3), all[3..6]);
			assert_eq!(ids(Some(all[5]), 3), all[6..]);
			assert!(ids(Some(all[6]), 3).is_empty());
			assert!(ids(None, 0).is_empty());

			// The last of a page is closed before the next page is asked for.
			assert_ok!(discharge(all[2]));
			assert_eq!(ids(Some(all[2]), 3), all[3..6]);
			assert_eq!(ids(None, 3), [all[0], all[1], all[3]]);

			assert_eq!(ProverPool::get_assignments(BOB, None, 9).len(), 1);
			assert!(ProverPool::get_assignments(CAROL, None, 9).is_empty());
		});
}

#[test]
fn released_assignments_are_listed_closed_ones_are_not() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		assign(1, BOB);
		assign(2, BOB);
		assert_ok!(release(1));
		assert_ok!(slash(2, 0));
		let [(1, shown)] = &ProverPool::get_assignments(BOB, None, 9)[..] else {
			panic!("the released one")
		};
		assert!(shown.released);
	});
}

#[test]
fn parameters_are_shown_as_they_are_now() {
	ExtBuilder::default().build_and_execute(|| {
		let expected = Parameters {
			min_capacity: 2,
			min_stake_per_capacity: 50,
			max_provers: 4,
			exit_period: 100,
			min_change_delay: 10,
			slash_points: Perbill::from_percent(20),
			slash_multiplier: 4,
			price_floor_percent: 75,
			price_ceiling_percent: 125,
			min_overbid: Perbill::zero(),
			ejection_threshold: Perbill::zero(),
			max_liability: 400,
			entry_delay: 0,
			max_pending_draws: 8,
			max_draws_per_block: 3,
		};
		assert_eq!(ProverPool::get_parameters(), expected);
		MinOverbid::set(Perbill::from_percent(5));
		EjectionThreshold::set(Perbill::from_percent(7));
		EntryDelay::set(11);
		ExitPeriod::set(13);
		assert_eq!(
			ProverPool::get_parameters(),
			Parameters {
				min_overbid: Perbill::from_percent(5),
				ejection_threshold: Perbill::from_percent(7),
				entry_delay: 11,
				exit_period: 13,
				..expected
			}
		);
	});
}
