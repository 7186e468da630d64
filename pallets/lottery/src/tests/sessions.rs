//! What a session reads and writes, and when.

use prover_pool_primitives::Selection;
use sp_core::U256;

use super::{candidate, fill, in_session, Members};
use crate::{mock::*, Nodes, State};

/// All draws of a block share one read of the state and one write. To count them, the test takes
/// the state out of storage behind the session's back: a second read would find an empty pool, an
/// early write would put it back.
#[test]
fn the_draws_of_a_block_share_one_read_and_one_write() {
	ExtBuilder::default().max_provers(1_024).build_and_execute(|| {
		let mut members = fill(1_024);
		let mut session = Lottery::read();
		let stored = State::<Test>::take().unwrap();
		for draw in 0..16u64 {
			let seed = U256([0, 0, 0, draw << 60]);
			let drawn = Selection::<Balance>::draw(&session, 100, seed).unwrap();
			let before = members.0[&drawn.prover_id].unwrap();
			let free_capacity = before.free_capacity - 1;
			let after = Candidate { free_capacity, ..before };
			members.update(&mut session, drawn.prover_id, Some(after));
			assert!(!State::<Test>::exists());
		}
		let free_capacity = Selection::<Balance>::free_capacity(&session);
		assert_eq!(free_capacity, stored.free_capacity - 16);
		Selection::<Balance>::save(session);
		assert_eq!(State::<Test>::get().unwrap().free_capacity, free_capacity);
		members.check(&Lottery::read()).unwrap();
	});
}

/// The same for nodes: once read, they are not read again.
#[test]
fn a_session_reads_a_node_once() {
	ExtBuilder::default().max_provers(200).build_and_execute(|| {
		fill(200);
		let session = Lottery::read();
		let seed = U256::MAX / 3;
		let draw = || Selection::<Balance>::draw(&session, 100, seed);
		let drawn = draw();
		let nodes: Vec<_> = Nodes::<Test>::drain().collect();
		assert!(drawn.is_ok() && nodes.len() > 2);
		assert_eq!(draw(), drawn);
		for (id, node) in nodes {
			Nodes::<Test>::insert(id, node);
		}
	});
}

#[test]
fn nothing_is_written_without_save() {
	ExtBuilder::default().max_provers(200).build_and_execute(|| {
		let mut members = fill(150);
		let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let mut session = Lottery::read();
		members.leave(&mut session, 9);
		members.enter(&mut session, candidate(5, 5, 5));
		for _ in 0..50 {
			members.enter(&mut session, candidate(5, 5, 5));
		}
		drop(session);
		assert_eq!(sp_io::storage::root(sp_runtime::StateVersion::V1), before);
	});
}

/// A session that has changed nothing writes nothing, nor does an update to the same.
#[test]
fn an_unchanged_session_writes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		in_session(|session| {
			assert!(Selection::<Balance>::draw(session, 100, U256::zero()).is_err());
			let same = Some(candidate(1, 1, 1));
			session.update(1, same, same);
		});
		assert!(!State::<Test>::exists());
	});
}

/// Within one session, levels come and go, and nodes become the top node and cease to be.
#[test]
fn one_session_grows_and_shrinks_the_index() {
	ExtBuilder::default().max_provers(400).build_and_execute(|| {
		let mut members = Members::default();
		for (grow, shrink) in [(300, 290), (90, 40), (300, 0), (40, 399), (400, 400)] {
			in_session(|session| {
				for number in 0..grow {
					if Selection::<Balance>::vacant_slot(session).is_some() {
						members.enter(session, candidate(9, 1 + number * 37 % 90, 1));
					}
				}
				for _ in 0..shrink {
					if let Some(slot) = members.0.keys().nth(members.0.len() / 2).copied() {
						members.leave(session, slot);
					}
				}
			});
			members.check(&Lottery::read()).unwrap();
		}
		assert_eq!(members, Members::default());
		assert_eq!(Nodes::<Test>::iter_keys().count(), 0);
		assert!(State::<Test>::get().unwrap().top_node.is_none());
	});
}
