//! The prover pool, and the lottery that draws its members.

use super::parameters::dynamic::pool;
use crate::{
	AccountId, Balances, BlockNumber, BlockProposal, PoolClock, Runtime, RuntimeHoldReason,
	VrfAccumulator,
};
use frame_support::parameter_types;
use frame_system::{EnsureNever, EnsureRoot};

/// How many slots the pool has, up to [`pallet_prover_lottery::MAX_PROVERS_LIMIT`]. This constant alone
/// decides. The cost of an operation hardly depends on it, see `make bench`; the weights that calls
/// declare follow it.
pub const MAX_PROVERS: u32 = 1_024;

#[cfg(test)]
pub use settable::MaxProvers;

#[cfg(not(test))]
parameter_types! {
	/// See [`MAX_PROVERS`].
	pub const MaxProvers: u32 = MAX_PROVERS;
}

/// A test shows what depends on the number of slots.
#[cfg(test)]
mod settable {
	frame_support::parameter_types! {
		/// Starts as on the chain.
		pub static MaxProvers: u32 = super::MAX_PROVERS;
	}
}

parameter_types! {
	/// The band around the fee within which a price is agreed, 75 % to 125 %, as in the original.
	///
	/// Constant, unlike the pool's tunables: at the proposal of a block the protocol puts 150 % of
	/// the fee aside for it, and a ceiling above that could not be paid.
	pub const PriceFloorPercent: u32 = 75;
	/// See [`PriceFloorPercent`].
	pub const PriceCeilingPercent: u32 = 125;
	/// Enough for an account that unstakes once a day of the week that an exit lasts.
	pub const MaxExits: u32 = 8;
	/// Exits pay their share of a slash, or a large one would shield a small stake from ejection.
	pub const SlashExitsFirst: bool = false;
	/// As many requests as the protocol lets blocks wait for verification: the queue is never what
	/// refuses a proposal.
	pub const MaxPendingDraws: u32 = 128;
	/// A request waits for the outputs of three more blocks before its draw, in the fourth block after
	/// it: only the author of all three foresees its seed, and a reorganisation has to replace all
	/// three to change more than the last choice. With a third of the slots, one request in 27.
	///
	/// Constant, unlike `EntryDelay`: a change while requests wait would choose among their seeds.
	pub const DrawDelay: BlockNumber = 3;
	/// A full queue is drawn in eight blocks. The draws of a block take a few hundredths of a second
	/// at worst, before any transaction and whether there are transactions or not.
	pub const MaxDrawsPerBlock: u32 = 16;
	/// Even if all members change their offers in one block, all are listed sixteen blocks later. The
	/// listings of a block take a tenth of a second at worst, on top of the draws.
	pub const MaxAdmissions: u32 = 64;
}

impl crate::pool_clock::Config for Runtime {}

impl pallet_prover_lottery::Config for Runtime {
	type MaxProvers = MaxProvers;
	type PriceCeilingPercent = PriceCeilingPercent;
	type PriceFloorPercent = PriceFloorPercent;
}

impl pallet_prover_pool::Config for Runtime {
	/// This chain's blocks, which come with the clock. The next version counts slots.
	type BlockNumberProvider = PoolClock;
	/// `Sudo`, which stands for the governance that notices a bug of the protocol.
	type CancelSlashOrigin = EnsureRoot<AccountId>;
	type Currency = Balances;
	type DrawDelay = DrawDelay;
	type DrawHandler = BlockProposal;
	type EjectionThreshold = pool::EjectionThreshold;
	type EntryDelay = pool::EntryDelay;
	type ExitPeriod = pool::ExitPeriod;
	type MaxAdmissions = MaxAdmissions;
	type MaxCapacity = pool::MaxCapacity;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxExits = MaxExits;
	type MaxLiability = pool::MaxLiability;
	type MaxMisses = pool::MaxMisses;
	type MaxPausedShare = pool::MaxPausedShare;
	type MaxPendingDraws = MaxPendingDraws;
	type MinCapacity = pool::MinCapacity;
	type MinChangeDelay = pool::MinChangeDelay;
	type MinOverbid = pool::MinOverbid;
	type MinStakePerCapacity = pool::MinStakePerCapacity;
	/// What is slashed is burnt. Nobody then has a share in the failures of provers; a treasury is
	/// the place for it on a chain whose governance spends one.
	type OnSlash = ();
	/// Nobody: the protocol is `BlockProposal`, which calls the pool through the hook trait.
	type ProtocolOrigin = EnsureNever<()>;
	/// Every block's VRF output is in it: no author alone knows a seed in advance.
	type Randomness = VrfAccumulator;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Selection = pallet_prover_lottery::Lottery<Runtime>;
	type SlashDeferral = pool::SlashDeferral;
	type SlashExitsFirst = SlashExitsFirst;
	type SlashMultiplier = pool::SlashMultiplier;
	type SlashPoints = pool::SlashPoints;
	type SuspensionPeriod = pool::SuspensionPeriod;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Seeds;
}
