//! A chain in memory, as agents see it.
//!
//! [`Setup::run`] makes one on this thread and passes a [`Chain`]. A chain is always inside a block: agents
//! make calls, and [`Chain::pass_block`] ends the block and begins the next one.

mod setup;

pub use setup::{Member, Setup, FIRST_BLOCK};

use crate::{parameters::statics, runtime::*};
use frame_support::{
	traits::{fungible::Inspect, Hooks},
	weights::{Weight, WeightMeter},
	BoundedVec,
};
use pallet_block_proposal::{Block, Blocks, ChainStateOf, Claims, Execution, Status};
use pallet_prover_pool::{DrawQueue, ExitId, PendingSlashes, Provers, TrackRecord};
use pallet_vrf_accumulator::{Accumulator, VrfOutput};
use prover_pool_primitives::{
	BlockId, Capacity, DrawOutcome, Gas, OpenReason, PricePerGas, ProverId, Selection,
};
use sp_core::{H256, U256};
use sp_runtime::{
	traits::{BlakeTwo256, Dispatchable, Hash as _},
	DispatchResult,
};
use std::collections::HashMap;

type ProtocolCall = pallet_block_proposal::Call<Runtime>;
type PoolCall = pallet_prover_pool::Call<Runtime>;

/// What a proposal contains, as far as provers care.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct List {
	/// The limit that the proposer states and pays for.
	pub gas_limit: Gas,
	/// The gas that the block uses.
	pub gas_used: Gas,
	/// How long its proof takes, as a multiple of what its gas suggests.
	pub effort: f64,
}

impl List {
	/// Returns a list that uses this gas, states it, and takes as long as its gas suggests.
	pub fn of(gas: Gas) -> Self {
		Self { gas_limit: gas, gas_used: gas, effort: 1.0 }
	}
}

/// The result of a draw in the present block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
	/// The block.
	pub block_id: BlockId,
	/// The prover, the price agreed and the deadline by the protocol's clock; or why there is none.
	pub outcome: Result<(AccountId, PricePerGas, BlockNumber), OpenReason>,
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
	/// Blocks of the chain.
	pub chain_blocks: u64,
	/// Proposals accepted.
	pub proposed: u64,
	/// Blocks of the rollup verified.
	pub verified: u64,
	/// How often the last block that was verified had not the hash that its execution gives.
	pub wrong: u64,
	/// Skips.
	pub skipped: u64,
}

/// A chain, inside a block.
pub struct Chain {
	output: VrfOutput,
	draws: Vec<Draw>,
	lists: HashMap<BlockId, List>,
	right: RightHashes,
	outside: HashMap<AccountId, i128>,
	false_claims: Vec<(BlockId, Execution)>,
	counts: Counts,
}

/// The right hashes of blocks that wait.
#[derive(Default)]
struct RightHashes {
	/// The first block of `hashes`.
	first: BlockId,
	/// The hash of the parent of the first.
	parent: H256,
	hashes: Vec<H256>,
}

impl RightHashes {
	/// Returns the right hash of this block, if it is known.
	fn get(&self, block_id: BlockId) -> Option<H256> {
		match block_id.checked_sub(self.first) {
			None if block_id + 1 == self.first => Some(self.parent),
			None => None,
			Some(at) => self.hashes.get(at as usize).copied(),
		}
	}
}

/// Returns the right hash of a block on a parent.
pub fn execute(parent_hash: H256, block_id: BlockId) -> H256 {
	let mut bytes = [0; 40];
	bytes[..32].copy_from_slice(&parent_hash.0);
	bytes[32..].copy_from_slice(&block_id.to_le_bytes());
	sp_io::hashing::blake2_256(&bytes).into()
}

impl Chain {
	fn new() -> Self {
		Self {
			output: [0; 32],
			draws: Vec::new(),
			lists: HashMap::new(),
			right: RightHashes::default(),
			outside: HashMap::new(),
			false_claims: Vec::new(),
			counts: Counts::default(),
		}
	}

	// Time.

	/// Ends the present block and begins the next one, whose author's VRF output is `output`.
	pub fn pass_block(&mut self, output: VrfOutput) {
		let number = System::block_number();
		ProverPool::on_idle(number, Weight::MAX);
		self.settling(|| {
			BlockProposal::on_idle(number, Weight::MAX);
		});

		let number = number + 1;
		System::reset_events();
		System::set_block_number(number);
		ParentOutput::set(Some(self.output));
		self.output = output;
		VrfAccumulator::on_initialize(number);
		ProverPool::on_initialize(number);
		BlockProposal::on_poll(number, &mut WeightMeter::new());
		self.draws = DrawsOfBlock::take().into_iter().map(Self::draw_of).collect();
		self.counts.chain_blocks += 1;
	}

	fn draw_of((block_id, outcome): (BlockId, DrawOutcome<AccountId>)) -> Draw {
		let outcome = match outcome {
			DrawOutcome::Open { reason } => Err(reason),
			DrawOutcome::Assigned { prover, reward_per_gas } => {
				let deadline = match Blocks::<Runtime>::get(block_id).map(|block| block.status) {
					Some(Status::Assigned(assignment)) => assignment.deadline,
					_ => 0,
				};
				Ok((prover, reward_per_gas, deadline))
			},
		};
		Draw { block_id, outcome }
	}

	/// Runs what may settle blocks, and counts them.
	fn settling<R>(&mut self, settle: impl FnOnce() -> R) -> R {
		let before = self.rollup();
		let first = before.cancelled.map_or(before.head, |it| it.below.max(before.head));
		// The right hashes of all blocks that may be verified now.
		let right = self.right_hash(before.next_id.saturating_sub(1).max(before.head));
		let result = settle();
		let after = self.rollup();
		self.counts.verified += after.head.saturating_sub(first);
		if after.head > first && right.is_some() {
			let wrong = self.right.get(after.verified_id) != Some(after.verified_hash);
			self.counts.wrong += u64::from(wrong);
		}
		result
	}

	/// Returns the number of the present block.
	pub fn now(&self) -> BlockNumber {
		System::block_number()
	}

	/// Returns the reading of the protocol's clock.
	pub fn clock(&self) -> BlockNumber {
		pallet_block_proposal::Clock::<Runtime>::get()
	}

	/// Returns what has happened so far.
	pub fn counts(&self) -> Counts {
		self.counts
	}

	// Calls of accounts, through their origin. None is charged a fee.

	fn call(&self, who: AccountId, call: impl Into<RuntimeCall>) -> DispatchResult {
		let call: RuntimeCall = call.into();
		let result = call.dispatch(RuntimeOrigin::signed(who));
		result.map(|_| ()).map_err(|refused| refused.error)
	}

	fn root(&self, call: impl Into<RuntimeCall>) -> DispatchResult {
		let call: RuntimeCall = call.into();
		let result = call.dispatch(RuntimeOrigin::root());
		result.map(|_| ()).map_err(|refused| refused.error)
	}

	/// Enters the pool, or leaves it and enters again.
	pub fn stake(
		&mut self,
		who: AccountId,
		amount: Balance,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
	) -> DispatchResult {
		self.call(who, PoolCall::stake { amount, reward_per_gas, max_capacity })
	}

	/// Leaves the pool.
	pub fn exit(&mut self, who: AccountId) -> DispatchResult {
		self.call(who, PoolCall::exit {})
	}

	/// Pays out free exits.
	pub fn withdraw(&mut self, who: AccountId) -> DispatchResult {
		self.call(who, PoolCall::withdraw {})
	}

	/// Adds to the stake.
	pub fn stake_extra(&mut self, who: AccountId, amount: Balance) -> DispatchResult {
		self.call(who, PoolCall::stake_extra { amount })
	}

	/// Turns a part of the stake into an exit.
	pub fn unstake(&mut self, who: AccountId, amount: Balance) -> DispatchResult {
		self.call(who, PoolCall::unstake { amount })
	}

	/// Turns an exit back into stake.
	pub fn restake(&mut self, who: AccountId, exit: ExitId) -> DispatchResult {
		self.call(who, PoolCall::restake { exit })
	}

	/// Changes price and capacity.
	pub fn set_terms(
		&mut self,
		who: AccountId,
		reward_per_gas: PricePerGas,
		max_capacity: Capacity,
	) -> DispatchResult {
		self.call(who, PoolCall::set_terms { reward_per_gas, max_capacity })
	}

	/// Pauses a member.
	pub fn pause(&mut self, who: AccountId) -> DispatchResult {
		self.call(who, PoolCall::pause {})
	}

	/// Returns a member to draws.
	pub fn resume(&mut self, who: AccountId) -> DispatchResult {
		self.call(who, PoolCall::resume {})
	}

	/// Discharges the account's own assignment.
	pub fn self_discharge(&mut self, who: AccountId, block_id: BlockId) -> DispatchResult {
		self.call(who, PoolCall::discharge_prover { block_id })
	}

	/// Proposes a block. Returns its id.
	pub fn propose(
		&mut self,
		who: AccountId,
		list: List,
		max_fee_per_gas: PricePerGas,
	) -> Result<BlockId, sp_runtime::DispatchError> {
		let call = ProtocolCall::propose_block {
			tx_list: Vec::new(),
			gas_limit: list.gas_limit,
			beneficiary: who,
			max_fee_per_gas,
		};
		self.call(who, call)?;
		let block_id = self.rollup().next_id - 1;
		self.lists.insert(block_id, list);
		self.counts.proposed += 1;
		Ok(block_id)
	}

	/// Proves a block rightly, on the parent that the execution of all blocks before it gives.
	pub fn prove(&mut self, who: AccountId, block_id: BlockId) -> DispatchResult {
		let unknown = pallet_block_proposal::Error::<Runtime>::UnknownBlock;
		let block_hash = self.right_hash(block_id).ok_or(unknown)?;
		let parent_hash = self.right_parent(block_id).unwrap_or_default();
		let gas_used = self.list(block_id).gas_used;
		self.claim(who, block_id, parent_hash, block_hash, gas_used)
	}

	/// Makes a claim, with a valid proof if the claim is true, also on a wrong parent. If it is false, the
	/// verifier accepts it only while it is broken.
	pub fn claim(
		&mut self,
		who: AccountId,
		block_id: BlockId,
		parent_hash: H256,
		block_hash: H256,
		gas_used: Gas,
	) -> DispatchResult {
		let is_true = execute(parent_hash, block_id) == block_hash
			&& self.list(block_id).gas_used == gas_used;
		let proof = vec![if is_true { TRUE } else { !TRUE }];
		self.call(
			who,
			ProtocolCall::prove_block { block_id, parent_hash, block_hash, gas_used, proof },
		)?;
		if !is_true {
			self.false_claims.push((block_id, Execution { parent_hash, block_hash, gas_used }));
		}
		Ok(())
	}

	/// Opens a block that was not drawn in time.
	pub fn expire(&mut self, who: AccountId, block_id: BlockId) -> DispatchResult {
		self.call(who, ProtocolCall::expire_request { block_id })
	}

	/// Skips the head.
	pub fn skip(&mut self, who: AccountId, block_id: BlockId) -> DispatchResult {
		self.call(who, ProtocolCall::skip_block { block_id })?;
		self.counts.skipped += 1;
		Ok(())
	}

	/// Settles up to `max` blocks in a call.
	pub fn verify(&mut self, who: AccountId, max: u32) -> DispatchResult {
		let call = RuntimeCall::from(ProtocolCall::verify_blocks { max });
		self.settling(|| {
			let result = call.dispatch(RuntimeOrigin::signed(who));
			result.map(|_| ()).map_err(|refused| refused.error)
		})
	}

	/// Clears what is left of a settled block's claims on these parents, of as many as a call may clear.
	pub fn clear(&mut self, who: AccountId, block_id: BlockId, parents: &[H256]) -> DispatchResult {
		let parents = BoundedVec::truncate_from(parents.to_vec());
		self.call(who, ProtocolCall::clear_claims { block_id, parents })
	}

	// Calls of governance.

	/// Removes a wrong claim.
	pub fn dispute(
		&mut self,
		block_id: BlockId,
		parent_hash: H256,
		block_hash: H256,
		gas_used: Gas,
	) -> DispatchResult {
		self.root(ProtocolCall::dispute_claim { block_id, parent_hash, block_hash, gas_used })
	}

	/// Cancels a deferred slash.
	pub fn cancel_slash(&mut self, block_id: BlockId) -> DispatchResult {
		self.root(PoolCall::cancel_slash { block_id })
	}

	/// Pauses the protocol.
	pub fn pause_protocol(&mut self) -> DispatchResult {
		self.root(ProtocolCall::pause {})
	}

	/// Ends a pause of the protocol.
	pub fn unpause_protocol(&mut self) -> DispatchResult {
		self.root(ProtocolCall::unpause {})
	}

	/// Lets the rollup go on from this hash, while the protocol is paused.
	pub fn reset(&mut self, verified_hash: H256) -> DispatchResult {
		self.root(ProtocolCall::reset { verified_hash })
	}

	/// Breaks the verifier, or repairs it.
	pub fn set_verifier_broken(&mut self, broken: bool) {
		VerifierBroken::set(broken);
	}

	/// Revokes what vouched for all proofs, or registers it again.
	pub fn set_revoked(&mut self, revoked: bool) {
		Revoked::set(revoked);
	}

	// Reads.

	/// Returns the draws of the present block.
	pub fn draws(&self) -> &[Draw] {
		&self.draws
	}

	/// Returns the state of the rollup.
	pub fn rollup(&self) -> ChainStateOf<Runtime> {
		pallet_block_proposal::Chain::<Runtime>::get().expect("the genesis starts the protocol")
	}

	/// Returns a block that is not settled.
	pub fn block(&self, block_id: BlockId) -> Option<Block<Runtime>> {
		Blocks::<Runtime>::get(block_id)
	}

	/// Returns what was proposed as this block.
	pub fn list(&self, block_id: BlockId) -> List {
		self.lists.get(&block_id).copied().unwrap_or(List::of(0))
	}

	/// Returns the right hash of a block that waits and is not cancelled, by executing all blocks before
	/// it.
	pub fn right_hash(&mut self, block_id: BlockId) -> Option<H256> {
		let state = self.rollup();
		let base = state.cancelled.map_or(state.head, |it| it.below.max(state.head));
		if block_id < base || block_id >= state.next_id {
			return None;
		}
		if base == 0 || self.right.get(base - 1) != Some(state.verified_hash) {
			self.right =
				RightHashes { first: base, parent: state.verified_hash, hashes: Vec::new() };
		}
		if self.right.hashes.len() > 4_096 {
			let settled = (base - self.right.first) as usize;
			self.right.hashes.drain(..settled);
			self.right.first = base;
			self.right.parent = state.verified_hash;
		}
		while self.right.get(block_id).is_none() {
			let next = self.right.first + self.right.hashes.len() as u64;
			let parent = self.right.hashes.last().copied().unwrap_or(self.right.parent);
			self.right.hashes.push(execute(parent, next));
		}
		self.right.get(block_id)
	}

	/// Returns the right hash of the parent of such a block.
	pub fn right_parent(&mut self, block_id: BlockId) -> Option<H256> {
		self.right_hash(block_id)?;
		self.right.get(block_id.checked_sub(1)?)
	}

	/// Returns whether a block has a claim that is right on the right parent.
	pub fn has_right_claim(&mut self, block_id: BlockId) -> bool {
		let Some(block) = self.block(block_id) else { return false };
		let Some(block_hash) = self.right_hash(block_id) else { return false };
		let parent_hash = self.right_parent(block_id).unwrap_or_default();
		let right = Execution { parent_hash, block_hash, gas_used: self.list(block_id).gas_used };
		let is_right = |claim: &pallet_block_proposal::Claim<Runtime>| claim.execution == right;
		block.claim_in_time().is_some_and(is_right)
			|| (block.claims > 0
				&& Claims::<Runtime>::get(block_id, parent_hash).iter().any(is_right))
	}

	/// Returns the claims that a broken verifier has accepted although they are false, in their order.
	pub fn false_claims(&self) -> &[(BlockId, Execution)] {
		&self.false_claims
	}

	/// Returns the protocol's price of a proposal now, per gas.
	pub fn fee(&self) -> PricePerGas {
		BlockProposal::fee_per_gas()
	}

	/// Returns the cost of this much gas at this price, in base units.
	pub fn cost(&self, gas: Gas, price: PricePerGas) -> Balance {
		pallet_block_proposal::fees::cost(statics::BaseGas::get(), gas, price)
	}

	/// Returns what a claim of this block would pay per gas now.
	pub fn reward(&self, block_id: BlockId) -> Option<PricePerGas> {
		BlockProposal::reward_per_gas(block_id)
	}

	/// Returns the requests that wait: block, fee, and the first block of the chain in which it can be
	/// drawn.
	pub fn queue(&self) -> Vec<(BlockId, PricePerGas, BlockNumber)> {
		let due = |requested_in| requested_in + statics::DrawDelay::get() + 1;
		DrawQueue::<Runtime>::get()
			.iter()
			.map(|it| (it.block_id, it.fee_per_gas, due(it.requested_in)))
			.collect()
	}

	/// Returns the slot of a member.
	pub fn slot(&self, who: AccountId) -> Option<ProverId> {
		ProverPool::get_staker(who).prover.map(|row| row.prover_id)
	}

	/// Returns the stake of a member in base units, 0 of others.
	pub fn staked(&self, who: AccountId) -> Balance {
		ProverPool::get_staker(who).prover.map_or(0, |row| row.offer.stake)
	}

	/// Returns what the account did with its assignments.
	pub fn record(&self, who: AccountId) -> TrackRecord {
		ProverPool::get_staker(who).record
	}

	/// Returns each member's share of the weight in a draw of the next block at this fee.
	pub fn shares(&self, fee: PricePerGas) -> Vec<(AccountId, f64)> {
		let unit = pallet_prover_pool::SHARE_UNIT as f64;
		let rows = ProverPool::get_prover_weights(fee, 1, pallet_prover_pool::MAX_PAGE);
		let account = |slot| Provers::<Runtime>::get(slot).map_or(0, |it| it.account);
		rows.iter().map(|row| (account(row.prover_id), row.share as f64 / unit)).collect()
	}

	/// Returns this account's share of it.
	pub fn odds(&self, who: AccountId, fee: PricePerGas) -> f64 {
		self.shares(fee).iter().filter(|(it, _)| *it == who).map(|(_, share)| share).sum()
	}

	/// Returns whom a seed draws in the next block, if the members stay as they are.
	pub fn drawn_by(&self, fee: PricePerGas, seed: U256) -> Option<AccountId> {
		let lottery = <EditionLottery as Selection<Balance>>::open();
		let drawn = lottery.draw(fee, seed).ok()?;
		Provers::<Runtime>::get(drawn.prover_id).map(|prover| prover.account)
	}

	// Seeds.

	/// Returns the VRF output of the present block.
	pub fn output(&self) -> VrfOutput {
		self.output
	}

	/// Returns the seed of a block's draw in the block `ahead` blocks after the present one (at least 1), if
	/// `outputs` are those of the next blocks. `None` if they are too few.
	pub fn seed_ahead(&self, ahead: u64, outputs: &[VrfOutput], block_id: BlockId) -> Option<U256> {
		let new = outputs.get(..ahead.checked_sub(1)? as usize)?;
		let digest = Accumulator::<Runtime>::get().map(|it| it.digest).unwrap_or_default();
		let taken = std::iter::once(&self.output).chain(new);
		let digest = taken.fold(digest, |digest, output| BlakeTwo256::hash_of(&(digest, output)));
		let last = new.last().copied().unwrap_or(self.output);
		Some(seed_of(block_id, digest, last))
	}

	// Money.

	/// Returns the free tokens of an account.
	pub fn free(&self, who: AccountId) -> Balance {
		Balances::balance(&who)
	}

	/// Returns what is on hold of an account.
	pub fn held(&self, who: AccountId) -> Balance {
		Balances::total_balance(&who).saturating_sub(self.free(who))
	}

	/// Adds what an account earns or spends outside of the chain, in base units: the cost of proofs, the
	/// reward of a block of the chain that it lost.
	pub fn pay_outside(&mut self, who: AccountId, amount: i128) {
		*self.outside.entry(who).or_default() += amount;
	}

	/// Adds what an account earns or spends outside of the chain, in tokens.
	pub fn pay_tokens(&mut self, who: AccountId, tokens: f64) {
		self.pay_outside(who, (tokens * UNIT as f64) as i128);
	}

	/// Returns what an account owns in tokens: free and held, without slashes that wait, with rewards of
	/// such slashes, and with what it earned and spent outside.
	pub fn worth(&self, who: AccountId) -> f64 {
		self.worth_of(&[who])
	}

	/// Returns the same for several accounts together.
	pub fn worth_of(&self, accounts: &[AccountId]) -> f64 {
		let mut worth: i128 = accounts
			.iter()
			.map(|who| {
				let outside = self.outside.get(who).copied().unwrap_or(0);
				Balances::total_balance(who) as i128 + outside
			})
			.sum();
		for slash in PendingSlashes::<Runtime>::iter_values() {
			if accounts.contains(&slash.who) {
				worth -= slash.amount as i128;
			}
			if let Some((reporter, most)) = slash.reporter {
				if accounts.contains(&reporter) {
					worth += most.min(slash.amount) as i128;
				}
			}
		}
		worth as f64 / UNIT as f64
	}

	/// Checks every invariant of the pallets.
	///
	/// # Errors
	/// The sentence of the pallet.
	pub fn try_state(&self) -> Result<(), String> {
		pallet_prover_lottery::Pallet::<Runtime>::do_try_state().map_err(String::from)?;
		ProverPool::do_try_state().map_err(|error| format!("{error:?}"))?;
		BlockProposal::do_try_state().map_err(|error| format!("{error:?}"))?;
		VrfAccumulator::do_try_state().map_err(|error| format!("{error:?}"))
	}
}
