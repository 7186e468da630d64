//! Execution of the guest in the emulator, which is what is proven afterwards.

use crate::image;
use anyhow::{bail, Result};
use risc0_binfmt::ByteAddr;
use risc0_circuit_rv32im::{
	execute::{
		platform::{REG_A3, REG_A4, REG_A5, REG_T6},
		CycleLimit, Executor, Segment, Syscall, SyscallContext,
	},
	MAX_INSN_CYCLES_LOWER_PO2,
};
use std::{
	cell::{Cell, RefCell},
	fmt,
	ops::RangeInclusive,
};

/// The sizes of segments that can be asked for, as powers of two in cycles.
pub const SEGMENT_PO2: RangeInclusive<usize> = 15..=21;

/// The most cycles of an execution, without paging.
pub const MAX_CYCLES: u64 = 1 << 28;

/// An execution that halted.
pub struct Execution {
	/// What the guest committed to.
	pub journal: Vec<u8>,
	/// The parts that are proven one by one, in order. At least one.
	pub segments: Vec<Segment>,
	/// The cycles of instructions and system calls.
	pub user_cycles: u64,
	/// The cycles for reading and writing pages of memory.
	pub paging_cycles: u64,
	/// The cycles that are proven: the sum of the segments' sizes, each a power of two.
	pub total_cycles: u64,
}

/// Why an execution has no proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExecutionError {
	/// The size of segments is not in [`SEGMENT_PO2`].
	SegmentSize(usize),
	/// The guest refused its input, with this reason.
	Refused(String),
	/// The emulator failed, or the guest is not a program for it.
	Emulator(String),
}

impl fmt::Display for ExecutionError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::SegmentSize(po2) => write!(
				formatter,
				"segments of 2^{po2} cycles cannot be proven: from 2^{} to 2^{}",
				SEGMENT_PO2.start(),
				SEGMENT_PO2.end(),
			),
			Self::Refused(reason) => write!(formatter, "the guest refuses the block: {reason}"),
			Self::Emulator(reason) => write!(formatter, "the guest cannot be executed: {reason}"),
		}
	}
}

impl std::error::Error for ExecutionError {}

/// Executes the guest with this input: the bytes of [`Input::frames`](crate::Input::frames). Segments
/// have at most `2^segment_po2` cycles.
///
/// # Errors
/// [`ExecutionError::Refused`] if the input does not decode or its witness is wrong.
pub fn execute(
	elf: &[u8],
	input: &[u8],
	segment_po2: usize,
) -> std::result::Result<Execution, ExecutionError> {
	if !SEGMENT_PO2.contains(&segment_po2) {
		return Err(ExecutionError::SegmentSize(segment_po2));
	}
	let image = image::image(elf).map_err(ExecutionError::Emulator)?;
	let host = Host::new(input);
	let mut segments = Vec::new();
	let executed = Executor::new(image, &host, None, Vec::new(), None).run(
		segment_po2,
		// The guest has no instruction for large integers, which take more.
		MAX_INSN_CYCLES_LOWER_PO2,
		CycleLimit::Hard(MAX_CYCLES),
		|segment| {
			segments.push(segment);
			Ok(())
		},
	);
	match (executed, host.refusal.into_inner()) {
		(_, Some(reason)) => Err(ExecutionError::Refused(reason)),
		(Err(error), None) => Err(ExecutionError::Emulator(format!("{error:#}"))),
		(Ok(result), None) => Ok(Execution {
			journal: host.journal.into_inner(),
			segments,
			user_cycles: result.user_cycles,
			paging_cycles: result.paging_cycles,
			total_cycles: result.total_cycles,
		}),
	}
}

/// The numbers of the kernel's system calls that the guest uses.
mod call {
	pub const PANIC: u32 = 9;
	pub const READ: u32 = 12;
	pub const WRITE: u32 = 16;
}

/// The file descriptor of the journal.
const JOURNAL: u32 = 3;

/// The most bytes that the guest writes: the journal, or the reason of a refusal.
const MAX_WRITTEN: u32 = 1024;

/// The guest's system calls.
///
/// The kernel makes each of them by a read from a descriptor that is not 0, with the call's number and
/// arguments in the guest's registers. Then it reads the call's two results from descriptor 0.
struct Host<'a> {
	/// What the guest has not read yet.
	input: Cell<&'a [u8]>,
	/// What it has written to the journal.
	journal: RefCell<Vec<u8>>,
	/// The results of the last call.
	results: Cell<[u32; 2]>,
	/// Why the guest gave up.
	refusal: RefCell<Option<String>>,
}

impl<'a> Host<'a> {
	fn new(input: &'a [u8]) -> Self {
		Self {
			input: Cell::new(input),
			journal: RefCell::default(),
			results: Cell::default(),
			refusal: RefCell::default(),
		}
	}

	/// Fills the beginning of the buffer from the input. Returns the number of bytes.
	fn take(&self, buffer: &mut [u8]) -> usize {
		let input = self.input.get();
		let (taken, rest) = input.split_at(input.len().min(buffer.len()));
		buffer[..taken.len()].copy_from_slice(taken);
		self.input.set(rest);
		taken.len()
	}

	/// Reads `wanted` bytes: whole words into the buffer, and what remains of the last word into the
	/// second result. The first one is the number of bytes.
	fn read(&self, wanted: u32, buffer: &mut [u8]) {
		let rest = (wanted as usize).saturating_sub(buffer.len()).min(3);
		let mut word = [0; 4];
		let read = self.take(buffer) + self.take(&mut word[..rest]);
		self.results.set([read as u32, u32::from_le_bytes(word)]);
	}

	/// Returns bytes of the guest's memory, of which there are a pointer and a length in registers.
	fn memory(context: &mut impl SyscallContext, pointer: usize, length: usize) -> Result<Vec<u8>> {
		let pointer = ByteAddr(context.peek_register(pointer)?);
		let length = context.peek_register(length)?.min(MAX_WRITTEN);
		context.peek_region(pointer, length as usize)
	}
}

impl Syscall for Host<'_> {
	fn host_read(
		&self,
		context: &mut impl SyscallContext,
		descriptor: u32,
		buffer: &mut [u8],
	) -> Result<u32> {
		if descriptor == 0 {
			let results = self.results.get().map(u32::to_le_bytes);
			for (to, from) in buffer.iter_mut().zip(results.as_flattened()) {
				*to = *from;
			}
			return Ok(buffer.len() as u32);
		}
		match context.peek_register(REG_T6)? {
			call::READ => self.read(context.peek_register(REG_A4)?, buffer),
			call::WRITE => {
				if context.peek_register(REG_A3)? != JOURNAL {
					bail!("the guest writes to something other than its journal");
				}
				let written = Self::memory(context, REG_A4, REG_A5)?;
				self.journal.borrow_mut().extend(written);
				self.results.set([0, 0]);
			},
			call::PANIC => {
				let reason = Self::memory(context, REG_A3, REG_A4)?;
				let reason = String::from_utf8_lossy(&reason).into_owned();
				*self.refusal.borrow_mut() = Some(reason.clone());
				bail!(reason);
			},
			other => bail!("the guest makes the unknown system call {other}"),
		}
		Ok(buffer.len() as u32)
	}

	/// Refuses what the kernel writes: it does so before it gives up.
	fn host_write(&self, _: &mut impl SyscallContext, _: u32, buffer: &[u8]) -> Result<u32> {
		bail!("the kernel gave up: {}", String::from_utf8_lossy(buffer));
	}
}
