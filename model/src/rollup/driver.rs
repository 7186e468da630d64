//! Applies steps to the chain and to the model, side by side.

use super::{
	compare::{assert_same, money, new_model},
	ledger::Ledger,
	model::{instance_hash, Attempt, Block, Model, Outcome, Proposal, Stage},
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
use pallet_block_proposal::{Call, Evidence};
use prover_pool_primitives::{BlockId, ProverPool as _};
use sp_core::H256;
use sp_runtime::{traits::Dispatchable, Perbill};

/// Takes every step, on a fresh chain, with the pallet and with the model, and brings everything to
/// rest in the end.
///
/// # Panics
/// At the first difference between the two.
pub fn run(steps: &[Step]) -> Summary {
	new_chain().execute_with(|| {
		let mut lockstep = Lockstep {
			model: new_model(),
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
		}
		lockstep.when = "while coming to rest".into();
		lockstep.come_to_rest();
		lockstep.summary
	})
}

struct Lockstep {
	model: Model,
	ledger: Ledger,
	summary: Summary,
	/// Whether a parameter that escrows depend on was changed while blocks waited.
	uncovered: bool,
	/// What is going on, for messages.
	when: String,
}

impl Lockstep {
	fn take(&mut self, step: &Step) {
		match *step {
			Step::Propose { by, list, gas } => self.propose(pick(&PROPOSERS, by), list, gas),
			Step::Duty { gas } => self.do_duty(gas),
			Step::Prove { by, block, parent, gas, flaw } => {
				self.try_to_prove(by, block, parent, gas, flaw)
			},
			Step::Verify { max } => self.verify(u32::from(max)),
			Step::Expire { block } => self.expire(self.some_block(block)),
			Step::Skip { block } => self.skip(self.some_block(block)),
			Step::Dispute { block, proof } => self.dispute(self.some_block(block), proof),
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

	/// Nothing is on hold for blocks once all are settled, and all can be.
	fn come_to_rest(&mut self) {
		Admitting::set(true);
		Seed::set(None);
		for _ in 0..3 * self.model.blocks.len() {
			if self.model.blocks.is_empty() {
				break;
			}
			(0..13).for_each(|_| self.pass_block());
			let head = self.model.head();
			self.verify(100);
			self.expire(head);
			self.skip(head);
		}
		assert!(self.model.blocks.is_empty(), "all blocks come to an end");
		for (who, account) in money().0 {
			assert_eq!((account.escrow, account.bond), (0, 0), "nothing of {who}'s is on hold");
		}
	}

	/// A call of the pallet, by whom it concerns.
	fn call(
		&mut self,
		name: &'static str,
		origin: RuntimeOrigin,
		call: Call<Runtime>,
		model: impl FnOnce(&mut Model) -> Outcome,
	) {
		self.begin();
		let result = RuntimeCall::from(call).dispatch(origin);
		self.hear();
		let expected = self.model.call(model);
		assert_eq!(outcome_of(&result), expected, "the result of {name}; {}", self.when);
		if let Ok(info) = result {
			let free = if name == "verify_blocks" { Pays::No } else { Pays::Yes };
			assert_eq!(info.pays_fee, free, "who pays for {name}; {}", self.when);
		}
		self.summary.note_call(name, expected);
		self.finish();
	}

	/// A call of another pallet: whatever it does, it touches nothing of the protocol's.
	/// Only a prover that discharges itself is gone from the pool's books.
	fn foreign(&mut self, who: AccountId, call: impl Into<RuntimeCall>) {
		self.begin();
		let _ = call.into().dispatch(RuntimeOrigin::signed(who));
		self.hear();
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
		let used = BlockProposal::on_idle(number, limit);
		assert!(used.all_lte(limit), "on_idle keeps to its weight; {}", self.when);
		self.hear();
		// How many blocks a weight verifies is not the model's affair: none without any, all with
		// plenty, and what it does verify could be.
		let events = System::read_events_for_pallet::<Event>();
		let seen = events.iter().filter(|e| matches!(e, Event::BlockVerified { .. })).count();
		let most = if limit == Weight::MAX { usize::MAX } else { seen };
		assert!(seen == 0 || limit != Weight::zero(), "no weight, no work; {}", self.when);
		let _ = self.model.call(|model| model.verify(most));
		self.finish();

		self.begin();
		System::set_block_number(number + 1);
		ProverPool::on_initialize(number + 1);
		BlockProposal::on_initialize(number + 1);
		self.hear();
		for (block_id, outcome) in Draws::take() {
			self.model.draw(block_id, outcome);
		}
		if Admitting::get() {
			BlockProposal::on_poll(number + 1, &mut WeightMeter::new());
			self.model.clock += 1;
		}
		self.summary.blocks += 1;
		self.finish();
	}

	fn begin(&mut self) {
		System::reset_events();
		PoolCalls::take();
		Draws::take();
		self.model.params = BlockProposal::get_parameters();
		self.model.events.clear();
		self.model.asked.clear();
		self.model.settled.clear();
	}

	fn hear(&mut self) {
		self.model.heard = PoolCalls::take();
	}

	fn finish(&mut self) {
		self.uncovered &= !self.model.blocks.is_empty();
		assert_same(&self.model, self.uncovered, &self.when);
		self.ledger.read(&System::read_events_for_pallet::<Event>());
		self.ledger.assert_held(&self.model.money, &self.when);
		self.summary.note_events(&self.model.events);
		for settled in &self.model.settled {
			self.summary.note_end(settled);
		}
	}

	fn propose(&mut self, proposer: AccountId, list: u8, gas: u8) {
		let list = vec![list; usize::from(list) % 10];
		let gas_limit = u32::from(gas) * 16;
		let free_capacity = Recorder::free_capacity();
		let call =
			Call::propose_block { tx_list: list.clone(), gas_limit, beneficiary: BENEFICIARY };
		let proposal = Proposal { proposer, list, gas_limit, beneficiary: BENEFICIARY };
		self.call("propose_block", RuntimeOrigin::signed(proposer), call, |model| {
			model.propose(proposal, free_capacity)
		});
	}

	fn do_duty(&mut self, gas: u8) {
		let now = self.model.clock;
		let (mut parent_id, mut parent) = (0, self.model.verified_hash);
		for (id, block) in &self.model.blocks {
			match block.earliest_on(parent) {
				Some(proof) => (parent_id, parent) = (*id, proof.block_hash),
				None => {
					let prover = match block.duty() {
						// Who is late may still come, if nobody is faster.
						Some(duty)
							if !duty.failed && (now <= duty.deadline || gas.is_multiple_of(4)) =>
						{
							duty.prover
						},
						_ => pick(&VOLUNTEERS, gas),
					};
					let evidence = evidence(*id, block, parent, gas);
					let proof = instance_hash(*id, block, &evidence, prover).0.to_vec();
					let block_id = *id;
					return self.prove(Attempt { prover, block_id, parent_id, evidence, proof });
				},
			}
		}
	}

	fn try_to_prove(&mut self, by: u8, block: u8, parent: u8, gas: u8, flaw: u8) {
		let block_id = self.some_block(block);
		let unknown = no_block();
		let block = self.model.blocks.get(&block_id).unwrap_or(&unknown);
		let prover = match block.duty() {
			// Mostly whose turn it is.
			Some(duty)
				if !duty.failed && (self.model.clock <= duty.deadline || by < 64) && by < 224 =>
			{
				duty.prover
			},
			_ => some_account(by),
		};
		let (mut parent_id, parent) = self.some_parent(block_id, parent);
		let mut evidence = evidence(block_id, block, parent, gas);
		match flaw {
			0..=3 => evidence.tx_list_hash = H256::repeat_byte(flaw),
			4..=7 => evidence.gas_used = block.gas_limit + 1 + u32::from(flaw),
			8..=11 => parent_id += u64::from(flaw) - 7,
			// The same hash as others give, maybe to other blocks.
			12..=45 => evidence.block_hash = H256::repeat_byte(flaw % 3),
			58..=79 if !block.proofs.is_empty() => {
				evidence.block_hash =
					block.proofs[usize::from(flaw) % block.proofs.len()].block_hash;
			},
			_ => {},
		}
		let mut proof = instance_hash(block_id, block, &evidence, prover).0.to_vec();
		match flaw {
			46..=49 => proof.resize(41, flaw),
			50..=53 => proof.truncate(usize::from(flaw) - 50),
			// Somebody else's.
			54..=57 => {
				proof = instance_hash(block_id, block, &evidence, BENEFICIARY).0.to_vec();
			},
			_ => {},
		}
		self.prove(Attempt { prover, block_id, parent_id, evidence, proof });
	}

	fn prove(&mut self, attempt: Attempt) {
		let origin = RuntimeOrigin::signed(attempt.prover);
		let call = Call::prove_block {
			block_id: attempt.block_id,
			parent_id: attempt.parent_id,
			evidence: attempt.evidence.clone(),
			proof: attempt.proof.clone(),
		};
		self.call("prove_block", origin, call, |model| model.prove(attempt));
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

	fn dispute(&mut self, block_id: BlockId, proof: u8) {
		let proofs = self.model.blocks.get(&block_id).map(|b| &b.proofs[..]).unwrap_or_default();
		let (parent_hash, prover) = match proofs {
			[] => (self.model.verified_hash, VOLUNTEERS[0]),
			proofs => {
				let proof = &proofs[usize::from(proof) % proofs.len()];
				(proof.parent, proof.prover)
			},
		};
		let call = Call::dispute_proof { block_id, parent_hash, prover };
		if proof >= 245 {
			self.call("dispute_proof", anybody(), call, |_| Err("Bad origin"));
		} else {
			self.call("dispute_proof", RuntimeOrigin::root(), call, |model| {
				model.dispute(block_id, parent_hash, prover)
			});
		}
	}

	fn discharge_itself(&mut self, block_id: BlockId) {
		let Some(duty) = self.model.blocks.get(&block_id).and_then(|block| block.duty()) else {
			return;
		};
		let prover = duty.prover;
		self.foreign(prover, pallet_prover_pool::Call::discharge_prover { block_id });
	}

	/// Mostly a block that waits, mostly near the head, now and then one that does not.
	fn some_block(&self, n: u8) -> BlockId {
		let (head, waiting) = (self.model.head(), self.model.blocks.len() as u64);
		match n {
			0..=127 => head + u64::from(n) % 2.min(waiting.max(1)),
			128..=239 => head + u64::from(n) % waiting.max(1),
			240..=247 => self.model.next_id + u64::from(n - 240),
			248..=255 => head.saturating_sub(u64::from(n - 247)),
		}
	}

	/// A parent that is there, of all forks; now and then nonsense.
	fn some_parent(&self, block_id: BlockId, n: u8) -> (BlockId, H256) {
		let earlier = self.model.blocks.range(..block_id);
		let proofs: Vec<(BlockId, H256)> = earlier
			.flat_map(|(id, block)| block.proofs.iter().map(|proof| (*id, proof.block_hash)))
			.collect();
		match n {
			0..=5 => (u64::from(n), H256::repeat_byte(0xee)),
			6..=89 => (0, self.model.verified_hash),
			_ if proofs.is_empty() => (0, self.model.verified_hash),
			_ => pick(&proofs, n),
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

/// What right execution makes of a block on this parent.
fn evidence(block_id: BlockId, block: &Block, parent: H256, gas: u8) -> Evidence {
	let preimage = [&block_id.to_le_bytes()[..], parent.as_bytes()].concat();
	Evidence {
		tx_list_hash: block.list_hash,
		block_hash: sp_io::hashing::blake2_256(&preimage).into(),
		parent_hash: parent,
		gas_used: (u64::from(block.gas_limit) * u64::from(gas) / 255) as u32,
	}
}

/// Stands for a block that does not exist.
fn no_block() -> Block {
	Block {
		proposer: 0,
		beneficiary: 0,
		list_hash: H256::zero(),
		gas_limit: 0,
		fee: 0,
		proposed_at: 0,
		put_up: 0,
		held: 0,
		stage: Stage::Pending,
		disputed_at: None,
		proofs: vec![],
		bars: vec![],
	}
}

fn outcome_of(result: &DispatchResultWithPostInfo) -> Outcome {
	result.as_ref().map(|_| ()).map_err(|refused| refused.error.into())
}

/// Sets a parameter, within what `integrity_test` allows. Returns whether escrows depend on it.
fn tune(parameter: u8, value: u8) -> bool {
	let small = u64::from(value);
	let parameter = parameter % 13;
	match parameter {
		0 => BaseGas::set(1_000 + 10 * u32::from(value)),
		1 => Cooldown::set(small % 5),
		2 => ExpiryPeriod::set(3 + small % 8),
		3 => MinProofWindow::set(1 + small % 5),
		4 => MaxProofWindow::set(5 + small % 12),
		5 => WindowMultiplier::set(100 + u32::from(value)),
		6 => MaxOpenBlocks::set(1 + u32::from(value) % 8),
		7 => OpenRewardStart::set(u32::from(value) % 76),
		8 => OpenRewardEnd::set(125 + u32::from(value) % 76),
		9 => RescueBonus::set(Perbill::from_percent(u32::from(value) % 101)),
		10 => MaxDelayPenalty::set(Perbill::from_percent(u32::from(value) % 101)),
		11 => AveragingFactor::set(1 + u32::from(value)),
		_ => ProofBond::set(1 + 200 * Balance::from(value)),
	}
	matches!(parameter, 0 | 8)
}
