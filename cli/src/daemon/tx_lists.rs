//! The transaction lists of assigned blocks, for provers that need them.
//!
//! Each list is fetched when its assignment is first seen, and kept in a file until its block is
//! settled: the node may forget the block of the chain that proposed it.

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

/// After this many blocks, a list that could not be fetched or saved is tried again.
const RETRY_AFTER: u64 = 16;

/// The files of the lists.
#[derive(Debug)]
pub struct TxListCache {
	folder: PathBuf,
	/// The hashes of the lists that are saved.
	held: BTreeSet<H256>,
	/// The block at which each list was last fetched ahead of its proof.
	tried: BTreeMap<H256, u64>,
}

impl TxListCache {
	/// Opens the cache in this directory.
	pub fn open(folder: PathBuf) -> Self {
		let names = fs::read_dir(&folder).into_iter().flatten().flatten();
		let held = names.filter_map(|file| hash(file.file_name().to_str()?)).collect();
		Self { folder, held, tried: BTreeMap::new() }
	}

	/// Returns the list with this hash, if it is saved and whole.
	pub fn load(&self, hash: H256) -> Option<Vec<u8>> {
		let list = fs::read(self.path(hash)).ok()?;
		(blake2_256(&list) == hash.0).then_some(list)
	}

	/// Saves a list. After a crash it may be written in part, which its hash reveals.
	fn save(&mut self, hash: H256, list: &[u8]) {
		let path = self.path(hash);
		match fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, list)) {
			Ok(()) => _ = self.held.insert(hash),
			Err(error) => warn!("{} cannot be written: {error}", path.display()),
		}
	}

	/// Removes all lists but these.
	fn retain(&mut self, wanted: &BTreeSet<H256>) {
		for hash in self.held.difference(wanted).copied().collect::<Vec<_>>() {
			debug!(list = %hash, "no longer needed");
			// If this fails, the next start removes it.
			let _ = fs::remove_file(self.path(hash));
			self.held.remove(&hash);
		}
		self.tried.retain(|hash, _| wanted.contains(hash));
	}

	/// Returns whether a list should be fetched now.
	fn should_fetch(&self, hash: H256, best: u64) -> bool {
		let rests =
			self.tried.get(&hash).is_some_and(|last| (*last..last + RETRY_AFTER).contains(&best));
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

/// Returns the blocks that are assigned to this account and may need a proof of it, first or
/// second. Their number is limited by its capacity.
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
	/// Returns the transaction list of a block, if the prover needs it. Fetching ends at `until`.
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
		let late = |_| {
			Error::Connection("the node did not answer in time with the transaction list".into())
		};
		let list = timeout_at(until, chain::list(client, snapshot, id)).await.map_err(late)??;
		self.tx_lists.save(hash, &list);
		Ok(list)
	}

	/// Fetches the lists of assigned blocks, and removes those of settled ones.
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
				// It is tried again when it is needed, or before.
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

	/// Returns a cache with one list, as a restarted daemon finds it.
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
		// No directory can have this name.
		fs::write(dir.path().join("lists"), b"").unwrap();
		let mut lists = TxListCache::open(dir.path().join("lists"));
		let hash = hash_of(LIST);
		lists.tried.insert(hash, 7);
		lists.save(hash, LIST);
		for (best, lacks) in
			[(7, false), (7 + RETRY_AFTER - 1, false), (7 + RETRY_AFTER, true), (6, true)]
		{
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
