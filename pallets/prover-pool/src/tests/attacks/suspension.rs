//! Dodging a suspension (R10).

use super::*;
use crate::MemberStatus;
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::OpenReason;

/// Runs `test` when Eve has missed three blocks in a row and is suspended until `START + 50`.
fn suspended(test: impl FnOnce()) {
	let pool = [(EVE, 1_000, 100, 8)];
	demo(&pool).max_provers(1).suspension(3, 50).build_and_execute(|| {
		(1..=4).for_each(|block_id| assign(block_id, EVE));
		(1..=3).for_each(|block_id| assert_eq!(slash(block_id, 10), Ok(40)));
		let until = START + 50;
		assert_eq!(pool_events().pop(), Some(Event::Suspended { who: EVE, until }));
		outcomes();
		test();
	});
}

/// No draw chooses a member now.
fn no_draw(block_id: u64) {
	assert_ok!(request(block_id));
	run_blocks(2);
	assert_eq!(outcomes(), [(block_id, open(OpenReason::EmptyPool))]);
}

#[test]
fn suspension_cannot_be_dodged_by_resuming() {
	suspended(|| {
		no_draw(10);
		assert_noop!(resume(EVE), Error::StillSuspended);
		assert_noop!(pause(EVE), Error::AlreadyPaused);
		assert_ok!(set_terms(EVE, 90, 4));
		no_draw(11);
		advance_clock(50);
		assert_noop!(resume(EVE), Error::StillSuspended);
		advance_clock(1);
		// It does not end without her.
		no_draw(12);
		assert_ok!(resume(EVE));
		assign(13, EVE);
	});
}

#[test]
fn suspension_cannot_be_dodged_by_leaving_and_entering_again() {
	suspended(|| {
		advance_clock(11);
		assert_ok!(stake(EVE, 880, 75, 8));
		assert_eq!(prover_row(EVE).unwrap().status, MemberStatus::Suspended { until: START + 50 });
		no_draw(10);
		advance_clock(11);
		assert_ok!(exit(EVE));
		assert_ok!(stake(EVE, 200, 75, 4));
		no_draw(11);
		assert_noop!(resume(EVE), Error::StillSuspended);
	});
}

#[test]
fn suspension_cannot_be_dodged_by_an_empty_record() {
	suspended(|| {
		// Slashed to nothing and with no block left: only the suspension keeps the record.
		assert_eq!(slash(4, Balance::MAX), Ok(880));
		assert_eq!((held(EVE), prover(EVE)), (0, None));
		assert!(has_record(EVE));
		assert_ok!(stake(EVE, 1_000, 100, 8));
		no_draw(10);
		assert_noop!(resume(EVE), Error::StillSuspended);
	});
}

#[test]
fn suspension_cannot_be_dodged_by_an_accomplices_eviction() {
	suspended(|| {
		assert_ok!(stake(FRANK, 1_000, 100, 4));
		advance_clock(11);
		assert_ok!(exit(FRANK));
		assert_ok!(stake(EVE, 880, 100, 8));
		no_draw(10);
		// Work that was assigned before stays due.
		assert_eq!(slash(4, 10), Ok(40));
		assert_eq!(loss(EVE), 160);
	});
}

#[test]
fn suspension_cannot_be_dodged_by_a_waiting_change_or_entry() {
	let pool = [(EVE, 1_000, 100, 8)];
	demo(&pool).entry_delay(3).suspension(1, 50).build_and_execute(|| {
		assign(1, EVE);
		assign(2, EVE);
		// Draws still use an older offer, which is not paused: it is paused at once, too.
		assert_ok!(set_terms(EVE, 90, 8));
		assert_eq!(slash(1, 0), Ok(25));
		outcomes();
		no_draw(10);
		run_blocks(3);
		no_draw(11);
		advance_clock(51);
		assert_ok!(resume(EVE));
		// She enters again, and is suspended before her entry is listed.
		assert_ok!(stake(EVE, 900, 100, 8));
		assert_eq!(slash(2, 0), Ok(24));
		run_blocks(3);
		no_draw(12);
	});
}

#[test]
fn misses_between_deliveries_cannot_suspend() {
	// What remains: who proves one block of three is never suspended, and pays for the other two.
	demo(&[(EVE, 1_000, 100, 4)]).suspension(3, 50).build_and_execute(|| {
		for block_id in 1..=9 {
			assign(block_id, EVE);
			if block_id % 3 == 0 {
				assert_ok!(discharge(block_id));
			} else {
				assert_eq!(slash(block_id, 15), Ok(60));
			}
		}
		let record = staker(EVE).record;
		assert_eq!((record.served, record.missed, staker(EVE).suspended_until), (3, 6, None));
		assert_eq!(loss(EVE), 360);
	});
}
