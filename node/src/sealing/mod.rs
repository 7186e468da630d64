//! Blocks without waiting for slots, for development.
//!
//! The blocks are complete BABE blocks: each has a slot, claimed with a VRF signature, and a seal.
//! So the runtime and its randomness are those of the real chain, and any other node of the chain
//! can import them. Two things differ: slots follow each other whatever the wall clock says, and
//! the author finalizes by itself.

mod author;

pub use author::{require_keys, timestamp_after, Author};

use crate::components::{BabeImport, FullClient, FullPool, SelectChain};
use futures::{
	channel::oneshot,
	stream::{self, BoxStream, StreamExt},
};
use futures_timer::Delay;
use prover_pool_runtime::opaque::Block;
use sc_basic_authorship::ProposerFactory;
use sc_client_api::Finalizer;
use sc_consensus_manual_seal::{seal_block, Error, SealBlockParams};
use sc_transaction_pool_api::TransactionPool;
use sp_blockchain::HeaderBackend;
use sp_inherents::CreateInherentDataProviders;
use std::{
	str::FromStr,
	sync::Arc,
	time::{Duration, Instant},
};

/// When a block is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
	/// Whenever a transaction arrives.
	Instant,
	/// After every such time, also when there is no transaction.
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
	/// Where they are taken in.
	pub import: BabeImport,
}

// Generic, because the compiler cannot see that a future over a `dyn` provider may change threads.
impl<Inherents: CreateInherentDataProviders<Block, ()>> Sealer<Inherents> {
	/// Makes a block whenever `sealing` says so. A failure is logged, and the next block tried.
	pub async fn run(mut self, sealing: Sealing) {
		let mut occasions = self.occasions(sealing);
		while occasions.next().await.is_some() {
			if let Err(error) = self.seal().await {
				log::error!(target: "sealing", "No block was sealed: {error}");
			}
		}
	}

	/// The moments to make a block; to be polled when the previous one is done.
	fn occasions(&self, sealing: Sealing) -> BoxStream<'static, ()> {
		match sealing {
			Sealing::Instant => {
				let (client, pool) = (self.client.clone(), self.pool.clone());
				pool.import_notification_stream()
					// Transactions that arrive together share a block, and need no further one.
					.filter_map(move |_| {
						let (client, pool) = (client.clone(), pool.clone());
						async move { has_ready(&client, &pool).await.then_some(()) }
					})
					.boxed()
			},
			// Not tokio's timer: it panics if a task still waits for it when the node shuts down.
			Sealing::Every(period) => stream::unfold(Instant::now(), move |due| async move {
				Delay::new(due.saturating_duration_since(Instant::now())).await;
				// A block may take longer than the period; then there is nothing to catch up with.
				Some(((), Instant::now().max(due + period)))
			})
			.boxed(),
		}
	}

	/// Makes a block, with or without transactions, and finalizes it.
	async fn seal(&mut self) -> Result<(), Error> {
		let (sender, created) = oneshot::channel();
		seal_block(SealBlockParams {
			sender: Some(sender),
			parent_hash: None,
			// BABE looks up what is finalized, and does not find a block that is just being imported.
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
		let hash = created.await??.hash;
		Ok(self.client.finalize_block(hash, None, true)?)
	}
}

/// Whether a transaction waits to be put on top of the best block.
async fn has_ready(client: &FullClient, pool: &FullPool) -> bool {
	// The pool takes note of a block a moment after its import. Until then it offers what the block
	// contains.
	const PATIENCE: Duration = Duration::from_secs(1);
	let best = client.info().best_hash;
	pool.ready_at_with_timeout(best, PATIENCE).await.next().is_some()
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
