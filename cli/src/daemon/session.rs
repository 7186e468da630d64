//! The daemon's work while there is a connection.

use super::{
	chain::{self, Snapshot},
	events::{self, Event},
	fault::Step,
	history::{self, in_tokens},
	jobs::{Done, Failure},
	nonces::tasks_in_flight,
	prover::Request,
	retries::MaxDelay,
	store::{FinishedProof, State},
	tips::Tips,
	work::{InFlight, Plan},
	Daemon,
};
use crate::{
	chain::Config,
	client::Client,
	reads::rollup::{self, Block},
	Error, Result,
};
use futures::StreamExt;
use std::{
	collections::BTreeSet,
	convert::Infallible,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use subxt::{client::Block as Head, error::BlocksError};
use tracing::{debug, error, info, warn};

/// After this time without a new block the daemon tries another node.
const STALLED: Duration = Duration::from_secs(60);
/// The time limit of fetching transaction lists in one step. Everything else waits for it.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);

impl Daemon {
	/// Works with this node until the connection is lost.
	pub(super) async fn session(&mut self, client: &Client) -> Result<Infallible> {
		self.signer.check_for(client.properties())?;
		if let super::Prover::Attestor(key) = &self.prover {
			key.check_for(client.properties())?;
		}
		self.tips = Tips::read(client.token(), &self.args.tip, self.args.max_tip.as_deref())?;
		self.load_state(client).await?;
		let number = |head: Result<Head<Config>, BlocksError>| Ok(head?.number());
		let mut heads = client.online().stream_best_blocks().await?.map(number);
		let mut finalized = client.online().stream_blocks().await?.map(number);
		self.retries.forget_submissions();
		self.metrics.connected.set(1);
		info!(url = client.url(), chain = client.properties().name, "connected");
		// The highest finalized block, and the one as of which the state was cleaned up.
		let (mut target, mut settled) = (0, 0);
		let mut seen = tokio::time::Instant::now();
		loop {
			let behind = self.state()?.processed.is_some_and(|last| last.number < target);
			let stalled = seen + STALLED;
			match events::next(&mut self.jobs, &mut heads, &mut finalized, stalled, behind).await? {
				Event::Done(done) => {
					self.take(done)?;
					self.step(client).await?;
				},
				Event::Best => {
					seen = tokio::time::Instant::now();
					self.step(client).await?;
				},
				Event::Finalized(number) => {
					target = target.max(number);
					self.metrics.finalized_block.set(target as i64);
					if number > settled {
						settled = self.settle(client).await?;
					}
				},
				Event::Idle => {
					if let Err(error) = self.read_on(client, target).await {
						// Counters do not keep the daemon from proving. Again with the next
						// finalized block.
						warn!("cannot read finalized blocks: {error}");
						target = 0;
					}
				},
				Event::Stalled => {
					return Err(Error::Connection(format!(
						"{} shows no new block for {STALLED:?}",
						client.url()
					)));
				},
			}
		}
	}

	pub(super) fn state(&self) -> Result<&State> {
		self.state.as_ref().ok_or_else(|| Error::Internal("the state is not loaded yet".into()))
	}

	/// Changes the state, in memory and on disk. A full disk does not keep the daemon from proving:
	/// the state is saved with the next change or the next finalized block.
	pub(super) fn update_state(&mut self, change: impl FnOnce(&mut State)) -> Result<()> {
		let mut state = self.state()?.clone();
		change(&mut state);
		let unsaved = self.metrics.state_unsaved.get() == 1;
		if unsaved || self.state.as_ref() != Some(&state) {
			let saved = self.state_dir.save(&state);
			self.metrics.state_unsaved.set(saved.is_err().into());
			match saved {
				Err(error) if !unsaved => error!("{error}: a crash now loses the unsaved state"),
				Ok(()) if unsaved => info!("the state is saved again"),
				_ => {},
			}
			self.state = Some(state);
		}
		Ok(())
	}

	/// Loads the state. Refused if it belongs to another chain.
	async fn load_state(&mut self, client: &Client) -> Result<()> {
		let genesis = client.genesis_hash();
		let finalized = client.finalized().await?;
		let state = match &self.state {
			// The state in memory may be newer than the file.
			Some(state) => {
				state.check(genesis, self.me).map_err(|what| self.state_dir.unfit(&what))?;
				state.clone()
			},
			None => self.state_dir.load(genesis, self.me)?,
		};
		if let Some(last) = state.processed {
			if last.number <= finalized.block_number() {
				match chain::hash_of(client, last.number).await? {
					Some(there) if there == last.hash => {},
					Some(_) => {
						return Err(Error::Usage(format!(
							"block {} of {} is not the one that was finalized when the state in {} was \
							 written: this is another chain with the same beginning; name another directory \
							 with --state",
							last.number,
							client.url(),
							self.args.state.display()
						)));
					},
					// The node has synced by state and gets earlier blocks later.
					None => debug!(block = last.number, "the node does not have this block"),
				}
			}
		}
		self.state = Some(state);
		self.update_state(|state| {
			state.processed.get_or_insert(history::position(&finalized));
		})
	}

	/// Reads the best block and does what is due.
	async fn step(&mut self, client: &Client) -> Result<()> {
		let snapshot = chain::snapshot(client.best().await?, self.me).await?;
		let best = snapshot.account;
		self.block_time.observe(best.number, Instant::now());
		self.retries.set_best(best.number);
		self.report_outcomes(client, &snapshot).await?;
		let state = self.state()?;
		let in_flight = InFlight {
			finished: state.proofs.iter().map(|proof| (proof.task, proof.block_hash)).collect(),
			sent: tasks_in_flight(&state.sent, best),
			running: self.jobs.running(),
			delayed: self.retries.delayed(),
		};
		let reserve =
			self.args.reserve.saturating_add(self.block_time.blocks_in(self.jobs.longest()));
		let plan = snapshot.view.plan(&self.me, &in_flight, reserve);
		self.measure(client, &snapshot, &plan);
		self.cancel(&plan);
		// Finished proofs go first: the steps after it may take time, and fail.
		self.resubmit(client, &snapshot, &plan, reserve).await?;
		self.submit(client, &snapshot, &plan).await?;
		self.fill_gap(client, best).await?;
		let until = tokio::time::Instant::now() + LIST_TIMEOUT;
		self.prove(client, &snapshot, &plan, until).await;
		self.refresh_lists(client, &snapshot, until).await;
		Ok(())
	}

	fn measure(&mut self, client: &Client, snapshot: &Snapshot, plan: &Plan) {
		let metrics = &self.metrics;
		let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		metrics.see_best(snapshot.account.number, now.as_secs_f64());
		metrics.open.set(count(plan.open));
		metrics.late.set(count(plan.late));
		metrics.blocks_left.set(plan.time_left.map_or(-1, i64::from));
		metrics.unsettled.set(count(snapshot.assignments.len()));
		metrics.member.set(snapshot.staker.prover.is_some().into());
		metrics.stake.set(in_tokens(client.token(), snapshot.stake()));
		metrics.exiting.set(in_tokens(client.token(), snapshot.exiting()));
		metrics.free.set(in_tokens(client.token(), snapshot.free));
		self.availability.observe(&snapshot.staker, metrics);
		// The pool's own list must hold nothing that the rollup does not know.
		let known: BTreeSet<_> = snapshot.view.waiting.iter().map(|(id, _)| *id).collect();
		self.orphaned.retain(|id| snapshot.assignments.iter().any(|row| row.block_id == *id));
		for row in &snapshot.assignments {
			let id = row.block_id;
			if !known.contains(&id) && self.orphaned.insert(id) {
				warn!(
					block = id,
					"the pool has an assignment for a block that the rollup does not have"
				);
			}
		}
	}

	fn cancel(&mut self, plan: &Plan) {
		for task in &plan.cancel {
			warn!(block = task.block, "cancelled: the proof would be late");
			self.metrics.proving_failures.with_label_values(&["deadline"]).inc();
			self.jobs.cancel(*task);
		}
		for task in self.jobs.unwanted(&plan.unwanted, Instant::now()) {
			info!(block = task.block, parent = %task.parent, "cancelled: not needed any more");
			self.jobs.cancel(task);
		}
	}

	/// Starts up to `--jobs` proofs. Fetches the transaction lists that they need until `until`.
	async fn prove(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		plan: &Plan,
		until: tokio::time::Instant,
	) {
		for due in &plan.prove {
			if self.jobs.running().len() >= self.args.jobs.into() {
				break;
			}
			let id = due.task.block;
			let Some(block) = block(snapshot, id) else { continue };
			let list = match self.list(client, snapshot, (id, block.tx_list_hash), until).await {
				Ok(list) => list,
				// Other work does not wait for this. The next request shows if the connection is
				// lost.
				Err(error) => {
					warn!(block = id, "not proven: {error}");
					self.metrics.proving_failures.with_label_values(&["error"]).inc();
					self.retries.delay(due.task, MaxDelay::Proving);
					continue;
				},
			};
			let now = snapshot.view.now;
			let blocks_left = due.deadline.saturating_sub(now);
			info!(block = id, parent = %due.task.parent, blocks_left, "proving");
			let request = Request::new(client.genesis_hash(), self.me, due, block, list, now);
			let (prover, block) = (self.prover.clone(), block.clone());
			let limit = self.block_time.limit(self.args.limit(), blocks_left);
			self.jobs.start(due.task, prover, request, block, limit, self.faults);
		}
		self.metrics.proving.set(self.jobs.running().len() as i64);
	}

	/// Takes the result of a proof.
	fn take(&mut self, Done { task, took, result }: Done) -> Result<()> {
		match result {
			Ok(answer) => {
				info!(block = task.block, seconds = took.as_secs_f64(), "proven");
				self.metrics.proving_seconds.observe(took.as_secs_f64());
				self.faults.reach(Step::BeforeSubmitting);
				self.retries.clear(task);
				self.update_state(|state| {
					state.proofs.retain(|proof| proof.task != task);
					state.proofs.push(FinishedProof {
						task,
						block_hash: answer.block_hash,
						gas_used: answer.gas_used,
						proof: answer.proof,
					});
				})
			},
			Err(failure) => {
				let (reason, label) = match &failure {
					Failure::Error(reason) => (reason.as_str(), "error"),
					Failure::Timeout => ("it exceeded the time limit", "timeout"),
				};
				warn!(block = task.block, "not proven: {reason}");
				self.metrics.proving_failures.with_label_values(&[label]).inc();
				self.retries.delay(task, MaxDelay::Proving);
				Ok(())
			},
		}
	}

	/// Forgets everything that is settled for good. Returns the number of the finalized block that
	/// decides.
	///
	/// This is the last finalized block, not the reported one: where many are finalized at once,
	/// nodes no longer have the states of the first ones.
	async fn settle(&mut self, client: &Client) -> Result<u64> {
		let at = client.finalized().await?;
		let (rollup, account) =
			futures::try_join!(rollup::state(&at), chain::account(&at, self.me))?;
		self.update_state(|state| {
			state.forget_before(rollup.head);
			state.sent.retain(|sent| !sent.is_done(account));
		})?;
		self.retries.forget_before(rollup.head, account.nonce);
		Ok(account.number)
	}

	/// Reads the next finalized block.
	async fn read_on(&mut self, client: &Client, target: u64) -> Result<()> {
		let Some(last) = self.state()?.processed else { return Ok(()) };
		let read = history::read_on(client, &self.me, last, target).await?;
		self.update_state(|state| state.processed = Some(read.position))?;
		read.count(&self.metrics, client.token());
		Ok(())
	}
}

/// Returns an unverified block.
pub(super) fn block(snapshot: &Snapshot, id: u64) -> Option<&Block> {
	snapshot.view.waiting.iter().find(|(waiting, _)| *waiting == id).map(|(_, block)| block)
}
