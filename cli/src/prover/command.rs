//! Runs a prover's program: JSON to its standard input, JSON from its standard output.

use crate::keys;
use rustix::process::{kill_process_group, Pid, Signal};
use serde::{de::DeserializeOwned, Serialize};
use std::{process::Stdio, time::Duration};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	process::{Child, Command},
	time::timeout,
};

/// The most bytes of an answer. Proofs have a few kilobytes.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// Runs a shell command with this request and returns its answer. Dropping the future kills the
/// program and all that it started.
pub async fn run<A: DeserializeOwned>(
	command: &str,
	request: &impl Serialize,
) -> Result<A, String> {
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
	serde_json::from_slice(&answer).map_err(|error| invalid(&error))
}

/// Returns the reason for which an answer is refused.
pub fn invalid(error: &dyn std::fmt::Display) -> String {
	format!("the answer of the prover's command is not valid: {error}")
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

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, Value};
	use std::{fs, time::Instant};
	use tempfile::TempDir;
	use tokio::time::sleep;

	const ANSWER: &str = r#"{"proof": "0x01"}"#;

	async fn answer_of(command: &str, request: &Value) -> Result<Value, String> {
		run(command, request).await
	}

	#[tokio::test]
	async fn a_command_reads_a_request_and_writes_an_answer() {
		let dir = TempDir::new().unwrap();
		let seen = dir.path().join("seen");
		let script = format!("cat > {}; echo '{ANSWER}'", seen.display());
		let request = json!({ "verb": "prove", "block_id": 7 });
		assert_eq!(answer_of(&script, &request).await, Ok(json!({ "proof": "0x01" })));
		let seen = fs::read_to_string(seen).unwrap();
		assert!(seen.ends_with('\n') && seen.lines().count() == 1, "{seen}");
		assert_eq!(serde_json::from_str::<Value>(&seen).unwrap(), request);
	}

	#[tokio::test]
	async fn a_command_that_fails_or_answers_nonsense_gives_no_answer() {
		for (command, reason) in [
			("exit 3", "failed: exit status: 3"),
			("kill -9 $$", "failed: signal: 9"),
			("cat > /dev/null", "is not valid"),
			("echo nonsense", "is not valid"),
			("/no/such/program", "failed: exit status: 127"),
		] {
			let error = answer_of(command, &json!({})).await.unwrap_err();
			assert!(error.contains(reason), "{command}: {error}");
		}
	}

	#[tokio::test]
	async fn an_endless_answer_is_cut_off() {
		let request = json!({});
		let endless = answer_of("exec yes", &request);
		let error = timeout(Duration::from_secs(60), endless).await.unwrap().unwrap_err();
		assert!(error.contains("failed: signal: 13"), "{error}");
	}

	/// A list that fills every pipe does not block a command that reads nothing of it.
	#[tokio::test]
	async fn a_command_need_not_read_the_request() {
		let request = json!("0".repeat(1 << 21));
		let error = timeout(Duration::from_secs(20), answer_of("exit 3", &request)).await.unwrap();
		assert!(error.unwrap_err().contains("exit status: 3"));
	}

	/// With the pipe held open or not, and with an answer or not.
	#[tokio::test]
	async fn what_a_command_leaves_behind_ends_with_it_and_spoils_no_answer() {
		for (output, end, is_proof) in [
			("", format!("echo '{ANSWER}'"), true),
			("> /dev/null", format!("echo '{ANSWER}'"), true),
			("", "exit 3".into(), false),
		] {
			let dir = TempDir::new().unwrap();
			let path = dir.path().join("alive");
			let forever =
				format!("(while true; do date > {}; sleep 0.05; done) {output} &", path.display());
			let wait = format!("while [ ! -e {} ]; do sleep 0.02; done", path.display());
			let script = format!("{forever} {wait}; {end}");
			let made = timeout(Duration::from_secs(20), answer_of(&script, &json!({}))).await;
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
		let hanging = tokio::spawn(async move { answer_of(&script, &json!({})).await });
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
}
