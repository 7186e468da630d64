//! The finalized blocks, one after another.

use crate::{
	chain::{At, H256},
	client::Client,
	Error, Result,
};
use serde::{Deserialize, Serialize};

/// Pruning nodes keep the state of this many finalized blocks.
const KEPT: u64 = 250;

/// A block of the chain.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Position {
	/// Its number.
	pub number: u64,
	/// Its hash.
	pub hash: H256,
}

impl Position {
	/// Returns the position of a block.
	pub fn of(at: &At) -> Self {
		Self { number: at.block_number(), hash: at.block_hash() }
	}

	/// Returns whether another block was finalized with this number. A node that is behind, or that has
	/// begun by the state alone, does not know.
	pub async fn is_replaced(&self, client: &Client, finalized: &At) -> Result<bool> {
		if self.number > finalized.block_number() {
			return Ok(false);
		}
		Ok(client.block_hash(self.number).await?.is_some_and(|there| there != self.hash))
	}
}

/// The block after another one.
#[derive(Debug, Eq, PartialEq)]
pub enum Next<T> {
	/// What was read of it.
	Read(T),
	/// The node has forgotten it, and all up to this one.
	Skipped(Position),
}

/// Reads the block after `last`, which is not later than the finalized block `target`.
pub async fn next<T>(
	client: &Client,
	last: Position,
	target: u64,
	read: impl AsyncFnOnce(Position) -> Result<T>,
) -> Result<Next<T>> {
	let number = last.number + 1;
	if let Some(hash) = client.block_hash(number).await? {
		match read(Position { number, hash }).await {
			Err(error) if error.is_of_a_pruned_node() => {},
			other => return other.map(Next::Read),
		}
	}
	// A node that has just begun, by the state alone, has no earlier blocks.
	for number in resumptions(last.number, target) {
		if let Some(hash) = client.block_hash(number).await? {
			return Ok(Next::Skipped(Position { number, hash }));
		}
	}
	Err(Error::Connection(format!("the node does not have its finalized block {target}")))
}

/// Returns the blocks up to which may be skipped what a node does not have: the oldest whose
/// successor it still keeps, or the finalized one.
fn resumptions(last: u64, target: u64) -> [u64; 2] {
	[target.saturating_sub(KEPT).max(last + 1), target]
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_missing_blocks_are_skipped() {
		for (last, target, expected) in [
			(10, 1000, [750, 1000]),
			(900, 1000, [901, 1000]),
			(10, 100, [11, 100]),
			(99, 100, [100, 100]),
		] {
			assert_eq!(resumptions(last, target), expected, "from {last} to {target}");
		}
	}
}
