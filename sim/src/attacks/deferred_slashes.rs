//! Deferred slashes, with a canceller that is a friend.

use crate::{
	agents::Rescuer,
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	runtime::*,
	world::{attacker, finish, pass, World, ATTACKER, ENDOWMENT, OTHER_AUTHORS},
};
use pallet_prover_pool::PendingSlashes;
use prover_pool_primitives::{BlockId, PricePerGas};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "cancelled-slashes",
	words: "A prover with a quarter of the stake misses all its windows. A second account of it proves the \
	        blocks as soon as anybody may, beside the honest rescuer, and is paid for them. \
	        `CancelSlashOrigin` cancels a share of the prover's slashes as soon as it sees them. The prover \
	        resumes whenever a suspension ends. The control proves in time. The last columns show \
	        what it costs all: late blocks.",
	variable: Variable {
		name: "share of the slashes that is cancelled",
		demo: 1.0,
		values: &[0.0, 0.5, 0.8, 0.9, 1.0],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 20,
	run,
}];

/// The prover's share of the stake.
const SHARE: f64 = 0.25;
/// Its second account.
const SECOND: u64 = 1;
/// Proposals in a run.
const BLOCKS: u64 = 100;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.add_attacker(0, SHARE, world.price, 64);
	if case.attack {
		world.attackers_work = None;
	}
	let mut setup = world.setup();
	setup.balances.push((attacker(SECOND), ENDOWMENT));
	let mine = [ATTACKER, attacker(SECOND)];
	let victims = world.victims();
	setup.run(|chain| {
		let before = (chain.worth_of(&mine), chain.worth_of(&victims));
		let mut market = world.market();
		let cost_per_gas = world.profile.cost_per_gas;
		let second = Rescuer {
			cost_per_gas,
			least_reward: cost_per_gas as PricePerGas + 1,
			..Rescuer::new(attacker(SECOND))
		};
		market.rescuers.insert(0, second);
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		while chain.counts().proposed < BLOCKS {
			pass(chain, &mut market, &mut babe, 1);
			cancel(chain, &babe, case.value);
			// Refused unless it is paused and not suspended.
			let _ = chain.resume(ATTACKER);
		}
		market.proposers.per_block = 0.0;
		while chain.rollup().head < chain.rollup().next_id {
			pass(chain, &mut market, &mut babe, 1);
			cancel(chain, &babe, case.value);
		}
		finish(chain, &mut market, &mut babe);
		cancel(chain, &babe, case.value);
		let counts = chain.counts();
		Outcome {
			profit: chain.worth_of(&mine) - before.0,
			loss: before.1 - chain.worth_of(&victims),
			blocks: counts.proposed,
			chain_blocks: counts.chain_blocks,
			verified: counts.verified,
		}
	})
}

/// Cancels this share of the prover's slashes. Which ones, their ids decide.
fn cancel(chain: &mut Chain, babe: &Babe, share: f64) {
	/// What the chance is drawn for.
	const PURPOSE: u8 = 40;
	let of_friend: Vec<BlockId> = PendingSlashes::<Runtime>::iter()
		.filter(|(_, slash)| slash.who == ATTACKER)
		.map(|(block_id, _)| block_id)
		.collect();
	for block_id in of_friend {
		if babe.chance(PURPOSE, block_id) < share {
			let _ = chain.cancel_slash(block_id);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::parameters::Parameters;

	/// Without cancellations a missed block costs four rewards. With all of them cancelled the prover is not
	/// slashed at all, earns less than by working in time, and slows the rollup.
	#[test]
	fn a_friend_makes_failing_free_but_not_profitable() {
		let case = |attack, value| Case { seed: 3, attack, value, parameters: Parameters::demo() };
		let honest = run(&case(false, 0.0));
		let (slashed, cancelled) = (run(&case(true, 0.0)), run(&case(true, 1.0)));
		assert!(slashed.profit < -1.0, "{slashed:?}");
		assert!((0.0..honest.profit).contains(&cancelled.profit), "{honest:?} {cancelled:?}");
		assert!(cancelled.chain_blocks > honest.chain_blocks + 20, "{honest:?} {cancelled:?}");
	}
}
