//! Compares the history with itself and with what the chain's state says.

use crate::{
	column::Amount,
	error::{Error, Result},
	reader::Reader,
	rows::{Membership, Prover, RollupBlock, Slash, SlashState, Table, Tables},
};
use rusqlite::Connection;
use serde::Serialize;

/// What the chain's state says after the last block of the history.
#[derive(Clone, Debug, Default)]
pub struct Facts {
	/// The block after which it was read.
	pub block: u64,
	/// The accounts with a record in the pool.
	pub stakers: Vec<StakerFacts>,
	/// The blocks of the rollup that are not settled.
	pub waiting: Vec<BlockFacts>,
}

/// What the pool knows of an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StakerFacts {
	/// The account.
	pub account: String,
	/// The stake, if it is a member.
	pub stake: Option<Amount>,
	/// The sum of its exits.
	pub exits: Amount,
	/// Assignments that are not delivered.
	pub outstanding: u32,
	/// Assignments that are not closed.
	pub liable: u32,
	/// The track record: assignments.
	pub assigned: u32,
	/// Those closed without a slash.
	pub served: u32,
	/// Those closed with a slash that was not cancelled.
	pub missed: u32,
}

/// A block of the rollup that is not settled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BlockFacts {
	/// Its id.
	pub id: u64,
	/// The escrow at its proposal.
	pub escrow: Amount,
	/// The part that is still held.
	pub held: Amount,
}

/// The result of a check.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
	/// How many settled blocks have sums that are right.
	pub blocks: u64,
	/// How many blocks could not be checked, since events of theirs are missing.
	pub blocks_unknown: u64,
	/// How many slashes have sums that are right.
	pub slashes: u64,
	/// How many waiting blocks agree with the chain.
	pub waiting: u64,
	/// How many accounts agree with the chain.
	pub provers: u64,
	/// How many accounts could not be checked, since events after their state was read may be missing.
	pub provers_unknown: u64,
	/// How many gaps the history has.
	pub gaps: u64,
	/// What does not agree, in sentences: at most a hundred.
	pub differences: Vec<String>,
	/// How many differences there are.
	pub different: u64,
}

/// The most differences that are described.
const DESCRIBED: usize = 100;

impl Report {
	fn differ(&mut self, text: String) {
		self.different += 1;
		if self.differences.len() < DESCRIBED {
			self.differences.push(text);
		}
	}
}

/// Checks all sums of money, and the facts of the chain. The facts are of the last block of the history.
pub fn check(reader: &Reader, facts: &Facts) -> Result<Report> {
	let last = reader.last()?.map(|last| last.number);
	if last != Some(facts.block) {
		return Err(Error::Order(format!(
			"the chain was read after block {}, and the history ends with {}: check them at the same block",
			facts.block,
			last.map_or("nothing".into(), |last| last.to_string())
		)));
	}
	reader.read(|connection| {
		let mut report = Report::default();
		let sql = "SELECT COUNT(*) FROM gap";
		report.gaps = connection.query_row(sql, [], |row| crate::rows::column(row, 0))?;
		settled_blocks(connection, &mut report)?;
		slashes(connection, &mut report)?;
		waiting_blocks(connection, &facts.waiting, &mut report)?;
		stakers(connection, &facts.stakers, &mut report)?;
		Ok(report)
	})
}

/// Calls a function with each finalized row that meets a condition.
fn each<T: Table>(
	connection: &Connection,
	condition: &str,
	mut visit: impl FnMut(T),
) -> rusqlite::Result<()> {
	let sql = format!("SELECT {} FROM main.{} WHERE {condition}", T::column_list(), T::NAME);
	let mut statement = connection.prepare(&sql)?;
	let mut rows = statement.query([])?;
	while let Some(row) = rows.next()? {
		visit(T::read(row, &mut 0)?);
	}
	Ok(())
}

/// Held at the proposal = paid + returned + forfeited (Money).
fn settled_blocks(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
	each(connection, "settled_block IS NOT NULL ORDER BY id", |block: RollupBlock| {
		let sum = block
			.paid
			.zip(block.returned)
			.zip(block.forfeited)
			.map(|((paid, returned), forfeited)| paid.plus(returned).plus(forfeited));
		match (block.escrow, sum) {
			(Some(escrow), Some(sum)) if escrow == sum => report.blocks += 1,
			(Some(escrow), Some(sum)) => report.differ(format!(
				"block {}: {escrow} were in escrow, and {sum} were paid, returned and forfeited",
				block.id
			)),
			_ => report.blocks_unknown += 1,
		}
	})
}

/// A slash is what came from exits and stake; what was taken is what the rescuer received and the rest.
fn slashes(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
	each(connection, "spans_gap = 0 ORDER BY block_id", |slash: Slash| {
		let taken = slash.to_rescuer.plus(slash.burnt);
		let parts = slash.from_exits.plus(slash.from_stake);
		let expected = match slash.state {
			SlashState::Applied => slash.amount,
			SlashState::Pending | SlashState::Cancelled => Amount(0),
		};
		if parts == slash.amount && taken == expected {
			report.slashes += 1;
		} else {
			report.differ(format!(
				"the slash for block {}: {} are {parts} of exits and stake, and {taken} were taken",
				slash.block_id, slash.amount
			));
		}
	})
}

fn waiting_blocks(
	connection: &Connection,
	facts: &[BlockFacts],
	report: &mut Report,
) -> rusqlite::Result<()> {
	let tables = Tables::of_file(connection);
	for fact in facts {
		let block: Option<RollupBlock> = tables.get(&[&(fact.id as i64)])?;
		let Some(block) = block.filter(|block| !block.spans_gap) else {
			report.blocks_unknown += 1;
			continue;
		};
		let held = block.escrow.map(|escrow| escrow.less(block.returned_at_draw));
		if block.settled.is_none() && block.escrow == Some(fact.escrow) && held == Some(fact.held) {
			report.waiting += 1;
		} else {
			report.differ(format!(
				"block {}: the chain holds {} of {} for it, and the history has {}",
				fact.id,
				fact.held,
				fact.escrow,
				match (block.settled, held) {
					(None, Some(held)) => held.to_string(),
					_ => "settled it".into(),
				}
			));
		}
	}
	let is_there = |id: u64| facts.binary_search_by_key(&id, |fact| fact.id).is_ok();
	each(connection, "settled_block IS NULL AND spans_gap = 0", |block: RollupBlock| {
		if !is_there(block.id) {
			report.differ(format!("block {} waits, and the chain has settled it", block.id));
		}
	})
}

fn stakers(
	connection: &Connection,
	facts: &[StakerFacts],
	report: &mut Report,
) -> rusqlite::Result<()> {
	let tables = Tables::of_file(connection);
	for fact in facts {
		let prover: Option<Prover> = tables.get(&[&fact.account])?;
		let Some(prover) = prover else {
			report
				.differ(format!("{} is a staker, and the history does not know it", fact.account));
			continue;
		};
		if !prover.state_known {
			report.provers_unknown += 1;
			continue;
		}
		let known = StakerFacts::of(&prover);
		if known == *fact {
			report.provers += 1;
			continue;
		}
		report.differ(format!(
			"{}: the chain says {}, and the history {}",
			fact.account,
			fact.text(),
			known.text()
		));
	}
	let known: std::collections::BTreeSet<&str> =
		facts.iter().map(|fact| fact.account.as_str()).collect();
	each(connection, "status = 'member' AND state_known = 1", |prover: Prover| {
		if !known.contains(prover.account.as_str()) {
			report
				.differ(format!("{} is a member, and the chain does not know it", prover.account));
		}
	})
}

impl StakerFacts {
	fn of(prover: &Prover) -> Self {
		Self {
			account: prover.account.clone(),
			stake: (prover.status == Membership::Member).then_some(prover.stake),
			exits: prover.exits,
			outstanding: prover.outstanding,
			liable: prover.liable,
			assigned: prover.record_assigned,
			served: prover.record_served,
			missed: prover.record_missed,
		}
	}

	fn text(&self) -> String {
		format!(
			"stake {}, exits {}, {} outstanding, {} liable, {} assigned, {} served, {} missed",
			self.stake.map_or("none".into(), |stake| stake.to_string()),
			self.exits,
			self.outstanding,
			self.liable,
			self.assigned,
			self.served,
			self.missed
		)
	}
}
