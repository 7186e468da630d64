//! The pallet's invariants. Each `check_*` says one; tests show that each can fail.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::Get};
use prover_pool_primitives::BlockId;
use sp_runtime::{
	traits::{One, Saturating, Zero},
	DispatchError, FixedPointNumber, FixedU128,
};

use crate::{
	Averages, BalanceOf, Block, Blocks, Chain, ChainState, Claim, Claims, Clock, Config,
	HoldReason, Leftovers, Pallet, PendingOf, Status,
};

/// All blocks that are not settled.
type Stored<T> = Vec<(BlockId, Block<T>)>;

/// The sum of what each account must have on hold.
type Sums<T> = BTreeMap<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	/// Checks everything. Reads all blocks and claims: for tests and `try-runtime`.
	///
	/// # Errors
	/// The invariant that does not hold.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let blocks: Stored<T> = Blocks::<T>::iter().collect();
		Self::check_chain(&blocks)?;
		Self::check_pending(&blocks)?;
		Self::check_escrows(&blocks)?;
		Self::check_claims(&blocks)?;
		Self::check_places()?;
		Self::check_bonds(&blocks)?;
		Self::check_times(&blocks)?;
		Self::check_averages()
	}

	/// Exactly the ids `head..next_id` have a block; the last verified one comes before them; open blocks
	/// are counted; the mark of cancelled ids is gone once the loop has reached it.
	fn check_chain(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let Some(chain) = Chain::<T>::get() else {
			ensure!(blocks.is_empty(), "a block was proposed before the start");
			return Ok(());
		};
		let ChainState { next_id, head, verified_id, .. } = chain;
		ensure!(verified_id < head, "the verified block is not before the head");
		ensure!(head <= next_id, "the head is beyond the next id");
		ensure!(blocks.len() == chain.unverified() as usize, "not one block for each waiting id");
		ensure!(
			blocks.iter().all(|(id, _)| (head..next_id).contains(id)),
			"a block is stored that does not wait"
		);
		let open = blocks.iter().filter(|(_, block)| block.is_open()).count();
		ensure!(chain.open as usize == open, "open blocks are miscounted");
		let marked = |below| head < below && below <= next_id;
		ensure!(
			chain.cancelled.is_none_or(|cancelled| marked(cancelled.below)),
			"no block waits below the mark of cancelled ids"
		);
		Ok(())
	}

	/// Pending blocks are counted, together and for each proposer.
	fn check_pending(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut pending = BTreeMap::<T::AccountId, u32>::new();
		for (_, block) in blocks.iter().filter(|(_, block)| block.status == Status::Pending) {
			*pending.entry(block.proposer.clone()).or_default() += 1;
		}
		let total: u32 = pending.values().sum();
		let counted = Chain::<T>::get().map_or(0, |chain| chain.pending);
		ensure!(counted == total, "pending blocks are miscounted");
		let counted: BTreeMap<_, _> = PendingOf::<T>::iter().collect();
		ensure!(counted == pending, "a proposer's pending blocks are miscounted");
		Ok(())
	}

	/// The escrow hold of an account is the sum of its blocks' escrows. No escrow has grown, and each
	/// covers the highest price that its block may pay.
	fn check_escrows(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut escrows = Sums::<T>::new();
		for (_, block) in blocks {
			ensure!(block.escrow.held <= block.escrow.initial, "an escrow has grown");
			let price = match &block.status {
				Status::Assigned(assignment) => assignment.reward_per_gas,
				Status::Open { fixed_reward: Some(price), .. } => *price,
				Status::Open { fixed_reward: None, .. } | Status::Pending => {
					Self::highest_reward(block.fee_per_gas)
				},
			};
			ensure!(
				Self::cost(block.gas_limit, price) <= block.escrow.held,
				"an escrow does not cover its block"
			);
			let sum = escrows.entry(block.proposer.clone()).or_default();
			*sum = sum.saturating_add(block.escrow.held);
		}
		ensure!(
			Self::are_all_holds(HoldReason::Escrow, &escrows),
			"an account's hold is not the sum of its escrows"
		);
		Ok(())
	}

	/// Each claim belongs to a block or to what is left of a settled one, which count them exactly; it is
	/// within the block's gas limit and escrow and not barred; pending blocks have none.
	fn check_claims(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut counts = BTreeMap::<BlockId, u32>::new();
		for (block_id, _, claims) in Claims::<T>::iter() {
			*counts.entry(block_id).or_default() += claims.len() as u32;
		}
		let mut expected = BTreeMap::<BlockId, u32>::new();
		for (block_id, leftover) in Leftovers::<T>::iter() {
			ensure!(!Blocks::<T>::contains_key(block_id), "a block is stored and settled");
			expected.insert(block_id, leftover.claims);
		}
		for (block_id, block) in blocks {
			if block.claims > 0 {
				expected.insert(*block_id, block.claims);
			}
			let others: Vec<Claim<T>> =
				Claims::<T>::iter_prefix_values(block_id).flatten().collect();
			ensure!(
				block.status != Status::Pending || others.is_empty(),
				"a pending block has claims"
			);
			for claim in others.iter().chain(block.claim_in_time()) {
				Self::check_claim(block, claim)?;
			}
		}
		ensure!(counts == expected, "claims without a block, or miscounted");
		Ok(())
	}

	fn check_claim(block: &Block<T>, claim: &Claim<T>) -> Result<(), DispatchError> {
		ensure!(
			claim.execution.gas_used <= block.gas_limit,
			"a claim uses more than the gas limit"
		);
		ensure!(!block.barred.contains(&claim.execution), "a barred claim is stored");
		ensure!(
			Self::cost(claim.execution.gas_used, claim.reward_per_gas) <= block.escrow.held,
			"a claim earns more than the escrow"
		);
		Ok(())
	}

	/// The claims on one parent are on that parent, in the order in which they came, and all different;
	/// one place is left for the assigned prover. The assigned prover's claim was made in time.
	fn check_places() -> Result<(), DispatchError> {
		for (block_id, parent_hash, claims) in Claims::<T>::iter() {
			ensure!(
				!claims.is_empty() && claims.len() < T::MaxForks::get() as usize,
				"a parent has no claim or too many"
			);
			ensure!(
				claims.iter().all(|claim| claim.execution.parent_hash == parent_hash),
				"a claim is stored on another parent"
			);
			ensure!(
				claims.windows(2).all(|pair| pair[0].claimed_at <= pair[1].claimed_at),
				"claims are out of order"
			);
			let block = Blocks::<T>::get(block_id);
			let in_time = block.as_ref().and_then(|block| block.claim_in_time());
			let mut seen: Vec<_> = in_time.map(|claim| claim.execution).into_iter().collect();
			for claim in &claims {
				ensure!(!seen.contains(&claim.execution), "two claims are equal");
				seen.push(claim.execution);
			}
		}
		Ok(())
	}

	/// The bond hold of an account is the sum of its claims' bonds. The assigned prover in time has none,
	/// all others have one.
	fn check_bonds(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut bonds = Sums::<T>::new();
		for claim in Claims::<T>::iter_values().flatten() {
			ensure!(!claim.bond.is_zero(), "a claim has no bond");
			let sum = bonds.entry(claim.prover.clone()).or_default();
			*sum = sum.saturating_add(claim.bond);
		}
		ensure!(
			blocks.iter().filter_map(|(_, b)| b.claim_in_time()).all(|c| c.bond.is_zero()),
			"an assigned prover in time has a bond"
		);
		ensure!(
			Self::are_all_holds(HoldReason::ProofBond, &bonds),
			"an account's hold is not the sum of its bonds"
		);
		Ok(())
	}

	/// Returns whether these are the holds of all accounts. It walks all of the chain's: an account that
	/// has a hold and no block would be missed otherwise.
	fn are_all_holds(reason: HoldReason, sums: &Sums<T>) -> bool {
		let is_sum = |who: &T::AccountId| {
			Self::held(reason, who) == sums.get(who).copied().unwrap_or_default()
		};
		frame_system::Account::<T>::iter_keys().all(|who| is_sum(&who)) && sums.keys().all(is_sum)
	}

	/// Nothing comes from the future; what a draw began may begin with the next extrinsics. Windows have a
	/// positive length, and the assigned prover's claim is within it.
	fn check_times(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let now = Clock::<T>::get();
		let soon = now.saturating_add(One::one());
		if let Some(chain) = Chain::<T>::get() {
			ensure!(chain.head_since <= now, "a block was settled in the future");
			ensure!(
				chain.cancelled.is_none_or(|cancelled| cancelled.at <= now),
				"blocks were cancelled in the future"
			);
		}
		ensure!(
			Claims::<T>::iter_values().flatten().all(|claim| claim.claimed_at <= now),
			"a claim is in the future"
		);
		for (_, block) in blocks {
			ensure!(block.proposed_at <= now, "a block was proposed in the future");
			ensure!(block.removed_at.is_none_or(|at| at <= now), "a removal is in the future");
			match &block.status {
				Status::Pending => {},
				Status::Open { opened_at, .. } => {
					ensure!(*opened_at <= soon, "a block was opened in the future");
				},
				Status::Assigned(assignment) => {
					ensure!(assignment.start <= soon, "a window begins in the future");
					ensure!(assignment.start < assignment.deadline, "a window has no length");
					ensure!(
						assignment.claim().is_none_or(|claim| claim.claimed_at <= now
							&& claim.claimed_at <= assignment.deadline),
						"an assigned prover's claim is out of its window"
					);
				},
			}
		}
		Ok(())
	}

	/// The fee is within its bounds, once the protocol was started.
	fn check_averages() -> Result<(), DispatchError> {
		if !Chain::<T>::exists() {
			return Ok(());
		}
		let limits = Self::fee_limits();
		let bounds = FixedU128::saturating_from_integer(limits.min)
			..=FixedU128::saturating_from_integer(limits.max);
		ensure!(bounds.contains(&Averages::<T>::get().fee_per_gas), "the fee is out of its bounds");
		Ok(())
	}
}
