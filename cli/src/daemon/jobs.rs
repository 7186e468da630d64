//! Proofs that are being made.

use super::work::Task;
use crate::{
	fault::{Faults, Step},
	prover::{Input, Prover, Statement},
};
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	time::{Duration, Instant},
};
use tokio::{
	task::{AbortHandle, JoinSet},
	time::{sleep, timeout},
};

/// How long a proof continues that is not needed at present: a node that lags catches up, and
/// reverted transactions return.
const GRACE: Duration = Duration::from_secs(60);
/// How many proving times are kept to estimate the next.
const REMEMBERED: usize = 16;

/// The outcome of a job.
#[derive(Debug)]
pub struct Done {
	/// The task.
	pub task: Task,
	/// The time it took.
	pub took: Duration,
	/// The proof.
	pub result: Result<Vec<u8>, Failure>,
}

/// The reason why there is no proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
	/// The prover failed.
	Error(String),
	/// It exceeded the time limit.
	Timeout,
}

/// The running proofs. Dropping this kills their programs.
#[derive(Debug, Default)]
pub struct Jobs {
	set: JoinSet<Done>,
	handles: BTreeMap<Task, AbortHandle>,
	/// The time since which each proof has not been needed.
	unwanted: BTreeMap<Task, Instant>,
	times: VecDeque<Duration>,
}

impl Jobs {
	/// Returns the running tasks.
	pub fn running(&self) -> BTreeSet<Task> {
		self.handles.keys().copied().collect()
	}

	/// Starts a proof.
	pub fn start(
		&mut self,
		task: Task,
		prover: Prover,
		(input, statement): (Input, Statement),
		limit: Option<Duration>,
		faults: Faults,
	) {
		let job = async move {
			let start = Instant::now();
			let proving = proving(prover, input, statement, faults);
			let result = match limit {
				None => proving.await.map_err(Failure::Error),
				Some(limit) => match timeout(limit, proving).await {
					Ok(result) => result.map_err(Failure::Error),
					Err(_) => Err(Failure::Timeout),
				},
			};
			Done { task, took: start.elapsed(), result }
		};
		self.handles.insert(task, self.set.spawn(job));
	}

	/// Waits for the next result. Never returns while nothing runs.
	pub async fn next(&mut self) -> Done {
		loop {
			let (id, done) = match self.set.join_next_with_id().await {
				Some(Ok((id, done))) => (id, Some(done)),
				Some(Err(error)) => (error.id(), None),
				None => std::future::pending().await,
			};
			let running = self.handles.iter().find(|(_, handle)| handle.id() == id);
			// Otherwise it was cancelled.
			let Some(task) = running.map(|(task, _)| *task) else { continue };
			self.forget(task);
			// A job that panicked must not occupy its slot.
			let done = done.unwrap_or_else(|| Done {
				task,
				took: Duration::ZERO,
				result: Err(Failure::Error("making it panicked".into())),
			});
			if done.result.is_ok() {
				self.times.push_back(done.took);
				if self.times.len() > REMEMBERED {
					self.times.pop_front();
				}
			}
			return done;
		}
	}

	/// Returns the longest of the last proving times.
	pub fn longest(&self) -> Duration {
		self.times.iter().copied().max().unwrap_or_default()
	}

	/// Cancels a proof and kills its program.
	pub fn cancel(&mut self, task: Task) {
		if let Some(handle) = self.handles.get(&task) {
			handle.abort();
		}
		self.forget(task);
	}

	/// Records which proofs are not needed at present. Returns those that have not been needed for
	/// `GRACE`.
	pub fn unwanted(&mut self, tasks: &[Task], now: Instant) -> Vec<Task> {
		self.unwanted.retain(|task, _| tasks.contains(task));
		for task in tasks {
			self.unwanted.entry(*task).or_insert(now);
		}
		let long = self.unwanted.iter().filter(|(_, since)| now.duration_since(**since) > GRACE);
		long.map(|(task, _)| *task).collect()
	}

	fn forget(&mut self, task: Task) {
		self.handles.remove(&task);
		self.unwanted.remove(&task);
	}
}

async fn proving(
	prover: Prover,
	input: Input,
	statement: Statement,
	faults: Faults,
) -> Result<Vec<u8>, String> {
	/// A proof that takes longer counts as started.
	const STARTED: Duration = Duration::from_millis(200);
	faults.reach(Step::BeforeProving);
	let proving = prover.prove(&input, &statement);
	tokio::pin!(proving);
	tokio::select! {
		answer = &mut proving => return answer,
		() = sleep(STARTED) => faults.reach(Step::WhileProving),
	}
	proving.await
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{
		daemon::work::tests::task,
		prover::tests::{command, input, statement},
	};

	/// Returns jobs with one proof started, with this command and limit.
	pub fn begun(command: &str, limit: Option<Duration>) -> Jobs {
		let mut jobs = Jobs::default();
		begin(&mut jobs, 1, command, limit);
		jobs
	}

	fn begin(jobs: &mut Jobs, block: u64, script: &str, limit: Option<Duration>) {
		let (prover, _folder) = command(script);
		jobs.start(task(block), prover, (input(), statement()), limit, Faults::default());
	}

	/// Returns a command that makes a proof in this number of seconds.
	pub fn proving(seconds: &str) -> String {
		format!("sleep {seconds}; echo '{{\"proof\": \"0x01\"}}'")
	}

	#[tokio::test]
	async fn a_finished_proof_is_given_once() {
		let mut jobs = begun(&proving("0"), None);
		assert_eq!(jobs.running(), [task(1)].into());
		let done = jobs.next().await;
		assert_eq!((done.task, done.result.unwrap()), (task(1), vec![1]));
		assert_eq!(jobs.running(), BTreeSet::new());
		let nothing = timeout(Duration::from_millis(100), jobs.next()).await;
		assert!(nothing.is_err());
	}

	#[tokio::test]
	async fn what_takes_too_long_or_fails_gives_no_proof_and_no_time() {
		let mut jobs = begun("sleep 100", Some(Duration::from_millis(100)));
		assert_eq!(jobs.next().await.result.unwrap_err(), Failure::Timeout);
		let mut failing = begun("exit 1", None);
		assert!(matches!(failing.next().await.result.unwrap_err(), Failure::Error(_)));
		assert_eq!((jobs.longest(), failing.longest()), (Duration::ZERO, Duration::ZERO));
	}

	#[tokio::test]
	async fn what_is_given_up_is_not_given() {
		let mut jobs = begun("sleep 100", None);
		begin(&mut jobs, 2, &proving("0.2"), None);
		jobs.cancel(task(1));
		assert_eq!(jobs.running(), [task(2)].into());
		assert_eq!(jobs.next().await.task, task(2));
	}

	#[tokio::test]
	async fn what_panics_fails_and_leaves_its_place() {
		async fn panics() -> Done {
			panic!("on purpose")
		}
		let mut jobs = Jobs::default();
		let handle = jobs.set.spawn(panics());
		jobs.handles.insert(task(1), handle);
		let done = timeout(Duration::from_secs(20), jobs.next()).await.unwrap();
		assert_eq!(done.task, task(1));
		assert!(matches!(done.result.unwrap_err(), Failure::Error(_)));
		assert_eq!(jobs.running(), BTreeSet::new());
	}

	/// A block of the chain may be reverted, and its transactions come back with the next.
	#[tokio::test]
	async fn what_is_not_needed_for_a_moment_goes_on() {
		let mut jobs = begun("sleep 100", None);
		let start = Instant::now();
		let task = task(1);
		// However often this is reported.
		for _ in 0..20 {
			assert_eq!(jobs.unwanted(&[task], start), []);
		}
		assert_eq!(jobs.unwanted(&[task], start + GRACE), []);
		assert_eq!(jobs.unwanted(&[], start + GRACE), []);
		// The time starts again.
		let again = start + 2 * GRACE;
		assert_eq!(jobs.unwanted(&[task], again), []);
		assert_eq!(jobs.unwanted(&[task], again + GRACE), []);
		let late = again + GRACE + Duration::from_secs(1);
		assert_eq!(jobs.unwanted(&[task], late), [task]);
	}

	#[tokio::test]
	async fn the_longest_of_the_last_proofs_is_remembered() {
		let mut jobs = begun(&proving("0.3"), None);
		jobs.next().await;
		let longest = jobs.longest();
		assert!(longest >= Duration::from_millis(300), "{longest:?}");
		for _ in 0..REMEMBERED {
			assert_eq!(jobs.longest(), longest);
			begin(&mut jobs, 1, &proving("0"), None);
			jobs.next().await;
		}
		assert!(jobs.longest() < longest);
	}
}
