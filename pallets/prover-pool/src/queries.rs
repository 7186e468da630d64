//! The queries, as view functions and the runtime API answer them. Nothing here writes.

use alloc::vec::Vec;
use frame_support::traits::Get;
use prover_pool_primitives::{BlockId, PricePerGas, ProverId, Selection};
use sp_core::U256;
use sp_runtime::traits::Zero;

use crate::{
	account::Account, tokens, AssignmentRow, AssignmentRowOf, Assignments, AssignmentsOf, Config,
	ExitOf, Listing, MemberStatus, MomentOf, OfferOf, Pallet, Parameters, ParametersOf, ProverRow,
	ProverRowOf, StakerRow, StakerRowOf, Stakers, WeightRow, MAX_PAGE, SHARE_UNIT,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn query_staker(who: &T::AccountId) -> StakerRowOf<T> {
		let account = Account::<T>::load(who.clone());
		let prover = Self::prover_row(&account, Self::now());
		let staker = account.staker;
		StakerRow {
			prover,
			max_capacity: staker.max_capacity,
			outstanding: staker.outstanding,
			liable: staker.liable,
			exits: staker.exits.into_inner(),
			suspended_until: staker.suspended_until,
			record: staker.record,
			held: tokens::held::<T>(who),
		}
	}

	pub(crate) fn query_provers(start: ProverId, limit: u32) -> Vec<ProverRowOf<T>> {
		let now = Self::now();
		Self::members(&T::Selection::open(), start, limit)
			.filter_map(|account| Self::prover_row(&account, now))
			.collect()
	}

	pub(crate) fn query_weights(
		fee_per_gas: PricePerGas,
		start: ProverId,
		limit: u32,
	) -> Vec<WeightRow> {
		let selection = T::Selection::open();
		let total = selection.total_weight(fee_per_gas);
		Self::members(&selection, start, limit)
			.filter_map(|account| {
				let (prover_id, _) = account.member.as_ref()?;
				let offer = account.listed_offer().or(account.offer())?;
				let candidate = offer.candidate(account.staker.outstanding);
				let (weight, effective_price) = selection.weight_of(fee_per_gas, &candidate);
				let weight = account.listed_offer().map_or(U256::zero(), |_| weight);
				Some(WeightRow {
					prover_id: *prover_id,
					weight,
					share: share(weight, total),
					effective_price,
				})
			})
			.collect()
	}

	pub(crate) fn query_odds(fee_per_gas: PricePerGas, offer: OfferOf<T>) -> u64 {
		let selection = T::Selection::open();
		let (weight, _) = selection.weight_of(fee_per_gas, &offer.candidate(0));
		share(weight, selection.total_weight(fee_per_gas).saturating_add(weight))
	}

	pub(crate) fn query_assignments(
		who: &T::AccountId,
		after: Option<BlockId>,
		limit: u32,
	) -> Vec<AssignmentRowOf<T>> {
		let ids = match after {
			// The key need not exist any more: the walk goes on behind its position.
			Some(id) => AssignmentsOf::<T>::iter_key_prefix_from(
				who,
				AssignmentsOf::<T>::hashed_key_for(who, id),
			),
			None => AssignmentsOf::<T>::iter_key_prefix(who),
		};
		ids.take(limit.min(MAX_PAGE) as usize)
			.filter_map(|block_id| {
				let assignment = Assignments::<T>::get(block_id)?;
				Some(AssignmentRow { block_id, assignment })
			})
			.collect()
	}

	pub(crate) fn query_next_exit(who: &T::AccountId) -> Option<ExitOf<T>> {
		let now = Self::now();
		let exits = Stakers::<T>::get(who).exits.into_inner();
		exits.into_iter().min_by_key(|exit| (!exit.is_free(now), exit.matures_at))
	}

	pub(crate) fn query_parameters() -> ParametersOf<T> {
		Parameters {
			max_provers: T::Selection::max_provers(),
			max_exits: T::MaxExits::get(),
			min_capacity: T::MinCapacity::get(),
			max_capacity: T::MaxCapacity::get(),
			min_stake_per_capacity: T::MinStakePerCapacity::get(),
			exit_period: T::ExitPeriod::get(),
			min_change_delay: T::MinChangeDelay::get(),
			slash_points: T::SlashPoints::get(),
			slash_multiplier: T::SlashMultiplier::get(),
			slash_exits_first: T::SlashExitsFirst::get(),
			slash_deferral: T::SlashDeferral::get(),
			max_misses: T::MaxMisses::get(),
			suspension_period: T::SuspensionPeriod::get(),
			max_paused_share: T::MaxPausedShare::get(),
			min_overbid: T::MinOverbid::get(),
			ejection_threshold: T::EjectionThreshold::get(),
			max_liability: T::MaxLiability::get(),
			entry_delay: T::EntryDelay::get(),
			draw_delay: T::DrawDelay::get(),
			max_pending_draws: T::MaxPendingDraws::get(),
			max_draws_per_block: T::MaxDrawsPerBlock::get(),
			max_admissions: T::MaxAdmissions::get(),
		}
	}

	/// Returns the accounts of up to `limit` members in ascending order of slots.
	fn members(
		selection: &T::Selection,
		start: ProverId,
		limit: u32,
	) -> impl Iterator<Item = Account<T>> {
		selection
			.occupied_slots(start, limit.min(MAX_PAGE))
			.into_iter()
			.filter_map(Account::<T>::load_member)
	}

	fn prover_row(account: &Account<T>, now: MomentOf<T>) -> Option<ProverRowOf<T>> {
		let (prover_id, prover) = account.member.as_ref()?;
		let offer = account.offer()?;
		let staker = &account.staker;
		let status = match (staker.suspended_until, prover.listing) {
			(Some(until), _) if staker.is_suspended(now) => MemberStatus::Suspended { until },
			_ if prover.paused => MemberStatus::Paused,
			(_, Listing::Entering(_)) => MemberStatus::Entering,
			_ => MemberStatus::Active,
		};
		Some(ProverRow {
			prover_id: *prover_id,
			account: account.who.clone(),
			offer,
			current_capacity: staker.free_capacity(),
			status,
			listed: account.listed_offer().filter(|listed| *listed != offer),
			entered_at: prover.entered_at,
			entered_in: prover.entered_in,
			changed_in: prover.changed_in,
			record: staker.record,
		})
	}
}

/// Returns the share of `weight` in `total` in parts of [`SHARE_UNIT`], rounded down; 0 of nothing is 0.
pub(crate) fn share(weight: U256, total: U256) -> u64 {
	if total.is_zero() {
		return Zero::zero();
	}
	let unit = U256::from(SHARE_UNIT);
	// A selection may use weights of any size: the product of large ones is computed wide.
	let share = weight.full_mul(unit) / sp_core::U512::from(total);
	u64::try_from(share).unwrap_or(SHARE_UNIT).min(SHARE_UNIT)
}
