//! What the chain's state says, for a check.

use super::read;
use crate::{
	chain::{At, H256},
	client::Client,
	reads::{pool, rollup},
	Result,
};
use prover_pool_history::{
	check::{BlockFacts, Facts, SlashFacts, StakerFacts},
	Amount,
};

/// Returns the facts after this block.
pub async fn facts(client: &Client, hash: H256) -> Result<Facts> {
	let at = client.at(hash).await?;
	Ok(Facts {
		block: at.block_number(),
		stakers: stakers(client, &at).await?,
		waiting: waiting(&at).await?,
		slashes: slashes(client, &at).await?,
	})
}

async fn stakers(client: &Client, at: &At) -> Result<Vec<StakerFacts>> {
	let stakers = read::stakers(at).await?;
	let fact = |(account, row): &(_, pool::StakerRow)| StakerFacts {
		account: client.address(account),
		stake: row.prover.as_ref().map(|prover| Amount(prover.offer.stake)),
		exits: Amount(row.exits.iter().map(|exit| exit.amount).sum()),
		outstanding: row.outstanding,
		liable: row.liable,
		assigned: row.record.assigned,
		served: row.record.served,
		missed: row.record.missed,
	};
	Ok(stakers.iter().map(fact).collect())
}

async fn waiting(at: &At) -> Result<Vec<BlockFacts>> {
	let blocks = rollup::blocks(at, 0).await?;
	let fact = |(id, block): &(u64, rollup::Block)| BlockFacts {
		id: *id,
		escrow: Amount(block.escrow.initial),
		held: Amount(block.escrow.held),
	};
	Ok(blocks.iter().map(fact).collect())
}

async fn slashes(client: &Client, at: &At) -> Result<Vec<SlashFacts>> {
	let slashes = pool::pending_slashes(at).await?;
	let fact = |(block_id, slash): &(u64, pool::PendingSlash)| SlashFacts {
		block_id: *block_id,
		who: client.address(&slash.who),
		amount: Amount(slash.amount),
		due_at: slash.due_at.into(),
	};
	Ok(slashes.iter().map(fact).collect())
}
