//! Taking all places of blocks that wait.

use crate::{
	agents::Profile,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::List,
	runtime::UNIT,
	world::{attacker, finish, World, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "full-queue",
	words: "An attacker proposes empty blocks by eight accounts, before all others in each block of the chain, \
	        until it is refused: no places are left for blocks that wait for verification. If it has a share of \
	        the pool, it claims what it is assigned at its deadline, so that each place is taken for longer. The \
	        control proposes nothing, and proves at once. Verified blocks are those of others.",
	variable: Variable {
		name: "the attacker's share of the stake",
		demo: 0.0,
		values: &[0.0, 0.02, 0.1, 0.25, 0.5, 0.9],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 2_000,
	why_fewer: "Its runs are long: a pair takes several times as long as that of others.",
	smoke_runs: 4,
	run,
}];

/// The attacker's accounts.
const ACCOUNTS: u64 = 8;
/// The blocks of the chain in a run.
const BLOCKS: u64 = 60;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	// Enough for the largest capacity, whatever the share.
	world.stake = 10_000 * UNIT;
	world.attacker_accounts = ACCOUNTS;
	if case.value > 0.0 {
		let capacity = world.parameters.max_capacity;
		world.add_attacker(0, case.value, world.price, capacity);
		world.attackers_work =
			Some(Profile { to_spare: case.attack.then_some(0), ..world.profile });
	}
	let accounts: Vec<_> = (0..ACCOUNTS).map(attacker).collect();
	let mut own = 0;
	let outcome = world.run(&accounts, |chain, market| {
		let mut babe = Babe::two(attacker(0), 0.0, OTHER_AUTHORS, case.seed);
		while chain.counts().chain_blocks < BLOCKS {
			let block = babe.honest();
			chain.pass_block(block.output);
			if case.attack {
				for who in &accounts {
					while chain.propose(*who, List::of(0), u32::MAX).is_ok() {
						own += 1;
					}
				}
			}
			market.act(chain);
		}
		finish(chain, market, &mut babe);
	});
	Outcome { verified: outcome.verified.saturating_sub(own), ..outcome }
}
