//! The report: tables and plots of all attacks.

use crate::{
	attack::{Attack, Expected, Measured},
	attacks,
	parameters::Parameters,
	stats::Estimate,
};
use indicatif::{ProgressBar, ProgressStyle};
use plotters::prelude::*;
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

/// Returns a progress bar for this many pairs of runs.
pub fn progress(name: &str, runs: u64) -> ProgressBar {
	let style = ProgressStyle::with_template("{prefix:<24} {bar:30} {pos}/{len} {eta}");
	let bar = ProgressBar::new(runs).with_prefix(name.to_string());
	match style {
		Ok(style) => bar.with_style(style),
		Err(_) => bar,
	}
}

/// Measures all attacks, and writes `economics.md` and the plots into a folder.
///
/// # Errors
/// Those of the file system and of the plots, in words.
pub fn write(request: &Request, folder: &Path) -> Result<(), String> {
	let parameters = Parameters::demo();
	let plots = folder.join("economics");
	fs::create_dir_all(&plots).map_err(|error| error.to_string())?;
	let mut text = format!(
		"# Economics\n\nWritten by `{}`, seed {}, on {}. Amounts are in tokens per 1,000 blocks of the rollup, \
		 against the control, with their intervals of 95 %.\n\n",
		request.command, request.seed, request.date
	);
	for attack in attacks::all() {
		let runs = request.runs.unwrap_or(attack.runs);
		let bar = progress(attack.name, attack.sweep_runs(runs));
		let sweep = attack.sweep(&parameters, runs, request.seed, &bar);
		bar.finish();
		let steps_runs = (runs / 10).max(20);
		let threshold = attack.threshold(&parameters, &sweep, steps_runs, request.seed, 5);
		text += &section(&attack, &sweep, threshold);
		plot(&attack, &sweep, &plots.join(format!("{}.svg", attack.name)))?;
	}
	fs::write(folder.join("economics.md"), text).map_err(|error| error.to_string())
}

/// Returns the section of an attack.
pub fn section(attack: &Attack, sweep: &[Measured], threshold: Option<f64>) -> String {
	let mut text = format!("## {}\n\n{}\n\n", attack.name, attack.words);
	text += &table(attack, sweep);
	let pays = match (threshold, sweep.iter().any(|it| it.profit.low() > 0.0)) {
		(Some(value), _) => format!("It pays up to, or from, {value} ({}).", attack.variable.name),
		(None, true) => "It pays at all values.".into(),
		(None, false) => "It pays at none of the values.".into(),
	};
	text += &format!("\n{pays}\n\n");
	if !attack.why_fewer.is_empty() {
		text += &format!("{}\n\n", attack.why_fewer);
	}
	text += &format!("![{0}](economics/{0}.svg)\n\n", attack.name);
	text
}

/// Returns the table of a sweep.
pub fn table(attack: &Attack, sweep: &[Measured]) -> String {
	let mut text = format!(
		"| {} | pairs of runs | profit | loss of the victims | verified per block | without it |\n\
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
	format!("{:.3} ± {:.3}", estimate.mean, estimate.half_width)
}

/// Draws the profit over the variable, with its intervals.
fn plot(attack: &Attack, sweep: &[Measured], path: &Path) -> Result<(), String> {
	let ends = |of: fn(&Measured) -> f64| -> Vec<f64> { sweep.iter().map(of).collect() };
	let least = ends(|it| it.profit.low()).into_iter().fold(0.0, f64::min);
	let most = ends(|it| it.profit.high()).into_iter().fold(0.0, f64::max);
	let margin = ((most - least) * 0.1).max(1e-6);
	let values = ends(|it| it.value);
	let first = values.iter().copied().fold(f64::INFINITY, f64::min);
	let last = values.iter().copied().fold(f64::NEG_INFINITY, f64::max).max(first + 1e-9);
	let area = SVGBackend::new(path, (640, 360)).into_drawing_area();
	let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
		area.fill(&WHITE)?;
		let mut chart = ChartBuilder::on(&area)
			.margin(12)
			.caption(attack.name, ("sans-serif", 16))
			.x_label_area_size(36)
			.y_label_area_size(64)
			.build_cartesian_2d(first..last, least - margin..most + margin)?;
		chart
			.configure_mesh()
			.x_desc(attack.variable.name)
			.y_desc("tokens per 1,000 blocks")
			.draw()?;
		chart.draw_series(LineSeries::new([(first, 0.0), (last, 0.0)], &BLACK))?;
		let points = |of: fn(&Measured) -> f64| sweep.iter().map(move |it| (it.value, of(it)));
		chart.draw_series(LineSeries::new(points(|it| it.profit.mean), &BLUE))?;
		for it in sweep {
			let bar = [(it.value, it.profit.low()), (it.value, it.profit.high())];
			chart.draw_series(LineSeries::new(bar, &BLUE))?;
		}
		area.present()
	};
	draw().map_err(|error| error.to_string())
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
