//! How an assignment ends: release, slash, discharge (R6, R7, R8).

use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get};
use prover_pool_primitives::{BlockId, PoolError};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult,
};

use crate::{
	members::Members, tokens, AssignmentOf, Assignments, AssignmentsOf, BalanceOf, Config,
	DrawQueue, Error, Event, MomentOf, Pallet, StakerOf, Stakers,
};

impl<T: Config> Pallet<T> {
	/// R6.
	pub(crate) fn do_release_prover(block_id: BlockId) -> Result<(), PoolError> {
		let mut assignment = Self::assignment(block_id)?;
		ensure!(!assignment.released, PoolError::AlreadyReleased);
		assignment.released = true;
		let who = assignment.prover.clone();
		Stakers::<T>::mutate(&who, |staker| {
			staker.on_released();
			Members::<T>::update_capacity(staker);
		});
		Assignments::<T>::insert(block_id, assignment);
		Self::deposit_event(Event::ProverReleased { block_id, who });
		Ok(())
	}

	/// R7. What is slashable is judged before the assignment is closed: closing it may be what makes an
	/// exit free.
	pub(crate) fn do_slash_prover(
		block_id: BlockId,
		proof_reward: BalanceOf<T>,
		reporter: Option<(T::AccountId, BalanceOf<T>)>,
	) -> Result<BalanceOf<T>, PoolError> {
		let assignment = Self::assignment(block_id)?;
		let who = &assignment.prover;
		let now = Self::now();
		let mut staker = Stakers::<T>::get(who);
		let member = Members::<T>::of(&staker);

		let stake = member.as_ref().map_or(Zero::zero(), |(_, prover)| prover.staked_amount);
		let exit = staker.slashable_exit(now, T::ExitPeriod::get());
		let amount = assignment.terms.amount(stake.saturating_add(exit), proof_reward);
		let from_exit = amount.min(exit);
		let from_stake = amount - from_exit;

		let slashed = tokens::slash::<T>(who, from_exit, from_stake);
		staker.slash_exit(from_exit);
		if let Some((prover_id, mut prover)) = member {
			// At most the stake: `amount` is limited to what is slashable.
			prover.staked_amount.saturating_reduce(from_stake);
			Members::<T>::put(prover_id, &prover);
		}
		Self::close(block_id, &assignment, &mut staker);
		Self::deposit_event(Event::Slashed {
			block_id,
			who: who.clone(),
			amount,
			from_exit,
			from_stake,
		});
		Self::eject_if_too_small(who, &mut staker, now);
		Self::put_staker(who, &staker);
		// Last, with the books closed: what receives the tokens is not this pallet's code.
		tokens::distribute::<T>(slashed, reporter);
		Ok(amount)
	}

	/// R8.
	pub(crate) fn do_discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		match Self::assignment(block_id) {
			Ok(assignment) => {
				let who = assignment.prover.clone();
				let mut staker = Stakers::<T>::get(&who);
				Self::close(block_id, &assignment, &mut staker);
				Self::put_staker(&who, &staker);
				Self::deposit_event(Event::ProverDischarged { block_id, who });
				Ok(())
			},
			Err(PoolError::StillPending) => {
				DrawQueue::<T>::mutate(|queue| {
					queue.retain(|request| request.block_id != block_id);
				});
				Self::deposit_event(Event::RequestCancelled { block_id });
				Ok(())
			},
			Err(error) => Err(error),
		}
	}

	/// Whether `who` may discharge the assignment of `block_id` itself: it is its own, and so old that
	/// the protocol has evidently stopped (R8).
	pub(crate) fn ensure_own_and_overdue(who: &T::AccountId, block_id: BlockId) -> DispatchResult {
		let assignment = Self::assignment(block_id).map_err(Error::<T>::from)?;
		ensure!(assignment.prover == *who, Error::<T>::NotYourAssignment);
		let due_at = assignment.drawn_at.saturating_add(T::MaxLiability::get());
		ensure!(Self::now() > due_at, Error::<T>::NotOverdue);
		Ok(())
	}

	/// The assignment of a block, or why there is none.
	fn assignment(block_id: BlockId) -> Result<AssignmentOf<T>, PoolError> {
		Assignments::<T>::get(block_id).ok_or_else(|| {
			let pending = DrawQueue::<T>::get().iter().any(|request| request.block_id == block_id);
			if pending {
				PoolError::StillPending
			} else {
				PoolError::UnknownBlock
			}
		})
	}

	/// Takes an assignment off the books; its place returns if it is still taken.
	fn close(block_id: BlockId, assignment: &AssignmentOf<T>, staker: &mut StakerOf<T>) {
		Assignments::<T>::remove(block_id);
		AssignmentsOf::<T>::remove(&assignment.prover, block_id);
		if !assignment.released {
			staker.on_released();
			Members::<T>::update_capacity(staker);
		}
		staker.on_closed();
	}

	/// Forces a slashed prover out if too little is left of its stake, so that nothing holds a slot and
	/// wins draws by nothing (R7, D5).
	fn eject_if_too_small(who: &T::AccountId, staker: &mut StakerOf<T>, now: MomentOf<T>) {
		let Some((_, prover)) = Members::<T>::of(staker) else { return };
		let minimum = T::MinStakePerCapacity::get().saturating_mul(staker.max_capacity.into());
		// Rounded up: a whole stake is below the share exactly if it is below the next whole number.
		let threshold = T::EjectionThreshold::get().mul_ceil(minimum);
		if !prover.staked_amount.is_zero() && prover.staked_amount >= threshold {
			return;
		}
		let mut ejected = staker.clone();
		// A slash must never be refused. The currency has no reason to refuse a change between two holds
		// of one account; if it did, the prover would stay in the pool with its records intact.
		match with_storage_layer(|| Self::force_out(who, &mut ejected, now)) {
			Ok(()) => *staker = ejected,
			Err(error) => {
				defensive!("a prover cannot be ejected", error);
			},
		}
	}
}
