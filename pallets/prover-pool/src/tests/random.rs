//! Long sequences of everything that can happen, in no order at all. After each step every invariant
//! must hold, and what was refused must have changed nothing; in the end everybody gets out.

use std::collections::BTreeMap;

use frame_support::traits::{
	fungible::{Inspect, Mutate, MutateFreeze},
	tokens::Preservation,
};
use sp_core::H256;
use sp_runtime::Perbill;

use crate::{mock::*, Assignments, AssignmentsOf, DrawQueue, ExitState, Provers, Stakers};

const STEPS: u64 = 6_000;
const ACCOUNTS: [AccountId; 6] = [ALICE, BOB, CAROL, DAVE, EVE, FRANK];

/// SplitMix64.
struct Rng(u64);

impl Rng {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, n: u64) -> u64 {
		self.next() % n
	}

	fn one_in(&mut self, n: u64) -> bool {
		self.below(n) == 0
	}

	fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
		choices[self.below(choices.len() as u64) as usize]
	}

	fn share(&mut self) -> Perbill {
		Perbill::from_percent(self.below(101) as u32)
	}
}

/// The root of the whole state.
fn root() -> Vec<u8> {
	sp_io::storage::root(sp_core::storage::StateVersion::V1)
}

/// What happened, and how often it was accepted.
type Tally = BTreeMap<&'static str, u32>;

struct Run {
	rng: Rng,
	next_id: u64,
	tally: Tally,
}

impl Run {
	/// Does something that either happens in full or not at all.
	fn attempt<E: core::fmt::Debug>(
		&mut self,
		name: &'static str,
		act: impl FnOnce() -> Result<(), E>,
	) {
		// Roots are dear.
		let before = self.rng.one_in(6).then(root);
		match act() {
			Ok(()) => *self.tally.entry(name).or_default() += 1,
			Err(error) => {
				if before.is_some_and(|before| before != root()) {
					panic!("{name} was refused for {error:?} and changed something");
				}
			},
		}
	}

	/// An id that is assigned, pending, or unknown.
	fn any_id(&mut self) -> u64 {
		let mut ids: Vec<_> = Assignments::<Test>::iter_keys().collect();
		ids.sort();
		if self.rng.one_in(10) {
			ids.extend(pending());
			ids.push(u64::MAX);
		}
		if ids.is_empty() {
			return u64::MAX;
		}
		self.rng.one_of(&ids)
	}

	fn step(&mut self) {
		let who = self.rng.one_of(&ACCOUNTS);
		match self.rng.below(100) {
			0..=19 => self.stake(who),
			20..=23 => self.attempt("exit", || exit(who)),
			24..=28 => {
				let leaving = ACCOUNTS.into_iter().find(|who| staker(*who).exit_amount > 0);
				let by = self.rng.one_of(&[who, leaving.unwrap_or(who)]);
				self.attempt("withdraw", || withdraw(by));
			},
			29..=46 => self.request(),
			47..=53 => {
				let id = self.any_id();
				self.attempt("release", || release(id));
			},
			54..=57 => self.slash(),
			58..=62 => self.discharge(who),
			63..=79 => {
				let blocks = 1 + self.rng.below(2);
				run_blocks(blocks);
			},
			80..=90 => {
				let most = self.rng.one_of(&[3, 15, 15, 250, 500]);
				advance_clock(self.rng.below(most) as Moment);
			},
			91..=92 => self.change_a_parameter(),
			93..=94 => self.change_the_seed(),
			95..=97 => self.move_tokens(who),
			98 => {
				let amount = u128::from(self.rng.below(12_000));
				let reason = other::FreezeReason::Vote.into();
				self.attempt("freeze", || Balances::set_freeze(&reason, &who, amount));
			},
			_ => Migrating::set(self.rng.one_in(3)),
		}
	}

	fn stake(&mut self, who: AccountId) {
		let amount = match self.rng.below(8) {
			0 => free(who).saturating_sub(EXISTENTIAL_DEPOSIT),
			1 => staker(who).exit_amount,
			2 => u128::from(self.rng.below(150)),
			_ => u128::from(self.rng.below(4_000)),
		};
		let price = self.rng.one_of(&[1, 60, 90, 100, 110, 130, u32::MAX]);
		let price = if self.rng.one_in(30) { 0 } else { price };
		let capacity = self.rng.below(9) as u32;
		self.attempt("stake", || stake(who, amount, price, capacity));
	}

	fn request(&mut self) {
		let id = self.next_id;
		let fee = self.rng.one_of(&[0, 1, 100, 100, 100, 100, 4_000, u32::MAX]);
		self.next_id += 1;
		if self.rng.one_in(4) {
			self.attempt("request by origin", || {
				ProverPool::assign_prover(RuntimeOrigin::root(), id, fee)
			});
		} else {
			self.attempt("request", || request_at(id, fee));
		}
	}

	fn slash(&mut self) {
		let id = self.any_id();
		let reward = self.rng.one_of(&[0, 0, 1, 10, 100, 100, 1_000, u128::MAX]);
		SlashesTo::set((!self.rng.one_in(4)).then_some(BANK));
		let reporter =
			self.rng.one_of(&[None, Some((BOB, 30)), Some((NOBODY, 3)), Some((EVE, 500))]);
		let safe = assignment(id).map(|assignment| (assignment.prover, staker(assignment.prover)));
		let held_before = safe.as_ref().map(|(who, _)| Balances::total_balance(who));

		self.attempt("slash", || {
			ProverPool::slash_prover(RuntimeOrigin::root(), id, reward, reporter)
		});

		// A free exit is never slashed: at least as much is left, held or paid out.
		if let (Some((who, before)), Some(total)) = (safe, held_before) {
			if before.exit_state(Now::get(), ExitPeriod::get()) == ExitState::Free {
				let left = Balances::total_balance(&who);
				assert!(left >= before.exit_amount && left <= total + 500);
				let exit = staker(who).exit_amount;
				assert!(exit >= before.exit_amount || exit == 0 || prover(who).is_none());
			}
		}
	}

	fn discharge(&mut self, who: AccountId) {
		let id = self.any_id();
		if self.rng.one_in(2) {
			self.attempt("discharge", || discharge(id));
		} else {
			let own = assignment(id).map_or(who, |assignment| assignment.prover);
			let by = self.rng.one_of(&[own, own, who]);
			self.attempt("discharge oneself", || ProverPool::discharge_prover(signed(by), id));
		}
	}

	fn change_a_parameter(&mut self) {
		let rng = &mut self.rng;
		match rng.below(14) {
			0 => MinCapacity::set(1 + rng.below(4) as u32),
			1 => MinStakePerCapacity::set(1 + u128::from(rng.below(100))),
			2 => ExitPeriod::set(rng.below(200) as Moment),
			3 => MinChangeDelay::set(rng.below(20) as Moment),
			4 => SlashPoints::set(rng.share()),
			5 => SlashMultiplier::set(rng.below(10) as u32),
			6 => PriceFloorPercent::set(rng.below(101) as u32),
			7 => PriceCeilingPercent::set(100 + rng.below(100) as u32),
			8 => MinOverbid::set(Perbill::from_percent(rng.below(20) as u32)),
			9 => EjectionThreshold::set(rng.share()),
			10 => MaxLiability::set(20 + rng.below(500) as Moment),
			11 => EntryDelay::set(rng.below(4)),
			12 => MaxDrawsPerBlock::set(1 + rng.below(4) as u32),
			// Slots above the new number must be empty.
			_ => {
				let slots = 1 + rng.below(4) as u32;
				if Provers::<Test>::iter_keys().all(|prover_id| prover_id <= slots) {
					MaxProvers::set(slots);
				}
			},
		}
		*self.tally.entry("change a parameter").or_default() += 1;
	}

	fn change_the_seed(&mut self) {
		let rng = &mut self.rng;
		Seed::set((!rng.one_in(8)).then(|| H256::from_low_u64_be(rng.next())));
		KnownSince::set(rng.one_in(3).then(|| System::block_number().saturating_sub(rng.below(5))));
		OnDraw::set(rng.one_of(&[
			None,
			Some(|id, _| {
				// Whatever the pool says to it: it must not panic.
				let _ = if id % 2 == 0 { discharge(id) } else { slash(id, id as u128).map(drop) };
				let _ = request(id + (1 << 32));
			}),
		]));
	}

	fn move_tokens(&mut self, who: AccountId) {
		let to = self.rng.one_of(&ACCOUNTS);
		let amount = match self.rng.below(3) {
			0 => Balances::reducible_balance(
				&who,
				Preservation::Expendable,
				frame_support::traits::tokens::Fortitude::Polite,
			),
			_ => u128::from(self.rng.below(3_000)),
		};
		// What was slashed comes back.
		let from = if self.rng.one_in(2) { BANK } else { who };
		self.attempt("move tokens", || {
			Balances::transfer(&from, &to, amount, Preservation::Expendable).map(drop)
		});
	}

	/// Everything is settled, and everybody leaves with all tokens.
	fn wind_up(&mut self) {
		let assigned: Vec<_> = Assignments::<Test>::iter_keys().collect();
		for id in pending().into_iter().chain(assigned) {
			discharge(id).unwrap();
		}
		advance_clock(1_000);
		for who in Stakers::<Test>::iter_keys().collect::<Vec<_>>() {
			// An account with next to nothing could not receive an exit of next to nothing.
			set_free(who, EXISTENTIAL_DEPOSIT + free(who));
			exit(who).unwrap();
			advance_clock(1_000);
			if has_record(who) {
				withdraw(who).unwrap();
			}
			assert_eq!(held(who), (0, 0));
		}
		assert_eq!(Stakers::<Test>::iter().count(), 0);
		assert_eq!(Provers::<Test>::iter().count(), 0);
		assert_eq!(Assignments::<Test>::iter().count(), 0);
		assert_eq!(AssignmentsOf::<Test>::iter().count(), 0);
		assert!(DrawQueue::<Test>::get().is_empty());
	}
}

fn run(seed: u64) {
	let external = ACCOUNTS[..2].to_vec();
	ExtBuilder::default().max_provers(3).balance(BANK, 1_000_000).build_and_execute(|| {
		// Two accounts live without free tokens of their own.
		external.iter().for_each(|who| {
			System::inc_providers(who);
		});
		let mut run = Run { rng: Rng(seed), next_id: 0, tally: Tally::new() };
		for step in 0..STEPS {
			run.step();
			System::reset_events();
			if let Err(broken) = ProverPool::do_try_state() {
				panic!("seed {seed}, step {step}: {broken:?}");
			}
		}
		for name in [
			"stake",
			"exit",
			"withdraw",
			"request",
			"request by origin",
			"release",
			"slash",
			"discharge",
			"discharge oneself",
			"change a parameter",
			"freeze",
			"move tokens",
		] {
			assert!(
				run.tally.get(name).is_some_and(|times| *times >= 15),
				"{name}: {:?}",
				run.tally
			);
		}
		let assigned = |(_, outcome): &(u64, Outcome)| matches!(outcome, Outcome::Assigned { .. });
		let (assigned, open): (Vec<_>, Vec<_>) = outcomes().into_iter().partition(assigned);
		assert!(assigned.len() > 100 && open.len() > 10, "{} to {}", assigned.len(), open.len());
		run.wind_up();
	});
}

#[test]
fn random_steps_keep_the_invariants_1() {
	run(1);
}

#[test]
fn random_steps_keep_the_invariants_2() {
	run(2);
}

#[test]
fn random_steps_keep_the_invariants_3() {
	run(0xdead_beef);
}

#[test]
fn random_steps_keep_the_invariants_4() {
	run(u64::MAX);
}
