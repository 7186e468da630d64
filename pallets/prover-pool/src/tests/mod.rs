//! Tests by topic. The rules they cite are those of `docs/protocol.md`.

mod attacks;
mod bounds;
mod conformance;
mod currency_events;
mod deferral;
mod draws;
mod ejection;
mod entering;
mod entry_delay;
mod exits;
mod genesis;
mod integrity;
mod invariants;
mod leaving;
mod migrations;
mod offers;
mod queries;
mod random_lives;
mod replacing;
mod settlement;
mod simulations;
mod slashing;
mod statistics;
mod suspension;
mod unusual_accounts;
mod weights;
