//! Claims on wrong parents, with bonds.

use crate::{
	agents::Profile,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{execute, Chain},
	runtime::*,
	world::{finish, honest, pay_for_proof, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::BlockId;
use sp_core::H256;
use std::collections::BTreeMap;

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "wrong-parents",
	words: "One prover of eight misses all its blocks. In the first moment in which anybody may prove such a \
	        block, before all others, a vandal makes three claims on three parents that it made up, each with a \
	        valid proof and a bond. A rescuer proves the block on the right parent. The control makes no claims.",
	variable: Variable {
		name: "ProofBond, in tokens",
		demo: 1.0,
		values: &[0.0, 0.01, 0.1, 1.0, 10.0],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 20,
	run,
}];

/// Proposals in a run.
const BLOCKS: u64 = 40;
/// Wrong claims on each block: as many as would take all places if parents shared them.
const CLAIMS: u64 = 3;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.proof_bond = (case.value * UNIT as f64) as Balance;
	// The prover that fails is not suspended, so that there are blocks to vandalise.
	world.parameters.max_misses = 0;
	let cost_per_gas = world.profile.cost_per_gas;
	world.run(&[ATTACKER], |chain, market| {
		market.provers.set(honest(0), Profile { works: false, ..world.profile });
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut due: BTreeMap<BlockNumber, Vec<BlockId>> = BTreeMap::new();
		while chain.counts().proposed < BLOCKS || !due.is_empty() {
			if chain.counts().proposed >= BLOCKS {
				market.proposers.per_block = 0.0;
			}
			let block = babe.honest();
			chain.pass_block(block.output);
			let (now, clock) = (chain.now(), chain.clock());
			for draw in chain.draws() {
				let late = match draw.outcome {
					Ok((who, _, deadline)) if who == honest(0) => now + 1 + deadline - clock,
					_ => continue,
				};
				due.entry(late).or_default().push(draw.block_id);
			}
			for block_id in due.remove(&now).unwrap_or_default() {
				if case.attack {
					vandalise(chain, block_id, cost_per_gas);
				}
			}
			market.act(chain);
		}
		finish(chain, market, &mut babe);
	})
}

fn vandalise(chain: &mut Chain, block_id: BlockId, cost_per_gas: f64) {
	let list = chain.list(block_id);
	for index in 1..=CLAIMS {
		let parent_hash = H256::from_low_u64_be(index);
		let block_hash = execute(parent_hash, block_id);
		if chain.claim(ATTACKER, block_id, parent_hash, block_hash, list.gas_used).is_ok() {
			pay_for_proof(chain, ATTACKER, list, cost_per_gas);
		}
	}
}
