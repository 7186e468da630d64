//! Proposals in the chain's blocks: the transaction lists are arguments of calls.

use crate::{
	chain::{api, AccountId, At, Config, H256},
	client::Client,
	execution::Proposal,
	Error, Result,
};
use api::runtime_types::{
	pallet_block_proposal::pallet::Call as Protocol, pallet_sudo::pallet::Call as Sudo,
	pallet_utility::pallet::Call as Utility, prover_pool_runtime::RuntimeCall,
};
use sp_crypto_hashing::sha2_256;
use subxt::client::{ClientAtBlock, OfflineClientAtBlockT};

/// The most blocks during which the rollup's clock may have stood still since a proposal: those of
/// migrations, and of a pause.
const STANDSTILL: u64 = 1024;

/// A call that proposes a block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProposeCall {
	/// The transaction list.
	pub tx_list: Vec<u8>,
	/// The most gas that the block may use.
	pub gas_limit: u32,
	/// The account that earns the rollup's fees.
	pub beneficiary: AccountId,
}

impl ProposeCall {
	/// Returns the hash of the list.
	pub fn tx_list_hash(&self) -> H256 {
		sha2_256(&self.tx_list).into()
	}
}

/// Returns the calls of the block of the chain that proposes an unverified block, among them its
/// own. `age` is the time since the proposal, by the rollup's clock.
///
/// This reads bodies of blocks only. By default nodes keep all of them, but the states of a few
/// hundred blocks.
pub async fn calls_with(
	client: &Client,
	best: &At,
	proposal: &Proposal,
	age: u32,
) -> Result<Vec<ProposeCall>> {
	let newest = best.block_number().saturating_sub(age.into());
	for number in (newest.saturating_sub(STANDSTILL)..=newest).rev() {
		let calls = calls_in(client, best, number, proposal.tx_list_hash).await?;
		if calls.iter().any(|call| call.tx_list_hash() == proposal.tx_list_hash) {
			return Ok(calls);
		}
	}
	Err(Error::Incompatible(format!(
		"cannot find the transaction list of block {}: {} does not have the body of the block that \
		 proposed it (name a node that keeps all bodies, `--blocks-pruning archive-canonical`), or the \
		 proposal is inside a call that this program does not know",
		proposal.block_id,
		client.url()
	)))
}

/// Returns the proposals in the block of the chain with this number, as the best block's runtime
/// decodes them; as its own does, if that finds the wanted list. Empty if the node does not have
/// the body.
pub async fn calls_in(
	client: &Client,
	best: &At,
	number: u64,
	wanted: H256,
) -> Result<Vec<ProposeCall>> {
	let Some(hash) = client.block_hash(number).await? else { return Ok(Vec::new()) };
	let Some(details) = client.rpc().chain_get_block(Some(hash)).await? else {
		return Ok(Vec::new());
	};
	let body: Vec<_> = details.block.extrinsics.into_iter().map(|bytes| bytes.0).collect();
	let calls = calls_of_body(best, body.clone()).await;
	if calls.iter().any(|call| call.tx_list_hash() == wanted) {
		return Ok(calls);
	}
	// The block may be older than the present runtime. Its own is known if its state is.
	match client.at(hash).await {
		Ok(then) if then.spec_version() != best.spec_version() => {
			Ok(calls_of_body(&then, body).await)
		},
		_ => Ok(calls),
	}
}

/// Returns all proposals in this body, as a runtime decodes it. Calls that this program does not
/// know, such as those of newer pallets, are skipped.
async fn calls_of_body<C>(at: &ClientAtBlock<Config, C>, body: Vec<Vec<u8>>) -> Vec<ProposeCall>
where
	C: OfflineClientAtBlockT<Config>,
{
	let mut found = Vec::new();
	for extrinsic in at.extrinsics().from_bytes(body).await.iter().flatten() {
		if let Ok(call) = extrinsic.decode_call_data_as::<RuntimeCall>() {
			collect(call, &mut found);
		}
	}
	found
}

/// Collects all proposals that a call makes.
fn collect(call: RuntimeCall, found: &mut Vec<ProposeCall>) {
	match call {
		RuntimeCall::BlockProposal(Protocol::propose_block {
			tx_list,
			gas_limit,
			beneficiary,
			..
		}) => found.push(ProposeCall { tx_list, gas_limit, beneficiary }),
		RuntimeCall::Sudo(
			Sudo::sudo { call }
			| Sudo::sudo_unchecked_weight { call, .. }
			| Sudo::sudo_as { call, .. },
		) => collect(*call, found),
		RuntimeCall::Utility(
			Utility::batch { calls }
			| Utility::batch_all { calls }
			| Utility::force_batch { calls },
		) => calls.into_iter().for_each(|call| collect(call, found)),
		RuntimeCall::Utility(
			Utility::as_derivative { call, .. }
			| Utility::dispatch_as { call, .. }
			| Utility::dispatch_as_fallible { call, .. }
			| Utility::with_weight { call, .. },
		) => collect(*call, found),
		RuntimeCall::Utility(Utility::if_else { main, fallback }) => {
			collect(*main, found);
			collect(*fallback, found);
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

	const BENEFICIARY: AccountId = AccountId([1; 32]);

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

	fn proposed(list: u8) -> ProposeCall {
		ProposeCall { tx_list: vec![list], gas_limit: 1, beneficiary: BENEFICIARY }
	}

	/// After an upgrade there may be calls that this program does not know.
	#[tokio::test]
	async fn a_list_is_found_among_calls_that_are_not_known() {
		let chain = chain();
		let call =
			api::transactions().block_proposal().propose_block(vec![7], 1, BENEFICIARY, 20_000);
		let call = chain.tx().call_data(&call).unwrap();
		let foreign = [bare(vec![250, 0, 1]), bare(vec![]), vec![1, 2, 3], vec![]];
		let body = [foreign.to_vec(), vec![bare(call)], foreign.to_vec()].concat();
		assert_eq!(calls_of_body(&chain, body).await, [proposed(7)]);
	}

	fn propose(list: u8) -> RuntimeCall {
		RuntimeCall::BlockProposal(Protocol::propose_block {
			tx_list: vec![list],
			gas_limit: 1,
			beneficiary: BENEFICIARY,
			max_fee_per_gas: 20_000,
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
		let mut found = Vec::new();
		collect(RuntimeCall::Utility(Utility::batch { calls }), &mut found);
		assert_eq!(found, [1, 2, 3].map(proposed));
	}
}
