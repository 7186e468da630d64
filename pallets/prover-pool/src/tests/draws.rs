//! Requests, and when and how they are drawn (R4, R5). Entry delays are in `entry_delay.rs`.

use frame_support::{assert_noop, assert_ok, traits::Hooks};
use prover_pool_primitives::{BlockId, OpenReason, PoolError};
use sp_core::{H256, U256};
use sp_runtime::{traits::BadOrigin, Perbill};

use crate::{mock::*, Assignment, DrawRequest, SlashTerms, TrackRecord};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 20)])
}

fn drawn_ids() -> Vec<BlockId> {
	outcomes().iter().map(|(block_id, _)| *block_id).collect()
}

// Requests.

#[test]
fn a_request_is_queued_with_its_block_and_fee() {
	one_prover().build_and_execute(|| {
		run_to_block(5);
		assert_ok!(request_at(7, 90));
		assert_eq!(pool_events(), [Event::ProverRequested { block_id: 7, fee_per_gas: 90 }]);
		assert_eq!(
			crate::DrawQueue::<Test>::get().into_inner(),
			[DrawRequest { block_id: 7, fee_per_gas: 90, requested_in: 5, notify_handler: true }]
		);
		assert_eq!(outcomes(), []);
	});
}

#[test]
fn only_the_protocol_origin_may_request() {
	one_prover().build_and_execute(|| {
		assert_noop!(ProverPool::assign_prover(signed(ALICE), 7, FEE), BadOrigin);
		assert_noop!(ProverPool::assign_prover(RuntimeOrigin::none(), 7, FEE), BadOrigin);
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE));
		assert_eq!(pool_events(), [requested(7)]);
	});
}

#[test]
fn an_id_is_refused_while_it_is_pending_or_not_closed() {
	one_prover().build_and_execute(|| {
		let by_origin = || ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE);
		assert_ok!(request(7));
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		assert_noop!(by_origin(), Error::AlreadyAssigned);
		run_blocks(2);
		assert!(assignment(7).is_some());
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		assert_ok!(release(7));
		assert_noop!(request(7), PoolError::AlreadyAssigned);
		// Closing forgets it. Not to use an id twice is the protocol's duty.
		assert_ok!(discharge(7));
		assert_ok!(request(7));
		run_blocks(2);
		assert_ok!(slash(7, 0));
		assert_ok!(request(7));
	});
}

#[test]
fn an_open_id_is_forgotten() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(draw(7, FEE, U256::zero()), Some(open(OpenReason::EmptyPool)));
		assert_eq!((pending(), assignment(7)), (vec![], None));
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

// What a draw records.

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
		let staker = staker(ALICE);
		assert_eq!((staker.outstanding, staker.liable), (1, 1));
		assert_eq!(staker.record, TrackRecord { assigned: 1, ..Default::default() });
		assert_eq!(prover_row(ALICE).unwrap().current_capacity, 19);
		assert_eq!(ProverPool::get_capacity(), 19);
		assert_eq!(outcomes(), [(7, drew(ALICE, 100))]);
		assert!(pending().is_empty());
	});
}

#[test]
fn the_agreed_price_is_the_members_clamped_into_the_band() {
	for (asked, agreed) in [(1, 75), (74, 75), (75, 75), (100, 100), (125, 125), (126, 125)] {
		ExtBuilder::default().provers(&[(ALICE, 1_000, asked, 4)]).build_and_execute(|| {
			assert_eq!(draw(7, 100, U256::zero()), Some(drew(ALICE, agreed)));
			assert_eq!(assignment(7).unwrap().reward_per_gas, agreed);
		});
	}
	// ⌊0.75 · 101⌋ and ⌊1.25 · 101⌋.
	for (asked, agreed) in [(1, 75), (1_000, 126)] {
		ExtBuilder::default().provers(&[(ALICE, 1_000, asked, 4)]).build_and_execute(|| {
			assert_eq!(draw(7, 101, U256::zero()), Some(drew(ALICE, agreed)));
		});
	}
}

#[test]
fn the_point_is_the_seeds_share_of_the_total() {
	// Weights of 1 : 3, exact because the price is a power of two.
	ExtBuilder::default().provers(&[(ALICE, 1_000, 64, 4), (BOB, 3_000, 64, 4)]).build_and_execute(
		|| {
			let quarter = U256::one() << 254;
			for (block_id, seed, who) in [
				(1, U256::zero(), ALICE),
				(2, quarter - 1, ALICE),
				(3, quarter, BOB),
				(4, quarter * 2, BOB),
				(5, U256::MAX, BOB),
			] {
				assert_eq!(draw(block_id, 64, seed), Some(drew(who, 64)), "{seed}");
				assert_ok!(release(block_id));
			}
		},
	);
}

#[test]
fn the_chance_is_proportional_to_stake_by_price_squared() {
	// 1 000 / 100² : 1 000 / 80² = 16 : 25 of 41.
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 9), (BOB, 1_000, 80, 9)])
		.build_and_execute(|| {
			let drawn = |part: u32, block_id| match draw(block_id, FEE, U256::MAX / 4_100 * part) {
				Some(Outcome::Assigned { prover, .. }) => {
					assert_ok!(release(block_id));
					prover
				},
				other => panic!("{other:?}"),
			};
			// The cheaper one first in the order of prices.
			assert_eq!(drawn(0, 1), BOB);
			assert_eq!(drawn(2_499, 2), BOB);
			assert_eq!(drawn(2_501, 3), ALICE);
			assert_eq!(drawn(4_099, 4), ALICE);
		});
}

// Open draws.

#[test]
fn a_fee_of_zero_is_open_whatever_the_pool_has() {
	for builder in [ExtBuilder::default(), one_prover()] {
		builder.build_and_execute(|| {
			assert_eq!(draw(7, 0, U256::zero()), Some(open(OpenReason::ZeroFee)));
			let reason = OpenReason::ZeroFee;
			assert_eq!(
				pool_events(),
				[
					Event::ProverRequested { block_id: 7, fee_per_gas: 0 },
					Event::ProverNotFound { block_id: 7, reason },
				]
			);
		});
	}
}

#[test]
fn a_pool_without_active_members_is_empty() {
	ExtBuilder::default().entry_delay(50).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			EntryDelay::set(0);
			assert_ok!(pause(ALICE));
			EntryDelay::set(50);
			assert_ok!(stake(BOB, 1_000, 100, 4));
			assert_eq!(draw(7, FEE, U256::zero()), Some(open(OpenReason::EmptyPool)));
		},
	);
}

#[test]
fn the_draws_of_one_block_share_the_capacity() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 2)]).build_and_execute(|| {
		for block_id in 1..=3 {
			assert_ok!(request(block_id));
		}
		run_blocks(2);
		assert_eq!(
			outcomes(),
			[(1, drew(ALICE, 100)), (2, drew(ALICE, 100)), (3, open(OpenReason::NoFreeCapacity)),]
		);
		assert_eq!(ProverPool::get_capacity(), 0);
		assert_ok!(release(1));
		assert_eq!(draw(4, FEE, U256::zero()), Some(drew(ALICE, 100)));
	});
}

// Seeds.

#[test]
fn a_request_waits_for_a_seed_that_became_known_draw_delay_blocks_later() {
	for delay in [1, 3] {
		one_prover().draw_delay(delay).build_and_execute(|| {
			run_to_block(5);
			assert_ok!(request(7));
			for known_since in [0, 4, 5, 5 + delay - 1] {
				KnownSince::set(Some(known_since));
				run_blocks(1);
				assert_eq!(pending(), [7], "known since {known_since}");
			}
			KnownSince::set(Some(5 + delay));
			run_blocks(1);
			assert!(pending().is_empty());
			assert!(assignment(7).is_some());
		});
	}
}

#[test]
fn with_the_parents_seed_a_draw_comes_one_block_after_the_delay() {
	for delay in [1, 3] {
		one_prover().draw_delay(delay).build_and_execute(|| {
			run_to_block(5);
			assert_ok!(request(7));
			run_to_block(5 + delay);
			assert_eq!(pending(), [7]);
			run_to_block(6 + delay);
			assert!(pending().is_empty());
		});
	}
}

#[test]
fn without_a_seed_requests_wait() {
	one_prover().build_and_execute(|| {
		Seed::set(None);
		assert_ok!(request(7));
		run_blocks(50);
		assert_eq!((pending(), outcomes()), (vec![7], vec![]));
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
fn a_delay_without_end_does_not_wrap() {
	one_prover().draw_delay(u64::MAX).build_and_execute(|| {
		assert_ok!(request(7));
		KnownSince::set(Some(u64::MAX - 1));
		run_blocks(3);
		assert_eq!(pending(), [7]);
	});
}

#[test]
fn a_request_of_the_genesis_waits_for_a_later_seed() {
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

#[test]
fn the_draws_of_one_block_have_different_seeds() {
	ExtBuilder::default()
		.draws_per_block(64)
		.max_pending_draws(64)
		.provers(&[(ALICE, 5_000, 100, 100), (BOB, 5_000, 100, 100)])
		.build_and_execute(|| {
			for block_id in 0..64 {
				assert_ok!(request(block_id));
			}
			run_blocks(2);
			// 64 fair throws: fewer than 16 of either kind has a chance below 1 in 10 000.
			let of_alice =
				outcomes().iter().filter(|(_, drawn)| *drawn == drew(ALICE, 100)).count();
			assert!((16..=48).contains(&of_alice), "{of_alice}");
		});
}

// The queue.

#[test]
fn the_oldest_requests_are_drawn_first_at_most_max_draws_in_a_block() {
	one_prover().build_and_execute(|| {
		for block_id in [30, 10, 50, 20, 40, 60, 5] {
			assert_ok!(request(block_id));
		}
		run_to_block(3);
		assert_eq!(drawn_ids(), [30, 10, 50]);
		assert_eq!(pending(), [20, 40, 60, 5]);
		run_to_block(4);
		assert_eq!(drawn_ids(), [20, 40, 60]);
		run_to_block(5);
		assert_eq!(drawn_ids(), [5]);
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
		// The seed of block 2 is later than block 1 and not later than block 2.
		assert_eq!(pending(), [2]);
		run_to_block(4);
		assert!(pending().is_empty());
	});
}

#[test]
fn no_draw_happens_while_a_migration_runs() {
	one_prover().build_and_execute(|| {
		assert_ok!(request(7));
		Migrating::set(true);
		run_blocks(20);
		assert_eq!((pending(), outcomes()), (vec![7], vec![]));
		Migrating::set(false);
		run_blocks(1);
		assert_eq!(drawn_ids(), [7]);
	});
}

#[test]
fn a_cancelled_request_is_neither_drawn_nor_reported() {
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
		assert_eq!(drawn_ids(), [8]);
	});
}

// The handler.

#[test]
fn only_events_report_requests_of_the_protocol_origin() {
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
		assert_eq!(outcomes(), [(9, open(OpenReason::ZeroFee))]);
	});
}

#[test]
fn the_handler_is_called_after_all_draws_and_may_close_them() {
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
				drawn(2, ALICE, 100),
				drawn(3, ALICE, 100),
				Event::ProverDischarged { block_id: 1, who: ALICE },
				Event::ProverReleased { block_id: 2, who: ALICE },
				slashed(3, ALICE, 0, 400),
			]
		);
		assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (0, 1));
	});
}

#[test]
fn the_handler_may_request_again_for_a_later_block() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, _| {
			// Pending, whatever this block's seed is: it was known before.
			request(block_id + 100).unwrap();
		}));
		assert_ok!(request(1));
		run_to_block(3);
		assert_eq!((drawn_ids(), pending()), (vec![1], vec![101]));
		run_to_block(4);
		assert_eq!(pending(), [101]);
		run_to_block(5);
		assert_eq!(pending(), [201]);
	});
}

#[test]
fn the_handler_cannot_move_another_draw_of_its_block() {
	one_prover().build_and_execute(|| {
		OnDraw::set(Some(|block_id, outcome| {
			if matches!(outcome, Outcome::Assigned { .. }) && block_id == 1 {
				// Ejects the only member, and closes the other assignment.
				assert_eq!(slash(1, 1_000), Ok(1_000));
				discharge(2).unwrap();
			}
		}));
		assert_ok!(request(1));
		assert_ok!(request(2));
		run_blocks(2);
		assert_eq!(outcomes(), [(1, drew(ALICE, 100)), (2, drew(ALICE, 100))]);
		assert_eq!((slot(1), assignment(2)), (None, None));
	});
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
