//! Life 6: what becomes of the blocks behind one that was skipped.

use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};

use crate::mock::*;

/// Skips the first of `count` assigned blocks at once.
fn skip_first_of(count: u64) -> Vec<u64> {
	let ids = propose_drawn(count);
	let_expire_and_skip(ids[0]);
	ids
}

#[test]
fn a_skip_marks_all_blocks_behind() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		run_to(deadline(ids[0]) + ExpiryPeriod::get() + 1);
		forget_events();
		assert_ok!(skip(RESCUER, ids[0]));
		let mark = Cancellation { below: ids[2] + 1, at: now(), slashing: true };
		assert_eq!(chain().cancelled, Some(mark));
		assert_eq!(chain().head, ids[1]);
		assert_eq!(
			events(),
			[
				Event::BlocksCancelled { from: ids[1], below: ids[2] + 1, slashing: true },
				Event::BlockSkipped { block_id: ids[0], returned: 200_000, forfeited: 400_000 },
			]
		);
	});
}

#[test]
fn cancelled_blocks_are_settled_one_by_one_before_any_other() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = skip_first_of(3);
		// Proposers propose again, and provers prove on the hash that is verified still.
		let again = propose_drawn(1)[0];
		assert_ok!(prove_on(ASSIGNED, again, GENESIS));
		run_for(Cooldown::get());
		for id in &ids[1..] {
			assert_eq!(chain().head, *id);
			assert_ok!(try_verify(1));
		}
		assert_eq!((chain().head, chain().cancelled), (again, None));
		assert_ok!(try_verify(1));
		assert_eq!((chain().verified_id, chain().verified_hash), (again, hash_on(again, GENESIS)));
	});
}

#[test]
fn the_hook_settles_cancelled_blocks_with_the_weight_left() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = skip_first_of(4);
		let (look, step) = (BlockProposal::weight_of_look(), BlockProposal::weight_of_step());
		let used = BlockProposal::on_idle(0, look.saturating_add(step));
		assert!(used.all_lte(look.saturating_add(step)));
		assert_eq!(chain().head, ids[2]);
		BlockProposal::on_idle(0, Weight::MAX);
		assert_eq!((chain().head, chain().unverified()), (ids[3] + 1, 0));
	});
}

#[test]
fn nothing_can_be_done_with_a_cancelled_block() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		run_to(deadline(ids[0]) + ExpiryPeriod::get() + 1);
		assert_ok!(prove(RESCUER, ids[1]));
		let claim = claims_on(ids[1], right_parent(ids[1]))[0].execution;
		Seed::set(None);
		let pending = propose();
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(skip(RESCUER, ids[0]));
		assert_noop!(prove_on(RESCUER, ids[1], GENESIS), Error::Cancelled);
		assert_noop!(dispute(ids[1], claim), Error::Cancelled);
		assert_noop!(skip(RESCUER, ids[1]), Error::Cancelled);
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), pending), Error::Cancelled);
	});
}

#[test]
fn a_cancelled_request_may_still_be_drawn() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id) + ExpiryPeriod::get() + 1);
		let pending = propose();
		assert_ok!(skip(RESCUER, id));
		next_block();
		// Drawn after it was cancelled: its window runs, so its prover is discharged.
		assert_eq!(assignment(pending).prover, ASSIGNED);
		let before = balances();
		verify();
		assert_eq!(gain(&before, ASSIGNED), 0);
		assert!(pallet_prover_pool::Assignments::<Test>::get(pending).is_none());
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
	});
}

#[test]
fn a_window_that_ran_when_the_block_was_cancelled_does_not_count_as_missed() {
	// The skip comes at the last moment of the second window, or one later; the settlement long after.
	for (late, slashed) in [(0, 0), (1, 1)] {
		ExtBuilder::default().build_and_execute(|| {
			let first = assigned_block();
			run_to(deadline(first) + 1);
			let second = assigned_block();
			run_to(deadline(second) + late);
			assert!(deadline(first) + ExpiryPeriod::get() < now());
			assert_ok!(skip(RESCUER, first));
			run_for(100);
			forget_events();
			verify();
			assert_eq!(slashes().len(), slashed);
		});
	}
}

#[test]
fn a_removed_claim_is_a_failure_even_while_the_window_runs() {
	ExtBuilder::default().build_and_execute(|| {
		let first = assigned_block();
		run_to(deadline(first) + ExpiryPeriod::get());
		let second = assigned_block();
		assert_ok!(prove(ASSIGNED, second));
		assert_ok!(dispute(second, claim_execution(second)));
		assert_ok!(skip(RESCUER, first));
		forget_events();
		verify();
		assert_eq!(slashes(), [(1_600_000, Fault::RemovedProof)]);
	});
}

fn claim_execution(id: u64) -> Execution {
	claim_in_time(id).expect("claimed").execution
}

#[test]
fn bonds_on_cancelled_blocks_go_back() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let before = balances();
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[1]));
		assert_ok!(prove_on(VANDALS[0], ids[1], GENESIS));
		let_expire_and_skip(ids[0]);
		IdleWeight::set(Weight::MAX);
		next_block();
		assert_eq!((gain(&before, RESCUER), gain(&before, VANDALS[0])), (0, 0));
		assert!(
			Claims::<Test>::iter().next().is_none() && Leftovers::<Test>::iter().next().is_none()
		);
		// The first block's escrow is lost, the second's is not.
		assert_eq!(gain(&before, PROPOSER), -600_000);
	});
}

#[test]
fn the_pool_may_have_closed_an_assignment() {
	let builder = ExtBuilder::default().with(|| PoolMaxLiability::set(0));
	builder.build_and_execute(|| {
		let ids = propose_drawn(2);
		next_block();
		for id in &ids {
			assert_ok!(ProverPool::discharge_prover(signed(ASSIGNED), *id));
		}
		let_expire_and_skip(ids[0]);
		verify();
		assert_eq!(chain().head, ids[1] + 1);
		let refused = |e: &Event| matches!(e, Event::PoolRefused { .. });
		assert_eq!(events().iter().filter(|e| refused(e)).count(), 2);
	});
}
