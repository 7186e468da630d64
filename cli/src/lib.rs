//! `prover-pool`, the command line of the prover pool: what its commands are made of.
//!
//! - [`client`]: a connection, and what the chain calls its tokens and accounts; [`timeout_client`]: whose
//!   requests end;
//! - [`reads`]: what the chain is asked, typed;
//! - [`keys`], [`submit`]: who signs, and how a call gets into a block;
//! - [`prove`]: the statement to prove, and the demo's proof of it;
//! - [`amount`], [`ss58`], [`output`]: how people and programs read and write all that;
//! - [`daemon`]: a prover that does its duty;
//! - [`commands`]: the commands, one file each; [`args`] is what they take.

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
pub mod ss58;
pub mod submit;
pub mod timeout_client;
mod validity;

pub use error::{Error, Refusal};

/// The usual.
pub type Result<T, E = Error> = std::result::Result<T, E>;
