//! How the search for a prover ends (Life 2): drawn, no prover found, or expired.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, weights::Weight};
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, PricePerGas, ProverPool};
use sp_runtime::traits::{One, Saturating};

use crate::{
	Assignment, Block, Blocks, Chain, Clock, Config, Delivery, Error, Event, OpenCause, Pallet,
	PendingOf, Status, TimeOf, WeightInfo, LOG_TARGET,
};

impl<T: Config> DrawHandler<T::AccountId> for Pallet<T> {
	/// Draws happen while a block is initialised, before the clock counts it. What begins here begins
	/// with the first extrinsics that can know of it: one later than the clock shows.
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<T::AccountId>) {
		let pending = |block: &Block<T>| block.status == Status::Pending;
		let Some(mut block) = Blocks::<T>::get(block_id).filter(pending) else {
			log::error!(target: LOG_TARGET, "drawn, but not waiting for a draw: {block_id}");
			return;
		};
		Self::forget_pending(&block);
		let now = Clock::<T>::get().saturating_add(One::one());
		match outcome {
			DrawOutcome::Assigned { prover, reward_per_gas } => {
				Self::assign(block_id, &mut block, prover, reward_per_gas, now)
			},
			DrawOutcome::Open { reason } => {
				Self::open(block_id, &mut block, OpenCause::Drawn(reason), None, now)
			},
		}
		Blocks::<T>::insert(block_id, block);
	}

	fn on_draw_weight() -> Weight {
		T::WeightInfo::on_draw()
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_expire(block_id: BlockId) -> DispatchResult {
		let now = Clock::<T>::get();
		let mut block = Self::waiting_block(block_id)?;
		ensure!(block.status == Status::Pending, Error::<T>::NotPending);
		let expires_after = block.proposed_at.saturating_add(T::ExpiryPeriod::get());
		ensure!(now > expires_after, Error::<T>::NotExpired);

		Self::forget_pending(&block);
		Self::open(block_id, &mut block, OpenCause::Expired, None, now);
		Blocks::<T>::insert(block_id, block);
		Self::report_refusal(block_id, T::ProverPool::discharge_prover(block_id));
		Ok(())
	}

	/// Returns a block that waits for verification: it is neither settled nor cancelled.
	pub(crate) fn waiting_block(block_id: BlockId) -> Result<Block<T>, Error<T>> {
		let block = Blocks::<T>::get(block_id).ok_or(Error::<T>::UnknownBlock)?;
		ensure!(!Self::chain()?.is_cancelled(block_id), Error::<T>::Cancelled);
		Ok(block)
	}

	/// Stops counting a block as pending.
	pub(crate) fn forget_pending(block: &Block<T>) {
		Chain::<T>::mutate_extant(|chain| chain.pending = chain.pending.saturating_sub(1));
		PendingOf::<T>::mutate_exists(&block.proposer, |count| {
			*count = count.map(|n| n.saturating_sub(1)).filter(|n| *n > 0);
		});
	}

	/// Assigns the block to a prover. Its escrow is lowered to what that can cost.
	fn assign(
		block_id: BlockId,
		block: &mut Block<T>,
		prover: T::AccountId,
		reward_per_gas: PricePerGas,
		now: TimeOf<T>,
	) {
		// The pool's band ends below what was escrowed. If it does not, the escrow decides.
		let reward_per_gas = reward_per_gas.min(Self::highest_reward(block.fee_per_gas));
		let deadline = now.saturating_add(Self::current_window());
		let returned = Self::lower_escrow(block, Self::cost(block.gas_limit, reward_per_gas));
		block.status = Status::Assigned(Assignment {
			prover: prover.clone(),
			reward_per_gas,
			start: now,
			deadline,
			delivery: Delivery::Due,
		});
		Self::deposit_event(Event::BlockAssigned {
			block_id,
			prover,
			reward_per_gas,
			deadline,
			returned,
		});
	}

	/// Opens the block. Without a fixed reward it keeps its whole escrow: its reward may rise to that.
	pub(crate) fn open(
		block_id: BlockId,
		block: &mut Block<T>,
		cause: OpenCause,
		fixed_reward: Option<PricePerGas>,
		now: TimeOf<T>,
	) {
		block.status = Status::Open { opened_at: now, fixed_reward };
		Chain::<T>::mutate_extant(|chain| chain.open = chain.open.saturating_add(1));
		Self::deposit_event(Event::BlockOpened { block_id, cause });
	}
}
