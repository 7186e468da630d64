//! The queries as a runtime API, for clients without comfortable view functions.

use alloc::vec::Vec;
use codec::Codec;
use prover_pool_primitives::{BlockId, PricePerGas};

use crate::types::{Assignment, Parameters, Prover, ProverId, ProverWeight, StakerInfo};

sp_api::decl_runtime_apis! {
	/// What the pool can be asked. Lists are paged; `limit` is the most entries that are returned.
	///
	/// The methods are those of the pallet's view functions.
	pub trait ProverPoolApi<AccountId, Balance, BlockNumber, Moment>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
		Moment: Codec,
	{
		/// What `who` has to do with the pool (an empty record if nothing), with its slot if it is a
		/// member.
		fn get_staker(
			who: AccountId,
		) -> StakerInfo<AccountId, Balance, BlockNumber, Moment>;

		/// All free places of all members.
		fn get_capacity() -> u64;

		/// The members in order of their slots, from slot `start` on.
		fn get_provers(
			start: ProverId,
			limit: u32,
		) -> Vec<(ProverId, Prover<AccountId, Balance, BlockNumber>)>;

		/// What each member, from slot `start` on, weighs in a draw of the next block at `fee_per_gas`.
		fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<ProverWeight>;

		/// The assignments of `who` that are not closed, after the one called `after` (the last of the
		/// previous page), or from the first.
		fn get_assignments(
			who: AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<(BlockId, Assignment<AccountId, Moment>)>;

		/// The live parameters.
		fn get_parameters() -> Parameters<Balance, Moment, BlockNumber>;
	}
}
