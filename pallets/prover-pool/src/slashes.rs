//! Deferred slashes: applied when they are due, or cancelled before (R7).

use alloc::vec::Vec;
use frame_support::{ensure, traits::Get, weights::WeightMeter};
use prover_pool_primitives::BlockId;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError, DispatchResult};

use crate::{
	account::Account, tokens, Config, Error, Event, OrderedKey, Pallet, PendingSlashOf,
	PendingSlashes, SlashSchedule, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Stores a slash until it is due. Its tokens have left the records and stay on hold.
	pub(crate) fn defer_slash(block_id: BlockId, slash: PendingSlashOf<T>) {
		SlashSchedule::<T>::insert(OrderedKey::new(slash.due_at, block_id), ());
		Self::deposit_event(Event::SlashDeferred { block_id, due_at: slash.due_at });
		PendingSlashes::<T>::insert(block_id, slash);
	}

	/// Moves the tokens of a slash that is due.
	pub(crate) fn do_apply_slash(block_id: BlockId) -> DispatchResult {
		let slash = Self::pending_slash(block_id)?;
		ensure!(Self::now() >= slash.due_at, Error::<T>::SlashNotDue);
		Self::apply(block_id, slash);
		Ok(())
	}

	/// Releases the tokens of a slash that is not due, takes one miss back, and ends the suspension that
	/// the slash caused or contributed to, if the misses that stand are too few for one. The member stays
	/// paused until it resumes; a lost slot is not restored.
	pub(crate) fn do_cancel_slash(block_id: BlockId) -> DispatchResult {
		let slash = Self::pending_slash(block_id)?;
		ensure!(Self::now() < slash.due_at, Error::<T>::SlashDue);
		tokens::release::<T>(&slash.who, slash.amount)?;
		Self::forget(block_id, &slash);
		let mut account = Account::<T>::load(slash.who.clone());
		account.staker.record.forgive_miss(slash.served);
		Self::end_suspension(&mut account, &slash);
		account.save();
		Self::deposit_event(Event::SlashCancelled {
			block_id,
			who: slash.who,
			amount: slash.amount,
		});
		Ok(())
	}

	/// Ends the account's suspension if this cancelled slash is one of its causes and the others are too
	/// few.
	fn end_suspension(account: &mut Account<T>, slash: &PendingSlashOf<T>) {
		let staker = &mut account.staker;
		let caused = slash.suspended_until.is_some()
			&& slash.suspended_until == staker.suspended_until
			|| slash.served == staker.record.served;
		let max_misses = T::MaxMisses::get();
		let too_few = max_misses == 0 || staker.record.misses_in_a_row < max_misses;
		if caused && too_few && staker.is_suspended(Self::now()) {
			staker.suspended_until = None;
			Self::deposit_event(Event::SuspensionEnded { who: slash.who.clone() });
		}
	}

	/// Applies slashes that are due, oldest first, as far as the meter has weight.
	pub(crate) fn apply_due_slashes(meter: &mut WeightMeter) {
		let look = T::DbWeight::get().reads(1);
		if meter.try_consume(look).is_err() {
			return;
		}
		let each = look.saturating_add(T::WeightInfo::apply_slash());
		let affordable = meter.remaining().checked_div_per_component(&each).unwrap_or(0);
		let now: u64 = Self::now().unique_saturated_into();
		// Collected in one walk: the schedule changes with each of them.
		let due: Vec<OrderedKey> = SlashSchedule::<T>::iter_keys()
			.take_while(|key| key.time() <= now)
			.take(affordable as usize)
			.collect();
		meter.consume(each.saturating_mul(due.len() as u64));
		for key in due {
			match PendingSlashes::<T>::get(key.id()) {
				Some(slash) => Self::apply(key.id(), slash),
				None => SlashSchedule::<T>::remove(key),
			}
		}
	}

	fn apply(block_id: BlockId, slash: PendingSlashOf<T>) {
		Self::forget(block_id, &slash);
		let credit = tokens::take::<T>(&slash.who, slash.amount);
		Self::deposit_event(Event::SlashApplied { block_id, who: slash.who, amount: slash.amount });
		// Last, with all records written: the receivers of the tokens are not this pallet's code.
		tokens::distribute::<T>(credit, slash.reporter);
	}

	fn pending_slash(block_id: BlockId) -> Result<PendingSlashOf<T>, DispatchError> {
		PendingSlashes::<T>::get(block_id).ok_or_else(|| Error::<T>::NoPendingSlash.into())
	}

	fn forget(block_id: BlockId, slash: &PendingSlashOf<T>) {
		PendingSlashes::<T>::remove(block_id);
		SlashSchedule::<T>::remove(OrderedKey::new(slash.due_at, block_id));
	}
}
