//! The statement that a proof of a block proves, and the demo's proof.

use crate::{
	chain::{AccountId, H256},
	execution::{Execution, Proposal},
	keys::Signer,
};
use prover_pool_rollup::Instance;

/// Returns the hash of the statement to prove: this proposal gives this block on this parent, on the
/// chain with this genesis, for this prover only.
///
/// It is computed here and never taken from the node or from a prover's program, which could make a
/// prover sign anything.
pub fn instance_hash(
	genesis_hash: H256,
	proposal: &Proposal,
	execution: &Execution,
	prover: &AccountId,
) -> H256 {
	let instance = Instance {
		genesis_hash: genesis_hash.0,
		block_id: proposal.block_id,
		list_hash: proposal.tx_list_hash.0,
		gas_limit: proposal.gas_limit,
		beneficiary: proposal.beneficiary.0,
		parent_hash: execution.parent_hash.0,
		block_hash: execution.block_hash.0,
		gas_used: execution.gas_used,
		prover: prover.0,
	};
	instance.hash().into()
}

/// The first byte of an attestation: the demo chain's first kind of proofs.
const KIND: u8 = 0;

/// The length of an attestation, in bytes.
pub const ATTESTATION_SIZE: usize = 97;

/// Returns an attestation: its kind, the key, and its signature of the 32 bytes of the instance hash.
pub fn attest(attestor: &Signer, instance: H256) -> Vec<u8> {
	let pair = attestor.pair();
	[&[KIND], &pair.public_key().0[..], &pair.sign(instance.as_ref()).0].concat()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::decoded::hex;
	use subxt_signer::sr25519;

	fn hash(byte: u8) -> H256 {
		H256([byte; 32])
	}

	/// The expected hash was computed by another program, from the documented layout.
	#[test]
	fn the_statement_has_the_documented_layout() {
		let proposal = Proposal {
			block_id: 7,
			tx_list_hash: hash(3),
			gas_limit: 5_000_000,
			beneficiary: AccountId([2; 32]),
		};
		let execution =
			Execution { parent_hash: hash(5), block_hash: hash(4), gas_used: 4_000_000 };
		let instance = instance_hash(hash(6), &proposal, &execution, &AccountId([8; 32]));
		assert_eq!(
			hex(instance.as_ref()),
			"0x97a32e6f68b572d3662a2507572db7fbd50e5b6f4b73a958c7e6e793106bdade"
		);
	}

	#[test]
	fn an_attestation_is_its_kind_a_key_and_its_signature() {
		let attestor = Signer::development("attestor").unwrap();
		let proof = attest(&attestor, hash(1));
		assert_eq!(proof.len(), ATTESTATION_SIZE);
		// The key that the genesis of development chains registers.
		let key = "0x009354889ba1576271da06c976531a41db437633dd123baa9aa6e8dadacd8e43";
		assert_eq!((proof[0], hex(&proof[1..33])), (0, key.into()));
		let signature = sr25519::Signature(proof[33..].try_into().unwrap());
		assert!(sr25519::verify(&signature, hash(1), &attestor.pair().public_key()));
	}
}
