//! Life 4: removing wrong proofs during the cooldown.

use crate::mock::*;
use frame_support::{assert_noop, assert_ok, pallet_prelude::DispatchResult};
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

fn dispute(id: BlockId, parent: H256, prover: AccountId) -> DispatchResult {
	BlockProposal::dispute_proof(RuntimeOrigin::root(), id, parent, prover)
		.map(|_| ())
		.map_err(|refused| refused.error)
}

#[test]
fn only_the_dispute_origin_may_remove_a_proof_and_only_one_that_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		let by_anybody = BlockProposal::dispute_proof(signed(RESCUER), id, GENESIS, ASSIGNED);
		assert_noop!(by_anybody.map_err(|refused| refused.error), BadOrigin);
		assert_noop!(dispute(id + 1, GENESIS, ASSIGNED), Error::UnknownBlock);
		assert_noop!(dispute(id, GENESIS, RESCUER), Error::UnknownProof);
		assert_noop!(dispute(id, H256::zero(), ASSIGNED), Error::UnknownProof);
		assert_ok!(dispute(id, GENESIS, ASSIGNED));
		assert_noop!(dispute(id, GENESIS, ASSIGNED), Error::UnknownProof);
	});
}

#[test]
fn pending_blocks_have_nothing_to_dispute() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		assert_noop!(dispute(id, GENESIS, ASSIGNED), Error::UnknownProof);
	});
}

#[test]
fn a_removed_proof_earns_nothing_forfeits_its_bond_and_is_barred() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_ok!(prove(VANDALS[0], ids[1], GENESIS));
		let before = balances();
		forget_events();
		assert_ok!(dispute(ids[1], GENESIS, VANDALS[0]));

		assert_eq!(gain(&before, VANDALS[0]), -5_000);
		assert_eq!(gain(&before, TREASURY), 5_000);
		assert!(block(ids[1]).proofs.is_empty());
		assert_eq!(block(ids[1]).disputed_at, Some(now()));
		assert_eq!(
			events(),
			[
				Event::BondSettled {
					block_id: ids[1],
					prover: VANDALS[0],
					returned: 0,
					forfeited: 5_000,
				},
				Event::ProofRemoved { block_id: ids[1], prover: VANDALS[0], parent_hash: GENESIS },
			]
		);
		// Block, parent and prover together are barred; nobody and nothing else is.
		assert_noop!(prove(VANDALS[0], ids[1], GENESIS), Error::Barred);
		assert_ok!(prove(VANDALS[0], ids[1], hash_on(ids[0], GENESIS)));
		assert_ok!(prove(VANDALS[0], ids[0], GENESIS));
		assert_ok!(prove(VANDALS[1], ids[1], GENESIS));
	});
}

#[test]
fn an_assigned_block_is_open_to_anybody_at_its_unchanged_price() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		assert_noop!(prove(RESCUER, id, GENESIS), Error::TooEarly);
		forget_events();
		assert_ok!(dispute(id, GENESIS, ASSIGNED));
		// It had no bond.
		assert!(matches!(events()[..], [Event::ProofRemoved { .. }]));
		assert!(block(id).assignment().unwrap().failed);
		assert_eq!(BlockProposal::reward_per_gas(id), Some(FEE));
		assert_ok!(prove(RESCUER, id, GENESIS));
		// The failed prover is like anybody now, but for the bar.
		assert_noop!(prove(ASSIGNED, id, GENESIS), Error::Barred);
	});
}

#[test]
fn a_removed_proof_of_another_leaves_the_assignment_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_ok!(dispute(id, GENESIS, RESCUER));
		assert!(!block(id).assignment().unwrap().failed);
		assert_ok!(prove(ASSIGNED, id, GENESIS));
	});
}

#[test]
fn an_open_block_keeps_the_price_of_the_removed_proof() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(4);
		assert_ok!(prove(VANDALS[0], id, GENESIS));
		assert_eq!(block(id).proofs[0].reward_per_gas, 90);
		run_for(2);
		// Somebody was slower, and dearer: it keeps its own price.
		assert_ok!(prove(VANDALS[1], id, GENESIS));
		assert_eq!(block(id).proofs[1].reward_per_gas, 97);
		assert_ok!(dispute(id, GENESIS, VANDALS[0]));
		run_for(2);
		assert_eq!(BlockProposal::reward_per_gas(id), Some(90));
		// A second removal does not change the price again.
		assert_ok!(dispute(id, GENESIS, VANDALS[1]));
		assert_eq!(BlockProposal::reward_per_gas(id), Some(90));
		assert_ok!(prove(RESCUER, id, GENESIS));
		let before = balances();
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 90) as i128);
	});
}

#[test]
fn expiry_counts_from_the_removal() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		run_for(1);
		// Long before the window has passed: nobody needs to wait for it.
		assert_ok!(dispute(ids[0], GENESIS, ASSIGNED));
		let removed_at = now();
		assert_eq!(
			block(ids[0]).expires_after(ExpiryPeriod::get()),
			Some(removed_at + ExpiryPeriod::get())
		);
		run_to(removed_at + ExpiryPeriod::get() + 1);
		assert_ok!(BlockProposal::skip_block(signed(RESCUER), ids[0]));
		// And long after it has passed.
		run_to(deadline(ids[1]) + 5);
		assert_ok!(prove(RESCUER, ids[1], GENESIS));
		assert_ok!(dispute(ids[1], GENESIS, RESCUER));
		assert_eq!(
			block(ids[1]).expires_after(ExpiryPeriod::get()),
			Some(now() + ExpiryPeriod::get())
		);
	});
}

#[test]
fn expiry_of_an_open_block_counts_from_the_removal_too() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(5);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_ok!(dispute(id, GENESIS, RESCUER));
		let expected = now() + ExpiryPeriod::get();
		assert_eq!(block(id).expires_after(ExpiryPeriod::get()), Some(expected));
	});
}

#[test]
fn another_proof_of_the_block_is_verified_instead() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let wrong = Evidence { block_hash: H256::zero(), ..evidence(id, GENESIS) };
		assert_ok!(prove_with(VANDALS[0], id, 0, wrong));
		assert_ok!(prove(RESCUER, id, GENESIS));
		run_for(Cooldown::get() - 1);
		assert_ok!(dispute(id, GENESIS, VANDALS[0]));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

/// The list of bars is bounded. Neither may a dispute be refused because it is full, nor a proof.
#[test]
fn of_too_many_bars_the_oldest_is_forgotten() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		for vandal in &VANDALS[..3] {
			assert_ok!(prove(*vandal, id, GENESIS));
			assert_ok!(dispute(id, GENESIS, *vandal));
		}
		let barred: Vec<_> = block(id).barred.iter().map(|(_, who)| *who).collect();
		assert_eq!(barred, VANDALS[1..3]);
		// It costs another bond.
		let before = balances();
		assert_ok!(prove(VANDALS[0], id, GENESIS));
		assert_noop!(prove(VANDALS[1], id, GENESIS), Error::Barred);
		assert_ok!(dispute(id, GENESIS, VANDALS[0]));
		assert_eq!(gain(&before, VANDALS[0]), -5_000);
	});
}

#[test]
fn a_dispute_is_charged_for_the_blocks_it_looked_at() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		let info =
			BlockProposal::dispute_proof(RuntimeOrigin::root(), ids[0], GENESIS, ASSIGNED).unwrap();
		assert_eq!(info.actual_weight, Some(BlockProposal::weight_of_dispute_with(2)));
		assert!(BlockProposal::weight_of_dispute_with(2).all_lt(BlockProposal::weight_of_dispute()));
	});
}
