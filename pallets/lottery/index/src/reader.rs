//! Operations that only read. A reader serves one operation and reads no node twice.

use alloc::{rc::Rc, vec::Vec};
use sp_core::{Get, U256};

use crate::{
	drawn_point,
	node::{load, Item},
	price_band::{Measure, Offset},
	Entry, Error, Key, Node, NodeId, NodeStore, PriceBand, Root, Smallest, Sums, Totals,
};

/// The nodes read by one operation.
pub(crate) struct Reader<'a, S: NodeStore> {
	store: &'a S,
	root: Root,
	/// Few nodes, the top one first.
	loaded: Vec<(NodeId, Rc<LoadedNode<S::Width>>)>,
	/// Whether the top node gets running sums.
	with_running_sums: bool,
}

/// A node that was read.
struct LoadedNode<W: Get<u32>> {
	node: Rc<Node<W>>,
	/// The sums of the active entries up to and including each item. Only the top node has them,
	/// because a draw uses its sums three times, and those of other nodes once and seldom for all
	/// items.
	running_sums: Option<Vec<Sums>>,
}

impl<W: Get<u32>> LoadedNode<W> {
	/// Returns the sums of the first `count` items.
	fn sums_of(&self, count: usize) -> Result<Sums, Error> {
		match (&self.running_sums, count.checked_sub(1)) {
			(_, None) => Ok(Sums::default()),
			(Some(sums), Some(last)) => sums.get(last).copied().ok_or(Error::Corrupt),
			(None, _) => self.node.sums(0..count),
		}
	}

	/// Returns the position of the item that contains a distance, and measures the distance from
	/// its beginning from then on.
	fn item_at(&self, measure: Measure, distance: &mut U256) -> Result<usize, Error> {
		let at = match (&self.running_sums, &*self.node) {
			(Some(sums), _) => {
				let at = sums.partition_point(|sums| measure.of(sums) <= *distance);
				*distance -= measure.of(&self.sums_of(at)?);
				Some(at)
			},
			(None, Node::Leaf(entries)) => item_at(entries, measure, distance),
			(None, Node::Inner(children)) => item_at(children, measure, distance),
		};
		at.ok_or(Error::Corrupt)
	}

	/// Adds the running sums.
	fn add_running_sums(&mut self) -> Result<(), Error> {
		let sums = match &*self.node {
			Node::Leaf(entries) => running_sums(entries),
			Node::Inner(children) => running_sums(children),
		};
		self.running_sums = Some(sums.ok_or(Error::Corrupt)?);
		Ok(())
	}
}

impl<'a, S: NodeStore> Reader<'a, S> {
	/// # Errors
	/// [`Error::OtherWidth`].
	pub(crate) fn new(store: &'a S) -> Result<Self, Error> {
		let root = store.root();
		if !root.has_width(S::Width::get()) {
			return Err(Error::OtherWidth);
		}
		Ok(Self { store, root, loaded: Vec::new(), with_running_sums: false })
	}

	pub(crate) fn entries(&mut self) -> Result<Vec<Entry>, Error> {
		let mut entries = Vec::new();
		if let Some(id) = self.root.node {
			self.collect(id, self.root.height, &mut entries)?;
		}
		Ok(entries)
	}

	pub(crate) fn smallest(&mut self) -> Result<Option<Smallest>, Error> {
		let Some(id) = self.root.node else { return Ok(None) };
		Ok(match &*self.node(id, self.root.height)?.node {
			Node::Leaf(entries) => entries.iter().map(Item::smallest).min(),
			Node::Inner(children) => children.iter().map(Item::smallest).min(),
		})
	}

	pub(crate) fn totals(&mut self, band: PriceBand) -> Result<Totals, Error> {
		self.with_running_sums = true;
		let all = match self.root.node {
			Some(id) => {
				let top = self.node(id, self.root.height)?;
				top.sums_of(top.node.len())?
			},
			None => Sums::default(),
		};
		let below = self.sums_while(|key| key.price < band.floor())?;
		let not_above = self.sums_while(|key| key.price <= band.ceiling())?;
		let inside = not_above.checked_sub(below).ok_or(Error::Corrupt)?;
		let above = all.checked_sub(not_above).ok_or(Error::Corrupt)?;
		Ok(Totals { band, below, inside, above })
	}

	pub(crate) fn draw(&mut self, band: PriceBand, seed: U256) -> Result<Option<Entry>, Error> {
		let totals = self.totals(band)?;
		let total = totals.weight();
		if total.is_zero() {
			return Ok(None);
		}
		let offset = totals.offset_of(drawn_point(seed, total)).ok_or(Error::Corrupt)?;
		self.entry_at(offset).map(Some)
	}

	/// Returns the sums of the first entries: those whose keys fulfil a condition that no later one
	/// fulfils.
	fn sums_while(&mut self, condition: impl Fn(Key) -> bool) -> Result<Sums, Error> {
		let mut sums = Sums::default();
		let mut next = self.root.node;
		let mut level = self.root.height;
		// The sums of the present node, as recorded by its parent.
		let mut all = None;
		while let Some(id) = next.take() {
			let loaded = self.node(id, level)?;
			let all_here = all.take();
			let whole = match &*loaded.node {
				Node::Leaf(entries) => entries.partition_point(|entry| condition(entry.key)),
				Node::Inner(children) => {
					// The condition may end within the last child that begins with it.
					let end = children.partition_point(|child| condition(child.least));
					let whole = end.saturating_sub(1);
					if let Some(child) = children.get(whole).filter(|_| end > whole) {
						next = Some(child.id);
						all = Some(child.summary.active);
						level -= 1;
					}
					whole
				},
			};
			// Adds up the shorter part of the node.
			let before = match all_here {
				Some(all) if 2 * whole > loaded.node.len() => {
					let rest = loaded.node.sums(whole..loaded.node.len())?;
					all.checked_sub(rest).ok_or(Error::Corrupt)?
				},
				_ => loaded.sums_of(whole)?,
			};
			sums = sums.checked_add(before).ok_or(Error::Corrupt)?;
		}
		Ok(sums)
	}

	/// Returns the entry at an offset.
	fn entry_at(&mut self, Offset { measure, mut distance }: Offset) -> Result<Entry, Error> {
		let mut next = self.root.node.ok_or(Error::Corrupt)?;
		let mut level = self.root.height;
		loop {
			let loaded = self.node(next, level)?;
			let at = loaded.item_at(measure, &mut distance)?;
			match &*loaded.node {
				Node::Leaf(entries) => return entries.get(at).copied().ok_or(Error::Corrupt),
				Node::Inner(children) => {
					next = children.get(at).ok_or(Error::Corrupt)?.id;
					level -= 1;
				},
			}
		}
	}

	fn collect(&mut self, id: NodeId, level: u32, entries: &mut Vec<Entry>) -> Result<(), Error> {
		match &*self.node(id, level)?.node {
			Node::Leaf(here) => entries.extend_from_slice(here),
			Node::Inner(children) => {
				for child in children {
					self.collect(child.id, level - 1, entries)?;
				}
			},
		}
		Ok(())
	}

	fn node(&mut self, id: NodeId, level: u32) -> Result<Rc<LoadedNode<S::Width>>, Error> {
		if let Some((_, loaded)) = self.loaded.iter().find(|(other, _)| *other == id) {
			// A node that was met on another level is its own ancestor.
			return loaded.node.is_at(level).then(|| loaded.clone()).ok_or(Error::Corrupt);
		}
		let mut loaded = LoadedNode { node: load(self.store, id, level)?, running_sums: None };
		if self.with_running_sums && self.loaded.is_empty() {
			loaded.add_running_sums()?;
		}
		let loaded = Rc::new(loaded);
		self.loaded.push((id, loaded.clone()));
		Ok(loaded)
	}
}

/// Returns the sums of the first one, two, three … of some items, or `None` on overflow.
fn running_sums<T: Item>(items: &[T]) -> Option<Vec<Sums>> {
	let mut sum = Sums::default();
	items
		.iter()
		.map(|item| {
			sum = sum.checked_add(item.active())?;
			Some(sum)
		})
		.collect()
}

/// Returns the position of the item that contains a distance, and measures the distance from its
/// beginning from then on.
fn item_at<T: Item>(items: &[T], measure: Measure, distance: &mut U256) -> Option<usize> {
	items.iter().position(|item| {
		let extent = match measure {
			Measure::Stake => item.active_stake().into(),
			Measure::Weight => item.active().weight,
		};
		let here = *distance < extent;
		if !here {
			*distance -= extent;
		}
		here
	})
}
