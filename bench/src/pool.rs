//! The pools of the measurements: full, and prepared so that each operation is possible once.

use prover_pool_bench_runtime::chain::{with_lottery, with_scan};
use sp_core::storage::{StateVersion, Storage};
use sp_runtime::{traits::BlakeTwo256, BuildStorage};
use sp_state_machine::{BasicExternalities, InMemoryBackend};

use crate::{wasm::Wasm, Setting, Variant};

/// The present layout of states: values above 32 bytes are separate nodes.
const STATE_VERSION: StateVersion = StateVersion::V1;

/// The members that one call of the runtime adds.
const CHUNK: u32 = 5_000;

/// The state of a chain with a full pool.
pub struct Pool {
	/// The selection and the number of members.
	pub setting: Setting,
	/// The state as keys and values.
	pub map: Storage,
	/// The state as the trie of a chain, in memory and without a cache.
	pub trie: InMemoryBackend<BlakeTwo256>,
}

impl Pool {
	/// Fills the pool of an otherwise empty chain, and makes this number of due requests.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn new(wasm: &Wasm, variant: Variant, size: u32, draws: u32) -> Result<Self, String> {
		let setting = Setting { variant, size };
		let genesis = match variant {
			Variant::Lottery => with_lottery::genesis().build_storage(),
			Variant::Scan => with_scan::genesis().build_storage(),
		};
		let mut ext = BasicExternalities::new(genesis?);
		// The wasm is optimised in every build.
		for first in (1..=size).step_by(CHUNK as usize) {
			wasm.fill(&mut ext, setting, first, size.min(first + CHUNK - 1))?;
		}
		ext.execute_with(|| setting.prepare(draws));
		let map = ext.into_storages();
		let trie = InMemoryBackend::from((map.clone(), STATE_VERSION));
		Ok(Self { setting, map, trie })
	}
}
