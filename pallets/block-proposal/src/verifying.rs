//! Verification (Life 4): which proof becomes the rollup's block, and when.

use crate::{windows::Invalidated, *};
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
		if verified > 0 {
			Ok(PostDispatchInfo { actual_weight, pays_fee: Pays::No })
		} else {
			let post_info = PostDispatchInfo { actual_weight, pays_fee: Pays::Yes };
			let error = Error::<T>::NothingToVerify.into();
			Err(DispatchErrorWithPostInfo { post_info, error })
		}
	}

	/// Verifies what this much weight allows. Returns the weight that was used.
	pub(crate) fn verify_within(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::WeightInfo::verify_blocks()).is_ok() {
			Self::verify_up_to(T::MaxUnverifiedBlocks::get(), &mut meter);
		}
		meter.consumed()
	}

	/// Verifies blocks in the order of their ids, each only if the meter allows the worst that it
	/// can cost. Stops after a restart of windows: that is dear, and the next block is hardly ready
	/// then. Returns how many were verified.
	pub(crate) fn verify_up_to(max: u32, meter: &mut WeightMeter) -> u32 {
		let mut verified = 0u32;
		while verified < max && meter.can_consume(Self::weight_of_next_verification()) {
			let Some(restart) = Self::verify_head() else { break };
			verified = verified.saturating_add(1);
			meter.consume(Self::weight_of_verification());
			if let Restart::LookedAt(blocks) = restart {
				meter.consume(T::WeightInfo::restart_windows(blocks));
				break;
			}
		}
		verified
	}

	/// Verifies the next block with the earliest proof on the last verified hash, if that has
	/// waited for the cooldown.
	fn verify_head() -> Option<Restart> {
		let mut chain = Chain::<T>::get();
		let (block_id, parent_hash) = (chain.head, chain.verified_hash);
		let mut block = Blocks::<T>::get(block_id)?;
		let place = block.earliest_on(parent_hash)?;
		let verifiable_at = block.proofs[place].proven_at.saturating_add(T::Cooldown::get());
		let now = Clock::<T>::get();
		if now < verifiable_at {
			return None;
		}

		// The books first, then whatever calls others.
		let winner = block.proofs.remove(place);
		chain.verified_id = block_id;
		chain.verified_hash = winner.block_hash;
		chain.verified_at = now;
		Self::leave_behind(chain, &block);
		Self::settle_verified(block_id, &block, &winner, parent_hash);

		// Until then the winner could still be removed: whoever built on the verified hash was right.
		let decided_at = verifiable_at;
		if !Self::head_deserves_restart(decided_at) {
			return Some(Restart::None);
		}
		let forks = block.proofs.iter().map(|proof| proof.block_hash);
		let looked_at = Self::restart_windows(Invalidated {
			from: block_id.saturating_add(1),
			hashes: forks.chain([parent_hash]).collect(),
			at: decided_at,
		});
		Some(Restart::LookedAt(looked_at))
	}

	/// Forgets the head, which is settled in the same call, and turns to the next block.
	pub(crate) fn leave_behind(mut chain: ChainStateOf<T>, head: &Block<T>) {
		Blocks::<T>::remove(chain.head);
		chain.head = chain.head.saturating_add(1);
		if head.is_open() {
			chain.open = chain.open.saturating_sub(1);
		}
		Chain::<T>::put(chain);
	}
}

/// What a verification meant for the windows of later blocks.
enum Restart {
	/// Nothing.
	None,
	/// This many blocks were looked at.
	LookedAt(u32),
}
