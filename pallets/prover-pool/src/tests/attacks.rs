//! Attacks on the pool, told whole: what the attacker tries step by step, what stops it, and where every
//! token is in the end. Eve attacks, Frank is her accomplice, all others are honest.
//!
//! Overbid and ejection are those of the demo runtime; amounts stay small enough for one's head: a slash is
//! 20 % of what is slashable for one of the places, or four times the reward.

use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold, Mutate, MutateFreeze, MutateHold},
		tokens::Preservation,
		LockableCurrency, WithdrawReasons,
	},
};
use prover_pool_primitives::{OpenReason, PoolError};
use sp_runtime::{traits::BadOrigin, Perbill, TokenError};

use crate::mock::*;

/// A pool with the demo runtime's defences, with these provers.
fn demo(provers: &[(AccountId, Balance, u32, u32)]) -> ExtBuilder {
	ExtBuilder::default()
		.min_overbid(Perbill::from_percent(5))
		.ejection_threshold(Perbill::from_percent(50))
		.provers(provers)
}

/// All that an account has, free or held.
fn wealth(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

/// What an account lost of what every account began with.
fn loss(who: AccountId) -> Balance {
	START_BALANCE - wealth(who)
}

fn places(who: AccountId) -> u32 {
	prover(who).map_or(0, |prover| prover.current_capacity)
}

// Slots.

#[test]
fn attack_evicting_a_prover_and_letting_it_back() {
	let pool = [(ALICE, 1_000, 100, 4), (BOB, 2_000, 100, 4)];
	demo(&pool).max_provers(2).build_and_execute(|| {
		// Less than 5 % more evicts nobody.
		assert_noop!(stake(EVE, 1_001, 100, 4), Error::ProverNotGoodEnough);
		assert_noop!(stake(EVE, 1_050, 100, 4), Error::ProverNotGoodEnough);
		assert_ok!(stake(EVE, 1_051, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 1_000, 1_000), staked(EVE, 1_051, 100, 4)]);
		// She cannot step aside at once, nor go on to Bob with the same tokens.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_noop!(stake(EVE, 2_101, 100, 4), Error::ChangeTooFrequent);
		// While she has the slot she is a prover like any other. She never meant to prove.
		assign(7, EVE);
		advance_clock(11);
		assert_ok!(exit(EVE));
		System::reset_events();
		// Alice comes back with what she had, and needs no free tokens for it.
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(pool_events(), [staked(ALICE, 1_000, 100, 4)]);
		assert_eq!((held(ALICE), free(ALICE), loss(ALICE)), ((1_000, 0), 9_000, 0));

		// Eve's 1 051 are locked for the whole period, and pay for the block: 4 · 100.
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
fn attack_emptying_all_slots_one_by_one() {
	let pool = [(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)];
	demo(&pool).max_provers(3).build_and_execute(|| {
		// Two accounts, so that each may push the other out instead of waiting.
		assert_ok!(stake(EVE, 1_051, 100, 4));
		// To push Eve out, the others must be larger than she: they are not.
		assert_ok!(stake(FRANK, 1_051, 100, 4));
		assert_eq!((slot(1), slot(2), slot(3)), (Some(EVE), Some(FRANK), Some(CAROL)));
		// Either of them leaves after its delay only, with the stake locked.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		// Each slot needs its own stake, 5 % above what was there: there is no third account.
		assert_noop!(stake(FRANK, 2_000, 100, 4), Error::ChangeTooFrequent);
		assert_eq!(held(EVE).0 + held(FRANK).0, 2_102);
		// And any honest prover may do to them what they did.
		assert_ok!(stake(ALICE, 1_104, 100, 4));
		assert_eq!(slot(3), Some(ALICE), "the smallest goes, Carol");
		assert_ok!(stake(BOB, 1_105, 100, 4));
		assert_eq!(slot(1), Some(BOB));
		assert_eq!(held(EVE), (0, 1_051));
		assert_eq!([ALICE, BOB, CAROL].map(loss), [0, 0, 0]);
	});
}

#[test]
fn attack_restarting_the_exit_of_somebody_else() {
	demo(&[(ALICE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(stake(ALICE, 200, 100, 4));
		// One moment before Alice's 800 are free, Eve evicts her small stake: all of it waits again (R2).
		advance_clock(100);
		assert_ok!(stake(EVE, 211, 100, 4));
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		// That works once: nobody who is out of the pool is evicted.
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!((free(ALICE), loss(ALICE)), (START_BALANCE, 0));
		// One moment later it would not have worked at all: a free exit is paid to whoever is evicted.
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 300, 100, 4));
		advance_clock(101);
		System::reset_events();
		assert_ok!(stake(FRANK, 316, 100, 4));
		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 700), forced_out(ALICE, 300, 300), staked(FRANK, 316, 100, 4)]
		);
		// Eve and Frank hold what they staked, each for a period of its own.
		assert_eq!((held(EVE), held(FRANK)), ((0, 211), (316, 0)));
	});
}

#[test]
fn attack_holding_slots_by_nothing() {
	demo(&[(EVE, 200, 100, 4)]).max_provers(1).build_and_execute(|| {
		// The least that four places cost. She takes blocks, proves none, and hopes to keep the slot.
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		System::reset_events();
		// 4 · 13 = 52 each, and 50 % of 200 must be left.
		assert_eq!(slash(1, 13), Ok(52));
		assert_eq!(slot(1), Some(EVE));
		assert_noop!(stake(BOB, 155, 100, 2), Error::ProverNotGoodEnough);
		assert_eq!(slash(2, 13), Ok(52));
		assert_eq!(
			pool_events(),
			[slashed(1, EVE, 0, 52), slashed(2, EVE, 0, 52), forced_out(EVE, 96, 96)]
		);
		// The slot is vacant: whoever comes outbids nobody.
		assert_ok!(stake(BOB, 100, 100, 2));
		assert_eq!(slot(1), Some(BOB));
		// What she took out of the pool pays for the other two.
		assert_eq!((slash(3, 13), slash(4, 13)), (Ok(52), Ok(44)));
		assert_eq!((held(EVE), loss(EVE), has_record(EVE)), ((0, 0), 200, false));
	});
}

#[test]
fn attack_holding_a_slot_without_places() {
	demo(&[(EVE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		// Busy with two blocks, she declares two places: a slot that no draw can find.
		assign(1, EVE);
		assign(2, EVE);
		advance_clock(11);
		assert_ok!(stake(EVE, 100, 100, 2));
		assert_eq!(places(EVE), 0);
		// Both blocks must end, with a proof or with a slash that reaches all she had: 4 · 110.
		assert_eq!(slash(1, 110), Ok(440));
		assert_eq!(slash(2, 110), Ok(440));
		assert_eq!((held(EVE), loss(EVE)), ((100, 20), 880));
		assert_eq!(places(EVE), 2);
		assign(3, EVE);
		// And all the time 106 base units would have bought the slot.
		assert_ok!(stake(BOB, 106, 100, 2));
		assert_eq!(slot(1), Some(BOB));
	});
}

#[test]
fn attack_dust_stakes() {
	demo(&[]).max_provers(2).build_and_execute(|| {
		for (amount, places) in [(1, 4), (199, 4), (99, 2), (50, 1), (1, 0), (u128::MAX, u32::MAX)]
		{
			assert!(stake(EVE, amount, 100, places).is_err(), "{amount} for {places}");
		}
		assert_noop!(stake(EVE, 199, 100, 4), Error::InvalidParams);
		assert_noop!(stake(EVE, 50, 100, 1), Error::InvalidParams);
		assert_noop!(stake(EVE, 1, 100, 0), Error::InvalidParams);
		assert_noop!(stake(EVE, 0, 100, 4), Error::InvalidParams);
		assert_eq!(held(EVE), (0, 0));

		// The least that is possible, in both slots: each is worth a real stake, and bought for 5 % more.
		assert_ok!(stake(EVE, 100, 100, 2));
		assert_ok!(stake(FRANK, 100, 100, 2));
		assert_ok!(stake(ALICE, 106, 100, 2));
		// What a slash leaves of such a stake is no stake: 100 − 4 · 13 = 48.
		assign(7, FRANK);
		System::reset_events();
		assert_eq!(slash(7, 13), Ok(52));
		assert_eq!(pool_events(), [slashed(7, FRANK, 0, 52), forced_out(FRANK, 48, 48)]);
		// Nor does it come back: neither with what is left, nor for fewer places.
		assert_noop!(stake(FRANK, 48, 100, 2), Error::InvalidParams);
		assert_noop!(stake(FRANK, 50, 100, 1), Error::InvalidParams);
		assert_eq!((loss(EVE), loss(FRANK)), (0, 52));
	});
}

// Dodging a slash. What Alice loses who does nothing is what Eve loses whatever she does.

/// 4 · 250, all of a stake of 1 000.
const REWARD: Balance = 250;

#[test]
fn attack_slash_dodging_by_exit() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assign(2, EVE);
		advance_clock(11);
		// She leaves before anybody can know that she will not prove …
		assert_ok!(exit(EVE));
		assert_eq!(held(EVE), (0, 1_000));
		// … and waits, as long as she likes.
		for wait in [100, 1, 200] {
			advance_clock(wait);
			assert!(withdraw(EVE).is_err());
		}
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_noop!(exit(EVE), Error::NotInPool);
		assert_eq!((slash(1, REWARD), slash(2, REWARD)), (Ok(1_000), Ok(1_000)));
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		assert_eq!((loss(ALICE), loss(EVE)), (1_000, 1_000));
	});
}

#[test]
fn attack_slash_dodging_by_an_exit_before_the_work() {
	demo(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_ok!(stake(EVE, 1_000, 100, 4));
		advance_clock(11);
		// 900 on their way out first, then the work with 100 only: the period was not over when it came.
		assert_ok!(stake(EVE, 100, 100, 2));
		advance_clock(100);
		assign(1, EVE);
		advance_clock(1);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!(slash(1, REWARD), Ok(1_000));
		assert_eq!(loss(EVE), 1_000);
	});
}

#[test]
fn attack_slash_dodging_by_re_entry() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		advance_clock(11);
		// In again with the least, cheaper, smaller; twice, so that the exit's clock was set anew.
		assert_ok!(stake(EVE, 200, 75, 4));
		advance_clock(11);
		assert_ok!(stake(EVE, 100, 75, 2));
		assert_eq!(held(EVE), (100, 900));
		advance_clock(101);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		// The block is still hers, and all of it is slashable, wherever it is.
		assert_eq!((slash(1, REWARD), slash(2, REWARD)), (Ok(1_000), Ok(1_000)));
		assert_eq!((loss(ALICE), loss(EVE)), (1_000, 1_000));
		assert_eq!(prover(EVE), None);
	});
}

#[test]
fn attack_slash_dodging_by_raising_capacity() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		advance_clock(11);
		// As many places as her stake allows: the share of one would be a fifth.
		assert_ok!(stake(EVE, 1_000, 100, 20));
		// 20 % / 4 of 1 000 for both.
		assert_eq!((slash(1, 0), slash(2, 0)), (Ok(50), Ok(50)));
		// Raised before the draw it counts, 950 · 20 % / 19; but the reward's multiple does not shrink.
		advance_clock(11);
		assert_ok!(stake(EVE, 950, 100, 19));
		assign(3, EVE);
		assign(4, EVE);
		assert_eq!(slash(3, 0), Ok(10));
		assert_eq!(slash(4, 100), Ok(400));
		assert_eq!((loss(ALICE), loss(EVE)), (50, 460));
	});
}

#[test]
fn attack_slash_dodging_by_eviction_with_an_accomplice() {
	demo(&[(EVE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		assign(1, EVE);
		// She may not leave yet. Frank evicts her, which no delay forbids.
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		assert_ok!(stake(FRANK, 1_051, 100, 4));
		assert_eq!(held(EVE), (0, 1_000));
		// She even comes back for less, once Frank has made room, and is evicted once more.
		advance_clock(11);
		assert_ok!(exit(FRANK));
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_ok!(stake(FRANK, 211, 100, 4));
		assert_eq!(held(EVE), (0, 1_000));
		advance_clock(101);
		assert_noop!(withdraw(EVE), Error::StillLiable);
		// Frank even gets to be the reporter: what he gains is less than what she loses.
		assert_eq!(slash_for(1, REWARD, FRANK, REWARD / 2), Ok(1_000));
		assert_eq!(wealth(FRANK), START_BALANCE + 125);
		assert_eq!((loss(EVE), Slashes::get()), (1_000, vec![875]));
	});
}

#[test]
fn attack_slash_dodging_by_paying_out_at_the_last_moment() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		advance_clock(11);
		assert_ok!(exit(EVE));
		advance_clock(101);
		// Every call that could pay, before a slash and between two.
		for _ in 0..2 {
			assert_noop!(withdraw(EVE), Error::StillLiable);
			assert_noop!(exit(EVE), Error::NotInPool);
			assert_ok!(stake(EVE, 100, 100, 2));
			advance_clock(11);
			assert_ok!(exit(EVE));
			advance_clock(101);
		}
		assert_eq!(slash(1, 100), Ok(400));
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_eq!(slash(2, 100), Ok(400));
		// Nothing is owed any more: the rest is hers at once.
		assert_ok!(withdraw(EVE));
		assert_eq!((loss(EVE), free(EVE)), (800, 9_200));
	});
}

#[test]
fn attack_slash_dodging_by_discharging_oneself() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		let discharge_own = || ProverPool::discharge_prover(signed(EVE), 1);
		assert_noop!(discharge_own(), Error::NotOverdue);
		// Neither leaving nor coming back makes an assignment older.
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

// The books.

#[test]
fn attack_capacity_over_commitment() {
	demo(&[(EVE, 200, 100, 4)]).max_provers(1).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		// All ways to a fresh slot: on her own, and by an accomplice's eviction.
		for round in 0..3 {
			advance_clock(11);
			if round == 1 {
				assert_ok!(stake(FRANK, 211, 100, 4));
				advance_clock(11);
				assert_ok!(exit(FRANK));
			}
			assert_ok!(stake(EVE, 200, 100, 4));
			assert_eq!(places(EVE), 0);
		}
		outcomes();
		assert_ok!(request(5));
		run_blocks(2);
		let reason = OpenReason::NoFreeCapacity;
		assert_eq!(outcomes(), [(5, Outcome::Open { reason })]);
		// More places are not for less stake.
		advance_clock(11);
		assert_noop!(stake(EVE, 399, 100, 8), Error::InvalidParams);
		assert_ok!(stake(EVE, 400, 100, 8));
		assert_eq!(places(EVE), 4);
		(5..=8).for_each(|block_id| assign(block_id, EVE));
		// Every one of the eight is covered.
		assert!((1..=8).all(|block_id| slash(block_id, 12) == Ok(48)));
		assert_eq!((loss(EVE), staker(EVE).liable), (8 * 48, 0));
	});
}

#[test]
fn attack_double_release() {
	demo(&[(EVE, 200, 100, 4)]).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		assert_ok!(release(1));
		assert_eq!(places(EVE), 1);
		// By the same block again, before and after an entry; by closing it; by the origin.
		assert_noop!(release(1), PoolError::AlreadyReleased);
		let by_origin = || ProverPool::release_prover(RuntimeOrigin::root(), 1);
		assert_noop!(by_origin(), Error::AlreadyReleased);
		advance_clock(11);
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_noop!(release(1), PoolError::AlreadyReleased);
		assert_ok!(discharge(1));
		assert_noop!(release(1), PoolError::UnknownBlock);
		assert_eq!((places(EVE), staker(EVE).outstanding, staker(EVE).liable), (1, 3, 3));
		// The other three cost her what they always did: 4 · 10.
		assert!((2..=4).all(|block_id| slash(block_id, 10) == Ok(40)));
		assert_eq!(loss(EVE), 120);
	});
}

#[test]
fn attack_double_slash() {
	// Here the victim is the prover, and who attacks is paid for reporting it.
	demo(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, ALICE);
		assign(3, BOB);
		assert_eq!(slash_for(1, 50, EVE, 25), Ok(200));
		assert_noop!(slash_for(1, 50, EVE, 25), PoolError::UnknownBlock);
		// Nor for what was closed otherwise, nor in both orders.
		assert_ok!(release(2));
		assert_ok!(discharge(2));
		assert_noop!(slash_for(2, 50, EVE, 25), PoolError::UnknownBlock);
		assert_noop!(discharge(1), PoolError::UnknownBlock);
		// Nor before a draw: a pending id is nobody's.
		assert_ok!(request(4));
		assert_noop!(slash_for(4, 50, EVE, 25), PoolError::StillPending);
		assert_eq!((loss(ALICE), loss(BOB), staker(BOB).liable), (200, 0, 1));
		assert_eq!((wealth(EVE), Slashes::get()), (START_BALANCE + 25, vec![175]));
	});
}

#[test]
fn attack_settling_somebody_elses_block() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		let root = RuntimeOrigin::root;
		for block_id in [1, 2] {
			let bounty = Some((EVE, 1_000));
			assert_noop!(ProverPool::release_prover(signed(EVE), block_id), BadOrigin);
			assert_noop!(ProverPool::slash_prover(signed(EVE), block_id, 250, bounty), BadOrigin);
			assert_noop!(ProverPool::assign_prover(signed(EVE), block_id + 10, 100), BadOrigin);
		}
		// The one call that a prover has is for its own old blocks.
		advance_clock(401);
		assert_noop!(ProverPool::discharge_prover(signed(EVE), 1), Error::NotYourAssignment);
		assert_noop!(ProverPool::discharge_prover(signed(FRANK), 2), Error::NotYourAssignment);
		assert_ok!(request(3));
		assert_noop!(ProverPool::discharge_prover(signed(EVE), 3), Error::StillPending);
		assert_ok!(ProverPool::discharge_prover(signed(EVE), 2));
		assert_eq!((staker(ALICE).liable, staker(EVE).liable), (1, 0));
		assert_ok!(ProverPool::discharge_prover(root(), 1));
		assert_eq!((loss(ALICE), loss(EVE)), (0, 0));
	});
}

#[test]
fn attack_a_full_queue() {
	demo(&[(ALICE, 1_000, 100, 20)]).build_and_execute(|| {
		// Who fills the queue through the protocol gets draws, in its order, and no more.
		(1..=8).for_each(|block_id| request(block_id).unwrap());
		assert_noop!(request(9), PoolError::QueueFull);
		assert_eq!(pending().len(), 8);
		// It keeps others out for one block longer than it takes to draw: three at a time.
		run_blocks(1);
		assert_noop!(request(9), PoolError::QueueFull);
		run_blocks(1);
		assert_ok!(request(9));
		assert_eq!(pending(), [4, 5, 6, 7, 8, 9]);
		// Refilling it does not overtake who is in it.
		(10..=11).for_each(|block_id| request(block_id).unwrap());
		run_blocks(2);
		assert!(assignment(9).is_some());
		assert_eq!(pending(), [10, 11]);
		assert_eq!(loss(ALICE), 0);
	});
}

// Accounts.

#[test]
fn attack_the_existential_deposit_edge() {
	demo(&[]).max_provers(1).build_and_execute(|| {
		// She cannot stake what keeps her account alive.
		assert_noop!(stake(EVE, START_BALANCE, 100, 4), TokenError::FundsUnavailable);
		assert_noop!(stake(EVE, 9_991, 100, 4), TokenError::FundsUnavailable);
		assert_ok!(stake(EVE, 9_990, 100, 4));
		let flee = || <Balances as Mutate<_>>::transfer(&EVE, &FRANK, 10, Preservation::Expendable);
		assert_noop!(flee(), TokenError::Frozen);
		// An exit too small to be received, made so that nobody could evict her.
		System::inc_providers(&EVE);
		assert_ok!(flee());
		advance_clock(11);
		assert_ok!(stake(EVE, 9_981, 100, 4));
		advance_clock(101);
		assert_noop!(withdraw(EVE), TokenError::CannotCreate);
		assign(1, EVE);
		// It protects nothing else: slashed for all that is not free, she is out. The 9 wait once more.
		System::reset_events();
		assert_eq!(slash(1, Balance::MAX), Ok(9_981));
		assert_eq!(pool_events(), [slashed(1, EVE, 0, 9_981), forced_out(EVE, 0, 9)]);
		assert_eq!((held(EVE), wealth(EVE)), ((0, 9), 9));
		assert_ok!(stake(ALICE, 200, 100, 4));
	});
}

#[test]
fn attack_a_stake_frozen_locked_and_held_otherwise() {
	demo(&[(ALICE, 5_000, 100, 4), (EVE, 5_000, 100, 4)]).max_provers(2).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		assign(3, EVE);
		// All that an account can do to its tokens: a vote, a lock, deposits elsewhere.
		assert_ok!(Balances::set_freeze(&other::FreezeReason::Vote.into(), &EVE, Balance::MAX));
		Balances::set_lock(*b"evesvote", &EVE, Balance::MAX, WithdrawReasons::all());
		let deposit = other::HoldReason::Deposit.into();
		assert_noop!(Balances::hold(&deposit, &EVE, 4_991), TokenError::FundsUnavailable);
		assert_ok!(Balances::hold(&deposit, &EVE, 4_990));
		// She is slashed like Alice; what she put elsewhere stays there.
		assert_eq!((slash(1, 1_000), slash(2, 1_000)), (Ok(4_000), Ok(4_000)));
		assert_eq!((loss(ALICE), loss(EVE)), (4_000, 4_000));
		// She is evicted, and slashed in the exit as well.
		assert_ok!(stake(BOB, 1_100, 100, 4));
		assert_ok!(stake(CAROL, 1_100, 100, 4));
		assert_eq!(held(EVE), (0, 1_000));
		assert_eq!(slash(3, 1_000), Ok(1_000));
		assert_eq!((loss(EVE), held(EVE)), (5_000, (0, 0)));
		assert_eq!(Balances::balance_on_hold(&deposit, &EVE), 4_990);
	});
}

#[test]
fn attack_an_account_reaped_while_it_has_records() {
	demo(&[(EVE, 9_990, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		assert_eq!(slash(1, Balance::MAX), Ok(9_990));
		assert_ok!(Balances::transfer_allow_death(signed(EVE), FRANK, 10));
		assert!(!System::account_exists(&EVE));
		// The duty outlives the account: its record is all that is left.
		assert_eq!((staker(EVE).outstanding, staker(EVE).liable), (1, 1));
		assert_noop!(exit(EVE), Error::NotInPool);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		// She returns under the same name with a stake: the duty is still hers, and takes its place.
		assert_ok!(Balances::transfer_allow_death(signed(BANK), EVE, 1_010));
		assert_ok!(stake(EVE, 1_000, 100, 4));
		assert_eq!(places(EVE), 3);
		assert_eq!(slash(2, 100), Ok(400));
		assert_eq!((wealth(EVE), held(EVE), places(EVE)), (610, (600, 0), 4));
		assert_eq!(Slashes::get(), [9_990, 400]);
	});
}

#[test]
fn attack_a_reporter_that_cannot_be_paid() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		// A reporter without an account, to make the slash fail.
		assert_eq!(slash_for(1, REWARD, NOBODY, EXISTENTIAL_DEPOSIT - 1), Ok(1_000));
		assert_eq!((loss(EVE), wealth(NOBODY), Slashes::get()), (1_000, 0, vec![1_000]));
	});
}
