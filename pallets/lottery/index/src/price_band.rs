//! Weights and price bands: how a fee turns prices into weights, and seeds into entries.

use sp_core::{U256, U512};

use crate::{Price, Sums};

/// Returns ⌊`stake` · 2⁶⁴ / `price`²⌋, or 0 if the price is 0.
///
/// The result has at most 192 bits. It is at least `stake`, as the square of a price is below 2⁶⁴.
pub fn weight(stake: u128, price: Price) -> U256 {
	if price == 0 {
		return U256::zero();
	}
	// Two divisions by the price equal one by its square. Each works on limbs of 32 bits, because
	// wasm has no wider division, and draws spend their time here.
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

/// Returns the point that `seed` draws: ⌊`seed` · `total` / 2²⁵⁶⌋, which is below `total`.
///
/// A change of the total by some weight moves the point by at most that weight. (A remainder would
/// move it anywhere.)
pub fn drawn_point(seed: U256, total: U256) -> U256 {
	let U512([.., w4, w5, w6, w7]) = seed.full_mul(total);
	U256([w4, w5, w6, w7])
}

/// The prices that count as they are. Lower ones count as the floor, higher ones as the ceiling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PriceBand {
	floor: Price,
	ceiling: Price,
}

impl PriceBand {
	/// Returns the band from `floor` to `ceiling`, both inside, or `None` if it has no price. As no
	/// entry has the price 0, a floor of 0 is a floor of 1.
	pub fn new(floor: Price, ceiling: Price) -> Option<Self> {
		let floor = floor.max(1);
		(floor <= ceiling).then_some(Self { floor, ceiling })
	}

	/// Returns the band from `floor_percent` to `ceiling_percent` of `fee`, both rounded down and
	/// limited to the highest price, or `None` if it has no price above 0. A floor above the
	/// ceiling counts as the ceiling.
	pub fn around(fee: Price, floor_percent: u32, ceiling_percent: u32) -> Option<Self> {
		let part = |percent: u32| {
			let price = u64::from(fee) * u64::from(percent) / 100;
			Price::try_from(price).unwrap_or(Price::MAX)
		};
		let ceiling = part(ceiling_percent);
		Self::new(part(floor_percent).min(ceiling), ceiling)
	}

	/// Returns the lowest price inside.
	pub fn floor(&self) -> Price {
		self.floor
	}

	/// Returns the highest price inside.
	pub fn ceiling(&self) -> Price {
		self.ceiling
	}

	/// Returns what a price counts as.
	pub fn clamp(&self, price: Price) -> Price {
		price.clamp(self.floor, self.ceiling)
	}
}

/// The sums of the active entries below, inside and above a band.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Totals {
	/// The band.
	pub band: PriceBand,
	/// The sums of entries with a price below the floor.
	pub below: Sums,
	/// The sums of entries with a price inside the band.
	pub inside: Sums,
	/// The sums of entries with a price above the ceiling.
	pub above: Sums,
}

/// A position in the order of entries: the entry at which the sums of all before it pass
/// `distance`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Offset {
	pub(crate) measure: Measure,
	pub(crate) distance: U256,
}

/// The unit of an offset.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Measure {
	Stake,
	Weight,
}

impl Measure {
	/// Returns how far entries with these sums reach.
	pub(crate) fn of(self, sums: &Sums) -> U256 {
		match self {
			Self::Stake => sums.stake.into(),
			Self::Weight => sums.weight,
		}
	}
}

impl Totals {
	/// Returns the weight of all active entries in this band: the sum of the three groups' weights,
	/// each rounded down once.
	pub fn weight(&self) -> U256 {
		// Two numbers of at most 192 bits, and one of at most 212, if storage is intact.
		(self.below_weight() + self.above_weight()).saturating_add(self.inside.weight)
	}

	fn below_weight(&self) -> U256 {
		weight(self.below.stake, self.band.floor)
	}

	fn above_weight(&self) -> U256 {
		weight(self.above.stake, self.band.ceiling)
	}

	/// Returns the offset of the entry that a point draws, or `None` at or beyond
	/// [`Totals::weight`].
	pub(crate) fn offset_of(&self, point: U256) -> Option<Offset> {
		let (below, above) = (self.below_weight(), self.above_weight());
		if point < below {
			let distance = scale_down(point, self.below.stake.into(), below);
			return Some(Offset { measure: Measure::Stake, distance });
		}
		let point = point - below;
		if point < self.inside.weight {
			let distance = self.below.weight.checked_add(point)?;
			return Some(Offset { measure: Measure::Weight, distance });
		}
		let point = point - self.inside.weight;
		if point < above {
			let before = U256::from(self.below.stake) + U256::from(self.inside.stake);
			let distance = before + scale_down(point, self.above.stake.into(), above);
			return Some(Offset { measure: Measure::Stake, distance });
		}
		None
	}
}

/// Returns ⌊`value` · `numerator` / `denominator`⌋, which is below the numerator for a value below
/// the denominator; 0 for a group without stake, which has no point to scale.
fn scale_down(value: U256, numerator: U256, denominator: U256) -> U256 {
	let scaled = value.full_mul(numerator).checked_div(denominator.into());
	scaled.and_then(|scaled| scaled.try_into().ok()).unwrap_or_default()
}
