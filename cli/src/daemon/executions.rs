//! Executes waiting blocks in the background, one after another, and rebuilds what is missing.

use super::{
	chain::Snapshot,
	retries::{Backoff, MaxDelay},
	Daemon,
};
use crate::{
	chain::H256,
	client::Client,
	execution::{Executed, Parent, Proposal, Step},
	lineage::{
		proposals::not_found,
		rebuild::{Rebuild, RebuildError},
		search::Search,
		Next,
	},
	prover::{Input, Prover},
	Error, Result,
};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};
use tokio::{
	task::JoinSet,
	time::{timeout, timeout_at},
};
use tracing::{debug, error, info, warn};

/// What is executed now, and what has failed. Dropping this kills the prover's program.
#[derive(Debug, Default)]
pub struct Executions {
	set: JoinSet<Finished>,
	backoff: Backoff,
	/// The chain's blocks as they were last seen: the last verified one, and those that wait.
	target: Option<(Parent, Vec<Proposal>)>,
}

/// The end of an execution.
#[derive(Debug)]
pub enum Finished {
	/// A block was executed, or its parent's state is not there.
	Block {
		/// The block.
		step: Step,
		/// The time it took.
		took: Duration,
		/// Its result.
		result: Result<Option<Executed>, String>,
	},
	/// The state of a verified block was rebuilt from this block on.
	Rebuilt {
		/// The verified block.
		target: Parent,
		/// The block from which it was rebuilt.
		result: Result<Parent, RebuildError>,
	},
}

impl Executions {
	/// Waits for the end of the present execution. Never returns while nothing is executed.
	pub async fn next(&mut self) -> Finished {
		loop {
			match self.set.join_next().await {
				Some(Ok(finished)) => return finished,
				// It panicked: it is tried again.
				Some(Err(error)) => error!("an execution ended: {error}"),
				None => std::future::pending().await,
			}
		}
	}

	/// Returns whether nothing is executed.
	pub fn is_idle(&self) -> bool {
		self.set.is_empty()
	}

	/// Returns the verified hash of the chain as it was last seen.
	pub fn verified_hash(&self) -> Option<H256> {
		self.target.as_ref().map(|(verified, _)| verified.hash)
	}

	fn execute(&mut self, prover: Prover, input: Input, limit: Duration) {
		self.set.spawn(async move {
			let start = Instant::now();
			let result = timeout(limit, prover.execute(&input)).await;
			let result = result.unwrap_or_else(|_| Err("it exceeded the time limit".into()));
			Finished::Block { step: input.step, took: start.elapsed(), result }
		});
	}

	/// Rebuilds a state: from the archive node if there is one, else from the present node.
	fn rebuild(&mut self, rebuild: Rebuild, archive: Vec<String>, insecure: bool) {
		self.set.spawn(async move {
			let target = rebuild.target;
			let result = async {
				let client = match archive.is_empty() {
					true => rebuild.client.clone(),
					false => Client::connect(&archive, insecure).await?,
				};
				if client.genesis_hash() != rebuild.genesis_hash {
					let url = client.url();
					return Err(Error::Usage(format!("{url} is a node of another chain")).into());
				}
				Rebuild { client, ..rebuild }.run().await
			};
			Finished::Rebuilt { target, result: result.await }
		});
	}
}

impl Daemon {
	/// Takes note of the blocks that wait.
	pub(super) fn follow(&mut self, snapshot: &Snapshot) {
		self.executions.target = snapshot.verified().map(|head| (head, snapshot.proposals()));
	}

	/// Starts the next execution, unless one is running. Lists have to be there.
	pub(super) fn advance(&mut self, client: &Client, best: u64) {
		let Some((verified, waiting)) = &self.executions.target else {
			// The rollup was not started: there is no state to know.
			self.metrics.lineage_known.set(1);
			return;
		};
		let next = self.lineage.next(*verified, waiting, |hash| self.prover.has_state(hash));
		self.metrics.lineage_known.set((!matches!(next, Next::Rebuild(_))).into());
		if !self.executions.is_idle() || self.executions.backoff.is_waiting(best) {
			return;
		}
		let (genesis_hash, limit) = (client.genesis_hash(), self.args.execution_limit());
		let prover = self.prover.clone();
		match next {
			Next::Nothing => {},
			Next::Execute(step) => {
				let Some(tx_list) = self.tx_lists.load(step.proposal.tx_list_hash) else { return };
				debug!(block = step.proposal.block_id, parent = %step.parent.hash, "executing");
				self.executions.execute(prover, Input { genesis_hash, step, tx_list }, limit);
			},
			Next::Rebuild(target) => {
				info!(block = target.id, "rebuilding the state of the last verified block");
				let client = client.clone();
				let rebuild = Rebuild { client, prover, genesis_hash, target, limit };
				self.executions.rebuild(rebuild, self.args.archive_url.clone(), self.insecure);
			},
		}
	}

	/// Takes the end of an execution.
	pub(super) fn take_execution(&mut self, finished: Finished, best: u64) {
		match finished {
			Finished::Block { step, took, result: Ok(Some(executed)) } => {
				let (block, hash) = (step.proposal.block_id, executed.block_hash);
				debug!(block, %hash, gas = executed.gas_used, ?took, "executed");
				self.metrics.execution_seconds.observe(took.as_secs_f64());
				self.metrics.executed_block.set(block as i64);
				self.executions.backoff = Backoff::default();
				self.lineage.record(executed);
				self.save_lineage();
			},
			Finished::Block { step, result: Ok(None), .. } => {
				self.parent_is_unknown(step.parent, best);
			},
			Finished::Block { step, result: Err(reason), .. } => {
				self.execution_failed(&format!("block {}: {reason}", step.proposal.block_id), best);
			},
			Finished::Rebuilt { target, result: Ok(base) } => {
				info!(block = target.id, from = base.id, "the state is rebuilt");
				self.lineage.rebuilt(target, base);
				self.save_lineage();
			},
			Finished::Rebuilt { target, result: Err(reason) } => {
				if matches!(reason, RebuildError::Differs { .. }) {
					self.metrics.wrong_verifications.inc();
				}
				let what = format!("the state of block {} is not rebuilt: {reason}", target.id);
				self.execution_failed(&what, best);
			},
		}
	}

	/// Executes the parent again, or has its state rebuilt.
	fn parent_is_unknown(&mut self, parent: Parent, best: u64) {
		warn!(block = parent.id, hash = %parent.hash, "the prover does not have its state");
		self.prover.remove_state(parent.hash);
		self.lineage.forget(parent.hash);
		if self.executions.verified_hash() == Some(parent.hash) {
			// Nothing before it waits. A rebuild may be in vain, too.
			self.execution_failed("the state of the last verified block is missing", best);
		}
	}

	fn execution_failed(&mut self, reason: &str, best: u64) {
		warn!("not executed: {reason}");
		self.metrics.execution_failures.inc();
		self.executions.backoff.fail(best, MaxDelay::Proving);
	}

	/// Saves the lineage. If that fails, a crash costs the executions since.
	pub(super) fn save_lineage(&self) {
		if let Err(error) = self.state_dir.save_lineage(&self.lineage) {
			warn!("{error}");
		}
	}

	/// Looks for the lists of waiting blocks until `until`, and removes those of settled ones.
	pub(super) async fn refresh_lists(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		until: tokio::time::Instant,
	) {
		let wanted: BTreeSet<H256> =
			snapshot.blocks.iter().map(|(_, block)| block.tx_list_hash).collect();
		self.tx_lists.retain(&wanted);
		let best = snapshot.account.number;
		for (id, block) in &snapshot.blocks {
			let wanted_hash = block.tx_list_hash;
			let begin = || Search::new(best, snapshot.clock.now, block.proposed_at);
			let Some(search) = self.tx_lists.search(wanted_hash, best, begin) else { continue };
			let found = timeout_at(until, search.run(client, &snapshot.at, wanted_hash)).await;
			match found {
				Ok(Ok(None)) => {
					warn!(block = id, "{}", not_found(client, *id));
					self.metrics.execution_failures.inc();
					self.tx_lists.rest(wanted_hash, best);
				},
				Ok(Ok(Some(calls))) => {
					// Other waiting blocks may have been proposed beside it.
					for call in calls.iter().filter(|call| wanted.contains(&call.tx_list_hash())) {
						self.tx_lists.save(call.tx_list_hash(), &call.tx_list);
					}
				},
				Ok(Err(error)) => warn!(block = id, "{error}"),
				Err(_) => {
					warn!(block = id, "the node did not answer in time with the transaction list");
					break;
				},
			}
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::prover::tests::{command, input};

	/// Returns an execution with this command and limit.
	pub fn executing(script: &str, limit: Duration) -> Executions {
		let mut executions = Executions::default();
		let (prover, _folder) = command(script);
		executions.execute(prover, input(), limit);
		executions
	}

	#[tokio::test]
	async fn an_execution_that_takes_too_long_or_fails_has_no_result() {
		for (script, limit, reason) in [
			("sleep 100", Duration::from_millis(100), "time limit"),
			("exit 1", Duration::from_secs(60), "exit status: 1"),
		] {
			let finished = executing(script, limit).next().await;
			let Finished::Block { step, result, .. } = finished else { panic!("{finished:?}") };
			assert_eq!(step, input().step);
			let error = result.unwrap_err();
			assert!(error.contains(reason), "{error}");
		}
	}

	#[tokio::test]
	async fn nothing_is_returned_while_nothing_is_executed() {
		let mut executions =
			executing("echo '{\"unknown_parent\": true}'", Duration::from_secs(60));
		let finished = executions.next().await;
		assert!(matches!(finished, Finished::Block { result: Ok(None), .. }), "{finished:?}");
		let nothing = timeout(Duration::from_millis(100), executions.next()).await;
		assert!(nothing.is_err());
	}
}
