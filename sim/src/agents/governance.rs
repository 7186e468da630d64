//! Who removes wrong claims.

use crate::{chain::Chain, runtime::*};
use pallet_block_proposal::Execution;
use prover_pool_primitives::BlockId;
use std::collections::BTreeMap;

/// Governance with a watcher that executes every block.
#[derive(Clone, Debug, Default)]
pub struct Governance {
	/// How many blocks after a wrong claim its dispute is included. `None`: never.
	pub disputes_after: Option<BlockNumber>,
	/// How many claims were removed.
	pub removed: u64,
	/// Wrong claims by the block of the chain in which they are removed.
	disputes: BTreeMap<BlockNumber, Vec<(BlockId, Execution)>>,
	/// How many wrong claims were seen.
	seen: usize,
}

impl Governance {
	/// Returns one that removes wrong claims after this many blocks.
	pub fn disputing(after: BlockNumber) -> Self {
		Self { disputes_after: Some(after), ..Self::default() }
	}

	/// Takes in the wrong claims of the last block, and removes those whose time has come. A claim that was
	/// verified, or whose block was cancelled, stays.
	pub fn act(&mut self, chain: &mut Chain) {
		let Some(after) = self.disputes_after else { return };
		let now = chain.now();
		let new = &chain.false_claims()[self.seen..];
		if !new.is_empty() {
			self.seen += new.len();
			self.disputes.entry(now + after).or_default().extend_from_slice(new);
		}
		if self.disputes.is_empty() {
			return;
		}
		let later = self.disputes.split_off(&(now + 1));
		let due = std::mem::replace(&mut self.disputes, later);
		for (block_id, claim) in due.into_values().flatten() {
			let Execution { parent_hash, block_hash, gas_used } = claim;
			let result = chain.dispute(block_id, parent_hash, block_hash, gas_used);
			self.removed += u64::from(result.is_ok());
		}
	}
}
