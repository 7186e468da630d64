//! Attacks on the rollup: what the attacker tries step by step, what stops it, and what all have in the
//! end. Those of the protocol's audit have its numbers (F2 … F19); [`lineage`] has those of the review of
//! an earlier draft, [`money`] and [`fee`] the rest. F7 is a matter of the runtime, F15 of the verifier.

mod fee;
mod lineage;
mod money;

use frame_support::{assert_noop, assert_ok};
use sp_core::H256;

use crate::mock::*;

/// Reward of a block at the agreed price: (1 000 + 2 000) × 100.
const REWARD: i128 = 300_000;

/// Four provers that work on one block each at a time, asking the fee.
fn four_provers() -> ExtBuilder {
	ExtBuilder::default().provers(PROVERS.map(|who| (who, SMALL_STAKE, FEE, 1)).to_vec())
}

const PROVERS: [AccountId; 4] = [ASSIGNED, 11, 12, RESCUER];

fn prover_of(id: u64) -> AccountId {
	assignment(id).prover
}

/// A prover that did right was refused a second window, and slashed, because an ancestor of its parent was
/// decided late. Now there is one right parent from the proposal on.
#[test]
fn attack_f2_a_prover_that_did_right_is_slashed() {
	four_provers().build_and_execute(|| {
		let ids = propose_drawn(4);
		let before = balances();
		// The second prover claims rightly, then replaces its claim by one elsewhere, then proves again.
		let trickster = prover_of(ids[1]);
		assert_ok!(prove(prover_of(ids[0]), ids[0]));
		assert_ok!(prove(trickster, ids[1]));
		assert_ok!(prove(prover_of(ids[2]), ids[2]));
		next_block();
		assert_ok!(prove_on(trickster, ids[1], GENESIS));
		run_for(Cooldown::get());
		verify();
		// The fourth proves at its deadline, when the second has no claim on the verified hash.
		run_to(deadline(ids[3]));
		assert_ok!(prove(prover_of(ids[3]), ids[3]));
		assert_ok!(prove(trickster, ids[1]));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[3]);
		// All are paid, less their delay; nobody is slashed.
		assert!(slashes().is_empty());
		assert!(PROVERS.iter().all(|who| gain(&before, *who) >= REWARD - 7_500));
	});
}

/// Four accounts pushed the earliest right proof of an open block out, at no cost.
#[test]
fn attack_f3_pushing_the_earliest_right_claim_out() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0]));
		let before = balances();
		assert_ok!(prove(RESCUER, ids[1]));
		next_block();
		// Four claims on the hash that is verified now, which is not the second block's parent.
		for (index, vandal) in VANDALS[..3].iter().enumerate() {
			assert_ok!(prove_with(*vandal, ids[1], wrong(ids[1], GENESIS, index as u8)));
		}
		assert_noop!(prove_on(VANDALS[3], ids[1], GENESIS), Error::TooManyForks);
		// And then the right one: it is taken, and its place is not for sale.
		let right = right_parent(ids[1]);
		for vandal in &VANDALS[..4] {
			assert_noop!(prove_on(*vandal, ids[1], right), Error::AlreadyProven);
		}
		run_for(Cooldown::get());
		verify();
		assert_ok!(clear(ids[1]));
		assert_eq!(gain(&before, RESCUER), 2 * cost(GAS_USED, 75) as i128);
		assert!(VANDALS[..3].iter().all(|vandal| gain(&before, *vandal) == -5_000));
	});
}

/// Second windows one after another: 2 % of the draws slowed verification 40 times, and were never slashed.
#[test]
fn attack_f4_serial_windows() {
	// One prover plays both: of four blocks, it is tricky with the first and the third.
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(4);
		let before = balances();
		// The honest ones are proven at once, each on the parent that was computed, and never again.
		assert_ok!(prove(ASSIGNED, ids[1]));
		assert_ok!(prove(ASSIGNED, ids[3]));
		// The tricky ones at the last moment, on the verified hash or elsewhere: in time, and worthless.
		let deadline = deadline(ids[0]);
		run_to(deadline);
		assert_ok!(prove_on(ASSIGNED, ids[0], H256::zero()));
		assert_ok!(prove_on(ASSIGNED, ids[2], GENESIS));
		// One block later a volunteer rescues both at once, and after the cooldown all are verified at once.
		next_block();
		assert_ok!(prove(RESCUER, ids[0]));
		assert_ok!(prove(RESCUER, ids[2]));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[3]);
		assert_eq!(now(), deadline + 1 + Cooldown::get());
		// Each trick costs four rewards.
		assert_eq!(slashes().len(), 2);
		assert_eq!(gain(&before, ASSIGNED), 2 * REWARD - 2 * 4 * REWARD);
		assert_eq!(gain(&before, RESCUER), 2 * (REWARD + REWARD / 2));
	});
}

/// Lazy provers, each of which uses its whole window, delay the rollup by one window, not by one each.
#[test]
fn attack_f4_lazy_provers_do_not_add_up() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(4);
		let deadline = deadline(ids[0]);
		run_to(deadline);
		prove_all(ASSIGNED, &ids);
		cool_down_and_verify();
		assert_eq!((chain().verified_id, now()), (ids[3], deadline + Cooldown::get()));
		assert!(slashes().is_empty());
	});
}

/// Behind a late head a prover with one place got many windows at the same moment. Now it is drawn again
/// only when it has claimed, and what it claimed stays right.
#[test]
fn attack_f5_many_windows_for_one_place() {
	let builder = ExtBuilder::default()
		.provers(vec![(11, STAKE, FEE, 1), (ASSIGNED, 10 * MinStakePerCapacity::get(), FEE, 1)]);
	builder.with(|| MaxPendingPerProposer::set(12)).build_and_execute(|| {
		// The head is the first that is drawn, and late on purpose. The other is drawn for all the rest.
		let head = propose_drawn(1)[0];
		let late = prover_of(head);
		let honest = if late == 11 { ASSIGNED } else { 11 };
		let before = balances();
		let mut claimed = Vec::new();
		for _ in 0..4 {
			let id = propose_drawn(1)[0];
			assert_eq!(prover_of(id), honest, "the other has no capacity");
			run_for(1);
			assert_ok!(prove(honest, id));
			claimed.push(id);
		}
		run_to(deadline(head) + 1);
		assert_ok!(prove(VANDALS[0], head));
		cool_down_and_verify();
		// All four count, though the head was rescued: its prover alone is slashed.
		assert_eq!(chain().verified_id, *claimed.last().unwrap());
		assert_eq!(slashes().len(), 1);
		assert!(gain(&before, honest) >= 4 * (REWARD - 7_500));
	});
}

/// The predecessor's prover timed its proof, and a `verify_blocks` in front of the next proof, so that an
/// honest successor was late.
#[test]
fn attack_f6_a_neighbour_times_its_claim() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let before = balances();
		// The honest prover of the second starts at the draw: it needs no proof of the parent.
		let prepared = execution(ids[1], right_parent(ids[1]));
		run_to(deadline(ids[0]) - Cooldown::get());
		assert_ok!(prove(ASSIGNED, ids[0]));
		run_to(deadline(ids[1]));
		// In front of its transaction, in the same block.
		verify();
		assert_eq!(chain().verified_id, ids[0]);
		assert_ok!(prove_with(ASSIGNED, ids[1], prepared));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[1]);
		assert!(slashes().is_empty());
		assert!(gain(&before, ASSIGNED) > 2 * (REWARD - 7_500) - 1);
	});
}

/// A proposal paid whatever the fee was when it was included.
#[test]
fn attack_f8_lifting_the_fee_in_front_of_a_proposal() {
	let expensive = vec![(ASSIGNED, STAKE, u32::MAX, CAPACITY)];
	ExtBuilder::default().provers(expensive).with(|| AveragingFactor::set(2)).build_and_execute(
		|| {
			// The proposer signs at a fee of 100, and accepts two per cent more.
			let propose = || {
				plain(BlockProposal::propose_block(signed(21), vec![], GAS_LIMIT, BENEFICIARY, 102))
			};
			let ids = propose_drawn(3);
			prove_all(ASSIGNED, &ids);
			cool_down_and_verify();
			assert!(BlockProposal::fee_per_gas() > 102);
			assert_noop!(propose(), Error::FeeTooHigh);
			assert_eq!(held(HoldReason::Escrow, 21), 0);
		},
	);
}

/// After one wrong verification there was no way back: all blocks behind it were skipped, their provers
/// slashed, their escrows forfeited.
#[test]
fn attack_f9_a_wrong_block_was_verified() {
	ExtBuilder::default().build_and_execute(|| {
		// The verifier is broken, and nobody disputes in time.
		let id = assigned_block();
		let lie = wrong(id, GENESIS, 0xbb);
		assert_ok!(prove_with(ASSIGNED, id, lie));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, lie.block_hash);
		// Nobody knows a state with that hash; provers draw and wait, and a volunteer claims on the right one.
		let right = hash_on(id, GENESIS);
		let ids = propose_drawn(3);
		run_to(deadline(ids[0]) + 1);
		let before = balances();
		assert_ok!(prove_on(RESCUER, ids[0], right));
		assert_ok!(BlockProposal::pause(root()));
		assert_ok!(BlockProposal::reset(root(), right));
		assert_ok!(BlockProposal::unpause(root()));
		verify();
		assert_ok!(clear(ids[0]));
		// Nobody has lost anything.
		assert_eq!(balances(), before);
		assert!(slashes().is_empty());
		let id = assigned_block();
		assert_ok!(prove_on(ASSIGNED, id, right));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, right));
	});
}

/// The fee moved with every block that was verified, and proposers chose how many.
#[test]
fn attack_f10_many_blocks_in_one_push_the_fee() {
	let expensive = vec![(ASSIGNED, STAKE, u32::MAX, CAPACITY)];
	let builder = ExtBuilder::default().provers(expensive);
	let builder = builder.with(|| {
		AveragingFactor::set(1);
		MaxPendingPerProposer::set(12);
		MaxFeeStep::set(sp_runtime::Perbill::from_percent(5));
	});
	builder.build_and_execute(|| {
		let ids = [propose_drawn(4), propose_drawn(4), propose_drawn(4)].concat();
		prove_all(ASSIGNED, &ids);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[11]);
		// Twelve samples at 125, each of which counts for 60 %: one step.
		assert_eq!(BlockProposal::fee_per_gas(), 105);
	});
}

/// A block could live longer than its prover was liable.
#[test]
fn attack_f11_outliving_a_liability() {
	// Twelve blocks are late, and each is claimed by an accomplice at the last moment before it could be
	// skipped: no rollup without disputes is slower.
	let builder = ExtBuilder::default().with(|| MaxPendingPerProposer::set(12));
	builder.build_and_execute(|| {
		let ids = [propose_drawn(4), propose_drawn(4), propose_drawn(4)].concat();
		let drawn_at = now();
		for id in &ids {
			let expires_after = block(*id).expires_after(ExpiryPeriod::get()).unwrap();
			let provable_until = chain().head_since + MinProofWindow::get();
			run_to(expires_after.max(provable_until));
			assert_noop!(
				ProverPool::discharge_prover(signed(ASSIGNED), ids[11]),
				pallet_prover_pool::Error::<Test>::NotOverdue
			);
			assert_ok!(prove(VANDALS[0], *id));
			cool_down_and_verify();
		}
		assert_eq!(chain().verified_id, ids[11]);
		assert_eq!(slashes().len(), 12);
		// At most half of the time for which it is liable.
		assert!(2 * (now() - drawn_at) <= PoolMaxLiability::get(), "{}", now() - drawn_at);
	});
}

/// A removed proof took all that claimed its hash with it, right proofs of other blocks included.
#[test]
fn attack_f12_a_removed_claim_drags_others_along() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		// The wrong claim of the first gives it the hash of the second.
		let second = right_parent(ids[2]);
		let lie = Execution { block_hash: second, ..execution(ids[0], GENESIS) };
		assert_ok!(prove_with(ASSIGNED, ids[0], lie));
		prove_all(ASSIGNED, &ids[1..]);
		assert_ok!(dispute(ids[0], lie));
		assert_ok!(prove(RESCUER, ids[0]));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[2]);
		assert_eq!(slashes(), [(1_200_000, Fault::RemovedProof)]);
	});
}

/// An honest prover in time was overtaken by an accomplice of its late neighbour, and worked for nothing.
#[test]
fn attack_f13_overtaking_a_prover_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let before = balances();
		assert_ok!(prove(ASSIGNED, ids[1]));
		run_to(deadline(ids[0]));
		assert_ok!(prove(ASSIGNED, ids[0]));
		// The accomplice tries at once, and when the windows are over.
		assert_noop!(prove(VANDALS[0], ids[1]), Error::TooEarly);
		next_block();
		assert_noop!(prove(VANDALS[0], ids[1]), Error::AlreadyProven);
		cool_down_and_verify();
		// The penalty is only for the block that was late in its window.
		assert_eq!(gain(&before, ASSIGNED), 2 * REWARD - 7_500);
	});
}

/// The fastest proof in a window that was given anew paid a penalty.
#[test]
fn attack_f16_the_fastest_claim_pays_no_penalty() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = propose();
		// The first extrinsics after the draw.
		next_block();
		assert_eq!(assignment(id).start, now());
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), REWARD);
	});
}

/// Refused proposals paid for draw and settlement.
#[test]
fn attack_f17_making_others_pay_for_refusals() {
	ExtBuilder::default().with(|| MaxUnverifiedBlocks::set(1)).build_and_execute(|| {
		propose();
		let refused =
			BlockProposal::propose_block(signed(RESCUER), vec![], 1, BENEFICIARY, u32::MAX);
		let refused = refused.unwrap_err();
		assert_eq!(refused.error, Error::TooManyUnverifiedBlocks.into());
		let own = BlockProposal::weight_of_refused_proposal(0);
		assert_eq!(refused.post_info.actual_weight, Some(own));
		assert!((own * 3).all_lt(BlockProposal::weight_of_propose(0)));
	});
}

/// Nobody could see which claims a leaked key had vouched for, and each had to be disputed by itself.
#[test]
fn attack_f19_a_leaked_key_claims_everything() {
	const LEAKED: u8 = 66;
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(4);
		let before = balances();
		for id in &ids {
			let lie = Execution { gas_used: GAS_LIMIT, ..execution(*id, right_parent(*id)) };
			assert_ok!(prove_tagged(VANDALS[0], *id, lie, LEAKED));
		}
		let by_leaked =
			|id: &u64| BlockProposal::claims(*id, 9).iter().all(|claim| claim.tag == LEAKED);
		assert!(ids.iter().all(by_leaked));
		// One call of governance, in the last block of the cooldown; no dispute.
		run_for(Cooldown::get());
		Revoked::set(vec![LEAKED]);
		verify();
		assert_eq!(chain().verified_id, 0);
		prove_all(RESCUER, &ids);
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, {
			ids.iter().fold(GENESIS, |parent, id| hash_on(*id, parent))
		});
		// The forger has gained nothing; its bonds are back, for nothing shows which of them lied.
		assert_eq!(gain(&before, VANDALS[0]), 0);
		assert_eq!(held(HoldReason::ProofBond, VANDALS[0]), 0);
	});
}

/// A prover claims garbage in time with a leaked key, and keeps everybody else out until its window is over. A
/// void claim says nothing about its prover, who may be honest: governance that revokes first lets it go.
/// Governance that disputes first does not, nor if it disputes before the void claim is dropped.
#[test]
fn attack_lying_in_time_with_a_leaked_key() {
	const LEAKED: u8 = 66;
	let lie_in_time = || {
		let id = assigned_block();
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_tagged(ASSIGNED, id, lie, LEAKED));
		(id, lie)
	};
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let (id, lie) = lie_in_time();
		Revoked::set(vec![LEAKED]);
		verify();
		assert_noop!(dispute(id, lie), Error::UnknownClaim);
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
		assert!(slashes().is_empty());
		assert_eq!(gain(&before, ASSIGNED), 0);
	});
	for revoked_in_front in [false, true] {
		ExtBuilder::default().build_and_execute(|| {
			let before = balances();
			let (id, lie) = lie_in_time();
			if revoked_in_front {
				Revoked::set(vec![LEAKED]);
			}
			assert_ok!(dispute(id, lie));
			Revoked::set(vec![LEAKED]);
			assert_ok!(prove(RESCUER, id));
			cool_down_and_verify();
			assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
			assert_eq!(slashes(), [(1_200_000, Fault::RemovedProof)]);
			assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		});
	}
}

/// With a broken verifier, wrong hashes on the right parent can take all places of others. Then governance
/// has to act; what it does is enough.
#[test]
fn attack_wrong_hashes_take_all_places() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		for variant in 0..3 {
			assert_ok!(prove_with(VANDALS[0], id, wrong(id, GENESIS, variant)));
		}
		assert_noop!(
			prove_tagged(RESCUER, id, execution(id, GENESIS), TAG + 1),
			Error::TooManyForks
		);
		// One dispute makes one place, and takes one bond.
		assert_ok!(dispute(id, wrong(id, GENESIS, 0)));
		assert_noop!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 0)), Error::Barred);
		assert_ok!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 3)));
		// A revocation clears them all.
		Revoked::set(vec![TAG]);
		assert_ok!(prove_tagged(RESCUER, id, execution(id, GENESIS), TAG + 1));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

/// Claims on any number of wrong parents: each costs its bond, and none of them delays anything.
#[test]
fn attack_filling_storage_with_worthless_claims() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let before = balances();
		for number in 0..60 {
			assert_ok!(prove_on(VANDALS[0], id, H256::from_low_u64_be(number)));
		}
		assert_ok!(prove(RESCUER, id));
		IdleWeight::set(frame_support::weights::Weight::MAX);
		run_for(Cooldown::get() + 1);
		assert_eq!(chain().verified_id, id);
		assert!(Claims::<Test>::iter().next().is_none());
		assert_eq!(gain(&before, VANDALS[0]), -60 * 5_000);
	});
}
