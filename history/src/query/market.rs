//! The market at a glance.

use super::{
	fees::{latest_fee, FeePoint},
	periods::{open_periods, present, OfPeriod},
	position, Position,
};
use crate::{
	block::Chain,
	column::Amount,
	error::Result,
	reader::Reader,
	rows::{column, Period, SlashState, Status, Summary, Tables},
	schema, summary,
};
use rusqlite::Connection;
use serde::Serialize;

/// The market at a glance.
#[derive(Debug, Serialize)]
pub struct Market {
	/// The chain.
	pub chain: ChainInfo,
	/// The present fee.
	pub fee: Option<FeePoint>,
	/// Blocks that are not settled.
	pub waiting: Waiting,
	/// Blocks that are settled.
	pub settled: Settled,
	/// Sums since the history begins.
	pub totals: Totals,
	/// Slashes by state.
	pub slashes: Slashes,
	/// The members of the pool.
	pub members: u64,
	/// The present hour.
	pub hour: OfPeriod<Summary>,
	/// The present day.
	pub day: OfPeriod<Summary>,
	/// How far the history reaches.
	pub position: Position,
}

/// The chain.
#[derive(Debug, Serialize)]
pub struct ChainInfo {
	name: String,
	genesis_hash: String,
	symbol: String,
	decimals: u32,
	ss58_prefix: u16,
}

/// Counts of blocks that are not settled.
#[derive(Debug, Default, Serialize)]
pub struct Waiting {
	pending: u64,
	assigned: u64,
	open: u64,
	claimed: u64,
	cancelled: u64,
}

/// Counts of blocks that are settled.
#[derive(Debug, Default, Serialize)]
pub struct Settled {
	verified: u64,
	skipped: u64,
	cancelled: u64,
	/// Settled in a gap of the history.
	unknown: u64,
}

/// Sums.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
	paid: Amount,
	forfeited: Amount,
	slashed: Amount,
	slashes_cancelled: Amount,
	burnt: Amount,
	to_rescuers: Amount,
}

/// Counts of slashes.
#[derive(Debug, Default, Serialize)]
pub struct Slashes {
	pending: u64,
	applied: u64,
	cancelled: u64,
	/// Applied or cancelled in a gap of the history.
	unknown: u64,
}

/// Returns the market at a glance.
pub fn market(reader: &Reader) -> Result<Market> {
	reader.read(|connection| {
		let Chain { name, genesis_hash, symbol, decimals, ss58_prefix } =
			schema::chain(connection)?;
		let mut market = Market {
			chain: ChainInfo { name, genesis_hash, symbol, decimals, ss58_prefix },
			fee: latest_fee(connection)?,
			waiting: Waiting::default(),
			settled: Settled::default(),
			totals: Totals::default(),
			slashes: Slashes::default(),
			members: 0,
			hour: present(connection, Period::Hour)?,
			day: present(connection, Period::Day)?,
			position: position(connection)?,
		};
		market.count(connection)?;
		Ok(market)
	})
}

impl Market {
	fn count(&mut self, connection: &Connection) -> rusqlite::Result<()> {
		self.count_waiting(connection)?;
		self.count_settled(connection)?;
		self.count_slashes(connection)?;
		let sql = "SELECT COUNT(*) FROM prover WHERE status = 'member'";
		self.members = connection.prepare_cached(sql)?.query_row([], |row| column(row, 0))?;
		Ok(())
	}

	fn count_waiting(&mut self, connection: &Connection) -> rusqlite::Result<()> {
		let sql =
			"SELECT status, COUNT(*) FROM rollup_block WHERE settled_block IS NULL GROUP BY 1";
		let mut statement = connection.prepare_cached(sql)?;
		let mut rows = statement.query([])?;
		while let Some(row) = rows.next()? {
			let (status, count): (Status, u64) = (column(row, 0)?, column(row, 1)?);
			match status {
				Status::Pending => self.waiting.pending = count,
				Status::Assigned => self.waiting.assigned = count,
				Status::Open => self.waiting.open = count,
				Status::Claimed => self.waiting.claimed = count,
				Status::Unknown => self.settled.unknown = count,
				Status::Cancelled => self.waiting.cancelled = count,
				// Settled.
				Status::Verified | Status::Skipped => {},
			}
		}
		Ok(())
	}

	/// Adds the sums of the days, so that not every block is read.
	fn count_settled(&mut self, connection: &Connection) -> rusqlite::Result<()> {
		let tables = Tables::of_file(connection);
		let mut days: Vec<Summary> = tables.find("period = 'day'", &[])?;
		for start in open_periods(connection, Period::Day)? {
			days.push(summary::of(tables, Period::Day, start)?.0);
		}
		for day in days {
			self.settled.verified += u64::from(day.verified);
			self.settled.skipped += u64::from(day.skipped);
			self.settled.cancelled += u64::from(day.cancelled);
			self.totals.paid += day.paid;
			self.totals.forfeited += day.forfeited;
			self.totals.slashed += day.slashed;
		}
		Ok(())
	}

	fn count_slashes(&mut self, connection: &Connection) -> rusqlite::Result<()> {
		let sql = "SELECT state, amount, burnt, to_rescuer FROM slash";
		let mut statement = connection.prepare_cached(sql)?;
		let mut rows = statement.query([])?;
		while let Some(row) = rows.next()? {
			self.totals.burnt += column(row, 2)?;
			self.totals.to_rescuers += column(row, 3)?;
			match column(row, 0)? {
				SlashState::Pending => self.slashes.pending += 1,
				SlashState::Applied => self.slashes.applied += 1,
				SlashState::Unknown => self.slashes.unknown += 1,
				SlashState::Cancelled => {
					self.slashes.cancelled += 1;
					self.totals.slashes_cancelled += column(row, 1)?;
				},
			}
		}
		Ok(())
	}
}
