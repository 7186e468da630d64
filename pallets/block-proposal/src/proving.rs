//! Claims as they come in (Life 3): who may prove, and which claims are stored.

use core::mem;
use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Pays},
	traits::Get,
	weights::WeightMeter,
};
use prover_pool_primitives::{BlockId, PricePerGas, ProverPool};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto, Zero},
	DispatchError,
};

use crate::{
	fees, instance_hash_of, Block, Blocks, Claim, Claims, Clock, Config, Delivery, Error, Event,
	Execution, HoldReason, Pallet, ProofVerifier, Status, TagOf, TimeOf, Verification, WeightInfo,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_prove(
		prover: T::AccountId,
		block_id: BlockId,
		execution: Execution,
		proof: &[u8],
	) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		meter.consume(T::WeightInfo::prove_block());
		match Self::try_prove(prover, block_id, execution, proof, &mut meter) {
			Ok(pays_fee) => {
				// The settlement of the claim's bond is paid for in advance.
				meter.consume(Self::weight_of_clearing(1));
				Ok((Some(meter.consumed()), pays_fee).into())
			},
			Err(error) => Err(error.with_weight(meter.consumed())),
		}
	}

	/// Cheap refusals come first, the verifier last but for the bond.
	///
	/// Returns who pays for the call. A claim that frees the assigned prover, or that has a bond, is free: there
	/// is one of the former for each assignment, and wrong ones of the latter forfeit the bond. The assigned
	/// prover pays for each claim that replaces its first.
	fn try_prove(
		prover: T::AccountId,
		block_id: BlockId,
		execution: Execution,
		proof: &[u8],
		meter: &mut WeightMeter,
	) -> Result<Pays, DispatchError> {
		let now = Clock::<T>::get();
		let mut block = Self::waiting_block(block_id)?;
		ensure!(proof.len() <= T::MaxProofSize::get() as usize, Error::<T>::ProofTooLong);
		ensure!(execution.gas_used <= block.gas_limit, Error::<T>::GasOverLimit);
		Self::void_claims(block_id, &mut block, execution.parent_hash, meter);
		// The assigned prover within its window. Afterwards it is like any account.
		let window = block.assignment().filter(|assignment| assignment.is_within_window(now));
		let in_time = window.is_some();
		let may_prove = window.is_none_or(|assignment| assignment.prover == prover);
		ensure!(may_prove, Error::<T>::TooEarly);
		let reward_per_gas = Self::reward_at(&block, now).ok_or(Error::<T>::TooEarly)?;
		Self::check_place(block_id, &block, &execution, in_time)?;

		let instance = instance_hash_of::<T>(block_id, &block, &execution, &prover);
		let tag = Self::verify_proof(instance, proof, meter)?;

		let bond = if in_time { Zero::zero() } else { T::ProofBond::get() };
		Self::hold(HoldReason::ProofBond, &prover, bond)?;
		let claim = Claim { prover, execution, reward_per_gas, bond, tag, claimed_at: now };
		Self::deposit_event(Self::claimed(block_id, &claim));
		// The first claim of the assigned prover releases its place.
		let releases = match &mut block.status {
			Status::Assigned(assignment) if in_time => {
				mem::replace(&mut assignment.delivery, Delivery::Claimed(claim)) == Delivery::Due
			},
			_ => {
				block.claims = block.claims.saturating_add(1);
				Claims::<T>::try_append(block_id, execution.parent_hash, claim)
					.map_err(|_| Error::<T>::TooManyForks)?;
				false
			},
		};
		Blocks::<T>::insert(block_id, &block);
		if releases {
			meter.consume(T::ProverPool::release_prover_weight());
			Self::report_refusal(block_id, T::ProverPool::release_prover(block_id));
		}
		Ok(if releases || !bond.is_zero() { Pays::No } else { Pays::Yes })
	}

	/// Refuses a claim that is stored or barred, or for which the block has no place on its parent. The
	/// assigned prover in time always has one.
	fn check_place(
		block_id: BlockId,
		block: &Block<T>,
		execution: &Execution,
		in_time: bool,
	) -> Result<(), Error<T>> {
		let others = Claims::<T>::get(block_id, execution.parent_hash);
		let is_equal = |claim: &Claim<T>| claim.execution == *execution;
		ensure!(
			!others.iter().chain(block.claim_in_time()).any(is_equal),
			Error::<T>::AlreadyProven
		);
		ensure!(!block.barred.contains(execution), Error::<T>::Barred);
		let places = T::MaxForks::get().saturating_sub(1) as usize;
		let has_place = in_time || others.len() < places;
		ensure!(has_place, Error::<T>::TooManyForks);
		Ok(())
	}

	fn verify_proof(
		instance: sp_core::H256,
		proof: &[u8],
		meter: &mut WeightMeter,
	) -> Result<TagOf<T>, DispatchError> {
		let most = T::ProofVerifier::verify_weight(proof.len() as u32);
		let Verification { tag, weight } = T::ProofVerifier::verify(instance, proof);
		meter.consume(weight.min(most));
		Ok(tag.ok_or(Error::<T>::InvalidProof)?)
	}

	/// Returns what a claim that is accepted at `now` pays per gas; `None` while the block is pending.
	pub(crate) fn reward_at(block: &Block<T>, now: TimeOf<T>) -> Option<PricePerGas> {
		match &block.status {
			Status::Pending => None,
			Status::Assigned(assignment) => Some(assignment.reward_per_gas),
			Status::Open { fixed_reward: Some(reward), .. } => Some(*reward),
			Status::Open { opened_at, fixed_reward: None } => Some(fees::open_reward(
				block.fee_per_gas,
				T::OpenRewardStart::get(),
				T::OpenRewardEnd::get(),
				now.saturating_sub(*opened_at).unique_saturated_into(),
				T::MaxProofWindow::get().unique_saturated_into(),
			)),
		}
	}

	fn claimed(block_id: BlockId, claim: &Claim<T>) -> Event<T> {
		let Execution { parent_hash, block_hash, gas_used } = claim.execution;
		Event::BlockClaimed {
			block_id,
			prover: claim.prover.clone(),
			parent_hash,
			block_hash,
			gas_used,
			reward_per_gas: claim.reward_per_gas,
			bond: claim.bond,
			tag: claim.tag.clone(),
		}
	}
}
