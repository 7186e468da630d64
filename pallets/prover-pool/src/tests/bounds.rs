//! Bounds that a runtime upgrade lowered below what is stored: nothing is lost, and no more is accepted
//! (see the docs of `MaxExits` and `MaxPendingDraws`).

use frame_support::assert_ok;
use prover_pool_primitives::PoolError;
use sp_runtime::DispatchError;

use crate::mock::*;

fn try_state() -> Result<(), &'static str> {
	ProverPool::do_try_state().map_err(|error| match error {
		DispatchError::Other(sentence) => sentence,
		other => panic!("{other:?}"),
	})
}

#[test]
fn a_lowered_max_exits_loses_nothing() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		for _ in 0..4 {
			assert_ok!(unstake(ALICE, 100));
		}
		let before = exits(ALICE);
		assert_eq!(before.len(), 4);

		MaxExits::set(2);
		assert_eq!((try_state(), exits(ALICE)), (Ok(()), before));
		// One more joins the youngest; a stake uses the youngest in part, the others stay.
		assert_ok!(unstake(ALICE, 50));
		assert_eq!((exits(ALICE).len(), exits(ALICE)[3].amount), (4, 150));
		assert_ok!(exit(ALICE));
		assert_ok!(stake(ALICE, 720, 100, 4));
		let amounts: Vec<_> = exits(ALICE).iter().map(|exit| exit.amount).collect();
		assert_eq!((amounts, held(ALICE)), (vec![100, 100, 80], 1_000));
		assert_eq!(try_state(), Ok(()));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_eq!(held(ALICE), 720);
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
fn a_lowered_max_pending_draws_loses_nothing() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		Seed::set(None);
		for block_id in 1..=4 {
			assert_ok!(request(block_id));
		}
		MaxPendingDraws::set(2);
		assert_eq!((try_state(), pending()), (Ok(()), vec![1, 2, 3, 4]));
		assert_eq!(request(5), Err(PoolError::QueueFull));
		assert_ok!(discharge(3));
		assert_eq!((try_state(), pending()), (Ok(()), vec![1, 2, 4]));
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
