//! Insertion, removal and update: worked out first, then written at once.
//!
//! Every node on the way is read once, and every node that changes is written once. Nothing is written
//! before all has succeeded, so that a refusal changes nothing.

use alloc::vec::Vec;
use sp_core::{bounded::BoundedVec, Get};

use crate::{
	min_fill,
	node::{child_for, Item},
	reader::Load,
	Child, Entry, Error, Key, Node, NodeId, Nodes, Root, MAX_ENTRIES,
};

/// A node's record, and that of the new node to its right, if it was split.
type Split = (Child, Option<Child>);

/// The entry removed from a node, and what is left of the node.
type Removed<W> = (Entry, Node<W>);

/// What one operation is about to write.
pub(crate) struct Changes<'a, S: Nodes> {
	nodes: &'a S,
	changed: Changed<S::Width>,
}

/// What one operation writes.
pub(crate) struct Changed<W: Get<u32>> {
	before: Root,
	root: Root,
	/// Every id occurs once; `None`: the node is removed.
	nodes: Vec<(NodeId, Option<Node<W>>)>,
}

impl<W: Get<u32>> Changed<W> {
	/// Writes it all.
	pub(crate) fn write(self, nodes: &mut impl Nodes<Width = W>) {
		for (id, node) in self.nodes {
			match node {
				Some(node) => nodes.put(id, node),
				None => nodes.remove(id),
			}
		}
		if self.root != self.before {
			nodes.set_root(self.root);
		}
	}
}

impl<'a, S: Nodes> Changes<'a, S> {
	pub(crate) fn new(nodes: &'a S) -> Self {
		let root = nodes.root();
		Self { nodes, changed: Changed { before: root, root, nodes: Vec::new() } }
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
				(first, None) => (first, height),
				(first, Some(second)) => (self.create(Vec::from([first, second]))?, height + 1),
			},
		};
		let root = &mut self.changed.root;
		*root = Root { node: Some(top.id), height, len: len + 1, ..*root };
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
			// A root with one child has nothing to decide.
			Node::Inner(children) if children.len() == 1 => {
				self.discard(id);
				(children.first().map(|child| child.id), height.saturating_sub(1))
			},
			rest => (Some(self.store_node(id, rest)?.id), height),
		};
		let root = &mut self.changed.root;
		*root = Root { node, height, len: len.checked_sub(1).ok_or(Error::Corrupt)?, ..*root };
		Ok(Some(entry))
	}

	pub(crate) fn update(&mut self, entry: Entry) -> Result<Option<Entry>, Error> {
		let Root { node, height, .. } = self.changed.root;
		let Some(id) = node else { return Ok(None) };
		Ok(self.update_below(id, height, entry)?.map(|(replaced, _)| replaced))
	}

	fn insert_below(&mut self, id: NodeId, level: u32, entry: Entry) -> Result<Split, Error> {
		match self.nodes.load(id, level)? {
			Node::Leaf(entries) => match find(&entries, entry.key) {
				Ok(_) => Err(Error::Exists),
				Err(at) => self.store_with(id, entries, at, entry),
			},
			Node::Inner(mut children) => {
				let at = child_for(&children, entry.key);
				let child = children.get_mut(at).ok_or(Error::Corrupt)?;
				let (first, second) = self.insert_below(child.id, level - 1, entry)?;
				*child = first;
				match second {
					Some(second) => self.store_with(id, children, at + 1, second),
					None => Ok((self.store(id, children)?, None)),
				}
			},
		}
	}

	/// Does not store what is left of the node: whoever called does, or joins it with another.
	fn remove_below(
		&mut self,
		id: NodeId,
		level: u32,
		key: Key,
	) -> Result<Option<Removed<S::Width>>, Error> {
		match self.nodes.load(id, level)? {
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
					*child = self.store_node(child.id, rest)?;
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
	) -> Result<Option<(Entry, Child)>, Error> {
		match self.nodes.load(id, level)? {
			Node::Leaf(mut entries) => {
				let Some(found) = find(&entries, entry.key).ok().and_then(|at| entries.get_mut(at))
				else {
					return Ok(None);
				};
				let replaced = core::mem::replace(found, entry);
				Ok(Some((replaced, self.store(id, entries)?)))
			},
			Node::Inner(mut children) => {
				let at = child_for(&children, entry.key);
				let child = children.get_mut(at).ok_or(Error::Corrupt)?;
				let Some((replaced, updated)) = self.update_below(child.id, level - 1, entry)?
				else {
					return Ok(None);
				};
				*child = updated;
				Ok(Some((replaced, self.store(id, children)?)))
			},
		}
	}

	/// Joins what is left of the child `at` with its left neighbour, or, for the first child, its right
	/// one: into one node if that holds both, else into two of equal size.
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
			(rest, self.nodes.load(ids.1, level)?)
		} else {
			(self.nodes.load(ids.0, level)?, rest)
		};
		let (first, second) = match (first, second) {
			(Node::Leaf(first), Node::Leaf(second)) => self.store_joined(ids, first, second)?,
			(Node::Inner(first), Node::Inner(second)) => self.store_joined(ids, first, second)?,
			_ => return Err(Error::Corrupt),
		};
		children[left] = first;
		match second {
			Some(second) => children[left + 1] = second,
			None => _ = children.remove(left + 1),
		}
		Ok(())
	}

	fn store_joined<T: Item>(
		&mut self,
		ids: (NodeId, NodeId),
		first: BoundedVec<T, S::Width>,
		second: BoundedVec<T, S::Width>,
	) -> Result<Split, Error> {
		let mut items = first.into_inner();
		items.extend(second);
		if items.len() <= S::Width::get() as usize {
			self.discard(ids.1);
			return Ok((self.store_vec(ids.0, items)?, None));
		}
		let second = items.split_off(items.len() / 2);
		Ok((self.store_vec(ids.0, items)?, Some(self.store_vec(ids.1, second)?)))
	}

	/// Stores a node with one more item, in two if it is full.
	///
	/// An item at one of the ends may be one of many that come in order. The new ones then go on in a
	/// node of the least fill, and those left behind are two thirds full.
	fn store_with<T: Item>(
		&mut self,
		id: NodeId,
		items: BoundedVec<T, S::Width>,
		at: usize,
		item: T,
	) -> Result<Split, Error> {
		let least = min_fill(S::Width::get()) as usize;
		let mut items = items.into_inner();
		let last = items.len();
		items.insert(at, item);
		if items.len() <= S::Width::get() as usize {
			return Ok((self.store_vec(id, items)?, None));
		}
		let middle = match at {
			0 => least,
			at if at == last => items.len().saturating_sub(least),
			_ => items.len() / 2,
		};
		let second = items.split_off(middle);
		Ok((self.store_vec(id, items)?, Some(self.create(second)?)))
	}

	fn create<T: Item>(&mut self, items: Vec<T>) -> Result<Child, Error> {
		let id = self.changed.root.next_id;
		self.changed.root.next_id = id.checked_add(1).ok_or(Error::Full)?;
		self.store_vec(id, items)
	}

	fn store_vec<T: Item>(&mut self, id: NodeId, items: Vec<T>) -> Result<Child, Error> {
		self.store(id, BoundedVec::try_from(items).map_err(|_| Error::Corrupt)?)
	}

	fn store_node(&mut self, id: NodeId, node: Node<S::Width>) -> Result<Child, Error> {
		match node {
			Node::Leaf(entries) => self.store(id, entries),
			Node::Inner(children) => self.store(id, children),
		}
	}

	fn store<T: Item>(
		&mut self,
		id: NodeId,
		items: BoundedVec<T, S::Width>,
	) -> Result<Child, Error> {
		let child = Child::over(id, &items)?;
		self.changed.nodes.push((id, Some(T::node(items))));
		Ok(child)
	}

	fn discard(&mut self, id: NodeId) {
		self.changed.nodes.push((id, None));
	}
}

/// Where the entry with this key is, or would be.
fn find(entries: &[Entry], key: Key) -> Result<usize, usize> {
	entries.binary_search_by_key(&key, |entry| entry.key)
}
