//! How fast blocks of the rollup are proposed.

use super::rollup;
use crate::{
	chain::{api, At},
	client::Client,
	Error, Result,
};

/// The first block with a time: the genesis state has none.
const FIRST: u64 = 1;

/// The proposals in blocks of the chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
	/// The number of blocks.
	pub blocks: u64,
	/// How many blocks of the rollup were proposed in them.
	pub proposals: u64,
	/// The time that they took by the chain's own clock, in milliseconds.
	pub milliseconds: u64,
}

impl Pace {
	/// Counts the proposals in this number of blocks up to `at`, or in all since the first one.
	pub async fn read(client: &Client, at: &At, blocks: u64) -> Result<Self> {
		let best = at.block_number();
		let number = best.saturating_sub(blocks).max(FIRST);
		if number >= best {
			return Err(unmeasured("the chain has no two blocks yet"));
		}
		let forgotten =
			|| unmeasured(&format!("the node does not have the state of block {number}"));
		let hash = client.block_hash(number).await?.ok_or_else(forgotten)?;
		let earlier = async { read(&client.at(hash).await?).await };
		let earlier = match earlier.await {
			Err(error) if error.is_of_a_pruned_node() => return Err(forgotten()),
			other => other?,
		};
		let now = read(at).await?;
		Ok(Self {
			blocks: best - number,
			proposals: now.0.saturating_sub(earlier.0),
			milliseconds: now.1.saturating_sub(earlier.1),
		})
	}

	/// Returns the proposals per day. Refused if there were none.
	pub fn per_day(&self) -> Result<f64> {
		const DAY: f64 = 86_400_000.0;
		match (self.proposals, self.milliseconds) {
			(0, _) | (_, 0) => {
				let reason = format!("nothing was proposed in the last {} blocks", self.blocks);
				Err(unmeasured(&reason))
			},
			(proposals, time) => Ok(proposals as f64 * DAY / time as f64),
		}
	}
}

/// Returns the id of the next proposal and the time, in milliseconds.
async fn read(at: &At) -> Result<(u64, u64)> {
	let time = at.storage().fetch(api::storage().timestamp().now(), ()).await?.decode()?;
	Ok((rollup::state(at).await?.map_or(1, |state| state.next_id), time))
}

fn unmeasured(reason: &str) -> Error {
	Error::Usage(format!("{reason}: name --proposals-per-day, or another number of --blocks"))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn proposals_are_counted_for_a_day() {
		// 200 blocks of six seconds.
		let pace = Pace { blocks: 200, proposals: 50, milliseconds: 1_200_000 };
		assert_eq!(pace.per_day().unwrap(), 3_600.0);
		for none in [Pace { proposals: 0, ..pace }, Pace { milliseconds: 0, ..pace }] {
			let error = none.per_day().unwrap_err();
			assert_eq!(error.exit_code(), 2);
			assert_eq!(
				error.to_string(),
				"nothing was proposed in the last 200 blocks: name --proposals-per-day, or another number \
				 of --blocks"
			);
		}
	}
}
