//! Another verifier, and two verifiers side by side.

use frame_support::weights::Weight;
use pallet_block_proposal::ProofVerifier;
use sp_core::H256;

/// Accepts a proof that begins with `TAG` if `V` accepts the rest.
pub struct Tagged<const TAG: u8, V>(core::marker::PhantomData<V>);

impl<const TAG: u8, V: ProofVerifier> ProofVerifier for Tagged<TAG, V> {
	fn verify(instance: H256, proof: &[u8]) -> bool {
		match proof.split_first() {
			Some((tag, rest)) if *tag == TAG => V::verify(instance, rest),
			_ => false,
		}
	}

	fn verify_weight(proof_len: u32) -> Weight {
		V::verify_weight(proof_len.saturating_sub(1))
	}
}

/// Accepts what either of two verifiers accepts: a chain changes its proof system without a pause.
pub struct Either<A, B>(core::marker::PhantomData<(A, B)>);

impl<A: ProofVerifier, B: ProofVerifier> ProofVerifier for Either<A, B> {
	fn verify(instance: H256, proof: &[u8]) -> bool {
		A::verify(instance, proof) || B::verify(instance, proof)
	}

	fn verify_weight(proof_len: u32) -> Weight {
		// Both may be tried.
		A::verify_weight(proof_len).saturating_add(B::verify_weight(proof_len))
	}
}
