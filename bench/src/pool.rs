//! Pools to measure in: a genesis, filled, and brought to where the operation can be done.

use pallet_prover_pool::scaling::Variant;
use prover_pool_runtime::{
	configs::consensus::BABE_GENESIS_EPOCH_CONFIG,
	genesis::ENDOWMENT,
	scaling::{self, Measured},
	BabeConfig, BalancesConfig, RuntimeGenesisConfig,
};
use sp_core::storage::{StateVersion, Storage};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::BlakeTwo256, BuildStorage};
use sp_state_machine::{BasicExternalities, Ext, InMemoryBackend, OverlayedChanges};

/// How chains lay out their state today: values above 32 bytes are nodes of their own.
const STATE_VERSION: StateVersion = StateVersion::V1;

/// A state, as a map and as a trie.
#[derive(Clone)]
pub struct State {
	/// As keys and values.
	pub map: Storage,
	/// As the trie of a chain, in memory and without a cache.
	pub trie: InMemoryBackend<BlakeTwo256>,
}

/// A full pool.
pub struct Pool {
	/// How many members it has, and how many slots.
	pub size: u32,
	state: State,
}

impl Pool {
	/// Fills the pool of an otherwise empty chain.
	///
	/// # Panics
	/// If a genesis of that size is impossible, which is a mistake in this crate.
	pub fn new(variant: Variant, size: u32) -> Self {
		let mut map = genesis().build_storage().expect("the genesis is valid");
		BasicExternalities::execute_with_storage(&mut map, || scaling::fill(variant, size));
		let trie = InMemoryBackend::from((map.clone(), STATE_VERSION));
		Self { size, state: State { map, trie } }
	}

	/// The state in which this can be done once.
	pub fn ready_for(&self, measured: Measured) -> State {
		let mut state = self.state.clone();
		let mut overlay = OverlayedChanges::default();
		let mut ext = Ext::new(&mut overlay, &self.state.trie, None);
		sp_externalities::set_and_run_with_externalities(&mut ext, || {
			scaling::prepare(self.size, measured)
		});
		let changes: Vec<_> = overlay
			.changes_mut()
			.map(|(key, value)| (key.clone(), value.value().cloned()))
			.collect();
		for (key, value) in changes.clone() {
			match value {
				Some(value) => state.map.top.insert(key, value),
				None => state.map.top.remove(&key),
			};
		}
		state.trie.insert([(None, changes)], STATE_VERSION);
		state
	}
}

/// Nothing but what the operations need: BABE's way to give a seed with every block, and the two parties
/// of the transfer.
fn genesis() -> RuntimeGenesisConfig {
	let funded = [Sr25519Keyring::Alice, Sr25519Keyring::Bob];
	RuntimeGenesisConfig {
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG, ..Default::default() },
		balances: BalancesConfig {
			balances: funded.iter().map(|who| (who.to_account_id(), ENDOWMENT)).collect(),
			..Default::default()
		},
		..Default::default()
	}
}
