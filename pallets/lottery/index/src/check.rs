//! The conditions that the stored nodes fulfil.

use sp_core::Get;

use crate::{
	max_height, min_fill,
	node::{load, Item},
	Child, Key, Node, NodeId, NodeStore, MAX_ENTRIES,
};

pub(crate) fn check<S: NodeStore>(store: &S) -> Result<(), &'static str> {
	crate::check_width(S::Width::get())?;
	let root = store.root();
	if !root.has_width(S::Width::get()) {
		return Err("the stored nodes have another width");
	}
	let (height, len) = (root.height, root.len);
	let mut walk = Walk { store, next_id: root.next_id, last: None, seen: 0 };
	let count = match root.node {
		None => 0,
		Some(id) => walk.node(id, height, true)?.summary.count,
	};
	if count != len {
		return Err("the stored number of entries is wrong");
	}
	if len > MAX_ENTRIES {
		return Err("the index has too many entries");
	}
	if height > max_height(len, S::Width::get()) || (height == 0) != (len == 0) {
		return Err("the height does not fit the number of entries");
	}
	if store.count().is_some_and(|stored| stored != walk.seen) {
		return Err("some nodes are out of reach");
	}
	Ok(())
}

struct Walk<'a, S> {
	store: &'a S,
	next_id: NodeId,
	/// The greatest key so far.
	last: Option<Key>,
	seen: u64,
}

impl<S: NodeStore> Walk<'_, S> {
	/// Checks a node and everything below it. Returns the record that its parent must have of it.
	fn node(&mut self, id: NodeId, level: u32, top: bool) -> Result<Child, &'static str> {
		self.seen += 1;
		if id >= self.next_id {
			return Err("a node has an id that is not in use yet");
		}
		let node =
			load(self.store, id, level).map_err(|_| "a node is missing or on a wrong level")?;
		let least = match (top, &*node) {
			(false, _) => min_fill(S::Width::get()) as usize,
			(true, Node::Leaf(_)) => 1,
			(true, Node::Inner(_)) => 2,
		};
		if node.len() < least {
			return Err("a node has too few items");
		}
		match &*node {
			Node::Leaf(entries) => {
				for entry in entries {
					if entry.key.price == 0 {
						return Err("an entry has no price");
					}
					if self.last.is_some_and(|last| last >= entry.key) {
						return Err("entries are out of order");
					}
					self.last = Some(entry.key);
				}
				record(id, entries)
			},
			Node::Inner(children) => {
				for child in children {
					if self.node(child.id, level - 1, false)? != *child {
						return Err("a node's record of a child differs from the child");
					}
				}
				record(id, children)
			},
		}
	}
}

fn record<T: Item>(id: NodeId, items: &[T]) -> Result<Child, &'static str> {
	Child::of(id, items).map_err(|_| "a sum overflows")
}
