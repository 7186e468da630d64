//! Another protocol pallet: the smallest that uses the pool.

pub use pallet::*;

/// A protocol in which one trusted account says whether a block was proven.
#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use prover_pool_primitives::{
		BlockId, DrawHandler, DrawOutcome, Fault, PoolError, PricePerGas, ProverPool,
	};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The pool, known by its trait only.
		type ProverPool: ProverPool<Self::AccountId, u128>;
	}

	/// The prover of each block that is not settled.
	#[pallet::storage]
	pub type Provers<T: Config> = StorageMap<_, Twox64Concat, BlockId, T::AccountId>;

	#[pallet::error]
	pub enum Error<T> {
		/// The pool refused.
		PoolRefused,
	}

	impl<T> From<PoolError> for Error<T> {
		fn from(_: PoolError) -> Self {
			Self::PoolRefused
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Requests a prover. The draw comes in a later block and is paid here.
		#[pallet::call_index(0)]
		#[pallet::weight(
			T::ProverPool::assign_prover_weight()
				.saturating_add(T::ProverPool::draw_weight())
				.saturating_add(<Pallet<T> as DrawHandler<T::AccountId>>::on_draw_weight())
		)]
		pub fn propose(origin: OriginFor<T>, id: BlockId, fee: PricePerGas) -> DispatchResult {
			ensure_signed(origin)?;
			Ok(T::ProverPool::assign_prover(id, fee).map_err(Error::<T>::from)?)
		}

		/// Closes a block: its proof was right, or it never came.
		#[pallet::call_index(1)]
		#[pallet::weight(
			T::ProverPool::discharge_prover_weight().max(T::ProverPool::slash_prover_weight())
		)]
		pub fn settle(
			origin: OriginFor<T>,
			id: BlockId,
			proven: bool,
			reward: u128,
		) -> DispatchResult {
			ensure_root(origin)?;
			Provers::<T>::remove(id);
			if proven {
				T::ProverPool::discharge_prover(id).map_err(Error::<T>::from)?;
			} else {
				T::ProverPool::slash_prover(id, reward, Fault::Late, None)
					.map_err(Error::<T>::from)?;
			}
			Ok(())
		}
	}

	impl<T: Config> DrawHandler<T::AccountId> for Pallet<T> {
		fn on_draw(id: BlockId, outcome: DrawOutcome<T::AccountId>) {
			if let DrawOutcome::Assigned { prover, .. } = outcome {
				Provers::<T>::insert(id, prover);
			}
		}

		fn on_draw_weight() -> Weight {
			T::DbWeight::get().writes(1)
		}
	}
}
