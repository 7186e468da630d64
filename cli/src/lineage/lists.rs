//! The transaction lists of waiting blocks, in a directory.
//!
//! Each list is looked for when its block is first seen, and kept until the block is settled: the
//! node may forget the block of the chain that proposed it.

use super::search::Search;
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

/// A list that a node does not have is looked for again after this many blocks.
const RETRY_AFTER: u64 = 16;

/// The files of the lists.
#[derive(Debug)]
pub struct TxListCache {
	folder: PathBuf,
	/// The hashes of the lists that are saved.
	held: BTreeSet<H256>,
	/// The lists that could not be saved: a full disk does not keep the daemon from proving.
	unsaved: BTreeMap<H256, Vec<u8>>,
	/// The searches that were interrupted, each with the best block at which it last went on.
	searches: BTreeMap<H256, (u64, Search)>,
	/// The lists that the present node does not have, with the best block at which it said so.
	absent: BTreeMap<H256, u64>,
}

impl TxListCache {
	/// Opens the cache in this directory.
	pub fn open(folder: &Path) -> Self {
		let names = fs::read_dir(folder).into_iter().flatten().flatten();
		let held = names.filter_map(|file| hash(file.file_name().to_str()?)).collect();
		Self {
			folder: folder.into(),
			held,
			unsaved: BTreeMap::new(),
			searches: BTreeMap::new(),
			absent: BTreeMap::new(),
		}
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
		self.searches.remove(&hash);
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
		self.searches.retain(|hash, _| wanted.contains(hash));
		self.absent.retain(|hash, _| wanted.contains(hash));
	}

	/// Returns the search for a list, if it is missing and should be looked for at this best block: a
	/// new search, or one that was interrupted. Each goes on once for each best block.
	pub fn search(
		&mut self,
		hash: H256,
		best: u64,
		begin: impl FnOnce() -> Search,
	) -> Option<&mut Search> {
		let is_there = self.held.contains(&hash) || self.unsaved.contains_key(&hash);
		let rests = self
			.absent
			.get(&hash)
			.is_some_and(|since| (*since..since.saturating_add(RETRY_AFTER)).contains(&best));
		if is_there || rests || self.searches.get(&hash).is_some_and(|(last, _)| *last == best) {
			return None;
		}
		let (last, search) = self.searches.entry(hash).or_insert_with(|| (best, begin()));
		*last = best;
		Some(search)
	}

	/// Takes note that the node does not have a list: it is not looked for again for a while.
	pub fn rest(&mut self, hash: H256, best: u64) {
		self.searches.remove(&hash);
		self.absent.insert(hash, best);
	}

	/// Forgets all searches: another node may have what one did not have.
	pub fn forget_searches(&mut self) {
		self.searches.clear();
		self.absent.clear();
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

	fn is_searched(lists: &mut TxListCache, hash: H256, best: u64) -> bool {
		lists.search(hash, best, || Search::new(best, 1, 1)).is_some()
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
		assert!(!is_searched(&mut lists, hash_of(LIST), 7));
		assert!(is_searched(&mut lists, hash_of(b"another"), 7));
	}

	#[test]
	fn half_a_list_is_none() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		fs::write(lists.path(hash_of(LIST)), b"a li").unwrap();
		assert_eq!(lists.load(hash_of(LIST)), None);
		assert!(is_searched(&mut lists, hash_of(LIST), 7));
	}

	#[test]
	fn lists_of_settled_blocks_are_removed() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		lists.retain(&[hash_of(LIST)].into());
		assert!(lists.load(hash_of(LIST)).is_some());
		lists.retain(&BTreeSet::new());
		assert_eq!(fs::read_dir(&lists.folder).unwrap().count(), 0);
		assert!(is_searched(&mut lists, hash_of(LIST), 7));
	}

	/// The node did not answer, or the connection was lost.
	#[test]
	fn a_search_that_was_interrupted_goes_on_with_the_next_block() {
		let dir = TempDir::new().unwrap();
		let mut lists = TxListCache::open(dir.path());
		let hash = hash_of(LIST);
		for (best, due) in [(7, true), (7, false), (8, true), (9, true), (9, false)] {
			assert_eq!(is_searched(&mut lists, hash, best), due, "at {best}");
		}
		// Another connection, or another branch of the chain.
		lists.forget_searches();
		assert!(is_searched(&mut lists, hash, 9));
		assert!(is_searched(&mut lists, hash, 8));
		let begin = || -> Search { panic!("it begins again") };
		assert!(lists.search(hash, 10, begin).is_some());
		lists.save(hash, LIST);
		assert!(!is_searched(&mut lists, hash, 11));
	}

	#[test]
	fn a_list_that_the_node_does_not_have_is_looked_for_after_a_while() {
		let dir = TempDir::new().unwrap();
		let mut lists = TxListCache::open(dir.path());
		let hash = hash_of(LIST);
		assert!(is_searched(&mut lists, hash, 7));
		lists.rest(hash, 7);
		for (best, due) in [(7, false), (6 + RETRY_AFTER, false), (7 + RETRY_AFTER, true)] {
			assert_eq!(is_searched(&mut lists, hash, best), due, "at {best}");
		}
		// Another branch of the chain.
		assert!(is_searched(&mut lists, hash, 6));
		// Another node may have it.
		lists.rest(hash, 30);
		assert!(!is_searched(&mut lists, hash, 31));
		lists.forget_searches();
		assert!(is_searched(&mut lists, hash, 31));
	}

	#[test]
	fn a_list_that_cannot_be_saved_is_kept_in_memory() {
		let dir = TempDir::new().unwrap();
		// No directory can have this name.
		fs::write(dir.path().join("lists"), b"").unwrap();
		let mut lists = TxListCache::open(&dir.path().join("lists"));
		lists.save(hash_of(LIST), LIST);
		assert_eq!(lists.load(hash_of(LIST)), Some(LIST.to_vec()));
		assert!(!is_searched(&mut lists, hash_of(LIST), 7));
		lists.retain(&BTreeSet::new());
		assert_eq!(lists.load(hash_of(LIST)), None);
	}
}
