//! Applies steps to the chain and to the model.

use super::{
	calls::{instance_hash, Attempt, Outcome, Proposal},
	compare::{assert_same, claims_in_order, money, new_model},
	ledger::Ledger,
	model::{is_void, Block, Claim, Model},
	recorder::Recorder,
	rules::Rule,
	runtime::*,
	Step, Summary,
};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, Pays},
	traits::{
		fungible::Inspect,
		tokens::{Fortitude, Preservation},
		Hooks,
	},
	weights::{Weight, WeightMeter},
};
use pallet_block_proposal::{Call, Escrow, Execution, Status};
use prover_pool_primitives::{BlockId, ProverPool as _};
use sp_core::H256;
use sp_runtime::traits::Dispatchable;
use std::collections::{BTreeMap, BTreeSet};

/// Takes all steps on a fresh chain, with the pallet and with the model, and then settles all blocks.
///
/// # Panics
/// At the first difference between the two.
pub fn run(steps: &[Step]) -> Summary {
	start(steps, None)
}

/// Takes all steps with a model that breaks a rule.
///
/// # Panics
/// At the first difference.
pub fn run_broken(steps: &[Step], rule: Rule) -> Summary {
	start(steps, Some(rule))
}

fn start(steps: &[Step], broken: Option<Rule>) -> Summary {
	reset();
	let provers = vec![(STAKERS[0], 9_000_000, 90, 3), (STAKERS[1], 6_000_000, 110, 2)];
	new_chain(20_000_000, provers).execute_with(|| {
		let mut lockstep = Lockstep {
			model: new_model(broken),
			ledger: Ledger::default(),
			summary: Summary::default(),
			uncovered: false,
			when: "in the first block".into(),
		};
		lockstep.pass_block();
		for (n, step) in steps.iter().enumerate() {
			lockstep.when = format!("after step {n}: {step:?}");
			lockstep.summary.steps += 1;
			lockstep.take(step);
			if n == 0 {
				// At the first step, the chain has no rollup.
				lockstep.start(FIRST_FEE, 0);
			}
		}
		lockstep.when = "while all blocks are settled".into();
		lockstep.settle_all();
		lockstep.summary
	})
}

struct Lockstep {
	model: Model,
	ledger: Ledger,
	summary: Summary,
	/// True if a parameter that escrows depend on was changed while blocks waited.
	uncovered: bool,
	/// The current step, for messages.
	when: String,
}

impl Lockstep {
	fn take(&mut self, step: &Step) {
		match *step {
			Step::Propose { by, list, gas, max_fee } => {
				self.propose(pick(&PROPOSERS, by), list, gas, max_fee)
			},
			Step::Duty { block, gas } => self.do_duty(block, gas),
			Step::Prove { by, block, parent, gas, flaw } => {
				self.try_to_prove(by, block, parent, gas, flaw)
			},
			Step::Confirm { block, claim, flaw } => {
				self.confirm(self.some_block(block), claim, flaw)
			},
			Step::Verify { max } => self.verify(u32::from(max)),
			Step::Expire { block } => self.expire(self.some_block(block)),
			Step::Skip { block } => self.skip(self.some_block(block)),
			Step::Dispute { block, claim } => self.dispute(self.some_block(block), claim),
			Step::Clear { block, parents } => self.clear(block, parents),
			Step::Revoke { tag, revoked } => self.revoke(tag % TAGS, revoked),
			Step::Pause { end: false, by } => {
				self.governance("pause", by, Call::pause {}, Model::pause);
			},
			Step::Pause { end: true, by } => {
				self.governance("unpause", by, Call::unpause {}, Model::unpause);
			},
			Step::Reset { hash: n } => {
				if n.is_multiple_of(2) {
					self.governance("pause", 0, Call::pause {}, Model::pause);
				}
				let verified_hash = H256::repeat_byte(n);
				let call = Call::reset { verified_hash };
				self.governance("reset", n, call, |model| model.reset(verified_hash));
			},
			Step::Start { fee, by } => self.start(u32::from(fee) * 2, by),
			Step::Stake { by, amount, price, capacity } => {
				let amount = Balance::from(amount) * 50_000;
				let (reward_per_gas, max_capacity) = (50 + u32::from(price), u32::from(capacity));
				let stake =
					pallet_prover_pool::Call::stake { amount, reward_per_gas, max_capacity };
				self.foreign(pick(&STAKERS, by), stake);
			},
			Step::Leave { by, withdraw: true } => {
				self.foreign(pick(&STAKERS, by), pallet_prover_pool::Call::withdraw {});
			},
			Step::Leave { by, withdraw: false } => {
				self.foreign(pick(&STAKERS, by), pallet_prover_pool::Call::exit {});
			},
			Step::SelfDischarge { block } => self.discharge_itself(self.some_block(block)),
			Step::Fund { who, amount } => {
				let (dest, value) = (some_account(who), Balance::from(amount) * 50_000);
				self.foreign(TREASURY, pallet_balances::Call::transfer_allow_death { dest, value });
			},
			Step::Drain { who, left } => {
				let who = some_account(who);
				let free =
					Balances::reducible_balance(&who, Preservation::Expendable, Fortitude::Polite);
				let value = free.saturating_sub(Balance::from(left) * 1_000);
				let dest = TREASURY;
				self.foreign(who, pallet_balances::Call::transfer_allow_death { dest, value });
			},
			Step::Seed(seed) => Seed::set(seed.map(|byte| [byte; 32])),
			Step::Admit(admitting) => Admitting::set(admitting),
			Step::Idle(share) => IdleWeight::set(match share {
				0..=79 => Weight::zero(),
				80..=159 => Weight::from_parts(u64::from(share) * 20_000_000, u64::MAX),
				160..=255 => Weight::MAX,
			}),
			Step::Tune { parameter, value } => {
				let escrows_depend = tune(parameter, value);
				self.uncovered |= escrows_depend && !self.model.blocks.is_empty();
			},
			Step::Pass { blocks } => (0..blocks.min(40)).for_each(|_| self.pass_block()),
		}
	}

	/// Settles and clears all blocks, and checks that nothing is on hold for them then.
	fn settle_all(&mut self) {
		Admitting::set(true);
		Seed::set(None);
		IdleWeight::set(Weight::MAX);
		self.governance("unpause", 0, Call::unpause {}, Model::unpause);
		for _ in 0..3 * self.model.blocks.len() {
			if self.model.blocks.is_empty() {
				break;
			}
			(0..13).for_each(|_| self.pass_block());
			let head = self.model.head();
			self.expire(head);
			self.skip(head);
		}
		self.pass_block();
		assert!(self.model.blocks.is_empty(), "all blocks end");
		assert!(self.model.leftovers.is_empty(), "all claims are cleared");
		for (who, account) in money().0 {
			assert_eq!((account.escrow, account.bond), (0, 0), "nothing of {who}'s is on hold");
		}
	}

	/// A call of the pallet.
	fn call(
		&mut self,
		name: &'static str,
		origin: RuntimeOrigin,
		call: Call<Runtime>,
		model: impl FnOnce(&mut Model) -> Outcome,
	) {
		self.begin();
		let result = RuntimeCall::from(call).dispatch(origin);
		self.model.asked = PoolCalls::take();
		let expected = self.model.call(model);
		assert_eq!(outcome_of(&result), expected, "the result of {name}; {}", self.when);
		if let Ok(info) = result {
			let pays_fee = if self.model.is_free { Pays::No } else { Pays::Yes };
			assert_eq!(info.pays_fee, pays_fee, "who pays for {name}; {}", self.when);
		}
		self.summary.count_call(name, expected);
		self.finish();
	}

	/// Makes a call of another pallet. It changes nothing of the protocol's, except that a self-discharge
	/// removes the assignment from the pool's records.
	fn foreign(&mut self, who: AccountId, call: impl Into<RuntimeCall>) {
		self.begin();
		let _ = call.into().dispatch(RuntimeOrigin::signed(who));
		self.model.asked = PoolCalls::take();
		for event in System::read_events_for_pallet::<pallet_prover_pool::Event<Runtime>>() {
			if let pallet_prover_pool::Event::ProverDischarged { block_id, .. } = event {
				self.model.pool.assignments.remove(&block_id);
				*self.summary.events.entry("(self-discharge)".into()).or_default() += 1;
			}
		}
		for (who, account) in money().0 {
			let known = self.model.money.0.entry(who).or_default();
			(known.free, known.pool) = (account.free, account.pool);
		}
		self.finish();
	}

	/// Ends this block of the chain and begins the next.
	fn pass_block(&mut self) {
		let number = System::block_number();
		self.begin();
		let limit = IdleWeight::get();
		let before = claims_in_order();
		let used = BlockProposal::on_idle(number, limit);
		assert!(used.all_lte(limit), "on_idle keeps to its weight; {}", self.when);
		self.model.asked = PoolCalls::take();
		self.model_on_idle(limit, &before);
		self.finish();

		self.begin();
		System::set_block_number(number + 1);
		ProverPool::on_initialize(number + 1);
		BlockProposal::on_initialize(number + 1);
		self.model.asked = PoolCalls::take();
		self.model.begin_block(number + 1);
		for (block_id, outcome) in Draws::take() {
			self.model.draw(block_id, outcome);
		}
		if Admitting::get() {
			BlockProposal::on_poll(number + 1, &mut WeightMeter::new());
			self.model.tick();
		}
		self.summary.blocks += 1;
		self.finish();
	}

	/// The model has no weights. Without weight it does nothing. With enough weight it clears everything, and
	/// takes one step of settlement for each block that may wait. In between it takes as many steps as the chain
	/// did. `before`: the claims before.
	fn model_on_idle(&mut self, limit: Weight, before: &[(BlockId, H256)]) {
		let events = System::read_events_for_pallet::<Event>();
		let plenty = limit == Weight::MAX;
		// All void claims of a block are dropped in one step, those without a second proof one by one.
		let step = |event: &Event| match event {
			Event::BlockVerified { block_id, .. } => Some((*block_id, "verified")),
			Event::BlockCancelled { block_id, .. } => Some((*block_id, "cancelled")),
			Event::ClaimVoided { block_id, .. } => Some((*block_id, "looked at")),
			_ => None,
		};
		let unconfirmed = |event: &&Event| matches!(event, Event::ClaimUnconfirmed { .. });
		let seen = events.iter().filter_map(step).collect::<BTreeSet<_>>().len()
			+ events.iter().filter(unconfirmed).count();
		let steps = if plenty { MaxUnverifiedBlocks::get() as usize } else { seen };
		let _ = self.model.call(|model| model.verify(steps));
		let after = claims_in_order();
		for (block_id, parent) in before {
			if plenty || !after.contains(&(*block_id, *parent)) {
				self.model.clear_parent(*block_id, *parent);
			}
		}
		assert!(limit != Weight::zero() || events.is_empty(), "no weight, no work; {}", self.when);
	}

	fn begin(&mut self) {
		System::reset_events();
		PoolCalls::take();
		Draws::take();
		self.model.events.clear();
		self.model.asks.clear();
		self.model.ends.clear();
		self.model.is_free = false;
	}

	fn finish(&mut self) {
		self.uncovered &= !self.model.blocks.is_empty();
		assert_same(&self.model, self.uncovered, &self.when);
		let events = System::read_events_for_pallet::<Event>();
		self.ledger.read(&events);
		self.ledger.assert_held(&self.model.money, &self.when);
		self.summary.count_events(&events);
		self.summary.count_ends(&self.model.ends);
	}

	fn start(&mut self, fee_per_gas: u32, by: u8) {
		let (genesis_hash, delay) = (H256::repeat_byte(0x99), FIRST_DELAY);
		let call = Call::start { genesis_hash, fee_per_gas, delay };
		let model = |model: &mut Model| model.start(genesis_hash, fee_per_gas, delay);
		self.governance("start", by, call, model);
	}

	fn propose(&mut self, proposer: AccountId, list: u8, gas: u8, max_fee: u8) {
		let list = vec![list; usize::from(list) % 10];
		let gas_limit = u32::from(gas) * 16;
		let max_fee = match max_fee {
			255 => u32::MAX,
			margin => (self.model.fee() + u32::from(margin)).saturating_sub(2),
		};
		let free_capacity = Recorder::free_capacity();
		let call = Call::propose_block {
			tx_list: list.clone(),
			gas_limit,
			beneficiary: BENEFICIARY,
			max_fee_per_gas: max_fee,
		};
		let proposal = Proposal { proposer, list, gas_limit, max_fee };
		self.call("propose_block", RuntimeOrigin::signed(proposer), call, |model| {
			model.propose(proposal, free_capacity)
		});
	}

	/// Returns the right parent of each waiting block, by executing all lists.
	fn lineage(&self) -> BTreeMap<BlockId, H256> {
		let mut parent = self.model.verified_hash;
		let waiting = self.model.blocks.keys().filter(|id| !self.model.is_cancelled(**id));
		let next = |id: &BlockId| {
			let block = &self.model.blocks[id];
			let right = right_execution(*id, block, parent, 0);
			parent = right.block_hash;
			(*id, right.parent_hash)
		};
		waiting.map(next).collect()
	}

	fn do_duty(&mut self, n: u8, gas: u8) {
		let now = self.model.clock;
		let lineage = self.lineage().into_iter();
		let unproven: Vec<(BlockId, Execution)> = lineage
			.filter(|(id, _)| self.model.blocks[id].status != Status::Pending)
			.map(|(id, parent)| (id, right_execution(id, &self.model.blocks[&id], parent, gas)))
			.filter(|(id, right)| {
				let proves = |c: &&Claim| c.execution.block_hash == right.block_hash && !is_void(c);
				!self.model.claims_of(*id).iter().any(proves)
			})
			.collect();
		if unproven.is_empty() {
			return;
		}
		let (block_id, execution) = pick(&unproven, n);
		let prover = match &self.model.blocks[&block_id].status {
			// A late prover may still prove.
			Status::Assigned(a) if now <= a.deadline || gas.is_multiple_of(4) => a.prover,
			_ => pick(&VOLUNTEERS, gas),
		};
		// Few need a second proof, or little would be verified.
		let tag = if gas < 16 { UNCONFIRMED } else { gas % UNCONFIRMED };
		self.prove(prover, block_id, execution, |proof| proof.push(tag));
	}

	fn try_to_prove(&mut self, by: u8, block: u8, parent: u8, gas: u8, flaw: u8) {
		let block_id = self.some_block(block);
		let unknown = no_block();
		let block = self.model.blocks.get(&block_id).unwrap_or(&unknown);
		let prover = match &block.status {
			// Mostly the account that is allowed to.
			Status::Assigned(a) if (self.model.clock <= a.deadline || by < 64) && by < 224 => {
				a.prover
			},
			_ => some_account(by),
		};
		let mut execution =
			right_execution(block_id, block, self.some_parent(block_id, parent), gas);
		let claims = self.model.claims_of(block_id);
		match flaw {
			0..=7 => execution.gas_used = block.gas_limit + 1 + u32::from(flaw),
			// The hash of other claims, possibly of other blocks.
			12..=45 => execution.block_hash = H256::repeat_byte(flaw % 3),
			58..=79 if !claims.is_empty() => {
				execution = claims[usize::from(flaw) % claims.len()].execution;
			},
			80..=99 if !block.barred.is_empty() => {
				execution = block.barred[usize::from(flaw) % block.barred.len()];
			},
			_ => {},
		}
		self.prove(prover, block_id, execution, |proof| match flaw {
			46..=49 => proof.resize(41, flaw),
			50..=53 => proof.truncate(usize::from(flaw) - 50),
			54..=57 => proof[usize::from(flaw) % 32] ^= 1,
			_ => proof.push(by % TAGS),
		});
	}

	/// `finish` makes a proof from the instance: the instance with a tag, or other bytes.
	fn prove(
		&mut self,
		prover: AccountId,
		block_id: BlockId,
		execution: Execution,
		finish: impl FnOnce(&mut Vec<u8>),
	) {
		let unknown = no_block();
		let block = self.model.blocks.get(&block_id).unwrap_or(&unknown);
		let mut attempt = Attempt { prover, block_id, execution, proof: Vec::new() };
		attempt.proof = instance_hash(block, &attempt).0.to_vec();
		finish(&mut attempt.proof);
		let call = Call::prove_block {
			block_id,
			parent_hash: attempt.execution.parent_hash,
			block_hash: attempt.execution.block_hash,
			gas_used: attempt.execution.gas_used,
			proof: attempt.proof.clone(),
		};
		let model = |model: &mut Model| model.prove(attempt);
		self.call("prove_block", RuntimeOrigin::signed(prover), call, model);
	}

	fn confirm(&mut self, block_id: BlockId, n: u8, flaw: u8) {
		let unknown = no_block();
		let block = self.model.blocks.get(&block_id).unwrap_or(&unknown);
		let claims = self.model.claims_of(block_id);
		// Mostly one that needs it.
		let needed = claims.iter().find(|claim| claim.tag == UNCONFIRMED && n < 200);
		let any = || claims.get(usize::from(n) % claims.len().max(1));
		let (prover, execution) = match needed.or_else(any) {
			Some(claim) => (claim.prover, claim.execution),
			None => (TREASURY, right_execution(block_id, block, self.model.verified_hash, n)),
		};
		let attempt = Attempt { prover, block_id, execution, proof: Vec::new() };
		let mut proof = instance_hash(block, &attempt).0.to_vec();
		match flaw {
			0..=7 => proof.resize(41, flaw),
			8..=15 => proof[usize::from(flaw)] ^= 1,
			// Also tags that are revoked, and the one that confirms nothing.
			16..=40 => proof.push(flaw % TAGS),
			_ => proof.push(flaw % UNCONFIRMED),
		}
		let Execution { parent_hash, block_hash, gas_used } = execution;
		let call = Call::confirm_claim {
			block_id,
			parent_hash,
			block_hash,
			gas_used,
			proof: proof.clone(),
		};
		let model = |model: &mut Model| model.confirm(Attempt { proof, ..attempt });
		self.call("confirm_claim", anybody(), call, model);
	}

	fn verify(&mut self, max: u32) {
		let call = Call::verify_blocks { max };
		self.call("verify_blocks", anybody(), call, |model| model.verify(max as usize));
	}

	fn expire(&mut self, block_id: BlockId) {
		let call = Call::expire_request { block_id };
		self.call("expire_request", anybody(), call, |model| model.expire(block_id));
	}

	fn skip(&mut self, block_id: BlockId) {
		let call = Call::skip_block { block_id };
		self.call("skip_block", anybody(), call, |model| model.skip(block_id));
	}

	fn clear(&mut self, n: u8, parents: u8) {
		let settled: Vec<BlockId> = self.model.leftovers.keys().copied().collect();
		let block_id = match settled[..] {
			_ if n >= 245 => self.some_block(n),
			[] => self.some_block(n),
			_ => pick(&settled, n),
		};
		let claimed = claims_in_order().into_iter().filter(|(id, _)| *id == block_id);
		let named = claimed.map(|(_, parent)| parent).take(usize::from(parents % 4));
		let unclaimed = (parents >= 128).then_some(H256::repeat_byte(0xcc));
		let named: Vec<H256> = named.chain(unclaimed).collect();
		let bounded = named.clone().try_into().expect("there are at most four");
		let call = Call::clear_claims { block_id, parents: bounded };
		let model = |model: &mut Model| model.clear(block_id, &named);
		self.call("clear_claims", anybody(), call, model);
	}

	fn dispute(&mut self, block_id: BlockId, n: u8) {
		let claims = self.model.claims_of(block_id);
		let execution = match claims[..] {
			[] => right_execution(block_id, &no_block(), self.model.verified_hash, n),
			_ => claims[usize::from(n) % claims.len()].execution,
		};
		let Execution { parent_hash, block_hash, gas_used } = execution;
		let call = Call::dispute_claim { block_id, parent_hash, block_hash, gas_used };
		let model = |model: &mut Model| model.dispute(block_id, execution);
		self.governance("dispute_claim", n, call, model);
	}

	/// The verifier revokes a tag or accepts it again. The pallet is not notified.
	fn revoke(&mut self, tag: Tag, revoked: bool) {
		Revoked::mutate(|tags| {
			tags.retain(|known| *known != tag);
			if revoked {
				tags.push(tag);
			}
		});
	}

	/// A call that root makes, or from 245 on an account that must not.
	fn governance(
		&mut self,
		name: &'static str,
		by: u8,
		call: Call<Runtime>,
		model: impl FnOnce(&mut Model) -> Outcome,
	) {
		if by >= 245 {
			self.call(name, anybody(), call, |_| Err("Bad origin"));
		} else {
			self.call(name, RuntimeOrigin::root(), call, model);
		}
	}

	fn discharge_itself(&mut self, block_id: BlockId) {
		if let Some(Status::Assigned(a)) = self.model.blocks.get(&block_id).map(|b| &b.status) {
			self.foreign(a.prover, pallet_prover_pool::Call::discharge_prover { block_id });
		}
	}

	/// Mostly a waiting block, mostly near the head, sometimes one that does not wait.
	fn some_block(&self, n: u8) -> BlockId {
		let (head, waiting) = (self.model.head(), self.model.blocks.len() as u64);
		match n {
			0..=127 => head + u64::from(n) % 2.min(waiting.max(1)),
			128..=239 => head + u64::from(n) % waiting.max(1),
			240..=247 => self.model.next_id + u64::from(n - 240),
			248..=255 => head.saturating_sub(u64::from(n - 247)),
		}
	}

	/// Mostly the right parent, sometimes one that somebody claims, rarely nonsense.
	fn some_parent(&self, block_id: BlockId, n: u8) -> H256 {
		let earlier =
			self.model.blocks.range(..block_id).flat_map(|(id, _)| self.model.claims_of(*id));
		let claimed: Vec<H256> = earlier.map(|claim| claim.execution.block_hash).collect();
		let right = self.lineage().get(&block_id).copied().unwrap_or(self.model.verified_hash);
		match n {
			0..=39 => H256::repeat_byte(n % 8),
			40..=69 => self.model.verified_hash,
			70..=109 if !claimed.is_empty() => pick(&claimed, n),
			_ => right,
		}
	}
}

fn pick<Item: Copy>(items: &[Item], n: u8) -> Item {
	items[usize::from(n) % items.len()]
}

fn some_account(n: u8) -> AccountId {
	let all: Vec<AccountId> = accounts().filter(|who| *who != TREASURY).collect();
	pick(&all, n)
}

fn anybody() -> RuntimeOrigin {
	RuntimeOrigin::signed(BENEFICIARY)
}

/// Returns the result of executing a block on this parent, if this share of its gas limit is used.
fn right_execution(block_id: BlockId, block: &Block, parent_hash: H256, gas: u8) -> Execution {
	let preimage =
		[&block_id.to_le_bytes()[..], block.tx_list_hash.as_bytes(), parent_hash.as_bytes()];
	Execution {
		parent_hash,
		block_hash: sp_io::hashing::sha2_256(&preimage.concat()).into(),
		gas_used: (u64::from(block.gas_limit) * u64::from(gas) / 255) as u32,
	}
}

/// The hash of a block that does not exist.
fn no_block() -> Block {
	Block {
		proposer: 0,
		beneficiary: 0,
		tx_list_hash: H256::zero(),
		gas_limit: 0,
		fee_per_gas: 0,
		proposed_at: 0,
		escrow: Escrow { initial: 0, held: 0 },
		status: Status::Pending,
		removed_at: None,
		claims: 0,
		barred: Default::default(),
	}
}

fn outcome_of(result: &DispatchResultWithPostInfo) -> Outcome {
	result.as_ref().map(|_| ()).map_err(|refused| refused.error.into())
}
