//! What becomes of claims that are not verified: void ones are dropped, those of settled blocks are
//! cleared (Life 4, Proofs).

use alloc::vec::Vec;
use frame_support::{
	dispatch::PostDispatchInfo,
	pallet_prelude::{DispatchResultWithPostInfo, Pays},
	traits::Get,
	weights::WeightMeter,
};
use prover_pool_primitives::{BlockId, ProverPool};
use sp_core::H256;
use sp_runtime::DispatchErrorWithPostInfo;

use crate::{
	Block, Claim, Claims, Clock, Config, Error, Event, Execution, Leftover, Leftovers, OpenCause,
	Pallet, ProofVerifier, Status, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Drops the claims on this parent, and the assigned prover's in time on any parent, if what vouched
	/// for them was revoked. Returns whether it dropped any; then the block must be written.
	///
	/// Bonds go back. If the assigned prover's claim is void, the prover is discharged, and the block is
	/// open at its agreed price.
	pub(crate) fn void_claims(
		block_id: BlockId,
		block: &mut Block<T>,
		parent_hash: H256,
		meter: &mut WeightMeter,
	) -> bool {
		meter.consume(Self::weight_of_look());
		let assigned = match &block.status {
			Status::Assigned(assignment) => assignment
				.claim()
				.filter(|claim| Self::is_void(claim))
				.map(|claim| (claim.clone(), assignment.reward_per_gas)),
			_ => None,
		};
		let (void, valid): (Vec<_>, Vec<_>) =
			Claims::<T>::get(block_id, parent_hash).into_iter().partition(Self::is_void);
		if void.is_empty() && assigned.is_none() {
			return false;
		}
		if let Some((claim, agreed)) = assigned {
			Self::report_void(block_id, &claim);
			meter.consume(T::ProverPool::discharge_prover_weight());
			Self::report_refusal(block_id, T::ProverPool::discharge_prover(block_id));
			Self::open(block_id, block, OpenCause::ClaimVoided, Some(agreed), Clock::<T>::get());
		}
		meter.consume(T::WeightInfo::clear_claims(void.len() as u32));
		block.claims = block.claims.saturating_sub(void.len() as u32);
		Self::put_claims(block_id, parent_hash, valid);
		for claim in &void {
			Self::report_void(block_id, claim);
			Self::settle_bond(block_id, claim, true);
		}
		true
	}

	pub(crate) fn is_void(claim: &Claim<T>) -> bool {
		T::ProofVerifier::is_revoked(&claim.tag)
	}

	/// Writes what is left of the claims on a parent.
	pub(crate) fn put_claims(block_id: BlockId, parent_hash: H256, claims: Vec<Claim<T>>) {
		if claims.is_empty() {
			Claims::<T>::remove(block_id, parent_hash);
		} else {
			// There are no more of them than there were.
			let claims = frame_support::BoundedVec::truncate_from(claims);
			Claims::<T>::insert(block_id, parent_hash, claims);
		}
	}

	/// Records how many claims of a block that is settled now are still stored, and what becomes of their
	/// bonds.
	pub(crate) fn leave_claims(block_id: BlockId, claims: u32, bonds_forfeited: bool) {
		if claims > 0 {
			Leftovers::<T>::insert(block_id, Leftover { claims, bonds_forfeited });
		}
	}

	pub(crate) fn do_clear(block_id: BlockId, max: u32) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		meter.consume(Self::weight_of_clear(0));
		let cleared = Self::clear_block(block_id, max, &mut meter);
		let actual_weight = Some(meter.consumed());
		if cleared {
			return Ok(PostDispatchInfo { actual_weight, pays_fee: Pays::No });
		}
		let post_info = PostDispatchInfo { actual_weight, pays_fee: Pays::Yes };
		Err(DispatchErrorWithPostInfo { post_info, error: Error::<T>::NothingToClear.into() })
	}

	/// Clears claims of settled blocks with the weight that the meter has.
	pub(crate) fn clear_within(meter: &mut WeightMeter) {
		if meter.try_consume(T::DbWeight::get().reads(1)).is_err() {
			return;
		}
		let affordable = Self::affordable_parents(meter);
		let blocks: Vec<BlockId> = Leftovers::<T>::iter_keys().take(affordable as usize).collect();
		for block_id in blocks {
			let affordable = Self::affordable_parents(meter);
			if affordable == 0 {
				break;
			}
			Self::clear_block(block_id, affordable, meter);
		}
	}

	/// Returns on how many parents the meter can clear all claims at worst.
	fn affordable_parents(meter: &WeightMeter) -> u32 {
		let each = Self::weight_of_clear(1);
		let parents = meter.remaining().checked_div_per_component(&each).unwrap_or(0);
		parents.try_into().unwrap_or(u32::MAX)
	}

	/// Clears the claims of a settled block on up to `max` parents. Returns whether it cleared any. Bonds of
	/// void claims always go back.
	pub(crate) fn clear_block(block_id: BlockId, max: u32, meter: &mut WeightMeter) -> bool {
		let Some(mut leftover) = Leftovers::<T>::get(block_id) else { return false };
		let mut cleared = false;
		for (_, claims) in Claims::<T>::drain_prefix(block_id).take(max as usize) {
			cleared = true;
			let count = claims.len() as u32;
			meter.consume(Self::weight_of_clearing(count));
			leftover.claims = leftover.claims.saturating_sub(count);
			for claim in &claims {
				let forfeited = leftover.bonds_forfeited && !Self::is_void(claim);
				Self::settle_bond(block_id, claim, !forfeited);
			}
		}
		if leftover.claims == 0 {
			Leftovers::<T>::remove(block_id);
		} else {
			Leftovers::<T>::insert(block_id, leftover);
		}
		cleared
	}

	fn report_void(block_id: BlockId, claim: &Claim<T>) {
		let Execution { parent_hash, block_hash, gas_used } = claim.execution;
		Self::deposit_event(Event::ClaimVoided {
			block_id,
			prover: claim.prover.clone(),
			parent_hash,
			block_hash,
			gas_used,
			tag: claim.tag.clone(),
		});
	}
}
