//! Tests of the program: wrong input ends with one line that names the error, right input is accepted,
//! and sealed blocks are valid blocks of the chain.

mod common;

use common::Node;
use prover_pool_runtime::WASM_BINARY;
use std::{fs, net::TcpListener, process::Output};
use tempfile::TempDir;

fn run(args: &[&str]) -> Output {
	Node::start(args).wait_for_end()
}

/// Returns the standard error of a run that must fail.
fn refusal(args: &[&str]) -> String {
	let output = run(args);
	let stderr = String::from_utf8(output.stderr).unwrap();
	assert!(!output.status.success(), "{args:?} was accepted: {stderr}");
	assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
	stderr
}

/// Returns the only line of standard error of a run that must fail.
fn one_line(args: &[&str]) -> String {
	let stderr = refusal(args);
	assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
	assert!(stderr.starts_with("Error: "), "{args:?}: {stderr}");
	stderr
}

#[track_caller]
fn assert_names(message: &str, parts: &[&str]) {
	for part in parts {
		assert!(message.contains(part), "`{part}` is missing in: {message}");
	}
}

/// Without a runtime there is no built-in chain, and a test can only check the message.
fn has_runtime() -> bool {
	if WASM_BINARY.is_none() {
		assert_names(&one_line(&["export-chain-spec", "--chain", "dev"]), &["SKIP_WASM_BUILD"]);
	}
	WASM_BINARY.is_some()
}

#[test]
fn a_disk_without_room_is_named_before_there_is_a_database() {
	if has_runtime() {
		let base = TempDir::new().unwrap();
		let path = base.path().join("node");
		// No disk has an exbibyte.
		let stderr = refusal(
			&[
				&["--dev", "--base-path", path.to_str().unwrap(), "--no-prometheus"],
				&["--rpc-port", "0", "--port", "0", "--db-storage-threshold", "1099511627776"][..],
			]
			.concat(),
		);
		let message = stderr.lines().find(|line| line.starts_with("Error: ")).unwrap();
		assert_names(message, &["Out of storage space", "required 1099511627776MiB"]);
		assert!(!path.join("chains/dev/paritydb").exists(), "nothing is begun");
	}
}

#[test]
fn sealing_must_be_instant_or_milliseconds() {
	for wrong in ["foo", "0", "-1", "60001"] {
		let stderr = refusal(&["--dev", "--sealing", wrong]);
		assert_names(
			stderr.lines().next().unwrap(),
			&[wrong, "--sealing", "expected `instant` or a number of milliseconds from 1 to 60000"],
		);
	}
}

#[test]
fn sealing_needs_an_authority() {
	if has_runtime() {
		let message = one_line(&["--chain", "dev", "--tmp", "--rpc-port", "0", "--sealing", "200"]);
		assert_names(&message, &["--sealing", "--dev", "--validator"]);
	}
}

#[test]
fn sealing_needs_the_keys_of_all_authorities() {
	if has_runtime() {
		let ports = ["--rpc-port", "0", "--port", "0", "--no-prometheus"];
		let stderr = refusal(
			&[&["--chain", "local", "--alice", "--tmp", "--sealing", "instant"], &ports[..]]
				.concat(),
		);
		// Standard error has a log, too.
		let message = stderr.lines().find(|line| line.starts_with("Error: ")).unwrap();
		assert_names(message, &["--sealing", "has 1 of"]);
	}
}

#[test]
fn an_absent_chain_specification_is_named() {
	let folder = TempDir::new().unwrap();
	let path = folder.path().join("absent.json");
	let path = path.to_str().unwrap();

	assert_names(&one_line(&["--chain", path, "--tmp"]), &[path, "No such file"]);
	assert_names(&one_line(&["export-chain-spec", "--chain", path]), &[path, "No such file"]);
}

#[test]
fn an_unreadable_chain_specification_is_named() {
	let folder = TempDir::new().unwrap();
	let path = folder.path().to_str().unwrap();

	assert_names(&one_line(&["--chain", path, "--tmp"]), &[path, "directory"]);
}

#[test]
fn a_malformed_chain_specification_is_named() {
	let folder = TempDir::new().unwrap();
	for (name, content) in [
		("empty.json", ""),
		("no.json", "{ not JSON"),
		("other.json", r#"{"name": "Other"}"#),
		("genesis.json", r#"{"name": "N", "id": "n", "bootNodes": [], "genesis": {"foo": 1}}"#),
	] {
		let path = folder.path().join(name);
		fs::write(&path, content).unwrap();
		let path = path.to_str().unwrap();

		assert_names(&one_line(&["--chain", path, "--tmp"]), &[path, "malformed"]);
	}
}

#[test]
fn a_taken_rpc_port_is_named() {
	if has_runtime() {
		let holder = TcpListener::bind("127.0.0.1:0").unwrap();
		let port = holder.local_addr().unwrap().port().to_string();

		let message = one_line(&["--dev", "--rpc-port", &port]);
		assert_names(&message, &[&format!("RPC port {port} is in use"), "--rpc-port"]);
	}
}

#[test]
fn built_in_chains_can_be_exported() {
	if !has_runtime() {
		return;
	}
	for (chain, kind) in [("dev", "Development"), ("local", "Local")] {
		let output = run(&["export-chain-spec", "--chain", chain]);
		assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
		let spec: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();

		assert_eq!(spec["id"], chain);
		assert_eq!(spec["chainType"], kind);
		assert_eq!(spec["properties"]["tokenSymbol"], "UNIT");
		assert_eq!(spec["properties"]["tokenDecimals"], 12);
		assert_eq!(spec["properties"]["ss58Format"], 42);
	}
}

#[test]
fn an_exported_chain_is_the_same_chain() {
	if !has_runtime() {
		return;
	}
	let export = |chain: &str| run(&["export-chain-spec", "--raw", "--chain", chain]).stdout;
	let folder = TempDir::new().unwrap();
	let path = folder.path().join("dev.json");
	let spec = export("dev");
	fs::write(&path, &spec).unwrap();

	assert!(!spec.is_empty());
	assert!(export(path.to_str().unwrap()) == spec, "exporting again gave something else");
}

/// More than two epochs of twenty slots, so that epochs change.
const BLOCKS: u64 = 45;

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

/// Runs a subcommand on the database in `base`.
fn on(base: &str, subcommand: &[&str]) -> Vec<u8> {
	let args = [subcommand, &["--chain", "dev", "--base-path", base]].concat();
	let output = Node::start(&args).wait_for_end();
	assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
	output.stdout
}

/// Returns the numbers of the best and of the finalized block.
fn heads(base: &str) -> (u64, u64) {
	let info: serde_json::Value = serde_json::from_slice(&on(base, &["chain-info"])).unwrap();
	(info["best_number"].as_u64().unwrap(), info["finalized_number"].as_u64().unwrap())
}

#[test]
fn sealed_blocks_are_complete_and_go_on_after_a_restart() {
	if !has_runtime() {
		return;
	}
	let folder = TempDir::new().unwrap();
	let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
	let (base, copy, file) = (path("base"), path("copy"), path("blocks"));

	let mut node = seal(&base);
	node.wait_for(&format!("Imported #{BLOCKS} "));
	assert!(node.terminate().status.success());
	let (best, finalized) = heads(&base);
	assert!(best >= BLOCKS);
	assert_eq!(finalized, best - 1, "a sealed block is final when the next one is made");

	// Import verifies slots, VRF signatures and seals as for blocks of the network.
	on(&base, &["export-blocks", "--binary", &file]);
	on(&copy, &["import-blocks", "--binary", &file]);
	assert_eq!(heads(&copy).0, best);

	let mut node = seal(&base);
	node.wait_for(&format!("Imported #{} ", best + 1));
	assert!(node.terminate().status.success());
}
