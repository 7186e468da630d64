//! Second proofs of claims, for verifiers that ask for them, and the end of claims without one (Proofs).

use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Pays},
	traits::Get,
	weights::WeightMeter,
};
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::DispatchError;

use crate::{
	instance_hash_of, Block, Blocks, Claim, Claims, Clock, Config, Error, Event, Execution, Pallet,
	ProofVerifier, TagOf, Verification, WeightInfo,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_confirm(
		block_id: BlockId,
		execution: Execution,
		proof: &[u8],
	) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		meter.consume(T::WeightInfo::prove_block());
		match Self::try_confirm(block_id, execution, proof, &mut meter) {
			// A claim is confirmed once.
			Ok(()) => Ok((Some(meter.consumed()), Pays::No).into()),
			Err(error) => Err(error.with_weight(meter.consumed())),
		}
	}

	fn try_confirm(
		block_id: BlockId,
		execution: Execution,
		proof: &[u8],
		meter: &mut WeightMeter,
	) -> Result<(), DispatchError> {
		let mut block = Self::waiting_block(block_id)?;
		ensure!(proof.len() <= T::MaxProofSize::get() as usize, Error::<T>::ProofTooLong);
		let confirmed = |claim: &Claim<T>, block: &Block<T>, meter: &mut WeightMeter| {
			ensure!(!T::ProofVerifier::is_confirmed(&claim.tag), Error::<T>::AlreadyConfirmed);
			let instance = instance_hash_of::<T>(block_id, block, &execution, &claim.prover);
			Self::confirmed_tag(&claim.tag, instance, proof, meter)
		};

		let in_time = block.claim_in_time().filter(|claim| claim.execution == execution).cloned();
		let claim = if let Some(mut claim) = in_time {
			claim.tag = confirmed(&claim, &block, meter)?;
			block.put_claim_in_time(claim.clone());
			Blocks::<T>::insert(block_id, block);
			claim
		} else {
			let mut claims = Claims::<T>::get(block_id, execution.parent_hash);
			let claim = claims.iter_mut().find(|claim| claim.execution == execution);
			let claim = claim.ok_or(Error::<T>::UnknownClaim)?;
			claim.tag = confirmed(claim, &block, meter)?;
			let claim = claim.clone();
			Claims::<T>::insert(block_id, execution.parent_hash, claims);
			claim
		};
		let Execution { parent_hash, block_hash, gas_used } = execution;
		Self::deposit_event(Event::ClaimConfirmed {
			block_id,
			prover: claim.prover,
			parent_hash,
			block_hash,
			gas_used,
			tag: claim.tag,
		});
		Ok(())
	}

	fn confirmed_tag(
		tag: &TagOf<T>,
		instance: H256,
		proof: &[u8],
		meter: &mut WeightMeter,
	) -> Result<TagOf<T>, Error<T>> {
		let most = T::ProofVerifier::confirm_weight(proof.len() as u32);
		let Verification { tag, weight } = T::ProofVerifier::confirm(tag, instance, proof);
		meter.consume(weight.min(most));
		tag.ok_or(Error::<T>::InvalidProof)
	}

	/// Removes the claim that would be verified next if it was confirmed, and whose cooldown is over. The caller
	/// must write the block if there was one.
	///
	/// If it is the assigned prover's in time, the assignment has failed; the bond of another is forfeited.
	/// What it claims is not barred: it may be right.
	pub(crate) fn drop_unconfirmed(
		block_id: BlockId,
		block: &mut Block<T>,
		parent_hash: H256,
		meter: &mut WeightMeter,
	) -> bool {
		let Some(claim) = Self::next_claim(block_id, block, parent_hash) else { return false };
		let can_wait = Clock::<T>::get() < Self::cooled_down_at(&claim);
		if can_wait || T::ProofVerifier::is_confirmed(&claim.tag) {
			return false;
		}
		let Ok(claim) = Self::remove_claim(block_id, block, &claim.execution) else { return false };
		meter.consume(Self::weight_of_dropping(1));
		Self::settle_bond(block_id, &claim, false);
		let Execution { parent_hash, block_hash, gas_used } = claim.execution;
		let prover = claim.prover;
		Self::deposit_event(Event::ClaimUnconfirmed {
			block_id,
			prover,
			parent_hash,
			block_hash,
			gas_used,
		});
		true
	}
}
