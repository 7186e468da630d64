//! The queries as a runtime API, for clients without comfortable view functions.

use alloc::vec::Vec;
use codec::Codec;
use prover_pool_primitives::{BlockId, Capacity, PricePerGas, ProverId};
use sp_runtime::DispatchError;

use crate::{
	rows::{AssignmentRow, Parameters, ProverRow, Simulation, StakerRow, WeightRow},
	Exit, Offer,
};

sp_api::decl_runtime_apis! {
	/// The pool's queries. The methods are those of the pallet's view functions. Lists are paged: at most
	/// `limit` rows, and never more than [`MAX_PAGE`](crate::MAX_PAGE).
	pub trait ProverPoolApi<AccountId, Balance, BlockNumber, Moment>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
		Moment: Codec,
	{
		/// Returns what the pool knows of an account; an empty record for an unknown one.
		fn get_staker(who: AccountId) -> StakerRow<AccountId, Balance, Moment, BlockNumber>;

		/// Returns how many blocks could be assigned now.
		fn get_capacity() -> u64;

		/// Returns the members in ascending order of slots, from slot `start` on.
		fn get_provers(
			start: ProverId,
			limit: u32,
		) -> Vec<ProverRow<AccountId, Balance, Moment, BlockNumber>>;

		/// Returns their weights in a draw of the next block at `fee_per_gas`.
		fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<WeightRow>;

		/// Returns the assignments of `who` that are not closed, after the id `after` (the last of the
		/// previous page), or from the first.
		fn get_assignments(
			who: AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<AssignmentRow<AccountId, Moment>>;

		/// Returns the live parameters.
		fn get_parameters() -> Parameters<Balance, Moment, BlockNumber>;

		/// Returns the share that one more member with this offer would have in draws at `fee_per_gas`, in
		/// parts of 10¹⁸, rounded down.
		fn odds(fee_per_gas: PricePerGas, offer: Offer<Balance>) -> u64;

		/// Returns the exit of `who` that can be withdrawn first, if the account has one.
		fn next_exit(who: AccountId) -> Option<Exit<Balance, Moment>>;

		/// Returns what the call `stake` would do for `who`, or the error that it would give.
		fn simulate_stake(
			who: AccountId,
			amount: Balance,
			reward_per_gas: PricePerGas,
			max_capacity: Capacity,
		) -> Result<Simulation<AccountId, Balance, Moment, BlockNumber>, DispatchError>;

		/// Returns what the call `exit` would do for `who`, or the error that it would give.
		fn simulate_exit(
			who: AccountId,
		) -> Result<Simulation<AccountId, Balance, Moment, BlockNumber>, DispatchError>;

		/// Returns what the call `unstake` would do for `who`, or the error that it would give.
		fn simulate_unstake(
			who: AccountId,
			amount: Balance,
		) -> Result<Simulation<AccountId, Balance, Moment, BlockNumber>, DispatchError>;

		/// Returns what the call `withdraw` would do for `who`, or the error that it would give.
		fn simulate_withdraw(
			who: AccountId,
		) -> Result<Simulation<AccountId, Balance, Moment, BlockNumber>, DispatchError>;
	}
}
