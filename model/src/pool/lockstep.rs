//! Takes the same steps on pool and model, and compares them.

use frame_support::traits::{
	fungible::{Mutate, MutateFreeze},
	tokens::Preservation,
};
use prover_pool_primitives::{BlockId, ProverPool as Pool};
use sp_runtime::DispatchError;

use super::{
	compare::compare,
	inputs::*,
	model::Model,
	read,
	rules::Rule,
	runtime::{self, *},
	settings::{change, Settings},
	step::Step,
	summary::Summary,
	tokens::{Account, Tokens, EXISTENTIAL_DEPOSIT},
	types::*,
};

/// The first value of the clock of periods: far from the number of the block.
const START: Moment = 1_000_000;
/// Longer than every period.
const AGES: Moment = 10_000_000;

/// Takes `steps` on a new pool and its model, and then lets all accounts leave.
///
/// # Panics
/// At the first difference.
pub fn run(settings: Settings, steps: &[Step]) -> Summary {
	start(settings, steps, None)
}

/// Takes `steps` with a model that breaks a rule.
///
/// # Panics
/// At the first difference.
pub fn run_broken(settings: Settings, steps: &[Step], rule: Rule) -> Summary {
	start(settings, steps, Some(rule))
}

fn start(settings: Settings, steps: &[Step], broken: Option<Rule>) -> Summary {
	let tokens = Tokens { accounts: first_accounts().into_iter().collect(), burned: 0 };
	let parameters = settings.first_parameters(MaxPendingDraws::get());
	runtime::new_chain(&parameters, &tokens, START as u32).execute_with(|| {
		let model = Model::new(parameters, tokens, START, 1, broken);
		let mut chain = Chain {
			model,
			next_id: 0,
			number: 0,
			issued: Balances::total_issuance(),
			refused: false,
			summary: Summary::default(),
		};
		chain.compare("at the start");
		for step in steps {
			chain.step(step);
		}
		chain.wind_up();
		chain.summary
	})
}

struct Chain {
	model: Model,
	next_id: BlockId,
	/// The number of the step.
	number: usize,
	/// The sum of all tokens ever issued.
	issued: Balance,
	/// True if the call of the step was refused.
	refused: bool,
	summary: Summary,
}

impl Chain {
	fn step(&mut self, step: &Step) {
		// Roots are slow.
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

	fn compare(&mut self, when: &str) {
		compare(&mut self.model, &mut self.summary, self.number, self.issued, when);
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

	/// Makes a call of an account on both sides.
	fn signed(
		&mut self,
		call: &'static str,
		who: AccountId,
		pool: impl FnOnce(RuntimeOrigin) -> sp_runtime::DispatchResult,
		model: impl FnOnce(&mut Model) -> Answer,
	) {
		let pool = read::answer(pool(RuntimeOrigin::signed(who)));
		let model = model(&mut self.model);
		self.same(call, pool, model);
	}

	/// Makes a call of an account on both sides, after its simulation, which must have the same result.
	fn simulated(
		&mut self,
		call: &'static str,
		who: AccountId,
		simulation: Result<pallet_prover_pool::SimulationOf<Runtime>, DispatchError>,
		pool: impl FnOnce(RuntimeOrigin) -> sp_runtime::DispatchResult,
		model: impl Fn(&mut Model) -> Answer,
	) {
		let expected = self.model.simulate(who, &model);
		let found = read::simulation(simulation);
		assert_eq!(found, expected, "simulation of {call} in step {}: pool, model", self.number);
		self.signed(call, who, pool, model);
		if let Ok(simulation) = found {
			assert_eq!(read::staker_row(who), simulation.after, "{call} is not what was simulated");
		}
	}

	fn act(&mut self, step: &Step) {
		match *step {
			Step::Stake { who, kind, amount, price, capacity: number } => {
				let (who, capacity) = (prover(who), capacity(number));
				let edge = || self.model.to_outbid();
				let amount = self.model.sum(who, kind, amount, Account::holdable, edge);
				self.simulated(
					"stake",
					who,
					ProverPool::simulate_stake(who, amount, price, capacity),
					|origin| ProverPool::stake(origin, amount, price, capacity),
					|model| model.stake(who, amount, price, capacity),
				);
			},
			Step::Exit { who } => {
				let who = prover(who);
				self.simulated(
					"exit",
					who,
					ProverPool::simulate_exit(who),
					ProverPool::exit,
					|model| model.exit(who),
				);
			},
			Step::Withdraw { who, by } => {
				let who = self.model.leaver_at(who);
				self.withdraw(who, account_or_none(by).unwrap_or(who));
			},
			Step::StakeExtra { who, kind, amount } => {
				let who = self.model.member_at(who);
				let amount = self.model.sum(who, kind, amount, Account::holdable, || 0);
				let pool = |origin| ProverPool::stake_extra(origin, amount);
				self.signed("stake_extra", who, pool, |model| model.stake_extra(who, amount));
			},
			Step::Unstake { who, kind, amount } => {
				let who = self.model.member_at(who);
				let stake = self.model.stake_of(who);
				let edge = || self.model.to_minimum(who);
				let amount = self.model.sum(who, kind, amount, |_| stake, edge);
				self.simulated(
					"unstake",
					who,
					ProverPool::simulate_unstake(who, amount),
					|origin| ProverPool::unstake(origin, amount),
					|model| model.unstake(who, amount),
				);
			},
			Step::Restake { who, exit } => {
				let who = self.model.leaver_at(who);
				let exit = self.model.exit_at(who, exit);
				let pool = |origin| ProverPool::restake(origin, exit);
				self.signed("restake", who, pool, |model| model.restake(who, exit));
			},
			Step::SetTerms { who, price, capacity: number } => {
				let (who, capacity) = (self.model.member_at(who), capacity(number));
				let pool = |origin| ProverPool::set_terms(origin, price, capacity);
				let model = |model: &mut Model| model.set_terms(who, price, capacity);
				self.signed("set_terms", who, pool, model);
			},
			Step::Pause { who } => {
				let who = self.model.member_at(who);
				self.signed("pause", who, ProverPool::pause, |model| model.pause(who));
			},
			Step::Resume { who } => {
				let who = self.model.paused_at(who);
				self.signed("resume", who, ProverPool::resume, |model| model.resume(who));
			},
			Step::Request { caller, id, fee } => self.request(caller, id, fee),
			Step::Release { caller, id } => self.release(caller, id),
			Step::Slash { .. } => self.slash(step),
			Step::Discharge { caller, id } => self.discharge(caller, id),
			Step::ApplySlash { by, id } => {
				let id = self.model.slash_at(id);
				let pool = |origin| ProverPool::apply_slash(origin, id);
				self.signed("apply_slash", account(by), pool, |model| model.apply_slash(id));
			},
			Step::CancelSlash { caller, id } => {
				let id = self.model.slash_at(id);
				let caller = self.model.caller_at(caller, id);
				let pool =
					ProverPool::cancel_slash(origin(caller).unwrap_or(RuntimeOrigin::root()), id);
				let model = self.model.cancel_slash(caller, id);
				self.same("cancel_slash", read::answer(pool), model);
			},
			Step::Blocks { more } => {
				for _ in 0..=more % 4 {
					runtime::next_block();
					self.model.next_block();
				}
			},
			Step::Transfer { from, to, kind, amount } => {
				let (from, to) = (account(from), account(to));
				let all = Account::transferable;
				let amount = self.model.sum(from, kind, amount.into(), all, || EXISTENTIAL_DEPOSIT);
				let pool = Balances::transfer(&from, &to, amount, Preservation::Expendable);
				let model = self.model.tokens.transfer(from, to, amount);
				self.same("transfer", read::answer(pool.map(drop)), model);
			},
			Step::Freeze { who, amount } => {
				let who = account(who);
				let reason = voting::FreezeReason::Vote.into();
				let pool = Balances::set_freeze(&reason, &who, amount.into());
				let model = self.model.tokens.freeze(who, amount.into());
				self.same("freeze", read::answer(pool), model);
			},
			ref surroundings => self.surround(surroundings),
		}
	}

	/// Changes the environment of the pool.
	fn surround(&mut self, step: &Step) {
		match *step {
			Step::Advance { by } => self.advance((by % (1 << 21)).into()),
			Step::AdvanceTo { who, edge, after } => {
				let edge = self.model.edge(self.model.leaver_at(who), edge).unwrap_or_default();
				let to = edge + Moment::from(after % 2);
				// The clock never advances by more than its largest step.
				self.advance(to.saturating_sub(self.model.now).min(1 << 21));
			},
			Step::Parameter { which, value } => {
				let highest = self.model.members.keys().max().copied().unwrap_or_default();
				change(&mut self.model.parameters, which, value, highest);
				runtime::set_parameters(&self.model.parameters);
			},
			Step::Seed { seed, age } => {
				let known_since = self.model.block.saturating_sub(age.into());
				self.model.seed = seed;
				self.model.known_since = (age < u8::MAX).then_some(known_since);
				Seed::set(seed);
				KnownSince::set(self.model.known_since);
			},
			Step::Idle { slashes } => {
				self.model.idle = (slashes < u8::MAX).then_some(slashes.into());
				Idle::set(self.model.idle);
			},
			Step::CallBack { on } => self.call_back(on % 2 == 1),
			Step::SlashesTo { to } => {
				self.model.slashes_to = account_or_none(to);
				SlashesTo::set(self.model.slashes_to);
			},
			Step::Migrate { on } => self.migrate(on % 2 == 1),
			_ => unreachable!("everything else is a call"),
		}
	}

	fn withdraw(&mut self, who: AccountId, by: AccountId) {
		let model = |model: &mut Model| model.withdraw(who);
		if who == by {
			let simulation = ProverPool::simulate_withdraw(who);
			self.simulated("withdraw", who, simulation, ProverPool::withdraw, model);
		} else {
			let pool = |origin| ProverPool::withdraw_for(origin, who);
			self.signed("withdraw_for", by, pool, model);
		}
	}

	fn request(&mut self, caller: u8, id: u8, fee: u32) {
		let id = match id {
			240.. => self.model.id_at(id),
			_ => {
				self.next_id += 1;
				self.next_id
			},
		};
		let caller = self.model.caller_at(caller, id);
		let pool = match origin(caller) {
			Some(origin) => read::answer(ProverPool::assign_prover(origin, id, fee)),
			None => read::hook(<ProverPool as Pool<_, _>>::assign_prover(id, fee)),
		};
		let model = self.model.assign_prover(caller, id, fee);
		self.same("request", pool, model);
	}

	fn release(&mut self, caller: u8, id: u8) {
		let id = self.model.id_at(id);
		let caller = self.model.caller_at(caller, id);
		let pool = match origin(caller) {
			Some(origin) => read::answer(ProverPool::release_prover(origin, id)),
			None => read::hook(<ProverPool as Pool<_, _>>::release_prover(id)),
		};
		let model = self.model.release_prover(caller, id);
		self.same("release", pool, model);
	}

	fn slash(&mut self, step: &Step) {
		let Step::Slash { caller, id, kind, reward, fault: reason, reporter, most } = *step else {
			return;
		};
		let id = self.model.id_at(id);
		let caller = self.model.caller_at(caller, id);
		let edge = || self.model.to_eject(id);
		let reward = self.model.sum(BANK, kind, reward, |_| Balance::MAX, edge);
		let reporter = account_or_none(reporter).map(|who| (who, most.into()));
		let fault = fault(reason);
		let model = self.model.slash_prover(caller, id, reward, fault, reporter);
		match origin(caller) {
			Some(origin) => {
				let pool = ProverPool::slash_prover(origin, id, reward, fault, reporter);
				self.same("slash", read::answer(pool), model.map(drop));
			},
			None => {
				let pool = <ProverPool as Pool<_, _>>::slash_prover(id, reward, fault, reporter);
				self.same("slash", read::hook(pool), model);
			},
		}
	}

	fn discharge(&mut self, caller: u8, id: u8) {
		let id = self.model.id_at(id);
		let caller = self.model.caller_at(caller, id);
		let pool = match origin(caller) {
			Some(origin) => read::answer(ProverPool::discharge_prover(origin, id)),
			None => read::hook(<ProverPool as Pool<_, _>>::discharge_prover(id)),
		};
		let model = self.model.discharge_prover(caller, id);
		let signed = matches!(caller, Caller::Signed(_));
		self.same(if signed { "discharge oneself" } else { "discharge" }, pool, model);
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

	/// Settles everything, and lets all accounts leave with all tokens.
	fn wind_up(&mut self) {
		self.migrate(false);
		self.call_back(false);
		self.settle_everything();
		for who in self.model.state().stakers.into_keys() {
			// An account with few tokens could not receive a small exit.
			Balances::mint_into(&who, EXISTENTIAL_DEPOSIT).expect("an existential deposit fits");
			assert!(self.model.tokens.receive(who, EXISTENTIAL_DEPOSIT));
			self.issued += EXISTENTIAL_DEPOSIT;
			self.advance(AGES);
			let row = self.model.staker_row(who);
			if row.prover.is_some() {
				let pool = read::answer(ProverPool::exit(RuntimeOrigin::signed(who)));
				assert_eq!(pool, Ok(()), "{who} cannot leave in the end");
				assert_eq!(self.model.exit(who), Ok(()));
			}
			self.advance(AGES);
			if !self.model.staker_row(who).exits.is_empty() {
				let pool = read::answer(ProverPool::withdraw(RuntimeOrigin::signed(who)));
				assert_eq!(pool, Ok(()), "{who} cannot be paid in the end");
				assert_eq!(self.model.withdraw(who), Ok(()));
			}
			self.compare(&format!("when {who} had left"));
			assert_eq!(self.model.tokens.of(who).held, 0, "tokens of {who} are left behind");
		}
		let mut left = self.model.state();
		// The record of a suspension is removed by the account's next operation.
		left.stakers.retain(|_, record| record.suspended_until.is_none());
		assert!(
			left.members.is_empty() && left.stakers.is_empty() && left.ledger.is_empty(),
			"something is left in the end: {left:?}"
		);
	}

	fn settle_everything(&mut self) {
		let state = self.model.state();
		let pending = state.requests.iter().map(|request| request.id);
		for id in pending.chain(state.ledger.keys().copied()) {
			let pool = read::hook(<ProverPool as Pool<_, _>>::discharge_prover(id));
			assert_eq!(pool, Ok(()), "block {id} cannot be settled in the end");
			assert_eq!(self.model.discharge_prover(Caller::Hook, id), Ok(()));
		}
		self.advance(AGES);
		self.model.idle = None;
		Idle::set(None);
		runtime::next_block();
		self.model.next_block();
		self.compare("when all was settled");
		assert!(self.model.state().slashes.is_empty(), "every slash is applied in the end");
	}
}

/// Returns the root of the whole state.
fn root() -> Vec<u8> {
	sp_io::storage::root(sp_core::storage::StateVersion::V1)
}
