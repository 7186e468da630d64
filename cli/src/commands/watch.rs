//! `watch`: the events of pool and rollup, until Ctrl-C.

use super::Context;
use crate::{
	args::WatchArgs,
	chain::H256,
	client::Client,
	decoded::Event,
	output::{write_line, Progress},
	sentences,
	signals::interrupted,
	Error, Result,
};
use futures::{Stream, StreamExt};
use serde::Serialize;
use std::{collections::BTreeMap, future::Future, time::Duration};
use subxt::events::Phase;
use tokio::time::timeout;

/// The pallets that are followed.
const PALLETS: [&str; 2] = ["ProverPool", "BlockProposal"];
/// How many blocks are remembered, to recognise what is reverted.
const HISTORY: usize = 1024;
/// After this time without a block the node is asked for a sign of life.
const SILENCE: Duration = Duration::from_secs(60);
/// The time limit of an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A line for programs.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
	Event {
		block: u64,
		block_hash: H256,
		/// The transaction that caused it; `None` for events of hooks.
		extrinsic: Option<u32>,
		#[serde(flatten)]
		event: &'a Event,
	},
	/// The blocks after this one, shown before, are no longer part of the chain.
	Reverted { to_block: u64 },
}

/// Follows the chain.
pub async fn run(context: &Context, args: WatchArgs) -> Result<()> {
	tokio::select! {
		result = follow(context, args) => result,
		result = interrupted() => result,
	}
}

async fn follow(context: &Context, args: WatchArgs) -> Result<()> {
	let client = &context.client;
	let online = client.online();
	let mut heads = match args.finalized {
		true => online.stream_blocks().await?,
		false => online.stream_best_blocks().await?,
	};
	let progress = Progress::new();
	let mut shown = Shown::default();
	let is_there = async || within(client, client.best()).await.map(|_| ());
	while let Some(head) = next(&mut heads, SILENCE, &is_there).await? {
		let head = head?;
		let parent = |hash| {
			within(
				client,
				async move { Ok(client.at(hash).await?.block_header().await?.parent_hash) },
			)
		};
		let news = shown.news((head.number(), head.hash()), parent).await?;
		if let Some(to_block) = news.reverted_to {
			progress.clear();
			let line = Line::Reverted { to_block };
			let text = format!("#{to_block}  the blocks after it were replaced");
			write(context, &line, text)?;
		}
		for (number, hash) in news.blocks {
			within(client, show(context, number, hash, &progress)).await?;
			progress.say(&format!("#{number} …"));
		}
	}
	Err(lost(client))
}

fn lost(client: &Client) -> Error {
	Error::Connection(format!("the connection to {} is lost", client.url()))
}

/// Returns what the node answers. Refused with a lost connection after [`ANSWER`].
async fn within<T>(client: &Client, answer: impl Future<Output = Result<T>>) -> Result<T> {
	timeout(ANSWER, answer).await.unwrap_or_else(|_| Err(lost(client)))
}

/// Returns the next report of the node. After [`SILENCE`] the node is asked for a sign of life: a
/// broken connection looks like a chain that makes no blocks.
async fn next<T>(
	reports: &mut (impl Stream<Item = T> + Unpin),
	silence: Duration,
	mut is_there: impl AsyncFnMut() -> Result<()>,
) -> Result<Option<T>> {
	loop {
		match timeout(silence, reports.next()).await {
			Ok(report) => return Ok(report),
			Err(_) => is_there().await?,
		}
	}
}

/// Shows what happened in a block.
async fn show(context: &Context, block: u64, block_hash: H256, progress: &Progress) -> Result<()> {
	let client: &Client = &context.client;
	let at = client.at(block_hash).await?;
	for event in at.events().fetch().await?.iter() {
		let event = event?;
		if !PALLETS.contains(&event.pallet_name()) {
			continue;
		}
		let extrinsic = match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			_ => None,
		};
		let event = Event::decode(&event, &at, client.properties())?;
		progress.clear();
		let text = format!("#{block}  {}: {}", event.name, sentences::of(&event));
		write(context, &Line::Event { block, block_hash, extrinsic, event: &event }, text)?;
	}
	Ok(())
}

fn write(context: &Context, line: &Line, text: String) -> Result<()> {
	match context.global.json() {
		false => write_line(&text),
		true => {
			let json = serde_json::to_string(line);
			write_line(&json.map_err(|error| Error::Internal(format!("no JSON: {error}")))?)
		},
	}
}

/// A block: its number and its hash.
type Id = (u64, H256);

/// The blocks that were shown. Nodes report the latest block only, and sometimes on another branch.
#[derive(Default)]
struct Shown(BTreeMap<u64, H256>);

/// The consequences of a new head.
#[derive(Debug, Eq, PartialEq)]
struct News {
	/// The last of the blocks shown that is still part of the chain, if others are not.
	reverted_to: Option<u64>,
	/// The blocks to show, the oldest first.
	blocks: Vec<Id>,
}

impl Shown {
	/// Returns the new blocks up to this head, back to a block that was shown. The first head
	/// stands alone.
	async fn news<F: Future<Output = Result<H256>>>(
		&mut self,
		head: Id,
		parent: impl Fn(H256) -> F,
	) -> Result<News> {
		let oldest = self.0.keys().next().copied();
		let mut blocks = Vec::new();
		let mut next = Some(head);
		while let Some((number, hash)) = next {
			if self.0.get(&number) == Some(&hash) {
				break;
			}
			blocks.push((number, hash));
			// Nothing was shown before.
			next = match oldest {
				Some(oldest) if number > oldest => Some((number - 1, parent(hash).await?)),
				_ => None,
			};
		}
		blocks.reverse();
		let first_new = blocks.first().map_or(head.0 + 1, |(number, _)| *number);
		let replaced = self.0.split_off(&first_new);
		let reverted_to = (!replaced.is_empty()).then(|| first_new.saturating_sub(1));
		self.0.extend(blocks.iter().copied());
		while self.0.len() > HISTORY {
			self.0.pop_first();
		}
		Ok(News { reverted_to, blocks })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::{executor::block_on, stream};

	/// Returns a block of the branch with this letter.
	fn block(chain: u8, number: u64) -> Id {
		let mut hash = [chain; 32];
		hash[0] = number as u8;
		(number, H256(hash))
	}

	/// Adds a head. Branch `b` leaves branch `a` after block 3.
	fn news(shown: &mut Shown, head: Id) -> News {
		let parent = |hash: H256| async move {
			let number = u64::from(hash.0[0]) - 1;
			let chain = if number <= 3 { b'a' } else { hash.0[1] };
			Ok(block(chain, number).1)
		};
		block_on(shown.news(head, parent)).unwrap()
	}

	fn blocks(chain: u8, numbers: std::ops::RangeInclusive<u64>) -> Vec<Id> {
		numbers.map(|number| block(chain, number)).collect()
	}

	#[tokio::test]
	async fn a_node_that_is_silent_is_asked_whether_it_is_still_there() {
		let mut asked = 0;
		let mut silent = stream::pending::<u64>();
		let result = next(&mut silent, Duration::from_millis(5), async || {
			asked += 1;
			match asked {
				3 => Err(Error::Connection("lost".into())),
				_ => Ok(()),
			}
		});
		assert_eq!(result.await.unwrap_err().exit_code(), 3);
		assert_eq!(asked, 3);
	}

	#[tokio::test]
	async fn a_node_that_reports_is_asked_nothing() {
		let mut reports = stream::iter([7, 8]);
		for expected in [Some(7), Some(8), None] {
			let report = next(&mut reports, SILENCE, async || panic!("it has reported")).await;
			assert_eq!(report.unwrap(), expected);
		}
	}

	#[test]
	fn the_first_head_stands_alone() {
		let found = news(&mut Shown::default(), block(b'a', 3));
		assert_eq!(found, News { reverted_to: None, blocks: blocks(b'a', 3..=3) });
	}

	#[test]
	fn blocks_between_two_heads_are_shown() {
		let mut shown = Shown::default();
		news(&mut shown, block(b'a', 1));
		let found = news(&mut shown, block(b'a', 4));
		assert_eq!(found, News { reverted_to: None, blocks: blocks(b'a', 2..=4) });
	}

	#[test]
	fn a_head_is_shown_once() {
		let mut shown = Shown::default();
		news(&mut shown, block(b'a', 1));
		let found = news(&mut shown, block(b'a', 1));
		assert_eq!(found, News { reverted_to: None, blocks: vec![] });
	}

	#[test]
	fn another_chain_replaces_what_was_shown() {
		let mut shown = Shown::default();
		for number in 1..=5 {
			news(&mut shown, block(b'a', number));
		}
		let found = news(&mut shown, block(b'b', 6));
		let expected = News { reverted_to: Some(3), blocks: blocks(b'b', 4..=6) };
		assert_eq!(found, expected);
		// And back.
		let found = news(&mut shown, block(b'a', 7));
		let expected = News { reverted_to: Some(3), blocks: blocks(b'a', 4..=7) };
		assert_eq!(found, expected);
	}

	#[test]
	fn a_shorter_chain_replaces_a_longer_one() {
		let mut shown = Shown::default();
		news(&mut shown, block(b'a', 1));
		news(&mut shown, block(b'a', 5));
		let found = news(&mut shown, block(b'b', 4));
		let expected = News { reverted_to: Some(3), blocks: blocks(b'b', 4..=4) };
		assert_eq!(found, expected);
	}

	#[test]
	fn a_head_that_was_shown_before_may_revert_others() {
		let mut shown = Shown::default();
		news(&mut shown, block(b'a', 1));
		news(&mut shown, block(b'a', 5));
		let found = news(&mut shown, block(b'a', 2));
		assert_eq!(found, News { reverted_to: Some(2), blocks: vec![] });
	}

	#[test]
	fn a_chain_that_is_too_different_to_be_compared_stands_alone() {
		let mut shown = Shown::default();
		news(&mut shown, block(b'a', 5));
		news(&mut shown, block(b'a', 6));
		let found = news(&mut shown, block(b'b', 5));
		assert_eq!(found, News { reverted_to: Some(4), blocks: blocks(b'b', 5..=5) });
	}

	#[test]
	fn memory_is_bounded() {
		let mut shown = Shown::default();
		for number in 1..=2 * HISTORY as u64 {
			let id = (number, H256::from_low_u64_be(number));
			let parent = |_| async move { Ok(H256::from_low_u64_be(number - 1)) };
			block_on(shown.news(id, parent)).unwrap();
		}
		assert_eq!(shown.0.len(), HISTORY);
	}
}
