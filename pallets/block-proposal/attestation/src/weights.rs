//! What this pallet's work weighs.
//!
//! **Upper bounds by counting, until benchmarks replace them**: reads and writes of storage, and a time
//! for a signature that is a multiple of what current machines need.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of calls and of a verification.
pub trait WeightInfo {
	/// [`Call::register_key`](crate::Call::register_key).
	fn register_key() -> Weight;
	/// [`Call::revoke_key`](crate::Call::revoke_key).
	fn revoke_key() -> Weight;
	/// Checking one proof.
	fn verify_proof() -> Weight;
}

/// Upper bounds by counting: see the module.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> SubstrateWeight<T> {
	/// `micros` of computation, and as many reads and writes of small values.
	fn count(micros: u64, reads: u64, writes: u64) -> Weight {
		Weight::from_parts(micros.saturating_mul(1_000_000), reads.saturating_mul(512))
			.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// The key and the counter.
	fn register_key() -> Weight {
		Self::count(30, 2, 2)
	}

	// The key and the counter.
	fn revoke_key() -> Weight {
		Self::count(30, 2, 2)
	}

	// The key; one sr25519 verification.
	fn verify_proof() -> Weight {
		Self::count(200, 1, 0)
	}
}
