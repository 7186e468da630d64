//! What led to a verified hash, from the chain's events, latest first.
//!
//! Events say which blocks were verified, which proposals they were, and where the rollup was reset;
//! skipped and cancelled blocks are those that were not verified.

use crate::{
	chain::{BlockId, H256},
	execution::Parent,
};
use std::collections::BTreeMap;

/// An event that decides what the rollup consists of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event {
	/// A block was proposed.
	Proposed {
		/// The block.
		block_id: BlockId,
		/// The hash of its transaction list.
		tx_list_hash: H256,
		/// The most gas that it may use.
		gas_limit: u32,
	},
	/// A block was verified.
	Verified {
		/// The block.
		block_id: BlockId,
		/// Its hash.
		block_hash: H256,
	},
	/// Governance set the verified hash.
	Reset {
		/// The hash.
		verified_hash: H256,
	},
	/// The rollup began.
	Started {
		/// The hash of its genesis block.
		genesis_hash: H256,
	},
}

/// A verified block, to be executed again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Replay {
	/// The block.
	pub block_id: BlockId,
	/// Its verified hash.
	pub block_hash: H256,
	/// The number of the chain's block that proposed it.
	pub proposed_in: u64,
	/// The hash of its transaction list.
	pub tx_list_hash: H256,
	/// The most gas that it may use.
	pub gas_limit: u32,
}

/// The path from a known state to a verified hash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Path {
	/// The block whose state is known, or the genesis block.
	pub base: Parent,
	/// The blocks after it, in their order.
	pub replays: Vec<Replay>,
}

/// What is being looked for, earlier than everything seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
	/// The block that was verified with this hash.
	Block(H256),
	/// Whatever set the verified hash: it is that of the parent.
	Parent,
	/// Nothing: the base is found.
	Base(Parent),
}

/// Collects the path from events. They are shown latest first.
#[derive(Clone, Debug)]
pub struct Trace {
	wanted: Wanted,
	/// The verified blocks on the path, latest first.
	verified: Vec<Parent>,
	/// Of each of them, its proposal once it was seen.
	proposals: BTreeMap<BlockId, Option<Replay>>,
}

impl Trace {
	/// Creates a trace back from this verified hash, whose state is not known.
	pub fn new(target: H256) -> Self {
		Self { wanted: Wanted::Block(target), verified: Vec::new(), proposals: BTreeMap::new() }
	}

	/// Takes the events of a block of the chain, in their order. `is_known` returns whether the
	/// state of the block with this hash is there.
	pub fn see(&mut self, number: u64, events: &[Event], is_known: impl Fn(H256) -> bool) {
		for event in events.iter().rev() {
			match *event {
				Event::Proposed { block_id, tx_list_hash, gas_limit } => {
					let verified = self.verified.iter().find(|verified| verified.id == block_id);
					if let (Some(verified), Some(slot @ None)) =
						(verified, self.proposals.get_mut(&block_id))
					{
						*slot = Some(Replay {
							block_id,
							block_hash: verified.hash,
							proposed_in: number,
							tx_list_hash,
							gas_limit,
						});
					}
				},
				Event::Verified { block_id, block_hash } => {
					let block = Parent { id: block_id, hash: block_hash };
					match self.wanted {
						Wanted::Parent if is_known(block_hash) => self.wanted = Wanted::Base(block),
						Wanted::Parent => self.take(block),
						Wanted::Block(hash) if hash == block_hash => self.take(block),
						Wanted::Block(_) | Wanted::Base(_) => {},
					}
				},
				Event::Reset { verified_hash } if self.wanted == Wanted::Parent => {
					// Events do not say which block has this hash.
					let base = Parent { id: 0, hash: verified_hash };
					self.wanted = match is_known(verified_hash) {
						true => Wanted::Base(base),
						false => Wanted::Block(verified_hash),
					};
				},
				Event::Started { genesis_hash } => self.begin(genesis_hash),
				Event::Reset { .. } => {},
			}
		}
	}

	/// Ends at the rollup's genesis block, before which nothing was verified.
	pub fn begin(&mut self, genesis_hash: H256) {
		match self.wanted {
			Wanted::Block(hash) if hash != genesis_hash => {},
			Wanted::Base(_) => {},
			_ => self.wanted = Wanted::Base(Parent { id: 0, hash: genesis_hash }),
		}
	}

	fn take(&mut self, block: Parent) {
		self.verified.push(block);
		self.proposals.insert(block.id, None);
		self.wanted = Wanted::Parent;
	}

	/// Returns the path, once everything on it was seen.
	pub fn path(&self) -> Option<Path> {
		let Wanted::Base(base) = self.wanted else { return None };
		let proposal = |verified: &Parent| self.proposals.get(&verified.id).copied().flatten();
		let replays = self.verified.iter().rev().map(proposal).collect::<Option<_>>()?;
		Some(Path { base, replays })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::execution::tests::hash;

	fn proposed(block_id: BlockId) -> Event {
		Event::Proposed { block_id, tx_list_hash: hash(100 + block_id as u8), gas_limit: 5_000 }
	}

	fn verified(block_id: BlockId, byte: u8) -> Event {
		Event::Verified { block_id, block_hash: hash(byte) }
	}

	fn replay(block_id: BlockId, byte: u8, proposed_in: u64) -> Replay {
		Replay {
			block_id,
			block_hash: hash(byte),
			proposed_in,
			tx_list_hash: hash(100 + block_id as u8),
			gas_limit: 5_000,
		}
	}

	/// Shows the blocks of a chain, of which the first has the number 1, until the path is found;
	/// returns it with the number of the last block that was looked at.
	fn trace(chain: &[Vec<Event>], target: u8, known: &[u8]) -> (Option<Path>, u64) {
		let mut trace = Trace::new(hash(target));
		for (index, events) in chain.iter().enumerate().rev() {
			let number = index as u64 + 1;
			trace.see(number, events, |it| known.iter().any(|byte| hash(*byte) == it));
			if let Some(path) = trace.path() {
				return (Some(path), number);
			}
		}
		trace.begin(hash(GENESIS));
		(trace.path(), 0)
	}

	const GENESIS: u8 = 9;

	fn base(id: BlockId, byte: u8) -> Parent {
		Parent { id, hash: hash(byte) }
	}

	#[test]
	fn everything_is_found_from_the_beginning() {
		let chain = [
			vec![proposed(1), proposed(2)],
			vec![proposed(3), verified(1, 11)],
			vec![verified(2, 12), verified(3, 13)],
		];
		let replays = vec![replay(1, 11, 1), replay(2, 12, 1), replay(3, 13, 2)];
		let expected = Path { base: base(0, GENESIS), replays };
		assert_eq!(trace(&chain, 13, &[]), (Some(expected), 0));
	}

	#[test]
	fn it_ends_at_a_known_state_once_the_proposals_are_found() {
		let chain = [
			vec![proposed(1)],
			vec![proposed(2), proposed(3)],
			vec![verified(1, 11)],
			vec![verified(2, 12)],
			vec![proposed(4), verified(3, 13)],
			vec![verified(4, 14)],
		];
		let expected =
			Path { base: base(2, 12), replays: vec![replay(3, 13, 2), replay(4, 14, 5)] };
		assert_eq!(trace(&chain, 14, &[12]), (Some(expected), 2));
	}

	/// Skipped and cancelled blocks are proposed, and never verified.
	#[test]
	fn blocks_that_were_not_verified_are_no_part_of_it() {
		let chain = [
			vec![proposed(1), proposed(2), proposed(3)],
			vec![verified(1, 11)],
			vec![proposed(4)],
			vec![verified(4, 14)],
		];
		let expected =
			Path { base: base(0, GENESIS), replays: vec![replay(1, 11, 1), replay(4, 14, 3)] };
		assert_eq!(trace(&chain, 14, &[]).0, Some(expected));
	}

	/// A wrong block was verified; a reset returned to the one before it.
	#[test]
	fn what_a_reset_undid_is_no_part_of_it() {
		let chain = [
			vec![proposed(1), proposed(2), proposed(3)],
			vec![verified(1, 11), verified(2, 66), verified(3, 67)],
			vec![Event::Reset { verified_hash: hash(11) }, proposed(4)],
			vec![verified(4, 14)],
		];
		let whole =
			Path { base: base(0, GENESIS), replays: vec![replay(1, 11, 1), replay(4, 14, 3)] };
		assert_eq!(trace(&chain, 14, &[]).0, Some(whole));
		// The state of block 1 is there, and so is that of a block that was undone.
		let known = Path { base: base(0, 11), replays: vec![replay(4, 14, 3)] };
		assert_eq!(trace(&chain, 14, &[11, 66]).0, Some(known));
		// The target itself was set by the reset.
		let reset = Path { base: base(0, GENESIS), replays: vec![replay(1, 11, 1)] };
		assert_eq!(trace(&chain[..3], 11, &[]).0, Some(reset));
	}

	#[test]
	fn a_reset_to_the_genesis_block_leaves_nothing() {
		let chain = [
			vec![proposed(1)],
			vec![verified(1, 66)],
			vec![Event::Reset { verified_hash: hash(GENESIS) }],
		];
		let expected = Path { base: base(0, GENESIS), replays: vec![] };
		assert_eq!(trace(&chain, GENESIS, &[]).0, Some(expected));
	}

	#[test]
	fn a_rollup_that_began_later_has_its_genesis_block_there() {
		let start = Event::Started { genesis_hash: hash(8) };
		let chain = [vec![], vec![start, proposed(1)], vec![verified(1, 11)]];
		let expected = Path { base: base(0, 8), replays: vec![replay(1, 11, 2)] };
		assert_eq!(trace(&chain, 11, &[]), (Some(expected), 2));
	}

	#[test]
	fn a_hash_that_was_never_verified_is_not_found() {
		let chain = [vec![proposed(1)], vec![verified(1, 11)]];
		assert_eq!(trace(&chain, 77, &[11]).0, None);
		// A reset may have set one that no block had.
		let chain =
			[vec![Event::Reset { verified_hash: hash(55) }], vec![proposed(1), verified(1, 11)]];
		assert_eq!(trace(&chain, 11, &[]).0, None);
	}
}
