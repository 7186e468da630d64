#![doc = include_str!("../README.md")]

pub mod cost;
pub mod pool;

pub mod report;
pub mod times;
pub mod trace;
pub mod wasm;

pub use prover_pool_bench_runtime::{Operation, Setting, Variant};

/// The sizes that are compared: from the original's to the largest that a chain may need.
pub const SIZES: [u32; 4] = [32, 1_024, 10_000, 100_000];

/// The largest pool in which tests count the accesses and instructions of scans. A larger one takes too
/// long.
pub const LARGEST_SCAN: u32 = 1_024;

/// The operations in the order of their table, without the transfer.
pub const OPERATIONS: [Operation; 7] = [
	Operation::Draw,
	Operation::Release,
	Operation::Slash,
	Operation::Stake,
	Operation::Exit,
	Operation::Unstake,
	Operation::SetTerms,
];

/// Both selections.
pub const VARIANTS: [Variant; 2] = [Variant::Lottery, Variant::Scan];

/// Returns the name of an operation in all formats.
pub fn name(operation: Operation) -> &'static str {
	match operation {
		Operation::Draw => "draw",
		Operation::Release => "release",
		Operation::Slash => "slash",
		Operation::Stake => "stake",
		Operation::Exit => "exit",
		Operation::Unstake => "unstake",
		Operation::SetTerms => "set_terms",
		Operation::Transfer => "transfer",
	}
}

/// Returns the name of a selection in all formats.
pub fn variant_name(variant: Variant) -> &'static str {
	match variant {
		Variant::Lottery => "lottery",
		Variant::Scan => "scan",
	}
}
