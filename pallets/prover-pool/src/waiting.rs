//! Those who wait out [`Config::EntryDelay`] before they take part in draws (R5).

use alloc::vec::Vec;
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating, UniqueSaturatedInto};

use crate::{account::Account, members::Members, Config, Turn, Waiting};

/// How many begin to take part in one block, at most. In a rush, whoever comes after them
/// waits for the next block.
pub(crate) const MAX_ADMISSIONS: u32 = 64;

/// Lets those take part in draws whose turn it is from the block after `now` on. Returns how many they
/// were.
///
/// Called after the draws of `now`: what the index holds between two blocks is what the next draws
/// choose from.
pub(crate) fn admit<T: Config>(now: BlockNumberFor<T>) -> u32 {
	let next: u64 = now.saturating_add(One::one()).unique_saturated_into();
	let entry_delay: u64 = T::EntryDelay::get().unique_saturated_into();
	// Collected: the queue changes with every one of them.
	let due: Vec<Turn> = Waiting::<T>::iter_keys()
		.take_while(|turn| next > turn.block().saturating_add(entry_delay))
		.take(MAX_ADMISSIONS as usize)
		.collect();
	if due.is_empty() {
		return 0;
	}
	let mut members = Members::<T>::open();
	for turn in &due {
		let Some(who) = Members::<T>::occupant(turn.slot()) else { continue };
		let mut account = Account::<T>::load(who);
		if let Some(prover) = &mut account.prover {
			prover.waiting = false;
		}
		account.save_with(&mut members);
	}
	members.close();
	due.len() as u32
}
