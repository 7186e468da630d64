//! Making others miss until they are suspended.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::List,
	parameters::HOURS,
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};
use sp_runtime::Perbill;

const WORDS: &str = "A prover with a fifth of the stake pauses. When draws know it, it proposes 80 empty blocks in \
	20 blocks of the chain whose lists take longer to prove than their gas suggests, and resumes. The others miss \
	one after another and are suspended for an hour, as far as MaxPausedShare lets them be, and the attacker proves \
	in their place. A rescuer makes up for what is missed, whatever it costs. The control proves all the time. One \
	full block is proposed in each block of the chain.";

const FEWER: &str = "Runs cover the hour of a suspension.";

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "suspension-griefing",
		words: WORDS,
		variable: Variable {
			name: "time and cost of the proof, as a multiple of what its gas suggests",
			demo: 1.0,
			values: &[1.0, 4.0, 8.0, 12.0, 20.0],
			whole: false,
		},
		expected: Expected::Loses,
		runs: 1_000,
		why_fewer: FEWER,
		smoke_runs: 3,
		run: |case| run(case, case.value, case.parameters.max_paused_share),
	},
	Attack {
		name: "suspension-griefing-share",
		words: "The same, with lists that take twenty times as long as their gas suggests, for other shares of the \
		        stake that suspensions may leave paused. With 1 there is no limit.",
		variable: Variable {
			name: "MaxPausedShare",
			demo: 0.25,
			values: &[0.1, 0.25, 0.3333, 0.5, 1.0],
			whole: false,
		},
		expected: Expected::Loses,
		runs: 1_000,
		why_fewer: FEWER,
		smoke_runs: 12,
		run: |case| run(case, SLOW, Perbill::from_float(case.value)),
	},
];

/// The attacker's share of the stake.
const SHARE: f64 = 0.2;
/// The multiple at which no prover makes its window.
const SLOW: f64 = 20.0;
/// The blocks of the chain in which the attacker proposes, four in each: as many as one account may.
const FLOOD: u64 = 20;
const IN_EACH: u64 = 4;

fn run(case: &Case, effort: f64, max_paused_share: Perbill) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.max_paused_share = max_paused_share;
	world.parameters.first_delay = 3;
	world.add_attacker(0, SHARE, world.price, 64);
	let slow = List { effort, ..List::of(0) };
	// Until a change of an offer counts.
	let listing = world.parameters.entry_delay + 1;
	let waits = world.parameters.draw_delay + 1;
	let flood = listing..listing + FLOOD;
	let blocks = flood.end + HOURS;
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		while chain.counts().chain_blocks < blocks {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			if !case.attack {
				continue;
			}
			let passed = chain.counts().chain_blocks;
			if passed == 1 {
				let _ = chain.pause(ATTACKER);
			}
			if flood.contains(&passed) {
				for _ in 0..IN_EACH {
					let _ = chain.propose(ATTACKER, slow, u32::MAX);
				}
			}
			// Its own last list is drawn before it counts again.
			if passed == flood.end + waits - listing {
				let _ = chain.resume(ATTACKER);
			}
		}
		finish(chain, market, &mut babe);
	})
}
