//! Time, authorship and finality.

use crate::{randomness::ParentVrf, AccountId, Babe, BlockNumber, Moment, Runtime, RuntimeEvent};
use frame_support::{parameter_types, traits::FindAuthor};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_core::{sr25519, Void};
use sp_runtime::ConsensusEngineId;

/// The length of a slot, and so the average time between two blocks.
pub const MILLI_SECS_PER_BLOCK: Moment = 6_000;
/// BABE's name for the same.
pub const SLOT_DURATION: Moment = MILLI_SECS_PER_BLOCK;

/// One minute in blocks.
pub const MINUTES: BlockNumber = 60_000 / (MILLI_SECS_PER_BLOCK as BlockNumber);
/// One hour in blocks.
pub const HOURS: BlockNumber = MINUTES * 60;
/// One day in blocks.
pub const DAYS: BlockNumber = HOURS * 24;

/// An epoch is one minute.
///
/// Short, so that epochs change while somebody watches. The price: an epoch of ten slots has some 2.5
/// primary blocks, and BABE's randomness takes in full segments of 256 primary outputs only. So for a
/// hundred epochs at a time, anybody can compute the randomness of all coming epochs, and each author its
/// own VRF outputs in them. The draws therefore do not rely on any single output: see `DrawDelay` and
/// [`crate::randomness`].
pub const EPOCH_DURATION_IN_SLOTS: u64 = 10;
/// The same, as a number of blocks if no slot stays empty.
pub const EPOCH_DURATION_IN_BLOCKS: BlockNumber = EPOCH_DURATION_IN_SLOTS as BlockNumber;

/// In one slot of four somebody wins the right to author by lot; the others go round robin.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

/// How blocks are authored from the genesis on.
///
/// Secondary slots carry a VRF too, so every block adds an output to the seeds of the draws: see
/// [`crate::randomness`].
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
	c: PRIMARY_PROBABILITY,
	allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

parameter_types! {
	/// Half a slot: BABE derives the length of a slot from it and accepts one block in each.
	pub const MinimumPeriod: Moment = SLOT_DURATION / 2;
	/// See [`EPOCH_DURATION_IN_SLOTS`].
	pub const EpochDuration: u64 = EPOCH_DURATION_IN_SLOTS;
	/// With secondary slots no slot stays empty, so a block comes with every slot.
	pub const ExpectedBlockTime: Moment = MILLI_SECS_PER_BLOCK;
	/// More authorities than a demo's genesis will ever name.
	pub const MaxAuthorities: u32 = 32;
	/// Nobody nominates on this chain. It only enters the weight of reporting an equivocation.
	pub const MaxNominators: u32 = 0;
	/// Which session an authority set belonged to matters for reports of equivocations only.
	pub const MaxSetIdSessionEntries: u64 = 0;
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = MinimumPeriod;
	type Moment = Moment;
	/// BABE checks that a block's time lies in the slot it claims.
	type OnTimestampSet = Babe;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_babe::Config for Runtime {
	type DisabledValidators = ();
	type EpochChangeTrigger = pallet_babe::SameAuthoritiesForever;
	type EpochDuration = EpochDuration;
	/// Equivocations are not punished: the authorities have nothing at stake here.
	type EquivocationReportSystem = ();
	type ExpectedBlockTime = ExpectedBlockTime;
	type KeyOwnerProof = Void;
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = MaxNominators;
	type WeightInfo = ();
}

/// The author of a block is the account of its key for BABE: an sr25519 public key is an account's id, too.
///
/// A chain with sessions has `pallet_session::FindAccountFromAuthorIndex` instead.
pub struct BabeKeyAccount;

impl FindAuthor<AccountId> for BabeKeyAccount {
	fn find_author<'a, I>(digests: I) -> Option<AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		let index = Babe::find_author(digests)?;
		let authorities = Babe::authorities();
		let (key, _) = authorities.get(index as usize)?;
		Some(sr25519::Public::from(key.clone()).into())
	}
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = ();
	type FindAuthor = BabeKeyAccount;
}

impl pallet_vrf_accumulator::Config for Runtime {
	type VrfSource = ParentVrf<Runtime>;
	type WeightInfo = pallet_vrf_accumulator::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Outputs;
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem = ();
	type KeyOwnerProof = Void;
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = MaxNominators;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}
