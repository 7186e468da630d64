//! Errors, in sentences that say what to do.

use rusqlite::{ffi, ErrorCode};
use std::path::Path;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The file belongs to another chain.
	#[error(
		"{file} is the history of the chain with genesis hash {found}, and the node's is {expected}: name \
		 another file, or a node of that chain"
	)]
	OtherChain {
		/// The file.
		file: String,
		/// The genesis hash in the file.
		found: String,
		/// That of the node.
		expected: String,
	},
	/// The file was written by a later version of this program.
	#[error(
		"{file} has version {found} of the tables, and this program knows {known}: use a later prover-pool, or \
		 name another file"
	)]
	NewerSchema {
		/// The file.
		file: String,
		/// The version in the file.
		found: i64,
		/// The version of this program.
		known: i64,
	},
	/// The file is something else.
	#[error("{0} is not a history of a prover pool: name another file")]
	NotAHistory(String),
	/// There is no such file, or it is not complete.
	#[error("{0} does not exist: make it with `prover-pool index --db {0}`")]
	Missing(String),
	/// Another program writes the file.
	#[error("{0} is being written by another program: stop that one, or only read the file")]
	InUse(String),
	/// The disk is full, or the file may not become larger.
	#[error(
		"{file} cannot be written, since the disk is full ({reason}): nothing that was stored is lost; free \
		 some space and start again"
	)]
	DiskFull {
		/// The file.
		file: String,
		/// What the system says.
		reason: String,
	},
	/// A block is not the next one.
	#[error("{0}")]
	Order(String),
	/// A parameter of a query is wrong.
	#[error("{0}")]
	Query(String),
	/// The database refused.
	#[error("{file}: {source}")]
	Database {
		/// The file.
		file: String,
		/// Why.
		source: rusqlite::Error,
	},
	/// A query ended by a fault of this program, or the program ends.
	#[error("the history was not read: see the program's own messages")]
	Ended,
	/// The file cannot be opened or created.
	#[error("{file} cannot be opened ({source}): is the folder there, and may it be written?")]
	File {
		/// The file.
		file: String,
		/// Why.
		source: std::io::Error,
	},
}

impl Error {
	/// Returns whether a program ended while it wrote the file. A program that may write the file can undo what is
	/// unfinished.
	pub(crate) fn is_unfinished_write(&self) -> bool {
		matches!(
			self,
			Self::Database { source: rusqlite::Error::SqliteFailure(failure, _), .. }
				if failure.code == ErrorCode::ReadOnly
		)
	}

	/// Returns the error of a database in this file.
	pub fn of(file: &Path, source: rusqlite::Error) -> Self {
		let file = file.display().to_string();
		match &source {
			rusqlite::Error::SqliteFailure(failure, message) => {
				let reason = message.clone().unwrap_or_else(|| failure.to_string());
				match failure.code {
					// A limit on the size of files is reported as a failed write.
					_ if failure.extended_code == ffi::SQLITE_IOERR_WRITE => {
						Self::DiskFull { file, reason }
					},
					ErrorCode::DiskFull => Self::DiskFull { file, reason },
					ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse(file),
					ErrorCode::NotADatabase => Self::NotAHistory(file),
					_ => Self::Database { file, source },
				}
			},
			_ => Self::Database { file, source },
		}
	}
}
