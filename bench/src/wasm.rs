//! The release runtime, as a node executes it: compiled from its wasm.

use crate::{cost::Cost, pool::State};
use codec::{Decode, Encode};
use prover_pool_runtime::scaling::{clock, Measured};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, Externalities, RuntimeCode, WrappedRuntimeCode};
use sp_state_machine::{BasicExternalities, Ext, OverlayedChanges};
use std::{fs, path::Path, time::Duration};

type HostFunctions = (sp_io::SubstrateHostFunctions, clock::HostFunctions);

/// How long the repeats of one operation in one kind of state may take together.
const BUDGET: Duration = Duration::from_secs(1);
/// At least so many, also where that takes longer …
const MIN_REPEATS: u32 = 3;
/// … and no more than these.
const MAX_REPEATS: u32 = 200;

/// How long one operation takes, in nanoseconds: medians.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
	/// With the state in a trie, all of it in memory, without a cache of nodes or values.
	pub in_trie: u64,
	/// With the state in a map: nearly the operation alone.
	pub alone: u64,
}

/// The runtime.
pub struct Wasm {
	executor: WasmExecutor<HostFunctions>,
	code: Vec<u8>,
	hash: Vec<u8>,
}

impl Wasm {
	/// Reads a runtime that was built with the feature `scaling-wasm`.
	///
	/// # Errors
	/// If there is no such file.
	pub fn load(path: &Path) -> Result<Self, String> {
		let code = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
		let hash = sp_io::hashing::blake2_256(&code).to_vec();
		Ok(Self { executor: WasmExecutor::builder().build(), code, hash })
	}

	/// Counts what is measured.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn cost(&self, state: &State, size: u32, measured: Measured) -> Result<Cost, String> {
		let (result, cost) = Cost::of(&state.trie, |ext| {
			self.call::<()>(ext, "ScalingApi_execute", (size, measured))
		});
		result.map(|()| cost)
	}

	/// Times it.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn times(&self, state: &State, size: u32, measured: Measured) -> Result<Times, String> {
		let mut overlay = OverlayedChanges::default();
		let in_trie =
			self.median(size, measured, &mut Ext::new(&mut overlay, &state.trie, None))?;
		let mut map = BasicExternalities::new(state.map.clone());
		let alone = self.median(size, measured, &mut map)?;
		Ok(Times { in_trie, alone })
	}

	fn median(
		&self,
		size: u32,
		measured: Measured,
		ext: &mut dyn Externalities,
	) -> Result<u64, String> {
		let mut measure = |repeats: u32| {
			self.call::<Vec<u64>>(ext, "ScalingApi_measure", (size, measured, repeats))
		};
		let once = measure(1)?.iter().sum::<u64>().max(1);
		let affordable = (BUDGET.as_nanos() as u64 / once).min(MAX_REPEATS.into()) as u32;
		// What has come first, or second after it, may have been slow for the wrong reasons: the median
		// does not ask.
		let mut times = measure(affordable.max(MIN_REPEATS))?;
		times.sort_unstable();
		Ok(times[times.len() / 2])
	}

	fn call<R: Decode>(
		&self,
		ext: &mut dyn Externalities,
		method: &str,
		arguments: impl Encode,
	) -> Result<R, String> {
		let code = RuntimeCode {
			code_fetcher: &WrappedRuntimeCode((&self.code[..]).into()),
			heap_pages: None,
			hash: self.hash.clone(),
		};
		let (result, _) = self.executor.call(
			ext,
			&code,
			method,
			&arguments.encode(),
			CallContext::Onchain { import: true },
		);
		let bytes = result.map_err(|error| format!("{method}: {error}"))?;
		R::decode(&mut &bytes[..]).map_err(|error| format!("{method}: {error}"))
	}
}
