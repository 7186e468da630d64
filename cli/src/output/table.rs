//! Columns of text.

/// The alignment of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Align {
	/// Words.
	Left,
	/// Numbers.
	Right,
}

/// A table with a header.
#[derive(Debug)]
pub struct Table {
	columns: Vec<(&'static str, Align)>,
	rows: Vec<Vec<String>>,
}

impl Table {
	/// Creates a table with these columns.
	pub fn new(columns: &[(&'static str, Align)]) -> Self {
		Self { columns: columns.to_vec(), rows: Vec::new() }
	}

	/// Adds a row, with an entry for every column.
	pub fn row<const N: usize>(&mut self, entries: [String; N]) {
		debug_assert_eq!(N, self.columns.len());
		self.rows.push(entries.into());
	}

	/// Returns the table, or `nothing` if it has no rows. Columns are two spaces apart.
	pub fn text(&self, nothing: &str) -> String {
		if self.rows.is_empty() {
			return nothing.to_string();
		}
		let head: Vec<String> = self.columns.iter().map(|(name, _)| name.to_string()).collect();
		let lines: Vec<&Vec<String>> = std::iter::once(&head).chain(&self.rows).collect();
		let widths: Vec<usize> = (0..self.columns.len())
			.map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
			.collect();
		let render = |line: &Vec<String>| {
			let entries =
				line.iter().zip(&widths).zip(&self.columns).map(|((entry, width), (_, align))| {
					match align {
						Align::Left => format!("{entry:<width$}"),
						Align::Right => format!("{entry:>width$}"),
					}
				});
			entries.collect::<Vec<_>>().join("  ").trim_end().to_string()
		};
		lines.into_iter().map(render).collect::<Vec<_>>().join("\n")
	}
}

/// Returns names and values, one pair on each line.
pub fn pairs(pairs: &[(&str, String)]) -> String {
	let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
	let lines = pairs.iter().map(|(name, value)| format!("{name:<width$}  {value}"));
	lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn columns_are_as_wide_as_their_widest_entry() {
		let mut table = Table::new(&[("SLOT", Align::Right), ("WHO", Align::Left)]);
		table.row(["1".into(), "alice".into()]);
		table.row(["12345".into(), "bob".into()]);
		assert_eq!(table.text("nobody"), " SLOT  WHO\n    1  alice\n12345  bob");
	}

	#[test]
	fn a_table_without_rows_says_so() {
		assert_eq!(Table::new(&[("SLOT", Align::Right)]).text("nobody"), "nobody");
	}

	#[test]
	fn pairs_are_aligned() {
		assert_eq!(pairs(&[("a", "1".into()), ("bcd", "2".into())]), "a    1\nbcd  2");
	}
}
