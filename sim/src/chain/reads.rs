//! What agents read: the rollup, the pool, seeds and money.

use super::{execute, Chain, Draw, List, RightHashes};
use crate::{parameters::statics, runtime::*, tokens::Tokens};
use frame_support::traits::fungible::Inspect;
use pallet_block_proposal::{Block, Blocks, ChainStateOf, Claims, Execution};
use pallet_prover_pool::{DrawQueue, PendingSlashes, Provers, TrackRecord};
use pallet_vrf_accumulator::{Accumulator, VrfOutput};
use prover_pool_primitives::{BlockId, Gas, PricePerGas, ProverId, Selection};
use sp_core::{H256, U256};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

impl Chain {
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
		Tokens::balance(&who)
	}

	/// Returns what is on hold of an account.
	pub fn held(&self, who: AccountId) -> Balance {
		Tokens::total_balance(&who).saturating_sub(self.free(who))
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
				Tokens::total_balance(who) as i128 + outside
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
