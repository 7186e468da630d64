//! Orders of operations that are hard for search trees, with every node's boundary crossed.

use sp_core::{ConstU32, Get, U256};
use std::{println, vec::Vec};

use super::{entry, Numbers};
use crate::{
	oracle::{Lockstep, Operation},
	Entry, Key, NodeStore,
};

/// Runs steps one by one, everything stored checked after each, with a comparison after every few.
struct Run<W> {
	pair: Lockstep<W>,
	numbers: Numbers,
	steps: u64,
}

impl<W: Get<u32>> Run<W> {
	fn new() -> Self {
		Self { pair: Lockstep::default(), numbers: Numbers(88_172_645_463_325_252), steps: 0 }
	}

	fn step(&mut self, step: Operation) {
		self.pair.step(&step);
		self.steps += 1;
		if self.steps.is_multiple_of(5) {
			self.compare();
		}
	}

	fn insert(&mut self, key: Key) {
		let stake = self.numbers.below(1000).into();
		let active = self.numbers.below(5) > 0;
		self.step(Operation::Insert(Entry { key, stake, active }));
	}

	fn compare(&mut self) {
		let entries = self.pair.sorted.entries();
		let Some(last) = entries.last() else { return };
		let end = u64::from(last.key.price) + 2;
		let (one, other) = (self.numbers.below(end) as u32, self.numbers.below(end) as u32);
		let seed = self.numbers.seed();
		self.step(Operation::Compare(one.min(other), one.max(other), seed));
	}

	fn remove_all(&mut self, mut next: impl FnMut(usize) -> usize) {
		while !self.pair.sorted.entries().is_empty() {
			let at = next(self.pair.sorted.entries().len());
			self.step(Operation::Remove(at));
		}
		self.pair.compare_all();
		assert_eq!(self.pair.index.store().root().height, 0);
	}

	fn end(self, what: &str) {
		self.pair.compare_all();
		println!("width {}: {what}: {} steps", W::get(), self.steps);
	}
}

/// A number of entries that makes all heights up to 3, in reasonable time.
fn size<W: Get<u32>>() -> u32 {
	(W::get() * W::get()).clamp(120, 900)
}

fn keys(count: u32) -> impl DoubleEndedIterator<Item = Key> {
	(0..count).map(|at| Key { price: 1 + at, id: at })
}

/// Filled in five orders, each time emptied in another.
fn fill_and_empty<W: Get<u32>>() {
	let mut run = Run::<W>::new();
	let count = size::<W>();

	keys(count).for_each(|key| run.insert(key));
	run.remove_all(|_| 0);

	keys(count).rev().for_each(|key| run.insert(key));
	run.remove_all(|len| len - 1);

	// From both ends in turn, to the middle; out of the middle.
	let mut rest: std::collections::VecDeque<_> = keys(count).collect();
	while let Some(key) = rest.pop_front() {
		run.insert(key);
		rest.pop_back().into_iter().for_each(|key| run.insert(key));
	}
	run.remove_all(|len| len / 2);

	// All of one price: only the ids tell them apart. Out at both ends in turn.
	let mut numbers = Numbers(12);
	for id in numbers.shuffled(0..count) {
		run.insert(Key { price: 9, id });
	}
	run.remove_all(|len| if len % 2 == 0 { 0 } else { len - 1 });

	// The middle of what is there; out at random.
	for at in 0..count {
		let price = if at % 2 == 0 { 1 + at } else { 2 * count - at };
		run.insert(Key { price, id: at });
	}
	run.remove_all(|len| numbers.below(len as u64) as usize);
	run.end("filled and emptied");
}

/// At every size from 1 on, entries are inserted and removed at every position, so that each
/// boundary at which a node splits or joins is crossed in both directions.
fn sawtooth<W: Get<u32>>() {
	let mut run = Run::<W>::new();
	let most = if W::get() < 10 { 70 } else { 3 * W::get() };
	for size in 0..most {
		run.insert(Key { price: 10 * (1 + size), id: 0 });
		let teeth: Vec<u32> =
			if W::get() < 10 { (0..=size).collect() } else { [0, size / 2, size].into() };
		for tooth in teeth {
			// One more, and back; then one less, and back.
			let key = Key { price: 10 * (1 + tooth) + 1, id: 1 };
			run.pair.step(&Operation::Insert(entry(key.price, key.id, 5)));
			run.pair.step(&Operation::RemoveKey(key));
			let entry = run.pair.sorted.entries()[tooth as usize];
			run.pair.step(&Operation::RemoveKey(entry.key));
			run.pair.step(&Operation::Insert(entry));
			run.steps += 4;
		}
		run.compare();
	}
	// Larger teeth on the way down: three out, two in.
	let mut at = 0;
	while run.pair.sorted.entries().len() > 3 {
		for _ in 0..3 {
			run.step(Operation::Remove(at));
		}
		for _ in 0..2 {
			at += 1;
			run.insert(Key { price: 1_000_000 - at as u32, id: 0 });
		}
	}
	run.end("sawtooth");
}

/// A growing index splits every node on the way, a shrinking one joins them: the most expensive
/// operations, which cost what the documentation says.
fn split_and_join_all<W: Get<u32>>() {
	let mut pair = Lockstep::<W>::default();
	for at in 0..3000 {
		let before = pair.index.store().root().height;
		pair.index.insert(entry(1 + at, at, 1)).unwrap();
		let counts = pair.index.store().take_accesses();
		assert_eq!(counts.reads, before);
		if pair.index.store().root().height > before {
			assert_eq!(counts.writes, 2 * before + 1);
		}
	}
	for at in 0..3000 {
		let before = pair.index.store().root().height;
		pair.index.remove(Key { price: 1 + at, id: at }).unwrap();
		let counts = pair.index.store().take_accesses();
		if pair.index.store().root().height < before {
			assert_eq!((counts.reads, counts.writes), (2 * before - 1, 2 * before - 1));
		}
	}
	assert_eq!(pair.index.store().root().len, 0);
}

macro_rules! for_widths {
	($($name:ident: $width:literal),+) => {$(
		mod $name {
			use super::*;

			#[test]
			fn filled_and_emptied() {
				fill_and_empty::<ConstU32<$width>>();
			}

			#[test]
			fn sawtooth_at_every_boundary() {
				sawtooth::<ConstU32<$width>>();
			}

			#[test]
			fn the_split_and_join_all_up_and_down() {
				split_and_join_all::<ConstU32<$width>>();
			}
		}
	)+};
}

for_widths!(width_4: 4, width_5: 5, width_7: 7, width_64: 64);

/// An id may come back with another price, stakes may tie, and the lowest id is the smallest.
#[test]
fn ties_go_to_the_lowest_id() {
	let mut pair = Lockstep::<ConstU32<4>>::default();
	for (price, id, stake) in [(9, 1, 5), (1, 8, 5), (4, 3, 5), (2, 7, 6), (3, 2, 5), (5, 9, 4)] {
		pair.step(&Operation::Insert(entry(price, id, stake)));
		pair.step(&Operation::Compare(3, 4, U256::from(17)));
	}
	let smallest = |pair: &Lockstep<_>| pair.index.smallest().unwrap().unwrap().id;
	assert_eq!(smallest(&pair), 9);
	pair.step(&Operation::RemoveKey(Key { price: 5, id: 9 }));
	assert_eq!(smallest(&pair), 1);
	// Inactive entries count as well.
	pair.step(&Operation::Insert(Entry { active: false, ..entry(7, 0, 5) }));
	assert_eq!(smallest(&pair), 0);
}
