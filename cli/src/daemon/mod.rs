//! `run`: a prover that proves its assignments, and what others left unproven.
//!
//! - [`work`] decides what to do, [`rescue`] which blocks of others to prove, [`liveness`] which calls
//!   the rollup needs besides proofs, [`nonces`] and [`tips`] about transactions: from values only;
//! - [`chain`] and [`history`] read the chain, [`store`] the saved state;
//! - [`executions`] keeps up with the [lineage](crate::lineage), [`jobs`] runs proofs, [`block_time`]
//!   limits them;
//! - [`runtime`] compares the chain's runtime with this program;
//! - [`availability`] reports pauses and suspensions, [`metrics`] has the metrics;
//! - [`sending`] submits proofs, [`retries`] decides when to try again;
//! - [`session`] reacts to [`events`] while there is a connection; this module connects, in the
//!   order of [`nodes`](crate::nodes).
//!
//! It decides on every best block, from storage alone: no missed event, no reverted block and no
//! crash leaves work undone that the chain's state would not show. Finalized blocks are read one by
//! one, for counters.

pub mod availability;
pub mod block_time;
pub mod chain;
pub mod events;
pub mod executions;
pub mod history;
pub mod jobs;
pub mod liveness;
pub mod metrics;
pub mod nonces;
pub mod rescue;
pub mod retries;
pub mod runtime;
pub mod sending;
pub mod session;
pub mod store;
pub mod tips;
pub mod work;

use crate::{
	actor::Actor,
	args::{run::RunArgs, Global},
	chain::{AccountId, BlockId, H256},
	compatibility::Part,
	fault::Faults,
	lineage::{lists::TxListCache, Lineage},
	log,
	metrics::server::Server,
	nodes::Nodes,
	prover::{states::StateStore, Prover},
	signals::interrupted,
	Error, Result,
};
use availability::Availability;
use block_time::BlockTime;
use executions::Executions;
use jobs::Jobs;
use liveness::Liveness;
use metrics::Metrics;
use retries::RetryPolicy;
use runtime::Runtimes;
use std::{collections::BTreeSet, convert::Infallible};
use store::{State, StateDir};
use tips::Tips;
use tokio::time::sleep;
use tracing::info;

/// A prover at work.
pub struct Daemon {
	/// The prover's account, and the key that signs for it. Known at the first connection, when the form of
	/// addresses is; until then, the account of the key.
	actor: Actor,
	prover: Prover,
	args: RunArgs,
	/// True if unencrypted connections to other machines are allowed.
	insecure: bool,
	faults: Faults,
	state_dir: StateDir,
	/// Loaded at the first connection.
	state: Option<State>,
	metrics: Metrics,
	runtimes: Runtimes,
	lineage: Lineage,
	executions: Executions,
	jobs: Jobs,
	block_time: BlockTime,
	retries: RetryPolicy,
	/// When each call was made that the rollup needs besides proofs.
	liveness: Liveness,
	/// Parsed at the first connection, when the token is known.
	tips: Tips,
	tx_lists: TxListCache,
	/// The availability that was logged last.
	availability: Availability,
	/// The first block of the rollup that no finalized block proposes.
	finalized_next_id: BlockId,
	/// The claims that differ from the daemon's executions: block, prover, hash and gas.
	differing: BTreeSet<(BlockId, AccountId, H256, u32)>,
}

/// Runs until a signal ends it.
pub async fn run(global: Global, args: RunArgs) -> Result<()> {
	log::start();
	let actor = Actor::from(global.key.signer()?);
	let mut nodes = Nodes::new(&global.url, global.insecure)?;
	Nodes::new(&args.archive_url, global.insecure)?;
	let state_dir = StateDir::open(&args.state)?;
	let states = StateStore::open(&args.state.join("states"))?;
	let prover = args.source.prover(states)?;
	let metrics = Metrics::new()?;
	if let Some(address) = args.metrics_address() {
		let server = Server::bind(address, "--metrics", metrics.clone()).await?;
		info!("metrics at http://{}/metrics", server.address()?);
		tokio::spawn(server.serve());
	} else {
		metrics.scrapes.record();
	}
	let mut daemon = Daemon {
		actor,
		prover,
		insecure: global.insecure,
		faults: faults(&args),
		lineage: state_dir.load_lineage(),
		state_dir,
		state: None,
		metrics,
		runtimes: Runtimes::default(),
		executions: Executions::default(),
		jobs: Jobs::default(),
		block_time: BlockTime::default(),
		retries: RetryPolicy::default(),
		liveness: Liveness::default(),
		tips: Tips::default(),
		tx_lists: TxListCache::open(&args.state.join("lists")),
		availability: Availability::default(),
		finalized_next_id: 0,
		differing: BTreeSet::new(),
		args,
	};
	let result = tokio::select! {
		result = daemon.work_on(&mut nodes) => result.map(|never| match never {}),
		result = interrupted() => result,
	};
	let running = daemon.jobs.running().len();
	// The state is saved already; running proofs end with this.
	info!(abandoned = running, "stopping");
	result
}

/// Returns the step at which to crash.
fn faults(args: &RunArgs) -> Faults {
	#[cfg(feature = "fault-injection")]
	return Faults::new(args.crash_at);
	#[cfg(not(feature = "fault-injection"))]
	{
		let _ = args;
		Faults::default()
	}
}

impl Daemon {
	/// Returns the account of the prover.
	fn me(&self) -> AccountId {
		self.actor.account()
	}

	/// Returns the account of the key, which pays fees.
	fn key(&self) -> AccountId {
		self.actor.signer().account()
	}

	/// Works with one node after another, until a problem remains that no other node can solve.
	async fn work_on(&mut self, nodes: &mut Nodes) -> Result<Infallible> {
		loop {
			let problem = match self.work_with(nodes).await {
				Ok(never) => match never {},
				Err(problem) => problem,
			};
			let was_at_work = self.metrics.connected.get() == 1;
			if was_at_work {
				self.metrics.connections_lost.inc();
				self.metrics.connected.set(0);
			}
			if matches!(problem, Error::Incompatible(_)) {
				// Of all that a node answers, only the runtime can be what this program does not know.
				self.metrics.runtime_incompatible.with_label_values(&[Part::Proving.name()]).set(1);
				self.runtimes.check_program()?;
			}
			let pause = nodes.leave(problem, was_at_work)?;
			sleep(pause).await;
		}
	}

	/// Works with the present node until that fails.
	async fn work_with(&mut self, nodes: &Nodes) -> Result<Infallible> {
		let client = nodes.connect().await?;
		self.session(&client).await
	}
}
