//! The history of a prover pool: what the events of each block mean, in one SQLite file.
//!
//! This crate knows neither nodes nor FRAME. It takes decoded blocks ([`block`]), and offers:
//!
//! - [`store`]: writes finalized blocks, one transaction for each; [`schema`]: the tables;
//! - [`mod@derive`]: what an event changes; [`rows`]: the rows that it changes; [`summary`]: hours and days;
//! - [`reader`]: reads, also the blocks that are not finalized; [`query`]: pages of rows;
//! - [`check`]: compares the history with itself and with the chain;
//! - [`why`]: what happened to a block, in words;
//! - [`live`] and [`overlay`]: the best chain; [`http`]: the interface for other programs.

pub mod block;
pub mod check;
pub mod column;
pub mod csv;
pub mod derive;
pub mod error;
pub mod http;
pub mod live;
pub mod overlay;
pub mod query;
pub mod reader;
pub mod rows;
pub mod schema;
pub mod store;
pub mod summary;
pub mod why;

pub use block::{Block, Chain, Event};
pub use column::{Amount, Moment};
pub use error::{Error, Result};
pub use live::Live;
pub use reader::Reader;
pub use store::Store;
