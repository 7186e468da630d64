//! The record of an account: its exits (R3), its duties (R6–R8), its track record (R11). Pure.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	traits::Get, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
	WeakBoundedVec,
};
use prover_pool_primitives::{Capacity, ProverId};
use scale_info::TypeInfo;
use sp_core::U256;
use sp_runtime::traits::{AtLeast32BitUnsigned, Saturating, UniqueSaturatedInto, Zero};

use crate::{BalanceOf, Config, ExitOf, MomentOf, TrackRecord};

/// The number of an exit among those of its account.
pub type ExitId = u32;

/// An amount that has left the stake and waits until it may be withdrawn (R3).
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Exit<Balance, Moment> {
	/// The number of the exit. Younger exits have higher numbers.
	pub id: ExitId,
	/// The amount in base units, held on the account. Never 0 (I7).
	pub amount: Balance,
	/// The last moment of the exit period, fixed when the exit was made.
	pub matures_at: Moment,
	/// How many assignments of the account, drawn at or before `matures_at`, are not closed (I4).
	pub duties: u32,
}

impl<Balance, Moment: Ord> Exit<Balance, Moment> {
	/// Returns whether the exit may be withdrawn at `now`. A free exit is never slashed again.
	pub fn is_free(&self, now: Moment) -> bool {
		self.duties == 0 && self.matures_at < now
	}

	/// Returns whether the exit can be slashed for an assignment drawn at `drawn_at`, while that is not
	/// closed.
	pub fn answers_for(&self, drawn_at: Moment) -> bool {
		drawn_at <= self.matures_at
	}
}

/// How much of a slash each part of an account's tokens pays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SlashSplit<Balance> {
	/// From the exits that answer, in base units.
	pub from_exits: Balance,
	/// From the stake, in base units.
	pub from_stake: Balance,
}

/// An account's record. One in which nothing is left is removed (I7).
#[derive(
	CloneNoBound,
	DebugNoBound,
	Decode,
	DefaultNoBound,
	Encode,
	EqNoBound,
	MaxEncodedLen,
	PartialEqNoBound,
	TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub struct Staker<T: Config> {
	/// The slot, while the account is a member.
	pub prover_id: Option<ProverId>,
	/// The capacity declared last.
	pub max_capacity: Capacity,
	/// Assignments that are not delivered: each takes one unit of capacity.
	pub outstanding: u32,
	/// Assignments that are not closed: the account can be slashed for each.
	pub liable: u32,
	/// The exits, oldest first. A weak bound: if it is lowered, accounts with more exits keep them.
	pub exits: WeakBoundedVec<ExitOf<T>, T::MaxExits>,
	/// The last moment of the account's suspension (R10). May lie in the past.
	pub suspended_until: Option<MomentOf<T>>,
	/// What the account did with its assignments.
	pub record: TrackRecord,
}

impl<T: Config> Staker<T> {
	/// Returns whether nothing is left at `now` that the pool has to remember.
	pub fn is_empty(&self, now: MomentOf<T>) -> bool {
		self.prover_id.is_none()
			&& self.exits.is_empty()
			&& self.outstanding == 0
			&& self.liable == 0
			&& !self.is_suspended(now)
	}

	/// Returns whether the account is suspended at `now` (R10).
	pub fn is_suspended(&self, now: MomentOf<T>) -> bool {
		self.suspended_until.is_some_and(|until| now <= until)
	}

	/// Returns the free capacity that the account has as a member with the capacity declared last.
	pub fn free_capacity(&self) -> Capacity {
		self.max_capacity.saturating_sub(self.outstanding)
	}

	/// Returns the sum of all exits.
	pub fn exits_total(&self) -> BalanceOf<T> {
		self.exits.iter().fold(Zero::zero(), |sum, exit| exit.amount.saturating_add(sum))
	}

	/// Adds an exit at `now` (R3). With [`Config::MaxExits`] exits already, `amount` joins the youngest
	/// that is not free, whose date and duties start again. Only where all of them are free, which
	/// means that the account could not receive them, it joins the youngest of those.
	///
	/// Returns the exit as it is then, or `None` for an amount of 0.
	pub fn add_exit(&mut self, amount: BalanceOf<T>, now: MomentOf<T>) -> Option<ExitOf<T>> {
		if amount.is_zero() {
			return None;
		}
		let id = self.exits.last().map_or(0, |exit| exit.id.saturating_add(1));
		let fresh = self.fresh_exit(id, amount, now);
		if self.exits.try_push(fresh).is_ok() {
			return Some(fresh);
		}
		let joined = self.exits.iter().rposition(|exit| !exit.is_free(now));
		let joined = joined.or(self.exits.len().checked_sub(1))?;
		let exit = self.exits.get_mut(joined)?;
		*exit = Exit { id: exit.id, amount: exit.amount.saturating_add(amount), ..fresh };
		Some(*exit)
	}

	/// Takes up to `amount` out of the exits to stake it, youngest first (R1). What is left of an exit
	/// that is used in part starts again. Returns what was taken.
	pub fn reuse_exits(&mut self, amount: BalanceOf<T>, now: MomentOf<T>) -> BalanceOf<T> {
		let mut missing = amount;
		while let Some((youngest, exit)) = self.exits.iter().copied().enumerate().last() {
			if missing.is_zero() {
				break;
			}
			let taken = exit.amount.min(missing);
			missing = missing.saturating_sub(taken);
			if taken == exit.amount {
				self.exits.remove(youngest);
			} else {
				let rest = self.fresh_exit(exit.id, exit.amount.saturating_sub(taken), now);
				if let Some(exit) = self.exits.get_mut(youngest) {
					*exit = rest;
				}
			}
		}
		amount.saturating_sub(missing)
	}

	/// Removes the exit `id` and returns its amount.
	pub fn take_exit(&mut self, id: ExitId) -> Option<BalanceOf<T>> {
		let index = self.exits.iter().position(|exit| exit.id == id)?;
		Some(self.exits.remove(index).amount)
	}

	/// Removes all exits that are free at `now` and returns their sum.
	pub fn take_free_exits(&mut self, now: MomentOf<T>) -> BalanceOf<T> {
		let mut sum = BalanceOf::<T>::zero();
		self.exits.retain(|exit| {
			let free = exit.is_free(now);
			if free {
				sum = sum.saturating_add(exit.amount);
			}
			!free
		});
		sum
	}

	/// Returns the sum of the exits that answer for an assignment drawn at `drawn_at`.
	pub fn exits_answering(&self, drawn_at: MomentOf<T>) -> BalanceOf<T> {
		self.exits
			.iter()
			.filter(|exit| exit.answers_for(drawn_at))
			.fold(Zero::zero(), |sum, exit| exit.amount.saturating_add(sum))
	}

	/// Takes `amount` out of `stake` and the exits that answer for an assignment drawn at `drawn_at`
	/// (R7). `amount` must be at most their sum.
	///
	/// In proportion: each exit, oldest first, pays ⌊what is still to take · exit / what still answers⌋,
	/// and the stake pays the rest; without a stake the last exit does. Or, with
	/// [`Config::SlashExitsFirst`], each pays what it has before the next one pays.
	pub fn take_slash(
		&mut self,
		amount: BalanceOf<T>,
		stake: BalanceOf<T>,
		drawn_at: MomentOf<T>,
	) -> SlashSplit<BalanceOf<T>> {
		let exits_first = T::SlashExitsFirst::get();
		let mut to_take = amount;
		let mut answering = self.exits_answering(drawn_at).saturating_add(stake);
		for exit in self.exits.as_mut().iter_mut().filter(|exit| exit.answers_for(drawn_at)) {
			let taken = if exits_first {
				to_take.min(exit.amount)
			} else {
				share_of(to_take, exit.amount, answering)
			};
			to_take = to_take.saturating_sub(taken);
			answering = answering.saturating_sub(exit.amount);
			exit.amount = exit.amount.saturating_sub(taken);
		}
		self.exits.retain(|exit| !exit.amount.is_zero());
		SlashSplit { from_exits: amount.saturating_sub(to_take), from_stake: to_take }
	}

	/// Counts an assignment that was drawn at `now`. Every exit that answers for it has one more duty.
	pub fn on_assigned(&mut self, now: MomentOf<T>) {
		self.outstanding.saturating_inc();
		self.liable.saturating_inc();
		self.record.count_assigned();
		for exit in self.exits.as_mut().iter_mut().filter(|exit| exit.answers_for(now)) {
			exit.duties.saturating_inc();
		}
	}

	/// Returns the capacity of an assignment that was delivered (R6).
	pub fn on_released(&mut self) {
		self.outstanding.saturating_dec();
	}

	/// Closes an assignment that was drawn at `drawn_at` (R7, R8).
	pub fn on_closed(&mut self, drawn_at: MomentOf<T>, released: bool) {
		if !released {
			self.on_released();
		}
		self.liable.saturating_dec();
		for exit in self.exits.as_mut().iter_mut().filter(|exit| exit.answers_for(drawn_at)) {
			exit.duties.saturating_dec();
		}
	}

	/// Returns an exit that begins at `now`: it answers for all assignments that are not closed.
	fn fresh_exit(&self, id: ExitId, amount: BalanceOf<T>, now: MomentOf<T>) -> ExitOf<T> {
		Exit {
			id,
			amount,
			matures_at: now.saturating_add(T::ExitPeriod::get()),
			duties: self.liable,
		}
	}
}

/// Returns ⌊amount · part / whole⌋ for a part of the whole; all of the amount for the whole itself.
fn share_of<Balance>(amount: Balance, part: Balance, whole: Balance) -> Balance
where
	Balance: AtLeast32BitUnsigned,
{
	let wide = |balance: Balance| -> U256 {
		let balance: u128 = balance.unique_saturated_into();
		balance.into()
	};
	// Two numbers of 128 bits: their product fits 256. The share is at most `amount`.
	let share = (wide(amount) * wide(part)).checked_div(wide(whole)).unwrap_or_default();
	share.low_u128().unique_saturated_into()
}
