//! Bounds lowered, widths changed, storage damaged: nothing is lost, and the cause is named.

use codec::Encode;
use frame_support::storage::unhashed;
use prover_pool_primitives::{ListedStake, OpenReason, Ranked, Selection};
use sp_core::U256;
use sp_runtime::StateVersion;

use super::{candidate, fill, in_session, Members};
use crate::{
	mock::*,
	state::{OTHER_WIDTH, UNDECODABLE},
	Nodes, Pages, State, NODE_WIDTH,
};

/// Uses a lottery whose state cannot be used in every way, and checks that storage stays as it is.
fn nothing_happens(members: &Members, reason: &'static str) {
	let before = sp_io::storage::root(StateVersion::V1);
	let mut members = members.clone();
	let mut session = Lottery::read();
	let first = Some(candidate(5_000, 100, 1));
	assert_eq!(Selection::<Balance>::vacant_slot(&session), None);
	assert_eq!(Selection::<Balance>::lowest_ranked(&session), None);
	assert_eq!(Selection::<Balance>::free_capacity(&session), 0);
	assert_eq!(Selection::<Balance>::listed_stake(&session), ListedStake::default());
	assert_eq!(Selection::<Balance>::total_weight(&session, 100), U256::zero());
	assert!(Selection::<Balance>::occupied_slots(&session, 1, 9).is_empty());
	assert_eq!(Selection::<Balance>::draw(&session, 100, U256::zero()), Err(OpenReason::EmptyPool));
	assert_eq!(members.check(&session), Err(reason));
	members.update(&mut session, 1, first);
	members.leave(&mut session, 1);
	Selection::<Balance>::occupy(&mut session, 1);
	session.update(1, None, first);
	Selection::<Balance>::save(session);
	assert_eq!(ProverLottery::do_try_state(), Err(reason));
	assert_eq!(sp_io::storage::root(StateVersion::V1), before);
}

#[test]
fn a_lowered_number_of_slots_loses_nobody() {
	ExtBuilder::default().max_provers(8).build_and_execute(|| {
		let mut members = fill(8);
		MaxProvers::set(4);
		let mut session = Lottery::read();
		assert_eq!(Selection::<Balance>::vacant_slot(&session), None);
		assert_eq!(Selection::<Balance>::occupied_slots(&session, 1, 99).len(), 8);
		members.check(&session).unwrap();
		// Members above the bound are drawn, ranked and updated as before.
		for slot in 1..=7 {
			let candidate = members.0[&slot].unwrap();
			members.update(&mut session, slot, Some(Candidate { paused: true, ..candidate }));
		}
		let drawn = Selection::<Balance>::draw(&session, 100, U256::zero()).unwrap();
		assert_eq!(drawn.prover_id, 8);
		members.update(&mut session, 8, Some(candidate(1, 100, 1)));
		assert_eq!(session.lowest_ranked(), Some(Ranked { prover_id: 8, stake: 1u128 }));
		// No slot above the bound is offered when one becomes vacant, but the lower ones are.
		members.leave(&mut session, 6);
		assert_eq!(Selection::<Balance>::vacant_slot(&session), None);
		members.leave(&mut session, 2);
		assert_eq!(members.enter(&mut session, candidate(9, 9, 9)), 2);
		Selection::<Balance>::save(session);
		members.check(&Lottery::read()).unwrap();
		// Raised again, everything is as before.
		MaxProvers::set(8);
		in_session(|session| assert_eq!(members.enter(session, candidate(9, 9, 9)), 6));
		members.check(&Lottery::read()).unwrap();
	});
}

/// The same over pages.
#[test]
fn a_lowered_number_of_slots_loses_no_page() {
	ExtBuilder::default().max_provers(3_000).build_and_execute(|| {
		let mut members = Members::default();
		in_session(|session| {
			for slot in 1..=3_000 {
				Selection::<Balance>::occupy(session, slot);
				members.0.insert(slot, None);
			}
			assert_eq!(Selection::<Balance>::vacant_slot(session), None);
			members.update(session, 2_900, Some(candidate(5, 100, 1)));
		});
		assert_eq!(Pages::<Test>::iter_keys().count(), 2);
		MaxProvers::set(1_000);
		in_session(|session| {
			assert_eq!(Selection::<Balance>::vacant_slot(session), None);
			assert_eq!(
				Selection::<Balance>::occupied_slots(session, 2_047, 3),
				[2_047, 2_048, 2_049]
			);
			assert_eq!(Selection::<Balance>::occupied_slots(session, 2_999, 9), [2_999, 3_000]);
			let drawn = Selection::<Balance>::draw(session, 100, U256::MAX).unwrap();
			assert_eq!(drawn.prover_id, 2_900);
			members.check(session).unwrap();
			for slot in [2_048, 1_025, 1_001] {
				members.leave(session, slot);
				assert_eq!(Selection::<Balance>::vacant_slot(session), None);
			}
			members.leave(session, 1_000);
			assert_eq!(Selection::<Balance>::vacant_slot(session), Some(1_000));
			session.occupy_again(1_000, &mut members);
		});
		members.check(&Lottery::read()).unwrap();
		MaxProvers::set(3_000);
		assert_eq!(Selection::<Balance>::vacant_slot(&Lottery::read()), Some(1_001));
		// A page without an occupied slot is not stored.
		in_session(|session| {
			for slot in 2_049..=3_000 {
				members.leave(session, slot);
			}
		});
		assert_eq!(Pages::<Test>::iter_keys().collect::<Vec<_>>(), [1]);
		members.check(&Lottery::read()).unwrap();
	});
}

impl Lottery {
	fn occupy_again(&mut self, slot: u32, members: &mut Members) {
		Selection::<Balance>::occupy(self, slot);
		members.0.insert(slot, None);
	}
}

/// A price band without the fee: draws go on, and the check of parameters names it.
#[test]
fn a_lowered_ceiling_loses_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let members = fill(4);
		PriceCeilingPercent::set(50);
		let session = Lottery::read();
		let drawn = Selection::<Balance>::draw(&session, 100, U256::MAX).unwrap();
		assert_eq!(drawn.reward_per_gas, 50);
		members.check(&session).unwrap();
	});
}

#[test]
fn a_state_of_another_width_is_left_alone() {
	for count in [3, 200] {
		ExtBuilder::default().max_provers(200).build().execute_with(|| {
			let members = fill(count);
			let mut state = State::<Test>::get().unwrap();
			state.root.width = NODE_WIDTH / 2;
			State::<Test>::put(&state);
			nothing_happens(&members, OTHER_WIDTH);
			// The constant restored, everything is there.
			state.root.width = NODE_WIDTH;
			State::<Test>::put(&state);
			members.check(&Lottery::read()).unwrap();
		});
	}
}

/// As if the constant was lowered: a top node wider than nodes may be.
#[test]
fn a_state_that_is_too_wide_is_left_alone() {
	ExtBuilder::default().build().execute_with(|| {
		let members = fill(1);
		let state = State::<Test>::get().unwrap();
		let entry = state.top_node.as_ref().unwrap().encode()[2..].to_vec();
		let mut root = state.root;
		root.width = 2 * NODE_WIDTH;
		let items = 2 * NODE_WIDTH;
		// A leaf of 128 entries.
		let mut bytes = (root, Some(0u8), codec::Compact(items)).encode();
		(0..items).for_each(|_| bytes.extend(&entry));
		bytes.extend((state.free_capacity, state.listed_stake, state.last_page).encode());
		bytes.extend((state.first_page, state.full_pages).encode());
		unhashed::put_raw(&State::<Test>::hashed_key(), &bytes);
		nothing_happens(&members, OTHER_WIDTH);
	});
}

#[test]
fn a_state_that_cannot_be_decoded_is_left_alone() {
	ExtBuilder::default().max_provers(200).build().execute_with(|| {
		let members = fill(100);
		let bytes = State::<Test>::get().unwrap().encode();
		for length in [0, 3, 29, 100, bytes.len() - 1] {
			unhashed::put_raw(&State::<Test>::hashed_key(), &bytes[..length]);
			nothing_happens(&members, UNDECODABLE);
		}
		unhashed::put_raw(&State::<Test>::hashed_key(), &bytes);
		members.check(&Lottery::read()).unwrap();
	});
}

#[test]
fn a_page_that_cannot_be_decoded_is_left_alone() {
	ExtBuilder::default().max_provers(1_030).build().execute_with(|| {
		let mut members = fill(1_026);
		let key = Pages::<Test>::hashed_key_for(1);
		unhashed::put_raw(&key, &[1, 2, 3]);
		in_session(|session| {
			assert_eq!(Selection::<Balance>::vacant_slot(session), None);
			members.leave(session, 1_026);
			Selection::<Balance>::occupy(session, 1_027);
		});
		assert_eq!(unhashed::get_raw(&key).unwrap(), [1, 2, 3]);
		assert_eq!(ProverLottery::do_try_state(), Err("I6: a page of slots cannot be decoded"));
	});
}

/// A node that cannot be decoded stays as it is: what needs it fails, and the sums stay those of
/// the index.
#[test]
fn a_node_that_cannot_be_decoded_is_left_alone() {
	ExtBuilder::default().max_provers(200).build().execute_with(|| {
		let members = fill(200);
		let state = State::<Test>::get().unwrap();
		let keys: Vec<_> = Nodes::<Test>::iter_keys().map(Nodes::<Test>::hashed_key_for).collect();
		for key in &keys {
			unhashed::put_raw(key, &[9]);
		}
		in_session(|session| {
			let drawn = Selection::<Balance>::draw(session, 100, U256::zero());
			assert_eq!(drawn, Err(OpenReason::NoFreeCapacity));
			for (slot, before) in members.0.iter().take(2) {
				session.update(*slot, *before, None);
				session.update(*slot, *before, Some(candidate(5, 5, 5)));
			}
		});
		assert!(keys.iter().all(|key| unhashed::get_raw(key).unwrap() == [9]));
		assert!(State::<Test>::get().unwrap() == state);
		assert_eq!(ProverLottery::do_try_state(), Err("a node is missing or on a wrong level"));
	});
}
