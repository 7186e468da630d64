//! Proposals, headers and the statement that a proof proves.

use crate::{
	hash::{sha256, Hash},
	transfer::Address,
};
use codec::{Decode, Encode};

/// Separates headers from everything else that is hashed by SHA-256. The digits are the version of
/// the layout.
pub const HEADER_TAG: [u8; 16] = *b"rollup-header/01";

/// Separates instances from everything else that is signed or proven. The digit is the version of
/// the layout.
pub const INSTANCE_TAG: [u8; 16] = *b"block-proposal/2";

/// What is proposed beside the list.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Proposal {
	/// The id that the proposal's chain gave it.
	pub id: u64,
	/// The most gas that the block may use.
	pub gas_limit: u32,
	/// The account on the rollup that gets the fees.
	pub beneficiary: Address,
}

/// A block of the rollup, but for its list. The SCALE encoding has a fixed width.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Header {
	/// The hash of the parent; zeros for the genesis block.
	pub parent: Hash,
	/// The proposal's id; 0 for the genesis block.
	pub id: u64,
	/// The SHA-256 hash of the list; zeros for the genesis block.
	pub list_hash: Hash,
	/// The proposal's gas limit.
	pub gas_limit: u32,
	/// The proposal's beneficiary.
	pub beneficiary: Address,
	/// The proving gas of the block.
	pub gas_used: u32,
	/// The number of accounts after the block, at least 1.
	pub accounts: u32,
	/// The root of the tree over all accounts after the block.
	pub state_root: Hash,
}

impl Header {
	/// Returns the hash of the block: SHA-256 of [`HEADER_TAG`] and the encoded header, 164 bytes.
	pub fn hash(&self) -> Hash {
		(HEADER_TAG, self).using_encoded(sha256)
	}

	/// Returns the statement that this block is what its proposal gives on its parent.
	/// `genesis_hash` is that of the chain on which it was proposed.
	pub fn instance(&self, genesis_hash: Hash, prover: [u8; 32]) -> Instance {
		Instance {
			genesis_hash,
			block_id: self.id,
			list_hash: self.list_hash,
			gas_limit: self.gas_limit,
			beneficiary: self.beneficiary,
			parent_hash: self.parent,
			block_hash: self.hash(),
			gas_used: self.gas_used,
			prover,
		}
	}
}

/// The statement that a proof proves: this proposal on this parent gives this block, says this
/// prover.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Instance {
	/// The genesis hash of the chain on which the block was proposed.
	pub genesis_hash: Hash,
	/// The id of the proposal.
	pub block_id: u64,
	/// The SHA-256 hash of the list.
	pub list_hash: Hash,
	/// The gas limit of the proposal.
	pub gas_limit: u32,
	/// The beneficiary of the proposal.
	pub beneficiary: Address,
	/// The hash of the parent.
	pub parent_hash: Hash,
	/// The hash of the block.
	pub block_hash: Hash,
	/// The proving gas of the block.
	pub gas_used: u32,
	/// The account of the prover on the chain on which the block was proposed.
	pub prover: [u8; 32],
}

impl Instance {
	/// Returns the hash of the statement: SHA-256 of its fields in order, with [`INSTANCE_TAG`]
	/// after the first, 224 bytes. It must be what `instance_hash_of` of `pallet-block-proposal` computes;
	/// the demo runtime's tests compare both.
	pub fn hash(&self) -> Hash {
		let first = (self.genesis_hash, INSTANCE_TAG, self.block_id, self.list_hash);
		let second = (self.gas_limit, self.beneficiary, self.parent_hash);
		let third = (self.block_hash, self.gas_used, self.prover);
		(first, second, third).using_encoded(sha256)
	}
}
