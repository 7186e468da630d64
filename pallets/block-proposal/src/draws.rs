//! How the search for a prover ends (Life 2): drawn, found nobody, or expired.

use crate::*;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, weights::Weight};
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, PricePerGas, ProverPool};
use sp_runtime::traits::{One, Saturating};

impl<T: Config> DrawHandler<T::AccountId> for Pallet<T> {
	/// Draws happen while a block is initialised, before the clock counts it. What begins here
	/// begins with the first extrinsics that can know of it: one later than the clock shows.
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<T::AccountId>) {
		let Some(mut block) = Self::take_pending(block_id) else {
			log::error!(target: LOG_TARGET, "drawn, but not waiting for a draw: {block_id}");
			return;
		};
		let now = Clock::<T>::get().saturating_add(One::one());
		match outcome {
			DrawOutcome::Assigned { prover, reward_per_gas } => {
				Self::assign(block_id, &mut block, prover, reward_per_gas, now)
			},
			DrawOutcome::Open { reason } => {
				Self::open(block_id, &mut block, OpenCause::Drawn(reason), now)
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
		let block = Blocks::<T>::get(block_id).ok_or(Error::<T>::UnknownBlock)?;
		ensure!(block.status == Status::Pending, Error::<T>::NotPending);
		let expires_after = block.proposed_at.saturating_add(T::ExpiryPeriod::get());
		ensure!(now > expires_after, Error::<T>::NotExpired);

		let mut block = Self::take_pending(block_id).ok_or(Error::<T>::UnknownBlock)?;
		Self::open(block_id, &mut block, OpenCause::Expired, now);
		Blocks::<T>::insert(block_id, block);
		Self::note_refusal(block_id, T::ProverPool::discharge_prover(block_id));
		Ok(())
	}

	/// The block, if it waits for its draw, which is no longer counted then.
	fn take_pending(block_id: BlockId) -> Option<Block<T>> {
		let block = Blocks::<T>::get(block_id).filter(|b| b.status == Status::Pending)?;
		Chain::<T>::mutate(|chain| chain.pending = chain.pending.saturating_sub(1));
		PendingOf::<T>::mutate_exists(&block.proposer, |count| {
			*count = count.map(|n| n.saturating_sub(1)).filter(|n| *n > 0);
		});
		Some(block)
	}

	/// Somebody must prove the block. Its escrow is lowered to what that can cost.
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
			released: false,
			failed: false,
		});
		Self::deposit_event(Event::BlockAssigned {
			block_id,
			prover,
			reward_per_gas,
			deadline,
			returned,
		});
	}

	/// Nobody must prove the block. It keeps its escrow: its reward may rise to all of it.
	fn open(block_id: BlockId, block: &mut Block<T>, cause: OpenCause, now: TimeOf<T>) {
		block.status = Status::Open { opened_at: now, frozen_reward: None };
		Chain::<T>::mutate(|chain| chain.open = chain.open.saturating_add(1));
		Self::deposit_event(Event::BlockOpened { block_id, cause });
	}
}
