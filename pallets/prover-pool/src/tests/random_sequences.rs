//! Random sequences of operations on small pools beside a plain scan of the records: which slot an entry gets, which
//! member can be drawn, what the capacity is (R1, R4, R5, R9), and that no token is lost (I1).
//!
//! The whole state is checked again and again. Nothing fails by chance: every run does the same.

use std::collections::BTreeMap;

use frame_support::assert_noop;
use prover_pool_primitives::{BlockId, OpenReason};
use sp_core::U256;
use sp_runtime::{DispatchResult, Perbill};

use crate::{mock::*, Assignments, Listing, PendingSlashes, ProverOf, Provers};

/// The number of pools, and of operations in the sequence of each.
const CASES: u64 = 24;
const OPERATIONS: u64 = 250;
const ACCOUNTS: u64 = 8;

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

/// The members by slot.
fn members() -> BTreeMap<u32, ProverOf<Test>> {
	Provers::<Test>::iter().collect()
}

/// Stake, price and capacity by which draws and rank see a member, and whether it is paused.
fn listed(prover: &ProverOf<Test>) -> Option<(Balance, u32, u32, bool)> {
	match prover.listing {
		Listing::Entering(_) => None,
		Listing::Changing(offer) => Some((
			offer.stake.min(prover.stake),
			offer.reward_per_gas,
			offer.max_capacity,
			offer.paused,
		)),
		Listing::Current => Some((
			prover.stake,
			prover.reward_per_gas,
			staker(prover.account).max_capacity,
			prover.paused,
		)),
	}
}

fn free_capacity(prover: &ProverOf<Test>) -> u64 {
	let outstanding = staker(prover.account).outstanding;
	match listed(prover) {
		Some((.., max_capacity, false)) => u64::from(max_capacity.saturating_sub(outstanding)),
		_ => 0,
	}
}

/// The slot for a stake of `who`, which leaves its own first, and the member that is replaced.
fn slot_for(who: AccountId, amount: Balance) -> Option<(u32, Option<AccountId>)> {
	let mut members = members();
	members.retain(|_, prover| prover.account != who);
	if let Some(vacant) = (1..=MaxProvers::get()).find(|slot| !members.contains_key(slot)) {
		return Some((vacant, None));
	}
	let ranked = members.iter().filter_map(|(slot, prover)| Some((listed(prover)?.0, *slot)));
	let (stake, slot) = ranked.min()?;
	// The overbid is a whole number of percent.
	let percent = Balance::from(MinOverbid::get().deconstruct()) / 10_000_000;
	let overbid = (stake * percent).div_ceil(100);
	(stake + overbid < amount).then(|| (slot, Some(members[&slot].account)))
}

/// The outcome of a draw with this seed: the order of the draw is by price, then by slot.
fn outcome_of(fee: u32, seed: U256) -> Outcome {
	let members = members();
	let mut drawable: Vec<_> = members
		.iter()
		.filter(|(_, prover)| free_capacity(prover) > 0)
		.map(|(slot, prover)| {
			let (stake, price, ..) = listed(prover).unwrap();
			let (low, high) = (u64::from(fee) * 75 / 100, u64::from(fee) * 125 / 100);
			(price, *slot, prover.account, stake, u64::from(price).clamp(low, high) as u32)
		})
		.collect();
	drawable.sort();
	let active = members.values().any(|prover| matches!(listed(prover), Some((.., false))));
	if fee == 0 {
		return open(OpenReason::ZeroFee);
	} else if !active {
		return open(OpenReason::EmptyPool);
	} else if drawable.is_empty() {
		return open(OpenReason::NoFreeCapacity);
	}
	// Exact in fractions: stake / e² with the product of all e² as the common denominator would not fit,
	// so prices here are few and small.
	let weight =
		|stake: Balance, e: u32| (U256::from(stake) << 64) / U256::from(u64::from(e).pow(2));
	let total =
		drawable.iter().map(|(.., stake, e)| weight(*stake, *e)).fold(U256::zero(), |a, b| a + b);
	let point = U256::try_from(seed.full_mul(total) >> 256).unwrap();
	let mut end = U256::zero();
	for (.., who, stake, e) in drawable {
		end += weight(stake, e);
		if point < end {
			return drew(who, e);
		}
	}
	unreachable!("the point is below the total")
}

/// The count of each thing that happened in all sequences.
type Counts = BTreeMap<&'static str, u64>;

struct Sequence {
	numbers: Numbers,
	counts: Counts,
	next_id: BlockId,
}

impl Sequence {
	fn count(&mut self, what: &'static str) {
		*self.counts.entry(what).or_default() += 1;
	}

	fn count_result(&mut self, done: &'static str, refused: &'static str, result: DispatchResult) {
		self.count(if result.is_ok() { done } else { refused });
	}

	fn step(&mut self) {
		advance_clock(self.numbers.below(12) as Moment);
		let who = 1 + self.numbers.below(ACCOUNTS);
		match self.numbers.below(24) {
			0..=4 => self.stake(who),
			5 => self.count_result("exit", "exit refused", exit(who)),
			6..=9 => self.change(who),
			10..=11 => self.withdraw(who),
			12..=17 => self.draw(),
			18..=21 => self.settle(),
			22 => self.settle_slash(),
			_ => run_blocks(1 + self.numbers.below(4)),
		}
		let capacity: u64 = members().values().map(free_capacity).sum();
		assert_eq!(ProverPool::get_capacity(), capacity);
		System::reset_events();
	}

	fn stake(&mut self, who: AccountId) {
		// Few sizes, so that many tie.
		let capacity = 2 + self.numbers.below(3) as u32;
		let amount = 200 + 10 * Balance::from(self.numbers.below(40));
		let price = self.numbers.one_of(&[60, 90, 100, 110, 140]);
		if let Some(prover) = prover(who) {
			if Now::get() <= prover.entered_at + MinChangeDelay::get() {
				assert_noop!(stake(who, amount, price, capacity), Error::ChangeTooFrequent);
				return self.count("too frequent");
			}
		}
		let Some((slot, replaced)) = slot_for(who, amount) else {
			assert_noop!(stake(who, amount, price, capacity), Error::ProverNotGoodEnough);
			return self.count("not good enough");
		};
		assert_eq!(stake(who, amount, price, capacity), Ok(()));
		assert_eq!(staker(who).prover_id, Some(slot));
		if let Some(replaced) = replaced {
			assert_eq!(prover(replaced), None);
			self.count("replaced");
		}
		self.count("entered");
	}

	/// One of the changes in place. All of the amounts may be refused.
	fn change(&mut self, who: AccountId) {
		let total = total_balance(who);
		let amount = 10 * Balance::from(self.numbers.below(30));
		let price = self.numbers.one_of(&[60, 90, 100, 110, 140]);
		let result = match self.numbers.below(6) {
			0 => stake_extra(who, amount),
			1 => unstake(who, amount),
			2 => restake(who, self.numbers.below(6) as u32),
			3 => set_terms(who, price, 2 + self.numbers.below(4) as u32),
			4 => pause(who),
			_ => resume(who),
		};
		self.count_result("changed", "change refused", result);
		assert_eq!(total_balance(who), total);
	}

	fn withdraw(&mut self, who: AccountId) {
		let now = Now::get();
		let due: Balance =
			exits(who).iter().filter(|exit| exit.is_free(now)).map(|e| e.amount).sum();
		let before = free(who);
		let result = ProverPool::withdraw_for(signed(BANK), who);
		assert_eq!(result.is_ok(), due > 0);
		assert_eq!(free(who), before + due);
		self.count_result("withdrawn", "withdrawal refused", result);
	}

	fn draw(&mut self) {
		let fee = self.numbers.one_of(&[0, 60, 100, 100, 100, 140]);
		// Not near the border of two members, where weights that are rounded may decide.
		let seed = (U256::from(self.numbers.below(1 << 20)) << 236) + (U256::one() << 235);
		let block_id = self.next_id;
		self.next_id += 1;
		request_at(block_id, fee).unwrap();
		RawSeeds::mutate(|seeds| seeds.insert(block_id, seed));
		run_blocks(DrawDelay::get());
		let expected = outcome_of(fee, seed);
		run_blocks(1);
		assert_eq!(outcomes(), [(block_id, expected.clone())]);
		self.count(match expected {
			Outcome::Assigned { .. } => "drawn",
			Outcome::Open { .. } => "open",
		});
	}

	fn settle(&mut self) {
		let mut ids: Vec<_> = Assignments::<Test>::iter_keys().collect();
		ids.sort();
		if ids.is_empty() {
			return;
		}
		let block_id = self.numbers.one_of(&ids);
		let assignment = assignment(block_id).unwrap();
		match self.numbers.below(4) {
			0..=1 if !assignment.released => {
				release(block_id).unwrap();
				self.count("released");
			},
			0 => {
				discharge(block_id).unwrap();
				self.count("discharged");
			},
			_ => self.slash(block_id, assignment.prover),
		}
	}

	fn slash(&mut self, block_id: BlockId, who: AccountId) {
		// Mostly a part, at times more than there is.
		let proof_reward = self.numbers.one_of(&[0, 9, 30, 90, 200]);
		let row = ProverPool::get_staker(who);
		let burned = Burned::get();
		let reporter = self.numbers.one_of(&[BANK, NOBODY]);
		let before = Balances::total_issuance();
		let amount = slash_for(block_id, proof_reward, reporter, 13).unwrap();
		let after = ProverPool::get_staker(who);
		let books = |row: &crate::StakerRowOf<Test>| -> Balance {
			let stake = row.prover.as_ref().map_or(0, |prover| prover.offer.stake);
			stake + row.exits.iter().map(|exit| exit.amount).sum::<Balance>()
		};
		if SlashDeferral::get() == 0 {
			assert_eq!(before - Balances::total_issuance(), Burned::get() - burned);
			// An ejection may have paid out free exits besides.
			assert!(row.held - after.held >= amount);
		} else {
			assert_eq!(Balances::total_issuance(), before);
		}
		assert!(books(&row) - books(&after) >= amount);
		self.count("slashed");
		if row.prover.is_some() && after.prover.is_none() {
			self.count("ejected");
		}
		if after.suspended_until.is_some_and(|until| until >= Now::get()) {
			self.count("suspended");
		}
	}

	fn settle_slash(&mut self) {
		let mut ids: Vec<_> = PendingSlashes::<Test>::iter_keys().collect();
		ids.sort();
		if ids.is_empty() {
			return;
		}
		let block_id = self.numbers.one_of(&ids);
		let slash = PendingSlashes::<Test>::get(block_id).unwrap();
		let due = Now::get() >= slash.due_at;
		let before = free(slash.who);
		if self.numbers.below(2) == 0 {
			let result = ProverPool::cancel_slash(RuntimeOrigin::root(), block_id);
			assert_eq!(result.is_ok(), !due);
			if !due {
				assert_eq!(free(slash.who), before + slash.amount);
			}
			self.count_result("cancelled", "cancelled too late", result);
		} else {
			let result = ProverPool::apply_slash(signed(BANK), block_id);
			assert_eq!(result.is_ok(), due);
			self.count_result("applied", "applied too early", result);
		}
	}
}

fn total_balance(who: AccountId) -> Balance {
	free(who) + held(who)
}

#[test]
fn a_pool_is_what_a_scan_of_its_records_says() {
	let mut counts = Counts::new();
	for case in 0..CASES {
		ExtBuilder::default()
			.max_provers([3, 5, 7][case as usize % 3])
			.max_exits([1, 2, 4][case as usize / 2 % 3])
			.entry_delay([0, 2, 6][case as usize / 3 % 3])
			.draw_delay(1 + case % 3)
			.max_admissions([1, 64][case as usize % 2])
			.min_overbid(Perbill::from_percent(5 * (case as u32 % 2)))
			.ejection_threshold(Perbill::from_percent(50))
			.exits_first(case % 5 == 4)
			.slash_deferral([0, 40][case as usize / 2 % 2])
			.suspension([0, 2][case as usize / 4 % 2], 30)
			.balance(BANK, 1_000_000)
			.build_and_execute(|| {
				let mut sequence = Sequence {
					numbers: Numbers(0x9e37_79b9_7f4a_7c15 ^ (case + 1)),
					counts: std::mem::take(&mut counts),
					next_id: 1,
				};
				for operation in 0..OPERATIONS {
					sequence.step();
					if operation % 5 == 0 {
						ProverPool::do_try_state().unwrap();
					}
				}
				counts = sequence.counts;
			});
	}
	println!("{counts:?}");
	// Every kind of thing happened often enough to mean something.
	for (what, count) in &counts {
		assert!(*count >= 5, "{what}: {counts:?}");
	}
	assert!(counts.len() >= 20, "{counts:?}");
}
