//! Declaring more capacity than there are machines.

use crate::{
	agents::Profile,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	world::{finish, pass, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "overstated-capacity",
	words: "A prover has a quarter of the pool's weight and four machines, which need eight blocks for a proof. \
	        Proposals come twice as fast as they can prove their share. It declares a multiple of four as its \
	        capacity, and proves what it is assigned in the order of the draws. The control declares four.",
	variable: Variable {
		name: "declared capacity as a multiple of the machines",
		demo: 4.0,
		values: &[1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 2_000,
	why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
	smoke_runs: 8,
	run,
}];

/// The attacker's share of the weight.
const SHARE: f64 = 0.25;
/// Its machines.
const MACHINES: u32 = 4;
/// The time for a proof, in blocks.
const DELAY: u64 = 8;
/// Proposals in a block.
const DEMAND: f64 = 4.0;
/// Proposals in a run.
const BLOCKS: u64 = 400;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.demand = DEMAND;
	world.profile.delay = DELAY;
	// What the average delay comes to: a claim is made in the block after the draw at the earliest.
	world.parameters.first_delay = DELAY + 1;
	let declared = if case.attack { case.value * f64::from(MACHINES) } else { f64::from(MACHINES) };
	world.add_attacker(0, SHARE, world.price, declared.round() as u32);
	world.attackers_work = Some(Profile { machines: MACHINES, ..world.profile });
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		while chain.counts().proposed < BLOCKS {
			pass(chain, market, &mut babe, 1);
		}
		finish(chain, market, &mut babe);
	})
}
