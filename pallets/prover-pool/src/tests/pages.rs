//! Slots beyond the first page of 1,024.

use std::{cmp::Reverse, collections::BTreeSet};

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, slots::PAGE, Books, Pages, Stakers};

/// As many members as slots, account n in slot n. The stakes rise with the slot.
fn full(slots: u32) -> ExtBuilder {
	let member = |slot: u32| (AccountId::from(slot), stake_of(slot), price_of(slot), 4);
	let members: Vec<_> = (1..=slots).map(member).collect();
	// And some who are not in the pool.
	(1..=slots + 400)
		.fold(ExtBuilder::default().max_provers(slots), |pool, who| {
			pool.balance(who.into(), 20_000)
		})
		.provers(&members)
}

fn stake_of(slot: u32) -> Balance {
	1_000 + Balance::from(slot)
}

fn price_of(slot: u32) -> u32 {
	50 + slot * 7 % 100
}

/// Which of the first pages are marked as taken to the last.
fn full_pages() -> Vec<u32> {
	let book = Books::<Test>::get();
	(0..4).filter(|page| book.full.has(*page)).collect()
}

fn slot_of(who: AccountId) -> Option<u32> {
	staker(who).prover_id
}

/// Slots that are left and taken again come back from the lowest, on whatever page they are.
fn left_and_taken_again(slots: u32, left: &[u32]) {
	full(slots).build_and_execute(|| {
		advance_clock(11);
		let pages = full_pages();
		assert_eq!(pages, (0..slots / PAGE).collect::<Vec<_>>());
		for slot in left {
			assert_ok!(exit((*slot).into()));
		}
		let open: BTreeSet<_> = left.iter().map(|slot| (slot - 1) / PAGE).collect();
		let rest: Vec<_> = pages.iter().filter(|page| !open.contains(page)).copied().collect();
		assert_eq!(full_pages(), rest);
		assert_ok!(ProverPool::do_try_state());

		let vacant: BTreeSet<_> = left.iter().copied().collect();
		for (who, slot) in (AccountId::from(slots) + 1..).zip(vacant) {
			assert_ok!(stake(who, 200, 60, 4));
			assert_eq!(slot_of(who), Some(slot), "of {slots} slots");
		}
		assert_eq!(full_pages(), pages);
		assert_noop!(stake((slots + 400).into(), 200, 60, 4), Error::ProverNotGoodEnough);
	})
}

#[test]
fn the_lowest_vacant_slot_is_found_on_every_page() {
	left_and_taken_again(1_030, &[1_030, 1_024, 7, 1_025, 1, 1_028]);
	left_and_taken_again(2_100, &[2_049, 1_500, 2_100, 64, 1_024, 1_025, 65, 2_048, 2_050]);
	// Only the last page has vacant slots; only one in the middle; only the first.
	left_and_taken_again(2_100, &[2_099, 2_051]);
	left_and_taken_again(2_100, &[2_048, 1_025, 1_026]);
	left_and_taken_again(2_100, &[1_024]);
}

#[test]
fn a_page_that_ends_with_the_pool_is_full() {
	left_and_taken_again(1_024, &[1_024, 1, 512]);
	left_and_taken_again(2_048, &[2_048, 1_025, 1_024]);
}

/// Coming and going in any order, beside the set of the slots that are taken.
#[test]
fn coming_and_going_on_all_pages() {
	for slots in [1_030, 2_100] {
		full(slots).build_and_execute(|| {
			let mut vacant = BTreeSet::new();
			let mut outside: Vec<AccountId> =
				(slots + 1..=slots + 400).map(AccountId::from).collect();
			let mut occupants: Vec<AccountId> = (0..=slots).map(AccountId::from).collect();
			let mut number = 1u64;
			for round in 0..600 {
				advance_clock(11);
				// Without a pattern, the same in every run; more leave at first, more come at last.
				number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
				let any = (number >> 33) as u32;
				let coming = any / slots % 5 < if round < 300 { 1 } else { 3 };
				match vacant.first().copied() {
					Some(slot) if coming => {
						let who = outside.remove(0);
						assert_ok!(stake(who, 500, 60 + any % 80, 4));
						assert_eq!(slot_of(who), Some(slot));
						vacant.remove(&slot);
						occupants[slot as usize] = who;
					},
					_ => {
						let slot = 1 + any % slots;
						let who = occupants[slot as usize];
						if vacant.insert(slot) {
							assert_ok!(exit(who));
							outside.push(who);
						}
					},
				}
			}
			assert!(vacant.len() > 50, "{}", vacant.len());
			let taken: Vec<_> = (1..=slots).filter(|slot| !vacant.contains(slot)).collect();
			let shown: Vec<_> = ProverPool::get_provers(1, u32::MAX);
			assert!(shown.iter().map(|(slot, _)| slot).eq(&taken));
			assert!(shown.iter().all(|(slot, prover)| prover.who == occupants[*slot as usize]));
		});
	}
}

#[test]
fn the_smallest_is_replaced_on_whatever_page() {
	full(2_100).build_and_execute(|| {
		// The stakes rise with the slot, so slot 1 is the smallest; now three others tie below it.
		advance_clock(11);
		for slot in [1_026, 2_077, 1_025] {
			assert_ok!(exit(slot));
		}
		for who in [2_401, 2_402, 2_403] {
			assert_ok!(stake(who, 900, 60, 4));
		}
		System::reset_events();
		for (who, slot) in [(2_401, 1_025), (2_402, 1_026), (2_403, 2_077)] {
			assert_eq!(slot_of(who), Some(slot));
			assert_noop!(stake(who + 10, 900, 60, 4), Error::ProverNotGoodEnough);
			assert_ok!(stake(who + 10, 5_000, 60, 4));
			assert_eq!((slot_of(who), slot_of(who + 10)), (None, Some(slot)));
			assert_eq!(full_pages(), [0, 1]);
		}
		assert_eq!(
			pool_events(),
			[
				forced_out(2_401, 900, 900),
				staked(2_411, 5_000, 60, 4),
				forced_out(2_402, 900, 900),
				staked(2_412, 5_000, 60, 4),
				forced_out(2_403, 900, 900),
				staked(2_413, 5_000, 60, 4),
			]
		);
		// And back on the first page.
		assert_ok!(stake(2_415, 5_000, 60, 4));
		assert_eq!(slot_of(2_415), Some(1));
	});
}

#[test]
fn a_page_is_stored_when_the_pool_grows_into_it() {
	full(1_024).build_and_execute(|| {
		assert_eq!(Pages::<Test>::iter().count(), 0, "the first is in the book");
		assert_noop!(stake(1_400, 1_001, 60, 4), Error::ProverNotGoodEnough);
		MaxProvers::set(1_026);
		for (who, slot) in [(1_400, 1_025), (1_401, 1_026)] {
			assert_ok!(stake(who, 1_001, 60, 4));
			assert_eq!(slot_of(who), Some(slot));
		}
		assert_noop!(stake(1_402, 1_001, 60, 4), Error::ProverNotGoodEnough);
		assert_eq!(Pages::<Test>::iter_keys().collect::<Vec<_>>(), [1]);
		assert_eq!(full_pages(), [0]);
	});
}

#[test]
fn queries_page_over_the_pages() {
	full(2_100).build_and_execute(|| {
		advance_clock(11);
		// Holes at the edges, and a long one.
		for slot in (1_020..1_026).chain(1_200..1_400).chain([1, 2_048, 2_100]) {
			assert_ok!(exit(slot));
		}
		let mut members: Vec<_> = Stakers::<Test>::iter_values()
			.filter_map(|(staker, prover)| Some((staker.prover_id?, prover?)))
			.collect();
		members.sort_by_key(|(slot, _)| *slot);
		assert_eq!(members.len(), 2_100 - 209);
		assert_eq!(ProverPool::get_provers(0, u32::MAX), members);

		let weights = ProverPool::get_prover_weights(90, 1, u32::MAX);
		assert!(weights
			.iter()
			.map(|weight| weight.prover_id)
			.eq(members.iter().map(|(slot, _)| *slot)));
		let total: u64 = weights.iter().map(|weight| weight.share).sum();
		assert!((10u64.pow(18) - 2_100..=10u64.pow(18)).contains(&total), "{total}");

		for start in
			[2, 1_019, 1_020, 1_024, 1_025, 1_026, 1_300, 2_047, 2_048, 2_049, 2_099, 2_100]
		{
			let from = members.partition_point(|(slot, _)| *slot < start);
			for limit in [0, 1, 4, 60] {
				let to = (from + limit as usize).min(members.len());
				assert_eq!(ProverPool::get_provers(start, limit), members[from..to]);
				assert_eq!(ProverPool::get_prover_weights(90, start, limit), weights[from..to]);
			}
		}
		assert_eq!(ProverPool::get_provers(2_101, 9), []);
		assert_eq!(ProverPool::get_provers(u32::MAX, u32::MAX), []);
		assert_eq!(ProverPool::get_prover_weights(90, u32::MAX, u32::MAX), []);

		// Page after page, as a client asks.
		let (mut next, mut seen) = (1, Vec::new());
		loop {
			let page = ProverPool::get_provers(next, 100);
			let Some((last, _)) = page.last() else { break };
			next = last + 1;
			seen.extend(page);
		}
		assert_eq!(seen, members);
	});
}

/// Draws reach the last page, and what they leave behind is right there too.
#[test]
fn everybody_can_be_drawn_on_every_page() {
	full(2_100).build_and_execute(|| {
		for slot in [1u32, 1_024, 1_025, 2_048, 2_049, 2_100] {
			let who = AccountId::from(slot);
			assign(slot.into(), who);
			assert_eq!(prover(who).unwrap().current_capacity, 3);
		}
		let mut drawn: Vec<_> = ProverPool::get_provers(1, u32::MAX);
		drawn.sort_by_key(|(_, prover)| (prover.current_capacity, Reverse(prover.who)));
		let busy: Vec<_> = drawn[..6].iter().map(|(slot, _)| *slot).collect();
		assert_eq!(busy, [2_100, 2_049, 2_048, 1_025, 1_024, 1]);
		assert_eq!(ProverPool::get_capacity(), 4 * 2_100 - 6);
	});
}
