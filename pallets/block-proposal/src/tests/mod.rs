//! Tests by topic. All calls go through an origin; every test ends with all invariants of this
//! pallet and of the pool checked, and with the issuance that it began with.

mod attacks;
mod averages;
mod cancelling;
mod clearing;
mod confirming;
mod currency_events;
mod disputes;
mod draws;
mod emergency;
mod infallible;
mod integrity;
mod invariants;
mod money;
mod proposing;
mod proving;
mod random_sequences;
mod skipping;
mod verifiers;
mod verifying;
mod voiding;
