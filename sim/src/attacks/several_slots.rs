//! Choosing among all chains that several slots in a row allow.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::{Babe, LOOK_AHEAD},
	parameters::BLOCK_FEES,
	runtime::UNIT,
	steering::{best_path, pay_replaced, Stakes},
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};

const WORDS: &str = "An author with a third of the slots has a third of the pool's weight. It publishes or leaves \
	out each of its blocks, and replaces secondary blocks of others: with k slots in a row it knows the seeds of up \
	to 2^k chains, and takes the one in which it earns most by draws and by the fees of blocks: it gives up those of a \
	block that it leaves out, and gets those of a block that it replaces. What it gains on the demo chain, it gains by \
	replacing. The control publishes every block on the last one.";

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "several-slots",
		words: WORDS,
		variable: Variable {
			name: "slots in a row that it makes use of",
			demo: LOOK_AHEAD as f64,
			values: &[1.0, 2.0, 3.0, LOOK_AHEAD as f64],
			whole: true,
		},
		expected: Expected::Gains,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 60,
		run: |case| run(case, case.value as u32, u32::MAX, BLOCK_FEES),
	},
	Attack {
		name: "several-slots-reward",
		words: "The same with up to six slots in a row, but only by leaving blocks out, on a chain that pays for \
		        its blocks: the author gives up the reward of each block that it leaves out.",
		variable: Variable {
			name: "what a block of the chain earns its author, in tokens",
			demo: BLOCK_FEES,
			values: &[0.0, 0.005, 0.01, 0.02, 0.05, BLOCK_FEES],
			whole: false,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 60,
		run: |case| run(case, LOOK_AHEAD, 0, case.value),
	},
];

/// The attacker's share of the slots, and of the weight.
const SHARE: f64 = 1.0 / 3.0;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case, look_ahead: u32, most_replaced: u32, reward: f64) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.add_attacker(0, SHARE, world.price, 64);
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, SHARE, OTHER_AUTHORS, case.seed);
		babe.look_ahead = look_ahead;
		let margin = f64::from(world.price) - world.profile.cost_per_gas;
		let stakes = Stakes {
			draw: chain.cost(world.list.gas_used, 1) as f64 * margin / UNIT as f64,
			withheld: reward,
			replaced: reward,
		};
		while chain.counts().proposed < BLOCKS {
			let mut paths = babe.paths(0);
			paths.retain(|path| path.replaced <= most_replaced);
			if !case.attack {
				paths.truncate(1);
			}
			let Some(path) = best_path(chain, &paths, &[ATTACKER], stakes) else { break };
			// Not what each block earns: a run with empty slots has more slots, and so more of them.
			chain.pay_tokens(ATTACKER, -f64::from(path.withheld) * reward);
			pay_replaced(chain, path, reward);
			for block in &path.blocks {
				market.pass_block(chain, block.output);
			}
			babe.take(path);
		}
		finish(chain, market, &mut babe);
	})
}
