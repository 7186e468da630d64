//! Splitting one stake into many slots, and merging many into one.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Member,
	runtime::*,
	world::{attacker, finish, pass, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "splitting",
		words: "A prover with a fifth of all stake and a capacity of 64 divides both among many accounts with \
		        the same price. The control keeps them in one.",
		variable: Variable {
			name: "slots",
			demo: 16.0,
			values: &[2.0, 4.0, 16.0],
			whole: true,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 200,
		run: |case| run(case, slots_if(case.attack, case)),
	},
	Attack {
		name: "merging",
		words: "A prover with a fifth of all stake and a capacity of 64 joins many slots in one. The control \
		        keeps as many slots of equal size.",
		variable: Variable {
			name: "slots",
			demo: 16.0,
			values: &[2.0, 4.0, 16.0],
			whole: true,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 200,
		run: |case| run(case, slots_if(!case.attack, case)),
	},
];

/// The share of all stake.
const SHARE: f64 = 0.2;
/// The capacity in all.
const CAPACITY: u32 = 64;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn slots_if(many: bool, case: &Case) -> u64 {
	if many {
		case.value as u64
	} else {
		1
	}
}

fn run(case: &Case, slots: u64) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	let others = world.stake as f64 * world.provers as f64;
	let stake = (others * SHARE / (1.0 - SHARE)) as Balance;
	for index in 0..slots {
		world.attackers.push(Member {
			who: attacker(index),
			stake: stake / Balance::from(slots),
			price: world.price,
			capacity: CAPACITY / slots as u32,
		});
	}
	world.attackers_work = Some(world.profile);
	let accounts: Vec<_> = (0..slots).map(attacker).collect();
	world.run(&accounts, |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		pass(chain, market, &mut babe, BLOCKS);
		finish(chain, market, &mut babe);
	})
}
