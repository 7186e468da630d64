//! What is seldom, and must not keep the daemon from its work: nodes that have forgotten, nodes that are
//! not of this chain, disks that are full.

use super::*;

/// A daemon that was away while its node has forgotten the states around the proposal.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_whose_state_is_discarded() {
	/// For so many finalized blocks the node keeps states; windows are longer.
	const PRUNING: f64 = 8.0;
	let node = Node::with(500, &["--state-pruning", "8"]);
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	let program = attest().display().to_string();
	let mut dave = Daemon::start("dave", &node.url(), &["--prover-command", &program]);
	dave.kill();
	// The same account with a command that never ends, so that there is work left.
	let slow = Daemon::start("dave", &node.url(), &["--prover-command", "sleep 1000"]);
	let open = "prover_pool_assignments_open";
	while slow.metric(open) == 0.0 {
		node.propose(1);
		sleep(Duration::from_millis(800));
	}
	let best = slow.metric("prover_pool_best_block");
	slow.until("prover_pool_best_block", |now| now > best + PRUNING + 4.0);
	slow.stop();
	// Its state is another one, in which there is no list.
	dave.run(&[]);
	dave.until("prover_pool_proofs_included_total", |included| included > 0.0);
	assert_eq!(dave.metric("prover_pool_connections_lost_total"), 0.0, "{}", dave.log());
	others.into_iter().for_each(|daemon| drop(daemon.stop()));
	dave.stop();
}

/// While it works it keeps the lists of its blocks, and no others.
#[test]
fn lists_are_kept_as_long_as_they_are_needed() {
	let node = Node::start(500);
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	let program = format!("sleep 2; {}", attest().display());
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
