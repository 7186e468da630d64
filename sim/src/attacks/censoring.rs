//! Leaving out the claims of other provers until their deadlines have passed.

use crate::{
	agents::{Market, Rescuer},
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	runtime::*,
	world::{attacker, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::PricePerGas;

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "censoring",
		words: "Authors with a share of the slots have a quarter of the pool's weight. They leave the claims of all \
		        other provers, and those of the honest rescuer, out of their blocks. A claim that finds no other \
		        author until its deadline is a miss. A second account of the attacker proves the block in the first \
		        moment after it, for the agreed reward and the bonus; the prover is slashed. Provers need two \
		        blocks, claim as soon as they have the proof, and then have 17 blocks to spare. The control \
		        includes every claim. Fees of claims that move to other authors are not counted.",
		variable: Variable {
			name: "share of the slots",
			demo: SLOTS,
			values: &[0.1, SLOTS, 0.4, 0.5, 0.6, 0.75, 0.9],
			whole: false,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, case.value, None),
	},
	Attack {
		name: "censoring-late-claims",
		words: "The same by authors with a quarter of the slots, where provers claim some blocks before their \
		        deadlines.",
		variable: Variable {
			name: "blocks to spare between a claim and its deadline",
			demo: TO_SPARE,
			values: &[0.0, 1.0, 2.0, 3.0, 5.0, TO_SPARE],
			whole: true,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, SLOTS, Some(case.value as BlockNumber)),
	},
];

/// The attacker's share of the slots, unless it is varied.
const SLOTS: f64 = 0.25;
/// The attacker's share of the weight.
const WEIGHT: f64 = 0.25;
/// What provers of the demo's market have: of `MinProofWindow` one block to see the draw, and two for the proof.
const TO_SPARE: f64 = 17.0;
/// Its account that rescues.
const SECOND: u64 = 1;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case, slots: f64, to_spare: Option<BlockNumber>) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.profile.to_spare = to_spare;
	// The average that such provers have made: windows are `MinProofWindow` from the first on.
	world.parameters.first_delay = world.profile.delay + 1;
	world.add_attacker(0, WEIGHT, world.price, 64);
	world.attacker_accounts = SECOND + 1;
	let victims = world.victims();
	world.run(&[ATTACKER, attacker(SECOND)], |chain, market| {
		let cost_per_gas = world.profile.cost_per_gas;
		let second = Rescuer {
			cost_per_gas,
			least_reward: cost_per_gas as PricePerGas + 1,
			stagger: 0,
			..Rescuer::new(attacker(SECOND))
		};
		market.rescuers.insert(0, second);
		let mut babe = Babe::two(ATTACKER, slots, OTHER_AUTHORS, case.seed);
		let mut pass = |chain: &mut Chain, market: &mut Market| {
			let block = babe.honest();
			let censors = case.attack && block.author == 0;
			market.provers.left_out = if censors { victims.clone() } else { Vec::new() };
			for rescuer in &mut market.rescuers {
				rescuer.left_out = censors && victims.contains(&rescuer.who);
			}
			market.pass_block(chain, block.output);
		};
		while chain.counts().proposed < BLOCKS {
			pass(chain, market);
		}
		market.proposers.per_block = 0.0;
		while chain.rollup().head < chain.rollup().next_id {
			pass(chain, market);
		}
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::parameters::Parameters;

	/// Provers who claim in the last block of their windows miss what the attacker authors there.
	#[test]
	fn victims_without_a_block_to_spare_are_slashed() {
		let outcome = |attack, to_spare| {
			let case = Case { seed: 7, attack, value: 0.0, parameters: Parameters::demo() };
			run(&case, SLOTS, Some(to_spare))
		};
		let (attack, control) = (outcome(true, 0), outcome(false, 0));
		assert!(attack.profit > control.profit + 0.1, "{attack:?} {control:?}");
		assert!(attack.loss > control.loss + 1.0, "{attack:?} {control:?}");
		assert_eq!(outcome(true, 17), outcome(false, 17));
	}
}
