//! The answers of queries: structs with named fields, for clients.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, Capacity, PricePerGas, ProverId};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::Perbill;

use crate::{Assignment, BalanceOf, Exit, MomentOf, Offer, TrackRecord};

/// The most rows of one page, whatever limit is asked for.
pub const MAX_PAGE: u32 = 1_024;

/// The unit of shares: one whole.
pub const SHARE_UNIT: u64 = 1_000_000_000_000_000_000;

/// The status of a member in draws.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub enum MemberStatus<Moment> {
	/// Draws use its offer while it has free capacity.
	Active,
	/// Its entry is too recent for draws to use it.
	Entering,
	/// It paused, or its suspension is over and it has not resumed. Draws may use an older offer until the
	/// entry delay of the pause is over.
	Paused,
	/// It is suspended and cannot resume.
	Suspended {
		/// The last moment of the suspension.
		until: Moment,
	},
}

/// A member of the pool.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct ProverRow<AccountId, Balance, Moment, BlockNumber> {
	/// The slot.
	pub prover_id: ProverId,
	/// The account.
	pub account: AccountId,
	/// The offer by the member's records.
	pub offer: Offer<Balance>,
	/// The free capacity by the member's records.
	pub current_capacity: Capacity,
	/// Whether draws can choose it.
	pub status: MemberStatus<Moment>,
	/// The offer that draws and rank use, if it differs and there is one.
	pub listed: Option<Offer<Balance>>,
	/// When it entered, by the clock of periods.
	pub entered_at: Moment,
	/// The `frame_system` block of its entry.
	pub entered_in: BlockNumber,
	/// The `frame_system` block of its last change.
	pub changed_in: BlockNumber,
	/// Its track record.
	pub record: TrackRecord,
}

/// What the pool knows of an account.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct StakerRow<AccountId, Balance, Moment, BlockNumber> {
	/// The member, if the account is one.
	pub prover: Option<ProverRow<AccountId, Balance, Moment, BlockNumber>>,
	/// The capacity declared last.
	pub max_capacity: Capacity,
	/// Assignments that are not delivered.
	pub outstanding: u32,
	/// Assignments that are not closed.
	pub liable: u32,
	/// The exits, oldest first.
	pub exits: Vec<Exit<Balance, Moment>>,
	/// The last moment of the last suspension, which may lie in the past.
	pub suspended_until: Option<Moment>,
	/// The track record.
	pub record: TrackRecord,
	/// All tokens that the pool holds on the account, in base units.
	pub held: Balance,
}

/// A member's weight in a draw (R4).
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct WeightRow {
	/// The slot.
	pub prover_id: ProverId,
	/// The weight, or 0 for a member that cannot be drawn in the next block.
	pub weight: U256,
	/// The share of the pool's total weight in parts of [`SHARE_UNIT`], rounded down.
	pub share: u64,
	/// The price that would be agreed, in base units per gas.
	pub effective_price: PricePerGas,
}

/// An assignment that is not closed.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct AssignmentRow<AccountId, Moment> {
	/// The block.
	pub block_id: BlockId,
	/// Its assignment.
	pub assignment: Assignment<AccountId, Moment>,
}

/// What a call would do.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Simulation<AccountId, Balance, Moment, BlockNumber> {
	/// The account before the call.
	pub before: StakerRow<AccountId, Balance, Moment, BlockNumber>,
	/// The account after the call.
	pub after: StakerRow<AccountId, Balance, Moment, BlockNumber>,
	/// The member that the call would replace.
	pub replaces: Option<AccountId>,
}

/// The live parameters of the pool. Those of the selection are its own.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Parameters<Balance, Moment, BlockNumber> {
	/// The number of slots.
	pub max_provers: u32,
	/// The most exits of an account.
	pub max_exits: u32,
	/// The smallest capacity that may be declared.
	pub min_capacity: Capacity,
	/// The largest capacity that may be declared.
	pub max_capacity: Capacity,
	/// The smallest stake per unit of capacity, in base units.
	pub min_stake_per_capacity: Balance,
	/// How long an exit lasts.
	pub exit_period: Moment,
	/// How long a member stays after an entry.
	pub min_change_delay: Moment,
	/// The share of a slash, per unit of capacity.
	pub slash_points: Perbill,
	/// The multiple of a proof's reward that a slash takes.
	pub slash_multiplier: u32,
	/// Whether a slash takes exits before the stake.
	pub slash_exits_first: bool,
	/// How long the tokens of a slash stay on hold.
	pub slash_deferral: Moment,
	/// How many misses in a row suspend an account; 0: never.
	pub max_misses: u32,
	/// How long a suspension lasts.
	pub suspension_period: Moment,
	/// The largest share of the listed stake that suspensions may leave paused.
	pub max_paused_share: Perbill,
	/// By which share of its stake a member must be exceeded to be replaced.
	pub min_overbid: Perbill,
	/// Below which share of its minimum stake a slashed member is ejected.
	pub ejection_threshold: Perbill,
	/// After which age an assignment may be discharged by its own prover.
	pub max_liability: Moment,
	/// How many `frame_system` blocks entries and changes wait until draws use them.
	pub entry_delay: BlockNumber,
	/// How many `frame_system` blocks after its request a draw's seed must become known.
	pub draw_delay: BlockNumber,
	/// How many requests may wait for their draw.
	pub max_pending_draws: u32,
	/// How many draws happen in one block at most.
	pub max_draws_per_block: u32,
	/// How many entries and changes are listed in one block at most.
	pub max_admissions: u32,
}

/// A [`ProverRow`] of this runtime.
pub type ProverRowOf<T> =
	ProverRow<<T as frame_system::Config>::AccountId, BalanceOf<T>, MomentOf<T>, BlockNumberFor<T>>;
/// A [`StakerRow`] of this runtime.
pub type StakerRowOf<T> =
	StakerRow<<T as frame_system::Config>::AccountId, BalanceOf<T>, MomentOf<T>, BlockNumberFor<T>>;
/// An [`AssignmentRow`] of this runtime.
pub type AssignmentRowOf<T> = AssignmentRow<<T as frame_system::Config>::AccountId, MomentOf<T>>;
/// A [`Simulation`] of this runtime.
pub type SimulationOf<T> = Simulation<
	<T as frame_system::Config>::AccountId,
	BalanceOf<T>,
	MomentOf<T>,
	BlockNumberFor<T>,
>;
/// The [`Parameters`] of this runtime.
pub type ParametersOf<T> = Parameters<BalanceOf<T>, MomentOf<T>, BlockNumberFor<T>>;
