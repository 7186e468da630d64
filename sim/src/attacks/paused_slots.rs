//! Paused members that keep newcomers out of a full pool.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Member,
	world::{attacker, finish, newcomer, pass, World, ATTACKER, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "paused-slots",
	words: "A prover holds the last four slots of the pool with paused members, which it need not prove for. Four \
	        newcomers offer just too little to replace one of them, and stay out. The control adds the stakes of \
	        the four to its one working member, so that the newcomers get the slots.",
	variable: Variable {
		name: "share of the stake that works, without the newcomers",
		demo: 0.25,
		values: &[0.15, 0.25, 0.4, 0.5, 0.6, 0.75],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 10_000,
	why_fewer: "",
	smoke_runs: 40,
	run,
}];

/// The slots that the attacker holds.
const HELD: u64 = 4;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.max_provers = (world.provers + 1 + HELD) as u32;
	world.newcomers = HELD;
	world.add_attacker(0, case.value, world.price, 64);
	let held: Vec<_> = (1..=HELD).map(attacker).collect();
	if case.attack {
		let (stake, price, capacity) = (world.stake, world.price, world.capacity);
		let member = |who: &u64| Member { who: *who, stake, price, capacity };
		world.attackers.extend(held.iter().map(member));
	} else {
		world.attackers[0].stake += world.stake * u128::from(HELD);
	}
	let accounts: Vec<_> = world.attackers.iter().map(|it| it.who).collect();
	world.run(&accounts, |chain, market| {
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, case.seed);
		if case.attack {
			for who in &held {
				let paused = chain.pause(*who);
				debug_assert_eq!(paused, Ok(()));
			}
		}
		// More would replace a member.
		let offer = world.stake + world.parameters.min_overbid.mul_ceil(world.stake);
		for at in 0..HELD {
			let entered = chain.stake(newcomer(at), offer, world.price, world.capacity);
			debug_assert_eq!(entered.is_err(), case.attack);
		}
		// Demand begins when draws know all of them.
		market.proposers.per_block = 0.0;
		pass(chain, market, &mut babe, world.parameters.entry_delay + 2);
		market.proposers.per_block = world.demand;
		while chain.counts().proposed < BLOCKS {
			pass(chain, market, &mut babe, 1);
		}
		finish(chain, market, &mut babe);
	})
}
