//! Which slots are taken: bits, so that the vacant slot with the lowest number (R1) and the members in
//! the order of their slots are found without looking at slots one by one.
//!
//! Pages of 1,024 slots. The first page, and one bit for each page that says whether all of it is taken,
//! are kept where every change reads and writes anyway: a pool of up to 1,024 needs nothing else.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::ProverId;

const WORDS: usize = 16;

/// How many slots a page has; and there are as many pages, at most.
pub(crate) const PAGE: u32 = 64 * WORDS as u32;

/// One bit for each of 1,024 things.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Page([u64; WORDS]);

impl Page {
	fn place(bit: u32) -> (usize, u64) {
		((bit / 64) as usize % WORDS, 1 << (bit % 64))
	}

	/// Whether a bit is set.
	pub fn has(&self, bit: u32) -> bool {
		let (word, mask) = Self::place(bit);
		self.0[word] & mask != 0
	}

	/// Sets or clears a bit.
	pub fn set(&mut self, bit: u32, value: bool) {
		let (word, mask) = Self::place(bit);
		if value {
			self.0[word] |= mask;
		} else {
			self.0[word] &= !mask;
		}
	}

	/// The lowest bit that is not set.
	pub fn first_clear(&self) -> Option<u32> {
		let word = self.0.iter().position(|word| *word != u64::MAX)?;
		Some(64 * word as u32 + self.0[word].trailing_ones())
	}

	/// The bits that are set, from one on, in order.
	pub fn from(&self, start: u32) -> impl Iterator<Item = u32> + '_ {
		(start..PAGE).filter(|bit| self.has(*bit))
	}
}

/// The page that a slot is on, and its bit there. Slots are counted from 1.
pub(crate) fn page_of(slot: ProverId) -> (u32, u32) {
	let bit = slot.saturating_sub(1);
	(bit / PAGE, bit % PAGE)
}

/// The slot of a bit on a page.
pub(crate) fn slot_at(page: u32, bit: u32) -> ProverId {
	page.saturating_mul(PAGE).saturating_add(bit).saturating_add(1)
}
