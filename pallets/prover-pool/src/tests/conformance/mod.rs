//! Recordings of the original, replayed.
//!
//! The original ran in an EVM, and everything that it answered was written down (what, and how, says
//! `conformance/README.md`). Here this pallet is asked the same, with the original's parameters, and
//! must give the same answers, events, amounts and balances, operation by operation.
//!
//! - [`trace`]: the files. [`recorded`]: what they say there is after each operation.
//! - [`pool`]: this pallet, loaded and compared. [`answers`]: refusals, and what is told otherwise.
//! - [`replay`]: the harness. [`tampering`]: it notices everything that could be wrong.
//! - [`cases`]: single operations. [`tags`]: what the original did that this pallet does not do, or does too, by rows D1–D15.
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

/// The folder of recordings: the one asked for, or the project's.
fn folder() -> PathBuf {
	let Some(asked) = std::env::var_os("PROVER_POOL_TRACES").map(PathBuf::from) else {
		return OWN.into();
	};
	// Who asks stands at the top of the repository.
	let from_top = Path::new("../..").join(&asked);
	if asked.exists() {
		asked
	} else {
		from_top
	}
}

/// All recordings of a folder by file name, in order.
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

/// Replays one file, and says what is wrong with it.
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
	println!("told otherwise: {:?}", total.otherwise);
	assert!(failed.is_empty(), "not as recorded:\n{}", failed.join("\n"));
}
