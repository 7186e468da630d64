//! What the chain's state says after one block.

use crate::{
	chain::{At, Balance, BlockId},
	reads::{
		clock,
		pool::{self, MemberStatus, ProverRow},
		rollup::{self, Clock, Stage},
	},
	Result,
};
use std::collections::BTreeMap;

/// A block of the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Head {
	/// Its number.
	pub number: u64,
	/// Its time by the chain's own clock, in seconds since 1970; 0 in the genesis state.
	pub time: f64,
}

/// The state after the best block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
	/// The best block.
	pub best: Head,
	/// The last finalized block.
	pub finalized: Head,
	/// The version of the runtime.
	pub spec_version: u32,
	/// The pool.
	pub pool: Pool,
	/// The rollup.
	pub rollup: Rollup,
}

/// The state of the pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pool {
	/// The number of members by status.
	pub members: BTreeMap<&'static str, usize>,
	/// The number of slots.
	pub slots: u32,
	/// The sum of all stakes, in base units.
	pub staked: Balance,
	/// How many blocks could be assigned now.
	pub free_capacity: u64,
	/// How many requests wait for their draw.
	pub draw_queue: usize,
	/// The most requests that may wait.
	pub draw_queue_limit: u32,
}

/// The state of the rollup.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollup {
	/// The price of a proposal, in base units per gas.
	pub fee_per_gas: u32,
	/// The lowest and the highest price.
	pub fee_limits: (u32, u32),
	/// True if the protocol is paused.
	pub is_paused: bool,
	/// How many blocks were proposed, ever.
	pub proposed: u64,
	/// How many of them are settled: verified, skipped or cancelled.
	pub settled: u64,
	/// The id of the last verified block.
	pub verified: BlockId,
	/// The blocks that wait, by stage.
	pub waiting: BTreeMap<Stage, usize>,
	/// The most blocks that may wait.
	pub waiting_limit: u32,
	/// The age of the oldest of them, in blocks of the chain outside of pauses; 0 if none waits.
	pub oldest_age: u32,
}

impl Snapshot {
	/// Reads the state.
	pub async fn read(finalized: &At, best: &At) -> Result<Self> {
		let (finalized, head, pool, rollup) = futures::try_join!(
			Head::read(finalized),
			Head::read(best),
			Pool::read(best),
			Rollup::read(best),
		)?;
		Ok(Self { best: head, finalized, spec_version: best.spec_version(), pool, rollup })
	}
}

impl Head {
	async fn read(at: &At) -> Result<Self> {
		Ok(Self { number: at.block_number(), time: clock::time(at).await?.unwrap_or(0.0) })
	}
}

impl Pool {
	async fn read(at: &At) -> Result<Self> {
		let (parameters, provers, free_capacity, draw_queue) = futures::try_join!(
			pool::parameters(at),
			pool::provers(at),
			pool::capacity(at),
			pool::draw_queue(at),
		)?;
		Ok(Self {
			members: by_status(&provers),
			slots: parameters.max_provers,
			staked: provers.iter().map(|row| row.offer.stake).sum(),
			free_capacity,
			draw_queue,
			draw_queue_limit: parameters.max_pending_draws,
		})
	}
}

/// Counts the members of each status, also of those that none has.
fn by_status(provers: &[ProverRow]) -> BTreeMap<&'static str, usize> {
	let count = |name| (name, provers.iter().filter(|row| row.status.name() == name).count());
	MemberStatus::NAMES.map(count).into()
}

impl Rollup {
	async fn read(at: &At) -> Result<Self> {
		let (state, clock, fee_per_gas) =
			futures::try_join!(rollup::state(at), rollup::clock(at), rollup::fee_per_gas(at))?;
		let rollup = Self {
			fee_per_gas,
			fee_limits: rollup::fee_limits(at)?,
			is_paused: clock.paused > 0,
			waiting: by_stage(&[], 0, clock),
			waiting_limit: rollup::max_unverified_blocks(at)?,
			..Self::default()
		};
		let Some(state) = state else { return Ok(rollup) };
		let blocks = rollup::blocks(at, state.head).await?;
		Ok(Self {
			proposed: state.next_id.saturating_sub(1),
			settled: state.head.saturating_sub(1),
			verified: state.verified_id,
			waiting: by_stage(&blocks, state.first_live(), clock),
			oldest_age: oldest_age(&blocks, clock),
			..rollup
		})
	}
}

/// Counts the blocks of each stage, also of those that none has. Those before `first_live` are cancelled.
fn by_stage(
	blocks: &[(BlockId, rollup::Block)],
	first_live: BlockId,
	clock: Clock,
) -> BTreeMap<Stage, usize> {
	let mut counts: BTreeMap<_, _> = Stage::ALL.map(|stage| (stage, 0)).into();
	for (id, block) in blocks {
		*counts.entry(block.stage(*id < first_live, clock)).or_default() += 1;
	}
	counts
}

fn oldest_age(blocks: &[(BlockId, rollup::Block)], clock: Clock) -> u32 {
	blocks.first().map_or(0, |(_, oldest)| clock.now.saturating_sub(oldest.proposed_at))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		daemon::work::tests::{assigned, block, DEADLINE, ME},
		reads::{
			pool::tests::member,
			rollup::{Delivery, Status},
		},
	};

	#[test]
	fn members_are_counted_by_status() {
		let row = |status| ProverRow { status, ..member() };
		let suspended = || row(MemberStatus::Suspended { until: 9 });
		let provers =
			[row(MemberStatus::Active), suspended(), row(MemberStatus::Active), suspended()];
		let expected = [("active", 2), ("entering", 0), ("paused", 0), ("suspended", 2)];
		assert_eq!(by_status(&provers), expected.into());
		let others = [row(MemberStatus::Entering), row(MemberStatus::Paused)];
		let expected = [("active", 0), ("entering", 1), ("paused", 1), ("suspended", 0)];
		assert_eq!(by_status(&others), expected.into());
	}

	#[test]
	fn blocks_are_counted_by_stage_and_the_first_is_the_oldest() {
		let clock = Clock { now: DEADLINE, paused: 0 };
		let blocks = [
			(4, block(Status::Pending)),
			(5, assigned(ME, Delivery::Due)),
			(6, assigned(ME, Delivery::Due)),
			(7, block(Status::Open { opened_at: 5, fixed_reward: None })),
		];
		let counts = by_stage(&blocks, 5, clock);
		assert_eq!(counts.len(), Stage::ALL.len());
		let counted: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
		assert_eq!(counted, [(Stage::Overdue, 2), (Stage::Open, 1), (Stage::Cancelled, 1)]);
		assert_eq!(oldest_age(&blocks, clock), DEADLINE - 1);
		assert_eq!(oldest_age(&[], clock), 0);
	}
}
