//! Results that can be computed by hand, of the lottery and of the scan (R4).

use prover_pool_primitives::{Drawn, ListedStake, OpenReason, Ranked, Selection};
use sp_core::U256;

use super::{candidate, Members};
use crate::{mock::*, weight};

/// The seed at `part` of `parts` of all seeds.
fn seed(part: u32, parts: u32) -> U256 {
	U256::MAX / parts * part
}

fn drawn(prover_id: u32, reward_per_gas: u32) -> Result<Drawn, OpenReason> {
	Ok(Drawn { prover_id, reward_per_gas })
}

macro_rules! for_both {
	($($name:ident)+) => {
		mod lottery {
			use super::*;
			$(#[test] fn $name() { ExtBuilder::default().build_and_execute(super::$name::<Lottery>); })+
		}
		mod scan {
			use super::*;
			$(#[test] fn $name() { ExtBuilder::default().build_and_execute(super::$name::<Naive>); })+
		}
	};
}

for_both! {
	draws_follow_stake_by_price_squared
	prices_are_clamped_to_the_band
	a_draw_without_a_result_says_why
	paused_and_full_candidates_are_ranked_and_not_drawn
	ties_go_to_the_lowest_slot
	slots_are_occupied_from_the_lowest
	a_member_without_a_candidate_only_has_a_slot
	weights_of_offers
}

fn draws_follow_stake_by_price_squared<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	// In the order of prices: 400 / 80² = 0.0625, 100 / 100² = 0.01, 144 / 120² = 0.01.
	members.enter(&mut session, candidate(144, 120, 1));
	members.enter(&mut session, candidate(100, 100, 1));
	members.enter(&mut session, candidate(400, 80, 1));
	let at = |part| session.draw(100, seed(part, 1_000)).map(|drawn| drawn.prover_id);
	// The limits of the shares of 82.5: 757.6 and 878.8 per mille.
	assert_eq!([0, 757, 758, 878, 879, 1_000].map(at), [3, 3, 2, 2, 1, 1].map(Ok));
	assert_eq!(session.draw(100, U256::MAX), drawn(1, 120));
	members.check(&session).unwrap();
}

fn prices_are_clamped_to_the_band<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	members.enter(&mut session, candidate(100, 1, 1));
	members.enter(&mut session, candidate(100, 1_000, 1));
	// At a fee of 100, the band is 75 to 125: shares 1 / 75² and 1 / 125², so 0.735 and 0.265.
	assert_eq!(session.draw(100, seed(735, 1_000)), drawn(1, 75));
	assert_eq!(session.draw(100, seed(736, 1_000)), drawn(2, 125));
	// At a fee of 1, the only price is 1.
	assert_eq!(session.draw(1, seed(1, 4)), drawn(1, 1));
	assert_eq!(session.draw(1, seed(3, 4)), drawn(2, 1));
	// At the highest fee, the band ends at the highest price.
	assert_eq!(session.draw(u32::MAX, U256::MAX), drawn(2, 3_221_225_471));
}

fn a_draw_without_a_result_says_why<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	let any = seed(1, 2);
	assert_eq!(session.draw(0, any), Err(OpenReason::ZeroFee));
	assert_eq!(session.draw(100, any), Err(OpenReason::EmptyPool));
	let slot = members.enter(&mut session, candidate(100, 100, 0));
	assert_eq!(session.draw(0, any), Err(OpenReason::ZeroFee));
	assert_eq!(session.draw(100, any), Err(OpenReason::NoFreeCapacity));
	members.update(&mut session, slot, Some(Candidate { paused: true, ..candidate(100, 100, 1) }));
	assert_eq!(session.draw(100, any), Err(OpenReason::EmptyPool));
	members.update(&mut session, slot, Some(candidate(100, 100, 1)));
	assert_eq!(session.draw(100, any), drawn(slot, 100));
	members.leave(&mut session, slot);
	assert_eq!(session.draw(100, any), Err(OpenReason::EmptyPool));
	// A band without a price above 0.
	members.enter(&mut session, candidate(100, 100, 1));
	PriceFloorPercent::set(0);
	PriceCeilingPercent::set(0);
	assert_eq!(session.draw(100, any), Err(OpenReason::NoFreeCapacity));
	assert_eq!(session.total_weight(100), U256::zero());
	assert_eq!(session.weight_of(100, &candidate(100, 100, 1)), (U256::zero(), 0));
}

fn paused_and_full_candidates_are_ranked_and_not_drawn<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	members.enter(&mut session, candidate(300, 100, 2));
	let paused = Candidate { paused: true, ..candidate(100, 100, 7) };
	members.enter(&mut session, paused);
	members.enter(&mut session, candidate(200, 100, 0));
	for part in 0..=10 {
		assert_eq!(session.draw(100, seed(part, 10)), drawn(1, 100));
	}
	assert_eq!(session.free_capacity(), 2);
	assert_eq!(session.listed_stake(), ListedStake { total: 600, paused: 100 });
	assert_eq!(session.total_weight(100), weight(300, 100));
	assert_eq!(session.lowest_ranked(), Some(Ranked { prover_id: 2, stake: 100 }));
	members.update(&mut session, 1, Some(Candidate { paused: true, ..candidate(250, 100, 2) }));
	assert_eq!(session.listed_stake(), ListedStake { total: 550, paused: 350 });
	members.leave(&mut session, 2);
	assert_eq!(session.listed_stake(), ListedStake { total: 450, paused: 250 });
	assert_eq!(session.lowest_ranked(), Some(Ranked { prover_id: 3, stake: 200 }));
	members.check(&session).unwrap();
}

fn ties_go_to_the_lowest_slot<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	for price in [90, 80, 70] {
		members.enter(&mut session, candidate(100, price, 1));
	}
	assert_eq!(session.lowest_ranked(), Some(Ranked { prover_id: 1, stake: 100 }));
	members.update(&mut session, 1, Some(candidate(101, 90, 1)));
	assert_eq!(session.lowest_ranked(), Some(Ranked { prover_id: 2, stake: 100 }));
}

fn slots_are_occupied_from_the_lowest<S: Selection<Balance>>() {
	assert_eq!(S::max_provers(), 4);
	let (mut session, mut members) = (S::open(), Members::default());
	for slot in 1..=4 {
		assert_eq!(session.vacant_slot(), Some(slot));
		members.enter(&mut session, candidate(100, 100, 1));
	}
	assert_eq!(session.vacant_slot(), None);
	members.leave(&mut session, 3);
	members.leave(&mut session, 2);
	assert_eq!(session.vacant_slot(), Some(2));
	assert_eq!(session.occupied_slots(0, 9), [1, 4]);
	assert_eq!(session.occupied_slots(1, 1), [1]);
	assert_eq!(session.occupied_slots(2, 9), [4]);
	assert!(session.occupied_slots(5, 9).is_empty());
	assert!(session.occupied_slots(u32::MAX, 9).is_empty());
}

fn a_member_without_a_candidate_only_has_a_slot<S: Selection<Balance>>() {
	let (mut session, mut members) = (S::open(), Members::default());
	session.occupy(1);
	members.0.insert(1, None);
	assert_eq!(session.vacant_slot(), Some(2));
	assert_eq!(session.occupied_slots(1, 9), [1]);
	assert_eq!(session.lowest_ranked(), None);
	assert_eq!(session.free_capacity(), 0);
	assert_eq!(session.listed_stake(), ListedStake::default());
	assert_eq!(session.draw(100, U256::zero()), Err(OpenReason::EmptyPool));
	members.check(&session).unwrap();
	session.vacate(1);
	assert_eq!(session.vacant_slot(), Some(1));
}

fn weights_of_offers<S: Selection<Balance>>() {
	let session = S::open();
	let weight_of = |candidate| session.weight_of(100, &candidate);
	assert_eq!(weight_of(candidate(500, 100, 1)), (weight(500, 100), 100));
	assert_eq!(weight_of(candidate(500, 10, 1)), (weight(500, 75), 75));
	assert_eq!(weight_of(candidate(500, 999, 1)), (weight(500, 125), 125));
	assert_eq!(weight_of(candidate(500, 100, 0)), (U256::zero(), 100));
	let paused = Candidate { paused: true, ..candidate(500, 100, 1) };
	assert_eq!(weight_of(paused), (U256::zero(), 100));
	assert_eq!(session.weight_of(0, &candidate(500, 100, 1)), (U256::zero(), 0));
}
