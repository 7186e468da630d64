//! The source of proofs: an attestation key, or a program of the operator's choice.

use super::{store::hexadecimal, work::Due};
use crate::{
	chain::{AccountId, BlockId, H256},
	keys::{self, Signer},
	prove::{attest, demo_block_hash, instance_hash},
	reads::rollup::{Block, Evidence},
};
use rustix::process::{kill_process_group, Pid, Signal};
use serde::{Deserialize, Serialize};
use std::{process::Stdio, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	process::{Child, Command},
	time::timeout,
};

/// The version of the protocol with the program. It changes when older programs would not
/// understand.
const VERSION: u32 = 1;
/// The most bytes of an answer. Proofs have a few kilobytes.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// The source of proofs.
#[derive(Clone, Debug)]
pub enum Prover {
	/// Attests to blocks of the demo rollup, which executes nothing, with this key.
	Attestor(Box<Signer>),
	/// Runs a shell command for each proof.
	Command(String),
}

/// What to prove: written to the program as one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
	version: u32,
	/// The genesis hash of the chain.
	pub genesis_hash: H256,
	/// The block of the rollup.
	pub block_id: BlockId,
	/// The hash of its transaction list.
	pub tx_list_hash: H256,
	/// The list itself.
	#[serde(with = "hexadecimal")]
	pub tx_list: Vec<u8>,
	/// The most gas that it may use.
	pub gas_limit: u32,
	/// The 32 bytes of the account that earns the rollup's fees.
	#[serde(serialize_with = "account")]
	pub beneficiary: AccountId,
	/// The hash of the parent.
	pub parent_hash: H256,
	/// The block that has that hash; 0 for the last verified one.
	pub parent_id: BlockId,
	/// The account that proves.
	#[serde(serialize_with = "account")]
	pub prover: AccountId,
	/// The number of blocks of the chain until the proof would be late.
	pub blocks_left: u32,
}

/// A proof: read from the program as JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Answer {
	/// The hash that the list gives the block.
	pub block_hash: H256,
	/// The gas that it uses.
	pub gas_used: u32,
	/// The proof.
	#[serde(with = "hexadecimal")]
	pub proof: Vec<u8>,
}

impl Request {
	/// Creates the request for a proof that is due, at this time of the rollup's clock.
	pub fn new(
		genesis_hash: H256,
		prover: AccountId,
		due: &Due,
		block: &Block,
		tx_list: Vec<u8>,
		now: u32,
	) -> Self {
		Self {
			version: VERSION,
			genesis_hash,
			block_id: due.task.block,
			tx_list_hash: block.tx_list_hash,
			tx_list,
			gas_limit: block.gas_limit,
			beneficiary: block.beneficiary,
			parent_hash: due.task.parent,
			parent_id: due.parent_id,
			prover,
			blocks_left: due.deadline.saturating_sub(now),
		}
	}
}

impl Prover {
	/// Returns whether it needs the transaction list, not only its hash.
	pub fn needs_list(&self) -> bool {
		matches!(self, Prover::Command(_))
	}

	/// Makes a proof. Dropping the future kills the program and all that it started.
	pub async fn prove(&self, request: &Request, block: &Block) -> Result<Answer, String> {
		match self {
			Prover::Attestor(key) => Ok(attested(key, request, block)),
			Prover::Command(command) => run(command, request).await,
		}
	}
}

fn attested(key: &Signer, request: &Request, block: &Block) -> Answer {
	let evidence = Evidence {
		tx_list_hash: request.tx_list_hash,
		block_hash: demo_block_hash(request.parent_hash, request.tx_list_hash),
		parent_hash: request.parent_hash,
		gas_used: request.gas_limit,
	};
	let instance =
		instance_hash(request.genesis_hash, request.block_id, block, &evidence, &request.prover);
	Answer {
		block_hash: evidence.block_hash,
		gas_used: evidence.gas_used,
		proof: attest(key, instance),
	}
}

async fn run(command: &str, request: &Request) -> Result<Answer, String> {
	/// How long output is read after the command has ended.
	const DRAIN: Duration = Duration::from_secs(1);
	let line = serde_json::to_string(request).map_err(|error| error.to_string())? + "\n";
	let child = shell(command)
		.spawn()
		.map_err(|error| format!("the prover's command cannot be started: {error}"))?;
	let mut group = Group::new(child);
	let io =
		|error: std::io::Error| format!("input or output of the prover's command failed: {error}");
	let (stdin, stdout) = (group.child.stdin.take(), group.child.stdout.take());
	let mut answer = Vec::new();
	let status = {
		let write = async {
			if let Some(mut stdin) = stdin {
				// It need not read its input.
				let _ = stdin.write_all(line.as_bytes()).await;
				let _ = stdin.shutdown().await;
			}
		};
		let read = async {
			if let Some(stdout) = stdout {
				let mut stdout = stdout.take(MAX_ANSWER);
				while stdout.read_buf(&mut answer).await? > 0 {}
			}
			Ok::<_, std::io::Error>(())
		};
		// Both at once, as it may answer before it has read all.
		let talk = async { tokio::join!(write, read).1 };
		tokio::pin!(talk);
		let (status, talked) = tokio::select! {
			read = &mut talk => (group.child.wait().await, Some(read)),
			status = group.child.wait() => (status, None),
		};
		// Its background processes end with it. Otherwise they could hold the pipe open.
		group.kill();
		let talked = match talked {
			Some(talked) => talked,
			None => timeout(DRAIN, talk).await.unwrap_or(Ok(())),
		};
		talked.and(status).map_err(io)?
	};
	if !status.success() {
		return Err(format!("the prover's command failed: {status}"));
	}
	serde_json::from_slice(&answer)
		.map_err(|error| format!("the answer of the prover's command is not valid: {error}"))
}

/// The command, not yet started.
fn shell(command: &str) -> Command {
	let mut shell = Command::new("/bin/sh");
	shell.args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::piped());
	// A group of its own, which is killed as a whole.
	shell.process_group(0).kill_on_drop(true);
	// The program must not see the account's key.
	for name in keys::VARIABLES {
		shell.env_remove(name);
	}
	shell
}

/// A program with all that it started.
struct Group {
	child: Child,
	/// The id of the process group, until it was killed.
	id: Option<Pid>,
}

impl Group {
	fn new(child: Child) -> Self {
		let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
		Self { child, id }
	}

	/// Kills it, once: the number of a group that has ended may be given to another later.
	fn kill(&mut self) {
		if let Some(id) = self.id.take() {
			let _ = kill_process_group(id, Signal::KILL);
		}
	}
}

impl Drop for Group {
	fn drop(&mut self) {
		self.kill();
	}
}

fn account<S: serde::Serializer>(account: &AccountId, to: S) -> Result<S::Ok, S::Error> {
	hexadecimal::serialize(&account.0, to)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{daemon::work::Task, decoded::hex};
	use std::{fs, time::Instant};
	use tempfile::TempDir;
	use tokio::time::sleep;

	fn request() -> Request {
		Request {
			version: VERSION,
			genesis_hash: H256([1; 32]),
			block_id: 2,
			tx_list_hash: H256([3; 32]),
			tx_list: vec![4, 5],
			gas_limit: 6,
			beneficiary: AccountId([7; 32]),
			parent_hash: H256([8; 32]),
			parent_id: 9,
			prover: AccountId([10; 32]),
			blocks_left: 11,
		}
	}

	/// A command that saves the request and answers.
	#[tokio::test]
	async fn a_command_reads_a_request_and_writes_a_proof() {
		let dir = TempDir::new().unwrap();
		let (seen, answer) = (dir.path().join("seen"), hex(&[12; 32]));
		let script = format!(
			"cat > {}; echo '{{\"block_hash\": \"{answer}\", \"gas_used\": 13, \"proof\": \"0x0e\"}}'",
			seen.display()
		);
		let made = run(&script, &request()).await.unwrap();
		let expected = Answer { block_hash: H256([12; 32]), gas_used: 13, proof: vec![14] };
		assert_eq!(made, expected);
		let seen: serde_json::Value = serde_json::from_slice(&fs::read(seen).unwrap()).unwrap();
		let bytes = |byte| hex(&[byte; 32]);
		let request = serde_json::json!({
			"version": 1,
			"genesis_hash": bytes(1),
			"block_id": 2,
			"tx_list_hash": bytes(3),
			"tx_list": "0x0405",
			"gas_limit": 6,
			"beneficiary": bytes(7),
			"parent_hash": bytes(8),
			"parent_id": 9,
			"prover": bytes(10),
			"blocks_left": 11,
		});
		assert_eq!(seen, request);
	}

	#[tokio::test]
	async fn a_command_that_fails_or_answers_nonsense_gives_no_proof() {
		for (command, reason) in [
			("exit 3", "failed: exit status: 3"),
			("kill -9 $$", "failed: signal: 9"),
			("cat > /dev/null", "is not valid"),
			("echo {}", "is not valid"),
			("/no/such/program", "failed: exit status: 127"),
		] {
			let error = run(command, &request()).await.unwrap_err();
			assert!(error.contains(reason), "{command}: {error}");
		}
	}

	/// A list that fills every pipe does not block a command that reads nothing of it.
	#[tokio::test]
	async fn a_command_need_not_read_the_request() {
		let request = Request { tx_list: vec![0; 1 << 20], ..request() };
		let error = timeout(Duration::from_secs(20), run("exit 3", &request)).await.unwrap();
		assert!(error.unwrap_err().contains("exit status: 3"));
	}

	/// With the pipe held open or not, and with a proof or not.
	#[tokio::test]
	async fn what_a_command_leaves_behind_ends_with_it_and_spoils_no_proof() {
		let proof = format!(
			"{{\"block_hash\": \"{}\", \"gas_used\": 1, \"proof\": \"0x01\"}}",
			hex(&[2; 32])
		);
		for (output, end, is_proof) in [
			("", format!("echo '{proof}'"), true),
			("> /dev/null", format!("echo '{proof}'"), true),
			("", "exit 3".into(), false),
		] {
			let dir = TempDir::new().unwrap();
			let path = dir.path().join("alive");
			let forever =
				format!("(while true; do date > {}; sleep 0.05; done) {output} &", path.display());
			let wait = format!("while [ ! -e {} ]; do sleep 0.02; done", path.display());
			let script = format!("{forever} {wait}; {end}");
			let made = timeout(Duration::from_secs(20), run(&script, &request())).await;
			assert_eq!(made.expect("the answer is there").is_ok(), is_proof, "{script}");
			// Whatever still ran would write again.
			sleep(Duration::from_millis(200)).await;
			fs::remove_file(&path).unwrap();
			sleep(Duration::from_millis(300)).await;
			assert!(!path.exists(), "{script}");
		}
	}

	#[test]
	fn a_command_does_not_inherit_keys() {
		let shell = shell("true");
		let variables: Vec<_> = shell.as_std().get_envs().collect();
		for name in [
			"PROVER_POOL_SURI",
			"PROVER_POOL_SURI_FILE",
			"PROVER_POOL_KEYSTORE",
			"PROVER_POOL_PASSWORD",
			"PROVER_POOL_PASSWORD_FILE",
		] {
			assert!(variables.contains(&(name.as_ref(), None)), "{name}");
		}
	}

	#[tokio::test]
	async fn a_command_that_is_given_up_is_killed_with_its_children() {
		let dir = TempDir::new().unwrap();
		let path = dir.path().join("alive");
		let script = format!("(while true; do date > {}; sleep 0.05; done) & wait", path.display());
		let hanging = tokio::spawn(async move { run(&script, &request()).await });
		let start = Instant::now();
		while !path.exists() {
			assert!(start.elapsed() < Duration::from_secs(20), "the command does not run");
			sleep(Duration::from_millis(20)).await;
		}
		hanging.abort();
		assert!(hanging.await.unwrap_err().is_cancelled());
		// Whatever still ran would write again.
		sleep(Duration::from_millis(200)).await;
		fs::remove_file(&path).unwrap();
		sleep(Duration::from_millis(300)).await;
		assert!(!path.exists());
	}

	#[test]
	fn a_request_is_about_the_block_that_is_due() {
		let task = Task { block: 2, parent: H256([8; 32]) };
		let due = Due { task, parent_id: 9, parent_on_chain: true, deadline: 30 };
		let block = crate::daemon::work::tests::mine();
		let request = Request::new(H256([1; 32]), AccountId([10; 32]), &due, &block, vec![], 19);
		assert_eq!((request.block_id, request.parent_id, request.blocks_left), (2, 9, 11));
		assert_eq!(request.parent_hash, task.parent);
		assert_eq!(request.tx_list_hash, block.tx_list_hash);
		assert_eq!((request.gas_limit, request.beneficiary), (block.gas_limit, block.beneficiary));
	}
}
