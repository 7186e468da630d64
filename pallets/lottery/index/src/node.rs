//! Nodes: leaves of entries, and inner nodes of children, treated alike wherever possible.

use alloc::rc::Rc;
use codec::{Encode, MaxEncodedLen};
use core::ops::Range;
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, Get};

use crate::{weight, Entry, Error, Key, NodeId, NodeStore, Smallest, Summary, Sums};

/// A node: between [`min_fill`](crate::min_fill) and `W` items, in order.
#[derive(Encode, MaxEncodedLen, TypeInfo)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(W))]
pub enum Node<W: Get<u32>> {
	/// On the lowest level: entries.
	Leaf(BoundedVec<Entry, W>),
	/// On the levels above: records of other nodes.
	Inner(BoundedVec<Child, W>),
}

// Not derived, as that would require the same of the width.
impl<W: Get<u32>> Clone for Node<W> {
	fn clone(&self) -> Self {
		match self {
			Self::Leaf(entries) => Self::Leaf(entries.clone()),
			Self::Inner(children) => Self::Inner(children.clone()),
		}
	}
}

impl<W: Get<u32>> PartialEq for Node<W> {
	fn eq(&self, other: &Self) -> bool {
		match (self, other) {
			(Self::Leaf(entries), Self::Leaf(others)) => entries == others,
			(Self::Inner(children), Self::Inner(others)) => children == others,
			_ => false,
		}
	}
}

impl<W: Get<u32>> Node<W> {
	/// Returns whether it belongs on this level: leaves are on level 1, inner nodes above.
	pub(crate) fn is_at(&self, level: u32) -> bool {
		match self {
			Self::Leaf(_) => level == 1,
			Self::Inner(_) => level > 1,
		}
	}

	/// Returns the number of items.
	pub(crate) fn len(&self) -> usize {
		match self {
			Self::Leaf(entries) => entries.len(),
			Self::Inner(children) => children.len(),
		}
	}

	/// Returns the sums of the active entries of some items.
	pub(crate) fn sums(&self, items: Range<usize>) -> Result<Sums, Error> {
		let sums = match self {
			Self::Leaf(entries) => entries.get(items).and_then(sum),
			Self::Inner(children) => children.get(items).and_then(sum),
		};
		sums.ok_or(Error::Corrupt)
	}
}

/// Returns the sums of some items, or `None` on overflow.
fn sum<T: Item>(items: &[T]) -> Option<Sums> {
	items.iter().try_fold(Sums::default(), |sums, item| sums.checked_add(item.active()))
}

/// A node's record of one of its children. Brought in line with the child whenever that is written.
#[derive(Clone, Copy, Debug, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Child {
	/// The id of the child.
	pub id: NodeId,
	/// The least key of its entries.
	pub least: Key,
	/// The summary of its entries.
	pub summary: Summary,
}

impl Child {
	/// Returns the record of a node with these items.
	pub(crate) fn of<T: Item>(id: NodeId, items: &[T]) -> Result<Self, Error> {
		let (first, others) = items.split_first().ok_or(Error::Corrupt)?;
		let summary = others
			.iter()
			.try_fold(first.summary(), |sum, item| sum.checked_add(item.summary()))
			.ok_or(Error::Overflow)?;
		Ok(Self { id, least: first.least(), summary })
	}

	/// Returns the record after an entry below it was removed, or added, or both. Its node has these
	/// items now.
	///
	/// It equals [`Child::of`], but computes no weight of any other entry.
	pub(crate) fn replace<T: Item>(
		self,
		items: &[T],
		removed: Option<&Entry>,
		added: Option<&Entry>,
	) -> Result<Self, Error> {
		let Summary { mut count, mut active, mut smallest } = self.summary;
		if let Some(entry) = removed {
			count = count.checked_sub(1).ok_or(Error::Corrupt)?;
			active = active.checked_sub(entry.active()).ok_or(Error::Corrupt)?;
		}
		if let Some(entry) = added {
			count = count.checked_add(1).ok_or(Error::Overflow)?;
			active = active.checked_add(entry.active()).ok_or(Error::Overflow)?;
			smallest = smallest.min(entry.smallest());
		}
		if removed.is_some_and(|entry| entry.smallest() == self.summary.smallest) {
			smallest = items.iter().map(Item::smallest).min().ok_or(Error::Corrupt)?;
		}
		let least = items.first().ok_or(Error::Corrupt)?.least();
		Ok(Self { least, summary: Summary { count, active, smallest }, ..self })
	}
}

/// An item of a node: an entry or a child.
pub(crate) trait Item: Sized {
	/// Returns its least key.
	fn least(&self) -> Key;

	/// Returns the summary of its entries.
	fn summary(&self) -> Summary;

	/// Returns the smallest stake of its entries.
	fn smallest(&self) -> Smallest;

	/// Returns the sums of its active entries.
	fn active(&self) -> Sums;

	/// Returns the sum of their stakes alone, which takes no division.
	fn active_stake(&self) -> u128;

	/// Returns the node of these items.
	fn node<W: Get<u32>>(items: BoundedVec<Self, W>) -> Node<W>;
}

impl Item for Entry {
	fn least(&self) -> Key {
		self.key
	}

	fn summary(&self) -> Summary {
		Summary { count: 1, active: self.active(), smallest: self.smallest() }
	}

	fn smallest(&self) -> Smallest {
		Smallest { stake: self.stake, id: self.key.id, price: self.key.price }
	}

	fn active(&self) -> Sums {
		if self.active {
			Sums { stake: self.stake, weight: weight(self.stake, self.key.price) }
		} else {
			Sums::default()
		}
	}

	fn active_stake(&self) -> u128 {
		if self.active {
			self.stake
		} else {
			0
		}
	}

	fn node<W: Get<u32>>(items: BoundedVec<Self, W>) -> Node<W> {
		Node::Leaf(items)
	}
}

impl Item for Child {
	fn least(&self) -> Key {
		self.least
	}

	fn summary(&self) -> Summary {
		self.summary
	}

	fn smallest(&self) -> Smallest {
		self.summary.smallest
	}

	fn active(&self) -> Sums {
		self.summary.active
	}

	fn active_stake(&self) -> u128 {
		self.summary.active.stake
	}

	fn node<W: Get<u32>>(items: BoundedVec<Self, W>) -> Node<W> {
		Node::Inner(items)
	}
}

/// Returns the position of the child that an entry with this key belongs to: the last that does not
/// begin after it.
pub(crate) fn child_for(children: &[Child], key: Key) -> usize {
	children.partition_point(|child| child.least <= key).saturating_sub(1)
}

/// Returns the node with this id, which must be a leaf on level 1 and an inner node above. So an
/// operation reads no more levels than the height says, whatever is stored.
pub(crate) fn load<S: NodeStore>(
	store: &S,
	id: NodeId,
	level: u32,
) -> Result<Rc<Node<S::Width>>, Error> {
	store.get(id).filter(|node| node.is_at(level)).ok_or(Error::Corrupt)
}
