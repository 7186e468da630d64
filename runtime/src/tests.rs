//! Tests of the runtime as a whole: what no single pallet can know.
//!
//! The integrity tests of all pallets run besides these, as `__construct_runtime_integrity_test`.

mod chain;
mod fees;
mod genesis;
mod governance;
mod instance;
mod life;
mod limits;
mod metadata;
#[cfg(not(any(
	feature = "next-runtime",
	feature = "runtime-benchmarks",
	feature = "try-runtime"
)))]
mod metadata_hash;
mod parameters;
mod proxies;
mod python_types;
mod randomness;
mod simulation;
mod steering;
mod upgrade;
mod validators;
