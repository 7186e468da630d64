//! What an account can do to its own tokens.

use super::*;
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{InspectHold, Mutate, MutateFreeze, MutateHold},
		tokens::Preservation,
		LockableCurrency, WithdrawReasons,
	},
};
use sp_runtime::TokenError;

#[test]
fn an_exit_that_cannot_be_received_cannot_protect_anything() {
	demo(&[]).max_provers(1).build_and_execute(|| {
		// She cannot stake what keeps her account alive.
		assert_noop!(stake(EVE, START_BALANCE, 100, 4), Error::InsufficientFunds);
		assert_noop!(stake(EVE, 9_991, 100, 4), Error::InsufficientFunds);
		assert_ok!(stake(EVE, 9_990, 100, 4));
		let flee = || <Balances as Mutate<_>>::transfer(&EVE, &FRANK, 10, Preservation::Expendable);
		assert_noop!(flee(), TokenError::Frozen);
		// An exit below the existential deposit, made so that its payout fails.
		System::inc_providers(&EVE);
		assert_ok!(flee());
		advance_clock(11);
		assert_ok!(stake(EVE, 9_981, 100, 4));
		advance_clock(101);
		assert_noop!(withdraw(EVE), TokenError::CannotCreate);
		assign(1, EVE);
		// The slash takes all of the stake, and she leaves. The 9 stay held.
		System::reset_events();
		assert_eq!(slash(1, Balance::MAX), Ok(9_981));
		let left = Event::Exited { who: EVE, amount: 0, exit: None, forced: true };
		assert_eq!(pool_events(), [slashed(1, EVE, 0, 9_981), left]);
		assert_eq!((held(EVE), wealth(EVE)), (9, 9));
		assert_ok!(stake(ALICE, 200, 100, 4));
	});
}

#[test]
fn freezes_locks_and_other_holds_cannot_protect_a_stake() {
	demo(&[(ALICE, 5_000, 100, 4), (EVE, 5_000, 100, 4)]).max_provers(2).build_and_execute(|| {
		assign(1, ALICE);
		assign(2, EVE);
		assign(3, EVE);
		// A vote, a lock, deposits elsewhere.
		assert_ok!(Balances::set_freeze(&other::FreezeReason::Vote.into(), &EVE, Balance::MAX));
		Balances::set_lock(*b"evesvote", &EVE, Balance::MAX, WithdrawReasons::all());
		let deposit = other::HoldReason::Deposit.into();
		assert_noop!(Balances::hold(&deposit, &EVE, 4_991), TokenError::FundsUnavailable);
		assert_ok!(Balances::hold(&deposit, &EVE, 4_990));
		// She is slashed like Alice.
		assert_eq!((slash(1, 1_000), slash(2, 1_000)), (Ok(4_000), Ok(4_000)));
		assert_eq!((loss(ALICE), loss(EVE)), (4_000, 4_000));
		// She is evicted, and slashed in the exit as well.
		assert_ok!(stake(BOB, 1_100, 100, 4));
		assert_ok!(stake(CAROL, 1_100, 100, 4));
		assert_eq!((stake_of(EVE), held(EVE)), (0, 1_000));
		assert_eq!(slash(3, 1_000), Ok(1_000));
		assert_eq!((loss(EVE), held(EVE)), (5_000, 0));
		assert_eq!(Balances::balance_on_hold(&deposit, &EVE), 4_990);
	});
}

#[test]
fn a_reaped_account_cannot_lose_its_duties() {
	demo(&[(EVE, 9_990, 100, 4)]).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		assert_eq!(slash(1, Balance::MAX), Ok(9_990));
		assert_ok!(Balances::transfer_allow_death(signed(EVE), FRANK, 10));
		assert!(!System::account_exists(&EVE));
		// The duty outlives the account.
		assert_eq!((staker(EVE).outstanding, staker(EVE).liable), (1, 1));
		assert_noop!(exit(EVE), Error::NotInPool);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		// She returns under the same name with a stake, and the duty takes its capacity.
		assert_ok!(Balances::transfer_allow_death(signed(BANK), EVE, 1_010));
		assert_ok!(stake(EVE, 1_000, 100, 4));
		assert_eq!(free_capacity(EVE), 3);
		assert_eq!(slash(2, 100), Ok(400));
		assert_eq!((wealth(EVE), stake_of(EVE), free_capacity(EVE)), (610, 600, 4));
		assert_eq!(Slashes::get(), [9_990, 400]);
	});
}
