//! Writes the history. Each finalized block is one transaction, so the file has whole blocks whenever the program
//! ends.

use crate::{
	block::{kept, Block, Chain, Event},
	derive,
	error::{Error, Result},
	rows::{EventRow, Gap, Tables},
	schema::{self, Found, Last},
	summary,
};
use rusqlite::{params, Connection};
use std::{
	fs::{File, OpenOptions},
	path::{Path, PathBuf},
	time::Duration,
};

/// How many statements a connection keeps compiled.
pub const STATEMENTS: usize = 128;
/// How many blocks are read at once when the rows are rebuilt.
const BATCH: i64 = 1_000;

/// A history that is written. There is one for each file at a time.
pub struct Store {
	file: PathBuf,
	connection: Connection,
	/// The runtime under which the state was last read because events were not understood.
	state_read_in: Option<u32>,
	/// Held until the connection is closed: fields are dropped in their order.
	_lock: File,
}

impl Store {
	/// Opens the history of a chain, or creates it. Nothing is written to a file that is refused.
	pub fn open(file: &Path, chain: &Chain) -> Result<Self> {
		let wrong = |error| Error::of(file, error);
		let found = match schema::inspect(file) {
			Err(error) if error.is_unfinished_write() => {
				let _lock = lock(file)?;
				undo_unfinished_write(file).map_err(wrong)?;
				schema::inspect(file)?
			},
			found => found?,
		};
		let lock = lock(file)?;
		if found == Found::History {
			let connection = Connection::open_with_flags(file, schema::flags()).map_err(wrong)?;
			let stored = schema::chain(&connection).map_err(wrong)?;
			if stored.genesis_hash != chain.genesis_hash {
				return Err(Error::OtherChain {
					file: file.display().to_string(),
					found: stored.genesis_hash,
					expected: chain.genesis_hash.clone(),
				});
			}
		}
		let mut connection = Connection::open(file).map_err(wrong)?;
		configure(&connection).map_err(wrong)?;
		if found == Found::Nothing {
			schema::create(&mut connection, chain).map_err(wrong)?;
		}
		Ok(Self { file: file.into(), connection, state_read_in: None, _lock: lock })
	}

	/// Returns the file.
	pub fn file(&self) -> &Path {
		&self.file
	}

	/// Returns the last block that is stored.
	pub fn last(&self) -> Result<Option<Last>> {
		schema::last(&self.connection).map_err(|error| Error::of(&self.file, error))
	}

	/// Returns whether the next block has to contain the chain's state: the history is empty, or events are missing
	/// since the state was read.
	///
	/// Where this program does not understand the events of a runtime, it asks for the state once, not with each block.
	pub fn needs_state(&self) -> Result<bool> {
		let needs = || {
			if schema::last(&self.connection)?.is_none() {
				return Ok(true);
			}
			let runtime = schema::get(&self.connection, "spec_version")?;
			let is_read = runtime == self.state_read_in.map(|version| version.to_string());
			Ok(!is_read && !schema::is_state_known(&self.connection)?)
		};
		needs().map_err(|error| Error::of(&self.file, error))
	}

	/// Stores the next finalized block. `missing` is the reason why blocks between the last one and this one are
	/// missing, if some are.
	pub fn append(&mut self, block: &Block, missing: Option<&str>) -> Result<()> {
		self.check_order(block, missing)?;
		let is_continued = missing.is_none() && self.last()?.is_some();
		self.append_checked(block, missing).map_err(|error| Error::of(&self.file, error))?;
		if is_continued && block.has_state() {
			self.state_read_in = Some(block.spec_version);
		}
		Ok(())
	}

	fn check_order(&self, block: &Block, missing: Option<&str>) -> Result<()> {
		let number = block.number;
		let order = |text: String| Err(Error::Order(text));
		match self.last()? {
			Some(last) if number <= last.number => order(format!(
				"block {number} cannot be stored: the history has blocks up to {} already",
				last.number
			)),
			Some(last) if number == last.number + 1 && block.parent_hash != last.hash => {
				order(format!(
					"block {number} does not follow block {} of the history: the node has finalized another \
					 chain; make a new history in another file",
					last.number
				))
			},
			Some(last) if number > last.number + 1 && missing.is_none() => order(format!(
				"block {number} cannot be stored: the blocks after {} are missing",
				last.number
			)),
			_ => Ok(()),
		}
	}

	fn append_checked(&mut self, block: &Block, missing: Option<&str>) -> rusqlite::Result<()> {
		let transaction = self.connection.transaction()?;
		let tables = Tables::of_file(&transaction);
		let last = schema::last(&transaction)?;
		let before_time = last.as_ref().and_then(|last| last.time);
		let first_missing = last.as_ref().map_or(1, |last| last.number + 1);
		if first_missing < block.number {
			let gap = Gap {
				from_block: first_missing,
				to_block: block.number - 1,
				before_time,
				after_time: block.time,
				reason: missing.unwrap_or("the history begins later").into(),
			};
			record_gap(tables, &gap)?;
		}
		if let (Some(from), Some(to)) = (before_time, block.time) {
			summary::close(tables, from, to)?;
		}
		put_events(tables, block)?;
		let after_gap = has_gap(&transaction)?;
		let unknown = derive::block(tables, block, after_gap)?;
		if let Some(reason) = block.undecoded.clone().or(unknown) {
			let (from_block, to_block, time) = (block.number, block.number, block.time);
			let gap = Gap { from_block, to_block, before_time: time, after_time: time, reason };
			record_gap(tables, &gap)?;
		}
		let (number, hash, time) = (block.number, block.hash.clone(), block.time);
		schema::set_last(&transaction, &Last { number, hash, time })?;
		schema::set(&transaction, "spec_version", &block.spec_version.to_string())?;
		if block.has_state() {
			schema::set_state_read(&transaction, number)?;
		}
		transaction.commit()
	}

	/// Rebuilds all derived rows from the events, in one transaction.
	pub fn rebuild(&mut self) -> Result<()> {
		let file = self.file.clone();
		self.rebuild_all().map_err(|error| Error::of(&file, error))
	}

	fn rebuild_all(&mut self) -> rusqlite::Result<()> {
		let transaction = self.connection.transaction()?;
		for table in schema::DERIVED {
			transaction.execute(&format!("DELETE FROM main.{table}"), [])?;
		}
		let mut rebuilding = Rebuilding::new(&transaction)?;
		let mut next = 0;
		loop {
			let blocks = stored_blocks(&transaction, next, BATCH)?;
			let Some(last) = blocks.last() else { break };
			next = last.number + 1;
			for block in &blocks {
				rebuilding.block(block)?;
			}
		}
		rebuilding.end()?;
		transaction.commit()
	}
}

/// Undoes what a program was writing when it ended. SQLite does so when a connection that may write reads.
fn undo_unfinished_write(file: &Path) -> rusqlite::Result<()> {
	let connection = Connection::open(file)?;
	connection.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Makes sure that no other program writes this file.
fn lock(file: &Path) -> Result<File> {
	let mut name = file.as_os_str().to_owned();
	name.push(".lock");
	let refused = |source| Error::File { file: file.display().to_string(), source };
	let mut options = OpenOptions::new();
	let lock = options.create(true).truncate(false).write(true).open(name).map_err(refused)?;
	match lock.try_lock() {
		Ok(()) => Ok(lock),
		Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse(file.display().to_string())),
		Err(std::fs::TryLockError::Error(source)) => Err(refused(source)),
	}
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
	connection.busy_timeout(Duration::from_secs(5))?;
	connection.pragma_update(None, "journal_mode", "WAL")?;
	// Commits survive the end of the program. Those of the last moments before a power failure are read again.
	connection.pragma_update(None, "synchronous", "NORMAL")?;
	connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
	connection.set_prepared_statement_cache_capacity(STATEMENTS);
	Ok(())
}

/// Stores the events of a block.
pub fn put_events(tables: Tables<'_>, block: &Block) -> rusqlite::Result<()> {
	for event in kept(&block.events) {
		tables.put(&EventRow::of(block, event))?;
	}
	Ok(())
}

impl EventRow {
	/// Returns the row of an event.
	pub fn of(block: &Block, event: &Event) -> Self {
		Self {
			block: block.number,
			idx: event.index,
			time: block.time,
			extrinsic: event.extrinsic,
			pallet: event.pallet.clone(),
			name: event.name.clone(),
			block_id: event.block_id().filter(|id| i64::try_from(*id).is_ok()),
			account: event.account().map(Into::into),
			fields: event.fields.clone(),
		}
	}
}

/// Returns whether the events of any stored block are missing.
pub fn has_gap(connection: &Connection) -> rusqlite::Result<bool> {
	let sql = "SELECT EXISTS (SELECT 1 FROM gap)";
	connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

fn record_gap(tables: Tables<'_>, gap: &Gap) -> rusqlite::Result<()> {
	tables.put(gap)?;
	mark_gap(tables.connection())
}

/// Marks all rows whose figures may lack events after a gap.
fn mark_gap(connection: &Connection) -> rusqlite::Result<()> {
	for sql in [
		"UPDATE main.rollup_block SET spans_gap = 1 WHERE settled_block IS NULL AND spans_gap = 0",
		"UPDATE main.prover SET spans_gap = 1 WHERE spans_gap = 0",
		"UPDATE main.slash SET spans_gap = 1 WHERE state = 'pending' AND spans_gap = 0",
	] {
		connection.prepare_cached(sql)?.execute([])?;
	}
	Ok(())
}

/// Returns blocks that have events: the first one from this number on, and those less than `batch` blocks after it.
fn stored_blocks(connection: &Connection, from: u64, batch: i64) -> rusqlite::Result<Vec<Block>> {
	let first = "SELECT MIN(block) FROM main.event WHERE block >= ?1";
	let first: Option<i64> = connection.query_row(first, [from as i64], |row| row.get(0))?;
	let Some(first) = first else { return Ok(Vec::new()) };
	let sql = format!(
		"SELECT {} FROM main.event WHERE block >= ?1 AND block < ?2 ORDER BY block, idx",
		<EventRow as crate::rows::Table>::column_list()
	);
	let mut statement = connection.prepare_cached(&sql)?;
	let mut rows = statement.query(params![first, first + batch])?;
	let mut blocks: Vec<Block> = Vec::new();
	while let Some(row) = rows.next()? {
		let row = <EventRow as crate::rows::Table>::read(row, &mut 0)?;
		if blocks.last().is_none_or(|block| block.number != row.block) {
			blocks.push(Block {
				number: row.block,
				hash: String::new(),
				parent_hash: String::new(),
				time: row.time,
				spec_version: 0,
				events: Vec::new(),
				undecoded: None,
			});
		}
		let EventRow { idx: index, extrinsic, pallet, name, fields, .. } = row;
		if let Some(block) = blocks.last_mut() {
			block.events.push(Event { index, extrinsic, pallet, name, fields });
		}
	}
	Ok(blocks)
}

/// The derived rows while they are rebuilt. Gaps and the ends of periods take effect between the same blocks as before.
struct Rebuilding<'a> {
	tables: Tables<'a>,
	gaps: std::iter::Peekable<std::vec::IntoIter<Gap>>,
	after_gap: bool,
	time: Option<i64>,
}

impl<'a> Rebuilding<'a> {
	fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
		let tables = Tables::of_file(connection);
		let gaps: Vec<Gap> = tables.find("TRUE ORDER BY to_block", &[])?;
		Ok(Self { tables, gaps: gaps.into_iter().peekable(), after_gap: false, time: None })
	}

	fn block(&mut self, block: &Block) -> rusqlite::Result<()> {
		while self.gaps.next_if(|gap| gap.to_block < block.number).is_some() {
			self.after_gap = true;
			mark_gap(self.tables.connection())?;
		}
		self.close(block.time)?;
		derive::block(self.tables, block, self.after_gap)?;
		while self.gaps.next_if(|gap| gap.to_block == block.number).is_some() {
			self.after_gap = true;
			mark_gap(self.tables.connection())?;
		}
		Ok(())
	}

	fn close(&mut self, time: Option<i64>) -> rusqlite::Result<()> {
		if let (Some(from), Some(to)) = (self.time, time) {
			summary::close(self.tables, from, to)?;
		}
		self.time = time.or(self.time);
		Ok(())
	}

	/// Closes the periods that blocks without events have closed.
	fn end(&mut self) -> rusqlite::Result<()> {
		if self.gaps.next().is_some() {
			mark_gap(self.tables.connection())?;
		}
		let last = schema::last(self.tables.connection())?;
		self.close(last.and_then(|last| last.time))
	}
}
