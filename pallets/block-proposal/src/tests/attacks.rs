//! Attacks on the rollup, told whole: what the attacker tries step by step, what stops it, and what
//! everybody has in the end. Rewards at the agreed price are 300 000, a slash is four of them.

use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use prover_pool_primitives::BlockId;

use crate::mock::*;

fn skip(who: AccountId, id: BlockId) -> DispatchResult {
	BlockProposal::skip_block(signed(who), id).map(|_| ()).map_err(|refused| refused.error)
}

// Other people's blocks.

/// A rival of the proposer wants the second block to be dropped: its first block takes so long that the
/// second expires behind it, and forks keep the right proof out until then.
#[test]
fn attack_having_a_block_skipped_before_it_can_be_proven() {
	// One place: the first block is assigned, the second open.
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 1)]).build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		for vandal in &VANDALS[..4] {
			assert_ok!(prove(*vandal, ids[1], GENESIS));
		}
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_noop!(prove(RESCUER, ids[1], first), Error::TooManyForks);
		// Expired long ago, and not on the verified hash: but only now its parent is known for certain.
		run_for(Cooldown::get());
		verify();
		let before = balances();
		for _ in 0..MinProofWindow::get() {
			assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
			next_block();
		}
		assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
		assert_ok!(prove(RESCUER, ids[1], first));
		next_block();
		assert_noop!(skip(VANDALS[0], ids[1]), Error::HasProof);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[1]);
		// The rescuer earns the open price, which has risen 18 of its 20 steps; all forks cost their bonds.
		let reward = cost(GAS_USED, 142) as i128;
		assert_eq!((gain(&before, RESCUER), gain(&before, PROPOSER)), (reward, -reward));
		assert!(VANDALS[..4].iter().all(|vandal| gain(&before, *vandal) == -5_000));
	});
}

#[test]
fn attack_waiting_for_the_end_of_the_grace_with_many_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(3);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		run_for(ExpiryPeriod::get() + 1);
		verify();
		let before = balances();
		// Nobody proves the others: they still expire together, once the parent was certain long enough.
		run_for(MinProofWindow::get());
		assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
		next_block();
		assert_ok!(skip(VANDALS[0], ids[1]));
		assert_ok!(skip(VANDALS[0], ids[2]));
		// A trap costs its setter both escrows; who skips gains nothing.
		assert_eq!((gain(&before, PROPOSER), gain(&before, VANDALS[0])), (-1_200_000, 0));
	});
}
