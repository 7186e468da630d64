//! The configuration of every pallet, by role. Each value says why it is what it is.
#![warn(missing_docs)]

pub mod consensus;
pub mod money;
pub mod parameters;
pub mod pool;
pub mod protocol;
pub mod proxies;
pub mod system;
