//! Exits: whose they are, when they are free, what they answer for.

use super::*;
use frame_support::{assert_noop, assert_ok};

#[test]
fn a_busy_provers_exit_cannot_be_withheld() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(EVE, 600));
		// From now on she always has an open block, each opened before the last is closed.
		advance_clock(99);
		assign(1, EVE);
		advance_clock(2);
		assign(2, EVE);
		assert_eq!(exits(EVE)[0].duties, 1, "the second was drawn after the date");
		assert_noop!(withdraw(EVE), Error::StillLiable);
		assert_ok!(discharge(1));
		assign(3, EVE);
		assert_eq!(staker(EVE).liable, 2);
		assert_ok!(withdraw(EVE));
		assert_eq!((free(EVE), held(EVE)), (9_600, 400));
		// The stake alone answers for what was drawn later.
		assert_eq!((slash(2, REWARD), slash(3, REWARD)), (Ok(400), Ok(0)));
	});
}

#[test]
fn eviction_cannot_restart_other_exits_of_the_evicted() {
	demo(&[(ALICE, 1_000, 100, 4)]).max_provers(1).build_and_execute(|| {
		for amount in [100, 200, 300] {
			advance_clock(11);
			assert_ok!(unstake(ALICE, amount));
		}
		// One moment before the first is free, Eve evicts the rest: it has a date of its own.
		advance_clock(78);
		assert_ok!(stake(EVE, 421, 100, 4));
		let dates = |who| -> Vec<_> {
			exits(who).into_iter().map(|exit| (exit.amount, exit.matures_at - START)).collect()
		};
		assert_eq!(dates(ALICE), [(100, 111), (200, 122), (300, 133), (400, 211)]);
		advance_clock(1);
		assert_ok!(withdraw(ALICE));
		assert_eq!(free(ALICE), 9_100);
	});
	// With as many exits as there can be, the stake joins the youngest, and the others keep their dates.
	demo(&[(ALICE, 1_000, 100, 4)]).max_provers(1).max_exits(2).build_and_execute(|| {
		for amount in [100, 200] {
			advance_clock(11);
			assert_ok!(unstake(ALICE, amount));
		}
		advance_clock(89);
		assert_ok!(stake(EVE, 736, 100, 4));
		assert_eq!(exits(ALICE), [an_exit(0, 100, START + 111), an_exit(1, 900, START + 211)]);
	});
}

#[test]
fn small_exits_cannot_farm_rounding_dust() {
	let pool = [(ALICE, 1_000, 100, 4), (EVE, 1_000, 100, 4), (FRANK, 1_000, 100, 4)];
	demo(&pool).max_exits(64).build_and_execute(|| {
		advance_clock(11);
		// Eve splits 60 into exits of 1, and stays. Frank splits as much, and leaves.
		for who in [EVE, FRANK] {
			(0..60).for_each(|_| unstake(who, 1).unwrap());
		}
		for (first, who) in [(10, ALICE), (20, EVE), (30, FRANK)] {
			(first..first + 4).for_each(|block_id| assign(block_id, who));
		}
		assert_ok!(exit(FRANK));
		// Each share of an exit of 1 rounds down to nothing, and the last part pays the difference.
		for n in 0..4 {
			let reward = [0, 13, 0, 50][n as usize];
			let [honest, split, left] = [10, 20, 30].map(|first| slash(first + n, reward).unwrap());
			assert_eq!((split, left), (honest, honest));
		}
		// 50, 52, 44, 200.
		assert_eq!([ALICE, EVE, FRANK].map(loss), [346, 346, 346]);
		assert_eq!((exits(EVE).len(), exits(FRANK).len()), (60, 61));
	});
}

#[test]
fn an_exit_used_in_part_cannot_keep_its_date() {
	demo(&[(EVE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(EVE));
		// One moment before it is free she enters with a part of it. The rest starts again, else one old
		// exit would serve as a stake that is always about to be free.
		advance_clock(100);
		assert_ok!(stake(EVE, 200, 100, 4));
		assert_eq!(exits(EVE), [an_exit(0, 800, START + 211)]);
		advance_clock(1);
		assert_noop!(withdraw(EVE), Error::NoMatureExit);
		// So does one that comes back and leaves again.
		advance_clock(100);
		assert_ok!(restake(EVE, 0));
		assert_ok!(unstake(EVE, 800));
		assert_eq!(exits(EVE), [an_exit(0, 800, START + 312)]);
	});
}
