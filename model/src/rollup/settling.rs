//! The ends of blocks in the model: Life 4 and 6, and Money.

use super::{
	calls::{refuse, Outcome},
	model::{cost, is_void, own_claim, Assignment, Block, Claim, Model, ONE},
	money::Reason,
	recorder::PoolCall,
	rules::Rule,
	runtime::*,
};
use pallet_block_proposal::{Delivery, Leftover, Status, Verdict};
use prover_pool_primitives::{BlockId, Fault, Gas, PoolError, PricePerGas};
use sp_core::H256;

impl Model {
	/// Life 4: takes at most `max` steps.
	pub fn verify(&mut self, max: usize) -> Outcome {
		refuse(self.is_paused(), "Paused")?;
		let steps = (0..max).take_while(|_| self.settle_next()).count();
		self.is_free = true;
		refuse(steps == 0, "NothingToVerify")
	}

	/// A step: settles the oldest block, or drops its void claims, if there is anything to do.
	fn settle_next(&mut self) -> bool {
		let block_id = self.head();
		if !self.blocks.contains_key(&block_id) {
			return false;
		}
		if self.is_cancelled(block_id) {
			self.settle_cancelled(block_id);
			return true;
		}
		if !self.breaks(Rule::VoidClaim) && self.drop_void(block_id, self.verified_hash) {
			let now = self.clock;
			self.blocks.get_mut(&block_id).expect("it is the head").removed_at = Some(now);
			return true;
		}
		let cooldown = Cooldown::get() + Time::from(self.breaks(Rule::Cooldown));
		let winner = self.winner(block_id);
		let Some(winner) = winner.filter(|c| self.clock >= c.claimed_at + cooldown) else {
			return false;
		};
		if winner.tag == UNCONFIRMED && !self.breaks(Rule::SecondProof) {
			self.drop_unconfirmed(block_id, &winner);
		} else {
			self.settle_verified(block_id, winner);
		}
		true
	}

	/// The earliest claim on the verified hash.
	fn winner(&self, block_id: BlockId) -> Option<Claim> {
		let mut claims = self.claims_of(block_id).into_iter();
		claims.find(|claim| claim.execution.parent_hash == self.verified_hash).cloned()
	}

	fn settle_verified(&mut self, block_id: BlockId, winner: Claim) {
		let block = self.remove_head(block_id);
		let parent = self.verified_hash;
		self.verified_id = block_id;
		self.verified_hash = winner.execution.block_hash;

		let gas_used = winner.execution.gas_used;
		let reward = cost(gas_used, winner.reward_per_gas);
		let (verdict, end, wage) = match &block.status {
			Status::Assigned(_) if own_claim(&block) == Some(&winner) => {
				(Verdict::InTime, "in time", reward)
			},
			Status::Assigned(a) if a.prover == winner.prover => {
				let wage = if self.breaks(Rule::LateUnpaid) { reward } else { 0 };
				(Verdict::Failed, "late", wage)
			},
			Status::Assigned(_) => (Verdict::Rescued, "rescued", reward),
			_ => (Verdict::Open, "open", reward),
		};
		let wage = match &block.status {
			Status::Assigned(a)
				if verdict == Verdict::InTime && !self.breaks(Rule::DelayPenalty) =>
			{
				let used = winner.claimed_at.saturating_sub(a.start);
				wage - penalty(wage, used, a.deadline - a.start)
			},
			_ => wage,
		};
		let wage = wage.min(block.escrow.held);
		let paid = self.pay_escrow(block_id, &block, winner.prover, wage);
		if self.breaks(Rule::PaidOnce) {
			self.money.0.entry(winner.prover).or_default().free += paid;
		}
		let rest = block.escrow.held - wage;
		let back = self.pay_escrow(block_id, &block, block.proposer, rest);
		let returned = block.escrow.initial - block.escrow.held + back;

		match verdict {
			Verdict::Open => {},
			Verdict::InTime => self.discharge(block_id),
			Verdict::Failed => self.slash(block_id, &block, reward, Fault::Late, None),
			Verdict::Rescued => {
				let share = match self.breaks(Rule::RescueBonus) {
					true => 1_000_000_000,
					false => Balance::from(RescueBonus::get().deconstruct()),
				};
				let reporter = Some((winner.prover, reward * share / 1_000_000_000));
				self.slash(block_id, &block, reward, Fault::Rescued, reporter);
			},
		}
		for claim in self.take_claims(block_id, parent) {
			self.settle_bond(block_id, &claim, false);
		}
		self.leave(block_id, true);
		self.events.push(Event::BlockVerified {
			block_id,
			block_hash: winner.execution.block_hash,
			prover: winner.prover,
			verdict,
			paid,
			returned,
			forfeited: block.escrow.initial - paid - returned,
		});
		if let (Verdict::InTime, Status::Assigned(a)) = (verdict, &block.status) {
			let delay = winner.claimed_at.saturating_sub(a.start);
			self.average(a.reward_per_gas, delay, gas_used);
		}
		self.ended(end, &block);
	}

	/// Life 6: skips the head, and cancels all blocks behind it.
	pub fn skip(&mut self, block_id: BlockId) -> Outcome {
		let now = self.clock;
		refuse(self.is_paused(), "Paused")?;
		self.waiting(block_id)?;
		refuse(block_id != self.head(), "NotHead")?;

		let block = self.waiting(block_id)?;
		let removed_at = block.removed_at.unwrap_or(0);
		let abandoned_at = match &block.status {
			Status::Pending => return Err("StillPending"),
			Status::Assigned(a) if a.delivery == Delivery::Removed => removed_at,
			Status::Assigned(a) => a.deadline.max(removed_at),
			Status::Open { opened_at, .. } => removed_at.max(*opened_at),
		};
		let expired =
			now > abandoned_at + ExpiryPeriod::get() || self.breaks(Rule::SkipAfterExpiry);
		let known = now > self.head_since + MinProofWindow::get() || self.breaks(Rule::TimeAsHead);
		refuse(!expired || !known, "NotExpired")?;
		// A void claim is dropped first, in a step of its own: its prover is not slashed.
		let has_void = own_claim(block).is_some_and(is_void);
		refuse(has_void || self.winner(block_id).is_some(), "HasClaim")?;

		let block = self.remove_head(block_id);
		self.cancel_all(true);
		let (returned, forfeited) = (block.escrow.initial - block.escrow.held, block.escrow.held);
		self.money.forfeit(block.proposer, Reason::Escrow, forfeited);
		if let Status::Assigned(assignment) = &block.status {
			let proof_reward = cost(block.gas_limit, assignment.reward_per_gas);
			self.slash(block_id, &block, proof_reward, Fault::Skipped, None);
		}
		self.leave(block_id, false);
		self.events.push(Event::BlockSkipped { block_id, returned, forfeited });
		self.ended("skipped", &block);
		Ok(())
	}

	fn settle_cancelled(&mut self, block_id: BlockId) {
		let block = self.remove_head(block_id);
		let cancelled = self.cancelled.expect("the block is cancelled");
		self.cancelled.take_if(|cancelled| block_id + 1 == cancelled.below);
		let back = self.pay_escrow(block_id, &block, block.proposer, block.escrow.held);
		let returned = block.escrow.initial - block.escrow.held + back;
		let failed = |a: &Assignment| match a.delivery {
			Delivery::Due => a.deadline < cancelled.at,
			Delivery::Claimed(_) => false,
			Delivery::Removed => true,
		};
		match &block.status {
			Status::Pending => {
				self.cancel_request(block_id);
				self.ended("cancelled pending", &block);
			},
			Status::Open { .. } => self.ended("cancelled open", &block),
			Status::Assigned(a) if cancelled.slashing && failed(a) => {
				let proof_reward = cost(block.gas_limit, a.reward_per_gas);
				self.slash(block_id, &block, proof_reward, Fault::Skipped, None);
				self.ended("cancelled, slashed", &block);
			},
			Status::Assigned(_) => {
				if !self.breaks(Rule::CancelledDischarged) {
					self.discharge(block_id);
				}
				self.ended("cancelled, discharged", &block);
			},
		}
		self.leave(block_id, false);
		let forfeited = block.escrow.initial - returned;
		self.events.push(Event::BlockCancelled { block_id, returned, forfeited });
	}

	fn remove_head(&mut self, block_id: BlockId) -> Block {
		self.head_since = self.clock;
		self.blocks.remove(&block_id).expect("it is the head")
	}

	fn ended(&mut self, end: &'static str, block: &Block) {
		self.ends.push(end);
		if block.removed_at.is_some() {
			self.ends.push("after a removal");
		}
	}

	/// Keeps the claims of a settled block, which are cleared later.
	fn leave(&mut self, block_id: BlockId, bonds_forfeited: bool) {
		let claims = self.claims.get(&block_id).map_or(0, Vec::len) as u32;
		if claims > 0 {
			self.leftovers.insert(block_id, Leftover { claims, bonds_forfeited });
		} else {
			self.leftovers.remove(&block_id);
		}
	}

	/// Settles the remaining claims of a block on these parents.
	pub fn clear(&mut self, block_id: BlockId, parents: &[H256]) -> Outcome {
		let left = |model: &Self| model.leftovers.get(&block_id).map_or(0, |left| left.claims);
		let mut cleared = 0;
		for parent in parents {
			let before = left(self);
			self.clear_parent(block_id, *parent);
			cleared += usize::from(left(self) < before);
		}
		self.is_free = cleared == parents.len();
		refuse(cleared == 0, "NothingToClear")
	}

	/// Settles the remaining claims of a block on this parent, if the block is settled.
	pub fn clear_parent(&mut self, block_id: BlockId, parent: H256) {
		if let Some(Leftover { bonds_forfeited, .. }) = self.leftovers.get(&block_id).copied() {
			let forfeited = bonds_forfeited && !self.breaks(Rule::BondForfeited);
			for claim in self.take_claims(block_id, parent) {
				self.settle_bond(block_id, &claim, forfeited && !is_void(&claim));
			}
			self.leave(block_id, bonds_forfeited);
		}
	}

	/// Removes the claims of others on this parent.
	fn take_claims(&mut self, block_id: BlockId, parent: H256) -> Vec<Claim> {
		let claims = self.claims.remove(&block_id).unwrap_or_default();
		let (taken, rest) =
			claims.into_iter().partition(|claim| claim.execution.parent_hash == parent);
		self.claims.insert(block_id, rest);
		taken
	}

	/// Returns or forfeits a bond when its claim is removed.
	pub fn settle_bond(&mut self, block_id: BlockId, claim: &Claim, forfeited: bool) {
		let Claim { prover, bond, .. } = *claim;
		if bond == 0 {
			return;
		}
		let returned = if !forfeited && self.money.pay(prover, Reason::Bond, prover, bond) {
			bond
		} else {
			self.money.forfeit(prover, Reason::Bond, bond);
			0
		};
		if !forfeited && returned == 0 {
			self.events.push(Event::PaymentFailed { block_id, who: prover, amount: bond });
		}
		let forfeited = bond - returned;
		self.events.push(Event::BondSettled { block_id, prover, returned, forfeited });
	}

	/// Pays from the escrow, completely or not at all, and returns the amount paid. An amount that `to` cannot
	/// receive is forfeited.
	fn pay_escrow(
		&mut self,
		block_id: BlockId,
		block: &Block,
		to: AccountId,
		amount: Balance,
	) -> Balance {
		if self.money.pay(block.proposer, Reason::Escrow, to, amount) {
			return amount;
		}
		self.money.forfeit(block.proposer, Reason::Escrow, amount);
		self.events.push(Event::PaymentFailed { block_id, who: to, amount });
		0
	}

	/// A removed claim takes precedence over any other fault.
	fn slash(
		&mut self,
		block_id: BlockId,
		block: &Block,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) {
		let removed =
			matches!(&block.status, Status::Assigned(a) if a.delivery == Delivery::Removed);
		let fault = if removed { Fault::RemovedProof } else { fault };
		// Only the pool determines the amount, and what it pays out to an ejected prover.
		let (amount, withdrawn) = match self.asked.get(self.asks.len()) {
			Some(PoolCall::Slash { answer: Ok(amount), withdrawn, .. }) => {
				(*amount, withdrawn.clone())
			},
			_ => (0, vec![]),
		};
		let answer = match self.pool.assignments.remove(&block_id) {
			Some(assignment) => {
				self.money.slash(assignment.prover, amount, &withdrawn, reporter);
				Ok(amount)
			},
			None => Err(PoolError::UnknownBlock),
		};
		self.asks.push(PoolCall::Slash {
			block_id,
			proof_reward,
			fault,
			reporter,
			answer,
			withdrawn,
		});
		self.report_refusal(block_id, answer);
	}

	pub fn discharge(&mut self, block_id: BlockId) {
		let known = self.pool.assignments.remove(&block_id);
		let answer = known.map(|_| ()).ok_or(PoolError::UnknownBlock);
		self.asks.push(PoolCall::Discharge { block_id, answer });
		self.report_refusal(block_id, answer);
	}

	/// Moves both averages towards the new sample by the share `weight / AveragingFactor`, where the weight is
	/// the block's share of the largest block. Each step is rounded down.
	fn average(&mut self, price: PricePerGas, delay: Time, gas_used: Gas) {
		let part = u128::from(BaseGas::get()) + u128::from(gas_used);
		let whole = u128::from(BaseGas::get()) + u128::from(MaxGasLimit::get());
		let part = part.min(whole);
		let moved = |average: u128, sample: u128| {
			let parts = whole * u128::from(AveragingFactor::get());
			let step = average.abs_diff(sample) * part / parts;
			if sample > average {
				average + step
			} else {
				average - step
			}
		};
		let most = self.fee_at_start * u128::from(MaxFeeStep::get().deconstruct()) / 1_000_000_000;
		let fee = moved(self.average_fee, u128::from(price) * ONE);
		let fee = match self.breaks(Rule::FeeStep) {
			true => fee,
			false => fee.clamp(self.fee_at_start - most, self.fee_at_start + most),
		};
		let (min, max) = (u128::from(MinFeePerGas::get()), u128::from(MaxFeePerGas::get()));
		self.average_fee = fee.clamp(min * ONE, max * ONE);
		self.average_delay = moved(self.average_delay, u128::from(delay) * ONE);
		let (fee_per_gas, window) = (self.fee(), self.window());
		self.events.push(Event::AveragesUpdated { fee_per_gas, window });
	}
}

/// Returns the penalty of the assigned prover for the share of its window that it used.
fn penalty(reward: Balance, used: Time, window: Time) -> Balance {
	let parts = Balance::from(MaxDelayPenalty::get().deconstruct());
	reward * parts * Balance::from(used) / (1_000_000_000 * Balance::from(window))
}
