//! Verification (Life 4): which claim becomes the rollup's block, and when.

use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Pays},
	traits::Get,
	weights::WeightMeter,
};
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::traits::Saturating;

use crate::{
	Block, Blocks, Chain, ChainStateOf, Claim, Claims, Clock, Config, Error, Leftover, Pallet,
	Status, TimeOf,
};

impl<T: Config> Pallet<T> {
	/// Settles up to `max` blocks.
	pub(crate) fn do_verify(max: u32) -> DispatchResultWithPostInfo {
		let look = Self::weight_of_look();
		ensure!(!Self::is_paused(), Error::<T>::Paused.with_weight(look));
		let mut meter = WeightMeter::new();
		meter.consume(look);
		let settled = Self::settle_up_to(max.min(T::MaxUnverifiedBlocks::get()), &mut meter);
		ensure!(settled > 0, Error::<T>::NothingToVerify.with_weight(meter.consumed()));
		Ok((Some(meter.consumed()), Pays::No).into())
	}

	/// Settles as many blocks as the meter has weight for, none while the protocol is paused.
	pub(crate) fn settle_within(meter: &mut WeightMeter) {
		if meter.try_consume(Self::weight_of_look()).is_ok() && !Self::is_paused() {
			Self::settle_up_to(T::MaxUnverifiedBlocks::get(), meter);
		}
	}

	/// Takes up to `max` steps, each only if the meter has the weight of the most expensive one. Returns
	/// how many it took.
	fn settle_up_to(max: u32, meter: &mut WeightMeter) -> u32 {
		let mut steps = 0u32;
		while steps < max && meter.can_consume(Self::weight_of_step()) && Self::settle_head(meter) {
			steps = steps.saturating_add(1);
		}
		steps
	}

	/// Takes one step with the head: settles it if it was cancelled, else drops void claims, else one that lacks
	/// its second proof, else verifies it. Returns whether there was anything to do.
	fn settle_head(meter: &mut WeightMeter) -> bool {
		let Some(chain) = Chain::<T>::get() else { return false };
		let block_id = chain.head;
		let Some(mut block) = Blocks::<T>::get(block_id) else { return false };
		if chain.is_cancelled(block_id) {
			meter.consume(Self::weight_of_cancellation());
			Self::settle_cancelled(chain, block);
			return true;
		}
		let parent_hash = chain.verified_hash;
		if Self::void_claims(block_id, &mut block, parent_hash, meter)
			|| Self::drop_unconfirmed(block_id, &mut block, parent_hash, meter)
		{
			// The claim kept others from proving. They get the time of a removal.
			block.removed_at = Some(Clock::<T>::get());
			Blocks::<T>::insert(block_id, block);
			return true;
		}
		let verified = Self::verify_head(chain, &block);
		if verified {
			meter.consume(Self::weight_of_verification());
		}
		verified
	}

	/// Verifies the head with the earliest claim on the verified hash, if that has waited for the cooldown.
	fn verify_head(mut chain: ChainStateOf<T>, block: &Block<T>) -> bool {
		let (block_id, parent_hash) = (chain.head, chain.verified_hash);
		let Some(winner) = Self::next_claim(block_id, block, parent_hash) else { return false };
		if Clock::<T>::get() < Self::cooled_down_at(&winner) {
			return false;
		}
		let others = Claims::<T>::get(block_id, parent_hash);

		// The records first, then the tokens and the pool, which are not this pallet's code.
		chain.verified_id = block_id;
		chain.verified_hash = winner.execution.block_hash;
		Self::leave_head(chain, block);
		Claims::<T>::remove(block_id, parent_hash);
		// Those on other parents are wrong.
		let claims = block.claims.saturating_sub(others.len() as u32);
		Self::leave_claims(block_id, Leftover { claims, bonds_forfeited: true });
		Self::settle_verified(block_id, block, &winner, &others);
		true
	}

	/// Returns the earliest claim of a block on this parent. The assigned prover's claim in time is always the
	/// earliest: others may prove only afterwards.
	pub(crate) fn next_claim(
		block_id: BlockId,
		block: &Block<T>,
		parent_hash: H256,
	) -> Option<Claim<T>> {
		let in_time = block.claim_in_time_on(parent_hash).cloned();
		in_time.or_else(|| Claims::<T>::get(block_id, parent_hash).into_iter().next())
	}

	/// Returns the first moment at which a claim can be verified.
	pub(crate) fn cooled_down_at(claim: &Claim<T>) -> TimeOf<T> {
		claim.claimed_at.saturating_add(T::Cooldown::get())
	}

	/// Forgets the head, which is settled now, and turns to the next block.
	pub(crate) fn leave_head(mut chain: ChainStateOf<T>, head: &Block<T>) {
		Blocks::<T>::remove(chain.head);
		chain.head = chain.head.saturating_add(1);
		chain.head_since = Clock::<T>::get();
		chain.cancelled = chain.cancelled.filter(|cancelled| chain.head < cancelled.below);
		if head.is_open() {
			chain.open = chain.open.saturating_sub(1);
		}
		Chain::<T>::put(chain);
		if head.status == Status::Pending {
			Self::forget_pending(head);
		}
	}
}
