//! The daemon's state, in one small file that is replaced as a whole.

use super::{nonces::Sent, work::Task};
use crate::{
	chain::{AccountId, BlockId, H256},
	decoded::{hex, hexadecimal},
	lineage::Lineage,
	reads::finalized::Position,
	Error, Result,
};
use serde::{Deserialize, Serialize};
use std::{
	fs::{self, File, OpenOptions, TryLockError},
	io::Write,
	path::{Path, PathBuf},
};

/// The version of the file. It changes when older programs could not read it.
const VERSION: u32 = 2;
/// The name of the file.
const FILE: &str = "state.json";
/// The name of the file with the lineage.
const LINEAGE: &str = "lineage.json";
/// The lock that a running daemon holds.
const LOCK: &str = "lock";

/// A finished proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FinishedProof {
	/// The task.
	#[serde(flatten)]
	pub task: Task,
	/// The proof itself.
	#[serde(with = "hexadecimal")]
	pub proof: Vec<u8>,
}

/// What must survive a restart.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct State {
	version: u32,
	/// The chain.
	pub genesis_hash: H256,
	/// The prover.
	pub account: AccountId,
	/// The key that has signed the transactions, if it is not the prover's own.
	#[serde(default)]
	pub proxy: Option<AccountId>,
	/// The last finalized block whose events were read.
	pub processed: Option<Position>,
	/// Finished proofs of blocks that are not settled.
	pub proofs: Vec<FinishedProof>,
	/// Transactions that are not settled.
	pub sent: Vec<Sent>,
}

/// The directory of the state, locked for this program while this value lives.
#[derive(Debug)]
pub struct StateDir {
	path: PathBuf,
	_lock: File,
}

impl State {
	/// Creates the state of a new daemon.
	pub fn new(genesis_hash: H256, account: AccountId) -> Self {
		Self {
			version: VERSION,
			genesis_hash,
			account,
			proxy: None,
			processed: None,
			proofs: Vec::new(),
			sent: Vec::new(),
		}
	}

	/// Refused if the state belongs to another chain or prover; the error says to which.
	pub fn check(&self, genesis_hash: H256, account: AccountId) -> Result<(), String> {
		if self.genesis_hash != genesis_hash {
			return Err(format!(
				"belongs to the chain with the genesis {}, the node has {}",
				hex(self.genesis_hash.as_ref()),
				hex(genesis_hash.as_ref())
			));
		}
		if self.account != account {
			return Err(format!("belongs to the prover {}", self.account));
		}
		Ok(())
	}

	/// Forgets the transactions of another key: their nonces are not those of this one. Should the chain include
	/// one of them all the same, its claim is seen there.
	pub fn use_key(&mut self, key: AccountId) {
		let proxy = (key != self.account).then_some(key);
		if self.proxy != proxy {
			self.sent.clear();
		}
		self.proxy = proxy;
	}

	/// Returns the proof of this task.
	pub fn proof(&self, task: Task) -> Option<&FinishedProof> {
		self.proofs.iter().find(|made| made.task == task)
	}

	/// Forgets the proofs of blocks before this one.
	pub fn forget_before(&mut self, head: BlockId) {
		self.proofs.retain(|made| made.task.block >= head);
	}
}

impl StateDir {
	/// Locks the directory, and creates it if it is missing.
	pub fn open(path: &Path) -> Result<Self> {
		let unusable = |error: &dyn std::fmt::Display| {
			Error::Usage(format!("--state {} cannot be used: {error}", path.display()))
		};
		fs::create_dir_all(path).map_err(|error| unusable(&error))?;
		let lock = OpenOptions::new()
			.create(true)
			.truncate(false)
			.write(true)
			.open(path.join(LOCK))
			.map_err(|error| unusable(&error))?;
		match lock.try_lock() {
			Ok(()) => Ok(Self { path: path.into(), _lock: lock }),
			Err(TryLockError::WouldBlock) => Err(Error::Usage(format!(
				"another daemon uses {}: stop it, or name another directory with --state",
				path.display()
			))),
			Err(TryLockError::Error(error)) => Err(unusable(&error)),
		}
	}

	/// Loads the state of this chain and this prover; a new one if there is no file.
	pub fn load(&self, genesis_hash: H256, account: AccountId) -> Result<State> {
		let path = self.path.join(FILE);
		let wrong = |what: &str| Err(self.unfit(what));
		let bytes = match fs::read(&path) {
			Ok(bytes) => bytes,
			Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
				return Ok(State::new(genesis_hash, account))
			},
			Err(error) => return wrong(&format!("cannot be read ({error})")),
		};
		let state: State = match serde_json::from_slice(&bytes) {
			Ok(state) => state,
			Err(error) => return wrong(&format!("is not a state file ({error})")),
		};
		if state.version != VERSION {
			return wrong(&format!("has version {}, this program knows {VERSION}", state.version));
		}
		state.check(genesis_hash, account).map_err(|what| self.unfit(&what))?;
		Ok(state)
	}

	/// Returns the error for a file that cannot be used.
	pub fn unfit(&self, what: &str) -> Error {
		Error::Usage(format!(
			"{} {what}: name another directory with --state, or remove this file if it is not needed",
			self.path.join(FILE).display()
		))
	}

	/// Saves the state. After a crash at any moment, the file is the old one or the new one.
	pub fn save(&self, state: &State) -> Result<()> {
		self.save_as(FILE, state)
	}

	/// Loads the lineage. One that is missing or cannot be read is empty: its blocks are executed
	/// again.
	pub fn load_lineage(&self) -> Lineage {
		let bytes = fs::read(self.path.join(LINEAGE)).unwrap_or_default();
		serde_json::from_slice(&bytes).unwrap_or_default()
	}

	/// Saves the lineage, in the same way as the state.
	pub fn save_lineage(&self, lineage: &Lineage) -> Result<()> {
		self.save_as(LINEAGE, lineage)
	}

	fn save_as(&self, name: &str, content: &impl Serialize) -> Result<()> {
		let path = self.path.join(name);
		let json = serde_json::to_vec(content)
			.map_err(|error| Error::Internal(format!("{name} has no JSON: {error}")))?;
		self.replace(&path, &json).map_err(|error| {
			Error::Internal(format!("{} cannot be written: {error}", path.display()))
		})
	}

	fn replace(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
		let new = path.with_extension("new");
		let mut file = File::create(&new)?;
		file.write_all(bytes)?;
		file.sync_all()?;
		fs::rename(&new, path)?;
		// The new name is safe when the directory is.
		File::open(&self.path)?.sync_all()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{daemon::work::tests::task, execution::tests::executed};
	use tempfile::TempDir;

	const GENESIS: H256 = H256([1; 32]);
	const ME: AccountId = AccountId([2; 32]);

	fn full() -> State {
		let task = task(3);
		let proof = FinishedProof { task, proof: vec![7, 8] };
		let sent = Sent {
			task: Some(task),
			nonce: 9,
			valid_until: 10,
			extrinsic: vec![11],
			tip: u128::MAX,
			reported: true,
		};
		let processed = Some(Position { number: 12, hash: H256([13; 32]) });
		State { processed, proofs: vec![proof], sent: vec![sent], ..State::new(GENESIS, ME) }
	}

	fn refusal(dir: &StateDir, genesis: H256, account: AccountId) -> String {
		let error = dir.load(genesis, account).unwrap_err();
		assert_eq!(error.exit_code(), 2);
		error.to_string()
	}

	#[test]
	fn a_saved_state_is_loaded_again() {
		let dir = TempDir::new().unwrap();
		let state_dir = StateDir::open(&dir.path().join("deep/folder")).unwrap();
		assert_eq!(state_dir.load(GENESIS, ME).unwrap(), State::new(GENESIS, ME));
		state_dir.save(&full()).unwrap();
		assert_eq!(state_dir.load(GENESIS, ME).unwrap(), full());
	}

	/// The tip and the flag have defaults.
	#[test]
	fn a_transaction_without_a_tip_can_be_read() {
		let task = serde_json::to_string(&task(3)).unwrap();
		let json =
			format!(r#"{{"task": {task}, "nonce": 9, "valid_until": 10, "extrinsic": "0x0b"}}"#);
		let sent: Sent = serde_json::from_str(&json).unwrap();
		assert_eq!(sent, Sent { tip: 0, reported: false, ..full().sent[0].clone() });
	}

	#[test]
	fn transactions_of_another_key_are_forgotten() {
		let mut state = full();
		state.use_key(ME);
		assert_eq!(state, full());
		let key = AccountId([3; 32]);
		state.use_key(key);
		assert_eq!(state, State { proxy: Some(key), sent: vec![], ..full() });
		state.sent = full().sent;
		state.use_key(key);
		assert_eq!(state.sent, full().sent);
		state.use_key(ME);
		assert_eq!(state, State { sent: vec![], ..full() });
	}

	#[test]
	fn a_file_that_was_being_written_is_not_read() {
		let dir = TempDir::new().unwrap();
		let state_dir = StateDir::open(dir.path()).unwrap();
		state_dir.save(&full()).unwrap();
		fs::write(dir.path().join("state.new"), b"{\"version\":2,").unwrap();
		assert_eq!(state_dir.load(GENESIS, ME).unwrap(), full());
		state_dir.save(&State::new(GENESIS, ME)).unwrap();
		assert_eq!(state_dir.load(GENESIS, ME).unwrap(), State::new(GENESIS, ME));
	}

	#[test]
	fn the_state_of_another_chain_or_prover_is_refused() {
		let dir = TempDir::new().unwrap();
		let state_dir = StateDir::open(dir.path()).unwrap();
		state_dir.save(&full()).unwrap();
		let other = H256([9; 32]);
		assert!(
			refusal(&state_dir, other, ME).contains("belongs to the chain with the genesis 0x0101")
		);
		assert!(refusal(&state_dir, GENESIS, AccountId([9; 32])).contains("belongs to the prover"));
	}

	#[test]
	fn a_file_that_is_not_a_state_is_refused() {
		let dir = TempDir::new().unwrap();
		let state_dir = StateDir::open(dir.path()).unwrap();
		fs::write(dir.path().join(FILE), b"nonsense").unwrap();
		assert!(refusal(&state_dir, GENESIS, ME).contains("is not a state file"));
		let newer = State { version: VERSION + 1, ..full() };
		state_dir.save(&newer).unwrap();
		assert!(refusal(&state_dir, GENESIS, ME).contains("has version 3"));
	}

	#[test]
	fn a_directory_serves_one_daemon_at_a_time() {
		let dir = TempDir::new().unwrap();
		let first = StateDir::open(dir.path()).unwrap();
		let refusal = StateDir::open(dir.path()).unwrap_err();
		assert!(refusal.to_string().starts_with("another daemon uses"), "{refusal}");
		drop(first);
		StateDir::open(dir.path()).unwrap();
	}

	#[test]
	fn proofs_of_settled_blocks_are_forgotten() {
		let mut state = full();
		state.forget_before(3);
		assert_eq!(state, full());
		state.forget_before(4);
		assert_eq!(state.proofs, []);
	}

	#[test]
	fn a_lineage_outlives_the_daemon() {
		let dir = TempDir::new().unwrap();
		let state_dir = StateDir::open(dir.path()).unwrap();
		assert_eq!(state_dir.load_lineage(), Lineage::default());
		let mut lineage = Lineage::default();
		lineage.record(executed(4, 3, 14));
		state_dir.save_lineage(&lineage).unwrap();
		assert_eq!(state_dir.load_lineage(), lineage);
		// It can be computed again.
		fs::write(dir.path().join(LINEAGE), b"{\"genesis\":").unwrap();
		assert_eq!(state_dir.load_lineage(), Lineage::default());
	}
}
