//! Each invariant of `do_try_state` can fail: a check that cannot is worth nothing.

use frame_support::{
	assert_ok,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision},
	},
};
use prover_pool_primitives::BlockId;
use sp_runtime::{DispatchError, FixedU128};

use crate::mock::*;

/// A rollup with something of everything: 1 is assigned, claimed in time, and claimed by another; 2
/// assigned; 3 open, claimed and disputed; 4 pending. Of 0, which never existed, a claim is left.
fn something_of_everything() -> sp_io::TestExternalities {
	let two_at_once = vec![(ASSIGNED, STAKE, FEE, 2)];
	let mut ext = ExtBuilder::default().provers(two_at_once).build();
	ext.execute_with(|| {
		propose_drawn(3);
		assert_ok!(prove(ASSIGNED, 1));
		assert_ok!(prove_on(RESCUER, 3, GENESIS));
		assert_ok!(prove_with(VANDALS[0], 3, wrong(3, GENESIS, 1)));
		assert_ok!(dispute(3, wrong(3, GENESIS, 1)));
		assert_ok!(prove_on(VANDALS[1], 3, ELSEWHERE));
		move_claims(3, ELSEWHERE, 0);
		Leftovers::<Test>::insert(0, Leftover { claims: 1, bonds_forfeited: true });
		run_to(deadline(1) + 1);
		assert_ok!(prove_with(RESCUER, 1, wrong(1, GENESIS, 1)));
		assert_ok!(prove_with(VANDALS[1], 1, wrong(1, GENESIS, 2)));
		propose();
		assert_ok!(BlockProposal::do_try_state());
	});
	ext
}

const ELSEWHERE: sp_core::H256 = sp_core::H256::repeat_byte(0xee);

/// Moves the claims on a parent to another block, with the count.
fn move_claims(from: BlockId, parent: sp_core::H256, to: BlockId) {
	let claims = Claims::<Test>::take(from, parent);
	change(from, |block| block.claims -= claims.len() as u32);
	Claims::<Test>::insert(to, parent, claims);
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

fn change_assignment(id: BlockId, f: impl FnOnce(&mut Assignment<Test>)) {
	change(id, |block| match &mut block.status {
		Status::Assigned(assignment) => f(assignment),
		_ => panic!("not assigned"),
	});
}

fn change_in_time(id: BlockId, f: impl FnOnce(&mut Claim<Test>)) {
	change_assignment(id, |assignment| match &mut assignment.delivery {
		Delivery::Claimed(claim) => f(claim),
		_ => panic!("not claimed"),
	});
}

fn change_claim(id: BlockId, place: usize, f: impl FnOnce(&mut Claim<Test>)) {
	Claims::<Test>::mutate(id, GENESIS, |claims| f(&mut claims[place]));
}

fn change_chain(f: impl FnOnce(&mut ChainState<Time>)) {
	Chain::<Test>::mutate(|chain| f(chain.as_mut().unwrap()));
}

fn cancelled(below: BlockId, at: Time) {
	change_chain(|c| c.cancelled = Some(Cancellation { below, at, slashing: true }));
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
	noticed(Chain::<Test>::kill, "a block was proposed before the start");
	noticed(
		|| change_chain(|c| c.verified_id = c.head),
		"the verified block is not before the head",
	);
	noticed(|| change_chain(|c| c.head = c.next_id + 1), "the head is beyond the next id");
	noticed(|| change_chain(|c| c.next_id += 1), "not one block for each waiting id");
	noticed(|| Blocks::<Test>::remove(4), "not one block for each waiting id");
	let misplaced = || {
		Blocks::<Test>::insert(9, block(2));
		Blocks::<Test>::remove(2);
	};
	noticed(misplaced, "a block is stored that does not wait");
	noticed(|| change_chain(|c| c.open = 0), "open blocks are miscounted");
	for below in [0, 1, 6] {
		noticed(|| cancelled(below, 1), "no block waits below the mark of cancelled ids");
	}
}

#[test]
fn pending_counts() {
	noticed(|| change_chain(|c| c.pending = 0), "pending blocks are miscounted");
	let expected = "a proposer's pending blocks are miscounted";
	noticed(|| PendingOf::<Test>::remove(PROPOSER), expected);
	noticed(|| PendingOf::<Test>::insert(RESCUER, 0), expected);
	noticed(|| change(4, |b| b.proposer = 777), expected);
}

#[test]
fn escrows() {
	noticed(|| change(1, |b| b.escrow.initial = 1), "an escrow has grown");
	let expected = "an escrow does not cover its block";
	noticed(|| change(1, |b| b.escrow.held -= 1), expected);
	noticed(|| change(4, |b| b.escrow.held -= 1), expected);
	let fixed = Status::Open { opened_at: 1, fixed_reward: Some(151) };
	noticed(move || change(3, |b| b.status = fixed), expected);
	let expected = "an account's hold is not the sum of its escrows";
	noticed(|| burn(HoldReason::Escrow, PROPOSER), expected);
	noticed(|| hold(HoldReason::Escrow, PROPOSER), expected);
	// Of an account that never proposed, and of one that does not exist.
	noticed(|| hold(HoldReason::Escrow, RESCUER), expected);
	noticed(|| change(2, |b| b.proposer = 777), expected);
}

#[test]
fn claims() {
	let expected = "claims without a block, or miscounted";
	noticed(|| change(1, |b| b.claims = 1), expected);
	noticed(|| Claims::<Test>::remove(3, GENESIS), expected);
	noticed(|| Leftovers::<Test>::remove(0), expected);
	noticed(
		|| Leftovers::<Test>::insert(77, Leftover { claims: 1, bonds_forfeited: true }),
		expected,
	);
	noticed(
		|| Leftovers::<Test>::insert(2, Leftover { claims: 1, bonds_forfeited: true }),
		"a block is stored and settled",
	);
	let move_to_pending = || {
		move_claims(3, GENESIS, 4);
		change(4, |b| b.claims += 1);
	};
	noticed(move_to_pending, "a pending block has claims");
	let expected = "a claim uses more than the gas limit";
	noticed(|| change_claim(1, 0, |c| c.execution.gas_used = GAS_LIMIT + 1), expected);
	noticed(|| change_in_time(1, |c| c.execution.gas_used = GAS_LIMIT + 1), expected);
	noticed(|| change(1, |b| b.bar(wrong(1, GENESIS, 2))), "a barred claim is stored");
	noticed(
		|| change_claim(1, 0, |c| c.reward_per_gas = 1_000),
		"a claim earns more than the escrow",
	);
}

#[test]
fn places() {
	let expected = "a parent has no claim or too many";
	noticed(|| Claims::<Test>::insert(1, ELSEWHERE, crate::ClaimsOf::<Test>::default()), expected);
	let too_many = || {
		let claim = claims_on(1, GENESIS)[0].clone();
		let more = vec![claim; 4];
		Claims::<Test>::insert(1, GENESIS, crate::ClaimsOf::<Test>::truncate_from(more));
		change(1, |b| b.claims = 4);
	};
	noticed(too_many, expected);
	noticed(
		|| change_claim(1, 0, |c| c.execution.parent_hash = ELSEWHERE),
		"a claim is stored on another parent",
	);
	noticed(|| change_claim(1, 1, |c| c.claimed_at = 0), "claims are out of order");
	let expected = "two claims are equal";
	noticed(|| change_claim(1, 1, |c| c.execution = wrong(1, GENESIS, 1)), expected);
	noticed(|| change_claim(1, 1, |c| c.execution = execution(1, GENESIS)), expected);
}

#[test]
fn bonds() {
	noticed(|| change_claim(1, 0, |c| c.bond = 0), "a claim has no bond");
	noticed(|| change_in_time(1, |c| c.bond = 1), "an assigned prover in time has a bond");
	let expected = "an account's hold is not the sum of its bonds";
	noticed(|| burn(HoldReason::ProofBond, RESCUER), expected);
	noticed(|| change_claim(3, 0, |c| c.bond += 1), expected);
	// Of an account whose claim was removed: its bond is gone, and must not be held any more.
	noticed(|| hold(HoldReason::ProofBond, VANDALS[0]), expected);
	noticed(|| change_claim(3, 0, |c| c.prover = 777), expected);
}

#[test]
fn times() {
	let later = |id: BlockId, f: fn(&mut Block<Test>)| move || change(id, f);
	noticed(|| change_chain(|c| c.head_since = now() + 1), "a block was settled in the future");
	noticed(|| cancelled(3, now() + 1), "blocks were cancelled in the future");
	noticed(later(4, |b| b.proposed_at += 1), "a block was proposed in the future");
	noticed(later(3, |b| b.removed_at = Some(now() + 1)), "a removal is in the future");
	noticed(|| change_claim(1, 1, |c| c.claimed_at += 1), "a claim is in the future");
	noticed(
		later(3, |b| b.status = Status::Open { opened_at: now() + 2, fixed_reward: None }),
		"a block was opened in the future",
	);
	noticed(|| change_assignment(2, |a| a.start = now() + 2), "a window begins in the future");
	noticed(|| change_assignment(2, |a| a.deadline = a.start), "a window has no length");
	let expected = "an assigned prover's claim is out of its window";
	noticed(|| change_in_time(1, |c| c.claimed_at = deadline(1) + 1), expected);
}

#[test]
fn the_fee() {
	let set = |fee: FixedU128| move || Averages::<Test>::mutate(|a| a.fee_per_gas = fee);
	let expected = "the fee is out of its bounds";
	noticed(set(FixedU128::from_rational(799, 100)), expected);
	noticed(set(FixedU128::from_rational(100_001, 100)), expected);
}

#[test]
fn a_chain_on_which_the_protocol_was_not_started_is_sound() {
	ExtBuilder::default().not_started().build_and_execute(|| {
		assert!(!Chain::<Test>::exists() && !Averages::<Test>::exists());
		assert_ok!(BlockProposal::do_try_state());
	});
}

/// No sentence of `try_state` is without its case here.
#[test]
fn every_check_has_its_case() {
	let (checks, cases) = (include_str!("../try_state.rs"), include_str!("invariants.rs"));
	let sentences: Vec<_> = checks.split('"').skip(1).step_by(2).collect();
	assert!(sentences.len() >= 35, "{sentences:?}");
	for sentence in sentences {
		assert!(cases.contains(&format!("\"{sentence}\"")), "no test of: {sentence}");
	}
}
