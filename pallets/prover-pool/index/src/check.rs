//! What must be true of the stored nodes.

use sp_core::Get;

use crate::{
	max_height, min_fill, node::Item, reader::Load, Child, Key, Node, NodeId, Nodes, Root,
	MAX_ENTRIES,
};

pub(crate) fn check<S: Nodes>(nodes: &S) -> Result<(), &'static str> {
	crate::check_width(S::Width::get())?;
	let Root { node, next_id, height, len } = nodes.root();
	let mut walk = Walk { nodes, next_id, last: None, seen: 0 };
	let count = match node {
		None => 0,
		Some(id) => walk.node(id, height, true)?.summary.count,
	};
	if count != len {
		return Err("the number of entries is not what is stored");
	}
	if len > MAX_ENTRIES {
		return Err("there are more entries than an index may have");
	}
	if height > max_height(len, S::Width::get()) || (height == 0) != (len == 0) {
		return Err("the height is not that of an index with so many entries");
	}
	if nodes.count().is_some_and(|stored| stored != walk.seen) {
		return Err("some nodes are out of reach");
	}
	Ok(())
}

struct Walk<'a, S> {
	nodes: &'a S,
	next_id: NodeId,
	/// The greatest key so far.
	last: Option<Key>,
	seen: u64,
}

impl<S: Nodes> Walk<'_, S> {
	/// Checks a node and everything below it, and gives what its parent must say about it.
	fn node(&mut self, id: NodeId, level: u32, top: bool) -> Result<Child, &'static str> {
		self.seen += 1;
		if id >= self.next_id {
			return Err("a node has an id that was not given yet");
		}
		let node =
			self.nodes.load(id, level).map_err(|_| "a node is missing or on a wrong level")?;
		let least = match (top, &node) {
			(false, _) => min_fill(S::Width::get()) as usize,
			(true, Node::Leaf(_)) => 1,
			(true, Node::Inner(_)) => 2,
		};
		if node.len() < least {
			return Err("a node has too few items");
		}
		match node {
			Node::Leaf(entries) => {
				for entry in &entries {
					if entry.key.price == 0 {
						return Err("an entry has no price");
					}
					if self.last.is_some_and(|last| last >= entry.key) {
						return Err("entries are out of order");
					}
					self.last = Some(entry.key);
				}
				over(id, &entries)
			},
			Node::Inner(children) => {
				for child in &children {
					if self.node(child.id, level - 1, false)? != *child {
						return Err("a node's record of a child is not what the child has");
					}
				}
				over(id, &children)
			},
		}
	}
}

fn over<T: Item>(id: NodeId, items: &[T]) -> Result<Child, &'static str> {
	Child::over(id, items).map_err(|_| "a sum is more than can be written")
}
