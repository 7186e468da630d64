//! Verified blocks while a third of the provers fails.

use crate::{
	agents::Profile,
	babe::Babe,
	runtime::*,
	world::{honest, pass, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::PricePerGas;
use rayon::prelude::*;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failure {
	/// The provers of the pool.
	pub provers: u64,
	/// How many of them fail.
	pub failing: u64,
	/// Proposals per block of the chain.
	pub demand: f64,
	/// True if somebody rescues late blocks. Else they are skipped as soon as they can be.
	pub rescued: bool,
	/// After how many misses in a row a prover is suspended; 0: never.
	pub max_misses: u32,
	/// Blocks of the chain after the failure.
	pub blocks: u64,
}

impl Default for Failure {
	fn default() -> Self {
		Self { provers: 12, failing: 4, demand: 2.0, rescued: true, max_misses: 3, blocks: 600 }
	}
}

/// Blocks of the chain in a bin.
pub const BIN: u64 = 10;
/// The bins that are judged together.
const WIDE: usize = 5;
/// Blocks of the chain before the failure.
const BEFORE: u64 = 100;

/// What happened, on average over all runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
	/// Verified per block of the chain, in bins of [`BIN`] since the failure.
	pub verified: Vec<f64>,
	/// The least of them.
	pub least: f64,
	/// After how many blocks of the chain the rollup verifies what is proposed until the end, but for 10 %.
	pub recovered_after: Option<u64>,
	/// The blocks of the rollup that were wanted since the failure and neither verified nor waiting at the
	/// end.
	pub lost: f64,
}

impl Recovery {
	/// Returns the bins as points, each at its end.
	pub fn points(&self) -> Vec<(f64, f64)> {
		let at = |index: usize| ((index as u64 + 1) * BIN) as f64;
		self.verified.iter().enumerate().map(|(index, it)| (at(index), *it)).collect()
	}
}

/// Measures a failure.
pub fn measure(failure: &Failure, runs: u64, seed: u64) -> Recovery {
	let all: Vec<_> = (0..runs.max(1))
		.into_par_iter()
		.map(|run| run_once(failure, seed.wrapping_mul(1_000_003).wrapping_add(run)))
		.collect();
	let runs = all.len() as f64;
	let bins = (failure.blocks / BIN) as usize;
	let mean = |bin: usize| all.iter().map(|(bins, _)| bins[bin]).sum::<f64>() / runs;
	let verified: Vec<f64> = (0..bins).map(mean).collect();
	let least = verified.iter().copied().fold(f64::INFINITY, f64::min);
	// Several bins together, since one alone varies.
	let wide: Vec<f64> =
		verified.windows(WIDE).map(|it| it.iter().sum::<f64>() / WIDE as f64).collect();
	let last_below = wide.iter().rposition(|it| *it < 0.9 * failure.demand);
	let recovered_after = match last_below {
		None => Some(0),
		Some(last) if last + 1 == wide.len() => None,
		Some(last) => Some((last + WIDE) as u64 * BIN),
	};
	let lost = all.iter().map(|(_, lost)| lost).sum::<f64>() / runs;
	Recovery { verified, least, recovered_after, lost }
}

/// Returns what was verified per block in each bin, and what was lost.
fn run_once(failure: &Failure, seed: u64) -> (Vec<f64>, f64) {
	let mut world = World::demo();
	world.provers = failure.provers;
	world.demand = failure.demand;
	world.parameters.max_misses = failure.max_misses;
	world.setup().run(|chain| {
		let mut market = world.market();
		if !failure.rescued {
			// It skips all the same.
			for rescuer in &mut market.rescuers {
				rescuer.least_reward = PricePerGas::MAX;
			}
		}
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		pass(chain, &mut market, &mut babe, BEFORE);
		for at in 0..failure.failing {
			market.provers.set(honest(at), Profile { works: false, ..world.profile });
		}
		let waiting = |state: pallet_block_proposal::ChainStateOf<Runtime>| {
			state.next_id.saturating_sub(state.head) as f64
		};
		let first = (chain.counts(), waiting(chain.rollup()));
		let mut bins = Vec::new();
		for _ in 0..failure.blocks / BIN {
			let before = chain.counts().verified;
			pass(chain, &mut market, &mut babe, BIN);
			bins.push((chain.counts().verified - before) as f64 / BIN as f64);
		}
		let last = (chain.counts(), waiting(chain.rollup()));
		let wanted = failure.demand * failure.blocks as f64;
		let verified = (last.0.verified - first.0.verified) as f64;
		(bins, wanted - verified - (last.1 - first.1))
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// With a rescuer and suspensions the rollup recovers within a window, a rescue and what has waited
	/// meanwhile; without a rescuer it loses blocks.
	#[test]
	fn a_rollup_recovers_if_late_blocks_are_rescued() {
		let rescued = measure(&Failure::default(), 8, 1);
		// Blocks are verified in order, so those of the others wait too: less than a quarter of what is proposed.
		assert!(rescued.least < 0.5, "{rescued:?}");
		let after = rescued.recovered_after.expect("it recovers");
		assert!((40..300).contains(&after), "{rescued:?}");
		let alone = measure(&Failure { rescued: false, ..Failure::default() }, 2, 1);
		assert!(alone.lost > rescued.lost + 50.0, "{alone:?} {rescued:?}");
	}
}
