//! The pool, written for clarity straight from the rules R1–R8: nothing is kept that can be counted,
//! numbers are too wide to overflow, and what is refused is undone by going back to a copy.

use std::collections::{BTreeMap, VecDeque};

use prover_pool_primitives::{BlockId, DrawOutcome, OpenReason, PricePerGas};
use sp_core::U512;

use super::tokens::{Hold, Tokens};

pub type AccountId = u64;
pub type Balance = u128;
/// A point on the clock of periods, or a period.
pub type Moment = u64;
/// The name of an error.
pub type Refusal = &'static str;
/// The result of everything that is done completely or not at all.
pub type Answer<T = ()> = Result<T, Refusal>;

/// How many parts make one whole of a share.
pub const PARTS: u64 = 1_000_000_000;

/// What the pool says has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
	Staked { who: AccountId, amount: Balance, price: PricePerGas, places: u32 },
	Exited { who: AccountId, amount: Balance, exit: Balance, forced: bool },
	Withdrawn { who: AccountId, amount: Balance },
	Requested { id: BlockId, fee: PricePerGas },
	Assigned { id: BlockId, who: AccountId, price: PricePerGas },
	NotFound { id: BlockId, reason: OpenReason },
	Cancelled { id: BlockId },
	Released { id: BlockId, who: AccountId },
	Discharged { id: BlockId, who: AccountId },
	Slashed { id: BlockId, who: AccountId, amount: Balance, exit: Balance, stake: Balance },
}

/// The parameters of the pool. Shares are in parts of [`PARTS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
	pub max_provers: u32,
	pub min_capacity: u32,
	pub min_stake_per_capacity: Balance,
	pub exit_period: Moment,
	pub min_change_delay: Moment,
	pub slash_points: u64,
	pub slash_multiplier: u32,
	pub price_floor_percent: u32,
	pub price_ceiling_percent: u32,
	pub min_overbid: u64,
	pub ejection_threshold: u64,
	pub max_liability: Moment,
	pub entry_delay: u64,
	pub max_pending_draws: u32,
	pub max_draws_per_block: u32,
}

/// A member, by slot.
#[derive(Clone, Debug, PartialEq)]
struct Member {
	who: AccountId,
	stake: Balance,
	price: PricePerGas,
	entered_in: u64,
}

/// What is remembered of an account.
#[derive(Clone, Debug, Default, PartialEq)]
struct Record {
	exit: Balance,
	exit_clock: Option<Moment>,
	max_capacity: u32,
	liable_since: Option<Moment>,
	last_changed_at: Option<Moment>,
}

/// An assignment that is not closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub drawn_at: Moment,
	pub released: bool,
	pub max_capacity: u32,
	pub slash_points: u64,
	pub slash_multiplier: u32,
}

/// A request that waits for its draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
	pub id: BlockId,
	pub fee: PricePerGas,
	pub requested_in: u64,
	pub report: bool,
}

/// A slot as the pool shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
	pub who: AccountId,
	pub stake: Balance,
	pub price: PricePerGas,
	pub places: u32,
	pub entered_in: u64,
}

/// A record as the pool shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Staker {
	pub exit: Balance,
	pub exit_clock: Option<Moment>,
	pub max_capacity: u32,
	pub slot: Option<u32>,
	pub outstanding: u32,
	pub liable: u32,
	pub liable_since: Option<Moment>,
	pub last_changed_at: Option<Moment>,
}

/// Everything the pool shows: what is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Books {
	pub slots: BTreeMap<u32, Slot>,
	pub stakers: BTreeMap<AccountId, Staker>,
	pub ledger: BTreeMap<BlockId, Assignment>,
	pub queue: Vec<Request>,
}

/// What one slot weighs in a draw of the next block.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
	pub slot: u32,
	pub weight: U512,
	pub share: u64,
	pub effective_price: PricePerGas,
}

/// Who calls the protocol's side, or the prover's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Caller {
	/// The hook trait.
	Hook,
	/// `ProtocolOrigin`.
	Origin,
	/// An account.
	Signed(AccountId),
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

	members: BTreeMap<u32, Member>,
	records: BTreeMap<AccountId, Record>,
	ledger: BTreeMap<BlockId, Assignment>,
	queue: Vec<Request>,
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

	fn record_mut(&mut self, who: AccountId) -> &mut Record {
		self.records.entry(who).or_default()
	}

	fn slot_of(&self, who: AccountId) -> Option<u32> {
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

	fn places(&self, who: AccountId) -> u32 {
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
			pool.members.insert(slot, Member { who, stake: amount, price, entered_in });
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

	// The hook.

	/// The next system block begins: R4 and R5. What the pool drew is in [`Self::drawn`].
	pub fn next_block(&mut self) {
		self.block += 1;
		if self.migrating {
			return;
		}
		for _ in 0..self.parameters.max_draws_per_block {
			let known_since = self.known_since.unwrap_or(self.block - 1);
			let due = |request: &Request| self.seed && known_since > request.requested_in;
			let Some(oldest) = self.queue.iter().position(due) else { return };
			let request = self.queue.remove(oldest);
			let outcome = self.draw(&request);
			if request.report {
				if self.calls_back {
					self.call_back(request.id);
				}
				self.outcomes.push((request.id, outcome));
			}
		}
	}

	/// What the protocol of this chain does when it hears of a draw, if it does anything.
	fn call_back(&mut self, id: BlockId) {
		let _ = if id % 2 == 0 {
			self.discharge_prover(Caller::Hook, id)
		} else {
			self.slash_prover(Caller::Hook, id, id.into(), None).map(drop)
		};
		let _ = self.assign_prover(Caller::Hook, id + (1 << 32), 100);
	}

	/// R4.
	fn draw(&mut self, request: &Request) -> DrawOutcome<AccountId> {
		let Request { id, fee, .. } = *request;
		let nobody = if fee == 0 {
			Some(OpenReason::ZeroFee)
		} else if !self.members.values().any(|member| self.takes_part(member, self.block)) {
			Some(OpenReason::EmptyPool)
		} else if self.members.values().all(|member| self.weight(member, fee, self.block).is_zero())
		{
			Some(OpenReason::NoFreeCapacity)
		} else {
			None
		};
		if let Some(reason) = nobody {
			self.events.push(Event::NotFound { id, reason });
			return DrawOutcome::Open { reason };
		}

		let (drawn_for, who) = self.drawn.pop_front().expect("the pool drew nobody, but could");
		assert_eq!(drawn_for, id, "the pool drew for another request");
		let slot = self.slot_of(who).expect("the pool drew somebody who is not a member");
		let member = self.members[&slot].clone();
		assert!(
			!self.weight(&member, fee, self.block).is_zero(),
			"the pool drew {member:?} in block {}, who may not be drawn",
			self.block
		);

		let price = self.effective_price(member.price, fee);
		let now = self.now;
		let record = self.record_mut(who);
		let max_capacity = record.max_capacity;
		record.liable_since.get_or_insert(now);
		let Parameters { slash_points, slash_multiplier, .. } = self.parameters;
		self.ledger.insert(
			id,
			Assignment {
				prover: who,
				price,
				drawn_at: now,
				released: false,
				max_capacity,
				slash_points,
				slash_multiplier,
			},
		);
		self.events.push(Event::Assigned { id, who, price });
		DrawOutcome::Assigned { prover: who, reward_per_gas: price }
	}

	/// R5: whether its entry lies so far back that it may be drawn in `block`.
	fn takes_part(&self, member: &Member, block: u64) -> bool {
		block > member.entered_in + self.parameters.entry_delay
	}

	/// R4: e, "clamped to [⌊0.75 · fee⌋, ⌊1.25 · fee⌋]".
	fn effective_price(&self, price: PricePerGas, fee: PricePerGas) -> PricePerGas {
		let part = |percent: u32| wide(fee) * wide(percent) / wide(100u32);
		let low = part(self.parameters.price_floor_percent);
		let high = part(self.parameters.price_ceiling_percent);
		wide(price).max(low).min(high).as_u32()
	}

	/// R4: ⌊stake · 2⁶⁴ / e²⌋ of one that may be drawn in `block`, else 0.
	fn weight(&self, member: &Member, fee: PricePerGas, block: u64) -> U512 {
		let price = wide(self.effective_price(member.price, fee));
		if price.is_zero() || self.places(member.who) == 0 || !self.takes_part(member, block) {
			return U512::zero();
		}
		wide(member.stake) * (U512::one() << 64) / (price * price)
	}

	// What the pool shows.

	/// `get_prover_weights`, of all slots.
	pub fn weights(&self, fee: PricePerGas) -> Vec<Weight> {
		let weight = |member: &Member| self.weight(member, fee, self.block + 1);
		let total = self.members.values().map(weight).fold(U512::zero(), |sum, one| sum + one);
		let share = |weight: U512| match total.is_zero() {
			true => 0,
			false => (weight * wide(1_000_000_000_000_000_000u64) / total).as_u64(),
		};
		self.members
			.iter()
			.map(|(slot, member)| Weight {
				slot: *slot,
				weight: weight(member),
				share: share(weight(member)),
				effective_price: self.effective_price(member.price, fee),
			})
			.collect()
	}

	/// `get_capacity`.
	pub fn capacity(&self) -> u64 {
		self.members.values().map(|member| u64::from(self.places(member.who))).sum()
	}

	/// The hook trait's `free_capacity`: what a draw of the next block could use.
	pub fn drawable_capacity(&self) -> u64 {
		self.members
			.values()
			.filter(|member| self.takes_part(member, self.block + 1))
			.map(|member| u64::from(self.places(member.who)))
			.sum()
	}

	pub fn books(&self) -> Books {
		let slot = |member: &Member| Slot {
			who: member.who,
			stake: member.stake,
			price: member.price,
			places: self.places(member.who),
			entered_in: member.entered_in,
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

fn wide(number: impl Into<U512>) -> U512 {
	number.into()
}

fn only_protocol(caller: Caller) -> Answer {
	match caller {
		Caller::Hook | Caller::Origin => Ok(()),
		Caller::Signed(_) => Err("BadOrigin"),
	}
}
