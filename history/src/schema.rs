//! The tables, and the file that has them.

use crate::{
	block::Chain,
	error::{Error, Result},
};
use rusqlite::{params, Connection, OpenFlags, OptionalExtension};
use std::path::Path;

/// The tables, as SQL.
pub const SQL: &str = include_str!("schema.sql");
/// The version of the tables.
pub const VERSION: i64 = 1;
/// Marks the files of SQLite that are histories.
const APPLICATION_ID: i64 = 0x5072_5068;
/// The tables that are derived from the others.
pub const DERIVED: [&str; 8] =
	["rollup_block", "claim", "prover", "offer", "slash", "fee", "summary", "prover_summary"];

/// What a file is.
#[derive(Debug, Eq, PartialEq)]
pub enum Found {
	/// There is no file, or it is empty.
	Nothing,
	/// A history that this program can use.
	History,
}

/// Looks at a file without writing to it.
pub fn inspect(file: &Path) -> Result<Found> {
	let name = || file.display().to_string();
	match std::fs::metadata(file) {
		Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
		Err(source) => return Err(Error::File { file: name(), source }),
		Ok(data) if data.is_dir() => return Err(Error::NotAHistory(name())),
		Ok(data) if data.len() == 0 => return Ok(Found::Nothing),
		Ok(_) => {},
	}
	let wrong = |error| Error::of(file, error);
	let connection = Connection::open_with_flags(file, flags()).map_err(wrong)?;
	connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(wrong)?;
	let pragma = |pragma: &str| {
		connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(wrong)
	};
	let (application, version) = (pragma("application_id")?, pragma("user_version")?);
	// A program that ends before it has made the tables leaves a file without any.
	let tables = "SELECT COUNT(*) FROM sqlite_schema";
	let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(wrong)?;
	if (application, version, tables) == (0, 0, 0) {
		return Ok(Found::Nothing);
	}
	if application != APPLICATION_ID {
		return Err(Error::NotAHistory(name()));
	}
	if version > VERSION {
		return Err(Error::NewerSchema { file: name(), found: version, known: VERSION });
	}
	Ok(Found::History)
}

/// How a file is opened to be read.
pub fn flags() -> OpenFlags {
	OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Makes the tables of a new history, in one transaction.
pub fn create(connection: &mut Connection, chain: &Chain) -> rusqlite::Result<()> {
	let transaction = connection.transaction()?;
	transaction.execute_batch(SQL)?;
	transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
	transaction.pragma_update(None, "user_version", VERSION)?;
	set(&transaction, "schema_version", &VERSION.to_string())?;
	set(&transaction, "genesis_hash", &chain.genesis_hash)?;
	set(&transaction, "chain", &chain.name)?;
	set(&transaction, "symbol", &chain.symbol)?;
	set(&transaction, "decimals", &chain.decimals.to_string())?;
	set(&transaction, "ss58_prefix", &chain.ss58_prefix.to_string())?;
	transaction.commit()
}

/// Writes a value of `meta`.
pub fn set(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
	let sql = "INSERT OR REPLACE INTO main.meta (key, value) VALUES (?1, ?2)";
	connection.prepare_cached(sql)?.execute(params![key, value])?;
	Ok(())
}

/// Returns a value of `meta`.
pub fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
	let mut statement = connection.prepare_cached("SELECT value FROM main.meta WHERE key = ?1")?;
	statement.query_row([key], |row| row.get(0)).optional()
}

/// Returns the chain of a history.
pub fn chain(connection: &Connection) -> rusqlite::Result<Chain> {
	let text = |key| get(connection, key).map(Option::unwrap_or_default);
	Ok(Chain {
		name: text("chain")?,
		genesis_hash: text("genesis_hash")?,
		symbol: text("symbol")?,
		decimals: text("decimals")?.parse().unwrap_or(0),
		ss58_prefix: text("ss58_prefix")?.parse().unwrap_or(42),
	})
}

/// A block of the chain that was stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Last {
	/// Its number.
	pub number: u64,
	/// Its hash.
	pub hash: String,
	/// Its time.
	pub time: Option<i64>,
}

/// Returns the last block that was stored; `None` of a new history.
pub fn last(connection: &Connection) -> rusqlite::Result<Option<Last>> {
	let number = get(connection, "last_block")?.and_then(|text| text.parse().ok());
	let hash = get(connection, "last_hash")?;
	let time = get(connection, "last_time")?.and_then(|text| text.parse().ok());
	Ok(number.zip(hash).map(|(number, hash)| Last { number, hash, time }))
}

/// Stores which block is the last one.
pub fn set_last(connection: &Connection, last: &Last) -> rusqlite::Result<()> {
	set(connection, "last_block", &last.number.to_string())?;
	set(connection, "last_hash", &last.hash)?;
	// A block without a time leaves that of the block before.
	match last.time {
		Some(time) => set(connection, "last_time", &time.to_string()),
		None => Ok(()),
	}
}

/// Stores that the chain's state was read after this block.
pub fn set_state_read(connection: &Connection, block: u64) -> rusqlite::Result<()> {
	set(connection, "state_block", &block.to_string())
}

/// Returns whether the rows say what the chain's state says: no event is missing since the state was read.
pub fn is_state_known(connection: &Connection) -> rusqlite::Result<bool> {
	let block: Option<u64> = get(connection, "state_block")?.and_then(|text| text.parse().ok());
	let sql = "SELECT NOT EXISTS (SELECT 1 FROM main.gap WHERE to_block > ?1)";
	let mut statement = connection.prepare_cached(sql)?;
	statement.query_row([block.unwrap_or(0) as i64], |row| row.get(0))
}
