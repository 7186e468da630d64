//! Executes the waiting blocks up to one of them, for a single proof.

use super::{
	proposals::not_found,
	rebuild::{Rebuild, RebuildError},
	search::Search,
	Lineage, Next,
};
use crate::{
	chain::{At, BlockId},
	client::Client,
	execution::{Executed, Parent},
	prover::{Input, Prover},
	reads::rollup,
	Error, Result,
};
use std::time::Duration;

/// Executes all waiting blocks up to this one, and rebuilds the state of the last verified block if
/// it is missing. Returns what was executed last, and its result. Refused if the block does not
/// wait.
pub async fn execute_up_to(
	client: &Client,
	at: &At,
	prover: &Prover,
	id: BlockId,
	limit: Duration,
) -> Result<(Input, Executed)> {
	let genesis_hash = client.genesis_hash();
	let (state, now) = (rollup::started(at).await?, rollup::now(at).await?);
	let mut blocks = rollup::blocks(at, state.first_live()).await?;
	blocks.retain(|(waiting, _)| *waiting <= id);
	let waiting: Vec<_> = blocks.iter().map(|(id, block)| block.proposal(*id)).collect();
	let mut lineage = Lineage::default();
	let mut last = None;
	loop {
		match lineage.next(state.verified(), &waiting, |hash| prover.has_state(hash)) {
			Next::Nothing => break,
			Next::Execute(step) => {
				let (block_id, wanted) = (step.proposal.block_id, step.proposal.tx_list_hash);
				let block = blocks.iter().find(|(id, _)| *id == block_id);
				let proposed_at = block.map_or(now, |(_, block)| block.proposed_at);
				let mut search = Search::new(at.block_number(), now, proposed_at);
				let calls = search.run(client, at, wanted).await?.unwrap_or_default();
				let call = calls.into_iter().find(|call| call.tx_list_hash() == wanted);
				let tx_list = call.ok_or_else(|| not_found(client, block_id))?.tx_list;
				let input = Input { genesis_hash, step, tx_list };
				let executed = prover.execute(&input).await.map_err(Error::Internal)?;
				let executed = executed.ok_or_else(|| unknown(step.parent))?;
				lineage.record(executed);
				last = Some((input, executed));
			},
			Next::Rebuild(target) => {
				let (client, prover) = (client.clone(), prover.clone());
				let rebuild = Rebuild { client, prover, genesis_hash, target, limit };
				let base = rebuild.run().await.map_err(|error| match error {
					RebuildError::Chain(error) => error,
					other => Error::Internal(other.to_string()),
				})?;
				lineage.rebuilt(target, base);
			},
		}
	}
	last.filter(|(_, executed)| executed.block_id() == id).ok_or_else(|| {
		Error::Internal(format!("block {id} is not among the blocks that wait for verification"))
	})
}

fn unknown(parent: Parent) -> Error {
	Error::Internal(format!(
		"the prover does not know block {} of the rollup, {:?}",
		parent.id, parent.hash
	))
}
