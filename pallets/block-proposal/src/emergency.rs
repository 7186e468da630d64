//! The clock, the pause that stops it, the reset, and the start on a chain that already runs (Life 7).

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, weights::WeightMeter};
use prover_pool_primitives::PricePerGas;
use sp_core::H256;
use sp_runtime::traits::{One, Saturating};

use crate::{
	Averages, Chain, ChainState, Clock, Config, Error, Event, MovingAverages, Pallet, PausedUntil,
	TimeOf, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Counts this block. It is called after inherents and only if extrinsics are admitted, so no window
	/// runs during a migration, a stall or a pause; nor in a block that has not even room for this.
	pub(crate) fn tick(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::on_poll()).is_err() || Self::is_paused() {
			return;
		}
		if PausedUntil::<T>::take().is_some() {
			Self::deposit_event(Event::Unpaused);
		}
		Clock::<T>::mutate(|now| *now = now.saturating_add(One::one()));
	}

	pub(crate) fn do_pause() -> DispatchResult {
		ensure!(!Self::is_paused(), Error::<T>::Paused);
		let until = frame_system::Pallet::<T>::block_number().saturating_add(T::MaxPause::get());
		PausedUntil::<T>::put(until);
		Self::deposit_event(Event::Paused { until });
		Ok(())
	}

	pub(crate) fn do_unpause() -> DispatchResult {
		ensure!(Self::is_paused(), Error::<T>::NotPaused);
		PausedUntil::<T>::kill();
		Self::deposit_event(Event::Unpaused);
		Ok(())
	}

	pub(crate) fn do_reset(verified_hash: H256) -> DispatchResult {
		ensure!(Self::is_paused(), Error::<T>::NotPaused);
		let mut chain = Self::chain()?;
		chain.verified_hash = verified_hash;
		Self::deposit_event(Event::Reset { verified_hash });
		let head = chain.head;
		Self::cancel_from(&mut chain, head, false);
		Chain::<T>::put(chain);
		Ok(())
	}

	pub(crate) fn do_start(
		genesis_hash: H256,
		fee_per_gas: PricePerGas,
		delay: TimeOf<T>,
	) -> DispatchResult {
		let untouched = Chain::<T>::get().is_none_or(|chain| chain.next_id == 1);
		ensure!(untouched, Error::<T>::AlreadyStarted);
		let limits = Self::fee_limits();
		ensure!((limits.min..=limits.max).contains(&fee_per_gas), Error::<T>::InvalidFee);
		let now = frame_system::Pallet::<T>::block_number();
		Averages::<T>::put(MovingAverages::starting_at(fee_per_gas, delay, now));
		Chain::<T>::put(ChainState::starting_from(genesis_hash));
		Self::deposit_event(Event::Started { genesis_hash, fee_per_gas, delay });
		Ok(())
	}
}
