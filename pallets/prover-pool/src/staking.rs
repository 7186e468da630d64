//! Entering, leaving, withdrawing (R1, R2, R3).

use frame_support::{ensure, traits::Get};
use prover_pool_primitives::{Capacity, PricePerGas, ProverId, Selection};
use sp_runtime::{
	traits::{CheckedDiv, Saturating, Zero},
	DispatchError, DispatchResult,
};

use crate::{
	account::Account, tokens, BalanceOf, Config, Error, Event, Listing, MomentOf, Offer, OfferOf,
	Pallet, Prover,
};

impl<T: Config> Pallet<T> {
	/// R1. The order of steps is the order of refusals.
	pub(crate) fn do_stake(
		who: &T::AccountId,
		amount: BalanceOf<T>,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
	) -> DispatchResult {
		if amount.is_zero() && reward_per_gas.is_zero() && max_capacity.is_zero() {
			return Self::do_exit(who);
		}
		let now = Self::now();
		let mut account = Account::<T>::load(who.clone());
		let mut selection = T::Selection::open();
		Self::pay_out_free_exits(&mut account, now);
		Self::leave_if_member(&mut account, &mut selection, now)?;
		let paused = account.staker.is_suspended(now);
		let offer = Offer { stake: amount, reward_per_gas, max_capacity, paused };
		Self::ensure_acceptable(&offer)?;
		Self::enter(account, selection, offer, now)
	}

	/// R2.
	pub(crate) fn do_exit(who: &T::AccountId) -> DispatchResult {
		let now = Self::now();
		let mut account = Account::<T>::load(who.clone());
		let paid = Self::pay_out_free_exits(&mut account, now);
		if account.member.is_none() {
			ensure!(paid, Error::<T>::NotInPool);
			account.save();
			return Ok(());
		}
		let mut selection = T::Selection::open();
		Self::leave_if_member(&mut account, &mut selection, now)?;
		account.save_with(&mut selection);
		selection.save();
		Ok(())
	}

	/// R3. Any account may call it for `who`, which receives the tokens.
	pub(crate) fn do_withdraw(who: &T::AccountId) -> DispatchResult {
		let now = Self::now();
		let mut account = Account::<T>::load(who.clone());
		let matured = account.staker.exits.iter().any(|exit| exit.matures_at < now);
		let amount = account.staker.take_free_exits(now);
		ensure!(
			!amount.is_zero(),
			if matured { Error::<T>::StillLiable } else { Error::<T>::NoMatureExit }
		);
		tokens::release::<T>(who, amount)?;
		account.save();
		Self::deposit_event(Event::Withdrawn { who: who.clone(), amount });
		Ok(())
	}

	/// Removes a member that was replaced or ejected (R2). The change delay does not count.
	pub(crate) fn force_out(
		account: &mut Account<T>,
		selection: &mut T::Selection,
		now: MomentOf<T>,
	) {
		Self::pay_out_free_exits(account, now);
		Self::leave(account, selection, now, true);
	}

	/// Pays out all free exits and returns whether there were any. What the account cannot receive stays
	/// held, and refuses nothing.
	pub(crate) fn pay_out_free_exits(account: &mut Account<T>, now: MomentOf<T>) -> bool {
		let before = account.staker.exits.clone();
		let amount = account.staker.take_free_exits(now);
		if amount.is_zero() {
			return false;
		}
		if tokens::release::<T>(&account.who, amount).is_err() {
			account.staker.exits = before;
			return false;
		}
		Self::deposit_event(Event::Withdrawn { who: account.who.clone(), amount });
		true
	}

	/// Refused with `ChangeTooFrequent` if the member entered less than the change delay ago.
	pub(crate) fn ensure_change_delay_over(
		account: &Account<T>,
		now: MomentOf<T>,
	) -> DispatchResult {
		let Some((_, prover)) = &account.member else { return Ok(()) };
		let delay_ends = prover.entered_at.saturating_add(T::MinChangeDelay::get());
		ensure!(now > delay_ends, Error::<T>::ChangeTooFrequent);
		Ok(())
	}

	/// Refused with `InvalidParams` if R1 does not accept this offer.
	pub(crate) fn ensure_acceptable(offer: &OfferOf<T>) -> DispatchResult {
		// `checked_div` refuses a capacity of 0 even if a runtime should allow it. A stake of 0 is
		// refused by name, since the minimum may be dynamic and wrong.
		let per_capacity = offer.stake.checked_div(&offer.max_capacity.into());
		ensure!(
			!offer.stake.is_zero()
				&& !offer.reward_per_gas.is_zero()
				&& (T::MinCapacity::get()..=T::MaxCapacity::get()).contains(&offer.max_capacity)
				&& per_capacity.is_some_and(|stake| stake >= T::MinStakePerCapacity::get()),
			Error::<T>::InvalidParams
		);
		Ok(())
	}

	fn leave_if_member(
		account: &mut Account<T>,
		selection: &mut T::Selection,
		now: MomentOf<T>,
	) -> DispatchResult {
		Self::ensure_change_delay_over(account, now)?;
		if account.member.is_some() {
			Self::leave(account, selection, now, false);
		}
		Ok(())
	}

	/// Vacates the slot. The stake becomes an exit.
	fn leave(
		account: &mut Account<T>,
		selection: &mut T::Selection,
		now: MomentOf<T>,
		forced: bool,
	) {
		let amount = account.vacate(selection);
		let exit = account.staker.add_exit(amount, now);
		Self::deposit_event(Event::Exited {
			who: account.who.clone(),
			amount,
			exit: exit.map(|exit| exit.id),
			forced,
		});
	}

	/// Funds the stake and occupies a slot.
	fn enter(
		mut account: Account<T>,
		mut selection: T::Selection,
		offer: OfferOf<T>,
		now: MomentOf<T>,
	) -> DispatchResult {
		let Offer { stake, reward_per_gas, max_capacity, paused } = offer;
		let from_exits = account.staker.reuse_exits(stake, now);
		tokens::hold::<T>(&account.who, stake.saturating_sub(from_exits))?;

		let prover_id = Self::make_room(&mut selection, stake, now)?;
		let entered_in = frame_system::Pallet::<T>::block_number();
		account.staker.max_capacity = max_capacity;
		let prover = Prover {
			account: account.who.clone(),
			stake,
			reward_per_gas,
			paused,
			entered_at: now,
			entered_in,
			changed_in: entered_in,
			listing: if Self::changes_at_once() {
				Listing::Current
			} else {
				Listing::Entering(offer)
			},
		};
		account.occupy(prover_id, prover, &mut selection);
		let event = Event::Staked {
			who: account.who.clone(),
			prover_id,
			amount: stake,
			reward_per_gas,
			current_capacity: account.staker.free_capacity(),
		};
		account.save_with(&mut selection);
		selection.save();
		Self::deposit_event(event);
		Ok(())
	}

	/// Returns a vacant slot for `amount`. In a full pool the candidate that ranks lowest is replaced, if
	/// its stake and the overbid, rounded up, are less than `amount` (R1, D12, D14).
	fn make_room(
		selection: &mut T::Selection,
		amount: BalanceOf<T>,
		now: MomentOf<T>,
	) -> Result<ProverId, DispatchError> {
		if let Some(vacant) = selection.vacant_slot() {
			return Ok(vacant);
		}
		let lowest = selection.lowest_ranked().ok_or(Error::<T>::ProverNotGoodEnough)?;
		let to_beat = lowest.stake.saturating_add(T::MinOverbid::get().mul_ceil(lowest.stake));
		ensure!(to_beat < amount, Error::<T>::ProverNotGoodEnough);
		let mut replaced =
			Account::<T>::load_member(lowest.prover_id).ok_or(Error::<T>::ProverNotGoodEnough)?;
		Self::force_out(&mut replaced, selection, now);
		replaced.save_with(selection);
		Ok(lowest.prover_id)
	}
}
