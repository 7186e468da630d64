//! Every command against a real node.

mod common;
#[path = "live/governance.rs"]
mod governance;

use common::{event, run, secret, Node, Running};
use prover_pool_cli::{
	chain::api::{
		self,
		runtime_types::prover_pool_runtime::{
			checked_parameters::pallet::Call as ParametersCall,
			configs::parameters::{dynamic, RuntimeParameters},
			RuntimeCall,
		},
	},
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

/// Lets a prover leave after a block, and its tokens be free after three.
async fn shorten_periods(node: &Node) {
	use dynamic::pool::{ExitPeriod, MinChangeDelay, Parameters};
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let sudo = Signer::development("alice").unwrap();
	for parameter in [
		Parameters::MinChangeDelay(MinChangeDelay, Some(1)),
		Parameters::ExitPeriod(ExitPeriod, Some(3)),
	] {
		let key_value = RuntimeParameters::Pool(parameter);
		let call = RuntimeCall::CheckedParameters(ParametersCall::set_parameter { key_value });
		let call = api::transactions().sudo().sudo(call);
		let prepared = Prepared::sign(&client, &sudo, &call, None).await.unwrap();
		prepared.dry_run(&client).await.unwrap();
		let patience = Duration::from_secs(60);
		prepared.submit(&client, Wait::InBlock, patience, &Progress::silent()).await.unwrap();
	}
}

/// A file with a transaction list.
fn list(folder: &TempDir, content: &[u8]) -> String {
	let path = folder.path().join("list");
	fs::write(&path, content).unwrap();
	path.to_str().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prover_enters_and_leaves() {
	let node = Node::start();
	shorten_periods(&node).await;

	let status = node.json(&["status"]);
	assert_eq!(status["pool"]["provers"], 3);
	assert_eq!(status["pool"]["staked"], "3500000000000000");
	assert_eq!(status["rollup"]["next_id"], 1);
	let text = node.run(&["status"]).ok();
	assert!(
		text.contains(" provers with 3500 UNIT, 3 active, free capacity for 56 blocks"),
		"{text}"
	);

	// Trying changes nothing.
	let stake = ["stake", "80 UNIT", "--price", "9000", "--capacity", "4", "--dev", "ferdie"];
	let tried = node.json(&[&stake[..], &["--dry-run"]].concat());
	assert_eq!((&tried["dry_run"], &tried["call"]), (&json!(true), &json!("ProverPool.stake")));
	assert_eq!(node.json(&["provers"]).as_array().unwrap().len(), 3);
	// Nobody can be asked here.
	assert!(node.run(&stake).fails(2).contains("-y"));
	assert_eq!(node.json(&["provers"]).as_array().unwrap().len(), 3);

	let details = &tried["details"];
	assert_eq!((&details["account"], &details["amount"]), (&json!(FERDIE), &json!(EIGHTY)));
	assert_eq!((&details["stake_before"], &details["newly_held"]), (&json!("0"), &json!(EIGHTY)));
	assert_eq!(details["replaces"], Value::Null);
	// A tip is shown apart, and has a unit.
	let tipped = node.json(&[&stake[..], &["--dry-run", "--tip", "7 base"]].concat());
	assert_eq!((&tipped["fee"], &tipped["tip"]), (&tried["fee"], &json!("7")));
	let line = node.run(&[&stake[..], &["--dry-run", "--tip", "7"]].concat()).fails(2);
	assert!(line.contains("`7 UNIT` or `7 base`"), "{line}");

	let outcome = node.json(&[&stake[..], &["-y"]].concat());
	assert_eq!(outcome["fee"], tried["fee"]);
	assert_eq!(outcome["finalized"], false);
	let staked = event(&outcome, "ProverPool.Staked");
	let expected = json!({
		"who": FERDIE,
		"prover_id": 4,
		"amount": EIGHTY,
		"reward_per_gas": 9000,
		"current_capacity": 4,
	});
	assert_eq!(staked, &expected);

	let provers = node.json(&["provers"]);
	let ferdie = &provers[3];
	assert_eq!(ferdie["prover_id"], 4);
	assert_eq!((&ferdie["account"], &ferdie["offer"]["stake"]), (&json!(FERDIE), &json!(EIGHTY)));
	assert_eq!(ferdie["status"], json!({ "state": "entering" }));
	assert_eq!(ferdie["entered_in"], outcome["block"]);
	let text = node.run(&["provers"]).ok();
	assert!(text.starts_with("SLOT  ACCOUNT"), "{text}");
	assert!(text.contains(&format!("   4  {FERDIE}    80 UNIT   9000    4 of 4")), "{text}");

	// Its weight counts once it may be drawn.
	let weights = node.json(&["weights", "--fee", "10000"]);
	assert_eq!(
		(&weights["fee_per_gas"], &weights["weights"][3]["weight"]),
		(&json!(10000), &json!("0"))
	);
	assert_eq!(weights["weights"][1]["effective_price"], 10000);
	let text = node.run(&["weights"]).ok();
	assert!(text.contains(&format!("{FERDIE}    80 UNIT   9000   0.0000 %")), "{text}");

	let staker = node.json(&["staker", FERDIE]);
	assert_eq!(
		(&staker["prover"]["offer"]["stake"], &staker["held"]),
		(&json!(EIGHTY), &json!(EIGHTY))
	);
	assert_eq!(staker["max_capacity"], 4);
	assert_eq!((&staker["exits"], &staker["next_exit"]), (&json!([]), &Value::Null));
	assert_eq!(staker["unlisted_until"], outcome["block"].as_u64().unwrap() + 10);
	assert_eq!(node.json(&["staker", "--dev", "ferdie"])["account"], FERDIE);

	node.until(&["status"], |status| {
		status["best_block"].as_u64() > outcome["block"].as_u64().map(|b| b + 1)
	});
	// Another stake replaces the one that is there.
	let less =
		["stake", "50", "--price", "9000", "--capacity", "4", "--dev", "ferdie", "--dry-run"];
	let less = node.run(&less).ok();
	let replaced = format!("Would replace the stake of 80 UNIT of {FERDIE} by 50 UNIT, at ");
	assert!(less.starts_with(&replaced), "{less}");
	assert!(less.contains("\nExit 0 of 30 UNIT can be withdrawn after block "), "{less}");

	let leaving = node.json(&["exit", "--dev", "ferdie", "--dry-run"]);
	assert_eq!(leaving["details"]["new_exits"][0]["amount"], EIGHTY);
	let exited = node.json(&["exit", "--dev", "ferdie", "-y", "--wait", "finalized"]);
	assert_eq!(exited["finalized"], true);
	let exit = event(&exited, "ProverPool.Exited");
	assert_eq!((&exit["amount"], &exit["exit"]), (&json!(EIGHTY), &json!(0)));
	node.run(&["exit", "--dev", "ferdie", "-y"]).refused("ProverPool.NotInPool");
	let staker = node.until(&["staker", FERDIE], |staker| staker["exits"][0]["state"] == "free");
	assert_eq!((&staker["prover"], &staker["exits"][0]["amount"]), (&Value::Null, &json!(EIGHTY)));
	let text = node.run(&["staker", FERDIE]).ok();
	assert!(text.contains("not a member") && text.contains("exit 0 of 80 UNIT: now"), "{text}");
	let free = node.json(&["withdraw", "--dev", "ferdie", "--dry-run"]);
	assert_eq!(free["details"]["paid_out"], EIGHTY);
	let withdrawn = node.json(&["withdraw", "--dev", "ferdie", "-y"]);
	assert_eq!(event(&withdrawn, "ProverPool.Withdrawn")["amount"], EIGHTY);
	assert_eq!(node.json(&["staker", FERDIE])["exits"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_changes_its_offer_in_place() {
	let node = Node::start();
	shorten_periods(&node).await;
	let ferdie = |args: &[&str]| node.json(&[args, &["--dev", "ferdie", "-y"]].concat());
	let try_ferdie = |args: &[&str]| node.json(&[args, &["--dev", "ferdie", "--dry-run"]].concat());
	let odds = ["odds", "--stake", "80", "--price", "9000", "--capacity", "4", "--fee", "10000"];
	let share = node.json(&odds)["share"].as_str().unwrap().parse::<u64>().unwrap();
	assert!(share > 0 && share < pool::SHARE_UNIT / 10, "{share}");
	assert!(node.run(&odds).ok().contains(" % of the draws at 10000 base units per gas"));
	let parameters = node.json(&["parameters"]);
	assert_eq!((&parameters["exit_period"], &parameters["entry_delay"]), (&json!(3), &json!(10)));
	assert!(node.run(&["parameters"]).ok().contains("Exit period   3 blocks"));

	let staked = ferdie(&["stake", "80", "--price", "9000", "--capacity", "4"]);
	let entered = staked["block"].as_u64().unwrap();
	node.until(&["status"], |status| status["best_block"].as_u64() > Some(entered + 10));
	let weights = node.json(&["weights", "--fee", "10000"]);
	let listed = weights["weights"][3]["share"].as_str().unwrap().parse::<u64>().unwrap();
	assert_eq!(listed, share, "the odds of an offer are its share once it is listed");

	let more = ["stake-extra", "20 UNIT"];
	assert_eq!(try_ferdie(&more)["details"]["stake_after"], "100000000000000");
	event(&ferdie(&more), "ProverPool.StakeIncreased");
	let less = ["unstake", "30 UNIT"];
	let tried = try_ferdie(&less);
	assert_eq!(tried["details"]["new_exits"][0]["amount"], "30000000000000");
	let unstaked = ferdie(&less);
	assert_eq!(event(&unstaked, "ProverPool.Unstaked")["exit"], 0);
	let restaked = ferdie(&["restake", "0"]);
	assert_eq!(event(&restaked, "ProverPool.Restaked")["amount"], "30000000000000");
	// The capacity stays as it is.
	let terms = ferdie(&["terms", "--price", "9500"]);
	let terms = event(&terms, "ProverPool.TermsChanged");
	assert_eq!((&terms["reward_per_gas"], &terms["max_capacity"]), (&json!(9_500), &json!(4)));
	let staker = node.json(&["staker", FERDIE]);
	assert_eq!(staker["prover"]["offer"]["stake"], "100000000000000");
	// Draws never use more stake than there was in between.
	assert_eq!(staker["prover"]["listed"]["stake"], "70000000000000");
	assert_eq!(staker["prover"]["listed"]["reward_per_gas"], 9_000);
	let text = node.run(&["staker", FERDIE]).ok();
	assert!(text.contains("Draws use      70 UNIT at 9000 base units per gas"), "{text}");

	ferdie(&["pause"]);
	let status = |state: &str| node.json(&["provers"])[3]["status"]["state"] == state;
	assert!(status("paused"));
	ferdie(&["resume"]);
	assert!(status("active"));

	// Anybody can pay out somebody's exits.
	ferdie(&["unstake", "10 UNIT"]);
	node.until(&["staker", FERDIE], |staker| staker["exits"][0]["state"] == "free");
	let paid = node.json(&["withdraw", "--for", FERDIE, "--dev", "bob", "-y"]);
	assert_eq!(event(&paid, "ProverPool.Withdrawn")["who"], FERDIE);
}

/// A member that misses a deadline is slashed, and governance takes the slash back.
#[tokio::test(flavor = "multi_thread")]
async fn a_slash_is_deferred_and_cancelled() {
	let node = Node::sealing("100");
	let folder = TempDir::new().unwrap();
	let mut watch = Running::start(node.command(&["watch"]));
	let path = list(&folder, b"a list");
	node.run(&["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"]).ok();
	let block = node.until(&["blocks", "1"], |block| block["status"]["state"] == "assigned");
	let drawn = block["status"]["prover"].as_str().unwrap();
	node.run(&["discharge", "1", "--dev", "ferdie", "-y"]).refused("ProverPool.NotYourAssignment");
	let (prover, _) = MEMBERS.into_iter().find(|(_, address)| *address == drawn).unwrap();
	node.run(&["discharge", "1", "--dev", prover, "-y"]).refused("ProverPool.NotOverdue");
	let deadline = block["status"]["deadline"].as_u64().unwrap();
	node.until(&["blocks"], |blocks| blocks["now"].as_u64() > Some(deadline));
	// Another account proves it: its prover is slashed when it is verified.
	let rescue = ["prove", "1", "--attestor-dev", "--dev", "ferdie"];
	let tried = node.json(&[&rescue[..], &["--dry-run"]].concat());
	assert_eq!(tried["details"]["bond"], "1000000000000");
	node.run(&[&rescue[..], &["-y"]].concat()).ok();
	watch.wait(|watch| watch.stdout().contains("ProverPool.SlashDeferred").then_some(()));
	let text = watch.stdout();
	assert!(text.contains(&format!("ProverPool.Slashed: {drawn} was slashed ")), "{text}");
	assert!(text.contains(" for block 1 (Rescued): 0 UNIT from exits, "), "{text}");
	let record = &node.json(&["staker", drawn])["record"];
	assert_eq!((&record["missed"], &record["misses_in_a_row"]), (&json!(1), &json!(1)));

	node.run(&["apply-slash", "1", "--dev", "bob", "-y"]).refused("ProverPool.SlashNotDue");
	node.run(&["cancel-slash", "1", "--dev", "alice", "-y"]).refused("BadOrigin");
	node.run(&["cancel-slash", "1", "--sudo", "--dev", "bob", "-y"]).refused("Invalid.BadSigner");
	let cancelled = node.json(&["cancel-slash", "1", "--sudo", "--dev", "alice", "-y"]);
	assert_eq!(event(&cancelled, "ProverPool.SlashCancelled")["who"], drawn);
	assert_eq!(node.json(&["staker", drawn])["record"]["missed"], 0);
	assert_eq!(watch.signal("INT").code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_proposed_proven_and_verified() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let mut watch = Running::start(node.command(&["watch", "--output", "json"]));
	let finalized = Running::start(node.command(&["watch", "--finalized"]));

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
	assert_eq!((&tried["details"]["bond"], &tried["consequences"]), (&json!("0"), &json!([])));

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
	let finalized = finalized.signal("TERM");
	assert_eq!((finalized.code, finalized.stderr.as_str()), (0, ""));
	assert!(
		finalized.stdout.contains("BlockProposal.BlockVerified: block_id 1"),
		"{}",
		finalized.stdout
	);

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
		.refused("Token.FundsUnavailable");
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

/// A dry run promises nothing: what it cannot foresee is refused in a block.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_block_has_a_name_too() {
	let node = Node::start();
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let ferdie = Signer::development("ferdie").unwrap();
	let exit = api::transactions().prover_pool().exit();
	let prepared = Prepared::sign(&client, &ferdie, &exit, None).await.unwrap();
	let hash = prepared.hash();
	let patience = Duration::from_secs(60);
	let result = prepared.submit(&client, Wait::InBlock, patience, &Progress::silent()).await;
	let Error::Failed(failure) = result.unwrap_err() else { panic!("it was not in a block") };
	assert_eq!(failure.refusal.name, "ProverPool.NotInPool");
	assert_eq!(failure.transaction, hash);
	assert!(failure.fee > 0 && failure.block > 0, "{failure:?}");
	let at = client.at(failure.block_hash).await.unwrap();
	assert_eq!(at.block_number(), failure.block);
}

/// No block is made without a transaction.
#[test]
fn before_the_first_block_nothing_is_tried() {
	let node = Node::sealing("instant");
	let stake = ["stake", "80", "--price", "9000", "--capacity", "4", "--dev", "ferdie"];
	let dry_run = [&stake[..], &["--dry-run"]].concat();
	assert_eq!(node.json(&dry_run)["tried"], false);
	let text = node.run(&dry_run).ok();
	assert!(text.contains("\nNote: the chain could not try it."), "{text}");
	assert_eq!(node.json(&[&stake[..], &["-y"]].concat())["block"], 1);
	// After it, everything is.
	node.run(&["exit", "--dev", "ferdie", "--dry-run"]).refused("ProverPool.ChangeTooFrequent");
}

/// No block is made for a minute.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_not_confirmed_is_reported() {
	let node = Node::sealing("60000");
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let ferdie = Signer::development("ferdie").unwrap().account();
	let stake = ["stake", "80", "--price", "9000", "--capacity", "4", "--dev", "ferdie", "-y"];
	let stake = |more: &[&str]| node.command(&[&stake[..], more].concat());

	let line = run(stake(&["--timeout", "5"])).fails(5);
	assert!(
		line.contains("transaction 0x") && line.contains("no block included it within 5 s"),
		"{line}"
	);
	let next_index = async || client.rpc().system_account_next_index(&ferdie).await.unwrap();
	// It waits, with the first nonce; another that would take its place has to offer more.
	assert_eq!(next_index().await, 1);
	let other = ["stake", "81", "--price", "9000", "--capacity", "4", "--dev", "ferdie", "-y"];
	let other = [&other[..], &["--nonce", "0", "--timeout", "5"]].concat();
	node.run(&other).refused("Transaction.TooLowPriority");
	let better = [&other[..], &["--tip", "1 base", "--output", "json"]].concat();
	let error: Value = serde_json::from_str(&node.run(&better).fails(5)).unwrap();
	assert_eq!(error["error"], "not_confirmed");
	assert_eq!(error["transaction"].as_str().unwrap().len(), 66);
	assert!(error.get("block_hash").is_none(), "{error}");
	assert_eq!(next_index().await, 1);
	// One that leaves a gap says so.
	let ran = run(stake(&["--timeout", "5", "--nonce", "9"]));
	assert_eq!((ran.code, ran.stderr.lines().count()), (5, 2), "{}", ran.stderr);
	let warning = "warning: the nonce 9 has to wait for a transaction with the nonce 1\n";
	assert!(ran.stderr.starts_with(warning), "{}", ran.stderr);
}

/// No block is made for a minute.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_wait_reports_the_transaction() {
	let node = Node::sealing("60000");
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let ferdie = Signer::development("ferdie").unwrap().account();
	let stake = ["stake", "80", "--price", "9000", "--capacity", "4", "--dev", "ferdie", "-y"];
	let stake = |more: &[&str]| node.command(&[&stake[..], &["--timeout", "60"], more].concat());
	let submitted = async |running: &Running, next: u64| {
		let start = std::time::Instant::now();
		while client.rpc().system_account_next_index(&ferdie).await.unwrap() < next {
			assert!(start.elapsed() < common::PATIENCE, "{}", running.stderr());
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
	};
	for (signal, next) in [("INT", 1), ("TERM", 2)] {
		let running = Running::start(stake(&["--output", "json"]));
		submitted(&running, next).await;
		let ran = running.signal(signal);
		assert_eq!((ran.code, ran.stdout.as_str()), (5, ""), "{}", ran.stderr);
		let error: Value = serde_json::from_str(&ran.stderr).unwrap();
		assert_eq!(error["transaction"].as_str().unwrap().len(), 66);
		assert!(error["message"].as_str().unwrap().contains("interruption"), "{error}");
	}

	let running = Running::start(stake(&[]));
	submitted(&running, 3).await;
	// The node is gone before it reports the outcome of the transaction.
	drop(node);
	let ran = running.end();
	assert_eq!((ran.code, ran.stdout.as_str()), (5, ""), "{}", ran.stderr);
	assert!(ran.stderr.contains("look for it before submitting again"), "{}", ran.stderr);
}
