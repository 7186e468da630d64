//! Tests by topic. All calls go through an origin; every test ends with all invariants of this
//! pallet and of the pool checked, and with the issuance that it began with.

mod attacks;
mod averages;
mod clock;
mod disputes;
mod draws;
mod forks;
mod infallible;
mod integrity;
mod invariants;
mod money;
mod proposing;
mod proving;
mod skipping;
mod verifying;
mod windows;
