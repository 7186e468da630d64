//! How long assigned provers have, and when they get their time anew (Life 2, Life 4).

use crate::*;
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::traits::Get;
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::traits::{SaturatedConversion, Saturating, UniqueSaturatedInto};

impl<T: Config> Pallet<T> {
	/// The window that a prover drawn now is given.
	pub(crate) fn current_window() -> TimeOf<T> {
		fees::window(
			Averages::<T>::get().delay,
			T::WindowMultiplier::get(),
			T::MinProofWindow::get().unique_saturated_into(),
			T::MaxProofWindow::get().unique_saturated_into(),
		)
		.saturated_into()
	}

	/// Gives a new window to the assigned provers that had proven in time on what `invalidated`
	/// says is no longer the parent of anything, and drops their proofs. Returns at how many blocks
	/// it looked.
	///
	/// Why it exists: an assigned prover must prove within its window on what is there, be it the
	/// last verified hash while an earlier prover is late, or a proof that is removed later.
	/// Without a second window it would be slashed for the fault of others. Why all blocks at once,
	/// not each when its turn comes: so that blocks without a prover still expire together (Life
	/// 4).
	pub(crate) fn restart_windows(invalidated: Invalidated<TimeOf<T>>) -> u32 {
		let now = Clock::<T>::get();
		let chain = Chain::<T>::get();
		let mut dead = invalidated.hashes;
		// Two proofs may give a block the same hash: the one that was verified lives on.
		dead.remove(&chain.verified_hash);
		let mut looked_at = 0u32;
		for block_id in invalidated.from..chain.next_id {
			looked_at = looked_at.saturating_add(1);
			let Some(mut block) = Blocks::<T>::get(block_id) else { continue };
			// The head's parent is decided; what later blocks may build on is not.
			let is_head = block_id == chain.head;
			let is_dead = |proof: &ProofOf<T>| {
				dead.contains(&proof.parent_hash)
					|| (is_head && proof.parent_hash != chain.verified_hash)
			};
			let entitled = block
				.proof_in_time()
				.filter(|place| is_dead(&block.proofs[*place]))
				.filter(|place| block.proofs[*place].proven_at <= invalidated.at);
			// A hash that a live proof gives the block as well is still there to be built on.
			let (lost, live): (Vec<&ProofOf<T>>, Vec<_>) =
				block.proofs.iter().partition(|proof| is_dead(proof));
			let dead_ends: Vec<H256> = lost
				.iter()
				.map(|proof| proof.block_hash)
				.filter(|hash| live.iter().all(|proof| proof.block_hash != *hash))
				.collect();
			dead.extend(dead_ends);
			if let Some(place) = entitled {
				Self::restart_window(block_id, &mut block, place, now);
				Blocks::<T>::insert(block_id, block);
			}
		}
		looked_at
	}

	/// Whether the head has a prover that deserves a new window, now that its parent is decided since
	/// `decided_at`: it proved in time, and before it could know its parent for certain.
	pub(crate) fn head_deserves_restart(decided_at: TimeOf<T>) -> bool {
		let chain = Chain::<T>::get();
		let Some(head) = Blocks::<T>::get(chain.head) else { return false };
		head.proof_in_time().is_some_and(|place| {
			let proof = &head.proofs[place];
			proof.parent_hash != chain.verified_hash && proof.proven_at <= decided_at
		})
	}

	fn restart_window(block_id: BlockId, block: &mut Block<T>, place: usize, now: TimeOf<T>) {
		let deadline = now.saturating_add(Self::current_window());
		// The proof of a prover that has not failed has no bond: nothing is held for it.
		let proof = block.proofs.remove(place);
		Self::settle_bond(block_id, &proof, true);
		if let Some(assignment) = block.assignment_mut() {
			assignment.start = now;
			assignment.deadline = deadline;
		}
		Self::deposit_event(Event::WindowRestarted { block_id, prover: proof.prover, deadline });
	}
}

/// What ceased to be the parent of later blocks.
pub(crate) struct Invalidated<Time> {
	/// The first block that is concerned.
	pub from: BlockId,
	/// On these hashes no block will be verified any more.
	pub hashes: BTreeSet<H256>,
	/// Since when a prover could know: one that built on them later has itself to blame.
	pub at: Time,
}
