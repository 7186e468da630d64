//! Compares the history with itself and with the chain's state.

use crate::{
	column::Amount,
	error::{Error, Result},
	reader::Reader,
	rows::{Membership, Prover, RollupBlock, Slash, SlashState, Status, Table, Tables},
	schema,
};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the chain's state says after the last block of the history.
#[derive(Clone, Debug, Default)]
pub struct Facts {
	/// The block after which it was read.
	pub block: u64,
	/// The accounts with a record in the pool.
	pub stakers: Vec<StakerFacts>,
	/// The blocks of the rollup that are not settled.
	pub waiting: Vec<BlockFacts>,
	/// The slashes whose tokens are on hold.
	pub slashes: Vec<SlashFacts>,
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

/// A slash whose tokens are on hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SlashFacts {
	/// The block of the assignment.
	pub block_id: u64,
	/// The account that was slashed.
	pub who: String,
	/// The amount.
	pub amount: Amount,
	/// From when on it can be applied, by the clock of the pool's periods.
	pub due_at: u64,
}

/// The result of a check.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Report {
	/// How many settled blocks have sums that are right.
	pub blocks: u64,
	/// How many blocks could not be checked, since events of theirs are missing.
	pub blocks_unknown: u64,
	/// How many slashes have sums that are right, and are pending where they are pending on the chain.
	pub slashes: u64,
	/// How many slashes could not be checked, since events of theirs are missing.
	pub slashes_unknown: u64,
	/// How many waiting blocks agree with the chain.
	pub waiting: u64,
	/// How many accounts agree with the chain.
	pub provers: u64,
	/// How many accounts could not be checked, since events are missing after the chain's state was read.
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
		let sql = "SELECT COUNT(*) FROM gap";
		let gaps = connection.query_row(sql, [], |row| crate::rows::column(row, 0))?;
		let is_state_known = schema::is_state_known(connection)?;
		let report = Report { gaps, ..Report::default() };
		let mut check = Check { connection, is_state_known, report };
		check.settled_blocks()?;
		check.waiting_blocks(&facts.waiting)?;
		check.slashes(&facts.slashes)?;
		check.stakers(&facts.stakers)?;
		Ok(check.report)
	})
}

/// A check while it runs.
struct Check<'a> {
	connection: &'a Connection,
	/// False if events are missing since the chain's state was read.
	is_state_known: bool,
	report: Report,
}

impl Check<'_> {
	/// Calls a function with each finalized row that meets a condition.
	fn each<T: Table>(
		&mut self,
		condition: &str,
		mut visit: impl FnMut(&mut Self, T),
	) -> rusqlite::Result<()> {
		let sql = format!("SELECT {} FROM main.{} WHERE {condition}", T::column_list(), T::NAME);
		let connection = self.connection;
		let mut statement = connection.prepare(&sql)?;
		let mut rows = statement.query([])?;
		while let Some(row) = rows.next()? {
			visit(self, T::read(row, &mut 0)?);
		}
		Ok(())
	}

	/// Returns whether a row may differ from the chain, since events of it may be missing.
	fn may_lack(&self, spans_gap: bool) -> bool {
		spans_gap && !self.is_state_known
	}

	/// Held at the proposal = paid + returned + forfeited (Money).
	fn settled_blocks(&mut self) -> rusqlite::Result<()> {
		let condition = "settled_block IS NOT NULL OR status = 'unknown' ORDER BY id";
		self.each(condition, |check, block: RollupBlock| {
			let sum = block
				.paid
				.zip(block.returned)
				.zip(block.forfeited)
				.map(|((paid, returned), forfeited)| paid.plus(returned).plus(forfeited));
			match (block.escrow, sum) {
				(Some(escrow), Some(sum)) if escrow == sum => check.report.blocks += 1,
				(Some(escrow), Some(sum)) => check.report.differ(format!(
					"block {}: {escrow} were in escrow, and {sum} were paid, returned and forfeited",
					block.id
				)),
				_ => check.report.blocks_unknown += 1,
			}
		})
	}

	/// Blocks wait where they wait on the chain, with the same escrow.
	fn waiting_blocks(&mut self, facts: &[BlockFacts]) -> rusqlite::Result<()> {
		for fact in facts {
			let id = fact.id;
			let block: Option<RollupBlock> =
				Tables::of_file(self.connection).get(&[&(id as i64)])?;
			let Some(block) = block else {
				self.unknown_or_differ(
					|report| &mut report.blocks_unknown,
					|| format!("block {id} waits on the chain, and the history does not have it"),
				);
				continue;
			};
			let held = block.escrow.map(|escrow| escrow.less(block.returned_at_draw));
			if block.waits() && block.escrow == Some(fact.escrow) && held == Some(fact.held) {
				self.report.waiting += 1;
			} else if self.may_lack(block.spans_gap) {
				self.report.blocks_unknown += 1;
			} else {
				self.report.differ(format!(
					"block {id}: the chain holds {} of {} for it, and the history has {}",
					fact.held,
					fact.escrow,
					match (block.waits(), held) {
						(true, Some(held)) => held.to_string(),
						(true, None) => "no escrow".into(),
						(false, _) => "settled it".into(),
					}
				));
			}
		}
		let ids: BTreeSet<u64> = facts.iter().map(|fact| fact.id).collect();
		let condition = "settled_block IS NULL AND status <> 'unknown' ORDER BY id";
		self.each(condition, |check, block: RollupBlock| match block.id {
			id if ids.contains(&id) => {},
			_ if check.may_lack(block.spans_gap) => check.report.blocks_unknown += 1,
			id => {
				check.report.differ(format!("block {id} waits, and the chain has settled it"));
			},
		})
	}

	/// A slash is what came from exits and stake. What was taken of it is what the rescuer received and the rest. A
	/// slash is pending where it is pending on the chain, with the same terms.
	fn slashes(&mut self, facts: &[SlashFacts]) -> rusqlite::Result<()> {
		let mut pending: BTreeMap<u64, &SlashFacts> =
			facts.iter().map(|fact| (fact.block_id, fact)).collect();
		self.each("TRUE ORDER BY block_id", |check, slash: Slash| {
			let on_chain = pending.remove(&slash.block_id);
			check.slash(&slash, on_chain);
		})?;
		for id in pending.into_keys() {
			// The state does not say when a slash of a gap was made, so it has no row.
			match self.report.gaps {
				0 => self.report.differ(format!(
					"the slash for block {id} is pending on the chain, and the history does not have it"
				)),
				_ => self.report.slashes_unknown += 1,
			}
		}
		Ok(())
	}

	fn slash(&mut self, slash: &Slash, on_chain: Option<&SlashFacts>) {
		let id = slash.block_id;
		let taken = slash.to_rescuer.plus(slash.burnt);
		let parts = slash.from_exits.plus(slash.from_stake);
		let expected = match slash.state {
			SlashState::Applied => slash.amount,
			SlashState::Pending | SlashState::Cancelled | SlashState::Unknown => Amount(0),
		};
		if parts != slash.amount || taken != expected {
			self.report.differ(format!(
				"the slash for block {id}: {} are {parts} of exits and stake, and {taken} were taken",
				slash.amount
			));
			return;
		}
		let known = (slash.state == SlashState::Pending).then(|| SlashFacts {
			block_id: id,
			who: slash.who.clone(),
			amount: slash.amount,
			due_at: slash.due_at.unwrap_or_default(),
		});
		if known.as_ref() == on_chain {
			match slash.state {
				SlashState::Unknown => self.report.slashes_unknown += 1,
				_ => self.report.slashes += 1,
			}
		} else if self.may_lack(slash.spans_gap) {
			self.report.slashes_unknown += 1;
		} else {
			let text = |facts: Option<&SlashFacts>| facts.map_or("none".into(), SlashFacts::text);
			self.report.differ(format!(
				"the pending slash for block {id}: the chain has {}, and the history {}",
				text(on_chain),
				text(known.as_ref())
			));
		}
	}

	/// Accounts have the stake, exits, duties and record of the chain.
	fn stakers(&mut self, facts: &[StakerFacts]) -> rusqlite::Result<()> {
		for fact in facts {
			let prover: Option<Prover> = Tables::of_file(self.connection).get(&[&fact.account])?;
			let Some(prover) = prover else {
				self.unknown_or_differ(
					|report| &mut report.provers_unknown,
					|| format!("{} is a staker, and the history does not have it", fact.account),
				);
				continue;
			};
			let known = StakerFacts::of(&prover);
			if known == *fact {
				self.report.provers += 1;
			} else if self.may_lack(prover.spans_gap) {
				self.report.provers_unknown += 1;
			} else {
				self.report.differ(format!(
					"{}: the chain says {}, and the history {}",
					fact.account,
					fact.text(),
					known.text()
				));
			}
		}
		let known: BTreeSet<&str> = facts.iter().map(|fact| fact.account.as_str()).collect();
		self.each("status = 'member'", |check, prover: Prover| match prover.account.as_str() {
			account if known.contains(account) => {},
			_ if check.may_lack(prover.spans_gap) => check.report.provers_unknown += 1,
			account => check
				.report
				.differ(format!("{account} is a member, and the chain does not have it")),
		})
	}

	/// Counts something that the history does not have: without a gap since the state was read, it should.
	fn unknown_or_differ(
		&mut self,
		count: impl FnOnce(&mut Report) -> &mut u64,
		text: impl FnOnce() -> String,
	) {
		match self.is_state_known {
			true => self.report.differ(text()),
			false => *count(&mut self.report) += 1,
		}
	}
}

impl RollupBlock {
	/// Returns whether it is not settled.
	fn waits(&self) -> bool {
		self.settled.is_none() && self.status != Status::Unknown
	}
}

impl SlashFacts {
	fn text(&self) -> String {
		format!("{} of {}, due at {}", self.amount, self.who, self.due_at)
	}
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
