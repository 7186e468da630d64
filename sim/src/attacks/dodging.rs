//! Dodging a slash.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	parameters::{DAYS, HOURS},
	runtime::*,
	world::{pass, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::{BlockId, Capacity};

const EXIT_PERIODS: Variable = Variable {
	name: "ExitPeriod, in blocks",
	demo: (7 * DAYS) as f64,
	values: &[1.0, 10.0, HOURS as f64, (7 * DAYS) as f64],
	whole: true,
};

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "dodging-by-exit",
		words: "A prover with a quarter of the stake does no work. When its windows run out it leaves the pool, \
		        and withdraws as soon as it can. The control does no work either, and stays. So what the \
		        attacker gains is what leaving saves.",
		variable: EXIT_PERIODS,
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, Dodge::Exit),
	},
	Attack {
		name: "dodging-by-unstake",
		words: "The same prover takes all but its minimum out of the stake, and withdraws as soon as it can.",
		variable: EXIT_PERIODS,
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, Dodge::Unstake),
	},
	Attack {
		name: "dodging-by-restake",
		words: "The same prover enters again with the largest capacity that its stake allows: a slash takes a \
		        share of the stake divided by the capacity. Here the slash of a block is 80 % of the \
		        stake divided by 16, more than four rewards.",
		variable: EXIT_PERIODS,
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, Dodge::Restake),
	},
	Attack {
		name: "dodging-by-discharge",
		words: "The same prover discharges its assignments itself as soon as they are old enough.",
		variable: Variable {
			name: "MaxLiability, in blocks",
			demo: (28 * DAYS) as f64,
			values: &[10.0, 30.0, 40.0, 45.0, 60.0, 100.0, (28 * DAYS) as f64],
			whole: true,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, Dodge::Discharge),
	},
];

/// How the prover tries to escape.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dodge {
	Exit,
	Unstake,
	Restake,
	Discharge,
}

/// The prover's share of the stake.
const SHARE: f64 = 0.25;
/// Its capacity.
const CAPACITY: Capacity = 16;
/// Proposals in a run.
const BLOCKS: u64 = 20;

fn run(case: &Case, dodge: Dodge) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	match dodge {
		Dodge::Discharge => world.parameters.max_liability = case.value as BlockNumber,
		_ => world.parameters.exit_period = case.value as BlockNumber,
	}
	if dodge == Dodge::Restake {
		world.parameters.slash_points = sp_runtime::Perbill::from_percent(80);
	}
	world.add_attacker(0, SHARE, world.price, CAPACITY);
	// It takes assignments, and never works.
	world.attackers_work = None;
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut mine = Vec::new();
		market.proposers.left = Some(BLOCKS);
		// All draws, so that both runs have the same.
		for _ in 0..BLOCKS + world.parameters.draw_delay + 1 {
			pass(chain, market, &mut babe, 1);
			let drawn = chain.draws().iter();
			let to_me = drawn.filter(|draw| matches!(draw.outcome, Ok((ATTACKER, ..))));
			mine.extend(to_me.map(|draw| draw.block_id));
		}
		if case.attack {
			begin(chain, dodge);
		}
		while chain.rollup().head < chain.rollup().next_id {
			pass(chain, market, &mut babe, 1);
			if case.attack {
				go_on(chain, dodge, &mine);
			}
		}
	})
}

fn begin(chain: &mut Chain, dodge: Dodge) {
	let stake = chain.staked(ATTACKER);
	let parameters = ProverPool::get_parameters();
	// All are possible: the prover is a member of the genesis.
	let _ = match dodge {
		Dodge::Exit => chain.exit(ATTACKER),
		Dodge::Unstake => {
			let minimum = parameters.min_stake_per_capacity * Balance::from(CAPACITY);
			chain.unstake(ATTACKER, stake - minimum)
		},
		Dodge::Restake => {
			let most = stake / parameters.min_stake_per_capacity;
			let most = parameters.max_capacity.min(Capacity::try_from(most).unwrap_or(CAPACITY));
			chain.stake(ATTACKER, stake, 1, most)
		},
		Dodge::Discharge => Ok(()),
	};
}

/// Refused until it is possible.
fn go_on(chain: &mut Chain, dodge: Dodge, mine: &[BlockId]) {
	if dodge == Dodge::Discharge {
		for block_id in mine {
			let _ = chain.self_discharge(ATTACKER, *block_id);
		}
	} else {
		let _ = chain.withdraw(ATTACKER);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::parameters::Parameters;

	fn case(attack: bool, value: u64) -> Case {
		Case { seed: 5, attack, value: value as f64, parameters: Parameters::demo() }
	}

	/// What is compared is not nothing: both are slashed four rewards for each block that they were
	/// assigned.
	#[test]
	fn who_dodges_is_slashed_as_who_stays() {
		for (dodge, demo) in [
			(Dodge::Exit, 7 * DAYS),
			(Dodge::Unstake, 7 * DAYS),
			(Dodge::Restake, 7 * DAYS),
			(Dodge::Discharge, 28 * DAYS),
		] {
			for value in [demo, 60] {
				let (attack, control) =
					(run(&case(true, value), dodge), run(&case(false, value), dodge));
				assert!(control.profit < -0.3, "{dodge:?} {control:?}");
				assert_eq!(attack.profit, control.profit, "{dodge:?} {value}");
			}
		}
	}

	/// With a liability shorter than the time in which the protocol settles, provers escape.
	#[test]
	fn a_short_liability_lets_provers_escape() {
		let profit = |attack| run(&case(attack, 30), Dodge::Discharge).profit;
		assert!(profit(true) > profit(false) + 0.3);
	}
}
