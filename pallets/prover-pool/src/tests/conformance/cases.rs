//! Recorded operations one by one, each from the state that was recorded before it.

use std::{path::Path, rc::Rc};

use prover_pool_primitives::BlockId;
use sp_runtime::DispatchResult;

use super::{
	pool::{assign_for_slash, load, EXIT_PERIOD},
	recorded::Recorded,
	recordings,
	replay::{replay_from, Mismatch},
	trace::{Call, Decimal, Operation, PoolEvent, SlotRecord, Trace},
	OWN,
};
use crate::mock::*;

/// The id of an assignment that a slash needs here.
const UNUSED_ID: BlockId = BlockId::MAX - 1;

/// A recorded operation, and the state before it.
pub struct Case {
	/// Its recording, without the operations.
	pub trace: Rc<Trace>,
	pub op: Operation,
	pub before: Recorded,
}

/// Returns all recorded operations with a tag.
pub fn cases(tag: &str) -> Vec<Case> {
	let cases = cases_of(recordings(Path::new(OWN)), |op| op.has_tag(tag));
	assert!(!cases.is_empty(), "{tag} is not recorded");
	cases
}

/// Returns all operations of these recordings that are wanted.
pub fn cases_of(
	recordings: Vec<(String, Trace)>,
	wanted: impl Fn(&Operation) -> bool,
) -> Vec<Case> {
	let mut cases = Vec::new();
	for (_, mut trace) in recordings {
		let ops = std::mem::take(&mut trace.ops);
		let trace = Rc::new(trace);
		let mut recorded = Recorded::genesis(&trace);
		for op in ops {
			let before = recorded.clone();
			recorded.apply(&trace, &op);
			if wanted(&op) {
				cases.push(Case { trace: trace.clone(), op, before });
			}
		}
	}
	cases
}

impl Case {
	pub fn is(&self, tag: &str) -> bool {
		self.op.has_tag(tag)
	}

	pub fn name(&self) -> String {
		format!("{} op {}", self.trace.name, self.op.index)
	}

	pub fn by(&self) -> AccountId {
		self.op.by.unwrap().0
	}

	/// Returns the recorded state after the operation.
	pub fn after(&self) -> Recorded {
		let mut after = self.before.clone();
		after.apply(&self.trace, &self.op);
		after
	}

	/// Runs `test` in the state recorded before the operation, as this pallet's rules have it.
	pub fn here(&self, test: impl FnOnce()) {
		load(&by_our_rules(&self.before)).execute_with(|| {
			Now::set(self.op.now);
			ProverPool::do_try_state().unwrap();
			test();
			ProverPool::do_try_state().unwrap();
		});
	}

	/// Returns whether an exit of `who` has matured and is not free here, since it answers for an
	/// assignment that is not closed (D10).
	pub fn withheld(&self, who: AccountId) -> bool {
		let record = self.before.record(who);
		let matures_at = record.exit_requested_at + EXIT_PERIOD;
		let mut drawn = self.before.assignments_of(who).map(|assignment| assignment.drawn_at);
		record.exit_amount.0 > 0
			&& self.op.now > matures_at
			&& drawn.any(|drawn_at| drawn_at <= matures_at)
	}

	/// Makes the recorded call of a staker.
	pub fn call(&self) -> DispatchResult {
		match &self.op.call {
			Call::Stake { amount, reward_per_gas, max_capacity } => {
				stake(self.by(), amount.0, *reward_per_gas, *max_capacity)
			},
			Call::Exit {} => exit(self.by()),
			call => panic!("{call:?} is no call of a staker"),
		}
	}

	/// Returns the account that a recorded slash or release names.
	pub fn whom(&self) -> AccountId {
		match &self.op.call {
			Call::SlashProver { addr, .. } | Call::ReleaseProver { addr } => addr.0,
			call => panic!("{call:?} names no account"),
		}
	}

	pub fn proof_reward(&self) -> Balance {
		match &self.op.call {
			Call::SlashProver { proof_reward, .. } => proof_reward.0,
			call => panic!("{call:?} has no reward"),
		}
	}

	/// Returns what the recorded slash took: nothing, if it was silent.
	pub fn recorded_slash(&self) -> Balance {
		match self.op.events[..] {
			[] => 0,
			[PoolEvent::Slashed { amount, .. }] => amount.0,
			ref events => panic!("{events:?}"),
		}
	}

	/// Makes the recorded slash, for an assignment of its own that was drawn at `drawn_at`.
	pub fn slash(&self, drawn_at: Moment) -> Slashed {
		let (who, block_id) = (self.whom(), UNUSED_ID);
		assign_for_slash(&self.before, block_id, who, drawn_at);
		let stake = prover(who).map_or(0, |prover| prover.stake);
		let exits = staker(who).exits_answering(drawn_at);
		pool_events();
		let amount = slash(block_id, self.proof_reward()).unwrap();
		assert_eq!(assignment(block_id), None);
		match pool_events()[0] {
			Event::Slashed { from_exits, from_stake, .. } => {
				assert_eq!(from_exits + from_stake, amount);
				Slashed { amount, from_exits, answering: stake + exits }
			},
			ref event => panic!("{event:?}"),
		}
	}

	/// Runs the operation from the state before it, and compares everything; free capacity is counted by
	/// this pallet's rule (D4).
	pub fn compare(&self) -> Result<(), Mismatch> {
		let mut op = self.op.clone();
		let (before, after) = (by_our_rules(&self.before), by_our_rules(&self.after()));
		for slot in self.after().slots.keys() {
			let record = after.slots.get(slot).cloned().unwrap_or_default();
			op.delta.slots.insert(Decimal(*slot), record);
		}
		if let Call::SlashProver { block_id, .. } = &mut op.call {
			// Without a ledger, the id is arbitrary. Here it must not be another assignment's.
			if !self.trace.ledger && self.before.ledger.contains_key(&block_id.0) {
				*block_id = Decimal(UNUSED_ID);
				for event in &mut op.events {
					if let PoolEvent::Slashed { block_id, .. } = event {
						*block_id = Decimal(UNUSED_ID);
					}
				}
			}
		}
		op.capacity = after.capacity();
		op.snapshot = None;
		replay_from(&self.trace, before, &[op]).map(|_| ())
	}
}

/// What a slash took.
pub struct Slashed {
	pub amount: Balance,
	pub from_exits: Balance,
	/// What it could have taken.
	pub answering: Balance,
}

/// Returns a recorded state as this pallet would have it: free capacity is what is not outstanding (D4),
/// and an account that was slashed to nothing has no slot (D5).
fn by_our_rules(recorded: &Recorded) -> Recorded {
	let mut ours = recorded.clone();
	let free_capacity = |slot: &SlotRecord| {
		let who = slot.who.unwrap().0;
		// What the original has not returned yet is added where members are compared.
		let outstanding = recorded.outstanding(who) + u32::from(recorded.closing == Some(who));
		recorded.record(who).max_capacity.saturating_sub(outstanding)
	};
	ours.slots.retain(|_, slot| slot.staked_amount.0 > 0);
	ours.slots.values_mut().for_each(|slot| slot.current_capacity = free_capacity(slot));
	for record in ours.stakers.values_mut() {
		if !ours.slots.contains_key(&record.slot) {
			record.slot = 0;
		}
	}
	ours
}
