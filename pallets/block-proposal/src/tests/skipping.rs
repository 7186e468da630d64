//! Life 4: giving up blocks, so that none stops the chain or locks the stakes.

use crate::mock::*;
use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use prover_pool_primitives::BlockId;
use sp_runtime::traits::BadOrigin;

fn skip(id: BlockId) -> DispatchResult {
	BlockProposal::skip_block(signed(BENEFICIARY), id).map(|_| ()).map_err(|refused| refused.error)
}

#[test]
fn a_block_is_skipped_after_its_expiry_and_not_before() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_noop!(skip(0), Error::UnknownBlock);
		assert_noop!(skip(id + 1), Error::UnknownBlock);
		run_to(deadline(id) + ExpiryPeriod::get());
		assert_noop!(skip(id), Error::NotExpired);
		next_block();
		let unsigned = BlockProposal::skip_block(RuntimeOrigin::none(), id);
		assert_noop!(unsigned.map_err(|refused| refused.error), BadOrigin);
		forget_events();
		assert_ok!(skip(id));
		// The verified hash is unchanged, the id is gone.
		assert_eq!((chain().verified_hash, chain().verified_id), (GENESIS, 0));
		assert_eq!((chain().head, Blocks::<Test>::iter().count()), (id + 1, 0));
		assert_eq!(
			events(),
			[Event::BlockSkipped { block_id: id, returned: 200_000, forfeited: 400_000 }]
		);
		assert_noop!(skip(id), Error::UnknownBlock);
	});
}

#[test]
fn an_open_block_expires_from_its_opening() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(ExpiryPeriod::get());
		assert_noop!(skip(id), Error::NotExpired);
		next_block();
		assert_ok!(skip(id));
		assert_eq!(chain().open, 0);
	});
}

#[test]
fn a_pending_block_is_expired_first() {
	ExtBuilder::default().with(|| Seed::set(None)).build_and_execute(|| {
		let id = propose();
		run_for(1_000);
		assert_noop!(skip(id), Error::StillPending);
		assert_ok!(BlockProposal::expire_request(signed(RESCUER), id));
		assert_noop!(skip(id), Error::NotExpired);
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(skip(id));
	});
}

#[test]
fn only_the_head_is_skipped() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		run_for(100);
		assert_noop!(skip(ids[1]), Error::NotHead);
		assert_ok!(skip(ids[0]));
		// The second expired together with the first, not after it.
		assert_ok!(skip(ids[1]));
	});
}

#[test]
fn a_block_with_a_proof_on_the_verified_hash_is_not_skipped() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_for(100);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_noop!(skip(id), Error::HasProof);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, id);
	});
}

#[test]
fn bonds_on_a_skipped_block_are_returned() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		// The second is proven on a proof of the first that is replaced by another's verification.
		let wrong = Evidence { block_hash: GENESIS, ..evidence(ids[0], GENESIS) };
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		let claim = Evidence { block_hash: [5; 32].into(), ..wrong };
		assert_ok!(prove_with(VANDALS[0], ids[0], 0, claim));
		assert_ok!(prove(VANDALS[1], ids[1], [5; 32].into()));
		let before = balances();
		cool_down_and_verify();
		run_for(ExpiryPeriod::get());
		assert_ok!(skip(ids[1]));
		assert_eq!(gain(&before, VANDALS[1]), 0);
		assert_eq!(held(HoldReason::ProofBond, VANDALS[1]), 0);
	});
}

#[test]
fn a_prover_of_a_skipped_block_is_closed_and_its_place_returns() {
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 1)]).build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id) + ExpiryPeriod::get() + 1);
		assert_ok!(skip(id));
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_none());
		assigned_block();
	});
}

#[test]
fn many_unproven_blocks_expire_together() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = [propose_drawn(4), propose_drawn(4)].concat();
		let last = *ids.last().unwrap();
		run_to(deadline(last) + ExpiryPeriod::get() + 1);
		for id in ids {
			assert_ok!(skip(id));
		}
		assert_eq!(chain().unverified(), 0);
	});
}

#[test]
fn the_chain_goes_on_after_a_skip() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		// The second was proven as if there were no first.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + ExpiryPeriod::get() + 1);
		let before = balances();
		assert_ok!(skip(ids[0]));
		verify();
		assert_eq!(chain().verified_hash, hash_on(ids[1], GENESIS));
		// Slashed for the first (four times the whole limit), paid for the second at once.
		let paid = cost(GAS_USED, FEE) as i128;
		assert_eq!(gain(&before, ASSIGNED), paid - 4 * cost(GAS_LIMIT, FEE) as i128);
	});
}

#[test]
fn a_skip_is_charged_for_the_blocks_it_looked_at() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		run_for(100);
		let info = BlockProposal::skip_block(signed(RESCUER), ids[0]).unwrap();
		// Nothing was built on a block without proofs.
		assert_eq!(info.actual_weight, Some(BlockProposal::weight_of_skip_with(0)));
		assert!(BlockProposal::weight_of_skip_with(0).all_lt(BlockProposal::weight_of_skip()));
	});
}
