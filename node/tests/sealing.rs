//! Sealed blocks are blocks of the chain: BABE's own checks accept them.

mod common;

use common::Node;
use prover_pool_runtime::WASM_BINARY;
use tempfile::TempDir;

/// More than two epochs of ten slots, so that epochs change.
const BLOCKS: u64 = 25;

fn seal(base: &str) -> Node {
	Node::start([
		"--dev",
		"--sealing",
		"50",
		"--base-path",
		base,
		"--rpc-port",
		"0",
		"--port",
		"0",
		"--no-prometheus",
		"--no-telemetry",
	])
}

/// A subcommand on the database in `base`.
fn on(base: &str, subcommand: &[&str]) -> Vec<u8> {
	let args = [subcommand, &["--chain", "dev", "--base-path", base]].concat();
	let output = Node::start(&args).wait_for_end();
	assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
	output.stdout
}

/// The numbers of the best and of the finalized block.
fn heads(base: &str) -> (u64, u64) {
	let info: serde_json::Value = serde_json::from_slice(&on(base, &["chain-info"])).unwrap();
	(info["best_number"].as_u64().unwrap(), info["finalized_number"].as_u64().unwrap())
}

#[test]
fn sealed_blocks_are_complete_and_go_on_after_a_restart() {
	if WASM_BINARY.is_none() {
		return; // `tests/cli.rs` looks at what a node without a runtime says.
	}
	let folder = TempDir::new().unwrap();
	let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
	let (base, copy, file) = (path("base"), path("copy"), path("blocks"));

	let mut node = seal(&base);
	node.wait_for(&format!("Imported #{BLOCKS} "));
	assert!(node.terminate().status.success());
	let (best, finalized) = heads(&base);
	assert!(best >= BLOCKS);
	assert_eq!(finalized, best, "a sealed block is finalized at once");

	// Import verifies slots, VRF signatures and seals as for blocks of the network.
	on(&base, &["export-blocks", "--binary", &file]);
	on(&copy, &["import-blocks", "--binary", &file]);
	assert_eq!(heads(&copy).0, best);
	on(&base, &["check-block", "1"]);

	let mut node = seal(&base);
	node.wait_for(&format!("Imported #{} ", best + 1));
	let output = node.terminate();
	assert!(output.status.success());
	assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}
