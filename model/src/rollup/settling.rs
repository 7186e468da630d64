//! How blocks end, in the model: verification, skips, second windows and who gets what.

use super::{
	model::{End, Model, Outcome, Proof, Settled, Stage, ONE},
	money::Purse,
	runtime::{AccountId, Balance, Event, PoolCall, Time},
};
use pallet_block_proposal::Verdict;
use prover_pool_primitives::{BlockId, Fault, Gas, PoolError, PricePerGas};
use sp_core::H256;

/// Where the escrow of one block goes.
#[derive(Default)]
struct Flow {
	paid: Balance,
	returned: Balance,
	forfeited: Balance,
}

impl Model {
	/// Life 4: verifies what can be, at most `max` blocks. Whoever gets a new window has to prove
	/// first, so nothing behind it is looked at.
	pub fn verify(&mut self, max: usize) -> Outcome {
		let mut verified = 0;
		while verified < max {
			let Some(restarted) = self.verify_next() else { break };
			verified += 1;
			if restarted {
				break;
			}
		}
		if verified == 0 {
			return Err("NothingToVerify");
		}
		Ok(())
	}

	/// Verifies the next block, if it can be. Returns whether windows were given anew.
	fn verify_next(&mut self) -> Option<bool> {
		let block_id = self.head();
		let old_parent = self.verified_hash;
		let block = self.blocks.get(&block_id)?.clone();
		let winner = block.earliest_on(old_parent)?.clone();
		// Until then the winner could be removed, and building on the old parent was no fault.
		let decided_at = winner.at + self.params.cooldown;
		if self.clock < decided_at {
			return None;
		}

		let block = self.blocks.remove(&block_id).expect("it was there");
		self.verified_id = block_id;
		self.verified_hash = winner.block_hash;
		self.verified_at = self.clock;

		let agreed = block.duty().map(|duty| duty.price);
		let reward = self.cost(winner.gas_used, agreed.unwrap_or(winner.price));
		let (verdict, end, wage) = match block.duty() {
			None => (Verdict::Open, End::Open, reward),
			Some(duty) => {
				let in_time = !duty.failed && winner.at <= duty.deadline;
				match (duty.prover == winner.prover, in_time) {
					(true, true) => {
						let window = duty.deadline - duty.since;
						let used = winner.at.saturating_sub(duty.since).min(window);
						(Verdict::InTime, End::InTime, reward - self.penalty(reward, used, window))
					},
					(true, false) => (Verdict::Failed, End::Late, 0),
					(false, true) => (Verdict::Overtaken, End::Overtaken, reward),
					(false, false) => (Verdict::Rescued, End::Rescued, reward),
				}
			},
		};

		let mut flow = Flow { returned: block.put_up - block.held, ..Flow::default() };
		let wage = wage.min(block.held);
		if self.pay_or_forfeit(block_id, block.proposer, winner.prover, wage) {
			flow.paid = wage;
		} else {
			flow.forfeited += wage;
		}
		let rest = block.held - wage;
		if self.pay_or_forfeit(block_id, block.proposer, block.proposer, rest) {
			flow.returned += rest;
		} else {
			flow.forfeited += rest;
		}

		// A proof of its own that was removed counts more than a window that was missed.
		let removed = block.duty().is_some_and(|duty| duty.failed);
		let fault = |missed| if removed { Fault::RemovedProof } else { missed };
		match verdict {
			Verdict::Open => {},
			Verdict::InTime | Verdict::Overtaken => self.discharge(block_id),
			Verdict::Failed => self.slash(block_id, reward, fault(Fault::Late), None),
			Verdict::Rescued => {
				let share = Balance::from(self.params.rescue_bonus.deconstruct());
				let bonus = reward * share / 1_000_000_000;
				self.slash(block_id, reward, fault(Fault::Rescued), Some((winner.prover, bonus)));
			},
		}
		self.settle_bond(block_id, &winner, true);
		for proof in block.proofs.iter().filter(|proof| **proof != winner) {
			self.settle_bond(block_id, proof, proof.parent == old_parent);
		}
		self.events.push(Event::BlockVerified {
			block_id,
			block_hash: winner.block_hash,
			prover: winner.prover,
			verdict,
			paid: flow.paid,
			returned: flow.returned,
			forfeited: flow.forfeited,
		});
		if let (Verdict::InTime, Some(duty)) = (verdict, block.duty()) {
			let delay = winner.at.saturating_sub(duty.since);
			self.take_into_averages(duty.price, delay, winner.gas_used);
		}
		self.note_end(block_id, end, block.disputed_at.is_some(), block.put_up, flow);

		// Who will be the head had proven in time, on what is not its parent: it gets a new window,
		// and with it all whose proofs rest on what was not verified.
		let deserved = self.head_was_misled(decided_at);
		if deserved {
			let mut dead: Vec<H256> = vec![old_parent];
			let others = block.proofs.iter().filter(|proof| **proof != winner);
			dead.extend(others.map(|proof| proof.block_hash));
			self.new_windows_behind(block_id, &dead, decided_at);
		}
		Some(deserved)
	}

	/// Life 4: gives up the head.
	pub fn skip(&mut self, block_id: BlockId) -> Outcome {
		let now = self.clock;
		let block = self.blocks.get(&block_id).ok_or("UnknownBlock")?.clone();
		if block_id != self.head() {
			return Err("NotHead");
		}
		let removal = block.disputed_at.unwrap_or(0);
		let given_over_at = match &block.stage {
			Stage::Pending => return Err("StillPending"),
			Stage::Assigned(duty) if duty.failed => removal,
			Stage::Assigned(duty) => duty.deadline.max(removal),
			Stage::Open { since, .. } => removal.max(*since),
		};
		// The right proof can only come since its parent is certain.
		let provable_until = self.verified_at + self.params.min_proof_window;
		if now <= provable_until.max(given_over_at + self.params.expiry_period) {
			return Err("NotExpired");
		}
		if block.earliest_on(self.verified_hash).is_some() {
			return Err("HasProof");
		}

		self.blocks.remove(&block_id);
		self.money.forfeit(block.proposer, Purse::Escrow, block.held);
		if let Some(duty) = block.duty() {
			let proof_reward = self.cost(block.gas_limit, duty.price);
			self.slash(block_id, proof_reward, Fault::Skipped, None);
		}
		for proof in &block.proofs {
			self.settle_bond(block_id, proof, true);
		}
		let returned = block.put_up - block.held;
		let flow = Flow { paid: 0, returned, forfeited: block.held };
		let forfeited = block.held;
		self.events.push(Event::BlockSkipped { block_id, returned, forfeited });
		self.note_end(block_id, End::Skipped, block.disputed_at.is_some(), block.put_up, flow);

		// Whose parents died with it, and whoever the new head misled. If neither, those whose proofs
		// rest on a dead one further back have their turn when it comes to the head.
		let dead: Vec<H256> = block.proofs.iter().map(|proof| proof.block_hash).collect();
		if !dead.is_empty() || self.head_was_misled(now) {
			self.new_windows_behind(block_id, &dead, now);
		}
		Ok(())
	}

	/// Whether the assigned prover of the head had proven in time, but on what is not its parent;
	/// and before `decided_at`, so that it could not know better.
	fn head_was_misled(&self, decided_at: Time) -> bool {
		let head = self.blocks.get(&self.head());
		head.and_then(|block| block.dutiful_proof())
			.is_some_and(|proof| proof.parent != self.verified_hash && proof.at <= decided_at)
	}

	/// Second windows: on these hashes nothing will be verified, nor on any proof that builds on
	/// them, nor is any parent but the verified one left to the head. Who had proven in time on
	/// such a parent, until `known_at`, gets its time anew, and its proof is dropped.
	pub fn new_windows_behind(&mut self, block_id: BlockId, hashes: &[H256], known_at: Time) {
		let deadline = self.clock + self.window();
		let (now, head, verified_hash) = (self.clock, self.head(), self.verified_hash);
		let mut dead: Vec<H256> = hashes.to_vec();
		dead.retain(|hash| *hash != verified_hash);
		for (id, block) in self.blocks.range_mut(block_id + 1..) {
			let (lost, alive): (Vec<Proof>, Vec<Proof>) =
				block.proofs.iter().cloned().partition(|p| {
					dead.contains(&p.parent) || (*id == head && p.parent != verified_hash)
				});
			// A hash that another proof gives the block as well is still there to build on.
			let gone = lost.iter().map(|proof| proof.block_hash);
			dead.extend(gone.filter(|hash| alive.iter().all(|p| p.block_hash != *hash)));
			let misled = block.dutiful_proof().filter(|p| lost.contains(p) && p.at <= known_at);
			let Some(misled) = misled.cloned() else { continue };
			block.proofs.retain(|proof| *proof != misled);
			if let Stage::Assigned(duty) = &mut block.stage {
				duty.since = now;
				duty.deadline = deadline;
			}
			let prover = misled.prover;
			self.events.push(Event::WindowRestarted { block_id: *id, prover, deadline });
		}
	}

	/// What a bond becomes when its proof is no longer stored. Duties need none.
	pub fn settle_bond(&mut self, block_id: BlockId, proof: &Proof, deserved: bool) {
		let Proof { prover, bond, .. } = *proof;
		if bond == 0 {
			return;
		}
		let returned = if deserved && self.money.pay(prover, Purse::Bond, prover, bond) {
			bond
		} else {
			self.money.forfeit(prover, Purse::Bond, bond);
			0
		};
		if deserved && returned == 0 {
			self.events.push(Event::PaymentFailed { block_id, who: prover, amount: bond });
		}
		let forfeited = bond - returned;
		self.events.push(Event::BondSettled { block_id, prover, returned, forfeited });
	}

	/// Pays from the escrow, or gives what `to` cannot receive to the treasury.
	fn pay_or_forfeit(
		&mut self,
		block_id: BlockId,
		proposer: AccountId,
		to: AccountId,
		amount: Balance,
	) -> bool {
		let paid = self.money.pay(proposer, Purse::Escrow, to, amount);
		if !paid {
			self.money.forfeit(proposer, Purse::Escrow, amount);
			self.events.push(Event::PaymentFailed { block_id, who: to, amount });
		}
		paid
	}

	/// What the assigned prover loses for the share of its window that it used.
	fn penalty(&self, reward: Balance, used: Time, window: Time) -> Balance {
		if window == 0 {
			return 0;
		}
		let parts = Balance::from(self.params.max_delay_penalty.deconstruct());
		reward * parts * Balance::from(used) / (1_000_000_000 * Balance::from(window))
	}

	fn slash(
		&mut self,
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) {
		// How much is slashed, and what is paid out to a prover that is ejected, is the pool's affair.
		let told = match self.heard.get(self.asked.len()) {
			Some(PoolCall::Slash { answer: Ok(amount), withdrawn, .. }) => {
				(*amount, withdrawn.clone())
			},
			_ => (0, vec![]),
		};
		let (answer, withdrawn) = match self.pool.assignments.remove(&block_id) {
			Some(assignment) => {
				let (amount, withdrawn) = told;
				self.money.slash(assignment.prover, amount, &withdrawn, reporter);
				(Ok(amount), withdrawn)
			},
			None => (Err(PoolError::UnknownBlock), vec![]),
		};
		self.asked.push(PoolCall::Slash {
			block_id,
			proof_reward,
			fault,
			reporter,
			answer,
			withdrawn,
		});
		self.note_refusal(block_id, answer);
	}

	fn discharge(&mut self, block_id: BlockId) {
		let known = self.pool.assignments.remove(&block_id);
		let answer = known.map(|_| ()).ok_or(PoolError::UnknownBlock);
		self.asked.push(PoolCall::Discharge { block_id, answer });
		self.note_refusal(block_id, answer);
	}

	/// Both averages go a part of the way to the new sample: `weight / AveragingFactor`, the weight
	/// being the block's share of the largest block. Every step is rounded down.
	fn take_into_averages(&mut self, price: PricePerGas, delay: Time, gas_used: Gas) {
		let params = &self.params;
		let part = u128::from(params.base_gas) + u128::from(gas_used);
		let whole = u128::from(params.base_gas) + u128::from(params.max_gas_limit);
		let part = part.min(whole);
		let moved = |average: u128, sample: u128| {
			let step =
				average.abs_diff(sample) * part / (whole * u128::from(params.averaging_factor));
			if sample > average {
				average + step
			} else {
				average - step
			}
		};
		let floor = u128::from(params.min_fee_per_gas) * ONE;
		self.average_fee = moved(self.average_fee, u128::from(price) * ONE).max(floor);
		self.average_delay = moved(self.average_delay, u128::from(delay) * ONE);
		let (fee_per_gas, window) = (self.fee(), self.window());
		self.events.push(Event::AveragesUpdated { fee_per_gas, window });
	}

	/// Held at proposal = paid from escrow + returned + forfeited, to the base unit.
	fn note_end(
		&mut self,
		block_id: BlockId,
		end: End,
		disputed: bool,
		put_up: Balance,
		flow: Flow,
	) {
		let Flow { paid, returned, forfeited } = flow;
		assert_eq!(put_up, paid + returned + forfeited, "the escrow of block {block_id}");
		let settled = Settled { end, disputed, put_up, paid, returned, forfeited };
		self.settled.push(settled);
	}
}
