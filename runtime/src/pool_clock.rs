//! The clock that counts the pool's periods, and how it was changed.
//!
//! The first runtime counts blocks. The next one, built with the feature `next-runtime`, counts BABE's
//! slots, so that a week is a week even where slots stay empty; it converts the moments that
//! the pool has stored. This is what every chain has to do that changes its mind about
//! `pallet_prover_pool::Config::BlockNumberProvider`, and what an upgrade is tried with here.
//!
//! It is a pallet, with nothing but a version, so that the state itself says what its moments mean: the
//! migration runs once on a chain that counted blocks, and never on one that has counted slots
//! from its genesis.
#![warn(missing_docs)]

pub use pallet::*;

use sp_runtime::traits::BlockNumberProvider;

/// The storage version of a chain whose pool counts blocks.
pub const BLOCKS: u16 = 0;
/// The storage version of a chain whose pool counts slots.
pub const SLOTS: u16 = 1;

#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
	use frame_support::traits::StorageVersion;

	/// What this runtime's pool counts.
	const STORAGE_VERSION: StorageVersion =
		StorageVersion::new(if cfg!(feature = "next-runtime") {
			super::SLOTS
		} else {
			super::BLOCKS
		});

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Nothing to decide.
	#[pallet::config]
	pub trait Config: frame_system::Config {}
}

#[cfg(not(feature = "next-runtime"))]
impl BlockNumberProvider for Pallet<crate::Runtime> {
	type BlockNumber = crate::BlockNumber;

	fn current_block_number() -> Self::BlockNumber {
		crate::System::block_number()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_block_number(now: Self::BlockNumber) {
		crate::System::set_block_number(now);
	}
}

/// The slot of the present block, which BABE knows as soon as the block begins. To the pool, provers of
/// a genesis have been there since 1970: they may leave at once.
#[cfg(feature = "next-runtime")]
impl BlockNumberProvider for Pallet<crate::Runtime> {
	type BlockNumber = crate::BlockNumber;

	fn current_block_number() -> Self::BlockNumber {
		// Slots of six seconds fit `u32` for 800 years.
		u64::from(crate::Babe::current_slot()).try_into().unwrap_or(Self::BlockNumber::MAX)
	}
}

/// From blocks to slots: what the next runtime does to the state of this one.
#[cfg(feature = "next-runtime")]
pub type BlocksToSlots = frame_support::migrations::VersionedMigration<
	BLOCKS,
	SLOTS,
	pallet_prover_pool::migrations::MoveClock<crate::Runtime, crate::System>,
	crate::PoolClock,
	<crate::Runtime as frame_system::Config>::DbWeight,
>;
