//! The directory of states.

use crate::{hexadecimal, Reason};
use codec::{DecodeAll, Encode};
use prover_pool_rollup::{dev_genesis, Account, Hash, Header, State};
use std::{
	fs,
	path::{Path, PathBuf},
	process,
};

/// Returns the state after the block with this hash, if it is the genesis block or its file is there
/// and whole.
pub fn read(directory: &Path, block_hash: &Hash) -> Option<State> {
	let genesis = dev_genesis();
	if genesis.header().hash() == *block_hash {
		return Some(genesis);
	}
	let bytes = fs::read(path(directory, block_hash)).ok()?;
	let (header, accounts) = <(Header, Vec<Account>)>::decode_all(&mut &bytes[..]).ok()?;
	let state = State::restore(header, accounts).ok()?;
	(header.hash() == *block_hash).then_some(state)
}

/// Keeps a state. Others see the whole file or none.
pub fn write(directory: &Path, state: &State) -> Result<(), Reason> {
	let path = path(directory, &state.header().hash());
	let new = path.with_extension(format!("{}.new", process::id()));
	fs::write(&new, (state.header(), state.accounts()).encode())
		.and_then(|()| fs::rename(&new, &path))
		.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn path(directory: &Path, block_hash: &Hash) -> PathBuf {
	directory.join(hexadecimal::encode(block_hash))
}
