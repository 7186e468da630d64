//! Blocks without waiting for slots, for development.
//!
//! The blocks are complete BABE blocks: each has a slot, claimed with a VRF signature, and a seal.
//! So the runtime and its randomness are those of the real chain, and any other node of the chain
//! can import them. Two things differ: slots follow each other whatever the wall clock says, and
//! the author finalizes by itself.

use crate::components::FullClient;
use futures::stream::{self, BoxStream, StreamExt};
use prover_pool_runtime::{opaque::Block, Hash};
use sc_consensus::BlockImportParams;
use sc_consensus_babe::{
	authorship, find_pre_digest, BabeConfiguration, BabeIntermediate, BabeLink,
	CompatibleDigestItem, Epoch, INTERMEDIATE_KEY,
};
use sc_consensus_epochs::{descendent_query, ViableEpochDescriptor};
use sc_consensus_manual_seal::{ConsensusDataProvider, EngineCommand, Error};
use sc_transaction_pool_api::TransactionPool;
use sp_api::StorageProof;
use sp_blockchain::HeaderBackend;
use sp_consensus_babe::{inherents::BabeInherentData, Slot, SlotDuration};
use sp_core::crypto::{key_types::BABE, ByteArray};
use sp_inherents::InherentData;
use sp_keystore::{Keystore, KeystorePtr};
use sp_runtime::{
	traits::{Block as BlockT, Header as HeaderT, NumberFor},
	Digest, DigestItem,
};
use sp_timestamp::Timestamp;
use std::{str::FromStr, sync::Arc, time::Duration};

type Header = <Block as BlockT>::Header;

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

impl Sealing {
	/// The orders to make a block; polled again only when the last one is carried out.
	pub fn commands<Pool>(
		self,
		client: Arc<FullClient>,
		pool: Arc<Pool>,
	) -> BoxStream<'static, EngineCommand<Hash>>
	where
		Pool: TransactionPool<Block = Block> + 'static,
	{
		match self {
			Self::Instant => pool
				.import_notification_stream()
				// Transactions that arrive together share a block, and need no further one.
				.filter(move |_| {
					let (client, pool) = (client.clone(), pool.clone());
					async move { has_ready(&*client, &*pool).await }
				})
				.map(|_| seal())
				.boxed(),
			Self::Every(period) => {
				let mut interval = tokio::time::interval(period);
				// A block may take longer than the period; there is nothing to catch up with.
				interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
				stream::unfold(interval, |mut interval| async {
					interval.tick().await;
					Some((seal(), interval))
				})
				.boxed()
			},
		}
	}
}

/// Whether a transaction waits to be put on top of the best block.
async fn has_ready<Pool>(client: &FullClient, pool: &Pool) -> bool
where
	Pool: TransactionPool<Block = Block>,
{
	// The pool learns of a new block a moment after its import. As long as it is behind, it offers
	// transactions that the block contains.
	const PATIENCE: Duration = Duration::from_secs(1);
	let best = client.info().best_hash;
	pool.ready_at_with_timeout(best, PATIENCE).await.next().is_some()
}

fn seal() -> EngineCommand<Hash> {
	// `create_empty: false` would also refuse a block with a single transaction: the engine takes
	// the slot for an inherent with an extrinsic of its own, and so for the transaction.
	EngineCommand::SealNewBlock {
		create_empty: true,
		finalize: true,
		parent_hash: None,
		sender: None,
	}
}

/// The start of the slot after that of the block `parent`; genesis has slot 0.
///
/// The parent alone decides. So the clock never turns back, not even after a restart, and no
/// slot is left out when a block fails.
pub fn timestamp_after(
	client: &FullClient,
	parent: Hash,
	slot_duration: SlotDuration,
) -> Result<Timestamp, Box<dyn std::error::Error + Send + Sync>> {
	let header = client.header(parent)?.ok_or("the parent block is not in the database")?;
	let slot = find_pre_digest::<Block>(&header)?.slot() + 1;
	slot.timestamp(slot_duration).ok_or_else(|| "slots have run out".into())
}

/// Checks that the keystore has the key of every authority: no slot is left to anybody else.
pub fn check_keys(babe: &BabeConfiguration, keystore: &dyn Keystore) -> Result<(), String> {
	let total = babe.authorities.len();
	let held = babe
		.authorities
		.iter()
		.filter(|(authority, _)| keystore.has_keys(&[(authority.to_raw_vec(), BABE)]))
		.count();

	(held == total).then_some(()).ok_or_else(|| {
		format!(
			"--sealing needs the BABE keys of all authorities of the chain, and the keystore has \
			 {held} of {total}: use --dev, or insert them with `key insert`"
		)
	})
}

/// Claims and seals slots with the keys at hand.
pub struct Author {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	babe: BabeLink<Block>,
}

impl Author {
	/// An author with the keys of `keystore`.
	pub fn new(client: Arc<FullClient>, keystore: KeystorePtr, babe: BabeLink<Block>) -> Self {
		Self { client, keystore, babe }
	}

	/// The epoch of a child of `parent` at `slot`.
	fn epoch(&self, parent: &Header, slot: Slot) -> Result<(Descriptor, Epoch), Error> {
		let epochs = self.babe.epoch_changes().shared_data();
		let descriptor = epochs
			.epoch_descriptor_for_child_of(
				descendent_query(&*self.client),
				&parent.hash(),
				*parent.number(),
				slot,
			)
			.map_err(|error| error.to_string())?
			.ok_or_else(|| format!("no BABE epoch is known for slot {slot}"))?;
		let epoch = epochs
			.epoch_data(&descriptor, |slot| Epoch::genesis(self.babe.config(), slot))
			.ok_or_else(|| format!("the BABE epoch of slot {slot} is not known"))?;
		Ok((descriptor, epoch))
	}
}

/// How block import is told the epoch.
type Descriptor = ViableEpochDescriptor<Hash, NumberFor<Block>, Epoch>;

impl ConsensusDataProvider<Block> for Author {
	fn create_digest(&self, parent: &Header, inherents: &InherentData) -> Result<Digest, Error> {
		let slot = inherents
			.babe_inherent_data()?
			.ok_or_else(|| "the inherent data has no slot".to_string())?;
		let (_, epoch) = self.epoch(parent, slot)?;
		let (claim, _) = authorship::claim_slot(slot, &epoch, &self.keystore)
			.ok_or_else(|| format!("no key in the keystore may claim slot {slot}"))?;
		Ok(Digest { logs: vec![DigestItem::babe_pre_digest(claim)] })
	}

	fn append_block_import(
		&self,
		parent: &Header,
		params: &mut BlockImportParams<Block>,
		_inherents: &InherentData,
		_proof: StorageProof,
	) -> Result<(), Error> {
		let claim = find_pre_digest::<Block>(&params.header).map_err(|error| error.to_string())?;
		let (epoch_descriptor, epoch) = self.epoch(parent, claim.slot())?;
		let (author, _) = epoch
			.authorities
			.get(claim.authority_index() as usize)
			.ok_or_else(|| "the slot was claimed by no authority".to_string())?;
		let seal = self
			.keystore
			.sr25519_sign(BABE, author.as_ref(), params.header.hash().as_ref())
			.map_err(|error| error.to_string())?
			.ok_or_else(|| format!("the key of {author} has left the keystore"))?;

		params.post_digests.push(DigestItem::babe_seal(seal.into()));
		params
			.insert_intermediate(INTERMEDIATE_KEY, BabeIntermediate::<Block> { epoch_descriptor });
		Ok(())
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
