//! What the pallet stores, and what its queries return.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use succinct_proof_verifier::{Error, System};

/// A proof system, by its place in the registry. Never used again.
pub type SystemIndex = u16;

/// A program, by its place in the registry. Never used again. It is the tag of a claim.
pub type ProgramIndex = u16;

/// A registered proof system.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct SystemRecord {
	/// The system, with its keys.
	pub system: System,
	/// Whether its new proofs are refused.
	pub paused: bool,
}

/// A registered program.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Program<BlockNumber> {
	/// The system whose proofs are about it.
	pub system: SystemIndex,
	/// The image id (RISC Zero) or the verification key (SP1).
	pub id: H256,
	/// The first block in which its proofs are accepted.
	pub active_from: BlockNumber,
	/// Whether its new proofs are refused.
	pub paused: bool,
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub enum Refusal {
	/// The bytes are no program's index and no proof of any system.
	#[codec(index = 0)]
	Malformed,
	/// No program has ever had this index.
	#[codec(index = 1)]
	UnknownProgram,
	/// The program or its system was revoked.
	#[codec(index = 2)]
	Revoked,
	/// The program or its system is paused.
	#[codec(index = 3)]
	Paused,
	/// The program's proofs are accepted from a later block on.
	#[codec(index = 4)]
	NotActive,
	/// The proof is of another kind than the program's system.
	#[codec(index = 5)]
	WrongSystem,
	/// The proof is of another version of the program's system.
	#[codec(index = 6)]
	WrongVersion,
	/// The proof says that it is about another program or instance, or about an execution that did not succeed.
	#[codec(index = 7)]
	WrongStatement,
	/// The proof does not prove that this program accepts this instance.
	#[codec(index = 8)]
	Invalid,
}

impl From<Error> for Refusal {
	fn from(error: Error) -> Self {
		match error {
			Error::Malformed => Refusal::Malformed,
			Error::WrongVersion => Refusal::WrongVersion,
			Error::WrongStatement => Refusal::WrongStatement,
			Error::Invalid => Refusal::Invalid,
		}
	}
}
