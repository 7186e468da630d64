#![doc = include_str!("../README.md")]

pub mod cost;
pub mod pool;
pub mod report;
pub mod wasm;

pub use pallet_prover_pool::scaling::{Operation, Variant};
pub use prover_pool_runtime::scaling::Measured;

/// The sizes that are compared: the original's and demo's, and up to all that a chain may want.
pub const SIZES: [u32; 4] = [32, 1_024, 10_000, 100_000];

/// The operations in the order of their table.
pub const OPERATIONS: [Operation; 5] =
	[Operation::Assign, Operation::Release, Operation::Slash, Operation::Stake, Operation::Exit];

/// Both ways to find provers.
pub const VARIANTS: [Variant; 2] = [Variant::Index, Variant::Scan];
