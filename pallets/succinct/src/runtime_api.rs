//! The queries as a runtime API, for clients without comfortable view functions.

use alloc::vec::Vec;
use codec::Codec;
use sp_core::H256;

use crate::{Program, ProgramIndex, Refusal, SystemIndex, SystemRecord};

sp_api::decl_runtime_apis! {
	/// The queries of the registry. The methods are those of the pallet's view functions.
	pub trait SuccinctProofsApi<BlockNumber: Codec> {
		/// Returns all registered systems with their indices, in their order. There are no more than
		/// `MaxSystems`.
		fn systems() -> Vec<(SystemIndex, SystemRecord)>;

		/// Returns all registered programs with their indices, in their order. There are no more than
		/// `MaxPrograms`.
		fn programs() -> Vec<(ProgramIndex, Program<BlockNumber>)>;

		/// Returns whether this proof would be accepted for this instance now.
		fn accepts(instance: H256, proof: Vec<u8>) -> bool;

		/// Returns the program that this proof of this instance is by, or why it would be refused now.
		fn explain(instance: H256, proof: Vec<u8>) -> Result<ProgramIndex, Refusal>;
	}
}
