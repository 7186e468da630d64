//! Blocks of the rollup, and what their execution gives.

use crate::chain::{AccountId, BlockId, H256};
use serde::{Deserialize, Serialize};

/// A proposed block: everything that decides its result besides its parent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Proposal {
	/// The block.
	pub block_id: BlockId,
	/// The hash of its transaction list.
	pub tx_list_hash: H256,
	/// The most gas that it may use.
	pub gas_limit: u32,
	/// The account that earns the rollup's fees.
	pub beneficiary: AccountId,
}

/// A block's parent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Parent {
	/// Its id; 0 is the rollup's genesis block.
	pub id: BlockId,
	/// Its hash.
	pub hash: H256,
}

/// A block to execute on its parent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Step {
	/// The block.
	pub proposal: Proposal,
	/// The parent.
	pub parent: Parent,
}

/// What the execution of a block gives: what a proof of it claims.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Execution {
	/// The hash of the parent.
	pub parent_hash: H256,
	/// The hash of the block.
	pub block_hash: H256,
	/// The gas that the block uses.
	pub gas_used: u32,
}

/// An executed block.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Executed {
	/// The block and its parent.
	#[serde(flatten)]
	pub step: Step,
	/// The hash of the block.
	pub block_hash: H256,
	/// The gas that it uses.
	pub gas_used: u32,
}

impl Executed {
	/// Returns the id of the block.
	pub fn block_id(&self) -> BlockId {
		self.step.proposal.block_id
	}

	/// Returns what a right proof of the block claims.
	pub fn execution(&self) -> Execution {
		let Self { step, block_hash, gas_used } = *self;
		Execution { parent_hash: step.parent.hash, block_hash, gas_used }
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub fn hash(byte: u8) -> H256 {
		H256([byte; 32])
	}

	pub fn proposal(block_id: BlockId) -> Proposal {
		let tx_list_hash = hash(100 + block_id as u8);
		Proposal { block_id, tx_list_hash, gas_limit: 5_000, beneficiary: AccountId([2; 32]) }
	}

	/// Returns the result of a block: a hash with the byte `gives`, on a parent with the byte
	/// `parent`.
	pub fn executed(block_id: BlockId, parent: u8, gives: u8) -> Executed {
		let parent = Parent { id: block_id.saturating_sub(1), hash: hash(parent) };
		let step = Step { proposal: proposal(block_id), parent };
		Executed { step, block_hash: hash(gives), gas_used: 7 }
	}
}
