//! # What attacks cost: agents on the real pallets, in memory
//!
//! | Module | What it does |
//! |---|---|
//! | [`runtime`], [`parameters`] | a runtime with the pallets, each parameter settable |
//! | [`chain`], [`memory`], [`tokens`] | a chain in memory: calls, reads, money; its storage, its ledger |
//! | [`babe`], [`steering`] | who authors blocks, and what an author knows of draws |
//! | [`agents`], [`world`] | honest provers, proposers, rescuers, governance; the market that they make |
//! | [`attack`], [`attacks`] | what an attack is; the attacks |
//! | [`pricing`], [`fairness`] | what prices do to the fee; what honest provers earn |
//! | [`advise`] | parameters for a chain |
//! | [`stats`], [`report`], [`plot`] | means and intervals, the report |
//! | [`serial_delay`], [`rate`] | what slow provers cost the rollup, the speed of the simulator |

pub mod advise;
pub mod agents;
pub mod attack;
pub mod attacks;
pub mod babe;
pub mod chain;
pub mod fairness;
pub mod memory;
pub mod parameters;
pub mod plot;
pub mod pricing;
pub mod rate;
pub mod report;
pub mod runtime;
pub mod serial_delay;
pub mod stats;
pub mod steering;
pub mod tokens;
pub mod world;
