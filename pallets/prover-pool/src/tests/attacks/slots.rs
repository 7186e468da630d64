//! Taking slots from others, and holding them without a stake that can be outbid.

use super::*;
use frame_support::{assert_noop, assert_ok};

#[test]
fn eviction_cannot_take_anything_from_the_evicted() {
	let pool = [(ALICE, 1_000, 100, 4), (BOB, 2_000, 100, 4)];
	demo(&pool).max_provers(2).build_and_execute(|| {
		// Less than 5 % more evicts no member.
		assert_noop!(stake(EVE, 1_001, 100, 4), Error::ProverNotGoodEnough);
		assert_noop!(stake(EVE, 1_050, 100, 4), Error::ProverNotGoodEnough);
		assert_ok!(stake(EVE, 1_051, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 1_000, 0), staked(EVE, 1, 1_051, 100, 4)]);
		// She can neither leave at once nor go on to Bob with the same tokens.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_noop!(stake(EVE, 2_101, 100, 4), Error::ChangeTooFrequent);
		// While she has the slot she is a prover like any other. She never meant to prove.
		assign(7, EVE);
		advance_clock(11);
		assert_ok!(exit(EVE));
		System::reset_events();
		// Alice returns with what she had, and needs no free tokens for it.
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(pool_events(), [staked(ALICE, 1, 1_000, 100, 4)]);
		assert_eq!((exits(ALICE), free(ALICE), loss(ALICE)), (vec![], 9_000, 0));

		// Eve's 1,051 are locked for the whole period, and pay for the block: 4 · 100.
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		assert_eq!(slash(7, 100), Ok(400));
		advance_clock(100);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		advance_clock(1);
		assert_ok!(withdraw(EVE));
		assert_eq!(loss(EVE), 400);
	});
}

#[test]
fn emptying_all_slots_needs_a_larger_stake_for_each() {
	let pool = [(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)];
	demo(&pool).max_provers(3).build_and_execute(|| {
		assert_ok!(stake(EVE, 1_051, 100, 4));
		assert_ok!(stake(FRANK, 1_051, 100, 4));
		assert_eq!([slot(1), slot(2), slot(3)], [Some(EVE), Some(FRANK), Some(CAROL)]);
		// Neither leaves before its delay is over: the third slot needs a third stake.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_noop!(stake(FRANK, 2_000, 100, 4), Error::ChangeTooFrequent);
		assert_eq!(held(EVE) + held(FRANK), 2_102);
		// Any honest prover may do the same to them.
		assert_ok!(stake(ALICE, 1_104, 100, 4));
		assert_eq!(slot(3), Some(ALICE), "the smallest goes, Carol");
		assert_ok!(stake(BOB, 1_105, 100, 4));
		assert_eq!((slot(1), stake_of(EVE)), (Some(BOB), 0));
		assert_eq!([ALICE, BOB, CAROL].map(loss), [0, 0, 0]);
	});
}

#[test]
fn slashed_members_cannot_hold_slots_below_the_ejection_threshold() {
	demo(&[(EVE, 200, 100, 4)]).max_provers(1).build_and_execute(|| {
		// The minimum for a capacity of 4. She accepts blocks and proves none.
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		System::reset_events();
		// 4 · 13 = 52 each, and 50 % of 200 must be left.
		assert_eq!(slash(1, 13), Ok(52));
		assert_eq!(slot(1), Some(EVE));
		assert_noop!(stake(BOB, 155, 100, 2), Error::ProverNotGoodEnough);
		assert_eq!(slash(2, 13), Ok(52));
		assert_eq!(
			pool_events(),
			[slashed(1, EVE, 0, 52), slashed(2, EVE, 0, 52), forced_out(EVE, 96, 0)]
		);
		// The slot is vacant: nobody needs to be outbid.
		assert_ok!(stake(BOB, 100, 100, 2));
		assert_eq!(slot(1), Some(BOB));
		// What left the pool pays for the other two.
		assert_eq!((slash(3, 13), slash(4, 13)), (Ok(52), Ok(44)));
		assert_eq!((held(EVE), loss(EVE), has_record(EVE)), (0, 200, false));
	});
}

/// E3. Beside an exit of 800, a stake of 200 is slashed by 600 for two failures.
fn slash_beside_a_large_exit(exits_first: bool) -> [(Balance, bool); 2] {
	let mut after = [(0, false); 2];
	demo(&[(EVE, 1_000, 100, 4)]).exits_first(exits_first).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(EVE, 800));
		assign(1, EVE);
		assign(2, EVE);
		for (block_id, after) in (1..).zip(&mut after) {
			assert_eq!(slash(block_id, 75), Ok(300));
			*after = (stake_of(EVE), prover(EVE).is_some());
		}
		assert_eq!(loss(EVE), 600);
	});
	after
}

#[test]
fn exits_cannot_shield_a_stake_from_ejection() {
	// In proportion, the stake pays a fifth of each slash: 60 of 200, then 60 of 140. 80 is less than
	// half of the minimum.
	assert_eq!(slash_beside_a_large_exit(false), [(140, true), (0, false)]);
	// The original's order: the exit pays all, and the failures leave the slot alone.
	assert_eq!(slash_beside_a_large_exit(true), [(200, true), (200, true)]);
}

#[test]
fn endless_changes_cannot_squat_an_unranked_slot() {
	demo(&[]).max_provers(1).entry_delay(3).build_and_execute(|| {
		assert_ok!(stake(EVE, 200, 100, 4));
		pool_events();
		// Until draws and rank know her, nobody can outbid her. Every block she changes her offer.
		for price in [101, 102] {
			assert_noop!(stake(BOB, 9_000, 100, 4), Error::ProverNotGoodEnough);
			run_blocks(1);
			assert_ok!(set_terms(EVE, price, 4));
			assert_ok!(stake_extra(EVE, 1));
		}
		pool_events();
		// She is listed on time, with the offer of her entry: 210 are 5 % more than 200, and she has 202.
		run_blocks(1);
		assert_eq!(pool_events(), [Event::OfferListed { who: EVE }]);
		let listed = prover_row(EVE).unwrap().listed.unwrap();
		assert_eq!((listed.stake, listed.reward_per_gas), (200, 100));
		assert_ok!(set_terms(EVE, 103, 4));
		assert_noop!(stake(BOB, 210, 100, 4), Error::ProverNotGoodEnough);
		assert_ok!(stake(BOB, 211, 100, 4));
		assert_eq!((slot(1), prover(EVE)), (Some(BOB), None));
	});
}

#[test]
fn entering_again_and_again_cannot_squat_an_unranked_slot() {
	demo(&[]).max_provers(1).entry_delay(3).build_and_execute(|| {
		// She enters anew as often as the change delay allows: one unit of its clock per block here.
		let (mut blocks, mut unranked) = (0, 0);
		for _ in 0..3 {
			assert_ok!(stake(EVE, 200, 100, 4));
			assert_noop!(stake(EVE, 200, 100, 4), Error::ChangeTooFrequent);
			for _ in 0..11 {
				unranked +=
					u32::from(prover_row(EVE).unwrap().status == crate::MemberStatus::Entering);
				blocks += 1;
				advance_clock(1);
				run_blocks(1);
			}
		}
		// The entry delay of each change delay, which is the longer one.
		assert_eq!((unranked, blocks), (9, 33));
		assert_ok!(stake(BOB, 211, 100, 4));
		assert_eq!(slot(1), Some(BOB));
	});
}

/// What remains: an entry delay above the change delay leaves a slot unranked for good. Governance must not set
/// it.
#[test]
fn entering_again_and_again_squats_a_slot_if_the_entry_delay_is_above_the_change_delay() {
	demo(&[]).max_provers(1).entry_delay(12).build_and_execute(|| {
		assert_eq!((EntryDelay::get(), MinChangeDelay::get()), (12, 10));
		for _ in 0..5 {
			assert_ok!(stake(EVE, 200, 100, 4));
			for _ in 0..11 {
				assert_noop!(stake(BOB, 9_000, 100, 4), Error::ProverNotGoodEnough);
				assert_eq!(prover_row(EVE).unwrap().status, crate::MemberStatus::Entering);
				advance_clock(1);
				run_blocks(1);
			}
		}
	});
}

/// What remains, with its size: newcomers are not ranked, so 5 % more than all stakes together replaces all
/// members in one block, and no prover is drawn until the newcomers are listed.
#[test]
fn replacing_all_members_in_one_block_needs_more_than_all_their_stakes() {
	let pool = [(ALICE, 1_000, 100, 4), (BOB, 2_000, 100, 4), (CAROL, 3_000, 100, 4)];
	demo(&pool).max_provers(3).entry_delay(3).build_and_execute(|| {
		assert_noop!(stake(EVE, 1_050, 100, 4), Error::ProverNotGoodEnough);
		for (who, amount) in [(EVE, 1_051), (FRANK, 2_101), (DAVE, 3_151)] {
			assert_ok!(stake(who, amount, 100, 4));
		}
		assert_eq!([slot(1), slot(2), slot(3)], [Some(EVE), Some(FRANK), Some(DAVE)]);
		assert_ok!(request(1));
		run_blocks(2);
		assert_eq!(outcomes(), [(1, open(prover_pool_primitives::OpenReason::EmptyPool))]);
		assert_noop!(stake(CAROL, 9_000, 100, 4), Error::ProverNotGoodEnough);
		// Listed, they can be outbid like others, and until their delay is over they cannot leave.
		run_blocks(1);
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_noop!(stake(ALICE, 1_104, 100, 4), Error::ProverNotGoodEnough);
		assert_ok!(stake(ALICE, 1_105, 100, 4));
		assert_eq!((slot(1), [ALICE, BOB, CAROL].map(loss)), (Some(ALICE), [0, 0, 0]));
	});
}

/// A member could postpone its change again and again: draws go on to use the older, larger capacity. Its
/// stake must suffice for that capacity meanwhile.
#[test]
fn endless_changes_cannot_keep_an_older_capacity_without_its_stake() {
	demo(&[(EVE, 1_000, 100, 20)]).entry_delay(3).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(set_terms(EVE, 100, 2));
		assert_noop!(unstake(EVE, 1), Error::InvalidParams);
		for n in 0..10 {
			assert_ok!(set_terms(EVE, 101 + n % 2, 2));
			run_blocks(2);
		}
		assert_eq!(ProverPool::get_capacity(), 20);
		assert_noop!(unstake(EVE, 1), Error::InvalidParams);
		// With the smaller capacity in draws, the stake may follow.
		run_blocks(4);
		assert_eq!(ProverPool::get_capacity(), 2);
		assert_ok!(unstake(EVE, 900));
	});
}

/// A member could lower its capacity before it is slashed, and postpone the change again and again: draws go
/// on to use the larger capacity. What it must keep to stay follows that one.
#[test]
fn a_waiting_smaller_capacity_cannot_avoid_an_ejection() {
	demo(&[(EVE, 1_000, 100, 20)]).entry_delay(3).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		assert_ok!(set_terms(EVE, 100, 2));
		assert_eq!(slash(1, 100), Ok(400));
		assert_ok!(set_terms(EVE, 101, 2));
		pool_events();
		// 480 would be enough for the capacity of 2 that she declares, and are less than half of the 1,000
		// for the 20 that draws use.
		assert_eq!(ProverPool::get_capacity(), 19);
		assert_eq!(slash(2, 30), Ok(120));
		assert_eq!(pool_events(), [slashed(2, EVE, 0, 120), forced_out(EVE, 480, 0)]);
		assert_eq!(ProverPool::get_capacity(), 0);
	});
	// The same while she is entering: she would be listed with the capacity of her entry.
	demo(&[(EVE, 1_000, 100, 20)]).entry_delay(3).build_and_execute(|| {
		assign(1, EVE);
		advance_clock(11);
		assert_ok!(stake(EVE, 1_000, 100, 20));
		assert_ok!(set_terms(EVE, 100, 2));
		pool_events();
		assert_eq!(slash(1, 130), Ok(520));
		assert_eq!(pool_events(), [slashed(1, EVE, 0, 520), forced_out(EVE, 480, 0)]);
	});
	// Once draws use the smaller capacity, its minimum counts.
	demo(&[(EVE, 1_000, 100, 20)]).entry_delay(3).build_and_execute(|| {
		assign(1, EVE);
		assert_ok!(set_terms(EVE, 100, 2));
		run_blocks(3);
		assert_eq!(slash(1, 130), Ok(520));
		assert_eq!((stake_of(EVE), ProverPool::get_capacity()), (480, 2));
	});
}

#[test]
fn slots_cannot_be_held_without_capacity() {
	demo(&[(EVE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		// Busy with two blocks, she declares a capacity of two: no draw finds her slot.
		assign(1, EVE);
		assign(2, EVE);
		advance_clock(11);
		assert_ok!(stake(EVE, 100, 100, 2));
		assert_eq!(free_capacity(EVE), 0);
		// Both blocks must end, with a proof or with a slash that reaches all that she had: 4 · 110,
		// a tenth of it from the stake.
		assert_eq!(slash(1, 110), Ok(440));
		assert_eq!((stake_of(EVE), free_capacity(EVE)), (56, 1));
		assert_eq!(slash(2, 110), Ok(440));
		assert_eq!((prover(EVE), held(EVE), loss(EVE)), (None, 120, 880));
	});
}

#[test]
fn dust_stakes_cannot_enter_or_remain() {
	demo(&[]).max_provers(2).build_and_execute(|| {
		for (amount, capacity) in
			[(1, 4), (199, 4), (99, 2), (50, 1), (1, 0), (0, 4), (u128::MAX, u32::MAX)]
		{
			assert_noop!(stake(EVE, amount, 100, capacity), Error::InvalidParams);
		}
		assert_eq!(held(EVE), 0);
		// The minimum, in both slots: each is a real stake, and outbid by 5 % more.
		assert_ok!(stake(EVE, 100, 100, 2));
		assert_ok!(stake(FRANK, 100, 100, 2));
		advance_clock(11);
		// No change in place leads below it.
		assert_noop!(unstake(EVE, 1), Error::InvalidParams);
		assert_noop!(set_terms(EVE, 100, 3), Error::InvalidParams);
		assert_noop!(set_terms(EVE, 100, 1), Error::InvalidParams);
		assert_noop!(set_terms(EVE, 0, 2), Error::InvalidParams);
		assert_ok!(stake(ALICE, 106, 100, 2));
		// What a slash leaves of such a stake is no stake: 100 − 4 · 13 = 48.
		assign(7, FRANK);
		System::reset_events();
		assert_eq!(slash(7, 13), Ok(52));
		assert_eq!(pool_events(), [slashed(7, FRANK, 0, 52), forced_out(FRANK, 48, 0)]);
		assert_noop!(stake(FRANK, 48, 100, 2), Error::InvalidParams);
		assert_eq!((loss(EVE), loss(FRANK)), (0, 52));
	});
}
