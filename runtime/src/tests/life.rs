//! Blocks of the rollup from their proposal to their settlement, with everything wired as on the chain:
//! BABE's seeds, the draw queue, attested proofs, fees and holds.

use super::chain::{spendable, Chain};
use crate::{
	configs::{
		consensus::EPOCH_DURATION_IN_BLOCKS,
		money::UNIT,
		parameters::{dynamic::pool, RuntimeParameters},
		protocol::{Cooldown, FIRST_FEE_PER_GAS},
	},
	genesis::rollup_genesis,
	Balances, BlockProposal, Parameters, ProverPool, RuntimeCall, RuntimeEvent, RuntimeOrigin,
};
use frame_support::assert_noop;
use pallet_block_proposal::{Evidence, Verdict};
use sp_core::{crypto::Pair, sr25519, H256};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::{self, *};
use sp_runtime::DispatchError;

const TX_LIST: &[u8] = b"a list of transactions";
const GAS_LIMIT: u32 = 1_000_000;
const GAS_USED: u32 = 400_000;

fn propose() -> RuntimeCall {
	pallet_block_proposal::Call::propose_block {
		tx_list: TX_LIST.to_vec(),
		gas_limit: GAS_LIMIT,
		beneficiary: Ferdie.to_account_id(),
	}
	.into()
}

fn stake(amount: u128, reward_per_gas: u32, max_capacity: u32) -> RuntimeCall {
	pallet_prover_pool::Call::stake { amount, reward_per_gas, max_capacity }.into()
}

/// A proof of block 1 by `prover`, with the attestor's signature.
fn prove(chain: &mut Chain, prover: Sr25519Keyring) -> RuntimeCall {
	let evidence = Evidence {
		tx_list_hash: sp_io::hashing::blake2_256(TX_LIST).into(),
		block_hash: H256::repeat_byte(1),
		parent_hash: rollup_genesis(),
		gas_used: GAS_USED,
	};
	let instance = chain
		.inspect(|| BlockProposal::instance_hash(1, evidence.clone(), prover.to_account_id()))
		.expect("the block exists");
	let attestor = sr25519::Pair::from_string("//Attestor", None).expect("a valid path");
	let proof = [&attestor.public().0[..], &attestor.sign(instance.as_bytes()).0].concat();
	pallet_block_proposal::Call::prove_block { block_id: 1, parent_id: 0, evidence, proof }.into()
}

/// Who was drawn for block 1, and at what price, if these events say so.
fn drawn(events: &[RuntimeEvent]) -> Option<(Sr25519Keyring, u32)> {
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

	// The seed of the next block was known to its parent's author, who had the proposal in hand.
	assert_eq!(drawn(&chain.block(Vec::new())), None);
	let (prover, price) = drawn(&chain.block(Vec::new())).expect("drawn now");
	assert_eq!(chain.number(), proposed_in + 2);
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
fn newcomer_is_drawn_after_two_epochs() {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	chain.block(vec![(Eve, stake(100 * UNIT, FIRST_FEE_PER_GAS, 4))]);
	let entered_in = chain.number();
	let weight = |chain: &mut Chain| {
		chain.inspect(|| ProverPool::get_prover_weights(FIRST_FEE_PER_GAS, 1, 1)[0].weight)
	};
	// Weights are those of a draw in the next block.
	chain.run_to(entered_in + 2 * EPOCH_DURATION_IN_BLOCKS - 1);
	assert!(weight(&mut chain).is_zero());
	chain.block(Vec::new());
	assert!(!weight(&mut chain).is_zero());

	chain.block(vec![(Ferdie, propose())]);
	chain.block(Vec::new());
	assert_eq!(drawn(&chain.block(Vec::new())), Some((Eve, FIRST_FEE_PER_GAS)));
}

#[test]
fn sudo_sets_parameters_and_nobody_else() {
	let shorter =
		|| RuntimeParameters::Pool(pool::Parameters::ExitPeriod(pool::ExitPeriod, Some(10)));
	let mut chain = Chain::development();
	chain.inspect(|| {
		assert_noop!(
			Parameters::set_parameter(RuntimeOrigin::signed(Alice.to_account_id()), shorter()),
			DispatchError::BadOrigin
		);
	});
	let set = pallet_parameters::Call::set_parameter { key_value: shorter() };
	chain.block(vec![(Alice, pallet_sudo::Call::sudo { call: Box::new(set.into()) }.into())]);
	chain.inspect(|| assert_eq!(ProverPool::get_parameters().exit_period, 10));
}

#[test]
fn fees_are_burnt() {
	let mut chain = Chain::development();
	let issued = chain.inspect(Balances::total_issuance);
	let events =
		chain.block(vec![(Bob, frame_system::Call::remark { remark: b"a line".to_vec() }.into())]);
	let fee = events
		.iter()
		.find_map(|event| match event {
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => Some(*actual_fee),
			_ => None,
		})
		.expect("it was paid");
	assert_ne!(fee, 0);
	assert_eq!(chain.inspect(Balances::total_issuance), issued - fee);
}
