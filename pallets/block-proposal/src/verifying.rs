//! Verification (Life 4): which proof becomes the rollup's block, and when.

use crate::*;
use alloc::collections::BTreeSet;
use frame_support::{
	dispatch::PostDispatchInfo,
	pallet_prelude::{DispatchResultWithPostInfo, Pays, Weight},
	traits::Get,
	weights::WeightMeter,
};
use sp_runtime::{traits::Saturating, DispatchErrorWithPostInfo};

impl<T: Config> Pallet<T> {
	/// Verifies up to `max` blocks.
	pub(crate) fn do_verify(max: u32) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		let verified = Self::verify_up_to(max, &mut meter);
		let actual_weight = Some(T::WeightInfo::verify_blocks().saturating_add(meter.consumed()));
		if verified == 0 {
			return Err(DispatchErrorWithPostInfo {
				post_info: PostDispatchInfo { actual_weight, pays_fee: Pays::Yes },
				error: Error::<T>::NothingToVerify.into(),
			});
		}
		Ok(PostDispatchInfo { actual_weight, pays_fee: Pays::No })
	}

	/// Verifies what this much weight allows. Returns the weight that was used.
	pub(crate) fn verify_within(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::WeightInfo::verify_blocks()).is_ok() {
			Self::verify_up_to(T::MaxUnverifiedBlocks::get(), &mut meter);
		}
		meter.consumed()
	}

	/// Verifies blocks in the order of their ids, each only if the meter allows the worst that it can
	/// cost. Stops after a restart of windows: it is dear, and there is hardly anything left to verify.
	/// Returns how many were verified.
	fn verify_up_to(max: u32, meter: &mut WeightMeter) -> u32 {
		let mut verified = 0u32;
		while verified < max {
			let rest = Chain::<T>::get().unverified().saturating_sub(1);
			let worst = Self::weight_of_verification()
				.saturating_add(T::WeightInfo::restart_windows(rest));
			if rest == 0 && !Self::is_head_there() || !meter.can_consume(worst) {
				break;
			}
			let Some(verdict_at) = Self::verify_head() else { break };
			verified = verified.saturating_add(1);
			meter.consume(Self::weight_of_verification());
			if let Some(looked_at) = verdict_at {
				meter.consume(T::WeightInfo::restart_windows(looked_at));
				break;
			}
		}
		verified
	}
}
