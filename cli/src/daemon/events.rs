//! The next event for the daemon.

use super::{
	executions::{Executions, Finished},
	jobs::{Done, Jobs},
};
use crate::{heads::latest, Result};
use futures::Stream;
use tokio::time::{sleep_until, Instant};

/// An event.
#[derive(Debug)]
pub enum Event {
	/// A proof is finished or has failed.
	Done(Done),
	/// An execution is finished or has failed.
	Executed(Finished),
	/// There is a new best block.
	Best,
	/// The block with this number is finalized.
	Finalized(u64),
	/// There is nothing more urgent than the remaining work.
	Idle,
	/// Nothing happened until the deadline.
	Stalled,
}

/// Waits for the next event. Finished proofs and executions come first, however fast blocks follow
/// each other. Of several new blocks, only the latest counts.
pub async fn next(
	(jobs, executions): (&mut Jobs, &mut Executions),
	heads: &mut (impl Stream<Item = Result<u64>> + Unpin),
	finalized: &mut (impl Stream<Item = Result<u64>> + Unpin),
	until: Instant,
	something_left: bool,
) -> Result<Event> {
	Ok(tokio::select! {
		biased;
		done = jobs.next() => Event::Done(done),
		finished = executions.next() => Event::Executed(finished),
		head = latest(heads) => {
			head?;
			Event::Best
		},
		number = latest(finalized) => Event::Finalized(number?),
		() = sleep_until(until) => Event::Stalled,
		() = std::future::ready(()), if something_left => Event::Idle,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		daemon::{
			executions::tests::executing,
			jobs::tests::{begun, proving},
		},
		Error,
	};
	use futures::{
		stream::{iter, pending},
		StreamExt,
	};
	use std::time::Duration;
	use tokio::time::sleep;

	fn numbers(numbers: &[u64]) -> impl Stream<Item = Result<u64>> + Unpin {
		let numbers: Vec<_> = numbers.iter().map(|number| Ok(*number)).collect();
		iter(numbers).chain(pending())
	}

	/// Returns an endless stream that has the next block ready as soon as one is taken.
	fn endless() -> impl Stream<Item = Result<u64>> + Unpin {
		let mut number = 0;
		futures::stream::poll_fn(move |_| {
			number += 1;
			// In between there is a moment without one.
			if number % 2 == 0 {
				std::task::Poll::Pending
			} else {
				std::task::Poll::Ready(Some(Ok(number)))
			}
		})
	}

	fn later() -> Instant {
		Instant::now() + Duration::from_secs(60)
	}

	#[tokio::test]
	async fn what_is_finished_does_not_wait_for_blocks() {
		let mut jobs = begun(&proving("0"), None);
		let mut executions = executing("exit 1", Duration::from_secs(60));
		let (mut heads, mut finalized) = (endless(), numbers(&[]));
		let (mut blocks, mut done, mut executed) = (0, 0, 0);
		while done + executed < 2 {
			let working = (&mut jobs, &mut executions);
			match next(working, &mut heads, &mut finalized, later(), true).await.unwrap() {
				Event::Done(_) => done += 1,
				Event::Executed(_) => executed += 1,
				// Time for the proof to be made.
				Event::Best => {
					blocks += 1;
					assert!(blocks < 2_000, "they are never taken");
					sleep(Duration::from_millis(10)).await;
				},
				event => panic!("{event:?}"),
			}
		}
		assert!((done, executed) == (1, 1) && blocks > 0);
	}

	#[tokio::test]
	async fn of_blocks_that_wait_the_latest_counts() {
		let (mut jobs, mut executions) = (Jobs::default(), Executions::default());
		let (mut heads, mut finalized) = (numbers(&[5, 6, 7]), numbers(&[3, 4]));
		let mut events = Vec::new();
		for _ in 0..3 {
			let working = (&mut jobs, &mut executions);
			let event = next(working, &mut heads, &mut finalized, later(), true).await;
			events.push(format!("{:?}", event.unwrap()));
		}
		assert_eq!(events, ["Best", "Finalized(4)", "Idle"]);
		let now = Instant::now();
		let working = (&mut jobs, &mut executions);
		let event = next(working, &mut heads, &mut finalized, now, false).await;
		assert!(matches!(event, Ok(Event::Stalled)), "{event:?}");
	}

	#[tokio::test]
	async fn a_connection_that_ends_or_fails_is_an_error() {
		let failed = vec![Ok(1), Err(Error::Connection("lost".into()))];
		for items in [vec![], vec![Ok(1)], failed] {
			let (mut jobs, mut executions) = (Jobs::default(), Executions::default());
			let (mut heads, mut finalized) = (iter(items), numbers(&[]));
			let working = (&mut jobs, &mut executions);
			let event = next(working, &mut heads, &mut finalized, later(), true).await;
			assert_eq!(event.unwrap_err().exit_code(), 3);
		}
	}
}
