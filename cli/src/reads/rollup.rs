//! The rollup's blocks, prices and deadlines.

use super::{view, whole, PAGE};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId, H256},
	Result,
};
use api::runtime_types::pallet_block_proposal as pallet;

/// The rollup's state.
pub type State = pallet::types::ChainState<u32>;
/// A proposed block, until it is verified or skipped.
pub type Block = pallet::types::Block;
/// A stored proof.
pub type Proof = pallet::types::Proof<AccountId, Balance, u32>;
/// The status of a block's assignment.
pub type Status = pallet::types::Status<AccountId, u32>;
/// The claims of a proof.
pub type Evidence = pallet::types::Evidence;
/// The parameters of the protocol.
pub type Parameters = pallet::parameters::Parameters<Balance, u32>;

/// Returns the rollup's state.
pub async fn state(at: &At) -> Result<State> {
	let chain = api::storage().block_proposal().chain();
	Ok(at.storage().fetch(chain, ()).await?.decode()?)
}

/// Returns the rollup's clock: the number of blocks of the chain that admitted transactions.
pub async fn now(at: &At) -> Result<u32> {
	let clock = api::storage().block_proposal().clock();
	Ok(at.storage().fetch(clock, ()).await?.decode()?)
}

/// Returns an unverified block.
pub async fn block(at: &At, id: BlockId) -> Result<Option<Block>> {
	let blocks = api::storage().block_proposal().blocks();
	let value = at.storage().try_fetch(blocks, (id,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

fn views() -> api::block_proposal::view_functions::ViewFunctionsApi {
	api::view_functions().block_proposal()
}

/// Returns all unverified blocks from this id on, in the order of their ids.
pub async fn blocks(at: &At, from: BlockId) -> Result<Vec<(BlockId, Block)>> {
	blocks_by(at, from, PAGE).await
}

/// Returns the same, read in pages of this size.
pub async fn blocks_by(at: &At, from: BlockId, page: u32) -> Result<Vec<(BlockId, Block)>> {
	whole(async |last: Option<&(BlockId, Block)>| {
		let start = last.map_or(from, |(id, _)| id + 1);
		view::call(at, views().blocks(start, page)).await
	})
	.await
}

/// Returns the price per gas of a proposal made now.
pub async fn fee_per_gas(at: &At) -> Result<u32> {
	view::call(at, views().fee_per_gas()).await
}

/// Returns the reward per gas of a proof accepted now; `None` if no proof is accepted.
pub async fn reward_per_gas(at: &At, id: BlockId) -> Result<Option<u32>> {
	view::call(at, views().reward_per_gas(id)).await
}

/// Returns the live parameters of the protocol.
pub async fn parameters(at: &At) -> Result<Parameters> {
	view::call(at, views().get_parameters()).await
}

/// Returns the chain's own instance hash. For checks only: a prover computes it, or the node could
/// make it sign anything.
pub async fn instance_hash(
	at: &At,
	id: BlockId,
	evidence: Evidence,
	prover: AccountId,
) -> Result<Option<H256>> {
	view::call(at, views().instance_hash(id, evidence, prover)).await
}
