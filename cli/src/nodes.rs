//! The nodes of `--url`, and the order in which programs that run for long try them.

use crate::{client::Client, Error, Result};
use std::{
	collections::{BTreeMap, BTreeSet},
	time::Duration,
};
use tokio::time::timeout;
use tracing::{debug, error, warn};

/// The shortest and the longest pause between two rounds.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(8));
/// The time limit of a node's answer to whether it is syncing.
const HEALTH: Duration = Duration::from_secs(5);

/// The nodes, in the order in which they are tried.
#[derive(Debug)]
pub struct Nodes {
	urls: Vec<String>,
	/// True if unencrypted connections to other machines are allowed.
	allow_insecure: bool,
	/// The index of the present node.
	current: usize,
	/// The number of failures since a node last worked.
	failures: usize,
	/// The nodes that cannot be used until an operator intervenes: another chain.
	unfit: BTreeSet<usize>,
	/// The nodes whose answers this program does not know, and what was reported: their runtime may
	/// change, or another program may be installed.
	unknown: BTreeMap<usize, String>,
	pause: Duration,
}

impl Nodes {
	/// Creates the list. An entry may have several nodes, separated by commas.
	pub fn new(list: &[String], allow_insecure: bool) -> Result<Self> {
		let urls: Vec<_> = list
			.iter()
			.flat_map(|urls| urls.split(','))
			.map(|url| url.trim().to_string())
			.collect();
		// At once, not only when they are needed.
		urls.iter().try_for_each(|url| Client::check_url(url, allow_insecure))?;
		let (unfit, unknown) = (BTreeSet::new(), BTreeMap::new());
		Ok(Self { urls, allow_insecure, current: 0, failures: 0, unfit, unknown, pause: RETRY.0 })
	}

	/// Connects to the present node. Refused if it is still syncing and another may work.
	pub async fn connect(&self) -> Result<Client> {
		let client = Client::connect(&[self.current().into()], self.allow_insecure).await?;
		if !self.takes_syncing() && is_syncing(&client).await {
			return Err(Error::Connection(format!("{} is still syncing", client.url())));
		}
		Ok(client)
	}

	/// Returns the present node.
	fn current(&self) -> &str {
		self.urls.get(self.current).map_or("", String::as_str)
	}

	/// Returns whether a node that is still syncing is used: only if no other works.
	fn takes_syncing(&self) -> bool {
		self.urls.len() == 1 || self.failures >= self.urls.len()
	}

	/// Leaves the present node because of a problem. Returns the pause before the next one is
	/// tried, or the problem if no node can help.
	pub fn leave(&mut self, problem: Error, was_at_work: bool) -> Result<Duration> {
		if was_at_work {
			self.failures = 0;
			self.unfit.clear();
			self.pause = RETRY.0;
		}
		self.failures += 1;
		let url = self.current();
		let mut is_unknown = false;
		match problem {
			Error::Connection(_)
			| Error::NotConfirmed(_)
			| Error::Refused(_)
			| Error::Failed(_) => {
				warn!(url, "{problem}");
				self.unfit.remove(&self.current);
				self.unknown.remove(&self.current);
			},
			Error::Incompatible(reason) => {
				// Once: nothing here changes it.
				if self.unknown.get(&self.current) == Some(&reason) {
					debug!(url, "{reason}");
				} else {
					error!(url, "{reason}");
				}
				self.unfit.remove(&self.current);
				self.unknown.insert(self.current, reason);
				is_unknown = true;
			},
			// The fault of this node, unless all others agree.
			Error::Usage(_) | Error::Key(_) => {
				error!(url, "{problem}");
				self.unknown.remove(&self.current);
				self.unfit.insert(self.current);
				if self.unfit.len() >= self.urls.len() {
					return Err(problem);
				}
			},
			Error::Declined | Error::Internal(_) => {
				error!(url, "{problem}");
				return Err(problem);
			},
		}
		self.current = (self.current + 1) % self.urls.len().max(1);
		if was_at_work && !is_unknown {
			// The problem may be over in a moment.
			return Ok(RETRY.0);
		}
		if !self.failures.is_multiple_of(self.urls.len()) {
			return Ok(Duration::ZERO);
		}
		// An operator's intervention takes time.
		let is_down = self.unfit.is_empty() && self.unknown.is_empty();
		let pause = if is_down { self.pause } else { RETRY.1 };
		self.pause = (self.pause * 2).min(RETRY.1);
		Ok(pause)
	}
}

/// Returns whether a node reports that it is syncing. Not every node reports it.
async fn is_syncing(client: &Client) -> bool {
	let health = timeout(HEALTH, client.rpc().system_health()).await;
	matches!(health, Ok(Ok(health)) if health.is_syncing)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn nodes(count: usize) -> Nodes {
		let urls: Vec<_> = (0..count).map(|port| format!("ws://127.0.0.1:{port}")).collect();
		Nodes::new(&[urls.join(" , ")], false).unwrap()
	}

	fn down() -> Error {
		Error::Connection("down".into())
	}

	fn seconds(count: u64) -> Duration {
		Duration::from_secs(count)
	}

	#[test]
	fn the_form_of_every_url_is_checked_at_once() {
		for wrong in ["ws://example.org:9944", "nonsense", ""] {
			let list = [format!("ws://127.0.0.1:9944,{wrong}")];
			assert_eq!(Nodes::new(&list, false).unwrap_err().exit_code(), 2, "{wrong}");
		}
		assert!(Nodes::new(&["wss://a.example,ws://localhost:1".into()], false).is_ok());
		assert!(Nodes::new(&["ws://example.org:9944".into()], true).is_ok());
	}

	#[test]
	fn after_each_round_is_a_longer_pause() {
		let mut nodes = nodes(2);
		for expected in [0, 1, 0, 2, 0, 4, 0, 8, 0, 8] {
			assert_eq!(nodes.leave(down(), false).unwrap(), seconds(expected));
		}
		// A node that worked is lost: the next is tried soon, and the rounds start again.
		assert_eq!(nodes.current(), "ws://127.0.0.1:0");
		assert_eq!(nodes.leave(down(), true).unwrap(), seconds(1));
		assert_eq!(nodes.current(), "ws://127.0.0.1:1");
		assert_eq!(nodes.leave(down(), false).unwrap(), seconds(1));
		assert_eq!(nodes.current(), "ws://127.0.0.1:0");
	}

	#[test]
	fn a_node_that_cannot_be_used_ends_nothing_while_there_is_another() {
		for unfit in
			[|| Error::Usage("another chain".into()), || Error::Key("not for this chain".into())]
		{
			let mut nodes = nodes(2);
			for _ in 0..3 {
				assert_eq!(nodes.leave(unfit(), false).unwrap(), seconds(0));
				// The other is down, and may return.
				assert_eq!(nodes.leave(down(), false).unwrap(), seconds(8));
			}
			// It returned, and is lost.
			nodes.leave(unfit(), false).unwrap();
			nodes.leave(down(), true).unwrap();
			// Now all agree.
			nodes.leave(unfit(), false).unwrap();
			assert_eq!(nodes.leave(unfit(), false).unwrap_err().exit_code(), unfit().exit_code());
		}
	}

	#[test]
	fn the_only_node_decides_alone() {
		let unfit = Error::Usage("another chain".into());
		assert_eq!(nodes(1).leave(unfit, false).unwrap_err().exit_code(), 2);
		assert_eq!(
			nodes(2).leave(Error::Internal("a fault".into()), false).unwrap_err().exit_code(),
			1
		);
	}

	/// It ends all daemons otherwise, in the same block.
	#[test]
	fn another_runtime_ends_nothing() {
		let unknown = || Error::Incompatible("another runtime".into());
		let mut alone = nodes(1);
		for was_at_work in [false, true, true, false, false] {
			assert_eq!(alone.leave(unknown(), was_at_work).unwrap(), seconds(8));
		}
		assert_eq!(alone.leave(down(), true).unwrap(), seconds(1));
		// Nor while another node cannot be used.
		let mut two = nodes(2);
		for _ in 0..3 {
			let unfit = Error::Usage("another chain".into());
			assert_eq!(two.leave(unfit, false).unwrap(), seconds(0));
			assert_eq!(two.leave(unknown(), false).unwrap(), seconds(8));
		}
	}

	#[test]
	fn a_node_that_syncs_is_taken_when_there_is_no_other() {
		assert!(nodes(1).takes_syncing());
		let mut nodes = nodes(2);
		for expected in [false, false, true, true] {
			assert_eq!(nodes.takes_syncing(), expected);
			nodes.leave(down(), false).unwrap();
		}
		nodes.leave(down(), true).unwrap();
		assert!(!nodes.takes_syncing());
	}
}
