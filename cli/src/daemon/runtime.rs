//! The runtime of the chain: whether this program fits it, and what it goes on with if it does not.

use super::{metrics::Metrics, Daemon};
use crate::{
	chain::At,
	compatibility::{compare, Part, Problem, Report},
	Error, Result,
};
use std::{
	collections::BTreeMap,
	env,
	fs::Metadata,
	os::unix::fs::MetadataExt,
	path::{Path, PathBuf},
};
use tracing::{error, info, warn};

/// The runtimes of the present node, and what is known of this program.
pub struct Runtimes {
	/// The reports, by the runtime's version.
	reports: BTreeMap<u32, Report>,
	/// The version after the best block that was seen last.
	best: Option<u32>,
	/// What was logged last.
	logged: Option<(u32, Report)>,
	/// True if the key is that of a proxy.
	is_proxied: bool,
	program: ProgramFile,
}

impl Default for Runtimes {
	fn default() -> Self {
		let program = ProgramFile::new(env::current_exe().unwrap_or_default());
		Self { reports: BTreeMap::new(), best: None, logged: None, is_proxied: false, program }
	}
}

impl Runtimes {
	/// Begins with another node.
	pub fn connect(&mut self, is_proxied: bool) {
		self.reports.clear();
		self.best = None;
		self.is_proxied = is_proxied;
	}

	/// Returns the report on the runtime of `at`.
	pub fn report(&mut self, at: &At) -> Result<&Report> {
		use std::collections::btree_map::Entry;
		Ok(match self.reports.entry(at.spec_version()) {
			Entry::Occupied(known) => known.into_mut(),
			Entry::Vacant(place) => place.insert(compare(&at.metadata())?),
		})
	}

	/// Returns whether the daemon can prove with the runtime of `at`.
	pub fn can_prove(&mut self, at: &At) -> Result<bool> {
		let is_proxied = self.is_proxied;
		Ok(can_prove(self.report(at)?, is_proxied))
	}

	/// Refused if the file of the program was replaced since it was started.
	pub fn check_program(&self) -> Result<()> {
		match self.program.is_replaced() {
			false => Ok(()),
			true => Err(Error::Incompatible(
				"this program does not fit the runtime, and its file was replaced: start it again to \
				 use the new one"
					.into(),
			)),
		}
	}

	/// Takes the version after the best block. Returns whether it is another than before.
	fn change_to(&mut self, version: u32) -> bool {
		self.best.replace(version).is_some_and(|before| before != version)
	}

	/// Logs a report, once.
	fn log(&mut self, version: u32, report: &Report) {
		if self.logged.as_ref().is_some_and(|(last, logged)| (*last, logged) == (version, report)) {
			return;
		}
		let before = self.logged.replace((version, report.clone()));
		let mut fits = true;
		for (part, problems) in report.unfit().filter(|(part, _)| is_used(*part, self.is_proxied)) {
			fits = false;
			let (consequence, problems) = (part.consequence(), listed(problems));
			if is_needed(part) {
				error!(
					runtime = version,
					"this program does not fit the runtime, {consequence}: {problems}"
				);
			} else {
				warn!(
					runtime = version,
					"this program does not fit the runtime, {consequence}: {problems}"
				);
			}
		}
		if fits && before.is_some() {
			info!(runtime = version, "the runtime has changed, and this program fits it");
		}
	}
}

impl Daemon {
	/// Compares the runtime after the best block with this program, and reports what does not fit.
	/// Returns `None` if the daemon does nothing in this block.
	pub(super) fn fitting(&mut self, at: &At) -> Result<Option<Report>> {
		let version = at.spec_version();
		let report = self.runtimes.report(at)?.clone();
		self.runtimes.log(version, &report);
		let is_proxied = self.actor.is_proxied();
		measure(&self.metrics, &report, is_proxied);
		let has_changed = self.runtimes.change_to(version);
		if !can_prove(&report, is_proxied) {
			self.runtimes.check_program()?;
			return Ok(None);
		}
		// The block that sets the code has the records of the runtime before. The next one converts
		// them.
		Ok((!has_changed).then_some(report))
	}

	/// Returns whether the runtime after the best block is another than in the last step.
	pub(super) fn has_other_runtime(&self, best: &At) -> bool {
		self.runtimes.best.is_some_and(|version| version != best.spec_version())
	}
}

fn can_prove(report: &Report, is_proxied: bool) -> bool {
	!report.unfit().any(|(part, _)| is_needed(part) && is_used(part, is_proxied))
}

/// Returns whether the daemon waits if this part does not fit.
fn is_needed(part: Part) -> bool {
	matches!(part, Part::Proving | Part::Proxies)
}

/// Returns whether the daemon uses this part.
fn is_used(part: Part, is_proxied: bool) -> bool {
	match part {
		Part::Proxies => is_proxied,
		Part::Commands => false,
		_ => true,
	}
}

fn listed(problems: &[Problem]) -> String {
	problems.iter().map(Problem::to_string).collect::<Vec<_>>().join(", ")
}

fn measure(metrics: &Metrics, report: &Report, is_proxied: bool) {
	for part in Part::OF_DAEMON {
		let is_unfit = is_used(part, is_proxied) && !report.fits(part);
		metrics.runtime_incompatible.with_label_values(&[part.name()]).set(is_unfit.into());
	}
}

/// The file of this program.
struct ProgramFile {
	path: PathBuf,
	/// The file that was there at the start.
	started: Option<Identity>,
}

/// What distinguishes a file from another of the same name: device, number, length and time.
type Identity = (u64, u64, u64, (i64, i64));

impl ProgramFile {
	fn new(path: PathBuf) -> Self {
		let started = identity(&path);
		Self { path, started }
	}

	fn is_replaced(&self) -> bool {
		let now = identity(&self.path);
		// Between two versions there may be no file.
		self.started.is_some() && now.is_some() && now != self.started
	}
}

fn identity(path: &Path) -> Option<Identity> {
	let identity =
		|file: Metadata| (file.dev(), file.ino(), file.len(), (file.mtime(), file.mtime_nsec()));
	std::fs::metadata(path).ok().map(identity)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::compatibility::tests::renamed;
	use std::fs;

	#[test]
	fn only_what_a_daemon_needs_makes_it_wait() {
		for (known, new, with_its_key, by_proxy) in [
			("prove_block", "probe_block", false, false),
			("get_staker", "get_smoker", true, true),
			("skip_block", "slip_block", true, true),
			("BlockVerified", "BlockVerifier", true, true),
			("force_proxy_type", "force_other_type", true, false),
		] {
			let report = renamed(known, new);
			assert_eq!(can_prove(&report, false), with_its_key, "{known}");
			assert_eq!(can_prove(&report, true), by_proxy, "{known}");
		}
	}

	#[test]
	fn what_does_not_fit_is_exported() {
		let metrics = Metrics::new().unwrap();
		let shown = |part: &str| metrics.runtime_incompatible.with_label_values(&[part]).get();
		measure(&metrics, &renamed("prove_block", "probe_block"), true);
		assert_eq!((shown("proving"), shown("counters")), (1, 0));
		measure(&metrics, &renamed("BlockVerified", "BlockVerifier"), true);
		assert_eq!((shown("proving"), shown("counters")), (0, 1));
		// Without a proxy, it does not matter.
		let report = renamed("force_proxy_type", "force_other_type");
		measure(&metrics, &report, false);
		assert_eq!((shown("proxies"), shown("counters")), (0, 0));
		measure(&metrics, &report, true);
		assert_eq!(shown("proxies"), 1);
	}

	#[test]
	fn the_first_block_of_another_runtime_is_noticed() {
		let mut runtimes = Runtimes::default();
		let versions = [1, 1, 2, 2, 1];
		assert_eq!(versions.map(|it| runtimes.change_to(it)), [false, false, true, false, true]);
		runtimes.connect(false);
		assert!(!runtimes.change_to(2), "the first that a node shows is no change");
	}

	#[test]
	fn a_program_that_is_replaced_is_noticed() {
		let folder = tempfile::TempDir::new().unwrap();
		let path = folder.path().join("prover-pool");
		let program = ProgramFile::new(path.clone());
		fs::write(&path, "old").unwrap();
		assert!(!program.is_replaced(), "it was not there before");
		let program = ProgramFile::new(path.clone());
		assert!(!program.is_replaced());
		fs::remove_file(&path).unwrap();
		assert!(!program.is_replaced(), "there is no other yet");
		// As a package manager does it.
		let new = folder.path().join("new");
		fs::write(&new, "new version").unwrap();
		fs::rename(&new, &path).unwrap();
		assert!(program.is_replaced());
		let runtimes = Runtimes { program, ..Runtimes::default() };
		assert_eq!(runtimes.check_program().unwrap_err().exit_code(), 7);
		assert!(Runtimes::default().check_program().is_ok());
	}
}
