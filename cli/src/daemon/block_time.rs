//! The average time between blocks, and how many blocks a proof takes.

use std::time::{Duration, Instant};

/// The weight of a new sample in the average is one part in this many.
const SMOOTHING: f64 = 8.0;
/// Samples are clamped to this factor around the average: one halt of the chain, or the burst of
/// blocks after it, says little about the next block.
const SPREAD: f64 = 4.0;
/// A proof may take this multiple of the average time of the blocks left. With a connection the
/// deadline itself ends it; a chain that catches up looks faster than it is.
const SLACK: u32 = 2;

/// A moving average of the time between blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockTime {
	/// The last block and its time; `None` for the first one, which the node may have had for a
	/// while.
	last: Option<(u64, Option<Instant>)>,
	/// Seconds per block.
	average: Option<f64>,
}

impl BlockTime {
	/// Records that the best block with this number was seen.
	pub fn observe(&mut self, number: u64, at: Instant) {
		let Some((last, since)) = self.last else {
			self.last = Some((number, None));
			return;
		};
		if number <= last {
			return;
		}
		if let Some(since) = since {
			let sample = at.duration_since(since).as_secs_f64() / (number - last) as f64;
			self.average = Some(match self.average {
				Some(average) => {
					let sample = sample.clamp(average / SPREAD, average * SPREAD);
					average + (sample - average) / SMOOTHING
				},
				None => sample,
			});
		}
		self.last = Some((number, Some(at)));
	}

	/// Returns how many blocks are made in this time, rounded up; 0 before the first sample.
	pub fn blocks_in(&self, time: Duration) -> u32 {
		match self.average {
			Some(average) if average > 0.0 => (time.as_secs_f64() / average).ceil() as u32,
			_ => 0,
		}
	}

	/// Returns how long a proof with this many blocks left may take: the operator's limit, or the
	/// time after which it is useless. So it also ends while no node shows the deadline.
	pub fn limit(&self, allowed: Option<Duration>, blocks_left: u32) -> Option<Duration> {
		let useful = self.average.filter(|average| *average > 0.0).and_then(|average| {
			Duration::try_from_secs_f64(average * f64::from(blocks_left) * f64::from(SLACK)).ok()
		});
		[allowed, useful].into_iter().flatten().min()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const MINUTE: Duration = Duration::from_secs(60);

	/// Returns the average after blocks that were seen at these seconds.
	fn seen(blocks: &[(u64, f64)]) -> BlockTime {
		let start = Instant::now();
		let mut block_time = BlockTime::default();
		for (number, seconds) in blocks {
			block_time.observe(*number, start + Duration::from_secs_f64(*seconds));
		}
		block_time
	}

	#[test]
	fn blocks_are_counted_by_the_average_time_between_them() {
		assert_eq!(seen(&[]).blocks_in(MINUTE), 0);
		assert_eq!(seen(&[(9, 0.0), (10, 1.0)]).blocks_in(MINUTE), 0);
		// Three blocks at once, after a gap.
		let mut blocks = vec![(9, 0.0), (10, 1.0), (13, 19.0)];
		let block_time = seen(&blocks);
		assert_eq!(block_time.blocks_in(MINUTE), 10);
		assert_eq!(block_time.blocks_in(Duration::from_secs(61)), 11);
		assert_eq!(block_time.blocks_in(Duration::ZERO), 0);
		// Another chain's best block, or the same again.
		blocks.extend([(12, 21.0), (13, 25.0)]);
		assert_eq!(seen(&blocks).blocks_in(MINUTE), 10);
		// A long one.
		blocks.push((14, 33.0));
		assert_eq!(seen(&blocks).blocks_in(MINUTE), 9);
	}

	/// A node shows its best block when it is asked, shortly before it has the next.
	#[test]
	fn the_first_block_says_nothing_about_the_time_between_blocks() {
		assert_eq!(seen(&[(1, 0.0), (2, 0.1), (3, 6.1)]).blocks_in(MINUTE), 10);
	}

	#[test]
	fn a_halt_or_a_burst_changes_little() {
		let blocks = [(1, 0.0), (2, 6.0), (3, 12.0)];
		let after = |seconds| seen(&[&blocks[..], &[(4, 12.0 + seconds)]].concat());
		// One sample of 4 × 6 s, and one of 6 s / 4.
		let halt = after(3600.0);
		assert_eq!(halt.average, Some(6.0 + 18.0 / 8.0));
		assert_eq!(after(0.001).average, Some(6.0 - 4.5 / 8.0));
	}

	#[test]
	fn a_proof_is_made_as_long_as_is_allowed_and_of_use() {
		let block_time = seen(&[(1, 0.0), (2, 6.0), (3, 12.0)]);
		assert_eq!(block_time.limit(None, 10), Some(2 * MINUTE));
		assert_eq!(block_time.limit(Some(MINUTE), 10), Some(MINUTE));
		assert_eq!(block_time.limit(Some(MINUTE), 2), Some(Duration::from_secs(24)));
		assert_eq!(BlockTime::default().limit(Some(MINUTE), 2), Some(MINUTE));
		assert_eq!(BlockTime::default().limit(None, 2), None);
	}
}
