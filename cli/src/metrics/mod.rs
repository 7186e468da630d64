//! What the metrics of the daemon and of the exporter have in common.

pub mod server;

use crate::{amount::Token, chain::Balance, Error, Result};
use prometheus::{
	core::Collector, proto::MetricFamily, Counter, Encoder, Gauge, Histogram, HistogramOpts,
	IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering::Relaxed},
		Arc,
	},
	time::{Duration, Instant},
};

/// How long counters wait for the first scrape.
const FIRST_SCRAPE: Duration = Duration::from_secs(300);

/// The metrics of a program, as the server shows them.
pub trait Served: Clone + Send + 'static {
	/// Returns all metrics as Prometheus reads them.
	fn text(&self) -> Result<String>;

	/// Returns why the program cannot do its work now; `None` if it can.
	fn unready(&self) -> Option<&'static str>;
}

/// Records the first scrape of the metrics.
#[derive(Clone, Debug)]
pub struct Scrapes {
	created: Instant,
	/// True after the first scrape.
	scraped: Arc<AtomicBool>,
}

impl Scrapes {
	/// Begins to wait for the first scrape.
	pub fn new() -> Self {
		Self { created: Instant::now(), scraped: Arc::default() }
	}

	/// Returns whether counters may rise: somebody has read them while they were 0, or nobody does.
	/// Prometheus sees a counter increase between two scrapes only, so it would not see what was counted
	/// before the first one.
	pub fn may_count(&self) -> bool {
		self.scraped.load(Relaxed) || self.created.elapsed() > FIRST_SCRAPE
	}

	/// Records a scrape, or that the metrics are not served.
	pub fn record(&self) {
		self.scraped.store(true, Relaxed);
	}
}

impl Default for Scrapes {
	fn default() -> Self {
		Self::new()
	}
}

/// Returns an empty registry whose names have this prefix.
pub fn registry(prefix: &str) -> Result<Registry> {
	Registry::new_custom(Some(prefix.into()), None).map_err(internal)
}

/// Returns metrics as Prometheus reads them.
pub fn encode(families: &[MetricFamily]) -> Result<String> {
	let mut bytes = Vec::new();
	TextEncoder::new().encode(families, &mut bytes).map_err(internal)?;
	String::from_utf8(bytes).map_err(|error| Error::Internal(error.to_string()))
}

/// Returns an amount in tokens: Prometheus counts in floating point.
pub fn in_tokens(token: &Token, amount: Balance) -> f64 {
	amount as f64 / token.unit() as f64
}

/// Adds metrics to a registry.
pub struct Registrar<'a>(pub &'a Registry);

impl Registrar<'_> {
	fn add<C: Collector + Clone + 'static>(&self, collector: prometheus::Result<C>) -> Result<C> {
		let collector = collector.map_err(internal)?;
		self.0.register(Box::new(collector.clone())).map_err(internal)?;
		Ok(collector)
	}

	/// Adds the version of this program.
	pub fn build_info(&self) -> Result<()> {
		let opts = Opts::new("build_info", "Always 1");
		let info = IntGauge::with_opts(opts.const_label("version", env!("CARGO_PKG_VERSION")));
		self.add(info)?.set(1);
		Ok(())
	}

	/// Adds a gauge of whole numbers.
	pub fn int_gauge(&self, name: &str, help: &str) -> Result<IntGauge> {
		self.add(IntGauge::new(name, help))
	}

	/// Adds gauges with these values of the label, which are exported from the start.
	pub fn int_gauges(
		&self,
		name: &str,
		help: &str,
		label: &str,
		values: &[&str],
	) -> Result<IntGaugeVec> {
		let gauges = self.add(IntGaugeVec::new(Opts::new(name, help), &[label]))?;
		for value in values {
			gauges.with_label_values(&[value]);
		}
		Ok(gauges)
	}

	/// Adds a gauge.
	pub fn gauge(&self, name: &str, help: &str) -> Result<Gauge> {
		self.add(Gauge::new(name, help))
	}

	/// Adds a counter.
	pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter> {
		self.add(IntCounter::new(name, help))
	}

	/// Adds a counter of tokens.
	pub fn amount(&self, name: &str, help: &str) -> Result<Counter> {
		self.add(Counter::new(name, help))
	}

	/// Adds counters with these values of the label, which are exported from the start: for Prometheus, a
	/// counter that appears with its first count does not rise.
	pub fn counters(
		&self,
		name: &str,
		help: &str,
		label: &str,
		values: &[&str],
	) -> Result<IntCounterVec> {
		let counters = self.add(IntCounterVec::new(Opts::new(name, help), &[label]))?;
		for value in values {
			counters.with_label_values(&[value]);
		}
		Ok(counters)
	}

	/// Adds a histogram with these bounds.
	pub fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram> {
		let opts = HistogramOpts::new(name, help).buckets(buckets.to_vec());
		self.add(Histogram::with_opts(opts))
	}
}

fn internal(error: prometheus::Error) -> Error {
	Error::Internal(format!("metrics: {error}"))
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use std::{collections::BTreeSet, fs, path::Path};

	/// Returns a file of the operators' documentation.
	pub fn document(name: &str) -> String {
		let docs = Path::new("../docs");
		fs::read_to_string(docs.join(name)).unwrap()
	}

	/// Returns the names of metrics with this prefix in a text. Parts of a histogram have its name.
	pub fn names(text: &str, prefix: &str) -> BTreeSet<String> {
		let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
		let metrics = words.filter(|word| word.starts_with(&format!("{prefix}_")));
		let whole = |name: &str| {
			let parts = ["_bucket", "_sum", "_count"];
			parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_string()
		};
		metrics.map(whole).collect()
	}

	/// Returns the names of the metrics that a program shows.
	pub fn shown(metrics: &impl Served, prefix: &str) -> BTreeSet<String> {
		let text = metrics.text().unwrap();
		let lines = text.lines().filter(|line| !line.starts_with('#'));
		names(&lines.collect::<Vec<_>>().join("\n"), prefix)
	}

	#[test]
	fn counters_wait_for_the_first_scrape() {
		let scrapes = Scrapes::new();
		assert!(!scrapes.may_count());
		scrapes.clone().record();
		assert!(scrapes.may_count());
		let created = Instant::now().checked_sub(FIRST_SCRAPE + Duration::from_secs(1)).unwrap();
		assert!(Scrapes { created, ..Scrapes::new() }.may_count());
	}
}
