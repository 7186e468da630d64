//! What the chain's state says where events do not: at the beginning, after a gap, after an entry.
//!
//! Only finalized blocks contain it, so it is never part of an overlay.

use super::{fields::Fields, Derived, Deriving, Failure};
use crate::{
	block::STAKERS,
	rows::{Membership, Prover, Status},
};

impl Deriving<'_> {
	pub(super) fn state_event(&mut self, name: &str, fields: Fields<'_>) -> Derived {
		match name {
			"Fee" => self.fee(fields, fields.optional_long("window")?),
			STAKERS => self.forget_stakers(),
			"Staker" => self.staker(fields),
			"Rollup" => self.rollup(fields),
			"Block" => self.waiting_block(fields),
			"PendingSlashes" => self.pending_slashes(fields),
			_ => Ok(()),
		}
	}

	/// Empties all accounts: those with a record in the pool follow.
	fn forget_stakers(&self) -> Derived {
		self.tables.connection().execute(
			"UPDATE main.prover SET status = CASE status WHEN 'member' THEN 'left' ELSE status END, slot = NULL, \
			 stake = '0', exits = '0', outstanding = 0, liable = 0, suspended_until = NULL, paused = 0, \
			 record_assigned = 0, record_served = 0, record_missed = 0",
			[],
		)?;
		Ok(())
	}

	/// Stores an account's record in the pool. Counts of the history are those of its events, and stay.
	fn staker(&mut self, fields: Fields<'_>) -> Derived {
		let (exits, outstanding) = (fields.amount("exits")?, fields.number("outstanding")?);
		let (liable, suspended) =
			(fields.number("liable")?, fields.optional_long("suspended_until")?);
		let (assigned, served) = (fields.number("assigned")?, fields.number("served")?);
		let missed = fields.number("missed")?;
		let member = match fields.optional_long("prover_id")? {
			Some(slot) => Some((
				u32::try_from(slot).unwrap_or(u32::MAX),
				fields.amount("stake")?,
				fields.number("reward_per_gas")?,
				fields.number("max_capacity")?,
				fields.truth("paused")?,
			)),
			None => None,
		};
		let prover = self.change_prover(fields.text("who")?, |it| {
			it.exits = exits;
			it.outstanding = outstanding;
			it.liable = liable;
			it.suspended_until = suspended;
			(it.record_assigned, it.record_served, it.record_missed) = (assigned, served, missed);
			match member {
				Some((slot, stake, price, capacity, paused)) => {
					it.status = Membership::Member;
					it.slot = Some(slot);
					it.stake = stake;
					it.reward_per_gas = Some(price);
					it.max_capacity = Some(capacity);
					it.paused = paused;
				},
				None if it.status == Membership::Member => {
					it.status = Membership::Left;
					it.slot = None;
					it.stake = Default::default();
				},
				None => {},
			}
		})?;
		match prover {
			Prover { status: Membership::Member, .. } => {
				self.put_offer("State", fields.index(), prover)
			},
			_ => Ok(()),
		}
	}

	/// Ends the blocks that the chain has settled, though no event says how: they were settled in a gap.
	fn rollup(&self, fields: Fields<'_>) -> Derived {
		let head = fields.long("head")? as i64;
		let connection = self.tables.connection();
		connection.execute(
			"UPDATE main.rollup_block SET status = 'unknown' WHERE settled_block IS NULL AND id < ?1",
			[head],
		)?;
		connection.execute(
			"UPDATE main.claim SET fate = 'unknown' WHERE fate = 'stored' AND block_id IN \
			 (SELECT id FROM main.rollup_block WHERE status = 'unknown')",
			[],
		)?;
		Ok(())
	}

	/// Stores what the chain knows of a block that is not settled. Moments and claims are in events only.
	fn waiting_block(&self, fields: Fields<'_>) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		let (escrow, held) = (fields.amount("escrow")?, fields.amount("held")?);
		let status = fields.text("status")?;
		block.status = Status::of(status)
			.ok_or_else(|| Failure::Unknown(format!("its field `status` is {status}")))?;
		block.proposer = Some(fields.text("proposer")?.into());
		block.tx_list_hash = Some(fields.text("tx_list_hash")?.into());
		block.gas_limit = Some(fields.number("gas_limit")?);
		block.fee_per_gas = Some(fields.number("fee_per_gas")?);
		block.escrow = Some(escrow);
		block.returned_at_draw = escrow.less(held);
		block.released = fields.truth("released")?;
		if fields.truth("open")? {
			block.open_cause.get_or_insert_with(|| "Unknown".into());
		}
		if fields.is_set("prover")? {
			block.prover = Some(fields.text("prover")?.into());
			block.reward_per_gas = Some(fields.number("reward_per_gas")?);
			block.deadline = Some(fields.long("deadline")?);
		}
		Ok(self.tables.put(&block)?)
	}

	/// Ends the pending slashes that the chain no longer has, though no event says how.
	fn pending_slashes(&self, fields: Fields<'_>) -> Derived {
		self.tables.connection().execute(
			"UPDATE main.slash SET state = 'unknown' WHERE state = 'pending' AND block_id NOT IN \
			 (SELECT value FROM json_each(?1))",
			[fields.json("block_ids")?],
		)?;
		Ok(())
	}
}
