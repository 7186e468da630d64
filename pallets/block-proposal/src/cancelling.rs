//! Blocks that are given up: the head by a skip, all behind it by being cancelled (Life 6).

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use prover_pool_primitives::{BlockId, Fault, ProverPool};
use sp_runtime::traits::Saturating;

use crate::{
	Block, Cancellation, ChainStateOf, Claims, Clock, Config, Error, Event, HoldReason, Leftover,
	Pallet, Status,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_skip(block_id: BlockId) -> DispatchResult {
		ensure!(!Self::is_paused(), Error::<T>::Paused);
		let block = Self::waiting_block(block_id)?;
		let mut chain = Self::chain()?;
		ensure!(block_id == chain.head, Error::<T>::NotHead);
		let expires_after =
			block.expires_after(T::ExpiryPeriod::get()).ok_or(Error::<T>::StillPending)?;
		// A block may have expired behind one that took long. Volunteers need time once it is the head:
		// before, nothing was certain but their own execution.
		let provable_until = chain.head_since.saturating_add(T::MinProofWindow::get());
		ensure!(Clock::<T>::get() > expires_after.max(provable_until), Error::<T>::NotExpired);
		let has_claim = block.claim_in_time_on(chain.verified_hash).is_some()
			|| Claims::<T>::contains_key(block_id, chain.verified_hash);
		// Verification drops a void claim, which discharges its prover. A skip would slash it.
		let has_void = block.claim_in_time().is_some_and(Self::is_void);
		ensure!(!has_claim && !has_void, Error::<T>::HasClaim);

		// The records first, then the tokens and the pool, which are not this pallet's code.
		Self::cancel_from(&mut chain, block_id.saturating_add(1), true);
		Self::leave_head(chain, &block);
		// Nothing was verified, so nothing shows that the claims on it are wrong.
		let leftover = Leftover { claims: block.claims, bonds_forfeited: false };
		Self::leave_claims(block_id, leftover);
		Self::forfeit(HoldReason::Escrow, &block.proposer, block.escrow.held);
		Self::slash_without_proof(block_id, &block);
		Self::deposit_event(Event::BlockSkipped {
			block_id,
			returned: block.escrow.returned(),
			forfeited: block.escrow.held,
		});
		Ok(())
	}

	/// Cancels all blocks from this one on, in place of an earlier cancellation.
	pub(crate) fn cancel_from(chain: &mut ChainStateOf<T>, from: BlockId, slashing: bool) {
		let below = chain.next_id;
		if from < below {
			chain.cancelled = Some(Cancellation { below, at: Clock::<T>::get(), slashing });
			Self::deposit_event(Event::BlocksCancelled { from, below, slashing });
		}
	}

	/// Settles the head, which was cancelled: its escrow and bonds go back. An assignment is discharged
	/// unless its prover had failed when the block was cancelled.
	pub(crate) fn settle_cancelled(chain: ChainStateOf<T>, block: Block<T>) {
		let block_id = chain.head;
		let cancelled = chain.cancelled;
		Self::leave_head(chain, &block);
		let leftover = Leftover { claims: block.claims, bonds_forfeited: false };
		Self::leave_claims(block_id, leftover);
		let back =
			Self::give_back(HoldReason::Escrow, block_id, &block.proposer, block.escrow.held);
		let slashed = block.assignment().is_some_and(|assignment| {
			cancelled.is_some_and(|c| c.slashing && assignment.has_failed(c.at))
		});
		match &block.status {
			Status::Open { .. } => {},
			Status::Assigned(_) if slashed => Self::slash_without_proof(block_id, &block),
			Status::Pending | Status::Assigned(_) => {
				Self::report_refusal(block_id, T::ProverPool::discharge_prover(block_id))
			},
		}
		Self::deposit_event(Event::BlockCancelled {
			block_id,
			returned: block.escrow.returned().saturating_add(back),
			forfeited: block.escrow.held.saturating_sub(back),
		});
	}

	/// Slashes the assigned prover of a block that has no proof, by what the whole gas limit would have
	/// paid.
	fn slash_without_proof(block_id: BlockId, block: &Block<T>) {
		if let Some(assignment) = block.assignment() {
			let proof_reward = Self::cost(block.gas_limit, assignment.reward_per_gas);
			Self::slash(block_id, assignment, proof_reward, Fault::Skipped, None);
		}
	}
}
