//! What an offer can promise, and what it would earn: pure functions.
//!
//! Rates are per day and in floating point: they are expectations. Amounts are in base units and exact. Rules
//! (R4, Life 2, Money) are those of docs/protocol.md.

use crate::{chain::Balance, reads::pool::SHARE_UNIT};
use std::{collections::BTreeSet, time::Duration};
use subxt::config::substrate::U256;

/// The blocks of a window that are not for the proof: one to see the draw, three to be included.
pub const RESERVE: u32 = 4;
/// One whole, in the unit of the chain's other shares.
const BILLION: u32 = 1_000_000_000;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Returns the weight of a stake at an effective price, as draws do (R4): ⌊stake · 2⁶⁴ / price²⌋; 0 at a price
/// of 0. At most 192 bits.
pub fn weight(stake: Balance, price: u32) -> U256 {
	let square = U256::from(price) * U256::from(price);
	(U256::from(stake) << 64).checked_div(square).unwrap_or_default()
}

/// Returns the share of draws of a weight beside those of the others, in parts of [`SHARE_UNIT`], rounded down;
/// 0 without any weight. It is what the chain's query `odds` returns.
///
/// `others` is the sum of up to 2²⁰ weights, so the product below and the sum fit.
pub fn share(weight: U256, others: U256) -> u64 {
	let total = others.saturating_add(weight);
	let parts = (weight * U256::from(SHARE_UNIT)).checked_div(total).unwrap_or_default();
	// At most one whole.
	parts.low_u64()
}

/// The price band around a fee (R4): lower prices count as the floor, higher ones as the ceiling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Band {
	/// The lowest effective price.
	pub floor: u32,
	/// The highest effective price.
	pub ceiling: u32,
}

impl Band {
	/// Returns the band from `floor` to `ceiling` percent of the fee, both rounded down, from a price of 1 on;
	/// `None` if it has no price: then nobody is drawn.
	pub fn around(fee: u32, (floor, ceiling): (u32, u32)) -> Option<Self> {
		let part = |percent: u32| {
			u32::try_from(u64::from(fee) * u64::from(percent) / 100).unwrap_or(u32::MAX)
		};
		let ceiling = part(ceiling);
		let floor = part(floor).min(ceiling).max(1);
		(floor <= ceiling).then_some(Self { floor, ceiling })
	}

	/// Returns the effective price: that which is agreed at a draw.
	pub fn clamp(&self, price: u32) -> u32 {
		price.clamp(self.floor, self.ceiling)
	}

	/// Returns nine prices: the ends of the band, the fee, and three between each end and the fee, rounded
	/// down. Fewer if the band has fewer.
	pub fn prices(&self, fee: u32) -> BTreeSet<u32> {
		/// The steps from the fee to each end.
		const STEPS: u64 = 4;
		let fee = self.clamp(fee);
		let between = |from: u32, to: u32| {
			(0..=STEPS).map(move |step| from + (u64::from(to - from) * step / STEPS) as u32)
		};
		between(self.floor, fee).chain(between(fee, self.ceiling)).collect()
	}
}

/// What the proof of a block brings and costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Work {
	/// The gas that every block is charged for, besides its own.
	pub base_gas: u32,
	/// The gas that the block uses.
	pub gas: u32,
	/// The cost of the proof, in base units per gas, base gas included.
	pub proof_cost: u32,
	/// The fee of the transaction with the proof, in base units.
	pub transaction_fee: Balance,
	/// The share of its reward that a prover loses when it uses its whole window, in parts of 10⁹.
	pub max_delay_penalty: u32,
	/// The share of the window that it uses, in parts of 10⁹.
	pub window_used: u32,
}

impl Work {
	/// Returns (base gas + gas) · price, in base units: at most 65 bits.
	pub fn cost(&self, price: u32) -> Balance {
		(Balance::from(self.base_gas) + Balance::from(self.gas)) * Balance::from(price)
	}

	/// Returns what the protocol pays at an agreed price for a proof in time, in base units. The penalty for the
	/// share of the window used is rounded down.
	pub fn reward(&self, price: u32) -> Balance {
		let cost = self.cost(price);
		let (penalty, used) = (self.max_delay_penalty.min(BILLION), self.window_used.min(BILLION));
		// At most 65 + 30 + 30 bits.
		let product = cost * Balance::from(penalty) * Balance::from(used);
		cost - product / (Balance::from(BILLION) * Balance::from(BILLION))
	}

	/// Returns what is left of the reward after the proof's cost and the fee, in base units; negative if it does
	/// not pay for them.
	pub fn margin(&self, price: u32) -> i128 {
		let costs = self.cost(self.proof_cost).saturating_add(self.transaction_fee);
		let signed = |amount: Balance| i128::try_from(amount).unwrap_or(i128::MAX);
		signed(self.reward(price)).saturating_sub(signed(costs))
	}
}

/// Returns the number of blocks in a prover's hands on average: arrivals · time, by Little's law.
pub fn in_hand(blocks_per_day: f64, held: Duration) -> f64 {
	blocks_per_day * held.as_secs_f64() / SECONDS_PER_DAY
}

/// Returns the share of draws that pass by a member because all of its capacity is in use: Erlang's loss formula,
/// for draws that come at random. `load` is what would be in its hands without a limit, at least 0.
pub fn passed_by(capacity: u32, load: f64) -> f64 {
	/// Below it, what larger capacities still change is of no interest.
	const NOTHING: f64 = 1e-12;
	/// Above it, the formula is its limit to more digits than are shown.
	const MANY: u32 = 1_000_000;
	if capacity > MANY {
		return (1.0 - f64::from(capacity) / load).max(0.0);
	}
	let mut share = 1.0;
	for places in 1..=capacity {
		share = load * share / (f64::from(places) + load * share);
		if share < NOTHING {
			return 0.0;
		}
	}
	share
}

/// Returns how many blocks that are drawn at the same time are proven within a time, by this number of `jobs`,
/// each of which takes `proof`: jobs · ⌊time / proof⌋.
pub fn provable(jobs: u32, proof: Duration, time: Duration) -> u32 {
	let rounds = time.as_nanos() / proof.as_nanos().max(1);
	jobs.saturating_mul(rounds.try_into().unwrap_or(u32::MAX))
}

/// Returns the time for a proof in a window of `window` blocks, without [`RESERVE`].
pub fn time_to_prove(window: u32, block_time: Duration) -> Duration {
	block_time.saturating_mul(window.saturating_sub(RESERVE))
}

/// Returns the largest gas that is proven within a time, by samples of rising gas and the time that each took:
/// between the last one that was in time and the next, in proportion, rounded down. `None` if the smallest was
/// late already. What took less time after that does not count.
pub fn largest_gas(samples: &[(u32, Duration)], time: Duration) -> Option<u32> {
	let late = samples.iter().position(|(_, took)| *took > time).unwrap_or(samples.len());
	let (last, took) = *samples.get(late.checked_sub(1)?)?;
	let Some((next, longer)) = samples.get(late) else { return Some(last) };
	let (part, whole) = ((time - took).as_nanos(), (*longer - took).as_nanos());
	let further = u128::from(next.saturating_sub(last)) * part / whole;
	Some(last.saturating_add(further.try_into().unwrap_or(u32::MAX)))
}

/// Returns capacities to compare: from `least` on, each twice the one before, the `most`, and what is provable
/// if it is between them.
pub fn capacities(least: u32, most: u32, provable: Option<u32>) -> BTreeSet<u32> {
	let doubled = std::iter::successors(Some(least.max(1)), |capacity| capacity.checked_mul(2));
	let all = doubled.take_while(|capacity| *capacity <= most).chain([most]).chain(provable);
	all.filter(|capacity| (least..=most).contains(capacity)).collect()
}

/// Returns what a missed block takes from a stake (R7), in base units: ⌊stake · points / capacity⌋, at least
/// `multiplier` rewards, at most the stake. `points` are parts of 10⁹.
pub fn slash(
	stake: Balance,
	capacity: u32,
	points: u32,
	multiplier: u32,
	reward: Balance,
) -> Balance {
	let share = U256::from(stake) * U256::from(points);
	let share = share.checked_div(U256::from(BILLION) * U256::from(capacity)).unwrap_or_default();
	let share = if share > U256::from(stake) { stake } else { share.low_u128() };
	share.max(reward.saturating_mul(multiplier.into())).min(stake)
}

/// What an account finds in the pool, with its own stake and machine.
#[derive(Clone, Debug)]
pub struct Market {
	/// The account's stake, in base units.
	pub stake: Balance,
	/// The stakes and the prices of the other members in draws.
	pub others: Vec<(Balance, u32)>,
	/// The price band.
	pub band: Band,
	/// The draws of all members per day.
	pub draws_per_day: f64,
	/// A block.
	pub work: Work,
	/// The time that a block takes a place, from the draw to the claim.
	pub held: Duration,
	/// The most proofs that the machine makes per day, if that is known.
	pub proofs_per_day: Option<f64>,
	/// How many blocks that are drawn at the same time it proves within the window, if that is known.
	pub provable: Option<u32>,
}

/// What an offer would earn.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Forecast {
	/// The price asked, in base units per gas.
	pub reward_per_gas: u32,
	/// The capacity.
	pub max_capacity: u32,
	/// The share of draws while a part of its capacity is free, in parts of [`SHARE_UNIT`].
	#[serde(serialize_with = "crate::output::as_text")]
	pub share: u64,
	/// The blocks drawn for it and proven per day.
	pub blocks_per_day: f64,
	/// The blocks in its hands on average.
	pub in_hand: f64,
	/// What is left per day after costs, in base units, rounded down.
	#[serde(serialize_with = "crate::output::signed_units")]
	pub income_per_day: i128,
	/// How many blocks are late if the whole capacity is drawn at the same time.
	pub late: u32,
}

impl Market {
	/// Returns what an offer would earn.
	///
	/// One draw follows each proposal. Of the draws that choose the account, those that come while its capacity
	/// is in use pass by ([`passed_by`]), and no more are proven than the machine can.
	pub fn forecast(&self, reward_per_gas: u32, max_capacity: u32) -> Forecast {
		let others = self.others.iter().fold(U256::zero(), |sum, (stake, price)| {
			sum.saturating_add(weight(*stake, self.band.clamp(*price)))
		});
		let price = self.band.clamp(reward_per_gas);
		let share = share(weight(self.stake, price), others);
		let drawn = self.draws_per_day * share as f64 / SHARE_UNIT as f64;
		let taken = drawn * (1.0 - passed_by(max_capacity, in_hand(drawn, self.held)));
		let blocks_per_day = self.proofs_per_day.map_or(taken, |most| taken.min(most));
		Forecast {
			reward_per_gas,
			max_capacity,
			share,
			blocks_per_day,
			in_hand: in_hand(blocks_per_day, self.held),
			income_per_day: (self.work.margin(price) as f64 * blocks_per_day).floor() as i128,
			late: self.provable.map_or(0, |provable| max_capacity.saturating_sub(provable)),
		}
	}

	/// Returns the offer with the highest income of those without a late block, or of those with the smallest
	/// capacity if there is none. Of equal incomes, that with the smallest capacity and the lowest price; `None`
	/// without candidates.
	pub fn best(&self, prices: &BTreeSet<u32>, capacities: &BTreeSet<u32>) -> Option<Forecast> {
		let safe = |capacity: &&u32| self.provable.is_none_or(|provable| **capacity <= provable);
		let mut candidates: Vec<u32> = capacities.iter().filter(safe).copied().collect();
		if candidates.is_empty() {
			candidates.extend(capacities.first());
		}
		let offers = candidates
			.into_iter()
			.flat_map(|capacity| prices.iter().map(move |price| self.forecast(*price, capacity)));
		offers.reduce(|best, next| match next.income_per_day > best.income_per_day {
			true => next,
			false => best,
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const UNIT: Balance = 1_000_000_000_000;

	fn seconds(seconds: f64) -> Duration {
		Duration::from_secs_f64(seconds)
	}

	/// A full block of the demo chain at half of its first fee.
	const WORK: Work = Work {
		base_gas: 2_000_000,
		gas: 8_000_000,
		proof_cost: 5_000,
		transaction_fee: 2_000_000_000,
		max_delay_penalty: 25_000_000,
		window_used: 0,
	};

	/// The demo chain's pool, and a newcomer with 400 tokens that has two machines.
	fn market() -> Market {
		Market {
			stake: 400 * UNIT,
			others: vec![(1_000 * UNIT, 8_000), (2_000 * UNIT, 10_000), (500 * UNIT, 14_000)],
			band: Band { floor: 7_500, ceiling: 12_500 },
			draws_per_day: 14_400.0,
			work: WORK,
			held: seconds(60.0),
			proofs_per_day: Some(3_600.0),
			provable: Some(8),
		}
	}

	#[test]
	fn a_weight_is_the_stake_by_the_square_of_the_price() {
		assert_eq!(weight(0, 7), U256::zero());
		assert_eq!(weight(1, 1), U256::from(1u128 << 64));
		// 3 · 2⁶⁴ / 10² is 553402322211286548.48.
		assert_eq!(weight(3, 10), U256::from(553_402_322_211_286_548u64));
		assert_eq!(weight(u128::MAX, 1), U256::from(u128::MAX) << 64);
		assert_eq!(weight(u128::MAX, u32::MAX).bits(), 129);
		assert_eq!(weight(1, 0), U256::zero());
	}

	#[test]
	fn a_share_is_rounded_down() {
		let share = |own: u64, others: u64| share(own.into(), others.into());
		assert_eq!((share(0, 0), share(0, 7), share(7, 0)), (0, 0, SHARE_UNIT));
		assert_eq!((share(1, 1), share(1, 3)), (SHARE_UNIT / 2, SHARE_UNIT / 4));
		assert_eq!((share(1, 2), share(2, 1)), (333_333_333_333_333_333, 666_666_666_666_666_666));
		let most = weight(u128::MAX, 1);
		assert_eq!(super::share(most, most * U256::from((1u32 << 20) - 1)), SHARE_UNIT >> 20);
	}

	/// Each member has its stake · (product of all other prices)² tickets: the weights of R4, in whole numbers.
	/// All tickets are drawn, one after another.
	#[test]
	fn odds_are_those_of_a_draw_of_every_ticket() {
		let members: [(u128, u32); 4] = [(3, 2), (5, 3), (1, 4), (7, 6)];
		let product: u128 = members.iter().map(|(_, price)| u128::from(*price)).product();
		let tickets: Vec<usize> = members
			.iter()
			.enumerate()
			.flat_map(|(member, (stake, price))| {
				let others = product / u128::from(*price);
				vec![member; (stake * others * others) as usize]
			})
			.collect();
		for (member, (stake, price)) in members.iter().enumerate() {
			let others = members.iter().enumerate().filter(|(other, _)| *other != member);
			let others = others.map(|(_, (stake, price))| weight(*stake, *price));
			let others = others.fold(U256::zero(), |sum, weight| sum + weight);
			let won = tickets.iter().filter(|winner| **winner == member).count() as u128;
			let expected = won * u128::from(SHARE_UNIT) / tickets.len() as u128;
			let share = share(weight(*stake, *price), others);
			// Weights are rounded down: together by less than a part.
			assert!(expected.abs_diff(share.into()) <= 1, "{member}: {share}, not {expected}");
		}
	}

	#[test]
	fn a_band_is_rounded_down_and_has_a_price() {
		let around = |fee| Band::around(fee, (75, 125)).map(|band| (band.floor, band.ceiling));
		assert_eq!(around(10_000), Some((7_500, 12_500)));
		assert_eq!(around(10_001), Some((7_500, 12_501)));
		assert_eq!((around(1), around(0)), (Some((1, 1)), None));
		assert_eq!(around(u32::MAX), Some((3_221_225_471, u32::MAX)));
		let band = Band { floor: 7_500, ceiling: 12_500 };
		assert_eq!([1, 9_000, 20_000].map(|price| band.clamp(price)), [7_500, 9_000, 12_500]);
	}

	#[test]
	fn prices_are_the_fee_the_ends_and_some_between() {
		let prices = |fee| Band::around(fee, (75, 125)).unwrap().prices(fee);
		let expected = [7_500, 8_125, 8_750, 9_375, 10_000, 10_625, 11_250, 11_875, 12_500];
		assert_eq!(prices(10_000), expected.into());
		assert_eq!((prices(1), prices(3)), ([1].into(), [2, 3].into()));
		assert_eq!(prices(u32::MAX).len(), 5);
	}

	#[test]
	fn a_reward_is_that_of_the_protocol() {
		// 10 million gas at 10,000; at 5,000, and the fee of 0.002 tokens.
		assert_eq!(WORK.reward(10_000), UNIT / 10);
		assert_eq!(WORK.margin(10_000), 48_000_000_000);
		assert_eq!(WORK.margin(5_000), -2_000_000_000);
		// Half of the window costs half of 2.5 %.
		let half = Work { window_used: 500_000_000, ..WORK };
		assert_eq!(half.reward(10_000), UNIT / 10 - 1_250_000_000);
		// 1.25 % of 7 is 0.0875.
		let small = Work { base_gas: 0, gas: 7, ..half };
		assert_eq!(small.reward(1), 7);
		let most = Work { base_gas: u32::MAX, gas: u32::MAX, max_delay_penalty: BILLION, ..WORK };
		let whole = Work { window_used: u32::MAX, ..most };
		assert_eq!((most.reward(u32::MAX) >> 64, whole.reward(u32::MAX)), (1, 0));
		let dear = Work { transaction_fee: u128::MAX, ..WORK };
		assert_eq!(dear.margin(0), -i128::MAX);
	}

	#[test]
	fn blocks_in_hand_follow_littles_law() {
		assert_eq!(in_hand(1_440.0, seconds(60.0)), 1.0);
		assert_eq!(in_hand(14_400.0, seconds(90.0)), 15.0);
		assert_eq!(in_hand(0.0, seconds(90.0)), 0.0);
	}

	/// By the formula itself: (aᶜ / c!) / Σ aᵏ / k!.
	#[test]
	fn draws_pass_by_a_member_without_free_capacity() {
		for (capacity, load, share) in [
			(0, 1.0, 1.0),
			(1, 1.0, 1.0 / 2.0),
			(2, 1.0, 1.0 / 5.0),
			(3, 1.0, 1.0 / 16.0),
			(2, 2.0, 2.0 / 5.0),
			(4, 2.0, 2.0 / 21.0),
			(8, 0.0, 0.0),
			(u32::MAX, 3.0, 0.0),
			(2_000_000, 4_000_000.0, 0.5),
			(2_000_000, 0.0, 0.0),
		] {
			let passed = passed_by(capacity, load);
			assert!((passed - share).abs() < 1e-12, "{capacity} and {load}: {passed}");
		}
	}

	#[test]
	fn a_machine_proves_in_rounds() {
		for (jobs, proof, time, blocks) in [
			(1, 40.0, 96.0, 2),
			(2, 40.0, 96.0, 4),
			(2, 48.0, 96.0, 4),
			(4, 96.1, 96.0, 0),
			(3, 0.0, 96.0, u32::MAX),
			(0, 1.0, 96.0, 0),
		] {
			let proven = provable(jobs, seconds(proof), seconds(time));
			assert_eq!(proven, blocks, "{jobs} of {proof} s in {time} s");
		}
		assert_eq!(time_to_prove(20, seconds(6.0)), seconds(96.0));
		assert_eq!(time_to_prove(3, seconds(6.0)), Duration::ZERO);
	}

	#[test]
	fn the_largest_gas_is_between_two_samples() {
		let samples = [(100, seconds(10.0)), (200, seconds(14.0)), (300, seconds(30.0))];
		for (time, gas) in [
			(9.0, None),
			(10.0, Some(100)),
			(11.0, Some(125)),
			(14.0, Some(200)),
			(15.0, Some(206)),
			(30.0, Some(300)),
			(60.0, Some(300)),
		] {
			assert_eq!(largest_gas(&samples, seconds(time)), gas, "{time}");
		}
		assert_eq!(largest_gas(&[], seconds(1.0)), None);
		// The last was fast by chance.
		let uneven = [(100, seconds(1.0)), (200, seconds(9.0)), (300, seconds(2.0))];
		assert_eq!(largest_gas(&uneven, seconds(5.0)), Some(150));
	}

	#[test]
	fn capacities_are_doubled_up_to_what_a_stake_allows() {
		assert_eq!(capacities(4, 40, None), [4, 8, 16, 32, 40].into());
		assert_eq!(capacities(4, 40, Some(6)), [4, 6, 8, 16, 32, 40].into());
		assert_eq!(capacities(4, 40, Some(2)), [4, 8, 16, 32, 40].into());
		assert_eq!(capacities(4, 4, Some(9)), [4].into());
		assert_eq!(capacities(0, u32::MAX, None).len(), 33);
		assert_eq!(capacities(4, 3, None), [].into());
	}

	#[test]
	fn a_slash_is_a_share_or_a_multiple_of_the_reward() {
		let (points, reward) = (2_500_000, UNIT / 10);
		// 0.25 % of 400 tokens for each of 4 blocks is 0.25; four rewards are 0.4.
		assert_eq!(slash(400 * UNIT, 4, points, 4, reward), 4 * UNIT / 10);
		assert_eq!(slash(4_000 * UNIT, 4, points, 4, reward), 25 * UNIT / 10);
		assert_eq!(slash(UNIT / 5, 4, points, 4, reward), UNIT / 5);
		assert_eq!(slash(1_001, 4, points, 0, reward), 0);
		assert_eq!(slash(u128::MAX, 1, BILLION, 0, 0), u128::MAX);
		assert_eq!(slash(u128::MAX, 0, points, 4, reward), 4 * UNIT / 10);
	}

	/// At 10,000 the weights are 1000/64 + 2000/100 + 500/156.25 = 38.825 of the others, and 400/100 = 4.
	#[test]
	fn a_forecast_follows_from_odds_time_and_margin() {
		let forecast = market().forecast(10_000, 8);
		assert_eq!(forecast.share / 1_000_000, 93_403_385_872);
		// 14400 · 4 / 42.825 = 1345.0088 draws a day are 0.93403 blocks in hand; B(8, 0.93403) = 5.65 · 10⁻⁶.
		assert!((forecast.blocks_per_day - 1_345.001).abs() < 0.001, "{forecast:?}");
		assert!((forecast.in_hand - 0.934_028).abs() < 0.000_001, "{forecast:?}");
		let income = 48_000_000_000.0 * forecast.blocks_per_day;
		assert_eq!((forecast.income_per_day, forecast.late), (income.floor() as i128, 0));
		// Beyond the band, only the price asked differs.
		let asked = |price| Forecast { reward_per_gas: 0, ..market().forecast(price, 8) };
		assert_eq!(asked(12_500), asked(20_000));
		assert_eq!(asked(7_500), asked(1));
		// What the machine cannot prove, it is not paid for.
		let slow = Market { proofs_per_day: Some(100.0), ..market() };
		assert_eq!(slow.forecast(10_000, 8).blocks_per_day, 100.0);
		assert_eq!(market().forecast(10_000, 11).late, 3);
		let unknown = Market { provable: None, proofs_per_day: None, ..market() };
		assert_eq!(unknown.forecast(10_000, 11).late, 0);
	}

	#[test]
	fn the_best_offer_is_provable() {
		let (prices, capacities) = (market().band.prices(10_000), [4, 8, 16].into());
		let best = market().best(&prices, &capacities).unwrap();
		assert_eq!((best.reward_per_gas, best.max_capacity, best.late), (11_250, 8, 0));
		// A small stake earns most at twice its costs, 10,400. A larger one lowers the odds of all others.
		let small = Market { stake: UNIT, ..market() };
		assert_eq!(small.best(&prices, &[4].into()).unwrap().reward_per_gas, 10_625);
		let slow = Market { provable: Some(2), ..market() };
		let best = slow.best(&prices, &capacities).unwrap();
		assert_eq!((best.max_capacity, best.late), (4, 2));
		assert_eq!(market().best(&[].into(), &capacities), None);
	}

	proptest! {
		/// A lower price is drawn more often, and all shares are at most one whole.
		#[test]
		fn a_lower_price_never_has_lower_odds(
			stake in 1..1u128 << 100, low in 1..u32::MAX, more in 0..1_000_000u32, others: u128
		) {
			let high = low.saturating_add(more);
			let others = weight(others, 9);
			let (low, high) = (share(weight(stake, low), others), share(weight(stake, high), others));
			prop_assert!(high <= low && low <= SHARE_UNIT);
		}

		#[test]
		fn more_capacity_never_passes_more_draws_by(capacity in 0..200u32, load in 0.0..500.0f64) {
			let (less, more) = (passed_by(capacity, load), passed_by(capacity + 1, load));
			prop_assert!((0.0..=1.0).contains(&less) && more <= less);
		}
	}
}
