//! The pool's runtime API.

use super::PAGE;
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
	let mut all: Vec<(ProverId, Prover)> = Vec::new();
	loop {
		let start = all.last().map_or(1, |(id, _)| id + 1);
		let page = at.runtime_apis().call(pool().get_provers(start, PAGE)).await?;
		if page.is_empty() {
			return Ok(all);
		}
		all.extend(page);
	}
}

/// What each member weighs in a draw of the next block at this fee.
pub async fn weights(at: &At, fee_per_gas: u32) -> Result<Vec<ProverWeight>> {
	let mut all: Vec<ProverWeight> = Vec::new();
	loop {
		let start = all.last().map_or(1, |weight| weight.prover_id + 1);
		let page =
			at.runtime_apis().call(pool().get_prover_weights(fee_per_gas, start, PAGE)).await?;
		if page.is_empty() {
			return Ok(all);
		}
		all.extend(page);
	}
}

/// The assignments of an account that are not closed, in the order of their ids.
pub async fn assignments(at: &At, who: AccountId) -> Result<Vec<(BlockId, Assignment)>> {
	let mut all: Vec<(BlockId, Assignment)> = Vec::new();
	loop {
		let after = all.last().map(|(id, _)| *id);
		let page = at.runtime_apis().call(pool().get_assignments(who, after, PAGE)).await?;
		if page.is_empty() {
			return Ok(all);
		}
		all.extend(page);
	}
}

/// All free places of all members.
pub async fn capacity(at: &At) -> Result<u64> {
	Ok(at.runtime_apis().call(pool().get_capacity()).await?)
}

/// The live parameters.
pub async fn parameters(at: &At) -> Result<Parameters> {
	Ok(at.runtime_apis().call(pool().get_parameters()).await?)
}
