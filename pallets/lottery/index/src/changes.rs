//! Insertion, removal and update: computed first, then written at once.
//!
//! Every node on the way is read once, and every node that changes is written once. Nothing is
//! written before everything has succeeded, so that a refusal changes nothing.

use alloc::vec::Vec;
use sp_core::{bounded::BoundedVec, Get};

use crate::{
	min_fill,
	node::{child_for, Item},
	Child, Entry, Error, Key, Node, NodeId, NodeStore, Root, MAX_ENTRIES,
};

/// The entry removed from a node, and the rest of the node.
type Removed<W> = (Entry, Node<W>);

/// The changes of one operation.
pub(crate) struct Changes<'a, S: NodeStore> {
	store: &'a S,
	changed: Changed<S::Width>,
}

/// What one operation writes.
pub(crate) struct Changed<W: Get<u32>> {
	before: Root,
	root: Root,
	/// Every id occurs once. `None`: the node is removed.
	nodes: Vec<(NodeId, Option<Node<W>>)>,
}

impl<W: Get<u32>> Changed<W> {
	/// Writes everything.
	pub(crate) fn write(self, store: &mut impl NodeStore<Width = W>) {
		for (id, node) in self.nodes {
			match node {
				Some(node) => store.put(id, node),
				None => store.remove(id),
			}
		}
		if self.root != self.before {
			store.set_root(self.root);
		}
	}
}

impl<'a, S: NodeStore> Changes<'a, S> {
	/// # Errors
	/// [`Error::OtherWidth`].
	pub(crate) fn new(store: &'a S) -> Result<Self, Error> {
		let root = store.root();
		if !root.has_width(S::Width::get()) {
			return Err(Error::OtherWidth);
		}
		Ok(Self { store, changed: Changed { before: root, root, nodes: Vec::new() } })
	}

	pub(crate) fn finish(self) -> Changed<S::Width> {
		self.changed
	}

	pub(crate) fn insert(&mut self, entry: Entry) -> Result<(), Error> {
		let Root { node, height, len, .. } = self.changed.root;
		if entry.key.price == 0 {
			return Err(Error::ZeroPrice);
		}
		if len >= MAX_ENTRIES {
			return Err(Error::Full);
		}
		let (top, height) = match node {
			None => (self.create(Vec::from([entry]))?, 1),
			Some(id) => match self.insert_below(id, height, entry)? {
				None => (id, height),
				Some(second) => {
					let children = Vec::from([self.record(id)?, self.record(second)?]);
					(self.create(children)?, height + 1)
				},
			},
		};
		self.check_total(top)?;
		let root = &mut self.changed.root;
		*root = Root { width: S::Width::get(), node: Some(top), height, len: len + 1, ..*root };
		Ok(())
	}

	pub(crate) fn remove(&mut self, key: Key) -> Result<Option<Entry>, Error> {
		let Root { node, height, len, .. } = self.changed.root;
		let Some(id) = node else { return Ok(None) };
		let Some((entry, rest)) = self.remove_below(id, height, key)? else { return Ok(None) };
		let (node, height) = match rest {
			Node::Leaf(entries) if entries.is_empty() => {
				self.discard(id);
				(None, 0)
			},
			// A top node with one child is redundant.
			Node::Inner(children) if children.len() == 1 => {
				self.discard(id);
				(children.first().map(|child| child.id), height.saturating_sub(1))
			},
			rest => {
				self.store(id, rest);
				(Some(id), height)
			},
		};
		let root = &mut self.changed.root;
		*root = Root { node, height, len: len.checked_sub(1).ok_or(Error::Corrupt)?, ..*root };
		Ok(Some(entry))
	}

	pub(crate) fn update(&mut self, entry: Entry) -> Result<Option<Entry>, Error> {
		let Root { node, height, .. } = self.changed.root;
		let Some(id) = node else { return Ok(None) };
		let replaced = self.update_below(id, height, entry)?;
		if replaced.is_some() {
			self.check_total(id)?;
		}
		Ok(replaced)
	}

	/// Returns the new node to the right of this one, if it was split.
	fn insert_below(
		&mut self,
		id: NodeId,
		level: u32,
		entry: Entry,
	) -> Result<Option<NodeId>, Error> {
		match self.load(id, level)? {
			Node::Leaf(entries) => match find(&entries, entry.key) {
				Ok(_) => Err(Error::Exists),
				Err(at) => self.store_with(id, entries, at, entry),
			},
			Node::Inner(mut children) => {
				let at = child_for(&children, entry.key);
				let child = children.get_mut(at).ok_or(Error::Corrupt)?;
				match self.insert_below(child.id, level - 1, entry)? {
					Some(second) => {
						*child = self.record(child.id)?;
						let second = self.record(second)?;
						self.store_with(id, children, at + 1, second)
					},
					None => {
						*child = self.record_after(child, None, Some(&entry))?;
						self.store(id, Node::Inner(children));
						Ok(None)
					},
				}
			},
		}
	}

	/// Does not store the rest of the node: the caller stores it, or joins it with another.
	fn remove_below(
		&mut self,
		id: NodeId,
		level: u32,
		key: Key,
	) -> Result<Option<Removed<S::Width>>, Error> {
		match self.load(id, level)? {
			Node::Leaf(mut entries) => Ok(find(&entries, key)
				.ok()
				.map(|at| entries.remove(at))
				.map(|entry| (entry, Node::Leaf(entries)))),
			Node::Inner(mut children) => {
				let at = child_for(&children, key);
				let child = children.get_mut(at).ok_or(Error::Corrupt)?;
				let Some((entry, rest)) = self.remove_below(child.id, level - 1, key)? else {
					return Ok(None);
				};
				if rest.len() < min_fill(S::Width::get()) as usize {
					self.join(&mut children, at, level - 1, rest)?;
				} else {
					self.store(child.id, rest);
					*child = self.record_after(child, Some(&entry), None)?;
				}
				Ok(Some((entry, Node::Inner(children))))
			},
		}
	}

	fn update_below(
		&mut self,
		id: NodeId,
		level: u32,
		entry: Entry,
	) -> Result<Option<Entry>, Error> {
		match self.load(id, level)? {
			Node::Leaf(mut entries) => {
				let Some(found) = find(&entries, entry.key).ok().and_then(|at| entries.get_mut(at))
				else {
					return Ok(None);
				};
				let replaced = core::mem::replace(found, entry);
				self.store(id, Node::Leaf(entries));
				Ok(Some(replaced))
			},
			Node::Inner(mut children) => {
				let at = child_for(&children, entry.key);
				let child = children.get_mut(at).ok_or(Error::Corrupt)?;
				let Some(replaced) = self.update_below(child.id, level - 1, entry)? else {
					return Ok(None);
				};
				*child = self.record_after(child, Some(&replaced), Some(&entry))?;
				self.store(id, Node::Inner(children));
				Ok(Some(replaced))
			},
		}
	}

	/// Joins the rest of the child `at` with its left neighbour, or the first child with its right
	/// one: into one node if one holds both, else into two of equal size.
	fn join(
		&mut self,
		children: &mut BoundedVec<Child, S::Width>,
		at: usize,
		level: u32,
		rest: Node<S::Width>,
	) -> Result<(), Error> {
		let left = at.saturating_sub(1);
		let (Some(first), Some(second)) = (children.get(left), children.get(left + 1)) else {
			return Err(Error::Corrupt);
		};
		let ids = (first.id, second.id);
		let (first, second) = if at == left {
			(rest, self.load(ids.1, level)?)
		} else {
			(self.load(ids.0, level)?, rest)
		};
		let two = match (first, second) {
			(Node::Leaf(first), Node::Leaf(second)) => self.store_joined(ids, first, second)?,
			(Node::Inner(first), Node::Inner(second)) => self.store_joined(ids, first, second)?,
			_ => return Err(Error::Corrupt),
		};
		children[left] = self.record(ids.0)?;
		if two {
			children[left + 1] = self.record(ids.1)?;
		} else {
			children.remove(left + 1);
		}
		Ok(())
	}

	/// Returns whether they are still two nodes.
	fn store_joined<T: Item>(
		&mut self,
		ids: (NodeId, NodeId),
		first: BoundedVec<T, S::Width>,
		second: BoundedVec<T, S::Width>,
	) -> Result<bool, Error> {
		let mut items = first.into_inner();
		items.extend(second);
		let two = items.len() > S::Width::get() as usize;
		if two {
			let second = items.split_off(items.len() / 2);
			self.store_vec(ids.1, second)?;
		} else {
			self.discard(ids.1);
		}
		self.store_vec(ids.0, items)?;
		Ok(two)
	}

	/// Stores a node with one more item, in two if it is full.
	///
	/// An item at one of the ends may be one of many that come in order. The node that receives the
	/// next ones then starts at the least fill, and the other one is two thirds full.
	fn store_with<T: Item>(
		&mut self,
		id: NodeId,
		items: BoundedVec<T, S::Width>,
		at: usize,
		item: T,
	) -> Result<Option<NodeId>, Error> {
		let least = min_fill(S::Width::get()) as usize;
		let mut items = items.into_inner();
		let last = items.len();
		items.insert(at, item);
		if items.len() <= S::Width::get() as usize {
			self.store_vec(id, items)?;
			return Ok(None);
		}
		let middle = match at {
			0 => least,
			at if at == last => items.len().saturating_sub(least),
			_ => items.len() / 2,
		};
		let second = items.split_off(middle);
		self.store_vec(id, items)?;
		self.create(second).map(Some)
	}

	fn create<T: Item>(&mut self, items: Vec<T>) -> Result<NodeId, Error> {
		let id = self.changed.root.next_id;
		self.changed.root.next_id = id.checked_add(1).ok_or(Error::Full)?;
		self.store_vec(id, items)?;
		Ok(id)
	}

	fn store_vec<T: Item>(&mut self, id: NodeId, items: Vec<T>) -> Result<(), Error> {
		let items = BoundedVec::try_from(items).map_err(|_| Error::Corrupt)?;
		self.store(id, T::node(items));
		Ok(())
	}

	fn store(&mut self, id: NodeId, node: Node<S::Width>) {
		self.changed.nodes.push((id, Some(node)));
	}

	/// Returns a parent's record of a node that this operation has stored.
	fn record(&self, id: NodeId) -> Result<Child, Error> {
		match self.stored(id)? {
			Node::Leaf(entries) => Child::of(id, entries),
			Node::Inner(children) => Child::of(id, children),
		}
	}

	/// Returns the same for a node of which the record before is known.
	fn record_after(
		&self,
		before: &Child,
		removed: Option<&Entry>,
		added: Option<&Entry>,
	) -> Result<Child, Error> {
		match self.stored(before.id)? {
			Node::Leaf(entries) => before.replace(entries, removed, added),
			Node::Inner(children) => before.replace(children, removed, added),
		}
	}

	/// Refuses an overflow of the sum of all active stakes, which the top node has.
	fn check_total(&self, top: NodeId) -> Result<(), Error> {
		let total = match self.stored(top)? {
			Node::Leaf(entries) => total_stake(entries),
			Node::Inner(children) => total_stake(children),
		};
		total.map(drop).ok_or(Error::Overflow)
	}

	fn stored(&self, id: NodeId) -> Result<&Node<S::Width>, Error> {
		let mut stored = self.changed.nodes.iter().rev();
		stored
			.find(|(other, _)| *other == id)
			.and_then(|(_, node)| node.as_ref())
			.ok_or(Error::Corrupt)
	}

	fn load(&self, id: NodeId, level: u32) -> Result<Node<S::Width>, Error> {
		self.store.get_to_change(id).filter(|node| node.is_at(level)).ok_or(Error::Corrupt)
	}

	fn discard(&mut self, id: NodeId) {
		self.changed.nodes.push((id, None));
	}
}

/// Returns the position of the entry with this key, or where it belongs.
fn find(entries: &[Entry], key: Key) -> Result<usize, usize> {
	entries.binary_search_by_key(&key, |entry| entry.key)
}

/// Returns the sum of active stakes, or `None` on overflow.
fn total_stake<T: Item>(items: &[T]) -> Option<u128> {
	items.iter().try_fold(0u128, |sum, item| sum.checked_add(item.active_stake()))
}
