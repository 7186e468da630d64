//! The chain as the library knows it: types generated from the runtime's metadata.
//!
//! `metadata.scale` is the runtime's own description; a test of the runtime keeps the two equal.

pub use subxt::utils::{AccountId32 as AccountId, H256};

/// The hashes, addresses and signatures of this chain: Substrate's defaults.
pub type Config = subxt::SubstrateConfig;
/// A connection to the chain.
pub type Online = subxt::OnlineClient<Config>;
/// The chain after one of its blocks. Reads through one of these are consistent.
pub type At = subxt::OnlineClientAtBlock<Config>;
/// The RPC methods.
pub type Rpc = subxt::rpcs::LegacyRpcMethods<subxt::config::RpcConfigFor<Config>>;
/// An amount in base units.
pub type Balance = u128;
/// The id of a block of the rollup.
pub type BlockId = u64;

/// Calls, constants, storage, runtime API and types of the runtime.
#[allow(missing_docs, clippy::all)]
#[subxt::subxt(runtime_metadata_path = "metadata.scale", derive_for_all_types = "Clone")]
pub mod api {}

/// Returns a chain with a runtime of this metadata, without a node.
#[cfg(test)]
pub fn offline(metadata: &[u8]) -> subxt::client::OfflineClientAtBlock<Config> {
	use std::sync::Arc;
	use subxt::{client::OfflineClient, config::substrate::SpecVersionForRange, Metadata};

	let metadata = Metadata::decode_from(metadata).unwrap();
	let versions =
		SpecVersionForRange { block_range: 0..u64::MAX, spec_version: 1, transaction_version: 1 };
	let config = Config::builder()
		.set_metadata_for_spec_versions([(1, Arc::new(metadata))])
		.set_spec_version_for_block_ranges([versions])
		.build();
	OfflineClient::new_with_config(config).at_block(1u64).unwrap()
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
