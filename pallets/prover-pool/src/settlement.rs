//! How an assignment ends: release, slash, discharge (R6, R7, R8).

use frame_support::{ensure, traits::Get};
use prover_pool_primitives::{BlockId, Fault, PoolError, Selection};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchResult,
};

use crate::{
	account::Account, tokens, AssignmentOf, Assignments, AssignmentsOf, BalanceOf, Config,
	DrawQueue, Error, Event, MomentOf, Pallet, PendingSlash,
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

	/// R7. What answers is judged before the assignment is closed: closing it may be what makes an exit
	/// free.
	pub(crate) fn do_slash_prover(
		block_id: BlockId,
		proof_reward: BalanceOf<T>,
		fault: Fault,
		reporter: Option<(T::AccountId, BalanceOf<T>)>,
	) -> Result<BalanceOf<T>, PoolError> {
		let assignment = Self::assignment(block_id)?;
		let now = Self::now();
		let mut account = Account::<T>::load(assignment.prover.clone());
		let who = account.who.clone();

		let stake = account.stake();
		let exits = account.staker.exits_answering(assignment.drawn_at);
		let amount = assignment.terms.amount(stake.saturating_add(exits), proof_reward);
		let split = account.staker.take_slash(amount, stake, assignment.drawn_at);
		if let Some((_, prover)) = &mut account.member {
			prover.stake.saturating_reduce(split.from_stake);
		}
		account.limit_listing();
		Self::close(block_id, &assignment, &mut account);
		account.staker.record.count_missed();
		Self::deposit_event(Event::Slashed {
			block_id,
			who: who.clone(),
			amount,
			from_exits: split.from_exits,
			from_stake: split.from_stake,
			fault,
		});
		let served = account.staker.record.served;
		let suspended_until = Self::suspend_if_due(&mut account, now);
		if let Some(until) = suspended_until {
			Self::deposit_event(Event::Suspended { who: who.clone(), until });
		}
		Self::save_slashed(account, now);

		// Last, with all records written: the receivers of the tokens are not this pallet's code.
		let deferral = T::SlashDeferral::get();
		if deferral.is_zero() {
			tokens::distribute::<T>(tokens::take::<T>(&who, amount), reporter);
		} else {
			let due_at = now.saturating_add(deferral);
			let slash =
				PendingSlash { who, amount, fault, reporter, due_at, suspended_until, served };
			Self::defer_slash(block_id, slash);
		}
		Ok(amount)
	}

	/// R8.
	pub(crate) fn do_discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		match Self::assignment(block_id) {
			Ok(assignment) => {
				let who = assignment.prover.clone();
				let mut account = Account::<T>::load(who.clone());
				Self::close(block_id, &assignment, &mut account);
				account.staker.record.count_served();
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

	/// Refused unless `who` may discharge the assignment itself: it is its own, and so old that the
	/// protocol has evidently stopped (R8).
	pub(crate) fn ensure_own_and_overdue(who: &T::AccountId, block_id: BlockId) -> DispatchResult {
		let assignment = Self::assignment(block_id).map_err(Error::<T>::from)?;
		ensure!(assignment.prover == *who, Error::<T>::NotYourAssignment);
		let due_at = assignment.drawn_at.saturating_add(T::MaxLiability::get());
		ensure!(Self::now() > due_at, Error::<T>::NotOverdue);
		Ok(())
	}

	/// Returns the assignment of a block, or the reason why there is none.
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

	/// Removes an assignment from the ledger. Its capacity returns unless it was released before.
	fn close(block_id: BlockId, assignment: &AssignmentOf<T>, account: &mut Account<T>) {
		Assignments::<T>::remove(block_id);
		AssignmentsOf::<T>::remove(&assignment.prover, block_id);
		account.staker.on_closed(assignment.drawn_at, assignment.released);
	}

	/// Writes the account of a slashed prover. Too small a stake leaves the pool, so that a member
	/// without stake neither holds a slot nor wins draws (R7, D5).
	///
	/// The minimum is that of the largest capacity that draws use or will use: a member that declares a
	/// smaller one, and puts off that change again and again, would stay with too small a stake.
	fn save_slashed(mut account: Account<T>, now: MomentOf<T>) {
		let minimum =
			T::MinStakePerCapacity::get().saturating_mul(account.largest_capacity().into());
		// Rounded up: a stake is below the share exactly if it is below the next whole number.
		let threshold = T::EjectionThreshold::get().mul_ceil(minimum);
		let stake = account.stake();
		if account.member.is_none() || (!stake.is_zero() && stake >= threshold) {
			return account.save();
		}
		let mut selection = T::Selection::open();
		Self::force_out(&mut account, &mut selection, now);
		account.save_with(&mut selection);
		selection.save();
	}
}
