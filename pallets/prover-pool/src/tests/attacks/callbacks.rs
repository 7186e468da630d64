//! Receivers of slashed tokens and of draws that call back into the pool.

use super::*;
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::PoolError;

/// What the receiver of Eve's slash for block 1 tries: every call that could use her state between two
/// writes. All records are written, so the calls see the state after the slash.
fn call_back(amount: Balance) {
	ActOnSlash::set(None);
	assert_ok!(ProverPool::do_try_state());
	assert_eq!((amount, held(EVE), stake_of(EVE)), (400, 600, 600));
	assert_eq!(slash(1, 100), Err(PoolError::UnknownBlock));
	assert_eq!(release(1), Err(PoolError::UnknownBlock));
	assert_eq!(discharge(1), Err(PoolError::UnknownBlock));
	assert_noop!(withdraw(EVE), Error::NoMatureExit);
	assert_noop!(ProverPool::apply_slash(signed(EVE), 1), Error::NoPendingSlash);
	assert_noop!(unstake(EVE, 401), Error::InvalidParams);
	assert_ok!(unstake(EVE, 400));
	assert_eq!(slash(2, 25), Ok(100));
	assert_ok!(request(1));
	assert_ok!(ProverPool::do_try_state());
}

#[test]
fn receiver_of_a_slash_cannot_slash_or_spend_twice() {
	// With the tokens at once, and at the end of a deferral.
	for deferral in [0, 30] {
		demo(&[(EVE, 1_000, 100, 4)]).slash_deferral(deferral).build_and_execute(|| {
			assign(1, EVE);
			assign(2, EVE);
			advance_clock(11);
			ActOnSlash::set(Some(call_back));
			assert_eq!(slash(1, 100), Ok(400));
			if deferral > 0 {
				SlashDeferral::set(0);
				advance_clock(deferral);
				assert_ok!(ProverPool::apply_slash(signed(FRANK), 1));
			}
			assert_eq!((Slashes::get(), loss(EVE)), (vec![400, 100], 500));
			assert_eq!((pending(), staker(EVE).liable), (vec![1], 0));
		});
	}
}

#[test]
fn receiver_of_a_slash_cannot_revive_an_ejected_member() {
	// The owner of the receiving account enters again at once, with the tokens that she lost.
	demo(&[(EVE, 200, 100, 4)]).max_provers(1).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		SlashesTo::set(Some(FRANK));
		ActOnSlash::set(Some(|_| {
			ActOnSlash::set(None);
			assert_eq!((slot(1), held(EVE)), (None, 80));
			assert_ok!(stake(EVE, 200, 100, 4));
			assert_eq!(free_capacity(EVE), 3);
		}));
		assert_eq!(slash(1, 30), Ok(120));
		assert_eq!((slot(1), stake_of(EVE), wealth(FRANK)), (Some(EVE), 200, START_BALANCE + 120));
		// The other block is still due.
		assert_eq!(slash(2, 30), Ok(120));
	});
}

/// What the protocol does as soon as it learns of a draw.
fn settle_at_once(block_id: u64, _: &Outcome) {
	assert_ok!(ProverPool::do_try_state());
	match block_id {
		1 => {
			// All draws of the block are recorded: it may settle any of them.
			assert_ok!(release(1));
			assert_ok!(discharge(1));
			assert_eq!(slash(2, REWARD), Ok(1_000));
			assert_ok!(request(4));
			assert_noop!(request(3), PoolError::AlreadyAssigned);
		},
		2 => assert_eq!(discharge(2), Err(PoolError::UnknownBlock)),
		3 => assert_eq!(discharge(3), Ok(())),
		_ => {},
	}
	assert_ok!(ProverPool::do_try_state());
}

#[test]
fn handler_of_a_draw_cannot_disturb_the_draws_of_its_block() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		(1..=3).for_each(|block_id| request(block_id).unwrap());
		OnDraw::set(Some(settle_at_once));
		run_blocks(2);
		assert_eq!(outcomes(), [1, 2, 3].map(|block_id| (block_id, drew(EVE, 100))));
		assert_eq!((loss(EVE), prover(EVE), has_record(EVE)), (1_000, None, false));
		assert_eq!(pending(), [4]);
	});
}

#[test]
fn reporter_that_cannot_be_paid_cannot_stop_a_slash() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		// A reporter without an account, which the share would not create.
		assert_eq!(slash_for(1, REWARD, NOBODY, EXISTENTIAL_DEPOSIT - 1), Ok(1_000));
		assert_eq!((loss(EVE), wealth(NOBODY), Slashes::get()), (1_000, 0, vec![1_000]));
	});
}
