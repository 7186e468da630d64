//! Proofs: what is revoked vouches for nothing any more, also for claims that are not verified yet.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::ProverPool as Pool;
use sp_core::H256;

use crate::mock::*;

const OTHER: u8 = TAG + 1;

fn revoke(tag: u8) {
	Revoked::set(vec![tag]);
}

fn voided(id: u64, prover: AccountId, execution: Execution, tag: u8) -> Event {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	Event::ClaimVoided { block_id: id, prover, parent_hash, block_hash, gas_used, tag }
}

#[test]
fn what_is_revoked_vouches_for_no_new_claim() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		revoke(TAG);
		assert_noop!(prove(ASSIGNED, id), Error::InvalidProof);
		assert_ok!(prove_tagged(ASSIGNED, id, execution(id, GENESIS), OTHER));
	});
}

#[test]
fn the_assigned_provers_void_claim_opens_the_block_at_its_agreed_price() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		run_for(1);
		revoke(TAG);
		forget_events();
		verify();
		let status = Status::Open { opened_at: now(), fixed_reward: Some(FEE) };
		assert_eq!((block(id).status, chain().open), (status, 1));
		assert_eq!(
			events(),
			[
				voided(id, ASSIGNED, execution(id, GENESIS), TAG),
				Event::BlockOpened { block_id: id, cause: OpenCause::ClaimVoided },
			]
		);
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_none());
		// Its own prover may prove it again, as any account, and is paid.
		run_for(2);
		let before = balances();
		assert_ok!(prove_tagged(ASSIGNED, id, execution(id, GENESIS), OTHER));
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), ProofBond::get());
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), 300_000);
	});
}

#[test]
fn it_does_so_wherever_its_parent_is() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove_on(ASSIGNED, id, H256::zero()));
		revoke(TAG);
		verify();
		assert!(block(id).is_open());
		assert!(slashes().is_empty());
	});
}

#[test]
fn a_void_claim_of_another_is_dropped_and_the_next_counts() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_with(VANDALS[0], id, lie));
		assert_ok!(prove_tagged(RESCUER, id, execution(id, GENESIS), OTHER));
		let before = balances();
		run_for(Cooldown::get());
		revoke(TAG);
		forget_events();
		verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
		// Its bond went back: nothing shows that it was wrong.
		let returned =
			Event::BondSettled { block_id: id, prover: VANDALS[0], returned: 5_000, forfeited: 0 };
		assert_eq!(events()[..2], [voided(id, VANDALS[0], lie, TAG), returned]);
		assert_eq!(gain(&before, VANDALS[0]), 0);
	});
}

#[test]
fn a_void_claim_neither_blocks_its_like_nor_takes_a_place() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove(VANDALS[0], id));
		assert_ok!(prove_with(VANDALS[1], id, wrong(id, GENESIS, 1)));
		assert_ok!(prove_with(VANDALS[2], id, wrong(id, GENESIS, 2)));
		let right = execution(id, GENESIS);
		assert_noop!(prove_tagged(RESCUER, id, right, OTHER), Error::AlreadyProven);
		revoke(TAG);
		assert_ok!(prove_tagged(RESCUER, id, right, OTHER));
		let provers: Vec<_> = claims_on(id, GENESIS).iter().map(|claim| claim.prover).collect();
		assert_eq!((provers, block(id).claims), (vec![RESCUER], 1));
		assert!(VANDALS.iter().all(|who| held(HoldReason::ProofBond, *who) == 0));
	});
}

#[test]
fn a_void_assignment_is_noticed_when_another_account_proves() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[1]));
		assert_noop!(prove(RESCUER, ids[1]), Error::TooEarly);
		revoke(TAG);
		// Behind the head, and within the window.
		let right = execution(ids[1], right_parent(ids[1]));
		assert_ok!(prove_tagged(RESCUER, ids[1], right, OTHER));
		assert!(block(ids[1]).is_open());
		// A claim that is refused changes nothing.
		assert_ok!(prove_tagged(ASSIGNED, ids[0], execution(ids[0], GENESIS), OTHER));
		revoke(OTHER);
		let right = execution(ids[0], GENESIS);
		assert_noop!(submit(RESCUER, ids[0], right, vec![]), Error::InvalidProof);
		assert!(claim_in_time(ids[0]).is_some());
	});
}

#[test]
fn expiry_counts_from_the_moment_at_which_the_block_was_opened() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		assert_ok!(prove(ASSIGNED, id));
		run_for(Cooldown::get() + ExpiryPeriod::get() + 1);
		revoke(TAG);
		// Overdue, if only its window counted; but it must be voided first, and that gives time.
		assert_noop!(skip(RESCUER, id), Error::HasClaim);
		verify();
		assert_noop!(skip(RESCUER, id), Error::NotExpired);
		run_for(ExpiryPeriod::get());
		assert_noop!(skip(RESCUER, id), Error::NotExpired);
		next_block();
		assert_ok!(skip(RESCUER, id));
		assert!(slashes().is_empty());
	});
}

#[test]
fn a_skip_cannot_slash_a_prover_whose_claim_is_void() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove_on(ASSIGNED, id, H256::zero()));
		run_to(deadline(id) + ExpiryPeriod::get() + 1);
		revoke(TAG);
		assert_noop!(skip(RESCUER, id), Error::HasClaim);
		verify();
		assert!(block(id).is_open());
		assert!(slashes().is_empty());
	});
}

#[test]
fn a_void_claim_of_another_gives_the_time_of_a_removal() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(ExpiryPeriod::get() + MinProofWindow::get());
		assert_ok!(prove(VANDALS[0], id));
		run_for(1);
		revoke(TAG);
		verify();
		assert_noop!(skip(RESCUER, id), Error::NotExpired);
		run_for(ExpiryPeriod::get());
		assert_noop!(skip(RESCUER, id), Error::NotExpired);
		next_block();
		assert_ok!(skip(RESCUER, id));
	});
}

#[test]
fn verified_blocks_and_other_tags_are_not_touched() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[0]));
		assert_ok!(prove_tagged(ASSIGNED, ids[1], execution(ids[1], right_parent(ids[1])), OTHER));
		run_for(Cooldown::get());
		assert_ok!(try_verify(1));
		revoke(TAG);
		verify();
		assert_eq!(chain().verified_id, ids[1]);
		assert!(!events().iter().any(|event| matches!(event, Event::ClaimVoided { .. })));
	});
}

#[test]
fn bonds_of_void_claims_on_other_parents_go_back_too() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let before = balances();
		let id = open_block();
		for number in 0..3 {
			assert_ok!(prove_on(VANDALS[0], id, H256::from_low_u64_be(number)));
		}
		let elsewhere = execution(id, H256::from_low_u64_be(9));
		assert_ok!(prove_tagged(VANDALS[1], id, elsewhere, OTHER));
		assert_ok!(prove_tagged(RESCUER, id, execution(id, GENESIS), OTHER));
		cool_down_and_verify();
		revoke(TAG);
		assert_ok!(clear(id));
		assert_eq!((gain(&before, VANDALS[0]), gain(&before, VANDALS[1])), (0, -5_000));
	});
}

#[test]
fn voiding_stays_within_the_weight_that_is_declared() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		prove_all(ASSIGNED, &ids);
		run_to(deadline(ids[0]) + 1);
		for variant in 0..3 {
			assert_ok!(prove_with(VANDALS[0], ids[0], wrong(ids[0], GENESIS, variant)));
		}
		revoke(TAG);
		// One step drops the first block's four claims. The others come when they are the head.
		let info = BlockProposal::verify_blocks(signed(RESCUER), u32::MAX).unwrap();
		let used = info.actual_weight.unwrap();
		let most = BlockProposal::weight_of_verify(1);
		assert!(used.all_lte(most), "{used:?} of {most:?}");
		// Two looks and the call's own; the block is written, which clearing does not do.
		let expected = BlockProposal::weight_of_look() * 3
			+ <Test as Config>::WeightInfo::clear_claims(3)
			+ one_write()
			+ <ProverPool as Pool<u64, u128>>::discharge_prover_weight();
		assert_eq!(used, expected);
		assert!(block(ids[0]).is_open() && !block(ids[1]).is_open());
		// And a proof that drops the second block's.
		let right = execution(ids[1], right_parent(ids[1]));
		let proof = proof_of(RESCUER, ids[1], right, OTHER);
		let Execution { parent_hash, block_hash, gas_used } = right;
		let most = BlockProposal::weight_of_prove(proof.len());
		let info = BlockProposal::prove_block(
			signed(RESCUER),
			ids[1],
			parent_hash,
			block_hash,
			gas_used,
			proof,
		);
		let used = info.unwrap().actual_weight.unwrap();
		assert!(used.all_lte(most), "{used:?} of {most:?}");
		assert!(block(ids[1]).is_open());
	});
}

#[test]
fn the_claims_of_a_tag_can_be_listed() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(VANDALS[0], ids[0]));
		assert_ok!(prove_tagged(RESCUER, ids[1], execution(ids[1], GENESIS), OTHER));
		let by = |tag: u8| {
			let claims = ids.iter().flat_map(|id| BlockProposal::claims(*id, u32::MAX));
			claims.filter(|claim| claim.tag == tag).map(|claim| claim.prover).collect::<Vec<_>>()
		};
		assert_eq!((by(TAG), by(OTHER)), (vec![VANDALS[0]], vec![RESCUER]));
	});
}
