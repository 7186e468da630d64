//! A claim on a made-up parent, which returns capacity before the work is done.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{execute, Chain, List},
	world::{finish_with, pay_for_proof, World, ATTACKER, OTHER_AUTHORS},
};
use sp_core::H256;

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "early-release",
	words: "A member with a ninth of the stake and the smallest capacity claims each of its blocks as soon as it \
	        is drawn, on a parent that it made up: one without accounts, so that the proof costs no more than \
	        that of an empty block. The claim returns its capacity, and it is drawn again. It replaces each claim \
	        by the right one within the window. All members have that capacity, and need eight blocks for a \
	        proof; the pool is busy from four proposals in each block on. The control claims rightly at once.",
	variable: Variable {
		name: "proposals in each block of the chain",
		demo: 1.0,
		values: &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 2_000,
	why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
	smoke_runs: 100,
	run,
}];

/// The blocks of the chain in a run.
const BLOCKS: u64 = 60;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	let capacity = world.parameters.min_capacity;
	world.capacity = capacity;
	world.demand = case.value;
	world.proposers = 8;
	world.profile.delay = 8;
	world.parameters.first_delay = 9;
	world.add_attacker(0, 1.0 / 9.0, world.price, capacity);
	let cost_per_gas = world.profile.cost_per_gas;
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut drawn = Vec::new();
		let mut act = |chain: &mut Chain| {
			// Those of the last block: a prover sees its draw when the block is made.
			for block_id in std::mem::take(&mut drawn) {
				let parent_hash = H256::from_low_u64_be(block_id);
				let block_hash = execute(parent_hash, block_id);
				let gas_used = chain.list(block_id).gas_used;
				if chain.claim(ATTACKER, block_id, parent_hash, block_hash, gas_used).is_ok() {
					pay_for_proof(chain, ATTACKER, List::of(0), cost_per_gas);
				}
			}
			let mine = chain
				.draws()
				.iter()
				.filter(|draw| case.attack && draw.outcome.is_ok_and(|(who, ..)| who == ATTACKER));
			drawn.extend(mine.map(|draw| draw.block_id));
		};
		while chain.counts().chain_blocks < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			act(chain);
		}
		finish_with(chain, market, &mut babe, act);
	})
}
