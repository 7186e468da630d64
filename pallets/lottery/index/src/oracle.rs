//! The index in lockstep with a sorted vector, for the property tests and the fuzzer.
//!
//! [`Lockstep`] does everything twice and compares. The vector computes its results in the plainest
//! way, without the code of the index.

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use core::{cell::RefCell, marker::PhantomData};
use sp_core::{ConstU32, Get, U256, U512};

use crate::{
	max_height, max_height_ever, Entry, Error, Id, Index, Key, Node, NodeId, NodeStore, Price,
	PriceBand, Root,
};

/// Returns the least seed that draws a point below `total`: ⌈`point` · 2²⁵⁶ / `total`⌉.
pub fn least_seed(point: U256, total: U256) -> U256 {
	let seeds = U512::from(U256::MAX) + 1;
	let (quotient, rest) = (seeds * U512::from(point)).div_mod(total.into());
	U256::try_from(quotient + U512::from(u8::from(!rest.is_zero()))).expect("below 2²⁵⁶")
}

/// The numbers of nodes read and written.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Accesses {
	/// Nodes read.
	pub reads: u32,
	/// Nodes written or removed.
	pub writes: u32,
}

/// Nodes in memory, encoded as on a chain, with every access counted.
pub struct MemoryStore<W> {
	root: Root,
	nodes: BTreeMap<NodeId, Vec<u8>>,
	counts: RefCell<BTreeMap<NodeId, Accesses>>,
	width: PhantomData<W>,
}

impl<W> Default for MemoryStore<W> {
	fn default() -> Self {
		Self {
			root: Root::default(),
			nodes: BTreeMap::new(),
			counts: RefCell::default(),
			width: PhantomData,
		}
	}
}

impl<W> MemoryStore<W> {
	/// Returns the accesses since the last reset, which must be those of one operation. Panics if
	/// it read or wrote a node twice.
	pub fn take_accesses(&self) -> Accesses {
		let counts = self.counts.take();
		let mut sum = Accesses::default();
		for (id, Accesses { reads, writes }) in counts {
			assert!(reads <= 1 && writes <= 1, "node {id}: {reads} reads, {writes} writes");
			sum.reads += reads;
			sum.writes += writes;
		}
		sum
	}

	/// Resets the numbers of accesses.
	pub fn reset_accesses(&self) {
		self.counts.take();
	}

	/// Returns the number of entries of each leaf.
	pub fn leaves(&self) -> impl Iterator<Item = usize> + '_
	where
		W: Get<u32>,
	{
		self.nodes.values().filter_map(|node| match Node::<W>::decode(&mut &node[..]) {
			Ok(Node::Leaf(entries)) => Some(entries.len()),
			_ => None,
		})
	}

	/// Returns what is stored, for tests that damage it.
	pub fn stored(&mut self) -> (&mut Root, &mut BTreeMap<NodeId, Vec<u8>>) {
		(&mut self.root, &mut self.nodes)
	}
}

impl<W: Get<u32>> NodeStore for MemoryStore<W> {
	type Width = W;

	fn root(&self) -> Root {
		self.root
	}

	fn set_root(&mut self, root: Root) {
		self.root = root;
	}

	fn get(&self, id: NodeId) -> Option<Rc<Node<W>>> {
		self.counts.borrow_mut().entry(id).or_default().reads += 1;
		Node::decode(&mut &self.nodes.get(&id)?[..]).ok().map(Rc::new)
	}

	fn put(&mut self, id: NodeId, node: Node<W>) {
		self.counts.borrow_mut().entry(id).or_default().writes += 1;
		let encoded = node.encode();
		assert!(encoded.len() <= Node::<W>::max_encoded_len(), "longer than its bound");
		self.nodes.insert(id, encoded);
	}

	fn remove(&mut self, id: NodeId) {
		self.counts.borrow_mut().entry(id).or_default().writes += 1;
		assert!(self.nodes.remove(&id).is_some(), "node {id} was not there");
	}

	fn count(&self) -> Option<u64> {
		Some(self.nodes.len() as u64)
	}
}

/// The same without a tree: a vector of entries in the order of their keys.
#[derive(Clone, Debug, Default)]
pub struct SortedVec(Vec<Entry>);

/// A group of a band.
struct Group {
	entries: Vec<Entry>,
	/// The price that its entries count as. `None`: each as its own.
	price: Option<Price>,
}

impl Group {
	fn stake(&self) -> U256 {
		self.entries.iter().fold(U256::zero(), |sum, entry| sum + entry.stake)
	}

	fn weight(&self) -> U256 {
		match self.price {
			Some(price) => naive_weight(self.stake(), price),
			None => self.entries.iter().map(own_weight).fold(U256::zero(), |sum, own| sum + own),
		}
	}

	/// Returns the entry that a point below the weight draws. With clamped prices, it is the first
	/// entry up to whose end the share of the stakes is greater than the point's share of the
	/// weight.
	fn draw(&self, point: U256) -> Entry {
		let (stake, weight) = (self.stake(), self.weight());
		let mut end = U256::zero();
		for entry in &self.entries {
			let drawn = if self.price.is_some() {
				end += entry.stake.into();
				point.full_mul(stake) < end.full_mul(weight)
			} else {
				end += own_weight(entry);
				point < end
			};
			if drawn {
				return *entry;
			}
		}
		panic!("the point lies beyond the group");
	}

	/// Returns the points of an entry: the least one, and the number.
	fn points_of(&self, key: Key) -> Option<(U256, U256)> {
		let at = self.entries.iter().position(|entry| entry.key == key)?;
		if self.weight().is_zero() {
			return None;
		}
		let sum = |end: usize| {
			let part = &self.entries[..end];
			if self.price.is_none() {
				return part.iter().map(own_weight).fold(U256::zero(), |sum, own| sum + own);
			}
			let stake = part.iter().fold(U256::zero(), |sum, entry| sum + entry.stake);
			let (quotient, rest) = stake.full_mul(self.weight()).div_mod(self.stake().into());
			let up = if rest.is_zero() { U512::zero() } else { U512::one() };
			U256::try_from(quotient + up).expect("at most the weight")
		};
		Some((sum(at), sum(at + 1) - sum(at)))
	}
}

fn naive_weight(stake: U256, price: Price) -> U256 {
	stake * U256::from(2).pow(64.into()) / U256::from(price).pow(2.into())
}

fn own_weight(entry: &Entry) -> U256 {
	naive_weight(entry.stake.into(), entry.key.price)
}

impl From<Vec<Entry>> for SortedVec {
	fn from(mut entries: Vec<Entry>) -> Self {
		entries.sort_by_key(|entry| entry.key);
		Self(entries)
	}
}

impl SortedVec {
	/// Returns all entries.
	pub fn entries(&self) -> &[Entry] {
		&self.0
	}

	fn position(&self, key: Key) -> Option<usize> {
		self.0.iter().position(|entry| entry.key == key)
	}

	fn insert(&mut self, entry: Entry) -> Result<(), Error> {
		if entry.key.price == 0 {
			return Err(Error::ZeroPrice);
		}
		if self.position(entry.key).is_some() {
			return Err(Error::Exists);
		}
		if self.overflows(entry, None) {
			return Err(Error::Overflow);
		}
		let at = self.0.iter().take_while(|other| other.key < entry.key).count();
		self.0.insert(at, entry);
		Ok(())
	}

	fn update(&mut self, entry: Entry) -> Result<Option<Entry>, Error> {
		let Some(at) = self.position(entry.key) else { return Ok(None) };
		if self.overflows(entry, Some(entry.key)) {
			return Err(Error::Overflow);
		}
		Ok(Some(core::mem::replace(&mut self.0[at], entry)))
	}

	fn remove(&mut self, key: Key) -> Option<Entry> {
		self.position(key).map(|at| self.0.remove(at))
	}

	/// Returns whether the active stakes exceed 128 bits with this entry and without that of `key`.
	fn overflows(&self, entry: Entry, key: Option<Key>) -> bool {
		let others = self.0.iter().filter(|other| Some(other.key) != key);
		let stakes = others.chain([&entry]).filter(|entry| entry.active);
		stakes.fold(U256::zero(), |sum, entry| sum + entry.stake) > u128::MAX.into()
	}

	fn groups(&self, band: PriceBand) -> [Group; 3] {
		let group = |price, belongs: &dyn Fn(Price) -> bool| Group {
			entries: (self.0.iter())
				.filter(|entry| entry.active && belongs(entry.key.price))
				.copied()
				.collect(),
			price,
		};
		let (floor, ceiling) = (band.floor(), band.ceiling());
		[
			group(Some(floor), &|price| price < floor),
			group(None, &|price| (floor..=ceiling).contains(&price)),
			group(Some(ceiling), &|price| price > ceiling),
		]
	}

	/// Returns the weight of all active entries in a band.
	pub fn total(&self, band: PriceBand) -> U256 {
		self.groups(band).iter().fold(U256::zero(), |sum, group| sum + group.weight())
	}

	/// Returns the entry that this seed draws.
	pub fn draw(&self, band: PriceBand, seed: U256) -> Option<Entry> {
		let groups = self.groups(band);
		let seeds = U512::from(U256::MAX) + 1;
		let mut point = U256::try_from(seed.full_mul(self.total(band)) / seeds).ok()?;
		for group in groups {
			if point < group.weight() {
				return Some(group.draw(point));
			}
			point -= group.weight();
		}
		None
	}

	/// Returns the points that draw an entry: the least one, and the number; `None` if none does.
	pub fn points_of(&self, key: Key, band: PriceBand) -> Option<(U256, U256)> {
		let mut before = U256::zero();
		for group in self.groups(band) {
			if let Some((first, count)) = group.points_of(key) {
				return (!count.is_zero()).then_some((before + first, count));
			}
			before += group.weight();
		}
		None
	}
}

/// One operation.
#[derive(Clone, Debug)]
pub enum Operation {
	/// Inserts an entry, or tries to.
	Insert(Entry),
	/// Removes the entry at this position, modulo the length.
	Remove(usize),
	/// Removes the entry with this key, if there is one.
	RemoveKey(Key),
	/// Replaces the stake and the activity of the entry at this position, modulo the length.
	Update(usize, u128, bool),
	/// Compares the two for a band, and draws with a seed.
	Compare(Price, Price, U256),
}

/// An index and a sorted vector that always agree.
pub struct Lockstep<W> {
	/// The index.
	pub index: Index<MemoryStore<W>>,
	/// The vector.
	pub sorted: SortedVec,
	/// The most entries so far.
	most: u32,
}

impl<W: Get<u32>> Default for Lockstep<W> {
	fn default() -> Self {
		Self { index: Index::new(MemoryStore::default()), sorted: SortedVec::default(), most: 0 }
	}
}

impl<W: Get<u32>> Lockstep<W> {
	/// Does one operation on both. Panics if they differ, if the index reads or writes more than it
	/// promises, or if [`Index::check`] fails.
	pub fn step(&mut self, step: &Operation) {
		self.step_unchecked(step);
		assert_eq!(self.index.check(), Ok(()), "after {step:?}");
		self.index.store().reset_accesses();
	}

	/// The same without [`Index::check`].
	pub fn step_unchecked(&mut self, step: &Operation) {
		let (index, sorted) = (&mut self.index, &mut self.sorted);
		index.store().reset_accesses();
		let before = index.store().root().height;
		let nth = |nth: usize| sorted.0.get(nth.checked_rem(sorted.0.len())?).copied();
		match *step {
			Operation::Insert(entry) => {
				assert_eq!(index.insert(entry), sorted.insert(entry), "{step:?}");
				self.most = self.most.max(index.store().root().len);
				assert!(index.store().root().height <= max_height_ever(self.most, W::get()));
				self.accesses(before, 2 * before + 1);
			},
			Operation::Remove(at) => {
				if let Some(entry) = nth(at) {
					self.remove(entry.key, before);
				}
			},
			Operation::RemoveKey(key) => self.remove(key, before),
			Operation::Update(at, stake, active) => {
				let Some(entry) = nth(at) else { return };
				let entry = Entry { stake, active, ..entry };
				assert_eq!(index.update(entry), sorted.update(entry), "{step:?}");
				self.accesses(before, before);
			},
			Operation::Compare(floor, ceiling, seed) => {
				if let Some(band) = PriceBand::new(floor, ceiling) {
					self.compare(band, seed);
				}
			},
		}
	}

	fn remove(&mut self, key: Key, height: u32) {
		assert_eq!(self.index.remove(key), Ok(self.sorted.remove(key)), "removing {key:?}");
		let most = (2 * height).saturating_sub(1);
		self.accesses(most, most);
	}

	/// Panics if the last operation has read or written more.
	fn accesses(&self, reads: u32, writes: u32) -> Accesses {
		let counts = self.index.store().take_accesses();
		assert!(counts.reads <= reads && counts.writes <= writes, "{counts:?}");
		counts
	}

	/// Compares all queries, with one draw by `seed` and some by the limits of one entry's seeds.
	pub fn compare(&self, band: PriceBand, seed: U256) {
		let (index, sorted) = (&self.index, &self.sorted);
		let height = index.store().root().height;
		let up = height.saturating_sub(1);
		assert_eq!(index.store().root().len as usize, sorted.0.len());
		assert!(height <= max_height(index.store().root().len, W::get()));

		index.store().reset_accesses();
		let totals = index.totals(band).expect("intact");
		self.accesses(2 * up + 1, 0);
		let groups = sorted.groups(band);
		for (group, sums) in groups.iter().zip([totals.below, totals.inside, totals.above]) {
			assert_eq!(U256::from(sums.stake), group.stake());
			let own = group.entries.iter().map(own_weight).fold(U256::zero(), |sum, own| sum + own);
			assert_eq!(sums.weight, own);
		}
		let total = groups.iter().fold(U256::zero(), |sum, group| sum + group.weight());
		assert_eq!((totals.weight(), sorted.total(band)), (total, total));

		assert_eq!(index.draw(band, seed), Ok(sorted.draw(band, seed)), "{band:?}, seed {seed}");
		self.accesses(3 * up + 1, 0);

		let smallest = index.smallest().expect("intact");
		self.accesses(1, 0);
		let naive =
			sorted.0.iter().min_by_key(|entry| (entry.stake, entry.key.id, entry.key.price));
		assert_eq!(
			smallest.map(|smallest| (smallest.stake, smallest.id, smallest.price)),
			naive.map(|entry| (entry.stake, entry.key.id, entry.key.price))
		);

		let Some(at) = (seed.low_u64() as usize).checked_rem(sorted.0.len()) else {
			return;
		};
		let entry = sorted.0[at];
		let points = sorted.points_of(entry.key, band);
		assert_eq!(points.is_some(), entry.active && entry.stake > 0, "every stake has a point");
		if let Some((first, count)) = points {
			// The least and the greatest of its seeds, and the seeds beside them.
			let (least, end) = (least_seed(first, total), first + count);
			let greatest = if end < total { least_seed(end, total) - 1 } else { U256::MAX };
			assert_eq!(index.draw(band, least), Ok(Some(entry)));
			assert_eq!(index.draw(band, greatest), Ok(Some(entry)));
			if let Some(below) = least.checked_sub(1.into()) {
				assert_ne!(index.draw(band, below), Ok(Some(entry)));
			}
			if let Some(above) = greatest.checked_add(1.into()) {
				assert_ne!(index.draw(band, above), Ok(Some(entry)));
			}
		}
		index.store().reset_accesses();
	}

	/// Panics unless the entries of the index are the vector.
	pub fn compare_all(&self) {
		assert_eq!(self.index.entries().as_ref(), Ok(&self.sorted.0));
		self.index.store().reset_accesses();
	}
}

/// Runs operations decoded from arbitrary bytes: the first byte chooses the width, nine more make
/// one operation.
pub fn run_bytes(data: &[u8]) {
	let Some((width, steps)) = data.split_first() else { return };
	match width % 4 {
		0 => run_steps::<ConstU32<4>>(steps),
		1 => run_steps::<ConstU32<5>>(steps),
		2 => run_steps::<ConstU32<7>>(steps),
		_ => run_steps::<ConstU32<64>>(steps),
	}
}

fn run_steps<W: Get<u32>>(steps: &[u8]) {
	let mut pair = Lockstep::<W>::default();
	for step in steps.chunks_exact(9) {
		let word =
			|at: usize| u32::from_le_bytes([step[at], step[at + 1], step[at + 2], step[at + 3]]);
		let (first, second) = (word(1), word(5));
		// Few prices or all of them; small stakes or all sizes.
		let price = if step[0] & 0x80 == 0 { first >> 8 & 7 } else { first };
		let stake = u128::from(second >> 8) << (second & 0x7f);
		let active = step[0] & 0x40 == 0;
		let id: Id = first & 0xff;
		pair.step(&match step[0] & 7 {
			0..=2 => Operation::Insert(Entry { key: Key { price, id }, stake, active }),
			3 => Operation::Remove(first as usize),
			4 => Operation::RemoveKey(Key { price, id }),
			5 => Operation::Update(first as usize, stake, active),
			// All bits of the seed vary, most of all the high ones, which decide.
			_ => Operation::Compare(
				price,
				second,
				(U256::MAX / (second | 1)).overflowing_mul(first.into()).0,
			),
		});
	}
	pair.compare_all();
}
