//! Every command against a real node.

#[path = "live/advice.rs"]
mod advice;
mod common;
#[path = "live/governance.rs"]
mod governance;
#[path = "live/proxies.rs"]
mod proxies;
#[path = "live/refusals.rs"]
mod refusals;
#[path = "live/staking.rs"]
mod staking;
#[path = "live/transactions.rs"]
mod transactions;

use common::{event, run, secret, Node, Running};
use prover_pool_cli::{
	chain::api,
	client::Client,
	execution::Execution,
	keys::Signer,
	output::Progress,
	prover::instance_hash,
	reads::{pool, rollup},
	submit::{Prepared, Wait},
	Error,
};
use serde_json::{json, Value};
use std::{fs, time::Duration};
use tempfile::TempDir;

const FERDIE: &str = "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL";
/// The members of the development chain's pool.
const MEMBERS: [(&str, &str); 3] = [
	("charlie", "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y"),
	("dave", "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy"),
	("eve", "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw"),
];
/// 80 tokens, in base units.
const EIGHTY: &str = "80000000000000";

/// A file with a transaction list.
fn list(folder: &TempDir, content: &[u8]) -> String {
	let path = folder.path().join("list");
	fs::write(&path, content).unwrap();
	path.to_str().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_proposed_proven_and_verified() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let mut watch = Running::start(node.command(&["watch", "--output", "json"]));
	let mut finalized = Running::start(node.command(&["watch", "--finalized"]));

	assert!(node.run(&["blocks"]).ok().contains("There are no unverified blocks"));
	let list = list(&folder, b"a list of transactions");
	let propose = ["propose", &list, "--gas-limit", "5000000", "--dev", "bob"];
	let tried = node.json(&[&propose[..], &["--dry-run"]].concat());
	assert_eq!(tried["details"]["escrow"], "105000000000");
	let most = tried["details"]["max_fee_per_gas"].as_u64().unwrap();
	assert!(most > 10_000 && most < 11_000, "{most}");
	let proposed = node.json(&[&propose[..], &["-y"]].concat());
	let proposed = event(&proposed, "BlockProposal.BlockProposed");
	assert_eq!((&proposed["block_id"], &proposed["escrow"]), (&json!(1), &json!("105000000000")));

	let block = node.until(&["blocks", "1"], |block| block["status"]["state"] == "assigned");
	let drawn = block["status"]["prover"].as_str().unwrap();
	let (prover, address) = MEMBERS.into_iter().find(|(_, address)| *address == drawn).unwrap();
	assert_eq!(block["tx_list_hash"], proposed["tx_list_hash"]);
	assert_eq!((&block["claims"], &block["all_claims"]), (&json!(0), &json!([])));
	let waiting = node.json(&["blocks"]);
	assert_eq!(waiting["blocks"].as_array().unwrap().len(), 1);
	let owes = node.json(&["staker", address]);
	assert_eq!((&owes["outstanding"], &owes["assignments"][0]["block_id"]), (&json!(1), &json!(1)));

	the_statement_is_that_of_the_chain(&node, prover).await;
	lists_are_the_same_in_pages_of_any_size(&node, prover).await;
	let prove = ["prove", "1", "--dev", prover];
	let instance = node.json(&[&prove[..], &["--instance"]].concat());
	// The list does not decode.
	assert_eq!((&instance["prover"], &instance["gas_used"]), (&json!(address), &json!(0)));
	// Nothing is signed, so that an account is enough.
	let keyless = ["prove", "1", "--instance", "--prover", address];
	assert_eq!(node.json(&keyless), instance);
	let tried = node.json(&[&prove[..], &["--attestor-dev", "--dry-run"]].concat());
	assert_eq!(tried["details"]["instance"], instance["instance"]);
	assert_eq!(tried["details"]["bond"], "0");
	let price = &tried["details"]["reward_per_gas"];
	let [paid] = &tried["consequences"].as_array().unwrap()[..] else { panic!("{tried}") };
	let paid = paid.as_str().unwrap();
	assert!(paid.starts_with("It pays ") && paid.contains(&format!("{price} base")), "{paid}");

	let outcome = node.json(&[&prove[..], &["--attestor-dev", "-y"]].concat());
	let proven = event(&outcome, "BlockProposal.BlockClaimed");
	assert_eq!(proven["block_hash"], instance["block_hash"]);
	assert_eq!((&proven["prover"], &proven["bond"]), (&json!(address), &json!("0")));
	let again = [&prove[..], &["--attestor-dev", "-y"]].concat();
	node.run(&again).refused("BlockProposal.AlreadyProven");
	let text = node.run(&["blocks"]).ok();
	assert!(text.contains("proven"), "{text}");
	node.run(&["verify", "--dev", "bob", "-y"]).refused("BlockProposal.NothingToVerify");

	// What was watched is the whole life of the block, once, in its order.
	let lines = watch.wait(|watch| {
		let lines = watch.stdout();
		let complete = lines.contains("AveragesUpdated");
		complete.then(|| lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
	});
	let lines: Vec<Value> = lines;
	assert!(lines.iter().all(|line| line["kind"] == "event"), "{lines:?}");
	let names: Vec<_> = lines.iter().map(|line| line["name"].as_str().unwrap()).collect();
	assert_eq!(
		names,
		[
			"ProverPool.ProverRequested",
			"BlockProposal.BlockProposed",
			"ProverPool.ProverAssigned",
			"BlockProposal.BlockAssigned",
			"BlockProposal.BlockClaimed",
			"ProverPool.ProverReleased",
			"ProverPool.ProverDischarged",
			"BlockProposal.BlockVerified",
			"BlockProposal.AveragesUpdated",
		]
	);
	assert_eq!(lines[7]["data"]["verdict"], "InTime");
	assert_eq!((&lines[2]["extrinsic"], &lines[5]["block"]), (&Value::Null, &outcome["block"]));
	assert_eq!(watch.signal("INT").code, 0);
	// Finality follows with the next block.
	let verified = "BlockProposal.BlockVerified: block_id 1";
	finalized.wait(|watch| watch.stdout().contains(verified).then_some(()));
	let finalized = finalized.signal("TERM");
	assert_eq!((finalized.code, finalized.stderr.as_str()), (0, ""));

	let status = node.json(&["status"]);
	assert_eq!(status["rollup"]["verified_id"], 1);
	assert_eq!(status["rollup"]["verified_hash"], proven["block_hash"]);
}

/// A prover computes the statement to prove. It must be that of the chain.
async fn the_statement_is_that_of_the_chain(node: &Node, prover: &str) {
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let at = client.best().await.unwrap();
	let state = rollup::started(&at).await.unwrap();
	let block = rollup::block(&at, 1).await.unwrap().unwrap();
	let (parent_hash, block_hash) = (state.verified_hash, block.tx_list_hash);
	let execution = Execution { parent_hash, block_hash, gas_used: 4_000_000 };
	let prover = Signer::development(prover).unwrap().account();
	let ours = instance_hash(client.genesis_hash(), &block.proposal(1), &execution, &prover);
	assert_eq!(rollup::instance_hash(&at, 1, execution, prover).await.unwrap(), Some(ours));
	assert_eq!(rollup::instance_hash(&at, 2, execution, prover).await.unwrap(), None);
	assert!(rollup::reward_per_gas(&at, 1).await.unwrap().is_some());
	// So must be the keys that vouch for claims.
	let attestor = Signer::development("attestor").unwrap().account();
	assert_eq!(rollup::attestation_keys(&at).await.unwrap(), vec![attestor.0]);
}

/// Lists are read in pages, most of which have room for all of a list.
async fn lists_are_the_same_in_pages_of_any_size(node: &Node, prover: &str) {
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let at = client.best().await.unwrap();
	let prover = Signer::development(prover).unwrap().account();
	let all = (
		pool::provers(&at).await.unwrap(),
		pool::weights(&at, 10_000).await.unwrap(),
		pool::assignments(&at, prover).await.unwrap(),
		rollup::blocks(&at, 1).await.unwrap(),
	);
	assert_eq!((all.0.len(), all.1.len(), all.2.len(), all.3.len()), (3, 3, 1, 1));
	for page in 1..=4 {
		let paged = (
			pool::provers_by(&at, page).await.unwrap(),
			pool::weights_by(&at, 10_000, page).await.unwrap(),
			pool::assignments_by(&at, prover, page).await.unwrap(),
			rollup::blocks_by(&at, 1, page).await.unwrap(),
		);
		assert_eq!(format!("{paged:?}"), format!("{all:?}"), "{page} at a time");
	}
}

#[test]
fn what_the_chain_refuses_has_a_name() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let ferdie = |args: &[&str]| node.run(&[args, &["--dev", "ferdie", "-y"]].concat());

	ferdie(&["exit"]).refused("ProverPool.NotInPool");
	ferdie(&["withdraw"]).refused("ProverPool.NoMatureExit");
	ferdie(&["stake", "39", "--price", "1", "--capacity", "4"]).refused("ProverPool.InvalidParams");
	ferdie(&["stake", "40", "--price", "1", "--capacity", "3"]).refused("ProverPool.InvalidParams");
	ferdie(&["stake", "2000000", "--price", "1", "--capacity", "4"])
		.refused("ProverPool.InsufficientFunds");
	ferdie(&["exit", "--nonce", "7"]).refused("ProverPool.NotInPool");
	node.run(&["exit", "--dev", "charlie", "-y"]).refused("ProverPool.ChangeTooFrequent");
	// These never get so far as to be calls of the chain.
	assert!(ferdie(&["stake", "0", "--price", "1", "--capacity", "4"]).fails(2).contains("exit"));
	assert!(ferdie(&["stake", "8 DOT", "--price", "1", "--capacity", "4"])
		.fails(2)
		.contains("UNIT"));

	let path = list(&folder, b"a list");
	ferdie(&["propose", &path, "--gas-limit", "8000001"]).refused("BlockProposal.GasLimitTooHigh");
	let path = list(&folder, &vec![0; 120 * 1024 + 1]);
	ferdie(&["propose", &path, "--gas-limit", "1"]).refused("BlockProposal.TxListTooLong");
	assert!(ferdie(&["propose", "/nonexistent", "--gas-limit", "1"])
		.fails(2)
		.contains("/nonexistent"));

	let path = list(&folder, b"a list");
	let low_limit = ["propose", &path, "--gas-limit", "1", "--max-fee-per-gas", "9999"];
	ferdie(&low_limit).refused("BlockProposal.FeeTooHigh");
	node.run(&["blocks", "1"]).refused("BlockProposal.UnknownBlock");
	for call in ["expire", "skip", "dispute"] {
		ferdie(&[call, "1"]).refused("BlockProposal.UnknownBlock");
	}
	ferdie(&["prove", "1", "--attestor-dev"]).refused("BlockProposal.UnknownBlock");
	ferdie(&["verify"]).refused("BlockProposal.NothingToVerify");
	ferdie(&["clear-claims", "1"]).refused("BlockProposal.NothingToClear");
	node.run(&["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"]).ok();
	node.run(&["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"]).ok();
	let block = node.until(&["blocks", "1"], |block| block["status"]["state"] == "assigned");
	let drawn = block["status"]["prover"].as_str().unwrap();
	let (prover, _) = MEMBERS.into_iter().find(|(_, address)| *address == drawn).unwrap();
	let prover = |args: &[&str]| node.run(&[&["prove"], args, &["--dev", prover, "-y"]].concat());

	ferdie(&["prove", "1", "--attestor-dev"]).refused("BlockProposal.TooEarly");
	let suri = secret(&folder, "//Somebody");
	prover(&["1", "--attestor-suri-file", &suri]).refused("BlockProposal.InvalidProof");
	let proof = list(&folder, b"0x1234");
	prover(&["1", "--proof-file", &proof]).refused("BlockProposal.InvalidProof");
	prover(&["1", "--proof-file", "/dev/zero"]).refused("BlockProposal.ProofTooLong");
	let hash = format!("0x{}", "11".repeat(32));
	let named = ["1", "--block-hash", &hash, "--parent", &hash, "--attestor-dev", "--gas-used"];
	prover(&[&named[..], &["5000001"]].concat()).refused("BlockProposal.GasOverLimit");
	assert!(prover(&[
		"1",
		"--attestor-dev",
		"--block-hash",
		&hash,
		"--parent",
		"0x1",
		"--gas-used",
		"1"
	])
	.fails(2)
	.contains("--parent"));
	ferdie(&["expire", "1"]).refused("BlockProposal.NotPending");
	ferdie(&["skip", "1"]).refused("BlockProposal.NotExpired");
	ferdie(&["skip", "2"]).refused("BlockProposal.NotHead");
	ferdie(&["dispute", "1"]).refused("BlockProposal.UnknownClaim");

	// Blocks without an assignment or a slash.
	ferdie(&["discharge", "7"]).refused("ProverPool.UnknownBlock");
	ferdie(&["apply-slash", "7"]).refused("ProverPool.NoPendingSlash");
	ferdie(&["cancel-slash", "7"]).refused("ProverPool.NoPendingSlash");
	for offer in [&["stake-extra", "1"][..], &["unstake", "1"], &["restake", "0"], &["pause"]] {
		ferdie(offer).refused("ProverPool.NotInPool");
	}
	ferdie(&["resume"]).refused("ProverPool.NotInPool");
	ferdie(&["terms", "9000", "4"]).refused("ProverPool.NotInPool");
	assert!(ferdie(&["terms"]).fails(2).contains("a price, a capacity, or both"));
	node.run(&["pause", "--dev", "charlie", "--dry-run"]).ok();
	node.run(&["resume", "--dev", "charlie", "-y"]).refused("ProverPool.NotPaused");
	node.run(&["terms", "8000", "129", "--dev", "charlie", "-y"])
		.refused("ProverPool.InvalidParams");
	node.run(&["restake", "0", "--dev", "charlie", "-y"]).refused("ProverPool.UnknownExit");

	// Somebody who has no tokens.
	let path = list(&folder, b"a list");
	let mut poor = node.command(&["propose", &path, "--gas-limit", "1", "-y", "--output", "json"]);
	poor.env("PROVER_POOL_SURI", "//Nobody");
	let error: Value = serde_json::from_str(&run(poor).fails(4)).unwrap();
	assert_eq!((&error["error"], &error["name"]), (&json!("refused"), &json!("Invalid.Payment")));
}

#[test]
fn accounts_and_keys_have_several_forms() {
	let node = Node::start();
	// The first that answers is used.
	let urls = format!("ws://127.0.0.1:1,{}", node.url);
	let status = run(node.command(&["status", "--url", &urls, "--output", "json"])).json();
	assert_eq!(status["url"], node.url.as_str());

	let hex = "0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c";
	assert_eq!(node.json(&["staker", hex])["account"], FERDIE);
	// Ferdie's address on another chain.
	let line = node.run(&["staker", "15Q7LyH6EQvFN4Ss9SBJ4PYyLFXTPjyNEwJ6PWjT3Jb2ryef"]).fails(2);
	assert!(line.contains("not an account"), "{line}");
	assert!(node.run(&["staker"]).fails(2).contains("name an account"));

	let keystore = "tests/fixtures/sr25519.json";
	let mut staker = node.command(&["staker", "--keystore", keystore, "--output", "json"]);
	staker.env("PROVER_POOL_PASSWORD", "correct horse");
	let account = &run(staker).json()["account"];
	assert_eq!(account, "5G3xPUP6gA8M8gGguUSnKH5vzUBygdXJfrCmGNceDauWvrMp");
}
