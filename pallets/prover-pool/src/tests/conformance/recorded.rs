//! What a recording says there is after each operation, in terms of this pallet.
//!
//! Balances, records and slots are the original's, taken from the deltas. The original keeps no
//! assignments: the ledger that this pallet must have is derived from the recorded calls alone, never
//! from the pallet's answers.

use std::collections::BTreeMap;

use prover_pool_primitives::{BlockId, PricePerGas};

use super::{
	pool::{EXIT_PERIOD, SLASH_MULTIPLIER, SLASH_POINTS},
	trace::{Account, Call, Decimal, Operation, SlotRecord, Snapshot, StakerRecord, Trace},
};
use crate::{
	mock::{AccountId, Balance, Moment, Test},
	AssignmentOf, Capacity, ProverId, SlashTerms,
};

/// A member, as both the original and this pallet know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Member {
	pub who: AccountId,
	pub stake: Balance,
	pub reward_per_gas: PricePerGas,
	pub free_capacity: Capacity,
	pub entered_at: Moment,
}

/// The record of an account, as far as the original knows it, and its duties.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Record {
	/// The sum of exits and their youngest date.
	pub exits: Option<(Balance, Moment)>,
	pub max_capacity: Capacity,
	pub prover_id: Option<ProverId>,
	pub outstanding: u32,
	pub liable: u32,
}

#[derive(Clone, Debug, Default)]
pub struct Recorded {
	/// Token balances as the original has them: it burns stakes and exits.
	pub balances: BTreeMap<AccountId, Balance>,
	pub stakers: BTreeMap<AccountId, StakerRecord>,
	/// The occupied slots.
	pub slots: BTreeMap<ProverId, SlotRecord>,
	/// What the pallet must have in its ledger.
	pub ledger: BTreeMap<BlockId, AssignmentOf<Test>>,
	/// When each account last entered the pool.
	pub entered_at: BTreeMap<AccountId, Moment>,
	/// The prover that was slashed for an open assignment, until the original returns the capacity.
	pub closing: Option<AccountId>,
}

impl Recorded {
	/// Returns the state before the first operation: tokens and an empty pool.
	pub fn genesis(trace: &Trace) -> Self {
		let balances = trace.genesis.balances.iter().map(|(who, amount)| (who.0, amount.0));
		Self { balances: balances.collect(), ..Default::default() }
	}

	/// Applies what an operation changed.
	pub fn apply(&mut self, trace: &Trace, op: &Operation) {
		for (who, amount) in &op.delta.balances {
			self.balances.insert(who.0, amount.0);
		}
		for (who, record) in &op.delta.stakers {
			self.stakers.insert(who.0, record.clone());
		}
		for (slot, record) in &op.delta.slots {
			match record.who {
				Some(_) => self.slots.insert(slot.0, record.clone()),
				None => self.slots.remove(&slot.0),
			};
		}
		if op.ok != Some(false) {
			self.apply_to_ledger(trace, op);
		}
	}

	fn apply_to_ledger(&mut self, trace: &Trace, op: &Operation) {
		match &op.call {
			Call::Stake { amount, .. } if amount.0 > 0 => {
				self.entered_at.extend(op.by.map(|who| (who.0, op.now)));
			},
			Call::AssignProver { block_id, .. } => {
				let Some(returned) = &op.returned else { return };
				let Some(Account(prover)) = returned.prover else { return };
				let assignment = AssignmentOf::<Test> {
					prover,
					reward_per_gas: returned.reward_per_gas,
					drawn_at: op.now,
					released: false,
					terms: self.terms(prover),
				};
				self.ledger.insert(block_id.0, assignment);
			},
			Call::ReleaseProver { .. } if op.info.closing => self.closing = None,
			Call::ReleaseProver { .. } => {
				let Some(Decimal(block_id)) = op.info.blk else { return };
				if !trace.ledger {
					// Released and discharged at once: no slash names it.
					self.ledger.remove(&block_id);
				} else if let Some(assignment) = self.ledger.get_mut(&block_id) {
					assignment.released = true;
				}
			},
			Call::SlashProver { block_id, addr, .. } if trace.ledger => {
				self.ledger.remove(&block_id.0);
				self.closing = (op.info.state.as_deref() == Some("open")).then_some(addr.0);
			},
			Call::Discharge { block_id } => {
				self.ledger.remove(&block_id.0);
			},
			_ => {},
		}
	}

	/// Returns the terms of an assignment that `who` gets now.
	pub fn terms(&self, who: AccountId) -> SlashTerms {
		SlashTerms {
			max_capacity: self.record(who).max_capacity,
			slash_points: SLASH_POINTS,
			slash_multiplier: SLASH_MULTIPLIER,
		}
	}

	/// Returns the original's record of an account.
	pub fn record(&self, who: AccountId) -> StakerRecord {
		self.stakers.get(&who).cloned().unwrap_or_default()
	}

	/// Returns the slot of an account.
	pub fn slot_of(&self, who: AccountId) -> Option<&SlotRecord> {
		self.slots.get(&self.record(who).slot)
	}

	/// Returns the stake of an account in the pool.
	pub fn stake_of(&self, who: AccountId) -> Balance {
		self.slot_of(who).map_or(0, |slot| slot.staked_amount.0)
	}

	/// Returns the assignments of an account that are not closed.
	pub fn assignments_of(&self, who: AccountId) -> impl Iterator<Item = &AssignmentOf<Test>> {
		self.ledger.values().filter(move |assignment| assignment.prover == who)
	}

	/// Returns how many assignments of an account are not released.
	pub fn outstanding(&self, who: AccountId) -> u32 {
		self.assignments_of(who).filter(|assignment| !assignment.released).count() as u32
	}

	/// Returns the members that this pallet must have. A ledger returns the capacity of an open
	/// assignment with the slash; the original waits for the release that follows.
	pub fn members(&self) -> BTreeMap<ProverId, Member> {
		let member = |(slot, record): (&ProverId, &SlotRecord)| {
			let who = record.who?.0;
			let member = Member {
				who,
				stake: record.staked_amount.0,
				reward_per_gas: record.reward_per_gas,
				free_capacity: record.current_capacity + u32::from(self.closing == Some(who)),
				entered_at: self.entered_at.get(&who).copied().unwrap_or_default(),
			};
			Some((*slot, member))
		};
		self.slots.iter().filter_map(member).collect()
	}

	/// Returns the records that this pallet must have. It removes records in which nothing is left, and
	/// keeps no date of an exit of 0; the original leaves both.
	pub fn records(&self) -> BTreeMap<AccountId, Record> {
		let record = |(who, record): (&AccountId, &StakerRecord)| {
			let amount = record.exit_amount.0;
			let ours = Record {
				exits: (amount > 0).then_some((amount, record.exit_requested_at + EXIT_PERIOD)),
				max_capacity: record.max_capacity,
				prover_id: (record.slot > 0).then_some(record.slot),
				outstanding: self.outstanding(*who),
				liable: self.assignments_of(*who).count() as u32,
			};
			let nothing_left = amount == 0 && record.slot == 0 && ours.liable == 0;
			(!nothing_left).then_some((*who, ours))
		};
		self.stakers.iter().filter_map(record).collect()
	}

	/// Returns the free capacity of all members, as the original counts it.
	pub fn capacity(&self) -> u64 {
		self.slots.values().map(|slot| u64::from(slot.current_capacity)).sum()
	}

	/// Returns whether a full snapshot says the same: the recording agrees with itself, and was
	/// understood.
	pub fn agrees_with(&self, snapshot: &Snapshot) -> bool {
		let balances = snapshot.balances.iter().map(|(who, amount)| (who.0, amount.0));
		let stakers = snapshot.stakers.iter().map(|(who, record)| (who.0, record.clone()));
		let slots = (1..).zip(&snapshot.slots).filter(|(_, slot)| slot.who.is_some());
		let own_balances = self.balances.iter().filter(|(_, amount)| **amount > 0);
		let own_stakers = self.stakers.iter().filter(|(_, record)| **record != Default::default());
		own_balances.map(|(who, amount)| (*who, *amount)).eq(balances)
			&& own_stakers.map(|(who, record)| (*who, record.clone())).eq(stakers)
			&& self.slots.iter().map(|(slot, record)| (*slot, record)).eq(slots)
			&& self.capacity() == snapshot.capacity
			&& self.balances.values().sum::<Balance>() == snapshot.supply.0
	}

	/// Returns all accounts of the recording.
	pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
		let known = self.balances.keys().chain(self.stakers.keys()).copied();
		known.chain([Account::PROTOCOL.0])
	}
}
