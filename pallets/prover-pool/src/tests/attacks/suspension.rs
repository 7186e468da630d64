//! Dodging a suspension, and bringing one about (R10).

use super::*;
use crate::{MemberStatus, SHARE_UNIT};
use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::OpenReason;
use sp_core::U256;

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

const THIRD: Perbill = Perbill::from_parts(333_333_333);
const OTHERS: [AccountId; 4] = [ALICE, BOB, CAROL, DAVE];

/// Four members besides Eve, all with the same stake. Three misses in a row suspend.
fn with_others(stake_of_eve: Balance, max_paused_share: Perbill) -> ExtBuilder {
	demo(&OTHERS.map(|who| (who, 1_000, 100, 8)))
		.provers(&[(EVE, stake_of_eve, 100, 8)])
		.max_provers(8)
		.entry_delay(3)
		.suspension(3, 50)
		.max_paused_share(max_paused_share)
}

fn is_suspended(who: &AccountId) -> bool {
	matches!(prover_row(*who).unwrap().status, MemberStatus::Suspended { .. })
}

/// Each of the others that is not suspended is assigned a block, and misses it.
fn others_miss(first_id: u64) {
	for (who, block_id) in OTHERS.into_iter().zip(first_id..) {
		if !is_suspended(&who) {
			assign(block_id, who);
			assert_ok!(slash(block_id, 0));
		}
	}
}

/// Eve pauses, lists that nobody can prove in time make the others miss, she resumes, and they miss once more.
/// Returns who is suspended then, and her share of the draws in percent.
fn suspend_others(max_paused_share: Perbill) -> (Vec<AccountId>, u64) {
	let mut result = Default::default();
	with_others(1_000, max_paused_share).build_and_execute(|| {
		assert_ok!(pause(EVE));
		run_blocks(3);
		[1, 11, 21].into_iter().for_each(others_miss);
		assert_ok!(resume(EVE));
		run_blocks(3);
		others_miss(31);
		let share = ProverPool::get_prover_weights(FEE, 5, 1)[0].share;
		result = (OTHERS.into_iter().filter(is_suspended).collect(), share / (SHARE_UNIT / 100));
	});
	result
}

#[test]
fn attack_suspending_all_others() {
	assert_eq!(suspend_others(Perbill::one()), (OTHERS.to_vec(), 100));
	// Her share grows from a fifth: one of five members is out.
	assert_eq!(suspend_others(THIRD), (vec![ALICE], 26));
}

#[test]
fn attack_pausing_a_third_of_the_stake() {
	// What remains: a paused third keeps members that do not work from being suspended. It is not drawn
	// meanwhile, and they pay for each block.
	with_others(2_000, THIRD).build_and_execute(|| {
		assert_ok!(pause(EVE));
		run_blocks(3);
		(1..10).for_each(|round| others_miss(10 * round));
		assert!(!OTHERS.iter().any(is_suspended));
		assert_eq!(ProverPool::get_prover_weights(FEE, 5, 1)[0].weight, U256::zero());
		assert!(OTHERS.into_iter().all(|who| loss(who) > 200));
	});
}
