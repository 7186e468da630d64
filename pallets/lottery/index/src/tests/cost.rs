//! The numbers of nodes that operations read and write, at the sizes of the documentation.

use codec::MaxEncodedLen;
use sp_core::{ConstU32, Get};
use std::{println, vec::Vec};

use super::{entry, lockstep_of, Numbers};
use crate::{
	check_width, max_height, max_height_ever, min_fill, oracle::Accesses, oracle::Lockstep, Child,
	Entry, Key, Node, NodeStore, PriceBand, Root,
};

type Width = ConstU32<64>;

/// Entries like those of a pool: prices around a fee, many of them equal.
fn members(numbers: &mut Numbers, count: u32) -> Vec<Entry> {
	numbers
		.shuffled(0..count)
		.into_iter()
		.map(|id| {
			let price = 1 + numbers.below(20_000) as u32;
			let stake = 1 + u128::from(numbers.next());
			Entry { active: numbers.below(10) > 0, ..entry(price, id, stake) }
		})
		.collect()
}

/// Returns the most nodes that any of these operations reads and writes.
fn most<T>(
	pair: &mut Lockstep<Width>,
	items: &[T],
	mut run: impl FnMut(&mut Lockstep<Width>, &T),
) -> Accesses {
	let mut most = Accesses::default();
	for item in items {
		run(pair, item);
		let Accesses { reads, writes } = pair.index.store().take_accesses();
		most = Accesses { reads: most.reads.max(reads), writes: most.writes.max(writes) };
	}
	most
}

fn costs(count: u32, height: u32, order: &str, mut entries: Vec<Entry>) {
	let mut numbers = Numbers(u64::from(count) + 1);
	if order == "ascending" {
		entries.sort_by_key(|entry| entry.key);
	}
	let pair = &mut lockstep_of::<Width>(entries.clone());
	assert_eq!(pair.index.store().root().height, height, "{count} entries, {order}");
	assert_eq!(pair.index.check(), Ok(()));
	pair.index.store().reset_accesses();

	let bands: Vec<_> = (0..300)
		.map(|_| {
			let (one, other) = (numbers.below(20_001) as u32, numbers.below(20_001) as u32);
			(PriceBand::new(one.min(other), one.max(other).max(1)).unwrap(), numbers.seed())
		})
		.collect();
	let some: Vec<_> = numbers.shuffled(entries).into_iter().take(600).collect();
	let up = height - 1;

	let reads = |reads| Accesses { reads, writes: 0 };
	let smallest = most(pair, &[()], |pair, _| _ = pair.index.smallest().unwrap());
	assert_eq!(smallest, reads(1));
	let totals = most(pair, &bands, |pair, (band, _)| _ = pair.index.totals(*band).unwrap());
	assert_eq!(totals, reads(2 * up + 1));
	let draw = most(pair, &bands, |pair, (band, seed)| {
		assert!(pair.index.draw(*band, *seed).unwrap().is_some())
	});
	assert_eq!(draw, reads(3 * up + 1));
	let update = most(pair, &some, |pair, entry| {
		let entry = Entry { active: !entry.active, ..*entry };
		pair.index.update(entry).unwrap();
	});
	assert_eq!(update, Accesses { reads: height, writes: height });
	// The same again: nothing changes, and nothing is written.
	let same = most(pair, &some, |pair, entry| {
		let entry = Entry { active: !entry.active, ..*entry };
		pair.index.update(entry).unwrap();
	});
	assert_eq!(same, reads(height));
	let remove = most(pair, &some[..some.len() / 2], |pair, entry| {
		assert!(pair.index.remove(entry.key).unwrap().is_some())
	});
	assert!(remove.reads < 2 * height && remove.writes < 2 * height);
	let insert =
		most(pair, &some[..some.len() / 2], |pair, entry| pair.index.insert(*entry).unwrap());
	assert!(insert.reads <= height && insert.writes <= 2 * height + 1);
	assert_eq!(pair.index.check(), Ok(()));

	let nodes = pair.index.store().root().next_id;
	println!(
		"{count} entries, {order}: height {height}, {nodes} ids used; reads: smallest {}, totals {}, \
		draw {}; reads+writes at most: update {}+{}, insert {}+{}, remove {}+{}",
		smallest.reads,
		totals.reads,
		draw.reads,
		update.reads,
		update.writes,
		insert.reads,
		insert.writes,
		remove.reads,
		remove.writes
	);
}

#[test]
fn costs_by_size() {
	for (count, height) in [(32, 1), (1_024, 2), (10_000, 3), (100_000, 3)] {
		let members = members(&mut Numbers(7), count);
		costs(count, height, "any order", members.clone());
		costs(count, height, "ascending", members);
	}
}

/// As high as a hundred thousand can be: in ascending order nodes are left two thirds full, and
/// then every leaf is emptied until one entry less would have it joined. Some are joined, so that
/// it is a hundred thousand, and the top has three children for the three ways of a draw.
#[test]
fn the_sparsest_hundred_thousand_have_four_levels() {
	let width: u32 = Width::get();
	let least = min_fill(width);
	// What a full leaf leaves behind when the next entry in order splits it.
	let left_behind = width + 1 - least;
	let count = 101_010 / least * left_behind;
	let stays = |id: &u32| id % left_behind < least && id / left_behind % 100 != 50;
	let mut pair = Lockstep::<Width>::default();
	for id in 0..count {
		pair.index.insert(entry(1 + id / 4, id, 1 + u128::from(id % 1_000))).unwrap();
		pair.index.store().reset_accesses();
	}
	for id in (0..count).filter(|id| !stays(id)) {
		assert!(pair.index.remove(Key { price: 1 + id / 4, id }).unwrap().is_some());
		pair.index.store().reset_accesses();
	}
	assert_eq!(pair.index.check(), Ok(()));
	pair.index.store().reset_accesses();
	let Root { len, height, .. } = pair.index.store().root();
	assert_eq!((height, max_height(len, width)), (4, 4));
	assert_eq!(len, 100_002);
	let fills: Vec<_> = pair.index.store().leaves().collect();
	let sparse = fills.iter().filter(|entries| **entries == least as usize).count();
	assert!(sparse + 2 >= fills.len(), "{sparse} of {} leaves", fills.len());

	let mut numbers = Numbers(3);
	let prices = u64::from(count / 4);
	let mut draws = std::collections::BTreeMap::<u32, u32>::new();
	for _ in 0..1_000 {
		let (one, other) = (1 + numbers.below(prices) as u32, 1 + numbers.below(prices) as u32);
		let band = PriceBand::new(one.min(other), one.max(other)).unwrap();
		assert!(pair.index.draw(band, numbers.seed()).unwrap().is_some());
		let counts = pair.index.store().take_accesses();
		assert_eq!(counts.writes, 0);
		*draws.entry(counts.reads).or_default() += 1;
	}
	// One way down for each end of the band and one to the entry drawn, which part at the top or
	// below.
	assert_eq!(draws.keys().last(), Some(&(3 * (height - 1) + 1)));
	for id in (0..count).filter(stays).step_by(99) {
		let entry = Entry { active: false, ..entry(1 + id / 4, id, u128::from(id) + 1_001) };
		assert!(pair.index.update(entry).unwrap().is_some_and(|before| before != entry));
		assert_eq!(pair.index.store().take_accesses(), Accesses { reads: height, writes: height });
	}
	assert_eq!(pair.index.check(), Ok(()));
	println!(
		"{len} entries, {sparse} of {} leaves at their least fill: height {height}; draws by reads: \
		{draws:?}; update {height}+{height}",
		fills.len()
	);
}

/// The largest index in lockstep with the sorted vector.
#[test]
fn a_hundred_thousand_agree_with_a_vector() {
	let mut numbers = Numbers(99);
	let pair = lockstep_of::<Width>(members(&mut numbers, 100_000));
	for _ in 0..20 {
		let (one, other) = (numbers.below(20_001) as u32, numbers.below(20_001) as u32);
		let band = PriceBand::new(one.min(other), one.max(other).max(1)).unwrap();
		pair.compare(band, numbers.seed());
	}
	pair.compare_all();
}

#[test]
fn heights() {
	assert_eq!([0, 1, 41, 42, 881, 882].map(|len| max_height(len, 64)), [0, 1, 1, 2, 2, 3]);
	// At most four levels for 100,000, and one node for a pool of 32.
	assert_eq!(max_height(100_000, 64), 4);
	let ever = |most| max_height_ever(most, 64);
	assert_eq!([0, 1, 64, 65, 1_364, 1_365].map(ever), [0, 1, 1, 2, 2, 3]);
	assert_eq!([1_024, 28_664, 28_665, 100_000].map(ever), [2, 3, 4, 4]);
	assert_eq!(ever(crate::MAX_ENTRIES), 5);
	assert_eq!(max_height(32, 64), 1);
	assert_eq!(max_height(crate::MAX_ENTRIES, 4), 20);
	assert_eq!([4, 5, 7, 9, 64, 256].map(min_fill), [2, 2, 2, 3, 21, 85]);
}

/// The sparsest index: every node emptied until it is about to be joined.
#[test]
fn the_sparsest_index_is_no_higher_than_promised() {
	let mut pair = lockstep_of::<ConstU32<7>>((0..4_000).map(|id| entry(1 + id, id, 1)).collect());
	let mut highest = 0;
	for id in 0..4_000 {
		// Two of three, so that all nodes shrink alike.
		if id % 3 != 0 {
			pair.index.remove(Key { price: 1 + id, id }).unwrap();
		}
		let root = pair.index.store().root();
		assert!(root.height <= max_height(root.len, 7));
		highest = highest.max(root.height);
	}
	assert_eq!(pair.index.check(), Ok(()));
	println!(
		"{} entries, height {} of {highest}",
		pair.index.store().root().len,
		pair.index.store().root().height
	);
}

#[test]
fn widths() {
	assert!([4, 5, 64, 256].iter().all(|width| check_width(*width).is_ok()));
	assert!(check_width(3).unwrap_err().contains("raise their width to 4"));
	assert!(check_width(257).unwrap_err().contains("lower their width to 256"));
	// Whatever the width, what was split or joined in halves is filled enough, and joining two
	// nodes of which one lacks an item never gives three.
	for width in crate::MIN_WIDTH..=crate::MAX_WIDTH {
		let least = min_fill(width);
		assert!(least >= 2 && 2 * least <= width + 1, "{width}");
	}
}

/// The sizes that the documentation states.
#[test]
fn sizes() {
	assert_eq!(Entry::max_encoded_len(), 25);
	assert_eq!(Child::max_encoded_len(), 92);
	assert_eq!(Node::<Width>::max_encoded_len(), 5_891);
	assert_eq!(Root::max_encoded_len(), 29);
}
