//! `prover-pool`, the command line of the prover pool.
//!
//! - [`client`]: a connection, and the chain's own properties; [`timeout_client`]: limits each
//!   request;
//! - [`reads`]: typed reads of the chain;
//! - [`keys`], [`actor`], [`submit`]: keys, the accounts for which they sign, and getting a call into a block;
//! - [`execution`]: blocks of the rollup and their results; [`prover`]: executes and proves them;
//!   [`lineage`]: the results of all waiting blocks;
//! - [`samples`]: blocks to measure a prover with; [`advice`]: what an offer can promise and would earn;
//! - [`amount`], [`ss58`], [`output`], [`sentences`]: forms for people and for programs;
//! - [`compatibility`]: whether this program fits a runtime;
//! - [`args`]: the arguments of all commands;
//! - [`indexer`]: fills a history of the pool; [`dashboard`]: serves it, and the page, to browsers;
//! - [`nodes`], [`heads`]: the nodes of a program that runs, and the blocks that they report; [`metrics`]: its
//!   metrics, and their server;
//! - [`daemon`]: a prover that runs; [`exporter`]: metrics of the chain; [`commands`]: the other commands.

pub mod actor;
pub mod advice;
pub mod amount;
pub mod args;
pub mod chain;
pub mod client;
pub mod commands;
pub mod compatibility;
pub mod daemon;
pub mod dashboard;
pub mod decoded;
pub mod error;
pub mod execution;
pub mod exporter;
pub mod fault;
pub mod heads;
pub mod indexer;
pub mod keys;
pub mod lineage;
mod log;
pub mod metrics;
pub mod nodes;
pub mod output;
pub mod prover;
pub mod reads;
pub mod samples;
pub mod sentences;
mod signals;
pub mod ss58;
pub mod submit;
pub mod timeout_client;
mod validity;

pub use error::{Error, Refusal};

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;
