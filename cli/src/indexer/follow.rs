//! Reads on: what is finalized into the file, the best chain into memory.

use super::read;
use crate::{
	chain::{Config, H256},
	client::Client,
	decoded::hex,
	Error, Result,
};
use futures::{stream, StreamExt};
use prover_pool_history::{Block, Live, Store};
use std::{convert::Infallible, time::Duration};
use subxt::{client::Block as Head, error::BlocksError};
use tokio::{task::block_in_place, time::timeout};

/// How many blocks are read at once.
const AT_ONCE: usize = 16;
/// After this time without a finalized block the node is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(60);
/// Why the first blocks or those in between are missing.
const NO_STATE: &str = "the node no longer has the state of these blocks";

/// The progress: the last stored block, and the one to reach.
pub type Progressing<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Where blocks are stored: with readers, or without.
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
pub async fn catch_up(
	client: &Client,
	store: &mut Store,
	live: Option<&Live>,
	progress: Progressing<'_>,
) -> Result<H256> {
	loop {
		// Each time anew: a pruning node may have dropped the state of the one before.
		let target = client.finalized().await?;
		let (target, target_hash) = (target.block_number(), target.block_hash());
		let last = store.last()?;
		let next = last.as_ref().map_or(1, |last| last.number + 1);
		if next > target {
			return check_last(client, store, target, target_hash).await;
		}
		// Those that are known to be there are read with others ahead of their turn.
		let resumed = resume(client, next, target).await?;
		let missing = (resumed > next).then_some(NO_STATE);
		let with_state = last.is_none() || missing.is_some() || store.ends_with_gap()?;
		let numbers = stream::iter(resumed..=target);
		let mut blocks = numbers
			.map(|number| async move {
				let hash = client.block_hash(number).await?.ok_or_else(|| gone(number))?;
				read::block(client, hash, with_state && number == resumed).await
			})
			.buffered(AT_ONCE);
		let mut missing = missing;
		while let Some(block) = blocks.next().await {
			match block {
				Ok(block) => {
					append(store, live, &block, missing.take())?;
					progress(block.number, target);
					if store.ends_with_gap()? {
						break;
					}
				},
				// A pruning node drops states while they are read: it is asked again which it has.
				Err(error) if error.is_of_a_pruned_node() => break,
				Err(error) => return Err(error),
			}
		}
	}
}

fn gone(number: u64) -> Error {
	Error::Connection(format!("the node does not have its finalized block {number}: Unknown block"))
}

/// The history may end later than the chain of a node that is behind, but not on another chain.
async fn check_last(client: &Client, store: &Store, target: u64, hash: H256) -> Result<H256> {
	let Some(last) = store.last()? else { return Ok(hash) };
	let at = match last.number == target {
		true => Some(hash),
		false => client.block_hash(last.number).await?,
	};
	match at {
		Some(at) if hex(&at.0) != last.hash => Err(Error::Usage(format!(
			"block {} of {} is not that of the node: its chain was made again with the same genesis, or it has \
			 finalized another one; name another file",
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

/// Returns the first of these blocks from which on the node has states. It has those of the latest ones.
async fn resume(client: &Client, from: u64, target: u64) -> Result<u64> {
	first(from, target, async |number| has_state(client, number).await).await
}

/// Returns the first number that is there, where all after one that is there are, too; `target` if none is.
async fn first(
	from: u64,
	target: u64,
	mut is_there: impl AsyncFnMut(u64) -> Result<bool>,
) -> Result<u64> {
	// Mostly nothing is missing.
	if is_there(from).await? {
		return Ok(from);
	}
	// Those before `low` are missing, `high` is there or the last one.
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

async fn has_state(client: &Client, number: u64) -> Result<bool> {
	let Some(hash) = client.block_hash(number).await? else { return Ok(false) };
	match client.events(hash).await {
		Ok(_) => Ok(true),
		Err(error) if error.is_of_a_pruned_node() => Ok(false),
		Err(error) => Err(error),
	}
}

/// Reads on until the connection is lost.
pub async fn follow(
	client: &Client,
	store: &mut Store,
	live: Option<&Live>,
	progress: Progressing<'_>,
) -> Result<Infallible> {
	let mut finalized = client.online().stream_blocks().await?;
	let mut best = client.online().stream_best_blocks().await?;
	catch_up(client, store, live, progress).await?;
	loop {
		tokio::select! {
			biased;
			head = timeout(SILENCE, finalized.next()) => {
				if let Ok(head) = head {
					number(head)?;
				}
				// Also if the node has reported nothing: a broken connection looks like a chain without blocks.
				catch_up(client, store, live, progress).await?;
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

/// Returns a reported block.
fn number(head: Option<Result<Head<Config>, BlocksError>>) -> Result<(u64, H256)> {
	let ended = || Error::Connection("the node reports no more blocks".into());
	let head = head.ok_or_else(ended)??;
	Ok((head.number(), head.hash()))
}

/// Puts the best chain in place of the one that was shown: only what differs is read.
async fn show_best(
	client: &Client,
	store: &Store,
	live: &Live,
	mut number: u64,
	mut hash: H256,
) -> Result<()> {
	let Some(last) = store.last()? else { return Ok(()) };
	let shown = live.overlay();
	let mut blocks = Vec::new();
	while number > last.number && !shown.contains(&(number, hex(&hash.0))) {
		let block = match read::block(client, hash, false).await {
			Ok(block) => block,
			// A branch that the node has dropped meanwhile: the next report is of another.
			Err(error) if error.is_of_a_pruned_node() => return Ok(()),
			Err(error) => return Err(error),
		};
		hash = parent(&block)?;
		number -= 1;
		blocks.push(block);
		if blocks.len() > prover_pool_history::live::MAX_OVERLAY {
			return Ok(());
		}
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
mod tests {
	use super::*;
	use futures::executor::block_on;

	#[test]
	fn the_first_block_that_is_there_is_found_in_few_steps() {
		for target in [1, 2, 3, 10, 1_000] {
			for start in 1..=target + 1 {
				let mut asked = 0;
				let found = first(1, target, async |number| {
					asked += 1;
					Ok(number >= start)
				});
				assert_eq!(block_on(found).unwrap(), start.min(target), "{start} of {target}");
				assert!(asked <= 11, "asked {asked} times");
			}
		}
		let lost = first(1, 9, async |_| Err(Error::Connection("lost".into())));
		assert_eq!(block_on(lost).unwrap_err().exit_code(), 3);
	}
}
