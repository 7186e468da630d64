//! Everything that only reads. A reader lives for one operation and reads no node twice.

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};
use sp_core::U256;

use crate::{
	band::{Measure, Place},
	node::{child_for, Item},
	Band, Child, Entry, Error, Key, Node, NodeId, Nodes, Root, Smallest, Sums, Totals,
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
	read: BTreeMap<NodeId, Rc<Node<S::Width>>>,
}

impl<'a, S: Nodes> Reader<'a, S> {
	pub(crate) fn new(nodes: &'a S) -> Self {
		Self { nodes, root: nodes.root(), read: BTreeMap::new() }
	}

	pub(crate) fn get(&mut self, key: Key) -> Result<Option<Entry>, Error> {
		let mut next = self.root.node;
		let mut level = self.root.height;
		while let Some(id) = next {
			match &*self.node(id, level)? {
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
		Ok(self.top()?.map(|top| top.summary.smallest))
	}

	pub(crate) fn totals(&mut self, band: Band) -> Result<Totals, Error> {
		let all = self.top()?.map(|top| top.summary.active).unwrap_or_default();
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
		let before = end.checked_sub(entry.summary().active).ok_or(Error::Corrupt)?;
		totals.point_of(key.price, before).ok_or(Error::Corrupt).map(Some)
	}

	/// What the root would say about itself, if it were a child.
	fn top(&mut self) -> Result<Option<Child>, Error> {
		let Some(id) = self.root.node else { return Ok(None) };
		match &*self.node(id, self.root.height)? {
			Node::Leaf(entries) => Child::over(id, entries).map(Some),
			Node::Inner(children) => Child::over(id, children).map(Some),
		}
	}

	/// The sums of the entries at the beginning whose keys fulfil a condition that no later one does.
	fn sums_while(&mut self, condition: impl Fn(Key) -> bool) -> Result<Sums, Error> {
		let mut sums = Sums::default();
		let mut next = self.root.node;
		let mut level = self.root.height;
		while let Some(id) = next.take() {
			match &*self.node(id, level)? {
				Node::Leaf(entries) => {
					let end = entries.partition_point(|entry| condition(entry.key));
					sums = add(sums, &entries[..end])?;
				},
				Node::Inner(children) => {
					// The condition may end within the last child that begins with it.
					let end = children.partition_point(|child| condition(child.least));
					if let Some((last, whole)) = children[..end].split_last() {
						sums = add(sums, whole)?;
						next = Some(last.id);
						level -= 1;
					}
				},
			}
		}
		Ok(sums)
	}

	/// The entry at a place.
	fn seek(&mut self, Place { measure, mut offset }: Place) -> Result<Entry, Error> {
		let mut next = self.root.node.ok_or(Error::Corrupt)?;
		let mut level = self.root.height;
		loop {
			match &*self.node(next, level)? {
				Node::Leaf(entries) => {
					return item_at(entries, measure, &mut offset).copied().ok_or(Error::Corrupt)
				},
				Node::Inner(children) => {
					next = item_at(children, measure, &mut offset).ok_or(Error::Corrupt)?.id;
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
		match &*self.node(id, level)? {
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

	fn node(&mut self, id: NodeId, level: u32) -> Result<Rc<Node<S::Width>>, Error> {
		if let Some(node) = self.read.get(&id) {
			// One that was met on another level is its own ancestor.
			return node.is_at(level).then(|| node.clone()).ok_or(Error::Corrupt);
		}
		let node = Rc::new(self.nodes.load(id, level)?);
		self.read.insert(id, node.clone());
		Ok(node)
	}
}

fn add<T: Item>(sums: Sums, items: &[T]) -> Result<Sums, Error> {
	items
		.iter()
		.try_fold(sums, |sums, item| sums.checked_add(item.summary().active))
		.ok_or(Error::Corrupt)
}

/// The item that an offset lies in, from whose beginning it is measured afterwards.
fn item_at<'a, T: Item>(items: &'a [T], measure: Measure, offset: &mut U256) -> Option<&'a T> {
	items.iter().find(|item| {
		let extent = measure.of(&item.summary().active);
		let here = *offset < extent;
		if !here {
			*offset -= extent;
		}
		here
	})
}
