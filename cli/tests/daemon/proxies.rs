//! A daemon whose key is that of a proxy: the prover's own key is nowhere.

use super::*;
use api::runtime_types::prover_pool_runtime::configs::proxies::ProxyType;
use common::{account, add_proxy};

/// Starts a daemon with Bob's key, for Dave.
fn start(node: &Node, dave: &str) -> Daemon {
	Daemon::start("bob", &node.url(), &["--attestor-dev", "--for", dave])
}

/// Returns the nonce of an account: how many transactions its key has signed.
async fn nonce(client: &Client, name: &str) -> u64 {
	let at = client.best().await.unwrap();
	at.tx().account_nonce(&account(name).account()).await.unwrap()
}

/// Proposes blocks until Dave has claimed one by this daemon. Returns how many were proposed.
fn propose_for(daemon: &Daemon, node: &Node) -> u64 {
	let mut count = 0;
	while daemon.metric("prover_pool_proofs_included_total") == 0.0 {
		assert!(count < 50, "Dave is not drawn: {}", daemon.log());
		node.propose(1);
		count += 1;
	}
	count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_proves_for_a_cold_account() {
	let node = Node::start(500);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let dave = client.address(&account("dave").account());
	add_proxy(&client, "dave", "bob", ProxyType::Proving).await;
	let others = ["charlie", "eve"].map(|member| Daemon::attesting(member, &node));
	let daemon = start(&node, &dave);
	let fees = daemon.until("prover_pool_fee_tokens", |tokens| tokens > 0.0);

	let blocks = propose_for(&daemon, &node);
	assert_eq!(node.verified(), blocks);
	node.check(blocks).await;
	let best = daemon.metric("prover_pool_best_block");
	daemon.until("prover_pool_processed_block", |processed| processed >= best);
	let all = daemon.metrics();
	assert!(all["prover_pool_blocks_verified_total{verdict=\"in_time\"}"] > 0.0, "{all:?}");
	assert!(all["prover_pool_paid_tokens_total"] > 0.0);
	assert_eq!((all["prover_pool_member"], daemon.rejected()), (1.0, 0.0));
	// Dave's key has signed nothing but the permission. Bob's has paid, and was paid nothing.
	assert_eq!(nonce(&client, "dave").await, 1);
	assert!(all["prover_pool_fee_tokens"] < fees);
	assert!(daemon.stop().contains("stopping"));
	for daemon in others {
		daemon.stop();
	}
}

/// A call in vain costs no fee: it is found before it is submitted, though the outer call would succeed.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_permission_costs_nothing() {
	let node = Node::start(500);
	let client = Client::connect(&[node.url()], false).await.unwrap();
	let dave = client.address(&account("dave").account());
	let daemon = start(&node, &dave);
	let refused = |name: &str| format!("prover_pool_proofs_rejected_total{{reason=\"{name}\"}}");
	while daemon.metric("prover_pool_assignments_open") == 0.0 {
		node.propose(1);
		sleep(Duration::from_millis(500));
	}
	daemon.until(&refused("Proxy.NotProxy"), |count| count > 0.0);
	// One that must not claim.
	add_proxy(&client, "dave", "bob", ProxyType::Staking).await;
	daemon.until(&refused("System.CallFiltered"), |count| count > 0.0);
	assert_eq!(nonce(&client, "bob").await, 0);

	let delegate = account("bob").account().into();
	let remove = api::transactions().proxy().remove_proxy(delegate, ProxyType::Staking, 0);
	let prepared = Prepared::sign(&client, &account("dave"), &remove, None).await.unwrap();
	prepared.submit(&client, Wait::InBlock, PATIENCE, &Progress::silent()).await.unwrap();
	add_proxy(&client, "dave", "bob", ProxyType::Proving).await;
	daemon.until("prover_pool_proofs_included_total", |count| count > 0.0);
	daemon.stop();
}
