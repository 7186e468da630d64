//! Replacing the last block before a draw.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	parameters::BLOCK_FEES,
	runtime::UNIT,
	steering::{best_path, pay_replaced, Stakes},
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "replacing",
	words: "An author with a quarter of the slots has a quarter of the pool's weight. Where another author's \
	        secondary block completes the seed of a draw that it does not win, and the next slot is its own by a \
	        primary claim, it builds beside that block instead of on it. The fork choice counts primary blocks \
	        and drops the other's, so that its own output completes the seed. It gives up nothing, and the \
	        transactions of the dropped block come into its own. It gets their fees, so it does this also where \
	        it wins the draw. The control builds on every block.",
	variable: Variable {
		name: "share of primary slots",
		demo: 0.25,
		values: &[0.1, 0.25, 0.5, 0.75, 0.9, 1.0],
		whole: false,
	},
	expected: Expected::Gains,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 400,
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
		babe.primary_probability = case.value;
		let margin = f64::from(world.price) - world.profile.cost_per_gas;
		let stakes = Stakes {
			draw: chain.cost(world.list.gas_used, 1) as f64 * margin / UNIT as f64,
			withheld: 0.0,
			replaced: BLOCK_FEES,
		};
		while chain.counts().proposed < BLOCKS {
			let mut paths = babe.paths(0);
			paths.retain(|path| path.withheld == 0);
			if !case.attack {
				paths.truncate(1);
			}
			let Some(path) = best_path(chain, &paths, &[ATTACKER], stakes) else { break };
			pay_replaced(chain, path, BLOCK_FEES);
			for block in &path.blocks {
				market.pass_block(chain, block.output);
			}
			babe.take(path);
		}
		finish(chain, market, &mut babe);
	})
}
