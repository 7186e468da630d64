//! Who is in the pool: the one interface through which the rest of the pallet asks the book and the
//! index, and tells them of changes.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{defensive, traits::Get};
use prover_pool_index::{Band, Entry, Error as IndexError, Index, Key};
use prover_pool_primitives::{OpenReason, PricePerGas};
use sp_core::U256;
use sp_runtime::{
	traits::{UniqueSaturatedInto, Zero},
	Perbill,
};

use crate::{
	book::Store,
	selection,
	slots::{page_of, slot_at, Page},
	BalanceOf, Book, Books, Capacity, Config, Pages, Places, PriceBand, ProverId, ProverOf,
	ProverWeight, Slots, Stakers, Turn, Waiting,
};

/// What the book and the index know of one member.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
	pub slot: ProverId,
	pub price: PricePerGas,
	pub stake: u128,
	pub places: Capacity,
	/// Its turn to take part in draws, while it waits for that.
	pub waits: Option<Turn>,
}

impl Standing {
	fn entry(&self) -> Entry {
		Entry {
			key: Key { price: self.price, id: self.slot },
			stake: self.stake,
			active: self.places > 0 && self.waits.is_none(),
		}
	}
}

/// Where a new member goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
	/// Into a vacant slot.
	Vacant(ProverId),
	/// In place of the smallest prover.
	Replacing(ProverId),
}

/// The book, opened for one operation. What is changed is written by [`Members::close`].
pub(crate) struct Members<T: Config> {
	index: Index<Store<T>>,
	places: Places,
	slots: Page,
	full: Page,
	/// The other pages that were changed: as they were, and as they are.
	pages: BTreeMap<u32, (Page, Page)>,
}

impl<T: Config> Members<T> {
	/// Reads the book.
	pub fn open() -> Self {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return Self::opened(Book::default());
		}
		Self::opened(Books::<T>::get())
	}

	fn opened(book: Book<T::NodeWidth>) -> Self {
		let Book { root, top, places, slots, full } = book;
		let index = Index::new(Store::open(root, top));
		Self { index, places, slots, full, pages: BTreeMap::new() }
	}

	/// Writes the book, and what else has changed.
	pub fn close(self) {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return;
		}
		let Self { index, places, slots, full, pages } = self;
		for (number, (before, page)) in pages {
			if page != before {
				Pages::<T>::insert(number, page);
			}
		}
		let (root, top) = index.into_nodes().close();
		Books::<T>::put(Book { root, top, places, slots, full });
	}

	/// Takes note of what has become of a member: it entered, left, or changed.
	pub fn note(&mut self, who: &T::AccountId, before: Option<Standing>, after: Option<Standing>) {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			if let (Some(before), None) = (before, after) {
				crate::scan::vacate::<T>(before.slot);
			}
			return;
		}
		match (before, after) {
			(Some(before), Some(after)) if before.entry().key == after.entry().key => {
				self.change(before, after)
			},
			(before, after) => {
				if let Some(before) = before {
					self.leave(before);
				}
				if let Some(after) = after {
					self.enter(who, after);
				}
			},
		}
	}

	fn enter(&mut self, who: &T::AccountId, standing: Standing) {
		sound(self.index.insert(standing.entry()));
		self.set_taken(standing.slot, true);
		Slots::<T>::insert(standing.slot, who);
		self.places.add(&standing);
		if let Some(turn) = standing.waits {
			Waiting::<T>::insert(turn, ());
		}
	}

	fn leave(&mut self, standing: Standing) {
		sound(self.index.remove(standing.entry().key));
		self.set_taken(standing.slot, false);
		self.places.subtract(&standing);
		if let Some(turn) = standing.waits {
			Waiting::<T>::remove(turn);
		}
	}

	fn change(&mut self, before: Standing, after: Standing) {
		if before.entry() != after.entry() {
			sound(self.index.update(after.entry()));
		}
		self.places.subtract(&before);
		self.places.add(&after);
		if before.waits != after.waits {
			before.waits.inspect(|turn| Waiting::<T>::remove(turn));
			after.waits.inspect(|turn| Waiting::<T>::insert(turn, ()));
		}
	}

	/// The place for somebody who stakes `amount`, if that is good enough: the vacant slot with the lowest
	/// number, else that of the smallest stake, the lowest number on a tie, if that stake plus the
	/// overbid is below `amount` (R1, D12, D14).
	pub fn place_for(&mut self, amount: BalanceOf<T>) -> Option<Place> {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return crate::scan::place_for::<T>(amount);
		}
		if self.index.len() < T::MaxProvers::get() {
			return self.lowest_vacant().map(Place::Vacant);
		}
		let smallest = sound(self.index.smallest())?;
		let min_overbid: Perbill = T::MinOverbid::get();
		let to_beat = smallest.stake.saturating_add(min_overbid.mul_ceil(smallest.stake));
		let amount: u128 = amount.unique_saturated_into();
		(to_beat < amount).then_some(Place::Replacing(smallest.id))
	}

	/// Draws a slot at `fee` and gives it with the price agreed, or says why there is none (R4).
	pub fn draw(
		&self,
		fee: PricePerGas,
		seed: U256,
	) -> Result<(ProverId, PricePerGas), OpenReason> {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return crate::scan::draw::<T>(fee, seed);
		}
		if fee.is_zero() {
			return Err(OpenReason::ZeroFee);
		}
		if self.index.len() <= self.places.waiting_members {
			return Err(OpenReason::EmptyPool);
		}
		let band = Self::band(fee);
		Self::prices(band)
			.and_then(|prices| sound(self.index.draw(prices, seed)))
			.map(|entry| (entry.key.id, band.clamp(entry.key.price)))
			.ok_or(OpenReason::NoFreeCapacity)
	}

	/// The free places.
	pub fn places(&self) -> Places {
		self.places
	}

	/// Who is in a slot that is taken.
	pub fn occupant(slot: ProverId) -> Option<T::AccountId> {
		#[cfg(feature = "scaling")]
		if crate::scan::on() {
			return crate::scan::occupant::<T>(slot);
		}
		let who = Slots::<T>::get(slot);
		if who.is_none() {
			defensive!("nobody is known to have entered a slot that is taken");
		}
		who
	}

	/// Up to `limit` members in the order of their slots, from slot `start` on.
	pub fn page(&self, start: ProverId, limit: u32) -> Vec<(ProverId, ProverOf<T>)> {
		let (first, start_bit) = page_of(start.max(1));
		let (last, _) = page_of(T::MaxProvers::get());
		(first..=last)
			.flat_map(|number| {
				let page = self.page_at(number);
				let start = if number == first { start_bit } else { 0 };
				page.from(start).map(|bit| slot_at(number, bit)).collect::<Vec<_>>()
			})
			.filter_map(|slot| {
				let (_, prover) = Stakers::<T>::get(Self::occupant(slot)?);
				Some((slot, prover?))
			})
			.take(limit as usize)
			.collect()
	}

	/// What each of those members weighs in a draw of the next block at `fee`.
	pub fn weights(&self, fee: PricePerGas, start: ProverId, limit: u32) -> Vec<ProverWeight> {
		let band = Self::band(fee);
		let weight = |prover: &ProverOf<T>| {
			let stake = prover.staked_amount.unique_saturated_into();
			prover_pool_index::weight(stake, band.clamp(prover.reward_per_gas))
		};
		let total = Self::prices(band)
			.and_then(|prices| sound(self.index.totals(prices).map(Some)))
			.map(|totals| totals.weight())
			.unwrap_or_default();
		self.page(start, limit)
			.into_iter()
			.map(|(prover_id, prover)| {
				let takes_part = !prover.waiting && prover.current_capacity > 0;
				let weight = if takes_part { weight(&prover) } else { U256::zero() };
				ProverWeight {
					prover_id,
					weight,
					share: selection::share(weight, total),
					effective_price: band.clamp(prover.reward_per_gas),
				}
			})
			.collect()
	}

	/// Whether the index and the book are what a scan of these members gives (I6).
	pub fn check(&self, members: impl Iterator<Item = Standing>) -> Result<(), &'static str> {
		self.index.check()?;
		let mut entries = BTreeMap::new();
		let mut places = Places::default();
		let mut turns = BTreeSet::new();
		for standing in members {
			entries.insert(standing.entry().key, standing.entry());
			places.add(&standing);
			turns.extend(standing.waits);
		}
		let everything = Key { price: 0, id: 0 };
		let indexed = self.index.page(everything, usize::MAX).unwrap_or_default();
		if !indexed.iter().eq(entries.values()) {
			return Err("I6: the index does not have the members that the slots have");
		}
		if places != self.places {
			return Err("I6: the sums of free places are not those of the members");
		}
		if !Waiting::<T>::iter_keys().eq(turns) {
			return Err("I6: those who wait are not those whose turn has not come");
		}
		let taken: BTreeSet<_> = entries.keys().map(|key| key.id).collect();
		self.check_slots(&taken)
	}

	fn check_slots(&self, taken: &BTreeSet<ProverId>) -> Result<(), &'static str> {
		let (last, _) = page_of(T::MaxProvers::get());
		let mut pages = BTreeMap::<u32, Page>::new();
		for slot in taken {
			let (number, bit) = page_of(*slot);
			pages.entry(number).or_default().set(bit, true);
		}
		for number in 0..=last {
			let page = pages.remove(&number).unwrap_or_default();
			if page != self.page_at(number) {
				return Err("I6: the slots that are marked as taken are not those of the members");
			}
			if self.full.has(number) != page.first_clear().is_none() {
				return Err(
					"I6: a page of slots is marked as full and is not, or the other way round",
				);
			}
		}
		Ok(())
	}

	fn band(fee: PricePerGas) -> PriceBand {
		PriceBand::around(fee, T::PriceFloorPercent::get(), T::PriceCeilingPercent::get())
	}

	/// The prices of a band, if it has any above 0.
	fn prices(band: PriceBand) -> Option<Band> {
		Band::new(band.low, band.high)
	}

	fn lowest_vacant(&self) -> Option<ProverId> {
		let number = self.full.first_clear()?;
		let bit = self.page_at(number).first_clear()?;
		Some(slot_at(number, bit)).filter(|slot| *slot <= T::MaxProvers::get())
	}

	fn set_taken(&mut self, slot: ProverId, taken: bool) {
		let (number, bit) = page_of(slot);
		let mut page = self.page_at(number);
		let before = page;
		page.set(bit, taken);
		self.full.set(number, page.first_clear().is_none());
		if number == 0 {
			self.slots = page;
		} else {
			self.pages.entry(number).or_insert((before, page)).1 = page;
		}
	}

	fn page_at(&self, number: u32) -> Page {
		match self.pages.get(&number) {
			_ if number == 0 => self.slots,
			Some((_, page)) => *page,
			None => Pages::<T>::get(number),
		}
	}
}

impl Places {
	fn add(&mut self, standing: &Standing) {
		self.shift(standing, u64::saturating_add, u32::saturating_add);
	}

	fn subtract(&mut self, standing: &Standing) {
		self.shift(standing, u64::saturating_sub, u32::saturating_sub);
	}

	/// Sums of at most 2²⁰ numbers below 2³²: nothing saturates unless a sum was wrong before.
	fn shift(
		&mut self,
		standing: &Standing,
		places: fn(u64, u64) -> u64,
		members: fn(u32, u32) -> u32,
	) {
		let free = standing.places.into();
		self.all = places(self.all, free);
		if standing.waits.is_some() {
			self.waiting = places(self.waiting, free);
			self.waiting_members = members(self.waiting_members, 1);
		}
	}
}

/// What an operation of the index gives. It can only fail if what is stored was not written by it, and
/// then gives nothing: no call and no hook panics.
fn sound<R: Default>(result: Result<R, IndexError>) -> R {
	result.unwrap_or_else(|error| {
		defensive!("the index is not sound", error);
		R::default()
	})
}

/// The least seed that draws the member in a slot at `fee`, if it can be drawn.
#[cfg(test)]
pub(crate) fn point_of<T: Config>(slot: ProverId, fee: PricePerGas) -> Option<U256> {
	let account = crate::account::Account::<T>::load(Members::<T>::occupant(slot)?);
	let key = account.standing()?.entry().key;
	let prices = Members::<T>::prices(Members::<T>::band(fee))?;
	sound(Members::<T>::open().index.point_of(key, prices))
}
