//! What is left in the file whatever ends the program: whole blocks, and a file that can be continued.

mod common;

use common::*;
use prover_pool_history::{Error, Store};
use rusqlite::Connection;
use std::{
	env,
	os::unix::process::ExitStatusExt,
	path::Path,
	process::{Command, Stdio},
	thread::sleep,
	time::Duration,
};

/// All blocks: enough for the log to be copied to the file in between.
const ALL: usize = 40;
const SIGKILL: i32 = 9;
/// Ends a process that makes a file larger than it may.
const SIGXFSZ: i32 = 25;

/// Returns all rows that a file has if nothing disturbs it.
fn undisturbed(count: usize) -> Vec<String> {
	let folder = Folder::new();
	replay(&folder.file(), count).unwrap();
	dump(&folder.file())
}

/// Returns a shell that starts `examples/replay.rs` after this preparation.
fn child_after(preparation: &str, file: &Path, count: usize) -> Command {
	let tests = env::current_exe().unwrap();
	let program = tests.parent().unwrap().with_file_name("examples/replay");
	assert!(program.exists(), "{} is missing: cargo build --examples", program.display());
	let mut shell = Command::new("sh");
	shell.arg("-c").arg(format!("{preparation}; exec \"$0\" \"$@\"")).arg(program);
	shell.arg(file).arg(count.to_string());
	shell.stdout(Stdio::piped()).stderr(Stdio::null());
	shell
}

/// Checks that a file has whole blocks only, and ends like one that nothing has disturbed.
fn assert_continues(file: &Path, count: usize, expected: &[String], what: &str) {
	if file.exists() && file.metadata().unwrap().len() > 0 {
		let connection = Connection::open(file).unwrap();
		let check: String =
			connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
		assert_eq!(check, "ok", "{what}");
	}
	replay(file, count).unwrap();
	assert_eq!(dump(file), expected, "{what}");
}

/// Lets the system end processes at the first write beyond each of these limits, in blocks of 512 bytes, until one
/// of them reaches its end. Returns how many were ended.
fn kill_at(limits: impl Iterator<Item = usize>, count: usize, prepare: impl Fn(&Folder)) -> usize {
	let expected = undisturbed(count);
	let mut killed = 0;
	for limit in limits {
		let folder = Folder::new();
		prepare(&folder);
		let preparation = format!("ulimit -c 0; ulimit -f {limit}");
		let status = child_after(&preparation, &folder.file(), count)
			.stdout(Stdio::null())
			.status()
			.unwrap();
		if status.success() {
			break;
		}
		assert_eq!(status.signal(), Some(SIGXFSZ), "at {limit}: {status:?}");
		killed += 1;
		assert_continues(&folder.file(), count, &expected, &format!("killed at {limit}"));
	}
	killed
}

#[test]
fn a_process_that_is_killed_at_any_write_of_a_block_leaves_whole_blocks() {
	// A page of the log is a little more than eight of the limit's blocks. The block that is stored settles others.
	let before = Folder::new();
	replay(&before.file(), 20).unwrap();
	let killed = kill_at((0..).step_by(8), 21, |folder| {
		std::fs::copy(before.file(), folder.file()).unwrap();
	});
	assert!(killed >= 15, "it was killed {killed} times only");
}

#[test]
fn a_process_that_is_killed_while_it_makes_or_copies_a_file_leaves_whole_blocks() {
	let killed = kill_at((0..).step_by(311), ALL, |_| {});
	assert!(killed >= 10, "it was killed {killed} times only");
}

#[test]
fn a_process_that_is_killed_at_any_time_leaves_whole_blocks() {
	let expected = undisturbed(ALL);
	let folder = Folder::new();
	let mut killed = 0;
	// Each process goes on where the one before was killed.
	for delay in 0.. {
		let mut child = child_after("true", &folder.file(), ALL).spawn().unwrap();
		sleep(Duration::from_millis(5 + 3 * delay));
		child.kill().unwrap();
		let output = child.wait_with_output().unwrap();
		if output.status.success() {
			break;
		}
		assert_eq!(output.status.signal(), Some(SIGKILL), "{output:?}");
		killed += 1;
	}
	assert!(killed > 0);
	assert_continues(&folder.file(), ALL, &expected, "killed many times");
}

#[test]
fn a_full_disk_is_named_and_loses_nothing() {
	let expected = undisturbed(ALL);
	let folder = Folder::new();
	let file = folder.file();
	// The write fails instead of ending the process.
	let output = child_after("trap '' XFSZ; ulimit -f 600", &file, ALL).output().unwrap();
	let text = String::from_utf8(output.stdout).unwrap();
	assert_eq!(output.status.code(), Some(9), "{text}");
	let sentence = format!(
		"refused: {} cannot be written, since the disk is full (disk I/O error): nothing that was stored is lost; \
		 free some space and start again",
		file.display()
	);
	assert!(text.contains(&sentence), "{text}");
	let stored = folder.reader().last().unwrap().map_or(0, |last| last.number);
	assert!((1..ALL as u64).contains(&stored), "{stored}");
	assert_continues(&file, ALL, &expected, "after a full disk");
}

#[test]
fn a_file_that_is_written_is_not_written_by_another_program() {
	let folder = Folder::new();
	let store = folder.store();
	let error = Store::open(&folder.file(), &chain()).err().unwrap();
	assert!(matches!(error, Error::InUse(_)), "{error}");
	// Others may read it.
	folder.reader();
	drop(store);
	folder.store();
}
