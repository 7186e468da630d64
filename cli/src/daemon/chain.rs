//! What the daemon reads of the chain.

use super::{
	nonces::{Account, Sent},
	work::View,
};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId, H256},
	client::Client,
	reads::{
		pool::{self, Assignment, Prover},
		rollup::{self, Block},
	},
	submit::LIFETIME,
	Error, Result,
};
use api::runtime_types::{
	pallet_block_proposal::pallet::Call as Proposal, pallet_sudo::pallet::Call as Sudo,
	pallet_utility::pallet::Call as Utility, prover_pool_runtime::RuntimeCall,
};
use sp_crypto_hashing::blake2_256;
use subxt::tx::Payload;

/// All that matters to a prover, after one block.
pub struct Snapshot {
	/// The chain after that block.
	pub at: At,
	/// The rollup.
	pub view: View,
	/// The account and its transactions.
	pub account: Account,
	/// The pool's own list of assignments that are not closed.
	pub assignments: Vec<(BlockId, Assignment)>,
	/// The account's slot, if it is in the pool.
	pub member: Option<Prover>,
	/// Its tokens on their way out of the pool.
	pub exiting: Balance,
	/// Its tokens that are neither staked nor held otherwise.
	pub free: Balance,
}

/// Reads it.
pub async fn snapshot(at: At, me: AccountId) -> Result<Snapshot> {
	let state = rollup::state(&at).await?;
	let (now, waiting, assignments, (staker, member), account, free) = futures::try_join!(
		rollup::now(&at),
		rollup::blocks(&at, state.head),
		pool::assignments(&at, me),
		pool::staker(&at, me),
		account(&at, me),
		free(&at, me),
	)?;
	let view = View { now, state, waiting };
	Ok(Snapshot { at, view, account, assignments, member, exiting: staker.exit_amount, free })
}

/// The account after a block.
pub async fn account(at: &At, who: AccountId) -> Result<Account> {
	Ok(Account { number: at.block_number(), nonce: at.tx().account_nonce(&who).await? })
}

async fn free(at: &At, who: AccountId) -> Result<Balance> {
	let account = api::storage().system().account();
	let value = at.storage().try_fetch(account, (who,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?.map_or(0, |account| account.data.free))
}

/// The hash of the block with this number, on the chain that the node thinks best.
pub async fn hash_of(client: &Client, number: u64) -> Result<Option<H256>> {
	Ok(client.rpc().chain_get_block_hash(Some(number.into())).await?)
}

/// A call that does nothing, to use up a nonce.
pub fn idle() -> impl Payload {
	api::transactions().system().remark(vec![])
}

/// What became of a transaction whose nonce is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
	/// It did what it should.
	Done,
	/// It is in a block, which found it wrong.
	Failed,
	/// Another transaction with its nonce is in a block.
	Replaced,
}

/// Looks for a transaction in all blocks that it can be in, the latest first.
pub async fn fate(client: &Client, best: u64, sent: &Sent) -> Result<Fate> {
	let first = (sent.valid_until + 1).saturating_sub(LIFETIME);
	for number in (first..=best.min(sent.valid_until)).rev() {
		let Some(hash) = hash_of(client, number).await? else { continue };
		let at = client.at(hash).await?;
		for extrinsic in at.extrinsics().fetch().await?.iter() {
			let extrinsic = extrinsic?;
			if extrinsic.bytes() == sent.extrinsic {
				let events = extrinsic.events().await?;
				let failed = events.has::<api::system::events::ExtrinsicFailed>();
				return Ok(if failed { Fate::Failed } else { Fate::Done });
			}
		}
	}
	Ok(Fate::Replaced)
}

/// The transaction list of a block that waits: an argument of the call that proposed it.
pub async fn list(client: &Client, snapshot: &Snapshot, id: BlockId) -> Result<Vec<u8>> {
	let missing = |why: &str| {
		Error::Incompatible(format!("the transaction list of block {id} is not found: {why}"))
	};
	let waiting = snapshot.view.waiting.iter().find(|(waiting, _)| *waiting == id);
	let (_, block) = waiting.ok_or_else(|| missing("it no longer waits"))?;
	let best = snapshot.at.block_number();
	// Every block of the chain turns the rollup's clock by one, but for those of migrations.
	let newest = best.saturating_sub(snapshot.view.now.saturating_sub(block.proposed_at).into());
	if let Some(list) = list_in(client, newest, block).await? {
		return Ok(list);
	}
	// The first block after which the id is taken.
	let (mut low, mut high) = (1, newest);
	while low < high {
		let middle = low + (high - low) / 2;
		let hash =
			hash_of(client, middle).await?.ok_or_else(|| missing("the chain has changed"))?;
		let taken = rollup::state(&client.at(hash).await?).await?.next_id > id;
		(low, high) = if taken { (low, middle) } else { (middle + 1, high) };
	}
	let list = list_in(client, low, block).await?;
	list.ok_or_else(|| missing("its proposal is wrapped in a call that this program does not know"))
}

/// The list with that hash, if it is proposed in the block with this number.
async fn list_in(client: &Client, number: u64, block: &Block) -> Result<Option<Vec<u8>>> {
	let Some(hash) = hash_of(client, number).await? else { return Ok(None) };
	let at = client.at(hash).await?;
	let mut lists = Vec::new();
	for extrinsic in at.extrinsics().fetch().await?.iter() {
		lists_of(extrinsic?.decode_call_data_as::<RuntimeCall>()?, &mut lists);
	}
	Ok(lists.into_iter().find(|list| blake2_256(list) == block.tx_list_hash.0))
}

/// All lists that a call proposes.
fn lists_of(call: RuntimeCall, lists: &mut Vec<Vec<u8>>) {
	match call {
		RuntimeCall::BlockProposal(Proposal::propose_block { tx_list, .. }) => lists.push(tx_list),
		RuntimeCall::Sudo(
			Sudo::sudo { call }
			| Sudo::sudo_unchecked_weight { call, .. }
			| Sudo::sudo_as { call, .. },
		) => lists_of(*call, lists),
		RuntimeCall::Utility(
			Utility::batch { calls }
			| Utility::batch_all { calls }
			| Utility::force_batch { calls },
		) => calls.into_iter().for_each(|call| lists_of(call, lists)),
		RuntimeCall::Utility(
			Utility::as_derivative { call, .. }
			| Utility::dispatch_as { call, .. }
			| Utility::dispatch_as_fallible { call, .. }
			| Utility::with_weight { call, .. },
		) => lists_of(*call, lists),
		RuntimeCall::Utility(Utility::if_else { main, fallback }) => {
			lists_of(*main, lists);
			lists_of(*fallback, lists);
		},
		_ => {},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn propose(list: u8) -> RuntimeCall {
		RuntimeCall::BlockProposal(Proposal::propose_block {
			tx_list: vec![list],
			gas_limit: 1,
			beneficiary: AccountId([1; 32]),
		})
	}

	#[test]
	fn lists_are_found_wherever_they_are_proposed() {
		let remark = RuntimeCall::System(api::runtime_types::frame_system::pallet::Call::remark {
			remark: vec![9],
		});
		let nested = RuntimeCall::Sudo(Sudo::sudo { call: Box::new(propose(2)) });
		let derived = Utility::as_derivative { index: 0, call: Box::new(propose(3)) };
		let calls = vec![remark, propose(1), nested, RuntimeCall::Utility(derived)];
		let mut lists = Vec::new();
		lists_of(RuntimeCall::Utility(Utility::batch { calls }), &mut lists);
		assert_eq!(lists, [[1], [2], [3]]);
	}
}
