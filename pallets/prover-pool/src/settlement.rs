//! How an assignment ends: release, slash, discharge (R6, R7, R8).

use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get};
use prover_pool_primitives::{BlockId, PoolError};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult,
};

use crate::{
	account::Account, tokens, AssignmentOf, Assignments, AssignmentsOf, BalanceOf, Config,
	DrawQueue, Error, Event, MomentOf, Pallet, StakerOf,
};

impl<T: Config> Pallet<T> {
	/// R6.
	pub(crate) fn do_release_prover(block_id: BlockId) -> Result<(), PoolError> {
		let mut assignment = Self::assignment(block_id)?;
		ensure!(!assignment.released, PoolError::AlreadyReleased);
		assignment.released = true;
		let who = assignment.prover.clone();
		let mut account = Account::<T>::load(who.clone());
		account.staker.on_released();
		account.save();
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
		let now = Self::now();
		let mut account = Account::<T>::load(assignment.prover.clone());

		let exit = account.staker.slashable_exit(now, T::ExitPeriod::get());
		let slashable = account.stake().saturating_add(exit);
		let amount = assignment.terms.amount(slashable, proof_reward);
		let from_exit = amount.min(exit);
		let from_stake = amount - from_exit;

		let slashed = tokens::slash::<T>(&account.who, from_exit, from_stake);
		account.staker.slash_exit(from_exit);
		if let Some(prover) = &mut account.prover {
			// At most the stake: `amount` is limited to what is slashable.
			prover.staked_amount.saturating_reduce(from_stake);
		}
		Self::close(block_id, &assignment, &mut account.staker);
		Self::deposit_event(Event::Slashed {
			block_id,
			who: account.who.clone(),
			amount,
			from_exit,
			from_stake,
		});
		Self::eject_if_too_small(&mut account, now);
		account.save();
		// Last, with the books closed: what receives the tokens is not this pallet's code.
		tokens::distribute::<T>(slashed, reporter);
		Ok(amount)
	}

	/// R8.
	pub(crate) fn do_discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		match Self::assignment(block_id) {
			Ok(assignment) => {
				let who = assignment.prover.clone();
				let mut account = Account::<T>::load(who.clone());
				Self::close(block_id, &assignment, &mut account.staker);
				account.save();
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
		}
		staker.on_closed();
	}

	/// Forces a slashed prover out if too little is left of its stake, so that nothing holds a slot and
	/// wins draws by nothing (R7, D5).
	fn eject_if_too_small(account: &mut Account<T>, now: MomentOf<T>) {
		let Some(prover) = &account.prover else { return };
		let minimum =
			T::MinStakePerCapacity::get().saturating_mul(account.staker.max_capacity.into());
		// Rounded up: a whole stake is below the share exactly if it is below the next whole number.
		let threshold = T::EjectionThreshold::get().mul_ceil(minimum);
		if !prover.staked_amount.is_zero() && prover.staked_amount >= threshold {
			return;
		}
		let before = (account.staker.clone(), account.prover.clone());
		// A slash must never be refused. The currency has no reason to refuse a change between two holds
		// of one account; if it did, the prover would stay in the pool with its records intact.
		if let Err(error) = with_storage_layer(|| Self::force_out(account, now)) {
			defensive!("a prover cannot be ejected", error);
			(account.staker, account.prover) = before;
		}
	}
}
