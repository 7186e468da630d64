//! What the events of a block change in the rows.
//!
//! It depends on the events and the rows only, so the rows can be rebuilt from the events.

mod fields;
mod pool;
mod protocol;
mod state;

use crate::{
	block::{kept, Block, Event, STATE},
	column::Moment,
	rows::{Membership, Prover, RollupBlock, Status, Tables},
};
use fields::Fields;
use std::collections::BTreeSet;

/// Why an event changed nothing.
#[derive(Debug)]
pub enum Failure {
	/// It lacks a field, or a field is of another kind.
	Unknown(String),
	/// The database refused.
	Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
	fn from(error: rusqlite::Error) -> Self {
		Self::Database(error)
	}
}

/// The result of an event.
type Derived<T = ()> = Result<T, Failure>;

/// Changes the rows by the events of a block, after those of the blocks before. Returns why an event changed
/// nothing: the reason of the first that was not understood.
pub fn block(
	tables: Tables<'_>,
	block: &Block,
	after_gap: bool,
) -> rusqlite::Result<Option<String>> {
	let moment = Moment { block: block.number, time: block.time };
	let mut deriving = Deriving {
		tables,
		moment,
		after_gap,
		last_slash: None,
		phase: None,
		touched: BTreeSet::new(),
	};
	let mut unknown = None;
	for event in kept(&block.events) {
		match deriving.event(event) {
			Ok(()) => {},
			Err(Failure::Unknown(reason)) => {
				unknown.get_or_insert(format!("{}.{}: {reason}", event.pallet, event.name));
			},
			Err(Failure::Database(error)) => return Err(error),
		}
	}
	deriving.forget_records()?;
	Ok(unknown)
}

/// The rows, and what is known of the block so far.
struct Deriving<'a> {
	tables: Tables<'a>,
	moment: Moment,
	/// True if events of an earlier block are missing.
	after_gap: bool,
	/// The last slash in this block: a reporter's payment belongs to it.
	last_slash: Option<u64>,
	/// The extrinsic of the present events.
	phase: Option<u32>,
	/// The accounts that the pool changed in it.
	touched: BTreeSet<String>,
}

impl Deriving<'_> {
	fn event(&mut self, event: &Event) -> Derived {
		if event.extrinsic != self.phase {
			self.forget_records()?;
			self.phase = event.extrinsic;
		}
		let fields = Fields(event);
		match event.pallet.as_str() {
			"BlockProposal" => self.protocol_event(&event.name, fields),
			"ProverPool" => self.pool_event(&event.name, fields),
			"Balances" => self.reporter_paid(fields),
			STATE => self.state_event(&event.name, fields),
			_ => Ok(()),
		}
	}

	/// Returns the row of a block. A block without one was proposed in a gap.
	fn rollup_block(&self, id: u64) -> Derived<RollupBlock> {
		let known = self.tables.get(&[&(id as i64)])?;
		let unknown = || RollupBlock { id, spans_gap: true, ..RollupBlock::default() };
		Ok(known.unwrap_or_else(unknown))
	}

	/// Returns the row of an account.
	fn prover(&self, account: &str) -> Derived<Prover> {
		let known = self.tables.get(&[&account])?;
		let (account, spans_gap) = (account.into(), self.after_gap);
		Ok(known.unwrap_or_else(|| Prover { account, spans_gap, ..Prover::default() }))
	}

	/// Changes the row of an account.
	fn change_prover(&self, account: &str, change: impl FnOnce(&mut Prover)) -> Derived<Prover> {
		let mut prover = self.prover(account)?;
		change(&mut prover);
		self.tables.put(&prover)?;
		Ok(prover)
	}

	/// The pool forgets an account in which nothing is left, and its record with it. It does so at the end of a
	/// call, so what is left in between does not matter.
	fn forget_records(&mut self) -> rusqlite::Result<()> {
		for account in std::mem::take(&mut self.touched) {
			let prover: Option<Prover> = self.tables.get(&[&account])?;
			if let Some(mut prover) = prover.filter(|it| it.is_forgotten(self.moment.block)) {
				prover.record_assigned = 0;
				prover.record_served = 0;
				prover.record_missed = 0;
				self.tables.put(&prover)?;
			}
		}
		Ok(())
	}
}

impl RollupBlock {
	/// Returns its state while it is not settled. `has_claim` is true if a claim is stored.
	fn waiting_status(&self, has_claim: bool) -> Status {
		match self.status {
			Status::Verified | Status::Skipped | Status::Cancelled | Status::Unknown => self.status,
			_ if has_claim => Status::Claimed,
			_ if self.open_cause.is_some() => Status::Open,
			_ if self.prover.is_some() => Status::Assigned,
			_ => Status::Pending,
		}
	}
}

impl Prover {
	/// Returns whether nothing is left that the pool has to remember (I7).
	fn is_forgotten(&self, now: u64) -> bool {
		self.status != Membership::Member
			&& self.exits.0 == 0
			&& self.outstanding == 0
			&& self.liable == 0
			&& !self.is_suspended(now)
	}

	/// Returns whether it is suspended in this block of the chain. This is an estimate if the pool's clock does not
	/// count blocks of the chain: the end of a suspension may be seen late.
	fn is_suspended(&self, now: u64) -> bool {
		self.suspended_until.is_some_and(|until| now <= until)
	}
}
