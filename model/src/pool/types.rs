//! The types in which model and pool are compared: plain data, wide enough for every sum.

use std::collections::BTreeMap;

use prover_pool_primitives::{BlockId, Fault, OpenReason, PricePerGas};
use sp_core::U512;

pub type AccountId = u64;
pub type Balance = u128;
/// A point on the clock of periods, or a period.
pub type Moment = u64;
/// The name of an error.
pub type Refusal = &'static str;
/// The result of an operation that is done completely or not at all.
pub type Answer<T = ()> = Result<T, Refusal>;

/// The number of parts of a whole share.
pub const PARTS: u64 = 1_000_000_000;

/// The pool's events.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
	Staked { who: AccountId, slot: u32, amount: Balance, price: PricePerGas, capacity: u32 },
	Exited { who: AccountId, amount: Balance, exit: Option<u32>, forced: bool },
	Withdrawn { who: AccountId, amount: Balance },
	StakeIncreased { who: AccountId, amount: Balance },
	Unstaked { who: AccountId, amount: Balance, exit: u32 },
	Restaked { who: AccountId, amount: Balance, exit: u32 },
	TermsChanged { who: AccountId, price: PricePerGas, capacity: u32 },
	Paused { who: AccountId },
	Resumed { who: AccountId },
	Listed { who: AccountId },
	Suspended { who: AccountId, until: Moment },
	SuspensionEnded { who: AccountId },
	Requested { id: BlockId, fee: PricePerGas },
	Assigned { id: BlockId, who: AccountId, price: PricePerGas },
	NotFound { id: BlockId, reason: OpenReason },
	Cancelled { id: BlockId },
	Released { id: BlockId, who: AccountId },
	Discharged { id: BlockId, who: AccountId },
	Slashed { id: BlockId, who: AccountId, from_exits: Balance, from_stake: Balance, fault: Fault },
	SlashDeferred { id: BlockId, due_at: Moment },
	SlashApplied { id: BlockId, who: AccountId, amount: Balance },
	SlashCancelled { id: BlockId, who: AccountId, amount: Balance },
}

/// The parameters of pool and lottery. Shares are in parts of [`PARTS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
	pub max_provers: u32,
	pub max_exits: u32,
	pub min_capacity: u32,
	pub max_capacity: u32,
	pub min_stake_per_capacity: Balance,
	pub exit_period: Moment,
	pub min_change_delay: Moment,
	pub slash_points: u64,
	pub slash_multiplier: u32,
	pub slash_exits_first: bool,
	pub slash_deferral: Moment,
	pub max_misses: u32,
	pub suspension_period: Moment,
	pub max_paused_share: u64,
	pub price_floor_percent: u32,
	pub price_ceiling_percent: u32,
	pub min_overbid: u64,
	pub ejection_threshold: u64,
	pub max_liability: Moment,
	pub entry_delay: u64,
	pub draw_delay: u64,
	pub max_pending_draws: u32,
	pub max_draws_per_block: u32,
	pub max_admissions: u32,
}

/// The offer of a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
	pub stake: Balance,
	pub price: PricePerGas,
	pub capacity: u32,
	pub paused: bool,
}

/// An exit, with the number of assignments that it answers for.
#[derive(Clone, Debug, PartialEq)]
pub struct Exit {
	pub id: u32,
	pub amount: Balance,
	pub matures_at: Moment,
	pub duties: u32,
}

/// The track record of an account (R11).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Track {
	pub assigned: u32,
	pub served: u32,
	pub missed: u32,
	pub misses_in_a_row: u32,
}

/// A member, by slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
	pub who: AccountId,
	pub stake: Balance,
	pub price: PricePerGas,
	pub paused: bool,
	pub entered_at: Moment,
	pub entered_in: u64,
	pub changed_in: u64,
	/// The offer with which an entering member will be listed.
	pub entry: Option<Offer>,
	/// The offer that draws and rank use; `None` while the member is entering.
	pub listed: Option<Offer>,
}

/// The record of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Staker {
	pub slot: Option<u32>,
	pub capacity: u32,
	pub outstanding: u32,
	pub liable: u32,
	pub exits: Vec<Exit>,
	pub suspended_until: Option<Moment>,
	pub track: Track,
}

/// An assignment that is not closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub drawn_at: Moment,
	pub released: bool,
	pub capacity: u32,
	pub slash_points: u64,
	pub slash_multiplier: u32,
}

/// A request that waits for its draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
	pub id: BlockId,
	pub fee: PricePerGas,
	pub requested_in: u64,
	/// True if it came through the hook trait, so that the handler is notified.
	pub report: bool,
}

/// A slash whose tokens are still on hold.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingSlash {
	pub who: AccountId,
	pub amount: Balance,
	pub fault: Fault,
	pub reporter: Option<(AccountId, Balance)>,
	pub due_at: Moment,
	/// The end of the suspension that the slash caused.
	pub suspended_until: Option<Moment>,
	/// The number of assignments that the account had served.
	pub served: u32,
}

/// The pool's whole storage.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
	pub members: BTreeMap<u32, Member>,
	pub stakers: BTreeMap<AccountId, Staker>,
	pub ledger: BTreeMap<BlockId, Assignment>,
	pub requests: Vec<Request>,
	/// The entries and changes that wait: block and slot, in the order in which they are listed.
	pub changes: Vec<(u64, u32)>,
	pub slashes: BTreeMap<BlockId, PendingSlash>,
	/// The order in which they are due: moment and block.
	pub schedule: Vec<(Moment, BlockId)>,
}

/// The status of a member, as queries report it.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
	Active,
	Entering,
	Paused,
	Suspended { until: Moment },
}

/// A row of `get_provers`.
#[derive(Clone, Debug, PartialEq)]
pub struct ProverRow {
	pub slot: u32,
	pub who: AccountId,
	pub offer: Offer,
	pub current_capacity: u32,
	pub status: Status,
	pub listed: Option<Offer>,
	pub entered_at: Moment,
	pub entered_in: u64,
	pub changed_in: u64,
	pub track: Track,
}

/// The answer of `get_staker`.
#[derive(Clone, Debug, PartialEq)]
pub struct StakerRow {
	pub prover: Option<ProverRow>,
	pub capacity: u32,
	pub outstanding: u32,
	pub liable: u32,
	pub exits: Vec<Exit>,
	pub suspended_until: Option<Moment>,
	pub track: Track,
	pub held: Balance,
}

/// A row of `get_prover_weights`.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightRow {
	pub slot: u32,
	pub weight: U512,
	pub share: u64,
	pub effective_price: PricePerGas,
}

/// The answer of `simulate_stake` and the like.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
	pub before: StakerRow,
	pub after: StakerRow,
	pub replaces: Option<AccountId>,
}

/// The callers of the protocol's side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Caller {
	/// The hook trait.
	Hook,
	/// `ProtocolOrigin` and `CancelSlashOrigin`.
	Origin,
	/// An account.
	Signed(AccountId),
}
