//! The queries as a runtime API, for clients without comfortable view functions.

use alloc::vec::Vec;
use sp_core::{sr25519, H256};

sp_api::decl_runtime_apis! {
	/// The queries of the registered keys. The methods are those of the pallet's view functions.
	pub trait AttestationApi {
		/// Returns all registered keys. There are no more than `MaxAttestationKeys`.
		fn keys() -> Vec<sr25519::Public>;

		/// Returns whether this proof would be accepted for this instance now.
		fn accepts(instance: H256, proof: Vec<u8>) -> bool;
	}
}
