//! Blocks of the rollup from their proposal to their settlement, with everything wired as on the chain:
//! BABE's seeds, the draw queue, attested proofs, fees and holds.

use super::chain::{spendable, Chain};
use crate::{
	configs::{
		consensus::MINUTES,
		money::UNIT,
		pool::DrawDelay,
		protocol::{Cooldown, ExpiryPeriod, FIRST_DELAY, FIRST_FEE_PER_GAS},
	},
	genesis::ROLLUP_GENESIS,
	BlockProposal, ProverPool, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
};
use frame_support::assert_noop;
use pallet_block_proposal::Verdict;
use pallet_prover_pool::PendingSlashes;
use prover_pool_primitives::Fault;
use sp_core::{crypto::Pair, sr25519, H256};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::DispatchError;

const TX_LIST: &[u8] = b"a list of transactions";
const GAS_LIMIT: u32 = 1_000_000;
const GAS_USED: u32 = 400_000;

pub fn propose() -> RuntimeCall {
	pallet_block_proposal::Call::propose_block {
		tx_list: TX_LIST.to_vec(),
		gas_limit: GAS_LIMIT,
		beneficiary: Ferdie.to_account_id(),
		max_fee_per_gas: FIRST_FEE_PER_GAS,
	}
	.into()
}

pub fn stake(amount: u128, reward_per_gas: u32, max_capacity: u32) -> RuntimeCall {
	pallet_prover_pool::Call::stake { amount, reward_per_gas, max_capacity }.into()
}

/// A proof of block 1 by `prover`, with the attestor's signature.
pub fn prove(chain: &mut Chain, prover: Sr25519Keyring) -> RuntimeCall {
	let (parent_hash, block_hash) = (ROLLUP_GENESIS, H256::repeat_byte(1));
	let prover = prover.to_account_id();
	let instance = chain
		.inspect(|| BlockProposal::instance_hash(1, parent_hash, block_hash, GAS_USED, prover))
		.expect("the block exists");
	let attestor = sr25519::Pair::from_string("//Attestor", None).expect("a valid path");
	// The first kind of proofs.
	let proof = [&[0], &attestor.public().0[..], &attestor.sign(instance.as_bytes()).0].concat();
	pallet_block_proposal::Call::prove_block {
		block_id: 1,
		parent_hash,
		block_hash,
		gas_used: GAS_USED,
		proof,
	}
	.into()
}

/// Returns who was drawn for block 1, and at what price, by these events.
pub fn drawn(events: &[RuntimeEvent]) -> Option<(Sr25519Keyring, u32)> {
	events.iter().find_map(|event| match event {
		RuntimeEvent::ProverPool(pallet_prover_pool::Event::ProverAssigned {
			block_id: 1,
			who,
			reward_per_gas,
		}) => Some((Sr25519Keyring::from_account_id(who).expect("well known"), *reward_per_gas)),
		_ => None,
	})
}

#[test]
fn block_is_proposed_drawn_proven_verified_and_paid() {
	let mut chain = Chain::development();
	chain.run_to(5);
	chain.block(vec![(Ferdie, propose())]);
	let proposed_in = chain.number();

	// Three blocks follow the proposal before a block whose seed contains the outputs of all three.
	for _ in 0..DrawDelay::get() {
		assert_eq!(drawn(&chain.block(Vec::new())), None);
	}
	let (prover, price) = drawn(&chain.block(Vec::new())).expect("drawn now");
	assert_eq!(chain.number(), proposed_in + DrawDelay::get() + 1);
	assert!([Charlie, Dave, Eve].contains(&prover), "{prover:?}");

	let proof = prove(&mut chain, prover);
	chain.block(vec![(prover, proof)]);
	let before = chain.inspect(|| spendable(prover));
	let cooldown = Cooldown::get();
	let verified_in = chain.number() + cooldown;
	chain.run_to(verified_in - 1);
	let events = chain.block(Vec::new());

	let paid = events
		.iter()
		.find_map(|event| match event {
			RuntimeEvent::BlockProposal(pallet_block_proposal::Event::BlockVerified {
				block_id: 1,
				verdict: Verdict::InTime,
				paid,
				..
			}) => Some(*paid),
			_ => None,
		})
		.unwrap_or_else(|| panic!("not verified: {events:?}"));
	let cost = u128::from(2_000_000 + GAS_USED) * u128::from(price);
	assert!((cost * 97 / 100..=cost).contains(&paid), "{paid} of {cost}");
	chain.inspect(|| {
		assert_eq!(spendable(prover), before + paid);
		assert!(ProverPool::get_assignments(prover.to_account_id(), None, 10).is_empty());
		assert!(BlockProposal::blocks(1, 1).is_empty());
	});
}

#[test]
fn newcomer_is_drawn_after_the_entry_delay() {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.block(vec![(Eve, stake(100 * UNIT, FIRST_FEE_PER_GAS, 4))]);
	let entered_in = chain.number();
	let weight = |chain: &mut Chain| {
		chain.inspect(|| ProverPool::get_prover_weights(FIRST_FEE_PER_GAS, 1, 1)[0].weight)
	};
	// Weights are those of a draw in the next block.
	let entry_delay = chain.inspect(|| ProverPool::get_parameters().entry_delay);
	chain.run_to(entered_in + entry_delay - 1);
	assert!(weight(&mut chain).is_zero());
	chain.block(Vec::new());
	assert!(!weight(&mut chain).is_zero());

	chain.block(vec![(Ferdie, propose())]);
	chain.run_to(chain.number() + DrawDelay::get());
	assert_eq!(drawn(&chain.block(Vec::new())), Some((Eve, FIRST_FEE_PER_GAS)));
}

/// Nobody proves block 1: it is skipped, and what becomes of the slash after that.
fn skipped() -> (Chain, Sr25519Keyring) {
	let mut chain = Chain::development();
	chain.run_to(5);
	chain.block(vec![(Ferdie, propose())]);
	chain.run_to(chain.number() + DrawDelay::get());
	let (prover, _) = drawn(&chain.block(Vec::new())).expect("drawn now");
	chain.run_to(chain.number() + 2 * FIRST_DELAY + ExpiryPeriod::get() + 1);
	let skip = pallet_block_proposal::Call::skip_block { block_id: 1 };
	chain.block(vec![(Bob, skip.into())]);
	(chain, prover)
}

/// Returns what the pool holds on an account.
fn held(chain: &mut Chain, who: Sr25519Keyring) -> u128 {
	chain.inspect(|| ProverPool::get_staker(who.to_account_id()).held)
}

/// The prover's part of a skip: four times the reward for the whole gas limit, at its price.
fn pending_slash(chain: &mut Chain) -> (u128, u32) {
	chain.inspect(|| {
		let slash = PendingSlashes::<Runtime>::get(1).expect("it is deferred");
		assert_eq!(slash.fault, Fault::Skipped);
		(slash.amount, slash.due_at)
	})
}

#[test]
fn slash_is_deferred_and_applied_when_it_is_due() {
	let (mut chain, prover) = skipped();
	let slashed_in = chain.number();
	let before = held(&mut chain, prover);
	let (amount, due_at) = pending_slash(&mut chain);
	assert_eq!(due_at, slashed_in + 5 * MINUTES);
	assert!(amount >= 4 * u128::from(2_000_000 + GAS_LIMIT) * 7_500, "{amount}");

	// The hook that ends the block before would find it not due.
	chain.run_to(due_at - 1);
	assert_eq!(held(&mut chain, prover), before);
	let events = chain.block(Vec::new());
	let applied = pallet_prover_pool::Event::SlashApplied {
		block_id: 1,
		who: prover.to_account_id(),
		amount,
	};
	assert!(events.contains(&RuntimeEvent::ProverPool(applied)), "{events:?}");
	assert_eq!(held(&mut chain, prover), before - amount);
}

#[test]
fn sudo_cancels_a_slash_that_is_not_due() {
	let (mut chain, prover) = skipped();
	let before = held(&mut chain, prover);
	let (amount, _) = pending_slash(&mut chain);
	let cancel = RuntimeCall::from(pallet_prover_pool::Call::cancel_slash { block_id: 1 });
	chain.inspect(|| {
		assert_noop!(
			ProverPool::cancel_slash(RuntimeOrigin::signed(Alice.to_account_id()), 1),
			DispatchError::BadOrigin
		);
	});
	let free = chain.inspect(|| spendable(prover));
	chain.block(vec![(Alice, pallet_sudo::Call::sudo { call: Box::new(cancel) }.into())]);
	assert_eq!(held(&mut chain, prover), before - amount);
	chain.inspect(|| {
		assert_eq!(spendable(prover), free + amount);
		assert!(PendingSlashes::<Runtime>::get(1).is_none());
	});
}
