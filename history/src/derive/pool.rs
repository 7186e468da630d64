//! The events of the pool: stakes, offers, assignments, slashes.

use super::{fields::Fields, Derived, Deriving};
use crate::{
	column::Amount,
	rows::{Membership, Offer, Prover, RollupBlock, Slash, SlashState},
};

impl Deriving<'_> {
	pub(super) fn pool_event(&mut self, name: &str, fields: Fields<'_>) -> Derived {
		match name {
			"Staked" => self.staked(fields)?,
			"Exited" => self.exited(fields)?,
			"Withdrawn" => {
				let amount = fields.amount("amount")?;
				self.act(fields, |it| it.exits = it.exits.less(amount))?;
			},
			"StakeIncreased" => {
				let amount = fields.amount("amount")?;
				self.change_offer(name, fields, |it| it.stake += amount)?;
			},
			"Unstaked" => {
				let amount = fields.amount("amount")?;
				self.change_offer(name, fields, |it| {
					it.stake = it.stake.less(amount);
					it.exits += amount;
				})?;
			},
			"Restaked" => {
				let amount = fields.amount("amount")?;
				self.change_offer(name, fields, |it| {
					it.stake += amount;
					it.exits = it.exits.less(amount);
				})?;
			},
			"TermsChanged" => {
				let price = fields.number("reward_per_gas")?;
				let capacity = fields.number("max_capacity")?;
				self.change_offer(name, fields, |it| {
					it.reward_per_gas = Some(price);
					it.max_capacity = Some(capacity);
				})?;
			},
			"Paused" => self.change_offer(name, fields, |it| it.paused = true)?,
			"Resumed" => self.change_offer(name, fields, |it| it.paused = false)?,
			"OfferListed" => self.record_offer(name, fields, |_| {})?,
			"Suspended" => {
				let until = fields.long("until")?;
				self.record_offer(name, fields, |it| {
					it.suspended_until = Some(until);
					it.paused = true;
				})?;
			},
			"SuspensionEnded" => self.record_offer(name, fields, |it| it.suspended_until = None)?,
			"ProverAssigned" => {
				self.account(fields, |it| {
					it.work.assigned += 1;
					it.record_assigned += 1;
					it.outstanding += 1;
					it.liable += 1;
				})?;
			},
			"ProverReleased" => self.released(fields)?,
			"ProverDischarged" => {
				let released = self.is_released(fields)?;
				self.account(fields, |it| {
					it.close(released);
					it.served += 1;
					it.record_served += 1;
				})?;
			},
			"Slashed" => self.slashed(fields)?,
			"SlashDeferred" => {
				let due_at = fields.long("due_at")?;
				self.change_slash(fields, |it| {
					it.due_at = Some(due_at);
					it.state = SlashState::Pending;
					it.resolved = None;
					it.burnt = Amount(0);
				})?;
			},
			"SlashApplied" => {
				self.last_slash = Some(fields.long("block_id")?);
				// Not the amount of the slash: a check compares the two.
				let taken = fields.amount("amount")?;
				self.change_slash(fields, |it| {
					it.state = SlashState::Applied;
					it.resolved = Some(self.moment);
					it.burnt = taken;
				})?;
			},
			"SlashCancelled" => {
				let amount = fields.amount("amount")?;
				self.change_slash(fields, |it| {
					it.state = SlashState::Cancelled;
					it.resolved = Some(self.moment);
				})?;
				self.account(fields, |it| {
					it.forgiven += 1;
					it.slashes_cancelled += amount;
					it.record_missed = it.record_missed.saturating_sub(1);
				})?;
			},
			_ => {},
		}
		Ok(())
	}

	/// Changes an account by an event that names it.
	fn account(&mut self, fields: Fields<'_>, change: impl FnOnce(&mut Prover)) -> Derived<Prover> {
		let who = fields.text("who")?;
		self.touched.insert(who.into());
		self.change_prover(who, change)
	}

	/// Changes an account by its own act.
	fn act(&mut self, fields: Fields<'_>, change: impl FnOnce(&mut Prover)) -> Derived<Prover> {
		let moment = self.moment;
		self.account(fields, |prover| {
			change(prover);
			prover.last_seen = Some(moment);
		})
	}

	/// Changes an offer by an act of its member.
	fn change_offer(
		&mut self,
		name: &str,
		fields: Fields<'_>,
		change: impl FnOnce(&mut Prover),
	) -> Derived {
		let prover = self.act(fields, change)?;
		self.put_offer(name, fields.index(), prover)
	}

	/// Changes an offer by something else.
	fn record_offer(
		&mut self,
		name: &str,
		fields: Fields<'_>,
		change: impl FnOnce(&mut Prover),
	) -> Derived {
		let prover = self.account(fields, change)?;
		self.put_offer(name, fields.index(), prover)
	}

	pub(super) fn put_offer(&self, change: &str, idx: u32, prover: Prover) -> Derived {
		let Prover { account, stake, reward_per_gas, max_capacity, paused, .. } = prover;
		let at = self.moment;
		let change = change.into();
		let offer = Offer { account, at, idx, change, stake, reward_per_gas, max_capacity, paused };
		Ok(self.tables.put(&offer)?)
	}

	/// The stake comes from the account's own exits first (R1).
	fn staked(&mut self, fields: Fields<'_>) -> Derived {
		let (stake, slot) = (fields.amount("amount")?, fields.number("prover_id")?);
		let (price, free) = (fields.number("reward_per_gas")?, fields.number("current_capacity")?);
		let moment = self.moment;
		self.change_offer("Staked", fields, |it| {
			it.status = Membership::Member;
			it.slot = Some(slot);
			it.exits = it.exits.less(stake);
			it.stake = stake;
			it.reward_per_gas = Some(price);
			// Without free capacity, the event leaves the whole capacity open.
			it.max_capacity = (free > 0).then_some(free + it.outstanding);
			it.paused = it.is_suspended(moment.block);
			it.entered = Some(moment);
			(it.left, it.forced) = (None, false);
		})
	}

	fn exited(&mut self, fields: Fields<'_>) -> Derived {
		let (amount, exit) = (fields.amount("amount")?, fields.is_set("exit")?);
		let forced = fields.truth("forced")?;
		let moment = self.moment;
		let leave = |it: &mut Prover| {
			it.status = Membership::Left;
			it.slot = None;
			it.stake = Amount(0);
			if exit {
				it.exits += amount;
			}
			it.paused = false;
			(it.left, it.forced) = (Some(moment), forced);
		};
		match forced {
			true => self.record_offer("Exited", fields, leave),
			false => self.change_offer("Exited", fields, leave),
		}
	}

	/// Returns whether the prover of a block has delivered it: its capacity returned then.
	fn is_released(&self, fields: Fields<'_>) -> Derived<bool> {
		Ok(self.rollup_block(fields.long("block_id")?)?.released)
	}

	fn released(&mut self, fields: Fields<'_>) -> Derived {
		let block = self.rollup_block(fields.long("block_id")?)?;
		self.tables.put(&RollupBlock { delivered: Some(self.moment), released: true, ..block })?;
		self.account(fields, |it| it.outstanding = it.outstanding.saturating_sub(1))?;
		Ok(())
	}

	fn slashed(&mut self, fields: Fields<'_>) -> Derived {
		let released = self.is_released(fields)?;
		let (amount, from_exits) = (fields.amount("amount")?, fields.amount("from_exits")?);
		let (from_stake, fault) = (fields.amount("from_stake")?, fields.variant("fault")?);
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		let slash = Slash {
			block_id: block.id,
			who: fields.text("who")?.into(),
			amount,
			from_exits,
			from_stake,
			fault: fault.clone(),
			slashed: self.moment,
			due_at: None,
			// Unless the next event defers it.
			state: SlashState::Applied,
			resolved: Some(self.moment),
			rescuer: None,
			to_rescuer: Amount(0),
			burnt: amount,
			spans_gap: false,
		};
		self.last_slash = Some(block.id);
		self.tables.put(&slash)?;
		block.fault = Some(fault.clone());
		self.tables.put(&block)?;
		self.record_offer("Slashed", fields, |it| {
			it.close(released);
			it.record_missed += 1;
			it.work.count_slash(&fault, amount);
			it.stake = it.stake.less(from_stake);
			it.exits = it.exits.less(from_exits);
		})
	}

	fn change_slash(&self, fields: Fields<'_>, change: impl FnOnce(&mut Slash)) -> Derived {
		let id = fields.long("block_id")?;
		// A slash from before the history or from a gap has no row.
		let slash: Option<Slash> = self.tables.get(&[&(id as i64)])?;
		if let Some(mut slash) = slash {
			change(&mut slash);
			self.tables.put(&slash)?;
		}
		Ok(())
	}

	/// Counts the reporter's part of the last slash. Only slashes of rescues have a reporter.
	pub(super) fn reporter_paid(&mut self, fields: Fields<'_>) -> Derived {
		let (who, amount) = (fields.text("who")?, fields.amount("amount")?);
		let Some(id) = self.last_slash.take() else { return Ok(()) };
		let slash: Option<Slash> = self.tables.get(&[&(id as i64)])?;
		let Some(mut slash) = slash else { return Ok(()) };
		let is_reporter = slash.rescuer.as_deref().is_none_or(|rescuer| rescuer == who);
		if slash.fault != "Rescued" || !is_reporter || amount > slash.amount {
			return Ok(());
		}
		slash.rescuer = Some(who.into());
		slash.to_rescuer = amount;
		slash.burnt = slash.burnt.less(amount);
		self.tables.put(&slash)?;
		self.change_prover(who, |it| it.bonuses += amount)?;
		Ok(())
	}
}

impl Prover {
	/// Closes an assignment.
	fn close(&mut self, released: bool) {
		self.liable = self.liable.saturating_sub(1);
		if !released {
			self.outstanding = self.outstanding.saturating_sub(1);
		}
	}
}
