//! Rebuilds the state of the last verified block from the chain: the events say what was verified,
//! the bodies have the lists, and the prover executes them again.

use super::{
	proposals::calls_in,
	search::Look,
	trace::{Event, Path, Replay, Trace},
};
use crate::{
	chain::{api::block_proposal::events as protocol, At, H256},
	client::Client,
	execution::{Executed, Parent, Proposal, Step},
	prover::{Input, Prover},
	reads::rollup,
	Error, Result,
};
use futures::{stream, StreamExt, TryStreamExt};
use std::time::Duration;
use subxt::{error::EventsError, events::DecodeAsEvent};
use tokio::time::timeout;
use tracing::info;

/// How many blocks of the chain are asked for at once.
const AHEAD: usize = 16;
/// Progress is logged after each of this many blocks of the chain.
const REPORT_EVERY: u64 = 5_000;

/// The reason why a state could not be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
	/// The node lacks something, or the connection is lost.
	#[error(transparent)]
	Chain(#[from] Error),
	/// The prover failed.
	#[error("{0}")]
	Prover(String),
	/// The chain has verified a block with another hash than its execution gives.
	#[error(
		"block {block_id} was verified as {verified:?}, and its execution gives {own:?}: either a wrong \
		 claim was verified, or the prover does not execute this rollup"
	)]
	Differs {
		/// The block.
		block_id: u64,
		/// The verified hash.
		verified: H256,
		/// The hash that the prover computed.
		own: H256,
	},
}

/// The task of rebuilding.
pub struct Rebuild {
	/// A node that has the events since the last known state, and the lists.
	pub client: Client,
	/// The prover that executes.
	pub prover: Prover,
	/// The genesis hash of the chain.
	pub genesis_hash: H256,
	/// The verified block whose state is missing.
	pub target: Parent,
	/// The time limit of each execution.
	pub limit: Duration,
}

impl Rebuild {
	/// Rebuilds the state. Returns the block from which it began. The states of blocks on the way
	/// are removed as soon as they have served.
	pub async fn run(&self) -> Result<Parent, RebuildError> {
		let at = self.client.best().await?;
		let path = self.path(&at).await?;
		info!(from = path.base.id, blocks = path.replays.len(), "executing verified blocks again");
		let mut parent = path.base;
		for (index, replay) in path.replays.iter().enumerate() {
			let executed = self.replay(&at, parent, replay).await?;
			if index > 0 {
				self.prover.remove_state(parent.hash);
			}
			parent = Parent { id: replay.block_id, hash: executed.block_hash };
		}
		Ok(path.base)
	}

	/// Walks back through the chain's events to a block whose state is there, or to the beginning.
	async fn path(&self, at: &At) -> Result<Path> {
		let mut trace = Trace::new(self.target.hash);
		let numbers = stream::iter((1..=at.block_number()).rev());
		let mut blocks = numbers.map(|number| self.events(number)).buffered(AHEAD);
		while let Some((number, events)) = blocks.try_next().await? {
			trace.see(number, &events, |hash| self.prover.has_state(hash));
			if let Some(path) = trace.path() {
				return Ok(path);
			}
			if number % REPORT_EVERY == 0 {
				info!(block = number, "looking for the verified blocks of the rollup");
			}
		}
		let first = self.client.at(self.client.genesis_hash()).await?;
		if let Some(state) = rollup::state(&first).await? {
			trace.begin(state.verified_hash);
		}
		trace.path().ok_or_else(|| {
			Error::Incompatible(format!(
				"no block of the rollup was verified with the hash {:?}: governance has set it, so its \
				 state has to come from elsewhere",
				self.target.hash
			))
		})
	}

	/// Returns the events of the block of the chain with this number.
	async fn events(&self, number: u64) -> Result<(u64, Vec<Event>)> {
		match events_of(&self.client, number).await {
			Err(error) if error.is_of_a_pruned_node() => Err(Error::Connection(format!(
				"{} has discarded the state of block {number}, whose events are needed to rebuild the \
				 state of the rollup's block {}: name a node that keeps all states (`--state-pruning \
				 archive`) with --archive-url",
				self.client.url(),
				self.target.id
			))),
			result => Ok((number, result?)),
		}
	}

	/// Executes a verified block again.
	async fn replay(
		&self,
		at: &At,
		parent: Parent,
		replay: &Replay,
	) -> Result<Executed, RebuildError> {
		let Replay { block_id, tx_list_hash, gas_limit, .. } = *replay;
		let look = calls_in(&self.client, at, replay.proposed_in, tx_list_hash).await?;
		let calls = match look {
			Look::Found(calls) => calls,
			Look::Other | Look::Missing => Vec::new(),
		};
		let mut own = None;
		// Several may propose the same list, for different beneficiaries.
		for call in calls {
			if (call.tx_list_hash(), call.gas_limit) != (tx_list_hash, gas_limit) {
				continue;
			}
			let beneficiary = call.beneficiary;
			let proposal = Proposal { block_id, tx_list_hash, gas_limit, beneficiary };
			let executed = self.execute(Step { proposal, parent }, call.tx_list).await?;
			if executed.block_hash == replay.block_hash {
				return Ok(executed);
			}
			own = Some(executed.block_hash);
		}
		Err(match own {
			Some(own) => RebuildError::Differs { block_id, verified: replay.block_hash, own },
			None => Error::Connection(format!(
				"{} does not have the body of block {}, whose transaction list is needed to rebuild the \
				 state of the rollup's block {}: name a node that keeps all bodies (`--blocks-pruning \
				 archive-canonical`) with --archive-url; a list that is in no transaction of its block \
				 cannot be found",
				self.client.url(),
				replay.proposed_in,
				self.target.id
			))
			.into(),
		})
	}

	async fn execute(&self, step: Step, tx_list: Vec<u8>) -> Result<Executed, RebuildError> {
		let input = Input { genesis_hash: self.genesis_hash, step, tx_list };
		let result = timeout(self.limit, self.prover.execute(&input)).await.unwrap_or_else(|_| {
			Err(format!("the execution of block {} takes too long", step.proposal.block_id))
		});
		let unknown = || {
			let Parent { id, hash } = step.parent;
			format!("the prover does not know block {id} of the rollup, {hash:?}")
		};
		result.map_err(RebuildError::Prover)?.ok_or_else(|| RebuildError::Prover(unknown()))
	}
}

/// Returns the events of the protocol that decide what the rollup consists of.
async fn events_of(client: &Client, number: u64) -> Result<Vec<Event>> {
	let missing = || Error::Connection(format!("the node has no block {number}"));
	let hash = client.block_hash(number).await?.ok_or_else(missing)?;
	let (_, all) = client.events(hash).await?;
	let mut events = Vec::new();
	for event in all.iter() {
		let event = event?;
		if event.pallet_name() != "BlockProposal" {
			continue;
		}
		if let Some(proposed) = decoded(event.decode_fields_as::<protocol::BlockProposed>())? {
			let protocol::BlockProposed { block_id, tx_list_hash, gas_limit, .. } = proposed;
			events.push(Event::Proposed { block_id, tx_list_hash, gas_limit });
		} else if let Some(verified) = decoded(event.decode_fields_as::<protocol::BlockVerified>())?
		{
			let protocol::BlockVerified { block_id, block_hash, .. } = verified;
			events.push(Event::Verified { block_id, block_hash });
		} else if let Some(reset) = decoded(event.decode_fields_as::<protocol::Reset>())? {
			events.push(Event::Reset { verified_hash: reset.verified_hash });
		} else if let Some(started) = decoded(event.decode_fields_as::<protocol::Started>())? {
			events.push(Event::Started { genesis_hash: started.genesis_hash });
		}
	}
	Ok(events)
}

fn decoded<T: DecodeAsEvent>(event: Option<Result<T, EventsError>>) -> Result<Option<T>> {
	Ok(event.transpose()?)
}
