//! BABE's VRF outputs, for those who must not be fooled by a stale one.
#![warn(missing_docs)]

use core::marker::PhantomData;
use pallet_babe::{AuthorVrfRandomness, EpochConfig, EpochStart, NextEpochConfig};
use pallet_vrf_accumulator::{VrfOutput, VrfSource};
use sp_consensus_babe::AllowedSlots;

/// The VRF output of the parent block, or `None` where there may not be one.
///
/// [`AuthorVrfRandomness`] is the parent's output only if the parent carried a VRF. After a plain
/// secondary slot BABE keeps the output of an older block, and a user that takes it for the parent's
/// makes draws predictable. So this source asks how slots were allowed to be claimed, in the epoch of the
/// parent and in the present one, and returns an output only if each was
/// [`AllowedSlots::PrimaryAndSecondaryVRFSlots`]. Nodes refuse a block that claims its slot in another
/// way.
///
/// BABE does not remember the configuration of the epoch that has just ended. Once a change has been
/// planned for the first time, the first block of every epoch therefore has no output to take in: a draw
/// that falls on it waits for one block longer.
///
/// It must be read after BABE's `on_initialize`: order the pallets accordingly.
pub struct ParentVrf<T>(PhantomData<T>);

impl<T: pallet_babe::Config> ParentVrf<T> {
	/// Returns whether the parent's slot can only have been claimed with a VRF.
	fn parent_carried_vrf() -> bool {
		let with_vrf = EpochConfig::<T>::get()
			.is_some_and(|now| now.allowed_slots == AllowedSlots::PrimaryAndSecondaryVRFSlots);
		let same_epoch = EpochStart::<T>::get().1 != frame_system::Pallet::<T>::block_number();
		let never_changed = !NextEpochConfig::<T>::exists();

		with_vrf && (same_epoch || never_changed)
	}
}

impl<T: pallet_babe::Config> VrfSource for ParentVrf<T> {
	fn parent_output() -> Option<VrfOutput> {
		AuthorVrfRandomness::<T>::get().filter(|_| Self::parent_carried_vrf())
	}
}
