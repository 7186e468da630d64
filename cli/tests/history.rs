//! A history of a real node's chain: filled, checked, shown, served.

mod common;

use common::{event, run, Node, Running};
use serde_json::{json, Value};
use std::{
	fs,
	io::{Read, Write},
	net::TcpStream,
	path::Path,
	time::Instant,
};
use tempfile::TempDir;

/// Asks a server, and returns the status and the body.
fn get(address: &str, path: &str) -> (String, String) {
	let mut stream = TcpStream::connect(address).unwrap();
	let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).unwrap();
	let mut answer = String::new();
	stream.read_to_string(&mut answer).unwrap();
	let (head, body) = answer.split_once("\r\n\r\n").unwrap();
	(head.lines().next().unwrap().into(), body.into())
}

#[test]
fn a_life_is_stored_checked_and_shown() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
	let (db, list) = (path("history.db"), path("list"));
	fs::write(&list, b"a list of transactions").unwrap();
	let index = Running::start(node.command(&["index", "--db", &db]));

	let stake = ["stake", "80", "--price", "9000", "--capacity", "4", "--dev", "ferdie", "-y"];
	let staked = node.json(&stake);
	let ferdie = event(&staked, "ProverPool.Staked")["who"].as_str().unwrap().to_string();
	let propose = ["propose", &list, "--gas-limit", "5000000", "--dev", "bob", "-y"];
	let proposed = node.json(&[&propose[..], &["--wait", "finalized"]].concat());
	let escrow = event(&proposed, "BlockProposal.BlockProposed")["escrow"].clone();
	let block = node.until(&["blocks", "1"], |block| block["status"]["state"] == "assigned");
	let drawn = block["status"]["prover"].as_str().unwrap();
	// Ends with whole blocks.
	assert_eq!(index.signal("INT").code, 0);

	let from_file = |args: &[&str]| run(common::command([args, &["--db", &db]].concat()));
	let start = Instant::now();
	// Until the draw is finalized.
	let (checked, why) = loop {
		let checked = node.json(&["index", "--db", &db, "--check"]);
		if checked["waiting"] == 1 {
			let why = from_file(&["why", "1", "-o", "json"]).json();
			let why = why["why"].as_array().unwrap().clone();
			if why.last().unwrap() != "It waits for its draw." {
				break (checked, why);
			}
		}
		assert!(start.elapsed() < common::PATIENCE, "{checked}");
	};
	// The members of the genesis state are in no event.
	assert_eq!((&checked["provers"], &checked["different"]), (&json!(4), &json!(0)), "{checked}");
	assert_eq!((&checked["gaps"], &checked["provers_unknown"]), (&json!(0), &json!(0)));

	assert!(
		why[1].as_str().unwrap().contains(&format!(" chose {drawn}, at a price of ")),
		"{why:?}"
	);
	assert_eq!(why.last().unwrap(), "It waits for its prover.");
	let unknown = from_file(&["why", "77"]).fails(2);
	assert!(unknown.starts_with("error: the history has no block 77"), "{unknown}");

	let shown = from_file(&["history", &ferdie, "--since", "1 day"]).ok();
	assert!(shown.contains("entered slot 4 with 80 UNIT at 9000 base units per gas"), "{shown}");
	let table = from_file(&["history", &ferdie, "-o", "csv"]).ok();
	assert!(table.starts_with("block,idx,time,extrinsic,pallet,name,block_id,account,fields\n"));
	let lines = from_file(&["history", "-o", "json"]).ok();
	let events: Vec<Value> =
		lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
	let in_file = events.iter().find(|event| event["name"] == "BlockProposed").unwrap();
	assert_eq!(in_file["fields"]["escrow"], escrow);

	refused(&node, &db, &path("none"));
}

fn refused(node: &Node, db: &str, missing: &str) {
	let text = run(common::command(["history", "--db", missing])).fails(2);
	assert!(text.contains("does not exist: make it with `prover-pool index --db"), "{text}");
	let text = node.run(&["status", "-o", "csv"]).fails(2);
	assert!(text.contains("only `history` writes CSV"), "{text}");
	// The chain of another node has another genesis hash only if its genesis differs. Its blocks do.
	let other = Node::start();
	let text = other.run(&["index", "--db", db, "--check"]).fails_with_any();
	assert!(text.contains("the node"), "{text}");
	let text = run(common::command(["index", "--db", db, "--url", "ws://127.0.0.1:1"])).fails(3);
	assert!(text.starts_with("error: no node answers: ws://127.0.0.1:1 "), "{text}");
}

#[test]
fn a_gap_is_reported_and_the_tables_agree_with_the_chain_after_it() {
	let node = Node::with("500", &["--state-pruning", "16"]);
	let folder = TempDir::new().unwrap();
	let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
	let (db, list) = (path("history.db"), path("list"));
	fs::write(&list, b"a list of transactions").unwrap();
	let propose = ["propose", &list, "--gas-limit", "5000000", "--dev", "bob", "-y"];
	node.json(&[&propose[..], &["--wait", "finalized"]].concat());
	let check = ["index", "--db", &db, "--check"];
	let stored = node.json(&check)["block"].as_u64().unwrap();
	// Block 1 is drawn in the gap, block 2 proposed.
	node.json(&[&propose[..], &["--wait", "finalized"]].concat());
	node.until(&["blocks", "2"], |block| block["status"]["state"] == "assigned");
	node.until(&["status"], |status| status["finalized_block"].as_u64() > Some(stored + 40));

	let ran = node.run(&[&check[..], &["-o", "json"]].concat());
	let from = stored + 1;
	let warning = format!("warning: the history will always lack blocks {from} to ");
	assert!(ran.code == 0 && ran.stderr.starts_with(&warning), "{}", ran.stderr);
	let report: Value = serde_json::from_str(&ran.stdout).unwrap();
	assert_eq!((&report["gaps"], &report["different"]), (&json!(1), &json!(0)), "{report}");
	assert_eq!((&report["waiting"], &report["provers"]), (&json!(2), &json!(3)), "{report}");
	let lines = run(common::command(["why", "2", "--db", &db])).ok();
	assert!(lines.contains("Events of its life may be missing"), "{lines}");
	// Once.
	assert_eq!(node.json(&check)["gaps"], 1);
}

#[test]
fn a_page_for_others_needs_a_node_that_they_can_reach() {
	for (url, reason) in [
		("ws://127.0.0.1:9944", "names this machine, but the page is served to others"),
		("wss://user:secret@node.example", "contains a user name or a password"),
		("https://node.example", "is not a WebSocket"),
	] {
		let args = ["dashboard", "--listen", "0.0.0.0:0", "--page-url", url];
		let text = run(common::command(args)).fails(2);
		assert!(text.contains(reason) && text.contains("--page-url"), "{text}");
		assert!(!text.contains("secret"), "{text}");
	}
}

#[test]
fn a_page_is_served_with_its_history_or_says_how_to_build_it() {
	let node = Node::start();
	let folder = TempDir::new().unwrap();
	let db = folder.path().join("history.db").to_str().unwrap().to_string();
	let args = ["dashboard", "--listen", "127.0.0.1:0", "--history", &db];
	let mut page = Running::start(node.command(&args));
	let said = page.wait(|page| {
		let all = format!("{}{}", page.stdout(), page.stderr());
		all.contains('\n').then_some(all)
	});
	let Some(address) = said.trim_end().strip_prefix("http://") else {
		assert!(said.starts_with("error: this prover-pool was built without its page"), "{said}");
		let built = Path::new("../dashboard/dist-development/index.html");
		assert!(!built.exists(), "{} is not embedded", built.display());
		assert_eq!(page.end().code, 2);
		return;
	};
	let (status, body) = get(address, "/");
	assert_eq!(status, "HTTP/1.1 200 OK");
	assert!(body.contains("<!doctype html>"), "{body}");
	let (_, config) = get(address, "/config.json");
	let config: Value = serde_json::from_str(&config).unwrap();
	let start = Instant::now();
	let market = loop {
		let (status, market) = get(address, "/v1/market");
		assert_eq!(status, "HTTP/1.1 200 OK", "{market}");
		let market: Value = serde_json::from_str(&market).unwrap();
		let position = &market["position"];
		if position["finalized"].as_u64() > Some(2) && position["best"].as_u64().is_some() {
			break market;
		}
		assert!(start.elapsed() < common::PATIENCE, "{market}");
	};
	let genesis = &market["chain"]["genesis_hash"];
	assert_eq!(config, json!({ "rpc": node.url, "genesis": genesis, "history": true }));
	assert_eq!((&market["members"], &market["fee"]["price"]), (&json!(3), &json!(10_000)));
	// Only one program writes the file.
	let text = node.run(&["index", "--db", &db]).fails(2);
	assert!(text.contains("is being written by another program"), "{text}");
	assert_eq!(page.signal("TERM").code, 0);
}
