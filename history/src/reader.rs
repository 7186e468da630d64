//! Reads a history, also with the blocks of the best chain that are not finalized.
//!
//! Those blocks are an overlay: each reader derives their rows into temporary tables, and views put these over the
//! tables of the file.

use crate::{
	block::{Block, Chain},
	derive,
	error::{Error, Result},
	overlay::{self, Overlay},
	rows::{Claim, EventRow, Fee, Offer, Prover, RollupBlock, Slash, Table, Tables},
	schema::{self, Found, Last},
	store::{has_gap, put_events, STATEMENTS},
};
use rusqlite::Connection;
use std::{
	cell::RefCell,
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};

/// A history that is read.
pub struct Reader {
	file: PathBuf,
	connection: Connection,
	overlay: Arc<Overlay>,
	/// The hashes of the blocks in the tables of the overlay.
	derived: RefCell<Vec<String>>,
}

impl Reader {
	/// Opens a history.
	pub fn open(file: &Path) -> Result<Self> {
		Self::with_overlay(file, Arc::default())
	}

	/// Opens a history that is read with the blocks of this overlay.
	pub(crate) fn with_overlay(file: &Path, overlay: Arc<Overlay>) -> Result<Self> {
		if schema::inspect(file)? == Found::Nothing {
			return Err(Error::Missing(file.display().to_string()));
		}
		let wrong = |error| Error::of(file, error);
		let connection = Connection::open_with_flags(file, schema::flags()).map_err(wrong)?;
		prepare(&connection).map_err(wrong)?;
		Ok(Self { file: file.into(), connection, overlay, derived: RefCell::default() })
	}

	/// Returns the answer of a query, which is read from one state of the history.
	pub fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
		// A block is stored before it leaves the overlay. So the overlay is read before the file: it may still contain
		// blocks that are stored, but none is missing in both.
		let blocks = self.overlay.blocks();
		let within = || {
			let transaction = self.connection.unchecked_transaction()?;
			let derived = self.update_overlay(&transaction, &blocks)?;
			let answer = query(&transaction)?;
			transaction.commit()?;
			if let Some(derived) = derived {
				self.derived.replace(derived);
			}
			Ok(answer)
		};
		within().map_err(|error| Error::of(&self.file, error))
	}

	/// Derives the tables of the overlay from those of these blocks that follow the file. Returns the hashes of the
	/// blocks that are in them, if they have changed.
	fn update_overlay(
		&self,
		connection: &Connection,
		blocks: &[Arc<Block>],
	) -> rusqlite::Result<Option<Vec<String>>> {
		let derived = self.derived.borrow();
		if blocks.is_empty() && derived.is_empty() {
			return Ok(None);
		}
		let blocks = match schema::last(connection)? {
			Some(last) => overlay::following(blocks, last.number, &last.hash),
			None => &[],
		};
		let is_prefix = derived.len() <= blocks.len()
			&& derived.iter().zip(blocks).all(|(hash, block)| *hash == block.hash);
		let new = match is_prefix {
			true => &blocks[derived.len()..],
			false => {
				clear_overlay(connection)?;
				blocks
			},
		};
		new.iter().try_for_each(|block| extend_overlay(connection, block))?;
		let is_changed = !is_prefix || !new.is_empty();
		Ok(is_changed.then(|| blocks.iter().map(|block| block.hash.clone()).collect()))
	}

	/// Returns the chain.
	pub fn chain(&self) -> Result<Chain> {
		self.read(schema::chain)
	}

	/// Returns the last finalized block that is stored.
	pub fn last(&self) -> Result<Option<Last>> {
		self.read(schema::last)
	}
}

fn clear_overlay(connection: &Connection) -> rusqlite::Result<()> {
	connection.execute("DELETE FROM temp.overlay_best", [])?;
	for table in OVERLAID {
		connection.execute(&format!("DELETE FROM temp.overlay_{}", table.name), [])?;
	}
	Ok(())
}

/// Adds the next block.
fn extend_overlay(connection: &Connection, block: &Block) -> rusqlite::Result<()> {
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
