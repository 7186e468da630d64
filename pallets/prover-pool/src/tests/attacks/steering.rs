//! Steering draws (R5): the author of the block before a draw knows its seed and chooses what the block
//! contains; an author of earlier blocks knows nothing.
//!
//! That an author cannot foresee the seed itself is tested with `pallet-vrf-accumulator`.

use super::*;
use frame_support::{assert_noop, assert_ok, storage::with_transaction};
use prover_pool_primitives::{ProverId, Selection};
use sp_core::U256;
use sp_io::hashing::blake2_256;
use sp_runtime::{DispatchError, TransactionOutcome};

/// Returns seeds that nobody chose.
fn seeds(count: u64) -> impl Iterator<Item = U256> {
	(0..count).map(|n| U256::from_big_endian(&blake2_256(&n.to_le_bytes())))
}

/// Returns the slot that each seed draws in the draws of the next block.
fn outcomes_of(seeds: &[U256]) -> Vec<Option<ProverId>> {
	let lottery: Lottery = Selection::<Balance>::open();
	let draw = |seed: &U256| Selection::<Balance>::draw(&lottery, FEE, *seed).ok();
	seeds.iter().map(|seed| draw(seed).map(|drawn| drawn.prover_id)).collect()
}

/// Does something in a block that is given up afterwards.
fn rehearse<R>(act: impl FnOnce() -> R) -> R {
	with_transaction(|| {
		let result = act();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
	})
	.unwrap()
}

// Subset grinding.

const DRAWS: u64 = 2_000;
/// Eve's accomplices, with the least stake each.
const SMALL: [AccountId; 8] = [81, 82, 83, 84, 85, 86, 87, 88];
const EVE_STAKE: Balance = 100_000;
/// The sum of the accomplices' stakes.
const LEAVING: Balance = 80_255;
const TOTAL: Balance = 1_000_255;

/// The stake of the `n`th accomplice: no two subsets have the same sum.
fn small_stake(n: usize) -> Balance {
	10_000 + (1 << n)
}

/// Eve has a tenth of all weight, each accomplice a hundredth, honest provers the rest. All ask the same
/// price, so that weights are as stakes; four accomplices come before Eve in the order of draws.
fn pool_with_accomplices(test: impl FnOnce()) {
	let honest = |count, from| (from..from + count).map(|who| (who, 20_000, FEE, 4));
	let small = |range: std::ops::Range<usize>| {
		range.map(|n| (SMALL[n], small_stake(n), FEE, 2)).collect::<Vec<_>>()
	};
	let mut provers: Vec<_> = honest(20, 100).collect();
	provers.extend(small(0..4));
	provers.push((EVE, EVE_STAKE, FEE, 4));
	provers.extend(small(4..8));
	provers.extend(honest(21, 200));
	assert_eq!(provers.iter().map(|(_, stake, ..)| stake).sum::<Balance>(), TOTAL);
	let builder = demo(&provers).max_provers(64);
	let builder =
		provers.iter().fold(builder, |builder, (who, ..)| builder.balance(*who, 2 * EVE_STAKE));
	builder.build_and_execute(|| {
		advance_clock(11);
		test();
	});
}

/// Returns Eve's points among all: the first, how many, and the total.
fn points_of_eve() -> (U256, U256, U256) {
	let slot = staker(EVE).prover_id.unwrap();
	let weights = ProverPool::get_prover_weights(FEE, 1, 64);
	let sum = |until: u32| {
		let before = weights.iter().filter(|row| row.prover_id < until);
		before.fold(U256::zero(), |sum, row| sum + row.weight)
	};
	(sum(slot), sum(slot + 1) - sum(slot), sum(u32::MAX))
}

/// Eve authors the block before each draw and knows its seed. She rehearses all 256 blocks in which some
/// of her eight accomplices leave, and publishes one that draws her, if there is one.
///
/// Bound: each departure moves both ends of her interval of the seeds by at most its own weight, so that
/// over all subsets she covers at most (her weight + the weight of all that may leave) / (the total without
/// them): (100,000 + 80,255) / 920,000 = 19.6 %. With the remainder of the seed by the total, every subset
/// is a draw of its own, and she reaches 1 − 0.9²⁵⁶, which is everything.
#[test]
fn subset_grinding_cannot_move_draws_by_more_than_the_leavers_weight() {
	pool_with_accomplices(|| {
		let seeds: Vec<_> = seeds(DRAWS).collect();
		let mut drawn = vec![false; seeds.len()];
		let mut by_remainder = drawn.clone();
		let mut honest = 0;
		let eve = staker(EVE).prover_id;
		for subset in 0..1u32 << SMALL.len() {
			rehearse(|| {
				for (n, who) in SMALL.into_iter().enumerate() {
					if subset >> n & 1 == 1 {
						assert_ok!(exit(who));
					}
				}
				let (first, count, total) = points_of_eve();
				let lottery: Lottery = Selection::<Balance>::open();
				for (at, seed) in seeds.iter().enumerate() {
					let point = seed % total;
					by_remainder[at] |= point >= first && point - first < count;
					if !drawn[at] {
						let outcome = Selection::<Balance>::draw(&lottery, FEE, *seed).ok();
						drawn[at] = outcome.map(|drawn| drawn.prover_id) == eve;
					}
				}
				if subset == 0 {
					honest = drawn.iter().filter(|won| **won).count();
				}
			});
		}
		let count = |won: &[bool]| won.iter().filter(|won| **won).count();
		let (ours, remainder) = (count(&drawn), count(&by_remainder));
		println!(
			"of {DRAWS} draws: {honest} without grinding, {ours} with it, {remainder} by the remainder"
		);
		let bound = (EVE_STAKE + LEAVING) as f64 / (TOTAL - LEAVING) as f64;
		// Three standard deviations of a binomial above the bound.
		let deviation = (bound * (1.0 - bound) * DRAWS as f64).sqrt();
		assert!((ours as f64) < bound * DRAWS as f64 + 3.0 * deviation, "{ours} of {DRAWS}");
		assert!(ours >= honest);
		assert!(remainder as u64 > DRAWS * 99 / 100, "what the rule prevents: {remainder}");
	});
}

#[test]
fn subset_grinding_cannot_dodge_more_draws_than_the_leavers_weight() {
	pool_with_accomplices(|| {
		let eve = staker(EVE).prover_id;
		let seeds: Vec<_> = seeds(DRAWS).collect();
		let before = outcomes_of(&seeds);
		let hits: Vec<_> = seeds
			.into_iter()
			.zip(before)
			.filter(|(_, slot)| *slot == eve)
			.map(|(seed, _)| seed)
			.collect();
		let dodged = rehearse(|| {
			assert_ok!(exit(SMALL[0]));
			outcomes_of(&hits).into_iter().filter(|slot| *slot != eve).count()
		});
		println!("{dodged} of {} draws dodged", hits.len());
		// Her interval has a width of 100,000 and moves by less than 10,001. With the remainder: nine of ten.
		assert!(dodged * 10 <= hits.len() + 30, "{dodged} of {}", hits.len());
	});
}

// Seed sizing.

/// Ten honest members with a stake of 2,000 each, at all prices of the band, and Eve with 2,000 free.
fn pool_to_enter(test: impl FnOnce()) {
	let honest: Vec<_> = (0..10).map(|n| (100 + n, 2_000, 80 + 4 * n as u32, 4)).collect();
	let builder = demo(&honest).max_provers(16).entry_delay(10);
	let builder = honest.iter().fold(builder, |builder, (who, ..)| builder.balance(*who, 20_000));
	builder.build_and_execute(test);
}

#[test]
fn seed_sizing_cannot_reach_a_draw_within_the_entry_delay() {
	const SEEDS: u64 = 100;
	pool_to_enter(|| {
		let (mut at_once, mut delayed) = (0, 0);
		for seed in seeds(SEEDS) {
			let drawn_with = |price: u32, blocks: u64| {
				rehearse(|| {
					assert_ok!(stake(EVE, 2_000, price, 4));
					let slot = staker(EVE).prover_id;
					run_blocks(blocks);
					outcomes_of(&[seed])[0] == slot
				})
			};
			// She knows the seed of the next draw: by the price she moves her interval to it. That is what
			// she could do if her entry counted at once …
			EntryDelay::set(0);
			let fitting = (75..=125).find(|price| drawn_with(*price, 0));
			at_once += u32::from(fitting.is_some());
			// … and what she can do in the ten blocks of the delay.
			EntryDelay::set(10);
			let price = fitting.unwrap_or(100);
			delayed += (0..10).filter(|blocks| drawn_with(price, *blocks)).count();
		}
		println!(
			"of {SEEDS} draws: {at_once} if entries counted at once, {delayed} within the delay"
		);
		assert!(at_once >= 90, "{at_once}");
		assert_eq!(delayed, 0);
	});
}

/// Genesis members of which Eve is the third, with an exit of 300 and 10 blocks of delay.
fn pool_to_change(test: impl FnOnce()) {
	let pool = [(ALICE, 1_000, 90, 4), (BOB, 1_500, 110, 4), (EVE, 1_500, 100, 4)];
	demo(&pool).entry_delay(10).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(EVE, 300));
		run_blocks(12);
		test();
	});
}

#[test]
fn changes_cannot_move_the_draws_of_the_entry_delay() {
	let changes: [(&str, fn()); 7] = [
		("a lower price", || set_terms(EVE, 75, 4).unwrap()),
		("a higher price", || set_terms(EVE, 125, 4).unwrap()),
		("a larger stake", || stake_extra(EVE, 5_000).unwrap()),
		("an exit returned", || restake(EVE, 0).unwrap()),
		("less capacity", || set_terms(EVE, 100, 2).unwrap()),
		("a pause", || pause(EVE).unwrap()),
		("all of them", || {
			assert_ok!(stake_extra(EVE, 5_000));
			assert_ok!(restake(EVE, 0));
			assert_ok!(set_terms(EVE, 75, 2));
			assert_ok!(pause(EVE));
			assert_ok!(resume(EVE));
		}),
	];
	pool_to_change(|| {
		let seeds: Vec<_> = seeds(200).collect();
		let before = outcomes_of(&seeds);
		for (name, change) in changes {
			let moved = rehearse(|| {
				change();
				// Draws of these blocks use the old offer, those behind them the new one.
				for block in 0..10 {
					assert_eq!(outcomes_of(&seeds), before, "{name}, {block} blocks later");
					run_blocks(1);
				}
				outcomes_of(&seeds) != before
			});
			assert_eq!(moved, name != "less capacity", "{name}");
		}
	});
}

#[test]
fn pausing_cannot_steer_the_next_draws() {
	pool_to_change(|| {
		// In the block before the draw, with the seed known, she pauses: the draw hits her all the same.
		assert_ok!(request(1));
		run_blocks(1);
		aim(1, EVE, FEE);
		assert_ok!(pause(EVE));
		run_blocks(1);
		assert_eq!(assignment(1).map(|assignment| assignment.prover), Some(EVE));
		// Nor can she pause for single blocks: a pause that is taken back in time never counts.
		run_blocks(8);
		assert_ok!(resume(EVE));
		run_blocks(20);
		assign(2, EVE);
		// And one that counts cannot be taken back at once.
		assert_ok!(pause(EVE));
		run_blocks(10);
		assert_ok!(resume(EVE));
		let seeds: Vec<_> = seeds(200).collect();
		let hits = || outcomes_of(&seeds).contains(&staker(EVE).prover_id);
		assert!(!hits());
		run_blocks(9);
		assert!(!hits());
		run_blocks(1);
		assert!(hits());
	});
}

#[test]
fn a_waiting_change_cannot_draw_with_more_stake_than_there_is() {
	pool_to_change(|| {
		let eve = staker(EVE).prover_id.unwrap();
		let weight = || ProverPool::get_prover_weights(FEE, eve, 1)[0].weight;
		let unit = weight() / 1_200;
		let is = |stake: u32| weight() / unit == stake.into();
		assert!(is(1_200));
		// More stake waits, less does not, whatever else waits.
		assert_ok!(stake_extra(EVE, 800));
		assert_ok!(set_terms(EVE, 120, 4));
		assert!(is(1_200));
		assert_ok!(unstake(EVE, 1_700));
		assert!(is(300));
		assign(1, EVE);
		// 20 % of 2,300 divided by 4, 15 of it from the stake.
		assert_eq!(slash(1, 25), Ok(115));
		assert_eq!(stake_of(EVE), 285);
		assert!(is(285));
		assert_ok!(ProverPool::do_try_state());
	});
}

#[test]
fn a_waiting_change_cannot_bring_stake_back_at_once() {
	pool_to_change(|| {
		let seeds: Vec<_> = seeds(200).collect();
		assert_ok!(set_terms(EVE, 101, 4));
		assert_ok!(unstake(EVE, 1_000));
		let reduced = outcomes_of(&seeds);
		// The block after: what left cannot return to draws before the delay is over, although the older
		// offer of 1,200 is still the one that draws use.
		run_blocks(1);
		assert_ok!(restake(EVE, 1));
		assert_ok!(stake_extra(EVE, 1_000));
		for _ in 0..9 {
			assert!(outcomes_of(&seeds) == reduced);
			run_blocks(1);
		}
		run_blocks(1);
		assert!(outcomes_of(&seeds) != reduced);
	});
}

/// What remains, with its size: an author of two blocks may postpone a change of its own at the last moment,
/// by another change, and so choose which of two offers a draw uses.
#[test]
fn postponing_a_change_cannot_win_more_draws_than_both_offers() {
	pool_to_change(|| {
		let seeds: Vec<_> = seeds(2_000).collect();
		let eve = staker(EVE).prover_id;
		let share = || {
			let row = ProverPool::get_prover_weights(FEE, eve.unwrap(), 1)[0].clone();
			row.share as f64 / crate::SHARE_UNIT as f64
		};
		let offers: [fn(); 2] =
			[|| set_terms(EVE, 120, 4).unwrap(), || stake_extra(EVE, 800).unwrap()];
		for change in offers {
			rehearse(|| {
				let older = (share(), outcomes_of(&seeds));
				change();
				run_blocks(9);
				let postponed = rehearse(|| {
					assert_ok!(set_terms(EVE, 119, 4));
					run_blocks(1);
					outcomes_of(&seeds)
				});
				assert_eq!(postponed, older.1);
				run_blocks(1);
				let newer = (share(), outcomes_of(&seeds));
				let either =
					older.1.iter().zip(&newer.1).filter(|(old, new)| **old == eve || **new == eve);
				let (won, bound) = (either.count() as f64, (older.0 + newer.0).min(1.0) * 2_000.0);
				println!("{won} draws, {:.3} and {:.3} of 2,000", older.0, newer.0);
				assert!(won < bound + 3.0 * bound.sqrt(), "{won} of {bound}");
			});
		}
	});
}

#[test]
fn requests_cannot_be_drawn_with_a_seed_of_their_time() {
	demo(&[(EVE, 1_000, 100, 4)]).draw_delay(3).build_and_execute(|| {
		// Requested in block 1: known since block 4 at the earliest, so drawn in block 5.
		assert_ok!(request(1));
		for block in 2..5 {
			run_blocks(1);
			assert_eq!((System::block_number(), pending()), (block, vec![1]));
			assert_noop!(slash(1, 0), prover_pool_primitives::PoolError::StillPending);
		}
		run_blocks(1);
		assert_eq!((pending(), assignment(1).map(|drawn| drawn.prover)), (vec![], Some(EVE)));
	});
}

/// What remains: a queue that takes longer to draw than `EntryDelay` lets a member avoid its last draws.
#[test]
fn a_pause_avoids_the_last_draws_of_a_full_queue() {
	// Three draws in a block. The pause is listed after those of block 3.
	demo(&[(EVE, 1_000, 100, 8)]).draw_delay(1).entry_delay(2).build_and_execute(|| {
		assert_ok!(ProverPool::check_parameters());
		(1..=8).for_each(|id| request(id).unwrap());
		assert_ok!(pause(EVE));
		run_blocks(4);
		let drawn: Vec<_> = (1..=8).filter(|id| assignment(*id).is_some()).collect();
		assert_eq!(drawn, [1, 2, 3]);
	});
}
