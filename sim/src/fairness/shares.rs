//! Shares of income against shares of weight.

use crate::{
	agents::Profile,
	babe::Babe,
	chain::{Chain, Member, Setup},
	parameters::Parameters,
	runtime::*,
	steering::due_in,
	world::{finish, honest, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::{Capacity, PricePerGas};
use rayon::prelude::*;
use std::collections::HashMap;

/// Stakes in tokens, and capacities.
const MEMBERS: [(Balance, Capacity); 8] =
	[(160, 16), (240, 8), (320, 32), (480, 4), (640, 64), (960, 16), (1_280, 128), (1_920, 16)];

/// Blocks of the rollup in a run.
const BLOCKS: u64 = 10_000;

/// One prover. Shares are parts of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
	/// Its stake, in tokens.
	pub tokens: Balance,
	/// Its capacity.
	pub capacity: Capacity,
	/// Its share of the weight, on average over all draws.
	pub weight: f64,
	/// Its share of the draws.
	pub draws: f64,
	/// Its share of the income.
	pub income: f64,
	/// Half of the interval of 95 % of a share of draws by lot with this weight.
	pub half_width: f64,
}

/// All provers.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
	/// The provers, smallest stake first.
	pub rows: Vec<Row>,
	/// Blocks of the rollup that were drawn.
	pub blocks: u64,
}

impl Shares {
	/// Returns the largest difference between a share of income and a share of weight.
	pub fn largest_difference(&self) -> f64 {
		self.rows.iter().map(|row| (row.income - row.weight).abs()).fold(0.0, f64::max)
	}

	/// Returns the same in parts of the prover's own income.
	pub fn largest_relative_difference(&self) -> f64 {
		self.rows.iter().map(|row| (row.income / row.weight - 1.0).abs()).fold(0.0, f64::max)
	}
}

/// Sums for one prover over all draws.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
	odds: f64,
	variance: f64,
	drawn: u64,
	income: f64,
}

/// Measures `blocks` blocks of the rollup, in runs on all cores.
pub fn measure(parameters: &Parameters, blocks: u64, seed: u64) -> Shares {
	let runs = blocks.div_ceil(BLOCKS).max(1);
	let each = blocks / runs;
	let all: Vec<_> = (0..runs)
		.into_par_iter()
		.map(|run| run_once(parameters, each, seed.wrapping_mul(1_000_003).wrapping_add(run)))
		.collect();
	let mut sums = [Sums::default(); MEMBERS.len()];
	for run in &all {
		for (sum, it) in sums.iter_mut().zip(run) {
			sum.odds += it.odds;
			sum.variance += it.variance;
			sum.drawn += it.drawn;
			sum.income += it.income;
		}
	}
	let drawn: u64 = sums.iter().map(|it| it.drawn).sum();
	let odds: f64 = sums.iter().map(|it| it.odds).sum();
	let income: f64 = sums.iter().map(|it| it.income).sum();
	let rows = MEMBERS.iter().zip(&sums).map(|((tokens, capacity), it)| Row {
		tokens: *tokens,
		capacity: *capacity,
		weight: it.odds / odds,
		draws: it.drawn as f64 / drawn as f64,
		income: it.income / income,
		half_width: 1.96 * it.variance.sqrt() / drawn as f64,
	});
	Shares { rows: rows.collect(), blocks: drawn }
}

fn setup(parameters: &Parameters) -> (World, Setup) {
	let mut world = World::with(parameters.clone());
	world.provers = MEMBERS.len() as u64;
	// The accounts then have enough for all stakes.
	world.stake = 2_000 * UNIT;
	world.profile = Profile::default();
	let mut setup = world.setup();
	let member = |(at, (tokens, capacity)): (usize, &(Balance, Capacity))| Member {
		who: honest(at as u64),
		stake: tokens * UNIT,
		price: parameters.first_fee_per_gas,
		capacity: *capacity,
	};
	setup.members = MEMBERS.iter().enumerate().map(member).collect();
	(world, setup)
}

fn run_once(parameters: &Parameters, blocks: u64, seed: u64) -> [Sums; MEMBERS.len()] {
	let (world, setup) = setup(parameters);
	setup.run(|chain| {
		let mut market = world.market();
		market.proposers.left = Some(blocks);
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		let mut sums = [Sums::default(); MEMBERS.len()];
		let worth = |chain: &Chain, at: usize| chain.worth(honest(at as u64));
		let before: Vec<f64> = (0..MEMBERS.len()).map(|at| worth(chain, at)).collect();
		while market.proposers.left != Some(0) || chain.rollup().pending > 0 {
			add_odds(chain, &mut sums);
			let block = babe.honest();
			market.pass_block(chain, block.output);
			for draw in chain.draws() {
				let Ok((who, ..)) = draw.outcome else { continue };
				if let Some(sum) = sums.get_mut((who - honest(0)) as usize) {
					sum.drawn += 1;
				}
			}
		}
		finish(chain, &mut market, &mut babe);
		for (at, sum) in sums.iter_mut().enumerate() {
			sum.income = worth(chain, at) - before[at];
		}
		sums
	})
}

/// Adds the odds of the draws of the next block. Nothing can change before them.
fn add_odds(chain: &Chain, sums: &mut [Sums]) {
	let mut known: HashMap<PricePerGas, Vec<(AccountId, f64)>> = HashMap::new();
	for (_, fee) in due_in(chain, 1) {
		let shares = known.entry(fee).or_insert_with(|| chain.shares(fee));
		for (who, share) in shares.iter() {
			if let Some(sum) = sums.get_mut((who - honest(0)) as usize) {
				sum.odds += share;
				sum.variance += share * (1.0 - share);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Within 1 % of all income, and within what lots explain: four standard deviations.
	#[test]
	fn income_follows_weight() {
		let shares = measure(&Parameters::demo(), 20_000, 1);
		assert_eq!(shares.blocks, 20_000);
		let stakes: Balance = MEMBERS.iter().map(|(tokens, _)| tokens).sum();
		for row in &shares.rows {
			assert!((row.income - row.weight).abs() < 2.0 * row.half_width, "{row:?}");
			assert!((row.income - row.weight).abs() < 0.01, "{row:?}");
			assert!((row.draws - row.income).abs() < 0.001, "{row:?}");
			// Capacity is never short, but for the smallest.
			let stake = row.tokens as f64 / stakes as f64;
			assert!((row.weight - stake).abs() < 0.01, "{row:?} {stake}");
		}
	}
}
