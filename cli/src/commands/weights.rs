//! `weights`: the weight of each member in a draw.

use super::Context;
use crate::{
	amount::Token,
	args::WeightsArgs,
	chain::Balance,
	output::{base_units, Align, Show, Table},
	reads::{
		pool::{self, SHARE_UNIT},
		rollup,
	},
	Result,
};
use serde::Serialize;
use std::collections::BTreeMap;
use subxt::config::substrate::U256;

#[derive(Serialize)]
struct Weights {
	fee_per_gas: u32,
	weights: Vec<Weight>,
}

#[derive(Serialize)]
struct Weight {
	prover_id: u32,
	account: Option<String>,
	#[serde(serialize_with = "base_units")]
	stake: Balance,
	effective_price: u32,
	weight: String,
	#[serde(serialize_with = "crate::output::as_text")]
	share: u64,
}

/// Shows the weights in a draw of the next block.
pub async fn run(context: &Context, args: WeightsArgs) -> Result<()> {
	let at = context.client.best().await?;
	let fee_per_gas = match args.fee {
		Some(fee) => fee,
		None => rollup::fee_per_gas(&at).await?,
	};
	let members = pool::provers(&at).await?.into_iter();
	let members: BTreeMap<_, _> = members.map(|member| (member.prover_id, member)).collect();
	let weights = pool::weights(&at, fee_per_gas).await?.into_iter().map(|weight| {
		let member = members.get(&weight.prover_id);
		Weight {
			prover_id: weight.prover_id,
			account: member.map(|member| context.client.address(&member.account)),
			stake: member.map_or(0, |member| member.offer.stake),
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
				weight.account.clone().unwrap_or_default(),
				token.format(weight.stake),
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

/// Returns a share in percent, rounded down to four decimals.
pub(super) fn percent(share: u64) -> String {
	let ten_thousandths = share / (SHARE_UNIT / 1_000_000);
	format!("{}.{:04} %", ten_thousandths / 10_000, ten_thousandths % 10_000)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_are_shown_in_percent() {
		for (share, text) in [
			(0, "0.0000 %"),
			(SHARE_UNIT / 3, "33.3333 %"),
			(SHARE_UNIT / 100_000, "0.0010 %"),
			(SHARE_UNIT, "100.0000 %"),
		] {
			assert_eq!(percent(share), text);
		}
	}
}
