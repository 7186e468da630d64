//! Runs the real programs, without ever leaving one behind.
#![allow(dead_code)] // No test uses all of it.

use prover_pool_cli::{
	actor::Actor,
	chain::api::{self, runtime_types::prover_pool_runtime::configs::proxies::ProxyType},
	client::Client,
	keys::Signer,
	output::Progress,
	submit::{Prepared, Wait},
};
use serde_json::Value;
use std::{
	env,
	ffi::OsStr,
	fs::{self, File},
	path::{Path, PathBuf},
	process::{Child, Command, Output, Stdio},
	thread::sleep,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longer than anything takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(400);

/// The command line, with nothing of the environment that names nodes or keys.
pub fn command<I: AsRef<OsStr>>(args: impl IntoIterator<Item = I>) -> Command {
	let mut command = Command::new(env!("CARGO_BIN_EXE_prover-pool"));
	for (name, _) in
		env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PROVER_POOL"))
	{
		command.env_remove(name);
	}
	command.args(args).stdin(Stdio::null());
	command
}

/// A file in this folder that only its owner can read.
pub fn secret(folder: &TempDir, content: &str) -> String {
	let path = folder.path().join("secret");
	fs::write(&path, content).unwrap();
	set_mode(&path, 0o600);
	path.to_str().unwrap().into()
}

/// Sets the permissions of a file.
pub fn set_mode(path: impl AsRef<Path>, mode: u32) {
	use std::os::unix::fs::PermissionsExt;
	fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
	pub code: i32,
	pub stdout: String,
	pub stderr: String,
}

/// Runs to the end.
pub fn run(mut command: Command) -> Ran {
	Ran::new(command.output().unwrap())
}

impl Ran {
	fn new(output: Output) -> Self {
		let text = |bytes| String::from_utf8(bytes).unwrap();
		let (stdout, stderr) = (text(output.stdout), text(output.stderr));
		assert!(!stderr.contains("panicked"), "{stderr}");
		Self { code: output.status.code().unwrap_or(-1), stdout, stderr }
	}

	/// The result of a run that must succeed without a word on standard error.
	#[track_caller]
	pub fn ok(self) -> String {
		assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
		self.stdout
	}

	/// The same, as JSON on one line.
	#[track_caller]
	pub fn json(self) -> Value {
		let stdout = self.ok();
		assert_eq!(stdout.lines().count(), 1, "{stdout}");
		serde_json::from_str(&stdout).unwrap()
	}

	/// The one line on standard error of a run that must fail with this exit code and no result.
	#[track_caller]
	pub fn fails(self, code: i32) -> String {
		assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{}", self.stderr);
		assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
		self.stderr.trim_end().into()
	}

	/// The same, with any exit code but 0.
	#[track_caller]
	pub fn fails_with_any(self) -> String {
		let code = self.code;
		assert_ne!(code, 0);
		self.fails(code)
	}

	/// Of a run that must fail since the chain refuses the call: why, by name.
	#[track_caller]
	pub fn refused(self, name: &str) {
		let line = self.fails(4);
		assert!(line.starts_with(&format!("error: refused by the chain: {name}")), "{line}");
	}
}

/// A program that runs; killed when dropped.
pub struct Running {
	process: Child,
	output: TempDir,
}

impl Running {
	pub fn start(mut command: Command) -> Self {
		// Files, because nobody empties a pipe while the program runs.
		let output = TempDir::new().unwrap();
		let file = |name| File::create(output.path().join(name)).unwrap();
		let process = command
			.stdin(Stdio::null())
			.stdout(file("stdout"))
			.stderr(file("stderr"))
			.spawn()
			.unwrap_or_else(|error| panic!("{command:?}: {error}"));
		Self { process, output }
	}

	pub fn stdout(&self) -> String {
		self.read("stdout")
	}

	pub fn stderr(&self) -> String {
		self.read("stderr")
	}

	fn read(&self, name: &str) -> String {
		String::from_utf8_lossy(&fs::read(self.output.path().join(name)).unwrap()).into_owned()
	}

	/// Waits until `found` finds something in what was written.
	pub fn wait<T>(&mut self, found: impl Fn(&Self) -> Option<T>) -> T {
		let start = Instant::now();
		loop {
			if let Some(it) = found(self) {
				return it;
			}
			let ended = self.process.try_wait().unwrap();
			if ended.is_some() || start.elapsed() > PATIENCE {
				panic!("waited in vain ({ended:?}): {}{}", self.stdout(), self.stderr());
			}
			sleep(Duration::from_millis(50));
		}
	}

	/// Sends a signal and waits for the end.
	pub fn signal(self, name: &str) -> Ran {
		let pid = self.process.id().to_string();
		assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
		self.end()
	}

	/// Waits for the end.
	pub fn end(mut self) -> Ran {
		let start = Instant::now();
		let status = loop {
			if let Some(status) = self.process.try_wait().unwrap() {
				break status;
			}
			assert!(start.elapsed() < PATIENCE, "it does not end");
			sleep(Duration::from_millis(20));
		};
		Ran { code: status.code().unwrap_or(-1), stdout: self.stdout(), stderr: self.stderr() }
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}

/// A development chain that makes blocks quickly.
pub struct Node {
	_process: Running,
	pub url: String,
}

impl Node {
	/// Starts a node on ports of its own, with two blocks a second.
	pub fn start() -> Self {
		Self::sealing("500")
	}

	/// The same, with another time between two blocks.
	pub fn sealing(milliseconds: &str) -> Self {
		Self::with(milliseconds, &[])
	}

	/// The same, with further arguments.
	pub fn with(milliseconds: &str, further: &[&str]) -> Self {
		let mut node = Command::new(node_path());
		node.args(["--dev", "--tmp", "--sealing", milliseconds, "--rpc-port", "0", "--port", "0"])
			.args(["--no-prometheus", "--no-telemetry"])
			.args(further);
		let mut process = Running::start(node);
		let address = process.wait(|node| {
			let log = node.stderr();
			let (_, after) = log.split_once("Running JSON-RPC server: addr=")?;
			let line = after.split_once('\n')?.0;
			line.split(',').next().map(|address| address.trim().to_string())
		});
		let url = format!("ws://{address}");
		Self { _process: process, url }
	}

	/// The command line, connected to it.
	pub fn command(&self, args: &[&str]) -> Command {
		let mut command = command(args);
		command.env("PROVER_POOL_URL", &self.url);
		command
	}

	/// Runs a command to its end.
	pub fn run(&self, args: &[&str]) -> Ran {
		run(self.command(args))
	}

	/// Runs a command that must succeed, and returns its result as JSON.
	#[track_caller]
	pub fn json(&self, args: &[&str]) -> Value {
		self.run(&[args, &["--output", "json"]].concat()).json()
	}

	/// Asks again until the result is as expected.
	#[track_caller]
	pub fn until(&self, args: &[&str], expected: impl Fn(&Value) -> bool) -> Value {
		let start = Instant::now();
		loop {
			let result = self.json(args);
			if expected(&result) {
				return result;
			}
			assert!(start.elapsed() < PATIENCE, "{args:?} in vain: {result}");
			sleep(Duration::from_millis(200));
		}
	}
}

/// The node's program: built with this one, or named.
pub fn node_path() -> PathBuf {
	let beside = Path::new(env!("CARGO_BIN_EXE_prover-pool")).with_file_name("prover-pool-node");
	let path = env::var_os("PROVER_POOL_NODE").map_or(beside, PathBuf::from);
	assert!(
		path.exists(),
		"{} is missing: build the node (cargo build -p prover-pool-node), or name it with PROVER_POOL_NODE",
		path.display()
	);
	path
}

/// The program of the example.
pub fn attest() -> PathBuf {
	let program = Path::new(env!("CARGO_BIN_EXE_prover-pool")).with_file_name("examples/attest");
	assert!(program.exists(), "{} is missing: cargo build --examples", program.display());
	program
}

/// Returns a command that executes as the example does, and proves by this script, which finds the
/// request in `$request`.
pub fn proving_by(script: &str) -> String {
	let attest = attest().display().to_string();
	format!(
		"request=$(cat); case \"$request\" in *'\"verb\":\"execute\"'*) \
		 printf '%s' \"$request\" | {attest};; *) {script};; esac"
	)
}

/// A development account with its key.
pub fn account(name: &str) -> Actor {
	Signer::development(name).unwrap().into()
}

/// Lets a key act for a development account.
pub async fn add_proxy(client: &Client, of: &str, key: &str, proxy_type: ProxyType) {
	let delegate = account(key).account().into();
	let call = api::transactions().proxy().add_proxy(delegate, proxy_type, 0);
	let prepared = Prepared::sign(client, &account(of), &call, None).await.unwrap();
	prepared.submit(client, Wait::InBlock, PATIENCE, &Progress::silent()).await.unwrap();
}

/// The events of that name in the JSON of a transaction.
pub fn event<'a>(outcome: &'a Value, name: &str) -> &'a Value {
	let events = outcome["events"].as_array().unwrap();
	let found = events.iter().find(|event| event["name"] == name);
	&found.unwrap_or_else(|| panic!("no {name} in {outcome}"))["data"]
}
