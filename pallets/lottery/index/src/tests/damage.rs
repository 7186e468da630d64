//! Refusals and damaged storage: errors, no panic, and nothing written.

use codec::{Decode, Encode};
use sp_core::{ConstU32, U256};
use std::vec::Vec;

use super::{entry, lockstep_of};
use crate::{
	oracle::{Accesses, Lockstep, MemoryStore},
	Child, Entry, Error, Index, Key, Node, NodeId, NodeStore, PriceBand, Root, MAX_ENTRIES,
};

type Width = ConstU32<4>;

fn intact() -> Lockstep<Width> {
	lockstep_of((0..40).map(|id| entry(1 + id, id, 100 + u128::from(id))).collect())
}

#[test]
fn refusals_change_nothing() {
	let mut pair = intact();
	let before = pair.index.store().root();
	let refused = |pair: &mut Lockstep<Width>, entry, error| {
		assert_eq!(pair.index.insert(entry), Err(error));
		assert_eq!(pair.index.store().take_accesses().writes, 0);
		assert_eq!(pair.index.store().root(), before);
	};
	refused(&mut pair, entry(0, 50, 1), Error::ZeroPrice);
	refused(&mut pair, entry(7, 6, 1), Error::Exists);
	refused(&mut pair, entry(7, 50, u128::MAX), Error::Overflow);
	// The same stake is accepted while it is inactive.
	let inactive = Entry { active: false, ..entry(7, 50, u128::MAX) };
	pair.index.insert(inactive).unwrap();
	pair.index.store().reset_accesses();
	assert_eq!(pair.index.update(Entry { active: true, ..inactive }), Err(Error::Overflow));
	assert_eq!(pair.index.store().take_accesses().writes, 0);
	assert!(pair.index.entries().unwrap().contains(&inactive));
	pair.index.remove(inactive.key).unwrap();
	pair.compare_all();

	pair = full();
	assert_eq!(pair.index.insert(entry(7, 50, 1)), Err(Error::Full));
	assert_eq!(pair.index.store().take_accesses().writes, 0);
}

fn full() -> Lockstep<Width> {
	damaged(|root, _| root.len = MAX_ENTRIES)
}

#[test]
fn what_is_not_there() {
	let mut pair = intact();
	let before = pair.index.store().root();
	assert_eq!(pair.index.remove(Key { price: 7, id: 7 }), Ok(None));
	assert_eq!(pair.index.update(entry(7, 7, 5)), Ok(None));
	let band = PriceBand::new(3, 9).unwrap();
	assert_eq!(pair.index.store().root(), before);
	pair.compare_all();

	let empty = Index::new(MemoryStore::<Width>::default());
	assert_eq!(empty.smallest(), Ok(None));
	assert_eq!(empty.draw(band, U256::MAX), Ok(None));
	assert_eq!(empty.totals(band).unwrap().weight(), U256::zero());
	assert_eq!(empty.check(), Ok(()));
}

/// Nodes of another width are neither read nor written, but an index without nodes takes any width.
#[test]
fn another_width_is_refused() {
	let mut pair = damaged(|root, _| root.width = 5);
	let before = pair.index.store().root();
	let key = Key { price: 7, id: 6 };
	let band = PriceBand::new(3, 9).unwrap();
	let results = [
		pair.index.insert(entry(7, 50, 1)).err(),
		pair.index.update(entry(7, 6, 1)).err(),
		pair.index.remove(key).err(),
		pair.index.entries().err(),
		pair.index.smallest().err(),
		pair.index.totals(band).err(),
		pair.index.draw(band, U256::MAX).err(),
	];
	assert_eq!(results, [Some(Error::OtherWidth); 7]);
	assert_eq!(pair.index.store().take_accesses(), Accesses::default());
	assert_eq!(pair.index.store().root(), before);
	assert_eq!(pair.index.check(), Err("the stored nodes have another width"));

	let mut memory = MemoryStore::<Width>::default();
	memory.set_root(Root { width: 5, ..Root::default() });
	let mut index = Index::new(memory);
	assert_eq!(index.insert(entry(7, 6, 1)), Ok(()));
	assert_eq!(index.store().root().width, 4);
	assert_eq!(index.check(), Ok(()));
}

type Stored = alloc::collections::BTreeMap<NodeId, Vec<u8>>;

fn damaged(damage: impl FnOnce(&mut Root, &mut Stored)) -> Lockstep<Width> {
	let mut pair = intact();
	let mut memory =
		core::mem::replace(&mut pair.index, Index::new(MemoryStore::default())).into_store();
	let (root, nodes) = memory.stored();
	damage(root, nodes);
	pair.index = Index::new(memory);
	pair
}

/// Changes the first leaf, or the first inner node, that is not the root.
fn edit(root: &Root, nodes: &mut Stored, leaf: bool, change: impl FnOnce(&mut Node<Width>)) {
	for (id, bytes) in nodes {
		let mut node = Node::decode(&mut &bytes[..]).unwrap();
		if Some(*id) != root.node && matches!(node, Node::Leaf(_)) == leaf {
			change(&mut node);
			*bytes = node.encode();
			return;
		}
	}
}

fn edit_entries(change: impl FnOnce(&mut Vec<Entry>)) -> Lockstep<Width> {
	damaged(|root, nodes| {
		edit(root, nodes, true, |node| {
			let Node::Leaf(entries) = node else { panic!("no leaf") };
			let mut items = entries.to_vec();
			change(&mut items);
			*entries = items.try_into().unwrap();
		})
	})
}

fn edit_children(change: impl FnOnce(&mut Child)) -> Lockstep<Width> {
	damaged(|root, nodes| {
		edit(root, nodes, false, |node| {
			let Node::Inner(children) = node else { panic!("no inner node") };
			change(&mut children[0]);
		})
	})
}

#[test]
fn check_finds_every_damage() {
	let found = |pair: Lockstep<Width>, what: &str| assert_eq!(pair.index.check(), Err(what));
	let record = "a node's record of a child differs from the child";
	assert_eq!(intact().index.check(), Ok(()));
	assert!(intact().index.store().root().height >= 3);

	found(edit_entries(|entries| entries[0].stake += 1), record);
	found(edit_entries(|entries| entries[0].active = false), record);
	found(edit_entries(|entries| entries[0].key.price = 0), "an entry has no price");
	found(edit_entries(|entries| entries.swap(0, 1)), "entries are out of order");
	found(edit_entries(|entries| entries.truncate(1)), "a node has too few items");
	found(edit_children(|child| child.summary.count += 1), record);
	found(edit_children(|child| child.summary.active.weight += U256::one()), record);
	found(edit_children(|child| child.summary.active.stake -= 1), record);
	found(edit_children(|child| child.summary.smallest.id += 1), record);
	found(edit_children(|child| child.least.id += 1), record);
	found(edit_children(|child| child.id = 9_999), "a node has an id that is not in use yet");

	let lost = "a node is missing or on a wrong level";
	found(damaged(|root, nodes| drop(nodes.remove(&root.node.unwrap()))), lost);
	found(damaged(|root, _| root.height += 1), lost);
	found(damaged(|root, _| root.height -= 1), lost);
	found(full(), "the stored number of entries is wrong");
	let height = "the height does not fit the number of entries";
	let stray = "some nodes are out of reach";
	found(damaged(|root, _| *root = Root { node: None, len: 0, ..*root }), height);
	found(damaged(|root, _| *root = Root::default()), stray);
	found(damaged(|_, nodes| drop(nodes.insert(7_777, Vec::new()))), stray);
}

/// Every node missing or replaced by every other: an error or a result, and no panic.
#[test]
fn operations_on_a_damaged_index_fail_quietly() {
	let ids: Vec<_> = intact().index.into_store().stored().1.keys().copied().collect();
	let mut refused = 0;
	for gone in &ids {
		for instead in ids.iter().map(Some).chain([None]) {
			let damage = || {
				damaged(|_, nodes| {
					let other = instead.and_then(|id| nodes.get(id).cloned());
					nodes.remove(gone);
					other.map(|other| nodes.insert(*gone, other));
				})
			};
			for id in [0, 13, 39] {
				let mut index = damage().index;
				let key = Key { price: 1 + id, id };
				let band = PriceBand::new(5, 20).unwrap();
				let results = [
					index.entries().err(),
					index.smallest().err(),
					index.draw(band, U256::MAX / 3).err(),
					index.update(entry(key.price, id, 1)).err(),
					index.insert(entry(key.price, 77, 1)).err(),
					damage().index.remove(key).err(),
				];
				refused += results.iter().flatten().count();
				assert!(results.iter().flatten().all(|error| *error == Error::Corrupt));
				assert!(instead == Some(gone) || index.check().is_err());
			}
		}
	}
	assert!(refused > 1000, "{refused}");
}
