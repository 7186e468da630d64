//! The chain specifications: two are built in, all others come from files.

use prover_pool_runtime::{
	configs::money::{TOKEN_DECIMALS, TOKEN_SYMBOL},
	WASM_BINARY,
};
use sc_service::{ChainType, GenericChainSpec, Properties};
use serde_json::json;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

/// A chain specification without extensions.
pub type ChainSpec = GenericChainSpec;

const BUILT_IN: &str = "`dev` and `local` are built in";

/// Returns the chain called `id`. An `id` that is not built in is the path of a file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => {
			built_in("Prover Pool Development", id, ChainType::Development, DEV_RUNTIME_PRESET)
		},
		"" | "local" => {
			built_in("Prover Pool Local", "local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
		},
		path => from_file(path),
	}
}

/// The genesis is a preset of the runtime, so that other tools build the same chain from the wasm
/// alone.
fn built_in(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY.ok_or(
		"this node was built without its runtime (SKIP_WASM_BUILD was set): \
		 build it again, or give a chain specification file with --chain",
	)?;

	Ok(ChainSpec::builder(wasm, None)
		.with_name(name)
		.with_id(id)
		.with_chain_type(kind)
		.with_genesis_config_preset_name(preset)
		.with_properties(properties())
		.build())
}

/// Returns how wallets show amounts and addresses.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), json!(TOKEN_SYMBOL));
	properties.insert("tokenDecimals".into(), json!(TOKEN_DECIMALS));
	properties.insert("ss58Format".into(), json!(42));
	properties
}

/// Reads the file itself, because the SDK does not name it when its content is wrong.
fn from_file(path: &str) -> Result<ChainSpec, String> {
	let json = std::fs::read(path)
		.map_err(|e| format!("cannot read chain specification `{path}`: {e} ({BUILT_IN})"))?;
	ChainSpec::from_json_bytes(json)
		// Loading does not check the genesis state, so it is built here.
		.and_then(|spec| spec.as_json(false).map(|_| spec))
		.map_err(|e| format!("malformed chain specification `{path}`: {e}"))
}
