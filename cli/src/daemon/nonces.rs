//! Submitted transactions, and the nonces that they use.
//!
//! A proof's transaction is submitted again, as the same bytes, until it is in a finalized block or
//! too old. Where nodes refuse these bytes, or a higher tip is due, another transaction replaces it
//! at the same nonce. However often it is submitted, the chain includes it at most once.

use super::work::Task;
use crate::{chain::Balance, decoded::hexadecimal, submit::Prepared};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A signed transaction.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sent {
	/// The proof that it carries; `None` if it only uses up its nonce.
	pub task: Option<Task>,
	/// Its nonce.
	pub nonce: u64,
	/// The number of the last block that can include it.
	pub valid_until: u64,
	/// Its bytes.
	#[serde(with = "hexadecimal")]
	pub extrinsic: Vec<u8>,
	/// Its tip.
	#[serde(default)]
	pub tip: Balance,
	/// True if its outcome was logged.
	#[serde(default)]
	pub reported: bool,
}

/// The account of the key after a block of the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Account {
	/// The number of the block.
	pub number: u64,
	/// The account's nonce.
	pub nonce: u64,
}

impl Sent {
	/// Records a signed transaction.
	pub fn new(task: Option<Task>, prepared: &Prepared) -> Self {
		Self {
			task,
			nonce: prepared.nonce,
			valid_until: prepared.valid_until,
			extrinsic: prepared.encoded().to_vec(),
			tip: prepared.tip,
			reported: false,
		}
	}

	/// Returns whether the block after this one can include it.
	pub fn is_live(&self, best: Account) -> bool {
		self.nonce >= best.nonce && self.valid_until > best.number
	}

	/// Returns whether it is final that the chain includes it, or never will.
	pub fn is_settled(&self, finalized: Account) -> bool {
		self.nonce < finalized.nonce || self.valid_until <= finalized.number
	}

	/// Returns whether it can be forgotten. A block that is finalized at once may not be logged
	/// yet.
	pub fn is_done(&self, finalized: Account) -> bool {
		let is_reported = self.reported || self.task.is_none() || self.nonce >= finalized.nonce;
		self.is_settled(finalized) && is_reported
	}
}

/// Returns the transactions with proofs whose nonce is used and whose outcome was not logged. Of
/// several with the same nonce, the last that was signed.
pub fn unreported(sent: &[Sent], best: Account) -> Vec<Sent> {
	let used = sent.iter().filter(|sent| sent.nonce < best.nonce);
	let last: BTreeMap<u64, &Sent> = used.map(|sent| (sent.nonce, sent)).collect();
	let unreported = last.into_values().filter(|sent| !sent.reported && sent.task.is_some());
	unreported.cloned().collect()
}

/// Returns the highest nonce of the live transactions with these proofs.
pub fn highest(sent: &[Sent], best: Account, tasks: &BTreeSet<Task>) -> Option<u64> {
	let these = |sent: &&Sent| sent.task.is_some_and(|task| tasks.contains(&task));
	sent.iter().filter(|sent| sent.is_live(best)).filter(these).map(|sent| sent.nonce).max()
}

/// Returns the live transactions up to this nonce, in the order of their nonces: each waits for all
/// before it, useful or not.
pub fn live_up_to(sent: &[Sent], best: Account, nonce: Option<u64>) -> Vec<Sent> {
	let needed = |sent: &&Sent| sent.is_live(best) && Some(sent.nonce) <= nonce;
	let mut needed: Vec<Sent> = sent.iter().filter(needed).cloned().collect();
	needed.sort_by_key(|sent| sent.nonce);
	needed
}

/// Returns the proofs whose transactions can still be included.
pub fn tasks_in_flight(sent: &[Sent], best: Account) -> BTreeSet<Task> {
	sent.iter().filter(|sent| sent.is_live(best)).filter_map(|sent| sent.task).collect()
}

/// Returns the nonce of the next transaction. `next_index` is that of the node, which knows the
/// transactions in its queue.
pub fn next_nonce(sent: &[Sent], best: Account, next_index: u64) -> u64 {
	let used: BTreeSet<u64> = live(sent, best).collect();
	(best.nonce.max(next_index)..).find(|nonce| !used.contains(nonce)).unwrap_or(u64::MAX)
}

/// Returns an unused nonce that later transactions wait for: its transaction got too old, or a node
/// has lost one that came from elsewhere.
pub fn gap(sent: &[Sent], best: Account, next_index: u64) -> Option<u64> {
	let next = next_nonce(sent, best, next_index);
	live(sent, best).any(|nonce| nonce > next).then_some(next)
}

fn live(sent: &[Sent], best: Account) -> impl Iterator<Item = u64> + '_ {
	sent.iter().filter(move |sent| sent.is_live(best)).map(|sent| sent.nonce)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::daemon::work::tests::task;

	fn sent(nonce: u64, valid_until: u64) -> Sent {
		Sent {
			task: Some(task(nonce)),
			nonce,
			valid_until,
			extrinsic: vec![],
			tip: 0,
			reported: false,
		}
	}

	fn account(number: u64, nonce: u64) -> Account {
		Account { number, nonce }
	}

	#[test]
	fn a_transaction_is_on_its_way_until_its_nonce_is_used_or_it_is_too_old() {
		for (number, nonce, live) in
			[(50, 7, true), (63, 7, true), (64, 7, false), (50, 8, false), (50, 3, true)]
		{
			let best = account(number, nonce);
			let expected = if live { [task(7)].into() } else { BTreeSet::new() };
			assert_eq!(tasks_in_flight(&[sent(7, 64)], best), expected, "{best:?}");
			// The same is final once the block is.
			assert_eq!(sent(7, 64).is_settled(best), !live);
		}
	}

	#[test]
	fn every_transaction_has_a_nonce_of_its_own() {
		let best = account(50, 7);
		assert_eq!(next_nonce(&[], best, 7), 7);
		// Others of this account wait with the node.
		assert_eq!(next_nonce(&[], best, 9), 9);
		// Ours, which the node may know or not.
		assert_eq!(next_nonce(&[sent(7, 64), sent(8, 64)], best, 7), 9);
		assert_eq!(next_nonce(&[sent(7, 64), sent(8, 64)], best, 9), 9);
		// A node that lags behind.
		assert_eq!(next_nonce(&[], best, 5), 7);
		// Those that are done use none.
		assert_eq!(next_nonce(&[sent(6, 64), sent(7, 50)], best, 7), 7);
	}

	#[test]
	fn a_nonce_that_others_wait_for_is_found() {
		let best = account(50, 7);
		assert_eq!(gap(&[], best, 7), None);
		assert_eq!(gap(&[sent(7, 64), sent(8, 64)], best, 7), None);
		// That with 7 got too old.
		assert_eq!(gap(&[sent(7, 50), sent(8, 64)], best, 7), Some(7));
		// Somebody else has used it meanwhile.
		assert_eq!(gap(&[sent(7, 50), sent(8, 64)], best, 8), None);
		assert_eq!(gap(&[sent(8, 64), sent(10, 64)], best, 8), Some(9));
	}

	/// A node that has lost its pool needs them all: the second waits for the first, which is of no
	/// use any more.
	#[test]
	fn what_comes_before_an_awaited_transaction_is_handed_over_as_well() {
		let best = account(50, 7);
		let idle = Sent { task: None, ..sent(8, 64) };
		let all = [sent(9, 64), sent(7, 64), idle, sent(10, 64), sent(6, 64), sent(11, 50)];
		let awaited = |nonces: &[u64]| {
			let tasks = nonces.iter().map(|nonce| task(*nonce)).collect();
			let needed = live_up_to(&all, best, highest(&all, best, &tasks));
			needed.iter().map(|sent| sent.nonce).collect::<Vec<_>>()
		};
		assert_eq!(awaited(&[9]), [7, 8, 9]);
		assert_eq!(awaited(&[9, 7]), [7, 8, 9]);
		assert_eq!(awaited(&[7]), [7]);
		// Done, too old, or never sent.
		assert_eq!(awaited(&[]), [] as [u64; 0]);
		assert_eq!(awaited(&[6, 11, 12]), [] as [u64; 0]);
		let everything = live_up_to(&all, best, Some(u64::MAX));
		assert_eq!(everything.iter().map(|sent| sent.nonce).collect::<Vec<_>>(), [7, 8, 9, 10]);
	}

	#[test]
	fn what_became_of_a_transaction_is_reported_once() {
		let best = account(50, 9);
		// One that got too old, and the one that took its nonce.
		let again = Sent { task: Some(task(1)), ..sent(7, 64) };
		let reported = Sent { reported: true, ..sent(8, 64) };
		let idle = Sent { task: None, ..sent(6, 64) };
		let all = [sent(7, 40), again.clone(), reported, sent(9, 64), idle];
		assert_eq!(unreported(&all, best), [again]);
	}

	#[test]
	fn a_transaction_is_forgotten_once_it_is_settled_and_reported() {
		let finalized = account(50, 8);
		let reported = Sent { reported: true, ..sent(7, 64) };
		let idle = Sent { task: None, ..sent(7, 64) };
		assert!(reported.is_done(finalized) && idle.is_done(finalized));
		assert!(!sent(7, 64).is_done(finalized));
		// It got too old: there is nothing to log.
		assert!(sent(8, 50).is_done(finalized));
		assert!(!Sent { reported: true, ..sent(8, 64) }.is_done(finalized));
	}
}
