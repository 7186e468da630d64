//! Proofs that are being made.

use super::{
	fault::{Faults, Step},
	prover::{Answer, Prover, Request},
	work::Task,
};
use crate::reads::rollup::Block;
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	time::{Duration, Instant},
};
use tokio::{
	task::{AbortHandle, JoinSet},
	time::{sleep, timeout},
};

/// How many views of the chain a proof goes on that is not needed as things stand.
const GRACE: u32 = 3;
/// How many proofs are remembered to tell how long the next takes.
const REMEMBERED: usize = 16;

/// What became of a proof.
#[derive(Debug)]
pub struct Done {
	/// What was to be proven.
	pub task: Task,
	/// How long it took.
	pub took: Duration,
	/// The proof.
	pub result: Result<Answer, Failure>,
}

/// Why there is no proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
	/// The prover says so.
	Error(String),
	/// It took longer than the operator allows.
	Timeout,
}

/// The proofs that are being made. Dropping it kills their programs.
#[derive(Debug, Default)]
pub struct Jobs {
	set: JoinSet<Done>,
	handles: BTreeMap<Task, AbortHandle>,
	/// For how many views each was not needed.
	unwanted: BTreeMap<Task, u32>,
	times: VecDeque<Duration>,
}

impl Jobs {
	/// What is being proven.
	pub fn running(&self) -> BTreeSet<Task> {
		self.handles.keys().copied().collect()
	}

	/// Begins to prove.
	pub fn start(
		&mut self,
		task: Task,
		prover: Prover,
		request: Request,
		block: Block,
		limit: Option<Duration>,
		faults: Faults,
	) {
		let job = async move {
			let start = Instant::now();
			let proving = proving(prover, request, block, faults);
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

	/// Waits for the next that is done; for ever if there is none.
	pub async fn next(&mut self) -> Done {
		loop {
			match self.set.join_next().await {
				Some(Ok(done)) => {
					self.forget(done.task);
					if done.result.is_ok() {
						self.times.push_back(done.took);
						self.times.truncate(REMEMBERED);
					}
					return done;
				},
				// It was given up.
				Some(Err(_)) => {},
				None => std::future::pending().await,
			}
		}
	}

	/// How long the longest of the last proofs took.
	pub fn longest(&self) -> Duration {
		self.times.iter().copied().max().unwrap_or_default()
	}

	/// Gives up, and kills what runs for it.
	pub fn cancel(&mut self, task: Task) {
		if let Some(handle) = self.handles.get(&task) {
			handle.abort();
		}
		self.forget(task);
	}

	/// Notes which are not needed as things stand. Gives those for which that has been so for long.
	pub fn unwanted(&mut self, tasks: &[Task]) -> Vec<Task> {
		self.unwanted.retain(|task, _| tasks.contains(task));
		tasks.iter().for_each(|task| *self.unwanted.entry(*task).or_default() += 1);
		let long = self.unwanted.iter().filter(|(_, views)| **views > GRACE);
		long.map(|(task, _)| *task).collect()
	}

	fn forget(&mut self, task: Task) {
		self.handles.remove(&task);
		self.unwanted.remove(&task);
	}
}

async fn proving(
	prover: Prover,
	request: Request,
	block: Block,
	faults: Faults,
) -> Result<Answer, String> {
	/// What takes longer is being made.
	const BEGUN: Duration = Duration::from_millis(200);
	faults.reach(Step::BeforeProving);
	let proving = prover.prove(&request, &block);
	tokio::pin!(proving);
	tokio::select! {
		answer = &mut proving => return answer,
		() = sleep(BEGUN) => faults.reach(Step::WhileProving),
	}
	proving.await
}
