//! The lottery as a [`Selection`].

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{defensive, traits::Get, weights::Weight};
use prover_lottery_index::{weight, Entry, Error, Index, Key, PriceBand};
use prover_pool_primitives::{
	Candidate, Drawn, ListedStake, OpenReason, PricePerGas, ProverId, Ranked, Selection,
};
use sp_core::U256;
use sp_runtime::{traits::AtLeast32BitUnsigned, Saturating};

use crate::{store::CachedNodes, surcharges, Bitmap, Config, LotteryState, State, LOG_TARGET};

/// A session of the lottery: the state, read once, and the changes to it, which [`Selection::save`]
/// writes.
///
/// If the stored state cannot be used (see [`State`]), the session has no member, offers no vacant
/// slot, ignores changes and writes nothing.
pub struct Lottery<T: Config> {
	pub(crate) index: Index<CachedNodes<T>>,
	/// The state, but for its root and its top node, which the index has.
	pub(crate) state: LotteryState,
	/// The slot pages that were changed, but for the first, which is in the state.
	pub(crate) changed_pages: BTreeMap<u32, Bitmap>,
	pub(crate) changed: bool,
	/// The reason why the stored state cannot be used.
	pub(crate) unusable: Option<&'static str>,
}

/// Returns a candidate with its stake in the lottery's own type.
pub(crate) fn with_wide_stake<Balance: AtLeast32BitUnsigned>(
	candidate: Candidate<Balance>,
) -> Candidate<u128> {
	let Candidate { stake, reward_per_gas, free_capacity, paused } = candidate;
	Candidate { stake: stake.unique_saturated_into(), reward_per_gas, free_capacity, paused }
}

/// Returns the entry of a candidate in the index.
pub(crate) fn entry_of(prover_id: ProverId, candidate: &Candidate<u128>) -> Entry {
	Entry {
		key: Key { price: candidate.reward_per_gas, id: prover_id },
		stake: candidate.stake,
		active: candidate.can_be_drawn(),
	}
}

impl<T: Config> Lottery<T> {
	pub(crate) fn read() -> Self {
		let (mut state, unusable) = match LotteryState::read::<T>() {
			Ok(state) => (state, None),
			Err(reason) => (LotteryState::default(), Some(reason)),
		};
		let index = Index::new(CachedNodes::open(state.root, state.top_node.take()));
		Self { index, state, changed_pages: BTreeMap::new(), changed: false, unusable }
	}

	/// Returns the price band at a fee, or `None` if it has no price above 0.
	pub(crate) fn band(fee_per_gas: PricePerGas) -> Option<PriceBand> {
		PriceBand::around(fee_per_gas, T::PriceFloorPercent::get(), T::PriceCeilingPercent::get())
	}

	/// Replaces an entry of the index.
	fn replace_entry(&mut self, before: Option<Entry>, after: Option<Entry>) -> Result<(), Error> {
		match (before, after) {
			(before, after) if before == after => {},
			(Some(before), Some(after)) if before.key == after.key => {
				if self.index.update(after)?.is_none() {
					defensive!("the candidate to update is not in the index");
				}
			},
			(before, after) => {
				if let Some(before) = before {
					if self.index.remove(before.key)?.is_none() {
						defensive!("the candidate to remove is not in the index");
					}
				}
				if let Some(after) = after {
					self.index.insert(after)?;
				}
			},
		}
		Ok(())
	}
}

/// Returns the result of a query of the index, or the default and logs an error if a stored node is
/// missing, cannot be decoded, or contradicts others.
fn logged_or_default<R: Default>(result: Result<R, Error>) -> R {
	result.unwrap_or_else(|error| {
		log::error!(target: LOG_TARGET, "I6: the index is damaged: {error:?}");
		R::default()
	})
}

impl<T: Config, Balance: AtLeast32BitUnsigned + Copy> Selection<Balance> for Lottery<T> {
	fn max_provers() -> u32 {
		T::MaxProvers::get()
	}

	fn open() -> Self {
		Self::read()
	}

	fn save(mut self) {
		if !self.changed {
			return;
		}
		self.save_pages();
		(self.state.root, self.state.top_node) = self.index.into_store().save();
		State::<T>::put(self.state);
	}

	fn vacant_slot(&self) -> Option<ProverId> {
		if self.unusable.is_some() {
			return None;
		}
		self.lowest_vacant()
	}

	fn lowest_ranked(&self) -> Option<Ranked<Balance>> {
		let smallest = logged_or_default(self.index.smallest())?;
		Some(Ranked {
			prover_id: smallest.id,
			stake: Balance::unique_saturated_from(smallest.stake),
		})
	}

	fn occupy(&mut self, prover_id: ProverId) {
		self.set_slot(prover_id, true);
	}

	fn vacate(&mut self, prover_id: ProverId) {
		self.set_slot(prover_id, false);
	}

	fn update(
		&mut self,
		prover_id: ProverId,
		before: Option<Candidate<Balance>>,
		after: Option<Candidate<Balance>>,
	) {
		if self.unusable.is_some() || before == after {
			return;
		}
		self.changed = true;
		let (before, after) = (before.map(with_wide_stake), after.map(with_wide_stake));
		let entry = |candidate: Option<Candidate<u128>>| {
			candidate.map(|candidate| entry_of(prover_id, &candidate))
		};
		let replaced = self.replace_entry(entry(before), entry(after));
		if replaced.is_err() {
			return logged_or_default(replaced);
		}
		// A sum of at most 2²⁰ numbers below 2³²: nothing saturates unless it was wrong before.
		let capacity = |candidate: Candidate<u128>| u64::from(candidate.drawable_capacity());
		self.state.free_capacity.saturating_reduce(before.map_or(0, capacity));
		self.state.free_capacity.saturating_accrue(after.map_or(0, capacity));
		self.state.listed_stake.replace(before, after);
	}

	fn draw(&self, fee_per_gas: PricePerGas, seed: U256) -> Result<Drawn, OpenReason> {
		if fee_per_gas == 0 {
			return Err(OpenReason::ZeroFee);
		}
		// Every candidate has a stake.
		let ListedStake { total, paused } = self.state.listed_stake;
		if total == paused {
			return Err(OpenReason::EmptyPool);
		}
		let band = Self::band(fee_per_gas).ok_or(OpenReason::NoFreeCapacity)?;
		let entry = logged_or_default(self.index.draw(band, seed));
		let Key { price, id } = entry.ok_or(OpenReason::NoFreeCapacity)?.key;
		Ok(Drawn { prover_id: id, reward_per_gas: band.clamp(price) })
	}

	fn free_capacity(&self) -> u64 {
		self.state.free_capacity
	}

	fn listed_stake(&self) -> ListedStake<Balance> {
		let ListedStake { total, paused } = self.state.listed_stake;
		ListedStake {
			total: Balance::unique_saturated_from(total),
			paused: Balance::unique_saturated_from(paused),
		}
	}

	fn weight_of(
		&self,
		fee_per_gas: PricePerGas,
		candidate: &Candidate<Balance>,
	) -> (U256, PricePerGas) {
		let Some(band) = Self::band(fee_per_gas) else { return (U256::zero(), 0) };
		let price = band.clamp(candidate.reward_per_gas);
		if candidate.can_be_drawn() {
			(weight(candidate.stake.unique_saturated_into(), price), price)
		} else {
			(U256::zero(), price)
		}
	}

	fn total_weight(&self, fee_per_gas: PricePerGas) -> U256 {
		Self::band(fee_per_gas)
			.and_then(|band| logged_or_default(self.index.totals(band).map(Some)))
			.map(|totals| totals.weight())
			.unwrap_or_default()
	}

	fn occupied_slots(&self, start: ProverId, limit: u32) -> Vec<ProverId> {
		self.occupied(start).take(limit as usize).collect()
	}

	fn check(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<Balance>>)>,
	) -> Result<(), &'static str> {
		self.check_state()?;
		self.check_members(members)
	}

	fn draw_surcharge() -> Weight {
		surcharges::draw::<T>()
	}

	fn update_surcharge() -> Weight {
		surcharges::update::<T>()
	}

	fn reorder_surcharge() -> Weight {
		surcharges::reorder::<T>()
	}
}
