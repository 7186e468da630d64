//! Removing wrong proofs (Life 4).

use crate::{windows::Invalidated, *};
use alloc::collections::BTreeSet;
use frame_support::pallet_prelude::DispatchResultWithPostInfo;
use prover_pool_primitives::BlockId;
use sp_core::H256;

impl<T: Config> Pallet<T> {
	/// The dispute names the parent too: a prover may have replaced its proof in the meantime by a
	/// right one on another parent.
	pub(crate) fn do_dispute(
		block_id: BlockId,
		parent_hash: H256,
		prover: T::AccountId,
	) -> DispatchResultWithPostInfo {
		let now = Clock::<T>::get();
		let mut block = Blocks::<T>::get(block_id).ok_or(Error::<T>::UnknownBlock)?;
		let place = block
			.proof_of(&prover)
			.filter(|place| block.proofs[*place].parent_hash == parent_hash)
			.ok_or(Error::<T>::UnknownProof)?;

		let removed = block.proofs.remove(place);
		block.disputed_at = Some(now);
		block.bar(parent_hash, prover.clone());
		match &mut block.status {
			Status::Assigned(assignment) if assignment.prover == prover => assignment.failed = true,
			Status::Open { frozen_reward: frozen @ None, .. } => {
				*frozen = Some(removed.reward_per_gas)
			},
			_ => {},
		}
		let still_proven = block.is_proven_as(removed.block_hash);
		Blocks::<T>::insert(block_id, block);

		Self::settle_bond(block_id, &removed, false);
		Self::deposit_event(Event::ProofRemoved { block_id, prover, parent_hash });

		let looked_at = if still_proven {
			0
		} else {
			Self::restart_windows(Invalidated {
				from: block_id.saturating_add(1),
				hashes: BTreeSet::from([removed.block_hash]),
				at: now,
			})
		};
		Ok(Some(Self::weight_of_dispute_with(looked_at)).into())
	}
}
