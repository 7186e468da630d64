//! Parameters for a chain, by formula where there is one.
//!
//! [`Chain::advise`] returns them with the reason for each. The pallets' own checks decide whether a runtime
//! can have them. `docs/choosing-parameters.md` explains what to do with them.

use crate::{parameters::Parameters, runtime::*};
use prover_pool_primitives::{Capacity, Gas, PricePerGas};
use sp_runtime::Perbill;

mod text;

/// What is known of a chain. Amounts are in tokens of 10¹² base units, times in seconds.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Chain {
	/// The time between two blocks of the chain, in seconds
	#[arg(long)]
	pub block_time: f64,
	/// The time in which the slowest honest prover proves a full block of the rollup, in seconds
	#[arg(long)]
	pub proof_time: f64,
	/// What the proof of a full block of the rollup is expected to earn, in tokens
	#[arg(long)]
	pub fee: f64,
	/// The share of all blocks of the chain that the largest author makes
	#[arg(long, default_value_t = 0.25)]
	pub largest_author: f64,
	/// What somebody can gain by a block of the rollup that is late, in tokens
	#[arg(long, default_value_t = 0.0)]
	pub block_value: f64,
	/// The full blocks of the rollup for each block of the chain
	#[arg(long, default_value_t = 1.0)]
	pub demand: f64,
	/// The time from a wrong claim to its removal by governance, in seconds
	#[arg(long, default_value_t = 3_600.0)]
	pub dispute_time: f64,
	/// The gas limit of a block of the rollup, in proving gas
	#[arg(long, default_value_t = 8_000_000)]
	pub gas_limit: Gas,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
	/// The name of the `Config` item.
	pub name: &'static str,
	/// The value, with its unit.
	pub value: String,
	/// The formula and its reason.
	pub reason: String,
}

/// Parameters, with the reason for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
	/// The parameters, which the pallets accept.
	pub parameters: Parameters,
	/// What to print: chapters with their lines.
	pub chapters: Vec<(&'static str, Vec<Line>)>,
}

/// One minute, in seconds.
const MINUTE: f64 = 60.0;
/// One hour.
const HOUR: f64 = 60.0 * MINUTE;
/// One day.
const DAY: f64 = 24.0 * HOUR;
/// The largest share of requests that one author may foresee.
const MOST_FORESEEN: f64 = 0.01;
/// How rarely one author makes all blocks of an entry delay.
const RUN_EVERY: f64 = 30.0 * DAY;
/// The highest fee, and the lowest one by division, in multiples of the expected one.
const FEE_RANGE: u32 = 10;
/// How many of the smallest provers suffice for all work.
const SMALLEST_PROVERS: f64 = 32.0;
/// The largest bonus of a rescue that is advised. The agreed reward pays for the proof.
const MOST_BONUS: f64 = 0.1;
/// By how much the fee moves with each full block while 40 % of the stake undercut.
const PUSH: f64 = 0.075;

impl Chain {
	/// Returns the parameters for this chain.
	///
	/// # Errors
	/// What is impossible, in a sentence, or the pallets' own sentence.
	pub fn advise(&self) -> Result<Advice, String> {
		self.validate()?;
		let parameters = self.parameters()?;
		parameters.check().map_err(|sentence| {
			format!("the pallets refuse these parameters: {sentence}; change the input")
		})?;
		Ok(Advice { chapters: self.chapters(&parameters), parameters })
	}

	fn validate(&self) -> Result<(), String> {
		let amount = |name: &str, value: f64, low: f64, high: f64, unit: &str| match (low..=high)
			.contains(&value)
		{
			true => Ok(()),
			false => Err(format!("{name} must be between {low} and {high} {unit}, not {value}")),
		};
		amount("the block time", self.block_time, 0.1, 600.0, "seconds")?;
		amount("the proof time", self.proof_time, 0.001, 7.0 * DAY, "seconds")?;
		amount("the fee", self.fee, 1e-9, 1e9, "tokens")?;
		amount("the value of a block", self.block_value, 0.0, 1e12, "tokens")?;
		amount("the demand", self.demand, 0.001, 64.0, "full blocks of the rollup per block")?;
		amount("the time of a dispute", self.dispute_time, 1.0, 30.0 * DAY, "seconds")?;
		if self.gas_limit < 1_000 {
			return Err(format!("the gas limit must be at least 1000, not {}", self.gas_limit));
		}
		if self.largest_author.is_nan() || self.largest_author <= 0.0 {
			return Err("the share of the largest author must be more than 0".into());
		}
		if self.largest_author >= 0.5 {
			return Err("an author of half of all blocks decides every draw; no delay helps against it: find \
			            more authors"
				.into());
		}
		Ok(())
	}

	/// Returns a time in blocks, rounded up.
	fn blocks(&self, seconds: f64) -> BlockNumber {
		// Without an error of the division, which would add a block.
		(seconds / self.block_time - 1e-9).ceil().max(1.0) as BlockNumber
	}

	/// Returns the time in which one author makes all blocks of a row of this length once, in seconds.
	fn run_time(&self, blocks: BlockNumber) -> f64 {
		let share = self.largest_author;
		self.block_time / ((1.0 - share) * share.powf(blocks as f64))
	}

	/// Returns the share of requests of which one author makes all blocks up to the seed.
	fn foreseen(&self, draw_delay: BlockNumber) -> f64 {
		self.largest_author.powf(draw_delay as f64 + 1.0)
	}

	fn parameters(&self) -> Result<Parameters, String> {
		let demo = Parameters::demo();
		let base_gas = self.gas_limit.div_ceil(4);
		let gas = f64::from(base_gas) + f64::from(self.gas_limit);
		let price = self.fee * UNIT as f64 / gas;
		let lowest = f64::from(8 * FEE_RANGE);
		if price < lowest {
			return Err(format!(
				"a fee of {} tokens is {price:.1} base units per gas, too few for prices of whole units: it must \
				 be at least {lowest}; count gas in larger units, by a lower gas limit",
				self.fee
			));
		}
		let highest = f64::from(PricePerGas::MAX / (2 * FEE_RANGE));
		if price > highest {
			return Err(format!(
				"a fee of {} tokens is {price:.0} base units per gas, more than a price can be: it must be at \
				 most {highest:.0}; count gas in smaller units, by a higher gas limit",
				self.fee
			));
		}
		let first_fee = price.round() as PricePerGas;
		let (min_fee, max_fee) = (first_fee / FEE_RANGE, first_fee * FEE_RANGE);
		let cost = |price: PricePerGas| {
			pallet_block_proposal::fees::cost::<Balance>(base_gas, self.gas_limit, price)
		};

		// Draws.
		let draw_delay = (1..).find(|it| self.foreseen(*it) <= MOST_FORESEEN).unwrap_or(1);
		let after_draws = draw_delay + 1;
		let entry_delay =
			(after_draws..).find(|it| self.run_time(*it) >= RUN_EVERY).unwrap_or(after_draws);

		// Windows.
		let proof = self.blocks(self.proof_time);
		let min_window = self.blocks(2.0 * self.proof_time) + 4;
		let max_window = 3 * min_window;
		let cooldown = self.blocks(self.dispute_time).max(5);
		let expiry = max_window + min_window;
		let max_pause = self.blocks((2.0 * self.dispute_time).max(HOUR));
		// A prover sees its draw in the next block. What it cannot prove in the rest of its window costs
		// whoever proves it that many times the cost of a full block, which is half of the fee.
		let missed = (min_window - 1) as f64 / proof as f64;
		let rescue_bonus = (missed / 2.0 - 1.0).clamp(0.0, MOST_BONUS);

		// Numbers of blocks.
		let waits = self.demand * (draw_delay + 1 + max_window + cooldown) as f64;
		let unverified = (waits.ceil() as u32).max(128);
		let draws = ((4.0 * self.demand).ceil() as u32).max(16);
		let pending = 8 * draws;
		let in_hand = self.demand * (proof + 2) as f64;
		let min_capacity = ((in_hand / SMALLEST_PROVERS).ceil() as Capacity).max(1);

		// Money.
		let least_slash = 0.75 * self.fee;
		let multiplier = (self.block_value / least_slash - 1e-9).ceil();
		if multiplier > f64::from(u16::MAX) {
			return Err(format!(
				"the slash would be {multiplier:.0} times the reward: a block of value {} is too much for a fee \
				 of {}; settle such values elsewhere, or raise the fee",
				self.block_value, self.fee
			));
		}
		let multiplier = (multiplier as u32).max(4);
		let highest_reward =
			cost(pallet_block_proposal::fees::share_of_fee(max_fee, demo.price_ceiling_percent));
		let averaging = self.demand * (DAY / self.block_time) * PUSH / std::f64::consts::LN_2;
		let step = std::f64::consts::LN_2 * self.block_time / HOUR;

		// How long the pool must wait for the protocol.
		let each = BlockNumber::from(unverified) * (min_window + cooldown);
		let settled_within = max_window + expiry + cooldown + each + max_pause;
		let without_others = 2 * (max_window + expiry + cooldown);

		Ok(Parameters {
			base_gas,
			max_gas_limit: self.gas_limit,
			max_unverified_blocks: unverified,
			max_pending_per_proposer: (pending / 8).max(1),
			max_open_blocks: (unverified / 4).max(1),
			min_proof_window: min_window,
			max_proof_window: max_window,
			cooldown,
			expiry_period: expiry,
			max_pause,
			rescue_bonus: Perbill::from_float(rescue_bonus),
			averaging_factor: (averaging.ceil() as u32).max(100),
			min_fee_per_gas: min_fee,
			max_fee_per_gas: max_fee,
			max_fee_step: Perbill::from_float(step.min(0.01)),
			proof_bond: 10 * cost(first_fee),
			min_capacity,
			max_capacity: unverified,
			min_stake_per_capacity: highest_reward * Balance::from(multiplier),
			exit_period: self.blocks(7.0 * DAY).max(without_others),
			min_change_delay: self.blocks(HOUR).max(10 * entry_delay),
			slash_multiplier: multiplier,
			slash_deferral: cooldown,
			suspension_period: self.blocks(HOUR),
			max_liability: 2 * settled_within,
			entry_delay,
			draw_delay,
			max_pending_draws: pending,
			max_draws_per_block: draws,
			first_fee_per_gas: first_fee,
			first_delay: proof + 2,
			..demo
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Parser)]
	struct Command {
		#[command(flatten)]
		chain: Chain,
	}

	fn chain(arguments: &str) -> Chain {
		let words = ["advise"].into_iter().chain(arguments.split_whitespace());
		Command::try_parse_from(words).expect("the arguments are complete").chain
	}

	const SOLO: &str = "--block-time 6 --proof-time 600 --fee 0.1";

	/// The examples of the documentation are what the command prints.
	#[test]
	fn the_documentation_shows_what_is_printed() {
		const PAGE: &str = include_str!("../../../docs/choosing-parameters.md");
		const PROMPT: &str = "```console\n$ prover-pool-sim advise ";
		let examples: Vec<_> = PAGE.split(PROMPT).skip(1).collect();
		assert_eq!(examples.len(), 3);
		for example in examples {
			let (arguments, rest) = example.split_once('\n').expect("a line");
			let (shown, _) = rest.split_once("```").expect("an end");
			let printed = chain(arguments).advise().expect("the example is possible").to_string();
			assert_eq!(shown, printed, "{arguments}\n{printed}");
		}
	}

	/// The demo's delays of draws follow from its authors.
	#[test]
	fn delays_of_draws_are_the_demos() {
		let demo = Parameters::demo();
		let advice = chain(SOLO).advise().unwrap().parameters;
		assert_eq!((advice.draw_delay, advice.entry_delay), (demo.draw_delay, demo.entry_delay));
		assert_eq!(advice.first_fee_per_gas, demo.first_fee_per_gas);
		assert_eq!(advice.base_gas, demo.base_gas);
	}

	/// A third of the slots: ten blocks in a row once in six days, as the documentation says.
	#[test]
	fn runs_are_as_rare_as_the_documentation_says() {
		let mut chain = chain(SOLO);
		chain.largest_author = 1.0 / 3.0;
		assert_eq!((chain.run_time(10) / DAY).round(), 6.0);
		chain.largest_author = 0.25;
		assert_eq!((chain.run_time(10) / DAY).round(), 97.0);
	}

	/// Whatever the chain, the pallets accept what is advised.
	#[test]
	fn the_pallets_accept_all_advice() {
		for block_time in ["0.5", "2", "12", "60"] {
			for proof_time in ["1", "60", "86400"] {
				for rest in [
					"--fee 0.01 --largest-author 0.05",
					"--fee 100 --largest-author 0.45 --block-value 5000 --dispute-time 60",
				] {
					let text =
						format!("--block-time {block_time} --proof-time {proof_time} {rest}");
					let advice = chain(&text).advise();
					assert!(advice.is_ok(), "{text}: {advice:?}");
				}
			}
		}
	}

	/// A slash takes at least what a late block is worth, at the lowest price agreed.
	#[test]
	fn a_slash_is_worth_more_than_a_late_block() {
		let mut chain = chain(SOLO);
		chain.block_value = 3.0;
		let it = chain.advise().unwrap().parameters;
		let reward = f64::from(it.slash_multiplier) * 0.75 * chain.fee;
		assert!((3.0..3.2).contains(&reward), "{reward}");
		assert!(it.min_stake_per_capacity as f64 / UNIT as f64 >= 3.0);
	}

	#[test]
	fn impossible_input_is_refused_with_a_sentence() {
		for (arguments, sentence) in [
			(
				"--block-time 0 --proof-time 60 --fee 1",
				"the block time must be between 0.1 and 600 seconds",
			),
			("--block-time NaN --proof-time 60 --fee 1", "the block time must be between"),
			("--block-time 6 --proof-time=-1 --fee 1", "the proof time must be between"),
			("--block-time 6 --proof-time 60 --fee 0", "the fee must be between"),
			("--block-time 6 --proof-time 60 --fee 0.0000001", "too few for prices of whole units"),
			("--block-time 6 --proof-time 60 --fee 100000000", "more than a price can be"),
			("--block-time 6 --proof-time 60 --fee 1 --largest-author 0", "must be more than 0"),
			(
				"--block-time 6 --proof-time 60 --fee 1 --largest-author 0.5",
				"an author of half of all blocks",
			),
			("--block-time 6 --proof-time 60 --fee 1 --block-value 1000000", "the slash would be"),
			("--block-time 6 --proof-time 60 --fee 1 --demand 0", "the demand must be between"),
			(
				"--block-time 6 --proof-time 60 --fee 1 --gas-limit 9",
				"the gas limit must be at least 1000",
			),
		] {
			let refused = chain(arguments).advise().expect_err(arguments);
			assert!(refused.contains(sentence), "{arguments}: {refused}");
		}
	}
}
