//! The built-in prover of the demo rollup: it executes blocks itself, and attests to them with a
//! key.

use super::{attest, states::StateStore, Input, Outcome};
use crate::{chain::H256, execution::Step, keys::Signer};
use prover_pool_rollup::{Account, Header, Proposal, State};
use std::{
	fs,
	path::Path,
	sync::{Arc, Mutex},
};
use subxt::ext::codec::{DecodeAll, Encode};
use tokio::task::spawn_blocking;
use tracing::warn;

/// The built-in prover.
#[derive(Debug)]
pub struct Demo {
	/// `None` if it only executes.
	attestor: Option<Signer>,
	genesis: State,
	states: StateStore,
	/// The state after the last block that was executed, which is the parent of the next.
	last: Mutex<Option<State>>,
}

impl Demo {
	/// Creates a prover that attests with this key, if there is one, and keeps states in this
	/// directory.
	pub fn new(attestor: Option<Signer>, genesis: State, states: StateStore) -> Self {
		Self { attestor, genesis, states, last: Mutex::new(None) }
	}

	/// Returns the attestation key.
	pub fn attestor(&self) -> Option<&Signer> {
		self.attestor.as_ref()
	}

	/// Returns the directory of states.
	pub fn states(&self) -> &StateStore {
		&self.states
	}

	/// Returns whether the state of the block with this hash is there.
	pub fn has_state(&self, block_hash: H256) -> bool {
		hash(self.genesis.header()) == block_hash
			|| self.last().as_ref().is_some_and(|last| hash(last.header()) == block_hash)
			|| self.states.contains(block_hash)
	}

	/// Executes a block and keeps its state. Returns `None` if the state of the parent is not
	/// there.
	pub async fn execute(self: Arc<Self>, input: &Input) -> Result<Option<Outcome>, String> {
		let (step, tx_list) = (input.step, input.tx_list.clone());
		let executing = spawn_blocking(move || self.execute_now(step, &tx_list));
		executing.await.map_err(|error| format!("the execution panicked: {error}"))?
	}

	/// Returns an attestation to a statement, if there is a key.
	pub fn attest(&self, instance: H256) -> Option<Vec<u8>> {
		self.attestor.as_ref().map(|attestor| attest(attestor, instance))
	}

	fn execute_now(&self, step: Step, tx_list: &[u8]) -> Result<Option<Outcome>, String> {
		let Some(mut state) = self.state(step.parent.hash) else { return Ok(None) };
		let proposal = Proposal {
			id: step.proposal.block_id,
			gas_limit: step.proposal.gas_limit,
			beneficiary: step.proposal.beneficiary.0,
		};
		let executed = state.execute(&proposal, tx_list).map_err(|error| error.to_string())?;
		state.apply(&executed).map_err(|error| error.to_string())?;
		let outcome =
			Outcome { block_hash: hash(state.header()), gas_used: state.header().gas_used };
		let path = self.states.path(outcome.block_hash);
		if let Err(error) = write(&path, &state) {
			// The next block is executed on the state in memory.
			warn!("{} cannot be written: {error}", path.display());
		}
		*self.last() = Some(state);
		Ok(Some(outcome))
	}

	/// Returns the state after the block with this hash: the one in memory, that of the genesis
	/// block, or one that was kept, if it is whole.
	fn state(&self, block_hash: H256) -> Option<State> {
		let last = self.last().take_if(|last| hash(last.header()) == block_hash);
		if last.is_some() {
			return last;
		}
		if hash(self.genesis.header()) == block_hash {
			return Some(self.genesis.clone());
		}
		let kept = fs::read(self.states.path(block_hash)).ok()?;
		let (header, accounts) = <(Header, Vec<Account>)>::decode_all(&mut &kept[..]).ok()?;
		let state = State::restore(header, accounts).ok()?;
		(hash(state.header()) == block_hash).then_some(state)
	}

	fn last(&self) -> std::sync::MutexGuard<'_, Option<State>> {
		// A panic while it was locked has left a state or none.
		self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
	}
}

fn hash(header: &Header) -> H256 {
	H256(header.hash())
}

/// Writes a state in one step: others may read the directory. It is checked when it is read.
fn write(path: &Path, state: &State) -> std::io::Result<()> {
	let new = path.with_extension("new");
	fs::write(&new, (state.header(), state.accounts()).encode())?;
	fs::rename(new, path)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::AccountId,
		execution::{Executed, Parent},
		prover::Prover,
	};
	use prover_pool_rollup::{dev_secret, encode_list, sha256, Signer as Wallet};
	use std::collections::BTreeMap;
	use tempfile::TempDir;

	fn genesis() -> State {
		let balances = (0..4).map(|number| (Wallet::new(dev_secret(number)).address(), 1_000));
		State::genesis(&BTreeMap::from_iter(balances)).unwrap()
	}

	fn prover(folder: &TempDir) -> Prover {
		let states = StateStore::open(folder.path()).unwrap();
		let attestor = Signer::development("attestor").unwrap();
		Prover::Demo(Arc::new(Demo::new(Some(attestor), genesis(), states)))
	}

	/// Returns the block with this list on this parent.
	fn input(block_id: u64, parent: H256, tx_list: Vec<u8>) -> Input {
		let proposal = crate::execution::Proposal {
			block_id,
			tx_list_hash: sha256(&tx_list).into(),
			gas_limit: 8_000_000,
			beneficiary: AccountId([9; 32]),
		};
		let parent = Parent { id: block_id - 1, hash: parent };
		Input {
			genesis_hash: H256([1; 32]),
			step: crate::execution::Step { proposal, parent },
			tx_list,
		}
	}

	/// Returns a list that moves 100 with a fee of 1, from the first account to the second.
	fn transfer() -> Vec<u8> {
		let mut wallet = Wallet::new(dev_secret(0));
		let to = Wallet::new(dev_secret(1)).address();
		encode_list(&[wallet.sign(to, 100, 1).unwrap()])
	}

	async fn executed(prover: &Prover, input: &Input) -> Option<Executed> {
		prover.execute(input).await.unwrap()
	}

	#[tokio::test]
	async fn blocks_are_executed_as_the_rollup_does() {
		let folder = TempDir::new().unwrap();
		let prover = prover(&folder);
		let parent = hash(genesis().header());
		let first = executed(&prover, &input(1, parent, transfer())).await.unwrap();
		let mut state = genesis();
		let proposal = Proposal { id: 1, gas_limit: 8_000_000, beneficiary: [9; 32] };
		let expected = state.execute(&proposal, &transfer()).unwrap();
		state.apply(&expected).unwrap();
		assert_eq!(first.block_hash, hash(state.header()));
		assert_eq!(first.gas_used, state.header().gas_used);
		assert_eq!(state.account(&[9; 32]).unwrap().balance, 1);
		// A list that does not decode gives an empty block.
		let second = executed(&prover, &input(2, first.block_hash, b"nonsense".to_vec())).await;
		let second = second.unwrap();
		assert_eq!(second.gas_used, 0);
		assert!(prover.has_state(second.block_hash) && prover.has_state(first.block_hash));
	}

	#[tokio::test]
	async fn states_outlive_the_prover() {
		let folder = TempDir::new().unwrap();
		let parent = hash(genesis().header());
		let first = executed(&prover(&folder), &input(1, parent, transfer())).await.unwrap();
		let block = input(2, first.block_hash, vec![0]);
		let expected = executed(&prover(&folder), &block).await.unwrap();
		// The other child of the same parent.
		let again = prover(&folder);
		assert_eq!(executed(&again, &block).await, Some(expected));
		assert_eq!(executed(&again, &block).await, Some(expected));
	}

	#[tokio::test]
	async fn a_state_that_is_missing_or_damaged_is_not_known() {
		let folder = TempDir::new().unwrap();
		let parent = hash(genesis().header());
		let first = executed(&prover(&folder), &input(1, parent, transfer())).await.unwrap();
		let path = folder.path().join(crate::decoded::hex(first.block_hash.as_ref()));
		let whole = fs::read(&path).unwrap();
		let block = input(2, first.block_hash, vec![0]);
		let mut changed = whole.clone();
		// A balance.
		let at = whole.len() - 16;
		changed[at] ^= 1;
		let foreign = {
			let (header, accounts) = (genesis().header().encode(), genesis().accounts().encode());
			[header, accounts].concat()
		};
		for content in [&whole[..whole.len() / 2], &changed, &foreign, &[]] {
			fs::write(&path, content).unwrap();
			assert_eq!(executed(&prover(&folder), &block).await, None);
		}
		fs::remove_file(&path).unwrap();
		assert_eq!(executed(&prover(&folder), &block).await, None);
		fs::write(&path, whole).unwrap();
		assert!(executed(&prover(&folder), &block).await.is_some());
	}

	/// As on a full disk.
	#[tokio::test]
	async fn blocks_are_executed_though_states_cannot_be_written() {
		let folder = TempDir::new().unwrap();
		let prover = prover(&folder);
		let parent = hash(genesis().header());
		fs::remove_dir_all(folder.path()).unwrap();
		let first = executed(&prover, &input(1, parent, transfer())).await.unwrap();
		let second = executed(&prover, &input(2, first.block_hash, vec![0])).await.unwrap();
		assert!(prover.has_state(second.block_hash));
		assert!(!prover.has_state(first.block_hash));
		fs::create_dir(folder.path()).unwrap();
	}
}
