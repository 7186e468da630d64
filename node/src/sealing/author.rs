//! Slots that follow each other independently of the wall clock, claimed and sealed as BABE requires.

use crate::components::FullClient;
use prover_pool_runtime::{opaque::Block, Hash, Header};
use sc_consensus::BlockImportParams;
use sc_consensus_babe::{
	authorship, find_pre_digest, BabeConfiguration, BabeIntermediate, BabeLink,
	CompatibleDigestItem, Epoch, INTERMEDIATE_KEY,
};
use sc_consensus_epochs::{descendent_query, ViableEpochDescriptor};
use sc_consensus_manual_seal::{ConsensusDataProvider, Error};
use sp_api::StorageProof;
use sp_consensus_babe::{inherents::BabeInherentData, Slot, SlotDuration};
use sp_core::crypto::{key_types::BABE, ByteArray};
use sp_inherents::InherentData;
use sp_keystore::{Keystore, KeystorePtr};
use sp_runtime::{
	traits::{Header as _, NumberFor},
	Digest, DigestItem,
};
use sp_timestamp::Timestamp;
use std::sync::Arc;

/// Returns the start of the slot after that of the block `parent`. The genesis has slot 0.
///
/// The slot depends on the parent alone. So the clock never goes backwards, not even after a restart,
/// and a block that fails leaves no slot empty.
pub fn timestamp_after(
	client: &FullClient,
	parent: Hash,
	slot_duration: SlotDuration,
) -> Result<Timestamp, Box<dyn std::error::Error + Send + Sync>> {
	let header = client.header(parent)?.ok_or("the parent block is not in the database")?;
	let slot = find_pre_digest::<Block>(&header)?.slot() + 1;
	slot.timestamp(slot_duration).ok_or_else(|| "slots have run out".into())
}

/// Fails unless the keystore has the key of every authority, since this node claims every slot.
///
/// The key of a development account is inserted here. The SDK inserts it too, but only when the node
/// runs.
pub fn require_keys(
	babe: &BabeConfiguration,
	keystore: &dyn Keystore,
	dev_seed: Option<&str>,
) -> Result<(), String> {
	if dev_seed.is_some() {
		keystore.sr25519_generate_new(BABE, dev_seed).map_err(|error| error.to_string())?;
	}

	let total = babe.authorities.len();
	let held = babe
		.authorities
		.iter()
		.filter(|(authority, _)| keystore.has_keys(&[(authority.to_raw_vec(), BABE)]))
		.count();
	if held < total {
		return Err(format!(
			"--sealing needs the BABE keys of all authorities of the chain, and the keystore has \
			 {held} of {total}: use --dev, or insert them with `key insert`"
		));
	}
	Ok(())
}

/// Claims and seals slots with the keys of the keystore.
pub struct Author {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	babe: BabeLink<Block>,
}

impl Author {
	/// Returns an author with the keys of `keystore`.
	pub fn new(client: Arc<FullClient>, keystore: KeystorePtr, babe: BabeLink<Block>) -> Self {
		Self { client, keystore, babe }
	}

	/// Returns the epoch of a child of `parent` at `slot`.
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

/// Passes the epoch to block import.
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
