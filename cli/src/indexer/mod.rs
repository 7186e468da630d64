//! Fills a history: every finalized block once, and for readers the best chain beyond.
//!
//! [`prover_pool_history`] knows what events mean. This module reads them from a node.

mod facts;
mod follow;
mod read;
mod source;

pub use facts::facts;
pub(crate) use follow::{catch_up, follow};
pub use follow::{Reporting, Step};

use crate::{client::Client, Error};
use prover_pool_history::{Chain, Error as HistoryError};

/// Returns the chain of a node, as a history describes it.
pub fn chain(client: &Client) -> Chain {
	let properties = client.properties();
	Chain {
		name: properties.name.clone(),
		genesis_hash: crate::decoded::hex(&client.genesis_hash().0),
		symbol: properties.token.symbol().into(),
		decimals: properties.token.decimals(),
		ss58_prefix: properties.prefix,
	}
}

impl From<HistoryError> for Error {
	fn from(error: HistoryError) -> Self {
		let text = error.to_string();
		match error {
			HistoryError::OtherChain { .. }
			| HistoryError::NotAHistory(_)
			| HistoryError::Missing(_)
			| HistoryError::InUse(_)
			| HistoryError::Query(_)
			| HistoryError::File { .. } => Error::Usage(text),
			HistoryError::NewerSchema { .. } => Error::Incompatible(text),
			HistoryError::Order(_)
			| HistoryError::Ended
			| HistoryError::DiskFull { .. }
			| HistoryError::Database { .. } => Error::Internal(text),
		}
	}
}
