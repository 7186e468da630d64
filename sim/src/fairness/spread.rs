//! How far the incomes of equal provers differ.

use crate::{
	agents::Profile,
	babe::Babe,
	runtime::*,
	world::{finish, honest, pass, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::Capacity;
use rayon::prelude::*;

/// Blocks of the chain in a run.
const BLOCKS: u64 = 400;
/// Proposals in each.
const DEMAND: f64 = 2.0;
/// Blocks that a proof takes.
const DELAY: BlockNumber = 10;

/// The result of a measurement. All are parts of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
	/// The share of all capacity that is in use.
	pub busy: f64,
	/// The standard deviation of a prover's income, in parts of the mean.
	pub deviation: f64,
	/// What it would be if each draw were a lot among all provers.
	pub by_lot: f64,
}

/// Measures a pool of this many equal provers.
pub fn measure(provers: u64, capacity: Capacity, runs: u64, seed: u64) -> Spread {
	let all: Vec<_> = (0..runs.max(1))
		.into_par_iter()
		.map(|run| run_once(provers, capacity, seed.wrapping_mul(1_000_003).wrapping_add(run)))
		.collect();
	let (mut squares, mut busy, mut blocks) = (0.0, 0.0, 0.0);
	for (incomes, busy_in_run, blocks_in_run) in &all {
		let mean = incomes.iter().sum::<f64>() / incomes.len() as f64;
		let of_run = incomes.iter().map(|income| (income / mean - 1.0).powi(2)).sum::<f64>();
		squares += of_run / incomes.len() as f64;
		busy += busy_in_run;
		blocks += blocks_in_run;
	}
	let runs = all.len() as f64;
	let share = 1.0 / provers as f64;
	Spread {
		busy: busy / runs,
		deviation: (squares / runs).sqrt(),
		by_lot: ((1.0 - share) / share / (blocks / runs)).sqrt(),
	}
}

/// Returns the incomes, the share of the capacity in use, and the blocks.
fn run_once(provers: u64, capacity: Capacity, seed: u64) -> (Vec<f64>, f64, f64) {
	let mut world = World::demo();
	world.provers = provers;
	world.capacity = capacity;
	world.stake = 1_000 * UNIT;
	world.demand = DEMAND;
	world.profile = Profile { delay: DELAY, ..Profile::default() };
	let mut setup = world.setup();
	for member in &mut setup.members {
		// Equal prices, or the first would be drawn more often.
		member.price = world.price;
	}
	setup.run(|chain| {
		let mut market = world.market();
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		let before: Vec<f64> = (0..provers).map(|at| chain.worth(honest(at))).collect();
		let all = (provers * u64::from(capacity)) as f64;
		let mut busy = 0.0;
		for _ in 0..BLOCKS {
			pass(chain, &mut market, &mut babe, 1);
			busy += 1.0 - ProverPool::get_capacity() as f64 / all;
		}
		finish(chain, &mut market, &mut babe);
		let incomes = (0..provers).map(|at| chain.worth(honest(at)) - before[at as usize]);
		(incomes.collect(), busy / BLOCKS as f64, chain.counts().verified as f64)
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// With room to spare, incomes differ as lots do; where capacity is short, less.
	#[test]
	fn incomes_differ_as_lots_do_unless_capacity_is_short() {
		let roomy = measure(8, 64, 6, 1);
		assert!(roomy.busy < 0.1, "{roomy:?}");
		assert!((roomy.deviation / roomy.by_lot - 1.0).abs() < 0.3, "{roomy:?}");
		let short = measure(8, 4, 6, 1);
		assert!(short.busy > 0.6, "{short:?}");
		assert!(short.deviation < 0.8 * roomy.deviation, "{short:?} {roomy:?}");
	}
}
