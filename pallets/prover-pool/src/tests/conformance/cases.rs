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

/// A recorded operation, and what there was before it.
pub struct Case {
	/// Where it is from, without the operations.
	pub trace: Rc<Trace>,
	pub op: Operation,
	pub before: Recorded,
}

/// Every recorded operation with a tag.
pub fn cases(tag: &str) -> Vec<Case> {
	let cases = cases_of(recordings(Path::new(OWN)), |op| op.has_tag(tag));
	assert!(!cases.is_empty(), "{tag} is not recorded");
	cases
}

/// Every operation of these recordings that is wanted.
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

	/// The recorded state after the operation.
	pub fn after(&self) -> Recorded {
		let mut after = self.before.clone();
		after.apply(&self.trace, &self.op);
		after
	}

	/// Runs `test` in the state recorded before the operation, as it would be by this pallet's rules.
	pub fn here(&self, test: impl FnOnce()) {
		load(&by_our_rules(&self.before)).execute_with(|| {
			Now::set(self.op.now);
			ProverPool::do_try_state().unwrap();
			test();
			ProverPool::do_try_state().unwrap();
		});
	}

	/// Runs `test` in the state recorded before the operation, as it is, even if this pallet would
	/// never have got there.
	pub fn literally(&self, test: impl FnOnce()) {
		load(&self.before).execute_with(|| {
			Now::set(self.op.now);
			test();
		});
	}

	/// Whether an exit of `who` that has matured is not free here, since it has owed blocks all the
	/// time (D10).
	pub fn withheld(&self, who: AccountId) -> bool {
		let matures_at = self.before.record(who).exit_requested_at + EXIT_PERIOD;
		let since = self.before.liable_since.get(&who);
		self.op.now > matures_at && since.is_some_and(|since| *since <= matures_at)
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

	/// Whom a recorded slash or release concerns.
	pub fn whom(&self) -> AccountId {
		match &self.op.call {
			Call::SlashProver { addr, .. } | Call::ReleaseProver { addr } => addr.0,
			call => panic!("{call:?} concerns nobody"),
		}
	}

	pub fn proof_reward(&self) -> Balance {
		match &self.op.call {
			Call::SlashProver { proof_reward, .. } => proof_reward.0,
			call => panic!("{call:?} has no reward"),
		}
	}

	/// What the recorded slash took; nothing, if it was silent.
	pub fn recorded_slash(&self) -> Balance {
		match self.op.events[..] {
			[] => 0,
			[PoolEvent::Slashed { amount, .. }] => amount.0,
			ref events => panic!("{events:?}"),
		}
	}

	/// Makes the recorded slash, for an assignment of its own. Returns what it took, from the exit and
	/// from the stake, and what it could have taken.
	pub fn slash(&self) -> Slashed {
		let (who, block_id) = (self.whom(), UNUSED_ID);
		assign_for_slash(&self.before, block_id, who, self.op.now);
		let stake = prover(who).map_or(0, |prover| prover.staked_amount);
		let exit = staker(who).slashable_exit(self.op.now, EXIT_PERIOD);
		pool_events();
		let amount = slash(block_id, self.proof_reward()).unwrap();
		assert_eq!(assignment(block_id), None, "settled, whatever it came to");
		match pool_events()[0] {
			Event::Slashed { from_exit, from_stake, .. } => {
				assert_eq!(from_exit + from_stake, amount);
				Slashed { amount, from_exit, slashable: stake + exit }
			},
			ref event => panic!("{event:?}"),
		}
	}

	/// Runs the operation from the state before it, and compares everything but free places, which are
	/// counted by this pallet's rule (D4).
	pub fn compare(&self) -> Result<(), Mismatch> {
		let mut op = self.op.clone();
		let (before, after) = (by_our_rules(&self.before), by_our_rules(&self.after()));
		for slot in self.after().slots.keys() {
			let record = after.slots.get(slot).cloned().unwrap_or_default();
			op.delta.slots.insert(Decimal(*slot), record);
		}
		if let Call::SlashProver { block_id, .. } = &mut op.call {
			// Where there is no ledger, the id is any. Here it must not be another assignment's.
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

/// What a slash took, and what it could have taken.
pub struct Slashed {
	pub amount: Balance,
	pub from_exit: Balance,
	pub slashable: Balance,
}

/// A recorded state as this pallet would have it: free places are what is not outstanding (D4), and
/// who was slashed to nothing has no slot (D5).
fn by_our_rules(recorded: &Recorded) -> Recorded {
	let mut ours = recorded.clone();
	let places = |slot: &SlotRecord| {
		let who = slot.who.unwrap().0;
		// What the original has yet to free is added where it is compared.
		let outstanding = recorded.outstanding(who) + u32::from(recorded.closing == Some(who));
		recorded.record(who).max_capacity.saturating_sub(outstanding)
	};
	ours.slots.retain(|_, slot| slot.staked_amount.0 > 0);
	ours.slots.values_mut().for_each(|slot| slot.current_capacity = places(slot));
	for record in ours.stakers.values_mut() {
		if !ours.slots.contains_key(&record.slot) {
			record.slot = 0;
		}
	}
	let left = ours.stakers();
	ours.entered_at.retain(|who, _| left.contains_key(who));
	ours
}
