//! What `pallet-session` asks: when sessions end, and who validates in the next one.

use crate::*;
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_session::{historical, SessionManager};
use sp_runtime::traits::Convert;
use sp_staking::SessionIndex;

/// Validators are identified by their accounts alone: nobody nominates them.
pub struct NoIdentification;

impl<Validator> Convert<Validator, Option<()>> for NoIdentification {
	fn convert(_validator: Validator) -> Option<()> {
		Some(())
	}
}

/// Never in the hook of `pallet-session`: this pallet rotates in its own.
impl<T: Config> ShouldEndSession<BlockNumberFor<T>> for Pallet<T> {
	fn should_end_session(_now: BlockNumberFor<T>) -> bool {
		false
	}
}

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
	/// Returns the set if governance has replaced it, else `None`: it is queued already.
	fn new_session(_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		Changed::<T>::take().then(|| Validators::<T>::get().into_inner())
	}

	fn new_session_genesis(_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		let validators = Validators::<T>::get();
		if let Some(without) = validators.iter().find(|who| !Self::has_keys(who)) {
			panic!("the genesis validator {without:?} has no session keys");
		}
		Some(validators.into_inner())
	}

	/// Forgets the session whose equivocations can no longer be reported.
	fn start_session(index: SessionIndex) {
		if let Some(oldest) = index.checked_sub(T::ReportPeriod::get()) {
			historical::Pallet::<T>::prune_up_to(oldest);
		}
	}

	fn end_session(_index: SessionIndex) {}
}

/// The same, with identifications.
impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		<Self as SessionManager<_>>::new_session(index).map(identified)
	}

	fn new_session_genesis(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		<Self as SessionManager<_>>::new_session_genesis(index).map(identified)
	}

	fn start_session(index: SessionIndex) {
		<Self as SessionManager<_>>::start_session(index);
	}

	fn end_session(index: SessionIndex) {
		<Self as SessionManager<_>>::end_session(index);
	}
}

fn identified<AccountId>(validators: Vec<AccountId>) -> Vec<(AccountId, ())> {
	validators.into_iter().map(|who| (who, ())).collect()
}
