//! The daemon's work while there is a connection.

use super::{
	chain::{self, Holdings, Seen, Snapshot},
	events::{self, Event},
	history,
	jobs::{Done, Failure},
	liveness::{self, Call, Wait},
	nonces::tasks_in_flight,
	rescue::{Policy, Situation},
	retries::MaxDelay,
	store::{FinishedProof, State},
	tips::Tips,
	work::{self, InFlight, Plan, Waiting},
	Daemon,
};
use crate::{
	actor::Actor,
	args::run::RescueMode,
	client::Client,
	fault::Step,
	heads,
	metrics::in_tokens,
	prover::{instance_hash, Input, Statement},
	reads::{finalized::Position, rollup},
	Error, Result,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	convert::Infallible,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tracing::{debug, error, info, warn};

/// After this time without a new block the daemon tries another node: an epoch of the demo chain. Where finality
/// stops, its nodes make fewer blocks, but not less than one in an epoch.
const STALLED: Duration = Duration::from_secs(120);
/// The time limit of fetching transaction lists in one step. Everything else waits for it.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// The results and states of this many settled blocks are kept: governance may reset the rollup to
/// one of them.
const KEPT_RESULTS: u64 = 64;

impl Daemon {
	/// Works with this node until the connection is lost.
	pub(super) async fn session(&mut self, client: &Client) -> Result<Infallible> {
		let signer = self.actor.signer().clone();
		signer.check_for(client.properties())?;
		if let Some(address) = &self.args.account {
			self.actor = Actor::new(signer, client.account(address)?);
		}
		if let Some(attestor) = self.prover.attestor() {
			attestor.check_for(client.properties())?;
		}
		self.tips = Tips::read(client.token(), &self.args.tip, self.args.max_tip.as_deref())?;
		self.load_state(client).await?;
		self.check_attestor(client).await?;
		let mut heads = heads::best(client).await?;
		let mut finalized = heads::finalized(client).await?;
		self.runtimes.connect(self.actor.is_proxied());
		self.retries.forget_submissions();
		self.tx_lists.forget_searches();
		self.metrics.connected.set(1);
		info!(url = client.url(), chain = client.properties().name, "connected");
		// The highest finalized block, and the one as of which the state was cleaned up.
		let (mut target, mut settled) = (0, 0);
		let mut seen = tokio::time::Instant::now();
		loop {
			let behind = self.state()?.processed.is_some_and(|last| last.number < target);
			let stalled = seen + STALLED;
			let working = (&mut self.jobs, &mut self.executions);
			match events::next(working, &mut heads, &mut finalized, stalled, behind).await? {
				Event::Done(done) => {
					self.take(done)?;
					self.step(client).await?;
				},
				Event::Executed(finished) => {
					let best = self.retries.best();
					self.take_execution(finished, best);
					self.advance(client, best);
					// A new result may have to be proven, or differ from a claim.
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
				Event::Idle => match self.read_on(client, target).await {
					Ok(true) => {},
					// Again with the next finalized block.
					Ok(false) => target = 0,
					Err(error) => {
						// Counters do not keep the daemon from proving.
						warn!("cannot read finalized blocks: {error}");
						target = 0;
					},
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
				state.check(genesis, self.me()).map_err(|what| self.state_dir.unfit(&what))?;
				state.clone()
			},
			None => self.state_dir.load(genesis, self.me())?,
		};
		if let Some(last) = state.processed {
			if last.is_replaced(client, &finalized).await? {
				return Err(Error::Usage(format!(
					"block {} of {} is not the one that was finalized when the state in {} was \
					 written: this is another chain with the same beginning; name another directory \
					 with --state",
					last.number,
					client.url(),
					self.args.state.display()
				)));
			}
		}
		self.state = Some(state);
		let key = self.key();
		self.update_state(|state| {
			state.use_key(key);
			state.processed.get_or_insert(Position::of(&finalized));
		})
	}

	/// Warns if the attestation key is not registered: the chain refuses proofs by it.
	async fn check_attestor(&self, client: &Client) -> Result<()> {
		let Some(attestor) = self.prover.attestor() else { return Ok(()) };
		let keys = match rollup::attestation_keys(&client.best().await?).await {
			// The steps say what does not fit the runtime.
			Err(Error::Incompatible(_)) => return Ok(()),
			keys => keys?,
		};
		let key = attestor.account();
		if !keys.contains(&key.0) {
			let key = client.address(&key);
			warn!(%key, "the attestation key is not registered: the chain refuses proofs by it until governance adds it");
		}
		Ok(())
	}

	/// Reads the best block and does what is due, as far as this program fits the runtime.
	async fn step(&mut self, client: &Client) -> Result<()> {
		let result = self.act(client).await;
		if let Err(Error::Incompatible(reason)) = &result {
			if self.has_other_runtime(&client.best().await?) {
				// It has changed meanwhile. The next step shows what fits the new one.
				debug!("{reason}");
				return Ok(());
			}
		}
		result
	}

	async fn act(&mut self, client: &Client) -> Result<()> {
		let at = client.best().await?;
		self.see_best(at.block_number());
		let Some(report) = self.fitting(&at)? else { return Ok(()) };
		let snapshot = chain::snapshot(at, &self.actor, &report).await?;
		let best = snapshot.account;
		self.block_time.observe(best.number, Instant::now());
		self.retries.set_best(best.number);
		self.follow(&snapshot);
		self.advance(client, best.number);
		let results = match snapshot.verified() {
			Some(verified) => self.lineage.results(verified, &snapshot.proposals()),
			None => Default::default(),
		};
		let seen = snapshot.seen(&results).await?;
		self.report_outcomes(client, &snapshot, &seen).await?;
		let (plan, calls) = self.plan(&snapshot, &seen).await?;
		self.compare(&seen);
		self.measure(client, &snapshot, &plan);
		self.cancel(&plan);
		// Finished proofs go first: the steps after it may take time, and fail.
		self.resubmit(client, &snapshot, &plan).await?;
		self.submit(client, &snapshot, &plan).await?;
		self.fill_gap(client, best).await?;
		self.submit_calls(client, best, &calls).await?;
		self.prove(client, &snapshot, &seen, plan);
		let until = tokio::time::Instant::now() + LIST_TIMEOUT;
		self.refresh_lists(client, &snapshot, until).await;
		self.advance(client, best.number);
		Ok(())
	}

	/// Decides what to do, and which calls the rollup needs besides proofs.
	async fn plan(
		&self,
		snapshot: &Snapshot,
		seen: &[Seen<'_>],
	) -> Result<(Plan, BTreeMap<Call, Wait>)> {
		let state = self.state()?;
		let in_flight = InFlight {
			finished: state.proofs.iter().map(|proof| proof.task).collect(),
			sent: tasks_in_flight(&state.sent, snapshot.account),
			running: self.jobs.running(),
			delayed: self.retries.delayed(),
		};
		let me = self.me();
		let waiting: Vec<_> = seen
			.iter()
			.map(|Seen { id, block, executed, claims }| {
				Waiting::new(*id, block, executed.as_ref(), claims, &me, snapshot.clock)
			})
			.collect();
		let (parameters, now) = (&snapshot.parameters, snapshot.clock.now);
		let holdings = snapshot.holdings.as_ref();
		let asked = holdings.and_then(Holdings::asked);
		let (mode, open_rewards) = match snapshot.can_rescue {
			true => (self.args.rescue, snapshot.open_rewards(&waiting).await?),
			false => (RescueMode::Off, BTreeMap::new()),
		};
		let policy = Policy {
			mode,
			least_reward: self.args.proof_cost.or(asked).unwrap_or(0),
			bond: parameters.proof_bond,
			bonus: parameters.rescue_bonus,
			expiry_period: parameters.expiry_period,
			me,
		};
		let rescues = policy.choose(
			&waiting,
			&Situation {
				now,
				free: holdings.map_or(0, |holdings| holdings.free),
				finalized_next_id: self.finalized_next_id,
				open_rewards: &open_rewards,
				begun: &in_flight.blocks(),
				head: snapshot.state.as_ref().map_or(0, |state| state.head),
			},
		);
		let plan = work::plan(&waiting, &in_flight, &rescues, now);
		let calls = snapshot.state.as_ref().map(|state| {
			let situation = liveness::Situation {
				clock: snapshot.clock,
				state,
				blocks: &snapshot.blocks,
				waiting: &waiting,
				running: &in_flight.running,
				finalized_next_id: self.finalized_next_id,
				min_proof_window: parameters.min_proof_window,
			};
			liveness::calls(&policy, &plan, &situation)
		});
		Ok((plan, calls.unwrap_or_default()))
	}

	/// Reports claims that differ from what the daemon has executed.
	fn compare(&mut self, seen: &[Seen]) {
		let mut differing = BTreeSet::new();
		for Seen { id, block, executed, claims } in seen {
			let Some(right) = executed.as_ref().map(|executed| executed.execution()) else {
				continue;
			};
			for claim in work::differing(block, &right, claims) {
				let (claimed, claimed_gas) = (claim.execution.block_hash, claim.execution.gas_used);
				let key = (*id, claim.prover, claimed, claimed_gas);
				if differing.insert(key) && !self.differing.contains(&key) {
					error!(
						block = id,
						prover = %claim.prover,
						parent = %right.parent_hash,
						claimed = %claimed,
						claimed_gas,
						own = %right.block_hash,
						own_gas = right.gas_used,
						tag = ?claim.tag,
						"a claim differs from the execution of the block: it is wrong, or the prover here is"
					);
				}
			}
		}
		self.metrics.claims_differing.set(differing.len() as i64);
		self.differing = differing;
	}

	fn see_best(&self, number: u64) {
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		self.metrics.see_best(number, now.as_secs_f64());
	}

	fn measure(&mut self, client: &Client, snapshot: &Snapshot, plan: &Plan) {
		let metrics = &self.metrics;
		let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
		metrics.open.set(count(plan.open));
		metrics.late.set(count(plan.late));
		metrics.blocks_left.set(plan.time_left.map_or(-1, i64::from));
		let Some(holdings) = &snapshot.holdings else { return };
		metrics.unsettled.set(count(holdings.assignments.len()));
		metrics.member.set(holdings.staker.prover.is_some().into());
		metrics.stake.set(in_tokens(client.token(), holdings.stake()));
		metrics.exiting.set(in_tokens(client.token(), holdings.exiting()));
		metrics.free.set(in_tokens(client.token(), holdings.free));
		metrics.for_fees.set(in_tokens(client.token(), holdings.for_fees));
		self.availability.observe(&holdings.staker, metrics);
	}

	fn cancel(&mut self, plan: &Plan) {
		for task in &plan.cancel {
			warn!(block = task.block, "cancelled: the proof would be late");
			self.metrics.proving_failures.with_label_values(&["deadline"]).inc();
			self.jobs.cancel(*task);
		}
		for task in self.jobs.unwanted(&plan.unwanted, Instant::now()) {
			info!(block = task.block, "cancelled: not needed any more");
			self.jobs.cancel(task);
		}
	}

	/// Starts up to `--jobs` proofs. Rescues give way to assignments.
	fn prove(&mut self, client: &Client, snapshot: &Snapshot, seen: &[Seen], mut plan: Plan) {
		for due in &plan.prove {
			let id = due.task.block;
			let Some(seen) = seen.iter().find(|seen| seen.id == id) else { continue };
			let Some(step) = seen.executed.map(|executed| executed.step) else { continue };
			// It was there when the block was executed.
			let Some(tx_list) = self.tx_lists.load(step.proposal.tx_list_hash) else { continue };
			if self.jobs.running().len() >= self.args.jobs.into() {
				let Some(rescue) = plan.yielding.pop().filter(|_| !due.is_rescue()) else { break };
				info!(block = rescue.block, "cancelled: an assigned block is due");
				self.jobs.cancel(rescue);
			}
			let genesis_hash = client.genesis_hash();
			let execution = due.task.execution;
			let blocks_left = match due.deadline {
				Some(deadline) => snapshot.clock.blocks_left(deadline).unwrap_or(0),
				// A rescue has time until the block can be skipped.
				None => snapshot.parameters.expiry_period,
			};
			let statement = Statement {
				execution,
				instance: instance_hash(genesis_hash, &step.proposal, &execution, &self.me()),
				prover: self.me(),
				blocks_left,
			};
			info!(block = id, parent = %execution.parent_hash, blocks_left, rescue = due.is_rescue(), "proving");
			let limit = self.block_time.limit(self.args.proving_limit(), blocks_left);
			let input = Input { genesis_hash, step, tx_list };
			let prover = self.prover.clone();
			self.jobs.start(due.task, prover, (input, statement), limit, self.faults);
		}
		self.metrics.proving.set(self.jobs.running().len() as i64);
	}

	/// Takes the result of a proof.
	fn take(&mut self, Done { task, took, result }: Done) -> Result<()> {
		match result {
			Ok(proof) => {
				info!(block = task.block, seconds = took.as_secs_f64(), "proven");
				self.metrics.proving_seconds.observe(took.as_secs_f64());
				self.faults.reach(Step::BeforeSubmitting);
				self.retries.clear(task);
				self.update_state(|state| {
					state.proofs.retain(|proof| proof.task != task);
					state.proofs.push(FinishedProof { task, proof });
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
		if !self.runtimes.can_prove(&at)? {
			return Ok(at.block_number());
		}
		let (rollup, account) =
			futures::try_join!(rollup::state(&at), chain::account(&at, self.key()))?;
		self.update_state(|state| state.sent.retain(|sent| !sent.is_done(account)))?;
		if let Some(rollup) = rollup {
			self.finalized_next_id = rollup.next_id;
			let head = rollup.first_live();
			self.update_state(|state| state.forget_before(head))?;
			self.retries.forget_before(head, account.nonce);
			self.lineage.forget_before(head.saturating_sub(KEPT_RESULTS));
			// An execution, or a rebuild, may just have written a state that is not recorded yet.
			if self.executions.is_idle() {
				let mut states = self.lineage.hashes();
				states.insert(rollup.verified_hash);
				states.extend(self.executions.verified_hash());
				self.prover.retain_states(&states);
			}
		}
		Ok(account.number)
	}

	/// Reads the next finalized block. Returns false if it waits: for a program that fits its runtime, or for the
	/// first scrape of the metrics.
	async fn read_on(&mut self, client: &Client, target: u64) -> Result<bool> {
		if !self.metrics.scrapes.may_count() {
			return Ok(false);
		}
		let Some(last) = self.state()?.processed else { return Ok(true) };
		let (me, runtimes) = (self.me(), &mut self.runtimes);
		let read = history::read_on(client, &me, last, target, runtimes).await?;
		let Some(read) = read else { return Ok(false) };
		self.update_state(|state| state.processed = Some(read.position))?;
		read.count(&self.metrics, client.token());
		for (block, verified) in &read.verified {
			if self.lineage.contradicts(*block, *verified) {
				error!(block, %verified, "the chain has verified a block with a hash that its execution does not give");
				self.metrics.wrong_verifications.inc();
			}
		}
		Ok(true)
	}
}
