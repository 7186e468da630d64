//! What the pool stores, and how each record behaves.
//!
//! Everything here is pure: no storage, no clock, no currency.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::fungible::{Credit, Inspect};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, Candidate, Capacity, Fault, PricePerGas, ProverId};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::{
	traits::{AtLeast32BitUnsigned, BlockNumberProvider, UniqueSaturatedInto},
	Perbill,
};

use crate::Config;

/// What a member offers.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Offer<Balance> {
	/// The stake, in base units.
	pub stake: Balance,
	/// The price asked, in base units per gas.
	pub reward_per_gas: PricePerGas,
	/// How many blocks the member proves at once.
	pub max_capacity: Capacity,
	/// Whether the member is paused.
	pub paused: bool,
}

impl<Balance: Ord + Copy> Offer<Balance> {
	/// Returns the offer with at most `stake`: draws never use more stake than there is.
	pub fn limited_to(self, stake: Balance) -> Self {
		Self { stake: self.stake.min(stake), ..self }
	}

	/// Returns what the selection sees of this offer while `outstanding` blocks are not delivered.
	pub fn candidate(&self, outstanding: u32) -> Candidate<Balance> {
		Candidate {
			stake: self.stake,
			reward_per_gas: self.reward_per_gas,
			free_capacity: self.max_capacity.saturating_sub(outstanding),
			paused: self.paused,
		}
	}
}

/// Which offer of a member draws and rank use (R9).
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub enum Listing<Balance> {
	/// The one in the member's records.
	Current,
	/// None: the member entered less than [`Config::EntryDelay`] blocks ago. It will be listed with
	/// this offer, which it made at its entry.
	Entering(Offer<Balance>),
	/// This older one: the last change is less than [`Config::EntryDelay`] blocks old.
	Changing(Offer<Balance>),
}

impl<Balance> Listing<Balance> {
	/// Returns the offer of the listing, if it has one of its own.
	pub fn own_offer(self) -> Option<Offer<Balance>> {
		match self {
			Self::Current => None,
			Self::Entering(offer) | Self::Changing(offer) => Some(offer),
		}
	}

	/// Returns the listing with its offer changed, if it has one of its own.
	pub fn map(self, change: impl FnOnce(Offer<Balance>) -> Offer<Balance>) -> Self {
		match self {
			Self::Current => Self::Current,
			Self::Entering(offer) => Self::Entering(change(offer)),
			Self::Changing(offer) => Self::Changing(change(offer)),
		}
	}
}

/// An occupied slot: one member of the pool.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Prover<AccountId, Balance, Moment, BlockNumber> {
	/// The member's account.
	pub account: AccountId,
	/// The stake in base units, held on the account. Never 0 (I5).
	pub stake: Balance,
	/// The price asked, in base units per gas. Never 0 (I5).
	pub reward_per_gas: PricePerGas,
	/// Whether the member is paused: it keeps its slot and its duties, and is not drawn (R9).
	pub paused: bool,
	/// When it entered, by [`Config::BlockNumberProvider`]: the start of [`Config::MinChangeDelay`].
	pub entered_at: Moment,
	/// The `frame_system` block of the entry.
	pub entered_in: BlockNumber,
	/// The `frame_system` block of the last change of the offer, at first that of the entry.
	pub changed_in: BlockNumber,
	/// The offer that draws and rank use. Never more stake than there is (I3).
	pub listing: Listing<Balance>,
}

impl<AccountId, Balance: Copy, Moment, BlockNumber> Prover<AccountId, Balance, Moment, BlockNumber>
where
	BlockNumber: Copy + UniqueSaturatedInto<u64>,
{
	/// Returns the member's own offer, with the capacity that its account has declared last.
	pub fn offer(&self, max_capacity: Capacity) -> Offer<Balance> {
		let Self { stake, reward_per_gas, paused, .. } = *self;
		Offer { stake, reward_per_gas, max_capacity, paused }
	}

	/// Returns the key under which an entry or a change of the member in this slot waits, if one does.
	pub fn pending_key(&self, prover_id: ProverId) -> Option<OrderedKey> {
		match self.listing {
			Listing::Current => None,
			Listing::Entering(_) => Some(OrderedKey::new(self.entered_in, prover_id)),
			Listing::Changing(_) => Some(OrderedKey::new(self.changed_in, prover_id)),
		}
	}
}

/// The order of a queue in storage: by a point in time, then by a number.
///
/// Big-endian, so that the order of keys is the order of time.
#[derive(
	Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, Ord, PartialEq, PartialOrd, TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub struct OrderedKey {
	/// The point in time, big-endian.
	time: [u8; 8],
	/// The number, big-endian.
	id: [u8; 8],
}

impl OrderedKey {
	/// Returns the key of `id` at `time`.
	pub fn new(time: impl UniqueSaturatedInto<u64>, id: impl Into<u64>) -> Self {
		let time: u64 = time.unique_saturated_into();
		Self { time: time.to_be_bytes(), id: id.into().to_be_bytes() }
	}

	/// Returns the point in time.
	pub fn time(&self) -> u64 {
		u64::from_be_bytes(self.time)
	}

	/// Returns the number.
	pub fn id(&self) -> u64 {
		u64::from_be_bytes(self.id)
	}
}

/// What a slash for one assignment costs, fixed when it was drawn (D9).
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct SlashTerms {
	/// The capacity of the offer that was drawn.
	pub max_capacity: Capacity,
	/// The share of what answers, to be divided by `max_capacity`.
	pub slash_points: Perbill,
	/// The multiple of the proof's reward.
	pub slash_multiplier: u32,
}

impl SlashTerms {
	/// Returns how much of `answering` is slashed for a block whose proof was worth `proof_reward` (R7):
	/// `max(⌊answering · slash_points / max_capacity⌋, slash_multiplier · proof_reward)`, at most
	/// `answering`. Rounded down once, at the end of the share; nothing wraps (D2).
	pub fn amount<Balance>(&self, answering: Balance, proof_reward: Balance) -> Balance
	where
		Balance: AtLeast32BitUnsigned + Copy,
	{
		let answers: u128 = answering.unique_saturated_into();
		// 128 bits times 30 bits of parts fit 256. A capacity of 0 cannot have been assigned anything;
		// it counts as 1.
		let share = U256::from(answers) * U256::from(self.slash_points.deconstruct())
			/ (U256::from(Perbill::one().deconstruct()) * U256::from(self.max_capacity.max(1)));
		// The share is at most what answers, so it fits.
		let share: Balance = share.low_u128().unique_saturated_into();
		let multiple = proof_reward.saturating_mul(self.slash_multiplier.into());
		share.max(multiple).min(answering)
	}
}

/// A drawn prover's duty to prove one block.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Assignment<AccountId, Moment> {
	/// The account that must prove.
	pub prover: AccountId,
	/// The agreed price, in base units per gas.
	pub reward_per_gas: PricePerGas,
	/// The moment of the draw, by [`Config::BlockNumberProvider`].
	pub drawn_at: Moment,
	/// Whether the work was delivered, so that its capacity has returned.
	pub released: bool,
	/// What failing costs.
	pub terms: SlashTerms,
}

/// A request that waits for its draw (R4).
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct DrawRequest<BlockNumber> {
	/// The block that needs a prover.
	pub block_id: BlockId,
	/// The protocol's price at the request.
	pub fee_per_gas: PricePerGas,
	/// The `frame_system` block of the request (R5).
	pub requested_in: BlockNumber,
	/// Whether [`Config::DrawHandler`] is notified of the outcome: only for requests that came through
	/// the hook trait. [`Config::ProtocolOrigin`] watches events.
	pub notify_handler: bool,
}

/// A slash that has left the records, and whose tokens stay on hold until it is due (R7).
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct PendingSlash<AccountId, Balance, Moment> {
	/// The account that is slashed.
	pub who: AccountId,
	/// The amount, in base units, held on the account.
	pub amount: Balance,
	/// The reason.
	pub fault: Fault,
	/// Who reported the failure, and the most that the reporter gets of the amount, in base units.
	pub reporter: Option<(AccountId, Balance)>,
	/// From this moment on the slash can be applied, and no longer cancelled.
	pub due_at: Moment,
	/// The end of the suspension that this slash caused, if it caused one.
	pub suspended_until: Option<Moment>,
	/// How many assignments the account had served then: the miss is one of those in a row while it has
	/// served no more.
	pub served: u32,
}

/// What an account did with its assignments, for as long as it has a record (R11).
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct TrackRecord {
	/// Assignments drawn.
	pub assigned: u32,
	/// Assignments discharged: closed without a slash.
	pub served: u32,
	/// Assignments slashed.
	pub missed: u32,
	/// Assignments slashed since the last one that was discharged.
	pub misses_in_a_row: u32,
}

impl TrackRecord {
	/// Counts an assignment that was drawn.
	pub fn count_assigned(&mut self) {
		self.assigned = self.assigned.saturating_add(1);
	}

	/// Counts an assignment that was discharged.
	pub fn count_served(&mut self) {
		self.served = self.served.saturating_add(1);
		self.misses_in_a_row = 0;
	}

	/// Counts an assignment that was slashed.
	pub fn count_missed(&mut self) {
		self.missed = self.missed.saturating_add(1);
		self.misses_in_a_row = self.misses_in_a_row.saturating_add(1);
	}

	/// Takes back a miss that was counted when the account had `served` this many: its slash was
	/// cancelled.
	pub fn forgive_miss(&mut self, served: u32) {
		self.missed = self.missed.saturating_sub(1);
		if self.served == served {
			self.misses_in_a_row = self.misses_in_a_row.saturating_sub(1);
		}
	}
}

/// Amounts of the configured currency, in base units.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Slashed tokens before they reach [`Config::OnSlash`].
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// Points in time and periods of the configured [`Config::BlockNumberProvider`].
pub type MomentOf<T> = <<T as Config>::BlockNumberProvider as BlockNumberProvider>::BlockNumber;
/// An [`Offer`] of this runtime.
pub type OfferOf<T> = Offer<BalanceOf<T>>;
/// A [`Candidate`] of this runtime.
pub type CandidateOf<T> = Candidate<BalanceOf<T>>;
/// A [`Prover`] of this runtime.
pub type ProverOf<T> =
	Prover<<T as frame_system::Config>::AccountId, BalanceOf<T>, MomentOf<T>, BlockNumberFor<T>>;
/// An [`Exit`](crate::Exit) of this runtime.
pub type ExitOf<T> = crate::Exit<BalanceOf<T>, MomentOf<T>>;
/// An [`Assignment`] of this runtime.
pub type AssignmentOf<T> = Assignment<<T as frame_system::Config>::AccountId, MomentOf<T>>;
/// A [`DrawRequest`] of this runtime.
pub type DrawRequestOf<T> = DrawRequest<BlockNumberFor<T>>;
/// A [`PendingSlash`] of this runtime.
pub type PendingSlashOf<T> =
	PendingSlash<<T as frame_system::Config>::AccountId, BalanceOf<T>, MomentOf<T>>;
