//! What calls and hooks are charged: the sums of what was measured of this pallet and of what the pool
//! and the verifier declare.

use crate::*;
use frame_support::{traits::Get, weights::Weight};
use prover_pool_primitives::{DrawHandler, ProverPool};

impl<T: Config> Pallet<T> {
	/// The proposal, and in advance the draw, its handler and the settlement, which happen in
	/// hooks.
	pub(crate) fn weight_of_propose(tx_list_len: usize) -> Weight {
		T::WeightInfo::propose_block(bounded(tx_list_len))
			.saturating_add(T::ProverPool::assign_prover_weight())
			.saturating_add(T::ProverPool::free_capacity_weight())
			.saturating_add(T::ProverPool::draw_weight())
			.saturating_add(Self::on_draw_weight())
			.saturating_add(Self::weight_of_verification())
	}

	pub(crate) fn weight_of_prove(proof_len: usize) -> Weight {
		let proof_len = bounded(proof_len);
		T::WeightInfo::prove_block()
			.saturating_add(T::ProofVerifier::verify_weight(proof_len))
			.saturating_add(T::ProverPool::release_prover_weight())
	}

	/// One verification, without a restart of windows.
	pub(crate) fn weight_of_verification() -> Weight {
		let pool =
			T::ProverPool::slash_prover_weight().max(T::ProverPool::discharge_prover_weight());
		T::WeightInfo::verify_block(T::MaxForks::get()).saturating_add(pool)
	}

	/// The next verification at worst: it may have to look through all blocks after it.
	pub(crate) fn weight_of_next_verification() -> Weight {
		let others = Chain::<T>::get().unverified().saturating_sub(1);
		Self::weight_of_verification().saturating_add(T::WeightInfo::restart_windows(others))
	}

	pub(crate) fn weight_of_verify(max: u32) -> Weight {
		let all = T::MaxUnverifiedBlocks::get();
		T::WeightInfo::verify_blocks()
			.saturating_add(Self::weight_of_verification().saturating_mul(max.min(all).into()))
			.saturating_add(T::WeightInfo::restart_windows(all))
	}

	pub(crate) fn weight_of_expire() -> Weight {
		T::WeightInfo::expire_request().saturating_add(T::ProverPool::discharge_prover_weight())
	}

	pub(crate) fn weight_of_skip() -> Weight {
		Self::weight_of_skip_with(T::MaxUnverifiedBlocks::get())
	}

	/// A skip after which this many blocks were looked at.
	pub(crate) fn weight_of_skip_with(looked_at: u32) -> Weight {
		T::WeightInfo::skip_block(T::MaxForks::get())
			.saturating_add(T::ProverPool::slash_prover_weight())
			.saturating_add(T::WeightInfo::restart_windows(looked_at))
	}

	pub(crate) fn weight_of_dispute() -> Weight {
		Self::weight_of_dispute_with(T::MaxUnverifiedBlocks::get())
	}

	/// A dispute after which this many blocks were looked at.
	pub(crate) fn weight_of_dispute_with(looked_at: u32) -> Weight {
		T::WeightInfo::dispute_proof().saturating_add(T::WeightInfo::restart_windows(looked_at))
	}
}

/// Lengths beyond any block are all the same.
fn bounded(len: usize) -> u32 {
	len.try_into().unwrap_or(u32::MAX)
}
