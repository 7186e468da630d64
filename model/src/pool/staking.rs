//! The model's calls of stakers (R1–R3, R9).

use prover_pool_primitives::PricePerGas;

use super::{
	model::{wide, Model, StoredExit},
	rules::Rule,
	types::*,
};

impl Model {
	/// R1.
	pub fn stake(
		&mut self,
		who: AccountId,
		amount: Balance,
		price: PricePerGas,
		capacity: u32,
	) -> Answer {
		if (amount, price, capacity) == (0, 0, 0) {
			return self.exit(who);
		}
		self.all_or_nothing(|pool| {
			pool.pay_out(who);
			pool.leave_if_member(who)?;
			pool.check_offer(amount, price, capacity)?;
			let from_exits = pool.use_exits(who, amount);
			pool.tokens.hold(who, amount - from_exits)?;
			let slot = pool.make_room(amount)?;

			pool.record_mut(who).capacity = capacity;
			// R10: "paused if it enters again".
			let paused = pool.is_suspended(who);
			let offer = Offer { stake: amount, price, capacity, paused };
			let delayed = pool.parameters.entry_delay > 0;
			let member = Member {
				who,
				stake: amount,
				price,
				paused,
				entered_at: pool.now,
				entered_in: pool.block,
				changed_in: pool.block,
				entry: delayed.then_some(offer),
				listed: (!delayed).then_some(offer),
			};
			pool.members.insert(slot, member);
			let capacity = capacity.saturating_sub(pool.outstanding(who));
			pool.events.push(Event::Staked { who, slot, amount, price, capacity });
			Ok(())
		})
	}

	/// R1: "refused with `InvalidParams` if …".
	fn check_offer(&self, stake: Balance, price: PricePerGas, capacity: u32) -> Answer {
		let Parameters { min_capacity, max_capacity, min_stake_per_capacity, .. } = self.parameters;
		let acceptable = stake > 0
			&& price > 0
			&& capacity >= min_capacity
			&& capacity <= max_capacity
			&& stake / Balance::from(capacity) >= min_stake_per_capacity;
		if acceptable {
			Ok(())
		} else {
			Err("InvalidParams")
		}
	}

	/// R1: "from the account's own exits first (youngest first; what is left of an exit used in part
	/// starts again)". Returns what they pay.
	fn use_exits(&mut self, who: AccountId, amount: Balance) -> Balance {
		let matures_at = self.now + self.parameters.exit_period;
		let oldest_first = self.breaks(Rule::YoungestExitFirst);
		let exits = &mut self.record_mut(who).exits;
		let mut missing = amount;
		let mut youngest_first: Vec<_> = exits.iter_mut().rev().collect();
		if oldest_first {
			youngest_first.reverse();
		}
		for exit in youngest_first {
			let used = exit.amount.min(missing);
			if used > 0 {
				missing -= used;
				exit.amount -= used;
				exit.matures_at = matures_at;
			}
		}
		exits.retain(|exit| exit.amount > 0);
		amount - missing
	}

	/// R1: "the vacant one with the lowest number, else the member with the smallest stake (lowest number
	/// on a tie)". Rank uses the offers of draws.
	fn make_room(&mut self, amount: Balance) -> Answer<u32> {
		let vacant =
			(1..=self.parameters.max_provers).find(|slot| !self.members.contains_key(slot));
		if let Some(slot) = vacant {
			return Ok(slot);
		}
		let ranked = self
			.members
			.iter()
			.filter_map(|(slot, member)| Some((member.listed?.stake, *slot, member.who)))
			.min();
		let Some((smallest, slot, replaced)) = ranked else { return Err("ProverNotGoodEnough") };
		// Refused if smallest + ⌈smallest · overbid⌉ ≥ amount. Whole numbers on both sides: the same as
		// smallest + smallest · overbid > amount − 1.
		let to_beat = wide(smallest) * wide(PARTS + self.parameters.min_overbid);
		let enough = if self.breaks(Rule::Overbid) { amount } else { amount - 1 };
		if to_beat > wide(enough) * wide(PARTS) {
			return Err("ProverNotGoodEnough");
		}
		self.force_out(replaced);
		Ok(slot)
	}

	/// R2.
	pub fn exit(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| {
			let paid = pool.pay_out(who);
			let left = pool.leave_if_member(who)?;
			if paid || left {
				Ok(())
			} else {
				Err("NotInPool")
			}
		})
	}

	/// R3.
	pub fn withdraw(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| pool.pay_free_exits(who))
	}

	fn pay_free_exits(&mut self, who: AccountId) -> Answer {
		let exits = self.record(who).exits;
		let (free, left): (Vec<_>, Vec<_>) =
			exits.into_iter().partition(|exit| self.is_free(who, exit));
		if free.is_empty() {
			let only_duties = left.iter().any(|exit| self.now > exit.matures_at);
			return Err(if only_duties { "StillLiable" } else { "NoMatureExit" });
		}
		let amount = free.iter().map(|exit| exit.amount).sum();
		self.tokens.release(who, amount)?;
		self.record_mut(who).exits = left;
		self.events.push(Event::Withdrawn { who, amount });
		Ok(())
	}

	/// Pays out free exits; "what an account cannot receive stays held, and refuses nothing". Returns
	/// whether something was paid.
	fn pay_out(&mut self, who: AccountId) -> bool {
		self.record_mut(who);
		self.pay_free_exits(who).is_ok()
	}

	fn leave_if_member(&mut self, who: AccountId) -> Answer<bool> {
		if self.slot_of(who).is_none() {
			return Ok(false);
		}
		self.check_change_delay(who)?;
		self.leave(who, false);
		Ok(true)
	}

	/// R2: "`ChangeTooFrequent` if `now ≤ last_changed_at + MinChangeDelay`", "which only entries start"
	/// (R9).
	fn check_change_delay(&self, who: AccountId) -> Answer {
		if self.now <= self.member(who)?.entered_at + self.parameters.min_change_delay {
			return Err("ChangeTooFrequent");
		}
		Ok(())
	}

	/// R2, forced.
	pub(super) fn force_out(&mut self, who: AccountId) {
		self.pay_out(who);
		self.leave(who, true);
	}

	fn leave(&mut self, who: AccountId, forced: bool) {
		let Some(slot) = self.slot_of(who) else { return };
		let amount = self.members.remove(&slot).map_or(0, |member| member.stake);
		let exit = self.add_exit(who, amount);
		self.events.push(Event::Exited { who, amount, exit, forced });
	}

	/// R3: "at most `MaxExits` exits; one more joins the youngest that is not free, whose date and duties
	/// start again". If all are free, since the account cannot receive them, it joins the
	/// youngest.
	fn add_exit(&mut self, who: AccountId, amount: Balance) -> Option<u32> {
		if amount == 0 {
			return None;
		}
		let matures_at = self.now + self.parameters.exit_period;
		let mut exits = self.record(who).exits;
		let id = exits.last().map_or(0, |youngest| youngest.id + 1);
		let joined = if exits.len() < self.parameters.max_exits as usize {
			exits.push(StoredExit { id, amount, matures_at });
			id
		} else {
			let is_free: Vec<_> = exits.iter().map(|exit| self.is_free(who, exit)).collect();
			let youngest = (0..exits.len()).rev().find(|at| !is_free[*at]);
			let exit = &mut exits[youngest.unwrap_or(is_free.len() - 1)];
			exit.amount += amount;
			if !self.breaks(Rule::JoinedDate) {
				exit.matures_at = matures_at;
			}
			exit.id
		};
		self.record_mut(who).exits = exits;
		Some(joined)
	}

	// R9.

	pub fn stake_extra(&mut self, who: AccountId, amount: Balance) -> Answer {
		self.all_or_nothing(|pool| {
			pool.member(who)?;
			if amount == 0 {
				return Err("InvalidParams");
			}
			pool.tokens.hold(who, amount)?;
			pool.member_mut(who)?.stake += amount;
			pool.on_change(who)?;
			pool.events.push(Event::StakeIncreased { who, amount });
			Ok(())
		})
	}

	pub fn unstake(&mut self, who: AccountId, amount: Balance) -> Answer {
		self.all_or_nothing(|pool| {
			let member = pool.member(who)?;
			let Offer { stake, price, .. } = pool.offer_of(member);
			let capacity = pool.largest_capacity(member);
			pool.check_change_delay(who)?;
			if amount == 0 || amount > stake {
				return Err("InvalidParams");
			}
			pool.check_offer(stake - amount, price, capacity)?;
			pool.pay_out(who);
			pool.member_mut(who)?.stake -= amount;
			pool.limit_to_stake(who);
			let exit = pool.add_exit(who, amount).expect("the amount is not 0");
			pool.on_change(who)?;
			pool.events.push(Event::Unstaked { who, amount, exit });
			Ok(())
		})
	}

	pub fn restake(&mut self, who: AccountId, exit: u32) -> Answer {
		self.all_or_nothing(|pool| {
			pool.member(who)?;
			let exits = &mut pool.record_mut(who).exits;
			let at = exits.iter().position(|one| one.id == exit).ok_or("UnknownExit")?;
			let amount = exits.remove(at).amount;
			pool.member_mut(who)?.stake += amount;
			pool.on_change(who)?;
			pool.events.push(Event::Restaked { who, amount, exit });
			Ok(())
		})
	}

	pub fn set_terms(&mut self, who: AccountId, price: PricePerGas, capacity: u32) -> Answer {
		self.all_or_nothing(|pool| {
			pool.check_offer(pool.member(who)?.stake, price, capacity)?;
			pool.member_mut(who)?.price = price;
			pool.record_mut(who).capacity = capacity;
			pool.on_change(who)?;
			pool.events.push(Event::TermsChanged { who, price, capacity });
			Ok(())
		})
	}

	pub fn pause(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| {
			if pool.member(who)?.paused {
				return Err("AlreadyPaused");
			}
			pool.member_mut(who)?.paused = true;
			pool.on_change(who)?;
			pool.events.push(Event::Paused { who });
			Ok(())
		})
	}

	pub fn resume(&mut self, who: AccountId) -> Answer {
		self.all_or_nothing(|pool| {
			if !pool.member(who)?.paused {
				return Err("NotPaused");
			}
			if pool.is_suspended(who) {
				return Err("StillSuspended");
			}
			pool.member_mut(who)?.paused = false;
			pool.record_mut(who).suspended_until = None;
			pool.on_change(who)?;
			pool.events.push(Event::Resumed { who });
			Ok(())
		})
	}

	/// R9: "draws and rank learn of an entry or a change `EntryDelay` blocks after the last one (0: at
	/// once)".
	fn on_change(&mut self, who: AccountId) -> Answer {
		let at_once = self.parameters.entry_delay == 0;
		let offer = self.offer_of(self.member(who)?);
		let block = self.block;
		let member = self.member_mut(who)?;
		member.changed_in = block;
		if at_once {
			member.entry = None;
			member.listed = Some(offer);
		}
		Ok(())
	}

	/// R9: "never more stake than there is". Stake that left and returns waits like any other change.
	pub(super) fn limit_to_stake(&mut self, who: AccountId) {
		if self.breaks(Rule::StakeThatLeft) {
			return;
		}
		let Ok(member) = self.member_mut(who) else { return };
		for offer in [&mut member.entry, &mut member.listed].into_iter().flatten() {
			offer.stake = offer.stake.min(member.stake);
		}
	}
}
