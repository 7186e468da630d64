//! Keys that act for other accounts: what each type of proxy may do, and what it costs whom.

use super::{
	chain::{spendable, Chain},
	governance::{batch, every_call, name_of, remark, sudo, REFUSED},
	life::{drawn, propose, prove, stake},
};
use crate::{
	configs::{
		money::{MICROUNIT, MILLIUNIT, UNIT},
		pool::DrawDelay,
		protocol::ProofBond,
		proxies::ProxyType,
	},
	simulation::simulate_call,
	AccountId, Balance, Balances, BlockProposal, Multisig, ProverPool, Proxy, Runtime, RuntimeCall,
	RuntimeEvent,
};
use codec::Encode;
use frame_support::{
	traits::{fungible::Inspect, InstanceFilter},
	weights::Weight,
};
use pallet_block_proposal::Call as Proposal;
use pallet_prover_pool::Call as Pool;
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::{DispatchError, DispatchResult};

const TYPES: [ProxyType; 3] = [ProxyType::Any, ProxyType::Staking, ProxyType::Proving];
/// The members of the pool.
const MEMBERS: [Sr25519Keyring; 3] = [Charlie, Dave, Eve];

/// A call by a key for another account.
pub fn by_proxy(real: Sr25519Keyring, call: impl Into<RuntimeCall>) -> RuntimeCall {
	pallet_proxy::Call::proxy {
		real: real.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(call.into()),
	}
	.into()
}

fn add_proxy(delegate: Sr25519Keyring, proxy_type: ProxyType) -> RuntimeCall {
	let delegate = delegate.to_account_id().into();
	pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 }.into()
}

/// A chain whose members have all named Bob as their proxy.
fn chain(proxy_type: ProxyType) -> Chain {
	let mut chain = Chain::development();
	chain.block(MEMBERS.map(|member| (member, add_proxy(Bob, proxy_type))).into());
	chain
}

/// What became of the calls by proxy in a block with these events.
fn results(events: &[RuntimeEvent]) -> Vec<DispatchResult> {
	let result = |event: &RuntimeEvent| match event {
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(*result),
		_ => None,
	};
	events.iter().filter_map(result).collect()
}

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

/// All calls that this type of proxy may make.
fn allowed(proxy_type: ProxyType) -> Vec<String> {
	Chain::development().inspect(|| {
		every_call().iter().filter(|call| proxy_type.filter(call)).map(name_of).collect()
	})
}

#[test]
fn a_prover_that_proves_may_do_nothing_else() {
	assert_eq!(
		allowed(ProxyType::Proving),
		["ProverPool.pause", "ProverPool.resume", "BlockProposal.prove_block"]
	);
}

#[test]
fn a_proxy_for_staking_may_make_the_calls_of_the_pool() {
	assert_eq!(
		allowed(ProxyType::Staking),
		[
			"stake",
			"exit",
			"withdraw",
			"withdraw_for",
			"stake_extra",
			"unstake",
			"restake",
			"set_terms",
			"pause",
			"resume",
			"assign_prover",
			"release_prover",
			"slash_prover",
			"discharge_prover",
			"apply_slash",
			"cancel_slash",
		]
		.map(|call| format!("ProverPool.{call}"))
	);
}

#[test]
fn a_proxy_without_limits_may_make_all_calls() {
	let all: Vec<_> = every_call().iter().map(name_of).collect();
	assert!(all.len() > 80, "{}", all.len());
	assert_eq!(allowed(ProxyType::Any), all);
	assert_eq!(ProxyType::default(), ProxyType::Any);
}

/// A type contains another if it may make all of its calls.
#[test]
fn types_contain_each_other_as_their_calls_do() {
	for one in TYPES {
		let calls = allowed(one);
		for other in TYPES {
			let contains = allowed(other).iter().all(|call| calls.contains(call));
			assert_eq!(one.is_superset(&other), contains, "{one:?}, {other:?}");
		}
	}
}

/// A stolen key of a daemon.
#[test]
fn attack_a_stolen_proving_key() {
	let mut chain = chain(ProxyType::Proving);
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: Bob.to_account_id().into(),
		value: UNIT,
	};
	let exit = RuntimeCall::from(Pool::exit {});
	let refused: Vec<RuntimeCall> = vec![
		exit.clone(),
		Pool::unstake { amount: UNIT }.into(),
		stake(40 * UNIT, 1, 4),
		Pool::stake_extra { amount: UNIT }.into(),
		Pool::restake { exit: 0 }.into(),
		Pool::set_terms { reward_per_gas: 1, max_capacity: 128 }.into(),
		Pool::withdraw {}.into(),
		transfer.into(),
		pallet_balances::Call::transfer_all { dest: Bob.to_account_id().into(), keep_alive: false }
			.into(),
		add_proxy(Ferdie, ProxyType::Proving),
		add_proxy(Ferdie, ProxyType::Any),
		pallet_proxy::Call::remove_proxies {}.into(),
		propose(),
		// Whatever is around it.
		batch(vec![exit.clone()]),
		by_proxy(Charlie, exit.clone()),
		pallet_utility::Call::as_derivative { index: 0, call: Box::new(exit) }.into(),
	];
	chain.inspect(|| {
		let record = || {
			let who = Charlie.to_account_id();
			(ProverPool::get_staker(who.clone()), Proxy::proxies(who), spendable(Charlie))
		};
		let before = record();
		for call in refused {
			let result = simulate_call(Bob.to_account_id(), by_proxy(Charlie, call.clone()));
			assert_eq!(result, Err(filtered()), "{call:?}");
		}
		assert_eq!(record(), before);
	});
	// It can keep the member out of draws, and return it to them; and claim, as below.
	let paused = |chain: &mut Chain| {
		let row = chain.inspect(|| ProverPool::get_staker(Charlie.to_account_id()));
		row.prover.expect("a member").offer.paused
	};
	let events = chain.block(vec![(Bob, by_proxy(Charlie, Pool::pause {}))]);
	assert_eq!((results(&events), paused(&mut chain)), (vec![Ok(())], true));
	let events = chain.block(vec![(Bob, by_proxy(Charlie, Pool::resume {}))]);
	assert_eq!((results(&events), paused(&mut chain)), (vec![Ok(())], false));
	// Nobody else can.
	let pause = by_proxy(Charlie, Pool::pause {});
	let stranger = chain.inspect(|| simulate_call(Ferdie.to_account_id(), pause));
	assert_eq!(stranger, Err(pallet_proxy::Error::<Runtime>::NotProxy.into()));
}

/// A claim by a proxy is the account's: so is what it proves, its reward and its bond. The key pays the fee.
#[test]
fn a_key_proves_for_a_cold_account() {
	let mut chain = chain(ProxyType::Proving);
	chain.run_to(5);
	chain.block(vec![(Ferdie, propose())]);
	chain.run_to(chain.number() + DrawDelay::get());
	let (prover, _) = drawn(&chain.block(Vec::new())).expect("drawn now");

	// A proof for the key itself is none for the account.
	let wrong = by_proxy(prover, prove(&mut chain, Bob));
	let invalid = pallet_block_proposal::Error::<Runtime>::InvalidProof.into();
	assert_eq!(results(&chain.block(vec![(Bob, wrong)])), [Err(invalid)]);

	let read = |chain: &mut Chain| chain.inspect(|| (spendable(prover), spendable(Bob)));
	let before = read(&mut chain);
	let proof = by_proxy(prover, prove(&mut chain, prover));
	let events = chain.block(vec![(Bob, proof)]);
	assert_eq!(results(&events), [Ok(())]);
	let claimed = events.iter().find_map(|event| match event {
		RuntimeEvent::BlockProposal(pallet_block_proposal::Event::BlockClaimed {
			prover, ..
		}) => Some(prover.clone()),
		_ => None,
	});
	assert_eq!(claimed, Some(prover.to_account_id()));
	let after = read(&mut chain);
	assert_eq!(after.0, before.0);
	assert!(after.1 < before.1);
}

#[test]
fn a_bond_is_the_accounts_not_the_keys() {
	let mut chain = chain(ProxyType::Proving);
	chain.run_to(5);
	chain.block(vec![(Ferdie, propose())]);
	chain.run_to(chain.number() + DrawDelay::get());
	let (prover, _) = drawn(&chain.block(Vec::new())).expect("drawn now");
	// The next block in which anybody may prove it.
	let deadline = chain.inspect(|| match BlockProposal::blocks(1, 1)[0].block.status {
		pallet_block_proposal::Status::Assigned(ref assignment) => assignment.deadline,
		ref other => panic!("{other:?}"),
	});
	chain.run_to(deadline);
	let rescuer = MEMBERS.into_iter().find(|member| *member != prover).expect("another");
	let proof = by_proxy(rescuer, prove(&mut chain, rescuer));
	let before = chain.inspect(|| spendable(rescuer));
	assert_eq!(results(&chain.block(vec![(Bob, proof)])), [Ok(())]);
	assert_eq!(chain.inspect(|| spendable(rescuer)), before - ProofBond::get());
}

#[test]
fn a_proxy_takes_a_deposit_that_returns() {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	let total = |who: &AccountId| Balances::total_balance(who);
	let reserved =
		|chain: &mut Chain| chain.inspect(|| total(&Charlie.to_account_id()) - spendable(Charlie));
	let one: Balance = MILLIUNIT + 10 * (32 + 16 + 37) * MICROUNIT;
	let both = one + 10 * 37 * MICROUNIT;
	chain.block(vec![(Charlie, add_proxy(Bob, ProxyType::Proving))]);
	assert_eq!(reserved(&mut chain), one);
	chain.block(vec![(Charlie, add_proxy(Dave, ProxyType::Staking))]);
	assert_eq!(reserved(&mut chain), both);
	chain.block(vec![(Charlie, pallet_proxy::Call::remove_proxies {}.into())]);
	assert_eq!(reserved(&mut chain), 0);
}

/// Two of Bob, Charlie and Dave.
struct Council {
	account: AccountId,
	members: Vec<AccountId>,
}

impl Council {
	fn new() -> Self {
		let mut members = [Bob, Charlie, Dave].map(|member| member.to_account_id()).to_vec();
		members.sort();
		Self { account: Multisig::multi_account_id(&members, 2), members }
	}

	fn approve(&self, member: Sr25519Keyring, call: &RuntimeCall) -> RuntimeCall {
		let hash = sp_io::hashing::blake2_256(&call.encode());
		let open = pallet_multisig::Multisigs::<Runtime>::get(&self.account, hash);
		let others = self.members.iter().filter(|other| **other != member.to_account_id());
		pallet_multisig::Call::as_multi {
			threshold: 2,
			other_signatories: others.cloned().collect(),
			maybe_timepoint: open.map(|open| open.when),
			call: Box::new(call.clone()),
			max_weight: Weight::from_parts(100_000_000_000, 1_000_000),
		}
		.into()
	}

	/// Makes a block for each of two approvals.
	fn act(&self, chain: &mut Chain, call: &RuntimeCall) -> DispatchResult {
		let mut events = Vec::new();
		for member in [Bob, Dave] {
			let approval = chain.inspect(|| self.approve(member, call));
			events = chain.block(vec![(member, approval)]);
		}
		let executed = events.iter().find_map(|event| match event {
			RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result, .. }) => {
				Some(*result)
			},
			_ => None,
		});
		executed.expect("two have approved")
	}
}

#[test]
fn an_account_of_several_keys_stakes_and_names_a_proxy() {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	let council = Council::new();
	let account = council.account.clone();
	let fund = pallet_balances::Call::transfer_keep_alive {
		dest: account.clone().into(),
		value: 100 * UNIT,
	};
	chain.block(vec![(Eve, fund.into())]);
	assert_eq!(council.act(&mut chain, &stake(80 * UNIT, 9_000, 4)), Ok(()));
	assert_eq!(council.act(&mut chain, &add_proxy(Ferdie, ProxyType::Proving)), Ok(()));
	let row = chain.inspect(|| ProverPool::get_staker(account.clone()));
	assert_eq!(row.prover.expect("a member").offer.stake, 80 * UNIT);
	let pause = pallet_proxy::Call::proxy {
		real: account.into(),
		force_proxy_type: None,
		call: Box::new(Pool::pause {}.into()),
	};
	assert_eq!(results(&chain.block(vec![(Ferdie, pause.into())])), [Ok(())]);
}

/// The share for operational calls is the `Sudo` key's own: others act for it by ordinary transactions.
#[test]
fn others_govern_for_the_sudo_key_by_ordinary_transactions() {
	let mut chain = Chain::development();
	let council = Council::new();
	let set_key = pallet_sudo::Call::set_key { new: council.account.clone().into() };
	chain.block(vec![(Alice, add_proxy(Bob, ProxyType::Any)), (Alice, set_key.into())]);
	assert_eq!(council.act(&mut chain, &sudo(Proposal::pause {}.into())), Ok(()));
	assert!(chain.inspect(BlockProposal::is_paused));

	let set_key = pallet_sudo::Call::set_key { new: Alice.to_account_id().into() };
	assert_eq!(council.act(&mut chain, &set_key.into()), Ok(()));
	let unpause = sudo(Proposal::unpause {}.into());
	let beside_another = by_proxy(Alice, batch(vec![remark(), unpause.clone()]));
	assert_eq!(results(&chain.block(vec![(Bob, beside_another)])), [Ok(())]);
	assert!(!chain.inspect(BlockProposal::is_paused));
	assert_eq!(chain.validate(Bob, by_proxy(Alice, unpause)), Err(REFUSED));
}
