//! A prover's stake and offer, and its slashes.

use super::*;
use api::runtime_types::prover_pool_runtime::{
	checked_parameters::pallet::Call as ParametersCall,
	configs::parameters::{dynamic, RuntimeParameters},
	RuntimeCall,
};

/// Lets a prover leave after a block, and its tokens be free after three.
async fn shorten_periods(node: &Node) {
	use dynamic::pool::{ExitPeriod, MinChangeDelay, Parameters};
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let sudo = common::account("alice");
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
