//! Hours and days: those that are stored, and those that are not over.

use super::{cursor, page, wrong_cursor, Conditions, Page, Paging, Range};
use crate::{
	error::Result,
	reader::Reader,
	rows::{Period, ProverSummary, Summary, Table, Tables},
	schema, summary,
};
use rusqlite::{types::Value as Sql, Connection};
use serde::Serialize;

/// A period, and whether it is over.
#[derive(Clone, Debug, Serialize)]
pub struct OfPeriod<T> {
	/// The row.
	#[serde(flatten)]
	pub row: T,
	/// False while it is not over.
	pub complete: bool,
}

/// Returns the time up to which events are included.
fn now(connection: &Connection) -> rusqlite::Result<Option<i64>> {
	let sql = "SELECT MAX(time) FROM temp.overlay_best";
	let best: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
	Ok(best.max(schema::last(connection)?.and_then(|last| last.time)))
}

/// Returns the beginnings of the periods that are not stored, since they were not over when the last
/// finalized block was made: the latest first, at most a few.
pub(super) fn open_periods(connection: &Connection, period: Period) -> rusqlite::Result<Vec<i64>> {
	let Some(now) = now(connection)? else { return Ok(Vec::new()) };
	let finalized = schema::last(connection)?.and_then(|last| last.time).unwrap_or(now);
	let (first, last) = (period.start_of(finalized), period.start_of(now));
	// The overlay is short. It is longer than a period only on a chain whose finality has stopped.
	Ok((0..4)
		.map(|back| last - back * period.length())
		.take_while(|start| *start >= first)
		.collect())
}

/// Returns an hour or a day that contains the present, as far as it goes.
pub(super) fn present(
	connection: &Connection,
	period: Period,
) -> rusqlite::Result<OfPeriod<Summary>> {
	let start = period.start_of(now(connection)?.unwrap_or(0));
	let (row, _) = summary::of(Tables::of_file(connection), period, start)?;
	Ok(OfPeriod { row, complete: false })
}

/// Returns hours or days in which something happened, the latest first.
pub fn summaries(
	reader: &Reader,
	period: Period,
	range: Range,
	paging: &Paging,
) -> Result<Page<OfPeriod<Summary>>> {
	let before = cursor::<1>(paging)?.map(|[start]| start);
	let limit = paging.limit();
	reader.read(|connection| {
		let is_within = |start: i64| {
			before.is_none_or(|before| start < before)
				&& range.since.is_none_or(|since| start >= since)
				&& range.until.is_none_or(|until| start < until)
		};
		let mut items = Vec::new();
		for start in open_periods(connection, period)?.into_iter().filter(|start| is_within(*start))
		{
			let (row, _) = summary::of(Tables::of_file(connection), period, start)?;
			if !row.is_empty() {
				items.push(OfPeriod { row, complete: false });
			}
		}
		let condition = "period = ?1 AND start < ?2 AND start >= ?3 AND start < ?4 \
			ORDER BY start DESC LIMIT ?5";
		let highest = before.unwrap_or(i64::MAX);
		let (since, until) = (range.since.unwrap_or(i64::MIN), range.until.unwrap_or(i64::MAX));
		let with: [&dyn rusqlite::ToSql; 5] =
			[&period.text(), &highest, &since, &until, &(limit as i64 + 1)];
		let stored: Vec<Summary> = Tables::of_file(connection).find(condition, &with)?;
		items.extend(stored.into_iter().map(|row| OfPeriod { row, complete: true }));
		page(connection, items, limit, |it| it.row.start.to_string())
	})
}

/// Returns what provers did in hours or days, the latest first.
pub fn prover_summaries(
	reader: &Reader,
	period: Period,
	account: Option<&str>,
	range: Range,
	paging: &Paging,
) -> Result<Page<OfPeriod<ProverSummary>>> {
	let at = match &paging.cursor {
		None => None,
		Some(cursor) => {
			let (start, account) = cursor.split_once('.').ok_or_else(wrong_cursor)?;
			Some((start.parse().map_err(|_| wrong_cursor())?, account.to_string()))
		},
	};
	let limit = paging.limit();
	reader.read(|connection| {
		let items = prover_periods(connection, period, account, range, at, limit + 1)?;
		page(connection, items, limit, |it: &OfPeriod<ProverSummary>| {
			format!("{}.{}", it.row.start, it.row.account)
		})
	})
}

pub(super) fn prover_periods(
	connection: &Connection,
	period: Period,
	account: Option<&str>,
	range: Range,
	after: Option<(i64, String)>,
	limit: usize,
) -> rusqlite::Result<Vec<OfPeriod<ProverSummary>>> {
	let is_within = |row: &ProverSummary| {
		account.is_none_or(|account| row.account == account)
			&& range.since.is_none_or(|since| row.start >= since)
			&& range.until.is_none_or(|until| row.start < until)
			&& after.as_ref().is_none_or(|(start, account)| {
				row.start < *start || row.start == *start && row.account > *account
			})
	};
	let mut items = Vec::new();
	for start in open_periods(connection, period)? {
		let (_, provers) = summary::of(Tables::of_file(connection), period, start)?;
		let provers = provers.into_iter().filter(is_within);
		items.extend(provers.map(|row| OfPeriod { row, complete: false }));
	}
	let mut conditions = Conditions::default();
	conditions.add("period = ?", [Sql::Text(period.text().into())]);
	conditions.add_if("account = ?", account.map(String::from));
	conditions.range("start", range);
	if let Some((start, account)) = after {
		let values = [start.into(), start.into(), Sql::Text(account)];
		conditions.add("(start < ? OR start = ? AND account > ?)", values);
	}
	let sql = format!(
		"SELECT {} FROM prover_summary WHERE {} ORDER BY start DESC, account LIMIT {limit}",
		ProverSummary::column_list(),
		conditions.text()
	);
	let mut statement = connection.prepare_cached(&sql)?;
	let read = |row: &rusqlite::Row<'_>| ProverSummary::read(row, &mut 0);
	for row in statement.query_map(rusqlite::params_from_iter(&conditions.values), read)? {
		items.push(OfPeriod { row: row?, complete: true });
	}
	items.truncate(limit);
	Ok(items)
}
