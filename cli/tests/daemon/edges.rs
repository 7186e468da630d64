//! Rare events that must not keep the daemon from its work: nodes that have forgotten states, nodes
//! of another chain, full disks, pauses.

use super::*;

/// A daemon that was away while its node has forgotten the states around the proposal.
#[test]
fn a_list_is_read_whose_state_is_discarded() {
	/// The finalized blocks whose states the node keeps; windows are longer.
	const PRUNING: u64 = 8;
	let node = Node::with(500, &["--state-pruning", "8"]);
	let program = attest().display().to_string();
	let mut dave = Daemon::start("dave", &node.url(), &["--prover-command", &program]);
	dave.kill();
	// Nobody proves, so that nothing is verified meanwhile.
	let address = "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy";
	while !node.assigned().iter().any(|(_, prover)| prover == address) {
		node.propose(1);
		sleep(Duration::from_millis(1500));
	}
	let drawn = node.best();
	while node.best() <= drawn + PRUNING + 4 {
		sleep(Duration::from_millis(200));
	}
	dave.run(&[]);
	dave.until("prover_pool_proofs_included_total", |included| included > 0.0);
	assert_eq!(dave.metric("prover_pool_connections_lost_total"), 0.0, "{}", dave.log());
	dave.stop();
}

/// It keeps the lists of the blocks that wait, and no others.
#[test]
fn lists_are_kept_as_long_as_they_are_needed() {
	let node = Node::start(500);
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	let program = proving_after("2");
	let dave = Daemon::start("dave", &node.url(), &["--prover-command", &program]);
	let lists = dave.state.path().join("lists");
	let count = || fs::read_dir(&lists).map(Iterator::count).unwrap_or_default();
	let start = Instant::now();
	while count() == 0 {
		assert!(start.elapsed() < PATIENCE, "no list is kept: {}", dave.log());
		node.propose(1);
		sleep(Duration::from_millis(800));
	}
	node.verified();
	let start = Instant::now();
	while count() > 0 {
		assert!(start.elapsed() < PATIENCE, "lists are left: {}", dave.log());
		sleep(Duration::from_millis(100));
	}
	others.into_iter().for_each(|daemon| drop(daemon.stop()));
	dave.stop();
}

/// The other node is of a chain with the same beginning.
#[test]
fn a_node_of_another_chain_among_several_ends_nothing() {
	// It is longer: a shorter one could be the same.
	let (other, node) = (Node::start(400), Node::start(500));
	let way = TcpProxy::to(&node.address);
	let urls = format!("{},{}", way.url(), other.url());
	let dave = Daemon::start("dave", &urls, &["--attestor-dev"]);
	let best = dave.metric("prover_pool_best_block");
	dave.until("prover_pool_processed_block", |processed| processed > best + 1.0);
	way.cut();
	dave.until("prover_pool_connected", |connected| connected == 0.0);
	let start = Instant::now();
	while !dave.log().contains("another chain with the same beginning") {
		assert!(start.elapsed() < PATIENCE, "{}", dave.log());
		sleep(Duration::from_millis(100));
	}
	way.mend();
	dave.until("prover_pool_connected", |connected| connected == 1.0);
	let best = dave.metric("prover_pool_best_block");
	dave.until("prover_pool_best_block", |now| now > best);
	assert!(dave.stop().contains("stopping"));
}

/// A URL that cannot be used is reported at once, not when it is needed.
#[test]
fn every_url_is_checked_at_the_start() {
	let node = Node::start(500);
	let state = TempDir::new().unwrap();
	let mut run = command(["run", "--dev", "dave", "--attestor-dev", "--no-metrics", "--url"]);
	run.arg(format!("{},ws://node.example:9944", node.url()));
	run.arg("--state").arg(state.path());
	let ran = Running::start(run).end();
	assert_eq!(ran.code, 2, "{}", ran.stderr);
	assert!(ran.stderr.contains("`ws://node.example:9944` is not encrypted"), "{}", ran.stderr);
}

/// The daemon reports a pause, and does not end it.
#[test]
fn a_pause_is_reported() {
	let node = Node::start(300);
	let dave = Daemon::attesting("dave", &node);
	let paused = "prover_pool_paused";
	assert_eq!(dave.metric(paused), 0.0);
	let call = |name: &str| {
		let mut call = command([name, "--dev", "dave", "-y"]);
		call.env("PROVER_POOL_URL", node.url());
		common::run(call).ok();
	};
	call("pause");
	dave.until(paused, |paused| paused == 1.0);
	assert!(dave.log().contains("the member is paused and not drawn"), "{}", dave.log());
	let best = dave.metric("prover_pool_best_block");
	dave.until("prover_pool_best_block", |now| now > best + 12.0);
	assert_eq!((dave.metric(paused), dave.metric("prover_pool_suspended")), (1.0, 0.0));
	call("resume");
	dave.until(paused, |paused| paused == 0.0);
	assert!(dave.stop().contains("the account takes part in draws"));
}

/// Nothing can be saved, as on a full disk; then it can again.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_cannot_save_its_state_goes_on() {
	let node = Node::start(500);
	let daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	let unsaved = "prover_pool_state_unsaved";
	// In the place of the file that is written and then gets the name.
	let blocks = daemons.each_ref().map(|daemon| {
		assert_eq!(daemon.metric(unsaved), 0.0);
		let path = daemon.state.path().join("state.new");
		while fs::create_dir(&path).is_err() {
			// It is there for a moment with each save.
			sleep(Duration::from_millis(1));
		}
		path
	});
	for daemon in &daemons {
		daemon.until(unsaved, |unsaved| unsaved == 1.0);
	}
	node.propose(3);
	assert_eq!(node.verified(), 3);
	node.check(3).await;
	blocks.iter().for_each(|path| fs::remove_dir(path).unwrap());
	for daemon in daemons {
		daemon.until(unsaved, |unsaved| unsaved == 0.0);
		let processed = daemon.metric("prover_pool_processed_block");
		let text = fs::read(daemon.state.path().join("state.json")).unwrap();
		let state: Value = serde_json::from_slice(&text).unwrap();
		assert!(state["processed"]["number"].as_f64().unwrap() >= processed);
		daemon.stop();
	}
}

/// Without a node that shows the deadline, the average block time ends the proof.
#[test]
fn a_prover_that_hangs_ends_without_a_node_too() {
	let node = Node::start(200);
	let way = TcpProxy::to(&node.address);
	let folder = TempDir::new().unwrap();
	let ids = folder.path().join("ids");
	let hanging = proving_by(&format!("echo $$ >> {}; sleep 1000", ids.display()));
	let args = ["--prover-command", &hanging, "--rescue", "off"];
	let dave = Daemon::start("dave", &way.url(), &args);
	let best = dave.metric("prover_pool_best_block");
	// Until it knows how fast blocks are made.
	dave.until("prover_pool_best_block", |now| now > best + 8.0);
	let start = Instant::now();
	while !ids.exists() {
		assert!(start.elapsed() < PATIENCE, "nothing is proven: {}", dave.log());
		node.propose(1);
		sleep(Duration::from_millis(800));
	}
	way.cut();
	let id = fs::read_to_string(&ids).unwrap().lines().next().unwrap().to_string();
	let start = Instant::now();
	while Command::new("kill").args(["-0", &id]).output().unwrap().status.success() {
		assert!(start.elapsed() < PATIENCE, "the prover's command still runs");
		sleep(Duration::from_millis(200));
	}
	assert_eq!(dave.metric("prover_pool_connected"), 0.0);
	dave.stop();
}
