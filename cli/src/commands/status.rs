//! `status`: chain, pool and rollup at a glance.

use super::Context;
use crate::{
	amount::Token,
	chain::{Balance, BlockId, H256},
	output::{base_units, count, pairs, Show},
	reads::{
		pool::{self, MemberStatus},
		rollup,
	},
	Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Status {
	chain: String,
	url: String,
	genesis_hash: H256,
	spec_version: u32,
	best_block: u64,
	finalized_block: u64,
	pool: Pool,
	rollup: Rollup,
}

#[derive(Serialize)]
struct Pool {
	provers: usize,
	max_provers: u32,
	#[serde(serialize_with = "base_units")]
	staked: Balance,
	active: usize,
	free_capacity: u64,
	min_capacity: u32,
	max_capacity: u32,
	#[serde(serialize_with = "base_units")]
	min_stake_per_capacity: Balance,
	exit_period: u32,
	min_change_delay: u32,
	entry_delay: u32,
	draw_delay: u32,
	max_misses: u32,
	suspension_period: u32,
	slash_deferral: u32,
}

#[derive(Serialize)]
struct Rollup {
	fee_per_gas: u32,
	verified_id: BlockId,
	verified_hash: H256,
	next_id: BlockId,
	unverified: BlockId,
	pending: u32,
	open: u32,
}

/// Shows the state after the best block. The finalized block is read first, so it is never the
/// later of the two.
pub async fn run(context: &Context) -> Result<()> {
	let client = &context.client;
	let finalized_block = client.finalized().await?.block_number();
	let at = client.best().await?;
	let parameters = pool::parameters(&at).await?;
	let provers = pool::provers(&at).await?;
	let state = rollup::state(&at).await?;
	context.print(&Status {
		chain: client.properties().name.clone(),
		url: client.url().into(),
		genesis_hash: client.genesis_hash(),
		spec_version: at.spec_version(),
		best_block: at.block_number(),
		finalized_block,
		pool: Pool {
			provers: provers.len(),
			max_provers: parameters.max_provers,
			active: provers.iter().filter(|row| matches!(row.status, MemberStatus::Active)).count(),
			staked: provers.iter().map(|row| row.offer.stake).sum(),
			free_capacity: pool::capacity(&at).await?,
			min_capacity: parameters.min_capacity,
			max_capacity: parameters.max_capacity,
			min_stake_per_capacity: parameters.min_stake_per_capacity,
			exit_period: parameters.exit_period,
			min_change_delay: parameters.min_change_delay,
			entry_delay: parameters.entry_delay,
			draw_delay: parameters.draw_delay,
			max_misses: parameters.max_misses,
			suspension_period: parameters.suspension_period,
			slash_deferral: parameters.slash_deferral,
		},
		rollup: Rollup {
			fee_per_gas: rollup::fee_per_gas(&at).await?,
			verified_id: state.verified_id,
			verified_hash: state.verified_hash,
			next_id: state.next_id,
			unverified: state.next_id.saturating_sub(state.head),
			pending: state.pending,
			open: state.open,
		},
	})
}

impl Show for Status {
	fn text(&self, token: &Token) -> String {
		let Self { pool, rollup, .. } = self;
		let minimum = token.format(pool.min_stake_per_capacity);
		pairs(&[
			("Chain", format!("{} at {}", self.chain, self.url)),
			("Blocks", format!("best {}, finalized {}", self.best_block, self.finalized_block)),
			(
				"Pool",
				format!(
					"{} of {} provers with {}, {} active, free capacity for {}",
					pool.provers,
					pool.max_provers,
					token.format(pool.staked),
					pool.active,
					count(pool.free_capacity, "block", "blocks")
				),
			),
			(
				"To enter",
				format!(
					"capacity {} to {}, at least {minimum} for each block",
					pool.min_capacity, pool.max_capacity
				),
			),
			("Fee", format!("{} base units per gas", rollup.fee_per_gas)),
			("Verified", format!("block {}, {:?}", rollup.verified_id, rollup.verified_hash)),
			(
				"Unverified",
				format!(
					"{}, of which {} not drawn and {} open",
					count(rollup.unverified, "block", "blocks"),
					rollup.pending,
					rollup.open
				),
			),
		])
	}
}
