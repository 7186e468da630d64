//! Groth16 proofs of SP1, version 6.

use ark_bn254::Fr;
use ark_ff::Zero;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use risc0_zkp::core::hash::sha::{cpu::Impl, Sha256};
use scale_info::TypeInfo;

use crate::{
	groth16::{self, scalar, Key, INPUTS, PROOF_BYTES, WORD},
	Error, KeyError,
};

/// The length of a proof of [`Sp1`], in bytes: the selector; exit code, root of keys and nonce, each a
/// big-endian number; and three points.
pub const SP1_PROOF_BYTES: usize = 4 + 3 * WORD + PROOF_BYTES;

/// A version of SP1's Groth16 proofs, as its verifier contracts define it. 6.1 or newer: older proofs have
/// other public inputs, and 6.0 accepts false ones (GHSA-63x8-x938-vx33).
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[scale_info(capture_docs = "always")]
pub struct Sp1 {
	/// The first four bytes of a proof, which name the version.
	#[cfg_attr(feature = "serde", serde(with = "crate::hex"))]
	pub selector: [u8; 4],
	/// The root of the keys of the recursion programs that a proof may consist of: `VK_ROOT` of the verifier
	/// contract, a big-endian number.
	#[cfg_attr(feature = "serde", serde(with = "crate::hex"))]
	pub vk_root: [u8; 32],
	/// The verification key.
	pub key: Key,
}

impl Sp1 {
	/// Checks the key and the root.
	pub(crate) fn validate(&self) -> Result<(), KeyError> {
		scalar(&self.vk_root).ok_or(KeyError::NotCanonical)?;
		self.key.validate()
	}

	/// Verifies that the program with this key made these values public.
	pub(crate) fn verify(
		&self,
		program: &[u8; 32],
		values: &[u8],
		proof: &[u8],
	) -> Result<(), Error> {
		let proof: &[u8; SP1_PROOF_BYTES] = proof.try_into().map_err(|_| Error::Malformed)?;
		let (selector, proof) = proof.split_first_chunk().ok_or(Error::Malformed)?;
		if *selector != self.selector {
			return Err(Error::WrongVersion);
		}
		let (exit_code, proof) = proof.split_first_chunk::<WORD>().ok_or(Error::Malformed)?;
		let (vk_root, proof) = proof.split_first_chunk::<WORD>().ok_or(Error::Malformed)?;
		let (nonce, proof) = proof.split_first_chunk::<WORD>().ok_or(Error::Malformed)?;
		let proof = proof.try_into().map_err(|_| Error::Malformed)?;
		if *exit_code != [0; WORD] {
			return Err(Error::WrongStatement);
		}
		if *vk_root != self.vk_root {
			return Err(Error::WrongVersion);
		}
		groth16::verify(&self.key, self.inputs(program, values, nonce)?, proof)
	}

	/// The public inputs: the program, the public values, the exit code zero, the root, and the nonce, by
	/// which a prover tells two proofs of the same apart.
	pub(crate) fn inputs(
		&self,
		program: &[u8; 32],
		values: &[u8],
		nonce: &[u8; WORD],
	) -> Result<[Fr; INPUTS], Error> {
		let nonce = scalar(nonce).ok_or(Error::Malformed)?;
		let program = scalar(program).ok_or(Error::Invalid)?;
		let vk_root = scalar(&self.vk_root).ok_or(Error::Invalid)?;
		let mut digest: [u8; 32] = (*Impl::hash_bytes(values)).into();
		// Without its first three bits, a digest is in the field.
		digest[0] &= 0x1f;
		let values = scalar(&digest).ok_or(Error::Invalid)?;
		Ok([program, values, Fr::zero(), vk_root, nonce])
	}
}
