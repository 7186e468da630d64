//! A chain in memory, as agents see it.
//!
//! [`Setup::run`] makes one on this thread and passes a [`Chain`]. A chain is always inside a block: agents
//! make calls, and [`Chain::pass_block`] ends the block and begins the next one.

mod calls;
mod reads;
mod setup;

pub use setup::{Member, Setup, FIRST_BLOCK};

use crate::runtime::*;
use frame_support::{
	traits::Hooks,
	weights::{Weight, WeightMeter},
};
use pallet_block_proposal::{Blocks, Execution, Status};
use pallet_vrf_accumulator::VrfOutput;
use prover_pool_primitives::{BlockId, DrawOutcome, Gas, OpenReason, PricePerGas};
use sp_core::H256;
use std::collections::HashMap;

/// What a proposal contains, as far as provers care.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct List {
	/// The limit that the proposer states and pays for.
	pub gas_limit: Gas,
	/// The gas that the block uses.
	pub gas_used: Gas,
	/// How long its proof takes, as a multiple of what its gas suggests.
	pub effort: f64,
}

impl List {
	/// Returns a list that uses this gas, states it, and takes as long as its gas suggests.
	pub fn of(gas: Gas) -> Self {
		Self { gas_limit: gas, gas_used: gas, effort: 1.0 }
	}
}

/// The result of a draw in the present block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
	/// The block.
	pub block_id: BlockId,
	/// The prover, the price agreed and the deadline by the protocol's clock; or why there is none.
	pub outcome: Result<(AccountId, PricePerGas, BlockNumber), OpenReason>,
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
	/// Blocks of the chain.
	pub chain_blocks: u64,
	/// Proposals accepted.
	pub proposed: u64,
	/// Blocks of the rollup verified.
	pub verified: u64,
	/// How often the last block that was verified had not the hash that its execution gives.
	pub wrong: u64,
	/// Skips.
	pub skipped: u64,
}

/// A chain, inside a block.
pub struct Chain {
	output: VrfOutput,
	draws: Vec<Draw>,
	lists: HashMap<BlockId, List>,
	right: RightHashes,
	outside: HashMap<AccountId, i128>,
	false_claims: Vec<(BlockId, Execution)>,
	counts: Counts,
}

/// The right hashes of blocks that wait.
#[derive(Default)]
struct RightHashes {
	/// The first block of `hashes`.
	first: BlockId,
	/// The hash of the parent of the first.
	parent: H256,
	hashes: Vec<H256>,
}

impl RightHashes {
	/// Returns the right hash of this block, if it is known.
	fn get(&self, block_id: BlockId) -> Option<H256> {
		match block_id.checked_sub(self.first) {
			None if block_id + 1 == self.first => Some(self.parent),
			None => None,
			Some(at) => self.hashes.get(at as usize).copied(),
		}
	}
}

/// Returns the right hash of a block on a parent.
pub fn execute(parent_hash: H256, block_id: BlockId) -> H256 {
	let mut bytes = [0; 40];
	bytes[..32].copy_from_slice(&parent_hash.0);
	bytes[32..].copy_from_slice(&block_id.to_le_bytes());
	sp_io::hashing::blake2_256(&bytes).into()
}

impl Chain {
	fn new() -> Self {
		Self {
			output: [0; 32],
			draws: Vec::new(),
			lists: HashMap::new(),
			right: RightHashes::default(),
			outside: HashMap::new(),
			false_claims: Vec::new(),
			counts: Counts::default(),
		}
	}

	/// Ends the present block and begins the next one, whose author's VRF output is `output`.
	pub fn pass_block(&mut self, output: VrfOutput) {
		let number = System::block_number();
		ProverPool::on_idle(number, Weight::MAX);
		self.settling(|| {
			BlockProposal::on_idle(number, Weight::MAX);
		});

		let number = number + 1;
		System::set_block_number(number);
		ParentOutput::set(Some(self.output));
		self.output = output;
		VrfAccumulator::on_initialize(number);
		ProverPool::on_initialize(number);
		BlockProposal::on_poll(number, &mut WeightMeter::new());
		self.draws = DrawsOfBlock::take().into_iter().map(Self::draw_of).collect();
		self.counts.chain_blocks += 1;
	}

	fn draw_of((block_id, outcome): (BlockId, DrawOutcome<AccountId>)) -> Draw {
		let outcome = match outcome {
			DrawOutcome::Open { reason } => Err(reason),
			DrawOutcome::Assigned { prover, reward_per_gas } => {
				let deadline = match Blocks::<Runtime>::get(block_id).map(|block| block.status) {
					Some(Status::Assigned(assignment)) => assignment.deadline,
					_ => 0,
				};
				Ok((prover, reward_per_gas, deadline))
			},
		};
		Draw { block_id, outcome }
	}

	/// Runs what may settle blocks, and counts them.
	fn settling<R>(&mut self, settle: impl FnOnce() -> R) -> R {
		let before = self.rollup();
		let first = before.cancelled.map_or(before.head, |it| it.below.max(before.head));
		// The right hashes of all blocks that may be verified now.
		let right = self.right_hash(before.next_id.saturating_sub(1).max(before.head));
		let result = settle();
		let after = self.rollup();
		self.counts.verified += after.head.saturating_sub(first);
		if after.head > first && right.is_some() {
			let wrong = self.right.get(after.verified_id) != Some(after.verified_hash);
			self.counts.wrong += u64::from(wrong);
		}
		result
	}

	/// Returns the number of the present block.
	pub fn now(&self) -> BlockNumber {
		System::block_number()
	}

	/// Returns the reading of the protocol's clock.
	pub fn clock(&self) -> BlockNumber {
		pallet_block_proposal::Clock::<Runtime>::get()
	}

	/// Returns what has happened so far.
	pub fn counts(&self) -> Counts {
		self.counts
	}
}
