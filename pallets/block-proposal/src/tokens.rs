//! Every movement of tokens: holds, payments, returns, forfeits.
//!
//! Takes that a caller asked for are exact and may be refused. Everything that settles a block is
//! infallible: what a payee cannot receive goes to [`Config::OnSlash`], with an event, and what the
//! currency cannot do at all is logged. Tokens are never minted, and move only out of a hold that a
//! record of this pallet accounts for.

use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{BalancedHold, InspectHold, MutateHold},
		tokens::{Fortitude, Imbalance, Precision, Restriction},
		Get, OnUnbalanced,
	},
};
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError, TokenError,
};

use crate::{fees, BalanceOf, Block, Claim, Config, Error, Event, HoldReason, Pallet, LOG_TARGET};

impl<T: Config> Pallet<T> {
	/// Returns the cost of this much gas at this price.
	pub(crate) fn cost(gas: Gas, price: PricePerGas) -> BalanceOf<T> {
		fees::cost(T::BaseGas::get(), gas, price)
	}

	/// Returns the highest price that a block proposed at this fee may pay.
	pub(crate) fn highest_reward(fee_per_gas: PricePerGas) -> PricePerGas {
		fees::share_of_fee(fee_per_gas, T::OpenRewardEnd::get())
	}

	/// Returns the escrow of a proposal at this fee: enough whatever the draw says.
	pub(crate) fn escrow_at(gas_limit: Gas, fee_per_gas: PricePerGas) -> BalanceOf<T> {
		Self::cost(gas_limit, Self::highest_reward(fee_per_gas))
	}

	/// Holds exactly `amount` of free funds, or refuses.
	pub(crate) fn hold(
		reason: HoldReason,
		who: &T::AccountId,
		amount: BalanceOf<T>,
	) -> Result<(), Error<T>> {
		if amount.is_zero() {
			return Ok(());
		}
		T::Currency::hold(&reason.into(), who, amount).map_err(|_| Error::<T>::NoFunds)
	}

	/// Lowers the escrow to `needed` and gives the rest back. What the proposer cannot receive now stays in
	/// the escrow until the block is settled. Returns what went back.
	pub(crate) fn lower_escrow(block: &mut Block<T>, needed: BalanceOf<T>) -> BalanceOf<T> {
		let excess = block.escrow.held.saturating_sub(needed);
		let returned = Self::try_release(HoldReason::Escrow, &block.proposer, excess);
		block.escrow.held = block.escrow.held.saturating_sub(returned);
		returned
	}

	/// Pays `amount` out of the escrow of `proposer` to `payee`. Returns what the payee received:
	/// all or nothing, and then the amount is forfeited.
	pub(crate) fn pay_from_escrow(
		block_id: BlockId,
		proposer: &T::AccountId,
		payee: &T::AccountId,
		amount: BalanceOf<T>,
	) -> BalanceOf<T> {
		if amount.is_zero() {
			return amount;
		}
		// A freeze of the proposer's does not protect what it owes: hence `Force`. The layer undoes
		// a transfer that fails halfway, which a currency may do.
		let paid = with_storage_layer(|| -> Result<_, DispatchError> {
			T::Currency::transfer_on_hold(
				&HoldReason::Escrow.into(),
				proposer,
				payee,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		});
		match paid {
			Ok(paid) => paid,
			Err(_) => {
				Self::fail_payment(HoldReason::Escrow, block_id, proposer, payee, amount);
				Zero::zero()
			},
		}
	}

	/// Gives `amount` held from `who` back. Returns what `who` received: all or nothing, and then
	/// the amount is forfeited.
	pub(crate) fn give_back(
		reason: HoldReason,
		block_id: BlockId,
		who: &T::AccountId,
		amount: BalanceOf<T>,
	) -> BalanceOf<T> {
		let returned = Self::try_release(reason, who, amount);
		if returned.is_zero() && !amount.is_zero() {
			Self::fail_payment(reason, block_id, who, who, amount);
		}
		returned
	}

	/// Forfeits `amount` held from `who`.
	///
	/// The currency's `slash` has no event. `BurnedHeld` keeps the sum of a hold's events equal to the hold.
	pub(crate) fn forfeit(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) {
		if amount.is_zero() {
			return;
		}
		let hold_reason = reason.into();
		let (credit, missing) = T::Currency::slash(&hold_reason, who, amount);
		if !missing.is_zero() {
			// The records promise that the whole amount is held. Nothing else depends on it.
			log::error!(
				target: LOG_TARGET,
				"{reason:?} of {who:?}: {missing:?} of {amount:?} could not be taken",
			);
		}
		if !credit.peek().is_zero() {
			T::Currency::done_burn_held(&hold_reason, who, credit.peek());
			T::OnSlash::on_unbalanced(credit);
		}
	}

	/// Settles the bond of a claim that is no longer stored: it goes back or is forfeited.
	pub(crate) fn settle_bond(block_id: BlockId, claim: &Claim<T>, goes_back: bool) {
		let (prover, bond) = (claim.prover.clone(), claim.bond);
		if bond.is_zero() {
			return;
		}
		let returned = if goes_back {
			Self::give_back(HoldReason::ProofBond, block_id, &prover, bond)
		} else {
			Self::forfeit(HoldReason::ProofBond, &prover, bond);
			Zero::zero()
		};
		let forfeited = bond.saturating_sub(returned);
		Self::deposit_event(Event::BondSettled { block_id, prover, returned, forfeited });
	}

	/// Returns how much is held from `who` for this reason.
	pub(crate) fn held(reason: HoldReason, who: &T::AccountId) -> BalanceOf<T> {
		T::Currency::balance_on_hold(&reason.into(), who)
	}

	/// Releases exactly `amount`, or nothing: an account whose free balance would stay below the
	/// existential deposit cannot receive. Returns what was released.
	///
	/// Where the account's last hold goes, the currency first turns what is free below the existential
	/// deposit into dust; if the amount alone is below it too, it releases nothing, without an error.
	/// The layer undoes that, or the amount would be lost.
	fn try_release(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) -> BalanceOf<T> {
		if amount.is_zero() {
			return amount;
		}
		with_storage_layer(|| -> Result<_, DispatchError> {
			let released = T::Currency::release(&reason.into(), who, amount, Precision::Exact)?;
			ensure!(released == amount, TokenError::CannotCreate);
			Ok(released)
		})
		.unwrap_or_else(|_| Zero::zero())
	}

	/// Forfeits what `payee` could not receive out of what is held from `holder`.
	fn fail_payment(
		reason: HoldReason,
		block_id: BlockId,
		holder: &T::AccountId,
		payee: &T::AccountId,
		amount: BalanceOf<T>,
	) {
		Self::forfeit(reason, holder, amount);
		Self::deposit_event(Event::PaymentFailed { block_id, who: payee.clone(), amount });
	}
}
