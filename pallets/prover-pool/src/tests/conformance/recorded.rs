//! What a recording says there is after each operation, in terms of this pallet.
//!
//! Balances, records and slots are the original's, taken from the deltas. The original keeps no
//! assignments; what this pallet must have on its books is derived here from the recorded calls
//! alone, never from what the pallet answers.

use std::collections::BTreeMap;

use prover_pool_primitives::{BlockId, PricePerGas};

use super::{
	pool::{SLASH_MULTIPLIER, SLASH_POINTS},
	trace::{Account, Call, Decimal, Operation, SlotRecord, Snapshot, StakerRecord, Trace},
};
use crate::{
	mock::{AccountId, Balance, Moment, StakerOf, Test},
	AssignmentOf, Capacity, ProverId, SlashTerms,
};

/// A slot as the original knows it: account, stake, price, free places.
pub type Slot = (AccountId, Balance, PricePerGas, Capacity);

#[derive(Clone, Debug, Default)]
pub struct Recorded {
	/// What the original shows as token balances: stakes and exits are not in it, it burns them.
	pub balances: BTreeMap<AccountId, Balance>,
	pub stakers: BTreeMap<AccountId, StakerRecord>,
	/// The slots that are taken.
	pub slots: BTreeMap<ProverId, SlotRecord>,
	/// What the pallet must have in its ledger.
	pub ledger: BTreeMap<BlockId, AssignmentOf<Test>>,
	/// Since when each account has had at least one assignment that is not closed.
	pub liable_since: BTreeMap<AccountId, Moment>,
	/// When each account last entered the pool, as long as it has to do with it.
	pub entered_at: BTreeMap<AccountId, Moment>,
	/// Who was slashed for an open assignment, while the original has not freed the place yet.
	pub closing: Option<AccountId>,
}

impl Recorded {
	/// Before the first operation: tokens, and an empty pool.
	pub fn genesis(trace: &Trace) -> Self {
		let balances = trace.genesis.balances.iter().map(|(who, amount)| (who.0, amount.0));
		Self { balances: balances.collect(), ..Default::default() }
	}

	/// Takes over what an operation changed.
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
			self.keep_ledger(trace, op);
		}
		let left: Vec<_> = self.stakers().into_keys().collect();
		self.entered_at.retain(|who, _| left.contains(who));
	}

	fn keep_ledger(&mut self, trace: &Trace, op: &Operation) {
		match &op.call {
			Call::Stake { amount, .. } if amount.0 > 0 => {
				self.entered_at.extend(op.by.map(|who| (who.0, op.now)));
			},
			Call::AssignProver { block_id, .. } => {
				let Some(returned) = &op.returned else { return };
				if let Some(prover) = returned.prover {
					self.open(block_id.0, prover.0, returned.reward_per_gas, op.now);
				}
			},
			Call::ReleaseProver { .. } if op.info.closing => self.closing = None,
			Call::ReleaseProver { .. } => {
				let Some(Decimal(block_id)) = op.info.blk else { return };
				if !trace.ledger {
					// Released and discharged at once: nothing is ever slashed for it.
					self.close(block_id);
				} else if let Some(assignment) = self.ledger.get_mut(&block_id) {
					assignment.released = true;
				}
			},
			Call::SlashProver { block_id, addr, .. } if trace.ledger => {
				self.close(block_id.0);
				self.closing = (op.info.state.as_deref() == Some("open")).then_some(addr.0);
			},
			Call::Discharge { block_id } => self.close(block_id.0),
			_ => {},
		}
	}

	/// Puts an open assignment on the books, with the terms of now.
	pub fn open(
		&mut self,
		block_id: BlockId,
		prover: AccountId,
		reward_per_gas: PricePerGas,
		now: Moment,
	) {
		self.liable_since.entry(prover).or_insert(now);
		let terms = self.terms(prover);
		self.ledger.insert(
			block_id,
			AssignmentOf::<Test> { prover, reward_per_gas, drawn_at: now, released: false, terms },
		);
	}

	/// The terms of an assignment that `who` gets now.
	pub fn terms(&self, who: AccountId) -> SlashTerms {
		SlashTerms {
			max_capacity: self.record(who).max_capacity,
			slash_points: SLASH_POINTS,
			slash_multiplier: SLASH_MULTIPLIER,
		}
	}

	fn close(&mut self, block_id: BlockId) {
		if let Some(assignment) = self.ledger.remove(&block_id) {
			if self.liable(assignment.prover) == 0 {
				self.liable_since.remove(&assignment.prover);
			}
		}
	}

	/// The original's record of an account.
	pub fn record(&self, who: AccountId) -> StakerRecord {
		self.stakers.get(&who).cloned().unwrap_or_default()
	}

	/// The slot of an account.
	pub fn slot_of(&self, who: AccountId) -> Option<&SlotRecord> {
		self.slots.get(&self.record(who).slot)
	}

	/// The stake of an account in the pool.
	pub fn stake_of(&self, who: AccountId) -> Balance {
		self.slot_of(who).map_or(0, |slot| slot.staked_amount.0)
	}

	/// How many assignments of an account are not released.
	pub fn outstanding(&self, who: AccountId) -> u32 {
		self.count(|assignment| assignment.prover == who && !assignment.released)
	}

	/// How many assignments of an account are not closed.
	pub fn liable(&self, who: AccountId) -> u32 {
		self.count(|assignment| assignment.prover == who)
	}

	fn count(&self, which: impl Fn(&AssignmentOf<Test>) -> bool) -> u32 {
		self.ledger.values().filter(|assignment| which(assignment)).count() as u32
	}

	/// The members that this pallet must have. A ledger frees the place of an open assignment when it
	/// slashes; the original waits for the release that follows.
	pub fn members(&self) -> BTreeMap<ProverId, Slot> {
		let member = |(slot, record): (&ProverId, &SlotRecord)| {
			let who = record.who?.0;
			let freed = Capacity::from(self.closing == Some(who));
			let places = record.current_capacity + freed;
			Some((*slot, (who, record.staked_amount.0, record.reward_per_gas, places)))
		};
		self.slots.iter().filter_map(member).collect()
	}

	/// The records that this pallet must have: it keeps none of accounts that are done with the pool,
	/// and no clock of an exit of nothing, both of which the original leaves lying about.
	pub fn stakers(&self) -> BTreeMap<AccountId, StakerOf> {
		let staker = |(who, record): (&AccountId, &StakerRecord)| {
			let exit_amount = record.exit_amount.0;
			let staker = StakerOf {
				exit_amount,
				exit_requested_at: (exit_amount > 0).then_some(record.exit_requested_at),
				max_capacity: record.max_capacity,
				prover_id: (record.slot > 0).then_some(record.slot),
				outstanding: self.outstanding(*who),
				liable: self.liable(*who),
				liable_since: self.liable_since.get(who).copied(),
				last_changed_at: self.entered_at.get(who).copied(),
			};
			let nothing_left = exit_amount == 0 && record.slot == 0 && staker.liable == 0;
			(!nothing_left).then_some((*who, staker))
		};
		self.stakers.iter().filter_map(staker).collect()
	}

	/// All free places, as the original counts them.
	pub fn capacity(&self) -> u64 {
		self.slots.values().map(|slot| u64::from(slot.current_capacity)).sum()
	}

	/// Whether a full snapshot says the same: the recording is consistent in itself, and was
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

	/// Everybody who may have anything to do with the recording.
	pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
		let known = self.balances.keys().chain(self.stakers.keys()).copied();
		known.chain([Account::PROTOCOL.0])
	}
}
