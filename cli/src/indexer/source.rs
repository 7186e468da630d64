//! What blocks are read from.

use super::read;
use crate::{chain::H256, client::Client, Result};
use prover_pool_history::Block;

/// A node, or a made-up chain of a test.
pub(crate) trait Source {
	/// Returns the number and the hash of its last finalized block.
	async fn finalized_head(&self) -> Result<(u64, H256)>;
	/// Returns the hash of the block with this number on its best chain, if it has one.
	async fn hash_of(&self, number: u64) -> Result<Option<H256>>;
	/// Returns whether it has the state after this block.
	async fn has_state(&self, hash: H256) -> Result<bool>;
	/// Returns a block, with what the chain's state says after it if `with_state`.
	async fn block(&self, hash: H256, with_state: bool) -> Result<Block>;
}

impl Source for Client {
	async fn finalized_head(&self) -> Result<(u64, H256)> {
		let at = self.finalized().await?;
		Ok((at.block_number(), at.block_hash()))
	}

	async fn hash_of(&self, number: u64) -> Result<Option<H256>> {
		self.block_hash(number).await
	}

	async fn has_state(&self, hash: H256) -> Result<bool> {
		match self.events(hash).await {
			Ok(_) => Ok(true),
			Err(error) if error.is_of_a_pruned_node() => Ok(false),
			Err(error) => Err(error),
		}
	}

	async fn block(&self, hash: H256, with_state: bool) -> Result<Block> {
		read::block(self, hash, with_state).await
	}
}
