//! Time, authorship and finality.

use super::money::deposit;
use crate::{
	opaque::SessionKeys, randomness::ParentVrf, AccountId, Babe, Balance, Balances, BlockNumber,
	Historical, Moment, Runtime, RuntimeCall, RuntimeEvent, Session, UncheckedExtrinsic,
	Validators,
};
use frame_support::{parameter_types, traits::Contains};
use frame_system::{
	offchain::{CreateBare, CreateTransactionBase},
	EnsureRoot,
};
use pallet_session::{historical::NoteHistoricalRoot, FindAccountFromAuthorIndex};
use pallet_validators::NoIdentification;
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};
use sp_session::MembershipProof;

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

/// An epoch is two minutes.
///
/// Short, so that epochs change while somebody watches, and long enough that each has a block although half of
/// the validators are down and the others make few blocks for lack of finality: the node's back-off leaves at
/// most four slots empty between two blocks. The price: an epoch of twenty slots has some five
/// primary blocks, and BABE's randomness takes in full segments of 256 primary outputs only. So for fifty
/// epochs at a time, anybody can compute the randomness of all coming epochs, and each author its
/// own VRF outputs in them. The draws therefore do not rely on any single output: see `DrawDelay` and
/// [`crate::randomness`].
pub const EPOCH_DURATION_IN_SLOTS: u64 = 20;
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
	/// More validators than a demo will ever have.
	pub const MaxAuthorities: u32 = 32;
	/// Nobody nominates on this chain. It only enters the weight of reporting an equivocation.
	pub const MaxNominators: u32 = 0;
	/// A day: so long can an equivocation be reported.
	pub const ReportPeriod: u32 = DAYS / EPOCH_DURATION_IN_BLOCKS;
	/// The same in blocks, for reports that wait in a node's pool.
	pub const ReportLongevity: u64 = DAYS as u64;
	/// Sets change when governance says so, or a validator replaces its keys: far fewer than this in a day.
	pub const MaxSetIdSessionEntries: u64 = 64;
	/// The keys of an account, 64 bytes, and the owner of each of the two, under the account and the keys.
	pub const KeyDeposit: Balance = deposit(3, 32 + 64 + 2 * (4 + 33 + 32));
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = MinimumPeriod;
	type Moment = Moment;
	/// BABE checks that a block's time lies in the slot it claims.
	type OnTimestampSet = Babe;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_babe::Config for Runtime {
	type DisabledValidators = Session;
	/// `Validators`.
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type EpochDuration = EpochDuration;
	/// Equivocations are counted, not punished: the validators have nothing at stake here.
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Runtime, Validators, Historical, ReportLongevity>;
	type ExpectedBlockTime = ExpectedBlockTime;
	type KeyOwnerProof = MembershipProof;
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = MaxNominators;
	type WeightInfo = ();
}

impl pallet_validators::Config for Runtime {
	type EpochEnd = Babe;
	/// `Sudo`. A chain in production has stakers that elect validators, or a slow referendum.
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type MaxValidators = MaxAuthorities;
	type ReportPeriod = ReportPeriod;
	type WeightInfo = pallet_validators::weights::SubstrateWeight<Runtime>;
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	/// Nobody is disabled: equivocations are counted only.
	type DisablingStrategy = ();
	type KeyDeposit = KeyDeposit;
	type Keys = SessionKeys;
	type NextSessionRotation = Babe;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = NoteHistoricalRoot<Runtime, Validators>;
	type ShouldEndSession = Validators;
	type ValidatorId = AccountId;
	/// Every account may register keys.
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl pallet_session::historical::Config for Runtime {
	type FullIdentification = ();
	type FullIdentificationOf = NoIdentification;
	type RuntimeEvent = RuntimeEvent;
}

/// Refuses `session.purge_keys`: without their keys, validators end the chain. `validators.purge_keys` is for all
/// others.
pub struct KeepKeys;

impl Contains<RuntimeCall> for KeepKeys {
	fn contains(call: &RuntimeCall) -> bool {
		!matches!(call, RuntimeCall::Session(pallet_session::Call::purge_keys {}))
	}
}

/// Nodes report equivocations by transactions without a signature.
impl<Call> CreateTransactionBase<Call> for Runtime
where
	RuntimeCall: From<Call>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<Call> CreateBare<Call> for Runtime
where
	RuntimeCall: From<Call>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = ();
	type FindAuthor = FindAccountFromAuthorIndex<Runtime, Babe>;
}

impl pallet_vrf_accumulator::Config for Runtime {
	type VrfSource = ParentVrf<Runtime>;
	type WeightInfo = pallet_vrf_accumulator::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Outputs;
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Runtime, Validators, Historical, ReportLongevity>;
	type KeyOwnerProof = MembershipProof;
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = MaxNominators;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}
