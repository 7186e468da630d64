#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod band;
mod bytes;
mod changes;
mod check;
mod node;
mod reader;
mod types;

#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use sp_core::{Get, U256};

pub use band::{weight, Band, Totals};
pub use node::{Child, Node};
pub use types::{Entry, Error, Id, Key, NodeId, Price, Root, Smallest, Summary, Sums};

use changes::Changes;
use reader::Reader;

/// The most entries an index holds. Own-price weights have at most 192 bits, so that the sum of so many
/// stays below 2²¹²: nothing overflows, and a seed of 256 bits reduced by it favours nobody by more
/// than 2⁻⁴⁴.
pub const MAX_ENTRIES: u32 = 1 << 20;

/// The narrowest nodes: below it, two nodes of the least fill would not be two apart from a full one.
pub const MIN_WIDTH: u32 = 4;

/// The widest nodes: beyond it, every step reads and writes tens of kilobytes, to save no level.
pub const MAX_WIDTH: u32 = 256;

/// Whether nodes may have this width. Meant for an `integrity_test`: the failure says what to change.
pub const fn check_width(width: u32) -> Result<(), &'static str> {
	if width < MIN_WIDTH {
		return Err("the index's nodes are too narrow to be split and joined: raise their width to 4 or more");
	}
	if width > MAX_WIDTH {
		return Err("the index's nodes are too wide to be read at every step: lower their width to 256 or less");
	}
	Ok(())
}

/// How many items every node but the root has at least: a third of `width`, and never less than two.
///
/// A third, not a half: a node that was just split or joined is then some way from the next split or
/// join, and ascending or descending insertions may leave nodes that are two thirds full.
pub const fn min_fill(width: u32) -> u32 {
	if width / 3 < 2 {
		2
	} else {
		width / 3
	}
}

/// The most levels that an index of `len` entries can have, whatever led to it.
///
/// A root that is no leaf has two children, and every node below it is filled to [`min_fill`].
pub const fn max_height(len: u32, width: u32) -> u32 {
	if len == 0 {
		return 0;
	}
	let mut height = 1;
	let mut least = 2 * min_fill(width) as u64;
	while least <= len as u64 {
		height += 1;
		least *= min_fill(width) as u64;
	}
	height
}

/// Where an index keeps its nodes: in a pallet, a storage map and a storage value.
///
/// What [`Nodes::get`] gives must be what [`Nodes::put`] was given last, and only the index may write.
pub trait Nodes {
	/// The most items of a node. Never changed while nodes are stored.
	type Width: Get<u32>;

	/// What was set last, or the default.
	fn root(&self) -> Root;

	/// Keeps the state beside the nodes.
	fn set_root(&mut self, root: Root);

	/// The node with this id, if there is one.
	fn get(&self, id: NodeId) -> Option<Node<Self::Width>>;

	/// Keeps a node, in place of the one with the same id.
	fn put(&mut self, id: NodeId, node: Node<Self::Width>);

	/// Forgets a node.
	fn remove(&mut self, id: NodeId);

	/// How many nodes are stored, if that can be told: [`Index::check`] then knows whether some are out
	/// of reach.
	fn count(&self) -> Option<u64>;
}

/// Entries ordered by price, and the sums that draws need. See the documentation of the crate.
///
/// Has no state of its own: it can be made for every operation anew.
#[derive(Clone, Debug, Default)]
pub struct Index<S> {
	nodes: S,
}

impl<S: Nodes> Index<S> {
	/// The index that is kept in `nodes`.
	pub fn new(nodes: S) -> Self {
		Self { nodes }
	}

	/// Where the nodes are kept.
	pub fn nodes(&self) -> &S {
		&self.nodes
	}

	/// Gives the nodes back.
	pub fn into_nodes(self) -> S {
		self.nodes
	}

	/// How many entries there are.
	pub fn len(&self) -> u32 {
		self.nodes.root().len
	}

	/// Whether there is no entry.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}

	/// How many levels of nodes there are: 0 without entries, 1 while the root is a leaf.
	pub fn height(&self) -> u32 {
		self.nodes.root().height
	}

	/// Adds an entry.
	pub fn insert(&mut self, entry: Entry) -> Result<(), Error> {
		let mut changes = Changes::new(&self.nodes);
		changes.insert(entry)?;
		let changed = changes.finish();
		changed.write(&mut self.nodes);
		Ok(())
	}

	/// Takes an entry out. Gives it, or `None` if there is none with this key.
	pub fn remove(&mut self, key: Key) -> Result<Option<Entry>, Error> {
		let mut changes = Changes::new(&self.nodes);
		let removed = changes.remove(key)?;
		let changed = changes.finish();
		changed.write(&mut self.nodes);
		Ok(removed)
	}

	/// Gives the entry with the same key the stake and activity of this one. Gives the entry as it was,
	/// or `None`, and nothing changes, if there is none.
	///
	/// An entry whose price changes is another entry: remove it and insert it anew.
	pub fn update(&mut self, entry: Entry) -> Result<Option<Entry>, Error> {
		let mut changes = Changes::new(&self.nodes);
		let replaced = changes.update(entry)?;
		if replaced != Some(entry) {
			let changed = changes.finish();
			changed.write(&mut self.nodes);
		}
		Ok(replaced)
	}

	/// The entry with this key.
	pub fn get(&self, key: Key) -> Result<Option<Entry>, Error> {
		Reader::new(&self.nodes).get(key)
	}

	/// The first `limit` entries whose key is not below `from`, in order.
	pub fn page(&self, from: Key, limit: usize) -> Result<Vec<Entry>, Error> {
		Reader::new(&self.nodes).page(from, limit)
	}

	/// The smallest stake of all entries, active or not; of equal stakes, that with the lowest id.
	pub fn smallest(&self) -> Result<Option<Smallest>, Error> {
		Reader::new(&self.nodes).smallest()
	}

	/// What the active entries below, inside and above a band sum up to.
	pub fn totals(&self, band: Band) -> Result<Totals, Error> {
		Reader::new(&self.nodes).totals(band)
	}

	/// Draws one active entry with a probability proportional to stake / price², the price clamped to
	/// `band`; `None` if nothing has weight.
	///
	/// The point drawn is `seed` modulo the total weight. A point lies in one of the band's three
	/// groups, in the order below, inside, above, and within it in one entry, in the order of keys. An
	/// entry has as many points as its weight says; where entries share a price, those of the group are
	/// shared out by stake, to nobody's advantage by more than one point, and every stake has one.
	pub fn draw(&self, band: Band, seed: U256) -> Result<Option<Entry>, Error> {
		Reader::new(&self.nodes).draw(band, seed)
	}

	/// The least seed that draws this entry; `None` if nothing does.
	pub fn point_of(&self, key: Key, band: Band) -> Result<Option<U256>, Error> {
		Reader::new(&self.nodes).point_of(key, band)
	}

	/// Whether everything stored is as it must be: the order, the fill of the nodes, every sum, the
	/// height, and that no node is out of reach. Meant for `try_state`: reads all nodes.
	pub fn check(&self) -> Result<(), &'static str> {
		check::check(&self.nodes)
	}
}
