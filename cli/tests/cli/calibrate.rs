//! `calibrate` with programs that prove, fail, hang and lie. No node is there.

use super::*;
use common::{attest, proving_by};
use prover_pool_cli::decoded::hex;
use prover_pool_rollup::dev_genesis;
use subxt::ext::codec::Encode;

/// Arguments for one small sample block, proven once.
const SMALL: [&str; 8] =
	["--window", "600", "--samples", "1", "--repeats", "1", "--gas-limit", "100000"];

fn calibrate(prover: &str, further: &[&str]) -> Command {
	command([&["calibrate", "--prover-command", prover], &SMALL[..], further].concat())
}

/// The one line on standard error of a run that must fail.
#[track_caller]
fn fails_with(prover: &str, further: &[&str]) -> String {
	run(calibrate(prover, further)).fails(1)
}

#[test]
fn a_program_is_measured() {
	let attest = attest().display().to_string();
	// It takes a moment, so that its memory is seen.
	let prover = proving_by(&format!("sleep 0.3; printf '%s' \"$request\" | {attest}"));
	let args = ["--window", "600", "--samples", "2", "--repeats", "2", "--jobs", "2"];
	let mut calibrate = command(["calibrate", "--output", "json", "--prover-command", &prover]);
	calibrate.args(args).args(["--gas-limit", "300000"]);
	let shown = run(calibrate).json();
	let samples = shown["samples"].as_array().unwrap();
	let gas: Vec<_> = samples.iter().map(|sample| sample["gas_used"].as_u64().unwrap()).collect();
	assert_eq!(gas, [2 * 72_930, 4 * 72_930]);
	for sample in samples {
		let proof = sample["proof_seconds"].as_f64().unwrap();
		assert!(proof >= 0.3 && sample["longest_proof_seconds"].as_f64().unwrap() >= proof);
		let spent = proof + sample["execution_seconds"].as_f64().unwrap();
		let rate = sample["gas_used"].as_f64().unwrap() / spent;
		assert!((sample["gas_per_second"].as_f64().unwrap() - rate).abs() <= 1.0, "{sample}");
		assert!(sample["memory"].as_u64() > Some(1 << 19), "{sample}");
	}
	let at_once = shown["at_once"].as_array().unwrap();
	assert_eq!((at_once.len(), &at_once[1]["jobs"]), (2, &2.into()));
	assert_eq!(
		(&shown["largest_gas"], &shown["largest_gas_twice"]),
		(&gas[1].into(), &gas[1].into())
	);
	let (jobs, proof) = (shown["jobs"].as_u64().unwrap(), shown["proof_seconds"].as_f64().unwrap());
	let expected = jobs * (600.0 / proof).floor() as u64;
	assert_eq!(shown["capacity"], expected, "{shown}");
}

#[test]
fn the_built_in_prover_needs_no_node() {
	let calibrate =
		["calibrate", "--attestor-dev", "--gas-limit", "100000", "--samples", "1", "--url", NOBODY];
	let ran = run(command(calibrate));
	assert_eq!(ran.code, 0, "{}", ran.stderr);
	let warning =
		"warning: limits are the demo chain's, and times are compared with no window unless \
	               --window names one: no node answers: ";
	assert!(ran.stderr.starts_with(warning) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
	assert!(ran.stdout.starts_with("TRANSFERS    GAS  EXECUTION"), "{}", ran.stdout);
	assert!(ran.stdout.contains("\n        1  72930  "), "{}", ran.stdout);
	assert!(ran.stdout.contains("\n\nSuggested  --jobs "), "{}", ran.stdout);
}

#[test]
fn a_program_that_fails_or_writes_garbage_is_named() {
	let not_executed = "error: sample block 1 with 1 transfer was not executed: ";
	let not_proven = "error: sample block 1 with 1 transfer was not proven: ";
	let long = format!("echo '{{\"proof\": \"0x{}\"}}'", "00".repeat(1_025));
	let unknown = "echo '{\"unknown_parent\": true}'";
	for (prover, start, reason) in [
		("exit 3", not_executed, "the prover's command failed: exit status: 3"),
		("echo nonsense", not_executed, "the answer of the prover's command is not valid: "),
		(unknown, not_executed, "the prover does not have the state of its parent"),
		(&*proving_by("exit 4"), not_proven, "the prover's command failed: exit status: 4"),
		(
			&*proving_by("echo '{}'"),
			not_proven,
			"the answer of the prover's command is not valid: ",
		),
		(
			&*proving_by("echo '{\"proof\": \"0x\"}'"),
			not_proven,
			"the proof has 0 bytes, not 1 to 1024",
		),
		(&*proving_by(&long), not_proven, "the proof has 1025 bytes, not 1 to 1024"),
	] {
		let line = fails_with(prover, &[]);
		assert!(line.starts_with(&format!("{start}{reason}")), "{prover}: {line}");
	}
}

#[test]
fn a_program_that_hangs_is_ended() {
	let line = fails_with("sleep 1000", &["--execution-timeout", "1"]);
	let expected =
		"error: sample block 1 with 1 transfer was not executed: it took longer than 1 s";
	assert_eq!(line, expected);
	let line = fails_with(&proving_by("sleep 1000"), &["--proving-timeout", "1"]);
	let expected = "error: sample block 1 with 1 transfer was not proven: it took longer than 1 s";
	assert_eq!(line, expected);
}

/// It says that the block has used less gas.
#[test]
fn a_program_that_lies_is_named() {
	let attest = attest().display().to_string();
	let line = fails_with(&format!("{attest} | sed 's/72930/72929/'"), &[]);
	let start = "error: sample block 1 with 1 transfer was not executed: the prover's result is 0x";
	let (result, right) = line.split_once(", the right one 0x").unwrap();
	assert!(result.starts_with(start) && result.ends_with(" with 72929 gas"), "{line}");
	assert!(right.ends_with(" with 72930 gas"), "{line}");
}

/// A program in another language, which executes no transfers, and says why.
#[test]
fn what_a_program_writes_of_its_failure_is_shown() {
	let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/prover.mjs");
	let header = hex(&dev_genesis().header().encode());
	let ran = run(calibrate(&format!("GENESIS_HEADER={header} node {program}"), &[]));
	assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
	assert!(ran.stderr.contains("this program executes no transfers"), "{}", ran.stderr);
	let expected = "error: sample block 1 with 1 transfer was not executed: the prover's command \
	                failed: exit status: 1";
	assert_eq!(ran.stderr.lines().last(), Some(expected));
}

#[test]
fn a_gas_limit_without_room_for_a_transfer_is_refused() {
	let mut calibrate = command(["calibrate", "--attestor-dev", "--window", "9"]);
	calibrate.args(["--gas-limit", "72929"]);
	let expected =
		"error: a block with a gas limit of 72929 has no room for a transfer, which takes 72930";
	assert_eq!(run(calibrate).fails(2), expected);
	is_no_usage(&["calibrate"], "--prover-command");
}
