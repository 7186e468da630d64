//! Another selection: the cheapest offer is drawn, at the price of the second cheapest.

use frame_support::{storage_alias, weights::Weight};
use prover_pool_primitives::{
	Candidate, Drawn, ListedStake, OpenReason, PricePerGas, ProverId, Ranked, Selection,
};
use sp_core::U256;
use std::collections::BTreeMap;

/// The number of slots. All members are in one value, so it must be small.
const MAX_PROVERS: ProverId = 16;

type Members = BTreeMap<ProverId, Option<Candidate<u128>>>;

/// The occupied slots, each with its candidate if it has one.
#[storage_alias]
type CheapestMembers =
	StorageValue<CheapestSelection, Members, frame_support::pallet_prelude::ValueQuery>;

/// Draws the cheapest member, by the seed among equals. It is paid the price of the second cheapest, so
/// asking for more than the costs wins nothing. Members above the fee are not drawn.
pub struct Cheapest(Members);

impl Cheapest {
	/// Returns the members that a draw can choose, the cheapest first.
	fn by_price(&self, fee: PricePerGas) -> Vec<(PricePerGas, ProverId)> {
		let mut offers: Vec<_> = self
			.0
			.iter()
			.filter_map(|(prover_id, candidate)| Some((prover_id, (*candidate)?)))
			.filter(|(_, candidate)| candidate.can_be_drawn() && candidate.reward_per_gas <= fee)
			.map(|(prover_id, candidate)| (candidate.reward_per_gas, *prover_id))
			.collect();
		offers.sort_unstable();
		offers
	}
}

impl Selection<u128> for Cheapest {
	fn max_provers() -> u32 {
		MAX_PROVERS
	}

	fn open() -> Self {
		Self(CheapestMembers::get())
	}

	fn save(self) {
		CheapestMembers::put(self.0);
	}

	fn vacant_slot(&self) -> Option<ProverId> {
		(1..=MAX_PROVERS).find(|prover_id| !self.0.contains_key(prover_id))
	}

	fn lowest_ranked(&self) -> Option<Ranked<u128>> {
		let ranked = self.0.iter().filter_map(|(prover_id, candidate)| {
			Some(Ranked { prover_id: *prover_id, stake: candidate.as_ref()?.stake })
		});
		ranked.min_by_key(|ranked| (ranked.stake, ranked.prover_id))
	}

	fn occupy(&mut self, prover_id: ProverId) {
		self.0.insert(prover_id, None);
	}

	fn vacate(&mut self, prover_id: ProverId) {
		self.0.remove(&prover_id);
	}

	fn update(
		&mut self,
		prover_id: ProverId,
		_before: Option<Candidate<u128>>,
		after: Option<Candidate<u128>>,
	) {
		self.0.insert(prover_id, after);
	}

	fn draw(&self, fee: PricePerGas, seed: U256) -> Result<Drawn, OpenReason> {
		if fee == 0 {
			return Err(OpenReason::ZeroFee);
		}
		if self.0.values().flatten().all(|candidate| candidate.paused) {
			return Err(OpenReason::EmptyPool);
		}
		let offers = self.by_price(fee);
		let (lowest, _) = offers.first().ok_or(OpenReason::NoFreeCapacity)?;
		let equals: Vec<_> = offers.iter().filter(|(price, _)| price == lowest).collect();
		// In proportion to the seed, not by its remainder: R5.
		let point = seed.full_mul(U256::from(equals.len())) >> 256;
		let (_, prover_id) = equals[point.low_u64() as usize];
		let second = offers.get(1).map_or(fee, |(price, _)| *price);
		Ok(Drawn { prover_id: *prover_id, reward_per_gas: second })
	}

	fn free_capacity(&self) -> u64 {
		self.0.values().flatten().map(|candidate| u64::from(candidate.drawable_capacity())).sum()
	}

	fn listed_stake(&self) -> ListedStake<u128> {
		let mut sums = ListedStake::default();
		self.0.values().for_each(|candidate| sums.replace(None, *candidate));
		sums
	}

	fn weight_of(&self, fee: PricePerGas, candidate: &Candidate<u128>) -> (U256, PricePerGas) {
		let lowest = self.by_price(fee).first().map_or(fee, |(price, _)| *price);
		let can_win = candidate.can_be_drawn() && candidate.reward_per_gas <= lowest;
		(U256::from(u32::from(can_win)), candidate.reward_per_gas)
	}

	fn total_weight(&self, fee: PricePerGas) -> U256 {
		let offers = self.by_price(fee);
		let equals =
			offers.iter().filter(|(price, _)| Some(price) == offers.first().map(|(p, _)| p));
		U256::from(equals.count())
	}

	fn occupied_slots(&self, start: ProverId, limit: u32) -> Vec<ProverId> {
		self.0.range(start..).map(|(prover_id, _)| *prover_id).take(limit as usize).collect()
	}

	fn check(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<u128>>)>,
	) -> Result<(), &'static str> {
		if self.0 == members.collect() {
			Ok(())
		} else {
			Err("I6: the members are not those of the pool")
		}
	}

	// All members are one value, which each benchmark reads whole: nothing comes on top.
	fn draw_surcharge() -> Weight {
		Weight::zero()
	}

	fn update_surcharge() -> Weight {
		Weight::zero()
	}

	fn reorder_surcharge() -> Weight {
		Weight::zero()
	}
}
