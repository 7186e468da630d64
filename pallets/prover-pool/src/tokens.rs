//! The tokens themselves: two holds on the staker's own account.

use frame_support::{
	defensive, ensure,
	traits::{
		fungible::{Balanced, BalancedHold, InspectHold, MutateHold, UnbalancedHold},
		tokens::{imbalance::Imbalance, Precision},
		OnUnbalanced,
	},
};
use sp_runtime::{traits::Zero, DispatchResult, TokenError};

use crate::{BalanceOf, Config, CreditOf, HoldReason};

/// Puts `amount` of free tokens on hold as stake. Exact: fails with the currency's error if the account
/// has too little.
pub(crate) fn hold_stake<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	if amount.is_zero() {
		return Ok(());
	}
	T::Currency::hold(&HoldReason::Stake.into(), who, amount)
}

/// Stake becomes exit.
pub(crate) fn stake_to_exit<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	change_reason::<T>(HoldReason::Stake, HoldReason::Exit, who, amount)
}

/// Exit becomes stake.
pub(crate) fn exit_to_stake<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	change_reason::<T>(HoldReason::Exit, HoldReason::Stake, who, amount)
}

/// Changes why `amount` is held.
///
/// Not a release and a new hold: in between, the tokens would be free, and the new hold would depend on
/// the account's other holds, freezes and existential deposit, so that one account's state could stop
/// another from replacing it. Increased first, if that is possible: at no moment is less held than in
/// the end, so the account cannot fall below what keeps it alive. It is not possible where the currency
/// has no room for both at once: neither for another hold nor for so many tokens.
fn change_reason<T: Config>(
	from: HoldReason,
	to: HoldReason,
	who: &T::AccountId,
	amount: BalanceOf<T>,
) -> DispatchResult {
	if amount.is_zero() {
		return Ok(());
	}
	let increase =
		|| T::Currency::increase_balance_on_hold(&to.into(), who, amount, Precision::Exact);
	let decrease =
		|| T::Currency::decrease_balance_on_hold(&from.into(), who, amount, Precision::Exact);
	if increase().is_ok() {
		decrease()?;
	} else {
		decrease()?;
		increase()?;
	}
	Ok(())
}

/// Frees `amount` of the exit. It fails only where the currency cannot give an account back its own
/// tokens: where they would leave it with less than the existential deposit. The caller must undo what
/// was done then.
///
/// The currency takes the tokens off hold first. If nothing else keeps dust alive that lies beside them,
/// it is swept in between, and what arrives by itself may be too little: it would be lost without
/// a word.
pub(crate) fn release_exit<T: Config>(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
	let held = T::Currency::balance_on_hold(&HoldReason::Exit.into(), who).min(amount);
	if held < amount {
		defensive!("less is held for an exit than its record says");
	}
	let released =
		T::Currency::release(&HoldReason::Exit.into(), who, amount, Precision::BestEffort)?;
	ensure!(released == held, TokenError::CannotCreate);
	Ok(())
}

/// Takes `from_exit` of the exit and `from_stake` of the stake out of the account. It cannot fail.
pub(crate) fn slash<T: Config>(
	who: &T::AccountId,
	from_exit: BalanceOf<T>,
	from_stake: BalanceOf<T>,
) -> CreditOf<T> {
	take::<T>(HoldReason::Exit, who, from_exit).merge(take::<T>(HoldReason::Stake, who, from_stake))
}

/// Gives up to the reporter's sum of what was slashed to the reporter, and the rest to
/// [`Config::OnSlash`].
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

fn take<T: Config>(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) -> CreditOf<T> {
	if amount.is_zero() {
		return CreditOf::<T>::zero();
	}
	let (credit, missing) = T::Currency::slash(&reason.into(), who, amount);
	if !missing.is_zero() {
		defensive!("less is held than the record of a stake or an exit says");
	}
	credit
}

fn pay<T: Config>(who: &T::AccountId, credit: CreditOf<T>) -> Result<(), CreditOf<T>> {
	if credit.peek().is_zero() {
		return Ok(());
	}
	T::Currency::resolve(who, credit)
}
