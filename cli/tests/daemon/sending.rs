//! What happens to transactions where blocks are full, nonces are taken, and nodes forget.

use super::*;
use api::{
	runtime_types::{frame_system::pallet::Call as System, sp_weights::weight_v2::Weight},
	transaction_payment::events::TransactionFeePaid,
};
use prover_pool_cli::{
	chain::At,
	daemon::chain::idle,
	decoded::hex,
	submit::{submit_raw, Submission, Terms},
};
use serde_json::json;

/// Returns how much weight transactions have in a block, and how much they may have.
async fn weights(at: &At) -> (u64, u64) {
	let storage = api::storage().system().block_weight();
	let used = at.storage().fetch(storage, ()).await.unwrap().decode().unwrap();
	let constant = api::constants().system().block_weights();
	let limits = at.constants().entry(constant).unwrap();
	(used.normal.ref_time, limits.per_class.normal.max_total.unwrap().ref_time)
}

/// A call that is charged so much weight and does nothing.
fn filler(ref_time: u64) -> impl subxt::tx::Payload {
	let call = RuntimeCall::System(System::remark { remark: vec![] });
	let weight = Weight { ref_time, proof_size: 0 };
	api::transactions().sudo().sudo_unchecked_weight(call, weight)
}

/// Returns signed transactions that fill `blocks` blocks, two in each, so no proof fits beside
/// them. Each has this tip.
async fn fillers(client: &Client, blocks: u64, tip: u128) -> Vec<Vec<u8>> {
	/// Less than any call needs.
	const MARGIN: u64 = 200_000_000;
	let sudo = common::account("alice");
	let first = Prepared::sign(client, &sudo, &filler(1), None).await.unwrap();
	let nonce = first.nonce + 1;
	let quiet = Progress::silent();
	let outcome = first.submit(client, Wait::InBlock, PATIENCE, &quiet).await.unwrap();
	// What a transaction is charged besides its call.
	let (charge, limit) = weights(&client.at(outcome.block_hash).await.unwrap()).await;
	let call = filler(limit / 2 - charge - MARGIN);
	let mut all = Vec::new();
	for nonce in nonce..nonce + 2 * blocks {
		let terms = Terms { nonce: Some(nonce), tip };
		let prepared = Prepared::sign_with(client, &sudo, &call, terms).await.unwrap();
		all.push(prepared.encoded().to_vec());
	}
	all
}

async fn hand_all(client: &Client, extrinsics: &[Vec<u8>]) {
	for extrinsic in extrinsics {
		assert_eq!(submit_raw(client, extrinsic).await.unwrap(), Submission::Accepted);
	}
}

/// Waits until one of the daemons has sent a proof.
fn sender(daemons: &[Daemon]) -> (&'static str, &Daemon) {
	let start = Instant::now();
	loop {
		let sent = |daemon: &&Daemon| daemon.metric("prover_pool_proofs_submitted_total") > 0.0;
		if let Some(daemon) = daemons.iter().find(sent) {
			let place = daemons.iter().position(|other| std::ptr::eq(other, daemon)).unwrap();
			return (MEMBERS[place], daemon);
		}
		assert!(start.elapsed() < PATIENCE, "nobody sends a proof");
		sleep(Duration::from_millis(50));
	}
}

fn state_of(daemon: &Daemon) -> Value {
	let text = fs::read_to_string(daemon.state.path().join("state.json")).unwrap();
	serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_can_be_tried_though_the_best_block_is_full() {
	let node = Node::start(3000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let bob = common::account("bob");
	hand_all(&client, &fillers(&client, 3, 0).await).await;
	let start = Instant::now();
	loop {
		let best = client.best().await.unwrap();
		let (used, limit) = weights(&best).await;
		if used + 1_000_000_000 > limit {
			let prepared = Prepared::sign(&client, &bob, &idle(), None).await.unwrap();
			prepared.dry_run(&client).await.unwrap();
			// Unless there is another by now, it was tried on this one.
			if client.best().await.unwrap().block_hash() == best.block_hash() {
				return;
			}
		}
		assert!(start.elapsed() < PATIENCE, "no block is full: {used} of {limit}");
		sleep(Duration::from_millis(100));
	}
}

/// Blocks are full of transactions that pay more. Since time runs out, the tip is raised until the
/// proof comes before them.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_gets_into_full_blocks_by_a_higher_tip() {
	let node = Node::start(1000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let tips = ["--attestor-dev", "--reserve", "1000", "--tip", "1000 base", "--max-tip", "1 UNIT"];
	let daemons = MEMBERS.map(|member| Daemon::start(member, &node.url(), &tips));
	let fillers = fillers(&client, 16, 5_000_000).await;
	node.propose(1);
	hand_all(&client, &fillers).await;
	let (_, daemon) = sender(&daemons);
	daemon.until("prover_pool_proofs_included_total", |included| included == 1.0);

	let best = client.best().await.unwrap();
	let (used, limit) = weights(&best).await;
	assert!(used > limit / 3, "the transactions that fill blocks have come to an end");
	let me = Signer::development(sender(&daemons).0).unwrap().account();
	let mut paid = Vec::new();
	for number in 1..=best.block_number() {
		let hash = client.rpc().chain_get_block_hash(Some(number.into())).await.unwrap();
		let at = client.at(hash.unwrap()).await.unwrap();
		let events = at.events().fetch().await.unwrap();
		let fees = events.find::<TransactionFeePaid>().map(Result::unwrap);
		paid.extend(fees.filter(|fee| fee.who == me).map(|fee| fee.tip));
	}
	let [tip] = paid[..] else { panic!("{paid:?}") };
	assert!(tip > 1_000 && (tip / 1_000).is_power_of_two(), "{tip}");
	assert_eq!(daemon.metric("prover_pool_proofs_submitted_total"), 1.0);
	assert_eq!(node.verified(), 1);
	node.check(1).await;
}

/// Somebody sends another transaction from the account, with the nonce of the proof's and a higher
/// tip.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_whose_nonce_is_taken_is_sent_with_another() {
	let node = Node::start(4000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	node.propose(1);
	let (member, daemon) = sender(&daemons);
	let nonce = state_of(daemon)["sent"][0]["nonce"].as_u64();
	let terms = Terms { nonce, tip: 1_000_000_000 };
	let key = common::account(member);
	let other = Prepared::sign_with(&client, &key, &idle(), terms).await.unwrap();
	hand_all(&client, &[other.encoded().to_vec()]).await;

	daemon.until("prover_pool_proofs_included_total", |included| included == 1.0);
	assert!(daemon.log().contains("another transaction of this key"), "{}", daemon.log());
	assert_eq!(daemon.metric("prover_pool_proofs_submitted_total"), 2.0);
	assert_eq!(daemon.rejected(), 0.0);
	assert_eq!(node.verified(), 1);
	node.check(1).await;
}

/// Restarts each daemon as one that has sent a transaction which is of no use any more, and of
/// which no node knows; an invalid one, if it is dead. Returns its nonce for each.
async fn encumber(daemons: &mut [Daemon], client: &Client, is_dead: bool) -> Vec<u64> {
	let mut nonces = Vec::new();
	for (daemon, member) in daemons.iter_mut().zip(MEMBERS) {
		let key = common::account(member);
		let prepared = Prepared::sign(client, &key, &idle(), None).await.unwrap();
		let mut extrinsic = prepared.encoded().to_vec();
		if is_dead {
			// Within the signature, which follows length, version and account.
			extrinsic[60] ^= 1;
		}
		daemon.kill();
		let mut state = state_of(daemon);
		state["sent"] = json!([{
			"task": {
				"block": 999,
				"parent_hash": hex(&[1; 32]),
				"block_hash": hex(&[2; 32]),
				"gas_used": 1,
			},
			"nonce": prepared.nonce,
			"valid_until": prepared.valid_until,
			"extrinsic": hex(&extrinsic),
		}]);
		fs::write(daemon.state.path().join("state.json"), state.to_string()).unwrap();
		daemon.run(&[]);
		nonces.push(prepared.nonce);
	}
	nonces
}

/// Once as it was signed, and once invalid, as if its birth had been reverted.
#[tokio::test(flavor = "multi_thread")]
async fn a_proof_does_not_wait_for_a_transaction_that_nobody_sends() {
	let node = Node::start(1000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let mut daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	for is_dead in [false, true] {
		encumber(&mut daemons, &client, is_dead).await;
		node.propose(1);
		let blocks = 1 + BlockId::from(is_dead);
		assert_eq!(node.verified(), blocks);
		let (_, daemon) = sender(&daemons);
		let replaced = "the node refuses a transaction";
		assert_eq!(daemon.log().contains(replaced), is_dead, "{}", daemon.log());
		node.check(blocks).await;
	}
}

/// The node loses its pool, where a proof waits behind a transaction that is of no use any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_has_lost_is_sent_again() {
	let mut node = Node::start(4000);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let mut daemons = MEMBERS.map(|member| Daemon::attesting(member, &node));
	let nonces = encumber(&mut daemons, &client, false).await;
	node.propose(1);
	let (member, daemon) = sender(&daemons);
	node.stop();
	daemon.until("prover_pool_connected", |connected| connected == 0.0);
	node.run();
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let account = common::account(member).account();
	let nonce = client.best().await.unwrap().tx().account_nonce(&account).await.unwrap();
	let place = MEMBERS.iter().position(|other| *other == member).unwrap();
	assert_eq!(nonce, nonces[place], "there was a block before the node was stopped");
	assert_eq!(node.verified(), 1);
	node.check(1).await;
}

/// A proof's transaction is noted, but invalid: another takes its place, with the same nonce.
#[cfg(feature = "fault-injection")]
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_transaction_is_replaced() {
	let node = Node::start(1000);
	let mut daemons = crashing(&node, "before-sending");
	node.propose(1);
	let crashed = crashed(&mut daemons);
	let mut state = state_of(crashed);
	let sent = &mut state["sent"][0];
	let nonce = sent["nonce"].clone();
	let mut extrinsic = sent["extrinsic"].as_str().unwrap().to_string();
	let place = 2 + 2 * 60;
	let digit = if &extrinsic[place..=place] == "0" { "1" } else { "0" };
	extrinsic.replace_range(place..=place, digit);
	sent["extrinsic"] = extrinsic.into();
	fs::write(crashed.state.path().join("state.json"), state.to_string()).unwrap();
	crashed.run(&[]);
	crashed.until("prover_pool_proofs_included_total", |included| included == 1.0);
	let log = crashed.log();
	assert!(log.contains(&format!("the transaction is replaced nonce={nonce}")), "{log}");
	assert_eq!(node.verified(), 1);
	node.check(1).await;
}

/// As many proofs as allowed are made at once, and all end with the daemon.
#[tokio::test(flavor = "multi_thread")]
async fn several_proofs_are_made_at_once_and_end_with_the_daemon() {
	let node = Node::start(2000);
	let folder = TempDir::new().unwrap();
	// Each makes a file of its own again and again.
	let folder = folder.path().display();
	let hanging = proving_by(&format!("while true; do : > {folder}/$$; sleep 0.1; done"));
	let prover = ["--prover-command", &hanging, "--jobs", "2", "--rescue", "off"];
	let dave = Daemon::start("dave", &node.url(), &prover);
	let running = || {
		let files = || fs::read_dir(folder.to_string()).unwrap().map(|file| file.unwrap().path());
		files().for_each(|file| fs::remove_file(file).unwrap());
		sleep(Duration::from_millis(500));
		files().count()
	};
	while dave.metric("prover_pool_assignments_open") < 3.0 {
		node.propose(1);
	}
	let start = Instant::now();
	while running() != 2 {
		assert!(start.elapsed() < PATIENCE, "not two at once: {}", dave.log());
	}
	assert_eq!(dave.metric("prover_pool_proofs_running"), 2.0);
	assert!(dave.stop().contains("abandoned=2"));
	sleep(Duration::from_millis(200));
	assert_eq!(running(), 0, "the prover's command still runs");
}
