//! Bounds that a runtime upgrade lowered below what is stored: `try_state` names them, and nothing is
//! lost while no such record is written (see the docs of `MaxExits` and `MaxPendingDraws`).

use frame_support::assert_ok;
use sp_runtime::DispatchError;

use crate::mock::*;

fn try_state() -> Result<(), &'static str> {
	ProverPool::do_try_state().map_err(|error| match error {
		DispatchError::Other(sentence) => sentence,
		other => panic!("{other:?}"),
	})
}

#[test]
fn a_lowered_max_exits_is_named_and_nothing_is_lost() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		for _ in 0..3 {
			assert_ok!(unstake(ALICE, 100));
		}
		assert_ok!(exit(ALICE));
		let before = exits(ALICE);
		assert_eq!(before.len(), 4);

		MaxExits::set(3);
		assert_eq!(
			try_state(),
			Err("Bounds: the record of an account does not decode: raise MaxExits again")
		);
		// The account reads as unknown. Its tokens stay on hold.
		assert_eq!(withdraw(ALICE), Err(Error::NoMatureExit.into()));
		assert_eq!(exit(ALICE), Err(Error::NotInPool.into()));
		assert_eq!(ProverPool::get_staker(ALICE).held, 1_000);

		MaxExits::set(4);
		assert_eq!((try_state(), exits(ALICE)), (Ok(()), before));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), START_BALANCE);
	});
}

#[test]
fn a_raised_max_exits_holds_at_once() {
	ExtBuilder::default().max_exits(1).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 100));
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(exits(ALICE), [an_exit(0, 200, START + 111)]);
		MaxExits::set(2);
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(exits(ALICE), [an_exit(0, 200, START + 111), an_exit(1, 100, START + 111)]);
	});
}

#[test]
fn a_lowered_max_pending_draws_is_named_and_nothing_is_lost() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		Seed::set(None);
		for block_id in 1..=4 {
			assert_ok!(request(block_id));
		}
		MaxPendingDraws::set(3);
		assert_eq!(
			try_state(),
			Err("Bounds: the draw queue does not decode: raise MaxPendingDraws again")
		);
		run_blocks(3);
		assert!(pending().is_empty());
		MaxPendingDraws::set(4);
		assert_eq!((try_state(), pending()), (Ok(()), vec![1, 2, 3, 4]));
	});
}

#[test]
fn a_lowered_max_provers_is_named_and_members_stay() {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 2_000, 100, 4)])
		.build_and_execute(|| {
			MaxProvers::set(1);
			assert_eq!(try_state(), Err("I5: a member has a slot that does not exist"));
			// Bob is drawn and may leave as before.
			assign(1, BOB);
			assert_ok!(discharge(1));
			advance_clock(11);
			assert_ok!(exit(BOB));
			assert_eq!(try_state(), Ok(()));
		});
}
