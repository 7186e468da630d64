//! Measures how much slow provers delay the rollup of the demo chain, and prints a table.
//!
//! ```text
//! cargo run --release -p prover-pool-model --example serial_delay -- --blocks 3000 --seed 1
//! ```

use clap::Parser;
use prover_pool_model::serial_delay::{run, Outcome, Parameters, Slow};
use prover_pool_runtime::{
	configs::{pool, protocol, system},
	VERSION,
};

/// Measures how much slow provers delay the rollup of the demo chain.
#[derive(Parser)]
struct Arguments {
	/// The blocks of the chain for each line of the table
	#[arg(long, default_value_t = 3_000)]
	blocks: u64,
	/// The seed of the draws
	#[arg(long, default_value_t = 1)]
	seed: u8,
	/// The provers that rescue blocks, 1 to 5
	#[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=5))]
	rescuers: u8,
	/// The blocks from a request to its draw, if other than the demo's
	#[arg(long)]
	draw_delay: Option<u64>,
}

/// The shares of the draws that are shown, in percent.
const SHARES: [u32; 4] = [0, 2, 5, 10];

fn main() {
	let Arguments { blocks, seed, rescuers, draw_delay } = Arguments::parse();
	let mut demo = demo(rescuers.into());
	demo.draw_delay = draw_delay.unwrap_or(demo.draw_delay);
	println!("{} {}: {blocks} blocks, seed {seed}", VERSION.spec_name, VERSION.spec_version);
	println!("{rescuers} rescuers, draws {} blocks after their requests\n", demo.draw_delay);
	println!("draws | slow provers         | verified | window     | slashed");
	println!("      |                      | a block  | mean, most |        ");
	println!("------|----------------------|----------|------------|--------");
	for slow in [Slow::Fails, Slow::UsesItsWindow] {
		for percent in SHARES {
			if percent > 0 || slow == Slow::Fails {
				print(percent, slow, &run(&demo, slow, percent, blocks, seed));
			}
		}
	}
}

fn print(percent: u32, slow: Slow, outcome: &Outcome) {
	let name = match slow {
		_ if percent == 0 => "none",
		Slow::Fails => "fail, are rescued",
		Slow::UsesItsWindow => "use their window",
	};
	println!(
		"{percent:>3} % | {name:<20} | {:>8.2} | {:>5.1} {:>4} | {:>7}",
		outcome.rate(),
		outcome.window(),
		outcome.longest_window,
		outcome.slashed,
	);
}

/// The demo chain's parameters.
fn demo(rescuers: usize) -> Parameters {
	let time = u64::from;
	// A draw waits for one block more than its delay: the seed of a block is that of its parent.
	let draw_delay = time(pool::DrawDelay::get()) + 1;
	Parameters {
		base_gas: protocol::BaseGas::get(),
		max_gas_limit: protocol::MaxGasLimit::get(),
		max_unverified_blocks: protocol::MaxUnverifiedBlocks::get(),
		max_pending_per_proposer: protocol::MaxPendingPerProposer::get(),
		max_open_blocks: protocol::MaxOpenBlocks::get(),
		min_proof_window: time(protocol::MinProofWindow::get()),
		max_proof_window: time(protocol::MaxProofWindow::get()),
		window_multiplier: protocol::WindowMultiplier::get(),
		cooldown: time(protocol::Cooldown::get()),
		expiry_period: time(protocol::ExpiryPeriod::get()),
		averaging_factor: protocol::AveragingFactor::get(),
		fee_per_gas: protocol::FIRST_FEE_PER_GAS,
		delay: time(protocol::FIRST_DELAY),
		draw_delay,
		max_draws_per_block: pool::MaxDrawsPerBlock::get(),
		max_pending_draws: pool::MaxPendingDraws::get(),
		idle_weight: system::MAXIMUM_BLOCK_WEIGHT
			- system::NORMAL_DISPATCH_RATIO * system::MAXIMUM_BLOCK_WEIGHT,
		rescuers,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn prompt_provers_wait_for_nobody() {
		let demo = demo(5);
		let outcome = run(&demo, Slow::Fails, 0, 60, 1);
		// Proposed, drawn, claimed in the next block, verified after the cooldown, replaced in the next.
		let life = demo.draw_delay + 1 + demo.cooldown + 1;
		let most = f64::from(demo.max_unverified_blocks) / life as f64;
		assert!(outcome.rate() >= 0.95 * most, "{} of {most}", outcome.rate());
		assert_eq!((outcome.slow, outcome.slashed), (0, 0));
	}

	/// However many provers fail, all places are free again after the life of one block that is rescued:
	/// windows run at the same time, and delays do not add up.
	#[test]
	fn delays_of_slow_provers_do_not_add_up() {
		let demo = demo(5);
		// Drawn, rescued up to two blocks after the window, verified, replaced.
		let life = demo.draw_delay + demo.min_proof_window + 3 + demo.cooldown + 1;
		let least = f64::from(demo.max_unverified_blocks) / life as f64;
		for (slow, percent) in [(Slow::Fails, 10), (Slow::Fails, 50), (Slow::UsesItsWindow, 10)] {
			let outcome = run(&demo, slow, percent, 66, 1);
			assert!(outcome.rate() >= 0.95 * least, "{slow:?}: {} of {least}", outcome.rate());
			assert!(outcome.slow > 0);
			assert_eq!(outcome.slashed > 0, slow == Slow::Fails);
		}
	}
}
