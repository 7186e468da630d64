//! The transaction lists of waiting blocks, in a directory.
//!
//! Each list is fetched when its block is first seen, and kept until the block is settled: the node
//! may forget the block of the chain that proposed it.

use crate::{
	chain::H256,
	decoded::{from_hex, hex},
};
use sp_crypto_hashing::sha2_256;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
};
use tracing::{debug, warn};

/// After this many blocks, a list that could not be fetched or saved is tried again.
const RETRY_AFTER: u64 = 16;

/// The files of the lists.
#[derive(Debug)]
pub struct TxListCache {
	folder: PathBuf,
	/// The hashes of the lists that are saved.
	held: BTreeSet<H256>,
	/// The lists that could not be saved: a full disk does not keep the daemon from proving.
	unsaved: BTreeMap<H256, Vec<u8>>,
	/// The block at which each list was last fetched.
	tried: BTreeMap<H256, u64>,
}

impl TxListCache {
	/// Opens the cache in this directory.
	pub fn open(folder: &Path) -> Self {
		let names = fs::read_dir(folder).into_iter().flatten().flatten();
		let held = names.filter_map(|file| hash(file.file_name().to_str()?)).collect();
		Self { folder: folder.into(), held, unsaved: BTreeMap::new(), tried: BTreeMap::new() }
	}

	/// Returns the list with this hash, if it is there and whole.
	pub fn load(&mut self, hash: H256) -> Option<Vec<u8>> {
		if let Some(list) = self.unsaved.get(&hash) {
			return Some(list.clone());
		}
		let list = fs::read(self.path(hash)).ok().filter(|list| sha2_256(list) == hash.0);
		if list.is_none() {
			self.held.remove(&hash);
		}
		list
	}

	/// Saves a list. After a crash it may be written in part, which its hash reveals.
	pub fn save(&mut self, hash: H256, list: &[u8]) {
		let path = self.path(hash);
		match fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, list)) {
			Ok(()) => _ = self.held.insert(hash),
			Err(error) => {
				warn!("{} cannot be written: {error}", path.display());
				self.unsaved.insert(hash, list.into());
			},
		}
	}

	/// Removes all lists but these.
	pub fn retain(&mut self, wanted: &BTreeSet<H256>) {
		for hash in self.held.difference(wanted).copied().collect::<Vec<_>>() {
			debug!(list = %hash, "no longer needed");
			// If this fails, the next start removes it.
			let _ = fs::remove_file(self.path(hash));
			self.held.remove(&hash);
		}
		self.unsaved.retain(|hash, _| wanted.contains(hash));
		self.tried.retain(|hash, _| wanted.contains(hash));
	}

	/// Returns whether a list is missing and should be fetched now. If so, records that it is.
	pub fn begin_fetch(&mut self, hash: H256, best: u64) -> bool {
		let rests =
			self.tried.get(&hash).is_some_and(|last| (*last..last + RETRY_AFTER).contains(&best));
		let is_there = self.held.contains(&hash) || self.unsaved.contains_key(&hash);
		let due = !is_there && !rests;
		if due {
			self.tried.insert(hash, best);
		}
		due
	}

	fn path(&self, hash: H256) -> PathBuf {
		self.folder.join(hex(&hash.0))
	}
}

fn hash(name: &str) -> Option<H256> {
	let bytes = from_hex(name.strip_prefix("0x")?)?;
	Some(H256(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use tempfile::TempDir;

	const LIST: &[u8] = b"a list";

	fn hash_of(list: &[u8]) -> H256 {
		H256(sha2_256(list))
	}

	/// Returns a cache with one list, as a restarted daemon finds it.
	fn kept(dir: &TempDir) -> TxListCache {
		let folder = dir.path().join("lists");
		TxListCache::open(&folder).save(hash_of(LIST), LIST);
		TxListCache::open(&folder)
	}

	#[test]
	fn a_list_outlives_the_daemon() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		assert_eq!(lists.load(hash_of(LIST)), Some(LIST.to_vec()));
		assert_eq!(lists.load(hash_of(b"another")), None);
		assert!(!lists.begin_fetch(hash_of(LIST), 7));
		assert!(lists.begin_fetch(hash_of(b"another"), 7));
	}

	#[test]
	fn half_a_list_is_none() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		fs::write(lists.path(hash_of(LIST)), b"a li").unwrap();
		assert_eq!(lists.load(hash_of(LIST)), None);
		assert!(lists.begin_fetch(hash_of(LIST), 7));
	}

	#[test]
	fn lists_of_settled_blocks_are_removed() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		lists.retain(&[hash_of(LIST)].into());
		assert!(lists.load(hash_of(LIST)).is_some());
		lists.retain(&BTreeSet::new());
		assert_eq!(fs::read_dir(&lists.folder).unwrap().count(), 0);
		assert!(lists.begin_fetch(hash_of(LIST), 7));
	}

	#[test]
	fn a_list_that_cannot_be_fetched_is_tried_again_after_a_while() {
		let dir = TempDir::new().unwrap();
		let mut lists = TxListCache::open(dir.path());
		let hash = hash_of(LIST);
		assert!(lists.begin_fetch(hash, 7));
		for (best, due) in [(7, false), (6 + RETRY_AFTER, false), (7 + RETRY_AFTER, true)] {
			assert_eq!(lists.begin_fetch(hash, best), due, "at {best}");
		}
		// Another branch of the chain.
		assert!(lists.begin_fetch(hash, 6));
	}

	#[test]
	fn a_list_that_cannot_be_saved_is_kept_in_memory() {
		let dir = TempDir::new().unwrap();
		// No directory can have this name.
		fs::write(dir.path().join("lists"), b"").unwrap();
		let mut lists = TxListCache::open(&dir.path().join("lists"));
		lists.save(hash_of(LIST), LIST);
		assert_eq!(lists.load(hash_of(LIST)), Some(LIST.to_vec()));
		assert!(!lists.begin_fetch(hash_of(LIST), 7));
		lists.retain(&BTreeSet::new());
		assert_eq!(lists.load(hash_of(LIST)), None);
	}
}
