//! What must fit, what things cost, and what clients rely on.

use super::chain::Chain;
use crate::{
	configs::{
		consensus::{EPOCH_DURATION_IN_BLOCKS, MILLI_SECS_PER_BLOCK},
		money::{MILLIUNIT, UNIT},
		pool::{MaxDrawsPerBlock, MaxPendingDraws, MaxProvers, PriceCeilingPercent},
		system::RuntimeBlockWeights,
	},
	AllPalletsWithSystem, Balance, ProverPool, Runtime, RuntimeCall, TransactionPayment,
	TxExtension, VERSION,
};
use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
use frame_support::traits::PalletsInfoAccess;
use sp_runtime::traits::TransactionExtension;

#[test]
fn slots_are_six_seconds() {
	assert_eq!(MILLI_SECS_PER_BLOCK, 6_000);
	assert_eq!(crate::Babe::slot_duration(), MILLI_SECS_PER_BLOCK);
}

#[test]
fn newcomers_wait_for_two_epochs() {
	Chain::development().inspect(|| {
		assert_eq!(ProverPool::get_parameters().entry_delay, 2 * EPOCH_DURATION_IN_BLOCKS)
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
		dest: sp_keyring::Sr25519Keyring::Bob.to_account_id().into(),
		value: UNIT,
	};
	Chain::development().inspect(|| {
		for (call, at_most) in
			[(RuntimeCall::from(stake), 4 * MILLIUNIT), (RuntimeCall::from(transfer), MILLIUNIT)]
		{
			let fee = TransactionPayment::query_call_info(call, 150).partial_fee;
			assert!((MILLIUNIT / 4..=at_most).contains(&fee), "{fee}");
		}
	});
}

#[test]
fn transactions_end_with_the_extensions_that_wallets_expect() {
	let names: Vec<_> = TxExtension::metadata().iter().map(|item| item.identifier).collect();
	assert_eq!(
		names,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
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
	assert!(["ProverPool", "BlockProposal", "Attestation", "Parameters", "Sudo"]
		.iter()
		.all(|name| pallets.contains(name)));
	assert!([14, 15, 16].iter().all(|version| Runtime::metadata_versions().contains(version)));
	let api = pallet_prover_pool::runtime_api::runtime_decl_for_prover_pool_api::ID;
	assert!(VERSION.apis.iter().any(|(id, _)| *id == api));
}
