//! `blocks`: the unverified blocks.

use super::Context;
use crate::{
	amount::Token,
	args::BlocksArgs,
	chain::{Balance, BlockId, H256},
	decoded::hex,
	output::{base_units, pairs, Align, Show, Table},
	reads::rollup::{self, Status},
	Refusal, Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Blocks {
	now: u32,
	verified_id: BlockId,
	verified_hash: H256,
	blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
	block_id: BlockId,
	now: u32,
	proposer: String,
	beneficiary: String,
	tx_list_hash: H256,
	gas_limit: u32,
	fee_per_gas: u32,
	proposed_at: u32,
	#[serde(serialize_with = "base_units")]
	escrow: Balance,
	status: State,
	/// The reward per gas of a proof accepted now; for a single block only.
	#[serde(skip_serializing_if = "Option::is_none")]
	reward_per_gas: Option<u32>,
	proofs: Vec<Proof>,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
	Pending,
	Assigned {
		prover: String,
		reward_per_gas: u32,
		start: u32,
		deadline: u32,
		released: bool,
		failed: bool,
	},
	Open {
		opened_at: u32,
		frozen_reward: Option<u32>,
	},
}

#[derive(Serialize)]
struct Proof {
	prover: String,
	block_hash: H256,
	parent_hash: H256,
	gas_used: u32,
	reward_per_gas: u32,
	#[serde(serialize_with = "base_units")]
	bond: Balance,
	proven_at: u32,
}

/// Lists the unverified blocks, or shows one.
pub async fn run(context: &Context, args: BlocksArgs) -> Result<()> {
	let at = context.client.best().await?;
	let now = rollup::now(&at).await?;
	if let Some(id) = args.id {
		let block = rollup::block(&at, id).await?.ok_or_else(|| Refusal {
			name: "BlockProposal.UnknownBlock".into(),
			reason: format!("no unverified block has the id {id}"),
		})?;
		let mut block = Block::new(context, id, now, &block);
		block.reward_per_gas = rollup::reward_per_gas(&at, id).await?;
		return context.print(&block);
	}
	let state = rollup::state(&at).await?;
	let blocks = rollup::blocks(&at, state.head).await?;
	context.print(&Blocks {
		now,
		verified_id: state.verified_id,
		verified_hash: state.verified_hash,
		blocks: blocks.iter().map(|(id, block)| Block::new(context, *id, now, block)).collect(),
	})
}

impl Block {
	fn new(context: &Context, block_id: BlockId, now: u32, block: &rollup::Block) -> Self {
		let address = |account| context.client.address(account);
		Self {
			block_id,
			now,
			proposer: address(&block.proposer),
			beneficiary: address(&block.beneficiary),
			tx_list_hash: block.tx_list_hash,
			gas_limit: block.gas_limit,
			fee_per_gas: block.fee_per_gas,
			proposed_at: block.proposed_at,
			escrow: block.escrow.held,
			status: match &block.status {
				Status::Pending => State::Pending,
				Status::Assigned(it) => State::Assigned {
					prover: address(&it.prover),
					reward_per_gas: it.reward_per_gas,
					start: it.start,
					deadline: it.deadline,
					released: it.released,
					failed: it.failed,
				},
				Status::Open { opened_at, frozen_reward } => {
					State::Open { opened_at: *opened_at, frozen_reward: *frozen_reward }
				},
			},
			reward_per_gas: None,
			proofs: block
				.proofs
				.0
				.iter()
				.map(|proof| Proof {
					prover: address(&proof.prover),
					block_hash: proof.block_hash,
					parent_hash: proof.parent_hash,
					gas_used: proof.gas_used,
					reward_per_gas: proof.reward_per_gas,
					bond: proof.bond,
					proven_at: proof.proven_at,
				})
				.collect(),
		}
	}

	/// Returns the status in a word.
	fn status_word(&self) -> &'static str {
		match &self.status {
			State::Pending => "not drawn",
			State::Assigned { failed: true, .. } => "failed",
			State::Assigned { released: true, .. } => "proven",
			State::Assigned { deadline, .. } if self.blocks_left(*deadline).is_none() => "overdue",
			State::Assigned { .. } => "assigned",
			State::Open { .. } => "open",
		}
	}

	fn prover(&self) -> &str {
		match &self.status {
			State::Assigned { prover, .. } => prover,
			_ => "-",
		}
	}

	/// Returns how many blocks can still include a proof in time. The next one advances the clock
	/// before it executes anything, so a deadline of now has passed.
	fn blocks_left(&self, deadline: u32) -> Option<u32> {
		deadline.checked_sub(self.now).filter(|left| *left > 0)
	}

	fn deadline(&self) -> String {
		match &self.status {
			State::Assigned { deadline, failed: false, .. } => match self.blocks_left(*deadline) {
				Some(left) => format!("{deadline} (in {left})"),
				None => format!("{deadline} (passed)"),
			},
			_ => "-".into(),
		}
	}
}

impl Show for Blocks {
	fn text(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("BLOCK", Align::Right),
			("STATUS", Align::Left),
			("PROVER", Align::Left),
			("DEADLINE", Align::Left),
			("GAS LIMIT", Align::Right),
			("ESCROW", Align::Right),
			("PROOFS", Align::Right),
		]);
		for block in &self.blocks {
			table.row([
				block.block_id.to_string(),
				block.status_word().into(),
				block.prover().into(),
				block.deadline(),
				block.gas_limit.to_string(),
				token.format(block.escrow),
				block.proofs.len().to_string(),
			]);
		}
		let nothing = format!(
			"There are no unverified blocks; the last verified one is {}.",
			self.verified_id
		);
		table.text(&nothing)
	}
}

impl Show for Block {
	fn text(&self, token: &Token) -> String {
		let reward = self.reward_per_gas.map_or("-".into(), |reward| format!("{reward} per gas"));
		let about = pairs(&[
			("Block", self.block_id.to_string()),
			("Status", self.status_word().into()),
			("Prover", self.prover().into()),
			("Deadline", self.deadline()),
			("Pays now", reward),
			("Gas limit", self.gas_limit.to_string()),
			("Escrow", token.format(self.escrow)),
			("Proposer", self.proposer.clone()),
			("Beneficiary", self.beneficiary.clone()),
			("List", hex(self.tx_list_hash.as_ref())),
			("Proofs", self.proofs.len().to_string()),
		]);
		let mut table = Table::new(&[
			("PROVEN BY", Align::Left),
			("AT", Align::Right),
			("GAS", Align::Right),
			("HASH", Align::Left),
			("PARENT", Align::Left),
		]);
		for proof in &self.proofs {
			table.row([
				proof.prover.clone(),
				proof.proven_at.to_string(),
				proof.gas_used.to_string(),
				hex(proof.block_hash.as_ref()),
				hex(proof.parent_hash.as_ref()),
			]);
		}
		match self.proofs.is_empty() {
			true => about,
			false => format!("{about}\n\n{}", table.text("")),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn block(status: State) -> Block {
		Block {
			block_id: 3,
			now: 100,
			proposer: "5Fbob".into(),
			beneficiary: "5Feve".into(),
			tx_list_hash: H256([1; 32]),
			gas_limit: 5_000_000,
			fee_per_gas: 10_000,
			proposed_at: 90,
			escrow: 105_000_000_000,
			status,
			reward_per_gas: None,
			proofs: vec![],
		}
	}

	fn assigned(deadline: u32, released: bool, failed: bool) -> State {
		let prover = "5Fdave".into();
		State::Assigned { prover, reward_per_gas: 10_000, start: 95, deadline, released, failed }
	}

	#[test]
	fn a_block_has_a_status_and_a_deadline() {
		for (status, word, deadline) in [
			(State::Pending, "not drawn", "-"),
			(State::Open { opened_at: 95, frozen_reward: None }, "open", "-"),
			(assigned(101, false, false), "assigned", "101 (in 1)"),
			(assigned(100, false, false), "overdue", "100 (passed)"),
			(assigned(99, false, false), "overdue", "99 (passed)"),
			(assigned(99, true, false), "proven", "99 (passed)"),
			(assigned(120, true, true), "failed", "-"),
		] {
			let block = block(status);
			assert_eq!((block.status_word(), block.deadline().as_str()), (word, deadline));
		}
	}

	#[test]
	fn blocks_are_listed() {
		let token = Token::new("UNIT", 12).unwrap();
		let list =
			|blocks| Blocks { now: 100, verified_id: 2, verified_hash: H256([2; 32]), blocks };
		let expected = "\
BLOCK  STATUS    PROVER  DEADLINE     GAS LIMIT      ESCROW  PROOFS
    3  assigned  5Fdave  120 (in 20)    5000000  0.105 UNIT       0";
		assert_eq!(list(vec![block(assigned(120, false, false))]).text(&token), expected);
		assert_eq!(
			list(vec![]).text(&token),
			"There are no unverified blocks; the last verified one is 2."
		);
	}

	#[test]
	fn a_status_is_tagged_in_json() {
		let json = serde_json::to_value(block(assigned(120, false, false))).unwrap();
		assert_eq!(json["status"]["state"], "assigned");
		assert_eq!(json["status"]["deadline"], 120);
		assert_eq!(json["escrow"], "105000000000");
		let json = serde_json::to_value(block(State::Pending)).unwrap();
		assert_eq!(json["status"], serde_json::json!({ "state": "pending" }));
	}
}
