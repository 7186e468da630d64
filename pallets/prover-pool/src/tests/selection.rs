//! The pure functions at their edges: what a draw makes of weights and prices (R4, D1, D8), which slots
//! are vacant (R1), whose turn it is (R5), how much a slash takes (R7, D2).

use codec::Encode;
use prover_pool_index::weight;
use sp_core::U256;
use sp_runtime::Perbill;

use crate::{
	selection::{seed_number, share, SHARE_UNIT},
	slots::{page_of, slot_at, PAGE},
	Page, PriceBand, SlashTerms, Turn,
};

fn u(n: u128) -> U256 {
	n.into()
}

/// 2ⁿ.
fn two_to(n: usize) -> U256 {
	U256::one() << n
}

// Weights.

#[test]
fn a_weight_is_the_stake_by_the_square_of_the_price_in_64_bit_fractions() {
	assert_eq!(weight(1, 1), two_to(64));
	assert_eq!(weight(3, 2), u(3) << 62);
	// ⌊2⁶⁴ / 9⌋.
	assert_eq!(weight(1, 3), u(2_049_638_230_412_172_401));
	// ⌊7 · 2⁶⁴ / 100⌋, rounded once.
	assert_eq!(weight(7, 10), u(1_291_272_085_159_668_613));
}

#[test]
fn weights_at_the_extremes_are_exact() {
	let max = u(u128::MAX);
	assert_eq!(weight(u128::MAX, 1), max << 64);
	// 2⁶⁴ / (2³² − 1)² is a little more than 1: the smallest stake at the highest price counts.
	assert_eq!(weight(1, u32::MAX), U256::one());
	// (2¹²⁸ − 1) · 2⁶⁴ / (2³² − 1)²: checked by multiplying back.
	let square = u(u128::from(u32::MAX) * u128::from(u32::MAX));
	let heavy = weight(u128::MAX, u32::MAX);
	assert!(heavy * square <= max << 64 && (heavy + 1) * square > max << 64);
}

#[test]
fn nothing_staked_or_no_price_weighs_nothing() {
	assert_eq!(weight(0, 1), U256::zero());
	assert_eq!(weight(u128::MAX, 0), U256::zero());
	assert_eq!(weight(0, 0), U256::zero());
}

#[test]
fn the_sum_of_the_largest_pool_fits() {
	let heaviest = weight(u128::MAX, 1);
	let sum = heaviest * U256::from(crate::MAX_PROVERS_LIMIT);
	assert!(sum < two_to(212));
	assert!(sum.checked_mul(U256::from(SHARE_UNIT)).is_none(), "why shares are taken one by one");
	assert!(heaviest.checked_mul(U256::from(SHARE_UNIT)).is_some());
}

// Shares.

#[test]
fn a_share_is_in_parts_per_quintillion_rounded_down() {
	assert_eq!(SHARE_UNIT, 10u64.pow(18));
	assert_eq!(share(u(1), u(3)), 333_333_333_333_333_333);
	assert_eq!(share(u(2), u(3)), 666_666_666_666_666_666);
	assert_eq!(share(u(1), u(1)), SHARE_UNIT);
	assert_eq!(share(u(0), u(5)), 0);
	assert_eq!(share(u(0), u(0)), 0);
	let heaviest = weight(u128::MAX, 1);
	assert_eq!(share(heaviest, heaviest), SHARE_UNIT);
	assert_eq!(share(heaviest, heaviest * 2), SHARE_UNIT / 2);
	assert_eq!(share(U256::one(), heaviest), 0);
}

// Seeds.

#[test]
fn a_seed_is_a_big_endian_number_of_its_first_256_bits() {
	assert_eq!(seed_number(&[]), U256::zero());
	assert_eq!(seed_number(&[1, 0]), u(256));
	assert_eq!(seed_number(&[0xff; 32]), U256::MAX);
	let mut long = [0u8; 64];
	long[31] = 5;
	long[32] = 7;
	assert_eq!(seed_number(&long), u(5));
}

// The band.

#[test]
fn both_ends_of_the_band_are_rounded_down() {
	let band = |fee| {
		let band = PriceBand::around(fee, 75, 125);
		(band.low, band.high)
	};
	assert_eq!(band(0), (0, 0));
	assert_eq!(band(1), (0, 1));
	assert_eq!(band(2), (1, 2));
	assert_eq!(band(3), (2, 3));
	assert_eq!(band(100), (75, 125));
	// 125 · 34 359 739 is more than 32 bits hold; so is 125 % of the highest fees.
	assert_eq!(band(34_359_739), (25_769_804, 42_949_673));
	assert_eq!(band(u32::MAX / 5 * 4), (2_576_980_377, 4_294_967_295));
	assert_eq!(band(u32::MAX), (3_221_225_471, u32::MAX));
}

#[test]
fn a_price_is_moved_into_the_band_and_no_further() {
	let band = PriceBand::around(100, 75, 125);
	for (price, agreed) in
		[(0, 75), (74, 75), (75, 75), (76, 76), (124, 124), (125, 125), (126, 125), (u32::MAX, 125)]
	{
		assert_eq!(band.clamp(price), agreed);
	}
	// A floor above the ceiling must not panic in a block: the ceiling wins.
	assert_eq!(PriceBand::around(100, 200, 50).clamp(100), 50);
	assert_eq!(PriceBand::around(u32::MAX, u32::MAX, u32::MAX).clamp(1), u32::MAX);
}

// Slots.

#[test]
fn the_lowest_vacant_slot_is_found_at_every_edge() {
	let mut page = Page::default();
	assert_eq!(page.first_clear(), Some(0));
	for bit in 0..PAGE {
		assert_eq!(page.first_clear(), Some(bit));
		assert!(!page.has(bit));
		page.set(bit, true);
		assert!(page.has(bit));
	}
	assert_eq!(page.first_clear(), None);
	assert_eq!(page.from(0).count(), PAGE as usize);
	assert_eq!(page.from(PAGE).count(), 0);
	for bit in [1_023, 64, 63, 0] {
		page.set(bit, false);
		assert_eq!(page.first_clear(), Some(bit));
	}
	assert_eq!(page.from(62).take(3).collect::<Vec<_>>(), [62, 65, 66]);
}

#[test]
fn slots_are_counted_from_1_and_pages_from_0() {
	for (slot, place) in
		[(1, (0, 0)), (1_024, (0, 1_023)), (1_025, (1, 0)), (1 << 20, (1_023, 1_023))]
	{
		assert_eq!(page_of(slot), place);
		assert_eq!(slot_at(place.0, place.1), slot);
	}
}

// Turns.

#[test]
fn turns_are_in_the_order_of_blocks_and_then_of_slots() {
	let turns = [(0, 1), (1, u32::MAX), (2, 1), (2, 256), (255, 7), (256, 1), (u64::MAX, 0)];
	let turns = turns.map(|(block, slot)| (block, slot, Turn::new(block, slot)));
	for pair in turns.windows(2) {
		assert!(pair[0].2 < pair[1].2 && pair[0].2.encode() < pair[1].2.encode());
	}
	for (block, slot, turn) in turns {
		assert_eq!((turn.block(), turn.slot()), (block, slot));
	}
}

// Slashes.

#[test]
fn the_share_is_rounded_down_once_at_the_end() {
	let terms = |max_capacity, parts, slash_multiplier| SlashTerms {
		max_capacity,
		slash_points: Perbill::from_parts(parts),
		slash_multiplier,
	};
	let quarter_percent = 2_500_000;
	// 12 799 · 0.25 % / 32 = 0.9999…
	assert_eq!(terms(32, quarter_percent, 4).amount(12_799u128, 0), 0);
	assert_eq!(terms(32, quarter_percent, 4).amount(12_800u128, 0), 1);
	// 11 · 80 % / 4 = 2.2; of ⌊11 / 4⌋ = 2 it would be 1.6.
	assert_eq!(terms(4, 800_000_000, 4).amount(11u128, 0), 2);
	// Perbill's own product would round 0.5 to the nearest.
	assert_eq!(terms(1, 500_000_000, 4).amount(7u128, 0), 3);
	assert_eq!(terms(1, 999_999_999, 4).amount(1u128, 0), 0);
	assert_eq!(terms(1, 1_000_000_000, 4).amount(7u128, 0), 7);
}

#[test]
fn amounts_at_the_extremes_are_exact_and_do_not_wrap() {
	let all = SlashTerms { max_capacity: 1, slash_points: Perbill::one(), slash_multiplier: 4 };
	let least = SlashTerms {
		max_capacity: u32::MAX,
		slash_points: Perbill::from_parts(1),
		slash_multiplier: u32::MAX,
	};
	assert_eq!(all.amount(u128::MAX, 0), u128::MAX);
	assert_eq!(all.amount(u128::MAX, u128::MAX), u128::MAX);
	assert_eq!(all.amount(0u128, u128::MAX), 0);
	// ⌊(2¹²⁸ − 1) / (10⁹ · (2³² − 1))⌋.
	assert_eq!(least.amount(u128::MAX, 0), u128::MAX / (1_000_000_000 * u128::from(u32::MAX)));
	assert_eq!(least.amount(10u128.pow(30), 0), 232_830_643_708);
	assert_eq!(least.amount(u128::MAX, u128::MAX), u128::MAX);
	// At most what is slashable.
	assert_eq!(all.amount(10u128, 3), 10);
	// A narrow balance saturates in its own width.
	assert_eq!(all.amount(u64::MAX, u64::MAX), u64::MAX);
	assert_eq!(least.amount(1_000u32, u32::MAX), 1_000);
}
