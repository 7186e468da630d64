//! The hash of the metadata that wallets sign with `CheckMetadataHash` in mode 1 (RFC-78 of the Polkadot
//! fellowship).

use frame_metadata::RuntimeMetadataPrefixed;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use prover_pool_runtime::{
	configs::{
		money::{TOKEN_DECIMALS, TOKEN_SYMBOL},
		system::SS58Prefix,
	},
	Runtime, VERSION,
};
use sp_core::{Decode, H256};

/// The version of the metadata that the hash is defined for.
const HASHED_VERSION: u32 = 15;

/// Returns the hash of this runtime's metadata.
pub fn of_this_runtime() -> H256 {
	let metadata = Runtime::metadata_at_version(HASHED_VERSION).expect("the version is supported");
	let metadata =
		RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("it was just encoded");
	let wallets_know = ExtraInfo {
		spec_version: VERSION.spec_version,
		spec_name: VERSION.spec_name.into(),
		base58_prefix: SS58Prefix::get(),
		decimals: TOKEN_DECIMALS,
		token_symbol: TOKEN_SYMBOL.into(),
	};
	let digest =
		generate_metadata_digest(&metadata.1, wallets_know).expect("the version is supported");
	H256(digest.hash())
}
