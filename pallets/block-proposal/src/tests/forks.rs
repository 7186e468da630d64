//! Life 3: a block has few places for proofs. Who gets them, who gives way, and whose bond is lost.

use crate::mock::*;
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::BlockId;
use sp_core::H256;

/// Two open blocks, of which the first has four proofs: four parents for the second.
fn four_parents() -> (BlockId, BlockId, [H256; 4]) {
	let ids = propose_drawn(2);
	let parents = [1, 2, 3, 4].map(H256::repeat_byte);
	for (prover, block_hash) in VANDALS.into_iter().zip(parents) {
		let claim = Evidence { block_hash, ..evidence(ids[0], GENESIS) };
		assert_ok!(prove_with(prover, ids[0], 0, claim));
	}
	(ids[0], ids[1], parents)
}

#[test]
fn places_are_limited() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let (_, id, parents) = four_parents();
		for prover in &VANDALS[..4] {
			assert_ok!(prove(*prover, id, parents[0]));
		}
		assert_noop!(prove(RESCUER, id, parents[0]), Error::TooManyForks);
		// Who has a place may change its mind.
		assert_ok!(prove(VANDALS[0], id, parents[1]));
	});
}

#[test]
fn a_proof_on_the_verified_hash_displaces_the_latest_on_another_parent() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let (_, id, parents) = four_parents();
		for prover in &VANDALS[..4] {
			assert_ok!(prove(*prover, id, parents[0]));
		}
		let before = balances();
		forget_events();
		assert_ok!(prove(RESCUER, id, GENESIS));
		let provers: Vec<_> = block(id).proofs.iter().map(|p| p.prover).collect();
		assert_eq!(provers, [VANDALS[0], VANDALS[1], VANDALS[2], RESCUER]);
		// Its parent may still be verified: nobody knows that it was wrong, so the bond goes back.
		assert_eq!(held(HoldReason::ProofBond, VANDALS[3]), ProofBond::get());
		assert_eq!(gain(&before, VANDALS[3]), 0);
		assert!(matches!(
			events()[..],
			[
				Event::BondSettled { prover, returned: 5_000, forfeited: 0, .. },
				Event::ProofDisplaced { .. },
				Event::BlockProven { .. },
			] if prover == VANDALS[3]
		));
	});
}

#[test]
fn at_the_head_a_displaced_proof_is_wrong_and_its_bond_is_forfeited() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let (first, id, parents) = four_parents();
		for prover in &VANDALS[..4] {
			assert_ok!(prove(*prover, id, parents[1]));
		}
		// The first of the four is verified: nothing on another one will ever be.
		cool_down_and_verify();
		assert_eq!((chain().verified_id, chain().verified_hash), (first, parents[0]));
		let before = balances();
		forget_events();
		assert_ok!(prove(RESCUER, id, parents[0]));
		assert_eq!(gain(&before, VANDALS[3]), -5_000);
		assert_eq!(gain(&before, TREASURY), 5_000);
		assert!(matches!(
			events()[..],
			[
				Event::BondSettled { returned: 0, forfeited: 5_000, .. },
				Event::ProofDisplaced { .. },
				Event::BlockProven { .. },
			]
		));
	});
}

#[test]
fn proofs_on_the_verified_hash_do_not_displace_each_other() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		for prover in &VANDALS[..4] {
			assert_ok!(prove(*prover, id, GENESIS));
		}
		assert_noop!(prove(RESCUER, id, GENESIS), Error::TooManyForks);
	});
}

/// After the window anybody may prove. If such proofs could push out the assigned prover's, which
/// was in time, they would get it slashed, and themselves a bonus.
#[test]
fn a_proof_in_time_does_not_give_way_while_its_parent_may_be_verified() {
	let builder = ExtBuilder::default();
	builder.build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[1], first));
		run_to(deadline(ids[1]) + 1);
		for prover in &VANDALS[..3] {
			assert_ok!(prove(*prover, ids[1], GENESIS));
		}
		assert_noop!(prove(VANDALS[3], ids[1], GENESIS), Error::TooManyForks);

		let before = balances();
		verify();
		assert_eq!(chain().verified_hash, hash_on(ids[1], first));
		assert!(slashes().is_empty());
		assert!(gain(&before, ASSIGNED) > 0);
		for vandal in &VANDALS[..3] {
			assert_eq!(gain(&before, *vandal), -5_000);
		}
	});
}

#[test]
fn a_late_proof_of_the_assigned_prover_gives_way_like_any_other() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		run_to(deadline(ids[1]) + 1);
		for prover in &VANDALS[..3] {
			assert_ok!(prove(*prover, ids[1], first));
		}
		assert_ok!(prove(ASSIGNED, ids[1], first));
		forget_events();
		assert_ok!(prove(RESCUER, ids[1], GENESIS));
		// It had no bond: there is nothing to settle.
		assert!(matches!(
			events()[..],
			[Event::ProofDisplaced { prover: ASSIGNED, .. }, Event::BlockProven { .. }]
		));
	});
}

/// What is in time on a parent that was not verified, and by its own fault, helps nobody at the
/// head.
#[test]
fn at_the_head_even_a_proof_in_time_gives_way() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		run_for(Cooldown::get() + 1);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[1]) + 1);
		verify();
		for prover in &VANDALS[..3] {
			assert_ok!(prove(*prover, ids[1], first));
		}
		forget_events();
		assert_ok!(prove(RESCUER, ids[1], first));
		assert!(matches!(events()[0], Event::ProofDisplaced { prover: ASSIGNED, .. }));
	});
}

#[test]
fn garbage_cannot_keep_out_the_right_proof() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let (_, id, parents) = four_parents();
		// Vandals fill every place with forks that will never be verified.
		for (vandal, parent) in VANDALS.into_iter().zip([1, 2, 3, 1]) {
			assert_ok!(prove(vandal, id, parents[parent]));
		}
		assert_noop!(prove(RESCUER, id, parents[0]), Error::TooManyForks);
		cool_down_and_verify();
		// Now its parent is the verified hash, and its proof is always accepted.
		assert_ok!(prove(RESCUER, id, parents[0]));
		let before = balances();
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, parents[0]));
		assert!(gain(&before, RESCUER) > 0);
		assert_eq!(VANDALS[..3].iter().map(|v| gain(&before, *v)).sum::<i128>(), -15_000);
	});
}
