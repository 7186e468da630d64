//! Reads on: what is finalized into the file, the best chain into memory.

use super::source::Source;
use crate::{
	chain::{Config, H256},
	client::Client,
	decoded::hex,
	Error, Result,
};
use futures::{stream, StreamExt};
use prover_pool_history::{overlay::MAX_OVERLAY, Block, Live, Store};
use std::{convert::Infallible, time::Duration};
use subxt::{client::Block as Head, error::BlocksError};
use tokio::{
	task::block_in_place,
	time::{sleep, timeout},
};

/// How many blocks are read at once.
const AT_ONCE: usize = 16;
/// After this time without a finalized block, the node is asked for its last one.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a node without the states of the next blocks is asked for them.
const ATTEMPTS: u64 = 5;
/// The pause before the next attempt.
const PAUSE: Duration = Duration::from_secs(1);
/// Why blocks are missing.
const NO_STATE: &str = "the node no longer has the state of these blocks";

/// What happens while blocks are stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
	/// A block was stored.
	Stored {
		/// The block.
		block: u64,
		/// The last one to store.
		target: u64,
	},
	/// The history gets a gap: the node no longer has the states of these blocks.
	Missing {
		/// The first of them.
		from: u64,
		/// The last of them.
		to: u64,
	},
}

/// Reports what happens.
pub type Reporting<'a> = &'a (dyn Fn(Step) + Sync);

/// Stores a block, also for the readers of a history that is served.
fn append(
	store: &mut Store,
	live: Option<&Live>,
	block: &Block,
	missing: Option<&str>,
) -> Result<()> {
	block_in_place(|| match live {
		Some(live) => live.append(store, block, missing),
		None => store.append(block, missing),
	})?;
	Ok(())
}

/// Stores all finalized blocks that are not stored. Returns the hash of the last one.
pub(crate) async fn catch_up(
	source: &impl Source,
	store: &mut Store,
	live: Option<&Live>,
	report: Reporting<'_>,
) -> Result<H256> {
	let mut in_vain = 0;
	loop {
		// Read each time: a pruning node may have dropped the state of the last one meanwhile.
		let (target, target_hash) = source.finalized_head().await?;
		let next = store.last()?.map_or(1, |last| last.number + 1);
		if next > target {
			return check_last(source, store, target, target_hash).await;
		}
		// Blocks are read ahead of their turn, so the first one with a state is searched before.
		let oldest = resume(source, next, target).await?;
		let is_missing = oldest > next;
		// The node drops the oldest states next, so each attempt in vain leaves out more of them.
		let left_out = if is_missing { (target - oldest) * in_vain / ATTEMPTS } else { 0 };
		let resumed = oldest + left_out;
		let with_state = is_missing || store.needs_state()?;
		let numbers = stream::iter(resumed..=target);
		let mut blocks = numbers
			.map(|number| async move {
				let hash = source.hash_of(number).await?.ok_or_else(|| gone(number))?;
				source.block(hash, with_state && number == resumed).await
			})
			.buffered(AT_ONCE);
		in_vain += 1;
		while let Some(block) = blocks.next().await {
			match block {
				Ok(block) => {
					let missing = (is_missing && block.number == resumed).then_some(NO_STATE);
					if missing.is_some() {
						report(Step::Missing { from: next, to: resumed - 1 });
					}
					append(store, live, &block, missing)?;
					report(Step::Stored { block: block.number, target });
					in_vain = 0;
					// The next one has to be read with the state.
					if store.needs_state()? {
						break;
					}
				},
				// A pruning node drops states while they are read.
				Err(error) if error.is_of_a_pruned_node() => break,
				Err(error) => return Err(error),
			}
		}
		drop(blocks);
		if in_vain == ATTEMPTS {
			return Err(Error::Connection(format!(
				"the node does not have the state of its finalized block {resumed}: it may still be \
				 synchronising; wait until it is, or name another node with --url"
			)));
		}
		if in_vain > 0 {
			sleep(PAUSE).await;
		}
	}
}

fn gone(number: u64) -> Error {
	Error::Connection(format!("the node does not have its finalized block {number}: Unknown block"))
}

/// Checks that the last stored block is one of the node's chain. The node may be behind it.
async fn check_last(source: &impl Source, store: &Store, target: u64, hash: H256) -> Result<H256> {
	let Some(last) = store.last()? else { return Ok(hash) };
	let at = match last.number == target {
		true => Some(hash),
		false => source.hash_of(last.number).await?,
	};
	match at {
		Some(at) if hex(&at.0) != last.hash => Err(Error::Usage(format!(
			"block {} of {} is not that of the node: its chain was started again with the same genesis, or it has \
			 finalized another branch; name another file",
			last.number,
			store.file().display()
		))),
		Some(at) => Ok(at),
		None => Err(Error::Connection(format!(
			"the node's last finalized block is {target}, and the history has block {}: the node is behind",
			last.number
		))),
	}
}

/// Returns the first of these blocks from which on the node has states; `target` if it has none.
async fn resume(source: &impl Source, from: u64, target: u64) -> Result<u64> {
	let has_state = async |number: u64| match source.hash_of(number).await? {
		Some(hash) => source.has_state(hash).await,
		None => Ok(false),
	};
	first(from, target, has_state).await
}

/// Returns the first number that is there, if all numbers after it are there too; `target` if none is.
async fn first(
	from: u64,
	target: u64,
	mut is_there: impl AsyncFnMut(u64) -> Result<bool>,
) -> Result<u64> {
	// Usually nothing is missing.
	if is_there(from).await? {
		return Ok(from);
	}
	// Numbers before `low` are missing. `high` is there, or the last one.
	let (mut low, mut high) = (from + 1, target);
	while low < high {
		let middle = low + (high - low) / 2;
		match is_there(middle).await? {
			true => high = middle,
			false => low = middle + 1,
		}
	}
	Ok(high)
}

/// Reads on until the connection is lost.
pub(crate) async fn follow(
	client: &Client,
	store: &mut Store,
	live: Option<&Live>,
	report: Reporting<'_>,
) -> Result<Infallible> {
	let mut finalized = client.online().stream_blocks().await?;
	let mut best = client.online().stream_best_blocks().await?;
	catch_up(client, store, live, report).await?;
	loop {
		tokio::select! {
			biased;
			head = timeout(SILENCE, finalized.next()) => {
				if let Ok(head) = head {
					number(head)?;
				}
				// Also after silence: a broken connection looks like a chain without blocks.
				catch_up(client, store, live, report).await?;
			},
			head = best.next(), if live.is_some() => {
				let (number, hash) = number(head)?;
				if let Some(live) = live {
					show_best(client, store, live, number, hash).await?;
				}
			},
		}
	}
}

/// Returns the number and the hash of a reported block.
fn number(head: Option<Result<Head<Config>, BlocksError>>) -> Result<(u64, H256)> {
	let ended = || Error::Connection("the node reports no more blocks".into());
	let head = head.ok_or_else(ended)??;
	Ok((head.number(), head.hash()))
}

/// Shows this best block and those before it. Only blocks that are not shown yet are read.
async fn show_best(
	source: &impl Source,
	store: &Store,
	live: &Live,
	mut number: u64,
	mut hash: H256,
) -> Result<()> {
	let Some(last) = store.last()? else { return Ok(()) };
	// Finality has stopped. The overlay has no place for the block, so it would be read again with each one after it.
	if number > last.number + MAX_OVERLAY as u64 {
		return Ok(());
	}
	let shown = live.overlay();
	let mut blocks = Vec::new();
	while number > last.number && !shown.contains(&(number, hex(&hash.0))) {
		let block = match source.block(hash, false).await {
			Ok(block) => block,
			// A branch that the node has dropped meanwhile: it will report another one.
			Err(error) if error.is_of_a_pruned_node() => return Ok(()),
			Err(error) => return Err(error),
		};
		hash = parent(&block)?;
		number -= 1;
		blocks.push(block);
	}
	blocks.reverse();
	block_in_place(|| live.set_best(number.max(last.number), blocks))?;
	Ok(())
}

fn parent(block: &Block) -> Result<H256> {
	let digits = block.parent_hash.strip_prefix("0x").and_then(crate::decoded::from_hex);
	let bytes: Option<[u8; 32]> = digits.and_then(|bytes| bytes.try_into().ok());
	bytes.map(H256).ok_or_else(|| Error::Internal("a hash has another length".into()))
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
