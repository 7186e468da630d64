//! Lists that are cheap by gas and slow to prove.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{Chain, List},
	runtime::*,
	world::{finish_with, pay_for_proof, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::BlockId;
use sp_runtime::Perbill;
use std::collections::BTreeMap;

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "slow-list",
		words: "A quarter of all full blocks comes from a proposer whose lists take longer to prove than their \
		        gas suggests. It begins the proof when it proposes. If the assigned prover cannot make its \
		        window, an account of the proposer claims the block in the first moment after it, and earns the \
		        agreed reward, which the proposer paid, and the bonus. Time and cost of a proof grow alike. \
		        Provers need 15 blocks for an honest list, and have twice as long. The control proposes honest \
		        lists.",
		variable: Variable {
			name: "time and cost of the proof, as a multiple of what its gas suggests",
			demo: 1.0,
			values: &[1.0, 1.5, 2.0, 2.1, 2.2, 2.5, 3.0, 4.0, 8.0],
			whole: false,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, 15, case.value),
	},
	Attack {
		name: "slow-list-fast-provers",
		words: "The same, where provers need two blocks for an honest list, and have MinProofWindow, which is \
		        ten times as long.",
		variable: Variable {
			name: "time and cost of the proof, as a multiple of what its gas suggests",
			demo: 1.0,
			values: &[1.0, 5.0, 9.0, 10.0, 15.0, 20.0],
			whole: false,
		},
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 20,
		run: |case| run(case, 2, case.value),
	},
	Attack {
		name: "slow-list-bonus",
		words: "The first of these attacks, with lists that take 2.2 times as long, for other bonuses.",
		variable: Variable {
			name: "RescueBonus, as a share of the reward",
			demo: 0.1,
			values: &[0.0, 0.1, 0.25, 0.5, 1.0],
			whole: false,
		},
		expected: Expected::Loses,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 50,
		run: |case| {
			let mut with_bonus = case.clone();
			with_bonus.parameters.rescue_bonus = Perbill::from_float(case.value);
			run(&with_bonus, 15, 2.2)
		},
	},
];

/// Proposals in a run.
const BLOCKS: u64 = 40;
/// Every fourth block of the chain the attacker proposes, in the others somebody else.
const PERIOD: u64 = 4;

fn run(case: &Case, delay: BlockNumber, effort: f64) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.profile.delay = delay;
	// The average that such provers have made.
	world.parameters.first_delay = delay + 1;
	world.demand = 1.0 - 1.0 / PERIOD as f64;
	let list = List { effort: if case.attack { effort } else { 1.0 }, ..world.list };
	world.run(&[ATTACKER], |chain, market| {
		for rescuer in &mut market.rescuers {
			rescuer.delay = delay;
		}
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut ally = Ally {
			delay: (delay as f64 * list.effort).ceil() as BlockNumber,
			cost_per_gas: world.profile.cost_per_gas,
			proposed: BTreeMap::new(),
			due: BTreeMap::new(),
		};
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			ally.act(chain);
			if chain.counts().chain_blocks.is_multiple_of(PERIOD) {
				if let Ok(block_id) = chain.propose(ATTACKER, list, u32::MAX) {
					ally.proposed.insert(block_id, chain.now());
				}
			}
		}
		finish_with(chain, market, &mut babe, |chain| ally.act(chain));
	})
}

/// The attacker as the rescuer of its own blocks.
struct Ally {
	/// How long a proof takes it, and every other prover.
	delay: BlockNumber,
	cost_per_gas: f64,
	/// Its blocks, with the block of the chain in which each was proposed.
	proposed: BTreeMap<BlockId, BlockNumber>,
	/// Its claims, by the block of the chain in which they are possible.
	due: BTreeMap<BlockNumber, Vec<BlockId>>,
}

impl Ally {
	fn act(&mut self, chain: &mut Chain) {
		let (now, clock) = (chain.now(), chain.clock());
		for draw in chain.draws().to_vec() {
			let Some(proposed_at) = self.proposed.remove(&draw.block_id) else { continue };
			let Ok((_, _, deadline)) = draw.outcome else { continue };
			// The prover sees the draw in the next block.
			if clock + 1 + self.delay <= deadline {
				continue;
			}
			let list = chain.list(draw.block_id);
			pay_for_proof(chain, ATTACKER, list, self.cost_per_gas);
			let window_over = now + deadline.saturating_sub(clock) + 1;
			let at = window_over.max(proposed_at + self.delay);
			self.due.entry(at).or_default().push(draw.block_id);
		}
		for block_id in self.due.remove(&now).unwrap_or_default() {
			let _ = chain.prove(ATTACKER, block_id);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::parameters::Parameters;

	/// Provers need 15 blocks and have 32, in the first of which they see the draw: what they miss takes more
	/// than 31/15 as long, and costs more than 31/30 of the fee. So its rescue pays from a bonus of 3.3 % on.
	#[test]
	fn a_rescue_of_what_its_prover_just_misses_pays_from_the_bonus_that_the_advice_says() {
		let profit = |bonus: u32| {
			let mut parameters = Parameters::demo();
			parameters.rescue_bonus = Perbill::from_percent(bonus);
			let case =
				|attack| Case { seed: 1, attack, value: 0.0, parameters: parameters.clone() };
			let profit = |attack| run(&case(attack), 15, 2.07).profit;
			profit(true) - profit(false)
		};
		assert!(profit(3) < 0.0, "{}", profit(3));
		assert!(profit(10) > 0.0, "{}", profit(10));
	}
}
