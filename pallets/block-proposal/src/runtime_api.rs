//! The queries as a runtime API, for clients without comfortable view functions.

use alloc::vec::Vec;
use codec::Codec;
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_core::H256;

sp_api::decl_runtime_apis! {
	/// The protocol's queries. The methods are those of the pallet's view functions. Lists are paged: at most
	/// `limit` rows, and never more than [`MAX_PAGE`](crate::MAX_PAGE).
	pub trait BlockProposalApi<AccountId, BlockRow, Claim, Tag>
	where
		AccountId: Codec,
		BlockRow: Codec,
		Claim: Codec,
		Tag: Codec,
	{
		/// Returns the price per gas that a proposal would get now.
		fn fee_per_gas() -> PricePerGas;

		/// Returns whether the protocol is paused.
		fn is_paused() -> bool;

		/// Returns the blocks that are not settled, from the id `from` on.
		fn blocks(from: BlockId, limit: u32) -> Vec<BlockRow>;

		/// Returns the claims of a block on up to `limit` parents, without the assigned prover's in time.
		fn claims(block_id: BlockId, limit: u32) -> Vec<Claim>;

		/// Returns those of these tags that are revoked. Claims with such a tag are void.
		fn revoked(tags: Vec<Tag>) -> Vec<Tag>;

		/// Returns what a claim of this block, accepted now, would pay per gas; `None` for a block that is
		/// unknown or waits for its draw.
		fn reward_per_gas(block_id: BlockId) -> Option<PricePerGas>;

		/// Returns what a proof of this claim by `prover` must prove; `None` for an unknown block.
		fn instance_hash(
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
			prover: AccountId,
		) -> Option<H256>;
	}
}
