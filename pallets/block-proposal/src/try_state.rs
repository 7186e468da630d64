//! The pallet's invariants. Each `check_*` says one; tests show that each can fail.

use crate::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::Get};
use prover_pool_primitives::BlockId;
use sp_runtime::{
	traits::{One, Saturating, Zero},
	DispatchError, FixedPointNumber, FixedU128,
};

type Stored<T> = Vec<(BlockId, Block<T>)>;

impl<T: Config> Pallet<T> {
	/// Checks everything. Reads all blocks that wait: for tests and `try-runtime`.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let blocks: Stored<T> = Blocks::<T>::iter().collect();
		Self::check_chain(&blocks)?;
		Self::check_pending(&blocks)?;
		Self::check_escrows(&blocks)?;
		Self::check_bonds(&blocks)?;
		Self::check_proofs(&blocks)?;
		Self::check_times(&blocks)?;
		Self::check_averages()
	}

	/// Exactly the ids `head..next_id` have a block; the last verified one comes before them;
	/// blocks are counted as open exactly if they are.
	fn check_chain(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let chain = Chain::<T>::get();
		ensure!(chain.verified_id < chain.head, "verified block is not before the head");
		ensure!(chain.head <= chain.next_id, "head is beyond the next id");
		ensure!(blocks.len() == chain.unverified() as usize, "not one block for each waiting id");
		ensure!(
			blocks.iter().all(|(id, _)| (chain.head..chain.next_id).contains(id)),
			"a block is stored that does not wait"
		);
		let open = blocks.iter().filter(|(_, block)| block.is_open()).count();
		ensure!(chain.open as usize == open, "open blocks are miscounted");
		Ok(())
	}

	/// Pending blocks are counted, together and per proposer, exactly as they are.
	fn check_pending(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut pending = BTreeMap::<T::AccountId, u32>::new();
		for (_, block) in blocks.iter().filter(|(_, b)| b.status == Status::Pending) {
			*pending.entry(block.proposer.clone()).or_default() += 1;
		}
		let total: u32 = pending.values().sum();
		ensure!(Chain::<T>::get().pending == total, "pending blocks are miscounted");
		let counted: BTreeMap<_, _> = PendingOf::<T>::iter().collect();
		ensure!(counted == pending, "a proposer's pending blocks are miscounted");
		Ok(())
	}

	/// What is held from an account as escrow is what its blocks account for. No escrow has grown,
	/// and that of an assigned block covers its whole price.
	fn check_escrows(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut escrows = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for (_, block) in blocks {
			ensure!(block.escrow.held <= block.escrow.initial, "an escrow has grown");
			let price = match block.assignment() {
				Some(assignment) => assignment.reward_per_gas,
				None => Self::highest_reward(block.fee_per_gas),
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

	/// What is held from an account as bonds is what its proofs account for. A prover that does
	/// what it was assigned has no bond; everybody else has.
	fn check_bonds(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let mut bonds = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for (block, proof) in blocks.iter().flat_map(|(_, b)| b.proofs.iter().map(move |p| (b, p)))
		{
			ensure!(
				block.is_trusted_to(&proof.prover) == proof.bond.is_zero(),
				"a proof has a bond that it should not have, or none"
			);
			let sum = bonds.entry(proof.prover.clone()).or_default();
			*sum = sum.saturating_add(proof.bond);
		}
		ensure!(
			Self::are_all_holds(HoldReason::ProofBond, &bonds),
			"an account's hold is not the sum of its bonds"
		);
		Ok(())
	}

	/// Whether these are the holds of all accounts. It walks all of the chain's: who has a hold and no
	/// block would be missed otherwise.
	fn are_all_holds(reason: HoldReason, sums: &BTreeMap<T::AccountId, BalanceOf<T>>) -> bool {
		let is_sum = |who: &T::AccountId| {
			Self::held(reason, who) == sums.get(who).copied().unwrap_or_default()
		};
		frame_system::Account::<T>::iter_keys().all(|who| is_sum(&who)) && sums.keys().all(is_sum)
	}

	/// A block's proofs are of different provers, in the order in which they came, within its gas
	/// limit and its escrow, and none is barred. Pending blocks have none.
	fn check_proofs(blocks: &Stored<T>) -> Result<(), DispatchError> {
		for (_, block) in blocks {
			ensure!(
				block.status != Status::Pending || block.proofs.is_empty(),
				"a pending block is proven"
			);
			for (place, proof) in block.proofs.iter().enumerate() {
				ensure!(block.proof_of(&proof.prover) == Some(place), "a prover has two proofs");
				ensure!(proof.gas_used <= block.gas_limit, "a proof uses more than the gas limit");
				ensure!(
					!block.is_barred(proof.parent_hash, &proof.prover),
					"a barred proof is stored"
				);
				ensure!(
					Self::cost(proof.gas_used, proof.reward_per_gas) <= block.escrow.held,
					"a proof earns more than the escrow"
				);
			}
			ensure!(
				block.proofs.windows(2).all(|pair| pair[0].proven_at <= pair[1].proven_at),
				"proofs are out of order"
			);
		}
		Ok(())
	}

	/// Nothing comes from the future; what a draw began may begin with the next extrinsics. Windows
	/// have a positive length; their bounds may have changed since.
	fn check_times(blocks: &Stored<T>) -> Result<(), DispatchError> {
		let now = Clock::<T>::get();
		ensure!(Chain::<T>::get().verified_at <= now, "a block was verified in the future");
		let soon = now.saturating_add(One::one());
		for (_, block) in blocks {
			ensure!(block.proposed_at <= now, "a block was proposed in the future");
			ensure!(block.disputed_at.is_none_or(|at| at <= now), "a dispute is in the future");
			ensure!(block.proofs.iter().all(|p| p.proven_at <= now), "a proof is in the future");
			match &block.status {
				Status::Pending => {},
				Status::Open { opened_at, .. } => {
					ensure!(*opened_at <= soon, "a block was opened in the future");
				},
				Status::Assigned(assignment) => {
					ensure!(assignment.start <= soon, "a window begins in the future");
					ensure!(assignment.start < assignment.deadline, "a window has no length");
				},
			}
		}
		Ok(())
	}

	/// The fee is at least its minimum, once there was a genesis or a first block.
	fn check_averages() -> Result<(), DispatchError> {
		if !Averages::<T>::exists() {
			return Ok(());
		}
		let floor = FixedU128::saturating_from_integer(T::MinFeePerGas::get());
		ensure!(Averages::<T>::get().fee_per_gas >= floor, "the fee is below its minimum");
		Ok(())
	}
}
