//! `status`: chain, pool and rollup at a glance.

use super::Context;
use crate::{
	amount::Token,
	chain::{At, Balance, BlockId, H256},
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

#[derive(Debug, Default, Serialize)]
struct Rollup {
	/// False until governance starts it.
	started: bool,
	fee_per_gas: u32,
	verified_id: BlockId,
	verified_hash: H256,
	next_id: BlockId,
	unverified: BlockId,
	/// How many of the unverified blocks are cancelled.
	cancelled: BlockId,
	pending: u32,
	open: u32,
	/// The first block of the chain after the present pause.
	paused_until: Option<u32>,
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
		rollup: Rollup::read(&at, state.as_ref()).await?,
	})
}

impl Rollup {
	async fn read(at: &At, state: Option<&rollup::State>) -> Result<Self> {
		let fee_per_gas = rollup::fee_per_gas(at).await?;
		let paused_until = rollup::paused_until(at).await?;
		let nothing = Self { fee_per_gas, paused_until, ..Self::default() };
		let Some(state) = state else { return Ok(nothing) };
		Ok(Self {
			started: true,
			verified_id: state.verified_id,
			verified_hash: state.verified_hash,
			next_id: state.next_id,
			unverified: state.next_id.saturating_sub(state.head),
			cancelled: state.first_live().saturating_sub(state.head),
			pending: state.pending,
			open: state.open,
			..nothing
		})
	}

	/// Returns the blocks that wait, in words.
	fn waiting(&self) -> String {
		let mut text = format!(
			"{}, of which {} not drawn and {} open",
			count(self.unverified, "block", "blocks"),
			self.pending,
			self.open
		);
		if self.cancelled > 0 {
			text += &format!(", {} cancelled", self.cancelled);
		}
		text
	}

	/// Returns what the protocol does, in words.
	fn state(&self) -> String {
		match (self.started, self.paused_until) {
			(false, _) => "not started".into(),
			(true, Some(until)) => format!("paused until block {until}"),
			(true, None) => "running".into(),
		}
	}
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
			("Unverified", rollup.waiting()),
			("Protocol", rollup.state()),
		])
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn cancelled_blocks_and_pauses_are_shown() {
		let rollup = Rollup { started: true, unverified: 5, open: 1, ..Rollup::default() };
		assert_eq!(rollup.waiting(), "5 blocks, of which 0 not drawn and 1 open");
		assert_eq!(rollup.state(), "running");
		let rollup = Rollup { cancelled: 3, paused_until: Some(90), ..rollup };
		assert!(rollup.waiting().ends_with(" and 1 open, 3 cancelled"));
		assert_eq!(rollup.state(), "paused until block 90");
		assert_eq!(Rollup::default().state(), "not started");
	}
}
