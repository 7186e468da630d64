//! The clock, and how blocks come into being (Life 1).

use crate::*;
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, weights::WeightMeter};
use prover_pool_primitives::{BlockId, Gas, PoolError, PricePerGas, ProverPool};
use sp_runtime::traits::{One, Saturating};

impl<T: Config> Pallet<T> {
	/// Counts this block. It is called after inherents and only if extrinsics are admitted, so
	/// neither a migration nor a stall makes a window run; nor does a block that has not even room
	/// for this.
	pub(crate) fn tick(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::on_poll()).is_ok() {
			Clock::<T>::mutate(|now| *now = now.saturating_add(One::one()));
		}
	}

	/// The price per gas of the next proposal.
	pub(crate) fn current_fee() -> PricePerGas {
		Averages::<T>::get().whole_fee(T::MinFeePerGas::get())
	}

	/// At most `max` waiting blocks from the id `from` on: reads no more than it returns.
	pub(crate) fn blocks_from(from: BlockId, max: u32) -> Vec<(BlockId, Block<T>)> {
		let chain = Chain::<T>::get();
		(from.max(chain.head)..chain.next_id)
			.take(max as usize)
			.filter_map(|id| Blocks::<T>::get(id).map(|block| (id, block)))
			.collect()
	}

	pub(crate) fn do_propose(
		proposer: T::AccountId,
		tx_list: &[u8],
		gas_limit: Gas,
		beneficiary: T::AccountId,
	) -> DispatchResult {
		ensure!(tx_list.len() <= T::MaxTxListSize::get() as usize, Error::<T>::TxListTooLong);
		ensure!(gas_limit <= T::MaxGasLimit::get(), Error::<T>::GasLimitTooHigh);

		let mut chain = Chain::<T>::get();
		let pending_of_proposer = PendingOf::<T>::get(&proposer);
		ensure!(
			chain.unverified() < T::MaxUnverifiedBlocks::get(),
			Error::<T>::TooManyUnverifiedBlocks
		);
		ensure!(
			pending_of_proposer < T::MaxPendingPerProposer::get(),
			Error::<T>::TooManyPendingBlocks
		);
		ensure!(Self::has_room_for_another(&chain), Error::<T>::TooManyOpenBlocks);

		let fee_per_gas = Self::current_fee();
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

		let tx_list_hash = sp_io::hashing::blake2_256(tx_list).into();
		let block = Block {
			proposer: proposer.clone(),
			beneficiary,
			tx_list_hash,
			gas_limit,
			fee_per_gas,
			proposed_at: Clock::<T>::get(),
			escrow: Escrow { initial: escrow, held: escrow },
			status: Status::Pending,
			disputed_at: None,
			proofs: Default::default(),
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

	/// Whether another block would find a prover, or may at least wait as an open one. The blocks
	/// that are pending take the pool's places first.
	fn has_room_for_another(chain: &ChainStateOf<T>) -> bool {
		chain.open.saturating_add(chain.pending) < T::MaxOpenBlocks::get()
			|| T::ProverPool::free_capacity() > u64::from(chain.pending)
	}
}
