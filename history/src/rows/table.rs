//! Rows as types: each table has one, with its columns in their order.

use crate::column::Column;
use rusqlite::{types::Value as Sql, Connection, OptionalExtension, Row, ToSql};

/// A row of a table.
pub trait Table: Sized {
	/// The name of the table.
	const NAME: &'static str;
	/// The columns of its key.
	const KEY: &'static [&'static str];
	/// Returns the names of the columns.
	fn columns() -> &'static [String];
	/// Returns the same in a list for SQL.
	fn column_list() -> &'static str;
	/// Returns the values of the columns.
	fn values(&self) -> Vec<Sql>;
	/// Reads a row, from this column on.
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self>;
}

/// Declares a row, and how it is stored.
macro_rules! row {
	($(#[$doc:meta])* $name:ident in $table:literal by $key:expr; $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*) => {
		$(#[$doc])*
		#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
		pub struct $name {
			$($(#[$field_doc])* pub $field: $ty,)*
		}

		impl $crate::rows::Table for $name {
			const NAME: &'static str = $table;
			const KEY: &'static [&'static str] = &$key;

			fn columns() -> &'static [String] {
				static COLUMNS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
				COLUMNS.get_or_init(|| {
					let mut columns = Vec::new();
					$(for suffix in <$ty as $crate::column::Column>::SUFFIXES {
						let field = stringify!($field);
						columns.push(<$ty as $crate::column::Column>::name(field, suffix));
					})*
					columns
				})
			}

			fn column_list() -> &'static str {
				static LIST: std::sync::OnceLock<String> = std::sync::OnceLock::new();
				LIST.get_or_init(|| Self::columns().join(", "))
			}

			fn values(&self) -> Vec<rusqlite::types::Value> {
				let mut values = Vec::new();
				$($crate::column::Column::write(&self.$field, &mut values);)*
				values
			}

			fn read(row: &rusqlite::Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
				Ok(Self { $($field: $crate::column::Column::read(row, at)?,)* })
			}
		}
	};
}
pub(crate) use row;

/// Where derived rows are read and written.
///
/// Names of tables without a schema are those of the file or, on a connection with an overlay, of views
/// that show the overlay's row instead of the file's.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
	connection: &'a Connection,
	/// What precedes the name of a table that is written.
	target: &'static str,
}

impl<'a> Tables<'a> {
	/// Rows of the file.
	pub fn of_file(connection: &'a Connection) -> Self {
		Self { connection, target: "main." }
	}

	/// Rows of the overlay, over those of the file.
	pub fn of_overlay(connection: &'a Connection) -> Self {
		Self { connection, target: "temp.overlay_" }
	}

	/// Returns the connection.
	pub fn connection(&self) -> &'a Connection {
		self.connection
	}

	/// Returns the row with this key.
	pub fn get<T: Table>(&self, key: &[&dyn ToSql]) -> rusqlite::Result<Option<T>> {
		let keys: Vec<String> = T::KEY
			.iter()
			.zip(1..)
			.map(|(column, number)| format!("{column} = ?{number}"))
			.collect();
		let condition = keys.join(" AND ");
		let sql = format!("SELECT {} FROM {} WHERE {condition}", T::column_list(), T::NAME);
		let mut statement = self.connection.prepare_cached(&sql)?;
		statement.query_row(key, |row| T::read(row, &mut 0)).optional()
	}

	/// Returns the rows that meet a condition. An order and a limit may follow the condition.
	pub fn find<T: Table>(&self, condition: &str, with: &[&dyn ToSql]) -> rusqlite::Result<Vec<T>> {
		let sql = format!("SELECT {} FROM {} WHERE {condition}", T::column_list(), T::NAME);
		let mut statement = self.connection.prepare_cached(&sql)?;
		let rows = statement.query_map(with, |row| T::read(row, &mut 0))?;
		rows.collect()
	}

	/// Writes a row in place of the one with the same key.
	pub fn put<T: Table>(&self, row: &T) -> rusqlite::Result<()> {
		let values = row.values();
		let places = vec!["?"; values.len()].join(", ");
		let sql = format!(
			"INSERT OR REPLACE INTO {}{} ({}) VALUES ({places})",
			self.target,
			T::NAME,
			T::column_list()
		);
		let mut statement = self.connection.prepare_cached(&sql)?;
		statement.execute(rusqlite::params_from_iter(values))?;
		Ok(())
	}
}

/// A value that is stored as text.
macro_rules! text {
	($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
		$(#[$doc])*
		#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
		pub enum $name {
			$($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
		}

		impl $name {
			/// Returns it as text.
			pub fn text(self) -> &'static str {
				match self { $(Self::$variant => $text,)* }
			}

			/// Returns the value of this text.
			pub fn of(text: &str) -> Option<Self> {
				match text { $($text => Some(Self::$variant),)* _ => None }
			}
		}

		impl $crate::column::Column for $name {
			const SUFFIXES: &'static [&'static str] = &[""];
			fn write(&self, to: &mut Vec<rusqlite::types::Value>) {
				to.push(rusqlite::types::Value::Text(self.text().into()));
			}
			fn read(row: &rusqlite::Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
				let text: String = $crate::column::Column::read(row, at)?;
				Self::of(&text).ok_or_else(|| rusqlite::Error::InvalidColumnType(
					*at - 1, text, rusqlite::types::Type::Text,
				))
			}
		}
	};
}
pub(crate) use text;

/// Returns the values of a row as text, for CSV: nothing for null.
pub fn texts(values: &[Sql]) -> impl Iterator<Item = String> + '_ {
	values.iter().map(|value| match value {
		Sql::Null => String::new(),
		Sql::Integer(it) => it.to_string(),
		Sql::Real(it) => it.to_string(),
		Sql::Text(it) => it.clone(),
		Sql::Blob(_) => String::new(),
	})
}

/// Reads a value from this column on.
pub fn column<T: Column>(row: &Row<'_>, at: usize) -> rusqlite::Result<T> {
	T::read(row, &mut { at })
}
