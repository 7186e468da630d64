//! A test of `memory.s` in the zkVM: copies, fills and comparisons of every alignment and many lengths,
//! compared with loops over bytes. It panics if there is a difference.

#![no_std]
#![no_main]
#![deny(missing_docs)]

extern crate alloc;

#[path = "../runtime.rs"]
#[allow(dead_code)]
mod runtime;

use core::{
	ffi::c_void,
	ptr::{addr_of, addr_of_mut, read_volatile, write_volatile},
};
use prover_pool_rollup::Hash;

extern "C" {
	fn memcpy(to: *mut c_void, from: *const c_void, bytes: usize) -> *mut c_void;
	fn memmove(to: *mut c_void, from: *const c_void, bytes: usize) -> *mut c_void;
	fn memset(to: *mut c_void, byte: i32, bytes: usize) -> *mut c_void;
	fn memcmp(left: *const c_void, right: *const c_void, bytes: usize) -> i32;
}

/// More than the longest run that is copied without a loop, and both ends of it.
const SIZE: usize = 224;
/// The lengths that are tried.
const LENGTHS: [usize; 24] =
	[0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 19, 20, 23, 24, 31, 33, 63, 64, 67, 131, 150];

#[repr(align(4))]
struct Memory(#[allow(dead_code)] [u8; SIZE]);

static mut MEMORY: Memory = Memory([0; SIZE]);

/// Returns a pointer into the memory.
fn at(offset: usize) -> *mut u8 {
	// SAFETY: the address of a place, not a reference to it. Offsets are within the memory.
	unsafe { addr_of_mut!(MEMORY).cast::<u8>().add(offset) }
}

/// Returns a byte of the memory. No compiler makes a call of `memcpy` of it.
fn get(offset: usize) -> u8 {
	// SAFETY: offsets are within the memory, and there is one thread.
	unsafe { read_volatile(at(offset)) }
}

/// Fills the memory with different bytes, and returns the last of them.
fn fill() {
	for offset in 0..SIZE {
		// SAFETY: offsets are within the memory, and there is one thread.
		unsafe { write_volatile(at(offset), (offset * 7 + 1) as u8) };
	}
}

/// Panics unless each byte is what `expected` says, and `returned` is where the call wrote.
fn check(to: usize, returned: *mut c_void, expected: impl Fn(usize) -> u8) {
	assert!(returned.cast() == at(to));
	for offset in 0..SIZE {
		assert!(get(offset) == expected(offset));
	}
}

/// The byte that [`fill`] has written.
fn filled(offset: usize) -> u8 {
	(offset * 7 + 1) as u8
}

fn copies(to: usize, from: usize, length: usize, overlap: bool) {
	fill();
	let (target, source) = (at(to).cast(), at(from).cast_const().cast());
	// SAFETY: both runs are within the memory, and do not overlap unless it is said so.
	let returned = unsafe {
		if overlap {
			memmove(target, source, length)
		} else {
			memcpy(target, source, length)
		}
	};
	check(to, returned, |offset| match offset.checked_sub(to) {
		Some(index) if index < length => filled(from + index),
		_ => filled(offset),
	});
}

fn fills(to: usize, length: usize) {
	fill();
	// SAFETY: the run is within the memory.
	let returned = unsafe { memset(at(to).cast(), 0x1a5, length) };
	check(to, returned, |offset| match offset.checked_sub(to) {
		Some(index) if index < length => 0xa5,
		_ => filled(offset),
	});
}

/// Compares two equal runs, and then with each of some bytes changed.
fn comparisons(left: usize, right: usize, length: usize) {
	fill();
	for index in 0..length {
		// SAFETY: both runs are within the memory, and there is one thread.
		unsafe { write_volatile(at(right + index), get(left + index)) };
	}
	// SAFETY: both runs are within the memory.
	let compare = || unsafe { memcmp(at(left).cast(), at(right).cast(), length) };
	assert!(compare() == 0);
	for index in [0, 3, 4, length / 2, length.saturating_sub(1)] {
		if index < length {
			let byte = get(right + index);
			for other in [byte ^ 0x80, byte ^ 1] {
				// SAFETY: the run is within the memory, and there is one thread.
				unsafe { write_volatile(at(right + index), other) };
				assert!((compare() < 0) == (byte < other) && compare() != 0);
			}
			// SAFETY: as above.
			unsafe { write_volatile(at(right + index), byte) };
		}
	}
}

/// Tries all of it.
fn main() -> Hash {
	assert!(addr_of!(MEMORY).cast::<u32>().is_aligned());
	for length in LENGTHS {
		for to in 0..4 {
			fills(8 + to, length);
			for from in 0..4 {
				if length <= 64 {
					copies(8 + to, 128 + from, length, false);
					copies(128 + to, 8 + from, length, false);
					comparisons(8 + to, 128 + from, length);
				}
				// Close to each other, in both directions.
				copies(8 + to, 8 + from, length, true);
				copies(8 + to, 24 + from, length, true);
				copies(24 + to, 8 + from, length, true);
			}
		}
	}
	// No more than a word apart, aligned: the greatest overlap.
	copies(8, 12, 150, true);
	copies(12, 8, 152, true);
	[1; 32]
}
