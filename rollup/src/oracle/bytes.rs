//! Choices taken from bytes.

/// Bytes to take choices from. When they are used up, all choices are 0.
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
	/// Returns choices from these bytes.
	pub fn new(data: &'a [u8]) -> Self {
		Self(data)
	}

	/// Returns whether no bytes are left.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}

	/// Returns the next byte.
	pub fn byte(&mut self) -> u8 {
		let Some((first, rest)) = self.0.split_first() else { return 0 };
		self.0 = rest;
		*first
	}

	/// Returns a number below `count`, which is above 0.
	pub fn below(&mut self, count: usize) -> usize {
		let number = u16::from_le_bytes([self.byte(), self.byte()]);
		usize::from(number) % count
	}

	/// Returns a number of 64 bits.
	pub fn number(&mut self) -> u64 {
		u64::from_le_bytes(core::array::from_fn(|_| self.byte()))
	}
}
