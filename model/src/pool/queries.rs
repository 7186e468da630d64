//! The model's answers to the pool's queries.

use prover_pool_primitives::PricePerGas;
use sp_core::U512;

use super::{
	model::{wide, Model},
	types::*,
};

impl Model {
	/// `get_staker`.
	pub fn staker_row(&self, who: AccountId) -> StakerRow {
		let record = self.record(who);
		let pending = self.slashes.values().filter(|slash| slash.who == who);
		let exits: Balance = record.exits.iter().map(|exit| exit.amount).sum();
		StakerRow {
			prover: self.slot_of(who).map(|slot| self.prover_row(slot)),
			capacity: record.capacity,
			outstanding: self.outstanding(who),
			liable: self.liable(who),
			exits: self.exits(who),
			suspended_until: record.suspended_until,
			track: record.track,
			// I1.
			held: self.stake_of(who) + exits + pending.map(|slash| slash.amount).sum::<Balance>(),
		}
	}

	fn prover_row(&self, slot: u32) -> ProverRow {
		let member = &self.members[&slot];
		let who = member.who;
		let offer = self.offer_of(member);
		let record = self.record(who);
		let status = match record.suspended_until {
			Some(until) if self.is_suspended(who) => Status::Suspended { until },
			_ if member.paused => Status::Paused,
			_ if member.listed.is_none() => Status::Entering,
			_ => Status::Active,
		};
		ProverRow {
			slot,
			who,
			offer,
			current_capacity: self.free_capacity_of(who, &offer),
			status,
			listed: member.listed.filter(|listed| *listed != offer),
			entered_at: member.entered_at,
			entered_in: member.entered_in,
			changed_in: member.changed_in,
			track: record.track,
		}
	}

	/// `get_provers`.
	pub fn prover_rows(&self, start: u32, limit: u32) -> Vec<ProverRow> {
		self.slots(start, limit).map(|slot| self.prover_row(slot)).collect()
	}

	fn slots(&self, start: u32, limit: u32) -> impl Iterator<Item = u32> + '_ {
		self.members.range(start..).map(|(slot, _)| *slot).take(limit as usize)
	}

	/// `get_prover_weights`.
	pub fn weight_rows(&self, fee: PricePerGas, start: u32, limit: u32) -> Vec<WeightRow> {
		let total = self.total_weight(fee);
		let row = |slot: u32| {
			let member = &self.members[&slot];
			let offer = member.listed.unwrap_or(self.offer_of(member));
			let (effective_price, weight) = self.price_and_weight(fee, &offer);
			let drawable = member.listed.is_some()
				&& !offer.paused
				&& self.free_capacity_of(member.who, &offer) > 0;
			let weight = if drawable { weight } else { U512::zero() };
			WeightRow { slot, weight, share: share(weight, total), effective_price }
		};
		self.slots(start, limit).map(row).collect()
	}

	/// `odds`: "the share that such an offer would have", in addition to the existing ones.
	pub fn odds(&self, fee: PricePerGas, offer: &Offer) -> u64 {
		if offer.paused || offer.capacity == 0 {
			return 0;
		}
		let (_, weight) = self.price_and_weight(fee, offer);
		share(weight, self.total_weight(fee) + weight)
	}

	/// `next_exit`: the one that can be withdrawn first.
	pub fn next_exit(&self, who: AccountId) -> Option<Exit> {
		let free = |exit: &Exit| exit.duties == 0 && self.now > exit.matures_at;
		let exits = self.exits(who);
		let earliest = |exits: Vec<Exit>| exits.into_iter().min_by_key(|exit| exit.matures_at);
		let (free, others): (Vec<_>, Vec<_>) = exits.into_iter().partition(free);
		earliest(free).or_else(|| earliest(others))
	}

	/// `simulate_stake` and the others: the effect of the call, or its refusal.
	pub fn simulate(
		&self,
		who: AccountId,
		call: impl FnOnce(&mut Self) -> Answer,
	) -> Answer<Simulation> {
		let mut pool = self.clone();
		call(&mut pool)?;
		let after = pool.staker_row(who);
		let before = self.staker_row(who);
		let there = after.prover.as_ref().and_then(|prover| self.members.get(&prover.slot));
		let replaces = there.map(|member| member.who).filter(|there| *there != who);
		Ok(Simulation { before, after, replaces })
	}
}

/// Returns a share in parts of 10¹⁸, rounded down.
fn share(weight: U512, total: U512) -> u64 {
	match total.is_zero() {
		true => 0,
		false => (weight * wide(1_000_000_000_000_000_000u64) / total).as_u64(),
	}
}
