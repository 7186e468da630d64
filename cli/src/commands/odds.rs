//! `odds`: the share that an offer would have in draws.

use super::{refusals::refused_offer, views::terms, weights::percent, Context};
use crate::{
	amount::Token,
	args::OddsArgs,
	chain::Balance,
	output::{as_text, base_units, Show},
	reads::{
		pool::{self, Offer},
		rollup,
	},
	Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Odds {
	fee_per_gas: u32,
	#[serde(serialize_with = "base_units")]
	stake: Balance,
	reward_per_gas: u32,
	max_capacity: u32,
	#[serde(serialize_with = "as_text")]
	share: u64,
}

/// Shows the share after the best block. Refused if the pool would refuse the offer.
pub async fn run(context: &Context, args: OddsArgs) -> Result<()> {
	let token = context.client.token();
	let stake = token.parse(&args.stake)?;
	let at = context.client.best().await?;
	let (parameters, provers) = (pool::parameters(&at).await?, pool::provers(&at).await?);
	if let Some(refusal) = refused_offer(token, &parameters, &provers, stake, args.capacity) {
		return Err(refusal.into());
	}
	let fee_per_gas = match args.fee {
		Some(fee) => fee,
		None => rollup::fee_per_gas(&at).await?,
	};
	let (reward_per_gas, max_capacity) = (args.price, args.capacity);
	let offer = Offer { stake, reward_per_gas, max_capacity, paused: false };
	let share = pool::odds(&at, fee_per_gas, offer).await?;
	context.print(&Odds { fee_per_gas, stake, reward_per_gas, max_capacity, share })
}

impl Show for Odds {
	fn text(&self, token: &Token) -> String {
		format!(
			"{} {}: {} of the draws at {} base units per gas, while all of its capacity is free.",
			token.format(self.stake),
			terms(self.reward_per_gas, self.max_capacity),
			percent(self.share),
			self.fee_per_gas
		)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn odds_are_shown_in_percent() {
		let odds = Odds {
			fee_per_gas: 10_000,
			stake: 80_000_000_000_000,
			reward_per_gas: 9_000,
			max_capacity: 4,
			share: pool::SHARE_UNIT / 8,
		};
		let expected =
			"80 UNIT at 9000 base units per gas, for up to 4 blocks at once: 12.5000 % of \
		                the draws at 10000 base units per gas, while all of its capacity is free.";
		assert_eq!(odds.text(&Token::new("UNIT", 12).unwrap()), expected);
		let json = serde_json::to_value(&odds).unwrap();
		assert_eq!(
			(&json["stake"], &json["share"]),
			(&"80000000000000".into(), &"125000000000000000".into())
		);
	}
}
