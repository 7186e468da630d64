//! Taking the pool's capacity with empty blocks, so that others' blocks are open.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{Chain, List},
	world::{finish_with, pay_for_proof, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::{BlockId, PricePerGas};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "crowding-out",
	words: "A prover without a stake proposes four empty blocks in each block of the chain, before the one full \
	        block of others. They take the capacity of the pool, which has 32 units and needs eight blocks for a \
	        proof, so that full blocks are open. It has their proofs ready, and claims them when they pay what \
	        other volunteers ask. The control proposes nothing, and proves open blocks alike. \
	        Verified blocks are those of others.",
	variable: Variable {
		name: "what other volunteers ask for open blocks, as a share of the fee",
		demo: 0.5,
		values: &[0.5, 0.75, 1.0, 1.25, 1.5],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 2_000,
	why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
	smoke_runs: 8,
	run,
}];

/// The blocks of the chain in a run.
const BLOCKS: u64 = 100;
/// The attacker's proposals in each.
const IN_EACH: u64 = 4;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.capacity = world.parameters.min_capacity;
	world.profile.delay = 8;
	world.parameters.first_delay = 9;
	let cost_per_gas = world.profile.cost_per_gas;
	let asked = (f64::from(world.price) * case.value) as PricePerGas;
	let mut own = 0;
	let outcome = world.run(&[ATTACKER], |chain, market| {
		for rescuer in &mut market.rescuers {
			rescuer.delay = world.profile.delay;
			rescuer.least_reward = asked;
		}
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut open: Vec<BlockId> = Vec::new();
		let mut act = |chain: &mut Chain| {
			open.extend(
				chain.draws().iter().filter(|it| it.outcome.is_err()).map(|it| it.block_id),
			);
			open.retain(|block_id| {
				let Some(reward) = chain.reward(*block_id) else { return false };
				let list = chain.list(*block_id);
				// Its own blocks are empty.
				if reward < asked && list.gas_used > 0 {
					return true;
				}
				if chain.prove(ATTACKER, *block_id).is_ok() {
					pay_for_proof(chain, ATTACKER, list, cost_per_gas);
				}
				false
			});
		};
		while chain.counts().chain_blocks < BLOCKS {
			let block = babe.honest();
			chain.pass_block(block.output);
			if case.attack {
				for _ in 0..IN_EACH {
					own += u64::from(chain.propose(ATTACKER, List::of(0), u32::MAX).is_ok());
				}
			}
			market.act(chain);
			act(chain);
		}
		finish_with(chain, market, &mut babe, act);
	});
	Outcome { verified: outcome.verified.saturating_sub(own), ..outcome }
}
