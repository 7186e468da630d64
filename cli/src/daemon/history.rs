//! The prover's history from finalized blocks. Each block is read once, also after a gap.

use super::{metrics::Metrics, store::Position};
use crate::{
	amount::Token,
	chain::{api, AccountId, At, Balance, BlockId, H256},
	client::Client,
	Error, Result,
};
use api::{block_proposal::events as rollup, prover_pool::events as pool};
use tracing::{info, warn};

/// Pruning nodes keep the state of this many finalized blocks.
const KEPT: u64 = 250;

/// The result of one step. It is counted once its position is saved, so nothing that has to be read
/// again is counted twice.
#[derive(Debug, PartialEq)]
pub struct Read {
	/// The last block that was read or skipped.
	pub position: Position,
	/// How many blocks were skipped because the node does not have them.
	pub skipped: u64,
	/// The events of that block.
	pub events: Vec<Event>,
	/// The blocks of the rollup that were verified in it, with their hashes.
	pub verified: Vec<(BlockId, H256)>,
}

/// An event that is counted and logged.
#[derive(Debug, PartialEq)]
pub enum Event {
	/// The prover was slashed for a block, for this fault.
	Slashed(BlockId, Balance, String),
	/// A deferred slash for a block was cancelled, and its tokens released.
	SlashCancelled(BlockId, Balance),
	/// The prover is suspended until this moment.
	Suspended(u32),
	/// One of its blocks was verified: the verdict, and the payment.
	Verified(BlockId, &'static str, Balance),
	/// The prover was forced out of the pool.
	Evicted,
	/// Governance has removed its claim on this block.
	ClaimRemoved(BlockId),
	/// What vouched for its claim on this block was revoked.
	ClaimVoided(BlockId),
	/// This bond was forfeited: its claim on this block was wrong.
	BondForfeited(BlockId, Balance),
}

impl Read {
	/// Counts and logs the events.
	pub fn count(&self, metrics: &Metrics, token: &Token) {
		let at = self.position.number;
		for event in &self.events {
			match event {
				Event::Slashed(block, amount, fault) => {
					warn!(block, amount = token.format(*amount), fault, at, "slashed");
					metrics.slashes.inc();
					metrics.slashed.inc_by(in_tokens(token, *amount));
				},
				Event::SlashCancelled(block, amount) => {
					info!(block, amount = token.format(*amount), at, "the slash was cancelled");
				},
				Event::Suspended(until) => {
					warn!(until, at, "suspended after too many misses in a row")
				},
				Event::Verified(block, verdict, paid) => {
					info!(block, verdict, paid = token.format(*paid), at, "verified");
					metrics.verified.with_label_values(&[verdict]).inc();
					metrics.paid.inc_by(in_tokens(token, *paid));
				},
				Event::Evicted => {
					warn!(at, "forced out of the pool");
					metrics.evictions.inc();
				},
				Event::ClaimRemoved(block) => {
					warn!(block, at, "governance has removed the claim as wrong");
				},
				Event::ClaimVoided(block) => {
					warn!(block, at, "the claim is void: what vouched for it was revoked");
				},
				Event::BondForfeited(block, amount) => {
					warn!(block, amount = token.format(*amount), at, "a bond was forfeited");
					metrics.forfeited.inc_by(in_tokens(token, *amount));
				},
			}
		}
		if self.skipped > 0 {
			warn!(
				from = at + 1 - self.skipped,
				to = at,
				"the node does not have these blocks: slashes and payments in them are not counted"
			);
			metrics.blocks_skipped.inc_by(self.skipped);
		}
		metrics.processed_block.set(at as i64);
	}
}

/// Reads the block after `last`, which is not later than the finalized block `target`.
pub async fn read_on(client: &Client, me: &AccountId, last: Position, target: u64) -> Result<Read> {
	let number = last.number + 1;
	let Some(hash) = client.block_hash(number).await? else {
		// A node that has just begun, by the state alone, has no earlier blocks.
		return skip(client, last, target).await;
	};
	let position = Position { number, hash };
	match events(client, me, position).await {
		Ok((events, verified)) => Ok(Read { position, skipped: 0, events, verified }),
		Err(error) if error.is_of_a_pruned_node() => skip(client, last, target).await,
		Err(error) => Err(error),
	}
}

/// Goes on with the next block that the node has.
async fn skip(client: &Client, last: Position, target: u64) -> Result<Read> {
	for number in resumptions(last.number, target) {
		if let Some(hash) = client.block_hash(number).await? {
			let position = Position { number, hash };
			let skipped = number - last.number;
			return Ok(Read { position, skipped, events: Vec::new(), verified: Vec::new() });
		}
	}
	Err(Error::Connection(format!("the node does not have its finalized block {target}")))
}

/// Returns the blocks up to which may be skipped what a node does not have: the oldest whose
/// successor it still keeps, or the finalized one.
fn resumptions(last: u64, target: u64) -> [u64; 2] {
	[target.saturating_sub(KEPT).max(last + 1), target]
}

async fn events(
	client: &Client,
	me: &AccountId,
	block: Position,
) -> Result<(Vec<Event>, Vec<(BlockId, H256)>)> {
	let at = client.at(block.hash).await?;
	let (mut mine, mut blocks) = (Vec::new(), Vec::new());
	for event in at.events().fetch().await?.iter() {
		let event = event?;
		if let Some(slashed) = event.decode_fields_as::<pool::Slashed>() {
			let slashed = decoded(slashed)?;
			if slashed.who == *me {
				let fault = format!("{:?}", slashed.fault);
				mine.push(Event::Slashed(slashed.block_id, slashed.amount, fault));
			}
		} else if let Some(cancelled) = event.decode_fields_as::<pool::SlashCancelled>() {
			let cancelled = decoded(cancelled)?;
			if cancelled.who == *me {
				mine.push(Event::SlashCancelled(cancelled.block_id, cancelled.amount));
			}
		} else if let Some(suspended) = event.decode_fields_as::<pool::Suspended>() {
			let suspended = decoded(suspended)?;
			if suspended.who == *me {
				mine.push(Event::Suspended(suspended.until));
			}
		} else if let Some(verified) = event.decode_fields_as::<rollup::BlockVerified>() {
			let verified = decoded(verified)?;
			blocks.push((verified.block_id, verified.block_hash));
			if verified.prover == *me {
				let verdict = name(&verified.verdict);
				mine.push(Event::Verified(verified.block_id, verdict, verified.paid));
			}
		} else if let Some(exited) = event.decode_fields_as::<pool::Exited>() {
			let exited = decoded(exited)?;
			if exited.who == *me && exited.forced {
				mine.push(Event::Evicted);
			}
		} else if let Some(removed) = event.decode_fields_as::<rollup::ClaimRemoved>() {
			let removed = decoded(removed)?;
			if removed.prover == *me {
				mine.push(Event::ClaimRemoved(removed.block_id));
			}
		} else if let Some(voided) = event.decode_fields_as::<rollup::ClaimVoided>() {
			let voided = decoded(voided)?;
			if voided.prover == *me {
				mine.push(Event::ClaimVoided(voided.block_id));
			}
		} else if let Some(settled) = event.decode_fields_as::<rollup::BondSettled>() {
			let settled = decoded(settled)?;
			if settled.prover == *me && settled.forfeited > 0 {
				mine.push(Event::BondForfeited(settled.block_id, settled.forfeited));
			}
		}
	}
	Ok((mine, blocks))
}

fn decoded<T>(event: Result<T, subxt::error::EventsError>) -> Result<T> {
	Ok(event?)
}

/// Returns a verdict as a label.
fn name(verdict: &rollup::block_verified::Verdict) -> &'static str {
	use rollup::block_verified::Verdict as V;
	match verdict {
		V::InTime => "in_time",
		V::Failed => "failed",
		V::Rescued => "rescued",
		V::Open => "open",
	}
}

/// Returns an amount in tokens: Prometheus counts in floating point.
pub fn in_tokens(token: &Token, amount: Balance) -> f64 {
	amount as f64 / token.unit() as f64
}

/// Returns the position of a block.
pub fn position(at: &At) -> Position {
	Position { number: at.block_number(), hash: at.block_hash() }
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(events: Vec<Event>, skipped: u64) -> Read {
		let position = Position { number: 20, hash: H256([1; 32]) };
		Read { position, skipped, events, verified: vec![] }
	}

	#[test]
	fn events_are_counted_in_tokens() {
		let (metrics, token) = (Metrics::new().unwrap(), Token::new("UNIT", 12).unwrap());
		let tokens = 1_500_000_000_000;
		let events = vec![
			Event::Slashed(1, tokens, "Late".into()),
			Event::SlashCancelled(1, tokens),
			Event::Suspended(900),
			Event::Verified(2, "in_time", tokens),
			Event::Verified(3, "failed", 0),
			Event::Evicted,
			Event::ClaimRemoved(4),
			Event::ClaimVoided(4),
			Event::BondForfeited(4, tokens),
		];
		let all = read(events, 0);
		assert_eq!(metrics.processed_block.get(), 0);
		all.count(&metrics, &token);
		assert_eq!((metrics.slashes.get(), metrics.slashed.get()), (1, 1.5));
		assert_eq!(metrics.verified.with_label_values(&["in_time"]).get(), 1);
		assert_eq!(metrics.verified.with_label_values(&["failed"]).get(), 1);
		assert_eq!((metrics.paid.get(), metrics.evictions.get()), (1.5, 1));
		assert_eq!(metrics.forfeited.get(), 1.5);
		assert_eq!((metrics.processed_block.get(), metrics.blocks_skipped.get()), (20, 0));
		read(vec![], 5).count(&metrics, &token);
		assert_eq!((metrics.slashes.get(), metrics.blocks_skipped.get()), (1, 5));
	}

	#[test]
	fn only_missing_blocks_are_skipped() {
		for (last, target, expected) in [
			(10, 1000, [750, 1000]),
			(900, 1000, [901, 1000]),
			(10, 100, [11, 100]),
			(99, 100, [100, 100]),
		] {
			assert_eq!(resumptions(last, target), expected, "from {last} to {target}");
		}
	}
}
