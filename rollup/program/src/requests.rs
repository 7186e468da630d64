//! Requests.

use crate::hexadecimal;
use prover_pool_rollup::{Address, Hash};
use serde::Deserialize;
use std::path::PathBuf;

/// A request, by its verb.
#[derive(Debug, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Request {
	/// Execute a block, and keep the state after it.
	Execute(Execute),
	/// Make lists of transfers.
	Transfers(Transfers),
	/// Look at the development accounts.
	Accounts(Accounts),
}

/// The prover command's request to execute a block. Its other fields do not matter to this rollup.
#[derive(Debug, Deserialize)]
pub struct Execute {
	/// The version of the contract.
	pub version: u32,
	/// The directory of states.
	pub state_dir: PathBuf,
	/// The id of the proposal.
	pub block_id: u64,
	/// The list.
	#[serde(with = "hexadecimal")]
	pub tx_list: Vec<u8>,
	/// Its hash.
	#[serde(with = "hexadecimal")]
	pub tx_list_hash: Hash,
	/// The most gas that the block may use.
	pub gas_limit: u32,
	/// The account that gets the fees.
	#[serde(with = "hexadecimal")]
	pub beneficiary: Address,
	/// The block to build on.
	#[serde(with = "hexadecimal")]
	pub parent_hash: Hash,
}

/// A request for lists.
#[derive(Debug, Deserialize)]
pub struct Transfers {
	/// The directory of states.
	pub state_dir: PathBuf,
	/// The block after which the first list is to be executed.
	#[serde(with = "hexadecimal")]
	pub block_hash: Hash,
	/// The numbers of the development accounts that send.
	pub accounts: Vec<u32>,
	/// The number of transfers in a list.
	pub count: u32,
	/// The number of lists.
	#[serde(default = "one")]
	pub lists: u32,
}

/// A request for the development accounts.
#[derive(Debug, Deserialize)]
pub struct Accounts {
	/// The directory of states.
	pub state_dir: PathBuf,
	/// The block after which they are looked at.
	#[serde(with = "hexadecimal")]
	pub block_hash: Hash,
}

fn one() -> u32 {
	1
}
