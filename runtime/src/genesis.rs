//! The states the chain can start from.
#![warn(missing_docs)]
// `build_struct_json_patch!` keeps the named fields only and needs the struct update for the rest.
#![allow(clippy::needless_update)]

use crate::{
	configs::{
		consensus::BABE_GENESIS_EPOCH_CONFIG,
		money::UNIT,
		protocol::{FIRST_DELAY, FIRST_FEE_PER_GAS},
	},
	opaque::SessionKeys,
	AttestationConfig, BabeConfig, Balance, BalancesConfig, BlockProposalConfig, ProverPoolConfig,
	RuntimeGenesisConfig, SessionConfig, SuccinctProofsConfig, SudoConfig, ValidatorsConfig,
};
use alloc::{string::ToString, vec, vec::Vec};
use frame_support::build_struct_json_patch;
use pallet_prover_pool::Capacity;
use pallet_succinct_proofs::System;
use prover_pool_primitives::PricePerGas;
use serde_json::Value;
use sp_core::{hex2array, sr25519::Public, H256};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// What every funded account starts with: enough for many stakes, little enough to read.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// The public key of the development seed's `//Attestor` (sr25519): its holder vouches for proofs.
/// Everybody holds it, so it is for development only.
pub const ATTESTOR: [u8; 32] =
	hex2array!("009354889ba1576271da06c976531a41db437633dd123baa9aa6e8dadacd8e43");

/// A validator: its account, which is its key for BABE, too, and its key for GRANDPA.
type Validator = (Sr25519Keyring, Ed25519Keyring);

/// The image id of the program that executes the demo rollup in RISC Zero's zkVM: `zk/guest/image-id.txt`.
pub const ROLLUP_PROGRAM: [u8; 32] =
	hex2array!("618566d2db574d8ecf894104d0becb32b26520f3230be049db02a84c0838cecc");

/// A prover of the genesis: who, its stake, its price in base units per gas, its capacity.
type GenesisProver = (Sr25519Keyring, Balance, PricePerGas, Capacity);

/// The hash of the genesis block of the demo rollup, of which the crate `prover-pool-rollup` has the state.
pub const ROLLUP_GENESIS: H256 =
	H256(hex2array!("ae4b24ea459c55a67069136a559f174c83b0f312808e6bb20108e539b156a371"));

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

/// One validator, Alice, who is also `Sudo`, and three provers, so that the first proposal finds
/// somebody. Their prices lie within the band around the first fee (10 000), one below it, one at it,
/// one above; their stakes are far above the minimum, so that a few slashes eject nobody.
fn development() -> Value {
	patch(
		&[(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
		&[
			(Sr25519Keyring::Charlie, 1_000 * UNIT, 8_000, 16),
			(Sr25519Keyring::Dave, 2_000 * UNIT, 10_000, 32),
			(Sr25519Keyring::Eve, 500 * UNIT, 12_000, 8),
		],
	)
}

/// Four validators. Provers come when they like.
fn local_testnet() -> Value {
	patch(
		&[
			(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
			(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
			(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
			(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
		],
		&[],
	)
}

/// Returns what the presets have in common: every well-known account (Alice to Ferdie, and the `//stash` of
/// each) has tokens, Alice is `Sudo`, the attestor's key is registered, and the rollup starts with the
/// same averages.
fn patch(validators: &[Validator], provers: &[GenesisProver]) -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		attestation: AttestationConfig { keys: vec![Public::from_raw(ATTESTOR)] },
		balances: BalancesConfig {
			balances: Sr25519Keyring::well_known()
				.map(|who| (who.to_account_id(), ENDOWMENT))
				.collect(),
		},
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		block_proposal: BlockProposalConfig {
			fee_per_gas: FIRST_FEE_PER_GAS,
			delay: FIRST_DELAY,
			genesis_hash: Some(ROLLUP_GENESIS),
		},
		prover_pool: ProverPoolConfig {
			provers: provers
				.iter()
				.map(|(who, stake, price, capacity)| {
					(who.to_account_id(), *stake, *price, *capacity)
				})
				.collect(),
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|(validator, grandpa)| {
					let who = validator.to_account_id();
					let (babe, grandpa) = (validator.public().into(), grandpa.public().into());
					(who.clone(), who, SessionKeys { babe, grandpa })
				})
				.collect(),
		},
		succinct_proofs: SuccinctProofsConfig {
			systems: vec![System::RiscZeroSegments],
			programs: vec![(0, H256(ROLLUP_PROGRAM))],
		},
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
		validators: ValidatorsConfig {
			validators: validators.iter().map(|(who, _)| who.to_account_id()).collect(),
		},
	})
}
