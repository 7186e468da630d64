//! The exporter: it shows what the chain says, and nothing while it cannot be asked.

use super::*;
use prover_pool_cli::reads::{clock, pool, rollup};

/// A running exporter.
struct Exporter {
	process: Running,
	address: SocketAddr,
}

impl Exporter {
	fn start(urls: &str) -> Self {
		let exporter = command(["exporter", "--listen", "127.0.0.1:0", "--url", urls]);
		let mut process = Running::start(exporter);
		let address = process.wait(|exporter| {
			let log = exporter.stderr();
			let (_, after) = log.split_once("metrics at http://")?;
			after.split_once("/metrics").map(|(address, _)| address.parse().unwrap())
		});
		Self { process, address }
	}

	/// The values of all metrics, without the prefix of their names.
	fn metrics(&self) -> BTreeMap<String, f64> {
		let prefix = "prover_pool_chain_";
		let all = scrape(self.address).into_iter();
		all.map(|(name, value)| (name.strip_prefix(prefix).unwrap().to_string(), value)).collect()
	}

	/// Waits until the metrics are as expected, and returns them.
	#[track_caller]
	fn until(&self, expected: impl Fn(&BTreeMap<String, f64>) -> bool) -> BTreeMap<String, f64> {
		let start = Instant::now();
		loop {
			let all = self.metrics();
			if expected(&all) {
				return all;
			}
			assert!(start.elapsed() < PATIENCE, "{all:?}: {}", self.process.stderr());
			sleep(Duration::from_millis(100));
		}
	}

	fn stop(self) {
		let ended = self.process.signal("TERM");
		assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
	}
}

/// The sum of the metrics whose names begin in this way.
fn sum(all: &BTreeMap<String, f64>, name: &str) -> f64 {
	all.iter().filter(|(it, _)| it.starts_with(name)).map(|(_, value)| value).sum()
}

/// Compares what is shown with the chain after the same block.
async fn assert_shows_the_state(node: &Node, exporter: &Exporter) {
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let all = exporter.until(|all| all.contains_key("best_block"));
	let hash = client.block_hash(all["best_block"] as u64).await.unwrap().unwrap();
	let at = client.at(hash).await.unwrap();
	let state = rollup::state(&at).await.unwrap().unwrap();
	let clock = rollup::clock(&at).await.unwrap();
	let blocks = rollup::blocks(&at, state.head).await.unwrap();
	let provers = pool::provers(&at).await.unwrap();
	let staked: u128 = provers.iter().map(|row| row.offer.stake).sum();
	let (lowest, highest) = rollup::fee_limits(&at).unwrap();
	for (name, expected) in [
		("best_block_timestamp_seconds", clock::time(&at).await.unwrap().unwrap()),
		("spec_version", f64::from(at.spec_version())),
		("slots", 1_024.0),
		("members{status=\"active\"}", provers.len() as f64),
		("members{status=\"suspended\"}", 0.0),
		("staked_tokens", staked as f64 / 1e12),
		("free_capacity", pool::capacity(&at).await.unwrap() as f64),
		("draw_queue", f64::from(state.pending)),
		("draw_queue_limit", 128.0),
		("fee_per_gas", f64::from(rollup::fee_per_gas(&at).await.unwrap())),
		("fee_per_gas_min", f64::from(lowest)),
		("fee_per_gas_max", f64::from(highest)),
		("rollup_proposed_total", (state.next_id - 1) as f64),
		("rollup_settled_total", (state.head - 1) as f64),
		("rollup_verified_block", state.verified_id as f64),
		("rollup_waiting{state=\"pending\"}", f64::from(state.pending)),
		("rollup_waiting{state=\"open\"}", f64::from(state.open)),
		("rollup_waiting_limit", 128.0),
		("rollup_paused", 0.0),
		(
			"rollup_oldest_age_blocks",
			blocks.first().map_or(0.0, |(_, oldest)| f64::from(clock.now - oldest.proposed_at)),
		),
	] {
		assert_eq!(all.get(name), Some(&expected), "{name}: {all:?}");
	}
	assert_eq!(sum(&all, "rollup_waiting{"), blocks.len() as f64);
	assert_eq!(sum(&all, "members{"), provers.len() as f64);
	assert!(all["finalized_block"] <= all["best_block"], "{all:?}");
}

/// Two blocks are proposed, drawn and proven.
#[tokio::test(flavor = "multi_thread")]
async fn the_exporter_shows_the_state_and_counts_what_happens() {
	let node = Node::start(500);
	let exporter = Exporter::start(&node.url());
	assert_shows_the_state(&node, &exporter).await;
	assert!(ask(exporter.address, "/ready").starts_with("HTTP/1.1 200 OK"));
	let daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	node.propose(2);
	assert_shows_the_state(&node, &exporter).await;
	assert_eq!(node.verified(), 2);
	let in_time = "rollup_outcomes_total{outcome=\"in_time\"}";
	let all = exporter.until(|all| all[in_time] == 2.0);
	assert_eq!((sum(&all, "rollup_outcomes_total"), sum(&all, "slashes_total")), (2.0, 0.0));
	assert_shows_the_state(&node, &exporter).await;
	daemons.into_iter().for_each(|daemon| drop(daemon.stop()));

	// Another one that begins now counts from now on, and has the totals of the chain.
	let later = Exporter::start(&node.url());
	let all = later.until(|all| all["reached"] == 1.0);
	assert_eq!((all[in_time], all["rollup_settled_total"]), (0.0, 2.0));
	later.stop();

	assert_eq!(exporter.metrics()["connections_lost_total"], 0.0);
	exporter.stop();
}

/// Nobody proves three blocks. The skip of the first one cancels the others.
#[tokio::test(flavor = "multi_thread")]
async fn the_exporter_counts_skips_and_slashes_also_those_of_an_outage() {
	let mut node = Node::start(200);
	let way = TcpProxy::to(&node.address);
	let exporter = Exporter::start(&way.url());
	exporter.until(|all| all["reached"] == 1.0);
	node.propose(3);
	exporter.until(|all| all.get("rollup_waiting{state=\"overdue\"}") == Some(&3.0));
	assert_shows_the_state(&node, &exporter).await;

	// The connection is lost: nothing that was read is shown any more.
	way.cut();
	let all = exporter.until(|all| all["reached"] == 0.0);
	for gone in ["best_block", "free_capacity", "rollup_proposed_total", "rollup_oldest_age_blocks"]
	{
		assert_eq!(all.get(gone), None, "{gone}");
	}
	assert_eq!(all["connections_lost_total"], 1.0);
	let ready = ask(exporter.address, "/ready");
	assert!(
		ready.starts_with("HTTP/1.1 503") && ready.contains("the chain is not read"),
		"{ready}"
	);

	// The first block is skipped meanwhile.
	let start = Instant::now();
	loop {
		let mut skip = command(["skip", "1", "--dev", "ferdie", "-y"]);
		skip.env("PROVER_POOL_URL", node.url());
		let ran = common::run(skip);
		if ran.code == 0 {
			break;
		}
		assert!(ran.stderr.contains("BlockProposal.NotExpired"), "{}", ran.stderr);
		assert!(start.elapsed() < PATIENCE, "it is not skipped: {}", ran.stderr);
		sleep(Duration::from_millis(500));
	}
	assert_eq!(exporter.metrics()["reached"], 0.0);
	way.mend();
	let counted = |all: &BTreeMap<String, f64>| {
		let outcome = |name| all[&format!("rollup_outcomes_total{{outcome=\"{name}\"}}")];
		(outcome("skipped"), outcome("cancelled"), sum(all, "slashes_total"))
	};
	let all = exporter.until(|all| counted(all) == (1.0, 2.0, 3.0));
	assert!(all["slashed_tokens_total"] > 0.0, "{all:?}");
	assert_eq!((all["events_undecoded_total"], all["blocks_unread_total"]), (0.0, 0.0));
	assert_shows_the_state(&node, &exporter).await;

	// Counters stay, and count nothing twice, when the node itself is started again.
	node.stop();
	let all = exporter.until(|all| all["reached"] == 0.0);
	assert_eq!(counted(&all), (1.0, 2.0, 3.0));
	node.run();
	exporter.until(|all| all["reached"] == 1.0);
	assert_shows_the_state(&node, &exporter).await;
	assert_eq!(counted(&exporter.metrics()), (1.0, 2.0, 3.0));
	exporter.stop();
}

/// It waits, as long as that takes, and says why.
#[test]
fn an_exporter_without_a_node_says_so() {
	let mut exporter = Exporter::start("ws://127.0.0.1:1");
	exporter
		.process
		.wait(|exporter| exporter.stderr().contains("Connection refused").then_some(()));
	assert_eq!(exporter.metrics()["reached"], 0.0);
	exporter.stop();
}

/// The same node, with the chain of another genesis.
#[test]
fn an_exporter_of_another_chain_ends() {
	let mut node = Node::start(500);
	let exporter = Exporter::start(&node.url());
	exporter.until(|all| all["reached"] == 1.0);
	node.stop();
	let spec = Command::new(node_path()).args(["export-chain-spec", "--chain", "dev"]).output();
	let mut spec: Value = serde_json::from_slice(&spec.unwrap().stdout).unwrap();
	spec["genesis"]["runtimeGenesis"]["patch"]["blockProposal"]["feePerGas"] = 20_000.into();
	let other = TempDir::new().unwrap();
	let file = other.path().join("chain.json");
	fs::write(&file, spec.to_string()).unwrap();
	let file: &'static str = String::leak(file.to_str().unwrap().into());
	node.folder = TempDir::new().unwrap();
	node.further = vec!["--chain", file];
	node.run();
	let ended = exporter.process.end();
	assert_eq!(ended.code, 2, "{}", ended.stderr);
	let last = ended.stderr.lines().last().unwrap();
	assert!(last.starts_with("error: ws://") && last.contains("a node of another chain"), "{last}");
}
