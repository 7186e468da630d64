//! The index beside a sorted vector: what the property tests and the fuzzer run.
//!
//! [`Both`] does everything twice and compares. What the vector gives is computed in the plainest way,
//! without the code of the index.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use core::{cell::RefCell, marker::PhantomData};
use sp_core::{ConstU32, Get, U256, U512};

use crate::{
	max_height, min_fill, Band, Entry, Error, Id, Index, Key, Node, NodeId, Nodes, Price, Root,
};

/// How often nodes were read and written.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Counts {
	/// Nodes read.
	pub reads: u32,
	/// Nodes written or removed.
	pub writes: u32,
}

/// Nodes in memory, encoded as a chain would store them, and counted.
pub struct Memory<W> {
	root: Root,
	nodes: BTreeMap<NodeId, Vec<u8>>,
	counts: RefCell<BTreeMap<NodeId, Counts>>,
	width: PhantomData<W>,
}

impl<W> Default for Memory<W> {
	fn default() -> Self {
		Self {
			root: Root::default(),
			nodes: BTreeMap::new(),
			counts: RefCell::default(),
			width: PhantomData,
		}
	}
}

impl<W> Memory<W> {
	/// What the one operation since the counts were taken or reset has read and written. Panics if it
	/// read or wrote a node twice.
	pub fn take_counts(&self) -> Counts {
		let counts = self.counts.take();
		let mut sum = Counts::default();
		for (id, Counts { reads, writes }) in counts {
			assert!(reads <= 1 && writes <= 1, "node {id}: {reads} reads, {writes} writes");
			sum.reads += reads;
			sum.writes += writes;
		}
		sum
	}

	/// Forgets what was read and written so far.
	pub fn reset_counts(&self) {
		self.counts.take();
	}

	/// How many entries each leaf has.
	pub fn leaves(&self) -> impl Iterator<Item = usize> + '_
	where
		W: Get<u32>,
	{
		self.nodes.values().filter_map(|node| match Node::<W>::decode(&mut &node[..]) {
			Ok(Node::Leaf(entries)) => Some(entries.len()),
			_ => None,
		})
	}

	/// The nodes as they are stored, for tests that damage them.
	pub fn stored(&mut self) -> (&mut Root, &mut BTreeMap<NodeId, Vec<u8>>) {
		(&mut self.root, &mut self.nodes)
	}
}

impl<W: Get<u32>> Nodes for Memory<W> {
	type Width = W;

	fn root(&self) -> Root {
		self.root
	}

	fn set_root(&mut self, root: Root) {
		self.root = root;
	}

	fn get(&self, id: NodeId) -> Option<Node<W>> {
		self.counts.borrow_mut().entry(id).or_default().reads += 1;
		Node::decode(&mut &self.nodes.get(&id)?[..]).ok()
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

/// The same without a tree: entries in the order of their keys.
#[derive(Clone, Debug, Default)]
pub struct Sorted(Vec<Entry>);

/// A group of a band: its entries, what they count as, and their weight.
struct Group {
	entries: Vec<Entry>,
	/// `None`: everyone counts as its own price.
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

	/// Who is drawn by a point below the weight: with clamped prices, the first entry at whose end the
	/// stakes have a greater share of all stakes than the point has of the weight.
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

	/// The points of an entry: the least one, and how many.
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

impl From<Vec<Entry>> for Sorted {
	fn from(mut entries: Vec<Entry>) -> Self {
		entries.sort_by_key(|entry| entry.key);
		Self(entries)
	}
}

impl Sorted {
	/// All entries.
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

	/// Whether the active stakes would exceed 128 bits with this entry, and without that of `key`.
	fn overflows(&self, entry: Entry, key: Option<Key>) -> bool {
		let others = self.0.iter().filter(|other| Some(other.key) != key);
		let stakes = others.chain([&entry]).filter(|entry| entry.active);
		stakes.fold(U256::zero(), |sum, entry| sum + entry.stake) > u128::MAX.into()
	}

	fn groups(&self, band: Band) -> [Group; 3] {
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

	/// Who is drawn by this seed.
	pub fn draw(&self, band: Band, seed: U256) -> Option<Entry> {
		let groups = self.groups(band);
		let total = groups.iter().fold(U256::zero(), |sum, group| sum + group.weight());
		let mut point = seed.checked_rem(total)?;
		for group in groups {
			if point < group.weight() {
				return Some(group.draw(point));
			}
			point -= group.weight();
		}
		None
	}

	/// The points that draw an entry: the least one, and how many; `None` if nothing does.
	pub fn points_of(&self, key: Key, band: Band) -> Option<(U256, U256)> {
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
pub enum Step {
	/// Adds an entry, or tries to.
	Insert(Entry),
	/// Removes the entry at this place of the order, counted around.
	Remove(usize),
	/// Removes the entry with this key, if there is one.
	RemoveKey(Key),
	/// Gives the entry at this place another stake and activity.
	Update(usize, u128, bool),
	/// Compares what the two say about a band, and draws with a seed.
	Compare(Price, Price, U256),
}

/// An index and a sorted vector that must always agree.
pub struct Both<W> {
	/// The index.
	pub index: Index<Memory<W>>,
	/// The vector.
	pub sorted: Sorted,
}

impl<W: Get<u32>> Default for Both<W> {
	fn default() -> Self {
		Self { index: Index::new(Memory::default()), sorted: Sorted::default() }
	}
}

impl<W: Get<u32>> Both<W> {
	/// Does one operation on both. Panics if they differ, if the index reads or writes more than it
	/// promises, or if what it stores is not as it must be.
	pub fn step(&mut self, step: &Step) {
		self.step_unchecked(step);
		assert_eq!(self.index.check(), Ok(()), "after {step:?}");
		self.index.nodes().reset_counts();
	}

	/// The same without looking at everything stored.
	pub fn step_unchecked(&mut self, step: &Step) {
		let (index, sorted) = (&mut self.index, &mut self.sorted);
		index.nodes().reset_counts();
		let before = index.height();
		let nth = |nth: usize| sorted.0.get(nth.checked_rem(sorted.0.len())?).copied();
		match *step {
			Step::Insert(entry) => {
				assert_eq!(index.insert(entry), sorted.insert(entry), "{step:?}");
				self.counts(before, 2 * before + 1);
			},
			Step::Remove(at) => {
				if let Some(entry) = nth(at) {
					self.remove(entry.key, before);
				}
			},
			Step::RemoveKey(key) => self.remove(key, before),
			Step::Update(at, stake, active) => {
				let Some(entry) = nth(at) else { return };
				let entry = Entry { stake, active, ..entry };
				assert_eq!(index.update(entry), sorted.update(entry), "{step:?}");
				self.counts(before, before);
			},
			Step::Compare(floor, ceiling, seed) => {
				if let Some(band) = Band::new(floor, ceiling) {
					self.compare(band, seed);
				}
			},
		}
	}

	fn remove(&mut self, key: Key, height: u32) {
		assert_eq!(self.index.remove(key), Ok(self.sorted.remove(key)), "removing {key:?}");
		let most = (2 * height).saturating_sub(1);
		self.counts(most, most);
	}

	/// Panics if the last operation read or wrote more than this.
	fn counts(&self, reads: u32, writes: u32) -> Counts {
		let counts = self.index.nodes().take_counts();
		assert!(counts.reads <= reads && counts.writes <= writes, "{counts:?}: too many");
		counts
	}

	/// Compares all that can be asked, with one draw by `seed` and one aimed at the entry it names.
	pub fn compare(&self, band: Band, seed: U256) {
		let (index, sorted) = (&self.index, &self.sorted);
		let height = index.height();
		let up = height.saturating_sub(1);
		assert_eq!(index.len() as usize, sorted.0.len());
		assert!(height <= max_height(index.len(), W::get()));

		index.nodes().reset_counts();
		let totals = index.totals(band).expect("sound");
		self.counts(2 * up + 1, 0);
		let groups = sorted.groups(band);
		for (group, sums) in groups.iter().zip([totals.below, totals.inside, totals.above]) {
			assert_eq!(U256::from(sums.stake), group.stake());
			let own = group.entries.iter().map(own_weight).fold(U256::zero(), |sum, own| sum + own);
			assert_eq!(sums.weight, own);
		}
		let total = groups.iter().fold(U256::zero(), |sum, group| sum + group.weight());
		assert_eq!(totals.weight(), total);

		assert_eq!(index.draw(band, seed), Ok(sorted.draw(band, seed)), "{band:?}, seed {seed}");
		self.counts(3 * up + 1, 0);

		let smallest = index.smallest().expect("sound").map(|smallest| smallest.key());
		self.counts(1, 0);
		let naive =
			sorted.0.iter().min_by_key(|entry| (entry.stake, entry.key.id, entry.key.price));
		assert_eq!(smallest, naive.map(|entry| entry.key));

		let Some(at) = (seed.low_u64() as usize).checked_rem(sorted.0.len()) else {
			assert_eq!(index.page(Key::default(), 8), Ok(Vec::new()));
			return;
		};
		let entry = sorted.0[at];
		assert_eq!(index.get(entry.key), Ok(Some(entry)));
		self.counts(height, 0);

		let points = sorted.points_of(entry.key, band);
		assert_eq!(points.is_some(), entry.active && entry.stake > 0, "every stake has a point");
		let least = index.point_of(entry.key, band);
		self.counts(3 * up + 1, 0);
		assert_eq!(least, Ok(points.map(|(first, _)| first)));
		if let Some((first, count)) = points {
			// Both ends of its points, and what lies beside them.
			assert_eq!(index.draw(band, first), Ok(Some(entry)));
			assert_eq!(index.draw(band, first + count - 1), Ok(Some(entry)));
			if count < total {
				assert_ne!(index.draw(band, (first + count) % total), Ok(Some(entry)));
				assert_ne!(index.draw(band, (first + total - 1) % total), Ok(Some(entry)));
			}
		}

		index.nodes().reset_counts();
		let limit = (seed.low_u32() >> 16) % 100;
		let from = Key { id: entry.key.id.saturating_add(seed.low_u32() & 1), ..entry.key };
		let rest: Vec<_> = sorted.0.iter().filter(|entry| entry.key >= from).copied().collect();
		let page = index.page(from, limit as usize);
		self.counts(2 * height + limit / (min_fill(W::get()) - 1), 0);
		assert_eq!(page, Ok(rest[..rest.len().min(limit as usize)].to_vec()));
	}

	/// Panics unless the index, read page by page, is the vector.
	pub fn compare_all(&self) {
		let mut from = Key::default();
		let mut seen = 0;
		loop {
			let page = self.index.page(from, 7).expect("sound");
			assert_eq!(page[..], self.sorted.0[seen..][..page.len()]);
			let Some(last) = page.last() else { break };
			seen += page.len();
			from = Key { id: last.key.id + 1, ..last.key };
		}
		assert_eq!(seen, self.sorted.0.len());
		self.index.nodes().reset_counts();
	}
}

/// Runs steps decoded from arbitrary bytes: the first byte chooses the width, every nine more a step.
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
	let mut both = Both::<W>::default();
	for step in steps.chunks_exact(9) {
		let word =
			|at: usize| u32::from_le_bytes([step[at], step[at + 1], step[at + 2], step[at + 3]]);
		let (first, second) = (word(1), word(5));
		// Few prices or all of them; small stakes or all sizes.
		let price = if step[0] & 0x80 == 0 { first >> 8 & 7 } else { first };
		let stake = u128::from(second >> 8) << (second & 0x7f);
		let active = step[0] & 0x40 == 0;
		let id: Id = first & 0xff;
		both.step(&match step[0] & 7 {
			0..=2 => Step::Insert(Entry { key: Key { price, id }, stake, active }),
			3 => Step::Remove(first as usize),
			4 => Step::RemoveKey(Key { price, id }),
			5 => Step::Update(first as usize, stake, active),
			// What came before decides little of the seed, and all of its bits count.
			_ => Step::Compare(
				price,
				second,
				(U256::MAX / (second | 1)).overflowing_mul(first.into()).0,
			),
		});
	}
	both.compare_all();
}
