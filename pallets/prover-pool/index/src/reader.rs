//! Everything that only reads. A reader lives for one operation and reads no node twice.

use alloc::{rc::Rc, vec::Vec};
use sp_core::{Get, U256};

use crate::{
	band::{Measure, Place},
	node::{child_for, Item},
	Band, Entry, Error, Key, Node, NodeId, Nodes, Root, Smallest, Sums, Totals,
};

/// Nodes as they are read on the way down.
pub(crate) trait Load: Nodes {
	/// The node with this id, which must be a leaf at level 1 and an inner node above: whatever is
	/// stored, the way down is no longer than the index is high.
	fn load(&self, id: NodeId, level: u32) -> Result<Node<Self::Width>, Error> {
		self.get(id).filter(|node| node.is_at(level)).ok_or(Error::Corrupt)
	}
}

impl<S: Nodes> Load for S {}

/// The nodes read by one operation.
pub(crate) struct Reader<'a, S: Nodes> {
	nodes: &'a S,
	root: Root,
	/// Few: the top one is the first.
	read: Vec<(NodeId, Rc<Read<S::Width>>)>,
	/// Whether the top node is added up.
	adds_up: bool,
}

/// A node that was read.
struct Read<W: Get<u32>> {
	node: Node<W>,
	/// The sums of the active entries up to and including each item: for the top node, of which a draw asks
	/// three times. Of the others it asks once, and seldom for all items.
	sums: Option<Vec<Sums>>,
}

impl<W: Get<u32>> Read<W> {
	/// The sums of this many items at the beginning.
	fn sums_of(&self, count: usize) -> Result<Sums, Error> {
		let sums = match (&self.sums, count.checked_sub(1)) {
			(_, None) => Some(Sums::default()),
			(Some(sums), Some(last)) => sums.get(last).copied(),
			(None, _) => match &self.node {
				Node::Leaf(entries) => entries.get(..count).and_then(sum),
				Node::Inner(children) => children.get(..count).and_then(sum),
			},
		};
		sums.ok_or(Error::Corrupt)
	}

	/// The sums of all items but this many at the beginning.
	fn sums_from(&self, count: usize) -> Result<Sums, Error> {
		let sums = match &self.node {
			Node::Leaf(entries) => entries.get(count..).and_then(sum),
			Node::Inner(children) => children.get(count..).and_then(sum),
		};
		sums.ok_or(Error::Corrupt)
	}

	/// The place in the node of the item that an offset lies in, from whose beginning it is measured
	/// afterwards.
	fn item_at(&self, measure: Measure, offset: &mut U256) -> Result<usize, Error> {
		let at = match (&self.sums, &self.node) {
			(Some(sums), _) => {
				let at = sums.partition_point(|sums| measure.of(sums) <= *offset);
				*offset -= measure.of(&self.sums_of(at)?);
				Some(at)
			},
			(None, Node::Leaf(entries)) => item_at(entries, measure, offset),
			(None, Node::Inner(children)) => item_at(children, measure, offset),
		};
		at.ok_or(Error::Corrupt)
	}

	/// Adds up the items, once for all questions.
	fn add_up(&mut self) -> Result<(), Error> {
		let sums = match &self.node {
			Node::Leaf(entries) => running_sums(entries),
			Node::Inner(children) => running_sums(children),
		};
		self.sums = Some(sums.ok_or(Error::Corrupt)?);
		Ok(())
	}
}

impl<'a, S: Nodes> Reader<'a, S> {
	pub(crate) fn new(nodes: &'a S) -> Self {
		Self { nodes, root: nodes.root(), read: Vec::new(), adds_up: false }
	}

	pub(crate) fn get(&mut self, key: Key) -> Result<Option<Entry>, Error> {
		let mut next = self.root.node;
		let mut level = self.root.height;
		while let Some(id) = next {
			match &self.node(id, level)?.node {
				Node::Leaf(entries) => {
					return Ok(entries.iter().find(|entry| entry.key == key).copied())
				},
				Node::Inner(children) => {
					next = children.get(child_for(children, key)).map(|child| child.id);
					level -= 1;
				},
			}
		}
		Ok(None)
	}

	pub(crate) fn page(&mut self, from: Key, limit: usize) -> Result<Vec<Entry>, Error> {
		let mut page = Vec::new();
		if let Some(id) = self.root.node {
			self.collect(id, self.root.height, from, limit, &mut page)?;
		}
		Ok(page)
	}

	pub(crate) fn smallest(&mut self) -> Result<Option<Smallest>, Error> {
		let Some(id) = self.root.node else { return Ok(None) };
		Ok(match &self.node(id, self.root.height)?.node {
			Node::Leaf(entries) => entries.iter().map(Smallest::from).min(),
			Node::Inner(children) => children.iter().map(|child| child.summary.smallest).min(),
		})
	}

	pub(crate) fn totals(&mut self, band: Band) -> Result<Totals, Error> {
		self.adds_up = true;
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

	pub(crate) fn draw(&mut self, band: Band, seed: U256) -> Result<Option<Entry>, Error> {
		let totals = self.totals(band)?;
		let Some(point) = seed.checked_rem(totals.weight()) else { return Ok(None) };
		let place = totals.place_of(point).ok_or(Error::Corrupt)?;
		self.seek(place).map(Some)
	}

	pub(crate) fn point_of(&mut self, key: Key, band: Band) -> Result<Option<U256>, Error> {
		let Some(entry) = self.get(key)? else { return Ok(None) };
		if !entry.active || entry.stake == 0 {
			return Ok(None);
		}
		let totals = self.totals(band)?;
		// By way of the entry itself, so that no other path is read.
		let end = self.sums_while(|other| other <= key)?;
		let before = end.checked_sub(entry.active()).ok_or(Error::Corrupt)?;
		totals.point_of(key.price, before).ok_or(Error::Corrupt).map(Some)
	}

	/// The sums of the entries at the beginning whose keys fulfil a condition that no later one does.
	fn sums_while(&mut self, condition: impl Fn(Key) -> bool) -> Result<Sums, Error> {
		let mut sums = Sums::default();
		let mut next = self.root.node;
		let mut level = self.root.height;
		// What the node above says of the node that is looked at.
		let mut all = None;
		while let Some(id) = next.take() {
			let read = self.node(id, level)?;
			let all_here = all.take();
			let whole = match &read.node {
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
			// Whatever is less to add up: what is before, or what is not.
			let before = match all_here {
				Some(all) if 2 * whole > read.node.len() => {
					all.checked_sub(read.sums_from(whole)?).ok_or(Error::Corrupt)?
				},
				_ => read.sums_of(whole)?,
			};
			sums = sums.checked_add(before).ok_or(Error::Corrupt)?;
		}
		Ok(sums)
	}

	/// The entry at a place.
	fn seek(&mut self, Place { measure, mut offset }: Place) -> Result<Entry, Error> {
		let mut next = self.root.node.ok_or(Error::Corrupt)?;
		let mut level = self.root.height;
		loop {
			let read = self.node(next, level)?;
			let at = read.item_at(measure, &mut offset)?;
			match &read.node {
				Node::Leaf(entries) => return entries.get(at).copied().ok_or(Error::Corrupt),
				Node::Inner(children) => {
					next = children.get(at).ok_or(Error::Corrupt)?.id;
					level -= 1;
				},
			}
		}
	}

	fn collect(
		&mut self,
		id: NodeId,
		level: u32,
		from: Key,
		limit: usize,
		page: &mut Vec<Entry>,
	) -> Result<(), Error> {
		match &self.node(id, level)?.node {
			Node::Leaf(entries) => {
				let room = limit.saturating_sub(page.len());
				page.extend(entries.iter().filter(|entry| entry.key >= from).take(room));
			},
			Node::Inner(children) => {
				for child in children.iter().skip(child_for(children, from)) {
					if page.len() >= limit {
						break;
					}
					self.collect(child.id, level - 1, from, limit, page)?;
				}
			},
		}
		Ok(())
	}

	fn node(&mut self, id: NodeId, level: u32) -> Result<Rc<Read<S::Width>>, Error> {
		if let Some((_, read)) = self.read.iter().find(|(other, _)| *other == id) {
			// One that was met on another level is its own ancestor.
			return read.node.is_at(level).then(|| read.clone()).ok_or(Error::Corrupt);
		}
		let mut read = Read { node: self.nodes.load(id, level)?, sums: None };
		if self.adds_up && self.read.is_empty() {
			read.add_up()?;
		}
		let read = Rc::new(read);
		self.read.push((id, read.clone()));
		Ok(read)
	}
}

/// The sums of some items; `None` if they are more than can be written.
fn sum<T: Item>(items: &[T]) -> Option<Sums> {
	items.iter().try_fold(Sums::default(), |sums, item| sums.checked_add(item.active()))
}

/// The same for every number of items from 1 on.
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

/// The place of the item that an offset lies in, from whose beginning it is measured afterwards.
fn item_at<T: Item>(items: &[T], measure: Measure, offset: &mut U256) -> Option<usize> {
	items.iter().position(|item| {
		let extent = match measure {
			Measure::Stake => item.active_stake().into(),
			Measure::Weight => item.active().weight,
		};
		let here = *offset < extent;
		if !here {
			*offset -= extent;
		}
		here
	})
}
