//! Random sequences of operations on a pool: the lottery and the scan, side by side.

use frame_support::assert_ok;
use proptest::{collection::vec, prelude::*};
use prover_lottery_index::{
	oracle::{least_seed, SortedVec},
	Key,
};
use prover_pool_primitives::{Ranked, Selection};
use sp_core::U256;

use super::{candidate, Members};
use crate::mock::*;

/// One operation of a pool. A number chooses a member, modulo their number.
#[derive(Clone, Debug)]
enum Operation {
	/// A member enters, in place of the lowest ranked if the pool is full, and is listed later.
	Enter,
	/// A member's candidate is replaced, listed or removed.
	Update(usize, Option<Candidate>),
	/// A member leaves.
	Leave(usize),
	/// Draws at a fee, with a seed and at one candidate's limits. The one drawn by the seed loses
	/// capacity.
	Draw(u32, U256),
	/// The sessions are saved and opened again.
	Reopen,
}

fn candidates(prices: u32) -> impl Strategy<Value = Candidate> {
	let stakes = prop_oneof![4 => 1..=3u128, 4 => 1..=1u128 << 40, 1 => 1..=u128::MAX >> 10];
	(stakes, 1..=prices, 0..=3u32, prop::bool::weighted(0.2)).prop_map(
		|(stake, reward_per_gas, free_capacity, paused)| Candidate {
			stake,
			reward_per_gas,
			free_capacity,
			paused,
		},
	)
}

fn operations(prices: u32) -> impl Strategy<Value = Vec<Operation>> {
	let some = prop::option::weighted(0.9, candidates(prices));
	let operation = prop_oneof![
		6 => Just(Operation::Enter),
		10 => (any::<usize>(), some).prop_map(|(at, after)| Operation::Update(at, after)),
		2 => any::<usize>().prop_map(Operation::Leave),
		6 => (0..=prices.saturating_add(2), any::<[u64; 4]>())
			.prop_map(|(fee, seed)| Operation::Draw(fee, U256(seed))),
		1 => Just(Operation::Reopen),
	];
	vec(operation, 0..300)
}

struct Run {
	lottery: Lottery,
	scan: Naive,
	members: Members,
}

impl Run {
	fn open() -> Self {
		Self {
			lottery: Selection::<Balance>::open(),
			scan: Naive::open(),
			members: Members::default(),
		}
	}

	fn update(&mut self, slot: u32, after: Option<Candidate>) {
		self.members.clone().update(&mut self.scan, slot, after);
		self.members.update(&mut self.lottery, slot, after);
	}

	fn leave(&mut self, slot: u32) {
		self.members.clone().leave(&mut self.scan, slot);
		self.members.leave(&mut self.lottery, slot);
	}

	fn nth(&self, nth: usize) -> Option<(u32, Option<Candidate>)> {
		let nth = nth.checked_rem(self.members.0.len())?;
		self.members.0.iter().nth(nth).map(|(slot, candidate)| (*slot, *candidate))
	}

	fn step(&mut self, operation: Operation) {
		match operation {
			Operation::Enter => {
				if self.scan.vacant_slot().is_none() {
					let Some(Ranked { prover_id, .. }) = self.scan.lowest_ranked() else { return };
					self.leave(prover_id);
				}
				let slot = self.scan.vacant_slot().expect("one has left");
				self.scan.occupy(slot);
				Selection::<Balance>::occupy(&mut self.lottery, slot);
				self.members.0.insert(slot, None);
			},
			Operation::Update(at, after) => {
				let Some((slot, _)) = self.nth(at) else { return };
				self.update(slot, after);
			},
			Operation::Leave(at) => {
				let Some((slot, _)) = self.nth(at) else { return };
				self.leave(slot);
			},
			Operation::Draw(fee, seed) => self.draw(fee, seed),
			Operation::Reopen => {
				let Self { lottery, scan, members } = std::mem::replace(self, Self::open());
				Selection::<Balance>::save(lottery);
				scan.save();
				assert_eq!(ProverLottery::do_try_state(), Ok(()));
				*self = Self { members, ..Self::open() };
				assert_ok!(self.members.check(&self.lottery));
				assert_ok!(self.members.check(&self.scan));
			},
		}
	}

	fn draw(&mut self, fee: u32, seed: U256) {
		let both = |seed| {
			let drawn = self.scan.draw(fee, seed);
			assert_eq!(
				Selection::<Balance>::draw(&self.lottery, fee, seed),
				drawn,
				"at {fee}, {seed}"
			);
			drawn
		};
		let total = self.scan.total_weight(fee);
		for seed in [U256::zero(), U256::MAX / 2, U256::MAX] {
			let _ = both(seed);
		}
		// The least seed of a candidate that can be drawn, and the greatest of the one before it.
		if let (Some((slot, Some(candidate))), Some(band)) =
			(self.nth(seed.low_u32() as usize), Lottery::band(fee))
		{
			let key = Key { price: candidate.reward_per_gas, id: slot };
			let entries = self.lottery.index.entries().unwrap();
			if let Some((first, _)) = SortedVec::from(entries).points_of(key, band) {
				let least = least_seed(first, total);
				assert_eq!(both(least).map(|drawn| drawn.prover_id), Ok(slot));
				if let Some(below) = least.checked_sub(1.into()) {
					assert_ne!(both(below).map(|drawn| drawn.prover_id), Ok(slot));
				}
			}
		}
		let Ok(drawn) = both(seed) else { return };
		let candidate = self.members.0[&drawn.prover_id].expect("only a candidate is drawn");
		let (_, price) = self.scan.weight_of(fee, &candidate);
		assert_eq!((candidate.paused, drawn.reward_per_gas), (false, price));
		let free_capacity = candidate.free_capacity - 1;
		self.update(drawn.prover_id, Some(Candidate { free_capacity, ..candidate }));
	}

	fn compare(&self, fee: u32, start: u32) {
		let (lottery, scan) = (&self.lottery, &self.scan);
		assert_eq!(Selection::<Balance>::vacant_slot(lottery), scan.vacant_slot());
		assert_eq!(lottery.lowest_ranked(), scan.lowest_ranked());
		assert_eq!(Selection::<Balance>::free_capacity(lottery), scan.free_capacity());
		assert_eq!(Selection::<Balance>::listed_stake(lottery), scan.listed_stake());
		assert_eq!(Selection::<Balance>::total_weight(lottery, fee), scan.total_weight(fee));
		let slots = Selection::<Balance>::occupied_slots(lottery, start, 7);
		assert_eq!(slots, scan.occupied_slots(start, 7));
		if let Some((_, Some(candidate))) = self.nth(start as usize) {
			assert_eq!(lottery.weight_of(fee, &candidate), scan.weight_of(fee, &candidate));
		}
	}
}

/// Runs operations on a pool that has `count` candidates at the beginning.
fn sequence(max_provers: u32, prices: u32, count: u32, operations: Vec<Operation>) {
	ExtBuilder::default().max_provers(max_provers).build_and_execute(|| {
		let mut run = Run::open();
		for number in 0..count {
			run.step(Operation::Enter);
			let price = 1 + number * 37 % prices;
			let stake = Balance::from(1 + number * 11 % 50);
			run.update(number + 1, Some(candidate(stake, price, 1 + number % 3)));
		}
		for (at, operation) in operations.into_iter().enumerate() {
			run.step(operation);
			run.compare(at as u32 % (prices + 2), at as u32 % (max_provers + 2));
		}
		run.step(Operation::Reopen);
	});
}

/// Fewer cases than usual, as each has many steps.
fn config(divisor: u32) -> ProptestConfig {
	let config = ProptestConfig::default();
	ProptestConfig { failure_persistence: None, cases: (config.cases / divisor).max(1), ..config }
}

proptest! {
	#![proptest_config(config(4))]

	#[test]
	fn small_pools(max_provers in 1..=6u32, operations in operations(200)) {
		sequence(max_provers, 200, 0, operations);
	}
}

proptest! {
	#![proptest_config(config(16))]

	/// With nodes below the top one, which are split and joined.
	#[test]
	fn large_pools(operations in operations(40)) {
		sequence(150, 40, 120, operations);
	}
}
