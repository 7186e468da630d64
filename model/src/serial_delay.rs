//! How much slow provers delay a rollup whose blocks are verified in order: the real pallets in memory,
//! with the parameters of a chain, proposers that fill every place, and provers that prove at once but
//! for a share of the draws.

use crate::rollup::runtime::*;
use frame_support::{
	traits::Hooks,
	weights::{Weight, WeightMeter},
};
use pallet_block_proposal::{Blocks, Call, Delivery, Status};
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_core::H256;
use sp_runtime::traits::Dispatchable;

/// The parameters of a chain on which the delay depends. Times are blocks of the chain.
#[derive(Clone, Debug)]
pub struct Parameters {
	/// The fixed gas of each block.
	pub base_gas: Gas,
	/// The gas of each block besides.
	pub max_gas_limit: Gas,
	/// The most blocks that wait for verification.
	pub max_unverified_blocks: u32,
	/// The most blocks of a proposer that wait for their draw.
	pub max_pending_per_proposer: u32,
	/// The most blocks that are open or pending while the pool has no free capacity.
	pub max_open_blocks: u32,
	/// The shortest window.
	pub min_proof_window: Time,
	/// The longest window.
	pub max_proof_window: Time,
	/// The window in percent of the average delay.
	pub window_multiplier: u32,
	/// The time from a claim to its verification.
	pub cooldown: Time,
	/// The time from the end of its window after which a block may be skipped.
	pub expiry_period: Time,
	/// How many full blocks the averages look back on.
	pub averaging_factor: u32,
	/// The first fee.
	pub fee_per_gas: PricePerGas,
	/// The first average delay.
	pub delay: Time,
	/// The time from a request to its draw.
	pub draw_delay: Time,
	/// The most draws in a block.
	pub max_draws_per_block: u32,
	/// The most requests that wait.
	pub max_pending_draws: u32,
	/// The weight that a full block leaves.
	pub idle_weight: Weight,
	/// The provers that rescue blocks, 1 to 5.
	pub rescuers: usize,
}

/// What a slow prover does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Slow {
	/// It never proves: its blocks are rescued.
	Fails,
	/// It proves at the end of its window.
	UsesItsWindow,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
	/// Blocks of the chain.
	pub blocks: u64,
	/// Blocks verified.
	pub verified: u64,
	/// Assignments.
	pub assigned: u64,
	/// Assignments to the slow prover.
	pub slow: u64,
	/// The sum of the windows of all assignments.
	pub windows: u64,
	/// The longest window.
	pub longest_window: u64,
	/// Assignments slashed.
	pub slashed: u64,
}

impl Outcome {
	/// Verified blocks per block of the chain.
	pub fn rate(&self) -> f64 {
		self.verified as f64 / self.blocks.max(1) as f64
	}

	/// The average window.
	pub fn window(&self) -> f64 {
		self.windows as f64 / self.assigned.max(1) as f64
	}
}

const PROMPT: AccountId = STAKERS[0];
const SLOW: AccountId = STAKERS[1];
/// So much that no slash changes who is drawn.
const STAKE: Balance = 1_000_000_000_000_000_000_000;
/// Blocks of the chain before the count begins, in which the queue fills.
const WARM_UP: u64 = 60;

/// Runs the chain for this many blocks. `percent` of the stake, and so of the draws, is the slow
/// prover's.
pub fn run(parameters: &Parameters, slow: Slow, percent: u32, blocks: u64, seed: u8) -> Outcome {
	reset();
	set(parameters, seed);
	let share = STAKE * Balance::from(percent) / 100;
	let stakes = [(PROMPT, STAKE - share), (SLOW, share)].into_iter().filter(|(_, s)| *s > 0);
	let fee = parameters.fee_per_gas;
	let provers = stakes.map(|(who, stake)| (who, stake, fee, 1_000)).collect();
	new_chain(10 * STAKE, provers).execute_with(|| {
		System::set_block_number(1);
		let start =
			Call::start { genesis_hash: H256::zero(), fee_per_gas: fee, delay: parameters.delay };
		RuntimeCall::from(start).dispatch(RuntimeOrigin::root()).expect("nothing was started");
		let mut total = Outcome::default();
		for block in 0..WARM_UP + blocks {
			let outcome = pass_block(parameters, slow);
			if block >= WARM_UP {
				total.add(&outcome);
			}
		}
		total
	})
}

fn set(parameters: &Parameters, seed: u8) {
	BaseGas::set(parameters.base_gas);
	MaxGasLimit::set(parameters.max_gas_limit);
	MaxUnverifiedBlocks::set(parameters.max_unverified_blocks);
	MaxPendingPerProposer::set(parameters.max_pending_per_proposer);
	MaxOpenBlocks::set(parameters.max_open_blocks);
	MinProofWindow::set(parameters.min_proof_window);
	MaxProofWindow::set(parameters.max_proof_window);
	WindowMultiplier::set(parameters.window_multiplier);
	Cooldown::set(parameters.cooldown);
	ExpiryPeriod::set(parameters.expiry_period);
	AveragingFactor::set(parameters.averaging_factor);
	MaxFeePerGas::set(20 * parameters.fee_per_gas);
	DrawDelay::set(parameters.draw_delay);
	MaxDrawsPerBlock::set(parameters.max_draws_per_block);
	MaxPendingDraws::set(parameters.max_pending_draws);
	Seed::set(Some([seed; 32]));
}

/// Draws, then the claims of provers that saw the block before, then proposals, then verification.
fn pass_block(parameters: &Parameters, slow: Slow) -> Outcome {
	let seen = work(&VOLUNTEERS[..parameters.rescuers], slow);
	let number = System::block_number() + 1;
	System::reset_events();
	System::set_block_number(number);
	ProverPool::on_initialize(number);
	BlockProposal::on_poll(number, &mut WeightMeter::new());
	for Work { block_id, prover } in seen {
		prove(block_id, prover);
	}
	propose(parameters);
	BlockProposal::on_idle(number, parameters.idle_weight);
	let mut outcome = Outcome { blocks: 1, ..Outcome::default() };
	for event in System::read_events_for_pallet::<Event>() {
		outcome.count(&event);
	}
	outcome
}

/// A claim to make.
struct Work {
	block_id: BlockId,
	prover: AccountId,
}

/// What all provers decide to do after a block, in the order of the ids. What they send is included in
/// the next block.
fn work(rescuers: &[AccountId], slow: Slow) -> Vec<Work> {
	let now = pallet_block_proposal::Clock::<Runtime>::get();
	let Some(chain) = pallet_block_proposal::Chain::<Runtime>::get() else { return vec![] };
	let decide = |block_id: BlockId| {
		let block = Blocks::<Runtime>::get(block_id)?;
		let rescue = |since| rescuers.iter().copied().find(|me| rescues(*me, block_id, since, now));
		let prover = match &block.status {
			_ if block.claims > 0 => None,
			Status::Open { opened_at, .. } => rescue(*opened_at),
			Status::Assigned(a) if a.delivery == Delivery::Due && a.deadline <= now => {
				rescue(a.deadline)
			},
			Status::Assigned(a) if a.delivery == Delivery::Due => {
				let waits = slow == Slow::Fails || now + 1 < a.deadline;
				(a.prover != SLOW || !waits).then_some(a.prover)
			},
			Status::Assigned(_) | Status::Pending => None,
		}?;
		Some(Work { block_id, prover })
	};
	(chain.head..chain.next_id).filter_map(decide).collect()
}

/// The rule of the shipped daemon (`Policy` in `cli/src/daemon/rescue.rs`) for blocks that pay, are
/// finalized and are not claimed: `me` begins up to two blocks later than it may, so that several daemons
/// do not all begin at once. `since`: the last time at which nobody else might prove the block.
fn rescues(me: AccountId, block_id: BlockId, since: Time, now: Time) -> bool {
	let seed = [&[me as u8; 32][..], &block_id.to_le_bytes()].concat();
	since + u64::from(sp_io::hashing::blake2_256(&seed)[0]) % 3 <= now
}

/// The right hash of a block is anything that depends on its id and its parent. Here its id will do, as
/// no block is skipped.
fn hash_of(block_id: BlockId) -> H256 {
	H256::from_low_u64_be(block_id)
}

fn prove(block_id: BlockId, prover: AccountId) {
	let (parent_hash, block_hash) = (hash_of(block_id - 1), hash_of(block_id));
	let gas_used = MaxGasLimit::get();
	let instance =
		BlockProposal::instance_hash(block_id, parent_hash, block_hash, gas_used, prover);
	let proof = [instance.expect("the block waits").as_bytes(), &[0]].concat();
	let call = Call::prove_block { block_id, parent_hash, block_hash, gas_used, proof };
	let result = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(prover));
	result.expect("the prover may prove the block");
}

/// Proposes until all places are taken. No proposer has reached the limit of its own then.
fn propose(parameters: &Parameters) {
	for proposer in PROPOSERS.into_iter().chain(VOLUNTEERS).cycle() {
		let call = Call::propose_block {
			tx_list: vec![],
			gas_limit: parameters.max_gas_limit,
			beneficiary: BENEFICIARY,
			max_fee_per_gas: PricePerGas::MAX,
		};
		if RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(proposer)).is_err() {
			break;
		}
	}
}

impl Outcome {
	fn count(&mut self, event: &Event) {
		match *event {
			Event::BlockAssigned { prover, deadline, .. } => {
				let window = deadline - pallet_block_proposal::Clock::<Runtime>::get();
				self.assigned += 1;
				self.slow += u64::from(prover == SLOW);
				self.windows += window;
				self.longest_window = self.longest_window.max(window);
			},
			Event::BlockVerified { verdict, .. } => {
				use pallet_block_proposal::Verdict::{Failed, Rescued};
				self.verified += 1;
				self.slashed += u64::from(matches!(verdict, Failed | Rescued));
			},
			_ => {},
		}
	}

	fn add(&mut self, other: &Self) {
		self.blocks += other.blocks;
		self.verified += other.verified;
		self.assigned += other.assigned;
		self.slow += other.slow;
		self.windows += other.windows;
		self.longest_window = self.longest_window.max(other.longest_window);
		self.slashed += other.slashed;
	}
}
