//! `index`: fills a history, and checks it.

use super::Context;
use crate::{
	amount::Token,
	args::history::IndexArgs,
	indexer::{self, Step},
	output::{count, pairs, warn, Progress, Show},
	signals::interrupted,
	Error, Result,
};
use prover_pool_history::{
	check::{check, Report},
	Live, Reader, Store,
};
use serde::Serialize;
use std::{convert::Infallible, time::Duration};
use tokio::time::sleep;

/// The pause before a new attempt to connect.
const RETRY: Duration = Duration::from_secs(5);

/// Stores what is finalized until a signal ends it, or checks it once.
pub async fn run(context: &Context, args: IndexArgs) -> Result<()> {
	let mut store = open(context, &args)?;
	if args.check {
		return compare(context, &mut store).await;
	}
	tokio::select! {
		result = keep_indexing(context, &mut store, None) => result.map(|never| match never {}),
		result = interrupted() => result,
	}
}

fn open(context: &Context, args: &IndexArgs) -> Result<Store> {
	let mut store = Store::open(&args.db.file, &indexer::chain(&context.client))?;
	if args.rebuild {
		let progress = Progress::new();
		progress.say("rebuilding all tables …");
		store.rebuild()?;
	}
	Ok(store)
}

/// Reads on, and connects again when the connection is lost.
pub async fn keep_indexing(
	context: &Context,
	store: &mut Store,
	live: Option<&Live>,
) -> Result<Infallible> {
	let progress = Progress::new();
	let report = reporting(&progress);
	let mut client = context.client.clone();
	loop {
		let Err(error) = indexer::follow(&client, store, live, &report).await;
		let Error::Connection(reason) = error else { return Err(error) };
		progress.clear();
		warn(&format!("{reason}; trying again"));
		client = loop {
			sleep(RETRY).await;
			match context.reconnect().await {
				Ok(client) => break client,
				Err(Error::Connection(_)) => {},
				Err(other) => return Err(other),
			}
		};
	}
}

/// Shows progress, and warns of gaps. A gap does not end the program: all later blocks would be missing, too.
fn reporting(progress: &Progress) -> impl Fn(Step) + Sync + '_ {
	|step| match step {
		Step::Stored { block, target } => {
			progress.say(&format!("block {block} of {target} is stored"));
		},
		Step::Missing { from, to } => {
			progress.clear();
			warn(&format!(
				"the history will always lack blocks {from} to {to}: the node no longer has their states; for a history \
				 with them, make a new file with a node that keeps all states (--state-pruning archive)"
			));
		},
	}
}

async fn compare(context: &Context, store: &mut Store) -> Result<()> {
	let client = &context.client;
	let progress = Progress::new();
	let hash = indexer::catch_up(client, store, None, &reporting(&progress)).await?;
	let facts = indexer::facts(client, hash).await?;
	progress.clear();
	let reader = Reader::open(store.file())?;
	let report = check(&reader, &facts)?;
	let different = report.different;
	context.print(&Checked { block: facts.block, report })?;
	match different {
		0 => Ok(()),
		_ => Err(Error::Internal(format!(
			"the history differs from the chain or from itself in {}: report it, and start a new history in another file",
			count(different, "place", "places")
		))),
	}
}

/// The result of a check.
#[derive(Serialize)]
struct Checked {
	block: u64,
	#[serde(flatten)]
	report: Report,
}

impl Show for Checked {
	fn text(&self, _: &Token) -> String {
		let Report { blocks, slashes, waiting, provers, gaps, .. } = self.report;
		let unknown = |number: u64| match number {
			0 => String::new(),
			number => format!(", {number} not known in full"),
		};
		let table = pairs(&[
			("Up to", format!("block {}", self.block)),
			(
				"Settled blocks",
				format!(
					"{blocks} with escrow = paid + returned + forfeited{}",
					unknown(self.report.blocks_unknown)
				),
			),
			(
				"Slashes",
				format!(
					"{slashes} with sums that are right, pending as on the chain{}",
					unknown(self.report.slashes_unknown)
				),
			),
			("Waiting blocks", format!("{waiting} with the escrow of the chain")),
			(
				"Accounts",
				format!(
					"{provers} with the stake, duties and record of the chain{}",
					unknown(self.report.provers_unknown)
				),
			),
			("Gaps", gaps.to_string()),
			("Differences", self.report.different.to_string()),
		]);
		let differences = self.report.differences.iter().map(|text| format!("\n{text}"));
		differences.fold(table, |table, line| table + &line)
	}
}
