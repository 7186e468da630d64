//! The program as the daemon runs it, with a real proof.

use prover_pool_rollup::{dev_genesis, sha256, Proposal, State};
use prover_pool_zk_host::image::{image_id, GUEST_ELF};
use serde_json::{json, Value};
use std::{
	fs,
	io::Write,
	process::{Command, Output, Stdio},
	time::Instant,
};
use succinct_proof_verifier::{verify, System};
use tempfile::TempDir;

const GENESIS: [u8; 32] = [1; 32];
const PROVER: [u8; 32] = [2; 32];
const BENEFICIARY: [u8; 32] = [3; 32];
/// A list with no transfers.
const LIST: &[u8] = &[0];

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Runs the program with these arguments and this input.
fn run(arguments: &[&str], input: &str) -> Output {
	let mut child = Command::new(env!("CARGO_BIN_EXE_prover-pool-zk"))
		.args(arguments)
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	// It may end before it has read all.
	let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
	child.wait_with_output().unwrap()
}

/// Returns the answer to a request, and the lines for the operator.
fn ask(request: &Value) -> (Value, String) {
	let Output { status, stdout, stderr } = run(&[], &format!("{request}\n"));
	let stderr = String::from_utf8(stderr).unwrap();
	assert!(status.success(), "{stderr}");
	(serde_json::from_slice(&stdout).unwrap(), stderr)
}

/// Returns the reason for which a request has no answer.
fn refused(request: &Value) -> String {
	let Output { status, stdout, stderr } = run(&[], &format!("{request}\n"));
	assert_eq!((status.code(), &stdout[..]), (Some(1), &b""[..]));
	String::from_utf8(stderr).unwrap()
}

/// Returns the state after the block with the empty list on this one.
fn next(mut state: State, id: u64) -> State {
	let proposal = Proposal { id, gas_limit: 100, beneficiary: BENEFICIARY };
	let executed = state.execute(&proposal, LIST).unwrap();
	state.apply(&executed).unwrap();
	state
}

/// Returns the requests to execute and to prove that block, and its instance.
fn requests(folder: &TempDir, parent: &State, id: u64) -> (Value, Value, [u8; 32]) {
	let execute = json!({
		"version": 2,
		"verb": "execute",
		"state_dir": folder.path(),
		"genesis_hash": hex(GENESIS),
		"block_id": id,
		"tx_list": hex(LIST),
		"tx_list_hash": hex(sha256(LIST)),
		"gas_limit": 100,
		"beneficiary": hex(BENEFICIARY),
		"parent_id": id - 1,
		"parent_hash": hex(parent.header().hash()),
	});
	let header = *next(parent.clone(), id).header();
	let instance = header.instance(GENESIS, PROVER).hash();
	let mut prove = execute.clone();
	let more = json!({
		"verb": "prove",
		"block_hash": hex(header.hash()),
		"gas_used": header.gas_used,
		"instance": hex(instance),
		"prover": hex(PROVER),
		"blocks_left": 100,
	});
	prove.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
	(execute, prove, instance)
}

#[test]
fn blocks_are_executed_and_proven() {
	let folder = TempDir::new().unwrap();
	let genesis = dev_genesis();
	let (execute, ..) = requests(&folder, &genesis, 1);
	let first = next(genesis, 1);
	let (_, prove, instance) = requests(&folder, &first, 2);

	// The parent's state is not there yet.
	assert!(refused(&prove).contains("the state of the parent is not known"));
	let (answer, _) = ask(&execute);
	assert_eq!(answer["block_hash"], hex(first.header().hash()));
	assert_eq!(answer["gas_used"], 0);

	let (answer, progress) = ask(&prove);
	let proof = hex::decode(answer["proof"].as_str().unwrap().strip_prefix("0x").unwrap()).unwrap();
	let image = image_id(GUEST_ELF).unwrap();
	assert_eq!(verify(&System::RiscZeroSegments, &image, &instance, &proof), Ok(()));
	for line in ["executed in", "segment 1 of 1: 2^15 cycles", "proven in", "of CPU"] {
		assert!(progress.contains(line), "{progress}");
	}

	// The same by hand.
	let path = folder.path().join("proof");
	fs::write(&path, &proof).unwrap();
	let file = path.to_str().unwrap();
	let verified = |instance: [u8; 32]| run(&["verify", file, "--instance", &hex(instance)], "");
	assert!(verified(instance).status.success());
	let other = verified([9; 32]);
	assert_eq!(other.status.code(), Some(1));
	assert!(String::from_utf8(other.stderr)
		.unwrap()
		.contains("the proof is of another instance or program"));
}

#[test]
fn nothing_but_what_is_asked_for_is_proven() {
	let folder = TempDir::new().unwrap();
	let (_, prove, _) = requests(&folder, &dev_genesis(), 1);
	let with = |key: &str, value: Value| {
		let mut request = prove.clone();
		request[key] = value;
		request
	};
	let began = Instant::now();
	for request in [
		with("instance", hex([9; 32]).into()),
		with("prover", hex([9; 32]).into()),
		with("genesis_hash", hex([9; 32]).into()),
		with("block_id", 7.into()),
		with("gas_limit", 99.into()),
		with("beneficiary", hex([9; 32]).into()),
	] {
		let reason = refused(&request);
		assert!(reason.contains("its instance is another"), "{reason}");
	}
	assert!(refused(&with("version", 3.into())).contains("version 3"));
	assert!(refused(&with("tx_list", "0x04".into())).contains("does not have the hash"));
	// A proof takes longer than all of this.
	assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn sample_blocks_are_executed_and_counted() {
	let output = run(&["--segment-po2", "17", "execute", "8"], "");
	let stdout = String::from_utf8(output.stdout).unwrap();
	assert!(output.status.success());
	assert!(stdout.contains("transfers 8\nuser cycles "), "{stdout}");
	assert!(stdout.contains("segments 2^17 2^17"), "{stdout}");
	for wrong in [&["--segment-po2", "14"][..], &["execute", "1001"], &["settle"]] {
		assert_eq!(run(wrong, "").status.code(), Some(2), "{wrong:?}");
	}
	let output = run(&["image-id"], "");
	let expected = format!("{}\n", hex(image_id(GUEST_ELF).unwrap()));
	assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
