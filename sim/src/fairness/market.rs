//! Fee and utilisation with provers that enter and leave by profit.
//!
//! The pool does not set the fee by demand: it follows the prices agreed. A prover's margin over its weight is
//! (e − c) / e², which is largest at e = 2c: each asks twice its costs, within the band. It is a member while
//! its share of all draws pays for its capital. More demand then makes room for provers with higher costs,
//! and their prices lift the fee.

use crate::{
	agents::{self, Profile},
	babe::Babe,
	chain::Chain,
	parameters::Parameters,
	pricing::{CEILING, FLOOR},
	runtime::*,
	world::{honest, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::{Capacity, PricePerGas};

/// What is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
	/// Accounts that may be members.
	pub firms: u64,
	/// How many are at first: those with the lowest costs.
	pub members: u64,
	/// The stake of each, in base units.
	pub stake: Balance,
	/// The capacity of each.
	pub capacity: Capacity,
	/// Blocks that a proof takes.
	pub delay: BlockNumber,
	/// The lowest and the highest cost of a proof, in parts of the first fee.
	pub costs: (f64, f64),
	/// What capital costs, in parts of the stake per block. It stands for a year's interest at a
	/// rate that makes a run short.
	pub capital_cost: f64,
	/// Proposals per block in each phase.
	pub demands: Vec<f64>,
	/// The blocks of each phase.
	pub phase: BlockNumber,
	/// The time between two decisions of a firm.
	pub period: BlockNumber,
}

impl Default for Market {
	fn default() -> Self {
		Self {
			firms: 64,
			members: 16,
			stake: 200 * UNIT,
			capacity: 8,
			delay: 10,
			costs: (0.3, 0.9),
			capital_cost: 1e-5,
			demands: vec![1.0, 3.0, 0.5, 1.0],
			phase: 4_000,
			period: 100,
		}
	}
}

/// What is seen at the end of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
	/// Blocks of the chain since the beginning.
	pub block: BlockNumber,
	/// The fee per gas.
	pub fee: f64,
	/// The members.
	pub members: u64,
	/// The share of all capacity that is in use.
	pub utilisation: f64,
	/// Verified per block in the period.
	pub verified: f64,
}

/// Means over the second half of a phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
	/// Proposals per block.
	pub demand: f64,
	/// The fee per gas.
	pub fee: f64,
	/// The members.
	pub members: f64,
	/// The share of all capacity that is in use.
	pub utilisation: f64,
	/// Verified per block.
	pub verified: f64,
	/// The equilibrium by the formula.
	pub equilibrium: Equilibrium,
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
	/// All samples.
	pub samples: Vec<Sample>,
	/// All phases.
	pub phases: Vec<Phase>,
}

/// A firm. Prices are per gas.
#[derive(Clone, Copy, Debug)]
struct Firm {
	who: AccountId,
	cost: f64,
	is_member: bool,
}

impl Firm {
	/// Returns the price that is agreed at this fee.
	fn price(&self, fee: f64) -> f64 {
		(2.0 * self.cost).clamp(FLOOR * fee, CEILING * fee)
	}

	/// Returns its weight at this fee, without its stake: all stakes are equal.
	fn weight(&self, fee: f64) -> f64 {
		self.price(fee).powi(-2)
	}
}

/// Runs a market.
pub fn run(market: &Market, seed: u64) -> Run {
	let mut world = World::demo();
	world.provers = market.firms;
	world.stake = market.stake;
	world.capacity = market.capacity;
	let first_fee = f64::from(world.parameters.first_fee_per_gas);
	let (low, high) = market.costs;
	let step = (high - low) / (market.firms - 1).max(1) as f64;
	let mut firms: Vec<Firm> = (0..market.firms)
		.map(|at| Firm {
			who: honest(at),
			cost: (low + step * at as f64) * first_fee,
			is_member: at < market.members,
		})
		.collect();
	let all = firms.clone();
	let mut setup = world.setup();
	setup.members.truncate(market.members as usize);
	for (member, firm) in setup.members.iter_mut().zip(&firms) {
		member.price = asked(firm);
	}
	setup.run(|chain| {
		let mut agents = world.market();
		for firm in &firms {
			let profile =
				Profile { delay: market.delay, cost_per_gas: firm.cost, ..Profile::default() };
			agents.provers.set(firm.who, profile);
		}
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, seed);
		let mut result = Run { samples: Vec::new(), phases: Vec::new() };
		for demand in &market.demands {
			agents.proposers.per_block = *demand;
			let periods = (market.phase / market.period.max(1)) as usize;
			for _ in 0..periods {
				let block = result.samples.len() as BlockNumber * market.period;
				let sample = pass_period(market, chain, &mut agents, &mut babe, block);
				result.samples.push(sample);
				decide(market, chain, &mut firms, *demand);
			}
			let from = result.samples.len() - (periods - periods / 2);
			let half = &result.samples[from..];
			let mean = |of: fn(&Sample) -> f64| {
				half.iter().map(of).sum::<f64>() / half.len().max(1) as f64
			};
			result.phases.push(Phase {
				demand: *demand,
				fee: mean(|it| it.fee),
				members: mean(|it| it.members as f64),
				utilisation: mean(|it| it.utilisation),
				verified: mean(|it| it.verified),
				equilibrium: equilibrium(market, &all, *demand, first_fee),
			});
		}
		result
	})
}

/// Returns what a firm asks: twice its cost.
fn asked(firm: &Firm) -> PricePerGas {
	(2.0 * firm.cost) as PricePerGas
}

/// A fee and a number of members that keep themselves up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equilibrium {
	/// The fee per gas: the average of the prices agreed at this fee.
	pub fee: f64,
	/// The firms with the lowest costs of which the last one still earns its cost of capital.
	pub members: u64,
}

/// Returns the equilibrium of these firms, ordered by their costs.
fn equilibrium(market: &Market, firms: &[Firm], demand: f64, first_fee: f64) -> Equilibrium {
	let mut found = Equilibrium { fee: first_fee, members: 0 };
	for (at, last) in firms.iter().enumerate() {
		let members = &firms[..=at];
		let fee = average_price(members, first_fee);
		let total: f64 = members.iter().map(|firm| firm.weight(fee)).sum();
		let odds = last.weight(fee) / total;
		if profit(last, demand, odds, fee) < market.capital_cost * market.stake as f64 {
			break;
		}
		found = Equilibrium { fee, members: at as u64 + 1 };
	}
	found
}

/// Returns the fee that is the average of the prices agreed at it.
fn average_price(members: &[Firm], first_fee: f64) -> f64 {
	const STEPS: u32 = 200;
	let mut fee = first_fee;
	for _ in 0..STEPS {
		let total: f64 = members.iter().map(|firm| firm.weight(fee)).sum();
		fee = members.iter().map(|firm| firm.price(fee) * firm.weight(fee)).sum::<f64>() / total;
	}
	fee
}

/// Returns what a firm expects to earn in a block with this share of the draws, in base units.
fn profit(firm: &Firm, demand: f64, odds: f64, fee: f64) -> f64 {
	let parameters = Parameters::demo();
	let gas = f64::from(parameters.base_gas) + f64::from(parameters.max_gas_limit);
	demand * odds * (firm.price(fee) - firm.cost) * gas
}

fn pass_period(
	market: &Market,
	chain: &mut Chain,
	agents: &mut agents::Market,
	babe: &mut Babe,
	before: BlockNumber,
) -> Sample {
	let verified = chain.counts().verified;
	let mut utilisation = 0.0;
	for _ in 0..market.period {
		agents.pass_block(chain, babe.honest().output);
		let members = ProverPool::get_provers(1, pallet_prover_pool::MAX_PAGE);
		let all: u64 = members.iter().map(|row| u64::from(row.offer.max_capacity)).sum();
		let free: u64 = members.iter().map(|row| u64::from(row.current_capacity)).sum();
		utilisation += 1.0 - free as f64 / all.max(1) as f64;
	}
	Sample {
		block: before + market.period,
		fee: f64::from(chain.fee()),
		members: ProverPool::get_provers(1, pallet_prover_pool::MAX_PAGE).len() as u64,
		utilisation: utilisation / market.period as f64,
		verified: (chain.counts().verified - verified) as f64 / market.period as f64,
	}
}

/// Lets all firms decide, those with the lowest costs first. Each sees who is a member.
fn decide(market: &Market, chain: &mut Chain, firms: &mut [Firm], demand: f64) {
	/// Who enters wants this much more than its cost of capital, or it would leave again at once.
	const CAUTION: f64 = 1.1;
	let fee = f64::from(chain.fee());
	let capital = market.capital_cost * market.stake as f64;
	for at in 0..firms.len() {
		let firm = firms[at];
		let others = firms.iter().filter(|it| it.is_member && it.who != firm.who);
		let others: f64 = others.map(|it| it.weight(fee)).sum();
		let odds = firm.weight(fee) / (others + firm.weight(fee));
		let profit = profit(&firm, demand, odds, fee);
		let member = match firm.is_member {
			false if profit > CAUTION * capital => {
				chain.stake(firm.who, market.stake, asked(&firm), market.capacity).is_ok()
			},
			// Refused for `MinChangeDelay` after the entry.
			true if profit < capital => chain.exit(firm.who).is_err(),
			is_member => is_member,
		};
		firms[at].is_member = member;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// More demand brings more members and a higher fee, and less brings both back. The rollup keeps up.
	#[test]
	fn members_and_fee_follow_demand() {
		let market = Market { demands: vec![0.5, 2.0, 0.5], phase: 2_000, ..Market::default() };
		let run = run(&market, 1);
		let [low, high, again] = run.phases[..] else { panic!("{run:?}") };
		assert!(high.members > 1.5 * low.members, "{low:?} {high:?}");
		assert!(again.members < 0.75 * high.members, "{high:?} {again:?}");
		assert!(high.fee > low.fee, "{low:?} {high:?}");
		for phase in run.phases {
			assert!((phase.verified / phase.demand - 1.0).abs() < 0.05, "{phase:?}");
			assert!((0.02..0.9).contains(&phase.utilisation), "{phase:?}");
			let Equilibrium { fee, members } = phase.equilibrium;
			assert!((phase.members - members as f64).abs() < 4.0, "{phase:?}");
			assert!((phase.fee / fee - 1.0).abs() < 0.05, "{phase:?}");
		}
	}
}
