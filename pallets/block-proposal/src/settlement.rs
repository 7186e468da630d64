//! How a verified block is settled: its escrow, its assignment at the pool, its bonds, the averages
//! (Money).
//!
//! Infallible: neither a payee nor the pool can keep a block from being settled.

use frame_support::traits::Get;
use prover_pool_primitives::{BlockId, Fault, Gas, PoolError, PricePerGas, ProverPool};
use sp_runtime::traits::{Saturating, UniqueSaturatedInto, Zero};

use crate::{
	fees, Assignment, Averages, BalanceOf, Block, Claim, ClaimsOf, Config, Delivery, Event,
	HoldReason, Pallet, Sample, TimeOf, Verdict, LOG_TARGET,
};

impl<T: Config> Pallet<T> {
	/// Settles a block that was verified with `winner`; `others` are the claims of others on the same
	/// parent, whose bonds go back.
	pub(crate) fn settle_verified(
		block_id: BlockId,
		block: &Block<T>,
		winner: &Claim<T>,
		others: &ClaimsOf<T>,
	) {
		let verdict = block.verdict(winner);
		let (paid, back) = Self::settle_escrow(block_id, block, winner, verdict);
		Self::close_assignment(block_id, block, winner, verdict);
		for claim in others {
			Self::settle_bond(block_id, claim, true);
		}
		Self::deposit_event(Event::BlockVerified {
			block_id,
			block_hash: winner.execution.block_hash,
			prover: winner.prover.clone(),
			verdict,
			paid,
			returned: block.escrow.returned().saturating_add(back),
			forfeited: block.escrow.held.saturating_sub(paid).saturating_sub(back),
		});
		if let (Verdict::InTime, Some(assignment)) = (verdict, block.assignment()) {
			let delay = winner.claimed_at.saturating_sub(assignment.start);
			Self::take_into_averages(winner.execution.gas_used, assignment.reward_per_gas, delay);
		}
	}

	/// Reports what the pool refused. Settlement does not depend on it.
	pub(crate) fn report_refusal<Answer>(block_id: BlockId, answer: Result<Answer, PoolError>) {
		if let Err(error) = answer {
			log::warn!(target: LOG_TARGET, "the pool refused to settle {block_id}: {error:?}");
			Self::deposit_event(Event::PoolRefused { block_id, error });
		}
	}

	/// Slashes the prover of an assignment. The fault is a removed claim, if there was one.
	pub(crate) fn slash(
		block_id: BlockId,
		assignment: &Assignment<T>,
		proof_reward: BalanceOf<T>,
		fault: Fault,
		reporter: Option<(T::AccountId, BalanceOf<T>)>,
	) {
		let fault = match assignment.delivery {
			Delivery::Removed => Fault::RemovedProof,
			Delivery::Due | Delivery::Claimed(_) => fault,
		};
		let answer = T::ProverPool::slash_prover(block_id, proof_reward, fault, reporter);
		Self::report_refusal(block_id, answer);
	}

	/// Pays the prover out of the escrow, and gives the rest back. Returns what the prover and the proposer
	/// received.
	fn settle_escrow(
		block_id: BlockId,
		block: &Block<T>,
		winner: &Claim<T>,
		verdict: Verdict,
	) -> (BalanceOf<T>, BalanceOf<T>) {
		let held = block.escrow.held;
		let full = Self::cost(winner.execution.gas_used, winner.reward_per_gas);
		let reward = match (verdict, block.assignment()) {
			(Verdict::Failed, _) => Zero::zero(),
			(Verdict::InTime, Some(assignment)) => fees::after_delay_penalty(
				full,
				T::MaxDelayPenalty::get(),
				winner.claimed_at.saturating_sub(assignment.start).unique_saturated_into(),
				assignment.deadline.saturating_sub(assignment.start).unique_saturated_into(),
			),
			_ => full,
		}
		// Exceeds the escrow only if the runtime changed its parameters meanwhile.
		.min(held);
		let rest = held.saturating_sub(reward);

		let paid = Self::pay_from_escrow(block_id, &block.proposer, &winner.prover, reward);
		(paid, Self::give_back(HoldReason::Escrow, block_id, &block.proposer, rest))
	}

	/// Closes the assignment at the pool: discharged or slashed.
	fn close_assignment(block_id: BlockId, block: &Block<T>, winner: &Claim<T>, verdict: Verdict) {
		let Some(assignment) = block.assignment() else { return };
		let reward = Self::cost(winner.execution.gas_used, winner.reward_per_gas);
		match verdict {
			Verdict::Open => {},
			Verdict::InTime => {
				Self::report_refusal(block_id, T::ProverPool::discharge_prover(block_id))
			},
			Verdict::Failed => Self::slash(block_id, assignment, reward, Fault::Late, None),
			Verdict::Rescued => {
				let bonus = T::RescueBonus::get().mul_floor(reward);
				let reporter = Some((winner.prover.clone(), bonus));
				Self::slash(block_id, assignment, reward, Fault::Rescued, reporter);
			},
		}
	}

	/// The averages learn from blocks that their assigned prover proved in time, and from no others: no
	/// prover agreed to the prices and delays of those.
	fn take_into_averages(gas_used: Gas, reward_per_gas: PricePerGas, delay: TimeOf<T>) {
		let weight = fees::averaging_weight(T::BaseGas::get(), gas_used, T::MaxGasLimit::get());
		let sample = Sample { reward_per_gas, delay: delay.unique_saturated_into(), weight };
		let now = frame_system::Pallet::<T>::block_number();
		Averages::<T>::mutate(|averages| {
			averages.take_in(sample, T::AveragingFactor::get(), Self::fee_limits(), now)
		});
		Self::deposit_event(Event::AveragesUpdated {
			fee_per_gas: Self::fee_per_gas(),
			window: Self::current_window(),
		});
	}
}
