//! The pool's runtime API.

use super::{whole, PAGE};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId},
	Result,
};
use api::runtime_types::pallet_prover_pool::types;

/// The number of a slot in the pool.
pub type ProverId = u32;
/// A member of the pool.
pub type Prover = types::Prover<AccountId, Balance, u32>;
/// An account's side of the pool.
pub type Staker = types::Staker<Balance, u32>;
/// A duty to prove a block.
pub type Assignment = types::Assignment<AccountId, u32>;
/// One slot as a draw sees it.
pub type ProverWeight = types::ProverWeight;
/// The live parameters.
pub type Parameters = types::Parameters<Balance, u32, u32>;

fn pool() -> api::runtime_apis::prover_pool_api::ProverPoolApi {
	api::runtime_apis().prover_pool_api()
}

/// What an account has to do with the pool, with its slot if it is a member.
pub async fn staker(at: &At, who: AccountId) -> Result<(Staker, Option<Prover>)> {
	Ok(at.runtime_apis().call(pool().get_staker(who)).await?)
}

/// All members, in the order of their slots.
pub async fn provers(at: &At) -> Result<Vec<(ProverId, Prover)>> {
	provers_by(at, PAGE).await
}

/// The same, asked for so many at a time.
pub async fn provers_by(at: &At, page: u32) -> Result<Vec<(ProverId, Prover)>> {
	whole(async |last: Option<&(ProverId, Prover)>| {
		let start = last.map_or(1, |(id, _)| id + 1);
		Ok(at.runtime_apis().call(pool().get_provers(start, page)).await?)
	})
	.await
}

/// What each member weighs in a draw of the next block at this fee.
pub async fn weights(at: &At, fee_per_gas: u32) -> Result<Vec<ProverWeight>> {
	weights_by(at, fee_per_gas, PAGE).await
}

/// The same, asked for so many at a time.
pub async fn weights_by(at: &At, fee_per_gas: u32, page: u32) -> Result<Vec<ProverWeight>> {
	whole(async |last: Option<&ProverWeight>| {
		let start = last.map_or(1, |weight| weight.prover_id + 1);
		Ok(at.runtime_apis().call(pool().get_prover_weights(fee_per_gas, start, page)).await?)
	})
	.await
}

/// The assignments of an account that are not closed, in the order of their ids.
pub async fn assignments(at: &At, who: AccountId) -> Result<Vec<(BlockId, Assignment)>> {
	assignments_by(at, who, PAGE).await
}

/// The same, asked for so many at a time.
pub async fn assignments_by(
	at: &At,
	who: AccountId,
	page: u32,
) -> Result<Vec<(BlockId, Assignment)>> {
	whole(async |last: Option<&(BlockId, Assignment)>| {
		let after = last.map(|(id, _)| *id);
		Ok(at.runtime_apis().call(pool().get_assignments(who, after, page)).await?)
	})
	.await
}

/// All free places of all members.
pub async fn capacity(at: &At) -> Result<u64> {
	Ok(at.runtime_apis().call(pool().get_capacity()).await?)
}

/// The live parameters.
pub async fn parameters(at: &At) -> Result<Parameters> {
	Ok(at.runtime_apis().call(pool().get_parameters()).await?)
}

/// Where an account's exit stands (R3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitState {
	/// Nothing is on its way out.
	None,
	/// The exit period runs.
	Maturing,
	/// The period is over, but the account has owed work ever since before its end.
	Liable,
	/// It can be withdrawn.
	Free,
}

/// Where an exit stands at `now`, and after which moment its period is over.
pub fn exit_state(staker: &Staker, now: u32, exit_period: u32) -> (ExitState, Option<u32>) {
	let Some(requested_at) = staker.exit_requested_at else { return (ExitState::None, None) };
	let matures_at = requested_at.saturating_add(exit_period);
	let state = match staker.liable_since {
		_ if now <= matures_at => ExitState::Maturing,
		Some(since) if since <= matures_at => ExitState::Liable,
		_ => ExitState::Free,
	};
	(state, Some(matures_at))
}

/// After which moment a member may leave of its own will (R2); `None` if it may always.
pub fn may_leave_after(staker: &Staker, min_change_delay: u32) -> Option<u32> {
	staker.last_changed_at.map(|at| at.saturating_add(min_change_delay))
}

/// The last block in whose draws a member that waits takes no part (R5).
pub fn draws_after(prover: &Prover, entry_delay: u32) -> Option<u32> {
	prover.waiting.then(|| prover.entered_in.saturating_add(entry_delay))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn staker(exit_requested_at: Option<u32>, liable_since: Option<u32>) -> Staker {
		Staker {
			exit_amount: u128::from(exit_requested_at.is_some()),
			exit_requested_at,
			max_capacity: 4,
			prover_id: None,
			outstanding: 0,
			liable: u32::from(liable_since.is_some()),
			liable_since,
			last_changed_at: Some(5),
		}
	}

	#[test]
	fn an_exit_is_free_once_nothing_was_owed_when_it_matured() {
		for (requested_at, liable_since, now, state) in [
			(None, None, 100, ExitState::None),
			(Some(10), None, 20, ExitState::Maturing),
			(Some(10), None, 21, ExitState::Free),
			(Some(10), Some(20), 20, ExitState::Maturing),
			(Some(10), Some(20), 21, ExitState::Liable),
			(Some(10), Some(20), 1000, ExitState::Liable),
			(Some(10), Some(21), 21, ExitState::Free),
			(Some(u32::MAX), None, u32::MAX, ExitState::Maturing),
		] {
			let staker = staker(requested_at, liable_since);
			let expected = requested_at.map(|at: u32| at.saturating_add(10));
			assert_eq!(exit_state(&staker, now, 10), (state, expected), "{staker:?} at {now}");
		}
	}

	#[test]
	fn a_member_stays_and_waits_after_an_entry() {
		assert_eq!(may_leave_after(&staker(None, None), 600), Some(605));
		let prover = |waiting| Prover {
			who: AccountId::from([1; 32]),
			staked_amount: 1,
			reward_per_gas: 1,
			current_capacity: 1,
			entered_in: 7,
			waiting,
		};
		assert_eq!(draws_after(&prover(true), 20), Some(27));
		assert_eq!(draws_after(&prover(false), 20), None);
	}
}
