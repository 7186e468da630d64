//! `parameters`: the live parameters of the pool.

use super::Context;
use crate::{
	amount::Token,
	chain::Balance,
	output::{base_units, count, pairs, Show},
	reads::{
		clock::{self, Unit},
		pool,
	},
	Result,
};
use serde::Serialize;

/// One whole, in the unit of the chain's shares.
const BILLION: u32 = 1_000_000_000;

/// The parameters, by the chain's names. Shares are parts of 10⁹.
#[derive(Serialize)]
struct Parameters {
	clock: Unit,
	max_provers: u32,
	max_exits: u32,
	min_capacity: u32,
	max_capacity: u32,
	#[serde(serialize_with = "base_units")]
	min_stake_per_capacity: Balance,
	exit_period: u32,
	min_change_delay: u32,
	slash_points: u32,
	slash_multiplier: u32,
	slash_exits_first: bool,
	slash_deferral: u32,
	max_misses: u32,
	suspension_period: u32,
	max_paused_share: u32,
	min_overbid: u32,
	ejection_threshold: u32,
	max_liability: u32,
	entry_delay: u32,
	draw_delay: u32,
	max_pending_draws: u32,
	max_draws_per_block: u32,
	max_admissions: u32,
}

/// Shows the parameters after the best block.
pub async fn run(context: &Context) -> Result<()> {
	let at = context.client.best().await?;
	let live = pool::parameters(&at).await?;
	let (_, clock) = clock::now(&at).await?;
	context.print(&Parameters {
		clock,
		max_provers: live.max_provers,
		max_exits: live.max_exits,
		min_capacity: live.min_capacity,
		max_capacity: live.max_capacity,
		min_stake_per_capacity: live.min_stake_per_capacity,
		exit_period: live.exit_period,
		min_change_delay: live.min_change_delay,
		slash_points: live.slash_points.0,
		slash_multiplier: live.slash_multiplier,
		slash_exits_first: live.slash_exits_first,
		slash_deferral: live.slash_deferral,
		max_misses: live.max_misses,
		suspension_period: live.suspension_period,
		max_paused_share: live.max_paused_share.0,
		min_overbid: live.min_overbid.0,
		ejection_threshold: live.ejection_threshold.0,
		max_liability: live.max_liability,
		entry_delay: live.entry_delay,
		draw_delay: live.draw_delay,
		max_pending_draws: live.max_pending_draws,
		max_draws_per_block: live.max_draws_per_block,
		max_admissions: live.max_admissions,
	})
}

impl Parameters {
	fn period(&self, length: u32) -> String {
		let unit = self.clock.name();
		count(length, unit, &format!("{unit}s"))
	}

	fn slash(&self) -> String {
		let (share, multiple) = (percent(self.slash_points), self.slash_multiplier);
		format!("{share} of what answers / capacity, at least {multiple} times the proof's reward")
	}

	fn suspension(&self) -> String {
		match self.max_misses {
			0 => "never".into(),
			misses => format!(
				"after {} in a row, for {}, of at most {} of the stake",
				count(misses, "miss", "misses"),
				self.period(self.suspension_period),
				percent(self.max_paused_share)
			),
		}
	}
}

/// Returns a share in percent.
fn percent(parts: u32) -> String {
	let (whole, rest) = (parts / (BILLION / 100), parts % (BILLION / 100));
	let decimals = format!("{rest:07}");
	match decimals.trim_end_matches('0') {
		"" => format!("{whole} %"),
		decimals => format!("{whole}.{decimals} %"),
	}
}

impl Show for Parameters {
	fn text(&self, token: &Token) -> String {
		let blocks = |number: u32| count(number, "block", "blocks");
		let deferral = match self.slash_deferral {
			0 => "none".into(),
			deferral => self.period(deferral),
		};
		let order = if self.slash_exits_first { "exits first" } else { "in proportion" };
		pairs(&[
			("Slots", self.max_provers.to_string()),
			("Capacity", format!("{} to {}", self.min_capacity, self.max_capacity)),
			(
				"Stake",
				format!("at least {} for each block", token.format(self.min_stake_per_capacity)),
			),
			("Overbid", percent(self.min_overbid)),
			("Entry delay", blocks(self.entry_delay)),
			("Draw delay", blocks(self.draw_delay)),
			("Change delay", self.period(self.min_change_delay)),
			("Exit period", self.period(self.exit_period)),
			("Exits", format!("at most {}", self.max_exits)),
			("Slash", self.slash()),
			("Taken", order.into()),
			("Deferral", deferral),
			(
				"Ejection",
				format!("below {} of the minimum stake", percent(self.ejection_threshold)),
			),
			("Suspension", self.suspension()),
			("Liability", format!("discharge after {}", self.period(self.max_liability))),
			(
				"Limits",
				format!(
					"{} pending draws, {} draws and {} listings a block",
					self.max_pending_draws, self.max_draws_per_block, self.max_admissions
				),
			),
		])
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parameters() -> Parameters {
		Parameters {
			clock: Unit::Blocks,
			max_provers: 1_024,
			max_exits: 8,
			min_capacity: 4,
			max_capacity: 128,
			min_stake_per_capacity: 10_000_000_000_000,
			exit_period: 100_800,
			min_change_delay: 600,
			slash_points: 2_500_000,
			slash_multiplier: 4,
			slash_exits_first: false,
			slash_deferral: 0,
			max_misses: 3,
			suspension_period: 14_400,
			max_paused_share: 333_333_333,
			min_overbid: 50_000_000,
			ejection_threshold: 500_000_000,
			max_liability: 403_200,
			entry_delay: 10,
			draw_delay: 3,
			max_pending_draws: 128,
			max_draws_per_block: 16,
			max_admissions: 16,
		}
	}

	#[test]
	fn parameters_are_shown_with_their_units() {
		let token = Token::new("UNIT", 12).unwrap();
		let expected = "\
Slots         1024
Capacity      4 to 128
Stake         at least 10 UNIT for each block
Overbid       5 %
Entry delay   10 blocks
Draw delay    3 blocks
Change delay  600 blocks
Exit period   100800 blocks
Exits         at most 8
Slash         0.25 % of what answers / capacity, at least 4 times the proof's reward
Taken         in proportion
Deferral      none
Ejection      below 50 % of the minimum stake
Suspension    after 3 misses in a row, for 14400 blocks, of at most 33.3333333 % of the stake
Liability     discharge after 403200 blocks
Limits        128 pending draws, 16 draws and 16 listings a block";
		assert_eq!(parameters().text(&token), expected);
		let never = Parameters { max_misses: 0, slash_exits_first: true, ..parameters() };
		let text = never.text(&token);
		assert!(text.contains("Suspension    never") && text.contains("exits first"), "{text}");
	}

	#[test]
	fn shares_are_shown_exactly() {
		for (parts, text) in
			[(0, "0 %"), (1, "0.0000001 %"), (2_500_000, "0.25 %"), (BILLION, "100 %")]
		{
			assert_eq!(percent(parts), text);
		}
	}
}
