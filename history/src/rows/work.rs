//! What a prover did: in an hour or a day, or since the history begins.

use crate::column::{Amount, Column};
use rusqlite::{types::Value as Sql, Row};
use serde::Serialize;

/// Counts and sums of a prover.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Work {
	/// Assignments.
	pub assigned: u32,
	/// Assignments of which its own claim, made in time, was verified.
	pub in_time: u32,
	/// Assignments closed with a slash.
	pub missed: u32,
	/// Of these, blocks that it proved itself, too late.
	pub late: u32,
	/// Blocks of others that it proved after their window.
	pub rescued: u32,
	/// Open blocks that it proved.
	pub proved_open: u32,
	/// What it received from escrows.
	pub earned: Amount,
	/// The sum of its slashes, including those that were cancelled.
	pub slashed: Amount,
}

impl Work {
	/// Counts a verified block.
	pub fn count_verified(&mut self, verdict: &str, paid: Amount) {
		match verdict {
			"InTime" => self.in_time += 1,
			"Rescued" => self.rescued += 1,
			"Open" => self.proved_open += 1,
			_ => {},
		}
		self.earned += paid;
	}

	/// Counts a slash.
	pub fn count_slash(&mut self, fault: &str, amount: Amount) {
		self.missed += 1;
		self.late += u32::from(fault == "Late");
		self.slashed += amount;
	}
}

impl Column for Work {
	const SUFFIXES: &'static [&'static str] =
		&["assigned", "in_time", "missed", "late", "rescued", "proved_open", "earned", "slashed"];
	/// The columns have the names of the fields.
	fn name(_: &str, suffix: &str) -> String {
		suffix.into()
	}
	fn write(&self, to: &mut Vec<Sql>) {
		for count in
			[self.assigned, self.in_time, self.missed, self.late, self.rescued, self.proved_open]
		{
			count.write(to);
		}
		self.earned.write(to);
		self.slashed.write(to);
	}
	fn read(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<Self> {
		Ok(Self {
			assigned: Column::read(row, at)?,
			in_time: Column::read(row, at)?,
			missed: Column::read(row, at)?,
			late: Column::read(row, at)?,
			rescued: Column::read(row, at)?,
			proved_open: Column::read(row, at)?,
			earned: Column::read(row, at)?,
			slashed: Column::read(row, at)?,
		})
	}
}
