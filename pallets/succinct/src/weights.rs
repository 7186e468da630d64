//! What `pallet_succinct_proofs` weighs.
//!
//! Provisional, until `make weights` generates this file. The times of verifications are those of the public
//! proofs in WebAssembly, on two busy cores: 8 to 16 ms for Groth16, 24 to 28 ms for a segment of 2^15 cycles.
//! The others are estimates. Reads and proof sizes are of 8 systems and 32 programs.
//!
//! The comment at each benchmark says what is measured, and why it is the worst case.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The most weight that each operation consumes.
pub trait WeightInfo {
	/// The benchmark `register_system`.
	fn register_system() -> Weight;
	/// The benchmark `pause_system`.
	fn pause_system() -> Weight;
	/// The benchmark `resume_system`.
	fn resume_system() -> Weight;
	/// The benchmark `revoke_system`.
	fn revoke_system() -> Weight;
	/// The benchmark `register_program`.
	fn register_program() -> Weight;
	/// The benchmark `pause_program`.
	fn pause_program() -> Weight;
	/// The benchmark `resume_program`.
	fn resume_program() -> Weight;
	/// The benchmark `revoke_program`.
	fn revoke_program() -> Weight;
	/// The benchmark `look_up_program`.
	fn look_up_program() -> Weight;
	/// The benchmark `verify_segment`.
	fn verify_segment() -> Weight;
	/// The benchmark `verify_risc_zero_groth16`.
	fn verify_risc_zero_groth16() -> Weight;
	/// The benchmark `verify_sp1_groth16`.
	fn verify_sp1_groth16() -> Weight;
}

/// As measured, with the costs of the database that the runtime configures.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register_system() -> Weight {
		Weight::from_parts(8_000_000_000, 31_473)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	fn pause_system() -> Weight {
		Weight::from_parts(20_000_000, 4_377)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn resume_system() -> Weight {
		Weight::from_parts(20_000_000, 4_377)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn revoke_system() -> Weight {
		Weight::from_parts(20_000_000, 4_377)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn register_program() -> Weight {
		Weight::from_parts(150_000_000, 86_736)
			.saturating_add(T::DbWeight::get().reads(34_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	fn pause_program() -> Weight {
		Weight::from_parts(20_000_000, 3_514)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn resume_program() -> Weight {
		Weight::from_parts(20_000_000, 3_514)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn revoke_program() -> Weight {
		Weight::from_parts(20_000_000, 3_514)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn look_up_program() -> Weight {
		Weight::from_parts(20_000_000, 4_377).saturating_add(T::DbWeight::get().reads(3_u64))
	}
	fn verify_segment() -> Weight {
		Weight::from_parts(28_000_000_000, 4_377).saturating_add(T::DbWeight::get().reads(2_u64))
	}
	fn verify_risc_zero_groth16() -> Weight {
		Weight::from_parts(16_000_000_000, 4_377).saturating_add(T::DbWeight::get().reads(2_u64))
	}
	fn verify_sp1_groth16() -> Weight {
		Weight::from_parts(16_000_000_000, 4_377).saturating_add(T::DbWeight::get().reads(2_u64))
	}
}
