//! Blocks of transfers, for tests and measurements.

use crate::Input;
use prover_pool_rollup::{
	dev_genesis, dev_secret, encode_list, sha256, Address, Proposal, Signer, State, DEV_ACCOUNTS,
	DEV_BALANCE, GAS_PER_TRANSFER,
};
use std::error::Error;

/// Returns a block on the genesis block of development chains with this number of transfers, each
/// from one development account to the next one.
///
/// # Errors
/// Those of the signer and of the execution, which a number in a sensible range does not cause.
pub fn block(transfers: u32) -> Result<Input, Box<dyn Error>> {
	let recipient = |number: u32| Signer::new(dev_secret((number + 1) % DEV_ACCOUNTS)).address();
	block_on(&dev_genesis(), transfers, recipient)
}

/// Returns a block with this number of transfers, each from a development account to a new one, on a
/// genesis block with this number of accounts, and the development accounts. Few of the transfers share
/// a path in the state tree, so this is about the most expensive block that there is.
///
/// # Errors
/// As [`block`], and if there are too many accounts.
pub fn block_of_new_accounts(transfers: u32, accounts: u32) -> Result<Input, Box<dyn Error>> {
	let address = |kind: u8, number: u32| -> Address {
		let [a, b, c, d] = number.to_le_bytes();
		sha256(&[kind, a, b, c, d])
	};
	let others = (0..accounts).map(|number| (address(0, number), 1));
	let senders =
		(0..DEV_ACCOUNTS).map(|number| (Signer::new(dev_secret(number)).address(), DEV_BALANCE));
	let state = State::genesis(&others.chain(senders).collect())?;
	block_on(&state, transfers, |number| address(1, number))
}

/// Returns a block on this genesis state. The development accounts send one after another.
fn block_on(
	state: &State,
	transfers: u32,
	recipient: impl Fn(u32) -> Address,
) -> Result<Input, Box<dyn Error>> {
	let mut signers: Vec<_> =
		(0..DEV_ACCOUNTS).map(|number| Signer::new(dev_secret(number))).collect();
	let beneficiary = signers[0].address();
	let list = (0..transfers)
		.map(|number| signers[(number % DEV_ACCOUNTS) as usize].sign(recipient(number), 1_000, 1))
		.collect::<Result<Vec<_>, _>>()?;
	let list = encode_list(&list);
	let gas_limit = transfers.saturating_mul(GAS_PER_TRANSFER);
	let proposal = Proposal { id: 1, gas_limit, beneficiary };
	let witness = state.execute(&proposal, &list)?.witness;
	Ok(Input {
		parent: *state.header(),
		witness,
		proposal,
		list,
		genesis_hash: [1; 32],
		prover: [2; 32],
	})
}
