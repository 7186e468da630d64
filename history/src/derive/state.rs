//! What the chain's state says, where events do not: at the beginning, after a gap, after an entry.

use super::{fields::Fields, Derived, Deriving};
use crate::rows::{Membership, Prover};

impl Deriving<'_> {
	pub(super) fn state_event(&mut self, name: &str, fields: Fields<'_>) -> Derived {
		match name {
			"Fee" => self.fee(fields, fields.optional_long("window")?),
			"Stakers" => self.forget_stakers(),
			"Staker" => self.staker(fields),
			_ => Ok(()),
		}
	}

	/// All accounts with a record follow. Every other account has nothing left in the pool.
	fn forget_stakers(&self) -> Derived {
		self.tables.connection().execute(
			"UPDATE main.prover SET status = CASE status WHEN 'member' THEN 'left' ELSE status END, slot = NULL, \
			 stake = '0', exits = '0', outstanding = 0, liable = 0, suspended_until = NULL, paused = 0, \
			 record_assigned = 0, record_served = 0, record_missed = 0, state_known = 1",
			[],
		)?;
		Ok(())
	}

	/// An account's record in the pool. Counts of the history stay: they are of its events.
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
			it.state_known = true;
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
}
