//! Recordings of the original, replayed.
//!
//! The original ran in an EVM, and all its answers were recorded; `conformance/README.md` says how.
//! With the parameters for conformance this pallet must give the same answers, events, amounts and
//! balances to the same calls, operation by operation.
//!
//! - [`trace`]: the files. [`recorded`]: the state that they describe after each operation.
//! - [`pool`]: this pallet, loaded and compared. [`answers`]: refusals and deviations.
//! - [`replay`]: the harness. [`tampering`]: it notices every change of a recording.
//! - [`cases`]: single operations. [`tags`]: defects and peculiarities of the original, by rows D1–D14.
//!
//! `PROVER_POOL_TRACES` names another folder of recordings; `--nocapture` shows the figures.

mod answers;
mod cases;
mod pool;
mod recorded;
mod replay;
mod tags;
mod tampering;
mod trace;

use std::path::{Path, PathBuf};

use replay::{replay, replayable, Summary};
use trace::Trace;

/// The project's recordings, from the folder of their crate, in which tests run.
const OWN: &str = "conformance";

/// Returns the folder of recordings: the one that the variable names, or the project's.
fn folder() -> PathBuf {
	let Some(asked) = std::env::var_os("PROVER_POOL_TRACES").map(PathBuf::from) else {
		return OWN.into();
	};
	// A relative path starts at the top of the repository.
	let from_top = Path::new("../..").join(&asked);
	if asked.exists() {
		asked
	} else {
		from_top
	}
}

/// Returns all recordings of a folder with their file names, in order.
fn recordings(folder: &Path) -> Vec<(String, Trace)> {
	let entries = std::fs::read_dir(folder)
		.unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
	let mut paths: Vec<_> = entries
		.map(|entry| entry.unwrap().path())
		.filter(|path| path.extension().is_some_and(|extension| extension == "json"))
		.collect();
	paths.sort();
	assert!(!paths.is_empty(), "{} holds no recordings", folder.display());
	paths
		.into_iter()
		.map(|path| (path.file_name().unwrap().to_string_lossy().into(), Trace::read(&path)))
		.collect()
}

/// Replays one file. The error says what is not as recorded.
fn check(file: &str, trace: &Trace) -> Result<Summary, String> {
	let summary = replay(trace).map_err(|mismatch| format!("{file}: {mismatch}"))?;
	let compared = summary.operations;
	let expected = if trace.strict || trace.ledger { trace.ops.len() } else { replayable(trace) };
	match compared {
		0 => Err(format!("{file}: nothing to compare")),
		_ if compared < expected => Err(format!("{file}: {compared} of {expected} compared")),
		_ => Ok(summary),
	}
}

#[test]
fn conformance_with_every_recording() {
	let mut total = Summary::default();
	let mut failed = Vec::new();
	for (file, trace) in recordings(&folder()) {
		match check(&file, &trace) {
			Ok(summary) => {
				println!("{file}: of {}, {summary}", trace.ops.len());
				total.add(&summary);
			},
			Err(problem) => failed.push(problem),
		}
	}
	println!("all: {total}");
	println!("deviations: {:?}", total.deviations);
	assert!(failed.is_empty(), "not as recorded:\n{}", failed.join("\n"));
}
