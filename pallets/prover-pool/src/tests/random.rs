//! Random lives of pools with an index of several levels, beside a plain scan of the members: who gets
//! which slot, who may be drawn, what everybody weighs (R1, R4, R5, I6).
//!
//! What a scan gives is computed here, from the records of the accounts and the rules alone. Nothing
//! fails by chance: every run does the same.

use std::collections::BTreeMap;

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::{BlockId, OpenReason, ProverPool as Pool};
use sp_core::U256;
use sp_runtime::Perbill;

use crate::{mock::*, selection::SHARE_UNIT, Assignments, Books, ProverOf, Stakers};

/// How many pools, and how many operations in the life of each.
const CASES: u64 = 24;
const OPERATIONS: u64 = 160;
const ACCOUNTS: AccountId = 90;

/// Numbers without a pattern (xorshift).
struct Numbers(u64);

impl Numbers {
	fn below(&mut self, end: u64) -> u64 {
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0 % end
	}

	fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
		items[self.below(items.len() as u64) as usize]
	}
}

/// The members by slot, as a scan finds them.
fn scan() -> BTreeMap<u32, ProverOf<Test>> {
	Stakers::<Test>::iter_values()
		.filter_map(|(staker, prover)| Some((staker.prover_id?, prover?)))
		.collect()
}

/// Whether a member takes part in the draws of the next block, apart from its places.
fn takes_part(prover: &ProverOf<Test>) -> bool {
	let next = System::block_number() + 1;
	prover.entered_in == 0 || next > prover.entered_in + EntryDelay::get()
}

/// The slot for a stake of `who`, which leaves its own first, and whoever must make room.
fn place_for(who: AccountId, amount: Balance) -> Option<(u32, Option<AccountId>)> {
	let mut members = scan();
	members.retain(|_, prover| prover.who != who);
	if let Some(vacant) = (1..=MaxProvers::get()).find(|slot| !members.contains_key(slot)) {
		return Some((vacant, None));
	}
	let (slot, smallest) =
		members.into_iter().min_by_key(|(slot, prover)| (prover.staked_amount, *slot)).unwrap();
	// The overbid is a whole number of percent.
	let percent = u128::from(MinOverbid::get().deconstruct()) / 10_000_000;
	let overbid = (smallest.staked_amount * percent).div_ceil(100);
	(smallest.staked_amount + overbid < amount).then_some((slot, Some(smallest.who)))
}

fn effective_price(prover: &ProverOf<Test>, fee: u32) -> u32 {
	let (low, high) = (u64::from(fee) * 75 / 100, u64::from(fee) * 125 / 100);
	u64::from(prover.reward_per_gas).clamp(low, high) as u32
}

fn weight(prover: &ProverOf<Test>, fee: u32) -> U256 {
	if fee == 0 || !takes_part(prover) || prover.current_capacity == 0 {
		return U256::zero();
	}
	let price = U256::from(effective_price(prover, fee));
	(U256::from(prover.staked_amount) << 64) / (price * price)
}

/// Compares all that can be asked about the pool as a whole with a scan.
fn compare(fee: u32) {
	let members = scan();
	assert_eq!(
		ProverPool::get_provers(1, u32::MAX),
		members.clone().into_iter().collect::<Vec<_>>()
	);
	let free = |counts: fn(&ProverOf<Test>) -> bool| -> u64 {
		let counted = members.values().filter(|prover| counts(prover));
		counted.map(|prover| u64::from(prover.current_capacity)).sum()
	};
	assert_eq!(ProverPool::get_capacity(), free(|_| true));
	assert_eq!(<ProverPool as Pool<_, _>>::free_capacity(), free(takes_part));

	let total = members.values().map(|prover| weight(prover, fee)).fold(U256::zero(), |a, b| a + b);
	let shown = ProverPool::get_prover_weights(fee, 1, u32::MAX);
	assert_eq!(shown.len(), members.len());
	for (shown, (slot, prover)) in shown.iter().zip(&members) {
		assert_eq!((shown.prover_id, shown.weight), (*slot, weight(prover, fee)), "at {fee}");
		assert_eq!(shown.effective_price, effective_price(prover, fee));
		// The index rounds the total down once for all below the band, and once for all above: it may
		// be more than the sum of weights that are rounded down one by one, by less than their number.
		let exact = |total| shown.weight * U256::from(SHARE_UNIT) / total;
		if total.is_zero() {
			assert_eq!(shown.share, 0);
		} else {
			let (least, most) = (exact(total + members.len()), exact(total));
			assert!((least..=most).contains(&shown.share.into()), "{} at {fee}", shown.share);
		}
	}
}

/// What has happened in all lives.
#[derive(Debug, Default)]
struct Counts {
	operations: u64,
	entered: u64,
	replaced: u64,
	too_small: u64,
	exits: u64,
	draws: u64,
	open: u64,
	released: u64,
	slashed: u64,
	ejected: u64,
	discharged: u64,
	most_members: u32,
	highest: u32,
}

/// One life.
struct Life {
	numbers: Numbers,
	counts: Counts,
	next_id: BlockId,
	prices: &'static [u32],
	fees: &'static [u32],
}

impl Life {
	fn step(&mut self) {
		self.counts.operations += 1;
		// So long that whoever entered before may leave.
		advance_clock(11);
		let who = 1 + self.numbers.below(ACCOUNTS);
		match self.numbers.below(20) {
			0..=7 => self.stake(who),
			8..=9 => self.exit(who),
			10..=14 => self.draw(),
			15..=18 => self.settle(),
			_ => run_blocks(1 + self.numbers.below(4)),
		}
		compare(self.numbers.one_of(self.fees));
		let root = Books::<Test>::get().root;
		self.counts.most_members = self.counts.most_members.max(root.len);
		self.counts.highest = self.counts.highest.max(root.height);
		if self.counts.operations.is_multiple_of(20) {
			ProverPool::do_try_state().unwrap();
		}
		System::reset_events();
	}

	fn stake(&mut self, who: AccountId) {
		// Few sizes, so that many tie.
		let capacity = 2 + self.numbers.below(3) as u32;
		let amount = 200 + 10 * Balance::from(self.numbers.below(40));
		let price = self.numbers.one_of(self.prices);
		match place_for(who, amount) {
			Some((slot, replaced)) => {
				assert_ok!(stake(who, amount, price, capacity));
				assert_eq!(staker(who).prover_id, Some(slot));
				if let Some(replaced) = replaced {
					assert_eq!(prover(replaced), None);
					self.counts.replaced += 1;
				}
				self.counts.entered += 1;
			},
			None => {
				assert_noop!(stake(who, amount, price, capacity), Error::ProverNotGoodEnough);
				self.counts.too_small += 1;
			},
		}
	}

	fn exit(&mut self, who: AccountId) {
		if prover(who).is_some() {
			assert_ok!(exit(who));
			assert_eq!(prover(who), None);
			self.counts.exits += 1;
		}
	}

	/// A draw that must find nobody, or one whose seed is a member's: whichever has a weight is drawn.
	fn draw(&mut self) {
		let fee = self.numbers.one_of(self.fees);
		let block_id = self.next_id;
		self.next_id += 1;
		assert_ok!(request_at(block_id, fee));
		run_blocks(1);
		let members = scan();
		let drawable: Vec<_> =
			members.values().filter(|prover| !weight(prover, fee).is_zero()).collect();
		let expected = if drawable.is_empty() {
			let reason = match members.values().any(takes_part) {
				_ if fee == 0 => OpenReason::ZeroFee,
				true => OpenReason::NoFreeCapacity,
				false => OpenReason::EmptyPool,
			};
			self.counts.open += 1;
			Outcome::Open { reason }
		} else {
			let aimed_at = self.numbers.one_of(&drawable);
			aim(block_id, aimed_at.who, fee);
			self.counts.draws += 1;
			let reward_per_gas = effective_price(aimed_at, fee);
			Outcome::Assigned { prover: aimed_at.who, reward_per_gas }
		};
		run_blocks(1);
		assert_eq!(outcomes(), [(block_id, expected)]);
	}

	fn settle(&mut self) {
		let mut open: Vec<_> = Assignments::<Test>::iter().collect();
		if open.is_empty() {
			return;
		}
		open.sort_by_key(|(block_id, _)| *block_id);
		let at = self.numbers.below(open.len() as u64) as usize;
		let (block_id, assignment) = open.swap_remove(at);
		let member = prover(assignment.prover).is_some();
		match self.numbers.below(4) {
			0..=1 if !assignment.released => {
				assert_ok!(release(block_id));
				self.counts.released += 1;
			},
			0 => {
				assert_ok!(discharge(block_id));
				self.counts.discharged += 1;
			},
			_ => {
				// Mostly a part, at times more than there is.
				let proof_reward = self.numbers.one_of(&[0, 9, 30, 90, 200]);
				assert_ok!(slash(block_id, proof_reward));
				self.counts.slashed += 1;
				self.counts.ejected += u64::from(member && prover(assignment.prover).is_none());
			},
		}
	}
}

#[test]
fn a_pool_with_an_index_is_what_a_scan_says() {
	let mut counts = Counts::default();
	for case in 0..CASES {
		let slots = [60, 25, 7][case as usize % 3];
		let mut pool = (1..=ACCOUNTS)
			.fold(ExtBuilder::default().max_provers(slots), |pool, who| {
				pool.balance(who, 1_000_000)
			})
			.min_overbid(Perbill::from_percent(5 * (case as u32 % 2)))
			.ejection_threshold(Perbill::from_percent(50))
			.entry_delay([0, 3, 12][case as usize / 3 % 3]);
		// Most begin almost full.
		if case % 4 > 0 {
			let members: Vec<_> = (1..=u64::from(slots) - 4)
				.map(|who| (who, 200 + 10 * Balance::from(who % 7), 60 + who as u32 % 50, 3))
				.collect();
			pool = pool.provers(&members);
		}
		pool.build_and_execute(|| {
			let mut life = Life {
				numbers: Numbers(0x9e37_79b9_7f4a_7c15 ^ (case + 1)),
				counts: std::mem::take(&mut counts),
				next_id: 1,
				prices: [
					&[90, 100, 110][..],
					&[1, 50, 74, 75, 76, 100, 124, 125, 126, 1_000, u32::MAX],
				][case as usize % 2],
				fees: &[0, 1, 7, 60, 100, 100, 100, 140, 5_000, u32::MAX],
			};
			for _ in 0..OPERATIONS {
				life.step();
			}
			counts = life.counts;
		});
	}
	println!("{CASES} pools: {counts:?}");
	assert_eq!(counts.operations, CASES * OPERATIONS);
	assert!(counts.highest >= 3 && counts.most_members == 60, "as many levels as meant");
	for often in [counts.replaced, counts.too_small, counts.exits, counts.ejected, counts.open] {
		assert!(often > 20, "{counts:?}");
	}
}
