//! The calls of governance.

use super::*;

/// Governance stops the protocol, returns to an earlier block, and lets it go on. Nobody else can.
#[test]
fn governance_pauses_and_resets_the_protocol() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let path = list(&folder, b"a list");
	let propose = ["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"];
	let govern = |args: &[&str], key: &str| {
		node.run(&[&["protocol"], args, &["--sudo", "--dev", key, "-y"]].concat())
	};
	node.run(&propose).ok();
	govern(&["pause"], "bob").refused("Invalid.BadSigner");
	node.run(&["protocol", "pause", "--dev", "bob", "-y"]).refused("Invalid.BadSigner");
	let hash = node.json(&["status"])["rollup"]["verified_hash"].as_str().unwrap().to_string();
	govern(&["reset", &hash], "alice").refused("BlockProposal.NotPaused");
	govern(&["unpause"], "alice").refused("BlockProposal.NotPaused");
	let start = ["start", &hash, "--fee-per-gas", "10000", "--delay", "20"];
	govern(&start, "alice").refused("BlockProposal.AlreadyStarted");

	assert!(govern(&["pause"], "alice").ok().contains("BlockProposal.Paused"));
	assert!(node.json(&["status"])["rollup"]["paused_until"].is_number());
	assert!(node.run(&["status"]).ok().contains("paused until block"));
	assert!(node.run(&["blocks"]).ok().contains("The protocol is paused until block"));
	node.run(&propose).refused("BlockProposal.Paused");
	node.run(&["verify", "--dev", "bob", "-y"]).refused("BlockProposal.Paused");
	let tried = node.json(&["protocol", "reset", &hash, "--sudo", "--dev", "alice", "--dry-run"]);
	assert_eq!(tried["details"]["cancelled"], 1);
	assert!(govern(&["reset", &hash], "alice").ok().contains("BlockProposal.BlocksCancelled"));
	assert!(node.run(&["blocks"]).ok().contains("cancelled"));
	assert!(govern(&["unpause"], "alice").ok().contains("BlockProposal.Unpaused"));
	// What was cancelled is settled, and all goes on.
	node.until(&["blocks"], |blocks| blocks["blocks"] == json!([]));
	node.run(&propose).ok();
	node.until(&["blocks", "2"], |block| block["status"]["state"] == "assigned");
}
