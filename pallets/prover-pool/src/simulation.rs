//! What a call would do, without a signature and without an effect.

use frame_support::storage::{with_transaction, TransactionOutcome};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{Config, Pallet, Provers, Simulation, SimulationOf};

impl<T: Config> Pallet<T> {
	/// Runs `call` for `who`, reads the result, and undoes everything.
	pub(crate) fn simulate(
		who: &T::AccountId,
		call: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<SimulationOf<T>, DispatchError> {
		let before = Self::query_staker(who);
		let after = with_transaction(|| {
			let result = call(who).map(|()| Self::query_staker(who));
			TransactionOutcome::Rollback(result)
		})?;
		// All is undone: the slot has its present member again.
		let replaces = after
			.prover
			.as_ref()
			.and_then(|prover| Provers::<T>::get(prover.prover_id))
			.map(|prover| prover.account)
			.filter(|account| account != who);
		Ok(Simulation { before, after, replaces })
	}
}
