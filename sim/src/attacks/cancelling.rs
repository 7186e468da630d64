//! Unprovable lists: a skip cancels the work of all behind it.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::List,
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "cancelling",
	words: "A vandal proposes an empty block whose list takes longer to prove than its gas suggests, and another \
	        when that one is settled. If even volunteers, who are as fast as provers, cannot prove it before it \
	        expires, it is skipped, and all behind it is cancelled: provers have worked for nothing. The control \
	        proposes nothing.",
	variable: Variable {
		name: "time and cost of the proof, as a multiple of what its gas suggests",
		demo: 1.0,
		values: &[1.0, 8.0, 12.0, 30.0, 49.0, 60.0, 100.0],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 2_000,
	why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
	smoke_runs: 10,
	run,
}];

/// The blocks of the chain in a run.
const BLOCKS: u64 = 300;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.first_delay = 3;
	let slow = List { effort: case.value, ..List::of(0) };
	world.run(&[ATTACKER], |chain, market| {
		for rescuer in &mut market.rescuers {
			rescuer.delay = world.profile.delay;
		}
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut last = None;
		while chain.counts().chain_blocks < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			let waits = last.is_some_and(|block_id| chain.block(block_id).is_some());
			if case.attack && !waits {
				last = chain.propose(ATTACKER, slow, u32::MAX).ok();
			}
		}
		finish(chain, market, &mut babe);
	})
}
