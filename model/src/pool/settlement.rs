//! The model's side of the protocol: requests, and how assignments and slashes end (R4, R6–R8, R10,
//! R11).

use prover_pool_primitives::{BlockId, Fault, PricePerGas};
use sp_core::U512;

use super::{
	model::{wide, Model, StoredExit},
	rules::Rule,
	types::*,
};

impl Model {
	/// R4: a request.
	pub fn assign_prover(&mut self, caller: Caller, id: BlockId, fee: PricePerGas) -> Answer {
		only_protocol(caller)?;
		if self.ledger.contains_key(&id) || self.is_pending(id) || self.slashes.contains_key(&id) {
			return Err("AlreadyAssigned");
		}
		if self.requests.len() >= self.parameters.max_pending_draws as usize {
			return Err("QueueFull");
		}
		let report = caller == Caller::Hook;
		self.requests.push(Request { id, fee, requested_in: self.block, report });
		self.events.push(Event::Requested { id, fee });
		Ok(())
	}

	/// Returns the assignment of a block, or the reason why there is none.
	fn assignment(&self, id: BlockId) -> Answer<Assignment> {
		match self.ledger.get(&id) {
			Some(assignment) => Ok(assignment.clone()),
			None if self.is_pending(id) => Err("StillPending"),
			None => Err("UnknownBlock"),
		}
	}

	/// R6.
	pub fn release_prover(&mut self, caller: Caller, id: BlockId) -> Answer {
		only_protocol(caller)?;
		let who = self.assignment(id)?.prover;
		self.all_or_nothing(|pool| {
			let assignment = pool.ledger.get_mut(&id).ok_or("UnknownBlock")?;
			if assignment.released {
				return Err("AlreadyReleased");
			}
			assignment.released = true;
			pool.record_mut(who);
			pool.events.push(Event::Released { id, who });
			Ok(())
		})
	}

	/// R7. Returns the amount slashed.
	pub fn slash_prover(
		&mut self,
		caller: Caller,
		id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) -> Answer<Balance> {
		only_protocol(caller)?;
		let assignment = self.assignment(id)?;
		self.all_or_nothing(|pool| {
			let who = assignment.prover;
			let (from_exits, from_stake) = pool.take_slash(&assignment, proof_reward);
			let amount = from_exits + from_stake;
			pool.ledger.remove(&id);
			let track = &mut pool.record_mut(who).track;
			track.missed += 1;
			track.misses_in_a_row += 1;
			let served = track.served;
			pool.events.push(Event::Slashed { id, who, from_exits, from_stake, fault });
			let suspended_until = pool.suspend_if_due(who);
			pool.eject_if_too_small(who);

			let deferral = pool.parameters.slash_deferral;
			if deferral == 0 {
				pool.distribute(who, amount, reporter);
				return Ok(amount);
			}
			let due_at = pool.now + deferral;
			let slash =
				PendingSlash { who, amount, fault, reporter, due_at, suspended_until, served };
			pool.slashes.insert(id, slash);
			pool.events.push(Event::SlashDeferred { id, due_at });
			Ok(amount)
		})
	}

	/// R7: "Amount", "taken in proportion". It only changes records: exits and stake shrink. Returns the
	/// parts from exits and from the stake.
	fn take_slash(&mut self, assignment: &Assignment, proof_reward: Balance) -> (Balance, Balance) {
		let who = assignment.prover;
		let stake = self.stake_of(who);
		let mut exits = self.record(who).exits;
		let answers = |exit: &StoredExit| self.answers_for(exit, assignment.drawn_at);
		let all =
			exits.iter().filter(|exit| answers(exit)).fold(stake, |sum, exit| sum + exit.amount);

		let mut capacity = assignment.capacity;
		if self.breaks(Rule::SlashTerms) {
			capacity = self.record(who).capacity;
		}
		let share = wide(all) * wide(assignment.slash_points) / (wide(PARTS) * wide(capacity));
		let multiple = wide(assignment.slash_multiplier) * wide(proof_reward);
		let amount = share.max(multiple).min(wide(all)).as_u128();

		let (mut left, mut still_answers) = (amount, all);
		for exit in exits.iter_mut().filter(|exit| answers(exit)) {
			let part = if self.parameters.slash_exits_first {
				left.min(exit.amount)
			} else if self.breaks(Rule::Proportion) {
				(wide(amount) * wide(exit.amount) / wide(all)).as_u128()
			} else {
				(wide(left) * wide(exit.amount) / wide(still_answers)).as_u128()
			};
			still_answers -= exit.amount;
			left -= part;
			exit.amount -= part;
		}
		exits.retain(|exit| exit.amount > 0);
		self.record_mut(who).exits = exits;
		if let Ok(member) = self.member_mut(who) {
			member.stake -= left.min(stake);
			self.limit_to_stake(who);
		}
		(amount - left, left)
	}

	/// R10: "after `MaxMisses` slashed assignments in a row", "paused at once", unless that would leave more
	/// than `MaxPausedShare` of the listed stake paused. Returns the end of the suspension.
	fn suspend_if_due(&mut self, who: AccountId) -> Option<Moment> {
		let Parameters { max_misses, suspension_period, .. } = self.parameters;
		if max_misses == 0 || self.record(who).track.misses_in_a_row < max_misses {
			return None;
		}
		if !self.breaks(Rule::PausedShare) && self.pauses_too_much(who) {
			return None;
		}
		let until = self.now + suspension_period;
		self.record_mut(who).suspended_until = Some(until);
		if let Ok(member) = self.member_mut(who) {
			member.paused = true;
			for offer in [&mut member.entry, &mut member.listed].into_iter().flatten() {
				offer.paused = true;
			}
		}
		self.events.push(Event::Suspended { who, until });
		Some(until)
	}

	/// R10: "nobody is suspended while that would leave more than `MaxPausedShare` of the listed stake
	/// paused".
	fn pauses_too_much(&self, who: AccountId) -> bool {
		let (mut total, mut paused) = (U512::zero(), U512::zero());
		for member in self.members.values() {
			let Some(offer) = member.listed else { continue };
			total += wide(offer.stake);
			if offer.paused || member.who == who {
				paused += wide(offer.stake);
			}
		}
		paused * wide(PARTS) > total * wide(self.parameters.max_paused_share)
	}

	/// R7: "a member whose stake falls below `EjectionThreshold` of its minimum, or to nothing, leaves at
	/// once".
	fn eject_if_too_small(&mut self, who: AccountId) {
		let Ok(member) = self.member(who) else { return };
		let stake = member.stake;
		let minimum =
			wide(self.parameters.min_stake_per_capacity) * wide(self.largest_capacity(member));
		let below = wide(stake) * wide(PARTS) < minimum * wide(self.parameters.ejection_threshold);
		if below || stake == 0 {
			self.force_out(who);
		}
	}

	/// R7: "the reporter gets up to its sum, the rest goes to `OnSlash`".
	fn distribute(
		&mut self,
		who: AccountId,
		amount: Balance,
		reporter: Option<(AccountId, Balance)>,
	) {
		self.tokens.take(who, amount);
		let mut rest = amount;
		if let Some((reporter, most)) = reporter {
			let reward = amount.min(most);
			if self.tokens.receive(reporter, reward) {
				rest -= reward;
			}
		}
		if rest > 0 {
			self.slashed.push(rest);
			let received = self.slashes_to.is_some_and(|to| self.tokens.receive(to, rest));
			if !received {
				self.tokens.burn(rest);
			}
		}
	}

	/// R8.
	pub fn discharge_prover(&mut self, caller: Caller, id: BlockId) -> Answer {
		if let Caller::Signed(by) = caller {
			let Assignment { prover, drawn_at, .. } = self.assignment(id)?;
			if prover != by {
				return Err("NotYourAssignment");
			}
			if self.now <= drawn_at + self.parameters.max_liability {
				return Err("NotOverdue");
			}
		}
		self.all_or_nothing(|pool| match pool.assignment(id) {
			Ok(assignment) => {
				let who = assignment.prover;
				pool.ledger.remove(&id);
				let resets = !pool.breaks(Rule::MissesInARow);
				let track = &mut pool.record_mut(who).track;
				track.served += 1;
				if resets {
					track.misses_in_a_row = 0;
				}
				pool.events.push(Event::Discharged { id, who });
				Ok(())
			},
			Err("StillPending") => {
				pool.requests.retain(|request| request.id != id);
				pool.events.push(Event::Cancelled { id });
				Ok(())
			},
			Err(refusal) => Err(refusal),
		})
	}

	// Deferred slashes.

	/// Returns the pending slashes in the order in which they are due.
	pub(super) fn schedule(&self) -> Vec<(Moment, BlockId)> {
		let mut schedule: Vec<_> =
			self.slashes.iter().map(|(id, slash)| (slash.due_at, *id)).collect();
		schedule.sort();
		schedule
	}

	fn is_due(&self, due_at: Moment) -> bool {
		if self.breaks(Rule::SlashDue) {
			return self.now > due_at;
		}
		self.now >= due_at
	}

	/// R7: "afterwards anybody may `apply_slash(block_id)`".
	pub fn apply_slash(&mut self, id: BlockId) -> Answer {
		let slash = self.slashes.get(&id).cloned().ok_or("NoPendingSlash")?;
		if !self.is_due(slash.due_at) {
			return Err("SlashNotDue");
		}
		let PendingSlash { who, amount, reporter, .. } = slash;
		self.slashes.remove(&id);
		self.events.push(Event::SlashApplied { id, who, amount });
		self.distribute(who, amount, reporter);
		Ok(())
	}

	/// R7: "and `on_idle` does", as far as there is weight.
	pub(super) fn apply_due_slashes(&mut self) {
		let most = self.idle.map_or(usize::MAX, |most| most as usize);
		let due = self.schedule().into_iter().filter(|(due_at, _)| self.is_due(*due_at));
		for (_, id) in due.take(most).collect::<Vec<_>>() {
			self.apply_slash(id).expect("the slash is due");
		}
	}

	/// R7: "the tokens are released; a suspension that it caused ends", "it takes one miss back". Made
	/// precise: one of its causes, if the misses that stand are too few; out of the row only if the
	/// account has served nothing since.
	pub fn cancel_slash(&mut self, caller: Caller, id: BlockId) -> Answer {
		only_protocol(caller)?;
		self.all_or_nothing(|pool| {
			let slash = pool.slashes.remove(&id).ok_or("NoPendingSlash")?;
			let PendingSlash { who, amount, due_at, suspended_until, served, .. } = slash;
			if pool.is_due(due_at) {
				return Err("SlashDue");
			}
			pool.tokens.release(who, amount)?;
			let is_suspended = pool.is_suspended(who);
			let max_misses = pool.parameters.max_misses;
			let record = pool.record_mut(who);
			record.track.missed = record.track.missed.saturating_sub(1);
			let in_this_row = record.track.served == served;
			if in_this_row {
				record.track.misses_in_a_row = record.track.misses_in_a_row.saturating_sub(1);
			}
			let is_cause = in_this_row || record.suspended_until == suspended_until;
			let stand = record.track.misses_in_a_row;
			if is_suspended && is_cause && (max_misses == 0 || stand < max_misses) {
				record.suspended_until = None;
				pool.events.push(Event::SuspensionEnded { who });
			}
			pool.events.push(Event::SlashCancelled { id, who, amount });
			Ok(())
		})
	}
}

fn only_protocol(caller: Caller) -> Answer {
	match caller {
		Caller::Hook | Caller::Origin => Ok(()),
		Caller::Signed(_) => Err("BadOrigin"),
	}
}
