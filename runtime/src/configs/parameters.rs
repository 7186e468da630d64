//! The parameters that governance may change while the chain runs.
//!
//! They are the pool's tunables. What storage is laid out for (how many exits, how many pending draws)
//! is not among them, nor what the protocol's escrows rely on; and an assignment keeps the slash terms
//! with which it was drawn, so a change never reaches back. A change after which a relation between
//! parameters does not hold is refused: see [`checked_parameters`].
//!
//! To let provers leave a test chain after ten blocks, `Sudo` dispatches
//! `checkedParameters.setParameter({ Pool: { ExitPeriod: [null, 10] } })`.

// The macro writes the parameters' key and value types without documentation.
#![allow(missing_docs)]

use super::{
	consensus::{DAYS, HOURS, MINUTES},
	money::UNIT,
};
use crate::{
	checked_parameters::{self, EnsureChecked, Relations},
	AccountId, Balance, BlockNumber, BlockProposal, ProverLottery, ProverPool, Runtime,
	RuntimeEvent,
};
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::AsEnsureOriginWithArg,
	weights::Weight,
};
use frame_system::EnsureRoot;
use sp_runtime::Perbill;

/// The parameters, with the values that hold until they are set.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic {
	use super::*;

	/// The prover pool's.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod pool {
		/// The smallest capacity a prover may declare. Four blocks at once is what one well equipped
		/// machine proves. 32 such provers have as much capacity as the protocol can use.
		#[codec(index = 0)]
		pub static MinCapacity: u32 = 4;

		/// The largest capacity a prover may declare: as many blocks as the protocol lets wait for
		/// verification. More could never be used, and would only lower the prover's slashes.
		#[codec(index = 1)]
		pub static MaxCapacity: u32 = 128;

		/// The smallest stake per unit of capacity: `SlashMultiplier` times the reward of a full block at
		/// the highest fee that the protocol offers, so that a prover that fails can always pay for it.
		///
		/// At a fee of 200 000 base units per gas (the protocol's `MaxFeePerGas`) the highest price agreed is
		/// 250 000; a full block is 2 000 000 + 8 000 000 gas; `4 · 10 000 000 · 250 000 = 10¹³` base
		/// units are 10 tokens.
		#[codec(index = 2)]
		pub static MinStakePerCapacity: Balance = 10 * UNIT;

		/// How long an exit lasts: a week, as in the original.
		#[codec(index = 3)]
		pub static ExitPeriod: BlockNumber = 7 * DAYS;

		/// How long a prover stays at least after it entered: an hour, so that a slot is not taken
		/// and given back around a single block.
		#[codec(index = 4)]
		pub static MinChangeDelay: BlockNumber = HOURS;

		/// The share of what answers that a slash takes, divided by the capacity: 0.25 %. With
		/// stakes near the minimum the multiple of the reward is far more; this one makes large
		/// stakes feel it too.
		#[codec(index = 5)]
		pub static SlashPoints: Perbill = Perbill::from_parts(2_500_000);

		/// The multiple of the proof's reward that a slash takes at least: a prover that takes part
		/// only when it pays loses with the first failure what four blocks earn.
		#[codec(index = 6)]
		pub static SlashMultiplier: u32 = 4;

		/// How long the tokens of a slash stay on hold, while `Sudo` may cancel it: five minutes. As
		/// with the protocol's windows, a chain in production takes days where this one takes minutes, so
		/// that its governance can notice a bug and vote. Here the whole life of a slash is seen within
		/// a quarter of an hour, and in less than a minute of `make run`.
		#[codec(index = 7)]
		pub static SlashDeferral: BlockNumber = 5 * MINUTES;

		/// How many misses in a row suspend a prover: three. One may be a machine that restarts and
		/// two bad luck; at the third the prover is down.
		#[codec(index = 8)]
		pub static MaxMisses: u32 = 3;

		/// How long a suspension lasts: an hour. A prover that does not work misses three blocks an hour
		/// at most, not hundreds, and one that was repaired is soon back.
		#[codec(index = 9)]
		pub static SuspensionPeriod: BlockNumber = HOURS;

		/// By how much a newcomer must exceed the smallest stake to replace it: 5 %, so that a slot
		/// does not change hands for one base unit.
		#[codec(index = 10)]
		pub static MinOverbid: Perbill = Perbill::from_percent(5);

		/// Below which share of its minimum stake a slashed prover is forced out: a half. It takes
		/// part while it can pay for failing in at least half of its capacity, and it need not refill
		/// its stake after every slash.
		#[codec(index = 11)]
		pub static EjectionThreshold: Perbill = Perbill::from_percent(50);

		/// The age at which a prover may close its own assignment: four weeks, when no protocol that
		/// still runs has left a block unsettled (it takes minutes here).
		#[codec(index = 12)]
		pub static MaxLiability: BlockNumber = 28 * DAYS;

		/// How long entries and changes wait until draws use them, in blocks: longer than any run of
		/// consecutive blocks by one author that need be feared. A seed contains the outputs of all
		/// blocks since the entry, so only the author of all ten foresees it and could size a stake to
		/// it: with a share s of the slots a run of ten begins with probability s^10. At a third of the
		/// slots that happens once in six days of blocks, at a quarter once in 97.
		#[codec(index = 13)]
		pub static EntryDelay: BlockNumber = 10;

		/// Nobody is suspended while that would leave more of the listed stake paused: a quarter. Three
		/// quarters are in draws after a suspension even if somebody proposes what nobody can prove in
		/// time, and who does gains nothing (`docs/economics.md`, `suspension-griefing-share`: from 30 % on
		/// it would). A prover that does not work is suspended unless a quarter of the pool is paused with
		/// it. Members that are suspended and never resume count among the paused.
		#[codec(index = 14)]
		pub static MaxPausedShare: Perbill = Perbill::from_percent(25);
	}
}

/// How many parameters there are.
const COUNT: u64 = 15;

/// The relations between the parameters of this runtime: those that the pallets check themselves.
pub struct PalletRelations;

impl Relations for PalletRelations {
	fn check() -> Result<(), &'static str> {
		ProverLottery::check_parameters()?;
		ProverPool::check_parameters()?;
		BlockProposal::check_parameters()
	}

	/// Each parameter is read by the pool, and three by the protocol too: `MaxLiability`,
	/// `MinStakePerCapacity` and `SlashMultiplier`.
	fn check_weight() -> Weight {
		<Runtime as frame_system::Config>::DbWeight::get().reads(COUNT + 3)
	}
}

/// By [`CheckedParameters`](crate::CheckedParameters) alone.
impl pallet_parameters::Config for Runtime {
	type AdminOrigin = EnsureChecked;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	/// The pallet keeps its weights for a runtime's own database costs to itself; these are the same
	/// with RocksDB's, which are this chain's.
	type WeightInfo = ();
}

/// `Sudo` sets all parameters.
impl checked_parameters::Config for Runtime {
	type Relations = PalletRelations;
	type SetOrigin = AsEnsureOriginWithArg<EnsureRoot<AccountId>>;
}
