use super::*;
use futures::executor::block_on;
use prover_pool_history::{
	block::{Event, STAKERS, STATE},
	query, Chain, Reader,
};
use serde_json::Map;
use std::sync::Mutex;
use tempfile::TempDir;

/// A chain of empty blocks, and what was asked of it.
struct MadeUp {
	finalized: u64,
	/// The first block whose state is kept.
	kept_from: u64,
	/// The first block whose events are not understood.
	odd_from: u64,
	/// The blocks that were read, and whether with the state.
	read: Mutex<Vec<(u64, bool)>>,
	/// How often the node was asked for a state.
	asked: Mutex<u64>,
}

impl MadeUp {
	fn new(finalized: u64) -> Self {
		let (kept_from, odd_from) = (0, u64::MAX);
		Self { finalized, kept_from, odd_from, read: Mutex::default(), asked: Mutex::default() }
	}

	fn hash(number: u64) -> H256 {
		let mut bytes = [0; 32];
		bytes[24..].copy_from_slice(&number.to_be_bytes());
		H256(bytes)
	}

	fn number(hash: H256) -> u64 {
		hash.0[24..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
	}

	/// The blocks that were read with the state.
	fn read_with_state(&self) -> Vec<u64> {
		let read = self.read.lock().unwrap();
		read.iter().filter(|(_, with_state)| *with_state).map(|(number, _)| *number).collect()
	}
}

impl Source for MadeUp {
	async fn finalized_head(&self) -> Result<(u64, H256)> {
		Ok((self.finalized, Self::hash(self.finalized)))
	}

	async fn hash_of(&self, number: u64) -> Result<Option<H256>> {
		Ok((number <= self.finalized).then(|| Self::hash(number)))
	}

	async fn has_state(&self, hash: H256) -> Result<bool> {
		*self.asked.lock().unwrap() += 1;
		Ok(Self::number(hash) >= self.kept_from)
	}

	async fn block(&self, hash: H256, with_state: bool) -> Result<Block> {
		let number = Self::number(hash);
		if number < self.kept_from {
			return Err(Error::Connection("State already discarded".into()));
		}
		self.read.lock().unwrap().push((number, with_state));
		let stakers = Event {
			index: 0,
			extrinsic: None,
			pallet: STATE.into(),
			name: STAKERS.into(),
			fields: Map::new(),
		};
		Ok(Block {
			number,
			hash: hex(&hash.0),
			parent_hash: hex(&Self::hash(number - 1).0),
			time: None,
			spec_version: 1,
			events: with_state.then_some(stakers).into_iter().collect(),
			undecoded: (number >= self.odd_from).then(|| "an event is not understood".into()),
		})
	}
}

fn store(folder: &TempDir) -> Store {
	let chain = Chain {
		name: "Made up".into(),
		genesis_hash: hex(&MadeUp::hash(0).0),
		symbol: "UNIT".into(),
		decimals: 12,
		ss58_prefix: 42,
	};
	Store::open(&folder.path().join("history.db"), &chain).unwrap()
}

/// Stores what is finalized, and returns which blocks were reported as missing.
async fn missing(chain: &MadeUp, store: &mut Store) -> Result<Vec<(u64, u64)>> {
	let missing = Mutex::new(Vec::new());
	let report = |step| {
		if let Step::Missing { from, to } = step {
			missing.lock().unwrap().push((from, to));
		}
	};
	let last = catch_up(chain, store, None, &report).await?;
	assert_eq!(last, MadeUp::hash(chain.finalized));
	Ok(missing.into_inner().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_whose_states_the_node_lacks_are_a_gap_that_is_reported() {
	let folder = TempDir::new().unwrap();
	let mut store = store(&folder);
	let mut chain = MadeUp::new(300);
	assert_eq!(missing(&chain, &mut store).await.unwrap(), []);
	chain = MadeUp { kept_from: 745, ..MadeUp::new(1_000) };
	assert_eq!(missing(&chain, &mut store).await.unwrap(), [(301, 744)]);
	assert_eq!(chain.read_with_state(), [745]);
	let reader = Reader::open(store.file()).unwrap();
	let gaps = reader.read(query::position).unwrap().gaps;
	assert_eq!(gaps.len(), 1);
	assert_eq!((gaps[0].from_block, gaps[0].to_block), (301, 744));
	// Once.
	chain = MadeUp { kept_from: 745, ..MadeUp::new(1_010) };
	assert_eq!(missing(&chain, &mut store).await.unwrap(), []);
	assert!(chain.read_with_state().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_any_state_is_given_up_after_a_few_attempts() {
	let folder = TempDir::new().unwrap();
	let chain = MadeUp { kept_from: 2_000, ..MadeUp::new(1_000) };
	let error = missing(&chain, &mut store(&folder)).await.unwrap_err();
	assert_eq!(error.exit_code(), 3);
	let text = error.to_string();
	assert!(text.contains("does not have the state of its finalized block 1000: "), "{text}");
	assert!(*chain.asked.lock().unwrap() <= 11 * ATTEMPTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_read_once_under_a_runtime_that_is_not_understood() {
	let folder = TempDir::new().unwrap();
	let mut store = store(&folder);
	let chain = MadeUp { odd_from: 10, ..MadeUp::new(40) };
	missing(&chain, &mut store).await.unwrap();
	assert_eq!(chain.read_with_state(), [1, 11]);
	let chain = MadeUp { odd_from: 10, ..MadeUp::new(60) };
	missing(&chain, &mut store).await.unwrap();
	assert!(chain.read_with_state().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_finality_has_stopped_each_best_block_is_read_once() {
	let folder = TempDir::new().unwrap();
	let mut store = store(&folder);
	let mut chain = MadeUp::new(1);
	missing(&chain, &mut store).await.unwrap();
	let live = Live::open(store.file()).unwrap();
	chain = MadeUp::new(1);
	let last = MAX_OVERLAY as u64 + 40;
	for best in 2..=last {
		show_best(&chain, &store, &live, best, MadeUp::hash(best)).await.unwrap();
	}
	assert_eq!(live.overlay().len(), MAX_OVERLAY);
	let read = chain.read.lock().unwrap().len();
	assert_eq!(read, MAX_OVERLAY);

	// Finality is back.
	chain = MadeUp::new(last - 1);
	catch_up(&chain, &mut store, Some(&live), &|_| ()).await.unwrap();
	show_best(&chain, &store, &live, last, MadeUp::hash(last)).await.unwrap();
	assert_eq!(live.overlay(), [(last, hex(&MadeUp::hash(last).0))]);
}

#[test]
fn the_first_block_that_is_there_is_found_in_few_steps() {
	for target in [1, 2, 3, 10, 1_000] {
		for start in 1..=target + 1 {
			let mut asked = 0;
			let found = first(1, target, async |number| {
				asked += 1;
				Ok(number >= start)
			});
			assert_eq!(block_on(found).unwrap(), start.min(target), "{start} of {target}");
			assert!(asked <= 11, "asked {asked} times");
		}
	}
	let lost = first(1, 9, async |_| Err(Error::Connection("lost".into())));
	assert_eq!(block_on(lost).unwrap_err().exit_code(), 3);
}
