#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod bytes;
mod changes;
mod check;
mod node;
mod price_band;
mod reader;
mod types;

#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
#[cfg(test)]
mod tests;

use alloc::{rc::Rc, vec::Vec};
use sp_core::{Get, U256};

pub use node::{Child, Node};
pub use price_band::{drawn_point, weight, PriceBand, Totals};
pub use types::{Entry, Error, Id, Key, NodeId, Price, Root, Smallest, Summary, Sums};

use changes::Changes;
use reader::Reader;

/// The most entries of an index. Own-price weights have at most 192 bits, so the sum of 2²⁰ of them
/// stays below 2²¹²: nothing overflows, and a point drawn by a seed of 256 bits is uniform up to
/// 2⁻⁴⁴.
pub const MAX_ENTRIES: u32 = 1 << 20;

/// The least width of nodes. Below it, a full node cannot be split into two that are filled enough.
pub const MIN_WIDTH: u32 = 4;

/// The greatest width of nodes. Beyond it, every step reads and writes tens of kilobytes and saves
/// no level.
pub const MAX_WIDTH: u32 = 256;

/// Checks a width of nodes.
///
/// # Errors
/// A sentence that says what to change.
pub const fn check_width(width: u32) -> Result<(), &'static str> {
	if width < MIN_WIDTH {
		return Err("nodes are too narrow to be split: raise their width to 4 or more");
	}
	if width > MAX_WIDTH {
		return Err(
			"nodes are too wide to be read at every step: lower their width to 256 or less",
		);
	}
	Ok(())
}

/// Returns the least number of items of every node but the top one: a third of `width`, at least
/// two.
///
/// A third, not a half: after a split or a join, a node is some operations away from the next one,
/// and entries in ascending or descending order leave nodes that are two thirds full.
pub const fn min_fill(width: u32) -> u32 {
	if width / 3 < 2 {
		2
	} else {
		width / 3
	}
}

/// Returns the most levels that an index of `len` entries can have, whatever operations led to it.
///
/// An inner top node has at least two children, and every node below it is filled to [`min_fill`].
pub const fn max_height(len: u32, width: u32) -> u32 {
	height_at(len, width, 2 * min_fill(width) as u64)
}

/// Returns the most levels of an index that has never had more than `most` entries.
///
/// A level is added when the top node is split, so it takes `width` + 1 children that are filled to
/// [`min_fill`]. Levels go at a lower number than they come: compare [`max_height`].
pub const fn max_height_ever(most: u32, width: u32) -> u32 {
	height_at(most, width, width as u64 + 1)
}

/// Returns the height of `len` entries if the second level begins at `second`.
const fn height_at(len: u32, width: u32, second: u64) -> u32 {
	if len == 0 {
		return 0;
	}
	let mut height = 1;
	let mut least = second;
	while least <= len as u64 {
		height += 1;
		least *= min_fill(width) as u64;
	}
	height
}

/// The storage of an index's nodes. A pallet implements it over a storage map and a storage value.
///
/// [`NodeStore::get`] must return what was passed to [`NodeStore::put`] last, and only the index
/// may write.
pub trait NodeStore {
	/// The most items of a node. The index refuses to work on nodes that were stored with another
	/// width.
	type Width: Get<u32>;

	/// Returns the root that was set last, or the default.
	fn root(&self) -> Root;

	/// Stores the root.
	fn set_root(&mut self, root: Root);

	/// Returns the node with this id, if it exists.
	fn get(&self, id: NodeId) -> Option<Rc<Node<Self::Width>>>;

	/// Returns the node with this id to an operation that will put or remove it, unless it is refused.
	///
	/// A store that keeps copies of nodes need not keep this one.
	fn get_to_change(&self, id: NodeId) -> Option<Node<Self::Width>> {
		self.get(id).map(Rc::unwrap_or_clone)
	}

	/// Stores a node, in place of the one with the same id.
	fn put(&mut self, id: NodeId, node: Node<Self::Width>);

	/// Removes a node.
	fn remove(&mut self, id: NodeId);

	/// Returns the number of stored nodes, if it is known. [`Index::check`] then finds nodes that
	/// are out of reach.
	fn count(&self) -> Option<u64>;
}

/// Entries ordered by price, and the sums that draws need. See the documentation of the crate.
#[derive(Clone, Debug, Default)]
pub struct Index<S> {
	store: S,
}

impl<S: NodeStore> Index<S> {
	/// Returns the index that is stored in `store`.
	pub fn new(store: S) -> Self {
		Self { store }
	}

	/// Returns the store.
	pub fn store(&self) -> &S {
		&self.store
	}

	/// Returns the store, and drops the index.
	pub fn into_store(self) -> S {
		self.store
	}

	/// Inserts an entry.
	pub fn insert(&mut self, entry: Entry) -> Result<(), Error> {
		let mut changes = Changes::new(&self.store)?;
		changes.insert(entry)?;
		changes.finish().write(&mut self.store);
		Ok(())
	}

	/// Removes the entry with this key and returns it, or `None` if there is none.
	pub fn remove(&mut self, key: Key) -> Result<Option<Entry>, Error> {
		let mut changes = Changes::new(&self.store)?;
		let removed = changes.remove(key)?;
		changes.finish().write(&mut self.store);
		Ok(removed)
	}

	/// Replaces the stake and the activity of the entry with the same key. Returns the entry
	/// before, or `None`, and changes nothing, if there is none.
	///
	/// An entry whose price changes is another entry: remove it and insert it again.
	pub fn update(&mut self, entry: Entry) -> Result<Option<Entry>, Error> {
		let mut changes = Changes::new(&self.store)?;
		let replaced = changes.update(entry)?;
		if replaced != Some(entry) {
			changes.finish().write(&mut self.store);
		}
		Ok(replaced)
	}

	/// Returns all entries, in order. Reads all nodes, for `try_state`.
	pub fn entries(&self) -> Result<Vec<Entry>, Error> {
		Reader::new(&self.store)?.entries()
	}

	/// Returns the smallest stake of all entries, active or not; of equal stakes, the one with the
	/// lowest id.
	pub fn smallest(&self) -> Result<Option<Smallest>, Error> {
		Reader::new(&self.store)?.smallest()
	}

	/// Returns the sums of the active entries below, inside and above a band.
	pub fn totals(&self, band: PriceBand) -> Result<Totals, Error> {
		Reader::new(&self.store)?.totals(band)
	}

	/// Draws an active entry with a probability proportional to stake / price², the price clamped
	/// to `band`. Returns `None` if nothing has weight.
	///
	/// The seed draws a point: see [`drawn_point`]. A point lies in one of the band's three groups,
	/// in the order below, inside, above, and within the group in one entry, in the order of keys.
	/// An entry inside the band has exactly as many points as its weight. The points of the other
	/// groups are divided in proportion to stakes, to within one point, and every stake has at
	/// least one.
	pub fn draw(&self, band: PriceBand, seed: U256) -> Result<Option<Entry>, Error> {
		Reader::new(&self.store)?.draw(band, seed)
	}

	/// Checks everything stored: the width, the order, the fill of the nodes, every sum, the
	/// height, and that no node is out of reach. Reads all nodes, for `try_state`.
	pub fn check(&self) -> Result<(), &'static str> {
		check::check(&self.store)
	}
}
