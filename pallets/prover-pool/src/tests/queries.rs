//! Queries: rows, pages, statuses, shares. Simulations are in `simulations.rs`.

use std::collections::BTreeSet;

use frame_support::assert_ok;
use prover_pool_primitives::{BlockId, ProverPool as Pool};
use sp_core::U256;
use sp_runtime::Perbill;

use crate::{
	mock::*, MemberStatus, Offer, Parameters, ProverRow, StakerRow, TrackRecord, MAX_PAGE,
	SHARE_UNIT,
};

const THREE: [(AccountId, Balance, u32, u32); 3] =
	[(ALICE, 1_000, 100, 4), (BOB, 2_000, 80, 5), (CAROL, 3_000, 1_000, 6)];

fn offer(stake: Balance, reward_per_gas: u32, max_capacity: u32) -> Offer<Balance> {
	Offer { stake, reward_per_gas, max_capacity, paused: false }
}

fn weight(stake: u64, price: u64) -> U256 {
	(U256::from(stake) << 64) / (price * price)
}

// Stakers and provers.

#[test]
fn a_staker_is_shown_with_everything_that_the_pool_knows() {
	ExtBuilder::default().slash_deferral(500).provers(&THREE).build_and_execute(|| {
		assign(1, BOB);
		assign(2, BOB);
		assert_ok!(slash(2, 20));
		advance_clock(11);
		assert_ok!(unstake(BOB, 500));
		let record = TrackRecord { assigned: 2, served: 0, missed: 1, misses_in_a_row: 1 };
		let row = StakerRow {
			prover: Some(ProverRow {
				prover_id: 2,
				account: BOB,
				offer: offer(1_420, 80, 5),
				current_capacity: 4,
				status: MemberStatus::Active,
				listed: None,
				entered_at: START,
				entered_in: 0,
				changed_in: System::block_number(),
				record,
			}),
			max_capacity: 5,
			outstanding: 1,
			liable: 1,
			exits: exits(BOB),
			suspended_until: None,
			record,
			// The pending slash of 80 as well.
			held: 2_000,
		};
		assert_eq!(ProverPool::get_staker(BOB), row);

		assert_ok!(exit(BOB));
		let left = ProverPool::get_staker(BOB);
		assert_eq!(left, StakerRow { prover: None, exits: exits(BOB), ..row });

		assert_eq!(
			ProverPool::get_staker(NOBODY),
			StakerRow {
				prover: None,
				max_capacity: 0,
				outstanding: 0,
				liable: 0,
				exits: vec![],
				suspended_until: None,
				record: TrackRecord::default(),
				held: 0,
			}
		);
	});
}

#[test]
fn a_status_says_whether_draws_can_choose_a_member() {
	ExtBuilder::default().entry_delay(3).suspension(1, 50).provers(&THREE).build_and_execute(
		|| {
			let status = |who| prover_row(who).unwrap().status;
			assert_eq!(status(ALICE), MemberStatus::Active);
			assert_ok!(pause(ALICE));
			assert_eq!(status(ALICE), MemberStatus::Paused);
			assert_ok!(stake(DAVE, 1_000, 100, 4));
			assert_eq!(status(DAVE), MemberStatus::Entering);
			assign(1, BOB);
			assert_ok!(slash(1, 0));
			assert_eq!(status(BOB), MemberStatus::Suspended { until: START + 50 });
			advance_clock(50);
			assert_eq!(status(BOB), MemberStatus::Suspended { until: START + 50 });
			advance_clock(1);
			assert_eq!(status(BOB), MemberStatus::Paused);
			run_blocks(3);
			assert_eq!(status(DAVE), MemberStatus::Active);
			// A suspension shows before an entry.
			assert_ok!(pause(DAVE));
			assert_eq!(status(DAVE), MemberStatus::Paused);
		},
	);
}

#[test]
fn the_listed_offer_is_shown_where_it_differs() {
	ExtBuilder::default().entry_delay(3).provers(&THREE).build_and_execute(|| {
		let listed = |who| prover_row(who).unwrap().listed;
		assert_eq!(listed(ALICE), None);
		assert_ok!(set_terms(ALICE, 90, 4));
		assert_eq!(listed(ALICE), Some(offer(1_000, 100, 4)));
		// An entering member has none.
		assert_ok!(stake(DAVE, 1_000, 100, 4));
		assert_ok!(set_terms(DAVE, 90, 4));
		assert_eq!(listed(DAVE), None);
		run_blocks(3);
		assert_eq!((listed(ALICE), listed(DAVE)), (None, Some(offer(1_000, 100, 4))));
	});
}

#[test]
fn provers_are_listed_by_slot_and_paged() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let page = |start, limit| -> Vec<_> {
			let rows = ProverPool::get_provers(start, limit);
			rows.into_iter().map(|row| (row.prover_id, row.account)).collect()
		};
		let all = [(1, ALICE), (2, BOB), (3, CAROL)];
		assert_eq!(page(1, u32::MAX), all);
		assert_eq!(page(0, 4), all);
		assert!(page(1, 0).is_empty());
		assert_eq!(page(1, 2), all[..2]);
		assert_eq!(page(3, 2), all[2..]);
		assert!(page(4, 2).is_empty());
		assert!(page(u32::MAX, u32::MAX).is_empty());
		// Each row is that of the account.
		for row in ProverPool::get_provers(1, 9) {
			assert_eq!(prover_row(row.account), Some(row));
		}

		// The limit counts members, not slots.
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(page(1, 2), [(2, BOB), (3, CAROL)]);
		assert_eq!(page(1, 1), [(2, BOB)]);
	});
}

#[test]
fn no_page_has_more_than_1024_rows() {
	assert_eq!(MAX_PAGE, 1_024);
	let members: Vec<_> = (1..=1_030).map(|who| (who, 1_000, 100, 2)).collect();
	members
		.iter()
		.fold(ExtBuilder::default(), |builder, (who, ..)| builder.balance(*who, 2_000))
		.max_provers(2_000)
		.provers(&members)
		.build_and_execute(|| {
			assert_eq!(ProverPool::get_provers(1, u32::MAX).len(), 1_024);
			assert_eq!(ProverPool::get_provers(1_025, u32::MAX).len(), 6);
			assert_eq!(ProverPool::get_prover_weights(FEE, 1, u32::MAX).len(), 1_024);
			assert_eq!(ProverPool::get_prover_weights(FEE, 1_025, u32::MAX).len(), 6);
		});
	ExtBuilder::default()
		.max_capacity(5_000)
		.max_pending_draws(2_000)
		.draws_per_block(2_000)
		.balance(ALICE, 1_000_000)
		.provers(&[(ALICE, 500_000, 100, 5_000)])
		.build_and_execute(|| {
			for block_id in 0..1_030 {
				assert_ok!(request(block_id));
			}
			run_blocks(2);
			let page = ProverPool::get_assignments(ALICE, None, u32::MAX);
			assert_eq!(page.len(), 1_024);
			let after = page.last().map(|row| row.block_id);
			assert_eq!(ProverPool::get_assignments(ALICE, after, u32::MAX).len(), 6);
		});
}

#[test]
fn the_capacity_is_what_draws_can_use() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(ProverPool::get_capacity(), 0);
	});
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let capacity = || {
			assert_eq!(
				ProverPool::get_capacity(),
				<ProverPool as Pool<_, Balance>>::free_capacity()
			);
			ProverPool::get_capacity()
		};
		assert_eq!(capacity(), 15);
		assign(7, BOB);
		assert_eq!(capacity(), 14);
		assert_ok!(release(7));
		assert_eq!(capacity(), 15);
		assert_ok!(pause(CAROL));
		assert_eq!(capacity(), 9);
		EntryDelay::set(5);
		assert_ok!(stake(DAVE, 1_000, 100, 3));
		assert_eq!(capacity(), 9);
		run_blocks(5);
		assert_eq!(capacity(), 12);
	});
}

#[test]
fn the_capacity_is_wider_than_that_of_one_prover() {
	let rich = 1 << 60;
	ExtBuilder::default()
		.max_capacity(u32::MAX)
		.balance(ALICE, rich)
		.balance(BOB, rich)
		.build_and_execute(|| {
			assert_ok!(stake(ALICE, rich - 10, 100, u32::MAX));
			assert_ok!(stake(BOB, rich - 10, 100, u32::MAX));
			assert_eq!(ProverPool::get_capacity(), 2 * u64::from(u32::MAX));
		});
}

// Weights and shares.

#[test]
fn weights_are_those_of_a_draw_at_the_fee() {
	ExtBuilder::default().provers(&THREE).build_and_execute(|| {
		let rows = ProverPool::get_prover_weights(100, 1, u32::MAX);
		// The band around 100 is [75, 125]: 1 000 becomes 125.
		let expected = [weight(1_000, 100), weight(2_000, 80), weight(3_000, 125)];
		assert_eq!(rows.iter().map(|row| row.weight).collect::<Vec<_>>(), expected);
		let prices: Vec<_> = rows.iter().map(|row| row.effective_price).collect();
		assert_eq!(prices, [100, 80, 125]);
		let shares: u64 = rows.iter().map(|row| row.share).sum();
		assert!((SHARE_UNIT - 3..=SHARE_UNIT).contains(&shares), "{shares}");
		// 1 000 / 100² = 0.1 of 0.1 + 0.3125 + 0.192: 16.54…%.
		assert_eq!(rows[0].share / 10u64.pow(14), 1_654);
		// A page shows parts of the whole, not of the page.
		assert_eq!(ProverPool::get_prover_weights(100, 2, 1), rows[1..2]);
		assert_eq!(ProverPool::get_prover_weights(100, 3, 5), rows[2..]);
		assert!(ProverPool::get_prover_weights(100, 1, 0).is_empty());
	});
}

#[test]
fn a_member_that_cannot_be_drawn_has_no_weight() {
	ExtBuilder::default()
		.entry_delay(3)
		.max_provers(5)
		.provers(&[(ALICE, 1_000, 100, 2), (BOB, 1_000, 100, 2), (CAROL, 1_000, 100, 2)])
		.build_and_execute(|| {
			assign(1, ALICE);
			assign(2, ALICE);
			assert_ok!(pause(CAROL));
			run_to_block(10);
			assert_ok!(stake(DAVE, 1_000, 110, 2));
			let shares = || -> Vec<_> {
				let rows = ProverPool::get_prover_weights(100, 1, 9);
				let zero = |row: &crate::WeightRow| row.weight.is_zero();
				rows.iter().map(|row| (row.share, zero(row), row.effective_price)).collect()
			};
			// Alice has no free capacity, Carol is paused. Dave entered in 10: block 14 is the first
			// that may draw him, so the weights shown in 13 count him.
			for block in 10..13 {
				run_to_block(block);
				assert_eq!(
					shares(),
					[(0, true, 100), (SHARE_UNIT, false, 100), (0, true, 100), (0, true, 110)]
				);
			}
			run_to_block(13);
			// 110² : 100² = 121 : 100.
			let [_, (bob, ..), _, (dave, no_weight, price)] = shares()[..] else {
				panic!("four members")
			};
			assert_eq!((no_weight, price), (false, 110));
			assert_eq!((bob / 10u64.pow(12), dave / 10u64.pow(12)), (547_511, 452_488));
		});
}

#[test]
fn weights_without_a_fee_or_a_pool_are_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(ProverPool::get_prover_weights(100, 1, 9).is_empty());
	});
	ExtBuilder::default().provers(&THREE[..1]).build_and_execute(|| {
		let [only] = &ProverPool::get_prover_weights(0, 1, 9)[..] else { panic!("one member") };
		assert_eq!((only.weight, only.share, only.effective_price), (U256::zero(), 0, 0));
	});
}

#[test]
fn odds_are_the_share_that_one_more_member_would_have() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(ProverPool::odds(FEE, offer(1_000, 100, 4)), SHARE_UNIT);
		assert_eq!(ProverPool::odds(0, offer(1_000, 100, 4)), 0);
		assert_eq!(ProverPool::odds(FEE, offer(0, 100, 4)), 0);
	});
	ExtBuilder::default().provers(&[(ALICE, 1_000, 64, 4)]).build_and_execute(|| {
		// Exact weights: prices are powers of two, in the band [48, 80] around 64.
		assert_eq!(ProverPool::odds(64, offer(1_000, 64, 4)), SHARE_UNIT / 2);
		assert_eq!(ProverPool::odds(64, offer(3_000, 64, 4)), SHARE_UNIT / 4 * 3);
		// A price below the band gains nothing; one above it weighs as its end.
		assert_eq!(
			ProverPool::odds(64, offer(1_000, 1, 4)),
			ProverPool::odds(64, offer(1_000, 48, 4))
		);
		assert_eq!(
			ProverPool::odds(64, offer(1_000, u32::MAX, 4)),
			ProverPool::odds(64, offer(1_000, 80, 4))
		);
		assert_eq!(ProverPool::odds(64, offer(1_000, 64, 0)), 0);
		assert_eq!(ProverPool::odds(64, Offer { paused: true, ..offer(1_000, 64, 4) }), 0);
		// It is what the member has, once it is one.
		let odds = ProverPool::odds(64, offer(700, 61, 4));
		assert_ok!(stake(BOB, 700, 61, 4));
		assert_eq!(ProverPool::get_prover_weights(64, 2, 1)[0].share, odds);
	});
}

// Assignments and exits.

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
				let rows = ProverPool::get_assignments(ALICE, after, limit);
				rows.into_iter()
					.map(|row| {
						assert_eq!(Some(row.assignment), assignment(row.block_id));
						row.block_id
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

			// The last of a page is closed before the next page is read.
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
		let [row] = &ProverPool::get_assignments(BOB, None, 9)[..] else { panic!("one row") };
		assert_eq!((row.block_id, row.assignment.released), (1, true));
	});
}

#[test]
fn the_next_exit_is_a_free_one_or_the_first_to_mature() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		let next = || ProverPool::next_exit(ALICE).map(|exit| exit.id);
		assert_eq!((next(), ProverPool::next_exit(NOBODY)), (None, None));
		assign(1, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(next(), Some(0));
		assert_ok!(discharge(1));
		// Ids are in the order of age, dates need not be.
		ExitPeriod::set(5);
		assert_ok!(unstake(ALICE, 200));
		assert_eq!(next(), Some(1));
		assert_eq!(ProverPool::next_exit(ALICE), Some(an_exit(1, 200, START + 16)));
		advance_clock(6);
		assert_eq!(next(), Some(1));
		assert_ok!(withdraw(ALICE));
		assert_eq!(next(), Some(0));
	});
	// A free exit comes before one that matured earlier and still answers.
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 100));
		assert_ok!(slash(1, 0));
		assign(2, ALICE);
		ExitPeriod::set(1);
		assert_ok!(unstake(ALICE, 100));
		assert_ok!(discharge(2));
		advance_clock(2);
		assert_eq!(ProverPool::next_exit(ALICE).map(|exit| exit.id), Some(1));
	});
}

#[test]
fn parameters_are_shown_as_they_are_now() {
	ExtBuilder::default().build_and_execute(|| {
		let expected = Parameters {
			max_provers: 4,
			max_exits: 4,
			min_capacity: 2,
			max_capacity: 1_000,
			min_stake_per_capacity: 50,
			exit_period: 100,
			min_change_delay: 10,
			slash_points: Perbill::from_percent(20),
			slash_multiplier: 4,
			slash_exits_first: false,
			slash_deferral: 0,
			max_misses: 0,
			suspension_period: 50,
			max_paused_share: Perbill::one(),
			min_overbid: Perbill::zero(),
			ejection_threshold: Perbill::zero(),
			max_liability: 400,
			entry_delay: 0,
			draw_delay: 1,
			max_pending_draws: 8,
			max_draws_per_block: 3,
			max_admissions: 64,
		};
		assert_eq!(ProverPool::get_parameters(), expected);
		MinOverbid::set(Perbill::from_percent(5));
		EntryDelay::set(11);
		SlashDeferral::set(13);
		MaxMisses::set(3);
		MaxPausedShare::set(Perbill::from_percent(30));
		SlashExitsFirst::set(true);
		assert_eq!(
			ProverPool::get_parameters(),
			Parameters {
				min_overbid: Perbill::from_percent(5),
				entry_delay: 11,
				slash_deferral: 13,
				max_misses: 3,
				max_paused_share: Perbill::from_percent(30),
				slash_exits_first: true,
				..expected
			}
		);
	});
}
