//! # Prover pool scan
//!
//! A [`Selection`] without an index: it reads every slot for each question, as the original
//! contract does. Its results equal those of `pallet-prover-lottery` to the last unit of weight and
//! the last tie.
//!
//! Not for a chain. Tests use it as the lottery's naive model, and measurements as the yardstick of
//! what the index saves.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::{collections::BTreeMap, vec::Vec};
use codec::FullCodec;
use core::marker::PhantomData;
use frame_support::{
	storage::types::StorageMap, traits::StorageInstance, weights::Weight, Twox64Concat,
};
use prover_lottery_index::{drawn_point, weight, PriceBand};
use prover_pool_primitives::{
	Candidate, Drawn, ListedStake, OpenReason, PricePerGas, ProverId, Ranked, Selection,
};
use sp_core::{Get, U256};
use sp_runtime::traits::AtLeast32BitUnsigned;

/// The parameters, as in the lottery.
pub trait Config: 'static {
	/// The number of slots.
	type MaxProvers: Get<u32>;
	/// The lower end of the price band, in percent of the fee.
	type PriceFloorPercent: Get<u32>;
	/// The upper end of the price band, in percent of the fee.
	type PriceCeilingPercent: Get<u32>;
}

/// The place of [`Slots`] in storage.
pub struct Prefix;

impl StorageInstance for Prefix {
	const STORAGE_PREFIX: &'static str = "Slots";

	fn pallet_prefix() -> &'static str {
		"ProverPoolScan"
	}
}

/// The candidate of an occupied slot, if its member is one.
pub type Slot<Balance> = Option<Candidate<Balance>>;

/// The occupied slots.
pub type Slots<Balance> = StorageMap<Prefix, Twox64Concat, ProverId, Slot<Balance>>;

/// A session of the scan.
pub struct Scan<T, Balance> {
	/// The slots that were changed. `None`: vacated.
	changed: BTreeMap<ProverId, Option<Slot<Balance>>>,
	config: PhantomData<T>,
}

/// A candidate that can be drawn.
struct Drawable {
	price: PricePerGas,
	prover_id: ProverId,
	stake: u128,
}

/// The candidates below, inside or above a price band.
struct Group {
	candidates: Vec<Drawable>,
	/// The price that they count as. `None`: each as its own.
	price: Option<PricePerGas>,
}

impl Group {
	fn stake(&self) -> u128 {
		self.candidates.iter().fold(0, |sum, candidate| sum.saturating_add(candidate.stake))
	}

	fn weight(&self) -> U256 {
		match self.price {
			Some(price) => weight(self.stake(), price),
			None => (self.candidates.iter())
				.map(|candidate| weight(candidate.stake, candidate.price))
				.fold(U256::zero(), |sum, own| sum.saturating_add(own)),
		}
	}

	/// Returns the candidate that a point below the weight draws.
	fn draw(&self, point: U256) -> Option<&Drawable> {
		let mut distance = match self.price {
			// Shared in proportion to stakes.
			Some(_) => {
				let product = point.full_mul(self.stake().into());
				U256::try_from(product.checked_div(self.weight().into())?).ok()?
			},
			None => point,
		};
		self.candidates.iter().find(|candidate| {
			let extent = match self.price {
				Some(_) => candidate.stake.into(),
				None => weight(candidate.stake, candidate.price),
			};
			let here = distance < extent;
			if !here {
				distance -= extent;
			}
			here
		})
	}
}

impl<T: Config, Balance: FullCodec + AtLeast32BitUnsigned + Copy + 'static> Scan<T, Balance> {
	fn slot(&self, prover_id: ProverId) -> Option<Slot<Balance>> {
		match self.changed.get(&prover_id) {
			Some(slot) => *slot,
			None => Slots::get(prover_id),
		}
	}

	fn occupied(&self) -> impl Iterator<Item = (ProverId, Slot<Balance>)> + '_ {
		(1..=T::MaxProvers::get()).filter_map(|prover_id| Some((prover_id, self.slot(prover_id)?)))
	}

	fn candidates(&self) -> impl Iterator<Item = (ProverId, Candidate<Balance>)> + '_ {
		self.occupied().filter_map(|(prover_id, slot)| Some((prover_id, slot?)))
	}

	fn band(fee_per_gas: PricePerGas) -> Option<PriceBand> {
		PriceBand::around(fee_per_gas, T::PriceFloorPercent::get(), T::PriceCeilingPercent::get())
	}

	/// Divides candidates into the three groups of a band, each in the order of prices, then slots.
	fn groups(
		candidates: impl Iterator<Item = (ProverId, Candidate<Balance>)>,
		band: PriceBand,
	) -> [Group; 3] {
		let (floor, ceiling) = (band.floor(), band.ceiling());
		let mut groups =
			[Some(floor), None, Some(ceiling)].map(|price| Group { candidates: Vec::new(), price });
		let mut drawable: Vec<_> = candidates
			.filter(|(_, candidate)| candidate.can_be_drawn())
			.map(|(prover_id, candidate)| Drawable {
				price: candidate.reward_per_gas,
				prover_id,
				stake: candidate.stake.unique_saturated_into(),
			})
			.collect();
		drawable.sort_by_key(|candidate| (candidate.price, candidate.prover_id));
		let [below, inside, above] = &mut groups;
		for candidate in drawable {
			let group = match candidate.price {
				price if price < floor => &mut *below,
				price if price > ceiling => &mut *above,
				_ => &mut *inside,
			};
			group.candidates.push(candidate);
		}
		groups
	}

	fn total(groups: &[Group; 3]) -> U256 {
		groups.iter().fold(U256::zero(), |sum, group| sum.saturating_add(group.weight()))
	}
}

impl<T: Config, Balance: FullCodec + AtLeast32BitUnsigned + Copy + 'static> Selection<Balance>
	for Scan<T, Balance>
{
	fn max_provers() -> u32 {
		T::MaxProvers::get()
	}

	fn open() -> Self {
		Self { changed: BTreeMap::new(), config: PhantomData }
	}

	fn save(self) {
		for (prover_id, slot) in self.changed {
			match slot {
				Some(slot) => Slots::insert(prover_id, slot),
				None => Slots::<Balance>::remove(prover_id),
			}
		}
	}

	fn vacant_slot(&self) -> Option<ProverId> {
		(1..=T::MaxProvers::get()).find(|prover_id| self.slot(*prover_id).is_none())
	}

	fn lowest_ranked(&self) -> Option<Ranked<Balance>> {
		self.candidates()
			.map(|(prover_id, candidate)| Ranked { prover_id, stake: candidate.stake })
			.min_by_key(|ranked| (ranked.stake, ranked.prover_id))
	}

	fn occupy(&mut self, prover_id: ProverId) {
		self.changed.insert(prover_id, Some(None));
	}

	fn vacate(&mut self, prover_id: ProverId) {
		self.changed.insert(prover_id, None);
	}

	fn update(
		&mut self,
		prover_id: ProverId,
		_before: Option<Candidate<Balance>>,
		after: Option<Candidate<Balance>>,
	) {
		self.changed.insert(prover_id, Some(after));
	}

	fn draw(&self, fee_per_gas: PricePerGas, seed: U256) -> Result<Drawn, OpenReason> {
		if fee_per_gas == 0 {
			return Err(OpenReason::ZeroFee);
		}
		let candidates: Vec<_> = self.candidates().collect();
		if candidates.iter().all(|(_, candidate)| candidate.paused) {
			return Err(OpenReason::EmptyPool);
		}
		let band = Self::band(fee_per_gas).ok_or(OpenReason::NoFreeCapacity)?;
		let groups = Self::groups(candidates.into_iter(), band);
		let mut point = drawn_point(seed, Self::total(&groups));
		for group in groups {
			let weight = group.weight();
			if point < weight {
				let drawn = group.draw(point).ok_or(OpenReason::NoFreeCapacity)?;
				let reward_per_gas = band.clamp(drawn.price);
				return Ok(Drawn { prover_id: drawn.prover_id, reward_per_gas });
			}
			point -= weight;
		}
		Err(OpenReason::NoFreeCapacity)
	}

	fn free_capacity(&self) -> u64 {
		self.candidates()
			.map(|(_, candidate)| u64::from(candidate.drawable_capacity()))
			.fold(0, u64::saturating_add)
	}

	fn listed_stake(&self) -> ListedStake<Balance> {
		let mut sums = ListedStake { total: Balance::zero(), paused: Balance::zero() };
		self.candidates().for_each(|(_, candidate)| sums.replace(None, Some(candidate)));
		sums
	}

	fn weight_of(
		&self,
		fee_per_gas: PricePerGas,
		candidate: &Candidate<Balance>,
	) -> (U256, PricePerGas) {
		let Some(band) = Self::band(fee_per_gas) else { return (U256::zero(), 0) };
		let price = band.clamp(candidate.reward_per_gas);
		let stake =
			if candidate.can_be_drawn() { candidate.stake.unique_saturated_into() } else { 0 };
		(weight(stake, price), price)
	}

	fn total_weight(&self, fee_per_gas: PricePerGas) -> U256 {
		Self::band(fee_per_gas)
			.map(|band| Self::total(&Self::groups(self.candidates(), band)))
			.unwrap_or_default()
	}

	fn occupied_slots(&self, start: ProverId, limit: u32) -> Vec<ProverId> {
		self.occupied()
			.map(|(prover_id, _)| prover_id)
			.filter(|prover_id| *prover_id >= start)
			.take(limit as usize)
			.collect()
	}

	fn check(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<Balance>>)>,
	) -> Result<(), &'static str> {
		let members: BTreeMap<_, _> = members.collect();
		if !self.occupied().eq(members) {
			return Err("I6: the slots are not those of the members");
		}
		Ok(())
	}

	/// Nothing: a benchmark with a full pool measures the scan of all slots.
	fn draw_surcharge() -> Weight {
		Weight::zero()
	}

	fn update_surcharge() -> Weight {
		Weight::zero()
	}

	fn reorder_surcharge() -> Weight {
		Weight::zero()
	}
}
