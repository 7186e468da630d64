//! The command line without a chain: what is wrong with its arguments, its keys, its connection, it
//! says in one line, with the documented exit code.

#[path = "cli/calibrate.rs"]
mod calibrate;
mod common;
#[path = "cli/units.rs"]
mod units;

use common::{command, run, secret, set_mode};
use serde_json::Value;
use std::{
	io::Read,
	net::TcpListener,
	process::{Command, Stdio},
	thread,
};
use tempfile::TempDir;

/// A port on which nobody listens.
const NOBODY: &str = "ws://127.0.0.1:1";

#[track_caller]
fn fails(args: &[&str], code: i32) -> String {
	run(command([args, &["--url", NOBODY]].concat())).fails(code)
}

/// Asserts that the parser of arguments refuses these: its messages have several lines.
#[track_caller]
fn is_no_usage(args: &[&str], names: &str) {
	let ran = run(command(args));
	assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
	assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(names), "{}", ran.stderr);
}

#[test]
fn wrong_arguments_are_named() {
	is_no_usage(&["fly"], "fly");
	is_no_usage(&["stake"], "<AMOUNT>");
	is_no_usage(&["stake", "80"], "--price");
	is_no_usage(&["stake", "80", "--price", "0", "--capacity", "4"], "--price");
	is_no_usage(&["stake", "80", "--price", "1", "--capacity", "x"], "--capacity");
	is_no_usage(&["stake", "80", "--price", "4294967296", "--capacity", "4"], "--price");
	is_no_usage(&["stake-extra"], "<AMOUNT>");
	is_no_usage(&["unstake"], "<AMOUNT>");
	is_no_usage(&["restake", "x"], "<EXIT>");
	is_no_usage(&["terms", "0"], "[PRICE]");
	is_no_usage(&["terms", "1", "--price", "2"], "--price");
	is_no_usage(&["odds", "--stake", "80", "--price", "1"], "--capacity");
	is_no_usage(
		&["odds", "--stake", "80", "--price", "1", "--capacity", "4", "--fee", "0"],
		"--fee",
	);
	is_no_usage(&["weights", "--fee", "0"], "--fee");
	is_no_usage(&["apply-slash", "x"], "<BLOCK>");
	is_no_usage(&["exit", "--wait", "soon"], "finalized");
	is_no_usage(&["exit", "--timeout", "0"], "--timeout");
	is_no_usage(&["exit", "--timeout", "86401"], "--timeout");
	is_no_usage(&["exit", "--timeout", "18446744073709551615"], "--timeout");
	is_no_usage(&["exit", "--dev", "alcie"], "ferdie");
	is_no_usage(&["exit", "--yes", "--dry-run"], "--dry-run");
	is_no_usage(&["exit", "--dev", "alice", "--suri-file", "f"], "--suri-file");
	is_no_usage(&["exit", "--keystore", "k", "--suri-file", "f"], "--keystore");
	is_no_usage(&["prove", "1"], "--attestor-suri-file");
	is_no_usage(&["prove", "1", "--attestor-dev", "--block-hash", "0x11"], "--parent");
	is_no_usage(&["prove", "1", "--attestor-dev", "--gas-used", "1"], "--block-hash");
	is_no_usage(&["prove", "1", "--attestor-dev", "--instance"], "--instance");
	is_no_usage(&["prove", "1", "--attestor-dev", "--prover", "x"], "--prover");
	is_no_usage(&["prove", "x", "--attestor-dev"], "<ID>");
	is_no_usage(&["propose", "list", "--gas-limit", "1", "--max-fee-per-gas", "x"], "--max-fee");
	is_no_usage(&["verify", "--max", "0"], "--max");
	is_no_usage(&["skip"], "<BLOCK>");
	is_no_usage(&["protocol", "start", "0x11"], "--fee-per-gas");
	is_no_usage(&["run", "--attestor-dev", "--rescue", "never"], "profitable");
	is_no_usage(&["exporter", "--listen", "9618"], "--listen");
	is_no_usage(&["status", "--output", "xml"], "json");
	// No argument takes a secret.
	is_no_usage(&["exit", "--suri", "//Alice"], "--suri");
}

#[test]
fn without_a_command_there_is_help() {
	let ran = run(command::<&str>([]));
	assert_eq!(ran.code, 2);
	for name in [
		"status",
		"stake",
		"withdraw",
		"restake",
		"cancel-slash",
		"odds",
		"watch",
		"prove",
		"skip",
		"protocol",
		"exporter",
	] {
		assert!(ran.stderr.contains(name), "{name} is missing in {}", ran.stderr);
	}
}

#[test]
fn a_node_that_does_not_answer_is_named() {
	let line = fails(&["status"], 3);
	assert!(line.contains(NOBODY) && line.contains("Connection refused"), "{line}");

	let ran = run(command(["status", "--url", "ws://127.0.0.1:1,ws://127.0.0.1:2"]));
	let line = ran.fails(3);
	assert!(line.contains("127.0.0.1:1") && line.contains("127.0.0.1:2"), "{line}");
}

#[test]
fn what_keeps_an_exporter_from_serving_is_named() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap().to_string();
	let line = fails(&["exporter", "--listen", &address], 2);
	assert!(line.contains(&address) && line.contains("another address with --listen"), "{line}");
	let line = run(command(["exporter", "--url", "ws://192.0.2.1:9944"])).fails(2);
	assert!(line.contains("--insecure"), "{line}");
}

#[test]
fn something_else_than_a_node_is_named() {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let url = format!("ws://{}", listener.local_addr().unwrap());
	let server = thread::spawn(move || listener.accept().unwrap().0.read(&mut [0; 100]).unwrap());

	let line = run(command(["status", "--url", &url])).fails(3);
	assert!(line.contains(&url), "{line}");
	assert!(server.join().unwrap() > 0);
}

#[test]
fn an_unencrypted_connection_to_another_machine_must_be_allowed() {
	let line = run(command(["status", "--url", "ws://192.0.2.1:9944"])).fails(2);
	assert!(line.contains("--insecure"), "{line}");
	let line = run(command(["status", "--url", "nonsense"])).fails(2);
	assert!(line.contains("nonsense"), "{line}");
}

#[test]
fn programs_read_errors_as_json() {
	let line = fails(&["status", "--output", "json"], 3);
	let error: Value = serde_json::from_str(&line).unwrap();
	assert_eq!(error["error"], "connection");
	assert!(error["message"].as_str().unwrap().contains(NOBODY));
	assert!(error.get("name").is_none());
}

#[test]
fn a_missing_or_unusable_key_is_named_before_anything_is_asked() {
	let line = fails(&["exit"], 6);
	assert!(line.contains("--suri-file") && line.contains("PROVER_POOL_SURI"), "{line}");
	assert!(fails(&["exit", "--suri-file", "/nonexistent"], 6).contains("/nonexistent"));
	assert!(fails(&["exit", "--keystore", "/nonexistent"], 6).contains("/nonexistent"));

	let folder = TempDir::new().unwrap();
	for content in ["hunter2 and words", "//hunter2\n//Bob\n"] {
		let path = secret(&folder, content);
		for argument in ["--suri-file", "--keystore"] {
			let line = fails(&["exit", argument, &path], 6);
			assert!(line.contains(&path) && !line.contains("hunter2"), "{line}");
		}
	}
}

#[test]
fn a_secret_that_others_can_read_is_named() {
	let folder = TempDir::new().unwrap();
	let path = secret(&folder, "//Alice");
	let exit = ["exit", "--suri-file", &path, "--url", NOBODY];
	for (mode, warns) in [(0o400, false), (0o600, false), (0o440, true), (0o644, true)] {
		set_mode(&path, mode);
		let ran = run(command(exit));
		let warning = format!("warning: {path} is a secret, and its mode {mode:04o}");
		// It is a warning: the next thing that is missing is a node.
		assert_eq!((ran.code, ran.stderr.starts_with(&warning)), (3, warns), "{}", ran.stderr);
	}
	// A folder that systemd makes for one service is closed to others, whatever the file's mode.
	set_mode(&path, 0o440);
	let mut credential = command(exit);
	credential.env("CREDENTIALS_DIRECTORY", folder.path());
	run(credential).fails(3);
}

#[test]
fn development_keys_are_called_by_their_names_in_any_case() {
	for name in ["alice", "Ferdie", "EVE"] {
		fails(&["exit", "--dev", name], 3);
	}
}

#[test]
fn what_is_to_be_proven_needs_no_key() {
	let hex = format!("0x{}", "11".repeat(32));
	fails(&["prove", "1", "--instance", "--prover", &hex], 3);
	fails(&["prove", "1", "--attestor-dev"], 6);
}

#[test]
fn an_address_with_a_secret_in_it_is_not_in_the_help() {
	let mut help = command(["status", "--help"]);
	help.env("PROVER_POOL_URL", "wss://node.example/hunter2");
	let help = run(help).ok();
	assert!(help.contains("PROVER_POOL_URL") && !help.contains("hunter2"), "{help}");
}

#[test]
fn a_keystore_needs_a_password() {
	let keystore = "tests/fixtures/sr25519.json";
	let exit = ["exit", "--keystore", keystore, "--url", NOBODY];
	let line = run(command(exit)).fails(6);
	assert!(line.contains("--password-file") && line.contains("PROVER_POOL_PASSWORD"), "{line}");

	let mut wrong = command(exit);
	wrong.env("PROVER_POOL_PASSWORD", "wrong");
	assert!(run(wrong).fails(6).contains("the password is wrong"));

	let folder = TempDir::new().unwrap();
	let path = secret(&folder, "correct horse\n");
	let mut right = command(exit);
	right.arg("--password-file").arg(path);
	// With the key read, the next thing that is missing is a node.
	run(right).fails(3);
}

#[test]
fn keys_are_found_in_the_environment() {
	for (name, value, code) in [
		("PROVER_POOL_SURI", "//Alice", 3),
		("PROVER_POOL_SURI", "", 6),
		("PROVER_POOL_SURI_FILE", "/nonexistent", 6),
		("PROVER_POOL_KEYSTORE", "/nonexistent", 6),
	] {
		let mut exit = command(["exit", "--url", NOBODY]);
		exit.env(name, value);
		run(exit).fails(code);
	}
}

#[test]
fn shells_can_complete() {
	for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
		let script = run(command(["completions", shell])).ok();
		assert!(script.contains("prover-pool") && script.contains("withdraw"), "{script}");
	}
	is_no_usage(&["completions", "cmd"], "bash");
}

#[test]
fn an_error_that_nobody_reads_has_its_exit_code_all_the_same() {
	let mut status = command(["status", "--url", NOBODY]);
	let mut process = status.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
	drop(process.stderr.take());
	assert_eq!(process.wait().unwrap().code(), Some(3));
}

#[test]
fn a_reader_may_close_the_pipe() {
	let program = env!("CARGO_BIN_EXE_prover-pool");
	let mut process = Command::new(program)
		.args(["completions", "bash"])
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	drop(process.stdout.take());
	let output = process.wait_with_output().unwrap();
	assert_eq!(output.status.code(), Some(0));
	assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
