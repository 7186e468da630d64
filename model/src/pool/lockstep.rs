//! Does the same things to pool and model, and compares.

use frame_support::traits::{
	fungible::{Mutate, MutateFreeze},
	tokens::Preservation,
};
use pallet_prover_pool as pallet;
use prover_pool_primitives::{BlockId, OpenReason, ProverPool as Pool};

use super::{
	caller, kind,
	model::Model,
	runtime::{self, *},
	shown,
	tokens::{Account, Tokens, EXISTENTIAL_DEPOSIT},
	words::*,
	Step, Summary,
};

const PROVERS: [AccountId; 6] = [1, 2, 3, 4, 5, 6];
/// Has tokens, but does not stake.
const BANK: AccountId = 9;
/// Does not exist at first.
const NOBODY: AccountId = 99;
const ACCOUNTS: [AccountId; 8] = [1, 2, 3, 4, 5, 6, BANK, NOBODY];

/// Where the clock of periods stands at first: far from the number of the block.
const START: Moment = 1_000_000;
/// Longer than every period.
const AGES: Moment = 10_000_000;
/// The fees at which weights are compared.
const FEES: [u32; 5] = [100, 1, 4_000, u32::MAX, 0];

/// Does `steps` to a new pool and its model, and then lets everybody out. Panics at the first
/// difference.
pub fn run(steps: &[Step]) -> Summary {
	let tokens = first_tokens();
	runtime::new_chain(&tokens, START as u32).execute_with(|| {
		let model = Model::new(runtime::first_parameters(), tokens, START, 1);
		let summary = Summary::default();
		let issued = Balances::total_issuance();
		let mut chain = Chain { model, next_id: 0, number: 0, issued, refused: false, summary };
		chain.compare("at the start");
		for step in steps {
			chain.step(step);
		}
		chain.wind_up();
		chain.summary
	})
}

/// Two accounts that live without tokens, some of modest means, one that could buy everything.
fn first_tokens() -> Tokens {
	let account = |free, propped| Account { free, propped, ..Default::default() };
	let accounts = [
		(1, account(10_000, true)),
		(2, account(3_000, true)),
		(3, account(10_000, false)),
		(4, account(10_000, false)),
		(5, account(1_000_000_000_000, false)),
		(6, account((1 << 125) + 12_345, false)),
		(BANK, account(1_000_000, false)),
	];
	Tokens { accounts: accounts.into(), burned: 0 }
}

struct Chain {
	model: Model,
	next_id: BlockId,
	/// The number of the step.
	number: usize,
	/// What was ever issued.
	issued: Balance,
	/// Whether its call was refused.
	refused: bool,
	summary: Summary,
}

impl Chain {
	fn step(&mut self, step: &Step) {
		// Roots are dear.
		let before = self.number.is_multiple_of(8).then(root);
		self.refused = false;
		self.act(step);
		if self.refused && before.is_some_and(|before| before != root()) {
			panic!("step {}, {step:?}, was refused and has changed something", self.number);
		}
		self.compare(&format!("after step {}, {step:?}", self.number));
		self.number += 1;
		self.summary.steps += 1;
	}

	/// Compares two answers to the same call.
	fn same<T: PartialEq + core::fmt::Debug>(
		&mut self,
		call: &'static str,
		pool: Answer<T>,
		model: Answer<T>,
	) {
		assert_eq!(pool, model, "{call} in step {}: the pool's answer, the model's", self.number);
		self.refused = pool.is_err();
		let result = pool.map_or_else(|refusal| refusal, |_| Summary::OK);
		self.summary.count(call, result);
	}

	fn act(&mut self, step: &Step) {
		match *step {
			Step::Stake { who, kind, amount, price, capacity } => {
				let (who, capacity) = (prover(who), capacity.into());
				let amount =
					self.sum(who, kind, amount, Account::holdable, |chain| chain.to_outbid());
				let pool = ProverPool::stake(RuntimeOrigin::signed(who), amount, price, capacity);
				let model = self.model.stake(who, amount, price, capacity);
				self.same("stake", shown::answer(pool), model);
			},
			Step::Exit { who } => {
				let who = prover(who);
				let pool = ProverPool::exit(RuntimeOrigin::signed(who));
				let model = self.model.exit(who);
				self.same("exit", shown::answer(pool), model);
			},
			Step::Withdraw { who } => {
				let who = prover(who);
				let pool = ProverPool::withdraw(RuntimeOrigin::signed(who));
				let model = self.model.withdraw(who);
				self.same("withdraw", shown::answer(pool), model);
			},
			Step::Request { caller, id, fee } => self.request(caller, id, fee),
			Step::Release { caller, id } => {
				let id = self.id(id);
				let caller = self.caller(caller, id);
				let pool = match origin(caller) {
					Some(origin) => shown::answer(ProverPool::release_prover(origin, id)),
					None => shown::hook(<ProverPool as Pool<_, _>>::release_prover(id)),
				};
				let model = self.model.release_prover(caller, id);
				self.same("release", pool, model);
			},
			Step::Slash { caller, id, kind, reward, reporter, most } => {
				let id = self.id(id);
				let caller = self.caller(caller, id);
				let edge = |chain: &Self| chain.to_eject(id);
				let reward = self.sum(BANK, kind, reward, |_| Balance::MAX, edge);
				let reporter = ACCOUNTS.get(usize::from(reporter)).map(|who| (*who, most.into()));
				let model = self.model.slash_prover(caller, id, reward, reporter);
				match origin(caller) {
					Some(origin) => {
						let pool = ProverPool::slash_prover(origin, id, reward, reporter);
						self.same("slash", shown::answer(pool), model.map(drop));
					},
					None => {
						let pool = <ProverPool as Pool<_, _>>::slash_prover(id, reward, reporter);
						self.same("slash", shown::hook(pool), model);
					},
				}
			},
			Step::Discharge { caller, id } => {
				let id = self.id(id);
				let caller = self.caller(caller, id);
				let pool = match origin(caller) {
					Some(origin) => shown::answer(ProverPool::discharge_prover(origin, id)),
					None => shown::hook(<ProverPool as Pool<_, _>>::discharge_prover(id)),
				};
				let model = self.model.discharge_prover(caller, id);
				let signed = matches!(caller, Caller::Signed(_));
				self.same(if signed { "discharge oneself" } else { "discharge" }, pool, model);
			},
			Step::Blocks { more } => {
				for _ in 0..=more % 4 {
					self.next_block();
				}
			},
			Step::Advance { by } => self.advance((by % (1 << 21)).into()),
			Step::AdvanceTo { who, edge, after } => {
				let edge = self.edge(prover(who), edge).unwrap_or_default();
				let to = edge + Moment::from(after % 2);
				// Nothing that is longer than a whole step of the clock.
				self.advance(to.saturating_sub(self.model.now).min(1 << 21));
			},
			Step::Parameter { which, value } => {
				self.change_parameter(which, value);
				runtime::set_parameters(&self.model.parameters);
			},
			Step::Seed { seed, age } => {
				Seed::set((seed > 0).then_some(seed.into()));
				let known_since = self.model.block.saturating_sub(age.into());
				KnownSince::set((age < u8::MAX).then_some(known_since));
				self.model.seed = seed > 0;
				self.model.known_since = KnownSince::get();
			},
			Step::CallBack { on } => self.call_back(on % 2 == 1),
			Step::SlashesTo { to } => {
				self.model.slashes_to = ACCOUNTS.get(usize::from(to)).copied();
				SlashesTo::set(self.model.slashes_to);
			},
			Step::Migrate { on } => self.migrate(on % 2 == 1),
			Step::Transfer { from, to, kind, amount } => {
				let (from, to) = (account(from), account(to));
				let all = Account::transferable;
				let amount = self.sum(from, kind, amount.into(), all, |_| EXISTENTIAL_DEPOSIT);
				let pool = Balances::transfer(&from, &to, amount, Preservation::Expendable);
				let model = self.model.tokens.transfer(from, to, amount);
				self.same("transfer", shown::answer(pool.map(drop)), model);
			},
			Step::Freeze { who, amount } => {
				let who = account(who);
				let reason = voting::FreezeReason::Vote.into();
				let pool = Balances::set_freeze(&reason, &who, amount.into());
				let model = self.model.tokens.freeze(who, amount.into());
				self.same("freeze", shown::answer(pool), model);
			},
		}
	}

	fn request(&mut self, caller: u8, id: u8, fee: u32) {
		let id = match id {
			240.. => self.id(id),
			_ => {
				self.next_id += 1;
				self.next_id
			},
		};
		let caller = self.caller(caller, id);
		let pool = match origin(caller) {
			Some(origin) => shown::answer(ProverPool::assign_prover(origin, id, fee)),
			None => shown::hook(<ProverPool as Pool<_, _>>::assign_prover(id, fee)),
		};
		let model = self.model.assign_prover(caller, id, fee);
		self.same("request", pool, model);
	}

	fn next_block(&mut self) {
		let drawn_before = System::read_events_for_pallet::<pallet::Event<Runtime>>().len();
		runtime::next_block();
		let events = System::read_events_for_pallet::<pallet::Event<Runtime>>();
		self.model.drawn = events[drawn_before..]
			.iter()
			.filter_map(|event| match event {
				pallet::Event::ProverAssigned { block_id, who, .. } => Some((*block_id, *who)),
				_ => None,
			})
			.collect();
		self.model.next_block();
		assert!(self.model.drawn.is_empty(), "draws that should not be: {:?}", self.model.drawn);
	}

	fn advance(&mut self, by: Moment) {
		self.model.now = (self.model.now + by).min(u32::MAX.into());
		Now::set(self.model.now as u32);
	}

	fn call_back(&mut self, on: bool) {
		self.model.calls_back = on;
		CallsBack::set(on);
	}

	fn migrate(&mut self, on: bool) {
		self.model.migrating = on;
		Migrating::set(on);
	}

	/// Every value is within the bounds that `integrity_test` checks.
	fn change_parameter(&mut self, which: u8, value: u32) {
		let highest = self.model.books().slots.keys().max().copied().unwrap_or_default();
		let parameters = &mut self.model.parameters;
		let share = u64::from(value) % (PARTS + 1);
		match which % 14 {
			// Slots above the new number must be empty.
			0 => parameters.max_provers = (1 + value % 5).max(highest),
			1 => parameters.min_capacity = 1 + value % 40,
			2 => parameters.min_stake_per_capacity = (1 + value % 20_000).into(),
			3 => parameters.exit_period = (value % 700_000).into(),
			4 => parameters.min_change_delay = (value % 4_000).into(),
			5 => parameters.slash_points = share,
			6 => parameters.slash_multiplier = value,
			7 => parameters.price_floor_percent = value % 101,
			8 => parameters.price_ceiling_percent = 100 + value % 1_000,
			9 => parameters.min_overbid = share,
			10 => parameters.ejection_threshold = share,
			11 => parameters.max_liability = (value % 2_500_000).into(),
			12 => parameters.entry_delay = (value % 5).into(),
			_ => parameters.max_draws_per_block = 1 + value % 4,
		}
		parameters.max_liability = parameters.max_liability.max(parameters.min_change_delay + 1);
	}

	/// Everything is settled, and everybody leaves with all tokens.
	fn wind_up(&mut self) {
		self.migrate(false);
		self.call_back(false);
		let books = self.model.books();
		let pending = books.queue.iter().map(|request| request.id);
		for id in pending.chain(books.ledger.keys().copied()) {
			let pool = shown::hook(<ProverPool as Pool<_, _>>::discharge_prover(id));
			assert_eq!(pool, Ok(()), "a block cannot be settled in the end");
			assert_eq!(self.model.discharge_prover(Caller::Hook, id), Ok(()));
		}
		for who in books.stakers.keys().copied() {
			// An account with next to nothing could not receive an exit of next to nothing.
			Balances::mint_into(&who, EXISTENTIAL_DEPOSIT).expect("an existential deposit fits");
			assert!(self.model.tokens.receive(who, EXISTENTIAL_DEPOSIT));
			self.issued += EXISTENTIAL_DEPOSIT;
			self.advance(AGES);
			// Somebody whose last duty was discharged just now may have no record any more.
			if self.model.books().stakers.contains_key(&who) {
				let pool = shown::answer(ProverPool::exit(RuntimeOrigin::signed(who)));
				assert_eq!(pool, Ok(()), "{who} cannot leave in the end");
				assert_eq!(self.model.exit(who), Ok(()));
			}
			self.advance(AGES);
			if self.model.books().stakers.contains_key(&who) {
				let pool = shown::answer(ProverPool::withdraw(RuntimeOrigin::signed(who)));
				assert_eq!(pool, Ok(()), "{who} cannot be paid in the end");
				assert_eq!(self.model.withdraw(who), Ok(()));
			}
			self.compare(&format!("when {who} had left"));
			assert_eq!(self.model.tokens.of(who).held(), 0, "tokens of {who} are left behind");
		}
		let left = self.model.books();
		assert!(
			left.slots.is_empty() && left.stakers.is_empty() && left.ledger.is_empty(),
			"something is left in the end: {left:?}"
		);
	}

	/// Compares everything both sides show.
	fn compare(&mut self, when: &str) {
		let events: Vec<_> =
			System::read_events_for_pallet().into_iter().map(shown::event).collect();
		System::reset_events();
		events.iter().for_each(|event| self.summary.count("event", name(event)));
		assert_eq!(events, std::mem::take(&mut self.model.events), "events {when}: pool, model");
		let outcomes = std::mem::take(&mut self.model.outcomes);
		assert_eq!(Outcomes::take(), outcomes, "what the protocol was told {when}: pool, model");
		let slashes = std::mem::take(&mut self.model.slashes);
		assert_eq!(Slashes::take(), slashes, "what reached OnSlash {when}: pool, model");

		let books = self.model.books();
		assert_eq!(shown::books(), books, "books {when}: pool, model");
		for who in ACCOUNTS {
			let expected = self.model.tokens.of(who);
			let found = shown::account(who, expected.propped);
			assert_eq!(found, expected, "tokens of {who} {when}: chain, model");
			let own = |(_, duty): &(BlockId, Assignment)| duty.prover == who;
			let duties: Vec<_> = books.ledger.clone().into_iter().filter(own).collect();
			assert_eq!(shown::assignments(who), duties, "duties of {who} {when}: pool, model");
		}
		let accounts = self.model.tokens.accounts.values();
		let total: Balance = accounts.map(|account| account.free + account.held()).sum();
		assert_eq!(Balances::total_issuance(), total, "tokens came or went {when}");
		assert_eq!(total + self.model.tokens.burned, self.issued, "tokens came or went {when}");

		let fee = FEES[self.number % FEES.len()];
		assert_eq!(shown::weights(fee), self.model.weights(fee), "weights at {fee} {when}");
		assert_eq!(ProverPool::get_capacity(), self.model.capacity(), "capacity {when}");
		assert_eq!(
			<ProverPool as Pool<_, _>>::free_capacity(),
			self.model.drawable_capacity(),
			"free capacity {when}: pool, model"
		);
		if let Err(broken) = ProverPool::do_try_state() {
			panic!("{when}: {broken:?}");
		}
	}

	// What the numbers of a step mean.

	/// An id that is assigned, or, if there is none or from 240 on, one that is pending or unknown.
	fn id(&self, index: u8) -> BlockId {
		let books = self.model.books();
		let mut ids: Vec<_> = books.ledger.keys().copied().collect();
		if index >= 240 || ids.is_empty() {
			ids.extend(books.queue.iter().map(|request| request.id));
			ids.push(u64::MAX >> 1);
		}
		ids[usize::from(index) % ids.len()]
	}

	fn caller(&self, number: u8, id: BlockId) -> Caller {
		let somebody = prover(number / caller::COUNT);
		match number % caller::COUNT {
			caller::ORIGIN..caller::OWN => Caller::Origin,
			caller::OWN => {
				let books = self.model.books();
				Caller::Signed(books.ledger.get(&id).map_or(somebody, |duty| duty.prover))
			},
			caller::SOMEBODY => Caller::Signed(somebody),
			_ => Caller::Hook,
		}
	}

	fn sum(
		&self,
		who: AccountId,
		kind: u8,
		number: u64,
		all: impl Fn(&Account) -> Balance,
		edge: impl Fn(&Self) -> Balance,
	) -> Balance {
		let account = self.model.tokens.of(who);
		let rest = Balance::from(number % kind::REST);
		match kind % kind::COUNT {
			kind::EDGE => (edge(self) + Balance::from(number % 4)).saturating_sub(2),
			kind::ALL => all(&account).saturating_sub(rest),
			kind::EXIT => account.exit.saturating_sub(rest),
			kind::HUGE => Balance::from(number) << 64,
			_ => number.into(),
		}
	}

	/// About what the smallest member must be outbid with.
	fn to_outbid(&self) -> Balance {
		let books = self.model.books();
		let smallest = books.slots.values().map(|slot| slot.stake).min().unwrap_or_default();
		smallest + share(smallest, self.model.parameters.min_overbid)
	}

	/// About the reward for which a slash leaves as little as must be left.
	fn to_eject(&self, id: BlockId) -> Balance {
		let books = self.model.books();
		let Some(duty) = books.ledger.get(&id) else { return 0 };
		let parameters = &self.model.parameters;
		let member = books.slots.values().find(|slot| slot.who == duty.prover);
		let staker = &books.stakers[&duty.prover];
		let minimum = parameters.min_stake_per_capacity * Balance::from(staker.max_capacity);
		let threshold = share(minimum, parameters.ejection_threshold);
		let slashable = staker.exit + member.map_or(0, |slot| slot.stake);
		slashable.saturating_sub(threshold) / Balance::from(duty.slash_multiplier.max(1))
	}

	/// The last moment before something changes for an account.
	fn edge(&self, who: AccountId, edge: u8) -> Option<Moment> {
		let books = self.model.books();
		let parameters = &self.model.parameters;
		let staker = books.stakers.get(&who);
		match edge % 3 {
			0 => Some(staker?.exit_clock? + parameters.exit_period),
			1 => Some(staker?.last_changed_at? + parameters.min_change_delay),
			_ => {
				let own = books.ledger.values().filter(|duty| duty.prover == who);
				Some(own.map(|duty| duty.drawn_at).min()? + parameters.max_liability)
			},
		}
	}
}

/// Some parts of a sum, near enough.
fn share(sum: Balance, parts: u64) -> Balance {
	sum.saturating_mul(parts.into()) / Balance::from(PARTS)
}

fn prover(index: u8) -> AccountId {
	PROVERS[usize::from(index) % PROVERS.len()]
}

fn account(index: u8) -> AccountId {
	ACCOUNTS[usize::from(index) % ACCOUNTS.len()]
}

fn origin(caller: Caller) -> Option<RuntimeOrigin> {
	match caller {
		Caller::Hook => None,
		Caller::Origin => Some(RuntimeOrigin::root()),
		Caller::Signed(who) => Some(RuntimeOrigin::signed(who)),
	}
}

/// What is counted of the events: every kind, and of some what makes them special.
fn name(event: &Event) -> &'static str {
	match event {
		Event::Staked { .. } => "Staked",
		Event::Exited { forced: false, .. } => "Exited",
		Event::Exited { forced: true, .. } => "Exited, forced",
		Event::Withdrawn { .. } => "Withdrawn",
		Event::Requested { .. } => "ProverRequested",
		Event::Assigned { .. } => "ProverAssigned",
		Event::NotFound { reason: OpenReason::ZeroFee, .. } => "ProverNotFound, ZeroFee",
		Event::NotFound { reason: OpenReason::EmptyPool, .. } => "ProverNotFound, EmptyPool",
		Event::NotFound { .. } => "ProverNotFound, NoFreeCapacity",
		Event::Cancelled { .. } => "RequestCancelled",
		Event::Released { .. } => "ProverReleased",
		Event::Discharged { .. } => "ProverDischarged",
		Event::Slashed { exit: 0, stake: 0, .. } => "Slashed, by nothing",
		Event::Slashed { exit: 0, .. } => "Slashed, stake",
		Event::Slashed { stake: 0, .. } => "Slashed, exit",
		Event::Slashed { .. } => "Slashed, both",
	}
}

/// The root of the whole state.
fn root() -> Vec<u8> {
	sp_io::storage::root(sp_core::storage::StateVersion::V1)
}
