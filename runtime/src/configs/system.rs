//! The frame of the runtime: block limits, accounts, and the two pallets that dispatch other calls.

use super::consensus::KeepKeys;
use crate::{
	AccountId, Balance, Block, Nonce, OriginCaller, PalletInfo, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, RuntimeTask, SingleBlockMigrations, VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	weights::{
		constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_SECOND},
		Weight,
	},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// How much of a block transactions may fill. The rest is kept for operational calls, so that
/// governance gets through when blocks are full.
pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);

/// How much work a block may contain: two of its six seconds. An author executes it once to build
/// it and everybody else once to import it, and it has to travel in between.
///
/// The size of a storage proof does not matter: no relay chain validates this one.
pub const MAXIMUM_BLOCK_WEIGHT: Weight =
	Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// How many bytes the extrinsics of a block may have.
pub const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;

/// How many bytes of a block its header may claim in advance. An authority's key and weight in
/// BABE's announcement of the next epoch are 40 bytes, so this is enough for hundreds of them.
pub const MAXIMUM_HEADER_SIZE: u32 = 32 * 1024;

parameter_types! {
	/// The version of the code, as `System` reports it.
	pub const Version: RuntimeVersion = VERSION;
	/// 42, the prefix of addresses that belong to no chain in particular, as wallets show them by
	/// default.
	pub const SS58Prefix: u16 = 42;
	/// Transactions may be mortal for up to 4 096 blocks (about seven hours), the most an era
	/// encodes well; older block hashes are of no use.
	pub const BlockHashCount: u32 = 4_096;
	/// The limits of a block in weight.
	pub RuntimeBlockWeights: BlockWeights =
		BlockWeights::with_sensible_defaults(MAXIMUM_BLOCK_WEIGHT, NORMAL_DISPATCH_RATIO);
	/// The limits of a block in bytes.
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_LENGTH)
		.modify_max_length_for_class(DispatchClass::Normal, |max| {
			*max = NORMAL_DISPATCH_RATIO * MAXIMUM_BLOCK_LENGTH
		})
		.max_header_size(MAXIMUM_HEADER_SIZE)
		.build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	/// Everything but what would end the chain.
	type BaseCallFilter = KeepKeys;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = RuntimeBlockLength;
	type BlockWeights = RuntimeBlockWeights;
	/// The node ships with ParityDB. The costs are those of the slower RocksDB, so that a node
	/// keeps up with either.
	type DbWeight = RocksDbWeight;
	type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
	type Nonce = Nonce;
	type SS58Prefix = SS58Prefix;
	type SingleBlockMigrations = SingleBlockMigrations;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type Version = Version;
}

/// Stands for the governance that a real chain has.
impl pallet_sudo::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

/// Batches, for clients that do several things at once.
impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}
