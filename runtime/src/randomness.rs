//! BABE's seeds, for those who must not be fooled by a stale one.
#![warn(missing_docs)]

use core::marker::PhantomData;
use frame_support::traits::Randomness;
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_babe::{EpochConfig, EpochStart, NextEpochConfig, ParentBlockRandomness};
use sp_consensus_babe::AllowedSlots;
use sp_runtime::traits::Zero;

/// The VRF output of the parent block, or `None` where there may not be one.
///
/// [`ParentBlockRandomness`] reports what it returns as known since the parent. That is true only
/// if the parent carried a VRF. After a plain secondary slot BABE keeps the output of an older block
/// under the same claim, and whoever believes it lets a draw be predicted. So this adapter asks how
/// slots were allowed to be claimed, in the epoch of the parent and in the present one, and returns
/// a seed only if each was [`AllowedSlots::PrimaryAndSecondaryVRFSlots`]. Nodes refuse a block that
/// claims its slot in another way.
///
/// BABE does not remember the configuration of the epoch that has just ended. Once a change has been
/// planned for the first time, the first block of every epoch therefore has no seed: a draw waits
/// for one block longer.
///
/// Without a seed the block number returned is 0, so nothing can be taken for fresh.
///
/// It must be read after BABE's `on_initialize`: order the pallets accordingly.
pub struct ParentVrf<T>(PhantomData<T>);

impl<T: pallet_babe::Config> ParentVrf<T> {
	/// Whether the parent's slot can only have been claimed with a VRF.
	fn parent_carried_vrf() -> bool {
		let with_vrf = EpochConfig::<T>::get()
			.is_some_and(|now| now.allowed_slots == AllowedSlots::PrimaryAndSecondaryVRFSlots);
		let same_epoch = EpochStart::<T>::get().1 != frame_system::Pallet::<T>::block_number();
		let never_changed = !NextEpochConfig::<T>::exists();

		with_vrf && (same_epoch || never_changed)
	}
}

impl<T: pallet_babe::Config> Randomness<Option<T::Hash>, BlockNumberFor<T>> for ParentVrf<T> {
	fn random(subject: &[u8]) -> (Option<T::Hash>, BlockNumberFor<T>) {
		match ParentBlockRandomness::<T>::random(subject) {
			(Some(seed), known_since) if Self::parent_carried_vrf() => (Some(seed), known_since),
			_ => (None, Zero::zero()),
		}
	}
}
