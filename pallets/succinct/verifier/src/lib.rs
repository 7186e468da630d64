#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod claim;
mod groth16;
#[cfg(feature = "serde")]
mod hex;
mod risc0;
mod segments;
mod sp1;
#[cfg(feature = "toy")]
pub mod toy;

pub use groth16::{Key, KEY_BYTES};
pub use risc0::{RiscZero, RISC_ZERO_PROOF_BYTES};
pub use segments::{MAX_SEGMENTS, MAX_SEGMENTS_PROOF_BYTES, MIN_SEGMENTS_PROOF_BYTES};
pub use sp1::{Sp1, SP1_PROOF_BYTES};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A proof system, with everything that its verifier has to know and no proof contains.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[scale_info(capture_docs = "always")]
// One lies in storage and is read whole: an allocation would only be more work.
#[allow(clippy::large_enum_variant)]
pub enum System {
	/// STARKs of RISC Zero's rv32im circuit, version 2 with seals of version 2 (RISC Zero 3.0), one for each
	/// segment of the execution. Transparent: no trusted set-up. A program's id is its image id.
	#[codec(index = 0)]
	RiscZeroSegments,
	/// Groth16 proofs of RISC Zero's receipts. A program's id is its image id.
	#[codec(index = 1)]
	RiscZeroGroth16(RiscZero),
	/// Groth16 proofs of SP1. A program's id is its verification key: the 32 bytes that SP1 prints as `vkey`.
	#[codec(index = 2)]
	Sp1Groth16(Sp1),
}

/// The kind of a proof system: what a proof costs and how long it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
	/// [`System::RiscZeroSegments`].
	RiscZeroSegments,
	/// [`System::RiscZeroGroth16`].
	RiscZeroGroth16,
	/// [`System::Sp1Groth16`].
	Sp1Groth16,
}

impl Kind {
	/// Returns the least and the greatest length of a proof, in bytes. Others are refused unread.
	pub const fn proof_bytes(self) -> (usize, usize) {
		match self {
			Kind::RiscZeroSegments => (MIN_SEGMENTS_PROOF_BYTES, MAX_SEGMENTS_PROOF_BYTES),
			Kind::RiscZeroGroth16 => (RISC_ZERO_PROOF_BYTES, RISC_ZERO_PROOF_BYTES),
			Kind::Sp1Groth16 => (SP1_PROOF_BYTES, SP1_PROOF_BYTES),
		}
	}
}

/// Why a proof is refused.
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
pub enum Error {
	/// The bytes are no proof of this system, or not in their only encoding.
	#[codec(index = 0)]
	Malformed,
	/// The proof is of another version of the system.
	#[codec(index = 1)]
	WrongVersion,
	/// The proof says that it is about something else: another program, other public values, a failed or an
	/// unfinished execution.
	#[codec(index = 2)]
	WrongStatement,
	/// The proof does not prove the statement. Groth16 proofs do not say what they are about: those of
	/// another program or of other public values are invalid.
	#[codec(index = 3)]
	Invalid,
}

/// Why a system or a program cannot be used.
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
pub enum KeyError {
	/// A number is not smaller than the modulus of its field.
	#[codec(index = 0)]
	NotCanonical,
	/// A point is not on its curve, or is the point at infinity.
	#[codec(index = 1)]
	NotOnCurve,
	/// A point is not in the group of prime order.
	#[codec(index = 2)]
	NotInSubgroup,
	/// The program's id is zero, or not smaller than the modulus of the field it has to be in.
	#[codec(index = 3)]
	NoProgram,
}

impl System {
	/// Returns the system's kind.
	pub const fn kind(&self) -> Kind {
		match self {
			System::RiscZeroSegments => Kind::RiscZeroSegments,
			System::RiscZeroGroth16(_) => Kind::RiscZeroGroth16,
			System::Sp1Groth16(_) => Kind::Sp1Groth16,
		}
	}

	/// Checks the system's key and constants. Call it once, before the first proof: [`verify`] relies on it.
	///
	/// # Errors
	/// What is wrong with the first of them that is.
	pub fn validate(&self) -> Result<(), KeyError> {
		match self {
			System::RiscZeroSegments => Ok(()),
			System::RiscZeroGroth16(system) => system.validate(),
			System::Sp1Groth16(system) => system.validate(),
		}
	}

	/// Checks the id of a program of this system.
	///
	/// # Errors
	/// [`KeyError::NoProgram`].
	pub fn validate_program(&self, program: &[u8; 32]) -> Result<(), KeyError> {
		let in_field = match self {
			System::Sp1Groth16(_) => groth16::scalar(program).is_some(),
			System::RiscZeroSegments | System::RiscZeroGroth16(_) => true,
		};
		if in_field && *program != [0; 32] {
			Ok(())
		} else {
			Err(KeyError::NoProgram)
		}
	}
}

/// Verifies that `program`, executed to its successful end, made `instance` public, and nothing else: its
/// journal (RISC Zero) or its public values (SP1) are these 32 bytes.
///
/// `system` must be [valid](System::validate). Never panics, and allocates no more than a few times the
/// length of a proof.
///
/// # Errors
/// Why the proof is refused.
pub fn verify(
	system: &System,
	program: &[u8; 32],
	instance: &[u8; 32],
	proof: &[u8],
) -> Result<(), Error> {
	verify_values(system, program, instance, proof)
}

/// Verifies as [`verify`] does a program whose journal or public values are `values`, of any length.
///
/// # Errors
/// Why the proof is refused.
pub fn verify_values(
	system: &System,
	program: &[u8; 32],
	values: &[u8],
	proof: &[u8],
) -> Result<(), Error> {
	match system {
		System::RiscZeroSegments => segments::verify(program, values, proof),
		System::RiscZeroGroth16(system) => system.verify(program, values, proof),
		System::Sp1Groth16(system) => system.verify(program, values, proof),
	}
}
