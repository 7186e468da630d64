//! Evicting the smallest member from a full pool, and letting it back in.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	runtime::*,
	world::{attacker, finish, honest, World, ATTACKER, CALL_FEE, OTHER_AUTHORS},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "evicting",
	words: "The pool is full. A prover has a member with a quarter of all stake, and tokens for one overbid of \
	        the smallest member. With a second account it evicts that member, proves in its place, leaves as \
	        soon as the change delay allows it, lets the other enter again, and evicts it again with the same \
	        tokens once it is listed. The evicted one enters again when a slot is vacant. The control adds the \
	        tokens to the stake of its member, where they stay.",
	variable: Variable {
		name: "MaxProvers",
		demo: 1_024.0,
		values: &[8.0, 16.0, 32.0, 128.0, 1_024.0],
		whole: true,
	},
	expected: Expected::Nothing,
	runs: 300,
	why_fewer: "A run is two evictions long, each for a change delay.",
	smoke_runs: 4,
	run,
}];

/// The share of all stake that the member has.
const SHARE: f64 = 0.25;
/// Proposals in a run.
const BLOCKS: u64 = 1_300;
/// The account that evicts.
const EVICTOR: AccountId = ATTACKER;

fn run(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	let slots = case.value as u32;
	world.parameters.max_provers = slots;
	world.provers = u64::from(slots) - 1;
	let member = 1;
	world.add_attacker(member, SHARE, world.price, 64);
	let bid = world.stake + world.parameters.min_overbid.mul_ceil(world.stake) + 1;
	if !case.attack {
		world.attackers[0].stake += bid;
	}
	world.run(&[EVICTOR, attacker(member)], |chain, market| {
		let mut babe = Babe::two(EVICTOR, 0.0, OTHER_AUTHORS, case.seed);
		market.provers.set(EVICTOR, world.profile);
		let mut evictor = Evictor { may_leave_at: 0, evicts_at: 0 };
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			// The smallest in the lowest slot.
			let smallest = honest(0);
			if chain.slot(smallest).is_none() {
				let _ = chain.stake(smallest, world.stake, world.price, world.capacity);
			}
			if case.attack {
				evictor.act(chain, bid, &world);
			}
		}
		finish(chain, market, &mut babe);
	})
}

/// The account that evicts.
struct Evictor {
	may_leave_at: BlockNumber,
	evicts_at: BlockNumber,
}

impl Evictor {
	fn act(&mut self, chain: &mut Chain, bid: Balance, world: &World) {
		let now = chain.now();
		let result = match chain.slot(EVICTOR) {
			None if now >= self.evicts_at => {
				self.may_leave_at = now + world.parameters.min_change_delay + 1;
				chain.stake(EVICTOR, bid, world.price, world.capacity)
			},
			Some(_) if now >= self.may_leave_at => {
				// The other enters in the next block.
				self.evicts_at = now + 1 + world.parameters.entry_delay + 1;
				chain.exit(EVICTOR)
			},
			_ => return,
		};
		debug_assert_eq!(result, Ok(()));
		chain.pay_tokens(EVICTOR, -CALL_FEE);
	}
}
