//! The metrics.

use crate::{
	compatibility::Part,
	metrics::{encode, registry, Registrar, Scrapes, Served},
	Result,
};
use prometheus::{
	Counter, Gauge, Histogram, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry,
};
use std::sync::{
	atomic::{AtomicI64, Ordering::Relaxed},
	Arc,
};

/// The prefix of all names.
const PREFIX: &str = "prover_pool";
/// From an empty block to one that nearly exceeds the usual limit, in seconds.
const EXECUTION_TIMES: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];
/// From a quick signature to a proof that takes hours, in seconds.
const PROVING_TIMES: [f64; 14] =
	[0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0];
/// The known reasons for which a chain, a node or a block refuses a proof: see
/// [`Metrics::rejected`].
const REFUSALS: [&str; 25] = [
	"in_block",
	"Transaction.ImmediatelyDropped",
	"Transaction.InvalidTransaction",
	"Transaction.TemporarilyBanned",
	"Transaction.TooLowPriority",
	"Transaction.UnknownTransaction",
	"Invalid.AncientBirthBlock",
	"Invalid.BadProof",
	"Invalid.Call",
	"Invalid.Future",
	"Invalid.Payment",
	"Invalid.Stale",
	"Invalid",
	"BlockProposal.Barred",
	"BlockProposal.Cancelled",
	"BlockProposal.GasOverLimit",
	"BlockProposal.InvalidProof",
	"BlockProposal.NoFunds",
	"BlockProposal.NotStarted",
	"BlockProposal.ProofTooLong",
	"BlockProposal.TooEarly",
	"BlockProposal.TooManyForks",
	"BlockProposal.UnknownBlock",
	"Proxy.NotProxy",
	"System.CallFiltered",
];

/// All metrics. `docs/operating.md` explains each.
#[derive(Clone, Debug)]
pub struct Metrics {
	registry: Registry,
	/// The highest number of a best block so far.
	highest: Arc<AtomicI64>,
	/// True if what happened while the daemon was stopped may be counted.
	pub scrapes: Scrapes,
	/// 1 while there is a connection to a node.
	pub connected: IntGauge,
	/// Connections lost.
	pub connections_lost: IntCounter,
	/// 1 for each part of the daemon that does not fit the chain's runtime.
	pub runtime_incompatible: IntGaugeVec,
	/// The number of the best block seen.
	pub best_block: IntGauge,
	/// When a best block was last seen that was higher than all before, in seconds since 1970.
	pub best_block_seen: Gauge,
	/// The number of the last finalized block seen.
	pub finalized_block: IntGauge,
	/// The number of the last finalized block whose events were read.
	pub processed_block: IntGauge,
	/// 1 while the state cannot be written to the disk.
	pub state_unsaved: IntGauge,
	/// Finalized blocks that were not read because the node had forgotten them.
	pub blocks_skipped: IntCounter,
	/// Events in finalized blocks that this program could not decode.
	pub events_undecoded: IntCounter,
	/// 1 while the state of the last verified block is there.
	pub lineage_known: IntGauge,
	/// The id of the block that was executed last.
	pub executed_block: IntGauge,
	/// The time that executions took.
	pub execution_seconds: Histogram,
	/// Executions that failed, states that could not be rebuilt, and lists that were not found.
	pub execution_failures: IntCounter,
	/// Claims on chain that differ from the executions of their blocks.
	pub claims_differing: IntGauge,
	/// Verified blocks whose hash is not that of their execution.
	pub wrong_verifications: IntCounter,
	/// Assigned blocks that still can be proven in time.
	pub open: IntGauge,
	/// Assigned blocks that cannot any more.
	pub late: IntGauge,
	/// Assignments that the pool has not closed.
	pub unsettled: IntGauge,
	/// Blocks of the chain until the most urgent deadline.
	pub blocks_left: IntGauge,
	/// Proofs that are being made.
	pub proving: IntGauge,
	/// The time that finished proofs took.
	pub proving_seconds: Histogram,
	/// Proofs that could not be made, by reason.
	pub proving_failures: IntCounterVec,
	/// Proofs sent.
	pub submitted: IntCounter,
	/// Proofs sent of blocks that this account need not prove.
	pub rescues: IntCounter,
	/// Calls sent so that the rollup goes on, by name.
	pub liveness_calls: IntCounterVec,
	/// The tokens of bonds that were forfeited.
	pub forfeited: Counter,
	/// Proofs seen in a block.
	pub included: IntCounter,
	/// Proofs that were refused, by the name of the error.
	pub rejected: IntCounterVec,
	/// 1 while the account is a member.
	pub member: IntGauge,
	/// 1 while the member is paused and not suspended.
	pub paused: IntGauge,
	/// 1 while the member is suspended.
	pub suspended: IntGauge,
	/// Assignments slashed since the last one that was discharged.
	pub misses_in_a_row: IntGauge,
	/// Its stake.
	pub stake: Gauge,
	/// Its exits.
	pub exiting: Gauge,
	/// Its free tokens.
	pub free: Gauge,
	/// The free tokens of the key that signs.
	pub for_fees: Gauge,
	/// Slashes in finalized blocks.
	pub slashes: IntCounter,
	/// The tokens that slashes took.
	pub slashed: Counter,
	/// Blocks verified, by verdict.
	pub verified: IntCounterVec,
	/// The tokens paid for its proofs.
	pub paid: Counter,
	/// How often the account was forced out of the pool.
	pub evictions: IntCounter,
}

impl Metrics {
	/// Creates the metrics, all at zero.
	pub fn new() -> Result<Self> {
		let registry = registry(PREFIX)?;
		let it = Registrar(&registry);
		it.build_info()?;
		Ok(Self {
			connected: it.int_gauge("connected", "Whether there is a connection to a node")?,
			connections_lost: it.counter("connections_lost_total", "Connections lost")?,
			runtime_incompatible: it.int_gauges(
				"runtime_incompatible",
				"Whether a part of the daemon does not fit the chain's runtime",
				"part",
				&Part::OF_DAEMON.map(Part::name),
			)?,
			best_block: it.int_gauge("best_block", "Number of the best block seen")?,
			best_block_seen: it.gauge(
				"best_block_seen_timestamp_seconds",
				"When a higher best block was last seen, in seconds since 1970",
			)?,
			finalized_block: it
				.int_gauge("finalized_block", "Number of the last finalized block seen")?,
			processed_block: it.int_gauge(
				"processed_block",
				"Number of the last finalized block whose events were read",
			)?,
			state_unsaved: it
				.int_gauge("state_unsaved", "Whether the state could not be written to the disk")?,
			blocks_skipped: it.counter(
				"blocks_skipped_total",
				"Finalized blocks whose events the node had forgotten",
			)?,
			events_undecoded: it.counter(
				"events_undecoded_total",
				"Events in finalized blocks that this program could not decode",
			)?,
			lineage_known: it.int_gauge(
				"lineage_known",
				"Whether the state of the last verified block is there",
			)?,
			executed_block: it
				.int_gauge("executed_block", "Id of the block that was executed last")?,
			execution_seconds: it.histogram(
				"execution_seconds",
				"The time that executions took",
				&EXECUTION_TIMES,
			)?,
			execution_failures: it.counter(
				"execution_failures_total",
				"Executions that failed, states that were not rebuilt, and lists that were not found",
			)?,
			claims_differing: it.int_gauge(
				"claims_differing",
				"Claims on chain that differ from the executions of their blocks",
			)?,
			wrong_verifications: it.counter(
				"wrong_verifications_total",
				"Verified blocks whose hash is not that of their execution",
			)?,
			open: it.int_gauge(
				"assignments_open",
				"Assigned blocks without a proof that still can be proven in time",
			)?,
			late: it.int_gauge(
				"assignments_late",
				"Assigned blocks that can no longer be proven in time",
			)?,
			unsettled: it
				.int_gauge("assignments_unsettled", "Assignments that the pool has not closed")?,
			blocks_left: it.int_gauge(
				"deadline_blocks_left",
				"Blocks until the next deadline of an open assignment; -1 if there is none",
			)?,
			proving: it.int_gauge("proofs_running", "Proofs that are being made")?,
			proving_seconds: it.histogram(
				"proving_seconds",
				"The time that finished proofs took",
				&PROVING_TIMES,
			)?,
			proving_failures: it.counters(
				"proving_failures_total",
				"Proofs that were not made",
				"reason",
				&["error", "timeout", "deadline"],
			)?,
			submitted: it.counter("proofs_submitted_total", "Proofs sent")?,
			rescues: it.counter(
				"rescues_total",
				"Proofs sent of blocks that the account need not prove",
			)?,
			liveness_calls: it.counters(
				"liveness_calls_total",
				"Calls sent so that the rollup goes on",
				"call",
				&["expire_request", "skip_block"],
			)?,
			forfeited: it.amount(
				"bonds_forfeited_tokens_total",
				"Tokens of bonds forfeited in finalized blocks",
			)?,
			included: it.counter("proofs_included_total", "Proofs seen in a best block")?,
			rejected: it.counters(
				"proofs_rejected_total",
				"Proofs refused by chain or node",
				"reason",
				&REFUSALS,
			)?,
			member: it.int_gauge("member", "Whether the account is in the pool")?,
			stake: it.gauge("stake_tokens", "Its stake")?,
			paused: it.int_gauge("paused", "Whether the member is paused and not suspended")?,
			suspended: it.int_gauge("suspended", "Whether the account is suspended")?,
			misses_in_a_row: it.int_gauge(
				"misses_in_a_row",
				"Assignments slashed since the last one that was discharged",
			)?,
			exiting: it.gauge("exiting_tokens", "Its exits from the pool")?,
			free: it.gauge("free_tokens", "Its free tokens, of which bonds are taken")?,
			for_fees: it
				.gauge("fee_tokens", "The free tokens of the key, which pay for transactions")?,
			slashes: it.counter("slashes_total", "Slashes in finalized blocks")?,
			slashed: it.amount("slashed_tokens_total", "Tokens slashed in finalized blocks")?,
			verified: it.counters(
				"blocks_verified_total",
				"Blocks of its claims verified in finalized blocks",
				"verdict",
				&["in_time", "failed", "rescued", "open"],
			)?,
			paid: it.amount("paid_tokens_total", "Tokens paid for proofs in finalized blocks")?,
			evictions: it.counter("evictions_total", "Times that the account was forced out")?,
			highest: Arc::new(AtomicI64::new(-1)),
			scrapes: Scrapes::new(),
			registry: registry.clone(),
		})
	}

	/// Records a best block, seen at this number of seconds after 1970. A node shows its best block
	/// at once to every new connection: a block that was seen before is no sign of life, nor is a
	/// lower one.
	pub fn see_best(&self, number: u64, now: f64) {
		let number = i64::try_from(number).unwrap_or(i64::MAX);
		if number > self.highest.fetch_max(number, Relaxed) {
			self.best_block_seen.set(now);
		}
		self.best_block.set(number);
	}
}

impl Served for Metrics {
	fn text(&self) -> Result<String> {
		let text = encode(&self.registry.gather())?;
		self.scrapes.record();
		Ok(text)
	}

	fn unready(&self) -> Option<&'static str> {
		let is_unfit =
			|part: Part| self.runtime_incompatible.with_label_values(&[part.name()]).get() == 1;
		if [Part::Proving, Part::Proxies].into_iter().any(is_unfit) {
			return Some("not ready: this program does not fit the chain's runtime");
		}
		(self.connected.get() == 0).then_some("not ready: there is no connection to a node")
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		metrics::tests::{document, names, shown},
		validity::{by_queue, invalid},
	};
	use std::collections::BTreeSet;

	/// Returns all names that a daemon can export.
	fn exported() -> BTreeSet<String> {
		let metrics = Metrics::new().unwrap();
		metrics.rejected.with_label_values(&["BlockProposal.InvalidProof"]).inc();
		shown(&metrics, PREFIX)
	}

	#[test]
	fn alerts_and_dashboard_use_only_what_there_is() {
		for file in
			["operating/alerts.yml", "operating/alerts_test.yml", "operating/dashboard.json"]
		{
			let used = names(&document(file), PREFIX);
			assert!(used.len() >= 10, "{file} uses {used:?}");
			let unknown: Vec<_> = used.difference(&exported()).cloned().collect();
			assert!(unknown.is_empty(), "{file} uses {unknown:?}");
		}
	}

	#[test]
	fn the_dashboard_is_json_and_shows_every_metric_but_two_counts() {
		let dashboard = document("operating/dashboard.json");
		serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
		let listed = names(&dashboard, PREFIX);
		let missing: Vec<_> = exported().difference(&listed).cloned().collect();
		let mishaps = ["blocks_skipped_total", "evictions_total"];
		assert_eq!(missing, mishaps.map(|name| format!("prover_pool_{name}")));
	}

	#[test]
	fn every_metric_is_explained() {
		let explained = names(&document("operating.md"), PREFIX);
		assert_eq!(exported().difference(&explained).collect::<Vec<_>>(), [] as [&String; 0]);
		assert_eq!(explained.difference(&exported()).collect::<Vec<_>>(), [] as [&String; 0]);
	}

	#[test]
	fn a_daemon_that_can_prove_is_ready() {
		let metrics = Metrics::new().unwrap();
		let part = |part: &str| metrics.runtime_incompatible.with_label_values(&[part]);
		assert_eq!(metrics.unready(), Some("not ready: there is no connection to a node"));
		metrics.connected.set(1);
		assert_eq!(metrics.unready(), None);
		// It proves without it.
		part("counters").set(1);
		assert_eq!(metrics.unready(), None);
		for needed in ["proving", "proxies"] {
			part(needed).set(1);
			let reason = "not ready: this program does not fit the chain's runtime";
			assert_eq!(metrics.unready(), Some(reason));
			part(needed).set(0);
		}
	}

	/// A counter that appears with its first count does not rise.
	#[test]
	fn refusals_are_counted_from_zero() {
		let text = Metrics::new().unwrap().text().unwrap();
		for reason in ["in_block", "Invalid.Payment", "BlockProposal.InvalidProof"] {
			let line = format!("prover_pool_proofs_rejected_total{{reason=\"{reason}\"}} 0\n");
			assert!(text.contains(&line), "{reason}: {text}");
		}
	}

	#[test]
	fn refusals_have_the_names_that_transactions_are_refused_by() {
		let queue = (1000..1100).filter_map(|code| {
			let user = serde_json::json!({ "code": code, "message": "no" }).to_string();
			by_queue(&subxt::rpcs::Error::User(serde_json::from_str(&user).unwrap()))
		});
		let blocks = (0..=u8::MAX).map(|reason| invalid(&[0, reason, 0]));
		let known: BTreeSet<_> = queue.chain(blocks).map(|refusal| refusal.name).collect();
		for reason in REFUSALS.into_iter().filter(|it| it.starts_with(['T', 'I'])) {
			assert!(known.contains(reason), "{reason}");
		}
		let metadata = include_bytes!("../../metadata.scale");
		let metadata = subxt::Metadata::decode_from(metadata).unwrap();
		let protocol = metadata.pallet_by_name("BlockProposal").unwrap();
		let errors = protocol.error_variants().unwrap();
		let known: BTreeSet<_> =
			errors.iter().map(|error| format!("BlockProposal.{}", error.name)).collect();
		for reason in REFUSALS.into_iter().filter(|it| it.starts_with("BlockProposal.")) {
			assert!(known.contains(reason), "{reason}");
		}
	}

	/// Two nodes that stand still, between which the daemon alternates.
	#[test]
	fn only_a_higher_block_is_a_sign_of_life() {
		let metrics = Metrics::new().unwrap();
		for (number, now, seen) in [
			(0, 1.0, 1.0),
			(7, 10.0, 10.0),
			(7, 20.0, 10.0),
			(6, 30.0, 10.0),
			(7, 40.0, 10.0),
			(8, 50.0, 50.0),
		] {
			metrics.see_best(number, now);
			assert_eq!(metrics.best_block.get(), number as i64);
			assert_eq!(metrics.best_block_seen.get(), seen, "{number} at {now}");
		}
	}
}
