//! When failed tasks are tried again, and when transactions are submitted again.

use super::work::Task;
use std::collections::{BTreeMap, BTreeSet};

/// A transaction that is not included is submitted again after this many blocks.
const RESUBMIT_AFTER: u64 = 3;

/// The longest delay of a failed task, in blocks.
#[derive(Clone, Copy, Debug)]
pub enum MaxDelay {
	/// Of a proof that could not be made, or of an execution.
	Proving = 16,
	/// Of a transaction that was refused.
	Sending = 4,
}

/// An exponential delay after failures.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
	failures: u32,
	/// The number of the best block from which on it may be tried again.
	until: u64,
}

impl Backoff {
	/// Counts a failure while this is the best block: the delay doubles, up to the longest.
	pub fn fail(&mut self, best: u64, longest: MaxDelay) {
		self.failures += 1;
		self.until = best + (longest as u64).min(1 << self.failures.min(16));
	}

	/// Returns whether it may not be tried again yet.
	pub fn is_waiting(&self, best: u64) -> bool {
		self.until > best
	}
}

/// The delays of failed tasks, and the last submission of each nonce.
#[derive(Debug, Default)]
pub struct RetryPolicy {
	/// The number of the best block.
	best: u64,
	failed: BTreeMap<Task, Backoff>,
	/// The block at which the transaction of each nonce was last submitted to the present node.
	submitted_at: BTreeMap<u64, u64>,
}

impl RetryPolicy {
	/// Forgets all submissions: the daemon is connected to another node.
	pub fn forget_submissions(&mut self) {
		self.submitted_at.clear();
	}

	/// Sets the number of the best block.
	pub fn set_best(&mut self, best: u64) {
		self.best = best;
	}

	/// Returns the number of the best block.
	pub fn best(&self) -> u64 {
		self.best
	}

	/// Delays a task that failed, longer with every failure.
	pub fn delay(&mut self, task: Task, longest: MaxDelay) {
		self.failed.entry(task).or_default().fail(self.best, longest);
	}

	/// Forgets all failures of a task.
	pub fn clear(&mut self, task: Task) {
		self.failed.remove(&task);
	}

	/// Returns the tasks that are delayed.
	pub fn delayed(&self) -> BTreeSet<Task> {
		let still = self.failed.iter().filter(|(_, backoff)| backoff.is_waiting(self.best));
		still.map(|(task, _)| *task).collect()
	}

	/// Records that the transaction with this nonce is submitted now.
	pub fn count_submission(&mut self, nonce: u64) {
		self.submitted_at.insert(nonce, self.best);
	}

	/// Returns whether the transaction with this nonce should be submitted now. Urgent ones are
	/// submitted in every block.
	pub fn should_submit(&self, nonce: u64, urgent: bool) -> bool {
		let pause = if urgent { 1 } else { RESUBMIT_AFTER };
		let due = |last: &u64| self.best >= last + pause || self.best < *last;
		self.submitted_at.get(&nonce).is_none_or(due)
	}

	/// Forgets the rollup's blocks before `head`, and the nonces before `nonce`.
	pub fn forget_before(&mut self, head: u64, nonce: u64) {
		self.failed.retain(|task, _| task.block >= head);
		self.submitted_at.retain(|submitted, _| *submitted >= nonce);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::daemon::work::tests::task;

	#[test]
	fn delays_grow_up_to_a_limit() {
		let mut retries = RetryPolicy::default();
		let mut delays = Vec::new();
		for _ in 0..6 {
			retries.delay(task(1), MaxDelay::Proving);
			let start = retries.best;
			while retries.delayed().contains(&task(1)) {
				retries.set_best(retries.best + 1);
			}
			delays.push(retries.best - start);
		}
		assert_eq!(delays, [2, 4, 8, 16, 16, 16]);
		retries.delay(task(1), MaxDelay::Sending);
		retries.set_best(retries.best + 4);
		assert_eq!(retries.delayed(), BTreeSet::new());
		// As if nothing had happened.
		retries.clear(task(1));
		retries.delay(task(1), MaxDelay::Proving);
		retries.set_best(retries.best + 2);
		assert_eq!(retries.delayed(), BTreeSet::new());
	}

	#[test]
	fn a_transaction_is_submitted_again_every_few_blocks() {
		let mut retries = RetryPolicy::default();
		let should_submit =
			|retries: &RetryPolicy| [false, true].map(|urgent| retries.should_submit(7, urgent));
		retries.set_best(10);
		assert_eq!(should_submit(&retries), [true, true]);
		retries.count_submission(7);
		for (best, expected) in [
			(10, [false, false]),
			(11, [false, true]),
			(12, [false, true]),
			(13, [true, true]),
			// Another branch of the chain.
			(9, [true, true]),
		] {
			retries.set_best(best);
			assert_eq!(should_submit(&retries), expected, "at {best}");
		}
		retries.set_best(10);
		retries.forget_submissions();
		assert_eq!(should_submit(&retries), [true, true]);
	}
}
