//! Compares the state of the chain with the model's.

use super::{
	model::{Assigned, Block, Claim, Model, PoolRecords},
	money::{Account, Money},
	rules::Rule,
	runtime::{
		accounts, AccountId, Balance, Balances, BlockProposal, Event, ProverPool, Runtime,
		RuntimeHoldReason, System, Time,
	},
};
use frame_support::traits::fungible::{Inspect, InspectHold};
use pallet_block_proposal::{self as rollup, ChainState, Leftover};
use pallet_prover_pool as pool;
use prover_pool_primitives::BlockId;
use sp_core::H256;
use std::collections::BTreeMap;

/// Returns the model of a chain without a rollup. It breaks a rule, if one is given.
pub fn new_model(broken: Option<Rule>) -> Model {
	Model {
		broken,
		number: System::block_number(),
		clock: 0,
		started: false,
		next_id: 1,
		verified_id: 0,
		verified_hash: H256::zero(),
		head_since: 0,
		cancelled: None,
		paused_until: None,
		average_fee: 0,
		average_delay: 0,
		fee_at_start: 0,
		blocks: BTreeMap::new(),
		claims: BTreeMap::new(),
		leftovers: BTreeMap::new(),
		money: money(),
		pool: pool_records(),
		events: Vec::new(),
		asks: Vec::new(),
		asked: Vec::new(),
		ends: Vec::new(),
		is_free: false,
	}
}

/// Returns the tokens of all accounts on the chain.
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

/// Returns the blocks and parents with claims of others, in the order of the chain's storage.
pub fn claims_in_order() -> Vec<(BlockId, H256)> {
	rollup::Claims::<Runtime>::iter_keys().collect()
}

fn pool_records() -> PoolRecords {
	let requests = pool::DrawQueue::<Runtime>::get();
	let assignments = pool::Assignments::<Runtime>::iter();
	PoolRecords {
		requests: requests.iter().map(|r| (r.block_id, r.fee_per_gas)).collect(),
		assignments: assignments
			.map(|(id, a)| {
				let (prover, price, released) = (a.prover, a.reward_per_gas, a.released);
				(id, Assigned { prover, price, released })
			})
			.collect(),
	}
}

impl Model {
	fn chain_state(&self) -> Option<ChainState<Time>> {
		self.started.then(|| ChainState {
			next_id: self.next_id,
			head: self.head(),
			verified_id: self.verified_id,
			verified_hash: self.verified_hash,
			head_since: self.head_since,
			pending: self.pending_blocks() as u32,
			open: self.open_blocks() as u32,
			cancelled: self.cancelled,
		})
	}

	fn stored_blocks(&self) -> BTreeMap<BlockId, Block> {
		let count = |id: &BlockId| self.claims.get(id).map_or(0, Vec::len) as u32;
		let stored =
			|(id, block): (&BlockId, &Block)| (*id, Block { claims: count(id), ..block.clone() });
		self.blocks.iter().map(stored).collect()
	}

	fn stored_claims(&self) -> BTreeMap<(BlockId, H256), Vec<Claim>> {
		let mut stored = BTreeMap::<_, Vec<Claim>>::new();
		for (id, claims) in &self.claims {
			for claim in claims {
				stored.entry((*id, claim.execution.parent_hash)).or_default().push(claim.clone());
			}
		}
		stored
	}
}

/// Checks that the chain's events and storage are those of the model, and that the invariants of both
/// pallets hold. `uncovered`: a parameter that escrows depend on changed while
/// blocks waited, so that the escrows need not cover them.
pub fn assert_same(model: &Model, uncovered: bool, when: &str) {
	let events = System::read_events_for_pallet::<Event>();
	assert_eq!(events, model.events, "left: events of the chain, right: of the model; {when}");
	assert_eq!(model.asked, model.asks, "left: asked of the pool, right: expected; {when}");
	assert_eq!(rollup::Chain::<Runtime>::get(), model.chain_state(), "the chain state; {when}");
	let blocks: BTreeMap<BlockId, Block> = rollup::Blocks::<Runtime>::iter().collect();
	assert_eq!(blocks, model.stored_blocks(), "blocks; {when}");
	let claims = rollup::Claims::<Runtime>::iter();
	let claims: BTreeMap<_, Vec<Claim>> =
		claims.map(|(id, parent, claims)| ((id, parent), claims.into_inner())).collect();
	assert_eq!(claims, model.stored_claims(), "claims of others; {when}");
	let leftovers: BTreeMap<BlockId, Leftover> = rollup::Leftovers::<Runtime>::iter().collect();
	assert_eq!(leftovers, model.leftovers, "claims of settled blocks; {when}");
	let pending: BTreeMap<AccountId, u32> = rollup::PendingOf::<Runtime>::iter().collect();
	for who in accounts() {
		let pending = pending.get(&who).copied().unwrap_or_default();
		assert_eq!(pending as usize, model.pending_of(who), "pending of {who}; {when}");
	}

	assert_eq!(rollup::Clock::<Runtime>::get(), model.clock, "the clock; {when}");
	assert_eq!(rollup::PausedUntil::<Runtime>::get(), model.paused_until, "the pause; {when}");
	let averages = rollup::Averages::<Runtime>::get();
	let averages = (averages.fee_per_gas.into_inner(), averages.delay.into_inner());
	assert_eq!(averages, (model.average_fee, model.average_delay), "averages; {when}");
	if model.started {
		assert_eq!(BlockProposal::fee_per_gas(), model.fee(), "the fee; {when}");
	}

	for (who, account) in money().0 {
		assert_eq!(Some(&account), model.money.0.get(&who), "the tokens of {who}; {when}");
	}
	let issuance: Balance = Balances::total_issuance();
	assert_eq!(issuance, model.money.issuance(), "the issuance; {when}");
	assert_eq!(pool_records(), model.pool, "the pool's records; {when}");
	let invariants = BlockProposal::do_try_state();
	if !uncovered || invariants != Err("an escrow does not cover its block".into()) {
		assert_eq!(invariants, Ok(()), "block-proposal; {when}");
	}
	assert_eq!(ProverPool::do_try_state(), Ok(()), "prover-pool; {when}");
}
