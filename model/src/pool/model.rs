//! The pool, written for clarity straight from the rules R1–R8: nothing is kept that can be counted,
//! numbers are too wide to overflow, and what is refused is undone by going back to a copy. Draws are in
//! [`super::draws`].

use std::collections::{BTreeMap, VecDeque};

use prover_pool_primitives::{BlockId, DrawOutcome, PricePerGas};
use sp_core::U512;

use super::{
	tokens::{Hold, Tokens},
	words::*,
};

/// A member, by slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
	pub who: AccountId,
	pub stake: Balance,
	pub price: PricePerGas,
	pub entered_in: u64,
	/// Whether it waits until it takes part in draws.
	pub waiting: bool,
}

/// What is remembered of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
	pub exit: Balance,
	pub exit_clock: Option<Moment>,
	pub max_capacity: u32,
	pub liable_since: Option<Moment>,
	pub last_changed_at: Option<Moment>,
}

/// The pool and all around it that it can notice.
#[derive(Clone, Debug)]
pub struct Model {
	pub parameters: Parameters,
	pub tokens: Tokens,
	/// The clock of periods.
	pub now: Moment,
	/// The number of the system block.
	pub block: u64,
	/// Whether there is a seed, and since when it is known; `None`: since the block before.
	pub seed: bool,
	pub known_since: Option<u64>,
	pub migrating: bool,
	/// Whether the protocol calls back when it hears of a draw.
	pub calls_back: bool,
	/// Who gets what is slashed; `None`: it is burned.
	pub slashes_to: Option<AccountId>,
	/// Whom the pool has drawn: the one thing that the model takes from it, and checks.
	pub drawn: VecDeque<(BlockId, AccountId)>,

	/// What happened since this was last emptied.
	pub events: Vec<Event>,
	pub outcomes: Vec<(BlockId, DrawOutcome<AccountId>)>,
	pub slashes: Vec<Balance>,

	pub(super) members: BTreeMap<u32, Member>,
	pub(super) records: BTreeMap<AccountId, Record>,
	pub(super) ledger: BTreeMap<BlockId, Assignment>,
	pub(super) queue: Vec<Request>,
}

impl Model {
	pub fn new(parameters: Parameters, tokens: Tokens, now: Moment, block: u64) -> Self {
		Self {
			parameters,
			tokens,
			now,
			block,
			seed: true,
			known_since: None,
			migrating: false,
			calls_back: false,
			slashes_to: None,
			drawn: VecDeque::new(),
			events: Vec::new(),
			outcomes: Vec::new(),
			slashes: Vec::new(),
			members: BTreeMap::new(),
			records: BTreeMap::new(),
			ledger: BTreeMap::new(),
			queue: Vec::new(),
		}
	}

	/// Does all of `act`, or nothing of it.
	fn all_or_nothing<T>(&mut self, act: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
		let before = self.clone();
		let answer = act(self);
		match answer {
			Ok(_) => self.forget_empty_records(),
			Err(_) => *self = before,
		}
		answer
	}

	/// "A record in which nothing is left is removed."
	fn forget_empty_records(&mut self) {
		let needed = |who: &AccountId, record: &Record| {
			record.exit > 0 || self.slot_of(*who).is_some() || self.liable(*who) > 0
		};
		let empty: Vec<_> = self
			.records
			.iter()
			.filter(|(who, record)| !needed(who, record))
			.map(|(who, _)| *who)
			.collect();
		for who in empty {
			self.records.remove(&who);
		}
	}

	// What can be counted.

	fn record(&self, who: AccountId) -> Record {
		self.records.get(&who).cloned().unwrap_or_default()
	}

	pub(super) fn record_mut(&mut self, who: AccountId) -> &mut Record {
		self.records.entry(who).or_default()
	}

	pub(super) fn slot_of(&self, who: AccountId) -> Option<u32> {
		self.members.iter().find(|(_, member)| member.who == who).map(|(slot, _)| *slot)
	}

	fn stake_of(&self, who: AccountId) -> Balance {
		self.slot_of(who).map_or(0, |slot| self.members[&slot].stake)
	}

	fn count(&self, who: AccountId, counts: impl Fn(&Assignment) -> bool) -> u32 {
		self.ledger.values().filter(|duty| duty.prover == who && counts(duty)).count() as u32
	}

	fn liable(&self, who: AccountId) -> u32 {
		self.count(who, |_| true)
	}

	fn outstanding(&self, who: AccountId) -> u32 {
		self.count(who, |duty| !duty.released)
	}

	pub(super) fn places(&self, who: AccountId) -> u32 {
		self.record(who).max_capacity.saturating_sub(self.outstanding(who))
	}

	fn is_pending(&self, id: BlockId) -> bool {
		self.queue.iter().any(|request| request.id == id)
	}

	/// R3: whether the period of the exit is over.
	fn is_mature(&self, who: AccountId) -> bool {
		self.record(who)
			.exit_clock
			.is_some_and(|clock| self.now > clock + self.parameters.exit_period)
	}

	/// R3: payable, and never slashable again.
	fn is_free(&self, who: AccountId) -> bool {
		let record = self.record(who);
		let Some(clock) = record.exit_clock else { return false };
		let matures_at = clock + self.parameters.exit_period;
		self.now > matures_at
			&& (self.liable(who) == 0
				|| record.liable_since.is_some_and(|since| since > matures_at))
	}

	// The prover's side.

	/// R1.
	pub fn stake(
		&mut self,
		who: AccountId,
		amount: Balance,
		price: PricePerGas,
		capacity: u32,
	) -> Answer {
		if (amount, price, capacity) == (0, 0, 0) {
			return self.exit(who);
		}
		self.all_or_nothing(|pool| {
			pool.pay_out_if_free(who)?;
			pool.leave_if_member(who)?;
			let Parameters { min_capacity, min_stake_per_capacity, .. } = pool.parameters;
			if amount == 0
				|| price == 0
				|| capacity < min_capacity
				|| amount / Balance::from(capacity) < min_stake_per_capacity
			{
				return Err("InvalidParams");
			}

			let now = pool.now;
			let from_exit = pool.record(who).exit.min(amount);
			pool.tokens.rededicate(Hold::Exit, Hold::Stake, who, from_exit);
			pool.tokens.hold(Hold::Stake, who, amount - from_exit)?;
			let slot = pool.make_room(amount)?;

			let record = pool.record_mut(who);
			record.exit -= from_exit;
			record.exit_clock = (record.exit > 0).then_some(now);
			record.max_capacity = capacity;
			record.last_changed_at = Some(now);
			let entered_in = pool.block;
			let waiting = pool.parameters.entry_delay > 0;
			pool.members.insert(slot, Member { who, stake: amount, price, entered_in, waiting });
			let places = pool.places(who);
			pool.events.push(Event::Staked { who, amount, price, places });
			Ok(())
		})
	}

	/// R1: "a vacant one with the lowest number, else the smallest, lowest number on a tie".
	fn make_room(&mut self, amount: Balance) -> Answer<u32> {
		let vacant =
			(1..=self.parameters.max_provers).find(|slot| !self.members.contains_key(slot));
		if let Some(slot) = vacant {
			return Ok(slot);
		}
		let smallest = self.members.values().map(|member| member.stake).min().unwrap_or_default();
		let (slot, replaced) = self
			.members
			.iter()
			.find(|(_, member)| member.stake == smallest)
			.map(|(slot, member)| (*slot, member.who))
			.expect("a pool without vacant slots has members");
		// Refused if smallest + ⌈smallest · overbid⌉ ≥ amount. Whole numbers on both sides: the same as
		// smallest + smallest · overbid > amount − 1.
		let to_beat = wide(smallest) * wide(PARTS + self.parameters.min_overbid);
		if to_beat > wide(amount - 1) * wide(PARTS) {
			return Err("ProverNotGoodEnough");
		}
		self.force_out(replaced);
		Ok(slot)
	}

	/// R2.
	pub fn exit(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| {
			let paid = pool.pay_out_if_free(who)?;
			let left = pool.leave_if_member(who)?;
			if paid || left {
				Ok(())
			} else {
				Err("NotInPool")
			}
		})
	}

	/// R3.
	pub fn withdraw(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| {
			if pool.pay_out_if_free(who)? {
				Ok(())
			} else if pool.is_mature(who) {
				Err("StillLiable")
			} else {
				Err("NoMatureExit")
			}
		})
	}

	/// Whether there was something to pay out.
	fn pay_out_if_free(&mut self, who: AccountId) -> Answer<bool> {
		if !self.is_free(who) {
			return Ok(false);
		}
		let amount = self.record(who).exit;
		self.tokens.release(Hold::Exit, who, amount)?;
		let record = self.record_mut(who);
		record.exit = 0;
		record.exit_clock = None;
		self.events.push(Event::Withdrawn { who, amount });
		Ok(true)
	}

	/// Whether it was a member.
	fn leave_if_member(&mut self, who: AccountId) -> Answer<bool> {
		if self.slot_of(who).is_none() {
			return Ok(false);
		}
		let changed_at = self.record(who).last_changed_at;
		if changed_at.is_some_and(|at| self.now <= at + self.parameters.min_change_delay) {
			return Err("ChangeTooFrequent");
		}
		self.leave(who, false);
		Ok(true)
	}

	/// R2, forced. "What is below the existential deposit and cannot be paid stays on hold and joins the
	/// new exit."
	fn force_out(&mut self, who: AccountId) {
		let _ = self.pay_out_if_free(who);
		self.leave(who, true);
	}

	fn leave(&mut self, who: AccountId, forced: bool) {
		let Some(slot) = self.slot_of(who) else { return };
		let amount = self.members.remove(&slot).map_or(0, |member| member.stake);
		self.tokens.rededicate(Hold::Stake, Hold::Exit, who, amount);
		let now = self.now;
		let record = self.record_mut(who);
		record.exit += amount;
		record.exit_clock = (record.exit > 0).then_some(now);
		let exit = record.exit;
		self.events.push(Event::Exited { who, amount, exit, forced });
	}

	// The protocol's side.

	/// R4: a request.
	pub fn assign_prover(&mut self, caller: Caller, id: BlockId, fee: PricePerGas) -> Answer {
		only_protocol(caller)?;
		if self.ledger.contains_key(&id) || self.is_pending(id) {
			return Err("AlreadyAssigned");
		}
		if self.queue.len() >= self.parameters.max_pending_draws as usize {
			return Err("QueueFull");
		}
		let report = caller == Caller::Hook;
		self.queue.push(Request { id, fee, requested_in: self.block, report });
		self.events.push(Event::Requested { id, fee });
		Ok(())
	}

	/// The assignment of a block, or why there is none.
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
			pool.events.push(Event::Released { id, who });
			Ok(())
		})
	}

	/// R7. The amount slashed.
	pub fn slash_prover(
		&mut self,
		caller: Caller,
		id: BlockId,
		proof_reward: Balance,
		reporter: Option<(AccountId, Balance)>,
	) -> Answer<Balance> {
		only_protocol(caller)?;
		let assignment = self.assignment(id)?;
		let who = assignment.prover;
		self.all_or_nothing(|pool| {
			// Judged before the assignment is closed.
			let exit = if pool.is_free(who) { 0 } else { pool.record(who).exit };
			let slashable = exit + pool.stake_of(who);
			let share = wide(slashable) * wide(assignment.slash_points)
				/ (wide(PARTS) * wide(assignment.max_capacity));
			let multiple = wide(assignment.slash_multiplier) * wide(proof_reward);
			let amount = share.max(multiple).min(wide(slashable)).as_u128();
			let from_exit = amount.min(exit);
			let from_stake = amount - from_exit;

			pool.tokens.take(Hold::Exit, who, from_exit);
			pool.tokens.take(Hold::Stake, who, from_stake);
			let record = pool.record_mut(who);
			record.exit -= from_exit;
			if record.exit == 0 {
				record.exit_clock = None;
			}
			if let Some(slot) = pool.slot_of(who) {
				pool.members.entry(slot).and_modify(|member| member.stake -= from_stake);
			}
			pool.close(id, who);
			pool.events.push(Event::Slashed {
				id,
				who,
				amount,
				exit: from_exit,
				stake: from_stake,
			});
			pool.eject_if_too_small(who);
			pool.hand_on(amount, reporter);
			Ok(amount)
		})
	}

	/// R7: "a prover whose stake falls below `EjectionThreshold` is forced out at once".
	fn eject_if_too_small(&mut self, who: AccountId) {
		if self.slot_of(who).is_none() {
			return;
		}
		let stake = self.stake_of(who);
		let minimum =
			wide(self.parameters.min_stake_per_capacity) * wide(self.record(who).max_capacity);
		let below = wide(stake) * wide(PARTS) < minimum * wide(self.parameters.ejection_threshold);
		if below || stake == 0 {
			self.force_out(who);
		}
	}

	/// R7: "the reporter gets up to its sum, the rest goes to `OnSlash`".
	fn hand_on(&mut self, amount: Balance, reporter: Option<(AccountId, Balance)>) {
		let mut rest = amount;
		if let Some((reporter, most)) = reporter {
			let reward = amount.min(most);
			if self.tokens.receive(reporter, reward) {
				rest -= reward;
			}
		}
		if rest > 0 {
			self.slashes.push(rest);
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
				pool.close(id, who);
				pool.events.push(Event::Discharged { id, who });
				Ok(())
			},
			Err("StillPending") => {
				pool.queue.retain(|request| request.id != id);
				pool.events.push(Event::Cancelled { id });
				Ok(())
			},
			Err(refusal) => Err(refusal),
		})
	}

	fn close(&mut self, id: BlockId, who: AccountId) {
		self.ledger.remove(&id);
		if self.liable(who) == 0 {
			self.record_mut(who).liable_since = None;
		}
	}

	// What the pool shows.

	/// `get_capacity`.
	pub fn capacity(&self) -> u64 {
		self.members.values().map(|member| u64::from(self.places(member.who))).sum()
	}

	pub fn books(&self) -> Books {
		let slot = |member: &Member| Slot {
			who: member.who,
			stake: member.stake,
			price: member.price,
			places: self.places(member.who),
			entered_in: member.entered_in,
			waiting: member.waiting,
		};
		let staker = |who: AccountId, record: &Record| Staker {
			exit: record.exit,
			exit_clock: record.exit_clock,
			max_capacity: record.max_capacity,
			slot: self.slot_of(who),
			outstanding: self.outstanding(who),
			liable: self.liable(who),
			liable_since: record.liable_since,
			last_changed_at: record.last_changed_at,
		};
		Books {
			slots: self.members.iter().map(|(number, member)| (*number, slot(member))).collect(),
			stakers: self
				.records
				.iter()
				.map(|(who, record)| (*who, staker(*who, record)))
				.collect(),
			ledger: self.ledger.clone(),
			queue: self.queue.clone(),
		}
	}
}

pub fn wide(number: impl Into<U512>) -> U512 {
	number.into()
}

fn only_protocol(caller: Caller) -> Answer {
	match caller {
		Caller::Hook | Caller::Origin => Ok(()),
		Caller::Signed(_) => Err("BadOrigin"),
	}
}
