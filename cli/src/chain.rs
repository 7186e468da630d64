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
