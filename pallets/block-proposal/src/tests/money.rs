//! The Money table, row by row: what the prover, the proposer, the pool and the rest get.

use crate::mock::*;
use frame_support::assert_ok;

/// Reward of a verified block at the agreed price: (1 000 + 2 000) × 100.
const REWARD: i128 = 300_000;

#[test]
fn assigned_and_in_time_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(gain(&before, TREASURY), 0);
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
		// Discharged, not slashed.
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_none());
		assert!(slashes().is_empty());
	});
}

#[test]
fn assigned_and_in_time_after_part_of_the_window() {
	// 2.5 % of 300 000 is 7 500; the window is 10.
	for (used, penalty) in [(1, 750), (3, 2_250), (10, 7_500)] {
		ExtBuilder::default().build_and_execute(|| {
			let before = balances();
			let id = assigned_block();
			run_for(used);
			assert_ok!(prove(ASSIGNED, id, GENESIS));
			cool_down_and_verify();
			assert_eq!(gain(&before, ASSIGNED), REWARD - penalty);
			assert_eq!(gain(&before, PROPOSER), penalty - REWARD);
			assert!(slashes().is_empty());
		});
	}
}

#[test]
fn an_open_block_pays_more_the_longer_nobody_wants_it() {
	// From 75 to 150 in 20 steps: 3.75 each, rounded down; then constant.
	for (waited, price) in [(0, 75), (1, 78), (2, 82), (10, 112), (20, 150), (21, 150), (25, 150)] {
		ExtBuilder::default().empty_pool().build_and_execute(|| {
			let before = balances();
			let id = open_block();
			run_for(waited);
			assert_eq!(BlockProposal::reward_per_gas(id), Some(price));
			assert_ok!(prove(RESCUER, id, GENESIS));
			// The price is that of the proof, not of its verification.
			run_for(5);
			verify();
			let reward = cost(GAS_USED, price) as i128;
			assert_eq!(gain(&before, RESCUER), reward);
			assert_eq!(gain(&before, PROPOSER), -reward);
			assert_eq!(gain(&before, TREASURY), 0);
			assert_eq!(chain().open, 0);
		});
	}
}

#[test]
fn rescued_after_the_window() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id, GENESIS));
		cool_down_and_verify();
		// The agreed reward from the proposer; half as much again from the slash of four rewards.
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, TREASURY), 4 * REWARD - REWARD / 2);
		assert_eq!(slashes(), [(1_200_000, Fault::Rescued)]);
		assert_eq!(held(HoldReason::ProofBond, RESCUER), 0);
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_none());
		assert!(events().iter().any(|event| matches!(
			event,
			Event::BlockVerified {
				verdict: Verdict::Rescued,
				paid: 300_000,
				returned: 300_000,
				forfeited: 0,
				..
			}
		)));
	});
}

#[test]
fn rescued_while_the_pool_defers_slashes() {
	for cancelled in [false, true] {
		let builder = ExtBuilder::default().with(|| SlashDeferral::set(20));
		builder.build_and_execute(|| {
			let before = balances();
			let id = assigned_block();
			run_to(deadline(id) + 1);
			assert_ok!(prove(RESCUER, id, GENESIS));
			cool_down_and_verify();
			// The reward comes from the escrow at once; the bonus waits with the slash.
			assert_eq!(gain(&before, RESCUER), REWARD);
			assert_eq!(gain(&before, ASSIGNED), 0);
			assert_eq!(slashes(), [(1_200_000, Fault::Rescued)]);
			if cancelled {
				assert_ok!(ProverPool::cancel_slash(RuntimeOrigin::root(), id));
				assert_eq!((gain(&before, RESCUER), gain(&before, ASSIGNED)), (REWARD, 0));
				return;
			}
			run_for(20);
			assert_ok!(ProverPool::apply_slash(signed(VANDALS[0]), id));
			assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
			assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
			assert_eq!(gain(&before, TREASURY), 4 * REWARD - REWARD / 2);
		});
	}
}

#[test]
fn rescued_though_the_assigned_prover_came_later() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
	});
}

#[test]
fn assigned_and_late() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		// Somebody else comes too late to be paid instead.
		assert_ok!(prove(RESCUER, id, GENESIS));
		// Released at the proof.
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).unwrap().released);
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, PROPOSER), 0);
		assert_eq!(gain(&before, RESCUER), 0);
		assert_eq!(gain(&before, TREASURY), 4 * REWARD);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::Late)]);
		assert!(events().iter().any(|event| matches!(
			event,
			Event::BlockVerified { verdict: Verdict::Failed, paid: 0, returned: 600_000, .. }
		)));
	});
}

#[test]
fn a_removed_proof_of_the_assigned_prover_is_a_failure() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), id, GENESIS, ASSIGNED));
		// Within the window, but it is open to anybody now; at the unchanged price.
		next_block();
		assert_ok!(prove(RESCUER, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::RemovedProof)]);
	});
}

#[test]
fn a_failed_prover_is_not_paid_for_a_second_proof() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		let before = balances();
		// Removed on one parent; proven again on another, with a bond like anybody's.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), ids[1], GENESIS, ASSIGNED));
		assert_ok!(prove(ASSIGNED, ids[1], first));
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), ProofBond::get());
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[1]);
		// Paid for the first block, slashed for the second; the bond came back.
		assert_eq!(gain(&before, ASSIGNED), REWARD - 4 * REWARD);
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), 0);
	});
}

#[test]
fn skipped() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		run_to(deadline(id) + ExpiryPeriod::get() + 1);
		assert_ok!(BlockProposal::skip_block(signed(RESCUER), id));
		// The escrow at the agreed price is lost, and the slash counts the whole gas limit.
		let escrow = cost(GAS_LIMIT, FEE) as i128;
		assert_eq!(gain(&before, PROPOSER), -escrow);
		assert_eq!(gain(&before, ASSIGNED), -4 * escrow);
		assert_eq!(gain(&before, TREASURY), 5 * escrow);
		assert_eq!(gain(&before, RESCUER), 0);
		assert_eq!(slashes(), [(4 * escrow as u128, Fault::Skipped)]);
		assert_eq!(
			events().last().unwrap(),
			&Event::BlockSkipped { block_id: id, returned: 200_000, forfeited: 400_000 }
		);
	});
}

#[test]
fn skipped_while_open() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let before = balances();
		let id = open_block();
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(BlockProposal::skip_block(signed(RESCUER), id));
		assert_eq!(gain(&before, PROPOSER), -600_000);
		assert_eq!(gain(&before, TREASURY), 600_000);
		assert!(slashes().is_empty());
	});
}

#[test]
fn the_price_is_the_one_agreed_at_the_draw_not_the_fee() {
	// The member asks for less than the band allows: 75 % of the fee is agreed.
	let cheap = vec![(ASSIGNED, STAKE, 1, CAPACITY)];
	ExtBuilder::default().provers(cheap).build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), cost(GAS_USED, 75) as i128);
		assert_eq!(gain(&before, PROPOSER), -(cost(GAS_USED, 75) as i128));
	});
}

#[test]
fn a_proposer_may_be_its_own_prover() {
	let own = vec![(PROPOSER, STAKE, FEE, CAPACITY)];
	ExtBuilder::default().provers(own).build_and_execute(|| {
		let before = balances();
		let id = propose_drawn(1)[0];
		assert_ok!(prove(PROPOSER, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, PROPOSER), 0);
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
	});
}

#[test]
fn losing_bonds_are_forfeited_and_others_returned() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_ok!(prove(VANDALS[0], ids[1], GENESIS));
		assert_ok!(prove(VANDALS[1], ids[1], first));
		assert_ok!(prove(VANDALS[2], ids[1], first));
		let before = balances();
		cool_down_and_verify();
		// On the wrong parent; paid; right, but not the earliest.
		assert_eq!(gain(&before, VANDALS[0]), -5_000);
		assert_eq!(gain(&before, VANDALS[1]), cost(GAS_USED, 75) as i128);
		assert_eq!(gain(&before, VANDALS[2]), 0);
		assert_eq!(gain(&before, TREASURY), 5_000);
		for prover in VANDALS {
			assert_eq!(held(HoldReason::ProofBond, prover), 0);
		}
	});
}
