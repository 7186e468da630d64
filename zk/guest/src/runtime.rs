//! What a program needs in the zkVM: the entry point, memory, input, and the end.

use alloc::{vec, vec::Vec};
use core::{
	alloc::{GlobalAlloc, Layout},
	cell::Cell,
	panic::PanicInfo,
	ptr,
};
use prover_pool_rollup::{sha256, Hash};
use risc0_zkvm_platform::{
	fileno::{JOURNAL, STDIN},
	memory::{GUEST_MAX_MEM, STACK_TOP},
	syscall::{sys_halt, sys_panic, sys_read, sys_write},
};

// The linker defines where the global pointer points to, and the stack grows down from below the
// program.
core::arch::global_asm!(
	".section .text._start",
	".globl _start",
	"_start:",
	".option push",
	".option norelax",
	"la gp, __global_pointer$",
	".option pop",
	"li sp, {stack}",
	"call {start}",
	stack = const STACK_TOP,
	start = sym start,
);

// Copies and comparisons.
core::arch::global_asm!(include_str!("memory.s"));

/// Runs the program, and halts with what it commits to.
extern "C" fn start() -> ! {
	let journal = crate::main();
	// SAFETY: the journal is readable. The host needs it to present the proof.
	unsafe { sys_write(JOURNAL, journal.as_ptr(), journal.len()) };
	let output = output(&journal);
	sys_halt(0, &output);
}

/// Returns the digest of a journal without assumptions, as RISC Zero's claims have it: the SHA-256 hash
/// of the tag's hash, the journal's hash, zeros for the assumptions, and the number of these two.
fn output(journal: &Hash) -> [u32; 8] {
	let mut bytes = [0; 98];
	bytes[..32].copy_from_slice(&sha256(b"risc0.Output"));
	bytes[32..64].copy_from_slice(&sha256(journal));
	bytes[96] = 2;
	let hash = sha256(&bytes);
	let (words, _) = hash.as_chunks::<4>();
	let mut output = [0; 8];
	for (to, word) in output.iter_mut().zip(words) {
		*to = u32::from_le_bytes(*word);
	}
	output
}

/// Reads a length, `u32` and little endian, and that number of bytes.
pub fn read_frame() -> Vec<u8> {
	let mut length = [0; 4];
	read(&mut length);
	let mut frame = vec![0; u32::from_le_bytes(length) as usize];
	read(&mut frame);
	frame
}

/// Fills the buffer from the input.
fn read(buffer: &mut [u8]) {
	let mut rest = buffer;
	while !rest.is_empty() {
		// SAFETY: the buffer is writable.
		let count = unsafe { sys_read(STDIN, rest.as_mut_ptr(), rest.len()) };
		match rest.split_at_mut_checked(count) {
			Some((_, after)) if count > 0 => rest = after,
			_ => fail("the input is too short"),
		}
	}
}

/// Ends the execution without a proof.
pub fn fail(reason: &str) -> ! {
	// SAFETY: the text is readable.
	unsafe { sys_panic(reason.as_ptr(), reason.len()) }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
	fail("the guest panicked")
}

/// Memory from the end of the program upwards, never freed. It is zero at first.
struct Heap(Cell<usize>);

// SAFETY: there is one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(Cell::new(0));

extern "C" {
	/// The end of the program, by the linker.
	static _end: u8;
}

// SAFETY: every block lies behind all former ones, and within the memory of programs.
unsafe impl GlobalAlloc for Heap {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		let free = match self.0.get() {
			0 => ptr::addr_of!(_end) as usize,
			free => free,
		};
		// Words at least: hashing and copying are slow elsewhere.
		let begin = free.next_multiple_of(layout.align().max(4));
		match begin.checked_add(layout.size()) {
			Some(end) if end <= GUEST_MAX_MEM => {
				self.0.set(end);
				begin as *mut u8
			},
			_ => ptr::null_mut(),
		}
	}

	unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
		// SAFETY: as the caller's. Memory is zero at first and used once.
		unsafe { self.alloc(layout) }
	}

	unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

	unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
		// SAFETY: as the caller's; the new block does not overlap the old one.
		unsafe {
			let new = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
			if !new.is_null() {
				ptr::copy_nonoverlapping(old, new, layout.size().min(new_size));
			}
			new
		}
	}
}
