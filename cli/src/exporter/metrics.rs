//! The metrics.

use super::{
	counts::{Counts, FAULTS, OUTCOMES},
	snapshot::Snapshot,
};
use crate::{
	amount::Token,
	metrics::{encode, in_tokens, registry, Registrar, Scrapes, Served},
	Result,
};
use prometheus::{Counter, IntCounter, IntCounterVec, IntGauge, Registry};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The prefix of all names.
const PREFIX: &str = "prover_pool_chain";

/// All metrics. `docs/chain-operator.md` explains each.
#[derive(Clone, Debug)]
pub struct Metrics {
	/// What is always shown.
	registry: Registry,
	state: Arc<Mutex<State>>,
	/// Decides from when on finalized blocks are counted.
	pub scrapes: Scrapes,
	/// 1 while the chain is read.
	reached: IntGauge,
	/// Connections lost.
	pub connections_lost: IntCounter,
	/// Slashes, by reason.
	slashes: IntCounterVec,
	/// The tokens that slashes took.
	slashed: Counter,
	/// Blocks of the rollup that were settled, by outcome.
	outcomes: IntCounterVec,
	/// Finalized blocks that were not counted because the node had forgotten them.
	pub blocks_unread: IntCounter,
	/// Events in finalized blocks that this program could not decode.
	events_undecoded: IntCounter,
}

/// What the chain's state says.
#[derive(Debug, Default)]
struct State {
	/// The metrics of the state; `None` while the chain is not read.
	shown: Option<Registry>,
	/// The highest numbers so far of blocks proposed and settled: a reverted block does not lower a counter.
	proposed: u64,
	settled: u64,
}

impl Metrics {
	/// Creates the metrics: counters at 0, and nothing of the state.
	pub fn new() -> Result<Self> {
		let registry = registry(PREFIX)?;
		let it = Registrar(&registry);
		it.build_info()?;
		Ok(Self {
			state: Arc::default(),
			scrapes: Scrapes::new(),
			reached: it.int_gauge("reached", "Whether the chain is read")?,
			connections_lost: it.counter("connections_lost_total", "Connections lost")?,
			slashes: it.counters(
				"slashes_total",
				"Slashes in finalized blocks since the start of the exporter",
				"fault",
				&FAULTS,
			)?,
			slashed: it.amount(
				"slashed_tokens_total",
				"Tokens slashed in finalized blocks since the start of the exporter",
			)?,
			outcomes: it.counters(
				"rollup_outcomes_total",
				"Blocks of the rollup settled in finalized blocks since the start of the exporter",
				"outcome",
				&OUTCOMES,
			)?,
			blocks_unread: it.counter(
				"blocks_unread_total",
				"Finalized blocks whose events the node had forgotten",
			)?,
			events_undecoded: it.counter(
				"events_undecoded_total",
				"Events in finalized blocks that this program could not decode",
			)?,
			registry: registry.clone(),
		})
	}

	/// Shows the state.
	pub fn show(&self, snapshot: &Snapshot, token: &Token) -> Result<()> {
		let mut state = self.state();
		state.proposed = state.proposed.max(snapshot.rollup.proposed);
		state.settled = state.settled.max(snapshot.rollup.settled);
		state.shown = Some(described(snapshot, (state.proposed, state.settled), token)?);
		self.reached.set(1);
		Ok(())
	}

	/// Shows nothing of the state: it is no longer known. Returns whether it was.
	pub fn hide(&self) -> bool {
		self.reached.set(0);
		self.state().shown.take().is_some()
	}

	/// Counts what happened in a finalized block.
	pub fn count(&self, counts: &Counts, token: &Token) {
		for (fault, amount) in &counts.slashes {
			self.slashes.with_label_values(&[fault]).inc();
			self.slashed.inc_by(in_tokens(token, *amount));
		}
		for outcome in &counts.outcomes {
			self.outcomes.with_label_values(&[outcome]).inc();
		}
		self.events_undecoded.inc_by(counts.undecoded);
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Served for Metrics {
	fn text(&self) -> Result<String> {
		let mut families = self.registry.gather();
		families.extend(self.state().shown.iter().flat_map(Registry::gather));
		self.scrapes.record();
		encode(&families)
	}

	fn unready(&self) -> Option<&'static str> {
		(self.reached.get() == 0).then_some("not ready: the chain is not read")
	}
}

/// Returns the metrics of the state. The totals are those of blocks proposed and settled.
fn described(snapshot: &Snapshot, totals: (u64, u64), token: &Token) -> Result<Registry> {
	let Snapshot { best, finalized, spec_version, pool, rollup } = snapshot;
	let registry = registry(PREFIX)?;
	let it = Registrar(&registry);
	let whole = |name: &str, help: &str, value: u64| {
		it.int_gauge(name, help).map(|gauge| gauge.set(i64::try_from(value).unwrap_or(i64::MAX)))
	};
	whole("best_block", "Number of the best block", best.number)?;
	it.gauge(
		"best_block_timestamp_seconds",
		"Time of the best block by the chain's clock, in seconds since 1970",
	)?
	.set(best.time);
	whole("finalized_block", "Number of the last finalized block", finalized.number)?;
	it.gauge(
		"finalized_block_timestamp_seconds",
		"Time of the last finalized block by the chain's clock, in seconds since 1970",
	)?
	.set(finalized.time);
	whole("spec_version", "Version of the runtime", (*spec_version).into())?;

	let members = it.int_gauges("members", "Members of the pool", "status", &[])?;
	for (status, count) in &pool.members {
		members.with_label_values(&[status]).set(*count as i64);
	}
	whole("slots", "Slots of the pool", pool.slots.into())?;
	it.gauge("staked_tokens", "Stakes of all members")?.set(in_tokens(token, pool.staked));
	whole("free_capacity", "Blocks that could be assigned now", pool.free_capacity)?;
	whole("draw_queue", "Requests that wait for their draw", pool.draw_queue as u64)?;
	whole("draw_queue_limit", "The most requests that may wait", pool.draw_queue_limit.into())?;

	let (fee_min, fee_max) = rollup.fee_limits;
	whole("fee_per_gas", "Price of a proposal, in base units", rollup.fee_per_gas.into())?;
	whole("fee_per_gas_min", "The lowest price", fee_min.into())?;
	whole("fee_per_gas_max", "The highest price", fee_max.into())?;
	whole("rollup_paused", "Whether the protocol is paused", rollup.is_paused.into())?;
	let (proposed, settled) = totals;
	it.counter("rollup_proposed_total", "Blocks of the rollup proposed, ever")?.inc_by(proposed);
	it.counter("rollup_settled_total", "Blocks of the rollup settled, ever")?.inc_by(settled);
	whole("rollup_verified_block", "Id of the last verified block", rollup.verified)?;
	let waiting = it.int_gauges("rollup_waiting", "Blocks that are not settled", "state", &[])?;
	for (stage, count) in &rollup.waiting {
		waiting.with_label_values(&[stage.name()]).set(*count as i64);
	}
	whole("rollup_waiting_limit", "The most blocks that may wait", rollup.waiting_limit.into())?;
	whole(
		"rollup_oldest_age_blocks",
		"Age of the oldest block that waits, in blocks of the chain; 0 if none waits",
		rollup.oldest_age.into(),
	)?;
	Ok(registry)
}

#[cfg(test)]
mod tests {
	use super::{
		super::snapshot::{Head, Pool, Rollup},
		*,
	};
	use crate::{
		metrics::tests::{document, names, shown},
		reads::rollup::Stage,
	};
	use std::collections::BTreeSet;

	fn token() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	fn snapshot() -> Snapshot {
		Snapshot {
			best: Head { number: 120, time: 1_796_000_120.5 },
			finalized: Head { number: 117, time: 1_796_000_102.5 },
			spec_version: 7,
			pool: Pool {
				members: [("active", 3), ("suspended", 1)].into(),
				slots: 1_024,
				staked: 3_500_500_000_000_000,
				free_capacity: 56,
				draw_queue: 2,
				draw_queue_limit: 128,
			},
			rollup: Rollup {
				fee_per_gas: 10_000,
				fee_limits: (1_000, 200_000),
				is_paused: true,
				proposed: 40,
				settled: 31,
				verified: 29,
				waiting: [(Stage::Pending, 2), (Stage::Overdue, 7)].into(),
				waiting_limit: 128,
				oldest_age: 90,
			},
		}
	}

	/// The lines of the text that are no comments.
	fn lines(metrics: &Metrics) -> Vec<String> {
		let text = metrics.text().unwrap();
		let lines = text.lines().filter(|line| !line.starts_with('#'));
		lines.map(|line| line.strip_prefix("prover_pool_chain_").unwrap().to_string()).collect()
	}

	/// Metrics with a state.
	fn shown_metrics() -> Metrics {
		let metrics = Metrics::new().unwrap();
		metrics.show(&snapshot(), &token()).unwrap();
		metrics
	}

	#[test]
	fn the_state_is_written_as_prometheus_reads_it() {
		let all = lines(&shown_metrics());
		for line in [
			"reached 1",
			"best_block 120",
			"best_block_timestamp_seconds 1796000120.5",
			"finalized_block 117",
			"finalized_block_timestamp_seconds 1796000102.5",
			"spec_version 7",
			"members{status=\"active\"} 3",
			"members{status=\"suspended\"} 1",
			"slots 1024",
			"staked_tokens 3500.5",
			"free_capacity 56",
			"draw_queue 2",
			"draw_queue_limit 128",
			"fee_per_gas 10000",
			"fee_per_gas_min 1000",
			"fee_per_gas_max 200000",
			"rollup_paused 1",
			"rollup_proposed_total 40",
			"rollup_settled_total 31",
			"rollup_verified_block 29",
			"rollup_waiting{state=\"pending\"} 2",
			"rollup_waiting{state=\"overdue\"} 7",
			"rollup_waiting_limit 128",
			"rollup_oldest_age_blocks 90",
		] {
			assert!(all.iter().any(|it| it == line), "{line} is not in {all:?}");
		}
		let text = shown_metrics().text().unwrap();
		for (name, kind) in [("rollup_proposed_total", "counter"), ("rollup_waiting", "gauge")] {
			assert!(text.contains(&format!("# TYPE prover_pool_chain_{name} {kind}\n")), "{text}");
		}
	}

	#[test]
	fn what_is_not_known_is_left_out_and_counters_stay() {
		let metrics = Metrics::new().unwrap();
		assert!(!metrics.hide());
		let at_first = lines(&metrics);
		// Counters are there before their first count.
		let counters = FAULTS.len() + OUTCOMES.len() + 4;
		assert_eq!(at_first.len(), counters + 2, "{at_first:?}");
		assert!(at_first.contains(&"reached 0".into()));
		assert_eq!(metrics.unready(), Some("not ready: the chain is not read"));
		metrics.show(&snapshot(), &token()).unwrap();
		assert_eq!(metrics.unready(), None);
		let counts = Counts { slashes: vec![("late", 500_000_000_000)], ..Counts::default() };
		metrics.count(&counts, &token());
		assert!(metrics.hide());
		assert!(!metrics.hide());
		let last = lines(&metrics);
		assert_eq!(last.len(), at_first.len());
		for line in ["reached 0", "slashes_total{fault=\"late\"} 1", "slashed_tokens_total 0.5"] {
			assert!(last.contains(&line.into()), "{line} is not in {last:?}");
		}
	}

	#[test]
	fn what_happened_is_counted() {
		let metrics = Metrics::new().unwrap();
		let counts = Counts {
			slashes: vec![("late", 1), ("skipped", 1_000_000_000_000), ("late", 0)],
			outcomes: vec!["in_time", "skipped", "cancelled", "cancelled"],
			undecoded: 2,
		};
		metrics.count(&counts, &token());
		let all = lines(&metrics);
		for line in [
			"slashes_total{fault=\"late\"} 2",
			"slashes_total{fault=\"skipped\"} 1",
			"slashes_total{fault=\"rescued\"} 0",
			"slashed_tokens_total 1.000000000001",
			"rollup_outcomes_total{outcome=\"in_time\"} 1",
			"rollup_outcomes_total{outcome=\"skipped\"} 1",
			"rollup_outcomes_total{outcome=\"cancelled\"} 2",
			"rollup_outcomes_total{outcome=\"rescued\"} 0",
			"events_undecoded_total 2",
		] {
			assert!(all.iter().any(|it| it == line), "{line} is not in {all:?}");
		}
	}

	/// For Prometheus, a counter that falls has begun again at 0.
	#[test]
	fn a_reverted_block_lowers_no_counter() {
		let metrics = shown_metrics();
		let mut reverted = snapshot();
		reverted.rollup.proposed = 38;
		reverted.rollup.settled = 30;
		metrics.show(&reverted, &token()).unwrap();
		let all = lines(&metrics);
		for line in ["rollup_proposed_total 40", "rollup_settled_total 31"] {
			assert!(all.contains(&line.into()), "{line} is not in {all:?}");
		}
	}

	fn exported() -> BTreeSet<String> {
		shown(&shown_metrics(), PREFIX)
	}

	#[test]
	fn alerts_and_dashboard_use_only_what_there_is() {
		for file in ["chain-alerts.yml", "chain-alerts_test.yml", "chain-dashboard.json"] {
			let used = names(&document(&format!("operating/{file}")), PREFIX);
			assert!(used.len() >= 8, "{file} uses {used:?}");
			let unknown: Vec<_> = used.difference(&exported()).cloned().collect();
			assert!(unknown.is_empty(), "{file} uses {unknown:?}");
		}
	}

	#[test]
	fn the_dashboard_is_json_and_shows_every_metric() {
		let dashboard = document("operating/chain-dashboard.json");
		serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
		assert_eq!(names(&dashboard, PREFIX), exported());
	}

	#[test]
	fn every_alert_is_tested_and_explained() {
		let rules = document("operating/chain-alerts.yml");
		let alerts: Vec<_> =
			rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
		assert!(alerts.len() >= 10, "{alerts:?}");
		for file in ["operating/chain-alerts_test.yml", "chain-operator.md"] {
			let text = document(file);
			let words: BTreeSet<_> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
			for alert in &alerts {
				assert!(words.contains(alert), "{alert} is not in {file}");
			}
		}
	}

	#[test]
	fn every_metric_is_explained() {
		assert_eq!(names(&document("chain-operator.md"), PREFIX), exported());
	}
}
