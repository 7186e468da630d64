//! A verifier that accepts anything.

use crate::{
	agents::Profile,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	runtime::*,
	world::{finish_with, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::BlockId;
use sp_core::H256;

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "broken-verifier",
	words: "The verifier accepts any proof. A prover with a tenth of the stake makes none: as soon as one of its \
	        blocks is the head, it claims a hash that it made up. A watcher executes every block, and \
	        governance removes wrong claims so many blocks after it saw them. Honest provers cannot repair claims \
	        behind a wrong hash that was verified. What the attacker may steal on the rollup is not counted. The \
	        control proves its blocks.",
	variable: Variable {
		name: "delay of a dispute, in blocks, with a Cooldown of five",
		demo: 3.0,
		values: &[0.0, 3.0, 4.0, 5.0, 10.0],
		whole: true,
	},
	expected: Expected::Loses,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 100,
	run,
}];

/// The attacker's share of the stake.
const SHARE: f64 = 0.1;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.disputed_after = Some(case.value as BlockNumber);
	world.add_attacker(0, SHARE, world.price, world.capacity);
	world.attackers_work = Some(Profile { works: !case.attack, ..world.profile });
	world.run(&[ATTACKER], |chain, market| {
		chain.set_verifier_broken(true);
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut liar = Liar::default();
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			liar.act(chain, case.attack);
		}
		finish_with(chain, market, &mut babe, |chain| liar.act(chain, case.attack));
	})
}

/// The attacker's assignments, with their deadlines.
#[derive(Default)]
struct Liar(Vec<(BlockId, BlockNumber)>);

impl Liar {
	fn act(&mut self, chain: &mut Chain, attacks: bool) {
		if !attacks {
			return;
		}
		for draw in chain.draws() {
			if let Ok((ATTACKER, _, deadline)) = draw.outcome {
				self.0.push((draw.block_id, deadline));
			}
		}
		let (head, clock) = (chain.rollup().head, chain.clock());
		let (due, later): (Vec<_>, Vec<_>) = self
			.0
			.drain(..)
			.partition(|(block_id, deadline)| *block_id <= head || *deadline <= clock);
		self.0 = later;
		for (block_id, _) in due {
			let Some(parent_hash) = chain.right_parent(block_id) else { continue };
			let gas_used = chain.list(block_id).gas_used;
			let made_up = H256::from_low_u64_be(block_id);
			let _ = chain.claim(ATTACKER, block_id, parent_hash, made_up, gas_used);
		}
	}
}
