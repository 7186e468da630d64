//! Reads a history, also with the blocks of the best chain that are not finalized.
//!
//! Those blocks are an overlay in memory: tables of the same form, which views put over those of the file.
//! A reorganisation discards it.

use crate::{
	block::{Block, Chain},
	derive,
	error::{Error, Result},
	rows::{Claim, EventRow, Fee, Offer, Prover, RollupBlock, Slash, Table, Tables},
	schema::{self, Found, Last},
	store::{has_gap, put_events, STATEMENTS},
};
use rusqlite::Connection;
use std::{
	path::{Path, PathBuf},
	time::Duration,
};

/// A history that is read.
pub struct Reader {
	file: PathBuf,
	connection: Connection,
}

impl Reader {
	/// Opens a history.
	pub fn open(file: &Path) -> Result<Self> {
		if schema::inspect(file)? == Found::Nothing {
			return Err(Error::Missing(file.display().to_string()));
		}
		let wrong = |error| Error::of(file, error);
		let connection = Connection::open_with_flags(file, schema::flags()).map_err(wrong)?;
		prepare(&connection).map_err(wrong)?;
		Ok(Self { file: file.into(), connection })
	}

	/// Returns the file.
	pub fn file(&self) -> &Path {
		&self.file
	}

	/// Returns what a query gives, read from one state of the history.
	pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
		let within = || {
			let transaction = self.connection.unchecked_transaction()?;
			let answer = query(&transaction)?;
			transaction.commit()?;
			Ok(answer)
		};
		within().map_err(|error| Error::of(&self.file, error))
	}

	/// Returns the chain.
	pub fn chain(&self) -> Result<Chain> {
		self.read(schema::chain)
	}

	/// Returns the last finalized block that is stored.
	pub fn last(&self) -> Result<Option<Last>> {
		self.read(schema::last)
	}

	/// Replaces the overlay by these blocks, the oldest first: those after the last finalized one.
	pub fn set_overlay<'a>(&self, blocks: impl IntoIterator<Item = &'a Block>) -> Result<()> {
		self.read(|connection| {
			connection.execute("DELETE FROM temp.overlay_best", [])?;
			for table in OVERLAID {
				connection.execute(&format!("DELETE FROM temp.overlay_{}", table.name), [])?;
			}
			blocks.into_iter().try_for_each(|block| extend(connection, block))
		})
	}

	/// Adds the next block to the overlay.
	pub fn extend_overlay(&self, block: &Block) -> Result<()> {
		self.read(|connection| extend(connection, block))
	}
}

fn extend(connection: &Connection, block: &Block) -> rusqlite::Result<()> {
	let sql = "INSERT INTO temp.overlay_best (block, time) VALUES (?1, ?2)";
	connection.prepare_cached(sql)?.execute((block.number as i64, block.time))?;
	let tables = Tables::of_overlay(connection);
	put_events(tables, block)?;
	derive::block(tables, block, has_gap(connection)?)?;
	Ok(())
}

/// A table that has an overlay.
struct Overlaid {
	name: &'static str,
	key: &'static [&'static str],
}

const fn overlaid<T: Table>() -> Overlaid {
	Overlaid { name: T::NAME, key: T::KEY }
}

const OVERLAID: [Overlaid; 7] = [
	overlaid::<EventRow>(),
	overlaid::<RollupBlock>(),
	overlaid::<Claim>(),
	overlaid::<Prover>(),
	overlaid::<Offer>(),
	overlaid::<Slash>(),
	overlaid::<Fee>(),
];

/// Makes the overlay, and views of both. A name without a schema is that of a view, since names are looked up
/// among temporary tables first.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
	connection.busy_timeout(Duration::from_secs(5))?;
	connection.pragma_update(None, "temp_store", "MEMORY")?;
	connection.set_prepared_statement_cache_capacity(STATEMENTS);
	let transaction = connection.unchecked_transaction()?;
	transaction.execute_batch("CREATE TEMP TABLE overlay_best (block INTEGER, time INTEGER)")?;
	for Overlaid { name, key } in OVERLAID {
		let key_list = key.join(", ");
		let same: Vec<String> = key.iter().map(|key| format!("over.{key} = below.{key}")).collect();
		let same = same.join(" AND ");
		transaction.execute_batch(&format!(
			"CREATE TEMP TABLE overlay_{name} AS SELECT * FROM main.{name} WHERE FALSE;
			CREATE UNIQUE INDEX temp.overlay_{name}_key ON overlay_{name} ({key_list});
			CREATE TEMP VIEW {name} AS
				SELECT *, 1 AS final FROM main.{name} AS below
					WHERE NOT EXISTS (SELECT 1 FROM temp.overlay_{name} AS over WHERE {same})
				UNION ALL SELECT *, 0 AS final FROM temp.overlay_{name};"
		))?;
	}
	transaction.commit()
}
