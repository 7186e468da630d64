//! What there is to say about the pool: the words in which model and pool are compared. Plain data, in
//! types wide enough that nobody has to think about them.

use std::collections::BTreeMap;

use prover_pool_primitives::{BlockId, OpenReason, PricePerGas};
use sp_core::U512;

pub type AccountId = u64;
pub type Balance = u128;
/// A point on the clock of periods, or a period.
pub type Moment = u64;
/// The name of an error.
pub type Refusal = &'static str;
/// The result of everything that is done completely or not at all.
pub type Answer<T = ()> = Result<T, Refusal>;

/// How many parts make one whole of a share.
pub const PARTS: u64 = 1_000_000_000;

/// What the pool says has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
	Staked { who: AccountId, amount: Balance, price: PricePerGas, places: u32 },
	Exited { who: AccountId, amount: Balance, exit: Balance, forced: bool },
	Withdrawn { who: AccountId, amount: Balance },
	Requested { id: BlockId, fee: PricePerGas },
	Assigned { id: BlockId, who: AccountId, price: PricePerGas },
	NotFound { id: BlockId, reason: OpenReason },
	Cancelled { id: BlockId },
	Released { id: BlockId, who: AccountId },
	Discharged { id: BlockId, who: AccountId },
	Slashed { id: BlockId, who: AccountId, amount: Balance, exit: Balance, stake: Balance },
}

/// The parameters of the pool. Shares are in parts of [`PARTS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
	pub max_provers: u32,
	pub min_capacity: u32,
	pub min_stake_per_capacity: Balance,
	pub exit_period: Moment,
	pub min_change_delay: Moment,
	pub slash_points: u64,
	pub slash_multiplier: u32,
	pub price_floor_percent: u32,
	pub price_ceiling_percent: u32,
	pub min_overbid: u64,
	pub ejection_threshold: u64,
	pub max_liability: Moment,
	pub entry_delay: u64,
	pub max_pending_draws: u32,
	pub max_draws_per_block: u32,
}

/// An assignment that is not closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
	pub prover: AccountId,
	pub price: PricePerGas,
	pub drawn_at: Moment,
	pub released: bool,
	pub max_capacity: u32,
	pub slash_points: u64,
	pub slash_multiplier: u32,
}

/// A request that waits for its draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
	pub id: BlockId,
	pub fee: PricePerGas,
	pub requested_in: u64,
	pub report: bool,
}

/// A slot as the pool shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
	pub who: AccountId,
	pub stake: Balance,
	pub price: PricePerGas,
	pub places: u32,
	pub entered_in: u64,
	pub waiting: bool,
}

/// A record as the pool shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Staker {
	pub exit: Balance,
	pub exit_clock: Option<Moment>,
	pub max_capacity: u32,
	pub slot: Option<u32>,
	pub outstanding: u32,
	pub liable: u32,
	pub liable_since: Option<Moment>,
	pub last_changed_at: Option<Moment>,
}

/// Everything the pool shows: what is compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Books {
	pub slots: BTreeMap<u32, Slot>,
	pub stakers: BTreeMap<AccountId, Staker>,
	pub ledger: BTreeMap<BlockId, Assignment>,
	pub queue: Vec<Request>,
}

/// What one slot weighs in a draw of the next block.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
	pub slot: u32,
	pub weight: U512,
	pub share: u64,
	pub effective_price: PricePerGas,
}

/// Who calls the protocol's side, or the prover's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Caller {
	/// The hook trait.
	Hook,
	/// `ProtocolOrigin`.
	Origin,
	/// An account.
	Signed(AccountId),
}
