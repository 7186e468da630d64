//! What the pool stores, and how each record behaves.
//!
//! Everything here is pure: no storage, no clock, no currency. Amounts are generic so that the same
//! code serves storage, queries and tests; the aliases at the end name the records of one runtime.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::fungible::{Credit, Inspect};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, PricePerGas};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::{
	traits::{AtLeast32BitUnsigned, BlockNumberProvider, Saturating, UniqueSaturatedInto, Zero},
	Perbill,
};

use crate::Config;

/// The number of a slot in the pool, `1..=MaxProvers`.
pub type ProverId = u32;

/// A number of blocks that a prover works on at once.
pub type Capacity = u32;

/// What amounts must be able to do here.
pub trait Amount: AtLeast32BitUnsigned + Copy {}
impl<B: AtLeast32BitUnsigned + Copy> Amount for B {}

/// An occupied slot of the pool: one prover and what it offers.
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct Prover<AccountId, Balance, BlockNumber> {
	/// Who occupies the slot.
	pub who: AccountId,
	/// Its stake in base units, held on its account. Never 0 for a member (I5).
	pub staked_amount: Balance,
	/// Its price in base units per gas. Never 0.
	pub reward_per_gas: PricePerGas,
	/// Its free places: `max(0, max_capacity − outstanding)` (I3).
	pub current_capacity: Capacity,
	/// The `frame_system` block in which it entered; 0 for a prover of the genesis state.
	pub entered_in: BlockNumber,
	/// Whether it still waits until it may be drawn (R5). A prover of the genesis state does not: it has
	/// no entry that anybody could have timed.
	pub waiting: bool,
}

/// When it is a member's turn to take part in draws: by the block of its entry, then by its slot.
///
/// Kept as its key: big-endian, so that the order of storage is the order of turns.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
pub struct Turn {
	block: [u8; 8],
	slot: [u8; 4],
}

impl Turn {
	/// The turn of whoever entered a slot in a `frame_system` block.
	pub fn new(block: u64, slot: ProverId) -> Self {
		Self { block: block.to_be_bytes(), slot: slot.to_be_bytes() }
	}

	/// The block of the entry.
	pub fn block(&self) -> u64 {
		u64::from_be_bytes(self.block)
	}

	/// The slot.
	pub fn slot(&self) -> ProverId {
		ProverId::from_be_bytes(self.slot)
	}
}

/// Where an account's exit stands (R3).
#[derive(Clone, Copy, Eq, PartialEq, Debug)]
pub enum ExitState {
	/// Nothing is on its way out.
	None,
	/// The exit period runs: slashable, not payable.
	Maturing,
	/// The period is over, but the account has owed work ever since before its end: slashable, not
	/// payable.
	Liable,
	/// Payable, and never slashable again.
	Free,
}

/// An account's side of the pool. A record in which nothing is left is removed (I7).
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct Staker<Balance, Moment> {
	/// Tokens on their way out, in base units, held on the account.
	pub exit_amount: Balance,
	/// When the exit period of all of `exit_amount` began. `Some` exactly while that is not 0.
	pub exit_requested_at: Option<Moment>,
	/// The capacity declared with the last entry.
	pub max_capacity: Capacity,
	/// Its slot, while it is in the pool.
	pub prover_id: Option<ProverId>,
	/// Assignments whose place is taken: assigned, not released.
	pub outstanding: u32,
	/// Assignments that are not closed: the account can be slashed for each.
	pub liable: u32,
	/// When `liable` last rose from 0. `Some` exactly while it is not 0.
	pub liable_since: Option<Moment>,
	/// When the account last entered the pool. `None` only before the first entry.
	pub last_changed_at: Option<Moment>,
}

// Not derived: that would ask for defaults of the type parameters only by accident.
impl<Balance: Zero, Moment> Default for Staker<Balance, Moment> {
	fn default() -> Self {
		Self {
			exit_amount: Zero::zero(),
			exit_requested_at: None,
			max_capacity: 0,
			prover_id: None,
			outstanding: 0,
			liable: 0,
			liable_since: None,
			last_changed_at: None,
		}
	}
}

impl<Balance: Amount, Moment: Amount> Staker<Balance, Moment> {
	/// Whether nothing is left that anybody could ask for.
	pub fn is_empty(&self) -> bool {
		self.exit_amount.is_zero()
			&& self.prover_id.is_none()
			&& self.outstanding == 0
			&& self.liable == 0
	}

	/// Where the exit stands at `now` (R3).
	pub fn exit_state(&self, now: Moment, exit_period: Moment) -> ExitState {
		let Some(requested_at) = self.exit_requested_at else { return ExitState::None };
		let matures_at = requested_at.saturating_add(exit_period);
		match self.liable_since {
			_ if now <= matures_at => ExitState::Maturing,
			Some(since) if since <= matures_at => ExitState::Liable,
			_ => ExitState::Free,
		}
	}

	/// What of the exit a slash at `now` may take: all of it, unless it is free (R7).
	pub fn slashable_exit(&self, now: Moment, exit_period: Moment) -> Balance {
		match self.exit_state(now, exit_period) {
			ExitState::Free | ExitState::None => Zero::zero(),
			ExitState::Maturing | ExitState::Liable => self.exit_amount,
		}
	}

	/// Whether the account changed so recently that it may not leave of its own will (R2).
	pub fn changed_within(&self, now: Moment, min_change_delay: Moment) -> bool {
		self.last_changed_at
			.is_some_and(|changed_at| now <= changed_at.saturating_add(min_change_delay))
	}

	/// All moments in the record, for a change of the clock that they were taken from.
	pub(crate) fn moments_mut(&mut self) -> impl Iterator<Item = &mut Moment> {
		[&mut self.exit_requested_at, &mut self.liable_since, &mut self.last_changed_at]
			.into_iter()
			.flatten()
	}

	/// Adds `amount` to the exit, whose clock starts anew for the whole sum (R2).
	pub fn add_to_exit(&mut self, amount: Balance, now: Moment) {
		self.exit_amount = self.exit_amount.saturating_add(amount);
		self.exit_requested_at = (!self.exit_amount.is_zero()).then_some(now);
	}

	/// Takes up to `amount` out of the exit to stake it. What remains starts a new clock (R1). Returns
	/// what was taken.
	pub fn reuse_exit(&mut self, amount: Balance, now: Moment) -> Balance {
		let taken = self.exit_amount.min(amount);
		self.exit_amount -= taken;
		self.exit_requested_at = (!self.exit_amount.is_zero()).then_some(now);
		taken
	}

	/// Takes up to `amount` out of the exit for a slash. The clock goes on, unless nothing is left
	/// that it could run for (R2).
	pub fn slash_exit(&mut self, amount: Balance) {
		self.exit_amount = self.exit_amount.saturating_sub(amount);
		if self.exit_amount.is_zero() {
			self.exit_requested_at = None;
		}
	}

	/// The whole exit, which is paid out.
	pub fn take_exit(&mut self) -> Balance {
		self.exit_requested_at = None;
		core::mem::replace(&mut self.exit_amount, Zero::zero())
	}

	/// The free places that the account has, or would have, in the pool (I3).
	pub fn places_left(&self) -> Capacity {
		self.max_capacity.saturating_sub(self.outstanding)
	}

	/// Takes on an assignment at `now` (R4).
	pub fn on_assigned(&mut self, now: Moment) {
		self.outstanding.saturating_inc();
		self.liable.saturating_inc();
		self.liable_since.get_or_insert(now);
	}

	/// Gets the place of an assignment back (R6).
	pub fn on_released(&mut self) {
		self.outstanding.saturating_dec();
	}

	/// Is done with an assignment for good (R7, R8).
	pub fn on_closed(&mut self) {
		self.liable.saturating_dec();
		if self.liable == 0 {
			self.liable_since = None;
		}
	}
}

/// What a slash for one assignment costs, fixed when it was drawn (D9).
#[derive(
	Clone,
	Copy,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	Debug,
	TypeInfo,
)]
pub struct SlashTerms {
	/// The capacity that the prover had declared.
	pub max_capacity: Capacity,
	/// The share of what is slashable, to be divided by `max_capacity`.
	pub slash_points: Perbill,
	/// The multiple of the proof's reward.
	pub slash_multiplier: u32,
}

impl SlashTerms {
	/// How much of `slashable` is slashed for a block whose proof was worth `proof_reward` (R7):
	/// `max(⌊slashable · slash_points / max_capacity⌋, slash_multiplier · proof_reward)`, at most
	/// `slashable`. Rounded down once, at the end of the share; nothing wraps (D2).
	pub fn amount<Balance: Amount>(&self, slashable: Balance, proof_reward: Balance) -> Balance {
		let pot: u128 = slashable.unique_saturated_into();
		// 128 bits of pot times 30 bits of parts: far within 256 bits. A capacity of 0 cannot have been
		// assigned anything; read as 1, it would be slashed by the whole share.
		let share = U256::from(pot) * U256::from(self.slash_points.deconstruct())
			/ (U256::from(Perbill::one().deconstruct()) * U256::from(self.max_capacity.max(1)));
		// The share is at most the pot, so it fits.
		let share: Balance = share.low_u128().unique_saturated_into();
		let multiple = proof_reward.saturating_mul(self.slash_multiplier.into());
		share.max(multiple).min(slashable)
	}
}

/// A drawn prover's duty to prove one block.
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct Assignment<AccountId, Moment> {
	/// Who must prove.
	pub prover: AccountId,
	/// The price agreed, in base units per gas.
	pub reward_per_gas: PricePerGas,
	/// When it was drawn.
	pub drawn_at: Moment,
	/// Whether the work was delivered, so that its place is free again.
	pub released: bool,
	/// What failing costs.
	pub terms: SlashTerms,
}

/// A request that waits for its draw (R4).
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct DrawRequest<BlockNumber> {
	/// The block that needs a prover.
	pub block_id: BlockId,
	/// The protocol's price when it asked.
	pub fee_per_gas: PricePerGas,
	/// The `frame_system` block in which it asked. Only a seed that became known later may decide.
	pub requested_in: BlockNumber,
	/// Whether the outcome is reported to the protocol's handler: it is for requests that came through
	/// the hook trait, and not for those of `ProtocolOrigin`, which watches events.
	pub report: bool,
}

/// The prices that a fee allows (R4).
#[derive(Clone, Copy, Eq, PartialEq, Debug)]
pub struct PriceBand {
	/// ⌊floor · fee⌋.
	pub low: PricePerGas,
	/// ⌊ceiling · fee⌋.
	pub high: PricePerGas,
}

impl PriceBand {
	/// The band from `floor_percent` to `ceiling_percent` of `fee`, both bounds rounded down and
	/// limited to `u32`. Computed wide (D1).
	pub fn around(fee: PricePerGas, floor_percent: u32, ceiling_percent: u32) -> Self {
		let part = |percent: u32| {
			let price = u64::from(fee) * u64::from(percent) / 100;
			PricePerGas::try_from(price).unwrap_or(PricePerGas::MAX)
		};
		let high = part(ceiling_percent);
		Self { low: part(floor_percent).min(high), high }
	}

	/// The price agreed with a prover that asks `price`: its own, moved into the band.
	pub fn clamp(&self, price: PricePerGas) -> PricePerGas {
		price.clamp(self.low, self.high)
	}
}

/// One slot as a draw sees it (R4).
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct ProverWeight {
	/// The slot.
	pub prover_id: ProverId,
	/// ⌊stake · 2⁶⁴ / e²⌋, or 0 for a prover that cannot be drawn in the next block.
	pub weight: U256,
	/// The share of the pool's total weight in parts per 10¹⁸, rounded down.
	pub share: u64,
	/// The effective price e, in base units per gas.
	pub effective_price: PricePerGas,
}

/// The live parameters of the pool (`get_parameters`).
#[derive(
	Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, Debug, TypeInfo,
)]
pub struct Parameters<Balance, Moment, BlockNumber> {
	/// The smallest capacity that may be declared.
	pub min_capacity: Capacity,
	/// The smallest stake per place, in base units.
	pub min_stake_per_capacity: Balance,
	/// How many slots there are.
	pub max_provers: u32,
	/// How long tokens take to leave.
	pub exit_period: Moment,
	/// How long a prover stays after an entry.
	pub min_change_delay: Moment,
	/// The share of a slash, per place.
	pub slash_points: Perbill,
	/// The multiple of a proof's reward that a slash takes.
	pub slash_multiplier: u32,
	/// The lower end of the price band, in percent of the fee.
	pub price_floor_percent: u32,
	/// The upper end of the price band, in percent of the fee.
	pub price_ceiling_percent: u32,
	/// By which share of its stake a prover must be outbid.
	pub min_overbid: Perbill,
	/// Below which share of its minimum stake a slashed prover is forced out.
	pub ejection_threshold: Perbill,
	/// After which age an assignment may be discharged by its own prover.
	pub max_liability: Moment,
	/// How many system blocks a new prover waits before it may be drawn.
	pub entry_delay: BlockNumber,
	/// How many requests may wait for their draw.
	pub max_pending_draws: u32,
	/// How many draws happen in one block.
	pub max_draws_per_block: u32,
}

/// Amounts of the configured currency, in base units.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Slashed tokens on their way to [`Config::OnSlash`].
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// Points in time and periods of the configured [`Config::BlockNumberProvider`].
pub type MomentOf<T> = <<T as Config>::BlockNumberProvider as BlockNumberProvider>::BlockNumber;
/// What is known of one account: its record, and its slot if it is in the pool.
pub type StakerInfo<AccountId, Balance, BlockNumber, Moment> =
	(Staker<Balance, Moment>, Option<Prover<AccountId, Balance, BlockNumber>>);
/// The [`StakerInfo`] of this runtime, which is what is stored for an account.
pub type StakerInfoOf<T> = (StakerOf<T>, Option<ProverOf<T>>);
/// A [`Prover`] of this runtime.
pub type ProverOf<T> =
	Prover<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;
/// A [`Staker`] of this runtime.
pub type StakerOf<T> = Staker<BalanceOf<T>, MomentOf<T>>;
/// An [`Assignment`] of this runtime.
pub type AssignmentOf<T> = Assignment<<T as frame_system::Config>::AccountId, MomentOf<T>>;
/// The [`Parameters`] of this runtime.
pub type ParametersOf<T> = Parameters<BalanceOf<T>, MomentOf<T>, BlockNumberFor<T>>;
