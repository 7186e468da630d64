//! The slots of the pool: the one interface through which the rest of the pallet reads and changes
//! who is in it.
//!
//! It answers by scanning the slots with the pure functions of [`crate::selection`]; whatever replaces
//! the scan replaces the inside of this module.

use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{OpenReason, PricePerGas};
use sp_core::U256;
use sp_runtime::{
	traits::{One, Saturating, UniqueSaturatedInto, Zero},
	Perbill,
};

use crate::{
	selection::{self, Place},
	BalanceOf, Config, PriceBand, ProverId, ProverOf, ProverWeight, Provers, StakerOf,
};

/// The members of the pool.
pub(crate) struct Members<T>(PhantomData<T>);

/// The members that a draw chooses from, with their effective prices.
struct Candidates<T: Config> {
	members: Vec<(ProverId, ProverOf<T>)>,
	band: PriceBand,
}

impl<T: Config> Candidates<T> {
	/// Everybody who takes part in draws of `block` with the prices that `fee` allows, busy or not.
	fn new(fee: PricePerGas, block: BlockNumberFor<T>) -> Self {
		let floor = T::PriceFloorPercent::get();
		let ceiling = T::PriceCeilingPercent::get();
		let entry_delay = T::EntryDelay::get();
		Self {
			members: Members::<T>::all()
				.filter(|(_, prover)| prover.takes_part(block, entry_delay))
				.collect(),
			band: PriceBand::around(fee, floor, ceiling),
		}
	}

	/// The weight of each that has a free place.
	fn weights(&self) -> impl Iterator<Item = (ProverId, U256)> + Clone + '_ {
		self.members.iter().filter(|(_, prover)| prover.current_capacity > 0).map(
			|(prover_id, prover)| {
				let price = self.band.clamp(prover.reward_per_gas);
				let stake = prover.staked_amount.unique_saturated_into();
				(*prover_id, selection::weight(stake, price))
			},
		)
	}
}

impl<T: Config> Members<T> {
	/// All members in order of their slots.
	pub fn all() -> impl Iterator<Item = (ProverId, ProverOf<T>)> {
		Self::from(1)
	}

	/// The members from slot `start` on.
	pub fn from(start: ProverId) -> impl Iterator<Item = (ProverId, ProverOf<T>)> {
		(start.max(1)..=T::MaxProvers::get())
			.filter_map(|prover_id| Provers::<T>::get(prover_id).map(|prover| (prover_id, prover)))
	}

	/// The place for somebody who stakes `amount`, if that is good enough (R1).
	pub fn place_for(amount: BalanceOf<T>) -> Option<Place> {
		let slots = (1..=T::MaxProvers::get()).map(|prover_id| {
			(prover_id, Provers::<T>::get(prover_id).map(|prover| prover.staked_amount))
		});
		let min_overbid: Perbill = T::MinOverbid::get();
		selection::place_for(slots, amount, |stake| min_overbid.mul_ceil(stake))
	}

	/// Puts a prover into a slot, or writes one that is there.
	pub fn put(prover_id: ProverId, prover: &ProverOf<T>) {
		Provers::<T>::insert(prover_id, prover);
	}

	/// Empties a slot.
	pub fn remove(prover_id: ProverId) -> Option<ProverOf<T>> {
		Provers::<T>::take(prover_id)
	}

	/// The slot of a staker, if it is in the pool.
	pub fn of(staker: &StakerOf<T>) -> Option<(ProverId, ProverOf<T>)> {
		let prover_id = staker.prover_id?;
		Provers::<T>::get(prover_id).map(|prover| (prover_id, prover))
	}

	/// Brings the free places of a staker's slot in line with its duties (I3).
	pub fn update_capacity(staker: &StakerOf<T>) {
		if let Some((prover_id, mut prover)) = Self::of(staker) {
			prover.current_capacity = staker.places_left();
			Self::put(prover_id, &prover);
		}
	}

	/// Draws a prover at `fee` in `block` and gives it with the price agreed, or says why there is none
	/// (R4).
	pub fn draw(
		fee: PricePerGas,
		seed: U256,
		block: BlockNumberFor<T>,
	) -> Result<(ProverOf<T>, PricePerGas), OpenReason> {
		if fee.is_zero() {
			return Err(OpenReason::ZeroFee);
		}
		let candidates = Candidates::<T>::new(fee, block);
		if candidates.members.is_empty() {
			return Err(OpenReason::EmptyPool);
		}
		selection::pick(candidates.weights(), seed)
			.and_then(|drawn| candidates.members.iter().find(|(prover_id, _)| *prover_id == drawn))
			.map(|(_, prover)| (prover.clone(), candidates.band.clamp(prover.reward_per_gas)))
			.ok_or(OpenReason::NoFreeCapacity)
	}

	/// What each member from slot `start` on, at most `limit` of them, weighs in a draw of the next
	/// block at `fee`.
	pub fn weights(fee: PricePerGas, start: ProverId, limit: u32) -> Vec<ProverWeight> {
		let candidates = Candidates::<T>::new(fee, Self::next_block());
		let weights: alloc::collections::BTreeMap<_, _> = candidates.weights().collect();
		let total = selection::total(candidates.weights());
		Self::from(start)
			.take(limit as usize)
			.map(|(prover_id, prover)| {
				let weight = weights.get(&prover_id).copied().unwrap_or_default();
				ProverWeight {
					prover_id,
					weight,
					share: selection::share(weight, total),
					effective_price: candidates.band.clamp(prover.reward_per_gas),
				}
			})
			.collect()
	}

	/// All free places.
	pub fn capacity() -> u64 {
		Self::sum_capacity(|_| true)
	}

	/// The free places that a draw of the next block may use.
	pub fn drawable_capacity() -> u64 {
		let block = Self::next_block();
		let entry_delay = T::EntryDelay::get();
		Self::sum_capacity(|prover| prover.takes_part(block, entry_delay))
	}

	fn sum_capacity(counts: impl Fn(&ProverOf<T>) -> bool) -> u64 {
		Self::all()
			.filter(|(_, prover)| counts(prover))
			.fold(0, |sum, (_, prover)| sum.saturating_add(prover.current_capacity.into()))
	}

	fn next_block() -> BlockNumberFor<T> {
		frame_system::Pallet::<T>::block_number().saturating_add(One::one())
	}
}
