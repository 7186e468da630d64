//! The statement that a proof of a block proves, and the demo's proof.

use crate::{
	chain::{AccountId, BlockId, H256},
	keys::Signer,
	reads::rollup::{Block, Evidence, State},
};
use sp_crypto_hashing::blake2_256;

/// Separates instances of the rollup's pallet from everything else that is signed.
const TAG: &[u8] = b"block-proposal/1";

/// Returns the hash of the statement to prove: the claims of `evidence` on this block, on the chain
/// with this genesis, for this prover only.
///
/// It is computed here and never taken from the node, which could make a prover sign anything. The
/// layout is documented at `instance_hash_of` in `pallets/block-proposal`.
pub fn instance_hash(
	genesis_hash: H256,
	id: BlockId,
	block: &Block,
	evidence: &Evidence,
	prover: &AccountId,
) -> H256 {
	let instance = [
		genesis_hash.as_ref(),
		TAG,
		&id.to_le_bytes(),
		evidence.tx_list_hash.as_ref(),
		&block.gas_limit.to_le_bytes(),
		block.beneficiary.as_ref(),
		evidence.block_hash.as_ref(),
		evidence.parent_hash.as_ref(),
		&evidence.gas_used.to_le_bytes(),
		prover.as_ref(),
	];
	blake2_256(&instance.concat()).into()
}

/// Returns an attestation: the key, and its signature of the 32 bytes of the instance hash.
pub fn attest(attestor: &Signer, instance: H256) -> Vec<u8> {
	let pair = attestor.pair();
	[&pair.public_key().0[..], &pair.sign(instance.as_ref()).0].concat()
}

/// Returns the hash of a block of the demo rollup, which executes nothing: that of parent and list.
pub fn demo_block_hash(parent_hash: H256, tx_list_hash: H256) -> H256 {
	blake2_256(&[parent_hash.as_bytes(), tx_list_hash.as_bytes()].concat()).into()
}

/// The parent of a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parent {
	/// Its hash.
	pub hash: H256,
	/// The block that a stored proof gives this hash; 0 for the last verified one.
	pub id: BlockId,
}

/// Returns the parent of the block `id`: the result of the proofs that will be verified before it
/// if none is removed. `waiting` are the unverified blocks, in the order of their ids.
///
/// The error is the block that must be proven first.
pub fn parent_of(
	state: &State,
	waiting: &[(BlockId, Block)],
	id: BlockId,
) -> Result<Parent, BlockId> {
	let mut parent = Parent { hash: state.verified_hash, id: 0 };
	for (earlier, block) in waiting.iter().take_while(|(earlier, _)| *earlier < id) {
		let proof = block.proofs.0.iter().find(|proof| proof.parent_hash == parent.hash);
		parent = Parent { hash: proof.ok_or(*earlier)?.block_hash, id: *earlier };
	}
	Ok(parent)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::api::runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_block_proposal::types::{ChainState, Proof, Status},
		},
		daemon::work,
		decoded::hex,
	};
	use subxt_signer::sr25519;

	fn hash(byte: u8) -> H256 {
		H256([byte; 32])
	}

	fn block(proofs: &[(u8, u8)]) -> Block {
		let proof = |(parent, block): &(u8, u8)| Proof {
			prover: AccountId([9; 32]),
			block_hash: hash(*block),
			parent_hash: hash(*parent),
			gas_used: 1,
			reward_per_gas: 1,
			bond: 0,
			proven_at: 1,
		};
		let proofs = BoundedVec(proofs.iter().map(proof).collect());
		Block { proofs, ..work::tests::block(Status::Pending) }
	}

	fn state(verified: u8) -> State {
		ChainState {
			next_id: 9,
			head: 4,
			verified_id: 3,
			verified_hash: hash(verified),
			verified_at: 1,
			pending: 0,
			open: 0,
		}
	}

	/// The expected hash was computed by another program, from the documented layout.
	#[test]
	fn the_statement_has_the_documented_layout() {
		let evidence = Evidence {
			tx_list_hash: hash(3),
			block_hash: hash(4),
			parent_hash: hash(5),
			gas_used: 4_000_000,
		};
		let instance = instance_hash(hash(6), 7, &block(&[]), &evidence, &AccountId([8; 32]));
		assert_eq!(
			hex(instance.as_ref()),
			"0x6a82c4bb189df6fdbd28935783fa539fbeec07fc4b66804b175616f33161bb5a"
		);
	}

	#[test]
	fn an_attestation_is_a_key_and_its_signature() {
		let attestor = Signer::development("attestor").unwrap();
		let proof = attest(&attestor, hash(1));
		assert_eq!(proof.len(), 96);
		// The key that the genesis of development chains registers.
		let key = "0x009354889ba1576271da06c976531a41db437633dd123baa9aa6e8dadacd8e43";
		assert_eq!(hex(&proof[..32]), key);
		let signature = sr25519::Signature(proof[32..].try_into().unwrap());
		assert!(sr25519::verify(&signature, hash(1), &attestor.pair().public_key()));
	}

	#[test]
	fn the_first_block_that_waits_builds_on_the_verified_one() {
		let waiting = [(4, block(&[])), (5, block(&[]))];
		assert_eq!(parent_of(&state(1), &waiting, 4), Ok(Parent { hash: hash(1), id: 0 }));
	}

	#[test]
	fn later_blocks_build_on_the_proofs_that_lead_to_them() {
		// The earliest proof on the right parent counts, wherever it stands.
		let waiting =
			[(4, block(&[(7, 8), (1, 2), (1, 3)])), (5, block(&[(2, 4)])), (6, block(&[]))];
		assert_eq!(parent_of(&state(1), &waiting, 5), Ok(Parent { hash: hash(2), id: 4 }));
		assert_eq!(parent_of(&state(1), &waiting, 6), Ok(Parent { hash: hash(4), id: 5 }));
	}

	#[test]
	fn the_block_that_must_be_proven_first_is_named() {
		let waiting = [(4, block(&[(1, 2)])), (5, block(&[(7, 8)])), (6, block(&[]))];
		assert_eq!(parent_of(&state(1), &waiting, 6), Err(5));
		assert_eq!(parent_of(&state(9), &waiting, 6), Err(4));
	}
}
