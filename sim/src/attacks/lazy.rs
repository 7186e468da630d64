//! Proving at the last moment, or not at all.

use crate::{
	agents::Profile,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	serial_delay::fill_all_places,
	world::{finish, pass, World, ATTACKER, OTHER_AUTHORS},
};

const SHARE: Variable =
	Variable { name: "share of the stake", demo: 0.1, values: &[0.05, 0.1, 0.25], whole: false };

const WHY_FEWER: &str =
	"A run is some six hundred blocks of the rollup, as delays show only where every place for \
	waiting blocks is taken.";

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "lazy",
		words: "Proposers fill every place for blocks that wait. A prover claims in the last block of each of \
		        its windows, so that its machines have as much time as there is. All blocks behind its own \
		        wait for them. The control claims after two blocks.",
		variable: SHARE,
		expected: Expected::Loses,
		runs: 2_000,
		why_fewer: WHY_FEWER,
		smoke_runs: 4,
		run: |case| run(case, |honest| Profile { to_spare: Some(0), ..honest }),
	},
	Attack {
		name: "failing",
		words: "Proposers fill every place for blocks that wait. A prover never proves what is assigned to it, \
		        and saves the cost of its proofs. Its blocks are rescued, and its stake is slashed. The \
		        control proves.",
		variable: SHARE,
		expected: Expected::Loses,
		runs: 2_000,
		why_fewer: WHY_FEWER,
		smoke_runs: 4,
		run: |case| run(case, |honest| Profile { works: false, ..honest }),
	},
];

/// The attacker's capacity.
const CAPACITY: u32 = 16;
/// The blocks of the chain in which proposals are made.
const BLOCKS: u64 = 60;

fn run(case: &Case, slow: fn(Profile) -> Profile) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	fill_all_places(&mut world);
	world.add_attacker(0, case.value, world.price, CAPACITY);
	if case.attack {
		world.attackers_work = Some(slow(world.profile));
	}
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		pass(chain, market, &mut babe, BLOCKS);
		finish(chain, market, &mut babe);
	})
}
