//! What does not depend on the machine: how much state is read and written.

use codec::Encode;
use prover_pool_runtime::scaling::{self, Measured};
use sp_core::traits::Externalities;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{Ext, InMemoryBackend, OverlayedChanges, TrieBackendBuilder};
use sp_trie::recorder::Recorder;
use std::collections::HashMap;

/// What one operation does to the state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
	/// Keys that are fetched from the state, each counted once, whether something is there or not. What
	/// was written before in the same block is not fetched.
	pub reads: u32,
	/// Keys that are written or removed, each counted once.
	pub writes: u32,
	/// The encoded size of the proof of all that is fetched, in bytes.
	pub proof_size: u32,
}

impl Cost {
	/// Counts what `run` does with this state, which does not change.
	///
	/// A key that is found by iterating over its prefix does not count: no operation does that.
	pub fn of<R>(
		trie: &InMemoryBackend<BlakeTwo256>,
		run: impl FnOnce(&mut dyn Externalities) -> R,
	) -> (R, Self) {
		let recorder = Recorder::default();
		let recorded = TrieBackendBuilder::wrap(trie).with_recorder(recorder.clone()).build();
		let mut overlay = OverlayedChanges::default();
		let result = run(&mut Ext::new(&mut overlay, &recorded, None));
		let cost = Self {
			reads: recorder.recorded_keys().values().map(HashMap::len).sum::<usize>() as u32,
			writes: overlay.changes().count() as u32,
			proof_size: recorder.to_storage_proof().encoded_size() as u32,
		};
		(result, cost)
	}

	/// Counts by the host's own build of the runtime: as good as its wasm, and there without it.
	pub fn natively(trie: &InMemoryBackend<BlakeTwo256>, size: u32, measured: Measured) -> Self {
		Self::of(trie, |ext| {
			sp_externalities::set_and_run_with_externalities(ext, || {
				scaling::execute(size, measured)
			})
		})
		.1
	}

	/// Reads and writes together.
	pub fn accesses(&self) -> u32 {
		self.reads + self.writes
	}
}
