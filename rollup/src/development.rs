//! The rollup of development chains: its accounts, and their balances at first.

use crate::{
	signer::{dev_secret, Signer},
	state::State,
};

/// The number of development accounts that have something at genesis.
pub const DEV_ACCOUNTS: u32 = 16;

/// The balance of each of them at genesis, in base units.
pub const DEV_BALANCE: u64 = 1_000_000_000;

/// Returns the state of the genesis block of development chains: each of the first [`DEV_ACCOUNTS`]
/// development accounts has [`DEV_BALANCE`].
pub fn dev_genesis() -> State {
	let balances = (0..DEV_ACCOUNTS)
		.map(|number| (Signer::new(dev_secret(number)).address(), DEV_BALANCE))
		.collect();
	State::genesis(&balances).expect("16 accounts with 10⁹ each; qed")
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Hash;

	/// Chains begin with this block: another hash is another rollup.
	const GENESIS_HASH: Hash = [
		0xae, 0x4b, 0x24, 0xea, 0x45, 0x9c, 0x55, 0xa6, 0x70, 0x69, 0x13, 0x6a, 0x55, 0x9f, 0x17,
		0x4c, 0x83, 0xb0, 0xf3, 0x12, 0x80, 0x8e, 0x6b, 0xb2, 0x01, 0x08, 0xe5, 0x39, 0xb1, 0x56,
		0xa3, 0x71,
	];

	#[test]
	fn the_genesis_block_of_development_chains_is_always_the_same() {
		let genesis = dev_genesis();
		assert_eq!(genesis.header().hash(), GENESIS_HASH);
		assert_eq!(genesis.header().accounts, DEV_ACCOUNTS + 1);
	}
}
