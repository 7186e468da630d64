//! Rows as CSV (RFC 4180): the columns of the tables, under their names.

use crate::rows::{texts, Table};

/// Returns the header of a table.
pub fn header<T: Table>() -> String {
	line(T::columns().iter().cloned())
}

/// Returns a row.
pub fn row<T: Table>(row: &T) -> String {
	line(texts(&row.values()))
}

/// Returns a line of these values.
pub fn line(values: impl Iterator<Item = String>) -> String {
	let mut line = values.map(|value| quoted(&value)).collect::<Vec<_>>().join(",");
	line.push_str("\r\n");
	line
}

/// Returns a value, quoted if it needs to be. Spreadsheets take text that begins like a formula for one, so an
/// apostrophe precedes it: events contain text from others. No figure begins like that.
fn quoted(value: &str) -> String {
	let is_number = value.parse::<i128>().is_ok();
	let guarded = match value.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number {
		true => format!("'{value}"),
		false => value.into(),
	};
	match guarded.contains([',', '"', '\r', '\n']) {
		true => format!("\"{}\"", guarded.replace('"', "\"\"")),
		false => guarded,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn values_stay_values() {
		for (value, written) in [
			("plain", "plain"),
			("", ""),
			("-5", "-5"),
			("a,b", "\"a,b\""),
			("say \"x\"", "\"say \"\"x\"\"\""),
			("two\nlines", "\"two\nlines\""),
			("=1+1", "'=1+1"),
			("-1+cmd|x", "'-1+cmd|x"),
			("@x", "'@x"),
		] {
			assert_eq!(quoted(value), written);
		}
		assert_eq!(line(["a", "b,c"].map(String::from).into_iter()), "a,\"b,c\"\r\n");
	}
}
