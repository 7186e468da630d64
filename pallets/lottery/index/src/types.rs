//! The parts of an index, apart from its nodes.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

/// A price. No entry has the price 0.
pub type Price = u32;

/// Distinguishes entries of one price. The user of the index uses an id for one entry at a time.
pub type Id = u32;

/// The storage key of a node.
///
/// Ids are not reused. An operation takes at most one per level and one more, so ten million
/// operations a second would need thousands of years to exhaust 2⁶⁴.
pub type NodeId = u64;

/// The order of entries: by price, then by id.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub struct Key {
	/// The price asked.
	pub price: Price,
	/// The id.
	pub id: Id,
}

/// One member of the index.
#[derive(Clone, Copy, Debug, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Entry {
	/// Its position in the order.
	pub key: Key,
	/// Its stake.
	pub stake: u128,
	/// Whether it can be drawn now.
	pub active: bool,
}

/// The sums of some active entries.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Sums {
	/// The sum of stakes.
	pub stake: u128,
	/// The sum of [`weight`](crate::weight)s, each at the entry's own price.
	pub weight: U256,
}

impl Sums {
	/// Returns the sums of both, or `None` on overflow.
	pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
		Some(Self {
			stake: self.stake.checked_add(other.stake)?,
			weight: self.weight.checked_add(other.weight)?,
		})
	}

	/// Returns the sums without those of `part`, or `None` if `part` has more.
	pub(crate) fn checked_sub(self, part: Self) -> Option<Self> {
		Some(Self {
			stake: self.stake.checked_sub(part.stake)?,
			weight: self.weight.checked_sub(part.weight)?,
		})
	}
}

/// The smallest stake of some entries, and the entry that has it. Ordered by stake, then by id.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub struct Smallest {
	/// The stake.
	pub stake: u128,
	/// The id of the entry.
	pub id: Id,
	/// The price of the entry: with the id, its key.
	pub price: Price,
}

/// A parent's record of the entries below one of its children. There is at least one.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Summary {
	/// The number of entries.
	pub count: u32,
	/// The sums of the active ones.
	pub active: Sums,
	/// The smallest stake of all, active or not.
	pub smallest: Smallest,
}

impl Summary {
	/// Returns the summary of both, or `None` on overflow.
	pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
		Some(Self {
			count: self.count.checked_add(other.count)?,
			active: self.active.checked_add(other.active)?,
			smallest: self.smallest.min(other.smallest),
		})
	}
}

/// The state of an index beside its nodes.
///
/// `width` comes first, so that it can be read from a value of which the rest cannot be decoded.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Root {
	/// The width of the stored nodes. Of no meaning without nodes.
	pub width: u32,
	/// The id of the top node, if there is an entry.
	pub node: Option<NodeId>,
	/// The id of the next new node.
	pub next_id: NodeId,
	/// The number of levels.
	pub height: u32,
	/// The number of entries.
	pub len: u32,
}

impl Root {
	/// Returns whether the index can be used with nodes of this width: it has no nodes, or theirs
	/// is the same.
	pub fn has_width(&self, width: u32) -> bool {
		self.node.is_none() || self.width == width
	}
}

/// The reason for a refusal. Nothing has changed then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
	/// An entry with this key exists.
	Exists,
	/// The price is 0.
	ZeroPrice,
	/// The index has [`MAX_ENTRIES`](crate::MAX_ENTRIES).
	Full,
	/// The sum of active stakes would exceed 2¹²⁸ − 1.
	Overflow,
	/// The stored nodes have another width.
	OtherWidth,
	/// A stored node is missing or contradicts its parent.
	Corrupt,
}
