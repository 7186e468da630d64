//! # What attacks cost: agents on the real pallets, in memory
//!
//! | Module | What it does |
//! |---|---|
//! | [`runtime`], [`parameters`] | a runtime with the pallets, each parameter settable |
//! | [`chain`] | a chain in memory: calls, reads, money |
//! | [`babe`], [`steering`] | who authors blocks, and what an author knows of draws |
//! | [`agents`], [`world`] | honest provers, proposers, rescuers, governance; the market that they make |
//! | [`attack`], [`attacks`] | what an attack is; the attacks |
//! | [`pricing`], [`fairness`] | what prices do to the fee; what honest provers earn |
//! | [`advise`] | parameters for a chain |
//! | [`stats`], [`report`], [`rate`] | means and intervals, the report, the speed |

pub mod advise;
pub mod agents;
pub mod attack;
pub mod attacks;
pub mod babe;
pub mod chain;
pub mod fairness;
pub mod parameters;
pub mod pricing;
pub mod rate;
pub mod report;
pub mod runtime;
pub mod stats;
pub mod steering;
pub mod world;
