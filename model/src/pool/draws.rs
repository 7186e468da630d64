//! The model's draws (R4, R5), and the weights that the pool shows.

use prover_pool_primitives::{BlockId, DrawOutcome, OpenReason, PricePerGas};
use sp_core::U512;

use super::{
	model::{wide, Member, Model},
	words::*,
};

impl Model {
	/// The next system block begins: R4 and R5. What the pool drew is in [`Self::drawn`].
	pub fn next_block(&mut self) {
		self.block += 1;
		if self.migrating {
			return;
		}
		self.draw_due();
		// Whoever may be drawn in the next block.
		let (next, delay) = (self.block + 1, self.parameters.entry_delay);
		for member in self.members.values_mut() {
			member.waiting &= next <= member.entered_in + delay;
		}
	}

	fn draw_due(&mut self) {
		for _ in 0..self.parameters.max_draws_per_block {
			let known_since = self.known_since.unwrap_or(self.block - 1);
			let due = |request: &Request| self.seed && known_since > request.requested_in;
			let Some(oldest) = self.queue.iter().position(due) else { return };
			let request = self.queue.remove(oldest);
			let outcome = self.draw(&request);
			if request.report {
				if self.calls_back {
					self.call_back(request.id);
				}
				self.outcomes.push((request.id, outcome));
			}
		}
	}

	/// What the protocol of this chain does when it hears of a draw, if it does anything.
	fn call_back(&mut self, id: BlockId) {
		let _ = if id.is_multiple_of(2) {
			self.discharge_prover(Caller::Hook, id)
		} else {
			self.slash_prover(Caller::Hook, id, id.into(), None).map(drop)
		};
		let _ = self.assign_prover(Caller::Hook, id + (1 << 32), 100);
	}

	/// R4.
	fn draw(&mut self, request: &Request) -> DrawOutcome<AccountId> {
		let Request { id, fee, .. } = *request;
		let nobody = if fee == 0 {
			Some(OpenReason::ZeroFee)
		} else if !self.members.values().any(|member| !member.waiting) {
			Some(OpenReason::EmptyPool)
		} else if self.members.values().all(|member| self.weight(member, fee).is_zero()) {
			Some(OpenReason::NoFreeCapacity)
		} else {
			None
		};
		if let Some(reason) = nobody {
			self.events.push(Event::NotFound { id, reason });
			return DrawOutcome::Open { reason };
		}

		let (drawn_for, who) = self.drawn.pop_front().expect("the pool drew nobody, but could");
		assert_eq!(drawn_for, id, "the pool drew for another request");
		let slot = self.slot_of(who).expect("the pool drew somebody who is not a member");
		let member = self.members[&slot].clone();
		assert!(
			!self.weight(&member, fee).is_zero(),
			"the pool drew {member:?} in block {}, who may not be drawn",
			self.block
		);

		let price = self.effective_price(member.price, fee);
		let now = self.now;
		let record = self.record_mut(who);
		let max_capacity = record.max_capacity;
		record.liable_since.get_or_insert(now);
		let Parameters { slash_points, slash_multiplier, .. } = self.parameters;
		self.ledger.insert(
			id,
			Assignment {
				prover: who,
				price,
				drawn_at: now,
				released: false,
				max_capacity,
				slash_points,
				slash_multiplier,
			},
		);
		self.events.push(Event::Assigned { id, who, price });
		DrawOutcome::Assigned { prover: who, reward_per_gas: price }
	}

	/// R4: e, "clamped to [⌊0.75 · fee⌋, ⌊1.25 · fee⌋]".
	fn effective_price(&self, price: PricePerGas, fee: PricePerGas) -> PricePerGas {
		let (low, high) = self.band(fee);
		wide(price).max(low).min(high).as_u32()
	}

	fn band(&self, fee: PricePerGas) -> (U512, U512) {
		let part = |percent: u32| wide(fee) * wide(percent) / wide(100u32);
		(part(self.parameters.price_floor_percent), part(self.parameters.price_ceiling_percent))
	}

	/// R4: ⌊stake · 2⁶⁴ / e²⌋ of one that may be drawn in the next draw, else 0.
	fn weight(&self, member: &Member, fee: PricePerGas) -> U512 {
		match self.places(member.who) == 0 || member.waiting {
			true => U512::zero(),
			false => weight(wide(member.stake), wide(self.effective_price(member.price, fee))),
		}
	}

	/// The weight of everybody. Those below the band share one price, and so do those above it: their
	/// stakes are added up first, and rounded once.
	fn total_weight(&self, fee: PricePerGas) -> U512 {
		let (low, high) = self.band(fee);
		let drawable = |member: &&Member| self.places(member.who) > 0 && !member.waiting;
		let (mut below, mut above, mut total) = (U512::zero(), U512::zero(), U512::zero());
		for member in self.members.values().filter(drawable) {
			match wide(member.price) {
				price if price < low => below += wide(member.stake),
				price if price > high => above += wide(member.stake),
				_ => total += self.weight(member, fee),
			}
		}
		total + weight(below, low) + weight(above, high)
	}

	/// `get_prover_weights`, of all slots.
	pub fn weights(&self, fee: PricePerGas) -> Vec<Weight> {
		let weight = |member: &Member| self.weight(member, fee);
		let total = self.total_weight(fee);
		let share = |weight: U512| match total.is_zero() {
			true => 0,
			false => (weight * wide(1_000_000_000_000_000_000u64) / total).as_u64(),
		};
		self.members
			.iter()
			.map(|(slot, member)| Weight {
				slot: *slot,
				weight: weight(member),
				share: share(weight(member)),
				effective_price: self.effective_price(member.price, fee),
			})
			.collect()
	}

	/// The hook trait's `free_capacity`: what a draw of the next block could use.
	pub fn drawable_capacity(&self) -> u64 {
		self.members
			.values()
			.filter(|member| !member.waiting)
			.map(|member| u64::from(self.places(member.who)))
			.sum()
	}
}

/// ⌊`stake` · 2⁶⁴ / `price`²⌋; 0 for no price.
fn weight(stake: U512, price: U512) -> U512 {
	(stake << 64).checked_div(price * price).unwrap_or_default()
}
