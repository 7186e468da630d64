//! Decides what to do, from the chain's state and the work in flight alone.
//!
//! The rules are those of `docs/protocol.md`, Life 3 and 4, as a prover sees them:
//!
//! - Only a proof in time counts. One that is submitted now is included in the next block at the
//!   earliest.
//! - A block is proven on the proof of the block before it, or on the last verified hash. Where an
//!   earlier block has no proof yet, its successor waits as long as its proving time allows. Then
//!   it is proven on what is there, and gets a second window if that turns out wrong.
//! - A proof that was displaced, or whose parent is no longer the right one, is made again while
//!   there is time. Not later: a replacement after the deadline would make a prover late that was
//!   in time.

use crate::{
	chain::{AccountId, BlockId, H256},
	prove::Parent,
	reads::rollup::{Block, State, Status},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A proof to make: of this block, on this parent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Task {
	/// The block.
	pub block: BlockId,
	/// The hash of its parent.
	pub parent: H256,
}

/// The rollup after a block of the chain.
#[derive(Clone, Debug)]
pub struct View {
	/// The rollup's clock.
	pub now: u32,
	/// The rollup's state.
	pub state: State,
	/// The unverified blocks, in the order of their ids.
	pub waiting: Vec<(BlockId, Block)>,
}

/// The daemon's own work.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
	/// The finished proofs, with the hash that each gives its block.
	pub finished: BTreeMap<Task, H256>,
	/// The proofs whose transactions can still be included.
	pub sent: BTreeSet<Task>,
	/// The proofs that are being made.
	pub running: BTreeSet<Task>,
	/// The tasks that failed and are delayed.
	pub delayed: BTreeSet<Task>,
}

/// A task that is due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Due {
	/// The task.
	pub task: Task,
	/// The block that has the parent's hash; 0 for the last verified one.
	pub parent_id: BlockId,
	/// True if that is on chain. Otherwise it is a proof of our own that is submitted before.
	pub parent_on_chain: bool,
	/// The last time at which a proof is in time.
	pub deadline: u32,
}

/// The next steps.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
	/// The proofs to start, most urgent first.
	pub prove: Vec<Due>,
	/// The proofs to submit, in this order.
	pub submit: Vec<Due>,
	/// The proofs that are submitted and still due: they are submitted again until a block has
	/// them.
	pub awaited: Vec<Due>,
	/// The running proofs for which no time is left.
	pub cancel: Vec<Task>,
	/// The running proofs that are not needed by this state. That may change: a block of the chain
	/// may be reverted and its transactions return with the next, and a node that lags does not
	/// know the assignment yet.
	pub unwanted: Vec<Task>,
	/// The number of assigned blocks without a proof of ours that can still have one in time.
	pub open: usize,
	/// The number of assigned blocks without a proof of ours in time that can no longer have one.
	pub late: usize,
	/// The time until the most urgent deadline.
	pub time_left: Option<u32>,
}

/// The open duty of an assignment.
struct Duty {
	deadline: u32,
	/// True if there is a proof of ours in time, on the right parent or not.
	proven: bool,
}

/// The status of an assignment of ours.
enum DutyStatus {
	Open(Duty),
	Late,
	/// It has a proof in time, and it is too late for another.
	Settled,
}

fn duty_status(block: &Block, me: &AccountId, now: u32) -> Option<DutyStatus> {
	let Status::Assigned(assignment) = &block.status else { return None };
	if assignment.prover != *me {
		return None;
	}
	let deadline = assignment.deadline;
	let proven =
		block.proofs.0.iter().any(|proof| proof.prover == *me && proof.proven_at <= deadline);
	Some(match (assignment.failed, now < deadline) {
		(false, true) => DutyStatus::Open(Duty { deadline, proven }),
		(false, false) if proven => DutyStatus::Settled,
		_ => DutyStatus::Late,
	})
}

impl View {
	/// Returns what `me` has to do now. A proof takes `reserve` blocks from its start to its
	/// inclusion.
	pub fn plan(&self, me: &AccountId, in_flight: &InFlight, reserve: u32) -> Plan {
		let mut plan = Plan::default();
		let mut due = Vec::new();
		let mut needed = BTreeSet::new();
		let mut parent = Parent { hash: self.state.verified_hash, id: 0 };
		let mut parent_on_chain = true;
		// True if every earlier block is proven, or will be by a finished proof.
		let mut complete = true;
		for (id, block) in &self.waiting {
			let status = duty_status(block, me, self.now);
			if matches!(status, Some(DutyStatus::Late | DutyStatus::Settled)) {
				plan.cancel.extend(of_block(&in_flight.running, *id));
			}
			plan.late += usize::from(matches!(status, Some(DutyStatus::Late)));
			if let Some(proof) = hash_on(block, parent.hash).filter(|_| complete) {
				parent = Parent { hash: proof, id: *id };
				parent_on_chain = true;
				continue;
			}
			let task = Task { block: *id, parent: parent.hash };
			if let Some(DutyStatus::Open(duty)) = status {
				let left = duty.deadline - self.now;
				if !duty.proven {
					plan.open += 1;
					plan.time_left = Some(plan.time_left.map_or(left, |least| least.min(left)));
				}
				let urgent = left <= reserve && !duty.proven;
				let new =
					Due { task, parent_id: parent.id, parent_on_chain, deadline: duty.deadline };
				let usable =
					!is_barred(block, parent.hash, me) && hash_on(block, parent.hash).is_none();
				if usable && (complete || urgent) {
					due.push(new);
				}
				if urgent {
					// A running proof is worth more than one that could be started.
					let usable = |task: &Task| self.parent_id(*id, task.parent).is_some();
					needed.extend(of_block(&in_flight.running, *id).filter(usable));
					if !in_flight.finished.contains_key(&task) {
						due.extend(self.fallback(*id, block, me, in_flight, duty.deadline));
					}
				}
				if let Some(hash) = in_flight.finished.get(&task).filter(|_| usable && complete) {
					parent = Parent { hash: *hash, id: *id };
					parent_on_chain = false;
					continue;
				}
			}
			complete = false;
		}
		needed.extend(due.iter().map(|due| due.task));
		needed.extend(&plan.cancel);
		plan.unwanted = in_flight.running.difference(&needed).copied().collect();
		due.retain(|due| !in_flight.delayed.contains(&due.task));
		let (mut submit, mut prove): (Vec<_>, Vec<_>) =
			due.into_iter().partition(|due| in_flight.finished.contains_key(&due.task));
		prove.retain(|due| !in_flight.running.contains(&due.task));
		// A proof is only submitted if its parent is on chain or submitted before it.
		let mut submitted = BTreeSet::new();
		submit.retain(|due| {
			let sent = in_flight.sent.contains(&due.task);
			let goes = sent || due.parent_on_chain || submitted.contains(&due.parent_id);
			if goes {
				submitted.insert(due.task.block);
			}
			if sent {
				plan.awaited.push(*due);
			}
			goes && !sent
		});
		prove.sort_by_key(|due| due.deadline);
		Plan { submit, prove, ..plan }
	}

	/// Returns a finished proof on another parent, if the chain would accept it: better than none.
	fn fallback(
		&self,
		id: BlockId,
		block: &Block,
		me: &AccountId,
		in_flight: &InFlight,
		deadline: u32,
	) -> Option<Due> {
		of_block(in_flight.finished.keys(), id)
			.filter(|task| !is_barred(block, task.parent, me))
			.find_map(|task| {
				let parent_id = self.parent_id(id, task.parent)?;
				Some(Due { task, parent_id, parent_on_chain: true, deadline })
			})
	}

	/// Returns the block before `id` that has this hash; 0 for the last verified one.
	fn parent_id(&self, id: BlockId, parent: H256) -> Option<BlockId> {
		if parent == self.state.verified_hash {
			return Some(0);
		}
		let mut earlier = self.waiting.iter().take_while(|(earlier, _)| *earlier < id);
		let has = |block: &Block| block.proofs.0.iter().any(|proof| proof.block_hash == parent);
		earlier.find(|(_, block)| has(block)).map(|(earlier, _)| *earlier)
	}
}

/// Returns the hash that the earliest proof on this parent gives the block.
fn hash_on(block: &Block, parent: H256) -> Option<H256> {
	block.proofs.0.iter().find(|proof| proof.parent_hash == parent).map(|proof| proof.block_hash)
}

fn is_barred(block: &Block, parent: H256, me: &AccountId) -> bool {
	block.barred.0.iter().any(|(barred, who)| *barred == parent && who == me)
}

/// Returns the tasks for this block.
fn of_block<'a>(
	tasks: impl IntoIterator<Item = &'a Task> + 'a,
	id: BlockId,
) -> impl Iterator<Item = Task> + 'a {
	tasks.into_iter().filter(move |task| task.block == id).copied()
}

#[cfg(test)]
pub(crate) mod tests;
