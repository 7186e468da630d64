//! Life 3: who may prove when, on what, and what a proof must be about.

use crate::mock::*;
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use prover_pool_primitives::ProverPool as Pool;
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

#[test]
fn the_assigned_prover_proves_without_a_bond_and_is_released() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let free = <ProverPool as Pool<u64, u128>>::free_capacity();
		forget_events();
		run_for(3);
		assert_ok!(prove(ASSIGNED, id, GENESIS));

		let stored = Proof {
			prover: ASSIGNED,
			block_hash: hash_on(id, GENESIS),
			parent_hash: GENESIS,
			gas_used: GAS_USED,
			reward_per_gas: FEE,
			bond: 0,
			proven_at: now(),
		};
		assert_eq!(block(id).proofs.to_vec(), [stored]);
		assert!(block(id).assignment().unwrap().released);
		assert_eq!(<ProverPool as Pool<u64, u128>>::free_capacity(), free + 1);
		// It stays liable.
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_some());
		assert_eq!(
			events(),
			[Event::BlockProven {
				block_id: id,
				prover: ASSIGNED,
				block_hash: hash_on(id, GENESIS),
				parent_hash: GENESIS,
				gas_used: GAS_USED,
				reward_per_gas: FEE,
				bond: 0,
			}]
		);
	});
}

#[test]
fn until_the_window_has_passed_only_the_assigned_prover_may() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		assert_noop!(prove(RESCUER, id, GENESIS), Error::TooEarly);
		next_block();
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_eq!(held(HoldReason::ProofBond, RESCUER), ProofBond::get());
		// Late, but it may: its place is free again, and it needs no bond.
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		assert!(block(id).assignment().unwrap().released);
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), 0);
	});
}

#[test]
fn anybody_may_prove_an_open_block_at_once_with_a_bond() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_eq!(held(HoldReason::ProofBond, RESCUER), ProofBond::get());
		// 75 % of the fee, at once.
		assert_eq!(block(id).proofs[0].reward_per_gas, 75);
	});
}

#[test]
fn nobody_may_prove_what_is_not_drawn() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		assert_eq!(BlockProposal::reward_per_gas(id), None);
		assert_noop!(prove(ASSIGNED, id, GENESIS), Error::TooEarly);
	});
}

#[test]
fn a_bond_must_be_affordable() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_noop!(prove(777, id, GENESIS), Error::NoFunds);
		leave_free(BENEFICIARY, ProofBond::get() + ExistentialDeposit::get() - 1);
		assert_noop!(prove(BENEFICIARY, id, GENESIS), Error::NoFunds);
		leave_free(RESCUER, ProofBond::get() + ExistentialDeposit::get());
		assert_ok!(prove(RESCUER, id, GENESIS));
	});
}

#[test]
fn bad_evidence_is_refused_by_name() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = evidence(id, GENESIS);
		assert_noop!(prove(ASSIGNED, 0, GENESIS), Error::UnknownBlock);
		assert_noop!(prove(ASSIGNED, id + 1, GENESIS), Error::UnknownBlock);

		let other_list = Evidence { tx_list_hash: H256::zero(), ..right.clone() };
		assert_noop!(prove_with(ASSIGNED, id, 0, other_list), Error::WrongTxList);
		let too_much = Evidence { gas_used: GAS_LIMIT + 1, ..right.clone() };
		assert_noop!(prove_with(ASSIGNED, id, 0, too_much), Error::GasOverLimit);
		let nowhere = Evidence { parent_hash: H256::zero(), ..right.clone() };
		assert_noop!(prove_with(ASSIGNED, id, 0, nowhere), Error::WrongParent);

		let too_long = vec![0; MaxProofSize::get() as usize + 1];
		assert_noop!(
			BlockProposal::prove_block(signed(ASSIGNED), id, 0, right.clone(), too_long),
			Error::ProofTooLong
		);
		for invalid in [vec![], vec![0; 32], vec![0; MaxProofSize::get() as usize]] {
			assert_noop!(
				BlockProposal::prove_block(signed(ASSIGNED), id, 0, right.clone(), invalid),
				Error::InvalidProof
			);
		}
		assert_noop!(
			BlockProposal::prove_block(RuntimeOrigin::root(), id, 0, right, vec![]),
			BadOrigin
		);
	});
}

#[test]
fn all_of_the_gas_limit_may_be_used() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let full = Evidence { gas_used: GAS_LIMIT, ..evidence(id, GENESIS) };
		assert_ok!(prove_with(ASSIGNED, id, 0, full));
	});
}

#[test]
fn a_list_that_does_not_decode_proves_as_an_empty_block() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let empty = Evidence { gas_used: 0, ..evidence(id, GENESIS) };
		assert_ok!(prove_with(ASSIGNED, id, 0, empty));
		let before = balances();
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(0, FEE) as i128);
	});
}

#[test]
fn a_proof_cannot_be_stolen_or_replayed() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		let proof = proof_of(RESCUER, ids[0], &evidence(ids[0], GENESIS));
		// By somebody else, who saw it in the mempool.
		let (thief, right) = (signed(VANDALS[0]), evidence(ids[0], GENESIS));
		assert_noop!(
			BlockProposal::prove_block(thief, ids[0], 0, right.clone(), proof.clone()),
			Error::InvalidProof
		);
		// For other evidence.
		for wrong in [
			Evidence { block_hash: H256::zero(), ..right.clone() },
			Evidence { gas_used: GAS_USED - 1, ..right.clone() },
		] {
			assert_noop!(
				BlockProposal::prove_block(signed(RESCUER), ids[0], 0, wrong, proof.clone()),
				Error::InvalidProof
			);
		}
		// For another block.
		assert_noop!(
			BlockProposal::prove_block(
				signed(RESCUER),
				ids[1],
				0,
				evidence(ids[1], GENESIS),
				proof.clone()
			),
			Error::InvalidProof
		);
		assert_ok!(BlockProposal::prove_block(signed(RESCUER), ids[0], 0, right, proof));
	});
}

#[test]
fn the_instance_hash_has_the_documented_layout() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let claim = evidence(id, GENESIS);
		let mut bytes = Vec::new();
		bytes.extend_from_slice(System::block_hash(0).as_bytes());
		bytes.extend_from_slice(b"block-proposal/1");
		bytes.extend_from_slice(&id.to_le_bytes());
		bytes.extend_from_slice(claim.tx_list_hash.as_bytes());
		bytes.extend_from_slice(&GAS_LIMIT.to_le_bytes());
		bytes.extend_from_slice(&BENEFICIARY.encode());
		bytes.extend_from_slice(claim.block_hash.as_bytes());
		bytes.extend_from_slice(claim.parent_hash.as_bytes());
		bytes.extend_from_slice(&claim.gas_used.to_le_bytes());
		bytes.extend_from_slice(&ASSIGNED.encode());
		let expected = H256(sp_io::hashing::blake2_256(&bytes));
		assert_eq!(BlockProposal::instance_hash(id, claim.clone(), ASSIGNED), Some(expected));
		// 32-byte accounts make it 224 bytes long.
		assert_eq!(bytes.len() - 2 * 8 + 2 * 32, 224);
		assert_ne!(System::block_hash(0), Default::default());
		assert_eq!(BlockProposal::instance_hash(id + 1, claim, ASSIGNED), None);
	});
}

#[test]
fn the_instance_commits_to_everything_that_the_proposal_fixed() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, claim) = (assigned_block(), evidence(1, GENESIS));
		let instance = |id, block: &Block<Test>| instance_hash_of(id, block, &claim, &ASSIGNED);
		let block = block(id);
		let others = [
			(id, Block { gas_limit: GAS_LIMIT + 1, ..block.clone() }),
			(id, Block { beneficiary: PROPOSER, ..block.clone() }),
			(id + 1, block.clone()),
		];
		assert!(others.iter().all(|(other, b)| instance(*other, b) != instance(id, &block)));
	});
}

#[test]
fn a_parent_is_verified_or_proven_and_comes_before() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let first = hash_on(ids[0], GENESIS);
		// Not yet proven.
		assert_noop!(prove(ASSIGNED, ids[1], first), Error::WrongParent);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		// The block whose proof it is must be named, and come before.
		let claim = evidence(ids[1], first);
		for wrong_id in [0, ids[1], ids[2], 77] {
			assert_noop!(prove_with(ASSIGNED, ids[1], wrong_id, claim.clone()), Error::WrongParent);
		}
		assert_ok!(prove_with(ASSIGNED, ids[1], ids[0], claim));
		// A block may leave out those before it, in case they are skipped.
		assert_ok!(prove_with(ASSIGNED, ids[2], ids[0], evidence(ids[2], first)));
		// And nothing builds on itself.
		let own = hash_on(ids[2], first);
		let on_itself = Evidence { parent_hash: own, ..evidence(ids[2], first) };
		assert_noop!(prove_with(ASSIGNED, ids[2], ids[2], on_itself), Error::WrongParent);
	});
}

#[test]
fn the_verified_hash_is_a_parent_whatever_id_is_named() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove_with(ASSIGNED, id, 12_345, evidence(id, GENESIS)));
	});
}

#[test]
fn one_live_proof_per_prover_replaceable_on_another_parent() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(RESCUER, ids[1], GENESIS));
		// The same again, and another hash on the same parent: both could only delay.
		assert_noop!(prove(RESCUER, ids[1], GENESIS), Error::AlreadyProven);
		let other = Evidence { block_hash: H256::zero(), ..evidence(ids[1], GENESIS) };
		assert_noop!(prove_with(RESCUER, ids[1], 0, other), Error::AlreadyProven);

		next_block();
		forget_events();
		assert_ok!(prove(RESCUER, ids[1], first));
		assert_eq!(block(ids[1]).proofs.len(), 1);
		assert_eq!(block(ids[1]).proofs[0].parent_hash, first);
		assert_eq!(block(ids[1]).proofs[0].proven_at, now());
		// The bond stays as it was: one for each of the two blocks.
		assert_eq!(block(ids[1]).proofs[0].bond, ProofBond::get());
		assert_eq!(held(HoldReason::ProofBond, RESCUER), 2 * ProofBond::get());
		assert!(matches!(events()[..], [Event::BlockProven { bond: 0, .. }]));
	});
}

#[test]
fn a_place_in_the_pool_is_released_once() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		forget_events();
		// A better parent has come, and there is time enough to build on it.
		assert_ok!(prove(ASSIGNED, ids[1], hash_on(ids[0], GENESIS)));
		assert!(matches!(events()[..], [Event::BlockProven { prover: ASSIGNED, bond: 0, .. }]));
	});
}

#[test]
fn a_replacement_goes_to_the_end_of_the_line() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(VANDALS[0], ids[1], GENESIS));
		assert_ok!(prove(VANDALS[1], ids[1], first));
		assert_ok!(prove(VANDALS[0], ids[1], first));
		let line: Vec<_> = block(ids[1]).proofs.iter().map(|p| p.prover).collect();
		assert_eq!(line, [VANDALS[1], VANDALS[0]]);
	});
}

#[test]
fn a_proof_is_charged_for_the_verifier_and_the_pool() {
	ExtBuilder::default().build_and_execute(|| {
		let call = crate::Call::<Test>::prove_block {
			block_id: 1,
			parent_id: 0,
			evidence: evidence(1, GENESIS),
			proof: vec![0; 40],
		};
		let expected = <Test as Config>::WeightInfo::prove_block()
			.saturating_add(EchoVerifier::verify_weight(40))
			.saturating_add(<ProverPool as Pool<u64, u128>>::release_prover_weight());
		assert_eq!(call.get_dispatch_info().call_weight, expected);
	});
}
