//! How the prices that provers ask move the fee.
//!
//! Draws are by weights of stake / price², and the fee follows the prices agreed. In this module one group of
//! provers asks one price and all others another, both in multiples of the fee.

use crate::{
	attack::{Case, Outcome},
	babe::Babe,
	chain::Chain,
	parameters::Parameters,
	runtime::*,
	world::{finish, honest, pass, proposer, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::PricePerGas;

/// The lower end of the price band, in multiples of the fee.
pub const FLOOR: f64 = 0.75;
/// The upper end.
pub const CEILING: f64 = 1.25;

/// A price that the pool takes as the lower end of the band, whatever the fee.
pub const ASKS_LEAST: PricePerGas = 1;
/// A price that the pool takes as the upper end.
pub const ASKS_MOST: PricePerGas = PricePerGas::MAX;

/// Returns the share of all draws of a group with this share of the stake.
pub fn share_of_draws(stake: f64, price: f64, others: f64) -> f64 {
	let weight = stake / (price * price);
	weight / (weight + (1.0 - stake) / (others * others))
}

/// Returns the average of the prices agreed, in multiples of the fee. The fee falls if it is below 1.
pub fn mean_price(stake: f64, price: f64, others: f64) -> f64 {
	let share = share_of_draws(stake, price, others);
	share * price + (1.0 - share) * others
}

/// Returns the share of the stake at which the average of the prices agreed is the fee.
pub fn balance(price: f64, others: f64) -> f64 {
	let share = (others - 1.0) / (others - price);
	let stake = share * price * price;
	stake / (stake + (1.0 - share) * others * others)
}

/// Returns by which share the fee moves in a block of the chain, if `demand` full blocks of the rollup are
/// settled in it, each `lag` blocks after its request. Negative if the fee falls.
///
/// A price is agreed at the fee of the request. The share is that of the growth e^(g·t) that keeps itself up:
/// g = (1 − (1 − 1 / averaging factor)^demand) · (mean · e^(−g·lag) − 1), by bisection; at most `MaxFeeStep`.
pub fn growth(parameters: &Parameters, mean: f64, demand: f64, lag: f64) -> f64 {
	let step = parameters.max_fee_step.deconstruct() as f64 / 1e9;
	let of_all = 1.0 - (1.0 - 1.0 / f64::from(parameters.averaging_factor)).powf(demand);
	let excess = |growth: f64| of_all * (mean * (-growth * lag).exp() - 1.0) - growth;
	let (mut low, mut high) = (-1.0, 1.0);
	for _ in 0..100 {
		let middle = (low + high) / 2.0;
		// The excess falls with the growth.
		if excess(middle) > 0.0 {
			low = middle;
		} else {
			high = middle;
		}
	}
	low.clamp(-step, step)
}

/// From a request to its settlement with the demo's parameters and provers that need two blocks: the draw in
/// the fourth block, the claim in the third after it, the cooldown, and the block that sees the new fee.
pub const LAG: f64 = 13.0;

/// Blocks of the chain in a run.
const BLOCKS: u64 = 1_000;
/// Proposals in each.
const DEMAND: f64 = 2.0;

/// Returns a market in which the attacker has this share of the stake and asks `price`.
fn world(parameters: &Parameters, share: f64, price: PricePerGas) -> World {
	let mut world = World::with(parameters.clone());
	world.demand = DEMAND;
	world.add_attacker(0, share, price, 0);
	let member = &mut world.attackers[0];
	let most = member.stake / parameters.min_stake_per_capacity.max(1);
	member.capacity = parameters.max_capacity.min(u32::try_from(most).unwrap_or(u32::MAX));
	world
}

/// Whose loss counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Victims {
	/// The other provers.
	Provers,
	/// The proposers.
	Proposers,
}

/// Runs a market in which the attacker, whose share of the stake is the case's value, asks `price`; in the
/// control what the others ask.
pub fn push(case: &Case, price: PricePerGas, victims: Victims) -> Outcome {
	let first_fee = case.parameters.first_fee_per_gas;
	let price = if case.attack { price } else { first_fee };
	let world = world(&case.parameters, case.value, price);
	let victims: Vec<AccountId> = match victims {
		Victims::Provers => (0..world.provers).map(honest).collect(),
		Victims::Proposers => (0..world.proposers).map(proposer).collect(),
	};
	let mut loss = 0.0;
	let outcome = world.run(&[ATTACKER], |chain, market| {
		let before = chain.worth_of(&victims);
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut paused = false;
		for _ in 0..BLOCKS {
			pass(chain, market, &mut babe, 1);
			pause_at_a_loss(chain, &world, &mut paused);
		}
		finish(chain, market, &mut babe);
		loss = before - chain.worth_of(&victims);
	});
	Outcome { loss, ..outcome }
}

/// Pauses all honest provers while not even the upper end of the band pays for a proof.
fn pause_at_a_loss(chain: &mut Chain, world: &World, paused: &mut bool) {
	let at_a_loss = f64::from(chain.fee()) * CEILING < world.profile.cost_per_gas;
	if at_a_loss == *paused {
		return;
	}
	*paused = at_a_loss;
	for who in (0..world.provers).map(honest) {
		let _ = if at_a_loss { chain.pause(who) } else { chain.resume(who) };
	}
}

/// How far a group moved the fee.
#[derive(Clone, Debug, PartialEq)]
pub struct Pushed {
	/// The fee at the end of every block, the first fee first, until it reaches one of its limits.
	pub fees: Vec<PricePerGas>,
}

impl Pushed {
	/// Returns by which share the fee moved in a block, on average from the block `from` on.
	pub fn growth(&self, from: usize) -> f64 {
		let (Some(first), Some(last)) = (self.fees.get(from), self.fees.last()) else { return 0.0 };
		let blocks = self.fees.len().saturating_sub(from + 1).max(1) as f64;
		(f64::from(*last) / f64::from(*first)).ln() / blocks
	}
}

/// Runs a market for `blocks` blocks of the chain with `demand` full blocks of the rollup in each, in which a
/// share of the stake asks `price` and all others `others`.
pub fn measure(
	parameters: &Parameters,
	share: f64,
	price: PricePerGas,
	others: PricePerGas,
	demand: f64,
	blocks: u64,
	seed: u64,
) -> Pushed {
	let mut world = world(parameters, share, price);
	world.price = others;
	world.demand = demand;
	world.setup().run(|chain| {
		let mut market = world.market();
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		let mut fees = vec![chain.fee()];
		for _ in 0..blocks {
			pass(chain, &mut market, &mut babe, 1);
			let fee = chain.fee();
			if fee <= parameters.min_fee_per_gas || fee >= parameters.max_fee_per_gas {
				break;
			}
			fees.push(fee);
		}
		Pushed { fees }
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The shares that the documentation names.
	#[test]
	fn the_fee_stands_still_at_the_shares_that_the_rules_name() {
		assert!((balance(FLOOR, CEILING) - 0.2647).abs() < 1e-4);
		assert!((balance(CEILING, FLOOR) - 0.7353).abs() < 1e-4);
		assert!((mean_price(0.4, FLOOR, CEILING) - 0.925).abs() < 1e-3);
	}

	/// Without a lag, 7.5 % divided by the averaging factor in each block: halved in an hour and a half.
	#[test]
	fn growth_without_a_lag_is_the_step_of_the_average() {
		let parameters = Parameters::demo();
		let mean = mean_price(0.4, FLOOR, CEILING);
		let growth = growth(&parameters, mean, 1.0, 0.0);
		assert!((growth - (mean - 1.0) / 100.0).abs() < 1e-9, "{growth}");
		// 16 blocks of the rollup in each would move it by more than a step.
		assert_eq!(super::growth(&parameters, mean, 16.0, 0.0), -0.01);
	}

	/// The market moves the fee as the formula says, down and up.
	#[test]
	fn the_fee_moves_as_the_formula_says() {
		let parameters = Parameters::demo();
		for (share, price, others) in [
			(0.4, ASKS_LEAST, ASKS_MOST),
			(0.15, ASKS_LEAST, ASKS_MOST),
			(0.9, ASKS_MOST, ASKS_LEAST),
		] {
			let pushed = measure(&parameters, share, price, others, 1.0, 600, 1);
			let of = |price| if price == ASKS_LEAST { FLOOR } else { CEILING };
			let mean = mean_price(share, of(price), of(others));
			let expected = growth(&parameters, mean, 1.0, LAG);
			let measured = pushed.growth(50);
			assert_eq!(measured < 0.0, expected < 0.0, "{share}: {measured} {expected}");
			assert!((measured / expected - 1.0).abs() < 0.25, "{share}: {measured} {expected}");
		}
	}
}
