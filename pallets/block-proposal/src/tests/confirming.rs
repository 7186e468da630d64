//! Proofs: second proofs of claims, for a verifier that asks for them.

use frame_support::{
	assert_noop, assert_ok, dispatch::GetDispatchInfo, pallet_prelude::Pays, weights::Weight,
};
use prover_pool_primitives::{BlockId, Fault};
use sp_core::H256;
use sp_runtime::{traits::BadOrigin, DispatchResult};

use crate::mock::*;

/// A tag that needs a second proof, which makes it [`TAG`].
const FIRST: u8 = TAG | UNCONFIRMED;

fn confirm_with(id: BlockId, execution: Execution, proof: Vec<u8>) -> DispatchResult {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let origin = signed(BENEFICIARY);
	plain(BlockProposal::confirm_claim(origin, id, parent_hash, block_hash, gas_used, proof))
}

/// Returns the second proof of this prover's claim.
fn second_proof(who: AccountId, id: BlockId, execution: Execution) -> Vec<u8> {
	let mut proof = proof_of(who, id, execution, 0);
	proof.truncate(32);
	proof
}

fn confirm(who: AccountId, id: BlockId, execution: Execution) -> DispatchResult {
	confirm_with(id, execution, second_proof(who, id, execution))
}

fn unconfirmed(id: BlockId, prover: AccountId, execution: Execution) -> Event {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	Event::ClaimUnconfirmed { block_id: id, prover, parent_hash, block_hash, gas_used }
}

#[test]
fn a_confirmed_claim_is_verified_like_any_other() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = execution(id, GENESIS);
		assert_ok!(prove_tagged(ASSIGNED, id, right, FIRST));
		forget_events();
		assert_ok!(confirm(ASSIGNED, id, right));
		let Execution { parent_hash, block_hash, gas_used } = right;
		let confirmed = Event::ClaimConfirmed {
			block_id: id,
			prover: ASSIGNED,
			parent_hash,
			block_hash,
			gas_used,
			tag: TAG,
		};
		assert_eq!(events(), [confirmed]);
		assert_eq!(claim_in_time(id).unwrap().tag, TAG);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, id);
		assert!(slashes().is_empty());
	});
}

#[test]
fn an_assigned_prover_without_a_second_proof_has_failed() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = execution(id, GENESIS);
		assert_ok!(prove_tagged(ASSIGNED, id, right, FIRST));
		// It waits until the cooldown is over.
		run_for(Cooldown::get() - 1);
		assert_noop!(try_verify(1), Error::NothingToVerify);
		run_for(1);
		forget_events();
		verify();
		assert_eq!(events(), [unconfirmed(id, ASSIGNED, right)]);
		assert_eq!(assignment(id).delivery, Delivery::Removed);
		assert_eq!(block(id).removed_at, Some(now()));
		// The same claim is not barred. Any account may prove the block, at its price.
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		assert!(matches!(slashes()[..], [(_, Fault::RemovedProof)]));
	});
}

#[test]
fn the_bond_of_another_is_forfeited_and_the_next_claim_counts() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_tagged(VANDALS[0], id, lie, FIRST));
		run_for(1);
		assert_ok!(prove(RESCUER, id));
		let before = balances();
		run_for(Cooldown::get() - 1);
		forget_events();
		verify();
		let bond = Event::BondSettled {
			block_id: id,
			prover: VANDALS[0],
			returned: 0,
			forfeited: ProofBond::get(),
		};
		assert_eq!(events(), [bond, unconfirmed(id, VANDALS[0], lie)]);
		assert_eq!(gain(&before, TREASURY), ProofBond::get() as i128);
		// The reward of an open block rises no further.
		assert!(matches!(block(id).status, Status::Open { fixed_reward: Some(_), .. }));
		assert_eq!(block(id).claims, 1);
		run_for(1);
		verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

#[test]
fn a_claim_of_another_is_confirmed_among_others() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove_tagged(VANDALS[0], id, wrong(id, GENESIS, 1), FIRST));
		assert_ok!(prove_tagged(RESCUER, id, execution(id, GENESIS), FIRST));
		assert_ok!(confirm(RESCUER, id, execution(id, GENESIS)));
		let tags: Vec<_> = claims_on(id, GENESIS).iter().map(|claim| claim.tag).collect();
		assert_eq!(tags, [FIRST, TAG]);
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

#[test]
fn what_does_not_confirm_is_refused_by_name_and_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = execution(id, GENESIS);
		let proof = second_proof(ASSIGNED, id, right);
		assert_noop!(confirm_with(id + 1, right, proof.clone()), Error::UnknownBlock);
		assert_noop!(confirm_with(id, right, proof.clone()), Error::UnknownClaim);
		assert_ok!(prove_tagged(ASSIGNED, id, right, FIRST));
		let Execution { parent_hash, block_hash, gas_used } = right;
		for origin in [root(), RuntimeOrigin::none()] {
			let call = BlockProposal::confirm_claim;
			let answer = call(origin, id, parent_hash, block_hash, gas_used, proof.clone());
			assert_noop!(plain(answer), BadOrigin);
		}
		let too_long = vec![0; MaxProofSize::get() as usize + 1];
		assert_noop!(confirm_with(id, right, too_long), Error::ProofTooLong);
		// Of another prover, block or result; the first kind again.
		for wrong in [
			second_proof(RESCUER, id, right),
			second_proof(ASSIGNED, id, wrong(id, GENESIS, 1)),
			proof_of(ASSIGNED, id, right, TAG),
			vec![],
		] {
			assert_noop!(confirm_with(id, right, wrong), Error::InvalidProof);
		}
		for other in [
			Execution { parent_hash: H256::zero(), ..right },
			Execution { block_hash: H256::zero(), ..right },
			Execution { gas_used: 0, ..right },
		] {
			assert_noop!(confirm_with(id, other, proof.clone()), Error::UnknownClaim);
		}
		assert_ok!(confirm_with(id, right, proof.clone()));
		assert_noop!(confirm_with(id, right, proof), Error::AlreadyConfirmed);
	});
}

#[test]
fn a_claim_that_needs_no_second_proof_takes_none() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		assert_noop!(confirm(ASSIGNED, id, execution(id, GENESIS)), Error::AlreadyConfirmed);
	});
}

#[test]
fn a_replaced_claim_needs_its_own_second_proof() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let (lie, right) = (wrong(id, GENESIS, 1), execution(id, GENESIS));
		assert_ok!(prove_tagged(ASSIGNED, id, lie, FIRST));
		assert_ok!(confirm(ASSIGNED, id, lie));
		assert_ok!(prove_tagged(ASSIGNED, id, right, FIRST));
		assert_noop!(confirm(ASSIGNED, id, lie), Error::UnknownClaim);
		assert_eq!(claim_in_time(id).unwrap().tag, FIRST);
	});
}

#[test]
fn a_claim_on_a_wrong_parent_is_ignored_as_before() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove_tagged(ASSIGNED, id, execution(id, H256::zero()), FIRST));
		run_to(deadline(id) + Cooldown::get());
		assert_noop!(try_verify(1), Error::NothingToVerify);
		assert!(claim_in_time(id).is_some());
	});
}

#[test]
fn a_second_proof_is_free_and_a_refused_one_charged_for_what_it_used() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = execution(id, GENESIS);
		assert_ok!(prove_tagged(ASSIGNED, id, right, FIRST));
		let Execution { parent_hash, block_hash, gas_used } = right;
		let confirm = |proof: Vec<u8>| {
			let call = crate::Call::<Test>::confirm_claim {
				block_id: id,
				parent_hash,
				block_hash,
				gas_used,
				proof: proof.clone(),
			};
			let declared = call.get_dispatch_info().call_weight;
			let origin = signed(BENEFICIARY);
			let answer =
				BlockProposal::confirm_claim(origin, id, parent_hash, block_hash, gas_used, proof);
			let info = answer.unwrap_or_else(|refused| refused.post_info);
			let used = info.actual_weight.expect("a weight");
			assert!(used.all_lte(declared));
			(info.pays_fee, used)
		};
		type W = <Test as Config>::WeightInfo;
		let own = <W as WeightInfo>::prove_block();
		let asked = own + Weight::from_parts(700_000, 0);
		assert_eq!(confirm(vec![0; MaxProofSize::get() as usize + 1]), (Pays::Yes, own));
		assert_eq!(confirm(vec![0]), (Pays::Yes, asked));
		assert_eq!(confirm(second_proof(ASSIGNED, id, right)), (Pays::No, asked));
		assert_eq!(confirm(second_proof(ASSIGNED, id, right)), (Pays::Yes, own));
	});
}
