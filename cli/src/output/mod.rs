//! The output: tables for people, JSON for programs. Results go to standard output, everything else
//! to standard error.

mod progress;
mod table;

pub use progress::Progress;
pub use table::{pairs, Align, Table};

use crate::{amount::Token, Error, Result};
use serde::{Serialize, Serializer};
use std::{
	borrow::Cow,
	io::{stderr, stdout, ErrorKind, Write},
};

/// The output format.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Format {
	/// Tables for people.
	#[default]
	Table,
	/// JSON for programs: one value on one line, amounts as strings of base units.
	Json,
	/// CSV for spreadsheets, of `history` only.
	Csv,
}

/// A result that can be shown in both forms. As JSON, its field names are stable.
pub trait Show: Serialize {
	/// Returns the result for people, without a line end.
	fn text(&self, token: &Token) -> String;
}

impl Format {
	/// Returns the refusal of commands that write no CSV.
	pub fn no_csv() -> Error {
		Error::Usage("only `history` writes CSV: use `--output table` or `--output json`".into())
	}

	/// Writes a result.
	pub fn print<T: Show + ?Sized>(self, result: &T, token: &Token) -> Result<()> {
		let line = match self {
			Format::Table => result.text(token),
			Format::Json => serde_json::to_string(result)
				.map_err(|error| Error::Internal(format!("no JSON: {error}")))?,
			Format::Csv => return Err(Self::no_csv()),
		};
		write_line(&line)
	}
}

/// Returns the text without characters that control a terminal: control characters other than tabs
/// and line ends, and those that change the direction of text. A node could put them into names or
/// messages.
pub fn printable(text: &str) -> Cow<'_, str> {
	let controls = |c: char| {
		(c.is_control() && !matches!(c, '\n' | '\t'))
			|| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
	};
	match text.contains(controls) {
		true => text.chars().filter(|c| !controls(*c)).collect::<String>().into(),
		false => text.into(),
	}
}

/// Writes a warning to standard error.
pub fn warn(what: &str) {
	// A warning that cannot be written is not an error.
	let _ = writeln!(stderr(), "warning: {}", printable(what));
}

/// Writes a line to standard output. The reader may close it, as `head` does.
pub fn write_line(line: &str) -> Result<()> {
	let mut out = stdout().lock();
	match writeln!(out, "{}", printable(line)).and_then(|()| out.flush()) {
		Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
		other => Ok(other?),
	}
}

/// Serializes an amount as a string: numbers of JSON are too small.
pub fn base_units<S: Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(amount)
}

/// Serializes an amount that may be negative in the same way.
pub fn signed_units<S: Serializer>(amount: &i128, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(amount)
}

/// Serializes another large number as a string.
pub fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(number)
}

/// Returns a number with its noun: `1 block`, `2 blocks`.
pub fn count(number: impl Into<u128>, singular: &str, plural: &str) -> String {
	let number = number.into();
	format!("{number} {}", if number == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn characters_that_control_a_terminal_are_removed() {
		for (text, shown) in [
			("Prover Pool · 1 µ\tx\ny", "Prover Pool · 1 µ\tx\ny"),
			("\u{1b}]0;title\u{7}Chain", "]0;titleChain"),
			("paid\r5\u{8}\u{7f}\u{9b}2K", "paid52K"),
			("1 \u{202e}TINU\u{202c}", "1 TINU"),
		] {
			assert_eq!(printable(text), shown);
		}
		assert!(matches!(printable("plain"), Cow::Borrowed(_)));
	}
}
