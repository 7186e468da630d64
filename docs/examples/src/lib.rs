//! The examples of `docs/extending.md`. A test compares its text with these files.

pub mod cheapest;
pub mod fault;
pub mod protocol;
pub mod query;
pub mod verifier;
