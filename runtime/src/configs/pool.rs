//! The prover pool.

use super::parameters::dynamic::pool;
use crate::{
	randomness::ParentVrf, Balances, BlockProposal, PoolClock, Runtime, RuntimeHoldReason,
};
use frame_support::parameter_types;
use frame_system::EnsureNever;

/// How many slots the pool has: this constant alone decides, up to 2²⁰. What operations cost hardly
/// depends on it, see `make bench`.
pub const MAX_PROVERS: u32 = 1_024;

#[cfg(feature = "scaling")]
pub use crate::scaling::MaxProvers;

#[cfg(not(feature = "scaling"))]
parameter_types! {
	/// See [`MAX_PROVERS`].
	pub const MaxProvers: u32 = MAX_PROVERS;
}

parameter_types! {
	/// Items in a node of the pool's index. Never changed while there are members.
	pub const NodeWidth: u32 = 64;
	/// The band around the fee within which a price is agreed, 75 % to 125 %, as in the original.
	///
	/// Constant, unlike the other tunables: at the proposal of a block the protocol puts 150 % of
	/// the fee aside for it, and a ceiling above that could not be paid.
	pub const PriceFloorPercent: u32 = 75;
	/// See [`PriceFloorPercent`].
	pub const PriceCeilingPercent: u32 = 125;
	/// As many requests as the protocol lets blocks wait for verification: the queue is never what
	/// refuses a proposal.
	pub const MaxPendingDraws: u32 = 128;
	/// A full queue is drawn in eight blocks. The draws of a block take a few hundredths of a second
	/// at worst, before any transaction and whether there are transactions or not.
	pub const MaxDrawsPerBlock: u32 = 16;
}

impl crate::pool_clock::Config for Runtime {}

impl pallet_prover_pool::Config for Runtime {
	/// This chain's blocks, which come with the clock. The next version counts slots.
	type BlockNumberProvider = PoolClock;
	type Currency = Balances;
	type DrawHandler = BlockProposal;
	type EjectionThreshold = pool::EjectionThreshold;
	type EntryDelay = pool::EntryDelay;
	type ExitPeriod = pool::ExitPeriod;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxLiability = pool::MaxLiability;
	type MaxPendingDraws = MaxPendingDraws;
	type MaxProvers = MaxProvers;
	type NodeWidth = NodeWidth;
	type MinCapacity = pool::MinCapacity;
	type MinChangeDelay = pool::MinChangeDelay;
	type MinOverbid = pool::MinOverbid;
	type MinStakePerCapacity = pool::MinStakePerCapacity;
	/// What is slashed is burnt. Nobody then has a share in the failures of provers; a treasury is
	/// the place for it on a chain whose governance spends one.
	type OnSlash = ();
	type PriceCeilingPercent = PriceCeilingPercent;
	type PriceFloorPercent = PriceFloorPercent;
	/// Nobody: the protocol is `BlockProposal`, which calls the pool through the hook trait.
	type ProtocolOrigin = EnsureNever<()>;
	type Randomness = ParentVrf<Runtime>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SlashMultiplier = pool::SlashMultiplier;
	type SlashPoints = pool::SlashPoints;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Seeds;
}
