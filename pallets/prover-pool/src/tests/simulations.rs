//! Simulated calls: the result or the error of the call, and no effect.

use frame_support::assert_ok;
use sp_runtime::{DispatchError, DispatchResult, StateVersion};

use crate::{mock::*, SimulationOf};

type Simulated = Result<SimulationOf<Test>, DispatchError>;

/// Runs a simulation, which must change nothing, and then the call, which must do the same.
fn compare(
	who: AccountId,
	simulate: impl Fn() -> Simulated,
	call: impl Fn() -> DispatchResult,
) -> Simulated {
	let root = || sp_io::storage::root(StateVersion::V1);
	let (before, root_before) = (ProverPool::get_staker(who), root());
	let simulated = simulate();
	assert_eq!(root(), root_before, "a simulation changed the state");
	assert_eq!(Slashes::get().len(), 0);
	let done = call();
	assert_eq!(simulated.clone().map(|_| ()), done);
	if let Ok(simulated) = &simulated {
		assert_eq!(simulated.before, before);
		assert_eq!(simulated.after, ProverPool::get_staker(who));
	} else {
		assert_eq!(ProverPool::get_staker(who), before);
	}
	simulated
}

fn compare_stake(who: AccountId, amount: Balance, price: u32, capacity: u32) -> Simulated {
	compare(
		who,
		|| ProverPool::simulate_stake(who, amount, price, capacity),
		|| stake(who, amount, price, capacity),
	)
}

fn compare_exit(who: AccountId) -> Simulated {
	compare(who, || ProverPool::simulate_exit(who), || exit(who))
}

fn compare_unstake(who: AccountId, amount: Balance) -> Simulated {
	compare(who, || ProverPool::simulate_unstake(who, amount), || unstake(who, amount))
}

fn compare_withdraw(who: AccountId) -> Simulated {
	compare(who, || ProverPool::simulate_withdraw(who), || withdraw(who))
}

#[test]
fn a_simulated_stake_shows_the_new_member_and_the_one_that_it_replaces() {
	ExtBuilder::default().max_provers(2).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			let simulated = compare_stake(BOB, 2_000, 90, 5).unwrap();
			assert_eq!(simulated.replaces, None);
			let prover = simulated.after.prover.unwrap();
			assert_eq!((prover.prover_id, prover.offer.stake), (2, 2_000));
			let simulated = compare_stake(CAROL, 1_500, 90, 5).unwrap();
			assert_eq!(simulated.replaces, Some(ALICE));
			// A member that stakes again replaces no other one.
			advance_clock(11);
			assert_eq!(compare_stake(BOB, 1_600, 90, 5).unwrap().replaces, None);
		},
	);
}

#[test]
fn a_simulated_stake_gives_the_errors_of_the_call() {
	ExtBuilder::default().max_provers(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			assert_eq!(compare_stake(ALICE, 2_000, 100, 4), Err(Error::ChangeTooFrequent.into()));
			assert_eq!(compare_stake(BOB, 2_000, 0, 4), Err(Error::InvalidParams.into()));
			assert_eq!(compare_stake(BOB, 20_000, 100, 4), Err(Error::InsufficientFunds.into()));
			assert_eq!(compare_stake(BOB, 999, 100, 4), Err(Error::ProverNotGoodEnough.into()));
			assert_eq!(compare_stake(NOBODY, 0, 0, 0), Err(Error::NotInPool.into()));
		},
	);
}

#[test]
fn simulated_departures_and_withdrawals_are_those_of_the_calls() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		assert_eq!(compare_exit(BOB), Err(Error::NotInPool.into()));
		assert_eq!(compare_exit(ALICE), Err(Error::ChangeTooFrequent.into()));
		assert_eq!(compare_unstake(ALICE, 100), Err(Error::ChangeTooFrequent.into()));
		assert_eq!(compare_withdraw(ALICE), Err(Error::NoMatureExit.into()));
		advance_clock(11);
		assert_eq!(compare_unstake(ALICE, 900), Err(Error::InvalidParams.into()));
		let simulated = compare_unstake(ALICE, 100).unwrap();
		assert_eq!(simulated.after.exits, [an_exit(0, 100, START + 111)]);
		assign(1, ALICE);
		let simulated = compare_exit(ALICE).unwrap();
		assert_eq!((simulated.after.prover, simulated.replaces), (None, None));
		advance_clock(101);
		assert_eq!(compare_withdraw(ALICE), Err(Error::StillLiable.into()));
		assert_ok!(discharge(1));
		let simulated = compare_withdraw(ALICE).unwrap();
		assert_eq!((simulated.before.held, simulated.after.held), (1_000, 0));
	});
}

#[test]
fn a_simulation_deposits_no_events_and_keeps_the_queue_of_changes() {
	ExtBuilder::default().entry_delay(5).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			System::reset_events();
			assert_ok!(ProverPool::simulate_stake(BOB, 2_000, 90, 5));
			assert!(pool_events().is_empty());
			assert_eq!(crate::PendingChanges::<Test>::iter_keys().count(), 0);
			compare_stake(BOB, 2_000, 90, 5).unwrap();
			assert_eq!(crate::PendingChanges::<Test>::iter_keys().count(), 1);
		},
	);
}
