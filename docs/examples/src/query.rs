//! A new query: from the pool's storage, in the runtime that needs it.

use pallet_prover_pool::{BalanceOf, Config, MomentOf, Stakers};
use sp_runtime::traits::Saturating;

/// Returns how much of the exits of all accounts matures until `moment`. A runtime API declares it and
/// calls this function.
pub fn maturing_until<T: Config>(moment: MomentOf<T>) -> BalanceOf<T> {
	Stakers::<T>::iter_values()
		.flat_map(|staker| staker.exits)
		.filter(|exit| exit.matures_at <= moment)
		.fold(Default::default(), |sum: BalanceOf<T>, exit| sum.saturating_add(exit.amount))
}
