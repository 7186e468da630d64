//! The pool, written for clarity from the rules R1–R11. It stores nothing that it can count, its numbers are
//! too wide to overflow, and it undoes refused calls by a copy. This file has the state and the counts. The
//! other files have the calls.

use std::collections::{BTreeMap, BTreeSet};

use prover_pool_primitives::{BlockId, DrawOutcome};
use sp_core::U512;

use super::{rules::Rule, tokens::Tokens, types::*};

/// An exit as it is stored. Its duties are counted.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredExit {
	pub id: u32,
	pub amount: Balance,
	pub matures_at: Moment,
}

/// The stored record of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
	pub capacity: u32,
	pub exits: Vec<StoredExit>,
	pub suspended_until: Option<Moment>,
	pub track: Track,
}

/// The pool and its environment.
#[derive(Clone, Debug)]
pub struct Model {
	pub parameters: Parameters,
	pub tokens: Tokens,
	/// The clock of periods.
	pub now: Moment,
	/// The number of the system block.
	pub block: u64,
	/// The number from which seeds are made, or 0 for no seeds; and the block since which they are known,
	/// `None` for the block before.
	pub seed: u8,
	pub known_since: Option<u64>,
	pub migrating: bool,
	/// The number of slashes for which a block has weight; `None` for all.
	pub idle: Option<u32>,
	/// True if the protocol calls back from the handler of a draw.
	pub calls_back: bool,
	/// The receiver of slashed tokens; `None` if they are burned.
	pub slashes_to: Option<AccountId>,

	/// The events since this was last emptied.
	pub events: Vec<Event>,
	pub outcomes: Vec<(BlockId, DrawOutcome<AccountId>)>,
	pub slashed: Vec<Balance>,

	pub(super) members: BTreeMap<u32, Member>,
	pub(super) records: BTreeMap<AccountId, Record>,
	pub(super) ledger: BTreeMap<BlockId, Assignment>,
	pub(super) requests: Vec<Request>,
	pub(super) slashes: BTreeMap<BlockId, PendingSlash>,
	/// The accounts whose records the present call has written.
	touched: BTreeSet<AccountId>,
	/// A rule that this model breaks, to show that a difference is noticed.
	broken: Option<Rule>,
}

impl Model {
	pub fn new(
		parameters: Parameters,
		tokens: Tokens,
		now: Moment,
		block: u64,
		broken: Option<Rule>,
	) -> Self {
		Self {
			parameters,
			tokens,
			now,
			block,
			seed: 1,
			known_since: None,
			migrating: false,
			idle: None,
			calls_back: false,
			slashes_to: None,
			events: Vec::new(),
			outcomes: Vec::new(),
			slashed: Vec::new(),
			members: BTreeMap::new(),
			records: BTreeMap::new(),
			ledger: BTreeMap::new(),
			requests: Vec::new(),
			slashes: BTreeMap::new(),
			touched: BTreeSet::new(),
			broken,
		}
	}

	pub(super) fn breaks(&self, rule: Rule) -> bool {
		self.broken == Some(rule)
	}

	/// Does `act` completely or not at all.
	pub(super) fn all_or_nothing<T>(
		&mut self,
		act: impl FnOnce(&mut Self) -> Answer<T>,
	) -> Answer<T> {
		let before = self.clone();
		let answer = act(self);
		match answer {
			Ok(_) => self.forget_empty_records(),
			Err(_) => *self = before,
		}
		answer
	}

	/// I7: no record in which nothing is left. Time alone removes no record: a suspension that is over counts
	/// until the record is written again.
	pub(super) fn forget_empty_records(&mut self) {
		for who in std::mem::take(&mut self.touched) {
			let record = self.record(who);
			let needed = !record.exits.is_empty()
				|| self.slot_of(who).is_some()
				|| self.liable(who) > 0
				|| self.is_suspended(who);
			if !needed {
				self.records.remove(&who);
			}
		}
	}

	// Records and counts.

	pub(super) fn record(&self, who: AccountId) -> Record {
		self.records.get(&who).cloned().unwrap_or_default()
	}

	/// Returns the record for writing.
	pub(super) fn record_mut(&mut self, who: AccountId) -> &mut Record {
		self.touched.insert(who);
		self.records.entry(who).or_default()
	}

	pub(super) fn slot_of(&self, who: AccountId) -> Option<u32> {
		self.members.iter().find(|(_, member)| member.who == who).map(|(slot, _)| *slot)
	}

	pub(super) fn member(&self, who: AccountId) -> Answer<&Member> {
		self.members.values().find(|member| member.who == who).ok_or("NotInPool")
	}

	pub(super) fn member_mut(&mut self, who: AccountId) -> Answer<&mut Member> {
		self.touched.insert(who);
		self.members.values_mut().find(|member| member.who == who).ok_or("NotInPool")
	}

	pub(super) fn stake_of(&self, who: AccountId) -> Balance {
		self.member(who).map_or(0, |member| member.stake)
	}

	/// Returns the offer of a member by its records.
	pub(super) fn offer_of(&self, member: &Member) -> Offer {
		Offer {
			stake: member.stake,
			price: member.price,
			capacity: self.record(member.who).capacity,
			paused: member.paused,
		}
	}

	/// Returns the capacity for which a member's stake must suffice. Made precise: also the larger one that
	/// draws still use, or will use first.
	pub(super) fn largest_capacity(&self, member: &Member) -> u32 {
		let older = member.entry.or(member.listed).map_or(0, |offer| offer.capacity);
		self.offer_of(member).capacity.max(older)
	}

	fn count(&self, who: AccountId, counts: impl Fn(&Assignment) -> bool) -> u32 {
		self.ledger.values().filter(|duty| duty.prover == who && counts(duty)).count() as u32
	}

	pub(super) fn liable(&self, who: AccountId) -> u32 {
		self.count(who, |_| true)
	}

	pub(super) fn outstanding(&self, who: AccountId) -> u32 {
		self.count(who, |duty| !duty.released)
	}

	/// R3: "answers for the assignments of its account that are not closed (released or not) and were
	/// drawn at or before `matures_at`".
	pub(super) fn answers_for(&self, exit: &StoredExit, drawn_at: Moment) -> bool {
		if self.breaks(Rule::ExitAnswers) {
			return drawn_at < exit.matures_at;
		}
		drawn_at <= exit.matures_at
	}

	pub(super) fn duties(&self, who: AccountId, exit: &StoredExit) -> u32 {
		self.count(who, |duty| self.answers_for(exit, duty.drawn_at))
	}

	/// R3: "free once `now > matures_at` and `duties = 0`".
	pub(super) fn is_free(&self, who: AccountId, exit: &StoredExit) -> bool {
		self.now > exit.matures_at && self.duties(who, exit) == 0
	}

	/// R10.
	pub(super) fn is_suspended(&self, who: AccountId) -> bool {
		self.record(who).suspended_until.is_some_and(|until| self.now <= until)
	}

	pub(super) fn is_pending(&self, id: BlockId) -> bool {
		self.requests.iter().any(|request| request.id == id)
	}

	/// Returns the members whose entry or change waits, in the order of their listing: block and slot.
	pub(super) fn changes(&self) -> Vec<(u64, u32)> {
		let mut changes: Vec<_> = self
			.members
			.iter()
			.filter_map(|(slot, member)| Some((self.waits_since(member)?, *slot)))
			.collect();
		changes.sort();
		changes
	}

	/// I3: a member that is entering waits since its entry; any other waits, since its last change,
	/// exactly while draws use another offer than its own.
	fn waits_since(&self, member: &Member) -> Option<u64> {
		match member.listed {
			None => Some(member.entered_in),
			Some(listed) if listed != self.offer_of(member) => Some(member.changed_in),
			Some(_) => None,
		}
	}

	/// Returns everything that the pool stores.
	pub fn state(&self) -> State {
		let staker = |who: AccountId, record: &Record| Staker {
			slot: self.slot_of(who),
			capacity: record.capacity,
			outstanding: self.outstanding(who),
			liable: self.liable(who),
			exits: self.exits(who),
			suspended_until: record.suspended_until,
			track: record.track,
		};
		State {
			members: self.members.clone(),
			stakers: self
				.records
				.iter()
				.map(|(who, record)| (*who, staker(*who, record)))
				.collect(),
			ledger: self.ledger.clone(),
			requests: self.requests.clone(),
			changes: self.changes(),
			slashes: self.slashes.clone(),
			schedule: self.schedule(),
		}
	}

	/// Returns an account's exits, oldest first.
	pub(super) fn exits(&self, who: AccountId) -> Vec<Exit> {
		let exit = |exit: &StoredExit| Exit {
			id: exit.id,
			amount: exit.amount,
			matures_at: exit.matures_at,
			duties: self.duties(who, exit),
		};
		self.record(who).exits.iter().map(exit).collect()
	}
}

pub fn wide(number: impl Into<U512>) -> U512 {
	number.into()
}
