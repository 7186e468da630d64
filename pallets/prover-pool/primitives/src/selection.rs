//! The component that ranks members and draws one: the trait [`Selection`] and what it speaks of.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{sp_runtime::Saturating, weights::Weight};
use scale_info::TypeInfo;
use sp_core::U256;

use crate::{OpenReason, PricePerGas};

/// The number of a slot in the pool, `1..=`[`Selection::max_provers`].
pub type ProverId = u32;

/// A number of blocks that a prover works on at once.
pub type Capacity = u32;

/// A member as draws and rank see it.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Candidate<Balance> {
	/// The stake, in base units. Never 0.
	pub stake: Balance,
	/// The price asked, in base units per gas. Never 0.
	pub reward_per_gas: PricePerGas,
	/// How many more blocks the member can be assigned.
	pub free_capacity: Capacity,
	/// Whether the member is paused: ranked, but not drawn.
	pub paused: bool,
}

impl<Balance> Candidate<Balance> {
	/// Returns whether a draw can choose this member.
	pub fn can_be_drawn(&self) -> bool {
		!self.paused && self.free_capacity > 0
	}

	/// Returns the free capacity that draws can use: none while the member is paused.
	pub fn drawable_capacity(&self) -> Capacity {
		if self.paused {
			0
		} else {
			self.free_capacity
		}
	}
}

/// The result of a successful draw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Drawn {
	/// The slot of the member that was drawn.
	pub prover_id: ProverId,
	/// The price agreed, in base units per gas. Never 0.
	pub reward_per_gas: PricePerGas,
}

/// A member and the stake by which it is ranked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ranked<Balance> {
	/// The member's slot.
	pub prover_id: ProverId,
	/// The stake by which it is ranked, in base units.
	pub stake: Balance,
}

/// The sums of the candidates' stakes.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct ListedStake<Balance> {
	/// The stake of all candidates, in base units.
	pub total: Balance,
	/// The stake of those that are paused, in base units.
	pub paused: Balance,
}

impl<Balance: Copy + Saturating> ListedStake<Balance> {
	/// Replaces the candidate `before`, which was counted, by `after`; `None` is no candidate.
	///
	/// Stakes exist, so their sums fit: nothing saturates unless a sum was wrong before.
	pub fn replace(
		&mut self,
		before: Option<Candidate<Balance>>,
		after: Option<Candidate<Balance>>,
	) {
		if let Some(Candidate { stake, paused, .. }) = before {
			self.total = self.total.saturating_sub(stake);
			if paused {
				self.paused = self.paused.saturating_sub(stake);
			}
		}
		if let Some(Candidate { stake, paused, .. }) = after {
			self.total = self.total.saturating_add(stake);
			if paused {
				self.paused = self.paused.saturating_add(stake);
			}
		}
	}
}

/// Ranks the members of a pool and draws one of them.
///
/// The pool owns the records of members. It reports every change to the selection, which keeps what
/// it needs to rank and to draw: an order, sums, the vacant slots. A value of this type is a session:
/// [`Selection::open`] reads the selection's state once, all calls of one operation (or all draws of
/// one block) share it, [`Selection::save`] writes it once. Nothing is written without `save`. Only
/// one session is open at a time.
///
/// A member that has a slot need not be a candidate: the pool lists it when its entry delay is over.
/// The pool passes the listed [`Candidate`] of a member wherever the selection has to find it, so a
/// selection need not store candidates by slot.
///
/// No method panics. What is passed for a slot must be what the last call left for it.
pub trait Selection<Balance>: Sized {
	/// Returns the number of slots.
	fn max_provers() -> u32;

	/// Reads the selection's state.
	fn open() -> Self;

	/// Writes what has changed.
	fn save(self);

	/// Returns the vacant slot with the lowest number, or `None` if the pool is full.
	fn vacant_slot(&self) -> Option<ProverId>;

	/// Returns the candidate that a better newcomer replaces in a full pool: the one with the smallest
	/// stake, of equal stakes the one in the slot with the lowest number.
	fn lowest_ranked(&self) -> Option<Ranked<Balance>>;

	/// Occupies a vacant slot. Its member is no candidate yet.
	fn occupy(&mut self, prover_id: ProverId);

	/// Vacates an occupied slot. Its member is no candidate any more: `update` has removed it.
	fn vacate(&mut self, prover_id: ProverId);

	/// Replaces the candidate `before` of an occupied slot by `after`; `None` is no candidate.
	fn update(
		&mut self,
		prover_id: ProverId,
		before: Option<Candidate<Balance>>,
		after: Option<Candidate<Balance>>,
	);

	/// Draws a candidate at the protocol's current price `fee_per_gas`, with a uniform `seed`.
	///
	/// # Errors
	/// The reason why there is no result, as in R4.
	fn draw(&self, fee_per_gas: PricePerGas, seed: U256) -> Result<Drawn, OpenReason>;

	/// Returns how many blocks could be assigned now: the sum of the candidates' drawable capacity.
	fn free_capacity(&self) -> u64;

	/// Returns the sums of the candidates' stakes, by which the pool limits suspensions (R10).
	fn listed_stake(&self) -> ListedStake<Balance>;

	/// Returns the weight of `candidate` in a draw at `fee_per_gas`, if it can be drawn, else 0; and the
	/// price that would be agreed.
	fn weight_of(
		&self,
		fee_per_gas: PricePerGas,
		candidate: &Candidate<Balance>,
	) -> (U256, PricePerGas);

	/// Returns the sum of the weights of all candidates in a draw at `fee_per_gas`.
	fn total_weight(&self, fee_per_gas: PricePerGas) -> U256;

	/// Returns up to `limit` occupied slots in ascending order, from slot `start` on.
	fn occupied_slots(&self, start: ProverId, limit: u32) -> Vec<ProverId>;

	/// Checks the selection's state against all members: each occupied slot with its candidate.
	/// Invariant I6.
	///
	/// # Errors
	/// A sentence that says what is wrong.
	fn check(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<Balance>>)>,
	) -> Result<(), &'static str>;

	/// Returns the most weight that one [`Selection::draw`] consumes beyond what a benchmark with a full
	/// pool measures.
	fn draw_surcharge() -> Weight;

	/// Returns the same for an [`Selection::update`] that neither lists nor removes a candidate and keeps
	/// its price.
	fn update_surcharge() -> Weight;

	/// Returns the same for an [`Selection::update`] that lists, removes or reorders a candidate, together
	/// with the occupation or vacation of a slot.
	fn reorder_surcharge() -> Weight;
}
