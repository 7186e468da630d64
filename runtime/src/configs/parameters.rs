//! The parameters that governance may change while the chain runs.
//!
//! They are the pool's tunables. What storage is laid out for (how many provers, how many pending
//! draws) is not among them, and an assignment keeps the slash terms with which it was drawn, so a
//! change never reaches back. The relations between the values are checked for the defaults, by the
//! pallets' integrity tests; whoever changes one is responsible for keeping them.
//!
//! To let provers leave a test chain after ten blocks, `Sudo` dispatches
//! `parameters.setParameter({ Pool: { ExitPeriod: [null, 10] } })`.

// The macro writes the parameters' key and value types without documentation.
#![allow(missing_docs)]

use super::{
	consensus::{DAYS, EPOCH_DURATION_IN_BLOCKS, HOURS},
	money::UNIT,
};
use crate::{AccountId, Balance, BlockNumber, Runtime, RuntimeEvent};
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::AsEnsureOriginWithArg,
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
		/// machine proves, and a pool full of the smallest provers then has 128 places, as many as
		/// the protocol lets blocks wait for verification.
		#[codec(index = 0)]
		pub static MinCapacity: u32 = 4;

		/// The smallest stake per place: `SlashMultiplier` times the reward of a full block at the
		/// highest fee that this chain expects, so that whoever fails can always pay for it.
		///
		/// At a fee of 200 000 base units per gas (`HIGHEST_EXPECTED_FEE`) the highest price agreed is
		/// 250 000; a full block is 2 000 000 + 8 000 000 gas; `4 · 10 000 000 · 250 000 = 10¹³` base
		/// units are 10 tokens.
		#[codec(index = 1)]
		pub static MinStakePerCapacity: Balance = 10 * UNIT;

		/// How long tokens take to leave: a week, as in the original.
		#[codec(index = 2)]
		pub static ExitPeriod: BlockNumber = 7 * DAYS;

		/// How long a prover stays at least after it entered: an hour, so that a slot is not taken
		/// and given back around a single block.
		#[codec(index = 3)]
		pub static MinChangeDelay: BlockNumber = HOURS;

		/// The share of what is slashable that a slash takes, divided by the capacity: 0.25 %. With
		/// stakes near the minimum the multiple of the reward is far more; this one makes large
		/// stakes feel it too.
		#[codec(index = 4)]
		pub static SlashPoints: Perbill = Perbill::from_parts(2_500_000);

		/// The multiple of the proof's reward that a slash takes at least: a prover that takes part
		/// only when it pays loses with the first failure what four blocks earn.
		#[codec(index = 5)]
		pub static SlashMultiplier: u32 = 4;

		/// By how much a newcomer must exceed the smallest stake to replace it: 5 %, so that a slot
		/// does not change hands for one base unit.
		#[codec(index = 6)]
		pub static MinOverbid: Perbill = Perbill::from_percent(5);

		/// Below which share of its minimum stake a slashed prover is forced out: a half. It takes
		/// part while it can pay for failing in at least half of its places, and it need not refill
		/// its stake after every slash.
		#[codec(index = 7)]
		pub static EjectionThreshold: Perbill = Perbill::from_percent(50);

		/// The age at which a prover may close its own assignment: four weeks, when no protocol that
		/// still runs has left a block unsettled (it takes minutes here).
		#[codec(index = 8)]
		pub static MaxLiability: BlockNumber = 28 * DAYS;

		/// How long a newcomer waits for its first draw: two epochs, as an author knows its seeds for
		/// that long in advance. Less of it lets an author size a stake to a seed.
		#[codec(index = 9)]
		pub static EntryDelay: BlockNumber = 2 * EPOCH_DURATION_IN_BLOCKS;
	}
}

/// `Sudo` sets all of them.
impl pallet_parameters::Config for Runtime {
	type AdminOrigin = AsEnsureOriginWithArg<EnsureRoot<AccountId>>;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	/// The pallet keeps its weights for a runtime's own database costs to itself; these are the same
	/// with RocksDB's, which are this chain's.
	type WeightInfo = ();
}
