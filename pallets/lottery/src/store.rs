//! The nodes of the index in one session.

use alloc::{collections::BTreeMap, rc::Rc};
use core::{cell::RefCell, marker::PhantomData};
use frame_support::traits::ConstU32;
use prover_lottery_index::{NodeId, NodeStore, Root};

use crate::{Config, Node, Nodes, State, NODE_WIDTH};

/// The top node from the state, all others from [`Nodes`]. Each is read once in a session. Changes
/// are written by [`CachedNodes::save`], because only then the top node is known.
pub(crate) struct CachedNodes<T> {
	/// The root as stored.
	opened: Root,
	/// The top node as stored, until an operation takes it.
	top_node: RefCell<Option<Rc<Node>>>,
	root: Root,
	/// The nodes that were read.
	read: RefCell<BTreeMap<NodeId, Rc<Node>>>,
	/// The nodes that were changed. `None`: removed.
	changed: BTreeMap<NodeId, Option<Rc<Node>>>,
	config: PhantomData<T>,
}

impl<T: Config> CachedNodes<T> {
	pub(crate) fn open(root: Root, top_node: Option<Node>) -> Self {
		Self {
			opened: root,
			top_node: RefCell::new(top_node.map(Rc::new)),
			root,
			read: RefCell::default(),
			changed: BTreeMap::new(),
			config: PhantomData,
		}
	}

	/// Writes the changed nodes. Returns the root and the top node, which belong to the state.
	pub(crate) fn save(mut self) -> (Root, Option<Node>) {
		let Root { node: old, next_id, .. } = self.opened;
		let is_stored = |id: NodeId| id < next_id && old != Some(id);
		let top_node = self.root.node.and_then(|id| {
			let node = self.get(id);
			self.changed.remove(&id);
			// The new top node may have been below until now.
			if is_stored(id) {
				Nodes::<T>::remove(id);
			}
			node
		});
		for (id, node) in self.changed {
			match node {
				Some(node) => Nodes::<T>::insert(id, &*node),
				None if is_stored(id) => Nodes::<T>::remove(id),
				// Created and removed in this session, or the top node until now.
				None => {},
			}
		}
		(self.root, top_node.map(Rc::unwrap_or_clone))
	}
}

impl<T: Config> NodeStore for CachedNodes<T> {
	type Width = ConstU32<NODE_WIDTH>;

	fn root(&self) -> Root {
		self.root
	}

	fn set_root(&mut self, root: Root) {
		self.root = root;
	}

	fn get(&self, id: NodeId) -> Option<Rc<Node>> {
		if let Some(changed) = self.changed.get(&id) {
			return changed.clone();
		}
		if self.opened.node == Some(id) {
			let mut top_node = self.top_node.borrow_mut();
			// An operation that was refused has taken it.
			if top_node.is_none() {
				*top_node = State::<T>::get().and_then(|state| state.top_node).map(Rc::new);
			}
			return top_node.clone();
		}
		if let Some(node) = self.read.borrow().get(&id) {
			return Some(node.clone());
		}
		let node = Rc::new(Nodes::<T>::get(id)?);
		self.read.borrow_mut().insert(id, node.clone());
		Some(node)
	}

	/// Leaves no copy behind, so that the node need not be cloned, unless it was changed before.
	fn get_to_change(&self, id: NodeId) -> Option<Node> {
		let node = self.get(id);
		if !self.changed.contains_key(&id) {
			if self.opened.node == Some(id) {
				self.top_node.take();
			} else {
				self.read.borrow_mut().remove(&id);
			}
		}
		node.map(Rc::unwrap_or_clone)
	}

	fn put(&mut self, id: NodeId, node: Node) {
		// Frees the node as it was, so that it can be changed without a copy next time.
		self.read.borrow_mut().remove(&id);
		self.changed.insert(id, Some(Rc::new(node)));
	}

	fn remove(&mut self, id: NodeId) {
		self.read.borrow_mut().remove(&id);
		self.changed.insert(id, None);
	}

	/// Known while nothing has changed.
	fn count(&self) -> Option<u64> {
		let below = || Nodes::<T>::iter_keys().count() as u64;
		self.changed.is_empty().then(|| below() + u64::from(self.opened.node.is_some()))
	}
}
