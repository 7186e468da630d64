//! What must fit, what things cost, and what clients rely on.

use super::chain::Chain;
use crate::{
	configs::{
		consensus::MILLI_SECS_PER_BLOCK,
		money::{EXISTENTIAL_DEPOSIT, MILLIUNIT, UNIT},
		pool::{MaxPendingDraws, MaxProvers, PriceCeilingPercent, MAX_PROVERS},
		protocol::{
			BaseGas, MaxDelayPenalty, MaxFeePerGas, MaxGasLimit, MaxTxListSize,
			MaxUnverifiedBlocks, MinFeePerGas, OpenRewardStart, FIRST_FEE_PER_GAS,
		},
		system::RuntimeBlockWeights,
	},
	AllPalletsWithSystem, Babe, Balance, ProverPool, Runtime, RuntimeCall, TransactionPayment,
	TxExtension, VERSION,
};
use core::any::type_name;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::PalletsInfoAccess,
};
use pallet_block_proposal::fees::{after_delay_penalty, cost, share_of_fee};
use prover_pool_primitives::ProverPool as Pool;
use sp_keyring::Sr25519Keyring;
use sp_runtime::traits::TransactionExtension;

#[test]
fn slots_are_six_seconds() {
	assert_eq!(MILLI_SECS_PER_BLOCK, 6_000);
	assert_eq!(Babe::slot_duration(), MILLI_SECS_PER_BLOCK);
}

#[test]
fn newcomers_wait_for_ten_blocks_and_draws_for_three() {
	Chain::development().inspect(|| {
		let parameters = ProverPool::get_parameters();
		assert_eq!((parameters.entry_delay, parameters.draw_delay), (10, 3));
	});
}

#[test]
fn stake_of_a_unit_of_capacity_covers_the_slash_for_a_full_block() {
	let highest_price = share_of_fee(MaxFeePerGas::get(), PriceCeilingPercent::get());
	assert_eq!(highest_price, 250_000);
	let reward: Balance = cost(BaseGas::get(), MaxGasLimit::get(), highest_price);
	Chain::development().inspect(|| {
		let parameters = ProverPool::get_parameters();
		let slash = reward * Balance::from(parameters.slash_multiplier);
		assert_eq!(slash, 10 * UNIT);
		assert!(parameters.min_stake_per_capacity >= slash);
	});
}

#[test]
fn every_reward_can_be_received_by_an_empty_account() {
	let lowest_price = share_of_fee(MinFeePerGas::get(), OpenRewardStart::get());
	let reward: Balance = cost(BaseGas::get(), 0, lowest_price);
	let reward = after_delay_penalty(reward, MaxDelayPenalty::get(), 1, 1);
	assert!(reward >= EXISTENTIAL_DEPOSIT, "{reward}");
}

#[test]
fn first_fee_pays_what_the_documentation_says() {
	let reward: Balance = cost(BaseGas::get(), MaxGasLimit::get(), FIRST_FEE_PER_GAS);
	assert_eq!(reward, UNIT / 10);
}

#[test]
fn queue_and_capacity_suffice_for_all_unverified_blocks() {
	assert!(MaxPendingDraws::get() >= MaxUnverifiedBlocks::get());
	Chain::development().inspect(|| {
		let parameters = ProverPool::get_parameters();
		assert_eq!(32 * parameters.min_capacity, MaxUnverifiedBlocks::get());
		const { assert!(MAX_PROVERS >= 32) };
		// More than that nobody can be assigned.
		assert_eq!(parameters.max_capacity, MaxUnverifiedBlocks::get());
	});
}

/// [`MAX_PROVERS`] alone decides how large the pool is, what its operations weigh, and so what they cost.
#[test]
fn weights_and_fees_follow_the_number_of_slots() {
	let stake = || {
		RuntimeCall::from(pallet_prover_pool::Call::stake {
			amount: 1_000 * UNIT,
			reward_per_gas: 1_000,
			max_capacity: 4,
		})
	};
	let propose = || {
		RuntimeCall::from(pallet_block_proposal::Call::propose_block {
			tx_list: vec![0; 100],
			gas_limit: 1_000_000,
			beneficiary: Sr25519Keyring::Ferdie.to_account_id(),
			max_fee_per_gas: FIRST_FEE_PER_GAS,
		})
	};
	Chain::development().inspect(|| {
		assert_eq!(MaxProvers::get(), MAX_PROVERS);
		let with = |slots: u32| {
			MaxProvers::set(slots);
			assert_eq!(ProverPool::get_parameters().max_provers, slots);
			let fee = |call| TransactionPayment::query_call_info(call, 150).partial_fee;
			let figures = (fee(stake()), fee(propose()), <ProverPool as Pool<_, _>>::draw_weight());
			MaxProvers::set(MAX_PROVERS);
			figures
		};
		let (demo, large) = (with(MAX_PROVERS), with(pallet_prover_lottery::MAX_PROVERS_LIMIT));
		assert!(large.0 > demo.0, "stake: {} and {}", large.0, demo.0);
		assert!(large.1 > demo.1, "proposal: {} and {}", large.1, demo.1);
		assert!(large.2.any_gt(demo.2), "draw: {} and {}", large.2, demo.2);
		// A thousand times as many slots: a draw weighs less than three times as much.
		assert!(large.2.ref_time() < 3 * demo.2.ref_time(), "{:?}, {:?}", large.2, demo.2);
	});
}

#[test]
fn full_proposal_fits_a_block() {
	let proposal: RuntimeCall = pallet_block_proposal::Call::propose_block {
		tx_list: vec![0; MaxTxListSize::get() as usize],
		gas_limit: MaxGasLimit::get(),
		beneficiary: Sr25519Keyring::Ferdie.to_account_id(),
		max_fee_per_gas: FIRST_FEE_PER_GAS,
	}
	.into();
	Chain::development().inspect(|| {
		let limits = RuntimeBlockWeights::get();
		let most = limits.get(DispatchClass::Normal).max_extrinsic.expect("there is a limit");
		assert!(
			(proposal.get_dispatch_info().call_weight * 8).all_lte(most),
			"less than an eighth"
		);
		let fee = TransactionPayment::query_call_info(proposal, MaxTxListSize::get()).partial_fee;
		assert!((UNIT / 10..UNIT / 5).contains(&fee), "{fee}");
	});
}

#[test]
fn stakes_and_transfers_cost_milliunits() {
	let stake = pallet_prover_pool::Call::stake {
		amount: 1_000 * UNIT,
		reward_per_gas: 1_000,
		max_capacity: 4,
	};
	let transfer = pallet_balances::Call::transfer_keep_alive {
		dest: Sr25519Keyring::Bob.to_account_id().into(),
		value: UNIT,
	};
	Chain::development().inspect(|| {
		for (call, most) in
			[(RuntimeCall::from(stake), 6 * MILLIUNIT), (RuntimeCall::from(transfer), MILLIUNIT)]
		{
			let fee = TransactionPayment::query_call_info(call, 150).partial_fee;
			assert!((MILLIUNIT / 4..=most).contains(&fee), "{fee}");
		}
	});
}

#[test]
fn pallets_use_their_own_weights() {
	assert_eq!(
		[
			type_name::<<Runtime as pallet_prover_pool::Config>::WeightInfo>(),
			type_name::<<Runtime as pallet_block_proposal::Config>::WeightInfo>(),
			type_name::<<Runtime as pallet_attestation::Config>::WeightInfo>(),
			type_name::<<Runtime as pallet_succinct_proofs::Config>::WeightInfo>(),
			type_name::<<Runtime as pallet_vrf_accumulator::Config>::WeightInfo>(),
			type_name::<<Runtime as pallet_validators::Config>::WeightInfo>(),
		],
		[
			type_name::<pallet_prover_pool::weights::SubstrateWeight<Runtime>>(),
			type_name::<pallet_block_proposal::weights::SubstrateWeight<Runtime>>(),
			type_name::<pallet_attestation::weights::SubstrateWeight<Runtime>>(),
			type_name::<pallet_succinct_proofs::weights::SubstrateWeight<Runtime>>(),
			type_name::<pallet_vrf_accumulator::weights::SubstrateWeight<Runtime>>(),
			type_name::<pallet_validators::weights::SubstrateWeight<Runtime>>(),
		]
	);
}

#[test]
fn transactions_carry_the_extensions_that_wallets_expect_and_one_without_bytes() {
	let names: Vec<_> = TxExtension::metadata().iter().map(|item| item.identifier).collect();
	assert_eq!(
		names,
		[
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckOperational",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}

#[test]
fn clients_find_pallets_metadata_and_queries() {
	let pallets: Vec<_> = AllPalletsWithSystem::infos().iter().map(|info| info.name).collect();
	for name in [
		"ProverPool",
		"BlockProposal",
		"Attestation",
		"SuccinctProofs",
		"CheckedParameters",
		"Parameters",
		"Sudo",
		"Utility",
		"Validators",
		"VrfAccumulator",
	] {
		assert!(pallets.contains(&name), "{name}");
	}
	for version in [14, 15, 16] {
		assert!(Runtime::metadata_versions().contains(&version), "{version}");
	}
	let api = pallet_prover_pool::runtime_api::runtime_decl_for_prover_pool_api::ID;
	assert!(VERSION.apis.iter().any(|(id, _)| *id == api));
}

#[test]
fn hooks_run_from_babe_by_the_validators_and_the_accumulator_to_pool_and_protocol() {
	let infos = AllPalletsWithSystem::infos();
	let place = |name| infos.iter().position(|info| info.name == name).expect("a pallet");
	assert!(place("Babe") < place("Validators"));
	// The accumulator reads the epoch, and the author is that of the epoch which a block begins.
	assert!(place("Validators") < place("VrfAccumulator"));
	assert!(place("Validators") < place("Authorship"));
	// Sessions begin with the validators of the genesis.
	assert!(place("Validators") < place("Session"));
	assert!(place("VrfAccumulator") < place("ProverPool"));
	assert!(place("ProverPool") < place("BlockProposal"));
}

/// `make weights` wrote each file, with command, machine and versions in it; and each is what the runtime uses.
#[test]
fn weights_are_those_that_were_generated() {
	let files = [
		include_str!("../../../pallets/prover-pool/src/weights.rs"),
		include_str!("../../../pallets/block-proposal/src/weights.rs"),
		include_str!("../../../pallets/attestation/src/weights.rs"),
		include_str!("../../../pallets/vrf-accumulator/src/weights.rs"),
	];
	for file in files {
		let head = &file[..80];
		for part in
			["generated by `make weights`", "command ", "machine ", "frame-omni-bencher 0.28"]
		{
			assert!(file.contains(part), "a header without {part:?}: {head}");
		}
	}
	let wired = [
		type_name::<<Runtime as pallet_prover_pool::Config>::WeightInfo>(),
		type_name::<<Runtime as pallet_block_proposal::Config>::WeightInfo>(),
		type_name::<<Runtime as pallet_attestation::Config>::WeightInfo>(),
		type_name::<<Runtime as pallet_vrf_accumulator::Config>::WeightInfo>(),
	];
	let pallets = [
		"pallet_prover_pool",
		"pallet_block_proposal",
		"pallet_attestation",
		"pallet_vrf_accumulator",
	];
	for (wired, pallet) in wired.into_iter().zip(pallets) {
		assert!(wired.starts_with(&format!("{pallet}::weights::SubstrateWeight<")), "{wired}");
	}
}
