//! Proposing blocks for one's own prover.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	runtime::UNIT,
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::PricePerGas;

const SHARE: Variable = Variable {
	name: "the attacker's share of the stake",
	demo: 0.25,
	values: &[0.1, 0.25, 0.5, 0.75, 0.9],
	whole: false,
};

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "self-propose",
		words: "A prover proposes a full block of its own in each block of the chain, besides those of others, \
		        to be drawn for it. The control only proves. The block itself is worth nothing to it.",
		variable: SHARE,
		expected: Expected::Loses,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 12,
		run: |case| run(case, case.parameters.first_fee_per_gas, 1, 40, 40),
	},
	Attack {
		name: "self-propose-fee",
		words: "A prover asks the upper end of the band. For a hundred blocks of the chain it proposes four full \
		        blocks of its own in each, so that the average of agreed prices moves faster, and earns by the \
		        new fee in the next hundred. The control asks the same and only proves. Others ask the first fee \
		        throughout, and proposers accept any.",
		variable: SHARE,
		expected: Expected::Loses,
		runs: 2_000,
		why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
		smoke_runs: 4,
		run: |case| run(case, PricePerGas::MAX, 4, 100, 200),
	},
];

/// Runs `blocks` blocks of the chain, with `own` proposals of the attacker's in each of the first
/// `proposing`.
fn run(case: &Case, price: PricePerGas, own: u64, proposing: u64, blocks: u64) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	// Enough for the largest capacity, whatever the share.
	world.stake = 10_000 * UNIT;
	let capacity = world.parameters.max_capacity;
	world.add_attacker(0, case.value, price, capacity);
	let list = world.list;
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		while chain.counts().chain_blocks < blocks {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			if case.attack && chain.counts().chain_blocks <= proposing {
				for _ in 0..own {
					let _ = chain.propose(ATTACKER, list, u32::MAX);
				}
			}
		}
		finish(chain, market, &mut babe);
	})
}
