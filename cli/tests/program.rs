//! A prover's program in another language, without a chain: the contract of docs/operating.md leads
//! to the same blocks as the built-in prover.

use prover_pool_cli::{
	chain::{AccountId, H256},
	decoded::hex,
	execution::{Executed, Parent, Proposal, Step},
	prover::{instance_hash, states::StateStore, Input, Prover, Statement},
};
use prover_pool_rollup::{dev_genesis, dev_secret, encode_list, sha256, Signer};
use subxt::ext::codec::Encode;
use tempfile::TempDir;

const GENESIS_HASH: H256 = H256([1; 32]);
const ACCOUNT: AccountId = AccountId([2; 32]);

/// The built-in prover and the program, each with a directory of its own.
fn provers(folder: &TempDir) -> [Prover; 2] {
	let states = |name| StateStore::open(&folder.path().join(name)).unwrap();
	let header = hex(&dev_genesis().header().encode());
	let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/prover.mjs");
	let command = format!("GENESIS_HEADER={header} node {program}");
	[Prover::demo(None, states("built-in")), Prover::Command { command, states: states("program") }]
}

fn genesis() -> Parent {
	Parent { id: 0, hash: dev_genesis().header().hash().into() }
}

/// Returns the block with this list.
fn input(block_id: u64, parent: Parent, tx_list: Vec<u8>) -> Input {
	let proposal = Proposal {
		block_id,
		tx_list_hash: sha256(&tx_list).into(),
		gas_limit: 100_000,
		beneficiary: ACCOUNT,
	};
	Input { genesis_hash: GENESIS_HASH, step: Step { proposal, parent }, tx_list }
}

/// Returns the parent of the next block.
fn parent(executed: &Executed) -> Parent {
	Parent { id: executed.block_id(), hash: executed.block_hash }
}

/// Lists of every kind that moves nothing.
fn lists() -> [Vec<u8>; 6] {
	let (mut wallet, to) = (Signer::new(dev_secret(0)), Signer::new(dev_secret(1)).address());
	let transfers = [wallet.sign(to, 1, 1).unwrap(), wallet.sign(to, 1, 1).unwrap()];
	let too_much = encode_list(&transfers);
	let cut = too_much[..too_much.len() - 1].to_vec();
	// The last one has the number 0 in a form that is not the shortest.
	[vec![], vec![0], b"no list".to_vec(), too_much, cut, vec![1, 0]]
}

#[tokio::test]
async fn a_program_in_another_language_executes_the_same_blocks() {
	let folder = TempDir::new().unwrap();
	let [built_in, program] = provers(&folder);
	let mut last = genesis();
	let mut gas = Vec::new();
	for (id, list) in (1..).zip(lists()) {
		let input = input(id, last, list);
		let executed = built_in.execute(&input).await.unwrap().unwrap();
		assert_eq!(program.execute(&input).await.unwrap(), Some(executed), "block {id}");
		assert!(program.has_state(executed.block_hash));
		gas.push(executed.gas_used);
		last = parent(&executed);
	}
	assert_eq!(gas, [0, 0, 0, 100_000, 0, 0]);
}

#[tokio::test]
async fn a_program_says_that_it_does_not_know_a_parent() {
	let folder = TempDir::new().unwrap();
	let [_, program] = provers(&folder);
	let first = program.execute(&input(1, genesis(), vec![0])).await.unwrap().unwrap();
	let second = input(2, parent(&first), vec![0]);
	program.remove_state(first.block_hash);
	assert_eq!(program.execute(&second).await, Ok(None));
	// It does once the ancestor is executed again.
	program.execute(&input(1, genesis(), vec![0])).await.unwrap();
	assert!(program.execute(&second).await.unwrap().is_some());
}

#[tokio::test]
async fn a_program_proves_the_statement_that_it_is_given() {
	let folder = TempDir::new().unwrap();
	let [_, program] = provers(&folder);
	let input = input(1, genesis(), vec![0]);
	let executed = program.execute(&input).await.unwrap().unwrap();
	let execution = executed.execution();
	let instance = instance_hash(GENESIS_HASH, &input.step.proposal, &execution, &ACCOUNT);
	let statement = Statement { execution, instance, prover: ACCOUNT, blocks_left: 9 };
	let proof = program.prove(&input, &statement).await.unwrap();
	assert_eq!(proof, instance.0);
	// It checks what it is asked to prove.
	let wrong = Statement { instance: H256([9; 32]), ..statement };
	let error = program.prove(&input, &wrong).await.unwrap_err();
	assert!(error.contains("failed: exit status"), "{error}");
}
