//! Accounts in unusual states: frozen, locked, held for others, or with next to nothing free. What an
//! account cannot receive stays held, and refuses nothing (R3).

use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold, Mutate, MutateFreeze, MutateHold},
		tokens::{Precision, Preservation},
		LockableCurrency, WithdrawReasons,
	},
};
use sp_runtime::{Perbill, TokenError};

use crate::{mock::*, Exit};

fn deposit() -> RuntimeHoldReason {
	other::HoldReason::Deposit.into()
}

fn vote() -> RuntimeFreezeReason {
	other::FreezeReason::Vote.into()
}

/// A member with `amount` staked of which `exit` has left, and nothing free. The account stays alive
/// without free tokens.
fn poor_member(who: AccountId, amount: Balance, exit: Balance) {
	System::inc_providers(&who);
	set_free(who, amount);
	assert_ok!(stake(who, amount, 100, 4));
	advance_clock(11);
	if exit > 0 {
		assert_ok!(unstake(who, exit));
	}
	assert_eq!((free(who), held(who)), (0, amount));
	System::reset_events();
}

// Freezes, locks, other holds.

#[test]
fn frozen_tokens_can_be_staked_leave_and_be_paid() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::set_freeze(&vote(), &ALICE, 9_500));
		assert_ok!(stake(ALICE, 5_000, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!((free(ALICE), held(ALICE)), (START_BALANCE, 0));
	});
}

#[test]
fn locked_tokens_can_be_staked_leave_and_be_paid() {
	ExtBuilder::default().build_and_execute(|| {
		Balances::set_lock(*b"democrac", &ALICE, 9_990, WithdrawReasons::all());
		assert_ok!(stake(ALICE, 9_990, 100, 4));
		advance_clock(11);
		assert_ok!(unstake(ALICE, 8_990));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 1_000);
	});
}

#[test]
fn neither_freezes_nor_locks_stop_a_slash() {
	ExtBuilder::default().provers(&[(ALICE, 9_990, 100, 4)]).build_and_execute(|| {
		assert_ok!(Balances::set_freeze(&vote(), &ALICE, 10_000));
		Balances::set_lock(*b"democrac", &ALICE, 10_000, WithdrawReasons::all());
		assign(7, ALICE);
		assert_eq!(slash_for(7, 9_999, BOB, 1_000), Ok(9_990));
		assert_eq!((free(ALICE), held(ALICE)), (10, 0));
		assert_eq!(free(BOB), START_BALANCE + 1_000);
		assert_eq!(Slashes::get(), [8_990]);
	});
}

#[test]
fn neither_freezes_nor_locks_protect_from_replacement() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 9_000, 100, 4)]).build_and_execute(
		|| {
			assert_ok!(Balances::set_freeze(&vote(), &ALICE, u128::MAX));
			Balances::set_lock(*b"democrac", &ALICE, u128::MAX, WithdrawReasons::all());
			assert_ok!(stake(BOB, 9_001, 100, 4));
			assert_eq!(exits(ALICE), [an_exit(0, 9_000, START + 100)]);
		},
	);
}

#[test]
fn what_is_held_for_others_can_neither_be_staked_nor_slashed_nor_paid() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::hold(&deposit(), &ALICE, 9_000));
		assert_noop!(stake(ALICE, 991, 100, 4), Error::InsufficientFunds);
		assert_ok!(stake(ALICE, 990, 100, 4));
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(unstake(ALICE, 500));
		assert_eq!(slash(7, u128::MAX), Ok(990));
		assert_eq!(Balances::balance_on_hold(&deposit(), &ALICE), 9_000);
		assert_eq!(free(ALICE), 10);
		assert_ok!(Balances::release(&deposit(), &ALICE, 9_000, Precision::Exact));
	});
}

#[test]
fn what_is_staked_or_leaving_cannot_be_spent() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		let pay = |amount| Balances::transfer(&ALICE, &BOB, amount, Preservation::Expendable);
		// 9 000 are free, but the account must live while something is held on it.
		assert_noop!(pay(8_991), TokenError::Frozen);
		assert_ok!(pay(8_990));
		assert_eq!(held(ALICE), 1_000);
	});
}

// Nothing free.

#[test]
fn a_member_with_nothing_free_can_be_replaced_and_paid() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		poor_member(ALICE, 1_000, 0);
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 1_000, 0), staked(BOB, 1, 1_001, 100, 4)]);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!((free(ALICE), held(ALICE)), (1_000, 0));
	});
}

#[test]
fn a_member_with_nothing_free_can_leave_and_enter_again() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 0);
		assert_ok!(exit(ALICE));
		assert_ok!(stake(ALICE, 1_000, 90, 4));
		assert_eq!((held(ALICE), exits(ALICE)), (1_000, vec![]));
	});
}

#[test]
fn a_member_with_nothing_free_can_be_ejected() {
	ExtBuilder::default().ejection_threshold(Perbill::from_percent(100)).build_and_execute(|| {
		poor_member(ALICE, 200, 0);
		assign(7, ALICE);
		System::reset_events();
		// 200 · 20 % / 4.
		assert_eq!(slash(7, 0), Ok(10));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 10), forced_out(ALICE, 190, 0)]);
		assert_eq!(held(ALICE), 190);
	});
}

#[test]
fn an_account_may_be_slashed_out_of_existence() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 200, 0);
		assign(7, ALICE);
		assert_eq!(slash(7, 50), Ok(200));
		assert_eq!(Balances::total_balance(&ALICE), 0);
		assert!(!has_record(ALICE));
	});
}

// A free exit that the account cannot receive: 9 are less than the existential deposit.

#[test]
fn an_unreceivable_exit_is_paid_later() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		assert_noop!(withdraw(ALICE), TokenError::CannotCreate);
		assert_noop!(ProverPool::withdraw_for(signed(BOB), ALICE), TokenError::CannotCreate);
		set_free(ALICE, 10);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 19);
	});
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 10);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 10);
	});
}

#[test]
fn an_unreceivable_exit_refuses_nothing_and_stays_free() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		let free_exit = an_exit(0, 9, START + 111);
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(exits(ALICE), [free_exit, an_exit(1, 100, START + 212)]);
		assert_ok!(exit(ALICE));
		assert_eq!(exits(ALICE)[0], free_exit);
		assert_eq!(
			pool_events(),
			[Event::Unstaked { who: ALICE, amount: 100, exit: 1 }, exited(ALICE, 891, 2)]
		);
		// Nothing is paid out, so there is nothing else to do.
		assert_noop!(exit(ALICE), Error::NotInPool);
		assert_ok!(stake(ALICE, 900, 100, 4));
		assert_eq!(exits(ALICE), [free_exit, an_exit(1, 91, START + 212)]);
	});
}

#[test]
fn an_unreceivable_exit_does_not_protect_from_replacement_or_slash() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 991, 1), staked(BOB, 1, 1_001, 100, 4)]);
		// Together they can be received.
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 1_000);
	});
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		assign(7, ALICE);
		System::reset_events();
		// Free exits never answer.
		assert_eq!(slash(7, 1_000), Ok(991));
		assert_eq!(
			pool_events(),
			[
				slashed(7, ALICE, 0, 991),
				Event::Exited { who: ALICE, amount: 0, exit: None, forced: true },
			]
		);
		assert_eq!(exits(ALICE), [an_exit(0, 9, START + 111)]);
	});
}

#[test]
fn one_exit_too_many_joins_the_youngest_that_is_not_free() {
	ExtBuilder::default().max_exits(2).build_and_execute(|| {
		poor_member(ALICE, 1_000, 100);
		// The younger one has the earlier date, and cannot be received.
		ExitPeriod::set(5);
		assert_ok!(unstake(ALICE, 9));
		ExitPeriod::set(100);
		advance_clock(6);
		System::reset_events();
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [exited(ALICE, 891, 0)]);
		assert_eq!(exits(ALICE), [an_exit(0, 991, Now::get() + 100), an_exit(1, 9, START + 16)]);
	});
}

#[test]
fn where_all_exits_are_unreceivable_another_joins_the_youngest() {
	ExtBuilder::default().max_exits(2).build_and_execute(|| {
		poor_member(ALICE, 1_000, 4);
		assert_ok!(unstake(ALICE, 4));
		advance_clock(101);
		assert_ok!(exit(ALICE));
		assert_eq!(exits(ALICE), [an_exit(0, 4, START + 111), an_exit(1, 996, START + 212)]);
		assert_eq!(held(ALICE), 1_000);
	});
}

/// The currency sweeps dust in the middle of a release. What is released then is too little to stay.
#[test]
fn an_exit_that_needs_the_dust_beside_it_is_not_lost() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 7);
		advance_clock(101);
		assign(7, ALICE);
		assert_eq!(slash(7, 1_000), Ok(993));
		set_free(ALICE, 15);
		set_free(ALICE, 5);
		assert_noop!(withdraw(ALICE), TokenError::CannotCreate);
		assert_noop!(exit(ALICE), Error::NotInPool);
		assert_eq!((free(ALICE), held(ALICE)), (5, 7));
		set_free(ALICE, 10);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 17);
	});
}

#[test]
fn an_unreceivable_exit_keeps_its_record_until_it_is_paid() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		assign(7, ALICE);
		advance_clock(101);
		// The exit answers for the assignment: 1 000 · 20 % / 4 = 50, of which ⌊50 · 9 / 1 000⌋.
		assert_eq!(slash(7, 0), Ok(50));
		assert_eq!(exits(ALICE), [Exit { duties: 0, ..an_exit(0, 9, START + 111) }]);
	});
}
