//! What a refusal says besides its name, and what is said before a call that is not refused.

use super::*;
use prover_pool_cli::amount::Token;

#[test]
fn a_refusal_says_what_would_do_and_when() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let refused = |args: &[&str]| node.run(args).fails(4);
	// Nothing is tried before the first block.
	let path = list(&folder, b"a list");
	node.run(&["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"]).ok();
	let stake = ["stake", "80", "--price", "9000", "--capacity", "100", "--dev", "ferdie", "-y"];
	assert_eq!(
		refused(&stake),
		"error: refused by the chain: ProverPool.InvalidParams: Price, capacity or stake is outside the \
		 accepted range. A capacity of 100 needs a stake of 1000 UNIT: 80 UNIT is enough for 8. \
		 `parameters` shows the accepted ranges."
	);
	let line = refused(&["terms", "8000", "129", "--dev", "charlie", "-y"]);
	let reasons =
		" A capacity of 129 is outside of 4 to 128. A capacity of 129 needs a stake of 1290 \
	               UNIT: 1000 UNIT is enough for 100. ";
	assert!(line.contains(reasons), "{line}");
	assert_eq!(
		refused(&["odds", "--stake", "39", "--price", "9000", "--capacity", "4"]),
		"error: refused by the chain: ProverPool.InvalidParams: A capacity of 4 needs a stake of 40 UNIT, \
		 not 39 UNIT. `parameters` shows the accepted ranges."
	);

	// It has entered in the genesis state.
	for args in [&["exit"][..], &["unstake", "1"]] {
		let line = refused(&[args, &["--dev", "charlie", "-y"]].concat());
		let begin =
			"error: refused by the chain: ProverPool.ChangeTooFrequent: The member entered too \
		             recently. This is allowed after block 600; now is block ";
		let end = ". `staker` shows when the account can leave.";
		assert!(line.starts_with(begin) && line.ends_with(end), "{line}");
	}
	let line = refused(&["withdraw", "--dev", "ferdie", "-y"]);
	assert!(line.contains("whose exit period is over. It has no exit at all. "), "{line}");

	let block = node.until(&["blocks", "1"], |block| block["status"]["state"] == "assigned");
	let drawn = block["status"]["prover"].as_str().unwrap();
	let line = refused(&["prove", "1", "--attestor-dev", "--dev", "ferdie", "-y"]);
	let until = format!(
		" {drawn} has until {} by the rollup's clock; now is ",
		block["status"]["deadline"].as_u64().unwrap()
	);
	assert!(line.contains(&until), "{line}");
	let line = refused(&["skip", "1", "--dev", "ferdie", "-y"]);
	assert!(line.contains(" by the rollup's clock; now is "), "{line}");

	assert_eq!(
		refused(&["protocol", "pause", "--dev", "bob", "-y"]),
		"error: refused by the chain: Invalid.BadSigner: the account cannot sign. Only governance can make \
		 this call: add `--sudo` and sign with the sudo key, where there is one."
	);
	let line = refused(&["protocol", "pause", "--sudo", "--dev", "bob", "-y"]);
	assert!(line.ends_with(" With `--sudo`, sign with the key of the sudo account."), "{line}");
}

#[test]
fn a_stake_that_leaves_too_little_for_fees_is_warned_of() {
	let node = Node::start();
	let stake = |amount: &str, how: &[&str]| {
		let args = ["stake", amount, "--price", "9000", "--capacity", "4", "--dev", "ferdie"];
		node.run(&[&args[..], how].concat())
	};
	let enough: Value =
		serde_json::from_str(&stake("80", &["--dry-run", "-o", "json"]).ok()).unwrap();
	let notes = |tried: &Value| tried["consequences"].to_string().contains("Note: ");
	assert!(!notes(&enough), "{enough}");
	// 0.008 of its million tokens stay free, of which 0.001 keep the account.
	let short: Value =
		serde_json::from_str(&stake("999999.992", &["--dry-run", "-o", "json"]).ok()).unwrap();
	let amount = |value: &Value| value.as_str().unwrap().parse::<u128>().unwrap();
	let details = &short["details"];
	let (left, needed) = (amount(&details["left_for_fees"]), amount(&details["needed_for_fees"]));
	assert_eq!(left, 7_000_000_000 - amount(&short["fee"]));
	assert_eq!(details["needed_for_fees"], enough["details"]["needed_for_fees"]);
	let token = Token::new("UNIT", 12).unwrap();
	let warning = format!(
		"{FERDIE} keeps {} to pay fees from, and a proof, an exit and a withdrawal cost up to {}",
		token.format(left),
		token.format(needed)
	);
	let last = short["consequences"].as_array().unwrap().last().unwrap();
	assert_eq!(last, &json!(format!("Note: {warning}.")));

	let staked = stake("999999.992", &["-y"]);
	assert_eq!((staked.code, staked.stderr), (0, format!("warning: {warning}\n")));
}

#[test]
fn a_price_that_draws_do_not_pay_and_terms_that_change_nothing_are_said() {
	let node = Node::start();
	let consequences =
		|args: &[&str]| node.json(&[args, &["--dry-run"]].concat())["consequences"].clone();
	let has = |args: &[&str], line: &str| {
		let lines = consequences(args);
		assert!(lines.as_array().unwrap().contains(&json!(line)), "{lines}");
	};
	let band =
		"the band of 7500 to 12500, at the present fee of 10000 base units per gas: a draw pays";
	let stake = ["stake", "80", "--capacity", "4", "--dev", "ferdie", "--price"];
	has(&[&stake[..], &["12501"]].concat(), &format!("The price is above {band} 12500."));
	let below = format!("The price is below {band} 7500, and is won no more often for less.");
	has(&["terms", "7499", "--dev", "charlie"], &below);
	assert_eq!(
		consequences(&["terms", "8000", "16", "--dev", "charlie"]),
		json!(["Note: these are its present terms, nothing changes."])
	);
}
