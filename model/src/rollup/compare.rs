//! What the chain stores, put into the model's words.

use super::{
	model::ONE,
	model::{Assigned, Block, Duty, Model, PoolBooks, Proof, Stage},
	money::{Account, Money},
	runtime::{
		accounts, AccountId, Balance, Balances, BlockProposal, Event, ProverPool, Runtime,
		RuntimeHoldReason, System, FIRST_DELAY, FIRST_FEE, GENESIS_HASH,
	},
};
use frame_support::traits::fungible::{Inspect, InspectHold};
use pallet_block_proposal as rollup;
use pallet_prover_pool as pool;
use prover_pool_primitives::BlockId;
use std::collections::BTreeMap;

/// The model of a fresh chain.
pub fn new_model() -> Model {
	Model {
		params: BlockProposal::get_parameters(),
		clock: 0,
		next_id: 1,
		verified_id: 0,
		verified_hash: GENESIS_HASH,
		verified_at: 0,
		average_fee: u128::from(FIRST_FEE) * ONE,
		average_delay: u128::from(FIRST_DELAY) * ONE,
		blocks: BTreeMap::new(),
		money: money(),
		pool: pool_books(),
		events: Vec::new(),
		asked: Vec::new(),
		heard: Vec::new(),
		settled: Vec::new(),
	}
}

/// Everybody's tokens on the chain.
pub fn money() -> Money {
	let held = |reason: RuntimeHoldReason, who| Balances::balance_on_hold(&reason, &who);
	let account = |who: AccountId| Account {
		free: Balances::balance(&who),
		escrow: held(rollup::HoldReason::Escrow.into(), who),
		bond: held(rollup::HoldReason::ProofBond.into(), who),
		pool: held(pool::HoldReason::Staked.into(), who),
	};
	Money(accounts().map(|who| (who, account(who))).collect())
}

/// What the pool has on its books.
fn pool_books() -> PoolBooks {
	let requests = pool::DrawQueue::<Runtime>::get();
	let assignments = pool::Assignments::<Runtime>::iter();
	PoolBooks {
		requests: requests.iter().map(|r| (r.block_id, r.fee_per_gas)).collect(),
		assignments: assignments
			.map(|(id, a)| {
				let (prover, price, released) = (a.prover, a.reward_per_gas, a.released);
				(id, Assigned { prover, price, released })
			})
			.collect(),
	}
}

fn blocks() -> BTreeMap<BlockId, Block> {
	rollup::Blocks::<Runtime>::iter().map(|(id, block)| (id, in_words(block))).collect()
}

fn in_words(block: rollup::Block<Runtime>) -> Block {
	let stage = match block.status {
		rollup::Status::Pending => Stage::Pending,
		rollup::Status::Assigned(a) => Stage::Assigned(Duty {
			prover: a.prover,
			price: a.reward_per_gas,
			since: a.start,
			deadline: a.deadline,
			released: a.released,
			failed: a.failed,
		}),
		rollup::Status::Open { opened_at, frozen_reward } => {
			Stage::Open { since: opened_at, frozen: frozen_reward }
		},
	};
	let proofs = block.proofs.into_iter().map(|p| Proof {
		prover: p.prover,
		block_hash: p.block_hash,
		parent: p.parent_hash,
		gas_used: p.gas_used,
		price: p.reward_per_gas,
		bond: p.bond,
		at: p.proven_at,
	});
	Block {
		proposer: block.proposer,
		beneficiary: block.beneficiary,
		list_hash: block.tx_list_hash,
		gas_limit: block.gas_limit,
		fee: block.fee_per_gas,
		proposed_at: block.proposed_at,
		put_up: block.escrow.initial,
		held: block.escrow.held,
		stage,
		disputed_at: block.disputed_at,
		proofs: proofs.collect(),
		bars: block.barred.into_inner(),
	}
}

/// Checks that the chain reported and stores what the model says, and nothing else; and that the
/// invariants of both pallets hold. `uncovered`: a parameter that escrows depend on was changed while
/// blocks waited, which runtimes should not do, as their escrows need not cover them then.
pub fn assert_same(model: &Model, uncovered: bool, when: &str) {
	let events = System::read_events_for_pallet::<Event>();
	assert_eq!(events, model.events, "left: events of the chain, right: of the model; {when}");
	assert_eq!(model.heard, model.asked, "asked of the pool: heard, and expected; {when}");
	let blocks = blocks();
	for (id, block) in &blocks {
		assert_eq!(Some(block), model.blocks.get(id), "block {id}; {when}");
	}
	assert_eq!(blocks.len(), model.blocks.len(), "blocks that wait; {when}");

	let chain = rollup::Chain::<Runtime>::get();
	assert_eq!((chain.head, chain.next_id), (model.head(), model.next_id), "ids; {when}");
	let verified = (chain.verified_id, chain.verified_hash, chain.verified_at);
	let expected = (model.verified_id, model.verified_hash, model.verified_at);
	assert_eq!(verified, expected, "last verified; {when}");
	let counted = (chain.pending as usize, chain.open as usize);
	assert_eq!(counted, (model.pending_blocks(), model.open_blocks()), "counters; {when}");
	let pending: BTreeMap<AccountId, u32> = rollup::PendingOf::<Runtime>::iter().collect();
	for who in accounts() {
		let pending = pending.get(&who).copied().unwrap_or_default();
		assert_eq!(pending as usize, model.pending_of(who), "pending of {who}; {when}");
	}

	assert_eq!(rollup::Clock::<Runtime>::get(), model.clock, "the clock; {when}");
	let averages = rollup::Averages::<Runtime>::get();
	let averages = (averages.fee_per_gas.into_inner(), averages.delay.into_inner());
	assert_eq!(averages, (model.average_fee, model.average_delay), "averages; {when}");
	assert_eq!(BlockProposal::fee_per_gas(), model.fee(), "the fee; {when}");

	for (who, account) in money().0 {
		assert_eq!(Some(&account), model.money.0.get(&who), "the tokens of {who}; {when}");
	}
	let issuance: Balance = Balances::total_issuance();
	assert_eq!(issuance, model.money.issuance(), "the issuance; {when}");
	assert_eq!(pool_books(), model.pool, "the pool's books; {when}");
	let invariants = BlockProposal::do_try_state();
	if !uncovered || invariants != Err("an escrow does not cover its block".into()) {
		assert_eq!(invariants, Ok(()), "block-proposal; {when}");
	}
	assert_eq!(ProverPool::do_try_state(), Ok(()), "prover-pool; {when}");
}
