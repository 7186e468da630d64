//! The daemon against a real node: crashes, restarts, lost connections, provers that hang, claims
//! that are wrong or missing. And the exporter, which shows what becomes of the blocks.

mod common;
#[path = "daemon/edges.rs"]
mod edges;
#[path = "daemon/exporter.rs"]
mod exporter;
#[path = "daemon/liveness.rs"]
mod liveness;
#[path = "daemon/proxies.rs"]
mod proxies;
#[path = "daemon/sending.rs"]
mod sending;

use common::{attest, command, node_path, proving_by, Running, PATIENCE};
use prover_pool_cli::{
	chain::{
		api::{self, runtime_types::prover_pool_runtime::RuntimeCall},
		BlockId,
	},
	client::Client,
	keys::Signer,
	output::Progress,
	submit::{Prepared, Wait},
};
use serde_json::Value;
use std::{
	collections::BTreeMap,
	fs,
	io::{copy, Read, Write},
	net::{Shutdown, SocketAddr, TcpListener, TcpStream},
	process::Command,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex,
	},
	thread::{self, sleep},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// The members of the pool.
const MEMBERS: [&str; 3] = ["charlie", "dave", "eve"];

/// A node that keeps its chain when it is restarted.
struct Node {
	process: Option<Running>,
	folder: TempDir,
	sealing: u32,
	further: Vec<&'static str>,
	address: String,
}

impl Node {
	fn start(sealing: u32) -> Self {
		Self::with(sealing, &[])
	}

	/// One with further arguments.
	fn with(sealing: u32, further: &[&'static str]) -> Self {
		let folder = TempDir::new().unwrap();
		let (further, address) = (further.to_vec(), "127.0.0.1:0".into());
		let mut node = Self { process: None, folder, sealing, further, address };
		node.run();
		node
	}

	fn run(&mut self) {
		let port = self.address.rsplit(':').next().unwrap();
		let mut program = Command::new(node_path());
		program
			.args(["--dev", "--no-prometheus", "--no-telemetry", "--port", "0", "--rpc-port", port])
			.args(["--sealing", &self.sealing.to_string()])
			.args(&self.further)
			// A slow machine makes more blocks than a node keeps, and `history` reads all of them.
			.args(
				self.further.is_empty().then_some(["--state-pruning", "archive"]).iter().flatten(),
			)
			.arg("--base-path")
			.arg(self.folder.path());
		let mut process = Running::start(program);
		self.address = process.wait(|node| {
			let log = node.stderr();
			let (_, after) = log.split_once("Running JSON-RPC server: addr=")?;
			let line = after.split_once('\n')?.0;
			line.split(',').next().map(|address| address.trim().to_string())
		});
		self.process = Some(process);
	}

	fn stop(&mut self) {
		self.process.take().unwrap().signal("TERM");
	}

	fn url(&self) -> String {
		format!("ws://{}", self.address)
	}

	/// Proposes this number of blocks.
	fn propose(&self, count: usize) {
		let list = self.folder.path().join("list");
		for _ in 0..count {
			fs::write(&list, format!("{:?}", Instant::now())).unwrap();
			let mut propose =
				command(["propose", "--gas-limit", "5000000", "--dev", "ferdie", "-y"]);
			propose.arg(&list).env("PROVER_POOL_URL", self.url());
			common::run(propose).ok();
		}
	}

	/// Waits until no block waits, and returns the last that was verified.
	fn verified(&self) -> BlockId {
		let start = Instant::now();
		loop {
			let blocks = self.json(&["blocks"]);
			if blocks["blocks"].as_array().unwrap().is_empty() {
				return blocks["verified_id"].as_u64().unwrap();
			}
			assert!(start.elapsed() < PATIENCE, "not verified: {blocks}");
			sleep(Duration::from_millis(300));
		}
	}

	/// Returns what the command line shows as JSON.
	fn json(&self, args: &[&str]) -> Value {
		let mut shown = command(args);
		shown.args(["--output", "json"]).env("PROVER_POOL_URL", self.url());
		common::run(shown).json()
	}

	/// The number of the best block.
	fn best(&self) -> u64 {
		self.json(&["status"])["best_block"].as_u64().unwrap()
	}

	/// The waiting blocks that have a prover, and that prover.
	fn assigned(&self) -> Vec<(BlockId, String)> {
		let blocks = self.json(&["blocks"]);
		let blocks = blocks["blocks"].as_array().unwrap().iter();
		let assigned = blocks.filter_map(|block| {
			let prover = block["status"]["prover"].as_str()?;
			Some((block["block_id"].as_u64()?, prover.to_string()))
		});
		assigned.collect()
	}

	/// Reads the chain's events.
	async fn history(&self) -> History {
		use api::{block_proposal::events as rollup, system::events::ExtrinsicFailed};
		let client = Client::connect(&[self.url()], false).await.unwrap();
		let best = client.best().await.unwrap().block_number();
		let mut history = History::default();
		for number in 1..=best {
			let hash = client.rpc().chain_get_block_hash(Some(number.into())).await.unwrap();
			let at = client.at(hash.unwrap()).await.unwrap();
			let events = at.events().fetch().await.unwrap();
			for event in events.find::<rollup::BlockClaimed>() {
				*history.claims.entry(event.unwrap().block_id).or_insert(0) += 1;
			}
			for event in events.find::<rollup::BlockVerified>() {
				let event = event.unwrap();
				history.verdicts.insert(event.block_id, format!("{:?}", event.verdict));
			}
			let skipped = events.find::<rollup::BlockSkipped>();
			history.skipped.extend(skipped.map(|event| event.unwrap().block_id));
			history.failures += usize::from(events.has::<ExtrinsicFailed>());
		}
		history
	}

	/// Checks the whole chain: each of the first `blocks` was proven once, by its prover, in time.
	async fn check(&self, blocks: BlockId) {
		let History { claims, verdicts, skipped, failures } = self.history().await;
		let all = 1..=blocks;
		assert_eq!(claims, all.clone().map(|id| (id, 1)).collect());
		assert_eq!(verdicts, all.map(|id| (id, "InTime".to_string())).collect());
		assert_eq!((skipped, failures), (vec![], 0));
	}
}

/// The life of the blocks, from the events of all blocks of the chain.
#[derive(Default)]
struct History {
	/// How often each block was claimed.
	claims: BTreeMap<BlockId, u32>,
	/// How each verified block was paid.
	verdicts: BTreeMap<BlockId, String>,
	/// The skipped blocks.
	skipped: Vec<BlockId>,
	/// The number of blocks of the chain in which a transaction failed.
	failures: usize,
}

/// A daemon, with what it needs to be started again.
struct Daemon {
	process: Option<Running>,
	args: Vec<String>,
	metrics: SocketAddr,
	state: TempDir,
}

impl Daemon {
	/// Starts a daemon of this member, with these nodes and this source of proofs.
	fn start(member: &str, urls: &str, proofs: &[&str]) -> Self {
		// Free now, and nobody else asks for it within this moment.
		let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
		let mut args: Vec<String> =
			["run", "--dev", member, "--url", urls].map(String::from).to_vec();
		args.extend(proofs.iter().map(|arg| arg.to_string()));
		let mut daemon = Self { process: None, args, metrics, state: TempDir::new().unwrap() };
		daemon.run(&[]);
		daemon
	}

	/// One that makes attestations itself.
	fn attesting(member: &str, node: &Node) -> Self {
		Self::start(member, &node.url(), &["--attestor-dev"])
	}

	fn run(&mut self, further: &[&str]) {
		let mut run = command(&self.args);
		run.args(further).arg("--state").arg(self.state.path());
		run.args(["--metrics", &self.metrics.to_string()]);
		let mut process = Running::start(run);
		process.wait(|daemon| daemon.stderr().contains("connected").then_some(()));
		self.process = Some(process);
	}

	fn kill(&mut self) {
		self.process.take().unwrap().signal("KILL");
	}

	fn log(&self) -> String {
		self.process.as_ref().map(Running::stderr).unwrap_or_default()
	}

	/// The values of all metrics.
	fn metrics(&self) -> BTreeMap<String, f64> {
		scrape(self.metrics)
	}

	fn metric(&self, name: &str) -> f64 {
		let metrics = self.metrics();
		*metrics.get(name).unwrap_or_else(|| panic!("{name} is not in {metrics:?}"))
	}

	/// Returns how many proofs were refused, for any reason.
	fn rejected(&self) -> f64 {
		let all = self.metrics();
		all.iter().filter(|(name, _)| name.contains("rejected")).map(|(_, count)| count).sum()
	}

	/// Waits until a metric is as expected.
	fn until(&self, name: &str, expected: impl Fn(f64) -> bool) -> f64 {
		let start = Instant::now();
		loop {
			let value = self.metric(name);
			if expected(value) {
				return value;
			}
			assert!(start.elapsed() < PATIENCE, "{name} is {value}: {}", self.log());
			sleep(Duration::from_millis(100));
		}
	}

	fn stop(mut self) -> String {
		let ended = self.process.take().unwrap().signal("TERM");
		assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
		ended.stderr
	}
}

/// Returns what a server answers.
fn ask(address: SocketAddr, path: &str) -> String {
	let mut stream = TcpStream::connect(address).unwrap();
	let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
	stream.write_all(request.as_bytes()).unwrap();
	let mut text = String::new();
	stream.read_to_string(&mut text).unwrap();
	text
}

/// Returns the values of all metrics.
fn scrape(address: SocketAddr) -> BTreeMap<String, f64> {
	let text = ask(address, "/metrics");
	assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
	let lines = text.lines().filter(|line| line.starts_with("prover_pool_"));
	let values = lines.filter_map(|line| line.rsplit_once(' '));
	values.map(|(name, value)| (name.into(), value.parse().unwrap())).collect()
}

/// A connection to a node that can be cut.
struct TcpProxy {
	address: SocketAddr,
	open: Arc<AtomicBool>,
	streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl TcpProxy {
	fn to(address: &str) -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").unwrap();
		let path = Self {
			address: listener.local_addr().unwrap(),
			open: Arc::new(AtomicBool::new(true)),
			streams: Arc::default(),
		};
		let (open, streams, target) =
			(path.open.clone(), path.streams.clone(), address.to_string());
		thread::spawn(move || {
			for client in listener.incoming().flatten() {
				// Without a node behind it, the connection ends at once.
				let Ok(node) = TcpStream::connect(&target) else { continue };
				if !open.load(Ordering::SeqCst) {
					continue;
				}
				for (from, to) in [(&client, &node), (&node, &client)] {
					let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
					thread::spawn(move || {
						let _ = copy(&mut from, &mut to);
						let _ = to.shutdown(Shutdown::Both);
					});
				}
				streams.lock().unwrap().extend([client, node]);
			}
		});
		path
	}

	fn url(&self) -> String {
		format!("ws://{}", self.address)
	}

	fn mend(&self) {
		self.open.store(true, Ordering::SeqCst);
	}

	fn cut(&self) {
		self.open.store(false, Ordering::SeqCst);
		for stream in self.streams.lock().unwrap().drain(..) {
			let _ = stream.shutdown(Shutdown::Both);
		}
	}
}

/// Returns a command that proves as the example does after this number of seconds.
fn proving_after(seconds: &str) -> String {
	let attest = attest().display().to_string();
	proving_by(&format!("sleep {seconds}; printf '%s' \"$request\" | {attest}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_or_proven_twice_whatever_breaks() {
	let mut node = Node::start(500);
	let (first, second) = (TcpProxy::to(&node.address), TcpProxy::to(&node.address));
	let urls = format!("{},{}", first.url(), second.url());
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	// Half of all blocks are its.
	let mut dave = Daemon::start("dave", &urls, &["--prover-command", &proving_after("0.3")]);

	node.propose(5);
	assert_eq!(node.verified(), 5);

	// Killed while there is work, and started again.
	node.propose(4);
	dave.kill();
	node.propose(2);
	dave.run(&[]);
	assert_eq!(node.verified(), 11);

	// The node is restarted.
	node.propose(2);
	node.stop();
	for daemon in [&dave, &others[0], &others[1]] {
		daemon.until("prover_pool_connected", |connected| connected == 0.0);
	}
	node.run();
	node.propose(2);
	assert_eq!(node.verified(), 15);

	// The way to it is cut, and there is another.
	let lost = dave.metric("prover_pool_connections_lost_total");
	[&first, &second].into_iter().find(|way| uses(&dave, way)).unwrap().cut();
	dave.until("prover_pool_connections_lost_total", |now| now > lost);
	node.propose(5);
	assert_eq!(node.verified(), 20);
	assert_eq!(dave.metric("prover_pool_connected"), 1.0);

	node.check(20).await;
	let mut in_time = 0.0;
	for daemon in others.iter().chain([&dave]) {
		let best = daemon.metric("prover_pool_best_block");
		daemon.until("prover_pool_processed_block", |processed| processed >= best);
		in_time += daemon.metric("prover_pool_blocks_verified_total{verdict=\"in_time\"}");
		let all = daemon.metrics();
		for none in [
			"slashes_total",
			"assignments_open",
			"assignments_late",
			"proofs_running",
			"claims_differing",
			"wrong_verifications_total",
			"rescues_total",
		] {
			assert_eq!(all[&format!("prover_pool_{none}")], 0.0, "{none}");
		}
		assert_eq!(daemon.rejected(), 0.0, "{all:?}");
		assert!(all["prover_pool_free_tokens"] > 0.0 && all["prover_pool_stake_tokens"] > 0.0);
		assert_eq!(all["prover_pool_member"], 1.0);
	}
	// One of its lives may have counted what is missing here; nothing is counted twice.
	assert!(in_time > 0.0 && in_time <= 20.0, "{in_time}");
	for daemon in others {
		let count = |what| daemon.metric(&format!("prover_pool_proofs_{what}_total"));
		assert_eq!(count("submitted"), count("included"));
		assert!(daemon.stop().contains("stopping"));
	}
	let state = dave.state.path().join("state.json");
	let state: Value = serde_json::from_slice(&fs::read(state).unwrap()).unwrap();
	assert!(state["processed"]["number"].as_u64().unwrap() > 0);
	assert!(dave.stop().contains("stopping"));
}

/// Returns whether a daemon's last connection went through this proxy.
fn uses(daemon: &Daemon, way: &TcpProxy) -> bool {
	let log = daemon.log();
	let last = log.lines().rfind(|line| line.contains("connected url=")).unwrap();
	last.contains(&way.address.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_that_hangs_is_killed_when_it_would_be_late() {
	let node = Node::start(200);
	let folder = TempDir::new().unwrap();
	let ids = folder.path().join("ids");
	let hanging = proving_by(&format!("echo $$ >> {}; sleep 1000", ids.display()));
	let args = ["--prover-command", &hanging, "--rescue", "off"];
	let dave = Daemon::start("dave", &node.url(), &args);
	let open = "prover_pool_assignments_open";
	while dave.metric(open) == 0.0 {
		node.propose(1);
		sleep(Duration::from_millis(800));
	}
	let start = Instant::now();
	while !ids.exists() && start.elapsed() < PATIENCE {
		sleep(Duration::from_millis(50));
	}
	let id = fs::read_to_string(&ids).unwrap().lines().next().unwrap().to_string();
	let runs = || Command::new("kill").args(["-0", &id]).output().unwrap().status.success();
	assert!(runs());
	dave.until("prover_pool_proving_failures_total{reason=\"deadline\"}", |count| count > 0.0);
	dave.until("prover_pool_assignments_late", |count| count > 0.0);
	sleep(Duration::from_millis(200));
	assert!(!runs(), "the prover's command still runs");
	assert_eq!(dave.metric("prover_pool_proofs_submitted_total"), 0.0);
	dave.stop();
}

#[test]
fn a_daemon_of_another_chain_is_refused() {
	let node = Node::start(500);
	let daemon = Daemon::attesting("dave", &node);
	let state = daemon.state.path().join("state.json");
	let text = fs::read_to_string(&state).unwrap();
	let mut memory: Value = serde_json::from_str(&text).unwrap();
	// Only one daemon uses the directory.
	let again = |what: &str| {
		let mut run = command(["run", "--dev", "dave", "--attestor-dev", "--no-metrics"]);
		run.args(["--url", &node.url(), "--state"]).arg(state.parent().unwrap());
		let ran = common::run(run);
		assert_eq!(ran.code, 2, "{}", ran.stderr);
		assert!(ran.stderr.contains(what), "{}", ran.stderr);
	};
	again("another daemon uses");
	let mut daemon = daemon;
	daemon.kill();
	let genesis = memory["genesis_hash"].take();
	memory["genesis_hash"] = format!("0x{}", "11".repeat(32)).into();
	fs::write(&state, memory.to_string()).unwrap();
	again("belongs to the chain with the genesis 0x1111");
	// The same beginning, but not the same chain.
	memory["genesis_hash"] = genesis;
	memory["processed"]["hash"] = format!("0x{}", "22".repeat(32)).into();
	fs::write(&state, memory.to_string()).unwrap();
	again("another chain with the same beginning");
}

/// With `--features fault-injection`.
#[cfg(feature = "fault-injection")]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_step_leaves_nothing_undone_and_nothing_done_twice() {
	let node = Node::start(500);
	let program = proving_after("0.5");
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	let mut dave = Daemon::start("dave", &node.url(), &["--prover-command", &program]);
	let mut blocks = 0;
	for step in [
		"before-proving",
		"while-proving",
		"before-submitting",
		"before-sending",
		"after-submitting",
		"after-inclusion",
	] {
		dave.kill();
		dave.run(&["--crash-at", step]);
		let start = Instant::now();
		while !dave.log().contains("crashing at") {
			assert!(start.elapsed() < PATIENCE, "no crash at {step}: {}", dave.log());
			node.propose(1);
			blocks += 1;
			sleep(Duration::from_millis(1500));
		}
		dave.process = None;
		dave.run(&[]);
		assert_eq!(node.verified(), blocks, "after the crash at {step}");
	}
	node.check(blocks).await;
	others.into_iter().for_each(|daemon| drop(daemon.stop()));
	dave.stop();
}

/// Returns all provers, set to crash at a step.
#[cfg(feature = "fault-injection")]
fn crashing(node: &Node, step: &str) -> [Daemon; 3] {
	MEMBERS.map(|member| {
		let mut daemon = Daemon::attesting(member, node);
		daemon.kill();
		daemon.run(&["--crash-at", step]);
		daemon
	})
}

/// The one of them that was drawn, once it has crashed.
#[cfg(feature = "fault-injection")]
fn crashed(daemons: &mut [Daemon]) -> &mut Daemon {
	let start = Instant::now();
	loop {
		let drawn = daemons.iter().position(|daemon| daemon.log().contains("crashing at"));
		if let Some(drawn) = drawn {
			daemons[drawn].process = None;
			return &mut daemons[drawn];
		}
		assert!(start.elapsed() < PATIENCE, "nobody crashed");
		sleep(Duration::from_millis(50));
	}
}

/// The same, where blocks take so long that the transaction still waits when the daemon is back.
#[cfg(feature = "fault-injection")]
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_waits_is_not_followed_by_another() {
	let node = Node::start(4000);
	let mut daemons = crashing(&node, "after-submitting");
	node.propose(1);
	let crashed = crashed(&mut daemons);
	crashed.run(&[]);
	crashed.until("prover_pool_proofs_included_total", |included| included == 1.0);
	assert_eq!(crashed.metric("prover_pool_proofs_submitted_total"), 0.0);
	assert_eq!(node.verified(), 1);
	node.check(1).await;
}
