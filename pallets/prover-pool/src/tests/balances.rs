//! Accounts in unusual states: frozen, locked, held for others, or with next to nothing free.

use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold, MutateFreeze, MutateHold},
		tokens::{Precision, Preservation},
		LockableCurrency, WithdrawReasons,
	},
};
use sp_runtime::{Perbill, TokenError};

use crate::mock::*;

fn deposit() -> RuntimeHoldReason {
	other::HoldReason::Deposit.into()
}

fn vote() -> RuntimeFreezeReason {
	other::FreezeReason::Vote.into()
}

/// Keeps an account alive without free tokens, so that all of them can be held.
fn provide_for(who: AccountId) {
	System::inc_providers(&who);
}

/// An account with `exit` on its way out, the rest of `amount` staked, and nothing free.
fn poor_member(who: AccountId, amount: Balance, exit: Balance) {
	provide_for(who);
	set_free(who, amount);
	assert_ok!(stake(who, amount, 100, 4));
	advance_clock(11);
	assert_ok!(stake(who, amount - exit, 100, 4));
	assert_eq!(free(who), 0);
	assert_eq!(held(who), (amount - exit, exit));
	System::reset_events();
}

#[test]
fn frozen_tokens_can_be_staked_leave_and_be_paid() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::set_freeze(&vote(), &ALICE, 9_500));
		assert_ok!(stake(ALICE, 5_000, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
		assert_eq!(held(ALICE), (0, 0));
	});
}

#[test]
fn locked_tokens_can_be_staked_leave_and_be_paid() {
	ExtBuilder::default().build_and_execute(|| {
		Balances::set_lock(*b"democrac", &ALICE, 9_990, WithdrawReasons::all());
		assert_ok!(stake(ALICE, 9_990, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), (1_000, 0));
	});
}

#[test]
fn neither_freezes_nor_locks_stop_a_slash() {
	ExtBuilder::default().provers(&[(ALICE, 9_990, 100, 4)]).build_and_execute(|| {
		assert_ok!(Balances::set_freeze(&vote(), &ALICE, 10_000));
		Balances::set_lock(*b"democrac", &ALICE, 10_000, WithdrawReasons::all());
		assign(7, ALICE);
		assert_eq!(slash_for(7, 9_999, BOB, 1_000), Ok(9_990));
		assert_eq!(held(ALICE), (0, 0));
		assert_eq!(free(ALICE), 10);
		assert_eq!(free(BOB), START_BALANCE + 1_000);
		assert_eq!(Slashes::get(), [8_990]);
	});
}

#[test]
fn neither_freezes_nor_locks_save_from_being_replaced() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 9_000, 100, 4)]).build_and_execute(
		|| {
			assert_ok!(Balances::set_freeze(&vote(), &ALICE, u128::MAX));
			Balances::set_lock(*b"democrac", &ALICE, u128::MAX, WithdrawReasons::all());
			assert_ok!(stake(BOB, 9_001, 100, 4));
			assert_eq!(held(ALICE), (0, 9_000));
		},
	);
}

#[test]
fn what_is_held_for_others_cannot_be_staked() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::hold(&deposit(), &ALICE, 9_000));
		assert_noop!(stake(ALICE, 991, 100, 4), TokenError::FundsUnavailable);
		assert_ok!(stake(ALICE, 990, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(Balances::balance_on_hold(&deposit(), &ALICE), 9_000);
	});
}

#[test]
fn what_is_held_for_others_is_never_slashed_nor_paid() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_ok!(Balances::hold(&deposit(), &ALICE, 8_990));
		assign(7, ALICE);
		assert_eq!(slash(7, u128::MAX), Ok(1_000));
		assert_eq!(Balances::balance_on_hold(&deposit(), &ALICE), 8_990);
		assert_eq!(free(ALICE), 10);
	});
}

#[test]
fn all_reasons_at_once_leave_room_for_both_of_the_pools() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		assert_ok!(Balances::hold(&deposit(), &ALICE, 100));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));
		assert_ok!(stake(BOB, 401, 100, 4));
		assert_eq!(held(ALICE), (0, 1_000));
		assert_eq!(Balances::balance_on_hold(&deposit(), &ALICE), 100);
	});
}

#[test]
fn an_account_with_nothing_free_can_be_replaced() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		poor_member(ALICE, 1_000, 0);
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 1_000, 1_000), staked(BOB, 1_001, 100, 4)]);
		assert_eq!(held(ALICE), (0, 1_000));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 1_000);
	});
}

#[test]
fn an_account_with_nothing_free_can_leave_and_come_back() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 0);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_ok!(stake(ALICE, 1_000, 90, 4));
		assert_eq!(held(ALICE), (1_000, 0));
	});
}

#[test]
fn an_account_with_less_free_than_keeps_it_alive_can_be_ejected() {
	ExtBuilder::default().ejection_threshold(Perbill::from_percent(100)).build_and_execute(|| {
		poor_member(ALICE, 200, 0);
		assign(7, ALICE);
		System::reset_events();
		// 200 · 20 % / 4.
		assert_eq!(slash(7, 0), Ok(10));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 10), forced_out(ALICE, 190, 190)]);
		assert_eq!(held(ALICE), (0, 190));
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

#[test]
fn a_free_exit_too_small_to_be_received_stays_and_is_paid_later() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		// 9 < 10, the existential deposit.
		assert_noop!(withdraw(ALICE), TokenError::CannotCreate);
		set_free(ALICE, 10);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 19);
	});
}

#[test]
fn a_free_exit_too_small_to_be_received_does_not_save_from_being_replaced() {
	ExtBuilder::default().max_provers(1).build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		assert_ok!(stake(BOB, 1_001, 100, 4));
		// Not paid: it joins the new exit.
		assert_eq!(pool_events(), [forced_out(ALICE, 991, 1_000), staked(BOB, 1_001, 100, 4)]);
		assert_eq!(held(ALICE), (0, 1_000));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 112));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 1_000);
	});
}

#[test]
fn a_free_exit_too_small_to_be_received_does_not_stop_a_slash() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 9);
		advance_clock(101);
		assign(7, ALICE);
		System::reset_events();
		assert_eq!(slash(7, 1_000), Ok(991));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 991), forced_out(ALICE, 0, 9)]);
		assert_eq!(held(ALICE), (0, 9));
		assert_eq!(staker(ALICE).exit_requested_at, Some(START + 112));
	});
}

/// The currency sweeps dust in the middle of a release, and what is released then is too little by
/// itself.
#[test]
fn a_free_exit_that_needs_the_dust_beside_it_is_not_lost() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 7);
		advance_clock(101);
		assign(7, ALICE);
		assert_eq!(slash(7, 1_000), Ok(993));
		set_free(ALICE, 15);
		set_free(ALICE, 5);
		advance_clock(101);
		assert_eq!(held(ALICE), (0, 7));
		assert_noop!(withdraw(ALICE), TokenError::CannotCreate);
		assert_noop!(exit(ALICE), TokenError::CannotCreate);
		assert_noop!(stake(ALICE, 0, 1, 0), TokenError::CannotCreate);
		set_free(ALICE, 10);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 17);
	});
}

#[test]
fn an_ejected_prover_does_not_lose_a_free_exit_that_needs_the_dust_beside_it() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 7);
		set_free(ALICE, 15);
		set_free(ALICE, 5);
		advance_clock(101);
		assign(7, ALICE);
		System::reset_events();
		assert_eq!(slash(7, 1_000), Ok(993));
		assert_eq!(pool_events(), [slashed(7, ALICE, 0, 993), forced_out(ALICE, 0, 7)]);
		assert_eq!((free(ALICE), held(ALICE)), (5, (0, 7)));
	});
}

#[test]
fn a_free_exit_of_exactly_the_existential_deposit_is_received() {
	ExtBuilder::default().build_and_execute(|| {
		poor_member(ALICE, 1_000, 10);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 10);
	});
}

#[test]
fn staked_and_exiting_tokens_cannot_be_spent() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(stake(ALICE, 400, 100, 4));
		let pay = |amount| {
			<Balances as frame_support::traits::fungible::Mutate<_>>::transfer(
				&ALICE,
				&BOB,
				amount,
				Preservation::Expendable,
			)
		};
		// 9 000 are free, but the account must live while something is held on it.
		assert_noop!(pay(8_991), TokenError::Frozen);
		assert_ok!(pay(8_990));
		assert_eq!(held(ALICE), (400, 600));
	});
}

#[test]
fn changes_between_the_two_reasons_leave_other_holds_as_they_are() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::hold(&deposit(), &ALICE, 77));
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		for amount in [400, 700, 1_500, 200] {
			advance_clock(11);
			assert_ok!(stake(ALICE, amount, 100, 4));
			let (stake, exit) = held(ALICE);
			assert_eq!(stake, amount);
			assert_eq!(Balances::total_balance_on_hold(&ALICE), stake + exit + 77);
			assert_eq!(Balances::total_balance(&ALICE), START_BALANCE);
		}
		assert_ok!(Balances::release(&deposit(), &ALICE, 77, Precision::Exact));
	});
}

#[test]
fn almost_all_tokens_there_are_can_be_staked_and_moved() {
	let rich = u128::MAX / 2 - 8 * START_BALANCE;
	ExtBuilder::default().balance(ALICE, rich).build_and_execute(|| {
		assert_ok!(stake(ALICE, rich - 10, u32::MAX, u32::MAX));
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(stake(ALICE, rich / 2, 1, 2));
		assert_ok!(discharge(7));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(held(ALICE), (0, rich - 10));
	});
}

#[test]
fn more_than_half_of_what_a_balance_can_say_can_leave_too() {
	let rich = u128::MAX - 8 * START_BALANCE;
	ExtBuilder::default().balance(ALICE, rich).build_and_execute(|| {
		assert_ok!(stake(ALICE, rich - 10, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(held(ALICE), (0, rich - 10));
	});
}
