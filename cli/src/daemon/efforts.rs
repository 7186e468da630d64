//! What is tried again, and when.

use super::work::Task;
use std::collections::{BTreeMap, BTreeSet};

/// After so many blocks without it, a transaction is sent again.
const SEND_AGAIN: u64 = 3;

/// For how many blocks at most something rests that failed.
#[derive(Clone, Copy, Debug)]
pub enum Rest {
	/// A proof to make.
	Proving = 16,
	/// A transaction to send.
	Sending = 4,
}

/// What is tried again, and when.
#[derive(Debug, Default)]
pub struct Efforts {
	/// The number of the best block.
	best: u64,
	/// How often each task failed, and at which block it may be tried again.
	failed: BTreeMap<Task, (u32, u64)>,
	/// At which block each nonce's transaction was last handed to the node of this session.
	handed: BTreeMap<u64, u64>,
}

impl Efforts {
	/// Begins anew with a node that has been handed nothing.
	pub fn meet(&mut self) {
		self.handed.clear();
	}

	/// Notes the number of the best block.
	pub fn note(&mut self, best: u64) {
		self.best = best;
	}

	/// Lets a task rest: longer with every failure.
	pub fn rest(&mut self, task: Task, longest: Rest) {
		let (times, until) = self.failed.entry(task).or_default();
		*times += 1;
		*until = self.best + (longest as u64).min(1 << (*times).min(16));
	}

	/// Forgets that a task ever failed.
	pub fn succeed(&mut self, task: Task) {
		self.failed.remove(&task);
	}

	/// What rests.
	pub fn resting(&self) -> BTreeSet<Task> {
		let still = self.failed.iter().filter(|(_, (_, until))| *until > self.best);
		still.map(|(task, _)| *task).collect()
	}

	/// Notes that a transaction is handed to the node.
	pub fn hand(&mut self, nonce: u64) {
		self.handed.insert(nonce, self.best);
	}

	/// Whether a transaction should be handed to the node now: with every block if it is urgent.
	pub fn is_to_hand(&self, nonce: u64, urgent: bool) -> bool {
		let pause = if urgent { 1 } else { SEND_AGAIN };
		let due = |last: &u64| self.best >= last + pause || self.best < *last;
		self.handed.get(&nonce).is_none_or(due)
	}

	/// Forgets blocks of the rollup before this one, and nonces before that one.
	pub fn forget_before(&mut self, head: u64, nonce: u64) {
		self.failed.retain(|task, _| task.block >= head);
		self.handed.retain(|handed, _| *handed >= nonce);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::H256;

	fn task(block: u64) -> Task {
		Task { block, parent: H256([1; 32]) }
	}

	#[test]
	fn what_fails_rests_longer_each_time_but_not_for_ever() {
		let mut efforts = Efforts::default();
		let mut rests = Vec::new();
		for _ in 0..6 {
			efforts.rest(task(1), Rest::Proving);
			let start = efforts.best;
			while efforts.resting().contains(&task(1)) {
				efforts.note(efforts.best + 1);
			}
			rests.push(efforts.best - start);
		}
		assert_eq!(rests, [2, 4, 8, 16, 16, 16]);
		efforts.rest(task(1), Rest::Sending);
		efforts.note(efforts.best + 4);
		assert_eq!(efforts.resting(), BTreeSet::new());
		// As if nothing had happened.
		efforts.succeed(task(1));
		efforts.rest(task(1), Rest::Proving);
		efforts.note(efforts.best + 2);
		assert_eq!(efforts.resting(), BTreeSet::new());
	}

	#[test]
	fn a_transaction_is_handed_over_again_every_few_blocks() {
		let mut efforts = Efforts::default();
		let to_hand = |efforts: &Efforts| [false, true].map(|urgent| efforts.is_to_hand(7, urgent));
		efforts.note(10);
		assert_eq!(to_hand(&efforts), [true, true]);
		efforts.hand(7);
		for (best, expected) in [
			(10, [false, false]),
			(11, [false, true]),
			(12, [false, true]),
			(13, [true, true]),
			// Another branch of the chain.
			(9, [true, true]),
		] {
			efforts.note(best);
			assert_eq!(to_hand(&efforts), expected, "at {best}");
		}
		efforts.note(10);
		efforts.meet();
		assert_eq!(to_hand(&efforts), [true, true]);
	}
}
