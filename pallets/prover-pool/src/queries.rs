//! What can be asked, and the relations between the items of [`Config`].

use alloc::vec::Vec;
use frame_support::traits::Get;
use frame_system::limits::BlockWeights;
use prover_pool_primitives::{BlockId, DrawHandler};
use sp_runtime::traits::{CheckedMul, Zero};

use crate::{
	waiting::MAX_ADMISSIONS, AssignmentOf, Assignments, AssignmentsOf, Config, Pallet, Parameters,
	ParametersOf, WeightInfo, MAX_PROVERS_LIMIT,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn query_assignments(
		who: &T::AccountId,
		after: Option<BlockId>,
		limit: u32,
	) -> Vec<(BlockId, AssignmentOf<T>)> {
		let ids = match after {
			// The key need not exist any more: the walk goes on behind the place where it would be.
			Some(id) => AssignmentsOf::<T>::iter_key_prefix_from(
				who,
				AssignmentsOf::<T>::hashed_key_for(who, id),
			),
			None => AssignmentsOf::<T>::iter_key_prefix(who),
		};
		ids.take(limit as usize)
			.filter_map(|id| Assignments::<T>::get(id).map(|assignment| (id, assignment)))
			.collect()
	}

	pub(crate) fn query_parameters() -> ParametersOf<T> {
		Parameters {
			min_capacity: T::MinCapacity::get(),
			min_stake_per_capacity: T::MinStakePerCapacity::get(),
			max_provers: T::MaxProvers::get(),
			exit_period: T::ExitPeriod::get(),
			min_change_delay: T::MinChangeDelay::get(),
			slash_points: T::SlashPoints::get(),
			slash_multiplier: T::SlashMultiplier::get(),
			price_floor_percent: T::PriceFloorPercent::get(),
			price_ceiling_percent: T::PriceCeilingPercent::get(),
			min_overbid: T::MinOverbid::get(),
			ejection_threshold: T::EjectionThreshold::get(),
			max_liability: T::MaxLiability::get(),
			entry_delay: T::EntryDelay::get(),
			max_pending_draws: T::MaxPendingDraws::get(),
			max_draws_per_block: T::MaxDrawsPerBlock::get(),
		}
	}

	/// The relations between configuration items; each failure says what to change.
	pub(crate) fn check_config() {
		let parameters = Self::query_parameters();
		assert!(
			(1..=MAX_PROVERS_LIMIT).contains(&parameters.max_provers),
			"prover pool: set MaxProvers between 1 and {MAX_PROVERS_LIMIT}, it is {}",
			parameters.max_provers,
		);
		if let Err(what_to_do) = prover_pool_index::check_width(T::NodeWidth::get()) {
			panic!("prover pool: NodeWidth is {}: {what_to_do}", T::NodeWidth::get());
		}
		assert!(parameters.min_capacity >= 1, "prover pool: set MinCapacity to at least 1");
		assert!(
			!parameters.min_stake_per_capacity.is_zero(),
			"prover pool: set MinStakePerCapacity to at least 1, or stakes cost nothing",
		);
		assert!(
			parameters
				.min_stake_per_capacity
				.checked_mul(&parameters.min_capacity.into())
				.is_some(),
			"prover pool: lower MinStakePerCapacity or MinCapacity, their product does not fit a balance",
		);
		assert!(
			parameters.price_floor_percent <= 100 && parameters.price_ceiling_percent >= 100,
			"prover pool: the price band must contain the fee: set PriceFloorPercent to at most 100 and \
			 PriceCeilingPercent to at least 100",
		);
		assert!(
			parameters.max_liability > parameters.min_change_delay,
			"prover pool: set MaxLiability above MinChangeDelay, and well above the time that the \
			 protocol takes to settle a block, or provers discharge themselves",
		);
		assert!(
			parameters.max_draws_per_block >= 1 && parameters.max_pending_draws >= 1,
			"prover pool: set MaxDrawsPerBlock and MaxPendingDraws to at least 1, or nobody is ever drawn",
		);
		Self::check_draws_fit(T::BlockWeights::get());
	}

	fn check_draws_fit(limits: BlockWeights) {
		let admissions = T::WeightInfo::admit().saturating_mul(MAX_ADMISSIONS.into());
		let one = T::WeightInfo::draw().saturating_add(T::DrawHandler::on_draw_weight());
		let all = T::WeightInfo::on_initialize()
			.saturating_add(admissions)
			.saturating_add(one.saturating_mul(T::MaxDrawsPerBlock::get().into()));
		let half = limits.max_block / 2;
		assert!(
			all.all_lte(half),
			"prover pool: lower MaxDrawsPerBlock: all draws of a block may take {all:?}, \
			 with the handler, more than half of the block's {half:?}",
		);
	}
}
