//! Dodging a slash. Eve loses what Alice loses, who does nothing.

use super::*;
use frame_support::{assert_noop, assert_ok};

#[test]
fn exit_cannot_dodge_a_slash() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assign(2, EVE);
		advance_clock(11);
		// She leaves before it shows that she will not prove, and waits.
		assert_ok!(exit(EVE));
		advance_clock(100);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		for wait in [1, 200] {
			advance_clock(wait);
			assert_noop!(withdraw(EVE), Error::StillLiable);
			assert_noop!(exit(EVE), Error::NotInPool);
		}
		assert_eq!((slash(1, REWARD), slash(2, REWARD)), (Ok(1_000), Ok(1_000)));
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		assert_eq!((loss(ALICE), loss(EVE)), (1_000, 1_000));
	});
}

#[test]
fn exits_and_additions_cannot_dodge_a_slash() {
	// What she does between draw and slash: nothing, leave in parts, return some, add more.
	let acts: [(fn(), Balance); 5] = [
		(|| (), 1_000),
		(|| (0..4).for_each(|_| unstake(EVE, 200).unwrap()), 1_000),
		(
			|| {
				(0..4).for_each(|_| unstake(EVE, 200).unwrap());
				assert_ok!(restake(EVE, 1));
				assert_ok!(restake(EVE, 3));
				assert_ok!(exit(EVE));
			},
			1_000,
		),
		// The share of a larger sum is larger, never smaller: here all of 2,000 is due.
		(|| stake_extra(EVE, 1_000).unwrap(), 2_000),
		(
			|| {
				assert_ok!(stake_extra(EVE, 1_000));
				assert_ok!(unstake(EVE, 1_800));
			},
			2_000,
		),
	];
	for (act, all) in acts {
		demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
			assign(1, EVE);
			assign(2, EVE);
			advance_clock(11);
			act();
			// 20 % of all, divided by 4.
			assert_eq!(slash(1, 0), Ok(all / 20));
			assert_eq!(slash(2, Balance::MAX), Ok(all - all / 20));
			assert_eq!((loss(EVE), has_record(EVE)), (all, false));
		});
	}
}

#[test]
fn exit_before_the_draw_cannot_dodge_a_slash() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		// 800 leave first, then she is drawn with 200: at the last moment of the period.
		assert_ok!(unstake(EVE, 800));
		advance_clock(100);
		assign(1, EVE);
		advance_clock(1);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!(slash(1, REWARD), Ok(1_000));
		assert_eq!(loss(EVE), 1_000);
	});
}

#[test]
fn re_entry_cannot_dodge_a_slash() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		advance_clock(11);
		// She enters again with the minimum, cheaper, smaller; twice, so that the exit starts again.
		assert_ok!(stake(EVE, 200, 75, 4));
		advance_clock(11);
		assert_ok!(stake(EVE, 100, 75, 2));
		assert_eq!((stake_of(EVE), held(EVE)), (100, 1_000));
		advance_clock(101);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!((slash(1, REWARD), slash(2, REWARD)), (Ok(1_000), Ok(1_000)));
		assert_eq!((loss(ALICE), loss(EVE), prover(EVE)), (1_000, 1_000, None));
	});
}

#[test]
fn capacity_declared_after_the_draw_cannot_shrink_a_slash() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		assert_ok!(set_terms(EVE, 100, 20));
		// 20 % of 1,000 divided by 4, for both.
		assert_eq!((slash(1, 0), slash(2, 0)), (Ok(50), Ok(50)));
	});
	// The offer that is drawn counts, not a newer one that draws do not use yet.
	demo(&[(EVE, 1_000, 100, 4)]).entry_delay(5).build_and_execute(|| {
		assert_ok!(set_terms(EVE, 100, 20));
		assign(1, EVE);
		assert_eq!(assignment(1).unwrap().terms.max_capacity, 4);
		assert_eq!(slash(1, 0), Ok(50));
	});
}

#[test]
fn capacity_declared_before_the_draw_cannot_shrink_a_slash_below_its_bound() {
	// 1,000 would be enough for 20.
	let eve = [(EVE, 1_000, 100, 4)];
	demo(&eve).max_capacity(8).build_and_execute(|| {
		assert_noop!(set_terms(EVE, 100, 9), Error::InvalidParams);
		assert_ok!(set_terms(EVE, 100, 8));
		assign(1, EVE);
		assign(2, EVE);
		// 20 % of 1,000 divided by 8, half of the 50 of an honest capacity of 4.
		assert_eq!(slash(1, 0), Ok(25));
		// The multiple of the reward does not shrink at all.
		assert_eq!(slash(2, 100), Ok(400));
		advance_clock(11);
		assert_noop!(stake(EVE, 1_000, 100, 9), Error::InvalidParams);
	});
}

#[test]
fn eviction_by_an_accomplice_cannot_dodge_a_slash() {
	demo(&[(EVE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		assign(1, EVE);
		// She may not leave yet. Frank evicts her, which no delay forbids.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_ok!(stake(FRANK, 1_051, 100, 4));
		assert_eq!((stake_of(EVE), held(EVE)), (0, 1_000));
		// She returns with less when Frank has made room, and is evicted again.
		advance_clock(11);
		assert_ok!(exit(FRANK));
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_ok!(stake(FRANK, 211, 100, 4));
		advance_clock(101);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		// Even with Frank as the reporter she loses more than he gains.
		assert_eq!(slash_for(1, REWARD, FRANK, REWARD / 2), Ok(1_000));
		assert_eq!(wealth(FRANK), START_BALANCE + 125);
		assert_eq!((loss(EVE), Slashes::get()), (1_000, vec![875]));
	});
}

#[test]
fn paying_out_between_two_slashes_cannot_dodge_the_second() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		advance_clock(11);
		assert_ok!(exit(EVE));
		advance_clock(101);
		// Every call that can pay out.
		for _ in 0..2 {
			assert_noop!(withdraw(EVE), Error::StillLiable);
			assert_noop!(ProverPool::withdraw_for(signed(FRANK), EVE), Error::StillLiable);
			assert_noop!(exit(EVE), Error::NotInPool);
			assert_ok!(stake(EVE, 100, 100, 2));
			advance_clock(11);
			assert_ok!(exit(EVE));
			advance_clock(101);
		}
		assert_eq!((free(EVE), slash(1, 100)), (9_000, Ok(400)));
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!(slash(2, 100), Ok(400));
		// Nothing is due any more: the rest is free at once.
		assert_ok!(withdraw(EVE));
		assert_eq!((loss(EVE), free(EVE)), (800, 9_200));
	});
}

#[test]
fn discharging_oneself_cannot_dodge_a_slash_in_time() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		let discharge_own = || ProverPool::discharge_prover(signed(EVE), 1);
		assert_noop!(discharge_own(), Error::NotOverdue);
		// Neither leaving nor returning makes an assignment older.
		advance_clock(11);
		assert_ok!(exit(EVE));
		assert_ok!(stake(EVE, 1_000, 100, 4));
		advance_clock(389);
		assert_noop!(discharge_own(), Error::NotOverdue);
		assert_eq!(slash(1, REWARD), Ok(1_000));
		advance_clock(1_000);
		assert_noop!(discharge_own(), Error::UnknownBlock);
		assert_eq!(loss(EVE), 1_000);
	});
}

#[test]
fn a_shortened_exit_period_cannot_free_an_exit_early() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(EVE, 800));
		advance_clock(60);
		assign(7, EVE);
		// Governance shortens the period from 100 to 40: by the new one, the exit would have matured before
		// the draw.
		ExitPeriod::set(40);
		advance_clock(1);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		// An exit made now matures earlier, and answers for the block all the same.
		assert_ok!(exit(EVE));
		let dates =
			exits(EVE).into_iter().map(|exit| (exit.amount, exit.matures_at - START, exit.duties));
		assert!(dates.eq([(800, 111, 1), (200, 112, 1)]));
		advance_clock(41);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!(slash(7, REWARD), Ok(1_000));
		assert_eq!(loss(EVE), 1_000);
	});
}

#[test]
fn one_stake_answers_for_any_number_of_released_blocks() {
	// What remains, with its size: capacity returns with the proof, liability ends later.
	demo(&[(EVE, 100, 100, 2)]).build_and_execute(|| {
		for block_id in 1..=20 {
			assign(block_id, EVE);
			assert_ok!(release(block_id));
		}
		assert_eq!((staker(EVE).outstanding, staker(EVE).liable), (0, 20));
		// All proofs turn out to be wrong: 20 · 4 · 12 = 960 are due, and 100 are there.
		let paid: Vec<_> = (1..=20).map(|block_id| slash(block_id, 12).unwrap()).collect();
		assert_eq!(paid[..4], [48, 48, 4, 0]);
		assert_eq!((paid.iter().sum::<Balance>(), loss(EVE)), (100, 100));
	});
}

#[test]
fn cascading_misses_cost_less_each_time_down_to_the_threshold() {
	demo(&[(EVE, 1_000, 100, 20)]).build_and_execute(|| {
		(1..=20).for_each(|block_id| assign(block_id, EVE));
		// The multiple of a reward costs the same each time, until the stake is below half of its minimum.
		let mut paid = Vec::new();
		while prover(EVE).is_some() {
			paid.push(slash(paid.len() as u64 + 1, 12).unwrap());
		}
		assert_eq!(paid, [48; 11]);
		assert_eq!(exits(EVE)[0].amount, 472);
		// The exit goes on to answer: all 20 misses are paid as far as the stake goes.
		let rest: Balance = (12..=20).map(|block_id| slash(block_id, 12).unwrap()).sum();
		assert_eq!((rest, loss(EVE)), (9 * 48, 20 * 48));
	});
	// The share is one of what is left: 1,000 · (1 − 0.95⁴), rounded down each time, instead of 200.
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		let paid = [1, 2, 3, 4].map(|block_id| slash(block_id, 0).unwrap());
		assert_eq!((paid, paid.iter().sum()), ([50, 47, 45, 42], 184u128));
	});
}
