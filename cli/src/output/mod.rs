//! How results are shown: tables for people, JSON for programs. Results go to standard output,
//! everything else to standard error.

mod progress;
mod table;

pub use progress::Progress;
pub use table::{pairs, Align, Table};

use crate::{amount::Token, Error, Result};
use serde::{Serialize, Serializer};
use std::io::{stdout, ErrorKind, Write};

/// The form of results.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Format {
	/// For people.
	#[default]
	Table,
	/// For programs: one value on one line, amounts as strings of base units.
	Json,
}

/// A result that can be shown in both forms. As JSON, its field names are stable.
pub trait Show: Serialize {
	/// The result for people, without a line end.
	fn text(&self, token: &Token) -> String;
}

impl Format {
	/// Writes a result.
	pub fn print<T: Show + ?Sized>(self, result: &T, token: &Token) -> Result<()> {
		let line = match self {
			Format::Table => result.text(token),
			Format::Json => serde_json::to_string(result)
				.map_err(|error| Error::Internal(format!("no JSON: {error}")))?,
		};
		write_line(&line)
	}
}

/// Writes a line to standard output. Whoever reads it may stop reading, as `head` does.
pub fn write_line(line: &str) -> Result<()> {
	let mut out = stdout().lock();
	match writeln!(out, "{line}").and_then(|()| out.flush()) {
		Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
		other => Ok(other?),
	}
}

/// Amounts in JSON: strings, since its own numbers are too small.
pub fn base_units<S: Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(amount)
}

/// Other numbers in JSON that are too large for its own.
pub fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(number)
}

/// `1 block`, `2 blocks`.
pub fn count(number: impl Into<u128>, singular: &str, plural: &str) -> String {
	let number = number.into();
	format!("{number} {}", if number == 1 { singular } else { plural })
}
