//! One account in one operation: read once, changed in memory, written once.

use frame_support::{defensive, traits::Get};
use prover_pool_primitives::{Candidate, Capacity, ListedStake, ProverId, Selection};
use sp_runtime::traits::Zero;

use crate::{
	BalanceOf, CandidateOf, Config, Listing, MomentOf, OfferOf, Pallet, PendingChanges, ProverOf,
	Provers, Staker, Stakers,
};

/// The records of an account, and the candidate that the selection has for it.
pub(crate) struct Account<T: Config> {
	pub who: T::AccountId,
	pub staker: Staker<T>,
	/// The slot and its record, while the account is a member.
	pub member: Option<(ProverId, ProverOf<T>)>,
	/// The member's record as it is stored.
	stored: Option<ProverOf<T>>,
	/// What the selection has, so that it can find it.
	listed: Option<CandidateOf<T>>,
}

impl<T: Config> Account<T> {
	/// Loads the account's records; the account may be unknown.
	pub fn load(who: T::AccountId) -> Self {
		let staker = Stakers::<T>::get(&who);
		let prover = staker.prover_id.and_then(Provers::<T>::get);
		Self::with_prover(who, staker, prover)
	}

	/// Loads the account of the member in a slot.
	pub fn load_member(prover_id: ProverId) -> Option<Self> {
		let prover = Provers::<T>::get(prover_id)?;
		let who = prover.account.clone();
		let staker = Stakers::<T>::get(&who);
		Some(Self::with_prover(who, staker, Some(prover)))
	}

	fn with_prover(who: T::AccountId, staker: Staker<T>, prover: Option<ProverOf<T>>) -> Self {
		let member = staker.prover_id.zip(prover.clone());
		if staker.prover_id.is_some() != member.is_some() {
			defensive!("an account has a slot without a member");
		}
		let mut account = Self { who, staker, member, stored: prover, listed: None };
		account.listed = account.candidate();
		account
	}

	/// Returns the stake; 0 for an account that is not a member.
	pub fn stake(&self) -> BalanceOf<T> {
		self.member.as_ref().map_or(Zero::zero(), |(_, prover)| prover.stake)
	}

	/// Returns the member's offer as its records have it.
	pub fn offer(&self) -> Option<OfferOf<T>> {
		self.member.as_ref().map(|(_, prover)| prover.offer(self.staker.max_capacity))
	}

	/// Returns the offer that draws and rank use, if the member is listed.
	pub fn listed_offer(&self) -> Option<OfferOf<T>> {
		let (_, prover) = self.member.as_ref()?;
		match prover.listing {
			Listing::Current => self.offer(),
			Listing::Entering(_) => None,
			Listing::Changing(offer) => Some(offer),
		}
	}

	/// Returns the largest capacity that draws use now or will use by a change that waits.
	pub fn largest_capacity(&self) -> Capacity {
		let declared = self.staker.max_capacity;
		let waiting = self.member.as_ref().and_then(|(_, prover)| prover.listing.own_offer());
		waiting.map_or(declared, |offer| declared.max(offer.max_capacity))
	}

	fn candidate(&self) -> Option<CandidateOf<T>> {
		self.listed_offer().map(|offer| offer.candidate(self.staker.outstanding))
	}

	/// Returns what the sums of listed stakes would be if this account was paused at once.
	pub fn listed_stake_if_paused(&self, selection: &T::Selection) -> ListedStake<BalanceOf<T>> {
		let mut sums = selection.listed_stake();
		let paused = self.candidate().map(|candidate| Candidate { paused: true, ..candidate });
		sums.replace(self.listed, paused);
		sums
	}

	/// Brings the selection in line with the records (I3).
	pub fn sync(&mut self, selection: &mut T::Selection) {
		let candidate = self.candidate();
		if candidate == self.listed {
			return;
		}
		if let Some((prover_id, _)) = &self.member {
			selection.update(*prover_id, self.listed, candidate);
			self.listed = candidate;
		}
	}

	/// Changes the member's record, and what follows from it (I3): draws use no more stake than there is,
	/// no change waits that changes nothing for draws, and the queue of changes has the others.
	pub fn change_prover(&mut self, change: impl FnOnce(&mut ProverOf<T>)) {
		let Some((prover_id, prover)) = &mut self.member else { return };
		let before = prover.pending_key(*prover_id);
		change(prover);
		let offer = prover.offer(self.staker.max_capacity);
		prover.listing = match prover.listing.map(|old| old.limited_to(offer.stake)) {
			Listing::Changing(old) if old == offer => Listing::Current,
			listing => listing,
		};
		let after = prover.pending_key(*prover_id);
		if before != after {
			before.into_iter().for_each(PendingChanges::<T>::remove);
			after.into_iter().for_each(|key| PendingChanges::<T>::insert(key, ()));
		}
	}

	/// Puts a new member into a vacant slot.
	pub fn occupy(
		&mut self,
		prover_id: ProverId,
		prover: ProverOf<T>,
		selection: &mut T::Selection,
	) {
		selection.occupy(prover_id);
		if let Some(key) = prover.pending_key(prover_id) {
			PendingChanges::<T>::insert(key, ());
		}
		self.staker.prover_id = Some(prover_id);
		self.stored = None;
		self.member = Some((prover_id, prover));
	}

	/// Removes the member from its slot, from draws and from rank, and returns its stake.
	pub fn vacate(&mut self, selection: &mut T::Selection) -> BalanceOf<T> {
		self.staker.prover_id = None;
		let Some((prover_id, prover)) = self.member.take() else { return Zero::zero() };
		if let Some(key) = prover.pending_key(prover_id) {
			PendingChanges::<T>::remove(key);
		}
		if self.listed.is_some() {
			selection.update(prover_id, self.listed.take(), None);
		}
		selection.vacate(prover_id);
		Provers::<T>::remove(prover_id);
		prover.stake
	}

	/// Writes the account in an open session.
	pub fn save_with(mut self, selection: &mut T::Selection) {
		self.sync(selection);
		self.write();
	}

	/// Writes the account. Opens a session only if the selection is concerned.
	pub fn save(mut self) {
		if self.candidate() != self.listed {
			let mut selection = T::Selection::open();
			self.sync(&mut selection);
			selection.save();
		}
		self.write();
	}

	/// Writes what has changed. A record in which nothing is left is removed (I7).
	fn write(self) {
		if let Some((prover_id, prover)) = self.member {
			if self.stored.as_ref() != Some(&prover) {
				Provers::<T>::insert(prover_id, prover);
			}
		}
		if self.staker.is_empty(Pallet::<T>::now()) {
			Stakers::<T>::remove(&self.who);
		} else {
			Stakers::<T>::insert(&self.who, self.staker);
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Returns the current moment of all periods.
	pub(crate) fn now() -> MomentOf<T> {
		use sp_runtime::traits::BlockNumberProvider;
		T::BlockNumberProvider::current_block_number()
	}

	/// Returns whether changes reach draws at once: there is no entry delay, or the chain is at its
	/// genesis, where no seed can be known.
	pub(crate) fn changes_at_once() -> bool {
		T::EntryDelay::get().is_zero() || frame_system::Pallet::<T>::block_number().is_zero()
	}
}
