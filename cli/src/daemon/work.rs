//! Decides what to prove and what to submit, from the chain's state, the lineage and the work in
//! flight alone.
//!
//! The rules are those of `docs/protocol.md`, Life 3, as a prover sees them. A claim that is
//! submitted now is included in the next block at the earliest, whose clock is one ahead outside of
//! pauses of the protocol.

use crate::{
	chain::{AccountId, BlockId},
	execution::{Executed, Execution},
	reads::rollup::{Block, Claim, Clock, Delivery, Status},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A proof to make: of this result of this block.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Task {
	/// The block.
	pub block: BlockId,
	/// Its result.
	#[serde(flatten)]
	pub execution: Execution,
}

/// A waiting block, as a prover sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting {
	/// The block.
	pub id: BlockId,
	/// Its right result, once it was executed.
	pub right: Option<Execution>,
	/// Who may prove it.
	pub turn: Turn,
	/// True if the right result is claimed on chain.
	pub is_claimed: bool,
	/// True if governance has removed a claim of the right result.
	pub is_barred: bool,
	/// True if this account has claimed it, or has to and is in time: a skip of a block before it
	/// takes its pay.
	pub is_earning: bool,
}

/// Who may prove a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
	/// This account, in time until the deadline.
	Mine {
		/// The last time at which a claim is in time.
		deadline: u32,
	},
	/// Anybody. The window of the assigned prover is over, or there is none.
	Anybody(Opening),
	/// Another account only, or nobody yet.
	NotYet,
}

/// The opening of a block for anybody.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opening {
	/// The last time at which nobody else might prove it.
	pub since: u32,
	/// The reward per gas that was agreed with the assigned prover; `None` of an open block.
	pub agreed: Option<u32>,
	/// True if this account is the assigned prover, which has failed: it is never paid.
	pub is_own_failure: bool,
}

/// The daemon's own work.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
	/// The finished proofs.
	pub finished: BTreeSet<Task>,
	/// The proofs whose transactions can still be included.
	pub sent: BTreeSet<Task>,
	/// The proofs that are being made.
	pub running: BTreeSet<Task>,
	/// The tasks that failed and are delayed.
	pub delayed: BTreeSet<Task>,
}

impl InFlight {
	/// Returns the blocks on which work has begun.
	pub fn blocks(&self) -> BTreeSet<BlockId> {
		let all = self.finished.iter().chain(&self.sent).chain(&self.running);
		all.map(|task| task.block).collect()
	}
}

/// A task that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
	/// The task.
	pub task: Task,
	/// The last time at which a claim is in time; `None` of a rescue, which has no deadline.
	pub deadline: Option<u32>,
	/// False if the chain cannot try it yet: the next block is the first that accepts it.
	pub can_be_tried: bool,
}

impl Due {
	/// Returns whether it is a block that this account need not prove.
	pub fn is_rescue(&self) -> bool {
		self.deadline.is_none()
	}

	/// Returns the time left; `None` of a rescue.
	pub fn time_left(&self, now: u32) -> Option<u32> {
		self.deadline.map(|deadline| deadline.saturating_sub(now))
	}
}

/// The next steps.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
	/// The proofs to start, most urgent first; rescues come last.
	pub prove: Vec<Due>,
	/// The proofs to submit, in the same order.
	pub submit: Vec<Due>,
	/// The proofs that are submitted and still due: they are submitted again until a block has
	/// them.
	pub awaited: Vec<Due>,
	/// The running proofs for which no time is left.
	pub cancel: Vec<Task>,
	/// The running rescues. They give way to assignments.
	pub yielding: Vec<Task>,
	/// The running proofs that are not needed by this state. That may change: a block of the chain
	/// may be reverted and its transactions return with the next, and a node that lags does not
	/// know the assignment yet.
	pub unwanted: Vec<Task>,
	/// The number of assigned blocks without the right claim that can still have one in time.
	pub open: usize,
	/// The number of assigned blocks that can no longer have one.
	pub late: usize,
	/// The time until the most urgent deadline.
	pub time_left: Option<u32>,
}

impl Waiting {
	/// Returns the block as `me` sees it at this time. `executed` is its result, `claims` are those
	/// of others on its parent. No claim is void.
	pub fn new(
		id: BlockId,
		block: &Block,
		executed: Option<&Executed>,
		claims: &[Claim],
		me: &AccountId,
		clock: Clock,
	) -> Self {
		let right = executed.map(Executed::execution);
		let turn = Turn::of(block, me, clock);
		let all = || block.claim_in_time().into_iter().chain(claims);
		Self {
			id,
			right,
			turn,
			is_claimed: match right {
				Some(right) => all().any(|claim| Execution::from(&claim.execution) == right),
				// A claim of its own counts as right until the block is executed.
				None => block.claim_in_time().is_some_and(|claim| claim.prover == *me),
			},
			is_barred: right.is_some_and(|right| block.is_barred(&right)),
			is_earning: matches!(turn, Turn::Mine { .. }) || all().any(|claim| claim.prover == *me),
		}
	}

	/// Returns whether this block is an assignment that `me` can no longer do in time.
	fn is_late(&self) -> bool {
		matches!(self.turn, Turn::Anybody(Opening { is_own_failure: true, .. })) && !self.is_claimed
	}
}

impl Turn {
	fn of(block: &Block, me: &AccountId, clock: Clock) -> Self {
		let removed_at = block.removed_at.unwrap_or(0);
		match &block.status {
			Status::Pending => Self::NotYet,
			Status::Open { opened_at, .. } => Self::Anybody(Opening {
				since: removed_at.max(*opened_at),
				agreed: None,
				is_own_failure: false,
			}),
			Status::Assigned(it) => {
				let removed = matches!(it.delivery, Delivery::Removed);
				let opening = Opening {
					since: if removed { removed_at } else { it.deadline },
					agreed: Some(it.reward_per_gas),
					is_own_failure: it.prover == *me,
				};
				match removed || clock.blocks_left(it.deadline).is_none() {
					true => Self::Anybody(opening),
					false if it.prover == *me => Self::Mine { deadline: it.deadline },
					false => Self::NotYet,
				}
			},
		}
	}
}

/// Returns what to do now. `rescues` are the blocks to prove that this account need not prove.
pub fn plan(
	waiting: &[Waiting],
	in_flight: &InFlight,
	rescues: &BTreeSet<BlockId>,
	now: u32,
) -> Plan {
	let mut plan = Plan::default();
	let mut due = Vec::new();
	for block in waiting {
		let wanted = !block.is_claimed && !block.is_barred;
		let task = block.right.map(|execution| Task { block: block.id, execution });
		match block.turn {
			Turn::Mine { deadline } if !block.is_claimed => {
				let left = deadline.saturating_sub(now);
				plan.open += 1;
				plan.time_left = Some(plan.time_left.map_or(left, |least| least.min(left)));
				let task = task.filter(|_| wanted);
				due.extend(task.map(|task| Due {
					task,
					deadline: Some(deadline),
					can_be_tried: true,
				}));
			},
			Turn::Anybody(opening) => {
				plan.late += usize::from(block.is_late());
				let running = in_flight.running.iter().filter(|task| task.block == block.id);
				if rescues.contains(&block.id) {
					plan.yielding.extend(running);
					let can_be_tried = opening.since < now;
					let task = task.filter(|_| wanted);
					due.extend(task.map(|task| Due { task, deadline: None, can_be_tried }));
				} else if opening.is_own_failure {
					plan.cancel.extend(running);
				}
			},
			Turn::Mine { .. } | Turn::NotYet => {},
		}
	}
	let needed: BTreeSet<_> = due.iter().map(|due| due.task).chain(plan.cancel.clone()).collect();
	plan.unwanted = in_flight.running.difference(&needed).copied().collect();
	plan.yielding.retain(|task| needed.contains(task));
	due.retain(|due| !in_flight.delayed.contains(&due.task));
	due.sort_by_key(|due| due.deadline.unwrap_or(u32::MAX));
	for due in due {
		if in_flight.sent.contains(&due.task) {
			plan.awaited.push(due);
		} else if in_flight.finished.contains(&due.task) {
			plan.submit.push(due);
		} else if !in_flight.running.contains(&due.task) {
			plan.prove.push(due);
		}
	}
	plan
}

/// Returns the claims that differ from the right result of their block, on the same parent.
pub fn differing<'a>(
	block: &'a Block,
	right: &Execution,
	claims: &'a [Claim],
) -> impl Iterator<Item = &'a Claim> {
	let right = *right;
	block.claim_in_time().into_iter().chain(claims).filter(move |claim| {
		let execution = Execution::from(&claim.execution);
		execution.parent_hash == right.parent_hash && execution != right
	})
}

#[cfg(test)]
#[path = "work_tests.rs"]
pub(crate) mod tests;
