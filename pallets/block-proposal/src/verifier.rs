//! What the pallet asks of a proof system, and three ways to combine several of them.

use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{weights::Weight, Parameter};
use scale_info::TypeInfo;
use sp_core::H256;

/// The answer of a verifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Verification<Tag> {
	/// What vouches for the proof; `None` if the proof is not valid.
	pub tag: Option<Tag>,
	/// The weight that the verification consumed, at most [`ProofVerifier::verify_weight`].
	pub weight: Weight,
}

/// Verifies proofs.
///
/// The instance commits to everything that a proof must be about, its prover included (see
/// [`instance_hash_of`](crate::instance_hash_of)): a verifier needs to know nothing else, and a
/// proof that does not bind the whole instance can be replayed or stolen.
pub trait ProofVerifier {
	/// What vouches for a proof: a key, a program, a proof system. It is stored with the claim. When it
	/// is revoked, claims that are not verified yet are void.
	type Tag: Parameter + MaxEncodedLen + 'static;

	/// Returns what vouches for `proof` as a proof of this instance. Must be deterministic, must not
	/// panic on any bytes and must not change state that another verification reads. The tag must not be
	/// revoked.
	fn verify(instance: H256, proof: &[u8]) -> Verification<Self::Tag>;

	/// Returns the most weight that [`Self::verify`] consumes for a proof of this length.
	fn verify_weight(proof_len: u32) -> Weight;

	/// Returns whether what vouched for a claim no longer does.
	fn is_revoked(tag: &Self::Tag) -> bool;

	/// Returns the most weight that [`Self::is_revoked`] consumes.
	fn is_revoked_weight() -> Weight;

	/// Returns whether a claim with this tag can be verified. One that cannot needs a second proof, and is
	/// removed if it has none when it could be verified otherwise. By default, all can.
	fn is_confirmed(_tag: &Self::Tag) -> bool {
		true
	}

	/// Returns the tag of a claim with the tag `tag`, which is not confirmed, after `proof` of its instance.
	/// The rules of [`Self::verify`] apply. By default, no proof confirms anything.
	fn confirm(_tag: &Self::Tag, _instance: H256, _proof: &[u8]) -> Verification<Self::Tag> {
		Verification { tag: None, weight: Weight::zero() }
	}

	/// Returns the most weight that [`Self::confirm`] consumes for a proof of this length.
	fn confirm_weight(_proof_len: u32) -> Weight {
		Weight::zero()
	}
}

/// The verifier of a rollup that has no proof system: it accepts nothing.
impl ProofVerifier for () {
	type Tag = ();

	fn verify(_instance: H256, _proof: &[u8]) -> Verification<()> {
		Verification { tag: None, weight: Weight::zero() }
	}

	fn verify_weight(_proof_len: u32) -> Weight {
		Weight::zero()
	}

	fn is_revoked(_tag: &()) -> bool {
		true
	}

	fn is_revoked_weight() -> Weight {
		Weight::zero()
	}
}

/// Accepts proofs of either of two kinds. The first byte of a proof names the kind, 0 for `A` and 1 for
/// `B`; the rest is the proof. Nest it for more kinds.
pub struct AnyOf<A, B>(PhantomData<(A, B)>);

/// What vouches for a proof that [`AnyOf`] accepted.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum Either<A, B> {
	/// A proof of the first kind.
	#[codec(index = 0)]
	First(A),
	/// A proof of the second kind.
	#[codec(index = 1)]
	Second(B),
}

impl<A: ProofVerifier, B: ProofVerifier> ProofVerifier for AnyOf<A, B> {
	type Tag = Either<A::Tag, B::Tag>;

	fn verify(instance: H256, proof: &[u8]) -> Verification<Self::Tag> {
		match proof.split_first() {
			Some((0, proof)) => {
				let Verification { tag, weight } = A::verify(instance, proof);
				Verification { tag: tag.map(Either::First), weight }
			},
			Some((1, proof)) => {
				let Verification { tag, weight } = B::verify(instance, proof);
				Verification { tag: tag.map(Either::Second), weight }
			},
			_ => Verification { tag: None, weight: Weight::zero() },
		}
	}

	fn verify_weight(proof_len: u32) -> Weight {
		A::verify_weight(proof_len).max(B::verify_weight(proof_len))
	}

	fn is_revoked(tag: &Self::Tag) -> bool {
		match tag {
			Either::First(tag) => A::is_revoked(tag),
			Either::Second(tag) => B::is_revoked(tag),
		}
	}

	fn is_revoked_weight() -> Weight {
		A::is_revoked_weight().max(B::is_revoked_weight())
	}

	fn is_confirmed(tag: &Self::Tag) -> bool {
		match tag {
			Either::First(tag) => A::is_confirmed(tag),
			Either::Second(tag) => B::is_confirmed(tag),
		}
	}

	/// The kind is that of the claim: `proof` does not name it.
	fn confirm(tag: &Self::Tag, instance: H256, proof: &[u8]) -> Verification<Self::Tag> {
		match tag {
			Either::First(tag) => {
				let Verification { tag, weight } = A::confirm(tag, instance, proof);
				Verification { tag: tag.map(Either::First), weight }
			},
			Either::Second(tag) => {
				let Verification { tag, weight } = B::confirm(tag, instance, proof);
				Verification { tag: tag.map(Either::Second), weight }
			},
		}
	}

	fn confirm_weight(proof_len: u32) -> Weight {
		A::confirm_weight(proof_len).max(B::confirm_weight(proof_len))
	}
}

/// Accepts only proofs of both of two kinds at once: a proof is the SCALE encoding of a pair of byte
/// vectors. A claim is void when either of its tags is revoked. Nest it for more kinds.
pub struct AllOf<A, B>(PhantomData<(A, B)>);

impl<A: ProofVerifier, B: ProofVerifier> ProofVerifier for AllOf<A, B> {
	type Tag = (A::Tag, B::Tag);

	fn verify(instance: H256, proof: &[u8]) -> Verification<Self::Tag> {
		let Ok((first, second)) = <(Vec<u8>, Vec<u8>)>::decode_all(&mut &proof[..]) else {
			return Verification { tag: None, weight: Weight::zero() };
		};
		let first = A::verify(instance, &first);
		let Some(first_tag) = first.tag else {
			return Verification { tag: None, weight: first.weight };
		};
		let second = B::verify(instance, &second);
		Verification {
			tag: second.tag.map(|tag| (first_tag, tag)),
			weight: first.weight.saturating_add(second.weight),
		}
	}

	fn verify_weight(proof_len: u32) -> Weight {
		A::verify_weight(proof_len).saturating_add(B::verify_weight(proof_len))
	}

	fn is_revoked(tag: &Self::Tag) -> bool {
		A::is_revoked(&tag.0) || B::is_revoked(&tag.1)
	}

	fn is_revoked_weight() -> Weight {
		A::is_revoked_weight().saturating_add(B::is_revoked_weight())
	}
}

/// Accepts a claim by a proof of the first kind, which must be confirmed by one of the second kind before the
/// cooldown ends: for a proof that is quick, and one that takes longer. A claim that is not confirmed is removed,
/// and its prover has failed. Neither kind may be one that needs confirmation itself.
pub struct Then<A, B>(PhantomData<(A, B)>);

/// What vouches for a claim that [`Then`] accepted.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum Stage<A, B> {
	/// A proof of the first kind.
	#[codec(index = 0)]
	Claimed(A),
	/// Proofs of both kinds.
	#[codec(index = 1)]
	Confirmed(A, B),
}

impl<A: ProofVerifier, B: ProofVerifier> ProofVerifier for Then<A, B> {
	type Tag = Stage<A::Tag, B::Tag>;

	fn verify(instance: H256, proof: &[u8]) -> Verification<Self::Tag> {
		let Verification { tag, weight } = A::verify(instance, proof);
		Verification { tag: tag.map(Stage::Claimed), weight }
	}

	fn verify_weight(proof_len: u32) -> Weight {
		A::verify_weight(proof_len)
	}

	fn is_revoked(tag: &Self::Tag) -> bool {
		match tag {
			Stage::Claimed(first) => A::is_revoked(first),
			Stage::Confirmed(first, second) => A::is_revoked(first) || B::is_revoked(second),
		}
	}

	fn is_revoked_weight() -> Weight {
		A::is_revoked_weight().saturating_add(B::is_revoked_weight())
	}

	fn is_confirmed(tag: &Self::Tag) -> bool {
		matches!(tag, Stage::Confirmed(..))
	}

	fn confirm(tag: &Self::Tag, instance: H256, proof: &[u8]) -> Verification<Self::Tag> {
		let Stage::Claimed(first) = tag else {
			return Verification { tag: None, weight: Weight::zero() };
		};
		let Verification { tag, weight } = B::verify(instance, proof);
		Verification { tag: tag.map(|second| Stage::Confirmed(first.clone(), second)), weight }
	}

	fn confirm_weight(proof_len: u32) -> Weight {
		B::verify_weight(proof_len)
	}
}
