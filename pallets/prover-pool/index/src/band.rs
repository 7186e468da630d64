//! Bands of prices: how a fee turns prices into weights, and points into entries.

use sp_core::{U256, U512};

use crate::{Price, Sums};

/// ⌊`stake` · 2⁶⁴ / `price`²⌋; 0 for no price.
///
/// At most 192 bits. At least `stake`, as the square of a price stays below 2⁶⁴.
pub fn weight(stake: u128, price: Price) -> U256 {
	if price == 0 {
		return U256::zero();
	}
	// Divided by the price twice, which comes to the same as once by its square: a division of 32 bits
	// after the other, as every processor has it. A runtime in wasm has no other, and this is what
	// draws are made of.
	let (high, low) = ((stake >> 64) as u64, stake as u64);
	let mut limbs = [(high >> 32) as u32, high as u32, (low >> 32) as u32, low as u32, 0, 0];
	let first = limbs.iter().position(|limb| *limb != 0).unwrap_or(limbs.len());
	for _ in 0..2 {
		let mut rest = 0;
		for limb in &mut limbs[first..] {
			let value = (rest << 32) | u64::from(*limb);
			let quotient = value / u64::from(price);
			rest = value - quotient * u64::from(price);
			// The rest is below the price, so the quotient is below 2³².
			*limb = quotient as u32;
		}
	}
	let word = |at: usize| (u64::from(limbs[at]) << 32) | u64::from(limbs[at + 1]);
	U256([word(4), word(2), word(0), 0])
}

/// The prices that count as they are. Those below count as the floor, those above as the ceiling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Band {
	floor: Price,
	ceiling: Price,
}

impl Band {
	/// The band between two prices, both inside; `None` if no price is. As no entry has the price 0, a
	/// floor of 0 is a floor of 1.
	pub fn new(floor: Price, ceiling: Price) -> Option<Self> {
		let floor = floor.max(1);
		(floor <= ceiling).then_some(Self { floor, ceiling })
	}

	/// The lowest price inside.
	pub fn floor(&self) -> Price {
		self.floor
	}

	/// The highest price inside.
	pub fn ceiling(&self) -> Price {
		self.ceiling
	}

	/// What a price counts as.
	pub fn clamp(&self, price: Price) -> Price {
		price.clamp(self.floor, self.ceiling)
	}
}

/// What the active entries of each of a band's three groups sum up to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Totals {
	/// The band.
	pub band: Band,
	/// Of prices below the floor.
	pub below: Sums,
	/// Of prices inside the band.
	pub inside: Sums,
	/// Of prices above the ceiling.
	pub above: Sums,
}

/// A place in the order of entries: where the sum of what comes before reaches an offset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
	pub(crate) measure: Measure,
	pub(crate) offset: U256,
}

/// What is summed up to find a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Measure {
	Stake,
	Weight,
}

impl Measure {
	/// What entries with these sums measure.
	pub(crate) fn of(self, sums: &Sums) -> U256 {
		match self {
			Self::Stake => sums.stake.into(),
			Self::Weight => sums.weight,
		}
	}
}

impl Totals {
	/// The weight of all entries in this band: each group's, rounded down once.
	pub fn weight(&self) -> U256 {
		// Two numbers of at most 192 bits, and one of at most 212, if the index is sound.
		(self.below_weight() + self.above_weight()).saturating_add(self.inside.weight)
	}

	fn below_weight(&self) -> U256 {
		weight(self.below.stake, self.band.floor)
	}

	fn above_weight(&self) -> U256 {
		weight(self.above.stake, self.band.ceiling)
	}

	/// Where the entry is that a point draws; `None` at or beyond [`Totals::weight`].
	pub(crate) fn place_of(&self, point: U256) -> Option<Place> {
		let (below, above) = (self.below_weight(), self.above_weight());
		if point < below {
			let offset = scale_down(point, self.below.stake.into(), below);
			return Some(Place { measure: Measure::Stake, offset });
		}
		let point = point - below;
		if point < self.inside.weight {
			let offset = self.below.weight.checked_add(point)?;
			return Some(Place { measure: Measure::Weight, offset });
		}
		let point = point - self.inside.weight;
		if point < above {
			let before = U256::from(self.below.stake) + U256::from(self.inside.stake);
			let offset = before + scale_down(point, self.above.stake.into(), above);
			return Some(Place { measure: Measure::Stake, offset });
		}
		None
	}

	/// The least point that draws an entry of this price and of some weight, before which the active
	/// entries sum up to `before`; `None` if the sums contradict each other.
	pub(crate) fn point_of(&self, price: Price, before: Sums) -> Option<U256> {
		let below = self.below_weight();
		if price < self.band.floor {
			return Some(scale_up(before.stake.into(), below, self.below.stake.into()));
		}
		let before = before.checked_sub(self.below)?;
		if price <= self.band.ceiling {
			return below.checked_add(before.weight);
		}
		let before = before.checked_sub(self.inside)?;
		let offset = scale_up(before.stake.into(), self.above_weight(), self.above.stake.into());
		(below + offset).checked_add(self.inside.weight)
	}
}

/// ⌊`value` · `numerator` / `denominator`⌋ for a value below the denominator: below the numerator.
fn scale_down(value: U256, numerator: U256, denominator: U256) -> U256 {
	narrow(value.full_mul(numerator).checked_div(denominator.into()))
}

/// ⌈`value` · `numerator` / `denominator`⌉ for a value below the denominator: at most the numerator.
fn scale_up(value: U256, numerator: U256, denominator: U256) -> U256 {
	// 2¹²⁸ · 2¹⁹² at most, so that there is room for the rounding.
	let rounding = U512::from(denominator.saturating_sub(1.into()));
	narrow((value.full_mul(numerator) + rounding).checked_div(denominator.into()))
}

/// What was scaled by a fraction below 1 fits again; a group without stake has no points to scale.
fn narrow(scaled: Option<U512>) -> U256 {
	scaled.and_then(|scaled| scaled.try_into().ok()).unwrap_or_default()
}
