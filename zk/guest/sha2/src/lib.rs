//! SHA-256 by the zkVM's compression, with what the demo rollup uses of the crate `sha2`.
//!
//! The compression reads and writes memory by aligned words, and has the bytes of a state in the order
//! in which SHA-256 prints them. Blocks that are not aligned are copied first.

#![no_std]
#![deny(missing_docs)]

use digest::{consts::U64, generic_array::GenericArray};
use risc0_zkvm_platform::syscall::{sys_sha_buffer, sys_sha_compress};

/// The modules of the crate `digest` that the rollup names.
pub mod digest {
	/// Arrays of a length that is a type.
	pub mod generic_array {
		use super::consts::U64;
		use core::{
			marker::PhantomData,
			ops::{Deref, DerefMut},
		};

		/// An array of 64 bytes, which is all that is needed. It is aligned, so that the zkVM can read
		/// it where it is.
		#[derive(Clone, Copy)]
		#[repr(C, align(4))]
		pub struct GenericArray<T, N>([T; 64], PhantomData<N>);

		impl Default for GenericArray<u8, U64> {
			#[inline(always)]
			fn default() -> Self {
				Self([0; 64], PhantomData)
			}
		}

		impl<T, N> Deref for GenericArray<T, N> {
			type Target = [T];

			#[inline(always)]
			fn deref(&self) -> &[T] {
				&self.0
			}
		}

		impl<T, N> DerefMut for GenericArray<T, N> {
			#[inline(always)]
			fn deref_mut(&mut self) -> &mut [T] {
				&mut self.0
			}
		}
	}

	/// Lengths of arrays.
	pub mod consts {
		/// 64.
		#[derive(Clone, Copy)]
		pub struct U64;
	}
}

/// The input of one compression.
type Block = GenericArray<u8, U64>;

/// The bytes of a block.
const BLOCK: usize = 64;

/// The state of SHA-256 before the first block.
const INITIAL_STATE: [u32; 8] = [
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// A hash of whole messages.
pub trait Digest {
	/// Returns the hash of the bytes.
	fn digest(data: impl AsRef<[u8]>) -> [u8; 32];
}

/// SHA-256.
pub struct Sha256;

impl Digest for Sha256 {
	fn digest(data: impl AsRef<[u8]>) -> [u8; 32] {
		let data = data.as_ref();
		let mut state = INITIAL_STATE.map(u32::to_be);
		let (blocks, rest) = data.as_chunks::<BLOCK>();
		if blocks.as_ptr().cast::<u32>().is_aligned() {
			// SAFETY: the blocks are aligned.
			unsafe { compress_all(&mut state, blocks.as_ptr().cast(), blocks.len()) };
		} else {
			for block in blocks {
				let mut copy = Block::default();
				copy.copy_from_slice(block);
				compress(&mut state, &copy);
			}
		}

		// The rest, a one bit, zeros, and the number of bits.
		let mut first = Block::default();
		let mut second = Block::default();
		first[..rest.len()].copy_from_slice(rest);
		first[rest.len()] = 0x80;
		let one = rest.len() < BLOCK - 8;
		let end = if one { &mut first } else { &mut second };
		end[BLOCK - 8..].copy_from_slice(&(data.len() as u64 * 8).to_be_bytes());
		compress(&mut state, &first);
		if !one {
			compress(&mut state, &second);
		}

		let mut hash = [0; 32];
		for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
			bytes.copy_from_slice(&word.to_ne_bytes());
		}
		hash
	}
}

/// Replaces the state by that after compressing these blocks.
#[inline(always)]
pub fn compress256(state: &mut [u32; 8], blocks: &[Block]) {
	let mut words = state.map(u32::to_be);
	match blocks {
		[block] => compress(&mut words, block),
		// SAFETY: a `Block` is aligned, and has 64 bytes.
		_ => unsafe { compress_all(&mut words, blocks.as_ptr().cast(), blocks.len()) },
	}
	*state = words.map(u32::from_be);
}

/// Replaces the state, in the zkVM's order of bytes, by that after compressing blocks.
///
/// # Safety
/// `blocks` is aligned to words and points to this number of blocks.
#[inline(always)]
unsafe fn compress_all(state: &mut [u32; 8], blocks: *const u8, count: usize) {
	let before: *const _ = state;
	// SAFETY: all are aligned. The zkVM reads the state before it writes it.
	unsafe { sys_sha_buffer(state, before, blocks, count as u32) };
}

/// Replaces the state, in the zkVM's order of bytes, by that after compressing this block.
#[inline(always)]
fn compress(state: &mut [u32; 8], block: &Block) {
	let before: *const _ = state;
	let first = block.as_ptr();
	// SAFETY: all are aligned, and each half of the block has 32 bytes.
	unsafe { sys_sha_compress(state, before, first.cast(), first.add(BLOCK / 2).cast()) };
}
