//! Attacks with the lineage after a skip. An earlier draft gave new windows to what waits behind a skipped
//! block, and each of them worked. A skip cancels instead.

use frame_support::{assert_noop, assert_ok};

use super::{four_provers, prover_of, REWARD};
use crate::mock::*;

/// Who knows that a block will be skipped claims the next ones beforehand, on the lineage after the skip.
#[test]
fn attack_claims_made_before_a_skip() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		let before = balances();
		assert_ok!(prove_on(VANDALS[0], ids[1], GENESIS));
		let_expire_and_skip(ids[0]);
		verify();
		assert_eq!((chain().verified_id, chain().verified_hash), (0, GENESIS));
		assert_ok!(clear(ids[1]));
		// Nothing was earned and nothing lost.
		assert_eq!(gain(&before, VANDALS[0]), 0);
	});
}

/// A prover lets its neighbour's block be skipped, so that those behind are late on the new lineage.
#[test]
fn attack_making_neighbours_late_by_a_skip() {
	four_provers().build_and_execute(|| {
		let ids = propose_drawn(3);
		let before = balances();
		let (attacker, victims) = (prover_of(ids[0]), [prover_of(ids[1]), prover_of(ids[2])]);
		// One victim claims on the right parent; the other's window is over only just before the skip.
		assert_ok!(prove(victims[0], ids[1]));
		assert_ok!(prove(victims[1], ids[2]));
		let_expire_and_skip(ids[0]);
		verify();
		// The attacker alone pays: four times the whole limit.
		assert_eq!(gain(&before, attacker), -4 * cost(GAS_LIMIT, FEE) as i128);
		assert!(victims.iter().all(|victim| gain(&before, *victim) == 0));
	});
}

/// A prover that has not claimed hopes that the skip of another's block saves it.
#[test]
fn attack_hiding_behind_a_skip() {
	four_provers().build_and_execute(|| {
		let ids = propose_drawn(2);
		let before = balances();
		let lazy = prover_of(ids[1]);
		let_expire_and_skip(ids[0]);
		verify();
		assert_eq!(gain(&before, lazy), -4 * cost(GAS_LIMIT, FEE) as i128);
	});
}

/// A vandal wants to have a right block skipped: it expired behind one that took long, and forks keep the
/// right claim out until then.
#[test]
fn attack_having_a_block_skipped_before_it_can_be_proven() {
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 1)]).build_and_execute(|| {
		let ids = propose_drawn(2);
		let before = balances();
		for (index, vandal) in VANDALS[..3].iter().enumerate() {
			assert_ok!(prove_with(*vandal, ids[1], wrong(ids[1], GENESIS, index as u8)));
		}
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0]));
		// Long before its parent is verified, the right claim finds a place on it.
		assert_ok!(prove(RESCUER, ids[1]));
		run_for(Cooldown::get());
		verify();
		assert_eq!(chain().verified_id, ids[1]);
		assert_noop!(skip(VANDALS[0], ids[1]), Error::UnknownBlock);
		assert_ok!(clear(ids[1]));
		assert!(VANDALS[..3].iter().all(|vandal| gain(&before, *vandal) == -5_000));
	});
}

/// The cooldown begins again and again with each replacement of a claim.
#[test]
fn attack_restarting_the_cooldown_without_end() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let before = balances();
		// Only within the window, and each time the delay grows.
		while now() < deadline(id) {
			assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, (now() % 2) as u8)));
			next_block();
		}
		assert_ok!(prove(ASSIGNED, id));
		for _ in 1..Cooldown::get() {
			next_block();
			// Afterwards its claims are those of any account, and behind the first.
			assert_noop!(prove(ASSIGNED, id), Error::AlreadyProven);
			assert_noop!(try_verify(1), Error::NothingToVerify);
		}
		next_block();
		verify();
		assert_eq!(chain().verified_id, id);
		assert_eq!(gain(&before, ASSIGNED), REWARD - 7_500);
	});
}

/// The assigned prover claims on a wrong parent to keep volunteers away.
#[test]
fn attack_a_worthless_claim_of_the_assigned_prover() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let before = balances();
		assert_ok!(prove_on(ASSIGNED, id, sp_core::H256::zero()));
		run_to(deadline(id) + 1);
		// It holds no place on the right parent, and cannot replace its claim any more without a bond.
		assert_ok!(prove(RESCUER, id));
		assert_noop!(prove(ASSIGNED, id), Error::AlreadyProven);
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
	});
}
