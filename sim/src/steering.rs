//! What an author of blocks knows of draws before it decides: pure, without copying the chain's state.

use crate::{
	babe::Path,
	chain::Chain,
	runtime::*,
	world::{ATTACKER, OTHER_AUTHORS},
};
use pallet_prover_pool::MAX_PAGE;
use prover_pool_primitives::{BlockId, PricePerGas};
use sp_core::{U256, U512};

/// Returns the requests that are drawn `ahead` blocks after the present one.
pub fn due_in(chain: &Chain, ahead: u64) -> Vec<(BlockId, PricePerGas)> {
	let at = chain.now() + ahead;
	let is_due = |due: u64| due == at || (ahead == 1 && due < at);
	let due = chain.queue().into_iter().filter(|(_, _, due)| is_due(*due));
	due.map(|(block_id, fee, _)| (block_id, fee)).collect()
}

/// Returns how many draws these accounts win along a path, up to `horizon` blocks from now: by the seeds
/// that the author knows, and by their odds where it does not. Draws of the next block are left out: their
/// seed is known to everybody.
///
/// Members are taken as they are now: a draw of one block changes the weights of the next draws only where
/// capacity runs out.
pub fn wins_along(chain: &Chain, path: &Path, accounts: &[AccountId], horizon: u64) -> f64 {
	let outputs = path.known_outputs();
	let mut wins = 0.0;
	for ahead in 2..=horizon {
		for (block_id, fee) in due_in(chain, ahead) {
			wins += match chain.seed_ahead(ahead, &outputs, block_id) {
				Some(seed) => {
					let drawn = chain.drawn_by(fee, seed);
					f64::from(u8::from(drawn.is_some_and(|who| accounts.contains(&who))))
				},
				None => accounts.iter().map(|who| chain.odds(*who, fee)).sum(),
			};
		}
	}
	wins
}

/// What decides which path is worth most to an author, in tokens.
#[derive(Clone, Copy, Debug)]
pub struct Stakes {
	/// What it earns with each draw.
	pub draw: f64,
	/// What it loses with each block that it leaves out.
	pub withheld: f64,
	/// What it gets for each block of others that it replaces.
	pub replaced: f64,
}

/// Returns the path that is worth most to an author with these accounts. The honest path if none is worth more.
pub fn best_path<'a>(
	chain: &Chain,
	paths: &'a [Path],
	accounts: &[AccountId],
	stakes: Stakes,
) -> Option<&'a Path> {
	if paths.len() < 2 {
		return paths.first();
	}
	let horizon = paths.iter().map(|path| path.known as u64 + 1).max().unwrap_or(1);
	let value = |path: &Path| {
		wins_along(chain, path, accounts, horizon) * stakes.draw
			+ f64::from(path.replaced) * stakes.replaced
			- f64::from(path.withheld) * stakes.withheld
	};
	let mut best: Option<(&Path, f64)> = None;
	for path in paths {
		let value = value(path);
		if best.is_none_or(|(_, most)| value > most + 1e-12) {
			best = Some((path, value));
		}
	}
	best.map(|(path, _)| path)
}

/// Pays what blocks that the attacker replaces would have earned their authors: their transactions come into
/// its own blocks.
pub fn pay_replaced(chain: &mut Chain, path: &Path, reward: f64) {
	let fees = f64::from(path.replaced) * reward;
	chain.pay_tokens(ATTACKER, fees);
	chain.pay_tokens(OTHER_AUTHORS, -fees);
}

/// The members that a draw of the next block can choose, to see whom it chooses if some leave before.
#[derive(Clone, Debug)]
pub struct Rehearsal {
	/// In the order in which a draw walks them.
	members: Vec<(AccountId, U256)>,
	by_remainder: bool,
}

impl Rehearsal {
	/// Returns the members as they are now, with their weights at this fee.
	pub fn at(fee: PricePerGas) -> Self {
		let rows = ProverPool::get_provers(1, MAX_PAGE);
		let weights = ProverPool::get_prover_weights(fee, 1, MAX_PAGE);
		let mut members: Vec<_> = rows
			.into_iter()
			.zip(weights)
			.map(|(row, weight)| {
				let price = row.listed.unwrap_or(row.offer).reward_per_gas;
				((price, row.prover_id), (row.account, weight.weight))
			})
			.filter(|(_, (_, weight))| !weight.is_zero())
			.collect();
		members.sort_unstable_by_key(|(order, _)| *order);
		let members = members.into_iter().map(|(_, member)| member).collect();
		Self { members, by_remainder: Rules::get().remainder }
	}

	/// Returns whom a seed draws, if each member has the weight that `changed` makes of its present one.
	pub fn drawn(
		&self,
		seed: U256,
		changed: impl Fn(AccountId, U256) -> U256,
	) -> Option<AccountId> {
		let weights = self.members.iter().map(|(who, weight)| (*who, changed(*who, *weight)));
		drawn_of(weights, seed, self.by_remainder)
	}
}

/// Returns whom a seed draws of these members and weights, in the order in which a draw walks them.
/// `by_remainder`: the point of the first edition.
pub fn drawn_of<Who>(
	weights: impl Iterator<Item = (Who, U256)> + Clone,
	seed: U256,
	by_remainder: bool,
) -> Option<Who> {
	let total = weights.clone().fold(U256::zero(), |sum, (_, weight)| sum + weight);
	if total.is_zero() {
		return None;
	}
	let mut point = if by_remainder { seed % total } else { high_half(seed, total) };
	for (who, weight) in weights {
		if point < weight {
			return Some(who);
		}
		point -= weight;
	}
	None
}

/// Returns ⌊seed · total / 2²⁵⁶⌋.
fn high_half(seed: U256, total: U256) -> U256 {
	let U512([.., w4, w5, w6, w7]) = seed.full_mul(total);
	U256([w4, w5, w6, w7])
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::world::{honest, World};

	/// A rehearsal draws whom the lottery draws, also after a member has left.
	#[test]
	fn a_rehearsal_foresees_draws() {
		for remainder in [false, true] {
			let mut world = World::demo();
			world.rules = Edition { remainder, ..Edition::default() };
			world.add_attacker(0, 0.3, world.price + 2, 16);
			world.setup().run(|chain| {
				let (fee, leaver) = (chain.fee(), honest(1));
				let seeds: Vec<_> = (0..200u64)
					.map(|at| U256::from_big_endian(&sp_io::hashing::blake2_256(&at.to_le_bytes())))
					.collect();
				let rehearsal = Rehearsal::at(fee);
				for seed in &seeds {
					let drawn = rehearsal.drawn(*seed, |_, weight| weight);
					assert_eq!(drawn, chain.drawn_by(fee, *seed));
				}
				let stays = |who, weight| if who == leaver { U256::zero() } else { weight };
				assert_eq!(chain.exit(leaver), Ok(()));
				for seed in seeds {
					assert_eq!(rehearsal.drawn(seed, stays), chain.drawn_by(fee, seed));
				}
			});
		}
	}
}
