//! Each invariant of `do_try_state` can fail: a check that cannot is worth nothing.

use crate::mock::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision},
	},
};
use prover_pool_primitives::BlockId;
use sp_runtime::{DispatchError, FixedPointNumber, FixedU128};

/// A rollup with something of everything: 1 is assigned and proven twice, 2 assigned, 3 open,
/// proven and disputed, 4 pending.
fn something_of_everything() -> sp_io::TestExternalities {
	let two_places = vec![(ASSIGNED, STAKE, FEE, 2)];
	let mut ext = ExtBuilder::default().provers(two_places).build();
	ext.execute_with(|| {
		propose_drawn(3);
		assert_ok!(prove(ASSIGNED, 1, GENESIS));
		assert_ok!(prove(RESCUER, 3, GENESIS));
		assert_ok!(prove(VANDALS[0], 3, GENESIS));
		assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), 3, GENESIS, VANDALS[0]));
		run_to(deadline(1) + 1);
		assert_ok!(prove(RESCUER, 1, GENESIS));
		propose();
		assert_ok!(BlockProposal::do_try_state());
	});
	ext
}

#[track_caller]
fn noticed(corrupt: impl FnOnce(), expected: &'static str) {
	something_of_everything().execute_with(|| {
		corrupt();
		assert_eq!(BlockProposal::do_try_state(), Err(DispatchError::Other(expected)));
	});
}

fn change(id: BlockId, f: impl FnOnce(&mut Block<Test>)) {
	Blocks::<Test>::mutate(id, |block| f(block.as_mut().unwrap()));
}

fn change_chain(f: impl FnOnce(&mut ChainState<Time>)) {
	Chain::<Test>::mutate(f);
}

fn hold(reason: HoldReason, who: AccountId) {
	assert_ok!(Balances::hold(&reason.into(), &who, 1));
}

fn burn(reason: HoldReason, who: AccountId) {
	let (exact, force) = (Precision::Exact, Fortitude::Force);
	assert_ok!(Balances::burn_held(&reason.into(), &who, 1, exact, force));
}

#[test]
fn the_chain() {
	noticed(|| change_chain(|c| c.verified_id = c.head), "verified block is not before the head");
	noticed(|| change_chain(|c| c.head = c.next_id + 1), "head is beyond the next id");
	noticed(|| change_chain(|c| c.next_id += 1), "not one block for each waiting id");
	noticed(|| Blocks::<Test>::remove(4), "not one block for each waiting id");
	let misplaced = || {
		Blocks::<Test>::insert(9, block(2));
		Blocks::<Test>::remove(2);
	};
	noticed(misplaced, "a block is stored that does not wait");
	noticed(|| change_chain(|c| c.open = 0), "open blocks are miscounted");
}

#[test]
fn pending_counts() {
	noticed(|| change_chain(|c| c.pending = 0), "pending blocks are miscounted");
	let expected = "a proposer's pending blocks are miscounted";
	noticed(|| PendingOf::<Test>::remove(PROPOSER), expected);
	noticed(|| PendingOf::<Test>::insert(RESCUER, 0), expected);
}

#[test]
fn escrows() {
	noticed(|| change(1, |b| b.escrow.initial = 1), "an escrow has grown");
	noticed(|| change(1, |b| b.escrow.held -= 1), "an escrow does not cover its block");
	let expected = "an account's hold is not the sum of its escrows";
	noticed(|| burn(HoldReason::Escrow, PROPOSER), expected);
	noticed(|| hold(HoldReason::Escrow, PROPOSER), expected);
	// Of one who never proposed, and of one who does not exist.
	noticed(|| hold(HoldReason::Escrow, RESCUER), expected);
	noticed(|| change(4, |b| b.proposer = 777), "a proposer's pending blocks are miscounted");
	noticed(|| change(2, |b| b.proposer = 777), expected);
}

#[test]
fn bonds() {
	let expected = "a proof has a bond that it should not have, or none";
	noticed(|| change(1, |b| b.proofs[0].bond = 1), expected);
	noticed(|| change(1, |b| b.proofs[1].bond = 0), expected);
	let expected = "an account's hold is not the sum of its bonds";
	noticed(|| burn(HoldReason::ProofBond, RESCUER), expected);
	noticed(|| change(3, |b| b.proofs[0].bond += 1), expected);
	// Of one whose proof was removed: its bond is gone, and must not be held any more.
	noticed(|| hold(HoldReason::ProofBond, VANDALS[0]), expected);
	noticed(|| change(3, |b| b.proofs[0].prover = 777), expected);
}

#[test]
fn proofs() {
	let move_proof = || {
		let proof = block(1).proofs[1].clone();
		change(4, |b| b.proofs.try_push(proof).unwrap());
		change(1, |b| {
			b.proofs.remove(1);
		});
	};
	noticed(move_proof, "a pending block is proven");
	noticed(
		|| {
			change(1, |b| b.proofs[0].prover = RESCUER);
			change(1, |b| b.proofs[0].bond = 1);
			hold(HoldReason::ProofBond, RESCUER);
		},
		"a prover has two proofs",
	);
	noticed(
		|| change(1, |b| b.proofs[0].gas_used = GAS_LIMIT + 1),
		"a proof uses more than the gas limit",
	);
	noticed(
		|| change(1, |b| b.barred.try_push((GENESIS, RESCUER)).unwrap()),
		"a barred proof is stored",
	);
	noticed(
		|| change(1, |b| b.proofs[0].reward_per_gas = 1_000),
		"a proof earns more than the escrow",
	);
	noticed(|| change(1, |b| b.proofs[1].proven_at = 0), "proofs are out of order");
}

#[test]
fn times() {
	let later = |id: BlockId, f: fn(&mut Block<Test>)| move || change(id, f);
	noticed(|| change_chain(|c| c.verified_at = now() + 1), "a block was verified in the future");
	noticed(later(4, |b| b.proposed_at += 1), "a block was proposed in the future");
	noticed(later(3, |b| b.disputed_at = Some(now() + 1)), "a dispute is in the future");
	noticed(later(1, |b| b.proofs[1].proven_at += 1), "a proof is in the future");
	noticed(
		later(3, |b| b.status = Status::Open { opened_at: now() + 2, frozen_reward: None }),
		"a block was opened in the future",
	);
	noticed(
		later(2, |b| b.assignment_mut().unwrap().start = now() + 2),
		"a window begins in the future",
	);
	noticed(
		later(2, |b| {
			let assignment = b.assignment_mut().unwrap();
			assignment.deadline = assignment.start;
		}),
		"a window has no length",
	);
}

#[test]
fn the_fee() {
	noticed(
		|| {
			Averages::<Test>::mutate(|a| {
				a.fee_per_gas = FixedU128::saturating_from_rational(799, 100)
			})
		},
		"the fee is below its minimum",
	);
}

#[test]
fn a_chain_that_never_had_a_genesis_is_sound() {
	ExtBuilder::default().build_and_execute(|| {
		Averages::<Test>::kill();
		Chain::<Test>::kill();
		assert_ok!(BlockProposal::do_try_state());
		assert_eq!(BlockProposal::fee_per_gas(), MinFeePerGas::get());
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, Default::default()));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, id);
	});
}

/// What is checked is what can fail: no sentence of `try_state` without its case here.
#[test]
fn every_check_has_its_case() {
	let (checks, cases) = (include_str!("../try_state.rs"), include_str!("invariants.rs"));
	let sentences: Vec<_> = checks.split('"').skip(1).step_by(2).collect();
	assert!(sentences.len() >= 26, "{sentences:?}");
	for sentence in sentences {
		assert!(cases.contains(&format!("\"{sentence}\"")), "no test of: {sentence}");
	}
}
