//! The encoding of items. It equals the derived one, but reads and writes each item in few pieces.
//!
//! Nodes have tens of items of up to nine fields. Decoding them field by field would be most of the
//! time of an operation in a runtime. A piece has at most 32 bytes, because the compiler copies so
//! few without a call.

use alloc::vec::Vec;
use codec::{Compact, Decode, Encode, EncodeLike, Error, Input, Output};
use sp_core::{bounded::BoundedVec, Get, U256};

use crate::{Child, Entry, Key, Node, Smallest, Summary, Sums};

const ENTRY: usize = 25;
const CHILD: usize = 92;

/// Decodes fields from the bytes of an item.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
	fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
		let (field, rest) = self.0.split_first_chunk().ok_or("an item is too short")?;
		self.0 = rest;
		Ok(*field)
	}

	fn u32(&mut self) -> Result<u32, Error> {
		self.take().map(u32::from_le_bytes)
	}

	fn u64(&mut self) -> Result<u64, Error> {
		self.take().map(u64::from_le_bytes)
	}

	fn u128(&mut self) -> Result<u128, Error> {
		self.take().map(u128::from_le_bytes)
	}

	fn u256(&mut self) -> Result<U256, Error> {
		Ok(U256([self.u64()?, self.u64()?, self.u64()?, self.u64()?]))
	}
}

/// Encodes fields into the bytes of an item.
struct Bytes<const N: usize> {
	bytes: [u8; N],
	end: usize,
}

impl<const N: usize> Bytes<N> {
	fn new() -> Self {
		Self { bytes: [0; N], end: 0 }
	}

	fn put<const M: usize>(&mut self, field: [u8; M]) {
		// The fields of an item have as many bytes as the item, so this always fits.
		if let Some(target) = self.bytes.get_mut(self.end..self.end + M) {
			target.copy_from_slice(&field);
		}
		self.end += M;
	}
}

impl Encode for Entry {
	fn size_hint(&self) -> usize {
		ENTRY
	}

	fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
		let Entry { key: Key { price, id }, stake, active } = *self;
		let mut item = Bytes::<ENTRY>::new();
		item.put(price.to_le_bytes());
		item.put(id.to_le_bytes());
		item.put(stake.to_le_bytes());
		item.put([u8::from(active)]);
		dest.write(&item.bytes);
	}
}

impl EncodeLike for Entry {}

impl Decode for Entry {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		let bytes: [u8; ENTRY] = read(input)?;
		let mut fields = Fields(&bytes);
		Ok(Self {
			key: Key { price: fields.u32()?, id: fields.u32()? },
			stake: fields.u128()?,
			active: match fields.take()? {
				[0] => false,
				[1] => true,
				_ => return Err("a flag is neither 0 nor 1".into()),
			},
		})
	}
}

impl Encode for Child {
	fn size_hint(&self) -> usize {
		CHILD
	}

	fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
		let Child { id, least, summary: Summary { count, active, smallest } } = *self;
		let mut head = Bytes::<20>::new();
		head.put(id.to_le_bytes());
		head.put(least.price.to_le_bytes());
		head.put(least.id.to_le_bytes());
		head.put(count.to_le_bytes());
		dest.write(&head.bytes);
		dest.write(&active.stake.to_le_bytes());
		let mut weight = Bytes::<32>::new();
		for word in active.weight.0 {
			weight.put(word.to_le_bytes());
		}
		dest.write(&weight.bytes);
		let mut last = Bytes::<24>::new();
		last.put(smallest.stake.to_le_bytes());
		last.put(smallest.id.to_le_bytes());
		last.put(smallest.price.to_le_bytes());
		dest.write(&last.bytes);
	}
}

impl EncodeLike for Child {}

impl Decode for Child {
	#[inline]
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		let head: [u8; 20] = read(input)?;
		let stake = u128::from_le_bytes(read(input)?);
		let weight: [u8; 32] = read(input)?;
		let smallest: [u8; 24] = read(input)?;
		let (mut head, mut weight) = (Fields(&head), Fields(&weight));
		let mut smallest = Fields(&smallest);
		Ok(Self {
			id: head.u64()?,
			least: Key { price: head.u32()?, id: head.u32()? },
			summary: Summary {
				count: head.u32()?,
				active: Sums { stake, weight: weight.u256()? },
				smallest: Smallest {
					stake: smallest.u128()?,
					id: smallest.u32()?,
					price: smallest.u32()?,
				},
			},
		})
	}
}

/// Reads a piece of an item.
#[inline]
fn read<const N: usize>(input: &mut impl Input) -> Result<[u8; N], Error> {
	let mut bytes = [0; N];
	input.read(&mut bytes)?;
	Ok(bytes)
}

impl<W: Get<u32>> Decode for Node<W> {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		match input.read_byte()? {
			0 => items(input).map(Self::Leaf),
			1 => items(input).map(Self::Inner),
			_ => Err("neither a leaf nor an inner node".into()),
		}
	}
}

/// Decodes the items of a node. The width bounds what is allocated before they are read.
fn items<T: Decode, W: Get<u32>, I: Input>(input: &mut I) -> Result<BoundedVec<T, W>, Error> {
	let len = Compact::<u32>::decode(input)?.0;
	if len > W::get() {
		return Err("a node is too wide".into());
	}
	let mut items = Vec::with_capacity(len as usize);
	for _ in 0..len {
		items.push(T::decode(input)?);
	}
	BoundedVec::try_from(items).map_err(|_| "a node is too wide".into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;
	use codec::{DecodeAll, MaxEncodedLen};
	use sp_core::ConstU32;

	#[test]
	fn items_encode_as_their_fields() {
		let entry = Entry { key: Key { price: 0x0102_0304, id: 5 }, stake: 1 << 100, active: true };
		let fields = (entry.key, entry.stake, entry.active);
		assert_eq!(entry.encode(), fields.encode());
		assert_eq!(Entry::decode_all(&mut &fields.encode()[..]), Ok(entry));
		assert_eq!(entry.encode().len(), ENTRY);
		assert_eq!(Entry::max_encoded_len(), ENTRY);

		let child = Child {
			id: u64::MAX - 7,
			least: Key { price: 9, id: u32::MAX },
			summary: Summary {
				count: 77,
				active: Sums { stake: u128::MAX - 3, weight: (U256::one() << 211) + 13 },
				smallest: Smallest { stake: 1 << 70, id: 8, price: 0x0a0b_0c0d },
			},
		};
		let fields = (child.id, child.least, child.summary);
		assert_eq!(child.encode(), fields.encode());
		assert_eq!(Child::decode_all(&mut &fields.encode()[..]), Ok(child));
		assert_eq!(child.encode().len(), CHILD);
		assert_eq!(Child::max_encoded_len(), CHILD);
	}

	#[test]
	fn nodes_decode_up_to_their_width() {
		let entry = Entry { key: Key { price: 1, id: 2 }, stake: 3, active: false };
		let leaf = |count: usize| Node::<ConstU32<5>>::Leaf(vec![entry; count].try_into().unwrap());
		for count in 0..=5 {
			let read = Node::<ConstU32<5>>::decode_all(&mut &leaf(count).encode()[..]);
			assert!(read == Ok(leaf(count)));
		}
		assert!(Node::<ConstU32<4>>::decode(&mut &leaf(5).encode()[..]).is_err());
		assert!(Node::<ConstU32<5>>::decode(&mut &[2, 0][..]).is_err());
		assert!(Node::<ConstU32<5>>::decode(&mut &[0, 4][..]).is_err());
	}

	#[test]
	fn truncated_or_invalid_bytes_are_refused() {
		let entry = Entry { key: Key { price: 1, id: 2 }, stake: 3, active: false }.encode();
		assert!(Entry::decode(&mut &entry[..ENTRY - 1]).is_err());
		let mut odd = entry;
		odd[ENTRY - 1] = 2;
		assert!(Entry::decode(&mut &odd[..]).is_err());
		assert!(Child::decode(&mut &[0; CHILD - 1][..]).is_err());
	}
}
