//! How many blocks of the rollup a core simulates in a second.

use crate::{
	babe::Babe,
	world::{pass, World, ATTACKER, OTHER_AUTHORS},
};
use std::time::{Duration, Instant};

/// The result of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
	/// Blocks of the rollup verified.
	pub verified: u64,
	/// The time that it took.
	pub time: Duration,
}

impl Rate {
	/// Returns blocks per second.
	pub fn per_second(&self) -> f64 {
		self.verified as f64 / self.time.as_secs_f64()
	}
}

/// Measures one core with this many honest members, `demand` proposals in each block of the chain, for this
/// many blocks of the chain.
pub fn measure(members: u64, demand: f64, blocks: u64, seed: u64) -> Rate {
	let mut world = World::demo();
	world.provers = members;
	world.demand = demand;
	// Each may have `MaxPendingPerProposer` blocks that wait for their draw.
	world.proposers = 1 + (demand as u64 * 4) / 8;
	world.setup().run(|chain| {
		let mut market = world.market();
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		pass(chain, &mut market, &mut babe, 50);
		let (before, start) = (chain.counts().verified, Instant::now());
		pass(chain, &mut market, &mut babe, blocks);
		Rate { verified: chain.counts().verified - before, time: start.elapsed() }
	})
}
