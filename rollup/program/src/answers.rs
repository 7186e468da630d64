//! Answers.

use crate::{
	hexadecimal::encode,
	requests::{Accounts, Block, Transfers},
	states,
	transfers::{dev_address, Senders},
	Reason,
};
use prover_pool_rollup::{
	decode_list, sha256, Effect, Executed, Hash, Outcome, Proposal, Refusal, State, DEV_ACCOUNTS,
};
use serde_json::{json, Value};
use std::path::Path;

/// The version of the prover command's contract.
const VERSION: u32 = 2;

/// A block, executed on the state of its parent.
#[derive(Clone, Debug)]
pub struct Execution {
	/// The state after the parent.
	pub parent: State,
	/// What was executed.
	pub proposal: Proposal,
	/// The result, with the witness.
	pub executed: Executed,
}

impl Block {
	/// Executes the block, and keeps nothing. Returns `None` if the directory of states does not have
	/// the parent's.
	///
	/// # Errors
	/// If the version is unknown, or the list does not have the hash that is stated.
	pub fn execute(&self) -> Result<Option<Execution>, Reason> {
		if self.version != VERSION {
			return Err(format!("version {} of the contract is unknown", self.version));
		}
		if sha256(&self.tx_list) != self.tx_list_hash {
			return Err("the list does not have the hash that is stated".into());
		}
		let Some(parent) = states::read(&self.state_dir, &self.parent_hash) else {
			return Ok(None);
		};
		let proposal = Proposal {
			id: self.block_id,
			gas_limit: self.gas_limit,
			beneficiary: self.beneficiary,
		};
		let executed =
			parent.execute(&proposal, &self.tx_list).map_err(|error| error.to_string())?;
		Ok(Some(Execution { parent, proposal, executed }))
	}
}

/// Executes a block and keeps the state after it.
pub fn execute(block: &Block) -> Result<Value, Reason> {
	let Some(Execution { parent: mut state, executed, .. }) = block.execute()? else {
		return Ok(json!({ "unknown_parent": true }));
	};
	state.apply(&executed).map_err(|error| error.to_string())?;
	states::write(&block.state_dir, &state)?;
	Ok(json!({
		"block_hash": encode(state.header().hash()),
		"gas_used": state.header().gas_used,
		"transfers": moved(&block.tx_list, &executed.outcome),
	}))
}

/// Returns the transfers of a list with their effects: none if the block is empty.
fn moved(list: &[u8], outcome: &Outcome) -> Vec<Value> {
	let transfers = decode_list(list).unwrap_or_default();
	let transfer = |(signed, effect): (&prover_pool_rollup::SignedTransfer, &Effect)| {
		let transfer = &signed.transfer;
		json!({
			"from": encode(transfer.from),
			"to": encode(transfer.to),
			"amount": transfer.amount.to_string(),
			"fee": transfer.fee.to_string(),
			"effect": name(*effect),
		})
	};
	transfers.iter().zip(&outcome.effects).map(transfer).collect()
}

fn name(effect: Effect) -> &'static str {
	match effect {
		Effect::Moved => "moved",
		Effect::FeeOnly => "fee_only",
		Effect::Unpaid => "unpaid",
		Effect::Refused(Refusal::UnknownSender) => "unknown_sender",
		Effect::Refused(Refusal::WrongNonce) => "wrong_nonce",
		Effect::Refused(Refusal::BadSignature) => "bad_signature",
	}
}

/// Makes lists of transfers.
pub fn transfers(request: &Transfers) -> Result<Value, Reason> {
	let state = known(&request.state_dir, &request.block_hash)?;
	let mut senders = Senders::new(&request.accounts, &state)?;
	let lists = (0..request.lists).map(|_| senders.list(request.count).map(encode));
	Ok(json!({ "tx_lists": lists.collect::<Result<Vec<_>, _>>()? }))
}

/// Returns the development accounts.
pub fn accounts(request: &Accounts) -> Result<Value, Reason> {
	let state = known(&request.state_dir, &request.block_hash)?;
	let account = |number| {
		let address = dev_address(number);
		let account = state.account(&address).ok_or(format!("account {number} does not exist"))?;
		Ok(json!({
			"number": number,
			"address": encode(address),
			"balance": account.balance.to_string(),
			"nonce": account.nonce,
		}))
	};
	let accounts = (0..DEV_ACCOUNTS).map(account).collect::<Result<Vec<_>, Reason>>()?;
	Ok(json!({ "accounts": accounts }))
}

fn known(directory: &Path, block_hash: &Hash) -> Result<State, Reason> {
	states::read(directory, block_hash)
		.ok_or_else(|| format!("the state of block {} is not known", encode(block_hash)))
}
