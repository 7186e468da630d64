//! Calls by a key for another account.

use super::*;
use api::runtime_types::prover_pool_runtime::configs::proxies::ProxyType;
use common::{account, add_proxy};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_acts_for_another_account() {
	let node = Node::start();
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let (name, charlie) = MEMBERS[0];
	let bob = client.address(&account("bob").account());
	let terms = ["terms", "9500", "--for", charlie, "--dev", "bob"];
	node.run(&[&terms[..], &["-y"]].concat()).refused("Proxy.NotProxy");

	add_proxy(&client, name, "bob", ProxyType::Staking).await;
	let shown = node.run(&[&terms[..], &["--dry-run"]].concat()).ok();
	assert!(shown.starts_with(&format!("Would change the terms of {charlie}: ")), "{shown}");
	let signs = format!("{bob} signs as its proxy and pays the fee, of which nothing returns.");
	assert!(shown.contains(&signs), "{shown}");
	let outcome = node.json(&[&terms[..], &["-y"]].concat());
	assert_eq!(event(&outcome, "ProverPool.TermsChanged")["who"], charlie);
	assert_eq!(node.json(&["staker", charlie])["prover"]["offer"]["reward_per_gas"], 9_500);

	// What the outer call would conceal is found before it is submitted, by the same names as ever.
	let by_bob =
		|args: &[&str]| node.run(&[args, &["--for", charlie, "--dev", "bob", "-y"]].concat());
	by_bob(&["resume"]).refused("ProverPool.NotPaused");
	by_bob(&["prove", "1", "--attestor-dev"]).refused("BlockProposal.UnknownBlock");
	let folder = TempDir::new().unwrap();
	let list = list(&folder, b"anything");
	by_bob(&["propose", &list, "--gas-limit", "1000000"]).refused("System.CallFiltered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_proxy_that_fails_in_a_block_has_failed() {
	let node = Node::start();
	let client = Client::connect(std::slice::from_ref(&node.url), false).await.unwrap();
	let (name, _) = MEMBERS[0];
	add_proxy(&client, name, "bob", ProxyType::Proving).await;
	let actor = prover_pool_cli::actor::Actor::new(
		Signer::development("bob").unwrap(),
		account(name).account(),
	);
	let exit = api::transactions().prover_pool().exit();
	let prepared = Prepared::sign(&client, &actor, &exit, None).await.unwrap();
	let patience = Duration::from_secs(60);
	let result = prepared.submit(&client, Wait::InBlock, patience, &Progress::silent()).await;
	let Error::Failed(failure) = result.unwrap_err() else { panic!("it was not in a block") };
	assert_eq!(failure.refusal.name, "System.CallFiltered");
	assert!(failure.fee > 0 && failure.block > 0, "{failure:?}");
}
