//! Pages of rows. The cursor of a page is the key of the last row of the page before.

mod fees;
mod market;
mod periods;

pub use fees::{fees, FeePoint};
pub use market::{market, ChainInfo, Market, Settled, Slashes, Totals, Waiting};
pub use periods::{prover_summaries, summaries, OfPeriod};

use crate::{
	block::{Chain, STATE},
	error::{Error, Result},
	reader::Reader,
	rows::{
		column, Claim, EventRow, Gap, Offer, Period, Prover, ProverSummary, RollupBlock, Slash,
		SlashState, Status, Table, Tables,
	},
	schema, why,
};
use rusqlite::{types::Value as Sql, Connection};
use serde::Serialize;

/// The most rows of a page.
pub const MAX_LIMIT: usize = 1_000;
/// The default number of rows of a page.
pub const DEFAULT_LIMIT: usize = 100;
/// The most rows of each kind with an account or a block.
const DETAILS: usize = 100;
/// The most events with a block of the rollup.
const EVENTS: usize = 200;
/// The order of events, the latest first.
const LATEST: &str = "block DESC, idx DESC";

/// A row, and whether a reorganisation can still change it.
#[derive(Clone, Debug, Serialize)]
pub struct Row<T> {
	/// The row.
	#[serde(flatten)]
	pub row: T,
	/// False if it contains events that are not finalized.
	#[serde(rename = "final")]
	pub is_final: bool,
}

/// A page of rows.
#[derive(Debug, Serialize)]
pub struct Page<T> {
	/// The rows.
	pub items: Vec<T>,
	/// The cursor of the next page; `None` after the last.
	pub next: Option<String>,
	/// How far the history reaches.
	pub position: Position,
}

/// How far the history reaches.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Position {
	/// The last finalized block that is stored.
	pub finalized: Option<u64>,
	/// Its time.
	pub finalized_time: Option<i64>,
	/// The last block of the best chain that is included.
	pub best: Option<u64>,
	/// The latest gaps.
	pub gaps: Vec<Gap>,
}

/// Which rows, and how many.
#[derive(Clone, Debug)]
pub struct Paging {
	/// The most rows.
	pub limit: usize,
	/// Where to begin.
	pub cursor: Option<String>,
}

impl Default for Paging {
	fn default() -> Self {
		Self { limit: DEFAULT_LIMIT, cursor: None }
	}
}

/// A range of time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub struct Range {
	/// The first.
	pub since: Option<i64>,
	/// The first after it.
	pub until: Option<i64>,
}

/// Which blocks of the rollup.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
	/// Those in this state.
	pub status: Option<BlockState>,
	/// Those that this account had to prove, or proved.
	pub prover: Option<String>,
	/// Those of this proposer.
	pub proposer: Option<String>,
}

/// A state of blocks, or several.
#[derive(Clone, Copy, Debug)]
pub enum BlockState {
	/// One.
	Of(Status),
	/// Not settled.
	Waiting,
	/// Settled.
	Settled,
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Events {
	/// Those about this account.
	pub account: Option<String>,
	/// Those about this block of the rollup.
	pub block_id: Option<u64>,
	/// Those of this time.
	pub range: Range,
}

/// The order of provers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sort {
	/// By account.
	Account,
	/// By this column, the highest first.
	Highest(&'static str),
}

/// A block of the rollup with all that is known of it.
#[derive(Debug, Serialize)]
pub struct BlockDetail {
	/// The block.
	pub block: Row<RollupBlock>,
	/// Its claims.
	pub claims: Vec<Row<Claim>>,
	/// The slash of its assigned prover.
	pub slash: Option<Row<Slash>>,
	/// Its events.
	pub events: Vec<Row<EventRow>>,
	/// What happened, in words.
	pub why: Vec<String>,
	/// How far the history reaches.
	pub position: Position,
}

/// An account with its latest rows.
#[derive(Debug, Serialize)]
pub struct ProverDetail {
	/// The account.
	pub prover: Row<Prover>,
	/// Its offers.
	pub offers: Vec<Row<Offer>>,
	/// The blocks that it had to prove, or proved.
	pub blocks: Vec<Row<RollupBlock>>,
	/// Its slashes.
	pub slashes: Vec<Row<Slash>>,
	/// Its days.
	pub days: Vec<OfPeriod<ProverSummary>>,
	/// How far the history reaches.
	pub position: Position,
}

/// Conditions of a statement, and what they are filled with.
#[derive(Default)]
struct Conditions {
	sql: Vec<String>,
	values: Vec<Sql>,
}

impl Conditions {
	/// Adds a condition. Each `?` in it stands for the next of these values.
	fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Sql>) {
		self.sql.push(sql.into());
		self.values.extend(values);
	}

	fn add_if<T: Into<Sql>>(&mut self, sql: &str, value: Option<T>) {
		if let Some(value) = value {
			self.add(sql, [value.into()]);
		}
	}

	fn range(&mut self, time: &str, range: Range) {
		self.add_if(&format!("{time} >= ?"), range.since);
		self.add_if(&format!("{time} < ?"), range.until);
	}

	fn text(&self) -> String {
		if self.sql.is_empty() {
			"TRUE".into()
		} else {
			self.sql.join(" AND ")
		}
	}
}

/// Reads rows of a view with an order.
fn rows<T: Table>(
	connection: &Connection,
	conditions: &Conditions,
	order: &str,
	limit: usize,
) -> rusqlite::Result<Vec<Row<T>>> {
	let sql = format!(
		"SELECT {}, final FROM {} WHERE {} ORDER BY {order} LIMIT {limit}",
		T::column_list(),
		T::NAME,
		conditions.text()
	);
	let mut statement = connection.prepare_cached(&sql)?;
	let read = |row: &rusqlite::Row<'_>| {
		let mut at = 0;
		Ok(Row { row: T::read(row, &mut at)?, is_final: column(row, at)? })
	};
	let rows = statement.query_map(rusqlite::params_from_iter(&conditions.values), read)?;
	rows.collect()
}

/// Makes a page of one row more than it may have.
fn page<T>(
	connection: &Connection,
	mut items: Vec<T>,
	limit: usize,
	cursor: impl FnOnce(&T) -> String,
) -> rusqlite::Result<Page<T>> {
	let more = items.len() > limit;
	items.truncate(limit);
	let next = items.last().filter(|_| more).map(cursor);
	Ok(Page { items, next, position: position(connection)? })
}

/// Returns how far the history reaches.
pub fn position(connection: &Connection) -> rusqlite::Result<Position> {
	let last = schema::last(connection)?;
	let best = "SELECT MAX(block) FROM temp.overlay_best";
	let best: Option<u64> =
		connection.prepare_cached(best)?.query_row([], |row| column::<Option<u64>>(row, 0))?;
	let mut gaps: Vec<Gap> =
		Tables::of_file(connection).find("TRUE ORDER BY from_block DESC LIMIT 100", &[])?;
	gaps.reverse();
	Ok(Position {
		finalized: last.as_ref().map(|last| last.number),
		finalized_time: last.and_then(|last| last.time),
		best,
		gaps,
	})
}

/// Parses a cursor of numbers, with dots between them.
fn cursor<const N: usize>(paging: &Paging) -> Result<Option<[i64; N]>> {
	let Some(text) = &paging.cursor else { return Ok(None) };
	let numbers: Option<Vec<i64>> = text.split('.').map(|part| part.parse().ok()).collect();
	let numbers = numbers.and_then(|numbers| numbers.try_into().ok());
	numbers.map(Some).ok_or_else(wrong_cursor)
}

fn wrong_cursor() -> Error {
	Error::Query("the cursor is not one of this list: use `next` of the page before".into())
}

impl Paging {
	fn limit(&self) -> usize {
		self.limit.clamp(1, MAX_LIMIT)
	}
}

/// Returns blocks of the rollup, the latest first.
pub fn blocks(reader: &Reader, which: &Blocks, paging: &Paging) -> Result<Page<Row<RollupBlock>>> {
	let mut conditions = Conditions::default();
	match which.status {
		Some(BlockState::Of(status)) => {
			conditions.add("status = ?", [Sql::Text(status.text().into())])
		},
		Some(BlockState::Waiting) => {
			conditions.add("settled_block IS NULL AND status <> 'unknown'", [])
		},
		Some(BlockState::Settled) => conditions.add("settled_block IS NOT NULL", []),
		None => {},
	}
	if let Some(prover) = &which.prover {
		let prover = Sql::Text(prover.clone());
		conditions.add("(prover = ? OR proven_by = ?)", [prover.clone(), prover]);
	}
	conditions.add_if("proposer = ?", which.proposer.clone());
	if let Some([id]) = cursor(paging)? {
		conditions.add("id < ?", [id.into()]);
	}
	let limit = paging.limit();
	reader.read(|connection| {
		let items = rows(connection, &conditions, "id DESC", limit + 1)?;
		page(connection, items, limit, |it: &Row<RollupBlock>| it.row.id.to_string())
	})
}

/// Returns a block of the rollup; `None` if it is not known.
pub fn block(reader: &Reader, id: u64) -> Result<Option<BlockDetail>> {
	let id = i64::try_from(id).unwrap_or(i64::MAX);
	reader.read(|connection| {
		let of = |column: &str| {
			let mut conditions = Conditions::default();
			conditions.add(&format!("{column} = ?"), [id.into()]);
			conditions
		};
		let block = rows(connection, &of("id"), "id", 1)?.pop();
		let Some(block) = block else { return Ok(None) };
		let claims = rows(connection, &of("block_id"), "number", EVENTS)?;
		let slash = rows(connection, &of("block_id"), "block_id", 1)?.pop();
		let events = rows(connection, &of("block_id"), "block, idx", EVENTS)?;
		let why = why::words(&schema::chain(connection)?, &block, &claims, slash.as_ref());
		let position = position(connection)?;
		Ok(Some(BlockDetail { block, claims, slash, events, why, position }))
	})
}

/// Returns provers.
pub fn provers(
	reader: &Reader,
	status: Option<&str>,
	sort: Sort,
	paging: &Paging,
) -> Result<Page<Row<Prover>>> {
	let mut conditions = Conditions::default();
	conditions.add_if("status = ?", status.map(String::from));
	let order = match sort {
		Sort::Account => {
			conditions.add_if("account > ?", paging.cursor.clone());
			"account".to_string()
		},
		Sort::Highest(by) => {
			if let Some(cursor) = &paging.cursor {
				let (value, account) = cursor.split_once('.').ok_or_else(wrong_cursor)?;
				let value: i64 = value.parse().map_err(|_| wrong_cursor())?;
				let values = [value.into(), value.into(), Sql::Text(account.into())];
				let value = format!("COALESCE({by}, 0)");
				conditions.add(&format!("({value} < ? OR {value} = ? AND account > ?)"), values);
			}
			format!("COALESCE({by}, 0) DESC, account")
		},
	};
	let limit = paging.limit();
	reader.read(|connection| {
		let items: Vec<Row<Prover>> = rows(connection, &conditions, &order, limit + 1)?;
		page(connection, items, limit, |it| match sort {
			Sort::Account => it.row.account.clone(),
			Sort::Highest(by) => format!("{}.{}", it.row.sorted_by(by), it.row.account),
		})
	})
}

impl Prover {
	/// Returns the value of a column that provers are sorted by.
	fn sorted_by(&self, column: &str) -> i64 {
		match column {
			"assigned" => self.work.assigned.into(),
			"served" => self.served.into(),
			"missed" => self.work.missed.into(),
			"rescued" => self.work.rescued.into(),
			_ => self.last_seen.map_or(0, |moment| moment.block as i64),
		}
	}
}

/// Returns an account; `None` if it is not known.
pub fn prover(reader: &Reader, account: &str) -> Result<Option<ProverDetail>> {
	reader.read(|connection| {
		let of = |sql: &str, times: usize| {
			let mut conditions = Conditions::default();
			conditions.add(sql, vec![Sql::Text(account.into()); times]);
			conditions
		};
		let prover = rows(connection, &of("account = ?", 1), "account", 1)?.pop();
		let Some(prover) = prover else { return Ok(None) };
		let offers = rows(connection, &of("account = ?", 1), "at_block DESC, idx DESC", DETAILS)?;
		let blocks = rows(connection, &of("(prover = ? OR proven_by = ?)", 2), "id DESC", DETAILS)?;
		let slashes = rows(connection, &of("who = ?", 1), "block_id DESC", DETAILS)?;
		let days = periods::prover_periods(
			connection,
			Period::Day,
			Some(account),
			Range::default(),
			None,
			DETAILS,
		)?;
		let position = position(connection)?;
		Ok(Some(ProverDetail { prover, offers, blocks, slashes, days, position }))
	})
}

/// Returns slashes, those of the latest blocks first.
pub fn slashes(
	reader: &Reader,
	account: Option<&str>,
	state: Option<SlashState>,
	paging: &Paging,
) -> Result<Page<Row<Slash>>> {
	let mut conditions = Conditions::default();
	conditions.add_if("who = ?", account.map(String::from));
	conditions.add_if("state = ?", state.map(|state| state.text().to_string()));
	if let Some([id]) = cursor(paging)? {
		conditions.add("block_id < ?", [id.into()]);
	}
	let limit = paging.limit();
	reader.read(|connection| {
		let items = rows(connection, &conditions, "block_id DESC", limit + 1)?;
		page(connection, items, limit, |it: &Row<Slash>| it.row.block_id.to_string())
	})
}

impl Events {
	fn conditions(&self) -> Conditions {
		let mut conditions = Conditions::default();
		conditions.add_if("account = ?", self.account.clone());
		let id = self.block_id.map(|id| i64::try_from(id).unwrap_or(i64::MAX));
		conditions.add_if("block_id = ?", id);
		conditions.range("time", self.range);
		conditions
	}
}

/// Returns events, the latest first.
pub fn events(reader: &Reader, which: &Events, paging: &Paging) -> Result<Page<Row<EventRow>>> {
	let mut conditions = which.conditions();
	if let Some([block, idx]) = cursor(paging)? {
		conditions.add("(block, idx) < (?, ?)", [block.into(), idx.into()]);
	}
	let limit = paging.limit();
	reader.read(|connection| {
		let items: Vec<Row<EventRow>> = rows(connection, &conditions, LATEST, limit + 1)?;
		page(connection, items, limit, |it| format!("{}.{}", it.row.block, it.row.idx))
	})
}

/// Returns the chain and the latest events about an account: those that name it, and the ends of the blocks that
/// it proposed.
pub fn feed(reader: &Reader, account: &str, limit: usize) -> Result<(Chain, Vec<Row<EventRow>>)> {
	let mut own = Events { account: Some(account.into()), ..Events::default() }.conditions();
	own.add("pallet <> ?", [Sql::Text(STATE.into())]);
	let mut ends = Conditions::default();
	ends.add(
		"name IN ('BlockVerified', 'BlockSkipped', 'BlockCancelled') AND pallet = 'BlockProposal' AND block_id \
		 IN (SELECT id FROM rollup_block WHERE proposer = ? AND settled_block IS NOT NULL ORDER BY id DESC LIMIT ?)",
		[Sql::Text(account.into()), (limit as i64).into()],
	);
	reader.read(|connection| {
		let mut events: Vec<Row<EventRow>> = rows(connection, &own, LATEST, limit)?;
		events.extend(rows(connection, &ends, LATEST, limit)?);
		events.sort_by_key(|it| std::cmp::Reverse((it.row.block, it.row.idx)));
		events.dedup_by_key(|it| (it.row.block, it.row.idx));
		events.truncate(limit);
		Ok((schema::chain(connection)?, events))
	})
}
