//! Draws of every point of small indices.

use sp_core::{ConstU32, U256};
use std::{collections::BTreeMap, println, vec::Vec};

use super::{entry, lockstep_of, Numbers};
use crate::{drawn_point, oracle::least_seed, weight, Entry, Key, PriceBand};

/// Close to the highest price, 2⁶⁴ / price² is close to 1, so that totals can be counted out.
fn small(numbers: &mut Numbers) -> Vec<Entry> {
	(0..30)
		.map(|id| {
			let price = u32::MAX - numbers.below(1 << 30) as u32;
			let stake = numbers.below(40).into();
			Entry { active: numbers.below(6) > 0, ..entry(price, id, stake) }
		})
		.collect()
}

#[test]
fn all_points_follow_the_weights() {
	let mut numbers = Numbers(4711);
	let mut points = 0u64;
	for _ in 0..12 {
		let entries = small(&mut numbers);
		let pair = lockstep_of::<ConstU32<5>>(entries.clone());
		let (one, other) = (entries[3].key.price, entries[4].key.price);
		let band = PriceBand::new(one.min(other), one.max(other)).unwrap();
		let totals = pair.index.totals(band).unwrap();
		let total = totals.weight().as_u64();

		let mut drawn = BTreeMap::<Key, u64>::new();
		for point in 0..total {
			let entry =
				pair.index.draw(band, least_seed(point.into(), total.into())).unwrap().unwrap();
			*drawn.entry(entry.key).or_default() += 1;
		}
		points += total;

		for entry in entries {
			let count = drawn.remove(&entry.key).unwrap_or_default();
			let own = weight(entry.stake, band.clamp(entry.key.price)).as_u64();
			let group_stake = if entry.key.price < band.floor() {
				totals.below.stake
			} else if entry.key.price > band.ceiling() {
				totals.above.stake
			} else {
				// Inside, to the point.
				assert_eq!(count, if entry.active { own } else { 0 });
				continue;
			};
			if !entry.active || entry.stake == 0 {
				assert_eq!(count, 0);
				continue;
			}
			// In a group that shares a price: the share of the group's weight, to less than one
			// point.
			let price = band.clamp(entry.key.price);
			let group = weight(group_stake, price) * U256::from(entry.stake);
			let share = (group / U256::from(group_stake)).as_u64();
			assert!(count == share || count == share + 1, "{count} of {share}");
			assert!(count >= 1 && count + 1 >= own);
		}
		assert!(drawn.is_empty());
	}
	println!("{points} points drawn, 12 indices in full");
}

/// Every stake can be drawn, however small, however high the price.
#[test]
fn the_least_stake_has_a_point() {
	let entries: Vec<_> = (0..9).map(|id| entry(u32::MAX, id, 1)).collect();
	let pair = lockstep_of::<ConstU32<4>>(entries.clone());
	for band in [(1, u32::MAX), (u32::MAX, u32::MAX), (1, u32::MAX - 1)] {
		let band = PriceBand::new(band.0, band.1).unwrap();
		assert_eq!(pair.index.totals(band).unwrap().weight(), 9.into());
		for entry in &entries {
			let seed = least_seed(entry.key.id.into(), 9.into());
			assert_eq!(pair.index.draw(band, seed), Ok(Some(*entry)));
		}
	}
}

/// The greatest numbers there are: 2¹²⁸ − 1 staked at price 1, in each group.
#[test]
fn the_greatest_stake_fits() {
	let half = u128::MAX / 2;
	let entries = [entry(1, 0, half), entry(1, 1, half), entry(1, 2, 1)];
	let pair = lockstep_of::<ConstU32<4>>(entries.into());
	for (floor, ceiling) in [(1, 1), (1, 9), (2, 2), (u32::MAX, u32::MAX)] {
		let band = PriceBand::new(floor, ceiling).unwrap();
		let totals = pair.index.totals(band).unwrap();
		assert_eq!(totals.weight(), weight(u128::MAX, floor));
		for seed in [U256::zero(), U256::one() << 255, U256::MAX] {
			pair.compare(band, seed);
		}
	}
}

#[test]
fn bands() {
	assert_eq!(PriceBand::new(2, 1), None);
	assert_eq!(PriceBand::new(0, 0), None);
	// Nothing is below a floor of 0.
	assert_eq!(PriceBand::new(0, 1), PriceBand::new(1, 1));
	let band = PriceBand::new(3, 5).unwrap();
	assert_eq!([1, 3, 4, 5, 9].map(|price| band.clamp(price)), [3, 3, 4, 5, 5]);
}

fn around(fee: u32, floor_percent: u32, ceiling_percent: u32) -> Option<(u32, u32)> {
	let band = PriceBand::around(fee, floor_percent, ceiling_percent)?;
	Some((band.floor(), band.ceiling()))
}

#[test]
fn both_ends_of_a_band_around_a_fee_are_rounded_down() {
	let band = |fee| around(fee, 75, 125);
	assert_eq!(band(0), None);
	assert_eq!(band(1), Some((1, 1)));
	assert_eq!(band(2), Some((1, 2)));
	assert_eq!(band(3), Some((2, 3)));
	assert_eq!(band(100), Some((75, 125)));
	// 125 · 34 359 739 does not fit 32 bits, and neither does 125 % of the highest fees.
	assert_eq!(band(34_359_739), Some((25_769_804, 42_949_673)));
	assert_eq!(band(u32::MAX / 5 * 4), Some((2_576_980_377, 4_294_967_295)));
	assert_eq!(band(u32::MAX), Some((3_221_225_471, u32::MAX)));
	// A floor above the ceiling counts as the ceiling; a ceiling of 0 leaves no price.
	assert_eq!(around(100, 200, 150), Some((150, 150)));
	assert_eq!(around(100, 0, 0), None);
	assert_eq!(around(u32::MAX, u32::MAX, u32::MAX), Some((u32::MAX, u32::MAX)));
}

#[test]
fn weights_are_exact() {
	assert_eq!(weight(1, 1), U256::one() << 64);
	assert_eq!(weight(3, 2), U256::from(3) << 62);
	// ⌊2⁶⁴ / 9⌋ and ⌊7 · 2⁶⁴ / 100⌋, rounded once.
	assert_eq!(weight(1, 3), U256::from(2_049_638_230_412_172_401u64));
	assert_eq!(weight(7, 10), U256::from(1_291_272_085_159_668_613u64));
	assert_eq!(weight(u128::MAX, 1), U256::from(u128::MAX) << 64);
	// 2⁶⁴ / (2³² − 1)² exceeds 1, so the smallest stake at the highest price counts.
	assert_eq!(weight(1, u32::MAX), U256::one());
	let square = U256::from(u32::MAX) * U256::from(u32::MAX);
	let (heavy, scaled) = (weight(u128::MAX, u32::MAX), U256::from(u128::MAX) << 64);
	assert!(heavy * square <= scaled && (heavy + 1) * square > scaled);
	for (stake, price) in [(0, 1), (u128::MAX, 0), (0, 0)] {
		assert_eq!(weight(stake, price), U256::zero());
	}
}

/// The sum of the heaviest entries that an index can have.
#[test]
fn the_largest_total_fits() {
	assert!(weight(u128::MAX, 1) * U256::from(crate::MAX_ENTRIES) < U256::one() << 212);
}

/// ⌊seed · total / 2²⁵⁶⌋ and its inverse.
#[test]
fn seeds_and_points() {
	let half = U256::one() << 255;
	for (seed, total, point) in [
		(U256::zero(), 10u64, 0u64),
		(U256::MAX, 10, 9),
		(half, 10, 5),
		(half - 1, 10, 4),
		(U256::MAX, 1, 0),
		(U256::MAX, 0, 0),
	] {
		assert_eq!(drawn_point(seed, total.into()), point.into());
	}
	assert_eq!(drawn_point(U256::MAX, U256::MAX), U256::MAX - 1);
	assert_eq!(least_seed(5.into(), 10.into()), half);
	let largest = U256::one() << 212;
	for total in [1.into(), 2.into(), 3.into(), 10.into(), largest - 1, largest] {
		for point in [U256::zero(), total / 3, total / 2, total - 1] {
			let seed = least_seed(point, total);
			assert_eq!(drawn_point(seed, total), point);
			assert!(seed.is_zero() || drawn_point(seed - 1, total) < point);
		}
	}
}

/// The weight that leaves bounds how far a point moves. With a remainder, one unit would move it
/// anywhere.
#[test]
fn a_small_departure_hardly_moves_a_point() {
	let total = weight(1_000_000, 100);
	let left = weight(1, 100);
	for seed in [U256::MAX / 3, U256::MAX / 7 * 5, U256::MAX] {
		let moved = drawn_point(seed, total) - drawn_point(seed, total - left);
		assert!(moved <= left);
	}
}
