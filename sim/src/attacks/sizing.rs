//! Sizing a price or a stake to a seed that is known.

use crate::{
	attack::{Attack, Case, Expected, Outcome, Variable},
	babe::Babe,
	chain::Chain,
	runtime::*,
	steering::{drawn_of, due_in},
	world::{finish, World, ATTACKER, OTHER_AUTHORS},
};
use pallet_prover_lottery::weight;
use prover_pool_primitives::{BlockId, PricePerGas};
use sp_core::U256;

const WORDS: &str = "An author with a third of the slots has a tenth of the pool's weight. As soon as it knows \
	the seed of a draw that is so far ahead that a change of its offer counts in it, it changes its price so that \
	it takes that place in the order of prices in which the point of the draw falls. In each of its own blocks \
	it knows the seeds of the next block's draws: it takes out of its stake what moves the point to itself, if \
	anything does. The control leaves its offer as it is.";

const DELAYS: Variable = Variable {
	name: "EntryDelay, in blocks",
	demo: 10.0,
	values: &[0.0, 1.0, 2.0, 4.0, 10.0],
	whole: true,
};

/// See the words.
pub const ATTACKS: &[Attack] = &[
	Attack {
		name: "sizing",
		words: WORDS,
		variable: DELAYS,
		expected: Expected::Nothing,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 100,
		run: |case| run(case, Edition::default()),
	},
	Attack {
		name: "sizing-known-seed",
		words: "The same by the first edition's seeds: the parent's output alone, which its author foresees.",
		variable: DELAYS,
		expected: Expected::Gains,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 100,
		run: |case| run(case, Edition { parent_alone: true, ..Edition::default() }),
	},
	Attack {
		name: "sizing-remainder",
		words: "The same by the first edition's points: the remainder of the seed by the total weight.",
		variable: DELAYS,
		expected: Expected::Gains,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 100,
		run: |case| run(case, Edition { remainder: true, ..Edition::default() }),
	},
];

/// The attacker's share of the slots.
const SLOTS: f64 = 1.0 / 3.0;
/// Its share of the stake.
const SHARE: f64 = 0.1;
/// Its capacity.
const CAPACITY: u32 = 16;
/// Proposals in a run.
const BLOCKS: u64 = 40;

fn run(case: &Case, rules: Edition) -> Outcome {
	let mut world = World::with(case.parameters.clone());
	world.parameters.entry_delay = case.value as BlockNumber;
	world.rules = rules;
	world.provers = 20;
	world.stake = 200 * UNIT;
	world.add_attacker(0, SHARE, world.price, CAPACITY);
	let cost = world.profile.cost_per_gas as PricePerGas;
	world.run(&[ATTACKER], |chain, market| {
		let mut babe = Babe::two(ATTACKER, SLOTS, OTHER_AUTHORS, case.seed);
		// The block until which a change waits.
		let mut waits = 0;
		while chain.counts().proposed < BLOCKS {
			let block = babe.honest();
			market.pass_block(chain, block.output);
			if !case.attack {
				continue;
			}
			if chain.now() >= waits && fit_price(chain, &babe, block.author, cost) {
				waits = chain.now() + case.value as BlockNumber + 1;
			}
			if block.author == 0 {
				fit_stake(chain);
			}
		}
		finish(chain, market, &mut babe);
	})
}

/// A member as a draw sees it.
#[derive(Clone, Copy)]
struct Seen {
	who: AccountId,
	slot: u32,
	price: PricePerGas,
	stake: Balance,
}

fn members() -> Vec<Seen> {
	let rows = ProverPool::get_provers(1, pallet_prover_pool::MAX_PAGE).into_iter();
	let seen = rows.filter(|row| row.current_capacity > 0).map(|row| {
		let offer = row.listed.unwrap_or(row.offer);
		Seen {
			who: row.account,
			slot: row.prover_id,
			price: offer.reward_per_gas,
			stake: offer.stake,
		}
	});
	seen.collect()
}

/// Returns whether a seed draws the attacker from these members, whose prices are within the band.
fn hits(members: &[Seen], seed: U256) -> bool {
	let mut order = members.to_vec();
	order.sort_by_key(|member| (member.price, member.slot));
	let weights = order.iter().map(|member| (member.who, weight(member.stake, member.price)));
	drawn_of(weights, seed, Rules::get().remainder) == Some(ATTACKER)
}

/// Changes the price to the highest one with which the first draw in which it counts draws the attacker, if
/// it knows that draw's seed. Returns whether it did.
fn fit_price(chain: &mut Chain, babe: &Babe, author: usize, cost: PricePerGas) -> bool {
	let parameters = ProverPool::get_parameters();
	// A change in this block counts in the draws of this many blocks later.
	let ahead = parameters.entry_delay + 1;
	let Some(seed) = known_seed(chain, babe, author, ahead, parameters.draw_delay) else {
		return false;
	};
	let fee = chain.fee();
	let band = (fee - fee / 4 + 1).max(cost + 1)..=fee + fee / 4 - 1;
	let mut members = members();
	let mut prices: Vec<_> = members
		.iter()
		.flat_map(|member| [member.price, member.price + 1])
		.chain([*band.start(), *band.end()])
		.filter(|price| band.contains(price))
		.collect();
	prices.sort_unstable();
	let Some(me) = members.iter().position(|member| member.who == ATTACKER) else { return false };
	let fits = prices.into_iter().rev().find(|price| {
		members[me].price = *price;
		hits(&members, seed)
	});
	fits.is_some_and(|price| chain.set_terms(ATTACKER, price, CAPACITY).is_ok())
}

/// Returns the seed of the first draw `ahead` blocks from now, if the attacker knows it in the present block.
fn known_seed(
	chain: &Chain,
	babe: &Babe,
	author: usize,
	ahead: u64,
	draw_delay: u64,
) -> Option<U256> {
	// The next slot is that of the next block: no slot stays empty.
	let slots = babe.next_slot()..babe.next_slot() + ahead - 1;
	let mine = |slot| babe.may_claim(0, slot);
	let knows = if Rules::get().parent_alone {
		match slots.clone().last() {
			Some(last) => mine(last),
			None => author == 0,
		}
	} else {
		author == 0 && slots.clone().all(mine)
	};
	if !knows {
		return None;
	}
	let outputs: Vec<_> = slots.map(|slot| babe.output(0, slot)).collect();
	// One proposal comes with each block, so the ids of coming requests are known.
	let from_now = ahead as i64 - draw_delay as i64 - 1;
	let block_id = chain.rollup().next_id as i64 - 1 + from_now;
	chain.seed_ahead(ahead, &outputs, BlockId::try_from(block_id).ok()?)
}

/// Takes out of the stake the least amount tried that makes the next block's first draw the attacker's.
fn fit_stake(chain: &mut Chain) {
	let Some((block_id, fee)) = due_in(chain, 1).first().copied() else { return };
	let Some(seed) = chain.seed_ahead(1, &[], block_id) else { return };
	if chain.drawn_by(fee, seed) == Some(ATTACKER) {
		return;
	}
	let mut members = members();
	let Some(me) = members.iter().position(|member| member.who == ATTACKER) else { return };
	let stake = members[me].stake;
	let amounts = (1..=64).chain((1..=16).map(|part| stake * part / 64));
	let fits = amounts.into_iter().find(|amount| {
		members[me].stake = stake - amount;
		hits(&members, seed)
	});
	if let Some(amount) = fits {
		// Refused if the rest would be too small for the capacity.
		let _ = chain.unstake(ATTACKER, amount);
	}
}
