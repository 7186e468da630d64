//! Draws over all points of a small index, counted.

use sp_core::{ConstU32, U256};
use std::{collections::BTreeMap, println, vec::Vec};

use super::{both_of, entry, Numbers};
use crate::{weight, Band, Entry, Key};

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
		let both = both_of::<ConstU32<5>>(entries.clone());
		let (one, other) = (entries[3].key.price, entries[4].key.price);
		let band = Band::new(one.min(other), one.max(other)).unwrap();
		let totals = both.index.totals(band).unwrap();
		let total = totals.weight().as_u64();

		let mut drawn = BTreeMap::<Key, u64>::new();
		for point in 0..total {
			let entry = both.index.draw(band, point.into()).unwrap().unwrap();
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
			// In a group that shares a price: the share of the group's weight, to less than one point.
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
	let both = both_of::<ConstU32<4>>(entries.clone());
	for band in [(1, u32::MAX), (u32::MAX, u32::MAX), (1, u32::MAX - 1)] {
		let band = Band::new(band.0, band.1).unwrap();
		assert_eq!(both.index.totals(band).unwrap().weight(), 9.into());
		for entry in &entries {
			let point = both.index.point_of(entry.key, band).unwrap();
			assert_eq!(point, Some(entry.key.id.into()));
			assert_eq!(both.index.draw(band, point.unwrap()), Ok(Some(*entry)));
		}
	}
}

/// The greatest numbers there are: 2¹²⁸ − 1 staked at price 1, in each group.
#[test]
fn the_greatest_stake_fits() {
	let half = u128::MAX / 2;
	let entries = [entry(1, 0, half), entry(1, 1, half), entry(1, 2, 1)];
	let both = both_of::<ConstU32<4>>(entries.into());
	for (floor, ceiling) in [(1, 1), (1, 9), (2, 2), (u32::MAX, u32::MAX)] {
		let band = Band::new(floor, ceiling).unwrap();
		let totals = both.index.totals(band).unwrap();
		assert_eq!(totals.weight(), weight(u128::MAX, floor));
		for seed in [U256::zero(), totals.weight() - 1, U256::MAX] {
			both.compare(band, seed);
		}
	}
}

#[test]
fn bands() {
	assert_eq!(Band::new(2, 1), None);
	assert_eq!(Band::new(0, 0), None);
	// What a fee of 1 gives: nothing is below a floor of 0.
	assert_eq!(Band::new(0, 1), Band::new(1, 1));
	let band = Band::new(3, 5).unwrap();
	assert_eq!([1, 3, 4, 5, 9].map(|price| band.clamp(price)), [3, 3, 4, 5, 5]);
}
