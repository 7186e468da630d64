//! The chain as the library knows it: types generated from the runtime's metadata.
//!
//! `metadata.scale` is the runtime's own description; a test of the runtime keeps the two equal.

pub use subxt::utils::{AccountId32 as AccountId, H256};

use subxt::{
	client::OfflineClient, config::substrate::SpecVersionForRange,
	error::OfflineClientAtBlockError, metadata::ArcMetadata,
};

/// The hashes, addresses and signatures of this chain: Substrate's defaults.
pub type Config = subxt::SubstrateConfig;
/// A connection to the chain.
pub type Online = subxt::OnlineClient<Config>;
/// The chain after one of its blocks. Reads through one of these are consistent.
pub type At = subxt::OnlineClientAtBlock<Config>;
/// The events of one of its blocks.
pub type Events = subxt::events::Events<Config>;
/// The RPC methods.
pub type Rpc = subxt::rpcs::LegacyRpcMethods<subxt::config::RpcConfigFor<Config>>;
/// An amount in base units.
pub type Balance = u128;
/// The id of a block of the rollup.
pub type BlockId = u64;

/// Calls, constants, storage, runtime API and types of the runtime.
#[allow(missing_docs, clippy::all)]
#[subxt::subxt(
	runtime_metadata_path = "metadata.scale",
	derive_for_all_types = "Clone",
	derive_for_type(path = "pallet_block_proposal::verifier::Either", derive = "PartialEq")
)]
pub mod api {}

/// A chain as the description of a runtime shows it, without a node.
pub type Offline = subxt::client::OfflineClientAtBlock<Config>;

/// Returns a chain whose runtime has this description, without a node.
pub fn described_by(metadata: ArcMetadata) -> Result<Offline, OfflineClientAtBlockError> {
	let versions =
		SpecVersionForRange { block_range: 0..u64::MAX, spec_version: 1, transaction_version: 1 };
	let config = Config::builder()
		.set_genesis_hash(H256::zero())
		.set_metadata_for_spec_versions([(1, metadata)])
		.set_spec_version_for_block_ranges([versions])
		.build();
	OfflineClient::new_with_config(config).at_block(1u64)
}

/// Returns the same for an encoded description.
#[cfg(test)]
pub fn offline(metadata: &[u8]) -> Offline {
	described_by(subxt::Metadata::decode_from(metadata).unwrap().arc()).unwrap()
}

/// Returns an event with these fields, as a block stores it.
#[cfg(test)]
pub fn stored_event(pallet: &str, name: &str, fields: Vec<u8>) -> Vec<u8> {
	let chain = offline(include_bytes!("../metadata.scale"));
	let pallet = chain.metadata_ref().pallet_by_name(pallet).unwrap();
	let mut variants = pallet.event_variants().unwrap().iter();
	let index = variants.find(|variant| variant.name == name).unwrap().index;
	// Its phase, and no topics.
	[vec![2, pallet.event_index(), index], fields, vec![0]].concat()
}

#[cfg(test)]
mod tests {
	use super::{
		api::{
			self,
			runtime_types::prover_pool_runtime::configs::parameters::{
				dynamic::pool, RuntimeParameters,
			},
		},
		offline,
	};

	/// The spelling and the bytes of docs/clients.md.
	#[tokio::test]
	async fn a_parameter_is_set_as_documented() {
		let chain = offline(include_bytes!("../metadata.scale"));
		let page = include_str!("../../docs/clients.md");
		for value in [Some(1), None] {
			let key = pool::MinChangeDelay;
			let key_value = RuntimeParameters::Pool(pool::Parameters::MinChangeDelay(key, value));
			let call = api::tx().checked_parameters().set_parameter(key_value);
			let bytes = chain.tx().call_data(&call).unwrap();
			let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
			assert!(page.contains(&format!("`0x{hex}`")), "{hex}");
		}
	}
}
