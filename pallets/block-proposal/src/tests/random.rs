//! A long random life: every call, every clock, vandals among honest provers. After each step all
//! invariants hold, no token is lost, and the events of every block add up to the base unit.

use crate::mock::*;
use frame_support::{
	assert_ok,
	storage::with_storage_layer,
	traits::fungible::{Inspect, Mutate},
	traits::tokens::Preservation,
	weights::Weight,
};
use prover_pool_primitives::BlockId;
use sp_core::H256;
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

/// A deterministic source of choices: SplitMix64.
struct Choices(u64);

impl Choices {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound.max(1)
	}

	fn one_in(&mut self, n: u64) -> bool {
		self.below(n) == 0
	}

	fn of<Item: Clone>(&mut self, items: &[Item]) -> Item {
		items[self.below(items.len() as u64) as usize].clone()
	}
}

const PROPOSERS: [AccountId; 3] = [PROPOSER, BENEFICIARY, 21];
const PROVERS: [AccountId; 8] = [ASSIGNED, 11, 12, RESCUER, 21, 30, 31, 32];
const STAKERS: [AccountId; 3] = [ASSIGNED, 11, 12];

/// What the events of blocks that are not settled have said so far.
#[derive(Default)]
struct Ledger {
	escrows: BTreeMap<BlockId, Balance>,
	bonds: BTreeMap<BlockId, Balance>,
	verdicts: BTreeMap<String, u32>,
	skipped: u32,
	restarted: u32,
}

impl Ledger {
	fn take_in(&mut self, event: Event) {
		match event {
			Event::BlockProposed { block_id, escrow, .. } => {
				self.escrows.insert(block_id, escrow);
			},
			Event::BlockProven { block_id, bond, .. } => {
				*self.bonds.entry(block_id).or_default() += bond;
			},
			Event::BondSettled { block_id, returned, forfeited, .. } => {
				assert!(returned == 0 || forfeited == 0);
				*self.bonds.get_mut(&block_id).unwrap() -= returned + forfeited;
			},
			Event::BlockVerified { block_id, paid, returned, forfeited, verdict, .. } => {
				self.settle(block_id, paid + returned + forfeited);
				*self.verdicts.entry(format!("{verdict:?}")).or_default() += 1;
			},
			Event::BlockSkipped { block_id, returned, forfeited } => {
				self.settle(block_id, returned + forfeited);
				self.skipped += 1;
			},
			Event::WindowRestarted { .. } => self.restarted += 1,
			_ => {},
		}
	}

	/// Held at proposal = paid from escrow + returned + forfeited, and no bond is left over.
	fn settle(&mut self, block_id: BlockId, where_it_went: Balance) {
		assert_eq!(self.escrows.remove(&block_id), Some(where_it_went));
		assert_eq!(self.bonds.remove(&block_id).unwrap_or_default(), 0);
	}
}

fn some_block(choices: &mut Choices) -> BlockId {
	// Mostly one that waits, mostly near the head, now and then nonsense.
	let waiting = u64::from(chain().unverified());
	let near = if choices.one_in(4) { waiting + 2 } else { waiting.min(4) };
	chain().head.saturating_sub(1) + choices.below(near + 1)
}

/// A parent that is there, if possible: of all forks, or nonsense.
fn some_parent(choices: &mut Choices, id: BlockId) -> (BlockId, H256) {
	if choices.one_in(20) {
		return (choices.next(), H256::repeat_byte(choices.next() as u8));
	}
	let before = choices.below(4).min(id.saturating_sub(chain().head));
	let parent_id = id.saturating_sub(before.max(1));
	match Blocks::<Test>::get(parent_id) {
		Some(parent) if !parent.proofs.is_empty() && !choices.one_in(3) => {
			(parent_id, choices.of(&parent.proofs).block_hash)
		},
		_ => (0, chain().verified_hash),
	}
}

fn prove_something(choices: &mut Choices) -> DispatchResult {
	let id = some_block(choices);
	let (parent_id, parent) = some_parent(choices, id);
	let assigned = Blocks::<Test>::get(id).and_then(|b| b.assignment().map(|a| a.prover));
	let who = match assigned {
		Some(prover) if !choices.one_in(4) => prover,
		_ => choices.of(&PROVERS),
	};
	let Some(block) = Blocks::<Test>::get(id) else {
		return prove(who, id, parent);
	};
	let mut claim = evidence(id, parent);
	claim.tx_list_hash = block.tx_list_hash;
	claim.gas_used = choices.below(u64::from(block.gas_limit) + 2) as u32;
	if choices.one_in(8) {
		claim.block_hash = H256::repeat_byte(choices.below(4) as u8);
	}
	prove_with(who, id, parent_id, claim)
}

/// What a prover does that does its duty: the first block of the chain that nobody proved, if it
/// may.
fn prove_dutifully() -> DispatchResult {
	let mut tip = (0, chain().verified_hash);
	for id in chain().head..chain().next_id {
		let next = block(id);
		match next.earliest_on(tip.1) {
			Some(place) => tip = (id, next.proofs[place].block_hash),
			None => {
				let who = next.assignment().map_or(RESCUER, |a| a.prover);
				let mut claim = evidence(id, tip.1);
				claim.tx_list_hash = next.tx_list_hash;
				claim.gas_used = next.gas_limit / 2;
				return prove_with(who, id, tip.0, claim);
			},
		}
	}
	Ok(())
}

fn dispute_something(choices: &mut Choices) -> DispatchResult {
	let id = some_block(choices);
	let Some(block) = Blocks::<Test>::get(id).filter(|b| !b.proofs.is_empty()) else {
		return Ok(());
	};
	let proof = choices.of(&block.proofs);
	BlockProposal::dispute_proof(RuntimeOrigin::root(), id, proof.parent_hash, proof.prover)
		.map(|_| ())
		.map_err(|e| e.error)
}

fn change_the_pool(choices: &mut Choices) -> DispatchResult {
	let who = choices.of(&STAKERS);
	match choices.below(4) {
		0 => ProverPool::exit(signed(who)),
		1 => ProverPool::withdraw(signed(who)),
		_ => {
			let (stake, price) = (choices.below(40_000_000).into(), 60 + choices.below(90) as u32);
			ProverPool::stake(signed(who), stake, price, 1 + choices.below(6) as u32)
		},
	}
}

/// Accounts lose their free funds, and get them again.
fn shuffle_funds(choices: &mut Choices) -> DispatchResult {
	let who = choices.of(&PROVERS);
	let all = Balances::reducible_balance(
		&who,
		Preservation::Expendable,
		frame_support::traits::tokens::Fortitude::Polite,
	);
	if choices.one_in(3) {
		Balances::transfer(&who, &TREASURY, all, Preservation::Expendable)?;
	} else {
		let some = choices.below(50_000_000).into();
		Balances::transfer(&TREASURY, &who, some, Preservation::Preserve)?;
	}
	Ok(())
}

fn step(choices: &mut Choices) -> DispatchResult {
	match choices.below(100) {
		0..=17 => {
			let list = choices.next().to_le_bytes()[..choices.below(9) as usize].to_vec();
			let gas_limit = choices.below(u64::from(MaxGasLimit::get()) + 20) as u32;
			let who = choices.of(&PROPOSERS);
			BlockProposal::propose_block(signed(who), list, gas_limit, BENEFICIARY)
		},
		18..=40 => prove_dutifully(),
		41..=57 => prove_something(choices),
		58..=63 => BlockProposal::verify_blocks(signed(RESCUER), choices.below(4) as u32)
			.map(|_| ())
			.map_err(|e| e.error),
		64..=67 => BlockProposal::expire_request(signed(RESCUER), some_block(choices)),
		68..=73 => BlockProposal::skip_block(signed(RESCUER), some_block(choices))
			.map(|_| ())
			.map_err(|e| e.error),
		74..=76 => dispute_something(choices),
		77..=80 => change_the_pool(choices),
		81..=83 => shuffle_funds(choices),
		84 => {
			Seed::set((!choices.one_in(3)).then_some([choices.next() as u8; 32]));
			Ok(())
		},
		85 => {
			Admitting::set(!choices.one_in(4));
			Ok(())
		},
		_ => {
			let weight = Weight::from_parts(choices.below(3_000_000_000), u64::MAX);
			IdleWeight::set(if choices.one_in(3) { Weight::zero() } else { weight });
			let blocks = if choices.one_in(25) { 35 } else { 1 + choices.below(2) };
			(0..blocks).for_each(|_| next_block());
			Ok(())
		},
	}
}

fn live(seed: u64, steps: u32) -> (Ledger, BTreeMap<String, u32>) {
	let mut choices = Choices(seed);
	let mut ledger = Ledger::default();
	let mut refusals = BTreeMap::<String, u32>::new();
	let provers = vec![(ASSIGNED, 30_000_000, 90, 4), (11, 20_000_000, 110, 3)];
	ExtBuilder::default()
		.provers(provers)
		.delay(8)
		.with(|| AveragingFactor::set(50))
		.build_and_execute(|| {
			let issuance = Balances::total_issuance();
			for n in 0..steps {
				// As a call is dispatched: all or nothing.
				let outcome = with_storage_layer(|| step(&mut choices));
				if let Err(error) = outcome {
					let name: &'static str = error.into();
					*refusals.entry(name.into()).or_default() += 1;
				}
				events().into_iter().for_each(|event| ledger.take_in(event));
				assert_eq!(BlockProposal::do_try_state(), Ok(()), "step {n} of seed {seed}");
				assert_eq!(Balances::total_issuance(), issuance, "step {n} of seed {seed}");
				let escrows: Balance =
					PROPOSERS.iter().map(|who| held(HoldReason::Escrow, *who)).sum();
				let stored: Balance = Blocks::<Test>::iter_values().map(|b| b.escrow.held).sum();
				assert_eq!(escrows, stored);
				let bonds: Balance = frame_system::Account::<Test>::iter_keys()
					.map(|who| held(HoldReason::ProofBond, who))
					.sum();
				assert_eq!(bonds, ledger.bonds.values().sum::<Balance>());
			}
			// Whatever happened, the rollup can be brought to rest, and then holds nothing.
			Admitting::set(true);
			Seed::set(None);
			while chain().unverified() > 0 {
				run_for(MaxProofWindow::get() + ExpiryPeriod::get() + Cooldown::get() + 2);
				let _ = BlockProposal::verify_blocks(signed(RESCUER), 100);
				let _ = BlockProposal::expire_request(signed(RESCUER), chain().head);
				let _ = BlockProposal::skip_block(signed(RESCUER), chain().head);
				events().into_iter().for_each(|event| ledger.take_in(event));
				assert_ok!(BlockProposal::do_try_state());
			}
			assert!(ledger.escrows.is_empty() && ledger.bonds.is_empty());
			for who in frame_system::Account::<Test>::iter_keys() {
				assert_eq!(held(HoldReason::Escrow, who), 0);
				assert_eq!(held(HoldReason::ProofBond, who), 0);
			}
		});
	(ledger, refusals)
}

#[test]
fn a_random_life_conserves_everything() {
	let (mut verdicts, mut skipped, mut restarted) = (BTreeMap::new(), 0, 0);
	let mut refusals = BTreeMap::<String, u32>::new();
	for seed in 1..=6 {
		let (ledger, refused) = live(seed, 1_500);
		for (verdict, count) in ledger.verdicts {
			*verdicts.entry(verdict).or_insert(0) += count;
		}
		for (name, count) in refused {
			*refusals.entry(name).or_default() += count;
		}
		skipped += ledger.skipped;
		restarted += ledger.restarted;
	}
	println!("{verdicts:?}, {skipped} skipped, {restarted} restarted; refused: {refusals:?}");
	// It would prove little if the life were dull.
	for verdict in ["InTime", "Failed", "Rescued", "Open"] {
		assert!(verdicts.get(verdict).is_some_and(|count| *count > 5), "{verdict}: {verdicts:?}");
	}
	assert!(skipped > 5 && restarted > 5, "{skipped} skipped, {restarted} restarted");
	assert!(refusals.len() > 15, "{refusals:?}");
}
