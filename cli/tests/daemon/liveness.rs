//! What others leave undone or do wrong, and what the daemon has lost itself: the rollup goes on.

use super::*;
use api::runtime_types::pallet_attestation::pallet::Call as Attestation;
use prover_pool_cli::decoded::hex;

/// The address of the member that has no daemon in these tests.
const EVE: &str = "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw";

/// Proposes until a block is assigned to Eve, who wins one of ten draws, and returns that block.
fn assigned_to_eve(node: &Node) -> BlockId {
	for _ in 0..100 {
		node.propose(1);
		if let Some((id, _)) = node.assigned().into_iter().find(|(_, prover)| prover == EVE) {
			return id;
		}
	}
	panic!("no block is assigned to her");
}

fn run_ok(node: &Node, args: &[&str]) {
	let mut call = command(args);
	call.env("PROVER_POOL_URL", node.url());
	common::run(call).ok();
}

/// A member that is down misses its deadline. Others prove the block for it, with a bond, and get
/// the reward and the bonus.
#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_its_prover_leaves_unproven_is_rescued() {
	let node = Node::start(300);
	let daemons = ["charlie", "dave"].map(|member| Daemon::attesting(member, &node));
	let missed = assigned_to_eve(&node);
	let last = node.verified();
	let history = node.history().await;
	assert_eq!(history.verdicts[&missed], "Rescued");
	for id in 1..=last {
		assert!(["InTime", "Rescued"].contains(&&history.verdicts[&id][..]), "block {id}");
	}
	let total = |name: &str| daemons.iter().map(|daemon| daemon.metric(name)).sum::<f64>();
	assert!(total("prover_pool_rescues_total") >= 1.0);
	// Bonds are returned, and nobody else is slashed.
	let best = node.best() as f64;
	for daemon in &daemons {
		daemon.until("prover_pool_processed_block", |processed| processed >= best);
	}
	assert!(total("prover_pool_blocks_verified_total{verdict=\"rescued\"}") >= 1.0);
	assert_eq!(total("prover_pool_bonds_forfeited_tokens_total"), 0.0);
	assert_eq!(total("prover_pool_slashes_total"), 0.0);
	daemons.into_iter().for_each(|daemon| drop(daemon.stop()));
}

/// Without rescues, such a block stays where it is.
#[test]
fn a_daemon_with_rescue_off_rescues_nothing() {
	let node = Node::start(200);
	let off = ["--attestor-dev", "--rescue", "off"];
	let daemons = ["charlie", "dave"].map(|member| Daemon::start(member, &node.url(), &off));
	let missed = assigned_to_eve(&node);
	let id = missed.to_string();
	let start = Instant::now();
	loop {
		let block = node.json(&["blocks", &id]);
		if block["now"].as_u64() > block["status"]["deadline"].as_u64() {
			break;
		}
		assert!(start.elapsed() < PATIENCE, "its window does not end");
		sleep(Duration::from_millis(200));
	}
	let best = node.best();
	while node.best() < best + 12 {
		sleep(Duration::from_millis(100));
	}
	assert_eq!(node.json(&["blocks", &id])["claims"], 0);
	for daemon in daemons {
		assert_eq!(daemon.metric("prover_pool_rescues_total"), 0.0);
		daemon.stop();
	}
}

/// No prover can prove anything. The rollup would stand still if nobody gave up the head.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_nobody_can_prove_is_skipped() {
	let node = Node::start(100);
	let command = proving_by("exit 1");
	let args = ["--prover-command", &command];
	let daemons = MEMBERS.map(|member| Daemon::start(member, &node.url(), &args));
	node.propose(2);
	// The second is cancelled with the first.
	assert_eq!(node.verified(), 0);
	assert_eq!(node.history().await.skipped, [1]);
	let calls = "prover_pool_liveness_calls_total{call=\"skip_block\"}";
	assert!(daemons.iter().any(|daemon| daemon.metric(calls) > 0.0));
	for daemon in daemons {
		assert_eq!(daemon.metric("prover_pool_proofs_submitted_total"), 0.0);
		daemon.stop();
	}
}

/// Makes a call of governance.
async fn govern(client: &Client, call: Attestation) {
	let alice = common::account("alice");
	let call = api::transactions().sudo().sudo(RuntimeCall::Attestation(call));
	let prepared = Prepared::sign(client, &alice, &call, None).await.unwrap();
	prepared.submit(client, Wait::InBlock, PATIENCE, &Progress::silent()).await.unwrap();
}

/// The key that vouched for claims is revoked. Their blocks are proven again while the first block,
/// which nobody has proven, still keeps them from being verified.
#[tokio::test(flavor = "multi_thread")]
async fn blocks_with_void_claims_are_proven_at_once() {
	let node = Node::start(1000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let folder = TempDir::new().unwrap();
	let suri = common::secret(&folder, "//Second");
	let key = Signer::from_suri("//Second").unwrap().account().0;
	govern(&client, Attestation::register_key { key }).await;
	node.propose(3);
	let start = Instant::now();
	while node.assigned().len() < 3 {
		assert!(start.elapsed() < PATIENCE, "they are not drawn");
		sleep(Duration::from_millis(200));
	}
	let name = |address: &str| {
		let is_it = |name: &&str| client.address(&common::account(name).account()) == address;
		MEMBERS.into_iter().find(is_it).unwrap()
	};
	let assigned = node.assigned();
	for (id, prover) in &assigned[1..] {
		let attested = ["prove", &id.to_string(), "--attestor-suri-file", &suri];
		run_ok(&node, &[&attested[..], &["--dev", name(prover), "-y"]].concat());
	}
	govern(&client, Attestation::revoke_key { key }).await;
	let first = name(&assigned[0].1);
	let others = MEMBERS.into_iter().filter(|member| *member != first);
	let args = ["--attestor-dev", "--rescue", "always"];
	let daemons: Vec<_> = others.map(|member| Daemon::start(member, &node.url(), &args)).collect();
	let start = Instant::now();
	loop {
		let blocks = node.json(&["blocks"]);
		assert_eq!(blocks["verified_id"], 0, "{blocks}");
		let behind = blocks["blocks"].as_array().unwrap()[1..].iter();
		if behind.clone().all(|it| it["status"]["state"] == "open" && it["claims"] == 1) {
			break;
		}
		assert!(start.elapsed() < PATIENCE, "they are not proven: {blocks}");
		sleep(Duration::from_millis(200));
	}
	assert_eq!(node.verified(), 3);
	daemons.into_iter().for_each(|daemon| drop(daemon.stop()));
}

/// A member claims something else than the execution gives, with a valid attestation. The others
/// report it; governance removes it; the block is rescued, and no other prover loses anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_differs_is_reported_and_its_block_rescued() {
	// The cooldown is five blocks, within which the claim has to be removed.
	let node = Node::start(1500);
	let daemons = ["charlie", "dave"].map(|member| Daemon::attesting(member, &node));
	let block = assigned_to_eve(&node);
	let id = block.to_string();
	let right = node.json(&["prove", &id, "--instance", "--prover", EVE]);
	let (parent, wrong) = (right["parent_hash"].as_str().unwrap(), hex(&[0x66; 32]));
	let claim = ["--parent", parent, "--block-hash", &wrong, "--gas-used", "7"];
	let prove = ["prove", &id, "--attestor-dev", "--dev", "eve", "-y"];
	run_ok(&node, &[&prove[..], &claim].concat());
	for daemon in &daemons {
		daemon.until("prover_pool_claims_differing", |count| count == 1.0);
		assert!(daemon.log().contains("a claim differs from the execution"), "{}", daemon.log());
	}
	run_ok(&node, &["dispute", &id, "--sudo", "--dev", "alice", "-y"]);
	let last = node.verified();
	let history = node.history().await;
	assert_eq!(history.verdicts[&block], "Rescued");
	for id in (1..=last).filter(|id| *id != block) {
		assert!(["InTime", "Rescued"].contains(&&history.verdicts[&id][..]), "block {id}");
	}
	for daemon in daemons {
		daemon.until("prover_pool_claims_differing", |count| count == 0.0);
		assert_eq!(daemon.metric("prover_pool_wrong_verifications_total"), 0.0);
		daemon.stop();
	}
}

/// The disk is lost: the chain has everything that is needed.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_has_lost_everything_rebuilds_the_rollup() {
	let node = Node::with(300, &["--state-pruning", "archive"]);
	let mut daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	for _ in 0..3 {
		node.propose(3);
		node.verified();
	}
	for daemon in &mut daemons {
		daemon.kill();
		fs::remove_dir_all(daemon.state.path()).unwrap();
		fs::create_dir(daemon.state.path()).unwrap();
		daemon.run(&[]);
	}
	node.propose(3);
	let last = node.verified();
	assert_eq!(last, 12);
	node.check(last).await;
	for daemon in daemons {
		assert!(daemon.log().contains("executing verified blocks again"), "{}", daemon.log());
		assert_eq!(daemon.metric("prover_pool_lineage_known"), 1.0);
		daemon.stop();
	}
}

/// The node has forgotten the events: the log says what is missing, and which node has it.
#[test]
fn a_node_that_cannot_help_to_rebuild_is_named() {
	let node = Node::with(300, &["--state-pruning", "8"]);
	let members = MEMBERS.map(|member| Daemon::attesting(member, &node));
	node.propose(2);
	node.verified();
	let best = node.best();
	while node.best() < best + 20 {
		sleep(Duration::from_millis(100));
	}
	members.into_iter().for_each(|daemon| drop(daemon.stop()));
	let mut dave = Daemon::attesting("dave", &node);
	let known = "prover_pool_lineage_known";
	dave.until("prover_pool_execution_failures_total", |failures| failures > 0.0);
	let log = dave.log();
	let missing = "has discarded the state of block";
	assert!(log.contains(missing) && log.contains("--archive-url"), "{log}");
	assert_eq!(dave.metric(known), 0.0);
	// It goes on, and finds the node that is named.
	dave.kill();
	dave.run(&["--archive-url", "ws://127.0.0.1:1"]);
	dave.until("prover_pool_execution_failures_total", |failures| failures > 0.0);
	assert!(dave.log().contains("ws://127.0.0.1:1"), "{}", dave.log());
	dave.stop();
}

/// A program that lies, crashes, hangs or writes garbage instead of executing.
#[test]
fn a_program_that_does_not_execute_costs_nothing_but_its_blocks() {
	let node = Node::start(300);
	for script in [
		"exit 3",
		"kill -9 $$",
		"echo nonsense",
		"sleep 1000",
		"head -c 100000 /dev/urandom",
		"echo '{\"unknown_parent\": true}'",
		"echo '{\"block_hash\": \"0x00\", \"gas_used\": 4}'",
	] {
		let args = ["--prover-command", script, "--execution-timeout", "1"];
		let dave = Daemon::start("dave", &node.url(), &args);
		node.propose(1);
		dave.until("prover_pool_execution_failures_total", |failures| failures > 0.0);
		assert_eq!(dave.metric("prover_pool_connected"), 1.0, "{script}: {}", dave.log());
		assert_eq!(dave.metric("prover_pool_proofs_submitted_total"), 0.0, "{script}");
		dave.stop();
	}
}
