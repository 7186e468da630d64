//! The memory that a prover's command takes, by `/proc`.
//!
//! Each process of the command's process group has its highest resident size (`VmHWM`). The accounting
//! that a parent gets when its child ends does not serve: it begins with the parent's own size.

use std::{collections::BTreeSet, fs, future::Future, process, time::Duration};
use tokio::time::{sleep, Instant};

/// The time between two looks, which is a tenth of the time so far.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(250);

/// Runs this to its end. Returns its result, and the most memory that the commands which it runs had at one
/// look, in bytes: the sum of the highest resident sizes of the processes that were there. `None` where the
/// system does not say, and for commands that end at once.
///
/// Memory that processes share counts for each. What a process takes after the last look does not.
pub async fn with_peak<T>(work: impl Future<Output = T>) -> (T, Option<u64>) {
	let start = Instant::now();
	let mut peak = None;
	tokio::pin!(work);
	loop {
		let pause = (start.elapsed() / 10).clamp(SHORTEST, LONGEST);
		tokio::select! {
			result = &mut work => return (result, peak),
			() = sleep(pause) => peak = peak.max(of_commands()),
		}
	}
}

/// Returns the sum of the highest resident sizes of the processes that run for commands of this program, in
/// bytes; `None` if there is none.
fn of_commands() -> Option<u64> {
	let entries = fs::read_dir("/proc").ok()?.flatten();
	let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
	let processes: Vec<_> = ids.filter_map(Process::read).collect();
	let own = process::id();
	// A command leads a group of its own.
	let leaders = processes.iter().filter(|it| it.parent == own && it.group == it.id);
	let groups: BTreeSet<u32> = leaders.map(|leader| leader.group).collect();
	let members = processes.iter().filter(|it| groups.contains(&it.group));
	let sum: u64 = members.filter_map(|it| highest_size(it.id)).sum();
	(sum > 0).then_some(sum)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Process {
	id: u32,
	parent: u32,
	group: u32,
}

impl Process {
	/// Reads a process; `None` if it has ended.
	fn read(id: u32) -> Option<Self> {
		Self::parse(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
	}

	/// Parses `/proc/ID/stat`: the id, the name in parentheses, which may contain anything, the state, the
	/// parent, the group.
	fn parse(id: u32, stat: &str) -> Option<Self> {
		let (_, fields) = stat.rsplit_once(')')?;
		let mut fields = fields.split_ascii_whitespace().skip(1);
		let mut number = || fields.next()?.parse().ok();
		Some(Self { id, parent: number()?, group: number()? })
	}
}

/// Returns the highest resident size of a process, in bytes; `None` if it has ended.
fn highest_size(id: u32) -> Option<u64> {
	parse_highest_size(&fs::read_to_string(format!("/proc/{id}/status")).ok()?)
}

fn parse_highest_size(status: &str) -> Option<u64> {
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
	kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::prover::tests::{command, input, statement};

	#[test]
	fn a_process_may_have_any_name() {
		let expected = Some(Process { id: 7, parent: 4, group: 5 });
		for name in ["sh", "a b", "a) R 1 2 3 (b", ""] {
			assert_eq!(
				Process::parse(7, &format!("7 ({name}) S 4 5 6 0 -1\n")),
				expected,
				"{name}"
			);
		}
		for wrong in ["", "7 (sh)", "7 (sh) S", "7 (sh) S 4", "7 (sh) S 4 x"] {
			assert_eq!(Process::parse(7, wrong), None, "{wrong}");
		}
	}

	#[test]
	fn sizes_are_in_kibibytes() {
		let status = "Name:\tsh\nVmPeak:\t    9000 kB\nVmHWM:\t    1500 kB\nVmRSS:\t 1 kB\n";
		assert_eq!(parse_highest_size(status), Some(1_536_000));
		// One that has ended and was not waited for.
		assert_eq!(parse_highest_size("Name:\tsh\nState:\tZ (zombie)\n"), None);
	}

	/// Two processes of a command, each with a text of 30 million bytes, which they hold for a while.
	#[cfg(target_os = "linux")]
	#[tokio::test]
	async fn the_memory_of_all_processes_of_a_command_counts() {
		let hold = "text=$(head -c 30000000 /dev/zero | tr '\\0' x); sleep 2";
		let (prover, _folder) =
			command(&format!("({hold}) & {hold}; wait; echo '{{\"proof\": \"0x01\"}}'"));
		let (input, statement) = (input(), statement());
		let (proof, peak) = with_peak(prover.prove(&input, &statement)).await;
		assert_eq!(proof, Ok(vec![1]));
		assert!(peak > Some(60_000_000), "{peak:?}");
	}

	#[tokio::test]
	async fn without_a_command_there_is_a_result_all_the_same() {
		assert_eq!(with_peak(async { 7 }).await.0, 7);
	}
}
