//! The entry delay: when draws and rank learn of entries and changes (R5, R9).

use alloc::vec::Vec;
use frame_support::{defensive, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::ProverId;
use sp_runtime::traits::UniqueSaturatedInto;

use crate::{
	account::Account, Config, Event, Listing, Offer, OfferOf, OrderedKey, Pallet, PendingChanges,
};

impl<T: Config> Account<T> {
	/// Makes `offer` the member's own and starts the entry delay of the change. Draws use the offer that
	/// they used until now.
	///
	/// A member that is entering goes on waiting for its entry only: it is listed in time with the
	/// offer that it made then, and its last change follows. Else an account could hold a slot
	/// that rank does not see, by changing its offer again and again.
	pub(crate) fn change_offer(&mut self, offer: OfferOf<T>) {
		let Some(before) = self.offer() else { return };
		self.staker.max_capacity = offer.max_capacity;
		self.change_prover(|prover| {
			prover.stake = offer.stake;
			prover.reward_per_gas = offer.reward_per_gas;
			prover.paused = offer.paused;
			prover.changed_in = frame_system::Pallet::<T>::block_number();
			prover.listing = match prover.listing {
				_ if Pallet::<T>::changes_at_once() => Listing::Current,
				Listing::Current => Listing::Changing(before),
				waiting => waiting,
			};
		});
	}

	/// Pauses a member without a delay: neither its own offer nor the one that draws use is drawn any more.
	pub(crate) fn pause_at_once(&mut self) {
		self.change_prover(|prover| {
			prover.paused = true;
			prover.listing = prover.listing.map(|offer| Offer { paused: true, ..offer });
		});
	}

	/// Lists the offer whose delay is over. What an entering member has changed since then waits on.
	fn list_due_offer(&mut self) {
		self.change_prover(|prover| {
			prover.listing = match prover.listing {
				Listing::Entering(offer) => Listing::Changing(offer),
				Listing::Changing(_) | Listing::Current => Listing::Current,
			};
		});
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
