//! The report `docs/economics.md`: what each attack earns, and where it begins to pay.

use crate::{
	attack::{Attack, Expected, Measured, Pays},
	attacks,
	fairness::{self, Scale},
	parameters::Parameters,
	plot,
	stats::Estimate,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{fs, path::Path};

/// What to report.
#[derive(Clone, Debug)]
pub struct Request {
	/// The number of pairs of each attack at the demo's value; `None`: its own.
	pub runs: Option<u64>,
	/// The seed of all runs.
	pub seed: u64,
	/// The command, to be printed.
	pub command: String,
	/// The day, to be printed.
	pub date: String,
}

/// How many steps are made towards it.
const STEPS: u32 = 5;

/// Returns a progress bar for this many pairs of runs.
pub fn progress(name: &str, runs: u64) -> ProgressBar {
	let style = ProgressStyle::with_template("{prefix:<32} {bar:30} {pos}/{len} {eta}");
	let bar = ProgressBar::new(runs).with_prefix(name.to_string());
	match style {
		Ok(style) => bar.with_style(style),
		Err(_) => bar,
	}
}

/// Ends a progress bar. Where there is no terminal to show it, prints a line in its place.
fn finish(bar: &ProgressBar) {
	bar.finish();
	if bar.is_hidden() {
		let (name, runs, time) = (bar.prefix(), bar.position(), bar.elapsed().as_secs_f64());
		eprintln!("{name}: {runs} pairs of runs in {time:.1} s");
	}
}

/// Measures all attacks, and writes `economics.md` and a folder of plots into a folder.
///
/// # Errors
/// Those of the file system and of the plots, in words.
pub fn write(request: &Request, folder: &Path) -> Result<(), String> {
	let plots = folder.join("economics");
	let mut text = document(&attacks::all(), request, &plots)?;
	eprintln!("fairness");
	text += &fairness::report(Scale::with_runs(request.runs), request.seed, &plots)?;
	fs::write(folder.join("economics.md"), text).map_err(|error| error.to_string())
}

/// What was measured of an attack.
struct Study {
	attack: Attack,
	sweep: Vec<Measured>,
	pays: Pays,
}

impl Study {
	/// Measures an attack. `number`: which one of how many it is.
	fn new(attack: Attack, request: &Request, number: &str) -> Self {
		let parameters = Parameters::demo();
		let runs = request.runs.unwrap_or(attack.runs);
		let bar = progress(&format!("{number} {}", attack.name), attack.sweep_runs(runs));
		let sweep = attack.sweep(&parameters, runs, request.seed, &bar);
		let runs_of_steps = Attack::runs_elsewhere(runs);
		let pays = attack.pays(&parameters, &sweep, runs_of_steps, request.seed, STEPS, &bar);
		finish(&bar);
		Self { attack, sweep, pays }
	}

	/// Returns what was measured at the demo's value.
	fn demo(&self) -> Option<&Measured> {
		self.sweep.iter().find(|it| it.value == self.attack.variable.demo)
	}
}

fn document(attacks: &[Attack], request: &Request, plots: &Path) -> Result<String, String> {
	fs::create_dir_all(plots).map_err(|error| error.to_string())?;
	let number = |at: usize| format!("{}/{}", at + 1, attacks.len());
	let studies = attacks.iter().enumerate();
	let studies: Vec<_> =
		studies.map(|(at, attack)| Study::new(*attack, request, &number(at))).collect();
	let mut text = introduction(request) + &overview(&studies);
	for study in &studies {
		text += &section(study);
		let path = plots.join(format!("{}.svg", study.attack.name));
		plot::profit(&study.attack, &study.sweep, &path)?;
	}
	Ok(text)
}

fn introduction(request: &Request) -> String {
	let Request { command, seed, date, .. } = request;
	format!(
		"# Economics\n\n\
		 What an attack on the prover pool earns, what it costs others, and which parameter decides: agents on \
		 the real pallets, with the demo chain's parameters ([sim](../sim/README.md)).\n\n\
		 Written by `{command}`, seed {seed}, on {date}. Each attack is compared with a control: a run with the \
		 same seed in which the attacker's accounts do what honest ones of their size do. Amounts are in tokens \
		 per 1,000 blocks of the rollup, as differences to the control, with intervals of 95 %. At the demo's \
		 first fee, a full block pays its prover 0.1 tokens.\n\n"
	)
}

/// Returns the table of all attacks.
fn overview(studies: &[Study]) -> String {
	let mut text = String::from(
		"| attack | pays at the demo's parameters? | profit | loss of the victims | pays |\n\
		 |---|---|--:|--:|---|\n",
	);
	for study in studies {
		let Some(demo) = study.demo() else { continue };
		let name = study.attack.name;
		text += &format!(
			"| [{name}](#{name}) | {} | {} | {} | {} |\n",
			match demo.sign() {
				Expected::Gains => "**yes**",
				Expected::Nothing => "no: not told from 0",
				Expected::Loses => "no: it loses",
			},
			interval(demo.profit),
			interval(demo.loss),
			where_it_pays(study),
		);
	}
	text + "\n"
}

/// Returns at which values of its variable an attack pays.
fn where_it_pays(study: &Study) -> String {
	let values = || study.sweep.iter().map(|it| it.value);
	let least = number(values().fold(f64::INFINITY, f64::min));
	let most = number(values().fold(f64::NEG_INFINITY, f64::max));
	let at = match study.pays {
		Pays::Never => format!("at no value from {least} to {most}"),
		Pays::Always => format!("at all values from {least} to {most}"),
		Pays::From(value) => format!("from {} on", number(value)),
		Pays::UpTo(value) => format!("up to {}", number(value)),
	};
	format!("{at} ({})", study.attack.variable.name)
}

/// Returns a number with three digits that count.
fn number(value: f64) -> String {
	if value == 0.0 {
		return "0".into();
	}
	let digits = (2.0 - value.abs().log10().floor()).clamp(0.0, 12.0);
	let scale = 10f64.powf(digits);
	((value * scale).round() / scale).to_string()
}

/// Returns the section of an attack.
fn section(study: &Study) -> String {
	let Study { attack, sweep, .. } = study;
	let mut text = format!("## {}\n\n{}\n\n", attack.name, attack.words);
	text += &table(attack, sweep);
	text += &format!("\nIt pays {}.", where_it_pays(study));
	if !attack.why_fewer.is_empty() {
		text += &format!(" {}", attack.why_fewer);
	}
	text + &format!("\n\n![{0}](economics/{0}.svg)\n\n", attack.name)
}

/// Returns the table of a sweep.
pub fn table(attack: &Attack, sweep: &[Measured]) -> String {
	let mut text = format!(
		"| {} | pairs of runs | profit | loss of the victims | verified per block of the chain | in the control |\n\
		 |--:|--:|--:|--:|--:|--:|\n",
		attack.variable.name
	);
	for it in sweep {
		let demo = if it.value == attack.variable.demo { " (demo)" } else { "" };
		text += &format!(
			"| {}{demo} | {} | {} | {} | {:.3} | {:.3} |\n",
			it.value,
			it.profit.runs,
			interval(it.profit),
			interval(it.loss),
			it.liveness,
			it.control_liveness,
		);
	}
	text
}

fn interval(estimate: Estimate) -> String {
	// Adding 0 to what was rounded keeps the sign away from a 0.
	let mean = (estimate.mean * 1_000.0).round() / 1_000.0 + 0.0;
	format!("{mean:.3} ± {:.3}", estimate.half_width)
}

/// Returns the sentence that says whether an attack does what it is expected to do.
pub fn verdict(attack: &Attack, measured: &Measured) -> String {
	let says = |sign| match sign {
		Expected::Loses => "loses",
		Expected::Nothing => "gains nothing",
		Expected::Gains => "gains",
	};
	format!(
		"{}: the attacker {} ({} per 1,000 blocks; expected: it {})",
		attack.name,
		says(measured.sign()),
		interval(measured.profit),
		says(attack.expected),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::attack::{Outcome, Variable};

	const ATTACK: Attack = Attack {
		name: "example",
		words: "It gains its value.",
		variable: Variable { name: "value", demo: 1.0, values: &[-1.0, 1.0], whole: false },
		expected: Expected::Gains,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 2,
		run: |case| Outcome {
			profit: if case.attack { case.value } else { 0.0 },
			blocks: 1_000,
			chain_blocks: 1_000,
			verified: 500,
			..Outcome::default()
		},
	};

	#[test]
	fn the_report_begins_with_the_overview_and_plots_each_attack() {
		let folder = std::env::temp_dir().join(format!("prover-pool-sim-{}", std::process::id()));
		let request = Request {
			runs: Some(20),
			seed: 7,
			command: "prover-pool-sim report".into(),
			date: "2026-01-31".into(),
		};
		let text = document(&[ATTACK], &request, &folder).expect("the folder can be written");
		let plot = fs::read_to_string(folder.join("example.svg")).expect("it was written");
		fs::remove_dir_all(&folder).expect("it is ours");

		assert!(text.contains("`prover-pool-sim report`, seed 7, on 2026-01-31."));
		let row = "| [example](#example) | **yes** | 1.000 ± 0.000 | 0.000 ± 0.000 | from 0.0625 on (value) |";
		assert!(text.contains(row), "{text}");
		let row = "| 1 (demo) | 20 | 1.000 ± 0.000 | 0.000 ± 0.000 | 0.500 | 0.500 |";
		assert!(text.contains(row), "{text}");
		assert!(plot.starts_with("<svg") && plot.trim_end().ends_with("</svg>"));
		assert!(plot.len() < 20_000, "{} bytes", plot.len());
	}

	#[test]
	fn numbers_have_three_digits_that_count() {
		assert_eq!(number(0.0), "0");
		assert_eq!(number(1.0 / 3.0), "0.333");
		assert_eq!(number(0.012345), "0.0123");
		assert_eq!(number(1_234.5), "1235");
	}
}
