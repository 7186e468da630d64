//! The directory of the rollup's states: one entry for each block, named by the block's hash.
//!
//! The prover writes the entries, as files or directories of its own form. The daemon looks for
//! their names, and removes those that are no longer needed.

use crate::{
	chain::H256,
	decoded::{from_hex, hex},
	Error, Result,
};
use std::{
	collections::BTreeSet,
	fs,
	path::{Path, PathBuf},
};
use tracing::{debug, warn};

/// The directory.
#[derive(Clone, Debug)]
pub struct StateStore {
	directory: PathBuf,
}

impl StateStore {
	/// Opens the directory, and creates it if it is missing. Its path is made absolute: a command
	/// may run elsewhere.
	pub fn open(directory: &Path) -> Result<Self> {
		let unusable = |error: std::io::Error| {
			Error::Usage(format!("{} cannot be used: {error}", directory.display()))
		};
		fs::create_dir_all(directory).map_err(unusable)?;
		Ok(Self { directory: fs::canonicalize(directory).map_err(unusable)? })
	}

	/// Returns the directory.
	pub fn directory(&self) -> &Path {
		&self.directory
	}

	/// Returns the path of a block's state.
	pub fn path(&self, block_hash: H256) -> PathBuf {
		self.directory.join(hex(block_hash.as_ref()))
	}

	/// Returns whether the state of a block is there.
	pub fn contains(&self, block_hash: H256) -> bool {
		self.path(block_hash).exists()
	}

	/// Removes the state of a block, if it is there.
	pub fn remove(&self, block_hash: H256) {
		let path = self.path(block_hash);
		let removed =
			if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
		match removed {
			Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
				warn!("{} cannot be removed: {error}", path.display())
			},
			_ => {},
		}
	}

	/// Removes all states but these. Entries with other names stay.
	pub fn retain(&self, wanted: &BTreeSet<H256>) {
		for hash in self.hashes().difference(wanted) {
			debug!(block = %hash, "its state is no longer needed");
			self.remove(*hash);
		}
	}

	fn hashes(&self) -> BTreeSet<H256> {
		let names = fs::read_dir(&self.directory).into_iter().flatten().flatten();
		names.filter_map(|entry| block_hash(entry.file_name().to_str()?)).collect()
	}
}

/// Returns the hash that an entry is named by.
fn block_hash(name: &str) -> Option<H256> {
	let bytes = from_hex(name.strip_prefix("0x")?)?;
	Some(H256(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::execution::tests::hash;
	use tempfile::TempDir;

	#[test]
	fn states_are_found_and_removed_by_the_hashes_of_their_blocks() {
		let folder = TempDir::new().unwrap();
		let states = StateStore::open(&folder.path().join("states")).unwrap();
		fs::write(states.path(hash(1)), b"a state").unwrap();
		// A program may keep a directory.
		fs::create_dir(states.path(hash(2))).unwrap();
		fs::write(states.path(hash(2)).join("accounts"), b"a state").unwrap();
		fs::write(states.directory().join("index"), b"the program's own").unwrap();
		assert!([1, 2].map(hash).into_iter().all(|hash| states.contains(hash)));
		assert!(!states.contains(hash(3)));

		states.retain(&[hash(2), hash(3)].into());
		assert_eq!([1, 2].map(|byte| states.contains(hash(byte))), [false, true]);
		states.remove(hash(2));
		states.remove(hash(2));
		assert!(!states.contains(hash(2)));
		assert!(states.directory().join("index").exists());
	}

	#[test]
	fn a_directory_that_cannot_be_made_is_named() {
		let folder = TempDir::new().unwrap();
		let file = folder.path().join("file");
		fs::write(&file, b"").unwrap();
		let error = StateStore::open(&file.join("states")).unwrap_err();
		assert_eq!(error.exit_code(), 2);
		assert!(error.to_string().contains("file"), "{error}");
	}
}
