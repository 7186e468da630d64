//! How fast the chain makes blocks, and how many of them a proof takes.

use std::time::{Duration, Instant};

/// How much the latest blocks count: one part in so many.
const MEMORY: f64 = 8.0;
/// A sample counts as at most so many times the average, and as at least that part of it: one halt of the
/// chain, or blocks that come in a burst after it, say little about the next block.
const SPREAD: f64 = 4.0;
/// A proof is given so many times the time that its blocks take on average: where there is a connection,
/// the deadline itself ends it, and a chain that catches up looks faster than it is.
const SLACK: u32 = 2;

/// A measurement of the time between blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
	/// The last block, and when it was made. That is not known of the first one, which a node shows
	/// whenever it is asked.
	last: Option<(u64, Option<Instant>)>,
	/// Seconds per block.
	average: Option<f64>,
}

impl Pace {
	/// Notes that the best block with this number was seen.
	pub fn note(&mut self, number: u64, at: Instant) {
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
					average + (sample - average) / MEMORY
				},
				None => sample,
			});
		}
		self.last = Some((number, Some(at)));
	}

	/// How many blocks are made in this time, rounded up; none as long as nothing is known.
	pub fn blocks_in(&self, time: Duration) -> u32 {
		match self.average {
			Some(average) if average > 0.0 => (time.as_secs_f64() / average).ceil() as u32,
			_ => 0,
		}
	}

	/// For how long a proof may be made that has so many blocks left: no longer than the operator allows,
	/// nor than there is any use in it. So it also ends while there is no node that shows the deadline.
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

	/// A pace of blocks that were seen after so many seconds each.
	fn seen(blocks: &[(u64, f64)]) -> Pace {
		let start = Instant::now();
		let mut pace = Pace::default();
		for (number, seconds) in blocks {
			pace.note(*number, start + Duration::from_secs_f64(*seconds));
		}
		pace
	}

	#[test]
	fn blocks_are_counted_by_the_average_time_between_them() {
		assert_eq!(seen(&[]).blocks_in(MINUTE), 0);
		assert_eq!(seen(&[(9, 0.0), (10, 1.0)]).blocks_in(MINUTE), 0);
		// Three blocks at once, after a gap.
		let mut blocks = vec![(9, 0.0), (10, 1.0), (13, 19.0)];
		let pace = seen(&blocks);
		assert_eq!(pace.blocks_in(MINUTE), 10);
		assert_eq!(pace.blocks_in(Duration::from_secs(61)), 11);
		assert_eq!(pace.blocks_in(Duration::ZERO), 0);
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
		let pace = seen(&[(1, 0.0), (2, 6.0), (3, 12.0)]);
		assert_eq!(pace.limit(None, 10), Some(2 * MINUTE));
		assert_eq!(pace.limit(Some(MINUTE), 10), Some(MINUTE));
		assert_eq!(pace.limit(Some(MINUTE), 2), Some(Duration::from_secs(24)));
		assert_eq!(Pace::default().limit(Some(MINUTE), 2), Some(MINUTE));
		assert_eq!(Pace::default().limit(None, 2), None);
	}
}
