//! The tokens: one hold on the staker's own account.

use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::{Balanced, BalancedHold, InspectHold, MutateHold, Unbalanced, UnbalancedHold},
		tokens::{imbalance::Imbalance, Precision},
		OnUnbalanced,
	},
};
use sp_runtime::{traits::Zero, DispatchError, DispatchResult, TokenError};

use crate::{BalanceOf, Config, CreditOf, Error, HoldReason};

/// Holds `amount` of the account's free tokens. Exact: refused with `InsufficientFunds` if the account has
/// too little. That is an error of the pool, because some clients cannot name those of the currency.
pub(crate) fn hold<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	if amount.is_zero() {
		return Ok(());
	}
	T::Currency::hold(&HoldReason::Staked.into(), who, amount).map_err(|error| match error {
		DispatchError::Token(TokenError::FundsUnavailable) => Error::<T>::InsufficientFunds.into(),
		other => other,
	})
}

/// Returns what is held on an account for the pool.
pub(crate) fn held<T: Config>(who: &T::AccountId) -> BalanceOf<T> {
	T::Currency::balance_on_hold(&HoldReason::Staked.into(), who)
}

/// Releases `amount` to the account. Changes nothing if it fails, which it does only where the currency
/// cannot return an account its own tokens: where they would leave it with less than the existential
/// deposit.
pub(crate) fn release<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	if amount.is_zero() {
		// The currency refuses even this to an account with less than the existential deposit.
		return Ok(());
	}
	let held = held::<T>(who).min(amount);
	if held < amount {
		defensive!("less is held than the records say");
	}
	// The two steps of the currency's own release, without its check beforehand: that one counts the tokens
	// on hold as well, and the sum of both must fit a balance.
	with_storage_layer(|| {
		let reason = HoldReason::Staked.into();
		T::Currency::decrease_balance_on_hold(&reason, who, held, Precision::Exact)?;
		// In between the currency may sweep dust that lay beside them, and what arrives then can be too
		// little to stay.
		T::Currency::increase_balance(who, held, Precision::Exact)
			.map_err(|_| TokenError::CannotCreate)?;
		T::Currency::done_release(&reason, who, held);
		Ok(())
	})
}

/// Takes `amount` out of the account's hold. It cannot fail.
///
/// The currency's `slash` has no event. `BurnedHeld` keeps the sum of a hold's events equal to the hold.
pub(crate) fn take<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
	if amount.is_zero() {
		return CreditOf::<T>::zero();
	}
	let reason = HoldReason::Staked.into();
	let (credit, missing) = T::Currency::slash(&reason, who, amount);
	if !missing.is_zero() {
		defensive!("less is held than the records say");
	}
	if !credit.peek().is_zero() {
		T::Currency::done_burn_held(&reason, who, credit.peek());
	}
	credit
}

/// Pays the reporter up to its sum of what was slashed, and passes the rest to [`Config::OnSlash`].
///
/// It cannot fail: what the reporter's account cannot receive goes to `OnSlash` too.
pub(crate) fn distribute<T: Config>(
	slashed: CreditOf<T>,
	reporter: Option<(T::AccountId, BalanceOf<T>)>,
) {
	let rest = match reporter {
		Some((reporter, reward)) => {
			let (reward, rest) = slashed.split(reward);
			match pay::<T>(&reporter, reward) {
				Ok(()) => rest,
				Err(refused) => rest.merge(refused),
			}
		},
		None => slashed,
	};
	if !rest.peek().is_zero() {
		T::OnSlash::on_unbalanced(rest);
	}
}

fn pay<T: Config>(who: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
	if credit.peek().is_zero() {
		return Ok(());
	}
	T::Currency::resolve(who, credit)
}
