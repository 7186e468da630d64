//! What becomes of claims that are not verified: void ones are dropped, those of settled blocks are
//! cleared (Life 4, Proofs).

use alloc::vec::Vec;
use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Pays},
	traits::Get,
	weights::WeightMeter,
};
use prover_pool_primitives::{BlockId, ProverPool};
use sp_core::H256;

use crate::{
	Block, Claim, Claims, Clock, Config, Error, Event, Execution, Leftover, Leftovers, OpenCause,
	Pallet, ProofVerifier,
};

impl<T: Config> Pallet<T> {
	/// Drops the claims on this parent, and the assigned prover's in time on any parent, if what vouched
	/// for them was revoked. Returns whether it dropped any; then the caller must write the block.
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
		let in_time = block.claim_in_time().filter(|claim| Self::is_void(claim)).cloned();
		let (void, valid): (Vec<_>, Vec<_>) =
			Claims::<T>::get(block_id, parent_hash).into_iter().partition(Self::is_void);
		if void.is_empty() && in_time.is_none() {
			return false;
		}
		if let Some(claim) = in_time {
			Self::report_void(block_id, &claim);
			meter.consume(T::ProverPool::discharge_prover_weight());
			Self::report_refusal(block_id, T::ProverPool::discharge_prover(block_id));
			// An assigned prover's claim has the agreed price.
			let agreed = Some(claim.reward_per_gas);
			Self::open(block_id, block, OpenCause::ClaimVoided, agreed, Clock::<T>::get());
		}
		meter.consume(Self::weight_of_dropping(void.len() as u32));
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

	/// Records the claims of a settled block that are still stored, if there are any.
	pub(crate) fn leave_claims(block_id: BlockId, leftover: Leftover) {
		if leftover.claims > 0 {
			Leftovers::<T>::insert(block_id, leftover);
		}
	}

	pub(crate) fn do_clear(block_id: BlockId, parents: &[H256]) -> DispatchResultWithPostInfo {
		let mut meter = WeightMeter::new();
		meter.consume(Self::weight_of_clear(0));
		let mut cleared = 0usize;
		if let Some(mut leftover) = Leftovers::<T>::take(block_id) {
			for parent_hash in parents {
				let claims = Claims::<T>::take(block_id, parent_hash);
				cleared = cleared.saturating_add(usize::from(!claims.is_empty()));
				Self::clear(block_id, &mut leftover, &claims, &mut meter);
			}
			Self::leave_claims(block_id, leftover);
		}
		ensure!(cleared > 0, Error::<T>::NothingToClear.with_weight(meter.consumed()));
		// Parents without claims are paid for: free calls would be free to fill blocks.
		let pays_fee = if cleared == parents.len() { Pays::No } else { Pays::Yes };
		Ok((Some(meter.consumed()), pays_fee).into())
	}

	/// Clears claims of settled blocks with the weight that the meter has. It looks for a block only if it can
	/// clear the claims on one of its parents, whatever their number.
	pub(crate) fn clear_within(meter: &mut WeightMeter) {
		let look = T::DbWeight::get().reads(1);
		let of_block = look.saturating_add(Self::weight_of_clear(0));
		let of_parent = look.saturating_add(Self::weight_of_clearing(T::MaxForks::get()));
		let mut blocks = Leftovers::<T>::drain();
		while meter.can_consume(of_block.saturating_add(of_parent)) {
			meter.consume(look);
			let Some((block_id, mut leftover)) = blocks.next() else { break };
			meter.consume(Self::weight_of_clear(0));
			let mut parents = Claims::<T>::drain_prefix(block_id);
			while leftover.claims > 0 && meter.can_consume(of_parent) {
				meter.consume(look);
				let Some((_, claims)) = parents.next() else { break };
				Self::clear(block_id, &mut leftover, &claims, meter);
			}
			Self::leave_claims(block_id, leftover);
		}
	}

	/// Settles the bonds of claims of a settled block, which are no longer stored. Bonds of void claims
	/// always go back.
	fn clear(
		block_id: BlockId,
		leftover: &mut Leftover,
		claims: &[Claim<T>],
		meter: &mut WeightMeter,
	) {
		let count = claims.len() as u32;
		meter.consume(Self::weight_of_clearing(count));
		leftover.claims = leftover.claims.saturating_sub(count);
		for claim in claims {
			let forfeited = leftover.bonds_forfeited && !Self::is_void(claim);
			Self::settle_bond(block_id, claim, !forfeited);
		}
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
