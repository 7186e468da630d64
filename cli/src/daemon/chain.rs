//! The chain as the daemon reads it.

use super::{
	nonces::{Account, Sent},
	work::View,
};
use crate::{
	chain::{api, AccountId, At, Balance, BlockId, Config, H256},
	client::Client,
	reads::{
		pool::{self, AssignmentRow, StakerRow},
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
use subxt::{
	client::{ClientAtBlock, OfflineClientAtBlockT},
	tx::Payload,
};

/// Everything that matters to a prover, after one block.
pub struct Snapshot {
	/// The chain after that block.
	pub at: At,
	/// The rollup.
	pub view: View,
	/// The account's nonce.
	pub account: Account,
	/// The pool's own list of assignments that are not closed.
	pub assignments: Vec<AssignmentRow>,
	/// The account's record in the pool.
	pub staker: StakerRow,
	/// The account's free tokens.
	pub free: Balance,
}

impl Snapshot {
	/// Returns the stake; 0 if the account is not a member.
	pub fn stake(&self) -> Balance {
		self.staker.prover.as_ref().map_or(0, |member| member.offer.stake)
	}

	/// Returns the sum of the exits.
	pub fn exiting(&self) -> Balance {
		self.staker.exits.iter().map(|exit| exit.amount).sum()
	}
}

/// Reads everything that matters to `me`.
pub async fn snapshot(at: At, me: AccountId) -> Result<Snapshot> {
	let state = rollup::state(&at).await?;
	let (now, waiting, assignments, staker, account, free) = futures::try_join!(
		rollup::now(&at),
		rollup::blocks(&at, state.head),
		pool::assignments(&at, me),
		pool::staker(&at, me),
		account(&at, me),
		free(&at, me),
	)?;
	let view = View { now, state, waiting };
	Ok(Snapshot { at, view, account, assignments, staker, free })
}

/// Returns the account after a block.
pub async fn account(at: &At, who: AccountId) -> Result<Account> {
	Ok(Account { number: at.block_number(), nonce: at.tx().account_nonce(&who).await? })
}

async fn free(at: &At, who: AccountId) -> Result<Balance> {
	let account = api::storage().system().account();
	let value = at.storage().try_fetch(account, (who,)).await?;
	Ok(value.map(|value| value.decode()).transpose()?.map_or(0, |account| account.data.free))
}

/// Returns the hash of the block with this number on the node's best chain.
pub async fn hash_of(client: &Client, number: u64) -> Result<Option<H256>> {
	Ok(client.rpc().chain_get_block_hash(Some(number.into())).await?)
}

/// Returns a call that does nothing, to use up a nonce.
pub fn idle() -> impl Payload {
	api::transactions().system().remark(vec![])
}

/// The outcome of a transaction whose nonce is used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TxOutcome {
	/// It is in a block and succeeded.
	Succeeded,
	/// It is in a block and failed.
	Failed,
	/// Another transaction with its nonce is in a block.
	Replaced,
}

/// Looks for a transaction in all blocks that can include it, latest first.
pub async fn tx_outcome(client: &Client, best: u64, sent: &Sent) -> Result<TxOutcome> {
	let first = (sent.valid_until + 1).saturating_sub(LIFETIME);
	for number in (first..=best.min(sent.valid_until)).rev() {
		let Some(hash) = hash_of(client, number).await? else { continue };
		let at = client.at(hash).await?;
		for extrinsic in at.extrinsics().fetch().await?.iter() {
			let extrinsic = extrinsic?;
			if extrinsic.bytes() == sent.extrinsic {
				let events = extrinsic.events().await?;
				let failed = events.has::<api::system::events::ExtrinsicFailed>();
				return Ok(if failed { TxOutcome::Failed } else { TxOutcome::Succeeded });
			}
		}
	}
	Ok(TxOutcome::Replaced)
}

/// Returns the transaction list of an unverified block: an argument of the call that proposed it.
///
/// It reads bodies of blocks only. By default nodes keep all of them, but the states of a few
/// hundred blocks.
pub async fn list(client: &Client, snapshot: &Snapshot, id: BlockId) -> Result<Vec<u8>> {
	/// The most blocks that migrations of the runtime take.
	const MIGRATIONS: u64 = 32;
	let missing = |why: &str| {
		Error::Incompatible(format!("cannot find the transaction list of block {id}: {why}"))
	};
	let waiting = snapshot.view.waiting.iter().find(|(waiting, _)| *waiting == id);
	let (_, block) = waiting.ok_or_else(|| missing("the block is not unverified any more"))?;
	let best = snapshot.at.block_number();
	// Every block of the chain advances the rollup's clock by one, except those of migrations.
	let newest = best.saturating_sub(snapshot.view.now.saturating_sub(block.proposed_at).into());
	for number in (newest.saturating_sub(MIGRATIONS)..=newest).rev() {
		if let Some(list) = list_in(client, &snapshot.at, number, block).await? {
			return Ok(list);
		}
	}
	Err(missing(
		"the node has forgotten the block with its proposal, or the proposal is inside a call that this \
		 program does not know",
	))
}

/// Returns the list with that hash, if the block with this number proposes it.
async fn list_in(
	client: &Client,
	best: &At,
	number: u64,
	block: &Block,
) -> Result<Option<Vec<u8>>> {
	let Some(hash) = hash_of(client, number).await? else { return Ok(None) };
	let Some(details) = client.rpc().chain_get_block(Some(hash)).await? else { return Ok(None) };
	let body: Vec<_> = details.block.extrinsics.into_iter().map(|bytes| bytes.0).collect();
	let wanted = |list: &Vec<u8>| blake2_256(list) == block.tx_list_hash.0;
	if let Some(list) = lists_of_body(best, body.clone()).await.into_iter().find(wanted) {
		return Ok(Some(list));
	}
	// The block may be older than the present runtime. Its own is known if its state is.
	let Ok(then) = client.at(hash).await else { return Ok(None) };
	if then.spec_version() == best.spec_version() {
		return Ok(None);
	}
	Ok(lists_of_body(&then, body).await.into_iter().find(wanted))
}

/// Returns all lists that this body proposes, as a runtime decodes it. Calls that this program does
/// not know, such as those of newer pallets, are skipped.
async fn lists_of_body<C>(at: &ClientAtBlock<Config, C>, body: Vec<Vec<u8>>) -> Vec<Vec<u8>>
where
	C: OfflineClientAtBlockT<Config>,
{
	let mut lists = Vec::new();
	for extrinsic in at.extrinsics().from_bytes(body).await.iter().flatten() {
		if let Ok(call) = extrinsic.decode_call_data_as::<RuntimeCall>() {
			lists_of(call, &mut lists);
		}
	}
	lists
}

/// Collects all lists that a call proposes.
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
	use std::sync::Arc;
	use subxt::{
		client::{OfflineClient, OfflineClientAtBlock},
		config::substrate::SpecVersionForRange,
		ext::codec::Encode,
		Metadata,
	};

	/// Returns the chain as this program knows it, without a node.
	fn chain() -> OfflineClientAtBlock<Config> {
		let metadata = Metadata::decode_from(include_bytes!("../../metadata.scale")).unwrap();
		let versions = SpecVersionForRange {
			block_range: 0..u64::MAX,
			spec_version: 1,
			transaction_version: 1,
		};
		let config = Config::builder()
			.set_metadata_for_spec_versions([(1, Arc::new(metadata))])
			.set_spec_version_for_block_ranges([versions])
			.build();
		OfflineClient::new_with_config(config).at_block(1u64).unwrap()
	}

	/// Returns an unsigned extrinsic.
	fn bare(call: Vec<u8>) -> Vec<u8> {
		[vec![4], call].concat().encode()
	}

	/// After an upgrade there may be calls that this program does not know.
	#[tokio::test]
	async fn a_list_is_found_among_calls_that_are_not_known() {
		let chain = chain();
		let call =
			api::transactions().block_proposal().propose_block(vec![7], 1, AccountId([1; 32]));
		let call = chain.tx().call_data(&call).unwrap();
		let foreign = [bare(vec![250, 0, 1]), bare(vec![]), vec![1, 2, 3], vec![]];
		let body = [foreign.to_vec(), vec![bare(call)], foreign.to_vec()].concat();
		assert_eq!(lists_of_body(&chain, body).await, [[7]]);
	}

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
