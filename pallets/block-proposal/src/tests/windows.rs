//! Life 4: who had proven in time, on what is no longer the parent, gets its time anew. Nobody else
//! does.

use crate::mock::*;
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::BlockId;
use sp_core::H256;

const WRONG: H256 = H256::repeat_byte(0xbb);

fn dispute(id: BlockId, parent: H256, prover: AccountId) {
	assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), id, parent, prover));
}

/// A wrong proof, which the verifier accepts.
fn prove_wrongly(who: AccountId, id: BlockId, parent: H256) {
	let claim = Evidence { block_hash: WRONG, ..evidence(id, parent) };
	assert_ok!(prove_with(who, id, id - 1, claim));
}

fn restarted() -> Vec<BlockId> {
	events()
		.into_iter()
		.filter_map(|event| match event {
			Event::WindowRestarted { block_id, prover, deadline: until } => {
				assert_eq!(block(block_id).assignment().unwrap().prover, prover);
				let window = BlockProposal::current_window();
				assert_eq!((deadline(block_id), until), (until, now() + window));
				Some(block_id)
			},
			_ => None,
		})
		.collect()
}

#[test]
fn a_dispute_restarts_the_windows_of_those_who_built_on_the_removed_proof() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(4);
		prove_wrongly(ASSIGNED, ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[1], WRONG));
		assert_ok!(prove(ASSIGNED, ids[2], hash_on(ids[1], WRONG)));
		// The fourth left all of them out.
		assert_ok!(prove_with(ASSIGNED, ids[3], 0, evidence(ids[3], GENESIS)));
		run_for(2);
		forget_events();
		dispute(ids[0], GENESIS, ASSIGNED);
		assert_eq!(restarted(), [ids[1], ids[2]]);
		assert!(block(ids[1]).proofs.is_empty() && block(ids[2]).proofs.is_empty());
		assert_eq!(block(ids[3]).proofs.len(), 1);

		// The old window has passed, the new one has not: still nobody else may.
		run_to(deadline(ids[3]) + 1);
		let right = hash_on(ids[0], GENESIS);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_noop!(prove(RESCUER, ids[1], right), Error::TooEarly);
		let before = balances();
		assert_ok!(prove(ASSIGNED, ids[1], right));
		cool_down_and_verify();
		// Slashed for the first only; its second is paid, with the penalty for the part used.
		assert_eq!(slashes().len(), 1);
		let used = block_delay(&before);
		assert!(used > 0);
	});
}

/// What the assigned prover lost by the first block and gained by the second tells the penalty.
fn block_delay(before: &std::collections::BTreeMap<AccountId, Balance>) -> i128 {
	let reward = cost(GAS_USED, FEE) as i128;
	let penalty = reward - 4 * reward - gain(before, ASSIGNED);
	assert_eq!(penalty % 750, 0, "a tenth of the window costs 750");
	penalty / 750
}

#[test]
fn another_proof_of_the_same_hash_keeps_what_was_built_on_it() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let first = open_block();
		assert_ok!(prove(VANDALS[0], first, GENESIS));
		assert_ok!(prove(VANDALS[1], first, GENESIS));
		assert_ok!(ProverPool::stake(signed(ASSIGNED), STAKE, FEE, CAPACITY));
		next_block();
		let second = assigned_block();
		assert_ok!(prove(ASSIGNED, second, hash_on(first, GENESIS)));
		forget_events();
		dispute(first, GENESIS, VANDALS[0]);
		assert_eq!(restarted(), Vec::<BlockId>::new());
		assert_eq!(block(second).proofs.len(), 1);
	});
}

/// A prover behind one that is late can only prove on the last verified hash, to be in time. It
/// must not be slashed when the other block is verified after all.
#[test]
fn a_late_neighbour_does_not_get_a_prover_slashed() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		run_for(5);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		forget_events();
		cool_down_and_verify();
		assert_eq!(slashes().len(), 1);
		assert_eq!(restarted(), [ids[1]]);

		let first = hash_on(ids[0], GENESIS);
		assert_noop!(prove(RESCUER, ids[1], first), Error::TooEarly);
		let before = balances();
		assert_ok!(prove(ASSIGNED, ids[1], first));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(GAS_USED, FEE) as i128);
		assert!(slashes().is_empty());
	});
}

/// A wrong proof may claim the hash of a right one. What is built on the right one stays.
#[test]
fn a_dead_proof_takes_no_hash_with_it_that_a_live_one_gives_too() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let first = hash_on(ids[0], GENESIS);
		let second = hash_on(ids[1], first);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		let claim = Evidence { block_hash: second, ..evidence(ids[1], GENESIS) };
		assert_ok!(prove_with(ASSIGNED, ids[1], 0, claim));
		assert_ok!(prove(ASSIGNED, ids[2], second));
		run_to(deadline(ids[1]) + 1);
		assert_ok!(prove(RESCUER, ids[1], first));
		forget_events();
		verify();
		assert_eq!(restarted(), [ids[1]]);
		assert_eq!(block(ids[2]).proofs.len(), 1);
	});
}

#[test]
fn who_ignored_the_right_parent_gets_no_second_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		run_for(Cooldown::get() + 1);
		// The right parent only waits for its verification, and this prover could have built on it.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		forget_events();
		// Nor is anything charged for looking.
		let info = BlockProposal::verify_blocks(signed(RESCUER), 5).unwrap();
		let expected = <Test as Config>::WeightInfo::verify_blocks()
			.saturating_add(BlockProposal::weight_of_verification());
		assert_eq!(info.actual_weight, Some(expected));
		assert_eq!(restarted(), Vec::<BlockId>::new());
		run_to(deadline(ids[1]) + 1);
		let before = balances();
		assert_ok!(prove(RESCUER, ids[1], hash_on(ids[0], GENESIS)));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), -4 * cost(GAS_USED, FEE) as i128);
	});
}

#[test]
fn who_could_not_know_the_right_parent_gets_a_second_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		// Both in one block: nobody sees the other.
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_for(Cooldown::get());
		forget_events();
		verify();
		assert_eq!(restarted(), [ids[1]]);
	});
}

#[test]
fn proofs_that_cross_each_other_get_a_second_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		// This one was on its way already, and until the cooldown is over the other may be removed.
		run_for(Cooldown::get());
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		forget_events();
		verify();
		assert_eq!(restarted(), [ids[1]]);
		let before = balances();
		assert_ok!(prove(ASSIGNED, ids[1], hash_on(ids[0], GENESIS)));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(GAS_USED, FEE) as i128);
		assert!(slashes().is_empty());
	});
}

#[test]
fn a_restart_reaches_every_block_that_deserves_it_and_no_other() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let first = hash_on(ids[0], GENESIS);
		// The first is late. The second and the third leave it out, to be in time.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[2], GENESIS));
		run_to(deadline(ids[0]) + 1);
		let later = propose_drawn(2);
		// Two of the same opinion prove the first.
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_ok!(prove(21, ids[0], GENESIS));
		// The fourth builds on that; the fifth, though it could know better, on the old parent.
		assert_ok!(prove_with(ASSIGNED, later[0], ids[0], evidence(later[0], first)));
		run_for(Cooldown::get() + 1);
		assert_ok!(prove(ASSIGNED, later[1], GENESIS));
		forget_events();
		verify();
		assert_eq!(restarted(), [ids[1], ids[2]]);
		assert_eq!(block(later[0]).proofs.len(), 1);
		assert_eq!(block(later[1]).proofs.len(), 1);
	});
}

#[test]
fn a_prover_that_did_not_prove_in_time_gets_no_second_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		prove_wrongly(ASSIGNED, ids[0], GENESIS);
		run_to(deadline(ids[1]) + 1);
		// Late, on the wrong parent; the third never.
		assert_ok!(prove(ASSIGNED, ids[1], WRONG));
		forget_events();
		dispute(ids[0], GENESIS, ASSIGNED);
		assert_eq!(restarted(), Vec::<BlockId>::new());
		assert!(deadline(ids[2]) < now());
	});
}

#[test]
fn a_restarted_block_holds_up_the_others_only_once() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(4);
		// All build on a proof of the second that leads nowhere once the first is verified
		// otherwise.
		prove_wrongly(ASSIGNED, ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[1], WRONG));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		// Late, but on what is there.
		let dead_end = hash_on(ids[1], WRONG);
		dispute(ids[0], GENESIS, ASSIGNED);
		assert_eq!(restarted(), [ids[1]]);
		assert_noop!(prove(RESCUER, ids[2], dead_end), Error::WrongParent);
		cool_down_and_verify();
		assert_eq!(chain().head, ids[1]);

		// The second stays unproven this time, and is skipped; so are the others, with it.
		run_to(deadline(ids[1]) + ExpiryPeriod::get() + 1);
		for id in &ids[1..] {
			assert_ok!(BlockProposal::skip_block(signed(RESCUER), *id));
		}
	});
}

#[test]
fn only_blocks_built_on_a_skipped_one_get_a_new_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		prove_wrongly(ASSIGNED, ids[0], GENESIS);
		next_block();
		// The last verified hash moves on under a fork: the second block is proven on the wrong
		// first.
		assert_ok!(prove(ASSIGNED, ids[1], WRONG));
		let third = assigned_block();
		assert_ok!(prove(ASSIGNED, third, hash_on(ids[1], WRONG)));
		let fourth = assigned_block();
		let untouched = deadline(fourth);
		dispute(ids[1], WRONG, ASSIGNED);
		forget_events();
		verify();
		// The wrong first block was verified: nobody disputed it. The second is open to anybody,
		// the third has its new window since the dispute, and nothing changed for the fourth.
		assert_eq!((chain().verified_hash, restarted()), (WRONG, vec![]));
		assert!(block(third).proofs.is_empty());
		assert_eq!(deadline(fourth), untouched);
	});
}

#[test]
fn a_skip_gives_a_new_window_to_what_was_proven_on_the_skipped_block() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		// Two proofs of the first; one of the second, on the later of them.
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		prove_wrongly(VANDALS[0], ids[0], GENESIS);
		assert_ok!(prove(VANDALS[1], ids[1], WRONG));
		assert_ok!(ProverPool::stake(signed(ASSIGNED), STAKE, FEE, CAPACITY));
		next_block();
		let later = propose_drawn(2);
		let fork = hash_on(ids[1], WRONG);
		assert_ok!(prove(ASSIGNED, later[0], fork));
		assert_ok!(prove(ASSIGNED, later[1], hash_on(later[0], fork)));
		cool_down_and_verify();
		assert_eq!(chain().head, ids[1]);
		run_for(ExpiryPeriod::get());
		forget_events();
		let info = BlockProposal::skip_block(signed(RESCUER), ids[1]).unwrap();
		assert_eq!(info.actual_weight, Some(BlockProposal::weight_of_skip_with(2)));
		assert_eq!(restarted(), later);
		// The place that was released stays so; proving again works, and pays.
		let before = balances();
		assert_ok!(prove(ASSIGNED, later[0], hash_on(ids[0], GENESIS)));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(GAS_USED, FEE) as i128);
	});
}

#[test]
fn a_skip_looks_beyond_the_next_block() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		prove_wrongly(VANDALS[0], ids[0], GENESIS);
		assert_ok!(prove(VANDALS[1], ids[1], WRONG));
		assert_ok!(ProverPool::stake(signed(ASSIGNED), STAKE, FEE, CAPACITY));
		next_block();
		// The next block is not proven at all; the one after it is, on the one that is skipped.
		let later = propose_drawn(2);
		let fork = hash_on(ids[1], WRONG);
		assert_ok!(prove_with(ASSIGNED, later[1], ids[1], evidence(later[1], fork)));
		cool_down_and_verify();
		run_for(ExpiryPeriod::get());
		forget_events();
		assert_ok!(BlockProposal::skip_block(signed(RESCUER), ids[1]));
		assert_eq!(restarted(), [later[1]]);
	});
}

#[test]
fn a_skip_gives_a_new_window_to_the_next_block_whatever_it_was_built_on() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		// The third leaves out both before it: the first is late, the second is never proven.
		assert_ok!(prove(ASSIGNED, ids[2], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		cool_down_and_verify();
		run_to(deadline(ids[1]) + ExpiryPeriod::get() + 1);
		forget_events();
		assert_ok!(BlockProposal::skip_block(signed(RESCUER), ids[1]));
		assert_eq!(restarted(), [ids[2]]);
		let before = balances();
		assert_ok!(prove(ASSIGNED, ids[2], hash_on(ids[0], GENESIS)));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(GAS_USED, FEE) as i128);
	});
}

/// Somebody proved rightly between the old window and the new one: it is paid, and nobody is
/// slashed.
#[test]
fn a_restarted_prover_may_be_overtaken_without_being_slashed() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_ok!(prove(21, ids[1], hash_on(ids[0], GENESIS)));
		let before = balances();
		run_for(Cooldown::get());
		forget_events();
		verify();
		assert_eq!(slashes().len(), 1);
		assert_eq!(restarted(), [ids[1]]);
		verify();
		assert!(slashes().is_empty());
		assert!(matches!(
			events()[..],
			[
				Event::BondSettled { prover: 21, returned: 5_000, forfeited: 0, .. },
				Event::BlockVerified {
					prover: 21,
					verdict: Verdict::Overtaken,
					paid: 300_000,
					returned: 300_000,
					forfeited: 0,
					..
				},
			]
		));
		assert_eq!(gain(&before, 21), 300_000);
		assert!(pallet_prover_pool::Assignments::<Test>::get(ids[1]).is_none());
	});
}

#[test]
fn verification_stops_after_a_restart_and_charges_for_it() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		run_for(Cooldown::get());
		let info = BlockProposal::verify_blocks(signed(RESCUER), 5).unwrap();
		let expected = <Test as Config>::WeightInfo::verify_blocks()
			.saturating_add(BlockProposal::weight_of_verification())
			.saturating_add(<Test as Config>::WeightInfo::restart_windows(2));
		assert_eq!(info.actual_weight, Some(expected));
	});
}

#[test]
fn a_second_window_ends_like_the_first() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		cool_down_and_verify();
		let before = balances();
		run_to(deadline(ids[1]) + ExpiryPeriod::get());
		let skip = || BlockProposal::skip_block(signed(RESCUER), ids[1]).map_err(|e| e.error);
		assert_noop!(skip(), Error::NotExpired);
		next_block();
		assert_ok!(skip());
		assert_eq!(gain(&before, ASSIGNED), -4 * cost(GAS_LIMIT, FEE) as i128);
	});
}
