//! What `advise` shows.

use super::{
	advise::{Facts, Machine},
	weights::percent,
};
use crate::{
	advice::{capacities, slash, Forecast, RESERVE},
	amount::Token,
	chain::Balance,
	output::{base_units, count, pairs, Align, Show, Table},
	Error, Result,
};
use serde::Serialize;

/// Offers, and what they depend on.
#[derive(Serialize)]
pub(super) struct Advice {
	/// The account, if one is named.
	account: Option<String>,
	#[serde(serialize_with = "base_units")]
	stake: Balance,
	/// The highest capacity that the stake allows.
	most_capacity: u32,
	/// The number of the other members in draws.
	others: usize,
	#[serde(serialize_with = "base_units")]
	stake_of_others: Balance,
	fee_per_gas: u32,
	price_floor: u32,
	price_ceiling: u32,
	proposals_per_day: f64,
	/// The blocks of the chain in which they were counted, if they were.
	counted_blocks: Option<u64>,
	gas: u32,
	/// The cost of a proof.
	#[serde(serialize_with = "base_units")]
	proof_cost: Balance,
	#[serde(serialize_with = "base_units")]
	transaction_fee: Balance,
	/// The shortest window of a proof, in blocks of the chain.
	window: u32,
	/// The time in it for the proof.
	time_to_prove: f64,
	/// The machine, if it is known.
	machine: Option<Machine>,
	/// By price, with the best capacity.
	prices: Vec<Forecast>,
	/// By capacity, at the best price.
	capacities: Vec<AtCapacity>,
	best: Forecast,
}

/// What an offer would earn, and what each missed block would cost.
#[derive(Serialize)]
struct AtCapacity {
	#[serde(flatten)]
	forecast: Forecast,
	#[serde(serialize_with = "base_units")]
	slash: Balance,
}

impl Advice {
	/// Returns the offers. Refused if the stake is too small for any.
	pub(super) fn new(facts: Facts, token: &Token) -> Result<Self> {
		let (market, rules) = (facts.market(), facts.rules);
		let most_capacity = rules.most_capacity(facts.stake);
		let capacities = capacities(rules.min_capacity, most_capacity, market.provable);
		let mut prices = facts.band.prices(facts.fee_per_gas);
		prices.extend(facts.price.map(|price| facts.band.clamp(price)));
		let best = market.best(&prices, &capacities).ok_or_else(|| {
			let least = rules.min_stake_per_capacity.saturating_mul(rules.min_capacity.into());
			let (stake, least) = (token.format(facts.stake), token.format(least));
			Error::Usage(format!("a stake of {stake} is too small: the pool takes {least} or more"))
		})?;
		let at_capacity = |capacity: &u32| {
			let forecast = market.forecast(best.reward_per_gas, *capacity);
			let reward = market.work.cost(facts.band.clamp(best.reward_per_gas));
			let (points, multiplier) = (rules.slash_points, rules.slash_multiplier);
			let slash = slash(facts.stake, *capacity, points, multiplier, reward);
			AtCapacity { forecast, slash }
		};
		Ok(Self {
			most_capacity,
			others: facts.others.len(),
			stake_of_others: facts.others.iter().map(|(stake, _)| stake).sum(),
			price_floor: facts.band.floor,
			price_ceiling: facts.band.ceiling,
			proof_cost: market.work.cost(facts.proof_cost),
			time_to_prove: facts.time_to_prove().as_secs_f64(),
			prices: prices.iter().map(|it| market.forecast(*it, best.max_capacity)).collect(),
			capacities: capacities.iter().map(at_capacity).collect(),
			best,
			account: facts.account,
			stake: facts.stake,
			fee_per_gas: facts.fee_per_gas,
			proposals_per_day: facts.proposals_per_day,
			counted_blocks: facts.counted_blocks,
			gas: facts.gas,
			transaction_fee: facts.transaction_fee,
			window: facts.window,
			machine: facts.machine,
		})
	}

	/// Returns what the offers depend on.
	fn facts(&self, token: &Token) -> String {
		let counted = self.counted_blocks.map_or(String::new(), |blocks| {
			format!(", as in the last {}", count(blocks, "block", "blocks"))
		});
		let machine = self.machine.map_or_else(
			|| "unknown (--proof-seconds): each counts for its whole window".into(),
			|it| format!("{} s for a full block, {} at once", decimals(it.full_block), it.jobs),
		);
		let of_account = self.account.as_ref().map_or(String::new(), |it| format!(" of {it}"));
		let (stake, others) = (token.format(self.stake), token.format(self.stake_of_others));
		let members = count(self.others as u128, "other member", "other members");
		pairs(&[
			("Stake", format!("{stake}{of_account}, beside {members} with {others}")),
			(
				"Fee",
				format!(
					"{} base units per gas: prices count from {} to {}",
					self.fee_per_gas, self.price_floor, self.price_ceiling
				),
			),
			(
				"Proposals",
				format!("{:.1} a day of {} gas{counted}", self.proposals_per_day, self.gas),
			),
			(
				"Costs",
				format!(
					"{} for a proof, {} for its transaction",
					token.format(self.proof_cost),
					token.format(self.transaction_fee)
				),
			),
			("Proofs", machine),
			(
				"Window",
				format!(
					"{} blocks, without {RESERVE} of them {} s",
					self.window,
					decimals(self.time_to_prove)
				),
			),
		])
	}

	/// Returns the mark of the best offer, which is one only if it is safe and pays.
	fn mark(&self, offer: &Forecast) -> String {
		let is_best = *offer == self.best && offer.late == 0 && offer.income_per_day > 0;
		if is_best { "best" } else { "" }.into()
	}

	fn prices_table(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("PRICE", Align::Right),
			("ODDS", Align::Right),
			("BLOCKS A DAY", Align::Right),
			("INCOME A DAY", Align::Right),
			("", Align::Left),
		]);
		for it in &self.prices {
			table.row([
				it.reward_per_gas.to_string(),
				percent(it.share),
				format!("{:.1}", it.blocks_per_day),
				income(token, it.income_per_day),
				self.mark(it),
			]);
		}
		let capacity = count(self.best.max_capacity, "block", "blocks");
		format!("For up to {capacity} at once:\n{}", table.text(""))
	}

	fn capacities_table(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("CAPACITY", Align::Right),
			("IN HAND", Align::Right),
			("BLOCKS A DAY", Align::Right),
			("INCOME A DAY", Align::Right),
			("A MISS COSTS", Align::Right),
			("LATE", Align::Right),
			("", Align::Left),
		]);
		for AtCapacity { forecast: it, slash } in &self.capacities {
			let late = if it.late == 0 { "-".into() } else { format!("up to {}", it.late) };
			table.row([
				it.max_capacity.to_string(),
				format!("{:.2}", it.in_hand),
				format!("{:.1}", it.blocks_per_day),
				income(token, it.income_per_day),
				token.format(*slash),
				late,
				self.mark(it),
			]);
		}
		let price = self.best.reward_per_gas;
		format!("At {price} base units per gas:\n{}", table.text(""))
	}

	/// Returns what follows.
	fn conclusion(&self, token: &Token) -> String {
		let mut lines = Vec::new();
		let least = self.best.max_capacity;
		match self.machine {
			Some(machine) if self.best.late > 0 => lines.push(format!(
				"No capacity is safe: the machine proves {} within the window, and the smallest capacity \
				 is {least}.",
				count(machine.provable, "full block", "full blocks")
			)),
			_ if self.best.income_per_day <= 0 => {
				lines.push("No price of the band pays for the proofs.".into());
			},
			_ => lines.push(format!(
				"Best: {} base units per gas, for up to {} at once: {} a day.",
				self.best.reward_per_gas,
				count(self.best.max_capacity, "block", "blocks"),
				income(token, self.best.income_per_day)
			)),
		}
		let some_late = self.capacities.iter().any(|it| it.forecast.late > 0);
		if let Some(machine) = self.machine.filter(|_| some_late && self.best.late == 0) {
			lines.push(format!(
				"A capacity above {} promises more than the machine proves within the window: what is late is \
				 slashed.",
				machine.provable
			));
		}
		lines.push(format!(
			"The stake allows a capacity of up to {}. Assumed: the other members stay as they are and have free \
			 capacity, the fee stays, one draw follows each proposal, and nothing is missed. Rescues and tips \
			 are not counted.",
			self.most_capacity
		));
		lines.join("\n")
	}
}

impl Show for Advice {
	fn text(&self, token: &Token) -> String {
		[
			self.facts(token),
			self.prices_table(token),
			self.capacities_table(token),
			self.conclusion(token),
		]
		.join("\n\n")
	}
}

/// Returns an amount with at most six decimals, rounded towards 0.
fn income(token: &Token, amount: i128) -> String {
	let step = (token.unit() / 1_000_000).max(1);
	let size = amount.unsigned_abs();
	let rounded = token.format(size - size % step);
	if amount < 0 && size >= step {
		format!("-{rounded}")
	} else {
		rounded
	}
}

/// Returns a number with at most three decimals.
fn decimals(number: f64) -> String {
	let text = format!("{number:.3}");
	text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{advice::Band, commands::advise::Rules};
	use std::time::Duration;

	const UNIT: Balance = 1_000_000_000_000;

	fn token() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	/// The demo chain with one full block in each block, and a newcomer that makes two proofs in 48 s.
	fn facts() -> Facts {
		Facts {
			account: None,
			stake: 400 * UNIT,
			price: None,
			others: vec![(1_000 * UNIT, 8_000), (2_000 * UNIT, 10_000), (500 * UNIT, 12_000)],
			rules: Rules {
				min_capacity: 4,
				max_capacity: 128,
				min_stake_per_capacity: 10 * UNIT,
				slash_points: 2_500_000,
				slash_multiplier: 4,
			},
			fee_per_gas: 10_000,
			band: Band { floor: 7_500, ceiling: 12_500 },
			proposals_per_day: 14_400.0,
			counted_blocks: Some(200),
			base_gas: 2_000_000,
			gas: 8_000_000,
			proof_cost: 5_000,
			transaction_fee: 2_000_000_000,
			max_delay_penalty: 25_000_000,
			window: 20,
			block_time: Duration::from_secs(6),
			machine: Some(Machine { full_block: 48.0, block: 48.0, jobs: 2, provable: 4 }),
		}
	}

	fn text(facts: Facts) -> String {
		Advice::new(facts, &token()).unwrap().text(&token())
	}

	fn advice(facts: Facts) -> Advice {
		Advice::new(facts, &token()).unwrap()
	}

	#[test]
	fn offers_are_compared_by_price_and_by_capacity() {
		let expected = "\
Stake      400 UNIT, beside 3 other members with 3500 UNIT
Fee        10000 base units per gas: prices count from 7500 to 12500
Proposals  14400.0 a day of 8000000 gas, as in the last 200 blocks
Costs      0.05 UNIT for a proof, 0.002 UNIT for its transaction
Proofs     48 s for a full block, 2 at once
Window     20 blocks, without 4 of them 96 s

For up to 4 blocks at once:
PRICE       ODDS  BLOCKS A DAY    INCOME A DAY
 7500  15.3892 %        2102.6  46.388233 UNIT
 8125  13.4181 %        1863.2  52.605472 UNIT
 8750  11.7876 %        1655.1  56.946016 UNIT
 9375  10.4267 %        1475.3   59.86389 UNIT
10000   9.2813 %        1320.1  61.716273 UNIT
10625   8.3095 %        1186.2  62.776433 UNIT
11250   7.4790 %        1070.3  63.250169 UNIT
11875   6.7643 %         969.7   63.29127 UNIT  best
12500   6.1453 %         882.1  63.014362 UNIT

At 11875 base units per gas:
CAPACITY  IN HAND  BLOCKS A DAY    INCOME A DAY  A MISS COSTS      LATE
       4     0.67         969.7   63.29127 UNIT    0.475 UNIT         -  best
       8     0.68         974.1  63.573397 UNIT    0.475 UNIT   up to 4
      16     0.68         974.1  63.573432 UNIT    0.475 UNIT  up to 12
      32     0.68         974.1  63.573432 UNIT    0.475 UNIT  up to 28
      40     0.68         974.1  63.573432 UNIT    0.475 UNIT  up to 36

Best: 11875 base units per gas, for up to 4 blocks at once: 63.29127 UNIT a day.
A capacity above 4 promises more than the machine proves within the window: what is late is slashed.
The stake allows a capacity of up to 40. Assumed: the other members stay as they are and have free capacity, the \
fee stays, one draw follows each proposal, and nothing is missed. Rescues and tips are not counted.";
		assert_eq!(text(facts()), expected);
		assert!(include_str!("../../README.md").contains(expected), "the page shows another text");
	}

	#[test]
	fn without_a_machine_a_block_counts_for_its_window() {
		let unknown = text(Facts { machine: None, counted_blocks: None, ..facts() });
		for line in [
			"Proposals  14400.0 a day of 8000000 gas",
			"Proofs     unknown (--proof-seconds): each counts for its whole window",
			"      32     1.50        1077.0  62.128824 UNIT     0.45 UNIT     -  best",
			"Best: 11250 base units per gas, for up to 32 blocks at once: 62.128824 UNIT a day.",
		] {
			assert!(unknown.lines().any(|it| it == line), "{unknown}");
		}
		assert!(!unknown.contains("promises more"), "{unknown}");
	}

	#[test]
	fn what_is_unsafe_or_does_not_pay_is_not_the_best() {
		let slow = Machine { full_block: 97.0, block: 97.0, jobs: 1, provable: 0 };
		let slow = text(Facts { machine: Some(slow), ..facts() });
		let expected =
			"\nNo capacity is safe: the machine proves 0 full blocks within the window, and the \
		                smallest capacity is 4.\nThe stake allows";
		assert!(slow.contains(expected) && !slow.contains("  best"), "{slow}");
		let dear = text(Facts { proof_cost: 13_000, ..facts() });
		assert!(dear.contains("\n12500   6.1453 %         882.1    -7.552902 UNIT\n"), "{dear}");
		assert!(dear.contains("\nNo price of the band pays for the proofs.\n"), "{dear}");
		assert!(!dear.contains("  best"), "{dear}");
		let poor = Advice::new(Facts { stake: 39 * UNIT, ..facts() }, &token()).err().unwrap();
		assert_eq!(poor.exit_code(), 2);
		let expected = "a stake of 39 UNIT is too small: the pool takes 40 UNIT or more";
		assert_eq!(poor.to_string(), expected);
	}

	#[test]
	fn a_members_present_price_is_compared_too() {
		let prices = |price: Option<u32>| {
			let advice = advice(Facts { price, account: Some("5Fa".into()), ..facts() });
			assert!(advice.text(&token()).starts_with("Stake      400 UNIT of 5Fa, beside"));
			advice.prices.iter().map(|it| it.reward_per_gas).collect::<Vec<_>>()
		};
		assert_eq!((prices(None).len(), prices(Some(8_000))[1]), (9, 8_000));
		// It counts as the end of the band.
		assert_eq!(prices(Some(20_000)), prices(None));
	}

	#[test]
	fn amounts_are_text_in_json() {
		let json = serde_json::to_value(advice(facts())).unwrap();
		assert_eq!(json["best"]["income_per_day"], "63291270377460");
		assert_eq!((&json["stake"], &json["others"]), (&"400000000000000".into(), &3.into()));
		let eight = &json["capacities"][1];
		assert_eq!((&eight["max_capacity"], &eight["late"]), (&8.into(), &4.into()));
		assert_eq!(
			(&eight["slash"], &eight["share"]),
			(&"475000000000".into(), &json["best"]["share"])
		);
		assert_eq!(json["machine"]["provable"], 4);
	}

	#[test]
	fn incomes_have_six_decimals() {
		for (amount, text) in [
			(0, "0 UNIT"),
			(1_234_567_899_999, "1.234567 UNIT"),
			(-1_234_567_899_999, "-1.234567 UNIT"),
			(-999_999, "0 UNIT"),
			(-1_000_000, "-0.000001 UNIT"),
		] {
			assert_eq!(income(&token(), amount), text);
		}
		assert_eq!(income(&Token::new("BEAD", 0).unwrap(), -7), "-7 BEAD");
		let numbers = [96.0, 0.25, 4.0306, 0.0].map(decimals);
		assert_eq!(numbers, ["96", "0.25", "4.031", "0"].map(String::from));
	}
}
