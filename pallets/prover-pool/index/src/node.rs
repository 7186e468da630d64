//! The nodes: leaves of entries, and inner nodes of children, treated alike wherever they can be.

use codec::{Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, Get};

use crate::{Entry, Error, Key, NodeId, Summary, Sums};

/// What is stored under one id: between [`min_fill`](crate::min_fill) and `W` items, in order.
#[derive(Encode, MaxEncodedLen, TypeInfo)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(W))]
pub enum Node<W: Get<u32>> {
	/// At the bottom: the entries themselves.
	Leaf(BoundedVec<Entry, W>),
	/// Above: what is known of other nodes.
	Inner(BoundedVec<Child, W>),
}

// Neither is derived: that would ask the width for it.
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
	/// Whether it can be on this level: leaves are level 1, inner nodes are above.
	pub(crate) fn is_at(&self, level: u32) -> bool {
		match self {
			Self::Leaf(_) => level == 1,
			Self::Inner(_) => level > 1,
		}
	}

	/// How many items it has.
	pub(crate) fn len(&self) -> usize {
		match self {
			Self::Leaf(entries) => entries.len(),
			Self::Inner(children) => children.len(),
		}
	}
}

/// What a node says about one of its children. Computed from the child whenever that is written.
#[derive(Clone, Copy, Debug, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Child {
	/// What the child is stored under.
	pub id: NodeId,
	/// The least key of its entries.
	pub least: Key,
	/// What is known of its entries.
	pub summary: Summary,
}

impl Child {
	/// What there is to say about a node with these items.
	pub(crate) fn over<T: Item>(id: NodeId, items: &[T]) -> Result<Self, Error> {
		let (first, others) = items.split_first().ok_or(Error::Corrupt)?;
		let summary = others
			.iter()
			.try_fold(first.summary(), |sum, item| sum.checked_add(item.summary()))
			.ok_or(Error::Overflow)?;
		Ok(Self { id, least: first.least(), summary })
	}
}

/// What nodes consist of.
pub(crate) trait Item: Sized {
	/// The least key in it.
	fn least(&self) -> Key;

	/// What is known of the entries in it.
	fn summary(&self) -> Summary;

	/// The sums of its active entries.
	fn active(&self) -> Sums;

	/// The stakes alone, for which nothing is divided.
	fn active_stake(&self) -> u128;

	/// The node that consists of these.
	fn node<W: Get<u32>>(items: BoundedVec<Self, W>) -> Node<W>;
}

impl Item for Entry {
	fn least(&self) -> Key {
		self.key
	}

	fn summary(&self) -> Summary {
		self.into()
	}

	fn active(&self) -> Sums {
		self.into()
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

/// Which of these children an entry with this key belongs to: the last that does not begin after it.
pub(crate) fn child_for(children: &[Child], key: Key) -> usize {
	children.partition_point(|child| child.least <= key).saturating_sub(1)
}
