//! The plots of the report: SVG, with text in whatever font shows it.

use crate::attack::{Attack, Measured};
use plotters::prelude::*;
use std::path::Path;

/// The size of a plot, in pixels.
const SIZE: (u32, u32) = (640, 360);

/// Draws the profit of an attack over its variable, with intervals of 95 %.
///
/// # Errors
/// Those of the file system, in words.
pub fn profit(attack: &Attack, sweep: &[Measured], path: &Path) -> Result<(), String> {
	draw(attack, sweep, path).map_err(|error| error.to_string())
}

fn draw<'a>(attack: &Attack, sweep: &[Measured], path: &'a Path) -> DrawResult<(), SVGBackend<'a>> {
	let values = || sweep.iter().map(|it| it.value);
	let first = values().fold(f64::INFINITY, f64::min);
	let last = values().fold(f64::NEG_INFINITY, f64::max).max(first + 1e-9);
	let least = sweep.iter().map(|it| it.profit.low()).fold(0.0, f64::min);
	let most = sweep.iter().map(|it| it.profit.high()).fold(0.0, f64::max);
	let margin = ((most - least) * 0.1).max(1e-6);

	let area = SVGBackend::new(path, SIZE).into_drawing_area();
	area.fill(&WHITE)?;
	let mut chart = ChartBuilder::on(&area)
		.margin(12)
		.caption(attack.name, ("sans-serif", 16))
		.x_label_area_size(36)
		.y_label_area_size(64)
		.build_cartesian_2d(first..last, least - margin..most + margin)?;
	chart
		.configure_mesh()
		.disable_x_mesh()
		.max_light_lines(0)
		.x_desc(attack.variable.name)
		.y_desc("profit, in tokens per 1,000 blocks")
		.draw()?;
	chart.draw_series(LineSeries::new([(first, 0.0), (last, 0.0)], &BLACK))?;
	let means = sweep.iter().map(|it| (it.value, it.profit.mean));
	chart.draw_series(LineSeries::new(means, &BLUE))?;
	for it in sweep {
		let interval = [(it.value, it.profit.low()), (it.value, it.profit.high())];
		chart.draw_series(LineSeries::new(interval, &BLUE))?;
	}
	area.present()
}

/// A line of a plot: its name and its points.
pub type Series<'a> = (&'a str, Vec<(f64, f64)>);

/// Draws lines over one axis, from 0 up.
///
/// # Errors
/// Those of the file system, in words.
pub fn lines(path: &Path, caption: &str, x: &str, series: &[Series]) -> Result<(), String> {
	draw_lines(path, caption, x, series).map_err(|error| error.to_string())
}

fn draw_lines<'a>(
	path: &'a Path,
	caption: &str,
	x: &str,
	series: &[Series],
) -> DrawResult<(), SVGBackend<'a>> {
	let all = || series.iter().flat_map(|(_, points)| points.iter().copied());
	let first = all().map(|point| point.0).fold(f64::INFINITY, f64::min);
	let last = all().map(|point| point.0).fold(first + 1e-9, f64::max);
	let most = all().map(|point| point.1).fold(1e-9, f64::max);

	let area = SVGBackend::new(path, SIZE).into_drawing_area();
	area.fill(&WHITE)?;
	let mut chart = ChartBuilder::on(&area)
		.margin(12)
		.caption(caption, ("sans-serif", 16))
		.x_label_area_size(36)
		.y_label_area_size(48)
		.build_cartesian_2d(first..last, 0.0..most * 1.1)?;
	chart.configure_mesh().disable_x_mesh().max_light_lines(0).x_desc(x).draw()?;
	for (index, (name, points)) in series.iter().enumerate() {
		let color = Palette99::pick(index).to_rgba();
		chart
			.draw_series(LineSeries::new(points.iter().copied(), color))?
			.label(*name)
			.legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color));
	}
	chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw()?;
	area.present()
}
