//! `prover-pool`, the command line of the prover pool.
//!
//! - [`client`]: a connection, and the chain's own properties; [`timeout_client`]: limits each
//!   request;
//! - [`reads`]: typed reads of the chain;
//! - [`keys`], [`submit`]: signing, and getting a call into a block;
//! - [`prove`]: the statement to prove, and the demo's proof of it;
//! - [`amount`], [`ss58`], [`output`], [`sentences`]: forms for people and for programs;
//! - [`daemon`]: a prover that proves its assignments;
//! - [`commands`]: the commands; [`args`]: their arguments.

pub mod amount;
pub mod args;
pub mod chain;
pub mod client;
pub mod commands;
pub mod daemon;
pub mod decoded;
pub mod error;
pub mod keys;
pub mod output;
pub mod prove;
pub mod reads;
pub mod sentences;
mod signals;
pub mod ss58;
pub mod submit;
pub mod timeout_client;
mod validity;

pub use error::{Error, Refusal};

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;
