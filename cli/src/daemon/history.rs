//! The prover's history from finalized blocks. Each block is read once, also after a gap.

use super::{metrics::Metrics, runtime::Runtimes};
use crate::{
	amount::Token,
	chain::{api, AccountId, Balance, BlockId, Config, Events, H256},
	client::Client,
	metrics::in_tokens,
	reads::finalized::{self, Next, Position},
	Result,
};
use api::{block_proposal::events as rollup, prover_pool::events as pool};
use subxt::error::EventsError;
use tracing::{info, warn};

/// The result of one step. It is counted once its position is saved, so nothing that has to be read
/// again is counted twice.
#[derive(Debug, PartialEq)]
pub struct Read {
	/// The last block that was read or skipped.
	pub position: Position,
	/// How many blocks were skipped because the node does not have them.
	pub skipped: u64,
	/// How many of its events this program cannot decode.
	pub undecoded: u64,
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
		if self.undecoded > 0 {
			warn!(
				events = self.undecoded,
				at,
				"this program cannot decode these events: slashes and payments in them are not counted"
			);
			metrics.events_undecoded.inc_by(self.undecoded);
		}
		metrics.processed_block.set(at as i64);
	}
}

/// Reads the block after `last`, which is not later than the finalized block `target`. Returns `None`
/// if it is of a runtime that this program does not fit: a later program reads it.
pub async fn read_on(
	client: &Client,
	me: &AccountId,
	last: Position,
	target: u64,
	runtimes: &mut Runtimes,
) -> Result<Option<Read>> {
	let read = async |position| events(client, me, position, runtimes).await;
	Ok(match finalized::next(client, last, target, read).await? {
		Next::Read(read) => read,
		Next::Skipped(position) => {
			Some(Read { skipped: position.number - last.number, ..Read::at(position) })
		},
	})
}

/// Returns what the block shows; `None` if this program does not fit the runtime that made it.
async fn events(
	client: &Client,
	me: &AccountId,
	position: Position,
	runtimes: &mut Runtimes,
) -> Result<Option<Read>> {
	let (at, all) = client.events(position.hash).await?;
	if !runtimes.can_prove(&at)? {
		return Ok(None);
	}
	let mut read = Read::at(position);
	read.take_all(&all, me);
	Ok(Some(read))
}

impl Read {
	fn at(position: Position) -> Self {
		Self { position, skipped: 0, undecoded: 0, events: Vec::new(), verified: Vec::new() }
	}

	/// Takes the events that matter.
	fn take_all(&mut self, all: &Events, me: &AccountId) {
		for (index, event) in all.iter().enumerate() {
			let Ok(event) = event else {
				// Where the next one begins is not known either.
				self.undecoded += u64::from(all.len()).saturating_sub(index as u64);
				return;
			};
			self.undecoded += u64::from(self.take(&event, me).is_err());
		}
	}

	/// Takes an event, if it matters.
	fn take(
		&mut self,
		event: &subxt::events::Event<'_, Config>,
		me: &AccountId,
	) -> Result<(), Box<EventsError>> {
		let mine = &mut self.events;
		if let Some(slashed) = event.decode_fields_as::<pool::Slashed>() {
			let slashed = slashed?;
			if slashed.who == *me {
				let fault = format!("{:?}", slashed.fault);
				mine.push(Event::Slashed(slashed.block_id, slashed.amount, fault));
			}
		} else if let Some(cancelled) = event.decode_fields_as::<pool::SlashCancelled>() {
			let cancelled = cancelled?;
			if cancelled.who == *me {
				mine.push(Event::SlashCancelled(cancelled.block_id, cancelled.amount));
			}
		} else if let Some(suspended) = event.decode_fields_as::<pool::Suspended>() {
			let suspended = suspended?;
			if suspended.who == *me {
				mine.push(Event::Suspended(suspended.until));
			}
		} else if let Some(verified) = event.decode_fields_as::<rollup::BlockVerified>() {
			let verified = verified?;
			self.verified.push((verified.block_id, verified.block_hash));
			if verified.prover == *me {
				let verdict = verified.verdict.name();
				mine.push(Event::Verified(verified.block_id, verdict, verified.paid));
			}
		} else if let Some(exited) = event.decode_fields_as::<pool::Exited>() {
			let exited = exited?;
			if exited.who == *me && exited.forced {
				mine.push(Event::Evicted);
			}
		} else if let Some(removed) = event.decode_fields_as::<rollup::ClaimRemoved>() {
			let removed = removed?;
			if removed.prover == *me {
				mine.push(Event::ClaimRemoved(removed.block_id));
			}
		} else if let Some(voided) = event.decode_fields_as::<rollup::ClaimVoided>() {
			let voided = voided?;
			if voided.prover == *me {
				mine.push(Event::ClaimVoided(voided.block_id));
			}
		} else if let Some(settled) = event.decode_fields_as::<rollup::BondSettled>() {
			let settled = settled?;
			if settled.prover == *me && settled.forfeited > 0 {
				mine.push(Event::BondForfeited(settled.block_id, settled.forfeited));
			}
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::{offline, stored_event},
		compatibility::tests::replaced,
	};
	use subxt::ext::codec::{Compact, Encode};

	const METADATA: &[u8] = include_bytes!("../../metadata.scale");
	const ME: AccountId = AccountId([1; 32]);

	fn read(events: Vec<Event>, skipped: u64) -> Read {
		let position = Position { number: 20, hash: H256([1; 32]) };
		Read { skipped, events, ..Read::at(position) }
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
		assert_eq!(metrics.events_undecoded.get(), 0);
		Read { undecoded: 2, ..read(vec![], 0) }.count(&metrics, &token);
		assert_eq!((metrics.slashes.get(), metrics.events_undecoded.get()), (1, 2));
	}

	/// The events of a block, as a runtime with this description has written them.
	fn read_from(metadata: &[u8], events: Vec<Vec<u8>>) -> Read {
		let chain = offline(metadata);
		let all = [Compact(events.len() as u32).encode(), events.concat()].concat();
		let all = chain.events().from_bytes(all);
		let mut read = Read::at(Position { number: 20, hash: H256([1; 32]) });
		read.take_all(&all, &ME);
		read
	}

	/// Returns the event of a removed claim with these fields, as a block stores it.
	fn removed(fields: Vec<u8>) -> Vec<u8> {
		stored_event("BlockProposal", "ClaimRemoved", fields)
	}

	#[test]
	fn what_cannot_be_decoded_is_counted_and_the_rest_is_read() {
		let of = |id: u64| removed((id, ME.0, [0x11u8; 32], [0x22u8; 32], 9u32).encode());
		let read = read_from(METADATA, vec![of(7), of(8)]);
		let both = vec![Event::ClaimRemoved(7), Event::ClaimRemoved(8)];
		assert_eq!((read.events, read.undecoded), (both, 0));
		// A field has another name.
		let read = read_from(&replaced("prover", "pruver"), vec![of(7), of(8)]);
		assert_eq!((read.events, read.undecoded), (vec![], 2));
		// Where an event of another layout ends is not known, so neither are those after it.
		let unknown = removed(vec![1, 2, 3]);
		let read = read_from(METADATA, vec![of(7), unknown, of(8)]);
		assert_eq!((read.events, read.undecoded), (vec![Event::ClaimRemoved(7)], 2));
	}
}
