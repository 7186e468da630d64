//! Exits: their own dates, what they answer for, when they are free, and who is paid (R3, D17).

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Exit};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

/// Alice with 400 staked and an exit of 600 that matures right after `START + 111`.
fn unstake_600() {
	advance_clock(11);
	assert_ok!(unstake(ALICE, 600));
	assert_eq!(exits(ALICE), [an_exit(0, 600, START + 111)]);
	System::reset_events();
}

fn duties(who: AccountId) -> Vec<u32> {
	exits(who).iter().map(|exit| exit.duties).collect()
}

fn withdraw_for(caller: AccountId, who: AccountId) -> sp_runtime::DispatchResult {
	ProverPool::withdraw_for(signed(caller), who)
}

// Dates.

#[test]
fn an_exit_matures_one_moment_after_its_period() {
	one_prover().build_and_execute(|| {
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		assert_noop!(withdraw(BOB), Error::NoMatureExit);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(100);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		System::reset_events();
		assert_ok!(withdraw(ALICE));

		assert_eq!(pool_events(), [withdrawn(ALICE, 1_000)]);
		assert_eq!((held(ALICE), free(ALICE)), (0, START_BALANCE));
		assert!(!has_record(ALICE));
	});
}

#[test]
fn each_exit_has_its_own_date() {
	one_prover().build_and_execute(|| {
		for amount in [100, 200, 300] {
			advance_clock(20);
			assert_ok!(unstake(ALICE, amount));
		}
		let all = [
			an_exit(0, 100, START + 120),
			an_exit(1, 200, START + 140),
			an_exit(2, 300, START + 160),
		];
		assert_eq!(exits(ALICE), all);
		Now::set(START + 121);
		System::reset_events();
		assert_ok!(withdraw(ALICE));
		assert_eq!(exits(ALICE), all[1..]);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		Now::set(START + 161);
		assert_ok!(withdraw(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 100), withdrawn(ALICE, 500)]);
		assert_eq!(exits(ALICE), []);
		assert_eq!((held(ALICE), slot(1)), (400, Some(ALICE)));
	});
}

#[test]
fn a_date_is_fixed_when_the_exit_is_made() {
	one_prover().build_and_execute(|| {
		unstake_600();
		// A shorter period does not free it …
		ExitPeriod::set(5);
		advance_clock(6);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		// … and is that of exits made from now on.
		assert_ok!(exit(ALICE));
		assert_eq!(exits(ALICE), [an_exit(0, 600, START + 111), an_exit(1, 400, START + 22)]);
		advance_clock(6);
		System::reset_events();
		assert_ok!(withdraw(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 400)]);
		// A longer one does not keep it either.
		ExitPeriod::set(5_000);
		Now::set(START + 112);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
	});
}

#[test]
fn a_period_without_end_does_not_wrap() {
	one_prover().build_and_execute(|| {
		ExitPeriod::set(Moment::MAX);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		Now::set(Moment::MAX);
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
	});
}

// Duties.

#[test]
fn an_exit_is_not_free_while_it_answers() {
	one_prover().build_and_execute(|| {
		unstake_600();
		assign(7, ALICE);
		assert_eq!(duties(ALICE), [1]);
		advance_clock(100);
		// Before maturity the date is the reason, whatever is owed.
		assert_noop!(withdraw(ALICE), Error::NoMatureExit);
		advance_clock(1);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_noop!(withdraw_for(BOB, ALICE), Error::StillLiable);
		// Delivered is not closed.
		assert_ok!(release(7));
		assert_eq!(duties(ALICE), [1]);
		advance_clock(10_000);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_ok!(discharge(7));
		assert_eq!(duties(ALICE), [0]);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 400);
	});
}

#[test]
fn an_exit_answers_for_what_was_drawn_before_it_released_or_not() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		assert_ok!(release(1));
		assert_ok!(discharge(2));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(exits(ALICE), [Exit { duties: 2, ..an_exit(0, 1_000, START + 111) }]);
		advance_clock(101);
		assert_ok!(discharge(1));
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		assert_noop!(exit(ALICE), Error::NotInPool);
		assert_ok!(slash(3, 0));
		assert_ok!(withdraw(ALICE));
		// 1 000 · 20 % / 4.
		assert_eq!(free(ALICE), START_BALANCE - 50);
	});
}

#[test]
fn an_exit_answers_for_a_draw_in_its_last_moment_and_not_for_a_later_one() {
	one_prover().build_and_execute(|| {
		unstake_600();
		advance_clock(100);
		assign(7, ALICE);
		assert_eq!(duties(ALICE), [1]);
		advance_clock(1);
		assign(8, ALICE);
		assert_eq!(duties(ALICE), [1]);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
		// The younger assignment does not stand in its way.
		assert_ok!(discharge(7));
		assert_ok!(withdraw(ALICE));
		assert_eq!((held(ALICE), staker(ALICE).liable), (400, 1));
	});
}

#[test]
fn a_part_of_a_busy_provers_stake_becomes_free() {
	one_prover().build_and_execute(|| {
		assign(1, ALICE);
		unstake_600_with_work();
		// Never a moment without work: the next assignment is drawn before the last one is closed.
		for block_id in 2..=30 {
			advance_clock(5);
			assign(block_id, ALICE);
			assert_ok!(discharge(block_id - 1));
		}
		assert_eq!(staker(ALICE).liable, 1);
		assert!(Now::get() > START + 111);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 400);
	});

	fn unstake_600_with_work() {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 600));
		assert_eq!(exits(ALICE), [Exit { duties: 1, ..an_exit(0, 600, START + 111) }]);
	}
}

#[test]
fn exits_count_duties_each_for_itself() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 10)]).build_and_execute(|| {
		assign(1, ALICE);
		advance_clock(20);
		assert_ok!(unstake(ALICE, 100));
		advance_clock(60);
		assert_ok!(unstake(ALICE, 100));
		assign(2, ALICE);
		// START + 130: after the first exit's date, before the second's.
		advance_clock(50);
		assign(3, ALICE);
		assert_eq!(duties(ALICE), [2, 3]);
		Now::set(START + 200);
		for (block_id, left) in [(3, [2, 2]), (1, [1, 1]), (2, [0, 0])] {
			assert_noop!(withdraw(ALICE), Error::StillLiable);
			assert_ok!(discharge(block_id));
			assert_eq!(duties(ALICE), left);
		}
		System::reset_events();
		assert_ok!(withdraw(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 200)]);
	});
}

#[test]
fn a_free_exit_is_paid_beside_one_that_is_not() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 10)]).build_and_execute(|| {
		advance_clock(20);
		assert_ok!(unstake(ALICE, 100));
		advance_clock(60);
		assert_ok!(unstake(ALICE, 200));
		advance_clock(50);
		// Only the second exit answers for it.
		assign(1, ALICE);
		Now::set(START + 500);
		System::reset_events();
		assert_ok!(withdraw(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 100)]);
		assert_noop!(withdraw(ALICE), Error::StillLiable);
	});
}

// The bound.

#[test]
fn one_exit_too_many_joins_the_youngest_whose_date_and_duties_start_again() {
	ExtBuilder::default().max_exits(2).provers(&[(ALICE, 1_000, 100, 10)]).build_and_execute(
		|| {
			advance_clock(20);
			assert_ok!(unstake(ALICE, 100));
			advance_clock(20);
			assert_ok!(unstake(ALICE, 100));
			assign(1, ALICE);
			Now::set(START + 100);
			System::reset_events();
			assert_ok!(unstake(ALICE, 30));
			assert_eq!(pool_events(), [Event::Unstaked { who: ALICE, amount: 30, exit: 1 }]);
			assert_eq!(
				exits(ALICE),
				[
					Exit { duties: 1, ..an_exit(0, 100, START + 120) },
					Exit { duties: 1, ..an_exit(1, 130, START + 200) },
				]
			);
			Now::set(START + 110);
			assert_ok!(exit(ALICE));
			assert_eq!(pool_events(), [exited(ALICE, 770, 1)]);
			assert_eq!(exits(ALICE)[1], Exit { duties: 1, ..an_exit(1, 900, START + 210) });
			assert_eq!(held(ALICE), 1_000);
		},
	);
}

#[test]
fn with_a_single_exit_every_departure_restarts_it() {
	ExtBuilder::default().max_exits(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		unstake_600();
		advance_clock(100);
		assert_ok!(exit(ALICE));
		assert_eq!(pool_events(), [exited(ALICE, 400, 0)]);
		assert_eq!(exits(ALICE), [an_exit(0, 1_000, START + 211)]);
	});
}

#[test]
fn a_free_exit_is_paid_out_before_another_would_join_it() {
	ExtBuilder::default().max_exits(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		unstake_600();
		advance_clock(101);
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 600), Event::Unstaked { who: ALICE, amount: 100, exit: 0 }]
		);
		assert_eq!(exits(ALICE), [an_exit(0, 100, START + 212)]);
	});
}

#[test]
fn ids_are_those_of_the_youngest_and_one() {
	one_prover().build_and_execute(|| {
		for amount in [100, 100, 100] {
			advance_clock(50);
			assert_ok!(unstake(ALICE, amount));
		}
		// The first is free at START + 151 and paid out by the next: ids do not move.
		advance_clock(50);
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(exits(ALICE).iter().map(|exit| exit.id).collect::<Vec<_>>(), [1, 2, 3]);
	});
}

// The payee.

#[test]
fn any_account_may_withdraw_for_another_which_is_paid() {
	one_prover().build_and_execute(|| {
		unstake_600();
		assert_noop!(withdraw_for(BOB, ALICE), Error::NoMatureExit);
		advance_clock(101);
		assert_ok!(withdraw_for(BOB, ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 600)]);
		assert_eq!((free(ALICE), free(BOB)), (9_600, START_BALANCE));
		assert_noop!(withdraw_for(BOB, ALICE), Error::NoMatureExit);
		assert_noop!(withdraw_for(ALICE, NOBODY), Error::NoMatureExit);
	});
}

#[test]
fn a_member_may_withdraw_what_is_free_and_stays() {
	one_prover().build_and_execute(|| {
		unstake_600();
		// The change delay is for changes only.
		MinChangeDelay::set(1_000);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(pool_events(), [withdrawn(ALICE, 600)]);
		assert_eq!((held(ALICE), slot(1)), (400, Some(ALICE)));
	});
}

#[test]
fn an_exit_that_is_not_free_can_be_staked_again() {
	one_prover().build_and_execute(|| {
		assign(7, ALICE);
		advance_clock(11);
		assert_ok!(exit(ALICE));
		advance_clock(200);
		System::reset_events();
		assert_ok!(stake(ALICE, 700, 100, 4));
		assert_eq!(pool_events(), [staked(ALICE, 1, 700, 100, 3)]);
		assert_eq!(exits(ALICE), [Exit { duties: 1, ..an_exit(0, 300, START + 311) }]);
	});
}

/// A release must not count the tokens twice.
#[test]
fn an_exit_of_more_than_half_of_the_largest_balance_is_paid() {
	let rich = u128::MAX - 8 * START_BALANCE;
	ExtBuilder::default().balance(ALICE, rich).build_and_execute(|| {
		assert_ok!(stake(ALICE, rich - 10, 100, 4));
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(held(ALICE), rich - 10);
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), rich);
	});
}
