//! The rollup's blocks, claims, prices and deadlines.

use super::{whole, PAGE};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId, H256},
	execution::{Execution, Parent, Proposal},
	Error, Result,
};
use api::{
	runtime_apis::block_proposal_api::BlockProposalApi,
	runtime_types::{pallet_block_proposal as pallet, sp_arithmetic::per_things::Perbill},
};

/// The rollup's state.
pub type State = pallet::types::ChainState<u32>;
/// A proposed block that is not settled.
pub type Block = pallet::types::Block;
/// A claim: its proof was valid when it came.
pub type Claim = pallet::types::Claim;
/// What vouches for a claim: an attestation key, or a program of the registry.
pub type Tag = pallet::verifier::Either<[u8; 32], u16>;
/// The state of a block's search for a prover.
pub type Status = pallet::types::Status;
/// The duty of a prover to prove a block.
pub type Assignment = pallet::types::Assignment;
/// What an assigned prover has delivered.
pub type Delivery = pallet::types::Delivery;
/// How the prover whose claim is verified is paid.
pub type Verdict = pallet::types::Verdict;

/// What a waiting block waits for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stage {
	/// Its draw.
	Pending,
	/// The claim of its prover, which has time left.
	Assigned,
	/// Verification: its prover has claimed it in time.
	Proven,
	/// Any account, since the window of its prover is over.
	Overdue,
	/// Any account, since the claim of its prover was removed.
	Failed,
	/// Any account, since its draw found no prover.
	Open,
	/// Its settlement: it is cancelled, and no part of the rollup.
	Cancelled,
}

/// The parameters of the protocol that clients need.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameters {
	/// The gas that every block is charged for, besides its own.
	pub base_gas: u32,
	/// What an open block pays in the end, in percent of the fee. Proposers escrow it.
	pub open_reward_end: u32,
	/// The bonus of a rescuer, in parts of 10⁹ of its reward.
	pub rescue_bonus: u32,
	/// The bond of a claim by anybody but the assigned prover in time.
	pub proof_bond: Balance,
	/// The shortest window of a prover. The head cannot be skipped in its first time of this length.
	pub min_proof_window: u32,
	/// The time after which a block that nobody proves can be skipped.
	pub expiry_period: u32,
	/// The time that a claim waits before it can be verified.
	pub cooldown: u32,
	/// The share by which the fee may move within one block of the chain, in parts of 10⁹.
	pub max_fee_step: u32,
	/// The longest pause, in blocks of the chain.
	pub max_pause: u32,
	/// The longest transaction list, in bytes.
	pub max_tx_list_size: u32,
	/// The longest proof, in bytes.
	pub max_proof_size: u32,
}

impl Parameters {
	/// Returns the cost of this much gas at this price, in base units (Money).
	pub fn cost(&self, gas: u32, price: u32) -> Balance {
		(u128::from(self.base_gas) + u128::from(gas)) * u128::from(price)
	}
}

/// The rollup's clock after a block of the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Clock {
	/// The time.
	pub now: u32,
	/// The number of the next blocks in which the protocol is paused and the clock stands still,
	/// unless governance ends the pause.
	#[serde(skip)]
	pub paused: u32,
}

impl Clock {
	/// Returns the time in the next block: the clock counts a block before its transactions.
	pub fn next(&self) -> u32 {
		self.now.saturating_add((self.paused == 0).into())
	}

	/// Returns how many blocks of the chain can still include a claim in time; `None` if none can.
	pub fn blocks_left(&self, deadline: u32) -> Option<u32> {
		let in_time = self.next() <= deadline;
		in_time.then(|| deadline.saturating_sub(self.now).saturating_add(self.paused))
	}
}

impl From<&pallet::types::Execution> for Execution {
	fn from(execution: &pallet::types::Execution) -> Self {
		let pallet::types::Execution { parent_hash, block_hash, gas_used } = *execution;
		Self { parent_hash, block_hash, gas_used }
	}
}

impl State {
	/// Returns the last verified block.
	pub fn verified(&self) -> Parent {
		Parent { id: self.verified_id, hash: self.verified_hash }
	}

	/// Returns the first block that is not cancelled.
	pub fn first_live(&self) -> BlockId {
		self.cancelled.as_ref().map_or(self.head, |cancelled| cancelled.below.max(self.head))
	}
}

impl Stage {
	/// All stages.
	pub const ALL: [Stage; 7] = [
		Stage::Pending,
		Stage::Assigned,
		Stage::Proven,
		Stage::Overdue,
		Stage::Failed,
		Stage::Open,
		Stage::Cancelled,
	];

	/// Returns the name of the stage.
	pub fn name(self) -> &'static str {
		match self {
			Stage::Pending => "pending",
			Stage::Assigned => "assigned",
			Stage::Proven => "proven",
			Stage::Overdue => "overdue",
			Stage::Failed => "failed",
			Stage::Open => "open",
			Stage::Cancelled => "cancelled",
		}
	}
}

impl Verdict {
	/// Returns the name of the verdict, as in labels of metrics.
	pub fn name(&self) -> &'static str {
		match self {
			Verdict::InTime => "in_time",
			Verdict::Failed => "failed",
			Verdict::Rescued => "rescued",
			Verdict::Open => "open",
		}
	}
}

impl Claim {
	/// Returns whether the claim is void: what vouched for it is one of these.
	pub fn is_void(&self, revoked: &[Tag]) -> bool {
		revoked.contains(&self.tag)
	}
}

impl Block {
	/// Drops the claim that the assigned prover made in time, if it is void: the block is open at the
	/// agreed price. The chain does the same when somebody proves the block or it is the head.
	pub fn drop_void_claim(&mut self, revoked: &[Tag]) {
		if let Status::Assigned(Assignment {
			reward_per_gas,
			delivery: Delivery::Claimed(claim),
			..
		}) = &self.status
		{
			if claim.is_void(revoked) {
				let (opened_at, fixed_reward) = (claim.claimed_at, Some(*reward_per_gas));
				self.status = Status::Open { opened_at, fixed_reward };
			}
		}
	}

	/// Returns the last time at which the block cannot be skipped, if it is the head since `head_since`; `None`
	/// before its draw. Volunteers have the shortest window to prove a new head.
	pub fn skippable_after(
		&self,
		head_since: u32,
		min_proof_window: u32,
		expiry_period: u32,
	) -> Option<u32> {
		let provable_until = head_since.saturating_add(min_proof_window);
		Some(self.expires_after(expiry_period)?.max(provable_until))
	}

	/// Returns the last time of the expiry period; `None` before the draw.
	pub fn expires_after(&self, expiry_period: u32) -> Option<u32> {
		let removed_at = self.removed_at.unwrap_or(0);
		let since = match &self.status {
			Status::Pending => return None,
			Status::Open { opened_at, .. } => *opened_at,
			Status::Assigned(it) if matches!(it.delivery, Delivery::Removed) => removed_at,
			Status::Assigned(it) => it.deadline,
		};
		Some(since.max(removed_at).saturating_add(expiry_period))
	}

	/// Returns what the block waits for; `is_cancelled` says whether it was cancelled.
	pub fn stage(&self, is_cancelled: bool, clock: Clock) -> Stage {
		match &self.status {
			_ if is_cancelled => Stage::Cancelled,
			Status::Pending => Stage::Pending,
			Status::Open { .. } => Stage::Open,
			Status::Assigned(it) => match it.delivery {
				Delivery::Removed => Stage::Failed,
				Delivery::Claimed(_) => Stage::Proven,
				Delivery::Due => match clock.blocks_left(it.deadline) {
					Some(_) => Stage::Assigned,
					None => Stage::Overdue,
				},
			},
		}
	}

	/// Returns what decides the block's result besides its parent.
	pub fn proposal(&self, block_id: BlockId) -> Proposal {
		Proposal {
			block_id,
			tx_list_hash: self.tx_list_hash,
			gas_limit: self.gas_limit,
			beneficiary: self.beneficiary,
		}
	}

	/// Returns the assignment, if there is one.
	pub fn assignment(&self) -> Option<&Assignment> {
		match &self.status {
			Status::Assigned(assignment) => Some(assignment),
			_ => None,
		}
	}

	/// Returns the claim that its assigned prover made in time.
	pub fn claim_in_time(&self) -> Option<&Claim> {
		match &self.assignment()?.delivery {
			Delivery::Claimed(claim) => Some(claim),
			Delivery::Due | Delivery::Removed => None,
		}
	}

	/// Returns whether a claim of this execution was removed as wrong.
	pub fn is_barred(&self, execution: &Execution) -> bool {
		self.barred.0.iter().any(|barred| Execution::from(barred) == *execution)
	}
}

/// Returns the rollup's state. Refused if the rollup was not started.
pub async fn started(at: &At) -> Result<State> {
	let not_started = || {
		Error::from(crate::Refusal {
			name: "BlockProposal.NotStarted".into(),
			reason: "governance has not started the rollup".into(),
		})
	};
	state(at).await?.ok_or_else(not_started)
}

/// Returns the rollup's state; `None` if the rollup was not started.
pub async fn state(at: &At) -> Result<Option<State>> {
	let chain = api::storage().block_proposal().chain();
	let value = at.storage().try_fetch(chain, ()).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

/// Returns the rollup's clock: the number of blocks of the chain that admitted transactions outside
/// of pauses.
pub async fn now(at: &At) -> Result<u32> {
	let clock = api::storage().block_proposal().clock();
	Ok(at.storage().fetch(clock, ()).await?.decode()?)
}

/// Returns the rollup's clock, and how long it stands still.
pub async fn clock(at: &At) -> Result<Clock> {
	let (now, until) = futures::try_join!(now(at), paused_until(at))?;
	let next = at.block_number().saturating_add(1);
	let paused = u64::from(until.unwrap_or(0)).saturating_sub(next);
	Ok(Clock { now, paused: paused.try_into().unwrap_or(u32::MAX) })
}

/// Returns the first block of the chain after the present pause; `None` without a pause.
pub async fn paused_until(at: &At) -> Result<Option<u32>> {
	let paused = api::storage().block_proposal().paused_until();
	let value = at.storage().try_fetch(paused, ()).await?;
	let until: Option<u32> = value.map(|value| value.decode()).transpose()?;
	// The storage item stays until a block after the pause removes it.
	Ok(until.filter(|until| u64::from(*until) > at.block_number()))
}

/// Returns an unsettled block.
pub async fn block(at: &At, id: BlockId) -> Result<Option<Block>> {
	let blocks = api::storage().block_proposal().blocks();
	let value = at.storage().try_fetch(blocks, (id,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

fn protocol() -> BlockProposalApi {
	api::runtime_apis().block_proposal_api()
}

/// Returns all unsettled blocks from this id on, in the order of their ids.
pub async fn blocks(at: &At, from: BlockId) -> Result<Vec<(BlockId, Block)>> {
	blocks_by(at, from, PAGE).await
}

/// Returns the same, read in pages of this size.
pub async fn blocks_by(at: &At, from: BlockId, page: u32) -> Result<Vec<(BlockId, Block)>> {
	whole(async |last: Option<&(BlockId, Block)>| {
		let start = last.map_or(from, |(id, _)| id + 1);
		let rows = at.runtime_apis().call(protocol().blocks(start, page)).await?;
		Ok(rows.into_iter().map(|row| (row.block_id, row.block)).collect())
	})
	.await
}

/// Returns the claims on one parent of a block that others than its assigned prover in time have
/// made, in the order in which they came.
pub async fn claims_on(at: &At, id: BlockId, parent: H256) -> Result<Vec<Claim>> {
	let claims = api::storage().block_proposal().claims();
	let value = at.storage().try_fetch(claims, (id, parent)).await?;
	let claims = value.map(|value| value.decode()).transpose()?;
	Ok(claims.map_or_else(Vec::new, |claims| claims.0))
}

/// Returns those of these tags that are revoked. The chain knows the rules of its verifier.
pub async fn revoked(at: &At, mut tags: Vec<Tag>) -> Result<Vec<Tag>> {
	tags.dedup();
	if tags.is_empty() {
		return Ok(tags);
	}
	Ok(at.runtime_apis().call(protocol().revoked(tags)).await?)
}

/// Returns the registered attestation keys.
pub async fn attestation_keys(at: &At) -> Result<Vec<[u8; 32]>> {
	Ok(at.runtime_apis().call(api::runtime_apis().attestation_api().keys()).await?)
}

/// Returns all claims on a block by others than its assigned prover in time.
pub async fn claims(at: &At, id: BlockId) -> Result<Vec<Claim>> {
	Ok(at.runtime_apis().call(protocol().claims(id, PAGE)).await?)
}

/// Returns the price per gas of a proposal made now.
pub async fn fee_per_gas(at: &At) -> Result<u32> {
	Ok(at.runtime_apis().call(protocol().fee_per_gas()).await?)
}

/// Returns the reward per gas of a proof accepted now; `None` if no proof is accepted.
pub async fn reward_per_gas(at: &At, id: BlockId) -> Result<Option<u32>> {
	Ok(at.runtime_apis().call(protocol().reward_per_gas(id)).await?)
}

/// Returns the parameters of the protocol.
pub fn parameters(at: &At) -> Result<Parameters> {
	let constants = || api::constants().block_proposal();
	let at = at.constants();
	let Perbill(rescue_bonus) = at.entry(constants().rescue_bonus())?;
	let Perbill(max_fee_step) = at.entry(constants().max_fee_step())?;
	Ok(Parameters {
		base_gas: at.entry(constants().base_gas())?,
		open_reward_end: at.entry(constants().open_reward_end())?,
		rescue_bonus,
		proof_bond: at.entry(constants().proof_bond())?,
		min_proof_window: at.entry(constants().min_proof_window())?,
		expiry_period: at.entry(constants().expiry_period())?,
		cooldown: at.entry(constants().cooldown())?,
		max_fee_step,
		max_pause: at.entry(constants().max_pause())?,
		max_tx_list_size: at.entry(constants().max_tx_list_size())?,
		max_proof_size: at.entry(constants().max_proof_size())?,
	})
}

/// Returns the lowest and the highest price per gas of a proposal.
pub fn fee_limits(at: &At) -> Result<(u32, u32)> {
	let constants = || api::constants().block_proposal();
	let at = at.constants();
	Ok((at.entry(constants().min_fee_per_gas())?, at.entry(constants().max_fee_per_gas())?))
}

/// Returns how many blocks may wait for their settlement.
pub fn max_unverified_blocks(at: &At) -> Result<u32> {
	Ok(at.constants().entry(api::constants().block_proposal().max_unverified_blocks())?)
}

/// Returns the highest gas limit of a block.
pub fn max_gas_limit(at: &At) -> Result<u32> {
	Ok(at.constants().entry(api::constants().block_proposal().max_gas_limit())?)
}

/// Returns the share of its reward that an assigned prover loses when it uses its whole window, in parts
/// of 10⁹.
pub fn max_delay_penalty(at: &At) -> Result<u32> {
	let Perbill(share) =
		at.constants().entry(api::constants().block_proposal().max_delay_penalty())?;
	Ok(share)
}

/// Returns the chain's own instance hash. For checks only: a prover computes it, or the node could
/// make it sign anything.
pub async fn instance_hash(
	at: &At,
	id: BlockId,
	execution: Execution,
	prover: AccountId,
) -> Result<Option<H256>> {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let call = protocol().instance_hash(id, parent_hash, block_hash, gas_used, prover);
	Ok(at.runtime_apis().call(call).await?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		daemon::work::tests::{assigned, block, claim, DEADLINE, ME},
		execution::tests::executed,
	};

	#[test]
	fn a_block_waits_for_its_draw_its_prover_or_others() {
		let at = |now| Clock { now, paused: 0 };
		let claimed = Delivery::Claimed(claim(ME, executed(1, 1, 11).execution()));
		for (block, now, stage) in [
			(block(Status::Pending), 50, Stage::Pending),
			(block(Status::Open { opened_at: 5, fixed_reward: None }), 50, Stage::Open),
			(assigned(ME, Delivery::Due), DEADLINE - 1, Stage::Assigned),
			(assigned(ME, Delivery::Due), DEADLINE, Stage::Overdue),
			(assigned(ME, claimed), DEADLINE, Stage::Proven),
			(assigned(ME, Delivery::Removed), DEADLINE - 1, Stage::Failed),
		] {
			assert_eq!(block.stage(false, at(now)), stage);
			assert_eq!(block.stage(true, at(now)), Stage::Cancelled);
		}
		// The clock stands still.
		let paused = Clock { now: DEADLINE, paused: 5 };
		assert_eq!(assigned(ME, Delivery::Due).stage(false, paused), Stage::Assigned);
		let names: std::collections::BTreeSet<_> = Stage::ALL.map(Stage::name).into();
		assert_eq!(names.len(), Stage::ALL.len());
	}

	#[test]
	fn a_pause_adds_its_blocks_to_the_time_left() {
		for (now, paused, deadline, left) in [
			(99, 0, 100, Some(1)),
			(100, 0, 100, None),
			(101, 0, 100, None),
			(99, 5, 100, Some(6)),
			(100, 5, 100, Some(5)),
			(101, 5, 100, None),
		] {
			assert_eq!(Clock { now, paused }.blocks_left(deadline), left, "{now}, {paused}");
		}
	}
}
