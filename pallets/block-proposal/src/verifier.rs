//! What the pallet asks of a proof system.

use frame_support::weights::Weight;
use sp_core::H256;

/// Tells proofs from other bytes.
///
/// The instance commits to everything that a proof must be about, its prover included (see
/// [`instance_hash_of`](crate::instance_hash_of)): a verifier needs to know nothing else, and a
/// proof that does not bind the whole instance can be replayed or stolen.
pub trait ProofVerifier {
	/// Whether `proof` proves this instance. Must be deterministic, must not panic on any bytes and
	/// must not change state that another verification reads.
	fn verify(instance: H256, proof: &[u8]) -> bool;

	/// The most weight that [`Self::verify`] consumes for a proof of this length.
	fn verify_weight(proof_len: u32) -> Weight;
}

/// The verifier of a rollup that has no proof system: it accepts nothing.
impl ProofVerifier for () {
	fn verify(_instance: H256, _proof: &[u8]) -> bool {
		false
	}

	fn verify_weight(_proof_len: u32) -> Weight {
		Weight::zero()
	}
}
