//! Checks the invariants of the pallets on states of a real chain.
//!
//! ```sh
//! prover-pool-node export-state --base-path FOLDER --chain SPEC > state.json
//! cargo run -p prover-pool-runtime --example check_state -- state.json …
//! ```
//!
//! A state is a raw chain specification, as `export-state` writes it from the database of a node that
//! does not run; of it, only `genesis.raw.top` is looked at: keys and values as hexadecimal digits.
//! Prints a line for each pallet and state, and fails if an invariant does not hold.

use prover_pool_runtime::{
	Attestation, BlockProposal, ProverPool, SuccinctProofs, System, Validators, VrfAccumulator,
};
use serde_json::Value;
use sp_core::{bytes::from_hex, storage::Storage};
use sp_io::TestExternalities;
use sp_runtime::DispatchError;
use std::{error::Error, fs::File, io::BufReader, process::ExitCode};

/// A pallet's name, and the check of its invariants.
type Check = (&'static str, fn() -> Result<(), DispatchError>);

const CHECKS: [Check; 6] = [
	("ProverPool", ProverPool::do_try_state),
	("BlockProposal", BlockProposal::do_try_state),
	("Attestation", Attestation::do_try_state),
	("SuccinctProofs", SuccinctProofs::do_try_state),
	("VrfAccumulator", VrfAccumulator::do_try_state),
	("Validators", Validators::do_try_state),
];

fn main() -> ExitCode {
	let files: Vec<String> = std::env::args().skip(1).collect();
	if files.is_empty() {
		eprintln!("usage: check_state STATE.json …");
		return ExitCode::from(2);
	}
	let failed = files.iter().filter(|file| !holds(file)).count();
	if failed == 0 {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	}
}

/// Returns whether everything holds in the state of that file. Prints what does not.
fn holds(file: &str) -> bool {
	let storage = match read(file) {
		Ok(storage) => storage,
		Err(error) => {
			println!("{file}: cannot be read: {error}");
			return false;
		},
	};
	TestExternalities::new(storage).execute_with(|| {
		let block = System::block_number();
		CHECKS.iter().fold(true, |all, (pallet, check)| {
			let result = check();
			match result {
				Ok(()) => println!("{file}: block {block}: {pallet}: ok"),
				Err(error) => println!("{file}: block {block}: {pallet}: {error:?}"),
			}
			all && result.is_ok()
		})
	})
}

/// The state in a raw chain specification.
fn read(file: &str) -> Result<Storage, Box<dyn Error>> {
	let json: Value = serde_json::from_reader(BufReader::new(File::open(file)?))?;
	let top = json
		.pointer("/genesis/raw/top")
		.and_then(Value::as_object)
		.ok_or("there is no genesis.raw.top: not a raw chain specification")?;
	let top = top
		.iter()
		.map(|(key, value)| {
			let value = value.as_str().ok_or("a value is not a text")?;
			Ok((from_hex(key)?, from_hex(value)?))
		})
		.collect::<Result<_, Box<dyn Error>>>()?;
	// An empty state has no pallets' versions, and every check would hold in it.
	let storage = Storage { top, ..Default::default() };
	if !storage.top.contains_key(sp_core::storage::well_known_keys::CODE) {
		return Err("the state has no runtime: it is not that of a chain".into());
	}
	Ok(storage)
}
