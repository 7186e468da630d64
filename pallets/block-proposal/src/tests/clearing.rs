//! Life 4: the claims that are left of a settled block.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
	traits::Hooks,
	weights::Weight,
};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

/// A verified block of which claims on `count` wrong parents are left.
fn with_leftovers(count: u8) -> u64 {
	let id = open_block();
	for byte in 0..count {
		assert_ok!(prove_on(VANDALS[0], id, H256::repeat_byte(byte)));
	}
	assert_ok!(prove(RESCUER, id));
	cool_down_and_verify();
	assert_eq!(chain().verified_id, id);
	id
}

fn clear(id: u64, max: u32) -> sp_runtime::DispatchResult {
	plain(BlockProposal::clear_claims(signed(BENEFICIARY), id, max))
}

fn left(id: u64) -> u32 {
	Leftovers::<Test>::get(id).map_or(0, |left| left.claims)
}

#[test]
fn any_account_clears_them_parent_by_parent() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = with_leftovers(5);
		let stored = Leftover { claims: 5, bonds_forfeited: true };
		assert_eq!(Leftovers::<Test>::get(id), Some(stored));
		assert_eq!(held(HoldReason::ProofBond, VANDALS[0]), 25_000);
		forget_events();
		assert_ok!(clear(id, 2));
		let settled =
			Event::BondSettled { block_id: id, prover: VANDALS[0], returned: 0, forfeited: 5_000 };
		assert_eq!(events(), [settled.clone(), settled]);
		assert_eq!(left(id), 3);
		assert_ok!(clear(id, 99));
		assert!(
			Claims::<Test>::iter().next().is_none() && Leftovers::<Test>::iter().next().is_none()
		);
		assert_noop!(clear(id, 99), Error::NothingToClear);
	});
}

#[test]
fn there_is_nothing_to_clear_of_other_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = with_leftovers(1);
		let waiting = open_block();
		assert_ok!(prove(RESCUER, waiting));
		for other in [0, waiting, waiting + 1] {
			assert_noop!(clear(other, 9), Error::NothingToClear);
		}
		assert_noop!(clear(id, 0), Error::NothingToClear);
		let unsigned = BlockProposal::clear_claims(RuntimeOrigin::none(), id, 1);
		assert_noop!(plain(unsigned), BadOrigin);
	});
}

#[test]
fn a_block_without_wrong_claims_leaves_nothing() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		with_leftovers(0);
		assert!(Leftovers::<Test>::iter().next().is_none());
	});
}

#[test]
fn clearing_is_free_and_refunds_what_it_did_not_do() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = with_leftovers(3);
		let info = BlockProposal::clear_claims(signed(BENEFICIARY), id, 100).unwrap();
		assert_eq!(info.pays_fee, Pays::No);
		let used = BlockProposal::weight_of_clear(0) + BlockProposal::weight_of_clearing(1) * 3;
		assert_eq!(info.actual_weight, Some(used));
		let call = crate::Call::<Test>::clear_claims { block_id: id, max: 3 };
		assert!(used.all_lte(call.get_dispatch_info().call_weight));
		let refused = BlockProposal::clear_claims(signed(BENEFICIARY), id, 1).unwrap_err();
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
	});
}

#[test]
fn the_hook_clears_with_the_weight_left_over_several_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = [with_leftovers(3), with_leftovers(3)];
		let some =
			BlockProposal::weight_of_look() + one_read() + BlockProposal::weight_of_clear(1) * 2;
		let used = BlockProposal::on_idle(0, some);
		assert!(used.all_lte(some));
		let cleared = 6 - left(ids[0]) - left(ids[1]);
		assert!((2..6).contains(&cleared), "{cleared}");
		BlockProposal::on_idle(0, Weight::MAX);
		assert_eq!((left(ids[0]), left(ids[1])), (0, 0));
		// Nothing is left: one look each.
		let expected = BlockProposal::weight_of_look() + one_read();
		assert_eq!(BlockProposal::on_idle(0, Weight::MAX), expected);
	});
}

#[test]
fn verification_does_not_wait_for_it() {
	ExtBuilder::default().empty_pool().with(|| ProofBond::set(1)).build_and_execute(|| {
		let id = open_block();
		for number in 0..200 {
			assert_ok!(prove_on(VANDALS[0], id, H256::from_low_u64_be(number)));
		}
		assert_ok!(prove(RESCUER, id));
		run_for(Cooldown::get());
		let info = BlockProposal::verify_blocks(signed(RESCUER), 1).unwrap();
		let step = BlockProposal::weight_of_look() * 2 + BlockProposal::weight_of_verification();
		assert_eq!(info.actual_weight, Some(step));
		assert_eq!(chain().verified_id, id);
		BlockProposal::on_idle(0, Weight::MAX);
		assert_eq!(left(id), 0);
	});
}
