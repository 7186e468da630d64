//! Groth16 proofs of RISC Zero's receipts.

use ark_bn254::Fr;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	claim,
	groth16::{self, scalar, Key, PROOF_BYTES, WORD},
	Error, KeyError,
};

/// The length of a proof of [`RiscZero`], in bytes: the selector, and three points.
pub const RISC_ZERO_PROOF_BYTES: usize = 4 + PROOF_BYTES;

/// A version of RISC Zero's Groth16 proofs, as its verifier contracts define it.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[scale_info(capture_docs = "always")]
pub struct RiscZero {
	/// The first four bytes of a proof, which name the version.
	#[cfg_attr(feature = "serde", serde(with = "crate::hex"))]
	pub selector: [u8; 4],
	/// The root of the recursion programs that a proof may consist of, as in `ControlID.sol`.
	#[cfg_attr(feature = "serde", serde(with = "crate::hex"))]
	pub control_root: [u8; 32],
	/// The recursion program before the Groth16 proof, as in `ControlID.sol`: a big-endian number.
	#[cfg_attr(feature = "serde", serde(with = "crate::hex"))]
	pub control_id: [u8; 32],
	/// The verification key.
	pub key: Key,
}

impl RiscZero {
	/// Checks the key and the control id.
	pub(crate) fn validate(&self) -> Result<(), KeyError> {
		scalar(&self.control_id).ok_or(KeyError::NotCanonical)?;
		self.key.validate()
	}

	/// Verifies that the program with this image id wrote this journal.
	pub(crate) fn verify(
		&self,
		program: &[u8; 32],
		journal: &[u8],
		proof: &[u8],
	) -> Result<(), Error> {
		let proof: &[u8; RISC_ZERO_PROOF_BYTES] = proof.try_into().map_err(|_| Error::Malformed)?;
		let (selector, proof) = proof.split_first_chunk().ok_or(Error::Malformed)?;
		if *selector != self.selector {
			return Err(Error::WrongVersion);
		}
		let proof = proof.try_into().map_err(|_| Error::Malformed)?;
		groth16::verify(&self.key, self.inputs(program, journal)?, proof)
	}

	/// The public inputs: two halves of the control root, two of the claim's digest, and the control id.
	pub(crate) fn inputs(
		&self,
		program: &[u8; 32],
		journal: &[u8],
	) -> Result<[Fr; groth16::INPUTS], Error> {
		let [root_low, root_high] = halves(&self.control_root)?;
		let claim: [u8; 32] = claim::success(program, journal).into();
		let [claim_low, claim_high] = halves(&claim)?;
		let id = scalar(&self.control_id).ok_or(Error::Invalid)?;
		Ok([root_low, root_high, claim_low, claim_high, id])
	}
}

/// Returns the two halves of a digest, each a little-endian number.
fn halves(digest: &[u8; 32]) -> Result<[Fr; 2], Error> {
	let half = |bytes: &[u8]| {
		let mut number = [0; WORD];
		for (to, from) in number.iter_mut().rev().zip(bytes) {
			*to = *from;
		}
		scalar(&number).ok_or(Error::Invalid)
	};
	let (low, high) = digest.split_at(16);
	Ok([half(low)?, half(high)?])
}
