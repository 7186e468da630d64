//! How much slow provers delay a rollup whose blocks are verified in order.
//!
//! One prompt prover and a slow one with a share of the draws; proposers fill every place, so that the
//! number of blocks that may wait is what bounds the rollup.

use crate::{
	agents::{Profile, Rescuer},
	babe::Babe,
	chain::Chain,
	parameters::Parameters,
	runtime::*,
	world::{pass, proposer, World, ATTACKER, OTHER_AUTHORS},
};

/// What a slow prover does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Slow {
	/// It never proves: its blocks are rescued.
	Fails,
	/// It proves at the end of its window.
	UsesItsWindow,
}

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delays {
	/// Blocks of the chain.
	pub blocks: u64,
	/// Blocks of the rollup that were verified.
	pub verified: u64,
	/// Assignments.
	pub assigned: u64,
	/// Assignments to the slow prover.
	pub slow: u64,
	/// The sum of the windows of all assignments, in blocks.
	pub windows: u64,
	/// The longest window, in blocks.
	pub longest_window: u64,
	/// Assignments of the slow prover that were slashed.
	pub slashed: u64,
}

impl Delays {
	/// Returns the verified blocks per block of the chain.
	pub fn rate(&self) -> f64 {
		self.verified as f64 / self.blocks.max(1) as f64
	}

	/// Returns the average window, in blocks.
	pub fn window(&self) -> f64 {
		self.windows as f64 / self.assigned.max(1) as f64
	}

	/// Counts the draws of the present block.
	fn count_draws(&mut self, chain: &Chain) {
		for draw in chain.draws() {
			let Ok((prover, _, deadline)) = draw.outcome else { continue };
			let window = deadline.saturating_sub(chain.clock());
			self.assigned += 1;
			self.slow += u64::from(prover == ATTACKER);
			self.windows += window;
			self.longest_window = self.longest_window.max(window);
		}
	}
}

/// What to measure.
#[derive(Clone, Debug)]
pub struct Request {
	/// The parameters of the chain.
	pub parameters: Parameters,
	/// What the slow prover does.
	pub slow: Slow,
	/// Its share of the draws, in percent.
	pub percent: u32,
	/// The provers that rescue blocks, at most 8.
	pub rescuers: u64,
	/// For how many blocks of the chain.
	pub blocks: u64,
	/// The seed.
	pub seed: u64,
}

/// Makes the proposers of a market fill every place for blocks that wait.
pub fn fill_all_places(world: &mut World) {
	let Parameters { max_unverified_blocks, max_pending_per_proposer, .. } = world.parameters;
	world.demand = f64::from(max_unverified_blocks);
	world.proposers = u64::from(max_unverified_blocks.div_ceil(max_pending_per_proposer.max(1)));
}

/// So much that no slash changes who is drawn, in base units.
const STAKE: Balance = 1_000_000_000 * UNIT;
/// Blocks of the chain before the count begins: the queue fills, and the window shrinks from the first one to
/// what prompt provers make of it.
const WARM_UP: u64 = 150;

fn world(request: &Request) -> World {
	let mut world = World::with(request.parameters.clone());
	// A suspended prover would be slow no longer.
	world.parameters.max_misses = 0;
	fill_all_places(&mut world);
	world.provers = 1;
	world.stake = STAKE;
	world.capacity = world.parameters.max_capacity;
	world.profile = Profile { delay: 0, ..Profile::default() };
	if request.percent > 0 {
		let share = f64::from(request.percent) / 100.0;
		world.add_attacker(0, share, world.price, world.capacity);
		world.attackers_work = Some(match request.slow {
			Slow::Fails => Profile { works: false, ..world.profile },
			Slow::UsesItsWindow => Profile { to_spare: Some(0), ..world.profile },
		});
	}
	world
}

/// Measures the delays.
pub fn measure(request: &Request) -> Delays {
	let world = world(request);
	world.setup().run(|chain| {
		let mut market = world.market();
		// Proposers rescue their own blocks and those of others.
		market.rescuers = (0..request.rescuers).map(|at| Rescuer::new(proposer(at))).collect();
		let mut babe = Babe::two(ATTACKER, 0.0, OTHER_AUTHORS, request.seed);
		pass(chain, &mut market, &mut babe, WARM_UP);
		let verified_before = chain.counts().verified;
		let missed_before = chain.record(ATTACKER).missed;
		let mut delays = Delays { blocks: request.blocks, ..Delays::default() };
		for _ in 0..request.blocks {
			pass(chain, &mut market, &mut babe, 1);
			delays.count_draws(chain);
		}
		delays.verified = chain.counts().verified - verified_before;
		delays.slashed = u64::from(chain.record(ATTACKER).missed - missed_before);
		delays
	})
}

/// The shares of the draws that the table shows, in percent.
const SHARES: [u32; 4] = [0, 2, 5, 10];

/// Returns a table of all shares and both kinds of slow provers, by the parameters of a request.
pub fn table(request: &Request) -> String {
	let mut text = String::from(
		"draws | slow provers         | verified | window     | slashed\n      \
		       |                      | a block  | mean, most |        \n\
		 ------|----------------------|----------|------------|--------\n",
	);
	for slow in [Slow::Fails, Slow::UsesItsWindow] {
		for percent in SHARES {
			// Without slow provers, both kinds are the same.
			if percent > 0 || slow == Slow::Fails {
				text += &line(&Request { slow, percent, ..request.clone() });
			}
		}
	}
	text
}

fn line(request: &Request) -> String {
	let name = match request.slow {
		_ if request.percent == 0 => "none",
		Slow::Fails => "fail, are rescued",
		Slow::UsesItsWindow => "use their window",
	};
	let delays = measure(request);
	format!(
		"{:>3} % | {name:<20} | {:>8.2} | {:>5.1} {:>4} | {:>7}\n",
		request.percent,
		delays.rate(),
		delays.window(),
		delays.longest_window,
		delays.slashed,
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn request(slow: Slow, percent: u32, blocks: u64) -> Request {
		Request { parameters: Parameters::demo(), slow, percent, rescuers: 5, blocks, seed: 1 }
	}

	#[test]
	fn prompt_provers_wait_for_nobody() {
		let demo = Parameters::demo();
		let delays = measure(&request(Slow::Fails, 0, 60));
		// Proposed, drawn, claimed in the next block, verified after the cooldown, replaced in the next.
		let life = demo.draw_delay + 1 + 1 + demo.cooldown + 1;
		let most = f64::from(demo.max_unverified_blocks) / life as f64;
		assert!(delays.rate() >= 0.95 * most, "{} of {most}", delays.rate());
		assert_eq!((delays.slow, delays.slashed), (0, 0));
	}

	/// However many provers fail, all places are free again after the life of one block that is rescued:
	/// windows run at the same time, and delays do not add up.
	#[test]
	fn delays_of_slow_provers_do_not_add_up() {
		let demo = Parameters::demo();
		// Drawn, rescued up to two blocks after the window, verified, replaced.
		let life = demo.draw_delay + 1 + demo.min_proof_window + 3 + demo.cooldown + 1;
		let least = f64::from(demo.max_unverified_blocks) / life as f64;
		for (slow, percent) in [(Slow::Fails, 10), (Slow::Fails, 50), (Slow::UsesItsWindow, 10)] {
			let delays = measure(&request(slow, percent, 3 * life));
			assert!(delays.rate() >= 0.95 * least, "{slow:?}: {} of {least}", delays.rate());
			assert!(delays.slow > 0);
			assert_eq!(delays.slashed > 0, slow == Slow::Fails);
		}
	}
}
