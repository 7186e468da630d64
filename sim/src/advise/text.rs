//! What is printed of the advice: each parameter with its formula and its reason.

use super::{Advice, Chain, Line, DAY, HOUR, MINUTE};
use crate::{parameters::Parameters, runtime::*};
use sp_runtime::Perbill;

impl Chain {
	/// Returns a number of blocks with the time that they take.
	fn time(&self, blocks: BlockNumber) -> String {
		let seconds = blocks as f64 * self.block_time;
		let (value, unit) = match seconds {
			it if it < 2.0 * MINUTE => (it, "s"),
			it if it < 2.0 * HOUR => (it / MINUTE, "min"),
			it if it < 2.0 * DAY => (it / HOUR, "h"),
			it => (it / DAY, "days"),
		};
		let value = format!("{value:.1}");
		format!("{blocks} blocks ({} {unit})", value.strip_suffix(".0").unwrap_or(&value))
	}

	/// Returns all chapters.
	pub(super) fn chapters(&self, it: &Parameters) -> Vec<(&'static str, Vec<Line>)> {
		let full = |price| {
			pallet_block_proposal::fees::cost::<Balance>(it.base_gas, it.max_gas_limit, price)
		};
		vec![
			("Draws", self.draws(it)),
			("Windows", self.windows(it)),
			("Numbers of blocks", self.numbers(it)),
			("Fee", self.fees(it)),
			("Stakes and slashes", self.stakes(it, full(it.min_fee_per_gas))),
			("What the chain itself should have", vec![self.author_reward()]),
		]
	}

	fn draws(&self, it: &Parameters) -> Vec<Line> {
		let share = self.largest_author;
		vec![
			line(
				"DrawDelay",
				self.time(it.draw_delay),
				format!(
					"the smallest d with share^(d+1) of at most 1 %: for that share of requests the largest author \
					 makes all blocks up to the seed; {:.2} % with a share of {share}",
					100.0 * self.foreseen(it.draw_delay)
				),
			),
			line(
				"EntryDelay",
				self.time(it.entry_delay),
				format!(
					"the smallest n above DrawDelay for which n blocks in a row of the largest author come at most once in \
					 30 days, block time / ((1 - share) * share^n): once in {:.0} days",
					self.run_time(it.entry_delay) / DAY
				),
			),
			line(
				"MinChangeDelay",
				self.time(it.min_change_delay),
				"an hour, at least ten times EntryDelay: else members that leave and enter in time are never ranked"
					.into(),
			),
		]
	}

	fn windows(&self, it: &Parameters) -> Vec<Line> {
		vec![
			line(
				"MinProofWindow",
				self.time(it.min_proof_window),
				"twice the proof time, so that a proof may fail once, and 4 blocks: one to see the draw, three to \
				 be included"
					.into(),
			),
			line(
				"MaxProofWindow",
				self.time(it.max_proof_window),
				"three times MinProofWindow: room for proofs that get slower; one lazy prover delays all by this \
				 time"
					.into(),
			),
			line(
				"WindowMultiplier",
				format!("{} %", it.window_multiplier),
				"twice the average delay, as in the original".into(),
			),
			line(
				"first delay",
				self.time(it.first_delay),
				"the proof time, a block to see the draw and one to be included".into(),
			),
			line(
				"Cooldown",
				self.time(it.cooldown),
				"the time of a dispute, at least 5 blocks: what is verified before is final".into(),
			),
			line(
				"ExpiryPeriod",
				self.time(it.expiry_period),
				"MaxProofWindow, over which open rewards rise, and MinProofWindow for a proof at the end of it".into(),
			),
			line(
				"MaxPause",
				self.time(it.max_pause),
				"twice the time of a dispute, at least an hour".into(),
			),
		]
	}

	fn numbers(&self, it: &Parameters) -> Vec<Line> {
		vec![
			line(
				"MaxUnverifiedBlocks",
				it.max_unverified_blocks.to_string(),
				"demand * (DrawDelay + 1 + MaxProofWindow + Cooldown), at least 128: the rollup keeps its rate \
				 although some provers use the longest window"
					.into(),
			),
			line(
				"MaxOpenBlocks",
				it.max_open_blocks.to_string(),
				"a quarter of MaxUnverifiedBlocks".into(),
			),
			line(
				"MaxDrawsPerBlock",
				it.max_draws_per_block.to_string(),
				"four times the demand, at least 16".into(),
			),
			line(
				"MaxPendingDraws",
				it.max_pending_draws.to_string(),
				"8 * MaxDrawsPerBlock: a full queue is drawn in eight blocks".into(),
			),
			line(
				"MaxPendingPerProposer",
				it.max_pending_per_proposer.to_string(),
				"an eighth of MaxPendingDraws: one proposer cannot fill the queue".into(),
			),
			line(
				"MinCapacity",
				it.min_capacity.to_string(),
				format!(
					"blocks in the hands of provers, demand * (proof time + 2 blocks) = {:.0}, divided by 32: that \
					 number of the smallest provers does all work",
					self.demand * (self.blocks(self.proof_time) + 2) as f64
				),
			),
			line(
				"MaxCapacity",
				it.max_capacity.to_string(),
				"MaxUnverifiedBlocks: a larger one cannot be used, and would lower a slash".into(),
			),
		]
	}

	fn fees(&self, it: &Parameters) -> Vec<Line> {
		let gas = f64::from(it.base_gas) + f64::from(it.max_gas_limit);
		vec![
			line("MaxGasLimit", it.max_gas_limit.to_string(), "as given, in proving gas".into()),
			line(
				"BaseGas",
				it.base_gas.to_string(),
				"a quarter of MaxGasLimit, the least that the protocol accepts".into(),
			),
			line(
				"first fee",
				format!("{} per gas", it.first_fee_per_gas),
				format!("fee * 10^12 / (BaseGas + MaxGasLimit) = {} * 10^12 / {gas:.0}", self.fee),
			),
			line(
				"MinFeePerGas",
				it.min_fee_per_gas.to_string(),
				"a tenth of the first fee; the cost of a proof, where that is known and higher".into(),
			),
			line(
				"MaxFeePerGas",
				it.max_fee_per_gas.to_string(),
				"ten times the first fee: stakes are made for it".into(),
			),
			line(
				"AveragingFactor",
				it.averaging_factor.to_string(),
				"demand * blocks per day * 7.5 % / ln 2, at least 100: 40 % of the stake that undercut all others \
				 take a day to halve the fee"
					.into(),
			),
			line(
				"MaxFeeStep",
				percent(it.max_fee_step),
				"ln 2 * block time / 1 h, at most 1 %: no burst of blocks halves the fee in less than an hour".into(),
			),
		]
	}

	/// Returns the reward of a block of the chain with which an author that leaves out a block loses: the draw
	/// that it gave up is its own again with its share, and the margin of a proof is half of the fee.
	fn author_reward(&self) -> Line {
		let gain = self.largest_author * self.demand * self.fee / 2.0;
		line(
			"author's reward",
			format!("more than {} for a block of the chain", tokens(gain * UNIT as f64)),
			"share * demand * fee / 2: with less, an author with the same share of the weight gains by leaving \
			 out blocks whose draws it dislikes"
				.into(),
		)
	}

	fn stakes(&self, it: &Parameters, lowest_reward: Balance) -> Vec<Line> {
		let slash = 0.75 * Balance::from(it.slash_multiplier) as f64 * lowest_reward as f64;
		vec![
			line(
				"SlashMultiplier",
				it.slash_multiplier.to_string(),
				format!(
					"value of a block / (75 % of the fee), at least 4: a slash takes more than a late block brings; at \
					 the lowest fee it takes {}",
					tokens(slash)
				),
			),
			line(
				"MinStakePerCapacity",
				tokens(it.min_stake_per_capacity as f64),
				"SlashMultiplier * cost(MaxGasLimit, 125 % of MaxFeePerGas): the slash of a full block at the \
				 highest price"
					.into(),
			),
			line(
				"smallest stake",
				tokens(it.min_stake_per_capacity as f64 * f64::from(it.min_capacity)),
				"MinStakePerCapacity * MinCapacity".into(),
			),
			line("SlashPoints", "0.25 %".into(), "as in the original".into()),
			line(
				"RescueBonus",
				format!("{:.1} %", f64::from(it.rescue_bonus.deconstruct()) / 1e7),
				"(MinProofWindow - 1 block) / (2 * proof time) - 1, at most 10 %: a list that makes its prover miss \
				 costs its rescuer at least as much more than the fee; with a larger bonus its proposer gains by \
				 rescuing it"
					.into(),
			),
			line(
				"SlashDeferral",
				self.time(it.slash_deferral),
				"Cooldown: who can remove a wrong claim in that time can cancel a wrong slash".into(),
			),
			line(
				"MaxMisses",
				it.max_misses.to_string(),
				"three in a row: by chance hardly, with a broken machine soon".into(),
			),
			line("SuspensionPeriod", self.time(it.suspension_period), "an hour, for a repair".into()),
			line(
				"MaxPausedShare",
				percent(it.max_paused_share),
				"a quarter: three quarters of the stake go on proving, even if lists make all others miss".into(),
			),
			line(
				"ProofBond",
				tokens(it.proof_bond as f64),
				"ten times the reward of a full block at the first fee".into(),
			),
			line(
				"ExitPeriod",
				self.time(it.exit_period),
				"a week, at least twice MaxProofWindow + ExpiryPeriod + Cooldown".into(),
			),
			line(
				"MaxLiability",
				self.time(it.max_liability),
				"twice the time in which every block is settled: MaxProofWindow + ExpiryPeriod + Cooldown + \
				 MaxUnverifiedBlocks * (MinProofWindow + Cooldown) + MaxPause"
					.into(),
			),
		]
	}
}

fn line(name: &'static str, value: String, reason: String) -> Line {
	Line { name, value, reason }
}

/// Returns a share in percent, with up to four digits after the point.
fn percent(share: Perbill) -> String {
	let digits = format!("{:.4}", f64::from(share.deconstruct()) / 1e7);
	format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Returns an amount of base units in tokens, with three digits that count.
fn tokens(amount: f64) -> String {
	let tokens = amount / UNIT as f64;
	let digits = if tokens >= 100.0 {
		0
	} else if tokens > 0.0 {
		(2.0 - tokens.log10().floor()).max(0.0) as usize
	} else {
		0
	};
	let text = format!("{tokens:.digits$}");
	let text =
		if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
	let unit = if text == "1" { "token" } else { "tokens" };
	format!("{text} {unit}")
}

impl std::fmt::Display for Advice {
	/// Writes a line with the value and a line with the reason for each parameter.
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		for (title, lines) in &self.chapters {
			writeln!(f, "{title}")?;
			for line in lines {
				writeln!(f, "  {} = {}", line.name, line.value)?;
				writeln!(f, "      {}", line.reason)?;
			}
		}
		writeln!(f, "All others as on the demo chain. The pallets accept these parameters.")
	}
}
