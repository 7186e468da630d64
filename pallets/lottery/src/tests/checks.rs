//! Every check of I6 fails on a state that it is there to find.

use super::{candidate, fill, in_session, Members};
use crate::{mock::*, Bitmap, LotteryState, Nodes, Pages, State};
use prover_pool_primitives::Selection;

/// A pool with nodes below the top one and two pages, one of them full.
fn sample() -> Members {
	let mut members = fill(100);
	in_session(|session| {
		for slot in 101..=1_030 {
			Selection::<Balance>::occupy(session, slot);
			members.0.insert(slot, None);
		}
	});
	members
}

/// Expects that a check fails after `damage`.
fn fails(reason: &str, damage: impl FnOnce(&mut Members)) {
	ExtBuilder::default().max_provers(1_100).build().execute_with(|| {
		let mut members = sample();
		assert_eq!(members.check(&Lottery::read()), Ok(()));
		damage(&mut members);
		assert_eq!(members.check(&Lottery::read()), Err(reason));
	});
}

fn damage_state(damage: impl FnOnce(&mut LotteryState)) {
	let mut state = State::<Test>::get().unwrap();
	damage(&mut state);
	State::<Test>::put(state);
}

#[test]
fn the_index() {
	fails("a node is missing or on a wrong level", |_| {
		let id = Nodes::<Test>::iter_keys().next().unwrap();
		Nodes::<Test>::remove(id);
	});
	fails("some nodes are out of reach", |_| {
		let node = Nodes::<Test>::iter_values().next().unwrap();
		Nodes::<Test>::insert(u64::MAX, node);
	});
	fails("the stored number of entries is wrong", |_| damage_state(|state| state.root.len += 1));
}

#[test]
fn the_pages() {
	fails("I6: a page of slots is stored beyond the last one", |_| {
		let mut page = Bitmap::default();
		page.set(0, true);
		Pages::<Test>::insert(2, page);
	});
	fails("I6: a page of slots is stored beyond the last one", |_| {
		Pages::<Test>::insert(0, Bitmap::default())
	});
	fails("I6: a full page of slots is not marked as full, or another one is", |_| {
		damage_state(|state| state.full_pages.set(0, false))
	});
	fails("I6: a full page of slots is not marked as full, or another one is", |_| {
		damage_state(|state| state.full_pages.set(700, true))
	});
	fails("I6: a page of slots is stored and has no occupied slot", |_| {
		Pages::<Test>::insert(1, Bitmap::default())
	});
	fails("I6: a page of slots cannot be decoded", |_| {
		frame_support::storage::unhashed::put_raw(&Pages::<Test>::hashed_key_for(1), &[7])
	});
}

#[test]
fn slots_and_members() {
	let slots = "I6: the occupied slots are not those of the members";
	fails(slots, |members| _ = members.0.remove(&500));
	fails(slots, |members| _ = members.0.insert(1_050, None));
	fails("I6: an entry has no occupied slot of its own", |_| {
		in_session(|session| Selection::<Balance>::vacate(session, 50))
	});
	fails("I6: an entry has no occupied slot of its own", |_| {
		in_session(|session| session.update(50, None, Some(candidate(1, 1, 1))))
	});
	ExtBuilder::default().build_and_execute(|| {
		let members = fill(2);
		let twice = members.0.clone().into_iter().chain([(2, None)]);
		assert_eq!(Lottery::read().check(twice), Err("I6: two members have one slot"));
	});
}

#[test]
fn entries_and_candidates() {
	let entries = "I6: the entries are not those of the candidates";
	fails(entries, |members| _ = members.0.insert(50, None));
	fails(entries, |members| _ = members.0.insert(500, Some(candidate(1, 1, 1))));
	type Change = fn(&mut Candidate);
	let changes: [Change; 3] = [
		|candidate| candidate.stake += 1,
		|candidate| candidate.reward_per_gas += 1,
		|candidate| candidate.paused = true,
	];
	for change in changes {
		fails(entries, |members| {
			let candidate = members.0.get_mut(&50).unwrap();
			candidate.as_mut().map(change).unwrap();
		});
	}
}

#[test]
fn sums() {
	let capacity = "I6: the sum of free capacity is not that of the candidates";
	fails(capacity, |_| damage_state(|state| state.free_capacity += 1));
	fails(capacity, |members| {
		let candidate = members.0.get_mut(&50).unwrap();
		candidate.as_mut().unwrap().free_capacity += 1;
	});
	let stakes = "I6: the sums of stakes are not those of the candidates";
	fails(stakes, |_| damage_state(|state| state.listed_stake.total += 1));
	fails(stakes, |_| damage_state(|state| state.listed_stake.paused += 1));
}
