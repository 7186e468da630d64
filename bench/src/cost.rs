//! Figures that do not depend on the machine: accesses to the state, their proof, instructions.

use codec::Encode;
use sp_core::traits::Externalities;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{Ext, InMemoryBackend, OverlayedChanges, TrieBackendBuilder};
use sp_trie::recorder::Recorder;
use std::collections::HashMap;

use crate::{pool::Pool, wasm::Wasm, Operation};

/// The accesses of an operation to the state, and its wasm instructions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
	/// Keys that are fetched from the state, each counted once, with or without a value. Keys that the
	/// same block has written before are not fetched.
	pub reads: u32,
	/// Keys that are written or removed, each counted once.
	pub writes: u32,
	/// The encoded size of the proof of all that is fetched, in bytes.
	pub proof_size: u32,
	/// Wasm instructions, without the host's work.
	pub instructions: u64,
}

impl Cost {
	/// Counts the costs of an operation in a pool, without changing the pool's state.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn of(wasm: &Wasm, pool: &Pool, operation: Operation) -> Result<Self, String> {
		let setting = pool.setting;
		let instructions =
			on_trie(&pool.trie, |ext| wasm.instructions().count(ext, setting, operation))?;
		let recorder = Recorder::default();
		let recorded = TrieBackendBuilder::wrap(&pool.trie).with_recorder(recorder.clone()).build();
		let mut overlay = OverlayedChanges::default();
		wasm.run(&mut Ext::new(&mut overlay, &recorded, None), setting, operation)?;
		Ok(Self {
			reads: recorder.recorded_keys().values().map(HashMap::len).sum::<usize>() as u32,
			writes: overlay.changes().count() as u32,
			proof_size: recorder.to_storage_proof().encoded_size() as u32,
			instructions,
		})
	}

	/// Returns reads and writes together.
	pub fn accesses(&self) -> u32 {
		self.reads + self.writes
	}
}

/// Runs on a state that does not change.
pub fn on_trie<R>(
	trie: &InMemoryBackend<BlakeTwo256>,
	run: impl FnOnce(&mut dyn Externalities) -> R,
) -> R {
	let mut overlay = OverlayedChanges::default();
	run(&mut Ext::new(&mut overlay, trie, None))
}
