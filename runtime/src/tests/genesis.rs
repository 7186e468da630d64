//! The presets build a chain that works.

use super::chain::{check_state, Chain};
use crate::{
	configs::{consensus::BABE_GENESIS_EPOCH_CONFIG, protocol::FIRST_FEE_PER_GAS},
	genesis::{ATTESTOR, ROLLUP_GENESIS, ROLLUP_PROGRAM},
	Attestation, Babe, Block, Grandpa, ProverPool, Runtime, SuccinctProofs,
};
use pallet_succinct_proofs::Refusal;
use sp_core::{crypto::Pair, sr25519, H256};
use sp_genesis_builder::{
	runtime_decl_for_genesis_builder::GenesisBuilder, DEV_RUNTIME_PRESET,
	LOCAL_TESTNET_RUNTIME_PRESET,
};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

fn preset_names() -> Vec<String> {
	<Runtime as GenesisBuilder<Block>>::preset_names()
}

#[test]
fn all_presets_build_valid_chains() {
	assert_eq!(preset_names(), [DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET]);
	for preset in preset_names() {
		let mut chain = Chain::from_preset(&preset);
		chain.inspect(check_state);
		chain.run_to(3);
	}
}

#[test]
fn the_rollup_begins_with_the_state_that_its_crate_has() {
	let genesis = prover_pool_rollup::dev_genesis();
	assert_eq!(ROLLUP_GENESIS.0, genesis.header().hash());
}

#[test]
fn there_are_no_other_presets() {
	assert_eq!(<Runtime as GenesisBuilder<Block>>::get_preset(&Some("staging".into())), None);
}

#[test]
fn authorities_are_those_of_the_preset() {
	let all = [
		(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
		(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
		(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
		(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
	];
	for (preset, count) in [(DEV_RUNTIME_PRESET, 1), (LOCAL_TESTNET_RUNTIME_PRESET, 4)] {
		Chain::from_preset(preset).inspect(|| {
			let babe: Vec<_> = all.iter().map(|(key, _)| (key.public().into(), 1)).collect();
			let grandpa: Vec<_> = all.iter().map(|(_, key)| (key.public().into(), 1)).collect();
			assert_eq!(Babe::authorities().to_vec(), babe[..count]);
			assert_eq!(Grandpa::grandpa_authorities(), grandpa[..count]);
			assert_eq!(Babe::epoch_config(), Some(BABE_GENESIS_EPOCH_CONFIG));
			assert_eq!(
				pallet_sudo::Key::<Runtime>::get(),
				Some(Sr25519Keyring::Alice.to_account_id())
			);
		});
	}
}

#[test]
fn development_starts_with_provers() {
	Chain::development().inspect(|| {
		let names: Vec<_> = ProverPool::get_provers(1, 10)
			.into_iter()
			.map(|row| (row.prover_id, Sr25519Keyring::from_account_id(&row.account)))
			.collect();
		assert_eq!(
			names,
			[
				(1, Some(Sr25519Keyring::Charlie)),
				(2, Some(Sr25519Keyring::Dave)),
				(3, Some(Sr25519Keyring::Eve))
			]
		);
		// Each of them may be drawn at once.
		let weights = ProverPool::get_prover_weights(FIRST_FEE_PER_GAS, 1, 10);
		assert!(weights.iter().all(|prover| !prover.weight.is_zero()), "{weights:?}");
	});
}

#[test]
fn local_testnet_starts_without_provers() {
	Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET)
		.inspect(|| assert!(ProverPool::get_provers(1, 10).is_empty()));
}

#[test]
fn attestor_is_the_well_known_development_key() {
	let pair = sr25519::Pair::from_string("//Attestor", None).expect("a valid derivation path");
	assert_eq!(pair.public().0, ATTESTOR);
	for preset in preset_names() {
		Chain::from_preset(&preset).inspect(|| assert_eq!(Attestation::keys(), [pair.public()]));
	}
}

/// The program is the guest of the zkVM, and the proof was made by it.
#[test]
fn a_proof_by_the_rollups_program_is_accepted() {
	let image_id = include_str!("../../../zk/guest/image-id.txt");
	assert_eq!(sp_core::bytes::from_hex(image_id.trim()), Ok(ROLLUP_PROGRAM.to_vec()));
	let instance = include_bytes!("../../../pallets/succinct/verifier/fixtures/segments.instance");
	let proof = include_bytes!("../../../pallets/succinct/verifier/fixtures/segments.proof");
	let program = 0u16;
	let proof = [&program.to_le_bytes(), &proof[..]].concat();
	for preset in preset_names() {
		Chain::from_preset(&preset).inspect(|| {
			let explain = |instance| SuccinctProofs::explain(instance, proof.clone());
			assert_eq!(explain(H256(*instance)), Ok(program));
			assert_eq!(explain(H256::zero()), Err(Refusal::WrongStatement));
		});
	}
}
