//! What happened to the prover, from finalized blocks: each is read once, also after a gap.

use super::{chain, metrics::Metrics, store::Position};
use crate::{
	chain::{api, AccountId, At},
	client::Client,
	Error, Result,
};
use api::{block_proposal::events as rollup, prover_pool::events as pool};
use tracing::{info, warn};

/// So many blocks are read before the daemon looks after its work again.
const AT_ONCE: u64 = 8;
/// Nodes that prune forget the state of blocks that are finalized for so long.
const KEPT: u64 = 250;

/// Reads some of the blocks after `last`, up to the finalized block `target`. Gives the last one read.
pub async fn read_on(
	client: &Client,
	me: &AccountId,
	last: Position,
	target: u64,
	metrics: &Metrics,
) -> Result<Position> {
	let mut last = last;
	for number in last.number + 1..=target.min(last.number + AT_ONCE) {
		let missing = || Error::Connection(format!("the node has no block {number}"));
		let hash = chain::hash_of(client, number).await?.ok_or_else(missing)?;
		let block = Position { number, hash };
		match read(client, me, block, metrics).await {
			Ok(()) => last = block,
			Err(error) if is_forgotten(&error) => return skip(client, last, target, metrics).await,
			Err(error) => return Err(error),
		}
	}
	Ok(last)
}

/// Goes on with what the node remembers.
async fn skip(client: &Client, last: Position, target: u64, metrics: &Metrics) -> Result<Position> {
	let number = target.saturating_sub(KEPT).max(last.number + 1);
	let missing = || Error::Connection(format!("the node has no block {number}"));
	let hash = chain::hash_of(client, number).await?.ok_or_else(missing)?;
	warn!(
		from = last.number + 1,
		to = number,
		"the node has forgotten these blocks: slashes and payments in them are not counted"
	);
	metrics.blocks_skipped.inc_by(number - last.number);
	Ok(Position { number, hash })
}

/// Whether the node has pruned what was asked for.
fn is_forgotten(error: &Error) -> bool {
	let text = error.to_string();
	["State already discarded", "UnknownBlock", "Unknown block"].iter().any(|it| text.contains(it))
}

async fn read(client: &Client, me: &AccountId, block: Position, metrics: &Metrics) -> Result<()> {
	let at = client.at(block.hash).await?;
	let tokens = |amount| in_tokens(client, amount);
	let number = block.number;
	let events = at.events().fetch().await?;
	for event in events.iter() {
		let event = event?;
		if let Some(slashed) = event.decode_fields_as::<pool::Slashed>() {
			let slashed = decoded(slashed)?;
			if slashed.who == *me {
				let amount = client.token().format(slashed.amount);
				warn!(block = slashed.block_id, amount, at = number, "slashed");
				metrics.slashes.inc();
				metrics.slashed.inc_by(tokens(slashed.amount));
			}
		} else if let Some(verified) = event.decode_fields_as::<rollup::BlockVerified>() {
			let verified = decoded(verified)?;
			if verified.prover == *me {
				let verdict = name(&verified.verdict);
				let paid = client.token().format(verified.paid);
				info!(block = verified.block_id, verdict, paid, at = number, "verified");
				metrics.verified.with_label_values(&[verdict]).inc();
				metrics.paid.inc_by(tokens(verified.paid));
			}
		} else if let Some(exited) = event.decode_fields_as::<pool::Exited>() {
			let exited = decoded(exited)?;
			if exited.who == *me && exited.forced {
				warn!(at = number, "forced out of the pool");
				metrics.evictions.inc();
			}
		} else if let Some(again) = event.decode_fields_as::<rollup::WindowRestarted>() {
			let again = decoded(again)?;
			if again.prover == *me {
				info!(block = again.block_id, deadline = again.deadline, "a second window");
			}
		}
	}
	metrics.processed_block.set(number as i64);
	Ok(())
}

fn decoded<T>(event: Result<T, subxt::error::EventsError>) -> Result<T> {
	Ok(event?)
}

/// How the prover fared, as a label.
fn name(verdict: &rollup::block_verified::Verdict) -> &'static str {
	use rollup::block_verified::Verdict as V;
	match verdict {
		V::InTime => "in_time",
		V::Failed => "failed",
		V::Rescued => "rescued",
		V::Overtaken => "overtaken",
		V::Open => "open",
	}
}

/// An amount for Prometheus, which counts in floating point.
pub fn in_tokens(client: &Client, amount: u128) -> f64 {
	amount as f64 / client.token().unit() as f64
}

/// The position of the last finalized block.
pub fn position(at: &At) -> Position {
	Position { number: at.block_number(), hash: at.block_hash() }
}
