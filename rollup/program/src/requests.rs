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
	Execute(Block),
	/// Prove a block.
	Prove(Prove),
	/// Make lists of transfers.
	Transfers(Transfers),
	/// Look at the development accounts.
	Accounts(Accounts),
}

/// The prover command's request to execute a block. Its other fields do not matter to this rollup.
#[derive(Clone, Debug, Deserialize)]
pub struct Block {
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

/// The prover command's request to prove a block. Its other fields follow from these.
#[derive(Clone, Debug, Deserialize)]
pub struct Prove {
	/// The block.
	#[serde(flatten)]
	pub block: Block,
	/// The genesis hash of the chain on which the block was proposed.
	#[serde(with = "hexadecimal")]
	pub genesis_hash: Hash,
	/// The hash of the statement to prove.
	#[serde(with = "hexadecimal")]
	pub instance: Hash,
	/// The account that submits the proof.
	#[serde(with = "hexadecimal")]
	pub prover: [u8; 32],
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
