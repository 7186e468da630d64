//! The relations between the items of [`Config`].

use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use prover_pool_primitives::DrawHandler;
use sp_runtime::traits::{CheckedMul, One, Zero};

use crate::{Config, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Checks the relations between the parameters that may be dynamic. A runtime should run it after
	/// each change of a parameter, and refuse the change if it fails.
	///
	/// # Errors
	/// A sentence that says what to change.
	pub fn check_parameters() -> Result<(), &'static str> {
		let parameters = Self::query_parameters();
		let relations = [
			(parameters.min_capacity >= 1, "set MinCapacity to at least 1"),
			(
				parameters.min_capacity <= parameters.max_capacity,
				"set MaxCapacity to at least MinCapacity, or no capacity is accepted",
			),
			(
				!parameters.min_stake_per_capacity.is_zero(),
				"set MinStakePerCapacity to at least 1, or stakes cost nothing",
			),
			(
				parameters
					.min_stake_per_capacity
					.checked_mul(&parameters.min_capacity.into())
					.is_some(),
				"lower MinStakePerCapacity or MinCapacity, their product does not fit a balance",
			),
			(
				parameters.max_liability > parameters.min_change_delay,
				"set MaxLiability above MinChangeDelay, and well above the time that the protocol takes \
				 to settle a block, or provers discharge themselves",
			),
			(
				parameters.max_misses.is_zero() || !parameters.suspension_period.is_zero(),
				"set SuspensionPeriod to at least 1, or MaxMisses to 0",
			),
			(
				parameters.max_misses.is_zero() || !parameters.max_paused_share.is_zero(),
				"set MaxPausedShare above 0, or MaxMisses to 0",
			),
			(
				parameters.draw_delay >= One::one(),
				"set DrawDelay to at least 1, or seeds are known at the request",
			),
			(
				parameters.entry_delay.is_zero() || parameters.entry_delay > parameters.draw_delay,
				"set EntryDelay above DrawDelay, or to 0 for none, or members see a request and pause before \
				 its draw",
			),
		];
		relations
			.into_iter()
			.try_for_each(|(holds, what_to_do)| if holds { Ok(()) } else { Err(what_to_do) })
	}

	/// Checks all relations, those of bounds and weights included. Panics with a sentence that says what
	/// to change.
	pub(crate) fn check_config() {
		if let Err(what_to_do) = Self::check_parameters() {
			panic!("prover pool: {what_to_do}");
		}
		assert!(
			T::MaxExits::get() >= 1,
			"prover pool: set MaxExits to at least 1, or stakes cannot leave",
		);
		assert!(
			T::MaxDrawsPerBlock::get() >= 1 && T::MaxPendingDraws::get() >= 1,
			"prover pool: set MaxDrawsPerBlock and MaxPendingDraws to at least 1, or no prover is drawn",
		);
		assert!(
			T::MaxAdmissions::get() >= 1,
			"prover pool: set MaxAdmissions to at least 1, or no entry is listed",
		);
		Self::check_hook_fits(T::BlockWeights::get());
	}

	fn check_hook_fits(limits: BlockWeights) {
		let admissions = Self::weight_of_admission().saturating_mul(T::MaxAdmissions::get().into());
		let one = Self::weight_of_draw().saturating_add(T::DrawHandler::on_draw_weight());
		let all = T::WeightInfo::on_initialize()
			.saturating_add(admissions)
			.saturating_add(one.saturating_mul(T::MaxDrawsPerBlock::get().into()));
		let half = limits.max_block / 2;
		assert!(
			all.all_lte(half),
			"prover pool: lower MaxDrawsPerBlock or MaxAdmissions: all draws and admissions of a block \
			 may take {all:?}, with the handler, more than half of the block's {half:?}",
		);
	}
}
