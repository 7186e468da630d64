//! Transaction lists of the blocks that are assigned to the account, for provers that need them.
//!
//! Each is fetched when its assignment is first seen, and kept in a file until its block is settled: by
//! then the node may have forgotten the block of the chain that proposed it.

use super::{
	chain::{self, Snapshot},
	Daemon,
};
use crate::{
	chain::{AccountId, BlockId, H256},
	client::Client,
	decoded::{from_hex, hex},
	reads::rollup::{Block, Status},
	Error, Result,
};
use sp_crypto_hashing::blake2_256;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::PathBuf,
};
use tokio::time::{timeout_at, Instant};
use tracing::{debug, warn};

/// After so many blocks, a list that could not be fetched and kept is tried again.
const AGAIN: u64 = 16;

/// The files.
#[derive(Debug)]
pub struct TxListCache {
	folder: PathBuf,
	/// The hashes of those that are there.
	held: BTreeSet<H256>,
	/// At which block one was last fetched in order to be kept.
	tried: BTreeMap<H256, u64>,
}

impl TxListCache {
	/// Those that are in this folder.
	pub fn open(folder: PathBuf) -> Self {
		let names = fs::read_dir(&folder).into_iter().flatten().flatten();
		let held = names.filter_map(|file| hash(file.file_name().to_str()?)).collect();
		Self { folder, held, tried: BTreeMap::new() }
	}

	/// The list with this hash, if it is there and whole.
	pub fn load(&self, hash: H256) -> Option<Vec<u8>> {
		let list = fs::read(self.path(hash)).ok()?;
		(blake2_256(&list) == hash.0).then_some(list)
	}

	/// Keeps a list. It may be written in part before a crash: its hash tells.
	fn save(&mut self, hash: H256, list: &[u8]) {
		let path = self.path(hash);
		match fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, list)) {
			Ok(()) => _ = self.held.insert(hash),
			Err(error) => warn!("{} cannot be written: {error}", path.display()),
		}
	}

	/// Removes all but these.
	fn retain(&mut self, wanted: &BTreeSet<H256>) {
		for hash in self.held.difference(wanted).copied().collect::<Vec<_>>() {
			debug!(list = %hash, "no longer needed");
			// If this does not succeed, it does with the next start.
			let _ = fs::remove_file(self.path(hash));
			self.held.remove(&hash);
		}
		self.tried.retain(|hash, _| wanted.contains(hash));
	}

	/// Whether a list should be fetched now.
	fn should_fetch(&self, hash: H256, best: u64) -> bool {
		let rests = self.tried.get(&hash).is_some_and(|last| (*last..last + AGAIN).contains(&best));
		!self.held.contains(&hash) && !rests
	}

	fn path(&self, hash: H256) -> PathBuf {
		self.folder.join(hex(&hash.0))
	}
}

fn hash(name: &str) -> Option<H256> {
	let bytes = from_hex(name.strip_prefix("0x")?)?;
	Some(H256(bytes.try_into().ok()?))
}

/// The blocks that are assigned to this account and may need a proof of it, be it a second one: at most as
/// many as its capacity.
fn assigned(
	waiting: &[(BlockId, Block)],
	me: AccountId,
) -> impl Iterator<Item = (BlockId, H256)> + '_ {
	let mine = waiting.iter().filter(move |(_, block)| match &block.status {
		Status::Assigned(assignment) => assignment.prover == me && !assignment.failed,
		_ => false,
	});
	mine.map(|(id, block)| (*id, block.tx_list_hash))
}

impl Daemon {
	/// The transaction list of a block, if the prover needs it. Fetching one takes until then at most.
	pub(super) async fn list(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		(id, hash): (BlockId, H256),
		until: Instant,
	) -> Result<Vec<u8>> {
		if !self.prover.needs_list() {
			return Ok(Vec::new());
		}
		if let Some(list) = self.tx_lists.load(hash) {
			return Ok(list);
		}
		let late = |_| Error::Connection("the node is slow to give the transaction list".into());
		let list = timeout_at(until, chain::list(client, snapshot, id)).await.map_err(late)??;
		self.tx_lists.save(hash, &list);
		Ok(list)
	}

	/// Fetches what will be needed, and removes what is no longer.
	pub(super) async fn refresh_lists(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		until: Instant,
	) {
		if !self.prover.needs_list() {
			return;
		}
		let mine: Vec<_> = assigned(&snapshot.view.waiting, self.me).collect();
		self.tx_lists.retain(&mine.iter().map(|(_, hash)| *hash).collect());
		let best = snapshot.account.number;
		for (id, hash) in mine {
			if Instant::now() >= until {
				break;
			}
			if !self.tx_lists.should_fetch(hash, best) {
				continue;
			}
			self.tx_lists.tried.insert(hash, best);
			if let Err(error) = self.list(client, snapshot, (id, hash), until).await {
				// It is tried again when it is needed, if not before.
				warn!(block = id, "{error}");
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::daemon::work::tests::{mine, ME};
	use tempfile::TempDir;

	const LIST: &[u8] = b"a list";

	fn hash_of(list: &[u8]) -> H256 {
		H256(blake2_256(list))
	}

	/// A folder with one list, as a daemon finds it that is started again.
	fn kept(dir: &TempDir) -> TxListCache {
		let folder = dir.path().join("lists");
		TxListCache::open(folder.clone()).save(hash_of(LIST), LIST);
		TxListCache::open(folder)
	}

	#[test]
	fn a_list_outlives_the_daemon() {
		let dir = TempDir::new().unwrap();
		let lists = kept(&dir);
		assert_eq!(lists.load(hash_of(LIST)), Some(LIST.to_vec()));
		assert_eq!(lists.load(hash_of(b"another")), None);
		assert!(!lists.should_fetch(hash_of(LIST), 7));
		assert!(lists.should_fetch(hash_of(b"another"), 7));
	}

	#[test]
	fn half_a_list_is_none() {
		let dir = TempDir::new().unwrap();
		let lists = kept(&dir);
		fs::write(lists.path(hash_of(LIST)), b"a li").unwrap();
		assert_eq!(lists.load(hash_of(LIST)), None);
	}

	#[test]
	fn lists_of_settled_blocks_are_removed() {
		let dir = TempDir::new().unwrap();
		let mut lists = kept(&dir);
		lists.retain(&[hash_of(LIST)].into());
		assert!(lists.load(hash_of(LIST)).is_some());
		lists.retain(&BTreeSet::new());
		assert_eq!(fs::read_dir(&lists.folder).unwrap().count(), 0);
		assert!(lists.should_fetch(hash_of(LIST), 7));
	}

	#[test]
	fn what_cannot_be_kept_is_not_fetched_with_every_block() {
		let dir = TempDir::new().unwrap();
		// No folder can have this name.
		fs::write(dir.path().join("lists"), b"").unwrap();
		let mut lists = TxListCache::open(dir.path().join("lists"));
		let hash = hash_of(LIST);
		lists.tried.insert(hash, 7);
		lists.save(hash, LIST);
		for (best, lacks) in [(7, false), (7 + AGAIN - 1, false), (7 + AGAIN, true), (6, true)] {
			assert_eq!(lists.should_fetch(hash, best), lacks, "at {best}");
		}
	}

	#[test]
	fn lists_are_kept_of_assigned_blocks_only() {
		let (mut other, mut open) = (mine(), mine());
		if let Status::Assigned(assignment) = &mut other.status {
			assignment.prover = AccountId([99; 32]);
		}
		open.status = Status::Pending;
		let waiting = vec![(1, other), (2, mine()), (3, open)];
		assert_eq!(assigned(&waiting, ME).collect::<Vec<_>>(), [(2, mine().tx_list_hash)]);
	}
}
