//! Who is drawn, and at what price (R4, R5).

use frame_support::assert_ok;
use prover_pool_primitives::{BlockId, OpenReason, PricePerGas, ProverPool as Pool};

use crate::mock::*;

/// Requests at `fee`, runs to the draw and gives its outcome.
fn draw_at(block_id: BlockId, fee: PricePerGas) -> Outcome {
	request_at(block_id, fee).unwrap();
	run_blocks(2);
	let mut told = outcomes();
	let (told_id, outcome) = told.pop().unwrap();
	assert_eq!((told_id, told.len()), (block_id, 0));
	outcome
}

fn price_at(block_id: BlockId, fee: PricePerGas) -> PricePerGas {
	let Outcome::Assigned { reward_per_gas, .. } = draw_at(block_id, fee) else {
		panic!("nobody was drawn")
	};
	assert_eq!(assignment(block_id).unwrap().reward_per_gas, reward_per_gas);
	reward_per_gas
}

fn open(reason: OpenReason) -> Outcome {
	Outcome::Open { reason }
}

fn drawable() -> u64 {
	<ProverPool as Pool<_, _>>::free_capacity()
}

/// How often each of `who` is drawn in `draws` draws at `fee`. Everybody keeps its places.
fn count_draws<const N: usize>(who: [AccountId; N], draws: u64, fee: PricePerGas) -> [u64; N] {
	let mut counts = [0; N];
	for block_id in 0..draws {
		let Outcome::Assigned { prover, .. } = draw_at(block_id, fee) else {
			panic!("nobody was drawn")
		};
		counts[who.iter().position(|who| *who == prover).unwrap()] += 1;
		discharge(block_id).unwrap();
		System::reset_events();
	}
	counts
}

// Nobody.

#[test]
fn a_fee_of_zero_leaves_the_block_open() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_eq!(draw_at(7, 0), open(OpenReason::ZeroFee));
		assert_eq!(
			pool_events(),
			[
				Event::ProverRequested { block_id: 7, fee_per_gas: 0 },
				Event::ProverNotFound { block_id: 7, reason: OpenReason::ZeroFee },
			]
		);
		assert_eq!(assignment(7), None);
		assert_eq!(prover(ALICE).unwrap().current_capacity, 4);
	});
}

#[test]
fn an_empty_pool_is_told_from_a_busy_one() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(draw_at(1, FEE), open(OpenReason::EmptyPool));
		assert_ok!(stake(ALICE, 1_000, 100, 2));
		assign(2, ALICE);
		assign(3, ALICE);
		outcomes();
		assert_eq!(draw_at(4, FEE), open(OpenReason::NoFreeCapacity));
		// The fee comes first.
		assert_eq!(draw_at(4, 0), open(OpenReason::ZeroFee));
		assert_ok!(release(2));
		assert!(matches!(draw_at(4, FEE), Outcome::Assigned { prover: ALICE, .. }));
	});
}

#[test]
fn places_are_used_up_and_never_overdrawn() {
	ExtBuilder::default().provers(&[(ALICE, 5_000, 100, 3), (BOB, 200, 100, 2)]).build_and_execute(
		|| {
			let mut drawn = Vec::new();
			for block_id in 0..5 {
				let Outcome::Assigned { prover, .. } = draw_at(block_id, FEE) else {
					panic!("there are places left")
				};
				drawn.push(prover);
			}
			drawn.sort();
			assert_eq!(drawn, [ALICE, ALICE, ALICE, BOB, BOB]);
			assert_eq!(drawable(), 0);
			assert_eq!(draw_at(5, FEE), open(OpenReason::NoFreeCapacity));
		},
	);
}

#[test]
fn places_are_used_up_within_one_block_too() {
	ExtBuilder::default().draws_per_block(4).provers(&[(ALICE, 1_000, 100, 3)]).build_and_execute(
		|| {
			for block_id in 0..4 {
				assert_ok!(request(block_id));
			}
			run_blocks(2);
			assert_eq!(staker(ALICE).outstanding, 3);
			assert_eq!(outcomes().pop(), Some((3, open(OpenReason::NoFreeCapacity))));
		},
	);
}

// The price agreed.

#[test]
fn the_price_agreed_is_clamped_into_the_band_around_the_fee() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 20)]).build_and_execute(|| {
		// [75, 125], [⌊100.5⌋, …], [101.25, …]; above: ⌊0.75 · 135⌋ = 101.
		assert_eq!(price_at(1, 100), 100);
		assert_eq!(price_at(2, 134), 100);
		assert_eq!(price_at(3, 135), 101);
		assert_eq!(price_at(4, 1_000), 750);
		// Below: 1.25 · 80 = 100, ⌊1.25 · 79⌋ = 98.
		assert_eq!(price_at(5, 80), 100);
		assert_eq!(price_at(6, 79), 98);
		assert_eq!(price_at(7, 10), 12);
		assert_eq!(price_at(8, 1), 1);
	});
}

#[test]
fn the_price_agreed_is_never_zero() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 1, 20)]).build_and_execute(|| {
		// ⌊0.75 · 1⌋ = 0 is the floor, the prover's own price is 1.
		assert_eq!(price_at(1, 1), 1);
		assert_eq!(price_at(2, 2), 1);
		assert_eq!(price_at(3, 3), 2);
	});
}

#[test]
fn extreme_fees_do_not_wrap() {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 1, 20), (BOB, 1_000, u32::MAX, 20)])
		.build_and_execute(|| {
			// ⌊0.75 · (2³² − 1)⌋ = 3 221 225 471.
			assert_ok!(request_at(1, u32::MAX));
			aim(1, ALICE, u32::MAX);
			assert_ok!(request_at(2, u32::MAX));
			aim(2, BOB, u32::MAX);
			run_blocks(2);
			assert_eq!(
				outcomes(),
				[
					(1, Outcome::Assigned { prover: ALICE, reward_per_gas: 3_221_225_471 }),
					(2, Outcome::Assigned { prover: BOB, reward_per_gas: u32::MAX }),
				]
			);
		});
}

#[test]
fn the_fee_of_the_request_decides_and_the_price_of_the_draw() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 20)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(request_at(1, 100));
		assert_ok!(stake(ALICE, 1_000, 110, 20));
		run_blocks(2);
		assert_eq!(assignment(1).unwrap().reward_per_gas, 110);
		// The band is a live parameter.
		outcomes();
		PriceCeilingPercent::set(105);
		assert_eq!(price_at(2, 100), 105);
		PriceFloorPercent::set(100);
		PriceCeilingPercent::set(100);
		assert_eq!(price_at(3, 200), 200);
	});
}

#[test]
fn a_prover_above_the_band_is_drawn_and_must_prove_for_less() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 1_000, 20)]).build_and_execute(|| {
		assert_eq!(draw_at(1, FEE), Outcome::Assigned { prover: ALICE, reward_per_gas: 125 });
	});
}

// Who is never drawn, and who may be. How often is in `statistics.rs`.

#[test]
fn weight_nought_is_never_drawn() {
	// Busy or too new: whatever the seed says.
	ExtBuilder::default().provers(&[(ALICE, 9_000, 100, 2), (BOB, 200, 100, 4)]).build_and_execute(
		|| {
			EntryDelay::set(1_000_000);
			assign(10_000, ALICE);
			assign(10_001, ALICE);
			assert_ok!(stake(CAROL, 9_000, 100, 4));
			outcomes();
			assert_eq!(count_draws([ALICE, BOB, CAROL], 300, FEE), [0, 300, 0]);
		},
	);
}

#[test]
fn the_smallest_stake_can_be_drawn() {
	ExtBuilder::default()
		.provers(&[(ALICE, 9_990, u32::MAX, 2), (BOB, 100, u32::MAX, 2)])
		.build_and_execute(|| {
			assert_ok!(request_at(1, u32::MAX));
			aim(1, BOB, u32::MAX);
			run_blocks(2);
			assert_eq!(assignment(1).unwrap().prover, BOB);
		});
}

// Entry.

#[test]
fn a_prover_takes_part_from_the_block_after_its_entry_on() {
	ExtBuilder::default().build_and_execute(|| {
		run_to_block(4);
		assert_ok!(request(1));
		run_to_block(5);
		KnownSince::set(Some(5));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		run_to_block(6);
		assert_eq!(assignment(1).unwrap().prover, ALICE);
	});
}

#[test]
fn a_prover_waits_for_the_entry_delay() {
	ExtBuilder::default().entry_delay(3).build_and_execute(|| {
		run_to_block(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		// Entered in 10: draws up to 13 do without it.
		for block in 11..=13 {
			assert_eq!(drawable(), 0);
			KnownSince::set(Some(u64::MAX));
			assert_ok!(request(block));
			run_to_block(block);
			assert_eq!(outcomes(), [(block, open(OpenReason::EmptyPool))]);
		}
		assert_eq!(drawable(), 4);
		assert_ok!(request(14));
		run_to_block(14);
		assert_eq!(assignment(14).unwrap().prover, ALICE);
	});
}

#[test]
fn a_prover_that_waits_is_no_reason_for_a_busy_pool() {
	ExtBuilder::default().entry_delay(100).provers(&[(ALICE, 1_000, 100, 2)]).build_and_execute(
		|| {
			assert_ok!(stake(BOB, 9_000, 100, 4));
			assign(1, ALICE);
			assign(2, ALICE);
			outcomes();
			assert_eq!(draw_at(3, FEE), open(OpenReason::NoFreeCapacity));
			advance_clock(11);
			assert_ok!(exit(ALICE));
			assert_eq!(draw_at(4, FEE), open(OpenReason::EmptyPool));
		},
	);
}

#[test]
fn provers_of_genesis_wait_for_nothing() {
	ExtBuilder::default().entry_delay(1_000).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			assert_eq!(prover(ALICE).unwrap().entered_in, 0);
			assign(1, ALICE);
			// But a new entry is a new entry.
			advance_clock(11);
			assert_ok!(stake(ALICE, 1_000, 100, 4));
			outcomes();
			assert_eq!(draw_at(2, FEE), open(OpenReason::EmptyPool));
		},
	);
}

#[test]
fn every_entry_waits_again() {
	ExtBuilder::default().entry_delay(10).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		run_to_block(12);
		assert_eq!(drawable(), 4);
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 6));
		assert_eq!(drawable(), 0);
		run_to_block(21);
		assert_eq!(drawable(), 0);
		run_to_block(22);
		assert_eq!(drawable(), 6);
	});
}

#[test]
fn an_endless_entry_delay_does_not_wrap() {
	ExtBuilder::default().entry_delay(u64::MAX).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(draw_at(1, FEE), open(OpenReason::EmptyPool));
	});
}

#[test]
fn a_prover_that_left_is_not_drawn() {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
		.build_and_execute(|| {
			advance_clock(11);
			assert_ok!(request(1));
			aim(1, ALICE, FEE);
			assert_ok!(exit(ALICE));
			run_blocks(2);
			assert_eq!(assignment(1).unwrap().prover, BOB);
		});
}
