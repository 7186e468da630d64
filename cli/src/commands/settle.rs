//! `verify`, `expire`, `skip` and `clear-claims`: what any account may do so that blocks are settled.

use super::{
	govern::unknown_block,
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::{
		protocol::{ClearArgs, VerifyArgs},
		BlockCallArgs,
	},
	chain::{
		api::{
			self,
			runtime_types::{
				bounded_collections::bounded_vec::BoundedVec,
				pallet_block_proposal::types::Assignment,
			},
		},
		AccountId, At, BlockId, H256,
	},
	output::count,
	reads::rollup::{self, Block, Clock, Delivery, Parameters, State},
	Refusal, Result,
};
use serde_json::json;

fn calls() -> api::block_proposal::calls::api::TransactionApi {
	api::transactions().block_proposal()
}

/// Verifies blocks whose claims have waited long enough, and settles cancelled ones.
pub async fn verify(context: &Context, args: VerifyArgs) -> Result<()> {
	let at = context.client.best().await?;
	let state = rollup::started(&at).await?;
	let intent = to_verify(&state, rollup::parameters(&at)?.cooldown, args.max);
	let call = calls().verify_blocks(args.max);
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

fn to_verify(state: &State, cooldown: u32, max: u32) -> Intent {
	let cancelled = state.first_live().saturating_sub(state.head);
	let waiting = state.next_id.saturating_sub(state.first_live());
	let mut consequences = vec![
		format!(
			"{} for verification, from block {} on; one is verified {} after its earliest claim on the \
			 verified hash.",
			count(waiting, "block waits", "blocks wait"),
			state.first_live(),
			count(cooldown, "block", "blocks")
		),
		"The call is free if it settles a block.".into(),
	];
	if cancelled > 0 {
		consequences.insert(
			0,
			format!(
				"{} are settled first.",
				count(cancelled, "cancelled block", "cancelled blocks")
			),
		);
	}
	Intent {
		summary: format!("settle up to {}", count(max, "block", "blocks")),
		consequences,
		details: json!({
			"max": max,
			"head": state.head,
			"cancelled": cancelled,
			"waiting": waiting,
			"cooldown": cooldown,
		}),
	}
}

/// Cancels the draw of a block that was not drawn in time.
pub async fn expire(context: &Context, args: BlockCallArgs) -> Result<()> {
	let situation = Situation::read(context, args.block).await?;
	let call = calls().expire_request(args.block);
	transact(context, &context.actor(&args.submit)?, &call, &situation.to_expire(), &args.submit)
		.await
}

/// Gives up the next block to verify.
pub async fn skip(context: &Context, args: BlockCallArgs) -> Result<()> {
	let situation = Situation::read(context, args.block).await?;
	let intent = situation.to_skip(context.client.token(), |prover| context.client.address(prover));
	let call = calls().skip_block(args.block);
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

/// Removes what is left of the claims on a settled block.
pub async fn clear_claims(context: &Context, args: ClearArgs) -> Result<()> {
	let at = context.client.best().await?;
	let leftover = api::storage().block_proposal().leftovers();
	let value = at.storage().try_fetch(leftover, (args.block,)).await?;
	let left = value.map(|value| value.decode()).transpose()?.ok_or_else(|| Refusal {
		name: "BlockProposal.NothingToClear".into(),
		reason: format!("no claims on a settled block {} are stored", args.block),
	})?;
	let mut parents: Vec<H256> = rollup::claims(&at, args.block)
		.await?
		.iter()
		.map(|claim| claim.execution.parent_hash)
		.collect();
	// They come parent by parent.
	parents.dedup();
	parents.truncate(args.max as usize);
	let bonds = if left.bonds_forfeited { "forfeited" } else { "returned" };
	let intent = Intent {
		summary: format!(
			"clear the claims on settled block {}, on {}",
			args.block,
			count(parents.len() as u64, "parent", "parents")
		),
		consequences: vec![
			format!(
				"{} are stored; their bonds are {bonds}.",
				count(left.claims, "claim", "claims")
			),
			"The call is free if there are still claims on each of these parents when it is included.".into(),
		],
		details: json!({
			"block_id": args.block,
			"parents": parents,
			"claims": left.claims,
			"bonds_forfeited": left.bonds_forfeited,
		}),
	};
	let call = calls().clear_claims(args.block, BoundedVec(parents));
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

/// A waiting block, and what its settlement depends on.
struct Situation {
	id: BlockId,
	block: Block,
	clock: Clock,
	parameters: Parameters,
	/// Since when the head is the head.
	head_since: u32,
	/// The blocks behind it.
	behind: Vec<(BlockId, Block)>,
}

impl Situation {
	async fn read(context: &Context, id: BlockId) -> Result<Self> {
		let at: At = context.client.best().await?;
		let block = rollup::block(&at, id).await?.ok_or_else(|| unknown_block(id))?;
		let behind = rollup::blocks(&at, id.saturating_add(1)).await?;
		let (clock, head_since) =
			(rollup::clock(&at).await?, rollup::started(&at).await?.head_since);
		Ok(Self { id, block, clock, parameters: rollup::parameters(&at)?, head_since, behind })
	}

	/// Returns when something is allowed, in words.
	fn date(&self, what: &str, last: u32) -> String {
		format!("{what} after {last} by the rollup's clock; now is {}.", self.clock.now)
	}

	/// Returns the blocks behind whose provers a skip slashes in the next block: their time has passed without
	/// a claim, or their claim was removed.
	fn slashed_behind(&self) -> Vec<(BlockId, &AccountId)> {
		let failed = |assignment: &Assignment| match assignment.delivery {
			Delivery::Due => assignment.deadline < self.clock.next(),
			Delivery::Claimed(_) => false,
			Delivery::Removed => true,
		};
		self.behind
			.iter()
			.filter_map(|(id, block)| {
				let assignment = block.assignment().filter(|it| failed(it))?;
				Some((*id, &assignment.prover))
			})
			.collect()
	}

	fn to_expire(&self) -> Intent {
		let last = self.block.proposed_at.saturating_add(self.parameters.expiry_period);
		Intent {
			summary: format!("cancel the draw of block {} and open the block", self.id),
			consequences: vec![
				self.date("This is allowed", last),
				"Any account may prove it then, for a rising reward.".into(),
			],
			details: json!({ "block_id": self.id, "now": self.clock.now, "allowed_after": last }),
		}
	}

	fn to_skip(&self, token: &Token, address: impl Fn(&AccountId) -> String) -> Intent {
		let escrow = token.format(self.block.escrow.held);
		let Parameters { min_proof_window, expiry_period, .. } = self.parameters;
		let last = self.block.skippable_after(self.head_since, min_proof_window, expiry_period);
		let mut consequences = Vec::new();
		if let Some(last) = last {
			consequences.push(self.date("This is allowed", last));
		}
		consequences.push(format!("The escrow of {escrow} is forfeited."));
		let prover = self.block.assignment().map(|it| address(&it.prover));
		if let Some(prover) = &prover {
			consequences.push(format!("{prover}, which had to prove it, is slashed."));
		}
		let behind = self.behind.len() as u64;
		if behind > 0 {
			consequences.push(format!(
				"{} behind it {} cancelled: escrows and bonds are returned, provers that have claimed or \
				 still have time are discharged.",
				count(behind, "block", "blocks"),
				if behind == 1 { "is" } else { "are" }
			));
		}
		let slashed_behind: Vec<(BlockId, String)> = self
			.slashed_behind()
			.into_iter()
			.map(|(block_id, prover)| (block_id, address(prover)))
			.collect();
		consequences.extend(slashed_behind.iter().map(|(block_id, prover)| {
			format!(
				"{prover} is slashed for block {block_id}, whose time has passed without a proof."
			)
		}));
		Intent {
			summary: format!("skip block {}: it will be no part of the rollup", self.id),
			consequences,
			details: json!({
				"block_id": self.id,
				"now": self.clock.now,
				"allowed_after": last,
				"escrow": self.block.escrow.held.to_string(),
				"prover": prover,
				"cancelled": behind,
				"slashed_behind": slashed_behind
					.iter()
					.map(|(block_id, prover)| json!({ "block_id": block_id, "prover": prover }))
					.collect::<Vec<_>>(),
			}),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::api::runtime_types::pallet_block_proposal::types::Cancellation,
		commands::account::tests::{token, UNIT},
		daemon::work::tests::{block, claim},
		execution::{tests::hash, Execution},
		reads::rollup::Status,
	};

	fn parameters() -> Parameters {
		Parameters {
			base_gas: 1,
			open_reward_end: 150,
			rescue_bonus: 1,
			proof_bond: 1,
			min_proof_window: 20,
			expiry_period: 100,
			cooldown: 5,
			max_fee_step: 1,
			max_pause: 1,
			max_tx_list_size: 1,
			max_proof_size: 1,
		}
	}

	fn situation(status: Status) -> Situation {
		let mut block = block(status);
		block.escrow.held = UNIT;
		let clock = Clock { now: 150, paused: 0 };
		Situation { id: 4, block, clock, parameters: parameters(), head_since: 1, behind: vec![] }
	}

	fn assigned(prover: u8, deadline: u32, delivery: Delivery) -> Status {
		Status::Assigned(Assignment {
			prover: AccountId([prover; 32]),
			reward_per_gas: 1,
			start: 1,
			deadline,
			delivery,
		})
	}

	/// Accounts are shown by their first byte.
	fn skip(situation: &Situation) -> Intent {
		situation.to_skip(&token(), |account| format!("5F{}", account.0[0]))
	}

	fn state(below: Option<BlockId>) -> State {
		State {
			next_id: 9,
			head: 4,
			verified_id: 3,
			verified_hash: hash(3),
			head_since: 1,
			pending: 0,
			open: 0,
			cancelled: below.map(|below| Cancellation { below, at: 1, slashing: true }),
		}
	}

	#[test]
	fn a_verification_says_what_waits() {
		let intent = to_verify(&state(None), 5, 16);
		assert_eq!(intent.summary, "settle up to 16 blocks");
		assert_eq!(
			intent.consequences[0],
			"5 blocks wait for verification, from block 4 on; one is verified 5 blocks after its earliest \
			 claim on the verified hash."
		);
		assert_eq!(intent.consequences.len(), 2);
		let cancelled = to_verify(&state(Some(7)), 5, 16).consequences;
		assert_eq!(cancelled[0], "3 cancelled blocks are settled first.");
		assert!(cancelled[1].starts_with("2 blocks wait"), "{cancelled:?}");
	}

	#[test]
	fn an_expiry_says_when_it_is_allowed() {
		let intent = situation(Status::Pending).to_expire();
		assert_eq!(intent.summary, "cancel the draw of block 4 and open the block");
		// Proposed at 1.
		let date = "This is allowed after 101 by the rollup's clock; now is 150.";
		assert_eq!(intent.consequences[0], date);
	}

	#[test]
	fn a_skip_says_whom_it_costs_what() {
		let mut skipped = situation(assigned(1, 40, Delivery::Due));
		let execution = Execution { parent_hash: hash(4), block_hash: hash(5), gas_used: 1 };
		let claimed = Delivery::Claimed(claim(AccountId([4; 32]), execution));
		skipped.behind = vec![
			(5, block(assigned(4, 100, claimed))),
			(6, block(assigned(2, 150, Delivery::Due))),
			(7, block(assigned(3, 151, Delivery::Due))),
			(8, block(Status::Pending)),
			(9, block(assigned(2, 200, Delivery::Removed))),
		];
		let intent = skip(&skipped);
		assert_eq!(
			intent.consequences,
			[
				"This is allowed after 140 by the rollup's clock; now is 150.",
				"The escrow of 1 UNIT is forfeited.",
				"5F1, which had to prove it, is slashed.",
				"5 blocks behind it are cancelled: escrows and bonds are returned, provers that have claimed \
				 or still have time are discharged.",
				"5F2 is slashed for block 6, whose time has passed without a proof.",
				"5F2 is slashed for block 9, whose time has passed without a proof.",
			]
		);
		assert_eq!(intent.details["allowed_after"], 140);
		assert_eq!(
			intent.details["slashed_behind"],
			json!([{ "block_id": 6, "prover": "5F2" }, { "block_id": 9, "prover": "5F2" }])
		);
		// It is the head since 130, and the shortest window is 20.
		skipped.head_since = 130;
		assert_eq!(skip(&skipped).details["allowed_after"], 150);
		// The clock stands still: the last moment of block 6 is not over in the next block.
		skipped.clock.paused = 3;
		assert_eq!(skipped.slashed_behind(), [(9, &AccountId([2; 32]))]);
	}

	#[test]
	fn a_skip_without_a_prover_or_blocks_behind_names_none() {
		let mut removed = situation(assigned(1, 40, Delivery::Removed));
		removed.block.removed_at = Some(30);
		assert_eq!(removed.block.expires_after(100), Some(130));
		let open = situation(Status::Open { opened_at: 20, fixed_reward: None });
		assert_eq!(open.block.expires_after(100), Some(120));
		let pending = skip(&situation(Status::Pending));
		assert_eq!(pending.consequences, ["The escrow of 1 UNIT is forfeited."]);
	}
}
