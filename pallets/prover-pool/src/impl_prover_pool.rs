//! The hook trait: the pool as the protocol pallet sees it.

use frame_support::weights::Weight;
use prover_pool_primitives::{BlockId, Fault, PoolError, PricePerGas, ProverPool, Selection};

use crate::{BalanceOf, Config, Error, Pallet, WeightInfo};

impl<T> From<PoolError> for Error<T> {
	fn from(error: PoolError) -> Self {
		match error {
			PoolError::QueueFull => Self::QueueFull,
			PoolError::AlreadyAssigned => Self::AlreadyAssigned,
			PoolError::UnknownBlock => Self::UnknownBlock,
			PoolError::StillPending => Self::StillPending,
			PoolError::AlreadyReleased => Self::AlreadyReleased,
		}
	}
}

impl<T: Config> ProverPool<T::AccountId, BalanceOf<T>> for Pallet<T> {
	fn assign_prover(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError> {
		Self::do_assign_prover(block_id, fee_per_gas, true)
	}

	fn release_prover(block_id: BlockId) -> Result<(), PoolError> {
		Self::do_release_prover(block_id)
	}

	fn slash_prover(
		block_id: BlockId,
		proof_reward: BalanceOf<T>,
		fault: Fault,
		reporter: Option<(T::AccountId, BalanceOf<T>)>,
	) -> Result<BalanceOf<T>, PoolError> {
		Self::do_slash_prover(block_id, proof_reward, fault, reporter)
	}

	fn discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		Self::do_discharge_prover(block_id)
	}

	fn free_capacity() -> u64 {
		T::Selection::open().free_capacity()
	}

	fn assign_prover_weight() -> Weight {
		T::WeightInfo::assign_prover()
	}

	fn draw_weight() -> Weight {
		Self::weight_of_draw()
	}

	fn release_prover_weight() -> Weight {
		Self::weight_of_release()
	}

	fn slash_prover_weight() -> Weight {
		Self::weight_of_slash()
	}

	fn discharge_prover_weight() -> Weight {
		Self::weight_of_discharge()
	}

	fn free_capacity_weight() -> Weight {
		T::WeightInfo::free_capacity()
	}
}
