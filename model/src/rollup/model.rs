//! The state of the protocol in plain numbers and lists. Nothing is cached: every answer is computed from
//! the whole state.
//!
//! Records have the pallet's types, but the model uses only their fields. Its rules are its own.
//!
//! The pool is not modelled. The model determines the calls of the pool and, from its own list of open
//! assignments, the pool's answers. It takes from the pool only the prover of a draw and the amount of a
//! slash.

use super::{
	money::Money,
	recorder::PoolCall,
	rules::Rule,
	runtime::{
		AccountId, Balance, BaseGas, BlockNumber, Event, MaxProofWindow, MinProofWindow,
		OpenRewardEnd, OpenRewardStart, Revoked, Runtime, Time, WindowMultiplier,
	},
};
use pallet_block_proposal::{Cancellation, Delivery, Leftover, Status};
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_core::H256;
use std::collections::BTreeMap;

pub type Assignment = pallet_block_proposal::Assignment<Runtime>;
pub type Block = pallet_block_proposal::Block<Runtime>;
pub type Claim = pallet_block_proposal::Claim<Runtime>;

/// The unit of the moving averages, which are in parts of 10⁻¹⁸.
pub const ONE: u128 = 1_000_000_000_000_000_000;

/// An open assignment in the pool's records.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assigned {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub released: bool,
}

/// The pool's records of blocks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PoolRecords {
	/// The requests that wait for their draw, oldest first.
	pub requests: Vec<(BlockId, PricePerGas)>,
	pub assignments: BTreeMap<BlockId, Assigned>,
}

/// The whole protocol.
#[derive(Clone, Debug)]
pub struct Model {
	/// The number of the chain's block.
	pub number: BlockNumber,
	pub clock: Time,
	pub started: bool,
	pub next_id: BlockId,
	pub verified_id: BlockId,
	pub verified_hash: H256,
	/// The time at which the block before the head was settled.
	pub head_since: Time,
	pub cancelled: Option<Cancellation<Time>>,
	/// The first block of the chain after the pause.
	pub paused_until: Option<BlockNumber>,
	/// The moving averages, in units of 10⁻¹⁸.
	pub average_fee: u128,
	pub average_delay: u128,
	/// The average fee when the chain's block began.
	pub fee_at_start: u128,
	/// The blocks that are not settled.
	pub blocks: BTreeMap<BlockId, Block>,
	/// All claims except those of assigned provers in time, in the order in which they were made.
	pub claims: BTreeMap<BlockId, Vec<Claim>>,
	/// Settled blocks with claims that are not cleared.
	pub leftovers: BTreeMap<BlockId, Leftover>,
	pub money: Money,
	pub pool: PoolRecords,
	/// The events that this step must have.
	pub events: Vec<Event>,
	/// The calls of the pool that this step must make.
	pub asks: Vec<PoolCall>,
	/// The chain's calls of the pool in this step, read only for results that the pool alone determines.
	pub asked: Vec<PoolCall>,
	/// The ends of the blocks that were settled in this step.
	pub ends: Vec<&'static str>,
	/// True if the call of this step costs no fee.
	pub is_free: bool,
	/// A rule that this model breaks, to show that a difference is noticed.
	pub broken: Option<Rule>,
}

impl Model {
	pub fn breaks(&self, rule: Rule) -> bool {
		self.broken == Some(rule)
	}

	/// The oldest block that is not settled.
	pub fn head(&self) -> BlockId {
		self.blocks.keys().next().copied().unwrap_or(self.next_id)
	}

	pub fn is_cancelled(&self, block_id: BlockId) -> bool {
		self.cancelled.as_ref().is_some_and(|cancelled| block_id < cancelled.below)
	}

	/// Returns all claims of a block, in the order in which they were made. Others may claim only when the
	/// assigned prover's window has passed.
	pub fn claims_of(&self, block_id: BlockId) -> Vec<&Claim> {
		let own = self.blocks.get(&block_id).and_then(own_claim);
		own.into_iter().chain(self.claims.get(&block_id).into_iter().flatten()).collect()
	}

	pub fn open_blocks(&self) -> usize {
		self.blocks.values().filter(|block| matches!(block.status, Status::Open { .. })).count()
	}

	pub fn pending_blocks(&self) -> usize {
		self.blocks.values().filter(|block| block.status == Status::Pending).count()
	}

	pub fn pending_of(&self, who: AccountId) -> usize {
		let blocks = self.blocks.values();
		blocks.filter(|block| block.status == Status::Pending && block.proposer == who).count()
	}

	pub fn is_paused(&self) -> bool {
		self.paused_until.is_some_and(|until| self.number < until)
	}

	pub fn fee(&self) -> PricePerGas {
		(self.average_fee / ONE) as PricePerGas
	}

	pub fn window(&self) -> Time {
		let window = self.average_delay * u128::from(WindowMultiplier::get()) / 100 / ONE;
		(window as Time).clamp(MinProofWindow::get(), MaxProofWindow::get())
	}
}

/// Returns the assigned prover's claim in time.
pub fn own_claim(block: &Block) -> Option<&Claim> {
	match &block.status {
		Status::Assigned(Assignment { delivery: Delivery::Claimed(claim), .. }) => Some(claim),
		_ => None,
	}
}

/// Returns whether the tag of a claim was revoked.
pub fn is_void(claim: &Claim) -> bool {
	Revoked::get().contains(&claim.tag)
}

/// `cost(gas, price) = (BaseGas + gas) × price`.
pub fn cost(gas: Gas, price: PricePerGas) -> Balance {
	(Balance::from(BaseGas::get()) + Balance::from(gas)) * Balance::from(price)
}

/// Returns the price per gas of a claim that is made now.
pub fn price_at(block: &Block, now: Time) -> PricePerGas {
	match &block.status {
		Status::Pending => 0,
		Status::Assigned(assignment) => assignment.reward_per_gas,
		Status::Open { fixed_reward: Some(price), .. } => *price,
		Status::Open { opened_at, fixed_reward: None } => {
			let period = MaxProofWindow::get();
			let elapsed = now.saturating_sub(*opened_at).min(period);
			let start = u64::from(OpenRewardStart::get());
			let rise = u64::from(OpenRewardEnd::get()) - start;
			let percent_periods = start * period + rise * elapsed;
			(u64::from(block.fee_per_gas) * percent_periods / (100 * period)) as PricePerGas
		},
	}
}
