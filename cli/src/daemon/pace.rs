//! How fast the chain makes blocks, and how many of them a proof takes.

use std::time::{Duration, Instant};

/// How much the latest blocks count: one part in so many.
const MEMORY: f64 = 8.0;

/// A measurement of the time between blocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
	last: Option<(u64, Instant)>,
	/// Seconds per block.
	average: Option<f64>,
}

impl Pace {
	/// Notes that the best block with this number was seen.
	pub fn note(&mut self, number: u64, at: Instant) {
		if let Some((last, since)) = self.last {
			if number <= last {
				return;
			}
			let sample = at.duration_since(since).as_secs_f64() / (number - last) as f64;
			self.average = Some(match self.average {
				Some(average) => average + (sample - average) / MEMORY,
				None => sample,
			});
		}
		self.last = Some((number, at));
	}

	/// How many blocks are made in this time, rounded up; none as long as nothing is known.
	pub fn blocks_in(&self, time: Duration) -> u32 {
		match self.average {
			Some(average) if average > 0.0 => (time.as_secs_f64() / average).ceil() as u32,
			_ => 0,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn blocks_are_counted_by_the_average_time_between_them() {
		let start = Instant::now();
		let after = |seconds| start + Duration::from_secs(seconds);
		let mut pace = Pace::default();
		assert_eq!(pace.blocks_in(Duration::from_secs(60)), 0);
		pace.note(10, start);
		assert_eq!(pace.blocks_in(Duration::from_secs(60)), 0);
		// Three blocks at once, after a gap.
		pace.note(13, after(18));
		assert_eq!(pace.blocks_in(Duration::from_secs(60)), 10);
		assert_eq!(pace.blocks_in(Duration::from_secs(61)), 11);
		assert_eq!(pace.blocks_in(Duration::ZERO), 0);
		// Another chain's best block, or the same again.
		pace.note(12, after(20));
		pace.note(13, after(24));
		assert_eq!(pace.blocks_in(Duration::from_secs(60)), 10);
		// A long one.
		pace.note(14, after(18 + 14));
		assert_eq!(pace.blocks_in(Duration::from_secs(60)), 9);
	}
}
