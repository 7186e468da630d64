//! Removing wrong claims (Life 5).

use alloc::vec::Vec;
use frame_support::pallet_prelude::DispatchResult;
use prover_pool_primitives::BlockId;

use crate::{
	Block, Blocks, Claim, Claims, Clock, Config, Delivery, Error, Event, Execution, Pallet, Status,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_dispute(block_id: BlockId, execution: Execution) -> DispatchResult {
		let mut block = Self::waiting_block(block_id)?;
		let removed = Self::remove_claim(block_id, &mut block, &execution)?;
		block.removed_at = Some(Clock::<T>::get());
		block.bar(execution);
		Blocks::<T>::insert(block_id, block);

		Self::settle_bond(block_id, &removed, false);
		let Execution { parent_hash, block_hash, gas_used } = execution;
		let prover = removed.prover;
		Self::deposit_event(Event::ClaimRemoved {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
		});
		Ok(())
	}

	/// Removes a claim. The caller must write the block, and settle the bond.
	///
	/// # Errors
	/// [`Error::UnknownClaim`].
	pub(crate) fn remove_claim(
		block_id: BlockId,
		block: &mut Block<T>,
		execution: &Execution,
	) -> Result<Claim<T>, Error<T>> {
		match Self::remove_claim_in_time(block, execution) {
			Some(claim) => Ok(claim),
			None => Self::remove_other_claim(block_id, block, execution),
		}
	}

	/// Removes the assigned prover's claim, if it is this one: the assignment has failed.
	fn remove_claim_in_time(block: &mut Block<T>, execution: &Execution) -> Option<Claim<T>> {
		let claim = block.claim_in_time().filter(|claim| claim.execution == *execution)?.clone();
		if let Status::Assigned(assignment) = &mut block.status {
			assignment.delivery = Delivery::Removed;
		}
		Some(claim)
	}

	/// Removes the claim of another. The reward of an open block rises no further.
	fn remove_other_claim(
		block_id: BlockId,
		block: &mut Block<T>,
		execution: &Execution,
	) -> Result<Claim<T>, Error<T>> {
		let (removed, left): (Vec<_>, Vec<_>) = Claims::<T>::get(block_id, execution.parent_hash)
			.into_iter()
			.partition(|claim| claim.execution == *execution);
		// No two stored claims are equal.
		let removed = removed.into_iter().next().ok_or(Error::<T>::UnknownClaim)?;
		Self::put_claims(block_id, execution.parent_hash, left);
		block.claims = block.claims.saturating_sub(1);
		if let Status::Open { fixed_reward: fixed @ None, .. } = &mut block.status {
			*fixed = Some(removed.reward_per_gas);
		}
		Ok(removed)
	}
}
