//! Shares and seeds: the pure functions around a draw.

use sp_core::U256;

/// The unit of [`share`]: one whole.
pub const SHARE_UNIT: u64 = 1_000_000_000_000_000_000;

/// The share of `weight` in `total`, in parts per [`SHARE_UNIT`], rounded down; 0 of nothing is 0.
pub fn share(weight: U256, total: U256) -> u64 {
	// 192 bits of weight times 60 bits: fits. At most one whole, so the low word is all of it.
	let share = (weight * U256::from(SHARE_UNIT)).checked_div(total).unwrap_or_default();
	share.min(SHARE_UNIT.into()).low_u64()
}

/// The seed of a draw as a number: its first 256 bits, big-endian.
pub fn seed_number(seed: &[u8]) -> U256 {
	U256::from_big_endian(&seed[..seed.len().min(32)])
}
