//! Who waits out its entry delay, and whose turn it is to take part in draws (R5).

use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use prover_pool_index::weight;
use prover_pool_primitives::{DrawHandler, OpenReason, ProverPool as Pool};
use sp_runtime::Perbill;

use crate::{mock::*, Books, Places, Waiting, WeightInfo};

type Weights = crate::weights::SubstrateWeight<Test>;

const DELAY: u64 = 5;

/// The start of a block, and what it weighs.
fn at_start(block: u64) -> Weight {
	System::set_block_number(block);
	ProverPool::on_initialize(block)
}

/// What the start of a block weighs, in which nobody is drawn and so many begin to take part.
fn admitting(members: u64) -> Weight {
	Weights::on_initialize() + Weights::admit() * members
}

/// The block of entry and the slot of everybody who waits, in the order of their turns.
fn turns() -> Vec<(u64, u32)> {
	Waiting::<Test>::iter_keys().map(|turn| (turn.block(), turn.slot())).collect()
}

fn places() -> Places {
	Books::<Test>::get().places
}

fn drawable() -> u64 {
	<ProverPool as Pool<_, _>>::free_capacity()
}

fn pool() -> ExtBuilder {
	ExtBuilder::default().entry_delay(DELAY)
}

/// A pool for 200, with three members in slots 1 to 3, and 200 accounts that may enter, from 101 on.
fn rush() -> ExtBuilder {
	(101..=300)
		.fold(pool().max_provers(200), |pool, who| pool.balance(who, START_BALANCE))
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)])
}

fn enter(who: impl Iterator<Item = AccountId>) {
	for who in who {
		assert_ok!(stake(who, 200, 100, 4));
	}
}

#[test]
fn turns_come_by_block_then_by_slot_and_so_many_in_a_block() {
	rush().build_and_execute(|| {
		at_start(10);
		enter(101..=230);
		at_start(11);
		// Into the lowest slots, and behind all of block 10 all the same.
		advance_clock(11);
		for who in [ALICE, BOB, CAROL] {
			assert_ok!(exit(who));
		}
		enter(231..=233);
		let expected: Vec<_> =
			(4..=133).map(|slot| (10, slot)).chain((1..=3).map(|slot| (11, slot))).collect();
		assert_eq!(turns(), expected);
		assert_eq!((places().waiting_members, drawable()), (133, 0));

		// Who entered in 10 may be drawn in 16: it is let in when the draws of 15 are over.
		for block in 11..15 {
			assert_eq!(at_start(block), admitting(0));
		}
		assert_eq!(turns(), expected);
		for (block, admitted) in [(15, 64), (16, 128), (17, 133)] {
			let before = turns().len();
			assert_eq!(at_start(block), admitting((before + admitted - 133) as u64));
			assert_eq!(turns(), expected[admitted..]);
			assert_eq!(places().waiting_members as usize, 133 - admitted);
			assert_eq!(drawable(), 4 * admitted as u64);
			assert_ok!(ProverPool::do_try_state());
		}
		assert_eq!(at_start(18), admitting(0));
	});
}

/// As many as fit are no rush; with one more, that one is late.
#[test]
fn the_65th_of_a_block_waits_for_the_next() {
	for (members, late) in [(64, 0), (65, 1)] {
		rush().build_and_execute(|| {
			at_start(10);
			enter(101..=100 + members);
			assert_eq!(at_start(15), admitting(64));
			assert_eq!(turns().len() as u64, late);
			assert_eq!(at_start(16), admitting(late));
			assert!(turns().is_empty());
		});
	}
}

#[test]
fn the_draws_of_a_block_are_without_those_whose_turn_comes_in_the_next() {
	pool().build_and_execute(|| {
		at_start(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		at_start(14);
		assert_ok!(request(1));
		assert_ok!(request(2));
		KnownSince::set(Some(u64::MAX));
		// The draws come first, and what both weigh is declared.
		let drawing = (Weights::draw() + Protocol::on_draw_weight()) * 2;
		assert_eq!(at_start(15), admitting(1) + drawing);
		let empty = Outcome::Open { reason: OpenReason::EmptyPool };
		assert_eq!(outcomes(), [(1, empty.clone()), (2, empty)]);
		assert_eq!(drawable(), 4);
		assert_ok!(request(3));
		at_start(16);
		assert_eq!(outcomes(), [(3, Outcome::Assigned { prover: ALICE, reward_per_gas: 100 })]);
	});
}

#[test]
fn nobody_is_let_in_during_a_migration_and_all_afterwards() {
	rush().build_and_execute(|| {
		at_start(10);
		enter(101..=150);
		at_start(11);
		enter(151..=180);
		Migrating::set(true);
		for block in 12..40 {
			assert_eq!(at_start(block), admitting(0));
		}
		assert_eq!(turns().len(), 80);
		Migrating::set(false);
		assert_eq!(at_start(40), admitting(64));
		assert_eq!(turns().first(), Some(&(11, 68)));
		assert_eq!(at_start(41), admitting(16));
		assert!(turns().is_empty());
	});
}

#[test]
fn whoever_leaves_waits_no_longer() {
	pool().provers(&[(BOB, 1_000, 100, 4)]).build_and_execute(|| {
		at_start(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_ok!(stake(CAROL, 1_000, 100, 3));
		assert_eq!(places(), Places { all: 11, waiting: 7, waiting_members: 2 });
		advance_clock(11);
		assert_ok!(exit(ALICE));
		assert_eq!(turns(), [(10, 3)]);
		assert_eq!(places(), Places { all: 7, waiting: 3, waiting_members: 1 });
		// Who comes back begins anew, in whatever slot.
		at_start(12);
		assert_ok!(stake(CAROL, 1_000, 100, 3));
		assert_eq!(turns(), [(12, 2)]);
		assert_eq!(at_start(15), admitting(0));
		assert_eq!(at_start(17), admitting(1));
		assert_eq!(places(), Places { all: 7, waiting: 0, waiting_members: 0 });
	});
}

#[test]
fn a_turn_goes_with_the_one_who_is_replaced() {
	pool().max_provers(1).build_and_execute(|| {
		at_start(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		// In the same block: the same turn, another's.
		assert_ok!(stake(BOB, 2_000, 100, 5));
		assert_eq!((turns(), drawable()), (vec![(10, 1)], 0));
		at_start(13);
		assert_ok!(stake(CAROL, 3_000, 100, 6));
		assert_eq!(turns(), [(13, 1)]);
		assert_eq!(places(), Places { all: 6, waiting: 6, waiting_members: 1 });
		// Bob's turn would have come.
		assert_eq!(at_start(15), admitting(0));
		assert!(prover(CAROL).unwrap().waiting);
		assert_eq!(at_start(18), admitting(1));
		assert!(!prover(CAROL).unwrap().waiting);
	});
}

/// Alice has worked, left and come back: she waits with three blocks to answer for.
fn waiting_with_work(pool: ExtBuilder, test: impl FnOnce()) {
	pool.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)]).build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		advance_clock(11);
		at_start(10);
		assert_ok!(stake(ALICE, 1_000, 100, 5));
		assert_eq!(turns(), [(10, 1)]);
		assert_eq!(places(), Places { all: 6, waiting: 2, waiting_members: 1 });
		test();
	});
}

#[test]
fn work_delivered_while_waiting_frees_places_that_wait() {
	waiting_with_work(pool(), || {
		assert_ok!(release(1));
		assert_ok!(discharge(2));
		assert_eq!(places(), Places { all: 8, waiting: 4, waiting_members: 1 });
		assert_eq!((ProverPool::get_capacity(), drawable()), (8, 4));
		assert_eq!(turns(), [(10, 1)]);
		assert_eq!(at_start(15), admitting(1));
		assert_eq!((ProverPool::get_capacity(), drawable()), (8, 8));
	});
}

#[test]
fn a_slash_that_ejects_ends_the_wait() {
	waiting_with_work(pool().ejection_threshold(Perbill::one()), || {
		pool_events();
		// Of five places' 250 are 200 left.
		assert_ok!(slash(1, 200));
		assert_eq!(pool_events(), [slashed(1, ALICE, 0, 800), forced_out(ALICE, 200, 200)]);
		assert!(turns().is_empty());
		assert_eq!(places(), Places { all: 4, waiting: 0, waiting_members: 0 });
		assert_eq!(at_start(15), admitting(0));
		assert_eq!(prover(ALICE), None);
	});
}

#[test]
fn a_slash_that_does_not_eject_leaves_the_wait_as_it_is() {
	waiting_with_work(pool(), || {
		assert_ok!(slash(1, 100));
		assert_eq!(turns(), [(10, 1)]);
		assert_eq!(at_start(14), admitting(0));
		assert_eq!(at_start(15), admitting(1));
		let weights: Vec<_> = ProverPool::get_prover_weights(FEE, 1, 9)
			.into_iter()
			.map(|prover| prover.weight)
			.collect();
		assert_eq!(weights, [weight(600, 100), weight(1_000, 100)]);
	});
}

#[test]
fn the_delay_is_that_of_now() {
	// Shorter, none, longer, and shorter than what has passed: Alice entered in 10.
	for (changed_to, in_block) in [(3, 13), (0, 13), (8, 18), (1, 13), (u64::MAX, 0)] {
		pool().build_and_execute(|| {
			at_start(10);
			assert_ok!(stake(ALICE, 1_000, 100, 4));
			at_start(12);
			EntryDelay::set(changed_to);
			// What was in order before still is.
			assert_ok!(ProverPool::do_try_state());
			for block in 13..30 {
				let due = block == in_block;
				assert_eq!(at_start(block), admitting(due.into()), "{changed_to}, {block}");
			}
			assert_eq!(prover(ALICE).unwrap().waiting, in_block == 0);
		});
	}
}

#[test]
fn a_delay_comes_too_late_for_those_who_are_in() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		EntryDelay::set(100);
		assert_ok!(stake(BOB, 1_000, 100, 4));
		assert_eq!((turns(), drawable()), (vec![(1, 2)], 4));
		assign(1, ALICE);
	});
}

#[test]
fn without_a_delay_nobody_waits() {
	ExtBuilder::default().build_and_execute(|| {
		at_start(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert!(!prover(ALICE).unwrap().waiting);
		assert!(turns().is_empty());
		assert_eq!(drawable(), 4);
		assert_ok!(request(1));
		KnownSince::set(Some(10));
		// Made in the block of the entry, with a seed of that block: not drawn yet.
		assert_eq!(at_start(11), admitting(0));
		KnownSince::set(Some(11));
		let drawing = Weights::draw() + Protocol::on_draw_weight();
		assert_eq!(at_start(12), admitting(0) + drawing);
		assert_eq!(assignment(1).unwrap().prover, ALICE);
	});
}
