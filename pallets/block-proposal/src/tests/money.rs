//! The Money table, row by row: what the prover, the proposer, the pool and the rest get.

use frame_support::assert_ok;
use sp_core::H256;

use crate::mock::*;

/// Reward of a verified block at the agreed price: (1 000 + 2 000) × 100.
const REWARD: i128 = 300_000;

fn assignments(id: u64) -> bool {
	pallet_prover_pool::Assignments::<Test>::contains_key(id)
}

#[test]
fn assigned_and_in_time_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(gain(&before, TREASURY), 0);
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
		// Discharged, not slashed.
		assert!(!assignments(id));
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
			assert_ok!(prove(ASSIGNED, id));
			cool_down_and_verify();
			assert_eq!(gain(&before, ASSIGNED), REWARD - penalty);
			assert_eq!(gain(&before, PROPOSER), penalty - REWARD);
			assert!(slashes().is_empty());
		});
	}
}

#[test]
fn an_open_block_pays_more_the_longer_nobody_proves_it() {
	// From 75 to 150 in 20 steps: 3.75 each, rounded down; then constant.
	for (waited, price) in [(0, 75), (1, 78), (2, 82), (10, 112), (20, 150), (21, 150), (25, 150)] {
		ExtBuilder::default().empty_pool().build_and_execute(|| {
			let before = balances();
			let id = open_block();
			run_for(waited);
			assert_eq!(BlockProposal::reward_per_gas(id), Some(price));
			assert_ok!(prove(RESCUER, id));
			// The price is that of the claim, not of its verification.
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
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		// The agreed reward from the proposer; half as much again from the slash of four rewards.
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, TREASURY), 4 * REWARD - REWARD / 2);
		assert_eq!(slashes(), [(1_200_000, Fault::Rescued)]);
		assert_eq!(held(HoldReason::ProofBond, RESCUER), 0);
		assert!(!assignments(id));
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
			assert_ok!(prove(RESCUER, id));
			cool_down_and_verify();
			// The reward comes from the escrow at once; the bonus waits with the slash.
			assert_eq!(gain(&before, RESCUER), REWARD);
			assert_eq!(gain(&before, ASSIGNED), 0);
			assert_eq!(slashes(), [(1_200_000, Fault::Rescued)]);
			if cancelled {
				assert_ok!(ProverPool::cancel_slash(root(), id));
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
fn assigned_and_late() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, PROPOSER), 0);
		assert_eq!(gain(&before, TREASURY), 4 * REWARD);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::Late)]);
		// The bond came back: the claim was right.
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), 0);
		assert!(events().iter().any(|event| matches!(
			event,
			Event::BlockVerified { verdict: Verdict::Failed, paid: 0, returned: 600_000, .. }
		)));
	});
}

#[test]
fn assigned_and_wrong() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// In time, on a parent that is not the right one.
		assert_ok!(prove_on(ASSIGNED, id, H256::repeat_byte(9)));
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::Rescued)]);
	});
}

#[test]
fn assigned_and_its_claim_removed() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 1)));
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		// Within the window, but any account may prove it now; at the unchanged price.
		next_block();
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::RemovedProof)]);
	});
}

#[test]
fn assigned_and_its_claim_void() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		Revoked::set(vec![TAG]);
		run_for(Cooldown::get());
		verify();
		// Discharged at once, and the block is open.
		assert!(!assignments(id));
		run_for(4);
		assert_ok!(prove_tagged(RESCUER, id, execution(id, GENESIS), TAG + 1));
		cool_down_and_verify();
		// At the agreed price, however long it was open; without a bonus.
		assert_eq!(gain(&before, RESCUER), REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(gain(&before, ASSIGNED), 0);
		assert!(slashes().is_empty());
	});
}

#[test]
fn skipped() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		let_expire_and_skip(id);
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
		let_expire_and_skip(id);
		assert_eq!(gain(&before, PROPOSER), -600_000);
		assert_eq!(gain(&before, TREASURY), 600_000);
		assert!(slashes().is_empty());
	});
}

#[test]
fn cancelled() {
	ExtBuilder::default().provers(vec![(ASSIGNED, SMALL_STAKE, FEE, 3)]).build_and_execute(|| {
		// 1 is skipped; of the others, 2 is claimed, 3 has failed when that happens, 4 is open, 5 assigned,
		// 6 pending.
		propose_drawn(4);
		assert_ok!(prove(ASSIGNED, 2));
		// The claim returned capacity for one more.
		run_to(deadline(1) + 5);
		propose_drawn(1);
		run_to(deadline(1) + ExpiryPeriod::get() + 1);
		Seed::set(None);
		propose();
		assert!(block(4).is_open() && deadline(5) >= now() && deadline(3) < now());
		assert_ok!(skip(RESCUER, 1));
		let before = balances();
		forget_events();
		verify();
		// All escrows went back, and nobody was paid.
		assert_eq!(gain(&before, PROPOSER), 0);
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
		// Only the third block costs its prover anything.
		let escrow = cost(GAS_LIMIT, FEE) as i128;
		assert_eq!(gain(&before, ASSIGNED), -4 * escrow);
		assert_eq!(slashes(), [(4 * escrow as u128, Fault::Skipped)]);
		assert!((2..=6).all(|id| !assignments(id)));
		assert!(pallet_prover_pool::DrawQueue::<Test>::get().is_empty());
		let cancelled =
			|block_id| Event::BlockCancelled { block_id, returned: 600_000, forfeited: 0 };
		assert_eq!(events(), (2..=6).map(cancelled).collect::<Vec<_>>());
	});
}

#[test]
fn the_price_is_the_one_agreed_at_the_draw_not_the_fee() {
	// The member asks for less than the band allows: 75 % of the fee is agreed.
	let cheap = vec![(ASSIGNED, STAKE, 1, CAPACITY)];
	ExtBuilder::default().provers(cheap).build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
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
		assert_ok!(prove(PROPOSER, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, PROPOSER), 0);
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 0);
	});
}

#[test]
fn bonds_on_wrong_parents_are_forfeited_and_others_returned() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove_on(VANDALS[0], id, H256::zero()));
		assert_ok!(prove(VANDALS[1], id));
		assert_ok!(prove_with(VANDALS[2], id, wrong(id, GENESIS, 1)));
		let before = balances();
		cool_down_and_verify();
		assert_ok!(clear(id));
		// On the wrong parent; paid; on the right parent, but not the earliest.
		assert_eq!(gain(&before, VANDALS[0]), -5_000);
		assert_eq!(gain(&before, VANDALS[1]), cost(GAS_USED, 75) as i128);
		assert_eq!(gain(&before, VANDALS[2]), 0);
		assert_eq!(gain(&before, TREASURY), 5_000);
		for prover in VANDALS {
			assert_eq!(held(HoldReason::ProofBond, prover), 0);
		}
	});
}
