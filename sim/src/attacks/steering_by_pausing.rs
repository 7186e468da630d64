//! Pausing or unstaking in time to dodge a draw.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::{Chain, List},
	runtime::*,
	steering::{due_in, Rehearsal},
	world::{finish, World, ATTACKER, CALL_FEE, OTHER_AUTHORS},
};
use sp_core::U256;

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "steering-by-pausing",
		words: "One proposal in ten takes six times as long to prove as its gas says, and costs its prover more \
		        than it pays. Everybody sees that when it is proposed. A prover with a quarter of the weight, \
		        which need not be an author, pauses in time for the draw of each of them, or as soon as it sees \
		        it if that is too late, and resumes as soon as its pause has counted. The control never pauses.",
		variable: Variable {
			name: "EntryDelay, in blocks",
			demo: 10.0,
			values: &[0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 10.0],
			whole: true,
		},
		expected: Expected::Loses,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 100,
		run: run_pausing,
	},
	Attack {
		name: "steering-by-unstaking",
		words: "One proposal in ten takes longer to prove than its gas says. A prover with a quarter of the weight \
		        authors a third of the blocks. In its own blocks it knows the seeds of the next block's draws. \
		        Where it would be drawn for a proposal that costs it more than it pays, it takes out of its stake \
		        the least amount tried that moves the draw to another, if that amount's draws in an entry delay are \
		        worth less, and puts it back in the next block. The control leaves its stake as it is.",
		variable: Variable {
			name: "time for such a proof as a multiple of what its gas says",
			demo: 6.0,
			values: &[1.5, 2.0, 3.0, 4.0, 6.0, 10.0],
			whole: false,
		},
		expected: Expected::Gains,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 200,
		run: run_unstaking,
	},
];

/// The attacker's share of the weight.
const SHARE: f64 = 0.25;
/// The attacker's share of the slots, where it needs one.
const SLOTS: f64 = 1.0 / 3.0;
/// The share of proposals that take long to prove.
const LONG: f64 = 0.1;
/// How many times as long.
const EFFORT: f64 = 6.0;
/// The attacker's capacity.
const CAPACITY: u32 = 16;
/// Proposals in a run.
const BLOCKS: u64 = 40;
/// The purpose of [`Babe::chance`].
const IS_LONG: u8 = 10;

/// Runs with proposals some of which take long, and calls `act` in each block with the index of its author.
fn run(
	case: &Case,
	mut world: World,
	slots: f64,
	effort: f64,
	mut act: impl FnMut(&World, &mut Chain, usize),
) -> Outcome {
	world.profile.delay = 1;
	world.add_attacker(0, SHARE, world.price, CAPACITY);
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, slots, OTHER_AUTHORS, case.seed);
		while chain.counts().proposed < BLOCKS {
			let is_long = babe.chance(IS_LONG, chain.counts().proposed) < LONG;
			let effort = if is_long { effort } else { 1.0 };
			market.proposers.list = List { effort, ..world.list };
			let block = babe.honest();
			market.pass_block(chain, block.output);
			act(&world, chain, block.author);
		}
		finish(chain, market, &mut babe);
	})
}

/// Returns what proving this list earns, in tokens.
fn margin(world: &World, chain: &Chain, list: List) -> f64 {
	let per_gas = f64::from(world.price) - world.profile.cost_per_gas * list.effort;
	chain.cost(list.gas_used, 1) as f64 * per_gas / UNIT as f64
}

fn run_pausing(case: &Case) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.entry_delay = case.value as BlockNumber;
	let mut paused_since = None;
	run(case, world, 0.0, EFFORT, |world, chain, _| {
		if case.attack {
			pause_in_time(world, chain, &mut paused_since);
		}
	})
}

fn pause_in_time(world: &World, chain: &mut Chain, paused_since: &mut Option<BlockNumber>) {
	let now = chain.now();
	let entry_delay = world.parameters.entry_delay;
	// The first block whose draws know a change made now; the last one of a request that is known, if that
	// is too late.
	let counts_at = now + 1 + entry_delay.min(world.parameters.draw_delay);
	let avoids = chain
		.queue()
		.iter()
		.any(|(id, _, due)| *due == counts_at && margin(world, chain, chain.list(*id)) < 0.0);
	let result = match *paused_since {
		None if avoids => {
			*paused_since = Some(now);
			chain.pause(ATTACKER)
		},
		// Earlier the pause would be withdrawn before it counts.
		Some(since) if !avoids && now >= since + entry_delay => {
			*paused_since = None;
			chain.resume(ATTACKER)
		},
		_ => return,
	};
	debug_assert_eq!(result, Ok(()));
	chain.pay_tokens(ATTACKER, -CALL_FEE);
}

fn run_unstaking(case: &Case) -> Outcome {
	let world = World::with(case.parameters.clone());
	let mut taken_out = false;
	run(case, world, SLOTS, case.value, |world, chain, author| {
		if !case.attack {
			return;
		}
		if taken_out {
			put_back(chain);
			if author != 0 {
				chain.pay_tokens(ATTACKER, -CALL_FEE);
			}
		}
		taken_out = author == 0 && dodge(world, chain);
	})
}

/// Puts the last exit back into the stake.
fn put_back(chain: &mut Chain) {
	if let Some(exit) = ProverPool::get_staker(ATTACKER).exits.last() {
		let result = chain.restake(ATTACKER, exit.id);
		debug_assert_eq!(result, Ok(()));
	}
}

/// Takes out of the stake what moves the next block's first draw to another member, if that is worth it. Returns
/// whether it did.
fn dodge(world: &World, chain: &mut Chain) -> bool {
	let Some((block_id, fee)) = due_in(chain, 1).first().copied() else { return false };
	// The fee of this call returns to it, as the author; that of the next one may not.
	let loss = -margin(world, chain, chain.list(block_id)) - CALL_FEE;
	let Some(seed) = chain.seed_ahead(1, &[], block_id).filter(|_| loss > 0.0) else {
		return false;
	};
	if chain.drawn_by(fee, seed) != Some(ATTACKER) {
		return false;
	}
	let Some(row) = ProverPool::get_staker(ATTACKER).prover else { return false };
	let (stake, listed) = (row.offer.stake, row.listed.unwrap_or(row.offer).stake);
	let least = Balance::from(CAPACITY) * world.parameters.min_stake_per_capacity;
	let rehearsal = Rehearsal::at(fee);
	let moves_it = |amount: &Balance| {
		let left = listed.min(stake - amount);
		let drawn = rehearsal.drawn(seed, |who, weight| match who {
			ATTACKER => weight * U256::from(left) / U256::from(listed),
			_ => weight,
		});
		drawn != Some(ATTACKER)
	};
	let most = stake.saturating_sub(least);
	let mut amounts = (1..=32).map(|part| most / 32 * part);
	let Some(amount) = amounts.find(moves_it) else { return false };
	let lost_share = listed.saturating_sub(stake - amount) as f64 / listed as f64;
	let draws = chain.odds(ATTACKER, fee) * lost_share * (world.parameters.entry_delay + 1) as f64;
	let long = List { effort: chain.list(block_id).effort, ..world.list };
	let mean = (1.0 - LONG) * margin(world, chain, world.list) + LONG * margin(world, chain, long);
	draws * mean < loss && chain.unstake(ATTACKER, amount).is_ok()
}
