//! A verifier that accepts anything.

use crate::{
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
	words: "The verifier accepts any proof. A prover with a tenth of the stake works as others do, but for its \
	        first block: when that is the head, it replaces its claim by one with a hash that it made up. If the \
	        hash is verified, it takes ten tokens out of the rollup. A watcher executes every block, and \
	        governance removes a wrong claim some blocks after it saw it. Claims behind a wrong hash that was \
	        verified are worth nothing. The control makes no wrong claim.",
	variable: Variable {
		name: "delay of a dispute, in blocks, with a Cooldown of five",
		demo: 3.0,
		values: &[0.0, 3.0, 4.0, 5.0, 10.0],
		whole: true,
	},
	expected: Expected::Loses,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 50,
	run,
}];

/// The attacker's share of the stake.
const SHARE: f64 = 0.1;
/// Proposals in a run.
const BLOCKS: u64 = 40;

/// What a wrong hash is worth to the attacker, in tokens.
const THEFT: f64 = 10.0;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.disputed_after = Some(case.value as BlockNumber);
	world.add_attacker(0, SHARE, world.price, world.capacity);
	world.run(&[ATTACKER], |chain, market| {
		chain.set_verifier_broken(true);
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		let mut lie = Lie::Waits;
		let mut act = |chain: &mut Chain| {
			if case.attack {
				lie = lie.next(chain);
			}
		};
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			act(chain);
		}
		finish_with(chain, market, &mut babe, act);
	})
}

/// What has become of the wrong claim.
#[derive(Clone, Copy)]
enum Lie {
	/// No block is assigned to the attacker.
	Waits,
	/// This block will have it.
	Planned(BlockId),
	/// It was made.
	Made(H256),
	/// It was verified.
	Verified,
}

impl Lie {
	fn next(self, chain: &mut Chain) -> Self {
		let state = chain.rollup();
		match self {
			Self::Waits => {
				let mut draws = chain.draws().iter();
				let mine = draws.find(|it| it.outcome.is_ok_and(|(who, ..)| who == ATTACKER));
				mine.map_or(self, |draw| Self::Planned(draw.block_id))
			},
			Self::Planned(block_id) if block_id == state.head => {
				let made_up = H256::repeat_byte(7);
				let gas_used = chain.list(block_id).gas_used;
				let parent_hash = state.verified_hash;
				match chain.claim(ATTACKER, block_id, parent_hash, made_up, gas_used) {
					Ok(()) => Self::Made(made_up),
					Err(_) => self,
				}
			},
			Self::Made(made_up) if made_up == state.verified_hash => {
				chain.pay_tokens(ATTACKER, THEFT);
				Self::Verified
			},
			_ => self,
		}
	}
}
