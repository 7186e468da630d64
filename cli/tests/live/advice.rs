//! Advice to provers.

use super::*;

/// Asserts that two shares differ by at most one part: the chain adds weights up before it rounds.
#[track_caller]
fn assert_same_share(ours: &Value, chains: &Value) {
	let share = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
	assert!(share(ours).abs_diff(share(chains)) <= 1, "{ours}, not {chains}");
}

#[test]
fn offers_are_advised_by_the_odds_of_the_chain() {
	let node = Node::start();
	node.until(&["status"], |status| status["best_block"].as_u64() > Some(2));
	let stake = ["advise", "--stake", "80"];
	let line = node.run(&stake).fails(2);
	assert!(line.starts_with("error: nothing was proposed in the last "), "{line}");
	assert!(node.run(&["advise"]).fails(2).contains("no stake: name one with --stake"));
	let line = node.run(&["advise", "--stake", "39", "--proposals-per-day", "1"]).fails(2);
	assert_eq!(line, "error: a stake of 39 UNIT is too small: the pool takes 40 UNIT or more");

	let machine = ["--proof-seconds", "40", "--jobs", "2", "--proof-cost", "5000"];
	let rest = [&machine[..], &["--proposals-per-day", "14400", "--fee", "10000"]].concat();
	let advice = node.json(&[&stake[..], &rest].concat());
	// Each price has the odds that the chain computes.
	let prices = advice["prices"].as_array().unwrap();
	let expected = [7_500, 8_125, 8_750, 9_375, 10_000, 10_625, 11_250, 11_875, 12_500];
	let asked: Vec<_> = prices.iter().map(|row| row["reward_per_gas"].as_u64().unwrap()).collect();
	assert_eq!(asked, expected);
	for row in prices {
		let price = row["reward_per_gas"].to_string();
		let odds =
			["odds", "--stake", "80", "--price", &price, "--capacity", "4", "--fee", "10000"];
		assert_same_share(&row["share"], &node.json(&odds)["share"]);
	}
	// 20 blocks of six seconds, less four, are 96 s: two proofs for each job.
	assert_eq!((&advice["window"], &advice["time_to_prove"]), (&json!(20), &json!(96.0)));
	assert_eq!((&advice["machine"]["provable"], &advice["most_capacity"]), (&json!(4), &json!(8)));
	let late = advice["capacities"].as_array().unwrap().iter().map(|row| &row["late"]);
	assert_eq!(late.collect::<Vec<_>>(), [&json!(0), &json!(4)]);
	assert_eq!((&advice["best"]["max_capacity"], &advice["gas"]), (&json!(4), &json!(8_000_000)));
	assert_eq!(advice["transaction_fee"], "0");
	let text = node.run(&[&stake[..], &rest].concat()).ok();
	assert!(text.contains("Stake      80 UNIT, beside 3 other members with 3500 UNIT"), "{text}");

	// A member's offer replaces its present one: the share at its price is that which it has.
	let charlie = [&["advise", "--dev", "charlie"], &rest[..]].concat();
	let advice = node.json(&charlie);
	assert_eq!((&advice["stake"], &advice["others"]), (&json!("1000000000000000"), &json!(2)));
	let prices = advice["prices"].as_array().unwrap().iter();
	let present = prices.into_iter().find(|row| row["reward_per_gas"] == 8_000).unwrap();
	let weights = node.json(&["weights", "--fee", "10000"]);
	assert_same_share(&present["share"], &weights["weights"][0]["share"]);

	// Two proposals are counted.
	let folder = TempDir::new().unwrap();
	let path = list(&folder, b"a list");
	for _ in 0..2 {
		node.run(&["propose", &path, "--gas-limit", "5000000", "--dev", "bob", "-y"]).ok();
	}
	let advice = node.json(&stake);
	let (counted, rate) =
		(advice["counted_blocks"].as_f64().unwrap(), advice["proposals_per_day"].as_f64().unwrap());
	// Blocks are six seconds apart by the chain's own clock.
	let seconds = counted * 6.0;
	assert!((rate * seconds / 86_400.0 - 2.0).abs() < 0.01, "{rate} in {counted} blocks");
}

/// The limits and the window are those of the chain.
#[test]
fn a_calibration_takes_the_chains_window() {
	let node = Node::start();
	let calibrate = ["calibrate", "--attestor-dev", "--samples", "1", "--repeats", "1"];
	let shown = node.json(&calibrate);
	let window = json!({ "blocks": 20, "block_seconds": 6.0, "seconds": 96.0 });
	assert_eq!(shown["window"], window);
	// 104 transfers fill the longest list.
	assert_eq!(shown["samples"][0]["gas_used"], 104 * 72_930);
	assert_eq!(shown["largest_gas"], 104 * 72_930);
}
