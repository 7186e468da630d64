//! Life 4: which claim is verified, when, by whom, and what is left afterwards.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Hooks,
	weights::Weight,
};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

/// Three blocks that their prover has claimed, on their right parents.
fn three_claimed() -> Vec<u64> {
	let ids = propose_drawn(3);
	prove_all(ASSIGNED, &ids);
	ids
}

/// A look that finds nothing to do.
fn look() -> Weight {
	BlockProposal::weight_of_look()
}

/// A step of the loop that verifies.
fn verification() -> Weight {
	look().saturating_add(BlockProposal::weight_of_verification())
}

#[test]
fn a_claim_is_verified_after_the_cooldown_and_its_block_is_removed() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		run_for(Cooldown::get() - 1);
		assert_noop!(try_verify(10), Error::NothingToVerify);
		next_block();
		forget_events();
		verify();

		let expected = ChainState {
			head_since: now(),
			next_id: 2,
			head: 2,
			verified_id: 1,
			verified_hash: hash_on(id, GENESIS),
			pending: 0,
			open: 0,
			cancelled: None,
		};
		assert_eq!(chain(), expected);
		assert_eq!(Blocks::<Test>::iter().count(), 0);
		assert_eq!(
			events(),
			[
				Event::BlockVerified {
					block_id: id,
					block_hash: hash_on(id, GENESIS),
					prover: ASSIGNED,
					verdict: Verdict::InTime,
					paid: 300_000,
					returned: 300_000,
					forfeited: 0,
				},
				Event::AveragesUpdated { fee_per_gas: FEE, window: 9 },
			]
		);
	});
}

#[test]
fn blocks_are_claimed_in_any_order_and_verified_in_theirs() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let parents: Vec<H256> = ids.iter().map(|id| right_parent(*id)).collect();
		// The last first: nobody waits for the proof of another.
		for (id, parent) in ids.iter().zip(&parents).rev() {
			assert_ok!(prove_on(ASSIGNED, *id, *parent));
			next_block();
		}
		run_for(Cooldown::get() - 2);
		assert_noop!(try_verify(10), Error::NothingToVerify);
		next_block();
		// All at once when the first has cooled down.
		verify();
		assert_eq!(chain().verified_id, ids[2]);
		assert_eq!(chain().verified_hash, hash_on(ids[2], parents[2]));
	});
}

#[test]
fn refused_verification_changes_nothing_and_costs_little() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = BlockProposal::verify_blocks(signed(RESCUER), 10).unwrap_err();
		assert_eq!(refused.error, Error::NothingToVerify.into());
		assert_eq!(refused.post_info.actual_weight, Some(look()));
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
		assert_noop!(try_verify(10), Error::NothingToVerify);
		assert_noop!(plain(BlockProposal::verify_blocks(RuntimeOrigin::none(), 1)), BadOrigin);
		propose();
		assert_noop!(try_verify(10), Error::NothingToVerify);
	});
}

#[test]
fn verifying_is_free_and_refunds_what_it_did_not_do() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = three_claimed();
		run_for(Cooldown::get());
		// No more than asked for.
		let info = BlockProposal::verify_blocks(signed(RESCUER), 2).unwrap();
		assert_eq!(chain().verified_id, ids[1]);
		assert_eq!(info.pays_fee, Pays::No);
		let expected = look().saturating_add(verification().saturating_mul(2));
		assert_eq!(info.actual_weight, Some(expected));
		let declared =
			|max| crate::Call::<Test>::verify_blocks { max }.get_dispatch_info().call_weight;
		assert!(expected.all_lte(declared(2)));
		// An absurd wish does not cost more than all that can wait.
		assert_eq!(declared(u32::MAX), declared(MaxUnverifiedBlocks::get()));
	});
}

#[test]
fn one_call_takes_no_more_steps_than_it_declares() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = three_claimed();
		run_for(Cooldown::get());
		// An upgrade has lowered the limit.
		MaxUnverifiedBlocks::set(2);
		let info = BlockProposal::verify_blocks(signed(RESCUER), u32::MAX).unwrap();
		assert!(info.actual_weight.unwrap().all_lte(BlockProposal::weight_of_verify(u32::MAX)));
		assert_eq!(chain().verified_id, ids[1]);
	});
}

#[test]
fn the_earliest_claim_on_the_verified_hash_counts() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		// Earliest of all, but on another parent.
		assert_ok!(prove_on(VANDALS[1], id, H256::zero()));
		next_block();
		assert_ok!(prove(RESCUER, id));
		// A verifier that accepts this one too is broken; the earlier claim counts.
		assert_ok!(prove_with(VANDALS[3], id, wrong(id, GENESIS, 1)));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
		assert!(events().iter().any(|e| matches!(e, Event::BlockVerified { prover: RESCUER, .. })));
	});
}

#[test]
fn a_later_claim_does_not_overtake_one_that_cools_down() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove(RESCUER, id));
		next_block();
		assert_ok!(prove_with(VANDALS[0], id, wrong(id, GENESIS, 1)));
		run_for(Cooldown::get() - 2);
		assert_noop!(try_verify(1), Error::NothingToVerify);
		next_block();
		verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

#[test]
fn blocks_are_verified_with_the_weight_that_is_left() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = three_claimed();
		IdleWeight::set(Weight::MAX);
		run_for(Cooldown::get());
		assert_eq!(chain().verified_id, 0);
		next_block();
		assert_eq!(chain().verified_id, ids[2]);
	});
}

#[test]
fn the_hook_stays_within_the_weight_left() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = three_claimed();
		run_for(Cooldown::get());
		let little = look() - Weight::from_parts(1, 0);
		// Not even a look.
		assert_eq!(BlockProposal::on_idle(0, little), Weight::zero());
		// A look, and a step but for the most expensive that it could be.
		let worst = look().saturating_add(BlockProposal::weight_of_step());
		let almost = worst - Weight::from_parts(1, 0);
		assert_eq!(BlockProposal::on_idle(0, almost), look() + one_read());
		assert_eq!(chain().verified_id, 0);
		let used = BlockProposal::on_idle(0, worst);
		assert!(used.all_lte(worst));
		assert_eq!(chain().verified_id, ids[0]);
		BlockProposal::on_idle(0, Weight::MAX);
		assert_eq!(chain().verified_id, ids[2]);
	});
}

#[test]
fn verified_ids_are_gone() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_noop!(prove_on(ASSIGNED, id, GENESIS), Error::UnknownBlock);
		assert_noop!(skip(RESCUER, id), Error::UnknownBlock);
		assert_noop!(dispute(id, execution(id, GENESIS)), Error::UnknownBlock);
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id), Error::UnknownBlock);
	});
}
