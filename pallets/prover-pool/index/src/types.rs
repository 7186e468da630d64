//! What an index is made of, apart from its nodes.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

use crate::weight;

/// A price. 0 is none: no entry has it.
pub type Price = u32;

/// What tells entries of one price apart. Whoever uses the index gives an id to one entry only.
pub type Id = u32;

/// What a node is stored under.
///
/// Ids are not used again: an operation takes as many as there are levels and one more at most, and
/// ten million operations a second would take thousands of years to run out of 2⁶⁴.
pub type NodeId = u64;

/// The order of entries: by price, then by id.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
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
	/// Whose it is.
	pub id: Id,
}

/// One member of the index.
#[derive(Clone, Copy, Debug, DecodeWithMemTracking, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Entry {
	/// Its place in the order.
	pub key: Key,
	/// Its stake.
	pub stake: u128,
	/// Whether it can be drawn now.
	pub active: bool,
}

/// What some entries that may be drawn sum up to.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Sums {
	/// The sum of stakes.
	pub stake: u128,
	/// The sum of [`weight`]s, everyone's at its own price.
	pub weight: U256,
}

impl Sums {
	/// Both together, unless that is more than can be written.
	pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
		Some(Self {
			stake: self.stake.checked_add(other.stake)?,
			weight: self.weight.checked_add(other.weight)?,
		})
	}

	/// What is left of these without `part` of them.
	pub(crate) fn checked_sub(self, part: Self) -> Option<Self> {
		Some(Self {
			stake: self.stake.checked_sub(part.stake)?,
			weight: self.weight.checked_sub(part.weight)?,
		})
	}
}

/// The smallest stake of some entries, and whose it is. Ordered by stake, then by id.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub struct Smallest {
	/// The stake.
	pub stake: u128,
	/// The id of the entry that has it.
	pub id: Id,
	/// The price of that entry, which is needed to find it.
	pub price: Price,
}

impl Smallest {
	/// The key of the entry that has the smallest stake.
	pub fn key(&self) -> Key {
		Key { price: self.price, id: self.id }
	}
}

/// What is known of some entries, at least one, without looking at them.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Summary {
	/// How many they are.
	pub count: u32,
	/// The sums of those that are active.
	pub active: Sums,
	/// The smallest stake of all, active or not.
	pub smallest: Smallest,
}

impl Summary {
	/// Both together, unless a sum is more than can be written.
	pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
		Some(Self {
			count: self.count.checked_add(other.count)?,
			active: self.active.checked_add(other.active)?,
			smallest: self.smallest.min(other.smallest),
		})
	}
}

impl From<&Entry> for Sums {
	fn from(entry: &Entry) -> Self {
		if entry.active {
			Self { stake: entry.stake, weight: weight(entry.stake, entry.key.price) }
		} else {
			Self::default()
		}
	}
}

impl From<&Entry> for Smallest {
	fn from(entry: &Entry) -> Self {
		Self { stake: entry.stake, id: entry.key.id, price: entry.key.price }
	}
}

impl From<&Entry> for Summary {
	fn from(entry: &Entry) -> Self {
		Self { count: 1, active: entry.into(), smallest: entry.into() }
	}
}

/// What an index keeps beside its nodes.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Root {
	/// The node at the top, if there is an entry.
	pub node: Option<NodeId>,
	/// The id of the next new node.
	pub next_id: NodeId,
	/// How many levels there are.
	pub height: u32,
	/// How many entries there are.
	pub len: u32,
}

/// Why an operation was refused. Nothing has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
	/// There is an entry with this key.
	Exists,
	/// The price is 0.
	ZeroPrice,
	/// There are [`MAX_ENTRIES`](crate::MAX_ENTRIES).
	Full,
	/// The sum of active stakes would exceed 2¹²⁸ − 1, which is more than a currency can issue.
	Overflow,
	/// What is stored is no index: a node is missing, or is not what its parent says.
	Corrupt,
}
