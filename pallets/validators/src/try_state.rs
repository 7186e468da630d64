//! The invariants.

use crate::*;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks that there are validators, that each has keys and is there once, and that the session pallet has
	/// queued them unless the set has just changed. For tests and `try-runtime`.
	///
	/// # Errors
	/// The invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let validators = Validators::<T>::get();
		ensure!(!validators.is_empty(), "there are no validators");
		let distinct = validators.iter().collect::<BTreeSet<_>>().len();
		ensure!(distinct == validators.len(), "a validator is in the set twice");
		ensure!(validators.iter().all(Self::has_keys), "a validator has no keys");
		let queued = pallet_session::QueuedKeys::<T>::get();
		ensure!(
			Changed::<T>::get() || queued.iter().map(|(who, _)| who).eq(validators.iter()),
			"the validators are not those that are queued"
		);
		Ok(())
	}
}
