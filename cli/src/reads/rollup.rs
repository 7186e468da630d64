//! The rollup: what waits for a proof, at what price, by when.

use super::{view, whole, PAGE};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId, H256},
	Result,
};
use api::runtime_types::pallet_block_proposal as pallet;

/// Where the rollup stands.
pub type State = pallet::types::ChainState<u32>;
/// A proposed block, until it is verified or skipped.
pub type Block = pallet::types::Block;
/// A stored proof.
pub type Proof = pallet::types::Proof<AccountId, Balance, u32>;
/// What became of a proposal's search for a prover.
pub type Status = pallet::types::Status<AccountId, u32>;
/// What a proof claims.
pub type Evidence = pallet::types::Evidence;
/// The parameters of the protocol.
pub type Parameters = pallet::parameters::Parameters<Balance, u32>;

/// Where the rollup stands.
pub async fn state(at: &At) -> Result<State> {
	let chain = api::storage().block_proposal().chain();
	Ok(at.storage().fetch(chain, ()).await?.decode()?)
}

/// The rollup's clock: how many blocks of the chain admitted transactions.
pub async fn now(at: &At) -> Result<u32> {
	let clock = api::storage().block_proposal().clock();
	Ok(at.storage().fetch(clock, ()).await?.decode()?)
}

/// A block that waits for verification.
pub async fn block(at: &At, id: BlockId) -> Result<Option<Block>> {
	let blocks = api::storage().block_proposal().blocks();
	let value = at.storage().try_fetch(blocks, (id,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?)
}

fn views() -> api::block_proposal::view_functions::ViewFunctionsApi {
	api::view_functions().block_proposal()
}

/// All blocks that wait for verification, from this id on, in the order of their ids.
pub async fn blocks(at: &At, from: BlockId) -> Result<Vec<(BlockId, Block)>> {
	blocks_by(at, from, PAGE).await
}

/// The same, asked for so many at a time.
pub async fn blocks_by(at: &At, from: BlockId, page: u32) -> Result<Vec<(BlockId, Block)>> {
	whole(async |last: Option<&(BlockId, Block)>| {
		let start = last.map_or(from, |(id, _)| id + 1);
		view::call(at, views().blocks(start, page)).await
	})
	.await
}

/// The price per gas that a proposal would get now.
pub async fn fee_per_gas(at: &At) -> Result<u32> {
	view::call(at, views().fee_per_gas()).await
}

/// What a proof of a block, accepted now, would pay per gas; `None` if nobody may prove it.
pub async fn reward_per_gas(at: &At, id: BlockId) -> Result<Option<u32>> {
	view::call(at, views().reward_per_gas(id)).await
}

/// The protocol's parameters as they are now.
pub async fn parameters(at: &At) -> Result<Parameters> {
	view::call(at, views().get_parameters()).await
}

/// What the chain says that a proof of this block has to prove. For checks: a prover works it out
/// itself, or the node could make it sign anything.
pub async fn instance_hash(
	at: &At,
	id: BlockId,
	evidence: Evidence,
	prover: AccountId,
) -> Result<Option<H256>> {
	view::call(at, views().instance_hash(id, evidence, prover)).await
}
