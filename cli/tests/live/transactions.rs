//! Transactions that are refused, late or interrupted.

use super::*;

/// A dry run promises nothing: what it cannot foresee is refused in a block.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_block_has_a_name_too() {
	let node = Node::start();
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let ferdie = common::account("ferdie");
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
	let ferdie = common::account("ferdie").account();
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
	let ferdie = common::account("ferdie").account();
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
