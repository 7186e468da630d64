#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
pub use pallet::*;
#[cfg(test)]
mod tests;
pub mod weights;
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Randomness};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Hash, One, Saturating, Zero},
	TryRuntimeError,
};

/// The VRF output of one block.
pub type VrfOutput = [u8; 32];

/// Where the outputs come from.
pub trait VrfSource {
	/// Returns the VRF output of the parent of the present block; `None` if the parent carried none, or if
	/// it is uncertain that it did.
	///
	/// It must be a value that the parent's author could not choose, and it must be the parent's own: an
	/// older block's output, returned once more, makes the next seed computable in advance.
	fn parent_output() -> Option<VrfOutput>;
}

/// No block has an output, so there is never a seed.
impl VrfSource for () {
	fn parent_output() -> Option<VrfOutput> {
		None
	}
}

/// The outputs of all blocks so far, in one hash.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Accumulated<Hash, BlockNumber> {
	/// acc(n) = H(acc(n−1) ‖ output of block n), n being the last block with an output.
	pub digest: Hash,
	/// Block n.
	pub known_since: BlockNumber,
}

/// The [`Accumulated`] outputs of this runtime.
pub type AccumulatedOf<T> = Accumulated<<T as frame_system::Config>::Hash, BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::StorageVersion};

	/// The layout of the storage that this code expects.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The configuration of the pallet.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The source of the blocks' VRF outputs. `()` has none.
		type VrfSource: VrfSource;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// Provides an output where benchmarks need one.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// The accumulator, with the last block that it took in. `None` until the first output.
	///
	/// There is a seed in a block if and only if its parent is the last block taken in.
	#[pallet::storage]
	pub type Accumulator<T: Config> = StorageValue<_, AccumulatedOf<T>, OptionQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::take_in_parent(now);
			T::WeightInfo::on_initialize()
		}

		fn integrity_test() {
			assert!(
				T::Hash::max_encoded_len() >= 32,
				"vrf accumulator: use a hash of at least 256 bits, this one has {} bytes",
				T::Hash::max_encoded_len(),
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), TryRuntimeError> {
			Self::do_try_state()
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Takes in the output of the parent of block `now`, if it had one.
	fn take_in_parent(now: BlockNumberFor<T>) {
		let Some(output) = T::VrfSource::parent_output() else { return };
		let before = Accumulator::<T>::get().map(|it| it.digest).unwrap_or_default();
		Accumulator::<T>::put(Accumulated {
			digest: T::Hashing::hash_of(&(before, output)),
			known_since: now.saturating_sub(One::one()),
		});
	}

	/// Returns the accumulator if it took in the parent of the present block.
	fn fresh() -> Option<AccumulatedOf<T>> {
		let now = frame_system::Pallet::<T>::block_number();
		Accumulator::<T>::get().filter(|it| it.known_since.saturating_add(One::one()) == now)
	}

	/// Checks the storage: no output is known before its block exists.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		if let Some(Accumulated { known_since, .. }) = Accumulator::<T>::get() {
			ensure!(known_since < now, "the accumulator has taken in a block that is not past");
		}
		Ok(())
	}
}

impl<T: Config> Randomness<Option<T::Hash>, BlockNumberFor<T>> for Pallet<T> {
	/// Returns H(`subject` ‖ accumulator) and the parent's number, or `(None, 0)` if the parent carried no
	/// output.
	///
	/// To be read after this pallet's `on_initialize`; before it, there is no seed.
	fn random(subject: &[u8]) -> (Option<T::Hash>, BlockNumberFor<T>) {
		match Self::fresh() {
			Some(Accumulated { digest, known_since }) => {
				let seed = T::Hashing::hash(&[subject, digest.as_ref()].concat());
				(Some(seed), known_since)
			},
			None => (None, Zero::zero()),
		}
	}
}
