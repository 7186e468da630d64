//! Hours and days: counts, sums and percentiles.
//!
//! Everything counts in the period in which it happened, so a period that is over never changes.

use crate::{
	column::{Amount, Percentiles},
	rows::{column, Period, ProverSummary, Summary, Tables, Work},
};
use rusqlite::{params, OptionalExtension};
use std::collections::BTreeMap;

impl Period {
	/// Both periods.
	pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

	/// Returns its length in milliseconds.
	pub fn length(self) -> i64 {
		match self {
			Self::Hour => 3_600_000,
			Self::Day => 86_400_000,
		}
	}

	/// Returns the beginning of the period in which this time lies.
	pub fn start_of(self, time: i64) -> i64 {
		time - time.rem_euclid(self.length())
	}
}

impl Summary {
	/// Returns whether nothing happened in it.
	pub fn is_empty(&self) -> bool {
		let counts = [self.proposed, self.drawn, self.opened, self.verified, self.skipped];
		counts.iter().sum::<u32>() + self.cancelled + self.slashes == 0 && self.fee_last.is_none()
	}
}

impl Percentiles {
	/// Returns the nearest-rank percentiles of these values; `None` of no values.
	pub fn of(mut values: Vec<i64>) -> Option<Self> {
		values.sort_unstable();
		let rank = |percent: usize| {
			let rank = (values.len() * percent).div_ceil(100);
			values.get(rank.saturating_sub(1)).copied()
		};
		Some(Self { p5: rank(5)?, p25: rank(25)?, p50: rank(50)?, p75: rank(75)?, p95: rank(95)? })
	}
}

/// The provers of a period.
type Provers = BTreeMap<String, ProverSummary>;

/// Returns a period, with the provers that did something in it.
pub fn of(
	tables: Tables<'_>,
	period: Period,
	start: i64,
) -> rusqlite::Result<(Summary, Vec<ProverSummary>)> {
	let range = (start, start + period.length());
	let spans_gap = spans_gap(tables, range)?;
	let mut summary = Summary { period, start, spans_gap, ..Summary::default() };
	let mut provers = Provers::new();
	summary.proposed = count(tables, "proposed_time", range)?;
	summary.opened = count(tables, "opened_time", range)?;
	let mut collecting = Collecting { tables, range, summary: &mut summary, provers: &mut provers };
	collecting.draws()?;
	collecting.settlements()?;
	collecting.slashes()?;
	summary.fee_last = fee(tables, range)?;
	for prover in provers.values_mut() {
		prover.spans_gap = spans_gap;
	}
	Ok((summary, provers.into_values().collect()))
}

/// Returns whether blocks of this time are missing.
fn spans_gap(tables: Tables<'_>, (start, end): (i64, i64)) -> rusqlite::Result<bool> {
	let sql = "SELECT EXISTS (SELECT 1 FROM gap WHERE COALESCE(before_time, ?1) < ?2 AND \
		COALESCE(after_time, ?2) >= ?1)";
	tables.connection().prepare_cached(sql)?.query_row(params![start, end], |row| row.get(0))
}

fn count(tables: Tables<'_>, time: &str, (start, end): (i64, i64)) -> rusqlite::Result<u32> {
	let sql = format!("SELECT COUNT(*) FROM rollup_block WHERE {time} >= ?1 AND {time} < ?2");
	tables.connection().prepare_cached(&sql)?.query_row(params![start, end], |row| row.get(0))
}

fn fee(tables: Tables<'_>, (start, end): (i64, i64)) -> rusqlite::Result<Option<u32>> {
	let sql = "SELECT fee_per_gas FROM fee WHERE at_time >= ?1 AND at_time < ?2 \
		ORDER BY at_time DESC, at_block DESC, idx DESC LIMIT 1";
	let mut statement = tables.connection().prepare_cached(sql)?;
	statement.query_row(params![start, end], |row| row.get(0)).optional()
}

/// A period while it is summed up.
struct Collecting<'a> {
	tables: Tables<'a>,
	range: (i64, i64),
	summary: &'a mut Summary,
	provers: &'a mut Provers,
}

impl Collecting<'_> {
	fn work_of(&mut self, account: &str) -> &mut Work {
		let Summary { period, start, .. } = *self.summary;
		let new = || ProverSummary {
			period,
			start,
			account: account.into(),
			spans_gap: false,
			work: Work::default(),
		};
		&mut self.provers.entry(account.into()).or_insert_with(new).work
	}

	fn draws(&mut self) -> rusqlite::Result<()> {
		let sql = "SELECT prover, reward_per_gas FROM rollup_block \
			WHERE drawn_time >= ?1 AND drawn_time < ?2";
		let mut statement = self.tables.connection().prepare_cached(sql)?;
		let mut rows = statement.query(self.range)?;
		let mut prices = Vec::new();
		while let Some(row) = rows.next()? {
			prices.push(row.get(1)?);
			let prover: String = row.get(0)?;
			self.work_of(&prover).assigned += 1;
		}
		self.summary.drawn = u32::try_from(prices.len()).unwrap_or(u32::MAX);
		self.summary.price = Percentiles::of(prices);
		Ok(())
	}

	fn settlements(&mut self) -> rusqlite::Result<()> {
		let sql = "SELECT status, verdict, proven_by, proven_time, \
				COALESCE(opened_time, drawn_time), \
				paid, returned, forfeited \
			FROM rollup_block WHERE settled_time >= ?1 AND settled_time < ?2";
		let mut statement = self.tables.connection().prepare_cached(sql)?;
		let mut rows = statement.query(self.range)?;
		let mut times = Vec::new();
		while let Some(row) = rows.next()? {
			let status: String = row.get(0)?;
			match status.as_str() {
				"verified" => self.summary.verified += 1,
				"skipped" => self.summary.skipped += 1,
				_ => self.summary.cancelled += 1,
			}
			let proven: Option<i64> = row.get(3)?;
			let started: Option<i64> = row.get(4)?;
			if let (Some(proven), Some(started)) = (proven, started) {
				times.push(proven - started);
			}
			let paid: Option<Amount> = column(row, 5)?;
			let paid = paid.unwrap_or_default();
			self.summary.paid += paid;
			self.summary.returned += column::<Option<Amount>>(row, 6)?.unwrap_or_default();
			self.summary.forfeited += column::<Option<Amount>>(row, 7)?.unwrap_or_default();
			let verdict: Option<String> = row.get(1)?;
			let prover: Option<String> = row.get(2)?;
			if let (Some(verdict), Some(prover)) = (verdict, prover) {
				self.work_of(&prover).count_verified(&verdict, paid);
			}
		}
		self.summary.time_to_prove = Percentiles::of(times);
		Ok(())
	}

	fn slashes(&mut self) -> rusqlite::Result<()> {
		let sql =
			"SELECT who, fault, amount FROM slash WHERE slashed_time >= ?1 AND slashed_time < ?2";
		let mut statement = self.tables.connection().prepare_cached(sql)?;
		let mut rows = statement.query(self.range)?;
		while let Some(row) = rows.next()? {
			let (who, fault): (String, String) = (row.get(0)?, row.get(1)?);
			let amount: Amount = column(row, 2)?;
			self.summary.slashes += 1;
			self.summary.slashed += amount;
			self.work_of(&who).count_slash(&fault, amount);
		}
		Ok(())
	}
}

/// Stores the hour and the day of one time, if they are over at another, later one.
pub fn close(tables: Tables<'_>, from: i64, to: i64) -> rusqlite::Result<()> {
	for period in Period::ALL {
		let start = period.start_of(from);
		if start == period.start_of(to) {
			continue;
		}
		let (summary, provers) = of(tables, period, start)?;
		if summary.is_empty() {
			continue;
		}
		tables.put(&summary)?;
		for prover in &provers {
			tables.put(prover)?;
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentiles_are_values_that_occur() {
		assert_eq!(Percentiles::of(vec![]), None);
		let all = |value| Percentiles { p5: value, p25: value, p50: value, p75: value, p95: value };
		assert_eq!(Percentiles::of(vec![7]), Some(all(7)));
		let hundred = Percentiles { p5: 5, p25: 25, p50: 50, p75: 75, p95: 95 };
		assert_eq!(Percentiles::of((1..=100).rev().collect()), Some(hundred));
		let three = Percentiles { p5: 1, p25: 1, p50: 2, p75: 3, p95: 3 };
		assert_eq!(Percentiles::of(vec![3, 1, 2]), Some(three));
	}

	#[test]
	fn periods_begin_at_full_hours_and_days() {
		let time = 1_700_000_000_123;
		assert_eq!(Period::Hour.start_of(time), 1_699_999_200_000);
		assert_eq!(Period::Day.start_of(time), 1_699_920_000_000);
		assert_eq!(Period::Day.start_of(-1), -86_400_000);
	}
}
