//! The state with which a chain starts.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod genesis {
	/// The provers with which a chain starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Account, stake in base units, price in base units per gas, capacity: the arguments that each
		/// would have passed to [`Call::stake`]. Genesis balances must cover the stakes.
		pub provers: Vec<(T::AccountId, BalanceOf<T>, PricePerGas, Capacity)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (who, amount, reward_per_gas, max_capacity) in &self.provers {
				if let Err(error) =
					Pallet::<T>::do_stake(who, *amount, *reward_per_gas, *max_capacity)
				{
					panic!("genesis prover {who:?} cannot stake: {error:?}");
				}
			}
		}
	}
}
