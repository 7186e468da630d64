//! `blocks`: the unverified blocks.

use super::{govern::unknown_block, Context};
use crate::{
	amount::Token,
	args::protocol::BlocksArgs,
	chain::{Balance, BlockId, H256},
	decoded::hex,
	execution::Execution,
	output::{base_units, pairs, Align, Show, Table},
	reads::rollup::{self, Clock, Delivery, Stage, Status},
	Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Blocks {
	now: u32,
	verified_id: BlockId,
	verified_hash: H256,
	/// The blocks before this one are cancelled and not settled yet.
	cancelled_below: Option<BlockId>,
	/// The first block of the chain after the present pause.
	paused_until: Option<u32>,
	blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
	block_id: BlockId,
	#[serde(flatten)]
	clock: Clock,
	proposer: String,
	beneficiary: String,
	tx_list_hash: H256,
	gas_limit: u32,
	fee_per_gas: u32,
	proposed_at: u32,
	#[serde(serialize_with = "base_units")]
	escrow: Balance,
	status: State,
	#[serde(skip)]
	stage: Stage,
	/// True if it is cancelled: it waits to be settled, and is no part of the rollup.
	cancelled: bool,
	/// How many claims there are, that of the assigned prover in time included.
	claims: u32,
	/// The reward per gas of a proof accepted now; for a single block only.
	#[serde(skip_serializing_if = "Option::is_none")]
	reward_per_gas: Option<u32>,
	/// The claims; for a single block only.
	#[serde(skip_serializing_if = "Option::is_none")]
	all_claims: Option<Vec<Claim>>,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
	Pending,
	Assigned { prover: String, reward_per_gas: u32, start: u32, deadline: u32, delivery: Delivered },
	Open { opened_at: u32, fixed_reward: Option<u32> },
}

/// What an assigned prover has delivered.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Delivered {
	Due,
	Claimed,
	Removed,
}

#[derive(Serialize)]
struct Claim {
	prover: String,
	block_hash: H256,
	parent_hash: H256,
	gas_used: u32,
	reward_per_gas: u32,
	#[serde(serialize_with = "base_units")]
	bond: Balance,
	claimed_at: u32,
}

/// Lists the unsettled blocks, or shows one.
pub async fn run(context: &Context, args: BlocksArgs) -> Result<()> {
	let at = context.client.best().await?;
	let clock = rollup::clock(&at).await?;
	let state = rollup::started(&at).await?;
	let first_live = state.first_live();
	if let Some(id) = args.id {
		let block = rollup::block(&at, id).await?.ok_or_else(|| unknown_block(id))?;
		let mut shown = Block::new(context, id, clock, first_live, &block);
		shown.reward_per_gas = rollup::reward_per_gas(&at, id).await?;
		let others = rollup::claims(&at, id).await?;
		let claims = block.claim_in_time().into_iter().chain(&others);
		shown.all_claims = Some(claims.map(|claim| Claim::new(context, claim)).collect());
		return context.print(&shown);
	}
	let blocks = rollup::blocks(&at, state.head).await?;
	context.print(&Blocks {
		now: clock.now,
		verified_id: state.verified_id,
		verified_hash: state.verified_hash,
		cancelled_below: state.cancelled.as_ref().map(|cancelled| cancelled.below),
		paused_until: rollup::paused_until(&at).await?,
		blocks: blocks
			.iter()
			.map(|(id, block)| Block::new(context, *id, clock, first_live, block))
			.collect(),
	})
}

impl Claim {
	fn new(context: &Context, claim: &rollup::Claim) -> Self {
		let Execution { parent_hash, block_hash, gas_used } = (&claim.execution).into();
		Self {
			prover: context.client.address(&claim.prover),
			block_hash,
			parent_hash,
			gas_used,
			reward_per_gas: claim.reward_per_gas,
			bond: claim.bond,
			claimed_at: claim.claimed_at,
		}
	}
}

impl Block {
	fn new(
		context: &Context,
		block_id: BlockId,
		clock: Clock,
		first_live: BlockId,
		block: &rollup::Block,
	) -> Self {
		let address = |account| context.client.address(account);
		let cancelled = block_id < first_live;
		Self {
			block_id,
			clock,
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
					delivery: match it.delivery {
						Delivery::Due => Delivered::Due,
						Delivery::Claimed(_) => Delivered::Claimed,
						Delivery::Removed => Delivered::Removed,
					},
				},
				Status::Open { opened_at, fixed_reward } => {
					State::Open { opened_at: *opened_at, fixed_reward: *fixed_reward }
				},
			},
			stage: block.stage(cancelled, clock),
			cancelled,
			claims: block.claims + u32::from(block.claim_in_time().is_some()),
			reward_per_gas: None,
			all_claims: None,
		}
	}

	/// Returns the status in a word.
	fn status_word(&self) -> &'static str {
		match self.stage {
			Stage::Pending => "not drawn",
			other => other.name(),
		}
	}

	fn prover(&self) -> &str {
		match &self.status {
			State::Assigned { prover, .. } => prover,
			_ => "-",
		}
	}

	fn deadline(&self) -> String {
		match &self.status {
			State::Assigned { deadline, delivery: Delivered::Due | Delivered::Claimed, .. } => {
				match self.clock.blocks_left(*deadline) {
					Some(left) => format!("{deadline} (in {left})"),
					None => format!("{deadline} (passed)"),
				}
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
			("CLAIMS", Align::Right),
		]);
		for block in &self.blocks {
			table.row([
				block.block_id.to_string(),
				block.status_word().into(),
				block.prover().into(),
				block.deadline(),
				block.gas_limit.to_string(),
				token.format(block.escrow),
				block.claims.to_string(),
			]);
		}
		let nothing = format!(
			"There are no unverified blocks; the last verified one is {}.",
			self.verified_id
		);
		let mut text = table.text(&nothing);
		if let Some(below) = self.cancelled_below {
			text += &format!("\nThe blocks before {below} are cancelled and wait to be settled.");
		}
		if let Some(until) = self.paused_until {
			text += &format!("\nThe protocol is paused until block {until} of the chain.");
		}
		text
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
			("Claims", self.claims.to_string()),
		]);
		let mut table = Table::new(&[
			("CLAIMED BY", Align::Left),
			("AT", Align::Right),
			("GAS", Align::Right),
			("HASH", Align::Left),
			("PARENT", Align::Left),
		]);
		let claims = self.all_claims.as_deref().unwrap_or_default();
		for claim in claims {
			table.row([
				claim.prover.clone(),
				claim.claimed_at.to_string(),
				claim.gas_used.to_string(),
				hex(claim.block_hash.as_ref()),
				hex(claim.parent_hash.as_ref()),
			]);
		}
		match claims.is_empty() {
			true => about,
			false => format!("{about}\n\n{}", table.text("")),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::{
		Delivered::{Claimed, Due, Removed},
		*,
	};

	fn block(status: State) -> Block {
		Block {
			block_id: 3,
			clock: Clock { now: 100, paused: 0 },
			proposer: "5Fbob".into(),
			beneficiary: "5Feve".into(),
			tx_list_hash: H256([1; 32]),
			gas_limit: 5_000_000,
			fee_per_gas: 10_000,
			proposed_at: 90,
			escrow: 105_000_000_000,
			status,
			stage: Stage::Assigned,
			cancelled: false,
			claims: 0,
			reward_per_gas: None,
			all_claims: None,
		}
	}

	fn assigned(deadline: u32, delivery: Delivered) -> State {
		let prover = "5Fdave".into();
		State::Assigned { prover, reward_per_gas: 10_000, start: 95, deadline, delivery }
	}

	#[test]
	fn a_block_has_a_deadline() {
		for (status, deadline) in [
			(State::Pending, "-"),
			(State::Open { opened_at: 95, fixed_reward: None }, "-"),
			(assigned(101, Due), "101 (in 1)"),
			(assigned(100, Due), "100 (passed)"),
			(assigned(99, Due), "99 (passed)"),
			(assigned(99, Claimed), "99 (passed)"),
			(assigned(120, Removed), "-"),
		] {
			assert_eq!(block(status).deadline(), deadline);
		}
	}

	#[test]
	fn a_block_has_a_status() {
		let words = Stage::ALL.map(|stage| Block { stage, ..block(State::Pending) }.status_word());
		let expected =
			["not drawn", "assigned", "proven", "overdue", "failed", "open", "cancelled"];
		assert_eq!(words, expected);
	}

	#[test]
	fn blocks_are_listed() {
		let token = Token::new("UNIT", 12).unwrap();
		let list = |blocks| Blocks {
			now: 100,
			verified_id: 2,
			verified_hash: H256([2; 32]),
			cancelled_below: None,
			paused_until: None,
			blocks,
		};
		let expected = "\
BLOCK  STATUS    PROVER  DEADLINE     GAS LIMIT      ESCROW  CLAIMS
    3  assigned  5Fdave  120 (in 20)    5000000  0.105 UNIT       0";
		assert_eq!(list(vec![block(assigned(120, Due))]).text(&token), expected);
		assert_eq!(
			list(vec![]).text(&token),
			"There are no unverified blocks; the last verified one is 2."
		);
		let stopped = Blocks { cancelled_below: Some(7), paused_until: Some(90), ..list(vec![]) };
		assert!(stopped.text(&token).ends_with(
			"\nThe blocks before 7 are cancelled and wait to be settled.\nThe protocol is paused until \
			 block 90 of the chain."
		));
	}

	#[test]
	fn a_status_is_tagged_in_json() {
		let json = serde_json::to_value(block(assigned(120, Due))).unwrap();
		assert_eq!(json["status"]["state"], "assigned");
		assert_eq!((&json["status"]["deadline"], &json["now"]), (&120.into(), &100.into()));
		assert_eq!(json["escrow"], "105000000000");
		let json = serde_json::to_value(block(State::Pending)).unwrap();
		assert_eq!(json["status"], serde_json::json!({ "state": "pending" }));
	}
}
