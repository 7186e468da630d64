//! How a block is settled: its escrow, its assignment at the pool, its bonds, the averages (Money).
//!
//! Infallible: neither a payee nor the pool can keep a block from being verified or skipped.

use crate::*;
use frame_support::traits::Get;
use prover_pool_primitives::{BlockId, Fault, Gas, PoolError, PricePerGas, ProverPool};
use sp_core::H256;
use sp_runtime::traits::{Saturating, UniqueSaturatedInto, Zero};

impl<T: Config> Pallet<T> {
	/// Settles a verified block, of which `block.proofs` are the other proofs.
	pub(crate) fn settle_verified(
		block_id: BlockId,
		block: &Block<T>,
		winner: &ProofOf<T>,
		parent_hash: H256,
	) {
		let verdict = block.verdict(winner);
		let escrow = Self::settle_escrow(block_id, block, winner, verdict);
		Self::close_assignment(block_id, block, winner, verdict);

		Self::settle_bond(block_id, winner, true);
		for proof in &block.proofs {
			Self::settle_bond(block_id, proof, proof.parent_hash == parent_hash);
		}
		Self::deposit_event(Event::BlockVerified {
			block_id,
			block_hash: winner.block_hash,
			prover: winner.prover.clone(),
			verdict,
			paid: escrow.paid,
			returned: escrow.returned,
			forfeited: escrow.forfeited,
		});
		if let (Verdict::InTime, Some(assignment)) = (verdict, block.assignment()) {
			let delay = winner.proven_at.saturating_sub(assignment.start);
			Self::take_into_averages(winner.gas_used, assignment.reward_per_gas, delay);
		}
	}

	/// Settles a skipped block: nobody is paid, the trap costs its setter all that is left in
	/// escrow.
	pub(crate) fn settle_skipped(block_id: BlockId, block: &Block<T>) {
		Self::forfeit(HoldReason::Escrow, &block.proposer, block.escrow.held);
		if let Some(assignment) = block.assignment() {
			let proof_reward = Self::cost(block.gas_limit, assignment.reward_per_gas);
			Self::slash(block_id, proof_reward, Fault::Skipped, None);
		}
		for proof in &block.proofs {
			Self::settle_bond(block_id, proof, true);
		}
		Self::deposit_event(Event::BlockSkipped {
			block_id,
			returned: block.escrow.returned(),
			forfeited: block.escrow.held,
		});
	}

	/// Reports what the pool refused. Settlement does not depend on it.
	pub(crate) fn note_refusal<Answer>(block_id: BlockId, answer: Result<Answer, PoolError>) {
		if let Err(error) = answer {
			log::warn!(target: LOG_TARGET, "the pool refused to settle {block_id}: {error:?}");
			Self::deposit_event(Event::PoolRefused { block_id, error });
		}
	}

	/// Pays the prover out of the escrow, and returns the rest.
	fn settle_escrow(
		block_id: BlockId,
		block: &Block<T>,
		winner: &ProofOf<T>,
		verdict: Verdict,
	) -> Settled<BalanceOf<T>> {
		let held = block.escrow.held;
		let full = Self::cost(winner.gas_used, winner.reward_per_gas);
		let reward = match (verdict, block.assignment()) {
			(Verdict::Failed, _) => Zero::zero(),
			(Verdict::InTime, Some(assignment)) => fees::after_delay_penalty(
				full,
				T::MaxDelayPenalty::get(),
				winner.proven_at.saturating_sub(assignment.start).unique_saturated_into(),
				assignment.deadline.saturating_sub(assignment.start).unique_saturated_into(),
			),
			_ => full,
		}
		// Exceeds the escrow only if the runtime changed its parameters meanwhile.
		.min(held);
		let rest = held.saturating_sub(reward);

		let paid = Self::pay_from_escrow(block_id, &block.proposer, &winner.prover, reward);
		let back = Self::give_back(HoldReason::Escrow, block_id, &block.proposer, rest);
		Settled {
			paid,
			returned: block.escrow.returned().saturating_add(back),
			forfeited: held.saturating_sub(paid).saturating_sub(back),
		}
	}

	/// Closes the assignment at the pool: discharged or slashed.
	fn close_assignment(
		block_id: BlockId,
		block: &Block<T>,
		winner: &ProofOf<T>,
		verdict: Verdict,
	) {
		let removed = block.assignment().is_some_and(|assignment| assignment.failed);
		let fault = |otherwise| if removed { Fault::RemovedProof } else { otherwise };
		let reward = Self::cost(winner.gas_used, winner.reward_per_gas);
		match verdict {
			Verdict::Open => {},
			Verdict::InTime | Verdict::Overtaken => {
				Self::note_refusal(block_id, T::ProverPool::discharge_prover(block_id))
			},
			Verdict::Failed => Self::slash(block_id, reward, fault(Fault::Late), None),
			Verdict::Rescued => {
				let bonus = T::RescueBonus::get().mul_floor(reward);
				let reporter = Some((winner.prover.clone(), bonus));
				Self::slash(block_id, reward, fault(Fault::Rescued), reporter);
			},
		}
	}

	fn slash(
		block_id: BlockId,
		proof_reward: BalanceOf<T>,
		fault: Fault,
		reporter: Option<(T::AccountId, BalanceOf<T>)>,
	) {
		let answer = T::ProverPool::slash_prover(block_id, proof_reward, fault, reporter);
		Self::note_refusal(block_id, answer);
	}

	/// The averages learn from blocks that their assigned prover proved in time, and from no
	/// others: nobody agreed to the prices and delays of those.
	fn take_into_averages(gas_used: Gas, reward_per_gas: PricePerGas, delay: TimeOf<T>) {
		let min_fee = T::MinFeePerGas::get();
		let weight = fees::averaging_weight(T::BaseGas::get(), gas_used, T::MaxGasLimit::get());
		Averages::<T>::mutate(|averages| {
			averages.take_in(
				reward_per_gas,
				delay.unique_saturated_into(),
				weight,
				T::AveragingFactor::get(),
				min_fee,
			)
		});
		Self::deposit_event(Event::AveragesUpdated {
			fee_per_gas: Self::current_fee(),
			window: Self::current_window(),
		});
	}
}

/// Where a whole escrow went.
struct Settled<Balance> {
	/// To the prover.
	paid: Balance,
	/// To the proposer.
	returned: Balance,
	/// To [`Config::OnSlash`].
	forfeited: Balance,
}
