//! `weights`: what each member weighs in a draw.

use super::Context;
use crate::{
	amount::Token,
	args::WeightsArgs,
	chain::Balance,
	output::{base_units, Align, Show, Table},
	reads::{pool, rollup},
	Result,
};
use serde::Serialize;
use std::collections::BTreeMap;
use subxt::config::substrate::U256;

/// Shares are parts of this.
const WHOLE: u64 = 1_000_000_000_000_000_000;

#[derive(Serialize)]
struct Weights {
	fee_per_gas: u32,
	weights: Vec<Weight>,
}

#[derive(Serialize)]
struct Weight {
	prover_id: u32,
	who: Option<String>,
	#[serde(serialize_with = "base_units")]
	staked_amount: Balance,
	effective_price: u32,
	weight: String,
	#[serde(serialize_with = "crate::output::as_text")]
	share: u64,
}

/// Asks for a draw of the next block at this fee.
pub async fn run(context: &Context, args: WeightsArgs) -> Result<()> {
	let at = context.client.best().await?;
	let fee_per_gas = match args.fee {
		Some(fee) => fee,
		None => rollup::fee_per_gas(&at).await?,
	};
	let members: BTreeMap<_, _> = pool::provers(&at).await?.into_iter().collect();
	let weights = pool::weights(&at, fee_per_gas).await?.into_iter().map(|weight| {
		let member = members.get(&weight.prover_id);
		Weight {
			prover_id: weight.prover_id,
			who: member.map(|member| context.client.address(&member.who)),
			staked_amount: member.map_or(0, |member| member.staked_amount),
			effective_price: weight.effective_price,
			weight: U256(weight.weight.0).to_string(),
			share: weight.share,
		}
	});
	context.print(&Weights { fee_per_gas, weights: weights.collect() })
}

impl Show for Weights {
	fn text(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("SLOT", Align::Right),
			("ACCOUNT", Align::Left),
			("STAKE", Align::Right),
			("PAID", Align::Right),
			("SHARE", Align::Right),
		]);
		for weight in &self.weights {
			table.row([
				weight.prover_id.to_string(),
				weight.who.clone().unwrap_or_default(),
				token.format(weight.staked_amount),
				weight.effective_price.to_string(),
				percent(weight.share),
			]);
		}
		format!(
			"In a draw of the next block at {} base units per gas:\n{}",
			self.fee_per_gas,
			table.text("The pool is empty.")
		)
	}
}

/// A share in percent, rounded down to four decimals.
fn percent(share: u64) -> String {
	let ten_thousandths = share / (WHOLE / 1_000_000);
	format!("{}.{:04} %", ten_thousandths / 10_000, ten_thousandths % 10_000)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_are_shown_in_percent() {
		for (share, text) in [
			(0, "0.0000 %"),
			(WHOLE / 3, "33.3333 %"),
			(WHOLE / 100_000, "0.0010 %"),
			(WHOLE, "100.0000 %"),
		] {
			assert_eq!(percent(share), text);
		}
	}
}
