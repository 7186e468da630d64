//! Another verifier.

use codec::DecodeAll;
use frame_support::{traits::Get, weights::Weight};
use pallet_block_proposal::{ProofVerifier, Verification};
use sp_core::{ed25519, H256};

/// Accepts signatures of one key: a notary that vouches for blocks.
pub struct Notary<Key>(core::marker::PhantomData<Key>);

impl<Key: Get<ed25519::Public>> ProofVerifier for Notary<Key> {
	/// The key, so that claims are void when the runtime names another.
	type Tag = ed25519::Public;

	fn verify(instance: H256, proof: &[u8]) -> Verification<ed25519::Public> {
		let weight = Self::verify_weight(proof.len() as u32);
		let key = Key::get();
		let valid = ed25519::Signature::decode_all(&mut &proof[..])
			.is_ok_and(|proof| sp_io::crypto::ed25519_verify(&proof, instance.as_bytes(), &key));
		Verification { tag: valid.then_some(key), weight }
	}

	fn verify_weight(_proof_len: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
	}

	fn is_revoked(tag: &ed25519::Public) -> bool {
		*tag != Key::get()
	}

	fn is_revoked_weight() -> Weight {
		Weight::zero()
	}
}
