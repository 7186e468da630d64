//! Requests, and when they are drawn (R4, R5). Who is drawn is in `choosing.rs`.

use frame_support::{assert_noop, assert_ok, traits::Hooks};
use prover_pool_primitives::{OpenReason, PoolError};
use sp_core::{H256, U256};
use sp_runtime::{traits::BadOrigin, Perbill};

use crate::{mock::*, Assignment, DrawRequest, SlashTerms};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 20)])
}

// Requests.

#[test]
fn a_request_is_queued_and_told() {
	one_prover().build_and_execute(|| {
		run_to_block(5);
		assert_ok!(request_at(7, 90));
		assert_eq!(pool_events(), [Event::ProverRequested { block_id: 7, fee_per_gas: 90 }]);
		assert_eq!(
			crate::DrawQueue::<Test>::get().into_inner(),
			[DrawRequest { block_id: 7, fee_per_gas: 90, requested_in: 5, report: true }]
		);
		assert!(outcomes().is_empty());
	});
}

#[test]
fn the_protocol_origin_may_request_and_nobody_else() {
	one_prover().build_and_execute(|| {
		assert_noop!(ProverPool::assign_prover(signed(ALICE), 7, FEE), BadOrigin);
		assert_noop!(ProverPool::assign_prover(RuntimeOrigin::none(), 7, FEE), BadOrigin);
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE));
		assert_eq!(pool_events(), [requested(7)]);
	});
}

#[test]
fn an_id_is_refused_while_pending_or_not_closed() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		assert_noop!(
			ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE),
			Error::AlreadyAssigned
		);
		run_blocks(2);
		assert!(assignment(7).is_some());
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		assert_ok!(release(7));
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		// Closing deletes it. Not using it again is the protocol's duty, not the pool's.
		assert_ok!(discharge(7));
		assert_ok!(request(7));
		run_blocks(2);
		assert_ok!(slash(7, 0));
		assert_ok!(request(7));
	});
}

#[test]
fn an_id_that_found_nobody_is_forgotten() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(request(7));
		run_blocks(2);
		assert!(pending().is_empty());
		assert_eq!(assignment(7), None);
		assert_noop!(release(7), PoolError::UnknownBlock);
		assert_ok!(request(7));
	});
}

#[test]
fn a_full_queue_refuses() {
	one_prover().build_and_execute(|| {
		for block_id in 0..8 {
			assert_ok!(request(block_id));
		}
		assert_noop!(request(8), PoolError::QueueFull);
		assert_noop!(ProverPool::assign_prover(RuntimeOrigin::root(), 8, FEE), Error::QueueFull);
		// A pending id is refused as such, not for the queue.
		assert_noop!(request(3), PoolError::AlreadyAssigned);
		assert_ok!(discharge(3));
		assert_ok!(request(8));
		assert_eq!(pending(), [0, 1, 2, 4, 5, 6, 7, 8]);
	});
}

#[test]
fn the_extreme_ids_are_ids_like_others() {
	one_prover().build_and_execute(|| {
		assign(0, ALICE);
		assign(u64::MAX, ALICE);
		assert_eq!(staker(ALICE).liable, 2);
	});
}

// Seeds.

#[test]
fn a_draw_records_the_assignment_with_its_terms() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		advance_clock(3);
		run_to_block(3);

		assert_eq!(pool_events(), [requested(7), drawn(7, ALICE, 100)]);
		assert_eq!(
			assignment(7),
			Some(Assignment {
				prover: ALICE,
				reward_per_gas: 100,
				drawn_at: START + 3,
				released: false,
				terms: SlashTerms {
					max_capacity: 20,
					slash_points: Perbill::from_percent(20),
					slash_multiplier: 4,
				},
			})
		);
		assert!(crate::AssignmentsOf::<Test>::contains_key(ALICE, 7));
		assert_eq!(prover(ALICE).unwrap().current_capacity, 19);
		let staker = staker(ALICE);
		assert_eq!((staker.outstanding, staker.liable), (1, 1));
		assert_eq!(staker.liable_since, Some(START + 3));
		assert_eq!(outcomes(), [(7, Outcome::Assigned { prover: ALICE, reward_per_gas: 100 })]);
		assert!(pending().is_empty());
	});
}

#[test]
fn a_request_waits_for_a_seed_that_became_known_after_it() {
	one_prover().build_and_execute(|| {
		run_to_block(5);
		assert_ok!(request(7));
		for known_since in [0, 4, 5] {
			KnownSince::set(Some(known_since));
			run_blocks(1);
			assert_eq!(pending(), [7], "known since {known_since}");
		}
		KnownSince::set(Some(6));
		run_blocks(1);
		assert!(pending().is_empty());
		assert!(assignment(7).is_some());
	});
}

#[test]
fn with_the_parents_seed_a_draw_comes_two_blocks_later() {
	one_prover().build_and_execute(|| {
		run_to_block(5);
		assert_ok!(request(7));
		run_to_block(6);
		assert_eq!(pending(), [7]);
		run_to_block(7);
		assert!(pending().is_empty());
	});
}

#[test]
fn without_a_seed_requests_wait() {
	one_prover().build_and_execute(|| {
		Seed::set(None);
		assert_ok!(request(7));
		run_blocks(50);
		assert_eq!(pending(), [7]);
		assert!(outcomes().is_empty());
		Seed::set(Some(H256::zero()));
		run_blocks(1);
		assert!(assignment(7).is_some());
	});
}

#[test]
fn a_seed_known_in_future_is_later_than_the_request_too() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		KnownSince::set(Some(u64::MAX));
		run_blocks(1);
		assert!(assignment(7).is_some());
	});
}

#[test]
fn a_request_of_an_early_block_is_not_held_up_by_zero() {
	// A request in block 0 would need a seed known since block 1 at least.
	one_prover().build_and_execute(|| {
		System::set_block_number(0);
		assert_ok!(request(7));
		KnownSince::set(Some(0));
		System::set_block_number(1);
		ProverPool::on_initialize(1);
		assert_eq!(pending(), [7]);
		KnownSince::set(None);
		run_to_block(2);
		assert!(pending().is_empty());
	});
}

// The queue.

#[test]
fn the_oldest_requests_are_drawn_first_and_so_many_in_a_block() {
	one_prover().build_and_execute(|| {
		for block_id in [30, 10, 50, 20, 40, 60, 5] {
			assert_ok!(request(block_id));
		}
		run_to_block(3);
		assert_eq!(outcomes().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [30, 10, 50]);
		assert_eq!(pending(), [20, 40, 60, 5]);
		run_to_block(4);
		assert_eq!(outcomes().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [20, 40, 60]);
		run_to_block(5);
		assert_eq!(outcomes().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5]);
		assert!(pending().is_empty());
	});
}

#[test]
fn younger_requests_wait_for_their_own_seed() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(1));
		run_to_block(2);
		assert_ok!(request(2));
		run_to_block(3);
		// Block 3 knows block 2's seed: later than block 1, not later than block 2.
		assert_eq!(pending(), [2]);
		run_to_block(4);
		assert!(pending().is_empty());
	});
}

#[test]
fn nobody_is_drawn_while_a_migration_runs() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		Migrating::set(true);
		run_blocks(20);
		assert_eq!(pending(), [7]);
		assert!(outcomes().is_empty());
		Migrating::set(false);
		run_blocks(1);
		assert!(pending().is_empty());
	});
}

#[test]
fn a_cancelled_request_is_never_drawn_nor_reported() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		assert_ok!(request(8));
		assert_ok!(discharge(7));
		run_blocks(5);
		assert_eq!(
			pool_events(),
			[
				requested(7),
				requested(8),
				Event::RequestCancelled { block_id: 7 },
				drawn(8, ALICE, 100),
			]
		);
		assert_eq!(outcomes().len(), 1);
	});
}

// Reports.

#[test]
fn requests_of_the_protocol_origin_are_told_by_events_only() {
	one_prover().build_and_execute(|| {
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE));
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 8, 0));
		assert_ok!(request_at(9, 0));
		System::reset_events();
		run_blocks(2);
		assert_eq!(
			pool_events(),
			[
				drawn(7, ALICE, 100),
				Event::ProverNotFound { block_id: 8, reason: OpenReason::ZeroFee },
				Event::ProverNotFound { block_id: 9, reason: OpenReason::ZeroFee },
			]
		);
		assert_eq!(outcomes(), [(9, Outcome::Open { reason: OpenReason::ZeroFee })]);
	});
}

#[test]
fn the_handler_may_close_what_it_is_told_of() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, _| match block_id {
			1 => discharge(block_id).unwrap(),
			2 => release(block_id).unwrap(),
			_ => assert_eq!(slash(block_id, 100), Ok(400)),
		}));
		for block_id in 1..=3 {
			assert_ok!(request(block_id));
		}
		System::reset_events();
		run_blocks(2);
		assert_eq!(
			pool_events(),
			[
				drawn(1, ALICE, 100),
				Event::ProverDischarged { block_id: 1, who: ALICE },
				drawn(2, ALICE, 100),
				Event::ProverReleased { block_id: 2, who: ALICE },
				drawn(3, ALICE, 100),
				slashed(3, ALICE, 0, 400),
			]
		);
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (0, 1));
	});
}

#[test]
fn the_handler_may_request_again_and_is_answered_later() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, _| {
			// Pending now, whatever this block's seed is: it was known before.
			request(block_id + 100).unwrap();
		}));
		assert_ok!(request(1));
		run_to_block(3);
		assert_eq!(outcomes().len(), 1);
		assert_eq!(pending(), [101]);
		run_to_block(4);
		assert_eq!(pending(), [101]);
		run_to_block(5);
		assert_eq!(pending(), [201]);
	});
}

#[test]
fn the_handler_may_cancel_what_would_be_drawn_next() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, _| {
			if block_id == 1 {
				discharge(2).unwrap();
			}
		}));
		for block_id in 1..=3 {
			assert_ok!(request(block_id));
		}
		run_blocks(2);
		assert_eq!(outcomes().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 3]);
		assert!(pending().is_empty());
		assert_eq!(assignment(2), None);
	});
}

#[test]
fn the_handler_may_eject_a_prover_before_the_next_draw() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, outcome| {
			if let Outcome::Assigned { .. } = outcome {
				assert_eq!(slash(block_id, 1_000), Ok(1_000));
			}
		}));
		assert_ok!(request(1));
		assert_ok!(request(2));
		run_blocks(2);
		assert_eq!(
			outcomes(),
			[
				(1, Outcome::Assigned { prover: ALICE, reward_per_gas: 100 }),
				(2, Outcome::Open { reason: OpenReason::EmptyPool }),
			]
		);
	});
}

// What a seed is.

#[test]
fn the_whole_seed_counts() {
	// Weights of about 2⁶⁴ · stake: a seed cut to 64 bits would always draw the first slot.
	ExtBuilder::default().provers(&[(ALICE, 1_000, 1, 4), (BOB, 1_000, 1, 4)]).build_and_execute(
		|| {
			let one = U256::from(1_000u64) << 64;
			for (block_id, seed, who) in [
				(1, U256::zero(), ALICE),
				(2, one - 1, ALICE),
				(3, one, BOB),
				(4, one * 2 - 1, BOB),
				(5, one * 2, ALICE),
				(6, one * 3, BOB),
			] {
				RawSeeds::mutate(|seeds| seeds.insert(block_id, seed));
				assert_ok!(request_at(block_id, 1));
				run_blocks(2);
				assert_eq!(assignment(block_id).unwrap().prover, who, "{seed}");
			}
		},
	);
}

#[test]
fn unknown_ids_are_refused_and_nothing_changes() {
	one_prover().build_and_execute(|| {
		assert_noop!(release(7), PoolError::UnknownBlock);
		assert_noop!(slash(7, 5), PoolError::UnknownBlock);
		assert_noop!(discharge(7), PoolError::UnknownBlock);
		assert_ok!(request(7));
		assert_noop!(release(7), PoolError::StillPending);
		assert_noop!(slash(7, 5), PoolError::StillPending);
		assert_noop!(slash(8, 5), PoolError::UnknownBlock);
	});
}
