//! Giving up blocks that nobody can or will prove (Life 4).

use crate::{windows::Invalidated, *};
use frame_support::{ensure, pallet_prelude::DispatchResultWithPostInfo, traits::Get};
use prover_pool_primitives::BlockId;
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_skip(block_id: BlockId) -> DispatchResultWithPostInfo {
		let now = Clock::<T>::get();
		let chain = Chain::<T>::get();
		let block = Blocks::<T>::get(block_id).ok_or(Error::<T>::UnknownBlock)?;
		ensure!(block_id == chain.head, Error::<T>::NotHead);
		let expires_after =
			block.expires_after(T::ExpiryPeriod::get()).ok_or(Error::<T>::StillPending)?;
		// A block may have expired behind one that took long. Its parent is certain only since that one
		// was verified, and until then all places for its proofs may have been taken by forks.
		let provable_until = chain.verified_at.saturating_add(T::MinProofWindow::get());
		ensure!(now > expires_after.max(provable_until), Error::<T>::NotExpired);
		ensure!(block.earliest_on(chain.verified_hash).is_none(), Error::<T>::HasProof);

		// The books first, then whatever calls others.
		Self::leave_behind(chain, &block);
		Self::settle_skipped(block_id, &block);

		// Without proofs of it, nothing was built on the block that could still matter.
		let restart = !block.proofs.is_empty() || Self::head_deserves_restart(now);
		let looked_at = if restart {
			Self::restart_windows(Invalidated {
				from: block_id.saturating_add(1),
				hashes: block.proofs.iter().map(|proof| proof.block_hash).collect(),
				at: now,
			})
		} else {
			0
		};
		Ok(Some(Self::weight_of_skip_with(looked_at)).into())
	}
}
