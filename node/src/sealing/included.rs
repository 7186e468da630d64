//! The transactions of the latest blocks.

use prover_pool_runtime::Hash;
use std::collections::{HashSet, VecDeque};

/// The number of blocks that are kept. The pool reports a transaction within a few blocks.
const BLOCKS: usize = 256;

/// The transactions of the latest [`BLOCKS`] blocks.
#[derive(Default)]
pub struct Included {
	blocks: VecDeque<HashSet<Hash>>,
}

impl Included {
	/// Adds the transactions of a block, and drops those of the oldest block above the limit.
	pub fn add(&mut self, transactions: impl IntoIterator<Item = Hash>) {
		self.blocks.push_back(transactions.into_iter().collect());
		if self.blocks.len() > BLOCKS {
			self.blocks.pop_front();
		}
	}

	/// Returns whether one of the latest blocks includes a transaction.
	pub fn contains(&self, transaction: &Hash) -> bool {
		self.blocks.iter().any(|block| block.contains(transaction))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_latest_blocks_are_remembered_and_older_ones_forgotten() {
		let [first, second, absent] = [1, 2, 3].map(Hash::repeat_byte);
		let mut included = Included::default();
		included.add([first]);
		included.add([second]);
		assert!(included.contains(&first) && included.contains(&second));
		assert!(!included.contains(&absent));

		(0..BLOCKS - 2).for_each(|_| included.add([]));
		assert!(included.contains(&first), "the oldest that is remembered");
		included.add([]);
		assert!(!included.contains(&first));
		assert!(included.contains(&second));
		assert_eq!(included.blocks.len(), BLOCKS);
	}
}
