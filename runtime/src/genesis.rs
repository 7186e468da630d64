//! The states the chain can start from.
#![warn(missing_docs)]
// `build_struct_json_patch!` keeps the named fields only and needs the struct update for the rest.
#![allow(clippy::needless_update)]

use crate::{
	configs::{consensus::BABE_GENESIS_EPOCH_CONFIG, money::UNIT},
	BabeConfig, Balance, BalancesConfig, GrandpaConfig, ProverPoolConfig, RuntimeGenesisConfig,
	SudoConfig,
};
use alloc::{string::ToString, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use pallet_grandpa::AuthorityId as GrandpaId;
use pallet_prover_pool::Capacity;
use prover_pool_primitives::PricePerGas;
use serde_json::Value;
use sp_consensus_babe::AuthorityId as BabeId;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// What every funded account starts with: enough for many stakes, little enough to read.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// A prover of the genesis: who, its stake, its price in base units per gas, its capacity.
type GenesisProver = (Sr25519Keyring, Balance, PricePerGas, Capacity);

/// The names of the presets.
pub fn preset_names() -> Vec<PresetId> {
	vec![PresetId::from(DEV_RUNTIME_PRESET), PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET)]
}

/// The preset of that name, as a JSON patch to the default genesis.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_str() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		_ => return None,
	};
	Some(patch.to_string().into_bytes())
}

/// One authority, Alice, who is also `Sudo`, and three provers, so that the first proposal finds
/// somebody. Their prices lie within the band around the first fee (1 000), one below it, one at it,
/// one above; their stakes are far above the minimum, so that a few slashes eject nobody.
fn development() -> Value {
	let provers = [
		(Sr25519Keyring::Charlie, 1_000 * UNIT, 800, 16),
		(Sr25519Keyring::Dave, 2_000 * UNIT, 1_000, 32),
		(Sr25519Keyring::Eve, 500 * UNIT, 1_200, 8),
	];
	patch(&[Sr25519Keyring::Alice], &provers)
}

/// Four authorities. Provers come when they like.
fn local_testnet() -> Value {
	patch(
		&[
			Sr25519Keyring::Alice,
			Sr25519Keyring::Bob,
			Sr25519Keyring::Charlie,
			Sr25519Keyring::Dave,
		],
		&[],
	)
}

/// The accounts that tools call Alice, Bob, Charlie, Dave, Eve and Ferdie, and the `//stash` of
/// each.
fn well_known() -> impl Iterator<Item = Sr25519Keyring> {
	use Sr25519Keyring::*;
	[
		Alice,
		Bob,
		Charlie,
		Dave,
		Eve,
		Ferdie,
		AliceStash,
		BobStash,
		CharlieStash,
		DaveStash,
		EveStash,
		FerdieStash,
	]
	.into_iter()
}

/// What the presets have in common.
fn patch(authorities: &[Sr25519Keyring], provers: &[GenesisProver]) -> Value {
	let authority = |key: &Sr25519Keyring| -> (BabeId, GrandpaId) {
		let grandpa = Ed25519Keyring::iter().find(|other| other.to_seed() == key.to_seed());
		(
			key.public().into(),
			grandpa.expect("both keyrings have the same names; qed").public().into(),
		)
	};
	build_struct_json_patch!(RuntimeGenesisConfig {
		balances: BalancesConfig {
			balances: well_known().map(|who| (who.to_account_id(), ENDOWMENT)).collect(),
		},
		babe: BabeConfig {
			authorities: authorities.iter().map(|key| (authority(key).0, 1)).collect(),
			epoch_config: BABE_GENESIS_EPOCH_CONFIG,
		},
		grandpa: GrandpaConfig {
			authorities: authorities.iter().map(|key| (authority(key).1, 1)).collect(),
		},
		prover_pool: ProverPoolConfig {
			provers: provers
				.iter()
				.map(|(who, stake, price, capacity)| {
					(who.to_account_id(), *stake, *price, *capacity)
				})
				.collect(),
		},
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
	})
}
