//! The entry delay: when draws and rank learn of entries and changes (R5, R9).

use alloc::vec::Vec;
use frame_support::{defensive, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::ProverId;
use sp_runtime::traits::UniqueSaturatedInto;

use crate::{
	account::Account, BalanceOf, Config, Event, Listing, OfferOf, OrderedKey, Pallet,
	PendingChanges,
};

impl<T: Config> Account<T> {
	/// Starts the entry delay of a member that has just entered.
	pub(crate) fn queue_entry(&mut self) {
		let Some(offer) = self.offer() else { return };
		let listing = if Pallet::<T>::changes_at_once() {
			Listing::Current
		} else {
			Listing::Entering(offer)
		};
		self.set_listing(listing);
	}

	/// Starts the entry delay of a change of the member's offer, which was `before`. Draws use the offer
	/// that they used until now.
	///
	/// A member that is entering goes on waiting for its entry only: it is listed in time with the
	/// offer that it made then, and its last change follows. Else an account could hold a slot
	/// that rank does not see, by changing its offer again and again.
	pub(crate) fn queue_change(&mut self, before: OfferOf<T>) {
		let Some((_, prover)) = &self.member else { return };
		let listing = match prover.listing {
			_ if Pallet::<T>::changes_at_once() => Listing::Current,
			Listing::Current => Listing::Changing(before),
			waiting => waiting,
		};
		// The key of a change has the block in it.
		self.set_listing(Listing::Current);
		if let Some((_, prover)) = &mut self.member {
			prover.changed_in = frame_system::Pallet::<T>::block_number();
		}
		self.set_listing(self.needed(listing));
	}

	/// Pauses a member without a delay: neither its own offer nor the one that draws use is drawn any more.
	pub(crate) fn pause_at_once(&mut self) {
		let Some((_, prover)) = &mut self.member else { return };
		prover.paused = true;
		let listing = match prover.listing {
			Listing::Current => Listing::Current,
			Listing::Entering(offer) => Listing::Entering(OfferOf::<T> { paused: true, ..offer }),
			Listing::Changing(offer) => {
				self.needed(Listing::Changing(OfferOf::<T> { paused: true, ..offer }))
			},
		};
		self.set_listing(listing);
	}

	/// Limits the offer that draws use to a stake that has become smaller. What left and comes back waits
	/// like any other change; a change that now changes nothing waits no longer (I3).
	pub(crate) fn limit_listing(&mut self) {
		let Some((_, prover)) = &self.member else { return };
		let stake = prover.stake;
		let listing = match prover.listing {
			Listing::Current => Listing::Current,
			Listing::Entering(offer) => Listing::Entering(offer.limited_to(stake)),
			Listing::Changing(offer) => self.needed(Listing::Changing(offer.limited_to(stake))),
		};
		self.set_listing(listing);
	}

	/// Lists the offer whose delay is over.
	fn list_due_offer(&mut self) {
		let Some((_, prover)) = &self.member else { return };
		let listing = match prover.listing {
			Listing::Entering(offer) => self.needed(Listing::Changing(offer)),
			Listing::Changing(_) | Listing::Current => Listing::Current,
		};
		self.set_listing(listing);
	}

	/// Returns `Current` in place of an older offer that is the same for draws.
	fn needed(&self, listing: Listing<BalanceOf<T>>) -> Listing<BalanceOf<T>> {
		match (listing, self.offer()) {
			(Listing::Changing(old), Some(new)) if old.limited_to(new.stake) == new => {
				Listing::Current
			},
			_ => listing,
		}
	}

	/// Sets what draws use, and moves the member in the queue of changes.
	pub(crate) fn set_listing(&mut self, listing: Listing<BalanceOf<T>>) {
		let Some((prover_id, prover)) = &mut self.member else { return };
		let before = Pallet::<T>::pending_key(*prover_id, prover);
		prover.listing = listing;
		let after = Pallet::<T>::pending_key(*prover_id, prover);
		if before == after {
			return;
		}
		if let Some(key) = before {
			PendingChanges::<T>::remove(key);
		}
		if let Some(key) = after {
			PendingChanges::<T>::insert(key, ());
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Returns the entries and changes whose delay ends with the block `now`, oldest first, at most
	/// [`Config::MaxAdmissions`]; the others follow in the next block.
	pub(crate) fn due_changes(now: BlockNumberFor<T>) -> Vec<OrderedKey> {
		let now: u64 = now.unique_saturated_into();
		let entry_delay: u64 = T::EntryDelay::get().unique_saturated_into();
		PendingChanges::<T>::iter_keys()
			.take_while(|key| key.time().saturating_add(entry_delay) <= now)
			.take(T::MaxAdmissions::get() as usize)
			.collect()
	}

	/// Lists these entries and changes. Called after the draws of a block: what the selection has between
	/// two blocks is what the next draws use.
	pub(crate) fn admit(due: Vec<OrderedKey>, selection: &mut T::Selection) {
		for key in due {
			let Some(mut account) = Account::<T>::load_member(key.id() as ProverId) else {
				defensive!("a change waits for a slot without a member");
				PendingChanges::<T>::remove(key);
				continue;
			};
			account.list_due_offer();
			let who = account.who.clone();
			account.save_with(selection);
			Self::deposit_event(Event::OfferListed { who });
		}
	}
}
