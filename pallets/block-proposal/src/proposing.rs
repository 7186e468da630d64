//! Proposals (Life 1), and the fee and the window that follow from the averages.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use prover_pool_primitives::{Gas, PoolError, PricePerGas, ProverPool};
use sp_runtime::traits::{SaturatedConversion, UniqueSaturatedInto};

use crate::{
	fees, Averages, Block, Blocks, Chain, ChainStateOf, Clock, Config, Error, Escrow, Event,
	FeeLimits, HoldReason, Pallet, PendingOf, Status, TimeOf,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn fee_limits() -> FeeLimits {
		FeeLimits {
			min: T::MinFeePerGas::get(),
			max: T::MaxFeePerGas::get(),
			step: T::MaxFeeStep::get(),
		}
	}

	/// Returns the window that a prover drawn now would have.
	pub(crate) fn current_window() -> TimeOf<T> {
		fees::window(
			Averages::<T>::get().delay,
			T::WindowMultiplier::get(),
			T::MinProofWindow::get().unique_saturated_into(),
			T::MaxProofWindow::get().unique_saturated_into(),
		)
		.saturated_into()
	}

	/// Returns the state of the rollup.
	pub(crate) fn chain() -> Result<ChainStateOf<T>, Error<T>> {
		Chain::<T>::get().ok_or(Error::<T>::NotStarted)
	}

	pub(crate) fn do_propose(
		proposer: T::AccountId,
		tx_list: &[u8],
		gas_limit: Gas,
		beneficiary: T::AccountId,
		max_fee_per_gas: PricePerGas,
	) -> DispatchResult {
		ensure!(!Self::is_paused(), Error::<T>::Paused);
		let mut chain = Self::chain()?;
		ensure!(tx_list.len() <= T::MaxTxListSize::get() as usize, Error::<T>::TxListTooLong);
		ensure!(gas_limit <= T::MaxGasLimit::get(), Error::<T>::GasLimitTooHigh);
		let fee_per_gas = Self::fee_per_gas();
		ensure!(fee_per_gas <= max_fee_per_gas, Error::<T>::FeeTooHigh);
		ensure!(
			chain.unverified() < T::MaxUnverifiedBlocks::get(),
			Error::<T>::TooManyUnverifiedBlocks
		);
		let pending_of_proposer = PendingOf::<T>::get(&proposer);
		ensure!(
			pending_of_proposer < T::MaxPendingPerProposer::get(),
			Error::<T>::TooManyPendingBlocks
		);
		ensure!(Self::has_room_for_another(&chain), Error::<T>::TooManyOpenBlocks);

		let escrow = Self::escrow_at(gas_limit, fee_per_gas);
		Self::hold(HoldReason::Escrow, &proposer, escrow)?;

		let block_id = chain.next_id;
		T::ProverPool::assign_prover(block_id, fee_per_gas).map_err(|error| match error {
			PoolError::QueueFull => Error::<T>::PoolQueueFull,
			_ => Error::<T>::PoolRefusedRequest,
		})?;

		chain.next_id = chain.next_id.saturating_add(1);
		chain.pending = chain.pending.saturating_add(1);
		Chain::<T>::put(chain);
		PendingOf::<T>::insert(&proposer, pending_of_proposer.saturating_add(1));

		let tx_list_hash = sp_io::hashing::sha2_256(tx_list).into();
		let block = Block {
			proposer: proposer.clone(),
			beneficiary,
			tx_list_hash,
			gas_limit,
			fee_per_gas,
			proposed_at: Clock::<T>::get(),
			escrow: Escrow { initial: escrow, held: escrow },
			status: Status::Pending,
			removed_at: None,
			claims: 0,
			barred: Default::default(),
		};
		Blocks::<T>::insert(block_id, block);
		Self::deposit_event(Event::BlockProposed {
			block_id,
			proposer,
			tx_list_hash,
			gas_limit,
			fee_per_gas,
			escrow,
		});
		Ok(())
	}

	/// Returns whether another block would find a prover, or may at least wait as an open one. Pending
	/// blocks take the pool's free capacity first.
	fn has_room_for_another(chain: &ChainStateOf<T>) -> bool {
		chain.open.saturating_add(chain.pending) < T::MaxOpenBlocks::get()
			|| T::ProverPool::free_capacity() > u64::from(chain.pending)
	}
}
