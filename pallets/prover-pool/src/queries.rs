//! The queries, as view functions; the runtime API answers with them. Nothing here writes.

use frame_support::{
	pallet_macros::pallet_section,
	storage::{with_transaction, TransactionOutcome},
};
use prover_pool_primitives::{ProverId, Selection};
use sp_core::{U256, U512};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	account::Account, Config, Listing, MemberStatus, MomentOf, Pallet, ProverRow, ProverRowOf,
	Provers, Simulation, SimulationOf, MAX_PAGE, SHARE_UNIT,
};

#[pallet_section]
mod queries {
	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns what the pool knows of an account; an empty record for an unknown one.
		pub fn get_staker(who: T::AccountId) -> StakerRowOf<T> {
			let account = account::Account::<T>::load(who.clone());
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
				held: tokens::held::<T>(&who),
			}
		}

		/// Returns how many blocks could be assigned now.
		pub fn get_capacity() -> u64 {
			T::Selection::open().free_capacity()
		}

		/// Returns up to `limit` members in ascending order of slots, from slot `start` on, at most
		/// [`MAX_PAGE`].
		pub fn get_provers(start: ProverId, limit: u32) -> Vec<ProverRowOf<T>> {
			let now = Self::now();
			Self::members(start, limit)
				.filter_map(|account| Self::prover_row(&account, now))
				.collect()
		}

		/// Returns their weights in a draw of the next block at `fee_per_gas`, paged as
		/// [`get_provers`](Self::get_provers).
		pub fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<WeightRow> {
			let selection = T::Selection::open();
			let total = selection.total_weight(fee_per_gas);
			Self::members(start, limit)
				.filter_map(|account| {
					let (prover_id, _) = account.member.as_ref()?;
					let listed = account.listed_offer();
					let offer = listed.or(account.offer())?;
					let candidate = offer.candidate(account.staker.outstanding);
					let (weight, effective_price) = selection.weight_of(fee_per_gas, &candidate);
					let weight = listed.map_or(U256::zero(), |_| weight);
					Some(WeightRow {
						prover_id: *prover_id,
						weight,
						share: queries::share(weight, total),
						effective_price,
					})
				})
				.collect()
		}

		/// Returns up to `limit` assignments of `who` that are not closed, at most [`MAX_PAGE`], in the
		/// order of storage: those after the id `after` (the last of the previous page), or the first.
		pub fn get_assignments(
			who: T::AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<AssignmentRowOf<T>> {
			let ids = match after {
				// The key need not exist any more: the walk goes on behind its position.
				Some(id) => AssignmentsOf::<T>::iter_key_prefix_from(
					&who,
					AssignmentsOf::<T>::hashed_key_for(&who, id),
				),
				None => AssignmentsOf::<T>::iter_key_prefix(&who),
			};
			ids.take(limit.min(MAX_PAGE) as usize)
				.filter_map(|block_id| {
					let assignment = Assignments::<T>::get(block_id)?;
					Some(AssignmentRow { block_id, assignment })
				})
				.collect()
		}

		/// Returns the live parameters.
		pub fn get_parameters() -> ParametersOf<T> {
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

		/// Returns the share that one more member with this offer and all of its capacity free would
		/// have in draws at `fee_per_gas`, in parts of [`SHARE_UNIT`], rounded down.
		pub fn odds(fee_per_gas: PricePerGas, offer: OfferOf<T>) -> u64 {
			let selection = T::Selection::open();
			let (weight, _) = selection.weight_of(fee_per_gas, &offer.candidate(0));
			queries::share(weight, selection.total_weight(fee_per_gas).saturating_add(weight))
		}

		/// Returns the exit of `who` that can be withdrawn first, if the account has one.
		pub fn next_exit(who: T::AccountId) -> Option<ExitOf<T>> {
			let now = Self::now();
			let exits = Stakers::<T>::get(who).exits.into_inner();
			exits.into_iter().min_by_key(|exit| (!exit.is_free(now), exit.matures_at))
		}

		/// Returns what [`stake`](Self::stake) would do for `who`, or the error that it would give.
		pub fn simulate_stake(
			who: T::AccountId,
			amount: BalanceOf<T>,
			reward_per_gas: PricePerGas,
			max_capacity: Capacity,
		) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(who, |who| Self::do_stake(who, amount, reward_per_gas, max_capacity))
		}

		/// Returns what [`exit`](Self::exit) would do for `who`, or the error that it would give.
		pub fn simulate_exit(who: T::AccountId) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(who, Self::do_exit)
		}

		/// Returns what [`unstake`](Self::unstake) would do for `who`, or the error that it would give.
		pub fn simulate_unstake(
			who: T::AccountId,
			amount: BalanceOf<T>,
		) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(who, |who| Self::do_unstake(who, amount))
		}

		/// Returns what [`withdraw`](Self::withdraw) would do for `who`, or the error that it would give.
		pub fn simulate_withdraw(who: T::AccountId) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(who, Self::do_withdraw)
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Runs `call` for `who`, reads the result, and undoes everything.
	pub(crate) fn simulate(
		who: T::AccountId,
		call: impl FnOnce(&T::AccountId) -> DispatchResult,
	) -> Result<SimulationOf<T>, DispatchError> {
		let before = Self::get_staker(who.clone());
		let after = with_transaction(|| {
			let result = call(&who).map(|()| Self::get_staker(who.clone()));
			TransactionOutcome::Rollback(result)
		})?;
		// All is undone: the slot has its present member again.
		let replaces = after
			.prover
			.as_ref()
			.and_then(|prover| Provers::<T>::get(prover.prover_id))
			.map(|prover| prover.account)
			.filter(|account| *account != who);
		Ok(Simulation { before, after, replaces })
	}

	/// Returns the accounts of up to `limit` members in ascending order of slots.
	pub(crate) fn members(start: ProverId, limit: u32) -> impl Iterator<Item = Account<T>> {
		T::Selection::open()
			.occupied_slots(start, limit.min(MAX_PAGE))
			.into_iter()
			.filter_map(Account::<T>::load_member)
	}

	pub(crate) fn prover_row(account: &Account<T>, now: MomentOf<T>) -> Option<ProverRowOf<T>> {
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
		return 0;
	}
	let unit = U256::from(SHARE_UNIT);
	// A selection may use weights of any size: the product of large ones is computed wide.
	let share = weight.full_mul(unit) / U512::from(total);
	u64::try_from(share).unwrap_or(SHARE_UNIT).min(SHARE_UNIT)
}
