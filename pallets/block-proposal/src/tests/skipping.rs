//! Life 6: giving up the head, so that no block stops the chain or locks stakes.

use frame_support::{assert_noop, assert_ok};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

#[test]
fn a_block_is_skipped_after_its_expiry_and_not_before() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_noop!(skip(BENEFICIARY, 0), Error::UnknownBlock);
		assert_noop!(skip(BENEFICIARY, id + 1), Error::UnknownBlock);
		run_to(deadline(id) + ExpiryPeriod::get());
		assert_noop!(skip(BENEFICIARY, id), Error::NotExpired);
		next_block();
		assert_noop!(BlockProposal::skip_block(RuntimeOrigin::none(), id), BadOrigin);
		forget_events();
		assert_ok!(skip(BENEFICIARY, id));
		// The verified hash is unchanged, the id is gone, nothing behind it was cancelled.
		let expected = ChainState {
			next_id: 2,
			head: 2,
			head_since: now(),
			..ChainState::starting_from(GENESIS)
		};
		assert_eq!(chain(), expected);
		assert_eq!(Blocks::<Test>::iter().count(), 0);
		assert_eq!(
			events(),
			[Event::BlockSkipped { block_id: id, returned: 200_000, forfeited: 400_000 }]
		);
		assert_noop!(skip(BENEFICIARY, id), Error::UnknownBlock);
	});
}

#[test]
fn an_open_block_expires_from_its_opening() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		run_for(ExpiryPeriod::get());
		assert_noop!(skip(BENEFICIARY, id), Error::NotExpired);
		next_block();
		assert_ok!(skip(BENEFICIARY, id));
		assert_eq!(chain().open, 0);
	});
}

#[test]
fn a_pending_block_is_expired_first() {
	ExtBuilder::default().with(|| Seed::set(None)).build_and_execute(|| {
		let id = propose();
		run_for(1_000);
		assert_noop!(skip(BENEFICIARY, id), Error::StillPending);
		assert_ok!(BlockProposal::expire_request(signed(RESCUER), id));
		assert_noop!(skip(BENEFICIARY, id), Error::NotExpired);
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(skip(BENEFICIARY, id));
	});
}

#[test]
fn only_the_head_is_skipped() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		run_for(100);
		assert_noop!(skip(BENEFICIARY, ids[1]), Error::NotHead);
	});
}

#[test]
fn a_block_with_a_claim_on_the_verified_hash_is_not_skipped() {
	for by in [ASSIGNED, RESCUER] {
		ExtBuilder::default().build_and_execute(|| {
			let id = assigned_block();
			if by == RESCUER {
				run_for(100);
			}
			assert_ok!(prove(by, id));
			run_for(100);
			assert_noop!(skip(BENEFICIARY, id), Error::HasClaim);
			verify();
			assert_eq!(chain().verified_id, id);
		});
	}
}

#[test]
fn a_claim_on_another_parent_saves_neither_block_nor_prover() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove_on(ASSIGNED, id, H256::zero()));
		let_expire_and_skip(id);
		assert_eq!(slashes(), [(1_600_000, Fault::Skipped)]);
	});
}

#[test]
fn a_removed_claim_is_the_fault_at_a_skip_too() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id));
		assert_ok!(dispute(id, execution(id, GENESIS)));
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(skip(BENEFICIARY, id));
		assert_eq!(slashes(), [(1_600_000, Fault::RemovedProof)]);
	});
}

#[test]
fn bonds_on_a_skipped_block_go_back() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = open_block();
		let before = balances();
		assert_ok!(prove_on(VANDALS[0], id, H256::zero()));
		assert_ok!(prove_on(VANDALS[1], id, H256::repeat_byte(1)));
		let_expire_and_skip(id);
		let left = Leftover { claims: 2, bonds_forfeited: false };
		assert_eq!(Leftovers::<Test>::get(id), Some(left));
		assert_ok!(clear(id));
		for vandal in &VANDALS[..2] {
			assert_eq!(gain(&before, *vandal), 0);
			assert_eq!(held(HoldReason::ProofBond, *vandal), 0);
		}
	});
}

#[test]
fn the_prover_of_a_skipped_block_is_closed_and_its_capacity_returns() {
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 1)]).build_and_execute(|| {
		let id = assigned_block();
		let_expire_and_skip(id);
		assert!(pallet_prover_pool::Assignments::<Test>::get(id).is_none());
		assigned_block();
	});
}

#[test]
fn a_new_head_has_time_though_it_expired_long_ago() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(RESCUER, ids[0]));
		run_for(50);
		verify();
		for _ in 0..MinProofWindow::get() {
			assert_noop!(skip(BENEFICIARY, ids[1]), Error::NotExpired);
			next_block();
		}
		assert_noop!(skip(BENEFICIARY, ids[1]), Error::NotExpired);
		next_block();
		assert_ok!(skip(BENEFICIARY, ids[1]));
	});
}
