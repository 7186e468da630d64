//! The pool without an index: every draw and every stake reads all slots, in the layout of storage
//! version 1, as the original does.
//!
//! Not part of any chain: it is what the index is compared with by the benchmark of scaling, which
//! runs the same calls on either. Switched by [`set`].

use alloc::vec::Vec;
use frame_support::traits::Get;
use prover_pool_primitives::{OpenReason, PricePerGas};
use sp_core::U256;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto, Zero},
	Perbill,
};

use crate::{
	account::Account,
	members::Place,
	migrations::old::{Provers, SlotOf, Stakers},
	BalanceOf, Config, Pallet, PriceBand, Prover, ProverId,
};

// Of its own for every thread: a runtime in wasm has but one, natively each test has its own.
#[cfg(feature = "std")]
mod switch {
	use std::cell::Cell;

	std::thread_local!(static ON: Cell<bool> = const { Cell::new(false) });

	pub(crate) fn on() -> bool {
		ON.get()
	}

	pub(crate) fn set(on: bool) {
		ON.set(on);
	}
}
#[cfg(not(feature = "std"))]
mod switch {
	use core::sync::atomic::{AtomicBool, Ordering};

	static ON: AtomicBool = AtomicBool::new(false);

	pub(crate) fn on() -> bool {
		ON.load(Ordering::Relaxed)
	}

	pub(crate) fn set(on: bool) {
		ON.store(on, Ordering::Relaxed);
	}
}

pub(crate) use switch::{on, set};

pub(crate) fn load<T: Config>(who: T::AccountId) -> Account<T> {
	let staker = Stakers::<T>::get(&who);
	let prover = staker.prover_id.and_then(Provers::<T>::get).map(|slot| Prover {
		who: slot.who,
		staked_amount: slot.staked_amount,
		reward_per_gas: slot.reward_per_gas,
		current_capacity: slot.current_capacity,
		entered_in: slot.entered_in,
		waiting: false,
	});
	Account::new(who, staker, prover)
}

/// Vacates the slot that an account has left.
pub(crate) fn vacate<T: Config>(slot: ProverId) {
	Provers::<T>::remove(slot);
}

pub(crate) fn save<T: Config>(account: Account<T>) {
	let Account { who, staker, prover, .. } = account;
	if let (Some(prover_id), Some(prover)) = (staker.prover_id, prover) {
		let slot = SlotOf::<T> {
			who: prover.who,
			staked_amount: prover.staked_amount,
			reward_per_gas: prover.reward_per_gas,
			current_capacity: prover.current_capacity,
			entered_in: prover.entered_in,
		};
		Provers::<T>::insert(prover_id, slot);
	}
	if staker.is_empty() {
		Stakers::<T>::remove(&who);
	} else {
		Stakers::<T>::insert(&who, staker);
	}
}

pub(crate) fn occupant<T: Config>(slot: ProverId) -> Option<T::AccountId> {
	Provers::<T>::get(slot).map(|slot| slot.who)
}

/// The vacant slot with the lowest number, else that of the smallest stake, the lowest number on a
/// tie, if it is outbid.
pub(crate) fn place_for<T: Config>(amount: BalanceOf<T>) -> Option<Place> {
	let mut smallest: Option<(BalanceOf<T>, ProverId)> = None;
	for prover_id in 1..=T::MaxProvers::get() {
		let Some(slot) = Provers::<T>::get(prover_id) else {
			return Some(Place::Vacant(prover_id));
		};
		if smallest.is_none_or(|(least, _)| slot.staked_amount < least) {
			smallest = Some((slot.staked_amount, prover_id));
		}
	}
	let min_overbid: Perbill = T::MinOverbid::get();
	smallest
		.filter(|(stake, _)| stake.saturating_add(min_overbid.mul_ceil(*stake)) < amount)
		.map(|(_, prover_id)| Place::Replacing(prover_id))
}

pub(crate) fn draw<T: Config>(
	fee: PricePerGas,
	seed: U256,
) -> Result<(ProverId, PricePerGas), OpenReason> {
	if fee.is_zero() {
		return Err(OpenReason::ZeroFee);
	}
	let now = frame_system::Pallet::<T>::block_number();
	let entry_delay = T::EntryDelay::get();
	let band = PriceBand::around(fee, T::PriceFloorPercent::get(), T::PriceCeilingPercent::get());
	let candidates: Vec<(ProverId, SlotOf<T>)> = (1..=T::MaxProvers::get())
		.filter_map(|prover_id| Provers::<T>::get(prover_id).map(|slot| (prover_id, slot)))
		.filter(|(_, slot)| {
			slot.entered_in.is_zero() || now > slot.entered_in.saturating_add(entry_delay)
		})
		.collect();
	if candidates.is_empty() {
		return Err(OpenReason::EmptyPool);
	}
	let weights: Vec<U256> = candidates
		.iter()
		.map(|(_, slot)| match slot.current_capacity {
			0 => U256::zero(),
			_ => prover_pool_index::weight(
				slot.staked_amount.unique_saturated_into(),
				band.clamp(slot.reward_per_gas),
			),
		})
		.collect();
	let total = weights.iter().fold(U256::zero(), |sum, weight| sum.saturating_add(*weight));
	let mut point = seed.checked_rem(total).ok_or(OpenReason::NoFreeCapacity)?;
	for (weight, (prover_id, slot)) in weights.into_iter().zip(candidates) {
		if point < weight {
			return Ok((prover_id, band.clamp(slot.reward_per_gas)));
		}
		point -= weight;
	}
	Err(OpenReason::NoFreeCapacity)
}

/// Moves everybody into the layout that is scanned. For a pool in which nobody waits.
pub(crate) fn convert<T: Config>() {
	let everybody: Vec<_> = crate::Stakers::<T>::drain().collect();
	for (who, (staker, prover)) in everybody {
		save::<T>(Account::new(who, staker, prover));
	}
	let _ = crate::Slots::<T>::clear(u32::MAX, None);
	let _ = crate::Nodes::<T>::clear(u32::MAX, None);
	let _ = crate::Pages::<T>::clear(u32::MAX, None);
	crate::Books::<T>::kill();
	frame_support::traits::StorageVersion::new(1).put::<Pallet<T>>();
}
