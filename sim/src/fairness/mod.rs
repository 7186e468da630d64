//! What honest provers earn, and how the market behaves without attacks.
//!
//! | Module | What it measures |
//! |---|---|
//! | [`shares`] | shares of income against shares of weight |
//! | [`spread`] | how far the incomes of equal provers differ |
//! | [`market`] | fee and utilisation with provers that enter and leave by profit |
//! | [`recovery`] | verified blocks while a third of the provers fails |

pub mod market;
pub mod recovery;
pub mod shares;
pub mod spread;

use crate::{
	parameters::Parameters,
	plot,
	pricing::{self, ASKS_LEAST, ASKS_MOST, CEILING, FLOOR, LAG},
	stats::Estimate,
};
use rayon::prelude::*;
use std::path::Path;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
	/// Blocks of the rollup for the shares of income.
	pub blocks: u64,
	/// Runs for each row of all other tables.
	pub runs: u64,
	/// Blocks of the chain in each phase of the market, and four times those in which the fee is pushed.
	pub phase: u64,
}

impl Scale {
	/// Returns that of the documentation.
	pub fn full() -> Self {
		Self { blocks: 400_000, runs: 50, phase: 4_000 }
	}

	/// Returns one with this many runs, or else that of the documentation.
	pub fn with_runs(runs: Option<u64>) -> Self {
		let full = Self::full();
		let of = |runs: u64| Self { blocks: full.blocks / full.runs * runs, runs, ..full };
		runs.map_or(full, of)
	}
}

/// Measures everything, writes the plots into a folder, and returns the text of a chapter, whose plots are in
/// `economics/`.
///
/// # Errors
/// Those of the plots, in words.
pub fn report(scale: Scale, seed: u64, plots: &Path) -> Result<String, String> {
	let mut text = String::from("## Fairness\n\n");
	text += &shares_text(scale, seed);
	text += &spread_text(scale, seed);
	text += &fees_text(scale, seed);
	text += &market_text(scale, seed, plots)?;
	text += &recovery_text(scale, seed, plots)?;
	Ok(text)
}

fn shares_text(scale: Scale, seed: u64) -> String {
	let mut text = String::from(
		"### Income follows weight\n\nEight honest provers of unequal size, with the same price. A share of \
		 weight is the average over all draws. The interval of 95 % is that of draws by lot.\n\n\
		 | stake | capacity | share of weight | share of draws | share of income | difference | interval |\n\
		 |--:|--:|--:|--:|--:|--:|--:|\n",
	);
	let shares = shares::measure(&Parameters::demo(), scale.blocks, seed);
	for row in &shares.rows {
		text += &format!(
			"| {} | {} | {:.2} % | {:.2} % | {:.2} % | {:+.2} % | ± {:.2} % |\n",
			row.tokens,
			row.capacity,
			100.0 * row.weight,
			100.0 * row.draws,
			100.0 * row.income,
			100.0 * (row.income - row.weight),
			100.0 * row.half_width,
		);
	}
	text += &format!(
		"\n{} blocks of the rollup. The largest difference is {:.2} % of all income, and {:.2} % of the \
		 prover's own.\n\n",
		shares.blocks,
		100.0 * shares.largest_difference(),
		100.0 * shares.largest_relative_difference(),
	);
	text
}

fn spread_text(scale: Scale, seed: u64) -> String {
	let mut text = String::from(
		"### How far incomes differ\n\nEqual provers, 800 blocks of the rollup, of which some 24 are in the \
		 hands of provers at once. The deviation of a prover's income, in percent of the mean, against that of \
		 draws by lot. Small capacities even incomes out: who has much work is not drawn.\n\n\
		 | provers | capacity | busy | deviation | by lot |\n|--:|--:|--:|--:|--:|\n",
	);
	for (provers, capacity) in
		[(8, 4), (8, 8), (8, 64), (32, 4), (32, 64), (128, 4), (128, 64), (512, 4)]
	{
		let spread = spread::measure(provers, capacity, scale.runs, seed);
		text += &format!(
			"| {provers} | {capacity} | {:.0} % | {:.1} % | {:.1} % |\n",
			100.0 * spread.busy,
			100.0 * spread.deviation,
			100.0 * spread.by_lot,
		);
	}
	text + "\n"
}

/// A share of the stake, what it asks, what the others ask, and the demand.
const PUSHES: [(f64, bool, f64); 8] = [
	(0.2, true, 1.0),
	(0.265, true, 1.0),
	(0.3, true, 1.0),
	(0.4, true, 1.0),
	(0.4, true, 8.0),
	(0.7, false, 1.0),
	(0.75, false, 1.0),
	(0.9, false, 1.0),
];

fn fees_text(scale: Scale, seed: u64) -> String {
	let mut text = String::from(
		"### How fast the fee moves\n\nA share of the stake asks one end of the price band, all others ask the \
		 other end. The formula takes the step of the average and the time from a request to its settlement.\n\n\
		 | share of the stake | asks | others ask | full blocks per block | percent per block | by the formula \
		 | halved or doubled after |\n|--:|--:|--:|--:|--:|--:|--:|\n",
	);
	let parameters = Parameters::demo();
	for (row, (share, undercuts, demand)) in PUSHES.into_iter().enumerate() {
		let (mine, others) = if undercuts { (FLOOR, CEILING) } else { (CEILING, FLOOR) };
		let price = |multiple: f64| if multiple < 1.0 { ASKS_LEAST } else { ASKS_MOST };
		let (blocks, from) = (scale.phase / 4, scale.phase as usize / 40);
		let growths: Vec<f64> = (0..scale.runs.clamp(1, 20))
			.into_par_iter()
			.map(|run| {
				// Rows have draws of their own.
				let seed = seed.wrapping_add(run).wrapping_mul(1_000_003).wrapping_add(row as u64);
				let (price, others) = (price(mine), price(others));
				let pushed =
					pricing::measure(&parameters, share, price, others, demand, blocks, seed);
				pushed.growth(from)
			})
			.collect();
		let growth = Estimate::of(growths.into_iter());
		let formula =
			pricing::growth(&parameters, pricing::mean_price(share, mine, others), demand, LAG);
		let halved = std::f64::consts::LN_2 / growth.mean.abs();
		text += &format!(
			"| {:.1} % | {:.0} % | {:.0} % | {demand} | {:+.4} ± {:.4} | {:+.4} | {:.0} blocks |\n",
			100.0 * share,
			100.0 * mine,
			100.0 * others,
			100.0 * growth.mean,
			100.0 * growth.half_width,
			100.0 * formula,
			halved,
		);
	}
	text + "\n"
}

fn market_text(scale: Scale, seed: u64, plots: &Path) -> Result<String, String> {
	let market = market::Market { phase: scale.phase, ..market::Market::default() };
	let run = market::run(&market, seed);
	let mut text = format!(
		"### Fee and utilisation under changing demand\n\n{} provers, whose proofs cost 30 to 90 % of the first \
		 fee, ask twice their costs. They enter and leave by their expected profit, with a cost of capital \
		 of {} of the stake per block. Means over the second half of each phase.\n\n\
		 | full blocks per block | fee | members | utilisation | verified per block | fee by the formula | members by it |\n\
		 |--:|--:|--:|--:|--:|--:|--:|\n",
		market.firms, market.capital_cost,
	);
	for phase in &run.phases {
		text += &format!(
			"| {} | {:.0} | {:.1} | {:.1} % | {:.2} | {:.0} | {} |\n",
			phase.demand,
			phase.fee,
			phase.members,
			100.0 * phase.utilisation,
			phase.verified,
			phase.equilibrium.fee,
			phase.equilibrium.members,
		);
	}
	let of = |value: fn(&market::Sample) -> f64| -> Vec<(f64, f64)> {
		run.samples.iter().map(|sample| (sample.block as f64, value(sample))).collect()
	};
	let series = [
		("fee, in percent of the first", of(|sample| sample.fee / 100.0)),
		("members", of(|sample| sample.members as f64)),
		("utilisation, in percent", of(|sample| 100.0 * sample.utilisation)),
	];
	plot::lines(&plots.join("market.svg"), "Fee and utilisation", "blocks of the chain", &series)?;
	text += "\n![market](economics/market.svg)\n\n";
	Ok(text)
}

fn recovery_text(scale: Scale, seed: u64, plots: &Path) -> Result<String, String> {
	let mut text = String::from(
		"### A third of the provers fails\n\nFour of twelve equal provers stop at the same moment, with two \
		 blocks of the rollup per block. They have recovered when in 50 blocks at least 90 % of what is proposed \
		 is verified, until the end.\n\n\
		 | rescuer | suspension after | least verified per block | recovered after | lost: not accepted, \
		 skipped or cancelled |\n|---|--:|--:|--:|--:|\n",
	);
	let mut series = Vec::new();
	for (rescued, max_misses) in [(true, 3), (true, 0), (false, 3), (false, 0)] {
		let failure = recovery::Failure { rescued, max_misses, ..recovery::Failure::default() };
		let measured = recovery::measure(&failure, scale.runs, seed);
		let misses = if max_misses == 0 { "never".into() } else { format!("{max_misses} misses") };
		let recovered = match measured.recovered_after {
			Some(blocks) => format!("{blocks} blocks"),
			None => "not".into(),
		};
		text += &format!(
			"| {} | {misses} | {:.2} | {recovered} | {:.0} |\n",
			if rescued { "yes" } else { "no" },
			measured.least,
			measured.lost,
		);
		if max_misses == 3 {
			let name = if rescued { "with a rescuer" } else { "without" };
			series.push((name, measured.points()));
		}
	}
	let path = plots.join("recovery.svg");
	plot::lines(&path, "Verified per block", "blocks of the chain since the failure", &series)?;
	text += "\n![recovery](economics/recovery.svg)\n\n";
	Ok(text)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The chapter can be written.
	#[test]
	fn the_report_has_all_tables_and_plots() {
		let folder = std::env::temp_dir().join("prover-pool-sim-fairness");
		std::fs::create_dir_all(&folder).unwrap();
		let text = report(Scale { blocks: 300, runs: 1, phase: 400 }, 1, &folder).unwrap();
		assert_eq!(text.matches("### ").count(), 5, "{text}");
		assert!(folder.join("market.svg").exists() && folder.join("recovery.svg").exists());
	}
}
