//! # Naive models of both pallets, and the pallets run beside them
//!
//! The oracle of the property tests and of the fuzzer: [`pool`] for the prover pool by itself, driven
//! through its origins, and [`rollup`] for the protocol on top of it.

pub mod pool;
pub mod rollup;
