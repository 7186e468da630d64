//! Withholding the last block before a draw.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	parameters::BLOCK_FEES,
	steering::{best_path, Stakes},
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "withholding",
	words: "An author with a quarter of the slots has a quarter of the pool's weight. It foresees the \
	        outputs of its own blocks. Where one of them would complete the seed of a draw that another \
	        prover wins, it leaves the slot empty, so that the next author's output decides; with several \
	        slots in a row it takes the best of all chains that it can make. It gives up the reward of each \
	        block that it leaves out: on the demo chain, the fees of its transactions. The control publishes \
	        every block.",
	variable: Variable {
		name: "what a block of the chain earns its author, in tokens",
		demo: BLOCK_FEES,
		values: &[0.0, 0.005, 0.01, 0.02, 0.05, BLOCK_FEES],
		whole: false,
	},
	expected: Expected::Nothing,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 150,
	run,
}];

/// The attacker's share of the slots, and of the weight.
const SHARE: f64 = 0.25;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.add_attacker(0, SHARE, world.price, 64);
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, SHARE, OTHER_AUTHORS, case.seed);
		let reward = case.value;
		let margin = f64::from(world.price) - world.profile.cost_per_gas;
		let stakes = Stakes {
			draw: chain.cost(world.list.gas_used, 1) as f64 * margin / crate::runtime::UNIT as f64,
			// The next block takes up the transactions, and is the attacker's with its share.
			withheld: (1.0 - SHARE) * reward,
			replaced: 0.0,
		};
		while chain.counts().proposed < BLOCKS {
			let mut paths = babe.paths(0);
			paths.retain(|path| path.replaced == 0);
			if !case.attack {
				paths.truncate(1);
			}
			let Some(path) = best_path(chain, &paths, &[ATTACKER], stakes) else { break };
			for block in &path.blocks {
				chain.pay_tokens(babe.authors[block.author].who, reward);
				market.pass_block(chain, block.output);
			}
			babe.take(path);
		}
		finish(chain, market, &mut babe);
	})
}
