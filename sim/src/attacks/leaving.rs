//! Small members that leave in the block before a draw.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{Chain, Member},
	runtime::*,
	steering::{due_in, Rehearsal},
	world::{attacker, finish, World, ATTACKER, OTHER_AUTHORS},
};
use prover_pool_primitives::PricePerGas;
use sp_core::U256;

const WORDS: &str = "An author with a third of the slots has a member with a tenth of the pool's weight, and k small \
	ones with the least stake. In each of its own blocks it knows the seeds of the next block's draws, and rehearses \
	them for every subset of the small members leaving in that block. It takes the smallest subset that wins, if it \
	costs less than half of what a draw earns, and lets those members enter again at once: they are out of draws \
	for an entry delay, and cannot leave again for a change delay. The fees of their calls it pays to itself. The \
	control has the same members, and none leaves.";

const SMALL: Variable = Variable {
	name: "k, small members",
	demo: 10.0,
	values: &[1.0, 2.0, 4.0, 7.0, 10.0],
	whole: true,
};

const WHY_FEWER: &str =
	"A run is two change delays long, or members that may leave once would count too much.";

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "leaving",
		words: WORDS,
		variable: SMALL,
		expected: Expected::Gains,
		runs: 300,
		why_fewer: WHY_FEWER,
		smoke_runs: 8,
		run: |case| run(case, Edition::default()),
	},
	Attack {
		name: "leaving-remainder",
		words: "The same by the first edition's points: the remainder of the seed by the total weight. Each \
		        subset then gives an outcome of its own, whatever it weighs.",
		variable: SMALL,
		expected: Expected::Gains,
		runs: 300,
		why_fewer: WHY_FEWER,
		smoke_runs: 8,
		run: |case| run(case, Edition { remainder: true, ..Edition::default() }),
	},
];

/// The attacker's share of the slots.
const SLOTS: f64 = 1.0 / 3.0;
/// The large member's share of the stake, before the small ones.
const SHARE: f64 = 0.1;
/// The large member's capacity.
const CAPACITY: u32 = 16;
/// Proposals in a run.
const BLOCKS: u64 = 1_200;

fn run(case: &Case, rules: Edition) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.rules = rules;
	world.provers = 20;
	world.stake = 2_000 * UNIT;
	// The first draws are the small members', then come two honest ones: a departure moves the points of most
	// seeds towards the large member.
	world.add_attacker(0, SHARE, world.price + 1, CAPACITY);
	let capacity = world.parameters.min_capacity;
	let least = world.parameters.min_stake_per_capacity * Balance::from(capacity);
	let small: Vec<_> = (0..case.value as u64)
		.map(|at| Member {
			who: attacker(1 + at),
			// No two subsets have the same stake.
			stake: least + (1 << at),
			price: world.price - 1,
			capacity,
		})
		.collect();
	world.attackers.extend_from_slice(&small);
	let accounts: Vec<_> = world.attackers.iter().map(|it| it.who).collect();
	world.run(&accounts, |chain, market| {
		let mut babe = Babe::two(ATTACKER, SLOTS, OTHER_AUTHORS, case.seed);
		let margin = f64::from(world.price) - world.profile.cost_per_gas;
		let gain = chain.cost(world.list.gas_used, 1) as f64 * margin / UNIT as f64;
		let mut leavers =
			Leavers { may_leave_at: vec![0; small.len()], small, accounts: accounts.clone(), gain };
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			if case.attack && block.author == 0 {
				leavers.steer(chain);
			}
		}
		finish(chain, market, &mut babe);
	})
}

/// The attacker's members.
struct Leavers {
	small: Vec<Member>,
	/// The block in which each small one may leave.
	may_leave_at: Vec<BlockNumber>,
	/// All of the attacker's accounts.
	accounts: Vec<AccountId>,
	/// What a draw earns.
	gain: f64,
}

impl Leavers {
	/// Lets those leave, and enter again, whose departure wins the first draw of the next block.
	fn steer(&mut self, chain: &mut Chain) {
		let Some((block_id, fee)) = due_in(chain, 1).first().copied() else { return };
		let Some(seed) = chain.seed_ahead(1, &[], block_id) else { return };
		if chain.drawn_by(fee, seed).is_some_and(|who| self.accounts.contains(&who)) {
			return;
		}
		let free: Vec<_> =
			(0..self.small.len()).filter(|at| chain.now() >= self.may_leave_at[*at]).collect();
		let most = self.affordable(chain, fee);
		let Some(subset) = self.subset_that_wins(&free, most, fee, seed) else { return };
		let delay = ProverPool::get_parameters().min_change_delay;
		for at in subset {
			let Member { who, stake, price, capacity } = self.small[at];
			if chain.stake(who, stake, price, capacity).is_ok() {
				self.may_leave_at[at] = chain.now() + delay + 1;
			}
		}
	}

	/// Returns how many may leave for one draw.
	fn affordable(&self, chain: &Chain, fee: PricePerGas) -> u32 {
		let blocks = (ProverPool::get_parameters().entry_delay + 1) as f64;
		let is_small = |who: &AccountId| self.small.iter().any(|member| member.who == *who);
		let shares = chain.shares(fee).into_iter().filter(|(who, _)| is_small(who));
		let odds = shares.map(|(_, share)| share).fold(0.0, f64::max);
		let cost = blocks * odds * self.gain;
		(self.gain / 2.0 / cost) as u32
	}

	/// Returns a smallest subset of these small members without which the seed draws the attacker.
	fn subset_that_wins(
		&self,
		free: &[usize],
		most: u32,
		fee: PricePerGas,
		seed: U256,
	) -> Option<Vec<usize>> {
		let rehearsal = Rehearsal::at(fee);
		let members = |mask: u32| {
			let is_in = move |place: &usize| mask >> *place & 1 == 1;
			(0..free.len()).filter(is_in).map(move |place| free[place])
		};
		let mut masks: Vec<u32> =
			(1..1 << free.len()).filter(|mask: &u32| mask.count_ones() <= most).collect();
		masks.sort_by_key(|mask| mask.count_ones());
		let wins = |mask: &u32| {
			let leave: Vec<_> = members(*mask).map(|at| self.small[at].who).collect();
			let stays = |who, weight| if leave.contains(&who) { U256::zero() } else { weight };
			rehearsal.drawn(seed, stays).is_some_and(|who| self.accounts.contains(&who))
		};
		masks.into_iter().find(wins).map(|mask| members(mask).collect())
	}
}
