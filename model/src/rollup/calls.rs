//! The calls in the model: Life 1–3, 5 and 7.

use super::{
	model::{cost, is_void, own_claim, price_at, Assigned, Assignment, Block, Claim, Model, ONE},
	money::Reason,
	recorder::PoolCall,
	rules::Rule,
	runtime::*,
};
use pallet_block_proposal::{Cancellation, Delivery, Escrow, Execution, OpenCause, Status};
use prover_pool_primitives::{BlockId, DrawOutcome, Gas, PoolError, PricePerGas};
use sp_core::H256;

/// The outcome of a call: accepted, or the name of its refusal.
pub type Outcome = Result<(), &'static str>;

/// Returns this error if the condition holds.
pub fn refuse(reason: bool, error: &'static str) -> Outcome {
	match reason {
		true => Err(error),
		false => Ok(()),
	}
}

/// The arguments of `propose_block`.
#[derive(Clone)]
pub struct Proposal {
	pub proposer: AccountId,
	pub list: Vec<u8>,
	pub gas_limit: Gas,
	pub max_fee: PricePerGas,
}

/// The arguments of `prove_block`.
#[derive(Clone)]
pub struct Attempt {
	pub prover: AccountId,
	pub block_id: BlockId,
	pub execution: Execution,
	pub proof: Vec<u8>,
}

impl Model {
	/// Makes a call completely or not at all.
	pub fn call(&mut self, call: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
		let before = self.clone();
		let outcome = call(self);
		if outcome.is_err() {
			*self = before;
			// The chain's calls of the pool were undone as well.
			self.asked.clear();
		}
		outcome
	}

	/// Starts a block of the chain, before it admits extrinsics.
	pub fn begin_block(&mut self, number: BlockNumber) {
		self.number = number;
		self.fee_at_start = self.average_fee;
	}

	/// The block admits extrinsics.
	pub fn tick(&mut self) {
		if self.is_paused() {
			return;
		}
		if self.paused_until.take().is_some() {
			self.events.push(Event::Unpaused);
		}
		self.clock += 1;
	}

	/// On a chain without a rollup.
	pub fn start(&mut self, genesis_hash: H256, fee: PricePerGas, delay: Time) -> Outcome {
		refuse(self.started && self.next_id > 1, "AlreadyStarted")?;
		refuse(fee < MinFeePerGas::get() || fee > MaxFeePerGas::get(), "InvalidFee")?;
		self.started = true;
		self.verified_hash = genesis_hash;
		self.average_fee = u128::from(fee) * ONE;
		self.average_delay = u128::from(delay) * ONE;
		self.fee_at_start = self.average_fee;
		self.events.push(Event::Started { genesis_hash, fee_per_gas: fee, delay });
		Ok(())
	}

	/// Life 1.
	pub fn propose(&mut self, call: Proposal, free_capacity: u64) -> Outcome {
		let Proposal { proposer, list, gas_limit, max_fee } = call;
		refuse(self.is_paused(), "Paused")?;
		refuse(!self.started, "NotStarted")?;
		refuse(list.len() > MaxTxListSize::get() as usize, "TxListTooLong")?;
		refuse(gas_limit > MaxGasLimit::get(), "GasLimitTooHigh")?;
		let fee = self.fee();
		refuse(fee > max_fee, "FeeTooHigh")?;
		let too_many = self.blocks.len() >= MaxUnverifiedBlocks::get() as usize;
		refuse(too_many, "TooManyUnverifiedBlocks")?;
		let too_many = self.pending_of(proposer) >= MaxPendingPerProposer::get() as usize;
		refuse(too_many, "TooManyPendingBlocks")?;
		let pending = self.pending_blocks();
		let too_many = self.open_blocks() + pending >= MaxOpenBlocks::get() as usize;
		refuse(too_many && free_capacity <= pending as u64, "TooManyOpenBlocks")?;

		let highest = u64::from(fee) * u64::from(OpenRewardEnd::get()) / 100;
		let escrow = cost(gas_limit, highest as PricePerGas);
		refuse(!self.money.hold(proposer, Reason::Escrow, escrow), "NoFunds")?;
		refuse(self.pool.requests.len() >= MaxPendingDraws::get() as usize, "PoolQueueFull")?;

		let block_id = self.next_id;
		self.next_id += 1;
		self.pool.requests.push((block_id, fee));
		self.asks.push(PoolCall::Assign { block_id, fee_per_gas: fee, answer: Ok(()) });
		let list_hash = sp_io::hashing::sha2_256(&list).into();
		let block = Block {
			proposer,
			beneficiary: BENEFICIARY,
			tx_list_hash: list_hash,
			gas_limit,
			fee_per_gas: fee,
			proposed_at: self.clock,
			escrow: Escrow { initial: escrow, held: escrow },
			status: Status::Pending,
			removed_at: None,
			claims: 0,
			barred: Default::default(),
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

	/// Life 2: a draw, before any extrinsic of its block.
	pub fn draw(&mut self, block_id: BlockId, outcome: DrawOutcome<AccountId>) {
		assert_eq!(self.pool.requests.remove(0).0, block_id, "the oldest request is drawn first");
		let start = self.clock + 1;
		let deadline = start + self.window();
		let block = self.blocks.get_mut(&block_id).expect("settled blocks have no request");
		assert_eq!(block.status, Status::Pending, "a block is drawn once");
		match outcome {
			DrawOutcome::Assigned { prover, reward_per_gas } => {
				let spare = block.escrow.held.saturating_sub(cost(block.gas_limit, reward_per_gas));
				let mut returned = 0;
				if self.money.pay(block.proposer, Reason::Escrow, block.proposer, spare) {
					block.escrow.held -= spare;
					returned = spare;
				}
				let delivery = Delivery::Due;
				block.status = Status::Assigned(Assignment {
					prover,
					reward_per_gas,
					start,
					deadline,
					delivery,
				});
				let assigned = Assigned { prover, price: reward_per_gas, released: false };
				self.pool.assignments.insert(block_id, assigned);
				self.events.push(Event::BlockAssigned {
					block_id,
					prover,
					reward_per_gas,
					deadline,
					returned,
				});
			},
			DrawOutcome::Open { reason } => {
				self.open(block_id, start, None, OpenCause::Drawn(reason));
			},
		}
	}

	/// Life 2: a request that was not drawn in time is cancelled.
	pub fn expire(&mut self, block_id: BlockId) -> Outcome {
		let block = self.waiting(block_id)?;
		refuse(block.status != Status::Pending, "NotPending")?;
		refuse(self.clock <= block.proposed_at + ExpiryPeriod::get(), "NotExpired")?;
		self.cancel_request(block_id);
		self.open(block_id, self.clock, None, OpenCause::Expired);
		Ok(())
	}

	fn open(
		&mut self,
		block_id: BlockId,
		opened_at: Time,
		fixed_reward: Option<PricePerGas>,
		cause: OpenCause,
	) {
		let block = self.blocks.get_mut(&block_id).expect("the caller found it");
		block.status = Status::Open { opened_at, fixed_reward };
		self.events.push(Event::BlockOpened { block_id, cause });
	}

	/// Life 3.
	pub fn prove(&mut self, attempt: Attempt) -> Outcome {
		let Attempt { prover, block_id, execution, proof } = attempt.clone();
		let Execution { parent_hash, block_hash, gas_used } = execution;
		let now = self.clock;
		let block = self.waiting(block_id)?;
		refuse(proof.len() > MaxProofSize::get() as usize, "ProofTooLong")?;
		refuse(gas_used > block.gas_limit, "GasOverLimit")?;
		self.drop_void(block_id, parent_hash);

		let block = self.waiting(block_id)?;
		let last = |a: &Assignment| a.deadline - Time::from(self.breaks(Rule::Deadline));
		// The assigned prover in its window. Afterwards it is like any other account.
		let in_window = match &block.status {
			Status::Assigned(a) if a.delivery != Delivery::Removed && now <= last(a) => Some(a),
			_ => None,
		};
		let own = in_window.is_some_and(|a| a.prover == prover);
		refuse(block.status == Status::Pending || in_window.is_some() && !own, "TooEarly")?;
		let claims = self.claims_of(block_id);
		refuse(claims.iter().any(|claim| claim.execution == execution), "AlreadyProven")?;
		let is_barred = block.barred.contains(&execution) && !self.breaks(Rule::Barred);
		refuse(is_barred, "Barred")?;
		let others = self.claims.get(&block_id).into_iter().flatten();
		let all = self.breaks(Rule::PlacesPerParent);
		let taken = others.filter(|it| all || it.execution.parent_hash == parent_hash).count();
		refuse(!own && taken + 1 >= MaxForks::get() as usize, "TooManyForks")?;
		let tag = match proof.strip_prefix(instance_hash(block, &attempt).as_bytes()) {
			Some([tag]) if !Revoked::get().contains(tag) => *tag,
			_ => return Err("InvalidProof"),
		};
		let reward_per_gas = price_at(block, now);
		let bond = if own { 0 } else { ProofBond::get() };
		refuse(!self.money.hold(prover, Reason::Bond, bond), "NoFunds")?;

		let claim = Claim { prover, execution, reward_per_gas, bond, tag, claimed_at: now };
		let block = self.blocks.get_mut(&block_id).expect("it waits");
		let mut first = false;
		match &mut block.status {
			Status::Assigned(assignment) if own => {
				first = assignment.delivery == Delivery::Due;
				assignment.delivery = Delivery::Claimed(claim);
			},
			_ => self.claims.entry(block_id).or_default().push(claim),
		}
		self.events.push(Event::BlockClaimed {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
			reward_per_gas,
			bond,
			tag,
		});
		if first {
			self.release(block_id);
		}
		self.is_free = first || bond > 0;
		Ok(())
	}

	/// Proofs: a claim gets its second proof. The prover of the attempt is the claim's.
	pub fn confirm(&mut self, attempt: Attempt) -> Outcome {
		let Attempt { block_id, execution, proof, .. } = attempt.clone();
		let block = self.waiting(block_id)?;
		refuse(proof.len() > MaxProofSize::get() as usize, "ProofTooLong")?;
		let claims = self.claims_of(block_id);
		let claim = claims.into_iter().find(|claim| claim.execution == execution);
		let claim = claim.ok_or("UnknownClaim")?.clone();
		refuse(claim.tag != UNCONFIRMED, "AlreadyConfirmed")?;
		let tag = match proof.strip_prefix(instance_hash(block, &attempt).as_bytes()) {
			Some([tag]) if !Revoked::get().contains(tag) && *tag != UNCONFIRMED => *tag,
			_ => return Err("InvalidProof"),
		};
		let own = own_claim(block).is_some_and(|own| own.execution == execution);
		let confirmed = Claim { tag, ..claim };
		if own {
			let block = self.blocks.get_mut(&block_id).expect("it waits");
			if let Status::Assigned(assignment) = &mut block.status {
				assignment.delivery = Delivery::Claimed(confirmed.clone());
			}
		} else {
			let others = self.claims.get_mut(&block_id).into_iter().flatten();
			others.filter(|other| other.execution == execution).for_each(|other| other.tag = tag);
		}
		let Execution { parent_hash, block_hash, gas_used } = execution;
		self.events.push(Event::ClaimConfirmed {
			block_id,
			prover: confirmed.prover,
			parent_hash,
			block_hash,
			gas_used,
			tag,
		});
		self.is_free = true;
		Ok(())
	}

	/// Proofs: a claim had no second proof when it could have been verified.
	pub fn drop_unconfirmed(&mut self, block_id: BlockId, claim: &Claim) {
		let block = self.blocks.get_mut(&block_id).expect("it is the head");
		block.removed_at = Some(self.clock);
		let own = own_claim(block).is_some_and(|own| own == claim);
		match &mut block.status {
			Status::Assigned(assignment) if own => assignment.delivery = Delivery::Removed,
			Status::Open { fixed_reward, .. } => {
				*fixed_reward = fixed_reward.or(Some(claim.reward_per_gas));
			},
			_ => {},
		}
		if !own {
			let others = self.claims.get_mut(&block_id).expect("there is one");
			others.retain(|other| other != claim);
		}
		self.settle_bond(block_id, claim, true);
		let (prover, Execution { parent_hash, block_hash, gas_used }) =
			(claim.prover, claim.execution);
		self.events.push(Event::ClaimUnconfirmed {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
		});
	}

	/// Life 5: a wrong claim is removed.
	pub fn dispute(&mut self, block_id: BlockId, execution: Execution) -> Outcome {
		let now = self.clock;
		let block = self.waiting(block_id)?;
		let is_wrong = |claim: &Claim| claim.execution == execution;
		let removed = self.claims_of(block_id).into_iter().find(|claim| is_wrong(claim));
		let removed = removed.ok_or("UnknownClaim")?.clone();
		let own = own_claim(block).is_some_and(is_wrong);
		if let Some(claims) = self.claims.get_mut(&block_id) {
			claims.retain(|claim| !is_wrong(claim));
		}
		let block = self.blocks.get_mut(&block_id).expect("it waits");
		block.removed_at = Some(now);
		let too_many = (block.barred.len() + 1).saturating_sub(MaxBarred::get() as usize);
		let barred = block.barred.iter().copied().chain([execution]).skip(too_many);
		block.barred = barred.collect::<Vec<_>>().try_into().expect("the oldest are left out");
		match &mut block.status {
			Status::Assigned(assignment) if own => assignment.delivery = Delivery::Removed,
			Status::Open { fixed_reward, .. } => {
				*fixed_reward = fixed_reward.or(Some(removed.reward_per_gas));
			},
			_ => {},
		}
		self.settle_bond(block_id, &removed, true);
		let (prover, Execution { parent_hash, block_hash, gas_used }) = (removed.prover, execution);
		self.events.push(Event::ClaimRemoved {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
		});
		Ok(())
	}

	/// Life 7.
	pub fn pause(&mut self) -> Outcome {
		refuse(self.is_paused(), "Paused")?;
		let until = self.number + MaxPause::get();
		self.paused_until = Some(until);
		self.events.push(Event::Paused { until });
		Ok(())
	}

	/// Life 7.
	pub fn unpause(&mut self) -> Outcome {
		refuse(!self.is_paused(), "NotPaused")?;
		self.paused_until = None;
		self.events.push(Event::Unpaused);
		Ok(())
	}

	/// Life 7: cancels all that waits, without any slash.
	pub fn reset(&mut self, verified_hash: H256) -> Outcome {
		refuse(!self.is_paused(), "NotPaused")?;
		refuse(!self.started, "NotStarted")?;
		self.verified_hash = verified_hash;
		self.events.push(Event::Reset { verified_hash });
		self.cancel_all(false);
		Ok(())
	}

	/// Cancels all blocks that wait.
	pub fn cancel_all(&mut self, slashing: bool) {
		let (from, below, at) = (self.head(), self.next_id, self.clock);
		if from < below {
			self.cancelled = Some(Cancellation { below, at, slashing });
			self.events.push(Event::BlocksCancelled { from, below, slashing });
		}
	}

	/// A block that waits for its proof, its verification or its skip.
	pub fn waiting(&self, block_id: BlockId) -> Result<&Block, &'static str> {
		let block = self.blocks.get(&block_id).ok_or("UnknownBlock")?;
		refuse(self.is_cancelled(block_id), "Cancelled")?;
		Ok(block)
	}

	/// Drops the claims on this parent that are void, and the assigned prover's if it is void. Returns
	/// whether there was any.
	pub fn drop_void(&mut self, block_id: BlockId, parent: H256) -> bool {
		let own = self.blocks.get(&block_id).and_then(own_claim).filter(|claim| is_void(claim));
		let own = own.cloned();
		if let Some(own) = &own {
			let price = own.reward_per_gas;
			self.report_void(block_id, own);
			self.discharge(block_id);
			self.open(block_id, self.clock, Some(price), OpenCause::ClaimVoided);
		}
		let claims = self.claims.remove(&block_id).unwrap_or_default();
		let (void, valid): (Vec<Claim>, Vec<Claim>) = claims
			.into_iter()
			.partition(|claim| claim.execution.parent_hash == parent && is_void(claim));
		self.claims.insert(block_id, valid);
		for claim in &void {
			self.report_void(block_id, claim);
			self.settle_bond(block_id, claim, false);
		}
		own.is_some() || !void.is_empty()
	}

	fn report_void(&mut self, block_id: BlockId, claim: &Claim) {
		let Claim { prover, tag, execution, .. } = *claim;
		let Execution { parent_hash, block_hash, gas_used } = execution;
		self.events.push(Event::ClaimVoided {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
			tag,
		});
	}

	/// The pool forgets a request.
	pub fn cancel_request(&mut self, block_id: BlockId) {
		self.pool.requests.retain(|(id, _)| *id != block_id);
		self.asks.push(PoolCall::Discharge { block_id, answer: Ok(()) });
	}

	/// The assigned prover's first claim.
	fn release(&mut self, block_id: BlockId) {
		let answer = match self.pool.assignments.get_mut(&block_id) {
			Some(assignment) => {
				assignment.released = true;
				Ok(())
			},
			// It discharged itself: the pool does not report that.
			None => Err(PoolError::UnknownBlock),
		};
		self.asks.push(PoolCall::Release { block_id, answer });
		self.report_refusal(block_id, answer);
	}

	pub fn report_refusal<Answer>(&mut self, block_id: BlockId, answer: Result<Answer, PoolError>) {
		if let Err(error) = answer {
			self.events.push(Event::PoolRefused { block_id, error });
		}
	}
}

/// Returns the instance of a proof, by the documented layout.
pub fn instance_hash(block: &Block, attempt: &Attempt) -> H256 {
	let Execution { parent_hash, block_hash, gas_used } = &attempt.execution;
	let preimage = [
		&CHAIN_GENESIS[..],
		b"block-proposal/2",
		&attempt.block_id.to_le_bytes(),
		block.tx_list_hash.as_bytes(),
		&block.gas_limit.to_le_bytes(),
		&block.beneficiary.to_le_bytes(),
		parent_hash.as_bytes(),
		block_hash.as_bytes(),
		&gas_used.to_le_bytes(),
		&attempt.prover.to_le_bytes(),
	];
	sp_io::hashing::sha2_256(&preimage.concat()).into()
}
