//! The rollup's lineage: the result of every block that waits for verification.
//!
//! A rollup block is a pure function of its parent and its proposal. So the hash of every waiting
//! block is known as soon as the lists before it are executed in order, whether anything is proven
//! or not.
//!
//! - this module: the results, and what to execute next;
//! - [`proposals`], [`search`] and [`lists`]: the transaction lists, from the chain's blocks;
//! - [`trace`]: what led from a known state to the verified hash, from the chain's events;
//! - [`rebuild`]: executes that again; [`catch_up`]: executes all up to one block.

pub mod catch_up;
pub mod lists;
pub mod proposals;
pub mod rebuild;
pub mod search;
pub mod trace;

use crate::{
	chain::{BlockId, H256},
	execution::{Executed, Parent, Proposal, Step},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The next step towards the results of all waiting blocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Next {
	/// All of them are known.
	Nothing,
	/// A block is to be executed.
	Execute(Step),
	/// The state of the last verified block is missing: it has to be rebuilt from the chain.
	Rebuild(Parent),
}

/// The results of executed blocks. A result depends on nothing but the proposal and the parent, so
/// none is ever wrong, whatever the chain reverts, skips or cancels.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Lineage {
	/// The hash of the rollup's genesis block, once it is known. Its state is no result.
	genesis: Option<H256>,
	executed: Vec<Executed>,
}

impl Lineage {
	/// Returns the results of the waiting blocks, up to the first that is not known. `verified` is
	/// the last verified block; `waiting` are the blocks that are not cancelled, in the order of
	/// their ids.
	pub fn results(&self, verified: Parent, waiting: &[Proposal]) -> BTreeMap<BlockId, Executed> {
		let mut parent = verified;
		let mut results = BTreeMap::new();
		for proposal in waiting {
			let Some(executed) = self.result(Step { proposal: *proposal, parent }) else { break };
			parent = Parent { id: proposal.block_id, hash: executed.block_hash };
			results.insert(proposal.block_id, executed);
		}
		results
	}

	/// Returns what to do next. `has_state` returns whether the state of the block with this hash
	/// is there.
	pub fn next(
		&self,
		verified: Parent,
		waiting: &[Proposal],
		has_state: impl Fn(H256) -> bool,
	) -> Next {
		let known =
			|| verified.id == 0 || self.genesis == Some(verified.hash) || has_state(verified.hash);
		let results = self.results(verified, waiting);
		let last = results.values().next_back();
		let parent =
			last.map_or(verified, |last| Parent { id: last.block_id(), hash: last.block_hash });
		match waiting.get(results.len()) {
			Some(_) if results.is_empty() && !known() => Next::Rebuild(verified),
			Some(proposal) => Next::Execute(Step { proposal: *proposal, parent }),
			None if waiting.is_empty() && !known() => Next::Rebuild(verified),
			None => Next::Nothing,
		}
	}

	/// Returns the result of a step, if it is known.
	fn result(&self, step: Step) -> Option<Executed> {
		let same = |executed: &&Executed| {
			executed.step.proposal == step.proposal && executed.step.parent.hash == step.parent.hash
		};
		self.executed.iter().find(same).copied()
	}

	/// Adds a result.
	pub fn record(&mut self, executed: Executed) {
		if self.result(executed.step).is_none() {
			self.executed.push(executed);
		}
	}

	/// Takes note that the state of a verified block was rebuilt from this block on. If they are the
	/// same, it is the rollup's genesis block, whose state the prover has itself.
	pub fn rebuilt(&mut self, target: Parent, base: Parent) {
		if base.hash == target.hash {
			self.genesis = Some(base.hash);
		}
	}

	/// Forgets the results with this hash: its state is not there, so it has to be executed again.
	pub fn forget(&mut self, block_hash: H256) {
		self.executed.retain(|executed| executed.block_hash != block_hash);
	}

	/// Forgets the results of the blocks before this one.
	pub fn forget_before(&mut self, block_id: BlockId) {
		self.executed.retain(|executed| executed.block_id() >= block_id);
	}

	/// Returns whether the block was executed, and never with this hash.
	pub fn contradicts(&self, block_id: BlockId, block_hash: H256) -> bool {
		let mut results = self.executed.iter().filter(|executed| executed.block_id() == block_id);
		results.clone().next().is_some() && results.all(|it| it.block_hash != block_hash)
	}

	/// Returns the hashes of all results.
	pub fn hashes(&self) -> BTreeSet<H256> {
		self.executed.iter().map(|executed| executed.block_hash).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::AccountId,
		execution::tests::{executed, hash, proposal},
	};

	const VERIFIED: Parent = Parent { id: 3, hash: H256([3; 32]) };

	fn lineage(results: &[Executed]) -> Lineage {
		let mut lineage = Lineage::default();
		results.iter().for_each(|executed| lineage.record(*executed));
		lineage
	}

	fn waiting(ids: &[BlockId]) -> Vec<Proposal> {
		ids.iter().map(|id| proposal(*id)).collect()
	}

	fn hashes(lineage: &Lineage, verified: Parent, ids: &[BlockId]) -> Vec<H256> {
		lineage.results(verified, &waiting(ids)).values().map(|it| it.block_hash).collect()
	}

	#[test]
	fn blocks_are_executed_in_their_order() {
		let mut lineage = Lineage::default();
		let blocks = waiting(&[4, 5, 6]);
		for (id, parent, gives) in [(4, 3, 14), (5, 14, 15), (6, 15, 16)] {
			let executed = executed(id, parent, gives);
			assert_eq!(lineage.next(VERIFIED, &blocks, |_| true), Next::Execute(executed.step));
			lineage.record(executed);
		}
		assert_eq!(lineage.next(VERIFIED, &blocks, |_| true), Next::Nothing);
		assert_eq!(hashes(&lineage, VERIFIED, &[4, 5, 6]), [hash(14), hash(15), hash(16)]);
	}

	#[test]
	fn a_verified_block_changes_no_result() {
		let lineage = lineage(&[executed(4, 3, 14), executed(5, 14, 15)]);
		let verified = Parent { id: 4, hash: hash(14) };
		assert_eq!(hashes(&lineage, verified, &[5]), [hash(15)]);
	}

	/// A skip leaves the verified hash and cancels all behind: new proposals build on that hash.
	#[test]
	fn after_a_skip_the_next_block_builds_on_the_verified_hash() {
		let lineage = lineage(&[executed(4, 3, 14), executed(5, 14, 15)]);
		let step = Step { proposal: proposal(6), parent: VERIFIED };
		assert_eq!(lineage.next(VERIFIED, &waiting(&[6]), |_| true), Next::Execute(step));
	}

	/// Another branch of the chain may hold another list under the same id; both results stay.
	#[test]
	fn a_reverted_proposal_has_another_result() {
		let mut lineage = lineage(&[executed(4, 3, 14)]);
		let other = Proposal { tx_list_hash: hash(99), ..proposal(4) };
		let step = Step { proposal: other, parent: VERIFIED };
		assert_eq!(lineage.next(VERIFIED, &[other], |_| true), Next::Execute(step));
		lineage.record(Executed { step, block_hash: hash(24), gas_used: 1 });
		assert_eq!(lineage.results(VERIFIED, &[other])[&4].block_hash, hash(24));
		assert_eq!(hashes(&lineage, VERIFIED, &[4]), [hash(14)]);
		for changed in [
			Proposal { gas_limit: 1, ..proposal(4) },
			Proposal { beneficiary: AccountId([9; 32]), ..proposal(4) },
		] {
			assert_eq!(lineage.results(VERIFIED, &[changed]), BTreeMap::new());
		}
	}

	#[test]
	fn a_missing_state_is_rebuilt_from_its_ancestors_or_from_the_chain() {
		let mut lineage = lineage(&[executed(4, 3, 14), executed(5, 14, 15)]);
		let blocks = waiting(&[4, 5, 6]);
		// The state of block 5 is gone: the block is executed again.
		lineage.forget(hash(15));
		assert_eq!(
			lineage.next(VERIFIED, &blocks, |_| false),
			Next::Execute(executed(5, 14, 15).step)
		);
		lineage.forget(hash(14));
		assert_eq!(lineage.next(VERIFIED, &blocks, |_| false), Next::Rebuild(VERIFIED));
		// At once, not only when a block waits.
		assert_eq!(lineage.next(VERIFIED, &[], |_| false), Next::Rebuild(VERIFIED));
		assert_eq!(lineage.next(VERIFIED, &[], |it| it == VERIFIED.hash), Next::Nothing);
	}

	#[test]
	fn the_genesis_block_needs_no_state() {
		let genesis = Parent { id: 0, ..VERIFIED };
		let step = Step { proposal: proposal(1), parent: genesis };
		let mut lineage = Lineage::default();
		assert_eq!(lineage.next(genesis, &waiting(&[1]), |_| false), Next::Execute(step));
		// A reset may return to it.
		assert_eq!(lineage.next(VERIFIED, &[], |_| false), Next::Rebuild(VERIFIED));
		lineage.rebuilt(VERIFIED, Parent { id: 0, ..VERIFIED });
		assert_eq!(lineage.next(VERIFIED, &[], |_| false), Next::Nothing);
	}

	#[test]
	fn results_of_settled_blocks_are_forgotten() {
		let mut lineage = lineage(&[executed(4, 3, 14), executed(5, 14, 15)]);
		lineage.forget_before(4);
		assert_eq!(lineage.hashes(), [hash(14), hash(15)].into());
		lineage.forget_before(5);
		assert_eq!(lineage.hashes(), [hash(15)].into());
	}

	#[test]
	fn a_verified_hash_that_no_execution_gave_is_noticed() {
		let lineage = lineage(&[executed(4, 3, 14), executed(4, 9, 24)]);
		let contradicted = [14, 24, 34].map(|byte| lineage.contradicts(4, hash(byte)));
		assert_eq!(contradicted, [false, false, true]);
		// This one was never executed.
		assert!(!lineage.contradicts(5, hash(34)));
	}

	#[test]
	fn a_lineage_is_read_as_it_was_written() {
		let mut lineage = lineage(&[executed(4, 3, 14)]);
		let genesis = Parent { id: 0, hash: hash(1) };
		lineage.rebuilt(genesis, genesis);
		let json = serde_json::to_string(&lineage).unwrap();
		assert_eq!(serde_json::from_str::<Lineage>(&json).unwrap(), lineage);
	}

	mod whatever_the_chain_does {
		use super::*;
		use proptest::{collection::vec, prelude::*};

		/// Executes a block as a pure function of its proposal and its parent.
		fn execute(step: Step) -> Executed {
			let mut block_hash = step.parent.hash.0;
			block_hash.rotate_left(1);
			block_hash[0] ^= step.proposal.block_id as u8;
			block_hash[1] ^= step.proposal.tx_list_hash.0[0];
			Executed { step, block_hash: H256(block_hash), gas_used: 1 }
		}

		proptest! {
			/// After any sequence of chains, with results forgotten and states lost at random, the
			/// lineage leads to the results of executing that chain from its verified block.
			#[test]
			fn results_are_those_of_an_execution_in_order(
				chains in vec((0..4u8, vec(0..3u8, 0..6), 0..8u64, any::<bool>()), 1..12)
			) {
				let mut lineage = Lineage::default();
				for (verified, lists, forgotten, loses) in chains {
					let verified = Parent { id: u64::from(verified), hash: hash(verified) };
					let ids = verified.id + 1..;
					let waiting: Vec<_> = ids.zip(&lists)
						.map(|(id, list)| Proposal { tx_list_hash: hash(*list), ..proposal(id) })
						.collect();
					let mut steps = 0;
					while let Next::Execute(step) = lineage.next(verified, &waiting, |_| true) {
						lineage.record(execute(step));
						steps += 1;
						prop_assert!(steps <= waiting.len());
					}
					let mut parent = verified;
					let results = lineage.results(verified, &waiting);
					prop_assert_eq!(results.len(), waiting.len());
					for proposal in waiting {
						let expected = execute(Step { proposal, parent });
						prop_assert_eq!(results[&proposal.block_id], expected);
						parent = Parent { id: proposal.block_id, hash: expected.block_hash };
					}
					if loses {
						lineage.forget(parent.hash);
					}
					lineage.forget_before(forgotten);
				}
			}
		}
	}
}
