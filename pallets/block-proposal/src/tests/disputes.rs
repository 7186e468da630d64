//! Life 5: removing wrong claims.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

#[test]
fn only_the_dispute_origin_may_remove_a_claim_and_only_one_that_is_stored() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let claim = execution(id, GENESIS);
		assert_ok!(prove(ASSIGNED, id));
		let Execution { parent_hash, block_hash, gas_used } = claim;
		for origin in [signed(RESCUER), root(), RuntimeOrigin::none()] {
			assert_noop!(
				BlockProposal::dispute_claim(origin, id, parent_hash, block_hash, gas_used),
				BadOrigin
			);
		}
		assert_noop!(dispute(id + 1, claim), Error::UnknownBlock);
		let others = [
			Execution { parent_hash: H256::zero(), ..claim },
			Execution { block_hash: H256::zero(), ..claim },
			Execution { gas_used: 0, ..claim },
		];
		for other in others {
			assert_noop!(dispute(id, other), Error::UnknownClaim);
		}
		assert_ok!(dispute(id, claim));
		assert_noop!(dispute(id, claim), Error::UnknownClaim);
	});
}

#[test]
fn a_removed_claim_earns_nothing_forfeits_its_bond_and_is_barred() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_with(VANDALS[0], id, lie));
		let before = balances();
		forget_events();
		assert_ok!(dispute(id, lie));

		assert_eq!((gain(&before, VANDALS[0]), gain(&before, TREASURY)), (-5_000, 5_000));
		assert!(claims_on(id, GENESIS).is_empty());
		assert_eq!((block(id).claims, block(id).removed_at), (0, Some(now())));
		let Execution { parent_hash, block_hash, gas_used } = lie;
		assert_eq!(
			events(),
			[
				Event::BondSettled {
					block_id: id,
					prover: VANDALS[0],
					returned: 0,
					forfeited: 5_000,
				},
				Event::ClaimRemoved {
					block_id: id,
					prover: VANDALS[0],
					parent_hash,
					block_hash,
					gas_used,
				},
			]
		);
		// What it says is barred, for all; the prover and everything else are not.
		for prover in [VANDALS[0], RESCUER] {
			assert_noop!(prove_with(prover, id, lie), Error::Barred);
		}
		assert_ok!(prove(VANDALS[0], id));
		assert_ok!(prove_with(RESCUER, id, Execution { gas_used: 0, ..lie }));
	});
}

#[test]
fn no_other_claim_is_touched() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		// The lie gives the first block the hash on which the second is rightly proven.
		let first = right_parent(ids[1]);
		let lie = Execution { gas_used: 1, ..execution(ids[0], GENESIS) };
		assert_ok!(prove_with(VANDALS[0], ids[0], lie));
		assert_ok!(prove(RESCUER, ids[0]));
		assert_ok!(prove(RESCUER, ids[1]));
		assert_ok!(dispute(ids[0], lie));
		assert_eq!(claims_on(ids[0], GENESIS).len(), 1);
		assert_eq!(claims_on(ids[1], first).len(), 1);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[1]);
	});
}

#[test]
fn an_assigned_block_is_left_to_all_at_its_unchanged_price() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_with(ASSIGNED, id, lie));
		assert_noop!(prove(RESCUER, id), Error::TooEarly);
		forget_events();
		assert_ok!(dispute(id, lie));
		// It had no bond.
		assert!(matches!(events()[..], [Event::ClaimRemoved { prover: ASSIGNED, .. }]));
		assert_eq!(assignment(id).delivery, Delivery::Removed);
		assert_eq!(BlockProposal::reward_per_gas(id), Some(FEE));
		assert_ok!(prove(RESCUER, id));
		// The failed prover is like any account now: it needs a bond, though its window runs.
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 2)));
		assert_eq!(held(HoldReason::ProofBond, ASSIGNED), ProofBond::get());
	});
}

#[test]
fn a_failed_prover_is_not_paid_for_a_second_claim() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 1)));
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, id);
		assert_eq!((gain(&before, ASSIGNED), gain(&before, PROPOSER)), (-1_200_000, 0));
		assert_eq!(slashes(), [(1_200_000, Fault::RemovedProof)]);
	});
}

#[test]
fn a_removed_claim_of_another_leaves_the_assignment_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		run_to(deadline(id) + 1);
		let lie = wrong(id, GENESIS, 1);
		assert_ok!(prove_with(VANDALS[0], id, lie));
		assert_ok!(dispute(id, lie));
		cool_down_and_verify();
		assert!(slashes().is_empty());
		assert!(events()
			.iter()
			.any(|event| matches!(event, Event::BlockVerified { verdict: Verdict::InTime, .. })));
	});
}

#[test]
fn an_open_block_keeps_the_price_of_the_removed_claim() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(4);
		assert_ok!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 1)));
		run_for(2);
		// A slower claim at a higher price keeps its own.
		assert_ok!(prove_with(VANDALS[1], id, wrong(id, GENESIS, 2)));
		let prices: Vec<_> = claims_on(id, GENESIS).iter().map(|c| c.reward_per_gas).collect();
		assert_eq!(prices, [90, 97]);
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		run_for(2);
		assert_eq!(BlockProposal::reward_per_gas(id), Some(90));
		// A second removal does not change the price again.
		assert_ok!(dispute(id, wrong(id, GENESIS, 2)));
		assert_eq!(BlockProposal::reward_per_gas(id), Some(90));
		assert_ok!(prove(RESCUER, id));
		let before = balances();
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 90) as i128);
	});
}

#[test]
fn expiry_counts_from_the_removal() {
	let expires_in = |id| block(id).expires_after(ExpiryPeriod::get()).unwrap() - now();
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		// Long before the window has passed: nobody needs to wait for it.
		assert_ok!(prove_with(ASSIGNED, ids[0], wrong(ids[0], GENESIS, 1)));
		run_for(1);
		assert_ok!(dispute(ids[0], wrong(ids[0], GENESIS, 1)));
		assert_eq!(expires_in(ids[0]), ExpiryPeriod::get());
		// And long after it has passed.
		run_to(deadline(ids[1]) + 5);
		assert_ok!(prove_with(RESCUER, ids[1], wrong(ids[1], GENESIS, 1)));
		assert_ok!(dispute(ids[1], wrong(ids[1], GENESIS, 1)));
		assert_eq!(expires_in(ids[1]), ExpiryPeriod::get());
	});
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(5);
		assert_ok!(prove_with(RESCUER, id, wrong(id, GENESIS, 1)));
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		assert_eq!(expires_in(id), ExpiryPeriod::get());
	});
}

#[test]
fn another_claim_of_the_block_is_verified_instead() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 1)));
		assert_ok!(prove(RESCUER, id));
		run_for(Cooldown::get() - 1);
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		next_block();
		verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

/// The list of bars is bounded. Neither may a dispute be refused because it is full, nor a claim.
#[test]
fn if_there_are_too_many_bars_the_oldest_is_forgotten() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let lies = [1, 2, 3].map(|variant| wrong(id, GENESIS, variant));
		for lie in lies {
			assert_ok!(prove_with(VANDALS[0], id, lie));
			assert_ok!(dispute(id, lie));
		}
		assert_eq!(block(id).barred.to_vec(), lies[1..]);
		// The first costs another bond.
		let before = balances();
		assert_noop!(prove_with(VANDALS[0], id, lies[1]), Error::Barred);
		assert_ok!(prove_with(VANDALS[0], id, lies[0]));
		assert_ok!(dispute(id, lies[0]));
		assert_eq!(gain(&before, VANDALS[0]), -5_000);
	});
}

#[test]
fn governance_is_operational() {
	let calls = [
		crate::Call::<Test>::dispute_claim {
			block_id: 1,
			parent_hash: GENESIS,
			block_hash: GENESIS,
			gas_used: 0,
		},
		crate::Call::pause {},
		crate::Call::unpause {},
		crate::Call::reset { verified_hash: GENESIS },
		crate::Call::start { genesis_hash: GENESIS, fee_per_gas: FEE, delay: 1 },
	];
	for call in calls {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational, "{call:?}");
	}
}
