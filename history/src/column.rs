//! How values are stored: each type has one column or several.

use rusqlite::{types::Value as Sql, Row};
use serde::{Serialize, Serializer};
use std::{fmt, ops::AddAssign};

/// The largest number of decimals with which one token fits an amount.
const MAX_DECIMALS: u32 = 38;

/// A value that is stored in one column or several.
pub trait Column: Sized {
	/// What follows the name of the field in the names of its columns.
	const SUFFIXES: &'static [&'static str];
	/// Returns the name of one of its columns.
	fn name(field: &str, suffix: &str) -> String {
		format!("{field}{suffix}")
	}
	/// Appends the values of its columns.
	fn write(&self, to: &mut Vec<Sql>);
	/// Reads its columns, the first of which is at this index, and advances the index past them.
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self>;
}

/// An amount in base units. Numbers of SQLite have 64 bits, so it is stored as decimal text.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Amount(pub u128);

impl Amount {
	/// Returns the amount less another, or 0.
	pub fn less(self, other: Self) -> Self {
		Self(self.0.saturating_sub(other.0))
	}

	/// Returns the amount in tokens of this many decimals, exactly and without a symbol: `1.5`.
	pub fn tokens(self, decimals: u32) -> String {
		let digits = decimals.min(MAX_DECIMALS) as usize;
		let unit = 10u128.pow(digits as u32);
		let (whole, rest) = (self.0 / unit, self.0 % unit);
		let rest = format!("{rest:0digits$}");
		match rest.trim_end_matches('0') {
			"" => whole.to_string(),
			rest => format!("{whole}.{rest}"),
		}
	}

	/// Returns the sum.
	pub fn plus(self, other: Self) -> Self {
		Self(self.0.saturating_add(other.0))
	}
}

impl AddAssign for Amount {
	fn add_assign(&mut self, other: Self) {
		*self = self.plus(other);
	}
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.fmt(f)
	}
}

impl Serialize for Amount {
	fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
		to.collect_str(self)
	}
}

/// A block of the chain and its time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Moment {
	/// The number of the block.
	pub block: u64,
	/// Milliseconds since 1970; `None` if the block has no timestamp.
	pub time: Option<i64>,
}

/// Nearest-rank percentiles.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Percentiles {
	/// The smallest value that at least 5 % of the values do not exceed.
	pub p5: i64,
	/// The same for 25 %.
	pub p25: i64,
	/// The same for 50 %.
	pub p50: i64,
	/// The same for 75 %.
	pub p75: i64,
	/// The same for 95 %.
	pub p95: i64,
}

/// Implements [`Column`] for types that are numbers of SQLite.
macro_rules! numbers {
	($($ty:ty),*) => {$(
		impl Column for $ty {
			const SUFFIXES: &'static [&'static str] = &[""];
			fn write(&self, to: &mut Vec<Sql>) {
				// Larger numbers are never stored: `derive` refuses them.
				to.push(Sql::Integer(i64::try_from(*self).unwrap_or(i64::MAX)));
			}
			fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
				let number: i64 = next(row, at)?;
				Self::try_from(number)
					.map_err(|_| rusqlite::Error::IntegralValueOutOfRange(*at - 1, number))
			}
		}
	)*};
}
numbers!(u16, u32, u64, i64);

fn next<T: rusqlite::types::FromSql>(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<T> {
	let value = row.get(*at);
	*at += 1;
	value
}

fn wrong(at: usize, reason: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
	rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(reason))
}

impl Column for bool {
	const SUFFIXES: &'static [&'static str] = &[""];
	fn write(&self, to: &mut Vec<Sql>) {
		to.push(Sql::Integer(i64::from(*self)));
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		next(row, at)
	}
}

impl Column for String {
	const SUFFIXES: &'static [&'static str] = &[""];
	fn write(&self, to: &mut Vec<Sql>) {
		to.push(Sql::Text(self.clone()));
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		next(row, at)
	}
}

impl Column for Amount {
	const SUFFIXES: &'static [&'static str] = &[""];
	fn write(&self, to: &mut Vec<Sql>) {
		to.push(Sql::Text(self.to_string()));
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		let text: String = next(row, at)?;
		text.parse().map(Self).map_err(|error| wrong(*at - 1, error))
	}
}

impl Column for serde_json::Map<String, serde_json::Value> {
	const SUFFIXES: &'static [&'static str] = &[""];
	fn write(&self, to: &mut Vec<Sql>) {
		// A map of JSON values has no part that cannot be written.
		to.push(Sql::Text(serde_json::to_string(self).unwrap_or_default()));
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		let text: String = next(row, at)?;
		serde_json::from_str(&text).map_err(|error| wrong(*at - 1, error))
	}
}

impl Column for Moment {
	const SUFFIXES: &'static [&'static str] = &["_block", "_time"];
	fn write(&self, to: &mut Vec<Sql>) {
		self.block.write(to);
		self.time.write(to);
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		Ok(Self { block: Column::read(row, at)?, time: Column::read(row, at)? })
	}
}

impl Column for Percentiles {
	const SUFFIXES: &'static [&'static str] = &["_p5", "_p25", "_p50", "_p75", "_p95"];
	fn write(&self, to: &mut Vec<Sql>) {
		for value in [self.p5, self.p25, self.p50, self.p75, self.p95] {
			value.write(to);
		}
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		Ok(Self {
			p5: next(row, at)?,
			p25: next(row, at)?,
			p50: next(row, at)?,
			p75: next(row, at)?,
			p95: next(row, at)?,
		})
	}
}

impl<T: Column> Column for Option<T> {
	const SUFFIXES: &'static [&'static str] = T::SUFFIXES;
	fn write(&self, to: &mut Vec<Sql>) {
		match self {
			Some(value) => value.write(to),
			None => to.extend(T::SUFFIXES.iter().map(|_| Sql::Null)),
		}
	}
	/// The first column of a value is never null.
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		if matches!(row.get_ref(*at)?, rusqlite::types::ValueRef::Null) {
			*at += T::SUFFIXES.len();
			return Ok(None);
		}
		T::read(row, at).map(Some)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn tokens_are_exact() {
		for (amount, decimals, text) in [
			(0, 12, "0"),
			(1, 12, "0.000000000001"),
			(1_500_000_000_000, 12, "1.5"),
			(2_000_000_000_000, 12, "2"),
			(u128::MAX, 12, "340282366920938463463374607.431768211455"),
			(7, 0, "7"),
			(0, 0, "0"),
			(1, u32::MAX, "0.00000000000000000000000000000000000001"),
		] {
			assert_eq!(Amount(amount).tokens(decimals), text);
		}
	}
}
