//! The index in lockstep with a sorted vector: at random, in the orders that are hard for trees, at
//! the sizes of the documentation, and with damaged storage.

mod cost;
mod damage;
mod orders;
mod points;
mod random;

use alloc::vec::Vec;
use sp_core::U256;

use crate::{oracle::Lockstep, Entry, Key};

/// Returns an active entry.
fn entry(price: u32, id: u32, stake: u128) -> Entry {
	Entry { key: Key { price, id }, stake, active: true }
}

/// Numbers without a pattern, the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
	fn next(&mut self) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0
	}

	fn below(&mut self, end: u64) -> u64 {
		self.next() % end
	}

	fn seed(&mut self) -> U256 {
		U256([self.next(), self.next(), self.next(), self.next()])
	}

	/// Returns the items in another order.
	fn shuffled<T>(&mut self, items: impl IntoIterator<Item = T>) -> Vec<T> {
		let mut items: Vec<_> = items.into_iter().map(|item| (self.next(), item)).collect();
		items.sort_by_key(|(number, _)| *number);
		items.into_iter().map(|(_, item)| item).collect()
	}
}

/// Returns an index with these entries, inserted in this order, and the sorted vector of them.
fn lockstep_of<W: sp_core::Get<u32>>(entries: Vec<Entry>) -> Lockstep<W> {
	let mut pair = Lockstep::<W>::default();
	for entry in &entries {
		pair.index.insert(*entry).unwrap();
		pair.index.store().reset_accesses();
	}
	pair.sorted = entries.into();
	pair
}
