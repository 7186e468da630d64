//! The calls that accounts and governance make, through their origin. None is charged a fee.

use super::{execute, Chain, List};
use crate::runtime::*;
use frame_support::BoundedVec;
use pallet_block_proposal::Execution;
use pallet_prover_pool::ExitId;
use prover_pool_primitives::{BlockId, Capacity, Gas, PricePerGas};
use sp_core::H256;
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

type ProtocolCall = pallet_block_proposal::Call<Runtime>;
type PoolCall = pallet_prover_pool::Call<Runtime>;

impl Chain {
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
	) -> Result<BlockId, DispatchError> {
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
}
