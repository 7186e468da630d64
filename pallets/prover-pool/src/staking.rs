//! The prover's side: entering, leaving, being paid out (R1, R2, R3).

use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get};
use prover_pool_primitives::PricePerGas;
use sp_runtime::{
	traits::{BlockNumberProvider, CheckedDiv, Zero},
	DispatchError, DispatchResult,
};

use crate::{
	account::Account,
	members::{Members, Place},
	tokens, BalanceOf, Capacity, Config, Error, Event, ExitState, MomentOf, Pallet, Prover,
	ProverId, StakerOf,
};

impl<T: Config> Pallet<T> {
	/// The clock of all periods.
	pub(crate) fn now() -> MomentOf<T> {
		T::BlockNumberProvider::current_block_number()
	}

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
		Self::pay_out_if_free(&mut account, now)?;
		Self::leave_if_member(&mut account, now)?;
		Self::ensure_acceptable(amount, reward_per_gas, max_capacity)?;
		Self::enter(account, amount, reward_per_gas, max_capacity, now)
	}

	/// R2.
	pub(crate) fn do_exit(who: &T::AccountId) -> DispatchResult {
		let now = Self::now();
		let mut account = Account::<T>::load(who.clone());
		let paid = Self::pay_out_if_free(&mut account, now)?;
		let left = Self::leave_if_member(&mut account, now)?;
		ensure!(paid || left, Error::<T>::NotInPool);
		account.save();
		Ok(())
	}

	/// R3.
	pub(crate) fn do_withdraw(who: &T::AccountId) -> DispatchResult {
		let mut account = Account::<T>::load(who.clone());
		match account.staker.exit_state(Self::now(), T::ExitPeriod::get()) {
			ExitState::None | ExitState::Maturing => Err(Error::<T>::NoMatureExit.into()),
			ExitState::Liable => Err(Error::<T>::StillLiable.into()),
			ExitState::Free => {
				Self::pay_out(who, &mut account.staker)?;
				account.save();
				Ok(())
			},
		}
	}

	/// Forces a member out: it was replaced, or too little is left of its stake (R2). A free exit is
	/// paid first, the delay does not count.
	pub(crate) fn force_out(account: &mut Account<T>, now: MomentOf<T>) -> DispatchResult {
		// The account of the one who leaves must not be able to stop the one who comes. An exit that
		// its own account cannot receive, because it is below the existential deposit, stays held
		// and joins the new one.
		let before = account.staker.clone();
		if with_storage_layer(|| Self::pay_out_if_free(account, now)).is_err() {
			account.staker = before;
		}
		Self::leave(account, now, true)
	}

	/// Pays out the exit if it is free. Whether it was.
	fn pay_out_if_free(account: &mut Account<T>, now: MomentOf<T>) -> Result<bool, DispatchError> {
		let free = account.staker.exit_state(now, T::ExitPeriod::get()) == ExitState::Free;
		if free {
			Self::pay_out(&account.who, &mut account.staker)?;
		}
		Ok(free)
	}

	fn pay_out(who: &T::AccountId, staker: &mut StakerOf<T>) -> DispatchResult {
		let amount = staker.take_exit();
		tokens::release_exit::<T>(who, amount)?;
		Self::deposit_event(Event::Withdrawn { who: who.clone(), amount });
		Ok(())
	}

	/// Leaves of its own will, if it is in the pool. Whether it was.
	fn leave_if_member(account: &mut Account<T>, now: MomentOf<T>) -> Result<bool, DispatchError> {
		let member = account.prover.is_some();
		if member {
			ensure!(
				!account.staker.changed_within(now, T::MinChangeDelay::get()),
				Error::<T>::ChangeTooFrequent
			);
			Self::leave(account, now, false)?;
		}
		Ok(member)
	}

	/// The slot empties, and its stake joins the exit.
	fn leave(account: &mut Account<T>, now: MomentOf<T>, forced: bool) -> DispatchResult {
		let Account { who, staker, .. } = account;
		let Some(prover) = account.prover.take() else {
			defensive!("only members leave");
			return Ok(());
		};
		staker.prover_id = None;
		let amount = prover.staked_amount;
		tokens::stake_to_exit::<T>(who, amount)?;
		staker.add_to_exit(amount, now);
		Self::deposit_event(Event::Exited {
			who: who.clone(),
			amount,
			exit_amount: staker.exit_amount,
			forced,
		});
		Ok(())
	}

	/// Whether these terms may be offered at all.
	fn ensure_acceptable(
		amount: BalanceOf<T>,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
	) -> DispatchResult {
		// `checked_div` refuses a capacity of 0 even if a runtime should allow it. A stake of 0 is
		// refused by name, since the minimum may be dynamic and wrong.
		let per_place = amount.checked_div(&max_capacity.into());
		ensure!(
			!amount.is_zero()
				&& !reward_per_gas.is_zero()
				&& max_capacity >= T::MinCapacity::get()
				&& per_place.is_some_and(|stake| stake >= T::MinStakePerCapacity::get()),
			Error::<T>::InvalidParams
		);
		Ok(())
	}

	/// Funds the stake and takes a slot.
	fn enter(
		mut account: Account<T>,
		amount: BalanceOf<T>,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
		now: MomentOf<T>,
	) -> DispatchResult {
		let Account { who, staker, .. } = &mut account;
		let from_exit = staker.reuse_exit(amount, now);
		tokens::exit_to_stake::<T>(who, from_exit)?;
		tokens::hold_stake::<T>(who, amount - from_exit)?;

		let mut members = Members::<T>::open();
		// If it has just left, its slot is vacant.
		account.note(&mut members);
		let prover_id = Self::make_room(&mut members, amount, now)?;
		let entered_in = frame_system::Pallet::<T>::block_number();
		account.staker.prover_id = Some(prover_id);
		account.staker.max_capacity = max_capacity;
		account.staker.last_changed_at = Some(now);
		let prover = Prover {
			who: account.who.clone(),
			staked_amount: amount,
			reward_per_gas,
			current_capacity: account.staker.places_left(),
			entered_in,
			waiting: !entered_in.is_zero() && !T::EntryDelay::get().is_zero(),
		};
		let event = Event::Staked {
			who: prover.who.clone(),
			amount,
			reward_per_gas,
			current_capacity: prover.current_capacity,
		};
		account.prover = Some(prover);
		account.save_with(&mut members);
		members.close();
		Self::deposit_event(event);
		Ok(())
	}

	/// Finds a slot for `amount`, and forces out whoever is replaced.
	fn make_room(
		members: &mut Members<T>,
		amount: BalanceOf<T>,
		now: MomentOf<T>,
	) -> Result<ProverId, DispatchError> {
		match members.place_for(amount).ok_or(Error::<T>::ProverNotGoodEnough)? {
			Place::Vacant(prover_id) => Ok(prover_id),
			Place::Replacing(prover_id) => {
				if let Some(replaced) = Members::<T>::occupant(prover_id) {
					let mut replaced = Account::<T>::load(replaced);
					Self::force_out(&mut replaced, now)?;
					replaced.save_with(members);
				}
				Ok(prover_id)
			},
		}
	}
}
