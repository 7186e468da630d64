//! The search for the block of the chain that proposed a block of the rollup.

use super::proposals::{calls_in, ProposeCall};
use crate::{
	chain::{At, H256},
	client::Client,
	reads::rollup,
	Error, Result,
};

/// The clock is read after this many blocks of the chain.
const READ_CLOCK_EVERY: u64 = 64;

/// What a block of the chain shows.
#[derive(Debug, Eq, PartialEq)]
pub enum Look<T> {
	/// It has what is looked for.
	Found(T),
	/// It has not.
	Other,
	/// The node does not have the block.
	Missing,
}

/// A search, latest block first. It can be interrupted, and goes on where it was.
///
/// The rollup's clock counts at most one for each block of the chain, and stands still during
/// migrations and pauses, however many there were. Where the node has the states, the clock says how
/// far back the proposal is. Where it has bodies only, all blocks are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Search {
	/// The time of the proposal.
	proposed_at: u32,
	/// The latest block that may have proposed it, of those that were not looked at.
	next: u64,
	/// The number of blocks that were looked at.
	looked_at: u64,
}

impl Search {
	/// Begins at the best block, whose clock is `now`.
	pub fn new(best: u64, now: u32, proposed_at: u32) -> Self {
		let next = best.saturating_sub(now.saturating_sub(proposed_at).into());
		Self { proposed_at, next, looked_at: 0 }
	}

	/// Returns the calls of the block of the chain that proposes the list, among them its own;
	/// `None` if no block that the node has does.
	pub async fn run(
		&mut self,
		client: &Client,
		best: &At,
		tx_list_hash: H256,
	) -> Result<Option<Vec<ProposeCall>>> {
		let look = async |number: u64| calls_in(client, best, number, tx_list_hash).await;
		self.run_with(look, async |number: u64| clock_at(client, number).await).await
	}

	/// The same, with a function that looks at the block with a number, and one that returns the
	/// clock after it, `None` if the node does not have that state.
	async fn run_with<T>(
		&mut self,
		mut look: impl AsyncFnMut(u64) -> Result<Look<T>>,
		mut clock: impl AsyncFnMut(u64) -> Result<Option<u32>>,
	) -> Result<Option<T>> {
		while self.next > 0 {
			if self.looked_at.is_multiple_of(READ_CLOCK_EVERY) {
				match clock(self.next).await? {
					Some(time) if time < self.proposed_at => return Ok(None),
					Some(time) if time > self.proposed_at => {
						let since = time.saturating_sub(self.proposed_at);
						self.next = self.next.saturating_sub(since.into());
						continue;
					},
					_ => {},
				}
			}
			match look(self.next).await? {
				Look::Found(found) => return Ok(Some(found)),
				Look::Missing => return Ok(None),
				Look::Other => {},
			}
			self.next = self.next.saturating_sub(1);
			self.looked_at = self.looked_at.saturating_add(1);
		}
		Ok(None)
	}
}

async fn clock_at(client: &Client, number: u64) -> Result<Option<u32>> {
	let Some(hash) = client.block_hash(number).await? else { return Ok(None) };
	let read = async { rollup::now(&client.at(hash).await?).await };
	match read.await {
		Ok(now) => Ok(Some(now)),
		Err(error) if error.is_of_a_pruned_node() => Ok(None),
		Err(error @ Error::Connection(_)) => Err(error),
		// An earlier runtime, without this clock.
		Err(_) => Ok(None),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::executor::block_on;
	use std::cell::Cell;

	/// The clock after each block of a chain with three pauses of 600 blocks, the first at its
	/// beginning.
	fn clock(number: u64) -> u32 {
		let paused = |from: u64| number.saturating_sub(from).min(600);
		u32::try_from(number - paused(0) - paused(1_000) - paused(1_700)).unwrap()
	}

	const BEST: u64 = 5_000;

	/// Searches for what the block `there` has, in a node with the states since the block `states`
	/// and the bodies since the block `bodies`. Returns the result, and how many blocks were looked
	/// at.
	fn searched(proposed_at: u32, there: u64, states: u64, bodies: u64) -> (Option<u64>, u64) {
		let mut search = Search::new(BEST, clock(BEST), proposed_at);
		let looks = Cell::new(0);
		let look = async |number: u64| {
			looks.set(looks.get() + 1);
			Ok(match number {
				_ if number < bodies => Look::Missing,
				_ if number == there => Look::Found(number),
				_ => Look::Other,
			})
		};
		let time = async |number: u64| Ok((number >= states).then(|| clock(number)));
		(block_on(search.run_with(look, time)).unwrap(), looks.get())
	}

	#[test]
	fn a_proposal_is_found_behind_any_number_of_pauses() {
		for there in [601, 950, 1_000, 1_601, 2_301, 4_999, BEST] {
			let at = clock(there);
			// From bodies alone, all blocks are looked at.
			let (found, looks) = searched(at, there, BEST, 1);
			assert_eq!(found, Some(there));
			assert!(looks <= 1 + 1_800, "{there} after {looks}");
			// Where there are states, the clock shortens it.
			let (found, looks) = searched(at, there, 1, 1);
			assert_eq!(found, Some(there));
			assert!(looks <= 1 + 600 + READ_CLOCK_EVERY, "{there} after {looks}");
		}
	}

	#[test]
	fn what_is_not_there_ends_the_search() {
		// An earlier clock.
		let (found, looks) = searched(1_000, u64::MAX, 1, 1);
		assert!(found.is_none() && looks <= 2 * READ_CLOCK_EVERY, "after {looks}");
		// No body, or the beginning of the chain.
		assert_eq!(searched(400, 1_000, BEST, 2_000).0, None);
		assert_eq!(searched(400, u64::MAX, BEST, 1).0, None);
	}

	#[test]
	fn an_interrupted_search_goes_on() {
		let mut search = Search::new(9, 9, 7);
		let mut looked = Vec::new();
		for answers in [false, true] {
			let look = async |number: u64| {
				looked.push(number);
				let lost = || Error::Connection("lost".into());
				answers
					.then_some(if number == 5 { Look::Found(()) } else { Look::Other })
					.ok_or_else(lost)
			};
			let _ = block_on(search.run_with(look, async |_: u64| Ok(None)));
		}
		assert_eq!(looked, [7, 7, 6, 5]);
	}
}
