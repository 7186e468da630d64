//! Blocks without waiting for slots, for development.
//!
//! The blocks are complete BABE blocks: each has a slot, claimed with a VRF signature, and a seal.
//! So the runtime and its randomness are those of the real chain, and any other node of the chain
//! can import them. Two things differ: slots follow each other independently of the wall clock, and
//! the author finalizes without votes.
//!
//! A block becomes final when it has a child: clients fetch an included block before they report it,
//! and some never report a block that is already final.

mod author;
mod included;

pub use author::{require_keys, timestamp_after, Author};

use crate::components::{BabeImport, FullClient, FullPool, SelectChain};
use futures::{
	channel::oneshot,
	future::{self, Either},
	stream::StreamExt,
};
use futures_timer::Delay;
use included::Included;
use prover_pool_runtime::{opaque::Block, Hash};
use sc_basic_authorship::ProposerFactory;
use sc_client_api::{BlockBackend, Finalizer};
use sc_consensus_manual_seal::{seal_block, Error, SealBlockParams};
use sc_transaction_pool_api::TransactionPool;
use sp_blockchain::HeaderBackend;
use sp_inherents::CreateInherentDataProviders;
use sp_runtime::traits::Header as _;
use std::{
	collections::VecDeque,
	str::FromStr,
	sync::Arc,
	time::{Duration, Instant},
};

/// The time from a block to its finality on a chain on which no further block may follow.
const FINALITY_DELAY: Duration = Duration::from_millis(200);

/// The number of blocks that are made for a transaction if none includes it.
const ATTEMPTS: usize = 3;

/// When a block is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
	/// Whenever a transaction arrives.
	Instant,
	/// After each period, with or without transactions.
	Every(Duration),
}

impl FromStr for Sealing {
	type Err = &'static str;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		if text == "instant" {
			return Ok(Self::Instant);
		}
		match text.parse() {
			Ok(millis @ 1..=60_000) => Ok(Self::Every(Duration::from_millis(millis))),
			_ => Err("expected `instant` or a number of milliseconds from 1 to 60000"),
		}
	}
}

/// Makes blocks and finalizes them.
pub struct Sealer<Inherents> {
	/// Finalizes.
	pub client: Arc<FullClient>,
	/// The transactions to put into blocks.
	pub pool: Arc<FullPool>,
	/// The chain to build on.
	pub select_chain: SelectChain,
	/// Builds the blocks.
	pub proposer: ProposerFactory<FullPool, FullClient>,
	/// Claims and seals their slots.
	pub author: Author,
	/// Their time.
	pub inherents: Inherents,
	/// Imports the blocks.
	pub import: BabeImport,
}

// Generic, because the compiler cannot see that a future over a `dyn` provider may change threads.
impl<Inherents: CreateInherentDataProviders<Block, ()>> Sealer<Inherents> {
	/// Makes blocks and finalizes them as `sealing` requires. Logs a failure, and tries the next block.
	pub async fn run(self, sealing: Sealing) {
		match sealing {
			Sealing::Instant => self.seal_on_arrival().await,
			Sealing::Every(period) => self.seal_every(period).await,
		}
	}

	/// Makes a block in every period, and finalizes its parent.
	///
	/// So the best block is never final. polkadot.js starts the era of a transaction at the finalized
	/// block. Such a transaction is valid in the state of the best block, so a dry run works.
	async fn seal_every(mut self, period: Duration) {
		let mut due = Instant::now();
		loop {
			// Not tokio's timer: it panics if a task still waits for it when the node shuts down.
			Delay::new(due.saturating_duration_since(Instant::now())).await;
			// If a block takes longer than the period, the missed periods are skipped.
			due = Instant::now().max(due + period);
			if let Some(sealed) = self.seal().await {
				self.finalize(self.parent_of(sealed));
			}
		}
	}

	/// Makes a block for every transaction that no block includes yet, and finalizes it after
	/// [`FINALITY_DELAY`].
	async fn seal_on_arrival(mut self) {
		let mut arrivals = self.pool.import_notification_stream();
		let mut included = Included::default();
		let mut unfinalized = VecDeque::<(Instant, Hash)>::new();
		loop {
			while unfinalized.front().is_some_and(|(due, _)| *due <= Instant::now()) {
				self.finalize(unfinalized.pop_front().map(|(_, block)| block));
			}
			let next_finality = match unfinalized.front() {
				Some((due, _)) => {
					Either::Left(Delay::new(due.saturating_duration_since(Instant::now())))
				},
				None => Either::Right(future::pending()),
			};
			let transaction = match future::select(arrivals.next(), next_finality).await {
				Either::Left((Some(transaction), _)) => transaction,
				Either::Left((None, _)) => return,
				Either::Right(_) => continue,
			};
			// The pool can miss a transaction that arrives while it processes a block. It then does not
			// offer it for the next block, and sends no further notification. It has the transaction
			// after that block.
			for _ in 0..ATTEMPTS {
				// Transactions that arrive together share a block.
				if included.contains(&transaction) {
					break;
				}
				if let Some(sealed) = self.seal().await {
					included.add(self.transactions_in(sealed));
					unfinalized.push_back((Instant::now() + FINALITY_DELAY, sealed));
				}
			}
		}
	}

	/// Makes a block, with or without transactions. Returns its hash, or `None` if that failed.
	async fn seal(&mut self) -> Option<Hash> {
		self.try_seal()
			.await
			.inspect_err(|error| log::error!(target: "sealing", "No block was sealed: {error}"))
			.ok()
	}

	async fn try_seal(&mut self) -> Result<Hash, Error> {
		let (sender, created) = oneshot::channel();
		seal_block(SealBlockParams {
			sender: Some(sender),
			parent_hash: None,
			// BABE reads the finalized block, and does not find a block during its import.
			finalize: false,
			create_empty: true,
			env: &mut self.proposer,
			select_chain: &self.select_chain,
			block_import: &mut self.import,
			consensus_data_provider: Some(&self.author),
			pool: self.pool.clone(),
			client: self.client.clone(),
			create_inherent_data_providers: &self.inherents,
		})
		.await;
		Ok(created.await??.hash)
	}

	/// Finalizes a block and all before it. A failure is logged.
	fn finalize(&self, block: Option<Hash>) {
		let Some(block) = block.filter(|block| *block != self.client.info().finalized_hash) else {
			return;
		};
		if let Err(error) = self.client.finalize_block(block, None, true) {
			log::error!(target: "sealing", "{block} was not finalized: {error}");
		}
	}

	/// Returns the parent of a block in the database.
	fn parent_of(&self, block: Hash) -> Option<Hash> {
		self.client.header(block).ok().flatten().map(|header| *header.parent_hash())
	}

	/// Returns the hashes of the extrinsics of a block in the database.
	fn transactions_in(&self, block: Hash) -> impl Iterator<Item = Hash> + '_ {
		let body = self.client.block_body(block).ok().flatten().unwrap_or_default();
		body.into_iter().map(|extrinsic| self.pool.hash_of(&extrinsic))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sealing_is_instant_or_a_bounded_number_of_milliseconds() {
		assert_eq!("instant".parse(), Ok(Sealing::Instant));
		for millis in [1, 200, 60_000] {
			let every = Sealing::Every(Duration::from_millis(millis));
			assert_eq!(millis.to_string().parse(), Ok(every));
		}
		for wrong in ["", "foo", "Instant", "0", "-1", "60001", "1.5", "6s", "99999999999999999999"]
		{
			assert!(wrong.parse::<Sealing>().is_err(), "{wrong} was accepted");
		}
	}
}
