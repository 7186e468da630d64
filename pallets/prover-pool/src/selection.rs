//! Who is drawn and who is replaced: pure functions over what the slots offer.
//!
//! The probability of a prover is its weight's share of the total (R4). Weights are exact integers,
//! ⌊stake · 2⁶⁴ / e²⌋, so that small stakes and high prices keep their proportion (D8).

use prover_pool_primitives::PricePerGas;
use sp_core::U256;
use sp_runtime::traits::{Saturating, Zero};

use crate::types::ProverId;

/// The most slots a pool may have: draws add up weights of at most 192 bits, and their sum stays far
/// enough below 2²⁵⁶ that reducing a 256-bit seed by it favours nobody by more than 2⁻⁴⁴.
pub const MAX_PROVERS_LIMIT: u32 = 1 << 20;

/// The unit of [`share`]: one whole.
pub const SHARE_UNIT: u64 = 1_000_000_000_000_000_000;

/// ⌊`stake` · 2⁶⁴ / `effective_price`²⌋, rounded down; 0 where there is nothing to agree on.
///
/// At most 192 bits, so that the sum over a pool of 2²⁰ slots stays below 2²¹².
pub fn weight(stake: u128, effective_price: PricePerGas) -> U256 {
	let price = U256::from(effective_price);
	(U256::from(stake) << 64).checked_div(price * price).unwrap_or_default()
}

/// The share of `weight` in `total`, in parts per [`SHARE_UNIT`], rounded down; 0 of nothing is 0.
pub fn share(weight: U256, total: U256) -> u64 {
	// 192 bits of weight times 60 bits: fits. At most one whole, so the low word is all of it.
	(weight * U256::from(SHARE_UNIT)).checked_div(total).unwrap_or_default().low_u64()
}

/// The seed of a draw as a number: its first 256 bits, big-endian.
pub fn seed_number(seed: &[u8]) -> U256 {
	U256::from_big_endian(&seed[..seed.len().min(32)])
}

/// Draws one slot with a probability proportional to its weight, or nobody if no weight is above 0.
///
/// `seed` is reduced modulo the total: with a uniform seed no slot is favoured by more than
/// total / 2²⁵⁶. A slot of weight 0 is never drawn (D5).
pub fn pick<I>(weights: I, seed: U256) -> Option<ProverId>
where
	I: Iterator<Item = (ProverId, U256)> + Clone,
{
	let total = total(weights.clone());
	let mut point = seed.checked_rem(total)?;
	for (prover_id, weight) in weights {
		if point < weight {
			return Some(prover_id);
		}
		point -= weight;
	}
	None
}

/// The sum of all weights.
pub fn total(weights: impl Iterator<Item = (ProverId, U256)>) -> U256 {
	weights.fold(U256::zero(), |sum, (_, weight)| sum.saturating_add(weight))
}

/// Where a new member goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
	/// Into a vacant slot.
	Vacant(ProverId),
	/// In place of the smallest prover.
	Replacing(ProverId),
}

/// The place for a new member that stakes `amount`: the vacant slot with the lowest number, else the
/// slot with the smallest stake, the lowest number on a tie, if that stake plus what `overbid` gives for
/// it is below `amount` (R1, D12, D14).
///
/// `slots` are all slots in order, with the stake of those that are taken.
pub fn place_for<Balance>(
	slots: impl Iterator<Item = (ProverId, Option<Balance>)>,
	amount: Balance,
	overbid: impl FnOnce(Balance) -> Balance,
) -> Option<Place>
where
	Balance: Copy + Ord + Saturating + Zero,
{
	let mut smallest: Option<(Balance, ProverId)> = None;
	for (prover_id, stake) in slots {
		let Some(stake) = stake else { return Some(Place::Vacant(prover_id)) };
		if smallest.is_none_or(|(least, _)| stake < least) {
			smallest = Some((stake, prover_id));
		}
	}
	smallest
		.filter(|(stake, _)| stake.saturating_add(overbid(*stake)) < amount)
		.map(|(_, prover_id)| Place::Replacing(prover_id))
}
