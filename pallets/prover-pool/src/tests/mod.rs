//! Tests by topic. The rules they cite are those of `docs/protocol.md`.

mod attacks;
mod balances;
mod choosing;
mod config;
mod conformance;
mod differences;
mod draws;
mod genesis;
mod invariants;
mod migrations;
mod pages;
mod queries;
mod random;
mod replacing;
mod selection;
mod settlement;
mod slashing;
mod staking;
mod statistics;
mod waiting;
mod weights;
