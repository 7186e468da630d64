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

fn wrong_parents(count: u8) -> Vec<H256> {
	(0..count).map(H256::repeat_byte).collect()
}

/// A verified block of which claims on `count` wrong parents are left.
fn with_leftovers(count: u8) -> u64 {
	let id = open_block();
	for parent in wrong_parents(count) {
		assert_ok!(prove_on(VANDALS[0], id, parent));
	}
	assert_ok!(prove(RESCUER, id));
	cool_down_and_verify();
	assert_eq!(chain().verified_id, id);
	id
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
		assert_ok!(clear_on(id, &wrong_parents(2)));
		let settled =
			Event::BondSettled { block_id: id, prover: VANDALS[0], returned: 0, forfeited: 5_000 };
		assert_eq!(events(), [settled.clone(), settled]);
		assert_eq!(left(id), 3);
		assert!(claims_on(id, H256::repeat_byte(1)).is_empty());
		assert_eq!(claims_on(id, H256::repeat_byte(2)).len(), 1);
		assert_ok!(clear_on(id, &wrong_parents(5)[2..]));
		assert!(
			Claims::<Test>::iter().next().is_none() && Leftovers::<Test>::iter().next().is_none()
		);
		assert_noop!(plain(clear_on(id, &wrong_parents(5))), Error::NothingToClear);
	});
}

#[test]
fn there_is_nothing_to_clear_of_other_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = with_leftovers(1);
		let waiting = open_block();
		assert_ok!(prove(RESCUER, waiting));
		let parents = [wrong_parents(1)[0], right_parent(waiting)];
		for other in [0, waiting, waiting + 1] {
			assert_noop!(plain(clear_on(other, &parents)), Error::NothingToClear);
		}
		for parents in [vec![], vec![H256::repeat_byte(9)]] {
			assert_noop!(plain(clear_on(id, &parents)), Error::NothingToClear);
		}
		let unsigned = BlockProposal::clear_claims(RuntimeOrigin::none(), id, Default::default());
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
		let parents = wrong_parents(3);
		let info = clear_on(id, &parents).unwrap();
		assert_eq!(info.pays_fee, Pays::No);
		let used = BlockProposal::weight_of_clear(0) + BlockProposal::weight_of_clearing(1) * 3;
		assert_eq!(info.actual_weight, Some(used));
		let parents = parents.try_into().unwrap();
		let call = crate::Call::<Test>::clear_claims { block_id: id, parents };
		assert!(used.all_lte(call.get_dispatch_info().call_weight));
		let refused = clear_on(id, &wrong_parents(1)).unwrap_err();
		assert_eq!(refused.post_info.pays_fee, Pays::Yes);
	});
}

/// Else a single claim would pay for any number of calls that name what does not exist.
#[test]
fn parents_without_claims_are_paid_for() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let id = with_leftovers(2);
		let (first, second, unknown) =
			(H256::repeat_byte(0), H256::repeat_byte(1), H256::repeat_byte(9));
		let info = clear_on(id, &[first, unknown]).unwrap();
		assert_eq!(info.pays_fee, Pays::Yes);
		let looks = BlockProposal::weight_of_clear(0) + BlockProposal::weight_of_clearing(0);
		assert_eq!(info.actual_weight, Some(looks + BlockProposal::weight_of_clearing(1)));
		assert_eq!(left(id), 1);
		assert_eq!(clear_on(id, &[second, second]).unwrap().pays_fee, Pays::Yes);
		assert_eq!(left(id), 0);
	});
}

/// Each call reads the parents that it names, wherever they are among the block's: 300 calls in one block
/// weigh 300 times one call, and what they cleared does not lengthen the way of the others.
#[test]
fn many_calls_in_one_block_weigh_what_they_clear() {
	ExtBuilder::default().empty_pool().with(|| ProofBond::set(1)).build_and_execute(|| {
		let id = open_block();
		let parents: Vec<_> = (1..=300).map(H256::from_low_u64_be).collect();
		for parent in &parents {
			assert_ok!(prove_on(VANDALS[0], id, *parent));
		}
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		let one = BlockProposal::weight_of_clear(0) + BlockProposal::weight_of_clearing(1);
		for parent in parents.iter().rev() {
			assert!(!claims_on(id, *parent).is_empty());
			let info = clear_on(id, &[*parent]).unwrap();
			assert_eq!((info.actual_weight, info.pays_fee), (Some(one), Pays::No));
			assert!(claims_on(id, *parent).is_empty());
		}
		assert_eq!(left(id), 0);
	});
}

#[test]
fn the_hook_clears_with_the_weight_left_over_several_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = [with_leftovers(3), with_leftovers(3)];
		// With room for two parents, one block and two of its parents are read: three keys are looked for.
		let spare = BlockProposal::weight_of_clearing(MaxForks::get())
			- BlockProposal::weight_of_clearing(1);
		let some = BlockProposal::weight_of_look()
			+ one_read() * 3
			+ BlockProposal::weight_of_clear(0)
			+ BlockProposal::weight_of_clearing(1) * 2
			+ spare;
		let used = BlockProposal::on_idle(0, some);
		assert_eq!(used, some - spare);
		assert_eq!(left(ids[0]) + left(ids[1]), 4);
		// With one unit less it would stop before the second parent.
		let used = BlockProposal::on_idle(0, some - Weight::from_parts(1, 0));
		assert_eq!(used, some - spare - one_read() - BlockProposal::weight_of_clearing(1));
		assert_eq!(left(ids[0]) + left(ids[1]), 3);
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
