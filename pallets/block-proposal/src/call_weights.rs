//! The weights that calls and hooks declare: the sums of what was measured of this pallet and of what the
//! pool and the verifier declare.

use frame_support::{traits::Get, weights::Weight};
use prover_pool_primitives::{DrawHandler, ProverPool};

use crate::{Config, Pallet, ProofVerifier, WeightInfo};

impl<T: Config> Pallet<T> {
	/// The proposal, and in advance the draw, its handler and the settlement, which happen in hooks.
	pub(crate) fn weight_of_propose(tx_list_len: usize) -> Weight {
		Self::weight_of_refused_proposal(tx_list_len)
			.saturating_add(T::ProverPool::draw_weight())
			.saturating_add(Self::on_draw_weight())
			.saturating_add(Self::weight_of_verification().max(Self::weight_of_cancellation()))
	}

	/// Returns the most that a refused proposal consumes.
	pub(crate) fn weight_of_refused_proposal(tx_list_len: usize) -> Weight {
		T::WeightInfo::propose_block(bounded(tx_list_len))
			.saturating_add(T::ProverPool::assign_prover_weight())
			.saturating_add(T::ProverPool::free_capacity_weight())
	}

	/// The claim with its verification and release, void claims that it drops, and in advance the
	/// settlement of its own bond.
	pub(crate) fn weight_of_prove(proof_len: usize) -> Weight {
		T::WeightInfo::prove_block()
			.saturating_add(Self::weight_of_voiding())
			.saturating_add(T::ProofVerifier::verify_weight(bounded(proof_len)))
			.saturating_add(T::ProverPool::release_prover_weight())
			.saturating_add(Self::weight_of_clearing(1))
	}

	/// The second proof of a claim: it reads and writes what a claim does, without a bond or a release.
	pub(crate) fn weight_of_confirm(proof_len: usize) -> Weight {
		T::WeightInfo::prove_block()
			.saturating_add(T::ProofVerifier::confirm_weight(bounded(proof_len)))
	}

	/// A look at the claims of a block on one parent, of which none is void and none can be verified.
	pub(crate) fn weight_of_look() -> Weight {
		let tags = T::ProofVerifier::is_revoked_weight().saturating_mul(T::MaxForks::get().into());
		T::WeightInfo::look_at_head().saturating_add(tags)
	}

	/// A look that finds all claims void.
	fn weight_of_voiding() -> Weight {
		Self::weight_of_look()
			.saturating_add(Self::weight_of_dropping(T::MaxForks::get()))
			.saturating_add(T::ProverPool::discharge_prover_weight())
	}

	/// The dropping of void claims on one parent: what clearing them writes, and the block.
	pub(crate) fn weight_of_dropping(claims: u32) -> Weight {
		T::WeightInfo::clear_claims(claims).saturating_add(T::DbWeight::get().writes(1))
	}

	/// The settlement of a verified block, without the look at it.
	pub(crate) fn weight_of_verification() -> Weight {
		T::WeightInfo::verify_block(T::MaxForks::get()).saturating_add(Self::weight_of_closing())
	}

	/// The settlement of a cancelled block.
	pub(crate) fn weight_of_cancellation() -> Weight {
		T::WeightInfo::cancel_block().saturating_add(Self::weight_of_closing())
	}

	/// The most expensive step of settlement.
	pub(crate) fn weight_of_step() -> Weight {
		Self::weight_of_voiding()
			.max(Self::weight_of_look().saturating_add(Self::weight_of_verification()))
			.max(Self::weight_of_cancellation())
	}

	pub(crate) fn weight_of_verify(max: u32) -> Weight {
		let steps = max.min(T::MaxUnverifiedBlocks::get());
		Self::weight_of_look().saturating_add(Self::weight_of_step().saturating_mul(steps.into()))
	}

	pub(crate) fn weight_of_expire() -> Weight {
		T::WeightInfo::expire_request().saturating_add(T::ProverPool::discharge_prover_weight())
	}

	pub(crate) fn weight_of_skip() -> Weight {
		T::WeightInfo::skip_block()
			.saturating_add(T::ProofVerifier::is_revoked_weight())
			.saturating_add(T::ProverPool::slash_prover_weight())
	}

	/// The clearing of `claims` claims on one parent, with the look-ups of their tags. Each counts a read of
	/// the leftover, which a call reads once: the others pay for the hook, which passes the keys that were
	/// removed in its block.
	pub(crate) fn weight_of_clearing(claims: u32) -> Weight {
		let tags = T::ProofVerifier::is_revoked_weight().saturating_mul(claims.into());
		T::WeightInfo::clear_claims(claims).saturating_add(tags)
	}

	/// The clearing of the claims on `parents` parents.
	pub(crate) fn weight_of_clear(parents: usize) -> Weight {
		let each = Self::weight_of_clearing(T::MaxForks::get());
		T::WeightInfo::clear_claims(0).saturating_add(each.saturating_mul(bounded(parents).into()))
	}

	fn weight_of_closing() -> Weight {
		T::ProverPool::slash_prover_weight().max(T::ProverPool::discharge_prover_weight())
	}
}

/// Lengths beyond any block are all the same.
fn bounded(len: usize) -> u32 {
	len.try_into().unwrap_or(u32::MAX)
}
