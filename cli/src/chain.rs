//! The chain as the library knows it: types generated from the runtime's metadata.
//!
//! `metadata.scale` is what the runtime itself gives out; a test of the runtime keeps the two equal.

pub use subxt::utils::{AccountId32 as AccountId, H256};

/// How this chain hashes, addresses and signs: as Substrate does by default.
pub type Config = subxt::SubstrateConfig;
/// A connection to the chain.
pub type Online = subxt::OnlineClient<Config>;
/// The chain after one of its blocks: what is read through one of these is consistent.
pub type At = subxt::OnlineClientAtBlock<Config>;
/// The methods that are asked directly.
pub type Rpc = subxt::rpcs::LegacyRpcMethods<subxt::config::RpcConfigFor<Config>>;
/// An amount in base units.
pub type Balance = u128;
/// The id of a block of the rollup.
pub type BlockId = u64;

/// Calls, constants, storage, runtime API and types of the runtime.
#[allow(missing_docs, clippy::all)]
#[subxt::subxt(runtime_metadata_path = "metadata.scale", derive_for_all_types = "Clone")]
pub mod api {}
