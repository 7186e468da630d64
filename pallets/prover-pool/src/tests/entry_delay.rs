//! When draws and rank learn of entries and changes (R5, R9).

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::OpenReason;
use sp_core::U256;

use crate::{mock::*, Listing, MemberStatus, Offer, OrderedKey, PendingChanges};

const DELAY: u64 = 3;

/// Provers of a genesis are listed at once.
fn one_prover() -> ExtBuilder {
	ExtBuilder::default().entry_delay(DELAY).provers(&[(ALICE, 1_000, 100, 4)])
}

fn listing(who: AccountId) -> Listing<Balance> {
	prover(who).unwrap().listing
}

/// The block and the slot of each change that waits.
fn waiting() -> Vec<(u64, u64)> {
	PendingChanges::<Test>::iter_keys().map(|key: OrderedKey| (key.time(), key.id())).collect()
}

fn listed(who: AccountId) -> Event {
	Event::OfferListed { who }
}

const OFFER: Offer<Balance> =
	Offer { stake: 1_000, reward_per_gas: 100, max_capacity: 4, paused: false };

#[test]
fn an_entry_is_drawn_after_the_delay_and_one_block() {
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		run_to_block(5);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(listing(ALICE), Listing::Entering(OFFER));
		assert_eq!(waiting(), [(5, 1)]);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Entering);
		assert_eq!(ProverPool::get_capacity(), 0);
		System::reset_events();

		run_to_block(6);
		assert_ok!(request(1));
		assert_ok!(request(2));
		// Draws of block 8 come before listings, and so the delay ends with that block.
		run_to_block(8);
		let not_found =
			|block_id| Event::ProverNotFound { block_id, reason: OpenReason::EmptyPool };
		assert_eq!(
			pool_events(),
			[requested(1), requested(2), not_found(1), not_found(2), listed(ALICE)]
		);
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
		assert_eq!(ProverPool::get_capacity(), 4);
		assign(3, ALICE);
	});
}

#[test]
fn the_delay_is_counted_in_system_blocks() {
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(50_000);
		run_blocks(2);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Entering);
		run_blocks(1);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
	});
}

/// What each kind of change is, and what the records say afterwards.
type Change = (fn() -> sp_runtime::DispatchResult, Offer<Balance>);

#[test]
fn draws_use_the_old_offer_until_the_delay_of_a_change_is_over() {
	let changes: [Change; 3] = [
		(|| stake_extra(ALICE, 500), Offer { stake: 1_500, ..OFFER }),
		(|| set_terms(ALICE, 80, 7), Offer { reward_per_gas: 80, max_capacity: 7, ..OFFER }),
		(|| pause(ALICE), Offer { paused: true, ..OFFER }),
	];
	for (change, after) in changes {
		one_prover().build_and_execute(|| {
			let weights = || ProverPool::get_prover_weights(FEE, 1, 9);
			let before = weights();
			run_to_block(10);
			assert_ok!(change());
			let row = prover_row(ALICE).unwrap();
			assert_eq!((row.offer, row.listed, row.changed_in), (after, Some(OFFER), 10));
			assert_eq!(waiting(), [(10, 1)]);
			for block in 10..13 {
				run_to_block(block);
				assert_eq!(weights(), before, "at {block}");
				assert_eq!(ProverPool::get_capacity(), 4);
			}
			System::reset_events();
			run_to_block(13);
			assert_eq!(pool_events(), [listed(ALICE)]);
			assert_ne!(weights(), before);
			assert_eq!(prover_row(ALICE).unwrap().listed, None);
			assert_eq!(waiting(), []);
		});
	}
}

#[test]
fn a_draw_in_the_last_block_of_the_delay_uses_the_old_price_and_terms() {
	one_prover().build_and_execute(|| {
		run_to_block(10);
		assert_ok!(set_terms(ALICE, 80, 10));
		run_to_block(11);
		assert_ok!(request(1));
		run_to_block(12);
		assert_ok!(request(2));
		run_to_block(14);
		let terms = |block_id| {
			let assignment = assignment(block_id).unwrap();
			(assignment.reward_per_gas, assignment.terms.max_capacity)
		};
		assert_eq!(terms(1), (100, 4));
		assert_eq!(terms(2), (80, 10));
		// A capacity that draws did not use must not shrink the slash: 1 000 · 20 % / 4.
		assert_eq!(slash(1, 0), Ok(50));
		// 950 · 20 % / 10.
		assert_eq!(slash(2, 0), Ok(19));
	});
}

#[test]
fn free_capacity_is_that_of_the_offer_that_draws_use() {
	one_prover().build_and_execute(|| {
		assign(1, ALICE);
		assign(2, ALICE);
		assert_ok!(set_terms(ALICE, 100, 10));
		assert_eq!(prover_row(ALICE).unwrap().current_capacity, 8);
		assert_eq!(ProverPool::get_capacity(), 2);
		assert_ok!(release(1));
		assert_eq!(ProverPool::get_capacity(), 3);
		run_blocks(DELAY);
		assert_eq!(ProverPool::get_capacity(), 9);
	});
}

#[test]
fn draws_never_use_more_stake_than_there_is() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		// Less stake counts at once, and nothing waits.
		assert_ok!(unstake(ALICE, 300));
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		let weight = || ProverPool::get_prover_weights(FEE, 1, 9)[0].weight;
		let of = |stake: u64| (U256::from(stake) << 64) / (100 * 100);
		assert_eq!(weight(), of(700));
		// More is not used before its time, less is.
		assert_ok!(stake_extra(ALICE, 500));
		assert_eq!(weight(), of(700));
		assign(1, ALICE);
		assert_eq!(slash(1, 200), Ok(800));
		assert_eq!(prover(ALICE).unwrap().stake, 1_200 - 640);
		assert_eq!(weight(), of(560));
		run_blocks(DELAY);
		assert_eq!(weight(), of(560));
	});
}

#[test]
fn stake_that_left_counts_again_only_after_the_delay() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		// While a change waits that draws must not see yet …
		assert_ok!(set_terms(ALICE, 90, 4));
		assert_ok!(unstake(ALICE, 700));
		// … the stake leaves and comes back.
		assert_ok!(restake(ALICE, 0));
		assert_eq!(listing(ALICE), Listing::Changing(Offer { stake: 300, ..OFFER }));
		assert_eq!(prover(ALICE).unwrap().stake, 1_000);
		run_blocks(DELAY);
		assert_eq!(listing(ALICE), Listing::Current);
	});
	// The same for a member that is entering.
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(11);
		run_blocks(1);
		assert_ok!(unstake(ALICE, 700));
		assert_ok!(restake(ALICE, 0));
		run_blocks(DELAY - 1);
		assert_eq!(listing(ALICE), Listing::Changing(Offer { stake: 300, ..OFFER }));
		run_blocks(1);
		assert_eq!(listing(ALICE), Listing::Current);
	});
}

#[test]
fn a_slash_drops_a_change_that_it_made_void() {
	one_prover().build_and_execute(|| {
		assign(1, ALICE);
		assert_ok!(stake_extra(ALICE, 500));
		assert_eq!(waiting().len(), 1);
		// 1 500 − 600: less than the 1 000 that draws use.
		assert_eq!(slash(1, 150), Ok(600));
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
	});
}

#[test]
fn a_change_that_ends_where_draws_are_needs_no_delay() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(pause(ALICE));
		assert_ok!(resume(ALICE));
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		assert_ok!(stake_extra(ALICE, 500));
		assert_ok!(unstake(ALICE, 700));
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		System::reset_events();
		run_blocks(10);
		assert_eq!(pool_events(), []);
	});
}

#[test]
fn every_change_restarts_the_delay() {
	one_prover().build_and_execute(|| {
		run_to_block(10);
		assert_ok!(set_terms(ALICE, 90, 4));
		run_to_block(12);
		assert_ok!(stake_extra(ALICE, 500));
		assert_eq!(waiting(), [(12, 1)]);
		System::reset_events();
		run_to_block(14);
		// Both wait, and draws use the offer before both.
		assert_eq!((listing(ALICE), pool_events()), (Listing::Changing(OFFER), vec![]));
		run_to_block(15);
		assert_eq!(pool_events(), [listed(ALICE)]);
		assert_eq!(listing(ALICE), Listing::Current);
	});
}

/// Else an account could hold a slot that rank does not see, by changing its offer again and again.
#[test]
fn an_entering_member_is_listed_on_time_with_the_offer_of_its_entry() {
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		run_to_block(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		run_to_block(12);
		assert_ok!(set_terms(ALICE, 80, 5));
		assert_eq!((listing(ALICE), waiting()), (Listing::Entering(OFFER), vec![(10, 1)]));
		System::reset_events();
		run_to_block(13);
		assert_eq!(pool_events(), [listed(ALICE)]);
		assert_eq!((listing(ALICE), waiting()), (Listing::Changing(OFFER), vec![(12, 1)]));
		assert_eq!(ProverPool::get_capacity(), 4);
		run_to_block(15);
		assert_eq!(pool_events(), [listed(ALICE)]);
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		assert_eq!(ProverPool::get_capacity(), 5);
	});
}

#[test]
fn a_change_in_the_block_of_the_entry_is_listed_after_the_entry() {
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		run_to_block(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_ok!(set_terms(ALICE, 80, 5));
		System::reset_events();
		run_to_block(13);
		assert_eq!(listing(ALICE), Listing::Changing(OFFER));
		run_to_block(14);
		assert_eq!(listing(ALICE), Listing::Current);
		assert_eq!(pool_events(), [listed(ALICE), listed(ALICE)]);
	});
}

#[test]
fn an_entering_member_with_less_stake_than_at_its_entry_is_listed_with_less() {
	ExtBuilder::default().entry_delay(DELAY).build_and_execute(|| {
		MinChangeDelay::set(0);
		run_to_block(10);
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		advance_clock(1);
		assert_ok!(unstake(ALICE, 400));
		assert_eq!(ProverPool::get_capacity(), 0);
		run_to_block(13);
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
		assert_eq!(prover(ALICE).unwrap().stake, 600);
	});
}

#[test]
fn a_member_that_leaves_takes_its_change_with_it() {
	ExtBuilder::default().entry_delay(DELAY).provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(
		|| {
			advance_clock(11);
			assert_ok!(stake(BOB, 1_000, 100, 4));
			assert_ok!(set_terms(ALICE, 90, 4));
			advance_clock(11);
			assert_ok!(exit(ALICE));
			assert_ok!(exit(BOB));
			assert_eq!(waiting(), []);
			// The slots have other members now, with delays of their own.
			run_blocks(1);
			assert_ok!(stake(CAROL, 1_000, 100, 4));
			System::reset_events();
			run_blocks(DELAY - 1);
			assert_eq!(pool_events(), []);
			run_blocks(1);
			assert_eq!(pool_events(), [listed(CAROL)]);
		},
	);
}

// Rank.

#[test]
fn an_entering_member_is_not_ranked_and_cannot_be_replaced() {
	ExtBuilder::default().entry_delay(DELAY).max_provers(1).build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_noop!(stake(BOB, 9_000, 100, 4), Error::ProverNotGoodEnough);
		run_blocks(DELAY);
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_eq!(slot(1), Some(BOB));
	});
}

#[test]
fn rank_uses_the_stake_that_draws_use() {
	one_prover().max_provers(1).build_and_execute(|| {
		assert_ok!(stake_extra(ALICE, 5_000));
		System::reset_events();
		// By rank Alice still has 1 000; what leaves is all that she has.
		assert_ok!(stake(BOB, 1_001, 100, 4));
		assert_eq!(pool_events(), [forced_out(ALICE, 6_000, 0), staked(BOB, 1, 1_001, 100, 4)]);
		assert_eq!(waiting(), [(1, 1)]);
	});
	one_prover().max_provers(1).build_and_execute(|| {
		assert_ok!(stake_extra(ALICE, 5_000));
		run_blocks(DELAY);
		assert_noop!(stake(BOB, 1_001, 100, 4), Error::ProverNotGoodEnough);
	});
}

// Many at once.

#[test]
fn at_most_max_admissions_are_listed_in_a_block_the_oldest_first() {
	ExtBuilder::default()
		.entry_delay(DELAY)
		.max_admissions(2)
		.max_provers(5)
		.provers(&[(ALICE, 1_000, 100, 4)])
		.build_and_execute(|| {
			run_to_block(10);
			for who in [BOB, CAROL, DAVE] {
				assert_ok!(stake(who, 1_000, 100, 4));
			}
			run_to_block(11);
			assert_ok!(stake(EVE, 1_000, 100, 4));
			assert_ok!(set_terms(ALICE, 90, 4));
			System::reset_events();
			run_to_block(12);
			assert_eq!(pool_events(), []);
			// Of the same block in the order of slots: Alice's is the lowest of block 11.
			for (block, expected) in [
				(13, vec![listed(BOB), listed(CAROL)]),
				(14, vec![listed(DAVE), listed(ALICE)]),
				(15, vec![listed(EVE)]),
				(16, vec![]),
			] {
				run_to_block(block);
				assert_eq!(pool_events(), expected, "at {block}");
			}
		});
}

#[test]
fn nothing_is_listed_while_a_migration_runs() {
	one_prover().build_and_execute(|| {
		assert_ok!(set_terms(ALICE, 90, 4));
		Migrating::set(true);
		run_blocks(20);
		assert_eq!(waiting(), [(1, 1)]);
		Migrating::set(false);
		run_blocks(1);
		assert_eq!(waiting(), []);
	});
}

#[test]
fn the_delay_is_read_when_it_may_be_over() {
	one_prover().build_and_execute(|| {
		assert_ok!(set_terms(ALICE, 90, 4));
		EntryDelay::set(10);
		run_to_block(10);
		assert_eq!(waiting(), [(1, 1)]);
		EntryDelay::set(1);
		run_to_block(11);
		assert_eq!(waiting(), []);
		// A delay that was lifted ends the wait of a change that was made before.
		EntryDelay::set(5);
		assert_ok!(set_terms(ALICE, 80, 4));
		EntryDelay::set(0);
		assert_ok!(set_terms(ALICE, 70, 4));
		assert_eq!((listing(ALICE), waiting()), (Listing::Current, vec![]));
	});
}
