//! The protocol as `docs/protocol.md` tells it: plain numbers, plain lists, everything looked up anew.
//!
//! The pool is taken as given. The model says what must be asked of it and, from its own ledger of
//! open assignments, what the pool must answer; whom a draw hits and how much a slash takes, it is
//! told.

use super::{
	money::{Money, Purse},
	runtime::{AccountId, Balance, Event, Parameters, PoolCall, Time, MAX_PENDING_DRAWS},
};
use pallet_block_proposal::{Evidence, OpenCause};
use prover_pool_primitives::{BlockId, DrawOutcome, Gas, PoolError, PricePerGas};
use sp_core::H256;
use std::collections::BTreeMap;

/// One unit of a moving average: averages count in units of 10⁻¹⁸.
pub const ONE: u128 = 1_000_000_000_000_000_000;

/// Whether a call is accepted, or the name of its refusal.
pub type Outcome = Result<(), &'static str>;

/// An assigned prover's duty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Duty {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub since: Time,
	pub deadline: Time,
	pub released: bool,
	pub failed: bool,
}

/// Whose turn it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stage {
	Pending,
	Assigned(Duty),
	Open { since: Time, frozen: Option<PricePerGas> },
}

/// A stored proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proof {
	pub prover: AccountId,
	pub block_hash: H256,
	pub parent: H256,
	pub gas_used: Gas,
	pub price: PricePerGas,
	pub bond: Balance,
	pub at: Time,
}

/// A block that waits for verification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
	pub proposer: AccountId,
	pub beneficiary: AccountId,
	pub list_hash: H256,
	pub gas_limit: Gas,
	pub fee: PricePerGas,
	pub proposed_at: Time,
	/// What was held at the proposal, and what of it still is.
	pub put_up: Balance,
	pub held: Balance,
	pub stage: Stage,
	pub disputed_at: Option<Time>,
	/// In the order in which they came.
	pub proofs: Vec<Proof>,
	/// Oldest first.
	pub bars: Vec<(H256, AccountId)>,
}

impl Block {
	pub fn duty(&self) -> Option<&Duty> {
		match &self.stage {
			Stage::Assigned(duty) => Some(duty),
			_ => None,
		}
	}

	/// The proof with which the assigned prover does its duty, unless another is verified.
	pub fn dutiful_proof(&self) -> Option<&Proof> {
		let duty = self.duty().filter(|duty| !duty.failed)?;
		self.proofs.iter().find(|p| p.prover == duty.prover && p.at <= duty.deadline)
	}

	pub fn earliest_on(&self, parent: H256) -> Option<&Proof> {
		self.proofs.iter().find(|proof| proof.parent == parent)
	}

	/// What a proof that comes now pays per gas.
	pub fn price_at(&self, now: Time, params: &Parameters) -> PricePerGas {
		match &self.stage {
			Stage::Pending => 0,
			Stage::Assigned(duty) => duty.price,
			Stage::Open { frozen: Some(price), .. } => *price,
			Stage::Open { since, frozen: None } => {
				let period = params.max_proof_window;
				let elapsed = now.saturating_sub(*since).min(period);
				let start = u64::from(params.open_reward_start);
				let rise = u64::from(params.open_reward_end) - start;
				let percent_periods = start * period + rise * elapsed;
				(u64::from(self.fee) * percent_periods / (100 * period)) as PricePerGas
			},
		}
	}
}

/// An open assignment in the pool's books.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assigned {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub released: bool,
}

/// The pool's books, as far as they concern blocks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PoolBooks {
	/// Requests that wait for their draw, with their fee, oldest first.
	pub requests: Vec<(BlockId, PricePerGas)>,
	pub assignments: BTreeMap<BlockId, Assigned>,
}

/// How a block ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum End {
	InTime,
	Late,
	Rescued,
	Overtaken,
	Open,
	Skipped,
}

/// A block that ended, and where its escrow went.
#[derive(Clone, Debug)]
pub struct Settled {
	pub end: End,
	/// Whether a proof of it had been removed.
	pub disputed: bool,
	pub put_up: Balance,
	pub paid: Balance,
	pub returned: Balance,
	pub forfeited: Balance,
}

/// The whole protocol.
#[derive(Clone, Debug)]
pub struct Model {
	pub params: Parameters,
	pub clock: Time,
	pub next_id: BlockId,
	pub verified_id: BlockId,
	pub verified_hash: H256,
	pub verified_at: Time,
	/// Moving averages, in units of 10⁻¹⁸.
	pub average_fee: u128,
	pub average_delay: u128,
	/// All that wait for verification.
	pub blocks: BTreeMap<BlockId, Block>,
	pub money: Money,
	pub pool: PoolBooks,
	/// What this step must have reported.
	pub events: Vec<Event>,
	/// What must have been asked of the pool in this step.
	pub asked: Vec<PoolCall>,
	/// What was asked: only for what the pool alone knows.
	pub heard: Vec<PoolCall>,
	/// The blocks that ended in this step.
	pub settled: Vec<Settled>,
}

/// A proposal.
pub struct Proposal {
	pub proposer: AccountId,
	pub list: Vec<u8>,
	pub gas_limit: Gas,
	pub beneficiary: AccountId,
}

/// An attempt to prove a block.
pub struct Attempt {
	pub prover: AccountId,
	pub block_id: BlockId,
	pub parent_id: BlockId,
	pub evidence: Evidence,
	pub proof: Vec<u8>,
}

impl Model {
	/// A call: all or nothing.
	pub fn call(&mut self, call: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
		let before = self.clone();
		let outcome = call(self);
		if outcome.is_err() {
			*self = before;
			// What was asked was taken back with all the rest.
			self.heard.clear();
		}
		outcome
	}

	/// The next block to verify.
	pub fn head(&self) -> BlockId {
		self.blocks.keys().next().copied().unwrap_or(self.next_id)
	}

	pub fn open_blocks(&self) -> usize {
		self.blocks.values().filter(|b| matches!(b.stage, Stage::Open { .. })).count()
	}

	pub fn pending_blocks(&self) -> usize {
		self.blocks.values().filter(|block| block.stage == Stage::Pending).count()
	}

	pub fn pending_of(&self, who: AccountId) -> usize {
		let blocks = self.blocks.values();
		blocks.filter(|block| block.stage == Stage::Pending && block.proposer == who).count()
	}

	/// `cost(gas, price) = (BaseGas + gas) × price`.
	pub fn cost(&self, gas: Gas, price: PricePerGas) -> Balance {
		(Balance::from(self.params.base_gas) + Balance::from(gas)) * Balance::from(price)
	}

	pub fn fee(&self) -> PricePerGas {
		((self.average_fee / ONE) as PricePerGas).max(self.params.min_fee_per_gas)
	}

	pub fn window(&self) -> Time {
		let window = self.average_delay * u128::from(self.params.window_multiplier) / 100 / ONE;
		(window as Time).clamp(self.params.min_proof_window, self.params.max_proof_window)
	}

	/// Life 1.
	pub fn propose(&mut self, call: Proposal, free_capacity: u64) -> Outcome {
		let Proposal { proposer, list, gas_limit, beneficiary } = call;
		let params = &self.params;
		refuse(list.len() > params.max_tx_list_size as usize, "TxListTooLong")?;
		refuse(gas_limit > params.max_gas_limit, "GasLimitTooHigh")?;
		let too_many = self.blocks.len() >= params.max_unverified_blocks as usize;
		refuse(too_many, "TooManyUnverifiedBlocks")?;
		let too_many = self.pending_of(proposer) >= params.max_pending_per_proposer as usize;
		refuse(too_many, "TooManyPendingBlocks")?;
		let pending = self.pending_blocks();
		let too_many = self.open_blocks() + pending >= params.max_open_blocks as usize;
		refuse(too_many && free_capacity <= pending as u64, "TooManyOpenBlocks")?;

		let fee = self.fee();
		let highest = u64::from(fee) * u64::from(params.open_reward_end) / 100;
		let escrow = self.cost(gas_limit, highest as PricePerGas);
		refuse(!self.money.hold(proposer, Purse::Escrow, escrow), "NoFunds")?;
		refuse(self.pool.requests.len() >= MAX_PENDING_DRAWS as usize, "PoolQueueFull")?;

		let block_id = self.next_id;
		self.next_id += 1;
		self.pool.requests.push((block_id, fee));
		self.asked.push(PoolCall::Assign { block_id, fee_per_gas: fee, answer: Ok(()) });
		let list_hash = sp_io::hashing::blake2_256(&list).into();
		let block = Block {
			proposer,
			beneficiary,
			list_hash,
			gas_limit,
			fee,
			proposed_at: self.clock,
			put_up: escrow,
			held: escrow,
			stage: Stage::Pending,
			disputed_at: None,
			proofs: Vec::new(),
			bars: Vec::new(),
		};
		self.blocks.insert(block_id, block);
		self.events.push(Event::BlockProposed {
			block_id,
			proposer,
			tx_list_hash: list_hash,
			gas_limit,
			fee_per_gas: fee,
			escrow,
		});
		Ok(())
	}

	/// Life 2: what the pool reports before any extrinsic.
	pub fn draw(&mut self, block_id: BlockId, outcome: DrawOutcome<AccountId>) {
		assert_eq!(self.pool.requests.remove(0).0, block_id, "the oldest request is drawn first");
		let since = self.clock + 1;
		let deadline = since + self.window();
		let mut block = self.blocks.remove(&block_id).expect("only waiting blocks are drawn");
		assert_eq!(block.stage, Stage::Pending, "a block is drawn once");
		match outcome {
			DrawOutcome::Assigned { prover, reward_per_gas: price } => {
				let assigned = Assigned { prover, price, released: false };
				self.pool.assignments.insert(block_id, assigned);
				let needed = self.cost(block.gas_limit, price);
				let spare = block.held.saturating_sub(needed);
				let mut returned = 0;
				if self.money.pay(block.proposer, Purse::Escrow, block.proposer, spare) {
					block.held -= spare;
					returned = spare;
				}
				block.stage = Stage::Assigned(Duty {
					prover,
					price,
					since,
					deadline,
					released: false,
					failed: false,
				});
				self.events.push(Event::BlockAssigned {
					block_id,
					prover,
					reward_per_gas: price,
					deadline,
					returned,
				});
			},
			DrawOutcome::Open { reason } => {
				block.stage = Stage::Open { since, frozen: None };
				let cause = OpenCause::Drawn(reason);
				self.events.push(Event::BlockOpened { block_id, cause });
			},
		}
		self.blocks.insert(block_id, block);
	}

	/// Life 2: a request that was not drawn in time is cancelled.
	pub fn expire(&mut self, block_id: BlockId) -> Outcome {
		let now = self.clock;
		let block = self.blocks.get_mut(&block_id).ok_or("UnknownBlock")?;
		refuse(block.stage != Stage::Pending, "NotPending")?;
		refuse(now <= block.proposed_at + self.params.expiry_period, "NotExpired")?;
		block.stage = Stage::Open { since: now, frozen: None };
		self.pool.requests.retain(|(id, _)| *id != block_id);
		self.asked.push(PoolCall::Discharge { block_id, answer: Ok(()) });
		self.events.push(Event::BlockOpened { block_id, cause: OpenCause::Expired });
		Ok(())
	}

	/// Life 3.
	pub fn prove(&mut self, attempt: Attempt) -> Outcome {
		let Attempt { prover, block_id, parent_id, evidence, proof } = attempt;
		let now = self.clock;
		let is_head = block_id == self.head();
		let Evidence { tx_list_hash, block_hash, parent_hash: parent, gas_used } = evidence;
		let mut block = self.blocks.get(&block_id).ok_or("UnknownBlock")?.clone();
		refuse(proof.len() > self.params.max_proof_size as usize, "ProofTooLong")?;
		refuse(tx_list_hash != block.list_hash, "WrongTxList")?;
		refuse(gas_used > block.gas_limit, "GasOverLimit")?;
		let its_turn = match &block.stage {
			Stage::Pending => false,
			Stage::Assigned(duty) => duty.failed || duty.prover == prover || now > duty.deadline,
			Stage::Open { .. } => true,
		};
		refuse(!its_turn, "TooEarly")?;
		refuse(block.bars.contains(&(parent, prover)), "Barred")?;
		let built_on_proof = parent_id < block_id
			&& self.blocks.get(&parent_id).is_some_and(|earlier| {
				earlier.proofs.iter().any(|proof| proof.block_hash == parent)
			});
		refuse(parent != self.verified_hash && !built_on_proof, "WrongParent")?;
		let repeated = block.proofs.iter().any(|p| p.prover == prover && p.parent == parent);
		refuse(repeated, "AlreadyProven")?;

		// One live proof of each prover: its bond vouches for whichever that is.
		let trusted = block.duty().is_some_and(|duty| duty.prover == prover && !duty.failed);
		let mut bond = if trusted { 0 } else { self.params.proof_bond };
		let mut carried_over = 0;
		let mut displaced = None;
		if let Some(place) = block.proofs.iter().position(|p| p.prover == prover) {
			carried_over = block.proofs.remove(place).bond;
			bond = 0;
		} else if block.proofs.len() >= self.params.max_forks as usize {
			refuse(parent != self.verified_hash, "TooManyForks")?;
			let kept = block.dutiful_proof().filter(|_| !is_head).cloned();
			let place = block
				.proofs
				.iter()
				.rposition(|p| p.parent != self.verified_hash && Some(p) != kept.as_ref())
				.ok_or("TooManyForks")?;
			displaced = Some(block.proofs.remove(place));
		}
		let instance = instance_hash(block_id, &block, &evidence, prover);
		refuse(proof != instance.as_bytes(), "InvalidProof")?;
		refuse(!self.money.hold(prover, Purse::Bond, bond), "NoFunds")?;

		let price = block.price_at(now, &self.params);
		let whole_bond = bond + carried_over;
		block.proofs.push(Proof {
			prover,
			block_hash,
			parent,
			gas_used,
			price,
			bond: whole_bond,
			at: now,
		});
		let mut release = false;
		if let Stage::Assigned(duty) = &mut block.stage {
			if trusted && !duty.released {
				duty.released = true;
				release = true;
			}
		}
		self.blocks.insert(block_id, block);
		if release {
			self.release(block_id);
		}
		if let Some(displaced) = displaced {
			self.settle_bond(block_id, &displaced, !is_head);
			self.events.push(Event::ProofDisplaced { block_id, prover: displaced.prover });
		}
		self.events.push(Event::BlockProven {
			block_id,
			prover,
			block_hash,
			parent_hash: parent,
			gas_used,
			reward_per_gas: price,
			bond,
		});
		Ok(())
	}

	/// Life 4: a wrong proof is removed.
	pub fn dispute(&mut self, block_id: BlockId, parent: H256, prover: AccountId) -> Outcome {
		let now = self.clock;
		let max_bars = self.params.max_barred_proofs as usize;
		let block = self.blocks.get_mut(&block_id).ok_or("UnknownBlock")?;
		let place = block
			.proofs
			.iter()
			.position(|p| p.prover == prover && p.parent == parent)
			.ok_or("UnknownProof")?;
		let removed = block.proofs.remove(place);
		block.disputed_at = Some(now);
		block.bars.push((parent, prover));
		if block.bars.len() > max_bars {
			block.bars.remove(0);
		}
		match &mut block.stage {
			Stage::Assigned(duty) if duty.prover == prover => duty.failed = true,
			Stage::Open { frozen, .. } => *frozen = frozen.or(Some(removed.price)),
			_ => {},
		}
		let still_proven = block.proofs.iter().any(|p| p.block_hash == removed.block_hash);
		self.settle_bond(block_id, &removed, false);
		self.events.push(Event::ProofRemoved { block_id, prover, parent_hash: parent });
		if !still_proven {
			self.new_windows_behind(block_id, &[removed.block_hash], now);
		}
		Ok(())
	}

	/// The work of an assigned prover was delivered.
	fn release(&mut self, block_id: BlockId) {
		let answer = match self.pool.assignments.get_mut(&block_id) {
			Some(assignment) => {
				assignment.released = true;
				Ok(())
			},
			// It discharged itself, and the protocol was not told.
			None => Err(PoolError::UnknownBlock),
		};
		self.asked.push(PoolCall::Release { block_id, answer });
		self.note_refusal(block_id, answer);
	}

	pub fn note_refusal<Answer>(&mut self, block_id: BlockId, answer: Result<Answer, PoolError>) {
		if let Err(error) = answer {
			self.events.push(Event::PoolRefused { block_id, error });
		}
	}
}

/// Refuses with this name if there is a reason to.
fn refuse(reason: bool, name: &'static str) -> Outcome {
	if reason {
		Err(name)
	} else {
		Ok(())
	}
}

/// The instance of a proof, from the description of its layout.
pub fn instance_hash(
	block_id: BlockId,
	block: &Block,
	evidence: &Evidence,
	prover: AccountId,
) -> H256 {
	// The genesis hash that FRAME gives to chains that are only a test.
	let mut preimage = [69u8; 32].to_vec();
	preimage.extend(b"block-proposal/1");
	preimage.extend(block_id.to_le_bytes());
	preimage.extend(evidence.tx_list_hash.as_bytes());
	preimage.extend(block.gas_limit.to_le_bytes());
	preimage.extend(block.beneficiary.to_le_bytes());
	preimage.extend(evidence.block_hash.as_bytes());
	preimage.extend(evidence.parent_hash.as_bytes());
	preimage.extend(evidence.gas_used.to_le_bytes());
	preimage.extend(prover.to_le_bytes());
	sp_io::hashing::blake2_256(&preimage).into()
}
