//! Changing an offer in place (R9), and the end of a suspension (R10).

use frame_support::{ensure, traits::Get};
use prover_pool_primitives::{Capacity, ListedStake, PricePerGas, Selection};
use sp_runtime::{
	traits::{CheckedSub, Saturating, Zero},
	DispatchError, DispatchResult,
};

use crate::{
	account::Account, tokens, BalanceOf, Config, Error, Event, ExitId, MomentOf, Offer, OfferOf,
	Pallet,
};

impl<T: Config> Pallet<T> {
	/// Adds free tokens to the stake.
	pub(crate) fn do_stake_extra(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let (account, before) = Self::load_offer(who)?;
		ensure!(!amount.is_zero(), Error::<T>::InvalidParams);
		tokens::hold::<T>(who, amount)?;
		let stake = before.stake.saturating_add(amount);
		Self::change_offer(account, Offer { stake, ..before });
		Self::deposit_event(Event::StakeIncreased { who: who.clone(), amount });
		Ok(())
	}

	/// Turns a part of the stake into an exit.
	pub(crate) fn do_unstake(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let now = Self::now();
		let (mut account, before) = Self::load_offer(who)?;
		Self::ensure_change_delay_over(&account, now)?;
		let rest = before.stake.checked_sub(&amount).ok_or(Error::<T>::InvalidParams)?;
		ensure!(!amount.is_zero(), Error::<T>::InvalidParams);
		// The stake must suffice for the older capacity as well while draws use it: a member that puts off
		// its change again and again would answer for it with less.
		let max_capacity = account.largest_capacity();
		Self::ensure_acceptable(&Offer { stake: rest, max_capacity, ..before })?;
		Self::pay_out_free_exits(&mut account, now);
		let exit = account.staker.add_exit(amount, now).ok_or(Error::<T>::InvalidParams)?;
		Self::change_offer(account, Offer { stake: rest, ..before });
		Self::deposit_event(Event::Unstaked { who: who.clone(), amount, exit: exit.id });
		Ok(())
	}

	/// Turns an exit back into stake.
	pub(crate) fn do_restake(who: &T::AccountId, exit: ExitId) -> DispatchResult {
		let (mut account, before) = Self::load_offer(who)?;
		let amount = account.staker.take_exit(exit).ok_or(Error::<T>::UnknownExit)?;
		let stake = before.stake.saturating_add(amount);
		Self::change_offer(account, Offer { stake, ..before });
		Self::deposit_event(Event::Restaked { who: who.clone(), amount, exit });
		Ok(())
	}

	/// Changes price and capacity.
	pub(crate) fn do_set_terms(
		who: &T::AccountId,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
	) -> DispatchResult {
		let (account, before) = Self::load_offer(who)?;
		let offer = Offer { reward_per_gas, max_capacity, ..before };
		Self::ensure_acceptable(&offer)?;
		Self::change_offer(account, offer);
		Self::deposit_event(Event::TermsChanged { who: who.clone(), reward_per_gas, max_capacity });
		Ok(())
	}

	/// Takes the member out of draws.
	pub(crate) fn do_pause(who: &T::AccountId) -> DispatchResult {
		let (account, before) = Self::load_offer(who)?;
		ensure!(!before.paused, Error::<T>::AlreadyPaused);
		Self::change_offer(account, Offer { paused: true, ..before });
		Self::deposit_event(Event::Paused { who: who.clone() });
		Ok(())
	}

	/// Returns the member to draws.
	pub(crate) fn do_resume(who: &T::AccountId) -> DispatchResult {
		let (mut account, before) = Self::load_offer(who)?;
		ensure!(before.paused, Error::<T>::NotPaused);
		ensure!(!account.staker.is_suspended(Self::now()), Error::<T>::StillSuspended);
		account.staker.suspended_until = None;
		Self::change_offer(account, Offer { paused: false, ..before });
		Self::deposit_event(Event::Resumed { who: who.clone() });
		Ok(())
	}

	/// Suspends the account if it has missed too many assignments in a row, and not too much of the listed
	/// stake is paused then (R10). Returns the end of the suspension.
	///
	/// The member is paused at once, for draws too: the protocol does this, not the member, so nobody
	/// can time it.
	pub(crate) fn suspend_if_due(
		account: &mut Account<T>,
		now: MomentOf<T>,
	) -> Option<MomentOf<T>> {
		let max_misses = T::MaxMisses::get();
		if max_misses.is_zero() || account.staker.record.misses_in_a_row < max_misses {
			return None;
		}
		let ListedStake { total, paused } = account.listed_stake_if_paused(&T::Selection::open());
		// Stakes are whole numbers: more than the share is more than its whole part.
		if paused > T::MaxPausedShare::get().mul_floor(total) {
			return None;
		}
		let until = now.saturating_add(T::SuspensionPeriod::get());
		account.staker.suspended_until = Some(until);
		account.pause_at_once();
		Some(until)
	}

	/// Loads a member and its offer.
	fn load_offer(who: &T::AccountId) -> Result<(Account<T>, OfferOf<T>), DispatchError> {
		let account = Account::<T>::load(who.clone());
		let offer = account.offer().ok_or(Error::<T>::NotInPool)?;
		Ok((account, offer))
	}

	fn change_offer(mut account: Account<T>, offer: OfferOf<T>) {
		account.change_offer(offer);
		account.save();
	}
}
