//! Life 3: who may prove when, what a proof must be about, and which claims are stored.

use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	weights::Weight,
};
use prover_pool_primitives::ProverPool as Pool;
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

fn free_capacity() -> u64 {
	<ProverPool as Pool<u64, u128>>::free_capacity()
}

#[test]
fn the_assigned_prover_claims_without_a_bond_and_is_released() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let free = free_capacity();
		forget_events();
		run_for(3);
		assert_ok!(prove(ASSIGNED, id));

		let stored = Claim::<Test> {
			prover: ASSIGNED,
			execution: execution(id, GENESIS),
			reward_per_gas: FEE,
			bond: 0,
			tag: TAG,
			claimed_at: now(),
		};
		assert_eq!(claim_in_time(id), Some(stored));
		assert!(Claims::<Test>::iter().next().is_none());
		assert_eq!(free_capacity(), free + 1);
		// It stays liable.
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_some());
		assert_eq!(
			events(),
			[Event::BlockClaimed {
				block_id: id,
				prover: ASSIGNED,
				parent_hash: GENESIS,
				block_hash: hash_on(id, GENESIS),
				gas_used: GAS_USED,
				reward_per_gas: FEE,
				bond: 0,
				tag: TAG,
			}]
		);
	});
}

#[test]
fn within_the_window_only_the_assigned_prover_may() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		assert_noop!(prove(RESCUER, id), Error::TooEarly);
		next_block();
		assert_ok!(prove(RESCUER, id));
		assert_eq!(held(HoldReason::ProofBond, RESCUER), ProofBond::get());
		assert_eq!(block(id).claims, 1);
	});
}

#[test]
fn the_last_moment_of_the_window_is_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		assert_ok!(prove(ASSIGNED, id));
		assert_eq!(claim_in_time(id).unwrap().claimed_at, deadline(id));
	});
}

#[test]
fn after_its_window_the_assigned_prover_is_like_any_account() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let free = free_capacity();
		run_to(deadline(id) + 1);
		assert_ok!(prove(ASSIGNED, id));
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), ProofBond::get());
		assert_eq!(claim_in_time(id), None);
		// Its capacity returns with the slash.
		assert_eq!(free_capacity(), free);
		cool_down_and_verify();
		assert_eq!(free_capacity(), free + 1);
	});
}

#[test]
fn any_account_may_prove_an_open_block_at_once_with_a_bond() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		forget_events();
		assert_ok!(prove(RESCUER, id));
		let stored = Claim::<Test> {
			prover: RESCUER,
			execution: execution(id, GENESIS),
			// 75 % of the fee, at once.
			reward_per_gas: 75,
			bond: ProofBond::get(),
			tag: TAG,
			claimed_at: now(),
		};
		assert_eq!(BlockProposal::claims(id, 9), [stored]);
		assert!(matches!(events()[..], [Event::BlockClaimed { bond: 5_000, .. }]));
	});
}

#[test]
fn pending_blocks_cannot_be_proven() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		assert_eq!(BlockProposal::reward_per_gas(id), None);
		assert_noop!(prove(ASSIGNED, id), Error::TooEarly);
	});
}

#[test]
fn a_bond_must_be_affordable() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_noop!(prove(777, id), Error::NoFunds);
		leave_free(BENEFICIARY, ProofBond::get() + ExistentialDeposit::get() - 1);
		assert_noop!(prove(BENEFICIARY, id), Error::NoFunds);
		leave_free(RESCUER, ProofBond::get() + ExistentialDeposit::get());
		assert_ok!(prove(RESCUER, id));
	});
}

#[test]
fn bad_claims_are_refused_by_name() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let right = execution(id, GENESIS);
		for unknown in [0, id + 1] {
			assert_noop!(prove_with(ASSIGNED, unknown, right), Error::UnknownBlock);
		}
		let too_much = Execution { gas_used: GAS_LIMIT + 1, ..right };
		assert_noop!(prove_with(ASSIGNED, id, too_much), Error::GasOverLimit);
		let too_long = vec![0; MaxProofSize::get() as usize + 1];
		assert_noop!(submit(ASSIGNED, id, right, too_long), Error::ProofTooLong);
		for invalid in [vec![], vec![0; 33], vec![0; MaxProofSize::get() as usize]] {
			assert_noop!(submit(ASSIGNED, id, right, invalid), Error::InvalidProof);
		}
		let by_root = BlockProposal::prove_block(root(), id, GENESIS, GENESIS, 0, vec![]);
		assert_noop!(plain(by_root), BadOrigin);
	});
}

/// Lists without a right outcome have one all the same: 0 gas if a list does not decode, the limit if it
/// exceeds the limit, for that is the work of showing it.
#[test]
fn empty_blocks_are_paid_for_the_gas_that_they_prove() {
	for gas_used in [0, GAS_LIMIT] {
		ExtBuilder::default().build_and_execute(|| {
			let id = assigned_block();
			assert_ok!(prove_with(ASSIGNED, id, Execution { gas_used, ..execution(id, GENESIS) }));
			let before = balances();
			cool_down_and_verify();
			assert_eq!(gain(&before, ASSIGNED), cost(gas_used, FEE) as i128);
		});
	}
}

#[test]
fn the_instance_has_the_documented_layout() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let claim = execution(id, GENESIS);
		let mut bytes = Vec::new();
		bytes.extend_from_slice(System::block_hash(0).as_bytes());
		bytes.extend_from_slice(b"block-proposal/2");
		bytes.extend_from_slice(&id.to_le_bytes());
		bytes.extend_from_slice(&sp_io::hashing::sha2_256(&tx_list(id)));
		bytes.extend_from_slice(&GAS_LIMIT.to_le_bytes());
		bytes.extend_from_slice(&BENEFICIARY.encode());
		bytes.extend_from_slice(claim.parent_hash.as_bytes());
		bytes.extend_from_slice(claim.block_hash.as_bytes());
		bytes.extend_from_slice(&claim.gas_used.to_le_bytes());
		bytes.extend_from_slice(&ASSIGNED.encode());
		let expected = H256(sp_io::hashing::sha2_256(&bytes));
		let instance = |id| {
			let Execution { parent_hash, block_hash, gas_used } = claim;
			BlockProposal::instance_hash(id, parent_hash, block_hash, gas_used, ASSIGNED)
		};
		assert_eq!(instance(id), Some(expected));
		// 32-byte accounts make it 224 bytes long.
		assert_eq!(bytes.len() - 2 * 8 + 2 * 32, 224);
		assert_ne!(System::block_hash(0), Default::default());
		assert_eq!(instance(id + 1), None);
	});
}

#[test]
fn the_instance_commits_to_everything_that_the_proposal_fixed() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, claim) = (assigned_block(), execution(1, GENESIS));
		let instance = |id, block: &Block<Test>| instance_hash_of(id, block, &claim, &ASSIGNED);
		let block = block(id);
		let others = [
			(id, Block { gas_limit: GAS_LIMIT + 1, ..block.clone() }),
			(id, Block { beneficiary: PROPOSER, ..block.clone() }),
			(id, Block { tx_list_hash: H256::zero(), ..block.clone() }),
			(id + 1, block.clone()),
		];
		assert!(others.iter().all(|(other, b)| instance(*other, b) != instance(id, &block)));
	});
}

#[test]
fn the_assigned_prover_may_replace_its_claim_within_its_window() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let elsewhere = H256::repeat_byte(5);
		assert_ok!(prove_on(ASSIGNED, id, elsewhere));
		assert_noop!(prove_on(ASSIGNED, id, elsewhere), Error::AlreadyProven);
		let free = free_capacity();
		run_for(2);
		forget_events();
		// On another parent, and on the same with another content.
		assert_ok!(prove(ASSIGNED, id));
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 1)));
		run_to(deadline(id));
		assert_ok!(prove(ASSIGNED, id));
		let claim = claim_in_time(id).unwrap();
		assert_eq!((claim.execution, claim.claimed_at), (execution(id, GENESIS), deadline(id)));
		// Its place in the pool is released once.
		assert_eq!(free_capacity(), free);
		assert!(events().iter().all(|event| matches!(event, Event::BlockClaimed { .. })));
	});
}

#[test]
fn one_place_on_each_parent_is_the_assigned_provers_and_the_rest_of_others() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		for (index, vandal) in VANDALS[..3].iter().enumerate() {
			assert_ok!(prove_with(*vandal, id, wrong(id, GENESIS, index as u8)));
		}
		assert_noop!(prove(RESCUER, id), Error::TooManyForks);
		// Other parents have places of their own, and as many parents may be claimed as have bonds.
		for byte in 0..20 {
			assert_ok!(prove_on(RESCUER, id, H256::repeat_byte(byte)));
		}
		assert_eq!(block(id).claims, 23);
		assert_eq!(held(HoldReason::ProofBond, RESCUER), 20 * ProofBond::get());
		assert_eq!(BlockProposal::claims(id, 2).len() as u32, 2);
	});
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		run_to(deadline(id) + 1);
		// The assigned prover's does not count among the three.
		for (index, vandal) in VANDALS[..3].iter().enumerate() {
			assert_ok!(prove_with(*vandal, id, wrong(id, GENESIS, index as u8)));
		}
		assert_noop!(prove_with(RESCUER, id, wrong(id, GENESIS, 9)), Error::TooManyForks);
	});
}

#[test]
fn a_claim_that_is_stored_cannot_be_made_again() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		run_to(deadline(id) + 1);
		// Neither the assigned prover's nor that of another.
		assert_noop!(prove(RESCUER, id), Error::AlreadyProven);
		assert_ok!(prove_with(RESCUER, id, wrong(id, GENESIS, 1)));
		assert_noop!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 1)), Error::AlreadyProven);
		// Gas and parent are parts of a claim.
		let less = Execution { gas_used: GAS_USED - 1, ..wrong(id, GENESIS, 1) };
		assert_ok!(prove_with(VANDALS[0], id, less));
		let elsewhere = Execution { parent_hash: H256::zero(), ..wrong(id, GENESIS, 1) };
		assert_ok!(prove_with(VANDALS[0], id, elsewhere));
	});
}

/// A claim that is worth nothing must cost something, else the assigned prover could fill blocks with them.
#[test]
fn claims_are_free_once_for_an_assignment_or_for_a_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let pays = |who, execution: Execution| {
			let Execution { parent_hash, block_hash, gas_used } = execution;
			let proof = proof_of(who, id, execution, TAG);
			BlockProposal::prove_block(signed(who), id, parent_hash, block_hash, gas_used, proof)
				.map(|info| info.pays_fee)
				.map_err(|refused| (refused.post_info.pays_fee, refused.error))
		};
		assert_eq!(pays(ASSIGNED, wrong(id, GENESIS, 1)), Ok(Pays::No));
		assert_eq!(pays(ASSIGNED, wrong(id, GENESIS, 2)), Ok(Pays::Yes));
		assert_eq!(pays(ASSIGNED, wrong(id, GENESIS, 1)), Ok(Pays::Yes));
		let refused = Err((Pays::Yes, Error::AlreadyProven.into()));
		assert_eq!(pays(ASSIGNED, wrong(id, GENESIS, 1)), refused);
		run_to(deadline(id) + 1);
		assert_eq!(pays(RESCUER, execution(id, GENESIS)), Ok(Pays::No));
	});
}

#[test]
fn a_proof_is_charged_for_what_it_used() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let prove = |proof: Vec<u8>| {
			let Execution { parent_hash, block_hash, gas_used } = execution(id, GENESIS);
			let call = crate::Call::<Test>::prove_block {
				block_id: id,
				parent_hash,
				block_hash,
				gas_used,
				proof: proof.clone(),
			};
			let answer = BlockProposal::prove_block(
				signed(ASSIGNED),
				id,
				parent_hash,
				block_hash,
				gas_used,
				proof,
			);
			let used = match answer {
				Ok(info) => info.actual_weight,
				Err(refused) => refused.post_info.actual_weight,
			};
			(used.expect("a weight"), call.get_dispatch_info().call_weight)
		};
		type W = <Test as Config>::WeightInfo;
		let release = <ProverPool as Pool<u64, u128>>::release_prover_weight();
		let looked = <W as WeightInfo>::prove_block() + BlockProposal::weight_of_look();

		// Too long: the verifier was not asked, nor was anything looked up.
		let (used, declared) = prove(vec![0; MaxProofSize::get() as usize + 1]);
		assert_eq!(used, <W as WeightInfo>::prove_block());
		assert!(used.all_lt(declared));
		// Not valid: the verifier was quick.
		let (used, declared) = prove(vec![0; 33]);
		assert_eq!(used, looked + Weight::from_parts(400_000, 0));
		assert!(used.all_lt(declared));
		// Valid: the release, and in advance the settlement of its bond.
		let (used, declared) = prove(proof_of(ASSIGNED, id, execution(id, GENESIS), TAG));
		let expected = looked
			+ Weight::from_parts(1_000_000, 0)
			+ release + BlockProposal::weight_of_clearing(1);
		assert_eq!(used, expected);
		assert!(used.all_lt(declared));
	});
}
