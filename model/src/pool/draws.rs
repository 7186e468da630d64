//! The model's blocks: draws (R4, R5), and the listing of entries and changes (R9).

use prover_pool_primitives::{BlockId, DrawOutcome, Fault, OpenReason, PricePerGas};
use sp_core::U512;

use super::{
	model::{wide, Model},
	rules::Rule,
	seeds::seed_for,
	types::*,
};

/// The prices that draws do not clamp.
#[derive(Clone, Copy)]
struct Band {
	low: U512,
	high: U512,
}

/// The position of a price relative to the band. The members below it share one price, and so do those
/// above it: the stakes of each such group are added up first.
#[derive(Clone, Copy, PartialEq)]
enum Group {
	Below,
	Inside,
	Above,
}

impl Band {
	/// "clamped to [⌊0.75 · fee⌋, ⌊1.25 · fee⌋]", with the percentages that the lottery has. No price
	/// below 1 is agreed.
	fn around(fee: PricePerGas, parameters: &Parameters) -> Self {
		let part = |percent: u32| wide(fee) * wide(percent) / wide(100u32);
		Self {
			low: part(parameters.price_floor_percent).max(U512::one()),
			high: part(parameters.price_ceiling_percent),
		}
	}

	fn group(&self, price: PricePerGas) -> Group {
		match wide(price) {
			price if price < self.low => Group::Below,
			price if price > self.high => Group::Above,
			_ => Group::Inside,
		}
	}

	fn clamp(&self, price: PricePerGas) -> U512 {
		wide(price).max(self.low).min(self.high)
	}
}

impl Model {
	/// Ends the present block and begins the next one.
	pub fn next_block(&mut self) {
		self.apply_due_slashes();
		self.block += 1;
		if self.migrating {
			return;
		}
		// Due requests and changes are determined before anything happens.
		let due = self.due_changes();
		let outcomes = self.draw_due();
		for (_, slot) in due {
			self.list(slot);
		}
		self.forget_empty_records();
		// The handler is called when everything is recorded.
		for (id, outcome) in outcomes {
			if self.calls_back {
				self.call_back(id);
			}
			self.outcomes.push((id, outcome));
		}
	}

	/// R9: "`EntryDelay` blocks after the last one", "at most `MaxAdmissions` a block".
	fn due_changes(&self) -> Vec<(u64, u32)> {
		let mut delay = self.parameters.entry_delay;
		if self.breaks(Rule::EntryDelay) {
			delay = delay.saturating_sub(1);
		}
		let mut due = self.changes();
		due.retain(|(since, _)| since + delay <= self.block);
		due.truncate(self.parameters.max_admissions as usize);
		due
	}

	/// A member that is entering is listed with the offer of its entry; any other with its own.
	fn list(&mut self, slot: u32) {
		let own = self.offer_of(&self.members[&slot]);
		let Some(member) = self.members.get_mut(&slot) else { return };
		member.listed = member.entry.take().or(Some(own));
		self.events.push(Event::Listed { who: member.who });
	}

	/// R4: "the pool resolves the due requests (R5), oldest first, at most `MaxDrawsPerBlock`". Returns
	/// the outcomes for the handler.
	fn draw_due(&mut self) -> Vec<(BlockId, DrawOutcome<AccountId>)> {
		let mut outcomes = Vec::new();
		for _ in 0..self.parameters.max_draws_per_block {
			let due = |request: &Request| self.seed > 0 && self.may_use_seed(request);
			let Some(oldest) = self.requests.iter().position(due) else { break };
			let request = self.requests.remove(oldest);
			let outcome = self.draw(&request);
			if request.report {
				outcomes.push((request.id, outcome));
			}
		}
		outcomes
	}

	/// R5.1: "uses it only if `known_since` ≥ the block of the request + `DrawDelay`".
	fn may_use_seed(&self, request: &Request) -> bool {
		let known_since = self.known_since.unwrap_or(self.block - 1);
		let delay = if self.breaks(Rule::DrawDelay) { 1 } else { self.parameters.draw_delay };
		known_since >= request.requested_in + delay
	}

	/// The callbacks that the protocol of this chain makes, if it makes any.
	fn call_back(&mut self, id: BlockId) {
		let _ = if id.is_multiple_of(2) {
			self.discharge_prover(Caller::Hook, id)
		} else {
			self.slash_prover(Caller::Hook, id, id.into(), Fault::Other, None).map(drop)
		};
		let _ = self.assign_prover(Caller::Hook, id + (1 << 32), 100);
	}

	/// R4.
	fn draw(&mut self, request: &Request) -> DrawOutcome<AccountId> {
		let Request { id, fee, .. } = *request;
		match self.choose(id, fee) {
			Ok((who, offer)) => {
				let price = Band::around(fee, &self.parameters).clamp(offer.price).as_u32();
				self.assign(id, who, offer, price);
				DrawOutcome::Assigned { prover: who, reward_per_gas: price }
			},
			Err(reason) => {
				self.events.push(Event::NotFound { id, reason });
				DrawOutcome::Open { reason }
			},
		}
	}

	fn assign(&mut self, id: BlockId, prover: AccountId, offer: Offer, price: PricePerGas) {
		let Parameters { slash_points, slash_multiplier, .. } = self.parameters;
		let assignment = Assignment {
			prover,
			price,
			drawn_at: self.now,
			released: false,
			capacity: offer.capacity,
			slash_points,
			slash_multiplier,
		};
		self.ledger.insert(id, assignment);
		self.record_mut(prover).track.assigned += 1;
		self.events.push(Event::Assigned { id, who: prover, price });
	}

	/// R4, R5.2: "the drawn point is ⌊seed · total / 2²⁵⁶⌋". Members are in the order of their prices, then
	/// of their slots. Returns the member at the point.
	fn choose(&self, id: BlockId, fee: PricePerGas) -> Result<(AccountId, Offer), OpenReason> {
		if fee == 0 {
			return Err(OpenReason::ZeroFee);
		}
		let active = |member: &Member| Some((member.who, member.listed.filter(|o| !o.paused)?));
		if !self.members.values().any(|member| active(member).is_some()) {
			return Err(OpenReason::EmptyPool);
		}
		let band = Band::around(fee, &self.parameters);
		let mut drawable: Vec<_> = self.drawable().collect();
		drawable.sort_by_key(|(slot, _, offer)| (offer.price, *slot));

		let seed = U512::from_big_endian(&seed_for(self.seed, id));
		let total = self.total_weight(fee);
		if total.is_zero() {
			return Err(OpenReason::NoFreeCapacity);
		}
		let mut point = if self.breaks(Rule::Point) { seed % total } else { (seed * total) >> 256 };
		for group in [Group::Below, Group::Inside, Group::Above] {
			let members: Vec<_> =
				drawable.iter().filter(|(_, _, offer)| band.group(offer.price) == group).collect();
			let offers = members.iter().map(|(_, _, offer)| offer);
			let stakes = offers.clone().fold(U512::zero(), |sum, offer| sum + wide(offer.stake));
			let weight = match group {
				Group::Below => weight(stakes, band.low),
				Group::Above => weight(stakes, band.high),
				Group::Inside => {
					offers.fold(U512::zero(), |sum, offer| sum + own_weight(offer, band))
				},
			};
			if point >= weight {
				point -= weight;
				continue;
			}
			// In a group with one price, the point selects a stake.
			let shared = group != Group::Inside;
			let mut distance = if shared { point * stakes / weight } else { point };
			for (_, who, offer) in members {
				let width = if shared { wide(offer.stake) } else { own_weight(offer, band) };
				if distance < width {
					return Ok((*who, *offer));
				}
				distance -= width;
			}
		}
		panic!("a point below the total falls on a member");
	}

	/// Returns the members that draws can choose, with the offers that draws use.
	fn drawable(&self) -> impl Iterator<Item = (u32, AccountId, Offer)> + '_ {
		self.members.iter().filter_map(|(slot, member)| {
			let offer = member.listed?;
			let free = self.free_capacity_of(member.who, &offer) > 0;
			(free && !offer.paused).then_some((*slot, member.who, offer))
		})
	}

	/// "*free capacity* = max(0, `max_capacity` − outstanding)".
	pub(super) fn free_capacity_of(&self, who: AccountId, offer: &Offer) -> u32 {
		offer.capacity.saturating_sub(self.outstanding(who))
	}

	/// Returns the sum of the capacity that draws can use.
	pub fn drawable_capacity(&self) -> u64 {
		self.drawable().map(|(_, who, offer)| u64::from(self.free_capacity_of(who, &offer))).sum()
	}

	/// Returns the price that would be agreed, and the weight of an offer that can be drawn.
	pub(super) fn price_and_weight(&self, fee: PricePerGas, offer: &Offer) -> (u32, U512) {
		if fee == 0 {
			return (0, U512::zero());
		}
		let band = Band::around(fee, &self.parameters);
		(band.clamp(offer.price).as_u32(), own_weight(offer, band))
	}

	/// Returns the weight of all members: those below the band together, those above it together, the
	/// others each.
	pub(super) fn total_weight(&self, fee: PricePerGas) -> U512 {
		if fee == 0 {
			return U512::zero();
		}
		let band = Band::around(fee, &self.parameters);
		let (mut below, mut above, mut total) = (U512::zero(), U512::zero(), U512::zero());
		for (_, _, offer) in self.drawable() {
			match band.group(offer.price) {
				Group::Below => below += wide(offer.stake),
				Group::Above => above += wide(offer.stake),
				Group::Inside => total += own_weight(&offer, band),
			}
		}
		total + weight(below, band.low) + weight(above, band.high)
	}
}

/// R4: "proportional to stake / e²", in units of 2⁻⁶⁴, rounded down.
fn own_weight(offer: &Offer, band: Band) -> U512 {
	weight(wide(offer.stake), band.clamp(offer.price))
}

fn weight(stake: U512, price: U512) -> U512 {
	(stake << 64) / (price * price)
}
