//! What an author of blocks knows of draws before it decides: pure, without copying the chain's state.

use crate::{babe::Path, chain::Chain, runtime::AccountId};
use prover_pool_primitives::{BlockId, PricePerGas};

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

/// Returns the path that is worth most to an author, which pays `reward` for each block that it gives up
/// and earns `gain` with each draw. The honest path if none is worth more.
pub fn best_path<'a>(
	chain: &Chain,
	paths: &'a [Path],
	accounts: &[AccountId],
	gain: f64,
	reward: f64,
) -> Option<&'a Path> {
	if paths.len() < 2 {
		return paths.first();
	}
	let horizon = paths.iter().map(|path| path.known as u64 + 1).max().unwrap_or(1);
	let value = |path: &Path| {
		wins_along(chain, path, accounts, horizon) * gain - f64::from(path.withheld) * reward
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
