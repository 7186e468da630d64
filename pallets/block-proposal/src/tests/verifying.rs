//! Life 4: which proof is verified, when, by whom, and what is left afterwards.

use crate::mock::*;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	weights::Weight,
};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

fn verify_error() -> sp_runtime::DispatchError {
	BlockProposal::verify_blocks(signed(RESCUER), 10).unwrap_err().error
}

#[test]
fn a_proof_is_verified_after_the_cooldown_and_its_block_is_pruned() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		run_for(Cooldown::get() - 1);
		assert_eq!(verify_error(), Error::NothingToVerify.into());
		next_block();
		forget_events();
		verify();

		let expected = ChainState {
			verified_at: now(),
			next_id: 2,
			head: 2,
			verified_id: 1,
			verified_hash: hash_on(id, GENESIS),
			pending: 0,
			open: 0,
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
fn refused_verification_changes_nothing_and_costs_little() {
	ExtBuilder::default().build_and_execute(|| {
		let before = (chain(), balances());
		let refused = BlockProposal::verify_blocks(signed(RESCUER), 10).unwrap_err();
		assert_eq!(refused.error, Error::NothingToVerify.into());
		assert_eq!(
			refused.post_info.actual_weight,
			Some(<Test as Config>::WeightInfo::verify_blocks())
		);
		assert_eq!((chain(), balances()), before);
		assert_noop!(
			BlockProposal::verify_blocks(RuntimeOrigin::none(), 10).map_err(|e| e.error),
			BadOrigin
		);
	});
}

#[test]
fn verifying_is_free_of_charge_and_charged_by_what_it_did() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let mut parent = GENESIS;
		for id in &ids {
			assert_ok!(prove(ASSIGNED, *id, parent));
			parent = hash_on(*id, parent);
		}
		run_for(Cooldown::get());
		// No more than asked for.
		let info = BlockProposal::verify_blocks(signed(RESCUER), 2).unwrap();
		assert_eq!(chain().verified_id, ids[1]);
		assert_eq!(info.pays_fee, Pays::No);
		let declared =
			crate::Call::<Test>::verify_blocks { max: 2 }.get_dispatch_info().call_weight;
		assert!(info.actual_weight.unwrap().all_lt(declared));
		let one = BlockProposal::weight_of_verification();
		let base = <Test as Config>::WeightInfo::verify_blocks();
		assert_eq!(info.actual_weight.unwrap(), base.saturating_add(one.saturating_mul(2)));
		// An absurd wish does not cost more than all that can wait.
		let all = crate::Call::<Test>::verify_blocks { max: u32::MAX }.get_dispatch_info();
		let waiting = MaxUnverifiedBlocks::get();
		let most = crate::Call::<Test>::verify_blocks { max: waiting }.get_dispatch_info();
		assert_eq!(all.call_weight, most.call_weight);
	});
}

#[test]
fn blocks_are_verified_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		// The second is proven, in case the first is skipped.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_for(Cooldown::get() + 1);
		assert_eq!(verify_error(), Error::NothingToVerify.into());
		assert_eq!(chain().head, ids[0]);
	});
}

#[test]
fn the_earliest_proof_on_the_verified_hash_counts() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		assert_ok!(prove(VANDALS[0], ids[0], GENESIS));
		// Earliest of all, but on another parent.
		assert_ok!(prove(VANDALS[1], ids[1], GENESIS));
		next_block();
		assert_ok!(prove(VANDALS[2], ids[1], first));
		assert_ok!(prove(VANDALS[3], ids[1], first));
		cool_down_and_verify();
		let provers = events().into_iter().filter_map(|event| match event {
			Event::BlockVerified { prover, .. } => Some(prover),
			_ => None,
		});
		assert_eq!(provers.collect::<Vec<_>>(), [VANDALS[0], VANDALS[2]]);
	});
}

#[test]
fn a_later_proof_does_not_overtake_one_that_cools_down() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		assert_ok!(prove(VANDALS[0], id, GENESIS));
		next_block();
		assert_ok!(prove(VANDALS[1], id, GENESIS));
		run_for(Cooldown::get() - 2);
		assert_eq!(verify_error(), Error::NothingToVerify.into());
		next_block();
		verify();
		assert_eq!(chain().verified_hash, hash_on(id, GENESIS));
	});
}

#[test]
fn idle_blocks_verify_by_themselves() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let mut parent = GENESIS;
		for id in &ids {
			assert_ok!(prove(ASSIGNED, *id, parent));
			parent = hash_on(*id, parent);
		}
		IdleWeight::set(Weight::MAX);
		run_for(Cooldown::get());
		assert_eq!(chain().verified_id, 0);
		next_block();
		assert_eq!((chain().verified_id, chain().verified_hash), (ids[2], parent));
	});
}

#[test]
fn idle_verification_stays_within_the_weight_left() {
	use frame_support::traits::Hooks;
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(3);
		let mut parent = GENESIS;
		for id in &ids {
			assert_ok!(prove(ASSIGNED, *id, parent));
			parent = hash_on(*id, parent);
		}
		run_for(Cooldown::get());
		let look = <Test as Config>::WeightInfo::verify_blocks();
		let one = BlockProposal::weight_of_verification();
		let windows = <Test as Config>::WeightInfo::restart_windows;
		// Not even a look.
		let little = look - Weight::from_parts(1, 0);
		assert_eq!(BlockProposal::on_idle(0, little), Weight::zero());
		// A look, and a verification but for the worst that may come of it: two other blocks.
		let worst = look.saturating_add(one).saturating_add(windows(2));
		assert_eq!(BlockProposal::on_idle(0, worst - Weight::from_parts(1, 0)), look);
		assert_eq!(chain().verified_id, 0);
		assert_eq!(BlockProposal::on_idle(0, worst), look.saturating_add(one));
		assert_eq!(chain().verified_id, ids[0]);
		// Enough for both others.
		assert_eq!(
			BlockProposal::on_idle(0, Weight::MAX),
			look.saturating_add(one.saturating_mul(2))
		);
		assert_eq!(chain().verified_hash, parent);
	});
}

#[test]
fn nothing_is_verified_on_an_empty_rollup() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(verify_error(), Error::NothingToVerify.into());
		propose();
		assert_eq!(verify_error(), Error::NothingToVerify.into());
		assert_eq!(chain().verified_hash, GENESIS);
	});
}

#[test]
fn verified_ids_are_gone() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		cool_down_and_verify();
		assert_noop!(prove(ASSIGNED, id, GENESIS), Error::UnknownBlock);
		assert_noop!(
			BlockProposal::skip_block(signed(RESCUER), id).map_err(|e| e.error),
			Error::UnknownBlock
		);
		let dispute =
			BlockProposal::dispute_proof(RuntimeOrigin::root(), id, H256::zero(), ASSIGNED);
		assert_noop!(dispute.map_err(|e| e.error), Error::UnknownBlock);
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id), Error::UnknownBlock);
	});
}
