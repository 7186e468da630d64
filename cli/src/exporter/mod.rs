//! `exporter`: metrics of the chain, for its operators. It reads and signs nothing.
//!
//! - [`snapshot`] reads what the chain's state says after the best block, on every new block;
//! - [`counts`] counts what happened in finalized blocks, one after another;
//! - [`metrics`] has both as Prometheus reads them.
//!
//! While no node answers, nothing of the state is shown. Counters keep their values, and continue with the block after
//! the last one that was counted.

pub mod counts;
pub mod metrics;
pub mod snapshot;

use crate::{
	args::{exporter::ExporterArgs, Global},
	chain::{At, H256},
	client::Client,
	decoded::hex,
	heads::{self, latest},
	log,
	metrics::server::Server,
	nodes::Nodes,
	reads::finalized::{self, Next, Position},
	signals::interrupted,
	Error, Result,
};
use counts::Counts;
use metrics::Metrics;
use snapshot::Snapshot;
use std::{convert::Infallible, future::ready, time::Duration};
use tokio::time::sleep;
use tracing::{info, warn};

/// After this time without a new block the node is asked for a sign of life: a broken connection looks
/// like a chain without blocks.
const SILENCE: Duration = Duration::from_secs(30);

/// What is known of the chain.
struct Exporter {
	metrics: Metrics,
	/// The genesis hash of the first node.
	genesis: Option<H256>,
	/// The last finalized block whose events were counted.
	counted: Option<Position>,
	/// The last finalized block of the present node.
	finalized: u64,
	/// The version of the runtime after the best block that was seen last.
	spec_version: Option<u32>,
}

/// Serves the metrics until a signal ends it.
pub async fn run(global: Global, args: ExporterArgs) -> Result<()> {
	log::start();
	let mut nodes = Nodes::new(&global.url, global.insecure)?;
	let metrics = Metrics::new()?;
	let server = Server::bind(args.listen, "--listen", metrics.clone()).await?;
	info!("metrics at http://{}/metrics", server.address()?);
	tokio::spawn(server.serve());
	let mut exporter =
		Exporter { metrics, genesis: None, counted: None, finalized: 0, spec_version: None };
	tokio::select! {
		result = exporter.follow(&mut nodes) => result.map(|never| match never {}),
		result = interrupted() => result,
	}
}

impl Exporter {
	/// Follows one node after another, until a problem remains that no other node can solve.
	async fn follow(&mut self, nodes: &mut Nodes) -> Result<Infallible> {
		loop {
			let problem = match self.follow_present(nodes).await {
				Ok(never) => match never {},
				Err(problem) => problem,
			};
			let was_reached = self.metrics.hide();
			if was_reached {
				self.metrics.connections_lost.inc();
			}
			let pause = nodes.leave(problem, was_reached)?;
			sleep(pause).await;
		}
	}

	/// Follows the present node until that fails.
	async fn follow_present(&mut self, nodes: &Nodes) -> Result<Infallible> {
		let client = &nodes.connect().await?;
		self.check_chain(client).await?;
		let mut best = heads::best(client).await?;
		let mut finalized = heads::finalized(client).await?;
		info!(url = client.url(), chain = client.properties().name, "connected");
		loop {
			let uncounted = self.uncounted();
			tokio::select! {
				biased;
				head = latest(&mut best) => {
					head?;
				},
				head = latest(&mut finalized) => {
					head?;
				},
				() = sleep(SILENCE) => {},
				() = ready(()), if uncounted.is_some() => {
					if let Some(last) = uncounted {
						self.count_after(last, client).await?;
					}
					continue;
				},
			}
			self.show(client).await?;
		}
	}

	/// Refused if the node is of another chain than the first one.
	async fn check_chain(&mut self, client: &Client) -> Result<()> {
		let genesis = client.genesis_hash();
		if let Some(first) = self.genesis.filter(|first| *first != genesis) {
			return Err(Error::Usage(format!(
				"{} is a node of another chain: its genesis hash is {}, not {}",
				client.url(),
				hex(&genesis.0),
				hex(&first.0)
			)));
		}
		let finalized = client.finalized().await?;
		if let Some(last) = self.counted {
			if last.is_replaced(client, &finalized).await? {
				return Err(Error::Usage(format!(
					"block {} of {} is not the one that was finalized before: this is another chain with the \
					 same beginning",
					last.number,
					client.url()
				)));
			}
		}
		self.genesis = Some(genesis);
		// A node may be behind the one before.
		self.finalized = finalized.block_number();
		self.counted.get_or_insert(Position::of(&finalized));
		Ok(())
	}

	/// Shows what the state says now.
	async fn show(&mut self, client: &Client) -> Result<()> {
		// The finalized block first, so it is never the later of the two.
		let finalized = client.finalized().await?;
		let best = client.best().await?;
		self.finalized = finalized.block_number();
		if !self.has_new_runtime(&best) {
			let snapshot = Snapshot::read(&finalized, &best).await?;
			self.metrics.show(&snapshot, client.token())?;
		}
		Ok(())
	}

	/// Returns whether the runtime is another than after the block that was seen last: the block that sets the
	/// code has the records of the runtime before, and the next one converts them.
	fn has_new_runtime(&mut self, best: &At) -> bool {
		let version = best.spec_version();
		self.spec_version.replace(version).is_some_and(|before| before != version)
	}

	/// Returns the block that was counted last, if one after it may be counted.
	fn uncounted(&self) -> Option<Position> {
		let last = self.counted.filter(|last| last.number < self.finalized);
		last.filter(|_| self.metrics.scrapes.may_count())
	}

	/// Counts the finalized block after this one.
	async fn count_after(&mut self, last: Position, client: &Client) -> Result<()> {
		let read = async |position: Position| {
			let (_, events) = client.events(position.hash).await?;
			Ok::<_, Error>((position, Counts::of(&events)))
		};
		let counted = match finalized::next(client, last, self.finalized, read).await? {
			Next::Read((position, counts)) => {
				if counts.undecoded > 0 {
					warn!(
						events = counts.undecoded,
						at = position.number,
						"this program cannot decode these events, and does not count them"
					);
				}
				self.metrics.count(&counts, client.token());
				position
			},
			Next::Skipped(position) => {
				warn!(
					from = last.number + 1,
					to = position.number,
					"the node does not have these blocks: what happened in them is not counted"
				);
				self.metrics.blocks_unread.inc_by(position.number - last.number);
				position
			},
		};
		self.counted = Some(counted);
		Ok(())
	}
}
