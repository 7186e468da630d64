//! The source of executions and proofs: the built-in prover of the demo rollup, or a program of the
//! operator's choice.

mod command;
mod contract;
mod demo;
pub mod memory;
mod statement;
pub mod states;

pub use demo::Demo;
pub use statement::{attest, instance_hash, ATTESTATION_SIZE};

use crate::{
	chain::{AccountId, H256},
	execution::{Executed, Execution, Step},
	keys::Signer,
};
use contract::{ExecuteAnswer, ProveAnswer, Request};
use prover_pool_rollup::dev_genesis;
use states::StateStore;
use std::{collections::BTreeSet, sync::Arc};

/// The source of executions and proofs.
#[derive(Clone, Debug)]
pub enum Prover {
	/// Executes blocks of the demo rollup, and attests to them with a key.
	Demo(Arc<Demo>),
	/// Runs a shell command for each execution and each proof.
	Command {
		/// The command.
		command: String,
		/// The directory in which it keeps the rollup's states.
		states: StateStore,
	},
}

/// A block to execute or to prove.
#[derive(Clone, Debug)]
pub struct Input {
	/// The genesis hash of the chain.
	pub genesis_hash: H256,
	/// The block and its parent.
	pub step: Step,
	/// The transaction list.
	pub tx_list: Vec<u8>,
}

/// The result of an execution.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Outcome {
	/// The hash of the block.
	pub block_hash: H256,
	/// The gas that it uses.
	pub gas_used: u32,
}

/// What is to be proven of a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Statement {
	/// The result of the block's execution.
	pub execution: Execution,
	/// The hash of the statement.
	pub instance: H256,
	/// The account that submits the proof.
	pub prover: AccountId,
	/// The number of blocks of the chain until the proof would be late.
	pub blocks_left: u32,
}

impl Prover {
	/// Returns the built-in prover, which attests with this key, if there is one, and keeps states in
	/// this directory.
	pub fn demo(attestor: Option<Signer>, states: StateStore) -> Self {
		Self::Demo(Arc::new(Demo::new(attestor, dev_genesis(), states)))
	}

	/// Executes a block and keeps its state. Returns `None` if the state of the parent is not
	/// there. Dropping the future kills the program and all that it started.
	pub async fn execute(&self, input: &Input) -> Result<Option<Executed>, String> {
		let outcome = match self {
			Self::Demo(demo) => demo.clone().execute(input).await?,
			Self::Command { command, states } => {
				let request = Request::execute(input, states.directory());
				let answer: ExecuteAnswer = command::run(command, &request).await?;
				let outcome = answer.outcome().map_err(|error| command::invalid(&error))?;
				if outcome.is_some_and(|outcome| !states.contains(outcome.block_hash)) {
					return Err("the prover's command kept no state of the block".into());
				}
				outcome
			},
		};
		let Some(Outcome { block_hash, gas_used }) = outcome else { return Ok(None) };
		let limit = input.step.proposal.gas_limit;
		if gas_used > limit {
			return Err(format!(
				"the execution used {gas_used} gas, more than the limit of {limit}"
			));
		}
		Ok(Some(Executed { step: input.step, block_hash, gas_used }))
	}

	/// Proves a block. Dropping the future kills the program and all that it started.
	pub async fn prove(&self, input: &Input, statement: &Statement) -> Result<Vec<u8>, String> {
		match self {
			Self::Demo(demo) => {
				demo.attest(statement.instance).ok_or_else(|| "there is no attestation key".into())
			},
			Self::Command { command, states } => {
				let request = Request::prove(input, states.directory(), statement);
				let answer: ProveAnswer = command::run(command, &request).await?;
				Ok(answer.proof)
			},
		}
	}

	/// Returns the attestation key of the built-in prover.
	pub fn attestor(&self) -> Option<&Signer> {
		match self {
			Self::Demo(demo) => demo.attestor(),
			Self::Command { .. } => None,
		}
	}

	/// Returns whether the state of the block with this hash is there.
	pub fn has_state(&self, block_hash: H256) -> bool {
		match self {
			Self::Demo(demo) => demo.has_state(block_hash),
			Self::Command { states, .. } => states.contains(block_hash),
		}
	}

	/// Removes all states but these.
	pub fn retain_states(&self, wanted: &BTreeSet<H256>) {
		self.states().retain(wanted);
	}

	/// Removes the state of the block with this hash: it is of no use.
	pub fn remove_state(&self, block_hash: H256) {
		self.states().remove(block_hash);
	}

	fn states(&self) -> &StateStore {
		match self {
			Self::Demo(demo) => demo.states(),
			Self::Command { states, .. } => states,
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{
		decoded::hex,
		execution::{Parent, Proposal},
	};
	use std::fs;
	use tempfile::TempDir;

	pub fn input() -> Input {
		let proposal = Proposal {
			block_id: 2,
			tx_list_hash: H256([3; 32]),
			gas_limit: 6,
			beneficiary: AccountId([7; 32]),
		};
		let parent = Parent { id: 9, hash: H256([8; 32]) };
		Input { genesis_hash: H256([1; 32]), step: Step { proposal, parent }, tx_list: vec![4, 5] }
	}

	pub fn statement() -> Statement {
		Statement {
			execution: Execution {
				parent_hash: H256([8; 32]),
				block_hash: H256([12; 32]),
				gas_used: 5,
			},
			instance: H256([13; 32]),
			prover: AccountId([10; 32]),
			blocks_left: 11,
		}
	}

	/// Returns a prover with this command, with its directory.
	pub fn command(command: &str) -> (Prover, TempDir) {
		let folder = TempDir::new().unwrap();
		let states = StateStore::open(folder.path()).unwrap();
		(Prover::Command { command: command.into(), states }, folder)
	}

	/// Returns a shell command that answers to `execute` with this gas, and keeps a state.
	fn executing(gas_used: u32) -> (Prover, TempDir) {
		let hash = hex(&[12; 32]);
		let (_, folder) = command("");
		let path = folder.path().join(&hash);
		let script = format!(
			"cat > {0}; echo '{{\"block_hash\": \"{hash}\", \"gas_used\": {gas_used}}}'",
			path.display()
		);
		let states = StateStore::open(folder.path()).unwrap();
		(Prover::Command { command: script, states }, folder)
	}

	#[tokio::test]
	async fn a_command_executes_and_keeps_the_state() {
		let (prover, folder) = executing(6);
		let executed = prover.execute(&input()).await.unwrap().unwrap();
		let expected = Executed { step: input().step, block_hash: H256([12; 32]), gas_used: 6 };
		assert_eq!(executed, expected);
		assert!(prover.has_state(H256([12; 32])));
		let seen = fs::read(folder.path().join(hex(&[12; 32]))).unwrap();
		let seen: serde_json::Value = serde_json::from_slice(&seen).unwrap();
		assert_eq!(seen["verb"], "execute");
		let directory = fs::canonicalize(folder.path()).unwrap();
		assert_eq!(seen["state_dir"], directory.to_str().unwrap());
		prover.remove_state(H256([12; 32]));
		assert!(!prover.has_state(H256([12; 32])));
	}

	#[tokio::test]
	async fn a_command_that_lies_about_gas_or_its_state_is_not_believed() {
		let (prover, _folder) = executing(7);
		let error = prover.execute(&input()).await.unwrap_err();
		assert!(error.contains("more than the limit"), "{error}");
		let answer = format!("{{\"block_hash\": \"{}\", \"gas_used\": 1}}", hex(&[12; 32]));
		let (prover, _folder) = command(&format!("echo '{answer}'"));
		let error = prover.execute(&input()).await.unwrap_err();
		assert!(error.contains("kept no state"), "{error}");
	}

	#[tokio::test]
	async fn a_command_may_not_know_the_parent() {
		let (prover, _folder) = command("echo '{\"unknown_parent\": true}'");
		assert_eq!(prover.execute(&input()).await, Ok(None));
	}

	#[tokio::test]
	async fn a_command_makes_nothing_but_a_proof() {
		// What else it writes is not looked at.
		let answer = format!(
			"{{\"proof\": \"0x0e\", \"block_hash\": \"{}\", \"gas_used\": 1, \"instance\": \"0x\"}}",
			hex(&[99; 32])
		);
		let (prover, _folder) = command(&format!("echo '{answer}'"));
		assert_eq!(prover.prove(&input(), &statement()).await, Ok(vec![14]));
	}

	#[tokio::test]
	async fn an_answer_without_a_result_is_refused() {
		for garbage in
			["echo {}", "echo 'null'", "echo '{\"proof\": \"12\"}'", "head -c 99 /dev/zero"]
		{
			let (prover, _folder) = command(garbage);
			let error = prover.execute(&input()).await.unwrap_err();
			assert!(error.contains("is not valid"), "{error}");
			let error = prover.prove(&input(), &statement()).await.unwrap_err();
			assert!(error.contains("is not valid"), "{error}");
		}
	}
}
