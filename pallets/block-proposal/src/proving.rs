//! Proofs as they come in (Life 3): who may prove, on what, and which proofs are kept.

use crate::*;
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use prover_pool_primitives::{BlockId, PricePerGas, ProverPool};
use sp_core::H256;
use sp_runtime::traits::{Saturating, UniqueSaturatedInto, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_prove(
		prover: T::AccountId,
		block_id: BlockId,
		parent_id: BlockId,
		evidence: Evidence,
		proof: &[u8],
	) -> DispatchResult {
		let chain = Chain::<T>::get();
		let mut block = Blocks::<T>::get(block_id).ok_or(Error::<T>::UnknownBlock)?;
		// Cheap refusals come first, the verifier last but for the bond.
		let reward_per_gas = Self::check_claim(&block, &prover, &evidence, proof)?;
		ensure!(
			evidence.parent_hash == chain.verified_hash
				|| Self::is_proven_before(block_id, parent_id, evidence.parent_hash),
			Error::<T>::WrongParent
		);
		let place = Self::place_for(&chain, block_id, &block, &prover, &evidence)?;
		let instance = instance_hash_of::<T>(block_id, &block, &evidence, &prover);
		ensure!(T::ProofVerifier::verify(instance, proof), Error::<T>::InvalidProof);

		// A bond vouches for the prover's proof of this block, whichever that is.
		let (bond, own_bond) = match place {
			Place::Replaces(own) => (Zero::zero(), block.proofs[own].bond),
			_ if block.is_trusted_to(&prover) => (Zero::zero(), Zero::zero()),
			_ => (T::ProofBond::get(), Zero::zero()),
		};
		Self::hold(HoldReason::ProofBond, &prover, bond)?;
		let stored = Proof {
			prover: prover.clone(),
			block_hash: evidence.block_hash,
			parent_hash: evidence.parent_hash,
			gas_used: evidence.gas_used,
			reward_per_gas,
			bond: bond.saturating_add(own_bond),
			proven_at: Clock::<T>::get(),
		};
		let displaced = Self::store_proof(&mut block, place, stored)?;
		let releases = Self::note_delivery(&mut block, &prover);
		Blocks::<T>::insert(block_id, &block);

		if releases {
			Self::note_refusal(block_id, T::ProverPool::release_prover(block_id));
		}
		if let Some(displaced) = displaced {
			// The head's parent is decided, so the displaced proof was on a wrong one. An earlier
			// displacement says nothing about the proof.
			Self::settle_bond(block_id, &displaced, block_id != chain.head);
			Self::deposit_event(Event::ProofDisplaced { block_id, prover: displaced.prover });
		}
		Self::deposit_event(Event::BlockProven {
			block_id,
			prover,
			block_hash: evidence.block_hash,
			parent_hash: evidence.parent_hash,
			gas_used: evidence.gas_used,
			reward_per_gas,
			bond,
		});
		Ok(())
	}

	/// Whether this prover may claim this of the block now, and what that pays per gas.
	fn check_claim(
		block: &Block<T>,
		prover: &T::AccountId,
		evidence: &Evidence,
		proof: &[u8],
	) -> Result<PricePerGas, Error<T>> {
		let now = Clock::<T>::get();
		ensure!(proof.len() <= T::MaxProofSize::get() as usize, Error::<T>::ProofTooLong);
		ensure!(evidence.tx_list_hash == block.tx_list_hash, Error::<T>::WrongTxList);
		ensure!(evidence.gas_used <= block.gas_limit, Error::<T>::GasOverLimit);
		ensure!(block.may_be_proven_by(prover, now), Error::<T>::TooEarly);
		ensure!(!block.is_barred(evidence.parent_hash, prover), Error::<T>::Barred);
		Self::reward_at(block, now).ok_or(Error::<T>::TooEarly)
	}

	/// Puts a proof where it goes, at the end of the line. Returns the proof of another prover that
	/// gave way.
	fn store_proof(
		block: &mut Block<T>,
		place: Place,
		proof: ProofOf<T>,
	) -> Result<Option<ProofOf<T>>, Error<T>> {
		let displaced = match place {
			Place::Vacant => None,
			Place::Replaces(own) => {
				block.proofs.remove(own);
				None
			},
			Place::Displaces(other) => Some(block.proofs.remove(other)),
		};
		block.proofs.try_push(proof).map_err(|_| Error::<T>::TooManyForks)?;
		Ok(displaced)
	}

	/// Notes that the assigned prover delivered. True the first time: its place in the pool is free
	/// then.
	fn note_delivery(block: &mut Block<T>, prover: &T::AccountId) -> bool {
		match block.assignment_mut() {
			Some(assignment) if assignment.prover == *prover => {
				!core::mem::replace(&mut assignment.released, true)
			},
			_ => false,
		}
	}

	/// What a proof that is accepted at `now` would pay per gas; `None` while nobody may prove.
	pub(crate) fn reward_at(block: &Block<T>, now: TimeOf<T>) -> Option<PricePerGas> {
		match &block.status {
			Status::Pending => None,
			Status::Assigned(assignment) => Some(assignment.reward_per_gas),
			Status::Open { frozen_reward: Some(reward), .. } => Some(*reward),
			Status::Open { opened_at, frozen_reward: None } => Some(fees::open_reward(
				block.fee_per_gas,
				T::OpenRewardStart::get(),
				T::OpenRewardEnd::get(),
				now.saturating_sub(*opened_at).unique_saturated_into(),
				T::MaxProofWindow::get().unique_saturated_into(),
			)),
		}
	}

	/// Whether a stored proof of the block `parent_id`, which must come before `block_id`, gives it
	/// this hash.
	fn is_proven_before(block_id: BlockId, parent_id: BlockId, parent_hash: H256) -> bool {
		parent_id < block_id
			&& Blocks::<T>::get(parent_id).is_some_and(|parent| parent.is_proven_as(parent_hash))
	}

	/// Where a proof goes among those that are stored.
	fn place_for(
		chain: &ChainStateOf<T>,
		block_id: BlockId,
		block: &Block<T>,
		prover: &T::AccountId,
		evidence: &Evidence,
	) -> Result<Place, Error<T>> {
		if let Some(own) = block.proof_of(prover) {
			// A second proof on the same parent could only differ by being wrong. It would also let
			// its prover begin the cooldown again and again.
			let same_parent = block.proofs[own].parent_hash == evidence.parent_hash;
			ensure!(!same_parent, Error::<T>::AlreadyProven);
			return Ok(Place::Replaces(own));
		}
		if (block.proofs.len() as u32) < T::MaxForks::get() {
			return Ok(Place::Vacant);
		}
		if evidence.parent_hash != chain.verified_hash {
			return Err(Error::<T>::TooManyForks);
		}
		block
			.giving_way(chain.verified_hash, block_id == chain.head)
			.map(Place::Displaces)
			.ok_or(Error::<T>::TooManyForks)
	}
}

/// Where a new proof goes.
enum Place {
	/// To an empty place.
	Vacant,
	/// To that of the prover's own proof.
	Replaces(usize),
	/// To that of another prover's proof, which gives way.
	Displaces(usize),
}
