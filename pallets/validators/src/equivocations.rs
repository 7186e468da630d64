//! Counts the equivocations that BABE and GRANDPA report.

use crate::*;
use pallet_session::historical::IdentificationTuple;
use sp_runtime::traits::Hash;
use sp_staking::offence::{Offence, OffenceError, ReportOffence};

/// The number of equivocations that are known. A report of an older one is counted again.
pub const MAX_KNOWN: u32 = 64;

impl<T, O> ReportOffence<T::AccountId, IdentificationTuple<T>, O> for Pallet<T>
where
	T: Config,
	O: Offence<IdentificationTuple<T>>,
{
	fn report_offence(_reporters: Vec<T::AccountId>, offence: O) -> Result<(), OffenceError> {
		let slot = offence.slot();
		let known = KnownEquivocations::<T>::get();
		for (validator, ()) in offence.offenders() {
			let id = id_of::<T, O>(&validator, &slot);
			ensure!(!known.contains(&id), OffenceError::DuplicateReport);
			KnownEquivocations::<T>::mutate(|known| {
				if known.is_full() {
					known.remove(0);
				}
				// There is room now.
				let _ = known.try_push(id);
			});
			let count = Equivocations::<T>::mutate(&validator, |count| {
				*count = count.saturating_add(1);
				*count
			});
			log::warn!(
				target: LOG_TARGET,
				"{validator:?} has equivocated, {count} times so far: {}",
				core::str::from_utf8(&O::ID).unwrap_or("another kind"),
			);
			Self::deposit_event(Event::Equivocated { validator, kind: O::ID });
		}
		Ok(())
	}

	fn is_known_offence(offenders: &[IdentificationTuple<T>], slot: &O::Slot) -> bool {
		let known = KnownEquivocations::<T>::get();
		offenders.iter().all(|(validator, ())| known.contains(&id_of::<T, O>(validator, slot)))
	}
}

/// Returns the hash that tells an equivocation from all others: its kind, its validator, its slot or round.
fn id_of<T: Config, O: Offence<IdentificationTuple<T>>>(
	validator: &T::AccountId,
	slot: &O::Slot,
) -> T::Hash {
	T::Hashing::hash_of(&(O::ID, validator, slot))
}
