//! What the guest reads.

use crate::InstanceHash;
use codec::Encode;
use prover_pool_rollup::{execute, Error, Hash, Header, Proposal, Witness};

/// A block to execute with a witness, and who proves it.
#[derive(Clone, Debug)]
pub struct Input {
	/// The header of the parent.
	pub parent: Header,
	/// The part of the parent's state that the block touches.
	pub witness: Witness,
	/// What was proposed.
	pub proposal: Proposal,
	/// The list that was proposed.
	pub list: Vec<u8>,
	/// The genesis hash of the chain on which it was proposed.
	pub genesis_hash: Hash,
	/// The account of the prover on that chain.
	pub prover: [u8; 32],
}

impl Input {
	/// Returns the hash of the statement that the guest proves, by native execution.
	///
	/// # Errors
	/// Those of [`execute`]: the guest does not halt on such an input.
	pub fn instance(&self) -> Result<InstanceHash, Error> {
		let outcome = execute(&self.parent, &self.witness, &self.proposal, &self.list)?;
		Ok(outcome.header.instance(self.genesis_hash, self.prover).hash())
	}

	/// Returns the bytes that the guest reads: two frames, each a length (`u32`, little endian) and
	/// that number of bytes. The first has all but the list, the second has the list, so that the
	/// guest has it in aligned memory.
	pub fn frames(&self) -> Vec<u8> {
		let Self { parent, witness, proposal, list, genesis_hash, prover } = self;
		let first = (parent, witness, proposal, genesis_hash, prover).encode();
		let mut frames = Vec::with_capacity(first.len() + list.len() + 8);
		for frame in [&first, list] {
			// No frame of 4 GiB fits the guest's memory, so the guest refuses a length that was cut.
			frames.extend((frame.len() as u32).to_le_bytes());
			frames.extend(frame);
		}
		frames
	}
}
