//! The book of the pool: everything about its members that draws, replacements and proposals ask for
//! without looking at members.
//!
//! One storage value, because nearly every operation needs all of it: the index's top node, which is
//! the whole index while the pool is small, the sums of free places, and the first slots.

use alloc::collections::BTreeMap;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use prover_pool_index::{Node, NodeId, Nodes as Keep, Root};
use scale_info::TypeInfo;

use crate::{slots::Page, Config, Nodes};

/// Free places, and whose they are.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Places {
	/// The free places of all members.
	pub all: u64,
	/// Those of members that still wait out [`Config::EntryDelay`].
	pub waiting: u64,
	/// How many members wait.
	pub waiting_members: u32,
}

impl Places {
	/// The free places of those who may be drawn now.
	pub fn drawable(&self) -> u64 {
		self.all.saturating_sub(self.waiting)
	}
}

/// What is kept of the pool as a whole.
#[derive(Decode, Encode, MaxEncodedLen, TypeInfo)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(Width))]
pub struct Book<Width: Get<u32>> {
	/// Where the index begins.
	pub root: Root,
	/// The index's node of that id. All others are in [`Nodes`].
	pub top: Option<Node<Width>>,
	/// The free places.
	pub places: Places,
	/// Which of the slots `1..=1024` are taken.
	pub slots: Page,
	/// Which pages of slots are taken to the last.
	pub full: Page,
}

impl<Width: Get<u32>> Default for Book<Width> {
	fn default() -> Self {
		Self {
			root: Root::default(),
			top: None,
			places: Places::default(),
			slots: Page::default(),
			full: Page::default(),
		}
	}
}

impl<Width: Get<u32>> Clone for Book<Width> {
	fn clone(&self) -> Self {
		Self { top: self.top.clone(), ..*self }
	}
}

/// The index's node of a runtime.
pub type NodeOf<T> = Node<<T as Config>::NodeWidth>;

/// The index's nodes in one operation: the top one from the book, all others from [`Nodes`]. Changes are
/// kept until [`Store::close`], since only then it is known which node is at the top.
pub(crate) struct Store<T: Config> {
	/// As it is stored.
	opened: Root,
	top: Option<NodeOf<T>>,
	/// As it is now.
	root: Root,
	changed: BTreeMap<NodeId, Option<NodeOf<T>>>,
}

impl<T: Config> Store<T> {
	pub(crate) fn open(root: Root, top: Option<NodeOf<T>>) -> Self {
		Self { opened: root, top, root, changed: BTreeMap::new() }
	}

	/// Writes what has changed, and gives what belongs into the book.
	pub(crate) fn close(mut self) -> (Root, Option<NodeOf<T>>) {
		let (old, new) = (self.opened.node, self.root.node);
		let stored = |id: NodeId| id < self.opened.next_id && old != Some(id);
		let top = new.and_then(|id| match self.changed.remove(&id) {
			Some(node) => {
				// It may have been below until now.
				if stored(id) {
					Nodes::<T>::remove(id);
				}
				node
			},
			None if old == Some(id) => self.top.take(),
			None => Nodes::<T>::take(id),
		});
		for (id, node) in self.changed {
			match node {
				Some(node) => Nodes::<T>::insert(id, node),
				None if stored(id) => Nodes::<T>::remove(id),
				// Made and removed in between, or at the top until now.
				None => {},
			}
		}
		(self.root, top)
	}
}

impl<T: Config> Keep for Store<T> {
	type Width = T::NodeWidth;

	fn root(&self) -> Root {
		self.root
	}

	fn set_root(&mut self, root: Root) {
		self.root = root;
	}

	fn get(&self, id: NodeId) -> Option<NodeOf<T>> {
		match self.changed.get(&id) {
			Some(node) => node.clone(),
			None if self.opened.node == Some(id) => self.top.clone(),
			None => Nodes::<T>::get(id),
		}
	}

	fn put(&mut self, id: NodeId, node: NodeOf<T>) {
		self.changed.insert(id, Some(node));
	}

	fn remove(&mut self, id: NodeId) {
		self.changed.insert(id, None);
	}

	/// As stored: for an index that was not changed since it was opened.
	fn count(&self) -> Option<u64> {
		Some(Nodes::<T>::iter_keys().count() as u64 + u64::from(self.top.is_some()))
	}
}
