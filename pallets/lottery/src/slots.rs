//! The occupied slots: a bit each, so that the vacant slot with the lowest number (R1) and the
//! occupied ones in ascending order are found without a look at each slot.
//!
//! A page has 1,024 slots. The first page, and one bit for each page that is full, are in the
//! state: a pool of up to 1,024 slots needs nothing else.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{defensive, traits::Get};
use prover_pool_primitives::ProverId;
use scale_info::TypeInfo;

use crate::{Config, Lottery, Pages, LOG_TARGET, MAX_PROVERS_LIMIT};

const WORDS: usize = 16;

/// The number of slots of a page, and the highest number of pages.
pub(crate) const PAGE: u32 = 64 * WORDS as u32;

const _: () = assert!(PAGE * PAGE == MAX_PROVERS_LIMIT);

/// One bit for each of 1,024 things.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Bitmap([u64; WORDS]);

impl Bitmap {
	fn locate(bit: u32) -> (usize, u64) {
		((bit / 64) as usize % WORDS, 1 << (bit % 64))
	}

	/// Returns whether a bit is set.
	pub fn has(&self, bit: u32) -> bool {
		let (word, mask) = Self::locate(bit);
		self.0[word] & mask != 0
	}

	/// Sets or clears a bit.
	pub fn set(&mut self, bit: u32, value: bool) {
		let (word, mask) = Self::locate(bit);
		if value {
			self.0[word] |= mask;
		} else {
			self.0[word] &= !mask;
		}
	}

	/// Returns the lowest bit that is clear.
	pub fn first_clear(&self) -> Option<u32> {
		let word = self.0.iter().position(|word| *word != u64::MAX)?;
		Some(64 * word as u32 + self.0[word].trailing_ones())
	}

	/// Returns the bits that are set, from `start` on, in ascending order.
	pub fn iter_from(self, start: u32) -> impl Iterator<Item = u32> {
		(start..PAGE).filter(move |bit| self.has(*bit))
	}
}

/// Returns the page of a slot, and its bit there. Slots are counted from 1.
pub(crate) fn page_of(slot: ProverId) -> (u32, u32) {
	let bit = slot.saturating_sub(1);
	(bit / PAGE, bit % PAGE)
}

/// Returns the slot of a bit on a page.
pub(crate) fn slot_at(page: u32, bit: u32) -> ProverId {
	page.saturating_mul(PAGE).saturating_add(bit).saturating_add(1)
}

impl<T: Config> Lottery<T> {
	/// Returns the vacant slot with the lowest number.
	pub(crate) fn lowest_vacant(&self) -> Option<ProverId> {
		let max_provers = T::MaxProvers::get();
		let number =
			self.state.full_pages.first_clear().filter(|page| slot_at(*page, 0) <= max_provers)?;
		let bit = self.page(number)?.first_clear()?;
		Some(slot_at(number, bit)).filter(|slot| *slot <= max_provers)
	}

	/// Records that a slot is occupied, or vacant.
	pub(crate) fn set_slot(&mut self, slot: ProverId, occupied: bool) {
		if self.unusable.is_some() {
			return;
		}
		self.changed = true;
		if !(1..=MAX_PROVERS_LIMIT).contains(&slot) {
			defensive!("a slot beyond the limit");
			return;
		}
		let (number, bit) = page_of(slot);
		let Some(mut page) = self.page(number) else { return };
		if page.has(bit) == occupied {
			defensive!("a slot is occupied, or vacated, twice");
			return;
		}
		page.set(bit, occupied);
		self.state.full_pages.set(number, page.first_clear().is_none());
		self.state.last_page = self.state.last_page.max(number);
		if number == 0 {
			self.state.first_page = page;
		} else {
			self.changed_pages.insert(number, page);
		}
	}

	/// Writes the pages that were changed. The first one is the state's.
	pub(crate) fn save_pages(&self) {
		for (number, page) in &self.changed_pages {
			if *page == Bitmap::default() {
				Pages::<T>::remove(number);
			} else {
				Pages::<T>::insert(number, page);
			}
		}
	}

	/// Returns the occupied slots from `start` on, in ascending order.
	pub(crate) fn occupied(&self, start: ProverId) -> impl Iterator<Item = ProverId> + '_ {
		let (first, start_bit) = page_of(start);
		(first..=self.state.last_page).flat_map(move |number| {
			let start_bit = if number == first { start_bit } else { 0 };
			let page = self.page(number).unwrap_or_default();
			page.iter_from(start_bit).map(move |bit| slot_at(number, bit))
		})
	}

	/// Checks the pages and the bits of the full ones.
	pub(crate) fn check_slots(&self) -> Result<(), &'static str> {
		let stored: Vec<u32> = Pages::<T>::iter_keys().collect();
		if !stored.iter().all(|number| (1..=self.state.last_page).contains(number)) {
			return Err("I6: a page of slots is stored beyond the last one");
		}
		for number in 0..PAGE {
			let page = match number {
				_ if number > self.state.last_page => Bitmap::default(),
				_ => self.page(number).ok_or("I6: a page of slots cannot be decoded")?,
			};
			if self.state.full_pages.has(number) != page.first_clear().is_none() {
				return Err("I6: a full page of slots is not marked as full, or another one is");
			}
			if page == Bitmap::default() && stored.contains(&number) {
				return Err("I6: a page of slots is stored and has no occupied slot");
			}
		}
		Ok(())
	}

	/// Returns a page, or `None` if it cannot be decoded. It is then never overwritten.
	fn page(&self, number: u32) -> Option<Bitmap> {
		if number == 0 {
			return Some(self.state.first_page);
		}
		if let Some(page) = self.changed_pages.get(&number) {
			return Some(*page);
		}
		match Pages::<T>::try_get(number) {
			Ok(page) => Some(page),
			Err(()) if !Pages::<T>::contains_key(number) => Some(Bitmap::default()),
			Err(()) => {
				log::error!(target: LOG_TARGET, "I6: page {number} of slots cannot be decoded");
				None
			},
		}
	}
}
