//! Settling a block twice, settling another's, assigning more than a capacity allows; bounds that an
//! upgrade lowers.

use super::*;
use frame_support::{assert_err, assert_noop, assert_ok};
use prover_pool_primitives::{Fault, OpenReason, PoolError};
use sp_runtime::traits::BadOrigin;

#[test]
fn re_entry_cannot_refill_a_capacity() {
	demo(&[(EVE, 200, 100, 4)]).max_provers(1).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		// By her own entry, and by an accomplice's eviction.
		for round in 0..3 {
			advance_clock(11);
			if round == 1 {
				assert_ok!(stake(FRANK, 211, 100, 4));
				advance_clock(11);
				assert_ok!(exit(FRANK));
			}
			assert_ok!(stake(EVE, 200, 100, 4));
			assert_eq!(free_capacity(EVE), 0);
		}
		outcomes();
		assert_ok!(request(5));
		run_blocks(2);
		assert_eq!(outcomes(), [(5, open(OpenReason::NoFreeCapacity))]);
		// More capacity needs more stake.
		assert_noop!(set_terms(EVE, 100, 8), Error::InvalidParams);
		assert_ok!(stake_extra(EVE, 200));
		assert_ok!(set_terms(EVE, 100, 8));
		assert_eq!(free_capacity(EVE), 4);
		(5..=8).for_each(|block_id| assign(block_id, EVE));
		// Every one of the eight is covered.
		assert!((1..=8).all(|block_id| slash(block_id, 12) == Ok(48)));
		assert_eq!((loss(EVE), staker(EVE).liable), (8 * 48, 0));
	});
}

#[test]
fn a_block_cannot_be_released_twice() {
	demo(&[(EVE, 200, 100, 4)]).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		assert_ok!(release(1));
		assert_eq!(free_capacity(EVE), 1);
		// Again, by the origin, after an entry, after it is closed.
		assert_noop!(release(1), PoolError::AlreadyReleased);
		let by_origin = || ProverPool::release_prover(RuntimeOrigin::root(), 1);
		assert_noop!(by_origin(), Error::AlreadyReleased);
		advance_clock(11);
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_noop!(release(1), PoolError::AlreadyReleased);
		assert_ok!(discharge(1));
		assert_noop!(release(1), PoolError::UnknownBlock);
		assert_eq!(free_capacity(EVE), 1);
		assert_eq!((staker(EVE).outstanding, staker(EVE).liable), (3, 3));
	});
}

#[test]
fn a_block_cannot_be_slashed_twice() {
	// The victim is the prover, and the attacker is paid for reports.
	demo(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, ALICE);
		assign(3, BOB);
		assert_eq!(slash_for(1, 50, EVE, 25), Ok(200));
		assert_noop!(slash_for(1, 50, EVE, 25), PoolError::UnknownBlock);
		// Nor one that was closed otherwise.
		assert_ok!(release(2));
		assert_ok!(discharge(2));
		assert_noop!(slash_for(2, 50, EVE, 25), PoolError::UnknownBlock);
		assert_noop!(discharge(1), PoolError::UnknownBlock);
		// Nor one that is not drawn yet.
		assert_ok!(request(4));
		assert_noop!(slash_for(4, 50, EVE, 25), PoolError::StillPending);
		assert_eq!((loss(ALICE), loss(BOB), staker(BOB).liable), (200, 0, 1));
		assert_eq!((wealth(EVE), Slashes::get()), (START_BALANCE + 25, vec![175]));
	});
}

#[test]
fn a_member_cannot_gain_by_reporting_itself() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		// The protocol decides the reporter's share. What it pays to her, she has lost before.
		assert_eq!(slash_for(1, 50, EVE, 25), Ok(200));
		assert_eq!((free(EVE), loss(EVE), Slashes::get()), (9_025, 175, vec![175]));
		// At most all of it; and held tokens become free no other way.
		assert_eq!(slash_for(2, Balance::MAX, EVE, Balance::MAX), Ok(800));
		assert_eq!((free(EVE), loss(EVE), Slashes::get()), (9_825, 175, vec![175]));
		assert_eq!((prover(EVE), staker(EVE).record.missed), (None, 0), "her record went with her");
	});
}

#[test]
fn provers_cannot_settle_blocks() {
	demo(&[(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		for block_id in [1, 2] {
			let bounty = Some((EVE, 1_000));
			let slash = ProverPool::slash_prover(signed(EVE), block_id, 250, Fault::Late, bounty);
			assert_err!(slash, BadOrigin);
			assert_noop!(ProverPool::release_prover(signed(EVE), block_id), BadOrigin);
			assert_noop!(ProverPool::assign_prover(signed(EVE), block_id + 10, 100), BadOrigin);
			assert_noop!(ProverPool::cancel_slash(signed(EVE), block_id), BadOrigin);
		}
		// The one call that a prover has is for its own old blocks.
		advance_clock(401);
		assert_noop!(ProverPool::discharge_prover(signed(EVE), 1), Error::NotYourAssignment);
		assert_noop!(ProverPool::discharge_prover(signed(FRANK), 2), Error::NotYourAssignment);
		assert_ok!(request(3));
		assert_noop!(ProverPool::discharge_prover(signed(EVE), 3), Error::StillPending);
		assert_ok!(ProverPool::discharge_prover(signed(EVE), 2));
		assert_eq!((staker(ALICE).liable, staker(EVE).liable), (1, 0));
		assert_eq!((loss(ALICE), loss(EVE)), (0, 0));
	});
}

#[test]
fn a_full_queue_cannot_keep_others_out_for_longer_than_its_draws() {
	demo(&[(ALICE, 1_000, 100, 20)]).build_and_execute(|| {
		(1..=8).for_each(|block_id| request(block_id).unwrap());
		assert_noop!(request(9), PoolError::QueueFull);
		// Three draws a block, from the second block on.
		run_blocks(1);
		assert_noop!(request(9), PoolError::QueueFull);
		run_blocks(1);
		assert_ok!(request(9));
		assert_eq!(pending(), [4, 5, 6, 7, 8, 9]);
		// Later requests do not overtake it.
		(10..=11).for_each(|block_id| request(block_id).unwrap());
		run_blocks(2);
		assert!(assignment(9).is_some());
		assert_eq!((pending(), loss(ALICE)), (vec![10, 11], 0));
	});
}

/// In the first edition a value beyond a lowered bound read as nothing, and the next call made that
/// permanent.
#[test]
fn bounds_lowered_by_an_upgrade_cannot_hide_exits_or_requests() {
	demo(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		(0..3).for_each(|_| unstake(ALICE, 100).unwrap());
		(1..=4).for_each(|block_id| request(block_id).unwrap());
		MaxExits::set(2);
		MaxPendingDraws::set(3);
		assert_eq!((exits(ALICE).len(), stake_of(ALICE), held(ALICE)), (3, 700, 1_000));
		assert_eq!(pending(), [1, 2, 3, 4]);
		// Neither an exit nor a request is lost when they are written again.
		assert_ok!(unstake(ALICE, 100));
		assert_noop!(request(5), PoolError::QueueFull);
		run_blocks(2);
		assert_eq!((exits(ALICE).len(), held(ALICE)), (3, 1_000));
		assert_eq!((pending(), assignment(3).is_some()), (vec![4], true));
	});
}
