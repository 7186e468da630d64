//! The program as others run it.

use prover_pool_rollup::{
	dev_genesis, dev_secret, encode_list, sha256, Proposal, Signer, State, DEV_ACCOUNTS,
	DEV_BALANCE, GAS_PER_TRANSFER,
};
use serde_json::{json, Value};
use std::{
	fs,
	io::Write,
	process::{Command, Output, Stdio},
};
use tempfile::TempDir;

const GAS_LIMIT: u32 = 8_000_000;
const BENEFICIARY: [u8; 32] = [9; 32];

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Runs the program with this input.
fn run(input: &str) -> Output {
	let mut child = Command::new(env!("CARGO_BIN_EXE_prover-pool-rollup"))
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	// It may end before it has read all.
	let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
	child.wait_with_output().unwrap()
}

/// Returns the answer to a request.
fn ask(request: &Value) -> Value {
	let Output { status, stdout, stderr } = run(&format!("{request}\n"));
	assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
	serde_json::from_slice(&stdout).unwrap()
}

/// Returns the reason why a request is refused.
fn refused(request: &str) -> String {
	let Output { status, stdout, stderr } = run(request);
	assert_eq!(status.code(), Some(1), "{request}");
	assert_eq!(stdout, b"");
	String::from_utf8(stderr).unwrap()
}

fn execute(folder: &TempDir, block_id: u64, parent: &str, tx_list: &[u8]) -> Value {
	json!({
		"version": 2,
		"verb": "execute",
		"state_dir": folder.path(),
		"genesis_hash": hex([1; 32]),
		"block_id": block_id,
		"tx_list": hex(tx_list),
		"tx_list_hash": hex(sha256(tx_list)),
		"gas_limit": GAS_LIMIT,
		"beneficiary": hex(BENEFICIARY),
		"parent_id": block_id - 1,
		"parent_hash": parent,
	})
}

fn transfers(
	folder: &TempDir,
	block: &str,
	accounts: &[u32],
	count: u32,
	lists: u32,
) -> Vec<String> {
	let answer = ask(&json!({
		"verb": "transfers",
		"state_dir": folder.path(),
		"block_hash": block,
		"accounts": accounts,
		"count": count,
		"lists": lists,
	}));
	serde_json::from_value(answer["tx_lists"].clone()).unwrap()
}

fn accounts(folder: &TempDir, block: &str) -> Vec<(String, u64, u64)> {
	let request = json!({ "verb": "accounts", "state_dir": folder.path(), "block_hash": block });
	let answer = ask(&request);
	let account = |account: &Value| {
		let balance = account["balance"].as_str().unwrap().parse().unwrap();
		let address = account["address"].as_str().unwrap().to_owned();
		(address, balance, account["nonce"].as_u64().unwrap())
	};
	answer["accounts"].as_array().unwrap().iter().map(account).collect()
}

fn genesis_hash() -> String {
	hex(dev_genesis().header().hash())
}

/// Executes a list with the crate.
fn expected(state: &mut State, id: u64, tx_list: &[u8]) -> (String, u32) {
	let proposal = Proposal { id, gas_limit: GAS_LIMIT, beneficiary: BENEFICIARY };
	let executed = state.execute(&proposal, tx_list).unwrap();
	state.apply(&executed).unwrap();
	(hex(state.header().hash()), state.header().gas_used)
}

#[test]
fn blocks_are_executed_as_the_crate_does_and_their_states_are_kept() {
	let folder = TempDir::new().unwrap();
	let mut state = dev_genesis();
	let mut wallet = Signer::new(dev_secret(0));
	let to = Signer::new(dev_secret(1)).address();
	let mut parent = genesis_hash();
	for id in 1..4 {
		let tx_list = encode_list(&[wallet.sign(to, 100, 2).unwrap()]);
		let answer = ask(&execute(&folder, id, &parent, &tx_list));
		let (block_hash, gas_used) = expected(&mut state, id, &tx_list);
		let moved = json!([{
			"from": hex(wallet.address()),
			"to": hex(to),
			"amount": "100",
			"fee": "2",
			"effect": "moved",
		}]);
		let expected =
			json!({ "block_hash": block_hash, "gas_used": gas_used, "transfers": moved });
		assert_eq!(answer, expected);
		assert!(folder.path().join(&block_hash).is_file());
		parent = block_hash;
	}
	assert_eq!(state.account(&BENEFICIARY).unwrap().balance, 6);
	let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
	assert_eq!(names.count(), 3, "nothing else is left");
}

#[test]
fn a_list_that_does_not_decode_or_exceeds_the_limit_gives_an_empty_block() {
	let folder = TempDir::new().unwrap();
	let many = &transfers(&folder, &genesis_hash(), &[0], 1, 1)[0];
	let many = hex::decode(&many[2..]).unwrap();
	for (tx_list, limit, gas) in
		[(&b"nonsense"[..], GAS_LIMIT, 0), (&many, GAS_PER_TRANSFER - 1, GAS_PER_TRANSFER - 1)]
	{
		let mut request = execute(&folder, 1, &genesis_hash(), tx_list);
		request["gas_limit"] = limit.into();
		let answer = ask(&request);
		assert_eq!(answer["gas_used"], gas);
		assert_eq!(answer["transfers"], json!([]));
	}
}

#[test]
fn a_parent_whose_state_is_missing_or_damaged_is_not_known() {
	let folder = TempDir::new().unwrap();
	let unknown = json!({ "unknown_parent": true });
	assert_eq!(ask(&execute(&folder, 2, &hex([7; 32]), &[0])), unknown);

	let answer = ask(&execute(&folder, 1, &genesis_hash(), &[0]));
	let block_hash = answer["block_hash"].as_str().unwrap();
	let file = folder.path().join(block_hash);
	let whole = fs::read(&file).unwrap();
	for bytes in [&whole[1..], &whole[..whole.len() - 1], &[]] {
		fs::write(&file, bytes).unwrap();
		assert_eq!(ask(&execute(&folder, 2, block_hash, &[0])), unknown);
	}
	// The state of another block.
	fs::write(folder.path().join(hex([8; 32])), &whole).unwrap();
	assert_eq!(ask(&execute(&folder, 2, &hex([8; 32]), &[0])), unknown);
}

#[test]
fn lists_are_of_transfers_that_move_something() {
	let folder = TempDir::new().unwrap();
	let senders = [0, 3, 5];
	let mut block = genesis_hash();
	let mut sent = 0;
	let lists = transfers(&folder, &block, &senders, 4, 3);
	for (id, tx_list) in (1..).zip(&lists) {
		let tx_list = hex::decode(&tx_list[2..]).unwrap();
		let answer = ask(&execute(&folder, id, &block, &tx_list));
		assert_eq!(answer["gas_used"], 4 * GAS_PER_TRANSFER);
		for transfer in answer["transfers"].as_array().unwrap() {
			assert_eq!(transfer["effect"], "moved");
			assert_ne!(transfer["from"], transfer["to"]);
			sent += 1;
		}
		block = answer["block_hash"].as_str().unwrap().into();
	}
	assert_eq!(sent, 12);
	let after = accounts(&folder, &block);
	assert_eq!(after.len(), DEV_ACCOUNTS as usize);
	let nonces: Vec<_> = after.iter().map(|(_, _, nonce)| *nonce).collect();
	assert_eq!((nonces[0], nonces[3], nonces[5]), (4, 4, 4), "each sends in turn");
	assert_eq!(nonces.iter().sum::<u64>(), 12, "and nobody else");
	assert!(after.iter().any(|(_, balance, _)| *balance > DEV_BALANCE));
}

/// The keys sign once only, so what is made again must be the same.
#[test]
fn a_list_that_is_made_again_has_the_same_transfers() {
	let folder = TempDir::new().unwrap();
	let all = transfers(&folder, &genesis_hash(), &[1, 2], 2, 3);
	let first = hex::decode(&all[0][2..]).unwrap();
	let answer = ask(&execute(&folder, 1, &genesis_hash(), &first));
	let block = answer["block_hash"].as_str().unwrap();
	assert_eq!(transfers(&folder, block, &[1, 2], 2, 2), all[1..]);
	assert_eq!(transfers(&folder, &genesis_hash(), &[1, 2], 2, 3), all);
}

#[test]
fn several_requests_are_answered_in_order() {
	let folder = TempDir::new().unwrap();
	let request = |block: String| {
		json!({ "verb": "accounts", "state_dir": folder.path(), "block_hash": block }).to_string()
	};
	let input = [request(genesis_hash()), execute(&folder, 1, &hex([7; 32]), &[]).to_string()];
	let Output { status, stdout, .. } = run(&input.join("\n"));
	assert!(status.success());
	let answers = String::from_utf8(stdout).unwrap();
	let answers: Vec<Value> =
		answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
	assert_eq!(answers[0]["accounts"][0]["balance"], DEV_BALANCE.to_string());
	assert_eq!(answers[1..], [json!({ "unknown_parent": true })]);
}

#[test]
fn bad_requests_are_refused_with_the_reason() {
	let folder = TempDir::new().unwrap();
	let with = |key: &str, value: Value| {
		let mut request = execute(&folder, 1, &genesis_hash(), &[0]);
		request[key] = value;
		request.to_string()
	};
	let mut prove = execute(&folder, 1, &genesis_hash(), &[0]);
	prove["verb"] = "prove".into();
	prove["instance"] = hex([3; 32]).into();
	prove["prover"] = hex([4; 32]).into();
	let lists = |accounts: Value, block: String| {
		json!({
			"verb": "transfers",
			"state_dir": folder.path(),
			"block_hash": block,
			"accounts": accounts,
			"count": 1,
		})
		.to_string()
	};
	for (request, reason) in [
		("no JSON".to_owned(), "no valid request"),
		("{}".into(), "missing field `verb`"),
		(with("verb", "settle".into()), "unknown variant `settle`"),
		(with("verb", "prove".into()), "missing field `instance`"),
		(prove.to_string(), "this program makes no proofs"),
		(with("version", 1.into()), "version 1 of the contract is unknown"),
		(with("tx_list", "0x01".into()), "does not have the hash"),
		(with("tx_list", "0x0".into()), "Odd number of digits"),
		(with("tx_list", "00".into()), "no 0x"),
		(with("parent_hash", "0x00".into()), "1 bytes are a wrong number"),
		(with("gas_limit", (-1).into()), "invalid value"),
		(with("state_dir", "/no/such/folder".into()), "cannot be written"),
		(lists(json!([]), genesis_hash()), "no account to send from"),
		(lists(json!([DEV_ACCOUNTS]), genesis_hash()), "does not exist"),
		(lists(json!([0]), hex([7; 32])), "is not known"),
	] {
		let complaint = refused(&request);
		assert!(complaint.starts_with("prover-pool-rollup: "), "{complaint}");
		assert!(complaint.contains(reason), "{request}: {complaint}");
	}
}
