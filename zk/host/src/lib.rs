//! The guest of the demo rollup from outside: its image, its input, and its execution in the
//! emulator.

#[cfg(feature = "circuit")]
mod execution;
pub mod image;
mod input;
pub mod samples;

#[cfg(feature = "circuit")]
pub use execution::{execute, Execution, ExecutionError, MAX_CYCLES, SEGMENT_PO2};
pub use input::Input;

/// The hash of the statement that a proof proves: `Instance::hash` of the rollup. It is the whole
/// journal of the guest.
pub type InstanceHash = [u8; 32];
