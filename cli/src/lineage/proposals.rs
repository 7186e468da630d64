//! Proposals in the chain's blocks: the transaction lists are arguments of calls.

use super::search::Look;
use crate::{
	chain::{AccountId, At, BlockId, Config, H256},
	client::Client,
	Error, Result,
};
use scale_info::PortableRegistry;
use sp_crypto_hashing::sha2_256;
use subxt::{
	client::{ClientAtBlock, OfflineClientAtBlockT},
	ext::scale_decode::{
		visitor::{
			decode_with_visitor,
			types::{Array, Composite, Sequence, Tuple, Variant},
			DecodeError, DecodeItemIterator, Unexpected,
		},
		Visitor,
	},
};

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
	/// Decodes the fields of the call. Returns `None` if they are not those that this program knows.
	fn decode(
		fields: &mut Composite<'_, '_, PortableRegistry>,
	) -> Result<Option<Self>, DecodeError> {
		let (mut tx_list, mut gas_limit, mut beneficiary) = (None, None, None);
		for field in fields {
			let field = field?;
			match field.name() {
				Some("tx_list") => tx_list = field.decode_as_type().ok(),
				Some("gas_limit") => gas_limit = field.decode_as_type().ok(),
				Some("beneficiary") => beneficiary = field.decode_as_type().ok(),
				_ => {},
			}
		}
		Ok(match (tx_list, gas_limit, beneficiary) {
			(Some(tx_list), Some(gas_limit), Some(beneficiary)) => {
				Some(Self { tx_list, gas_limit, beneficiary })
			},
			_ => None,
		})
	}

	/// Returns the hash of the list.
	pub fn tx_list_hash(&self) -> H256 {
		sha2_256(&self.tx_list).into()
	}
}

/// Looks for a list in the block of the chain with this number, as the best block's runtime decodes
/// it; as its own does, if that finds the list.
///
/// This reads bodies of blocks only. By default nodes keep all of them, but the states of a few
/// hundred blocks.
pub async fn calls_in(
	client: &Client,
	best: &At,
	number: u64,
	wanted: H256,
) -> Result<Look<Vec<ProposeCall>>> {
	let Some(hash) = client.block_hash(number).await? else { return Ok(Look::Missing) };
	let Some(details) = client.rpc().chain_get_block(Some(hash)).await? else {
		return Ok(Look::Missing);
	};
	let has_it = |calls: &[ProposeCall]| calls.iter().any(|call| call.tx_list_hash() == wanted);
	let body: Vec<_> = details.block.extrinsics.into_iter().map(|bytes| bytes.0).collect();
	let calls = calls_of_body(best, body.clone()).await;
	if has_it(&calls) {
		return Ok(Look::Found(calls));
	}
	// The block may be older than the present runtime. Its own is known if its state is.
	match client.at(hash).await {
		Ok(then) if then.spec_version() != best.spec_version() => {
			let calls = calls_of_body(&then, body).await;
			Ok(if has_it(&calls) { Look::Found(calls) } else { Look::Other })
		},
		_ => Ok(Look::Other),
	}
}

/// Returns all proposals in this body, as the runtime of `at` decodes it.
async fn calls_of_body<C>(at: &ClientAtBlock<Config, C>, body: Vec<Vec<u8>>) -> Vec<ProposeCall>
where
	C: OfflineClientAtBlockT<Config>,
{
	let metadata = at.metadata_ref();
	let call_type = metadata.outer_enums().call_enum_ty();
	let mut found = Vec::new();
	for extrinsic in at.extrinsics().from_bytes(body).await.iter().flatten() {
		let mut bytes = extrinsic.call_data_bytes();
		// What cannot be decoded is no call of this runtime.
		let collector = Collector(&mut found);
		let _ = decode_with_visitor(&mut bytes, call_type, metadata.types(), collector);
	}
	found
}

/// Collects the proposals in a call, whatever other calls are around and beside them: they are
/// decoded by the chain's metadata, so this program need not know them.
struct Collector<'a>(&'a mut Vec<ProposeCall>);

impl Collector<'_> {
	/// The path of the type of the protocol's calls.
	const PROTOCOL: [&'static str; 3] = ["pallet_block_proposal", "pallet", "Call"];

	fn visit_all<'scale, 'resolver>(
		self,
		items: &mut impl DecodeItemIterator<'scale, 'resolver, PortableRegistry>,
	) -> Result<(), DecodeError> {
		while let Some(visited) = items.decode_item(Collector(self.0)) {
			visited?;
		}
		Ok(())
	}
}

impl Visitor for Collector<'_> {
	type Value<'scale, 'resolver> = ();
	type Error = DecodeError;
	type TypeResolver = PortableRegistry;

	fn visit_variant<'scale, 'resolver>(
		self,
		value: &mut Variant<'scale, 'resolver, PortableRegistry>,
		_: u32,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		if value.name() == "propose_block" && value.path().eq(Self::PROTOCOL) {
			self.0.extend(ProposeCall::decode(value.fields())?);
			return Ok(());
		}
		self.visit_all(value.fields())
	}

	fn visit_composite<'scale, 'resolver>(
		self,
		value: &mut Composite<'scale, 'resolver, PortableRegistry>,
		_: u32,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		self.visit_all(value)
	}

	fn visit_sequence<'scale, 'resolver>(
		self,
		value: &mut Sequence<'scale, 'resolver, PortableRegistry>,
		_: u32,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		self.visit_all(value)
	}

	fn visit_tuple<'scale, 'resolver>(
		self,
		value: &mut Tuple<'scale, 'resolver, PortableRegistry>,
		_: u32,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		self.visit_all(value)
	}

	fn visit_array<'scale, 'resolver>(
		self,
		value: &mut Array<'scale, 'resolver, PortableRegistry>,
		_: u32,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		self.visit_all(value)
	}

	/// Everything else contains no call.
	fn visit_unexpected<'scale, 'resolver>(
		self,
		_: Unexpected,
	) -> Result<Self::Value<'scale, 'resolver>, Self::Error> {
		Ok(())
	}
}

/// Returns the error for a list that is in no block that the node has.
pub fn not_found(client: &Client, block_id: BlockId) -> Error {
	Error::Incompatible(format!(
		"cannot find the transaction list of block {block_id}: {} does not have the body of the block \
		 that proposed it (name a node that keeps all bodies, `--blocks-pruning archive-canonical`), or \
		 the list is in no transaction: a call that was stored on chain and dispatched later proposed it",
		client.url()
	))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::{
		api::{
			self,
			runtime_types::{
				frame_system::pallet::Call as System,
				pallet_block_proposal::pallet::Call as Protocol, pallet_sudo::pallet::Call as Sudo,
				pallet_utility::pallet::Call as Utility, prover_pool_runtime::RuntimeCall,
			},
		},
		offline as chain,
	};
	use subxt::{ext::codec::Encode, tx::Payload};

	const BENEFICIARY: AccountId = AccountId([1; 32]);
	/// The runtime as this program knows it.
	const METADATA: &[u8] = include_bytes!("../../metadata.scale");

	/// Returns an unsigned extrinsic.
	fn bare(call: Vec<u8>) -> Vec<u8> {
		[vec![4], call].concat().encode()
	}

	/// Returns an unsigned extrinsic with this call.
	fn extrinsic(call: impl Payload) -> Vec<u8> {
		bare(chain(METADATA).tx().call_data(&call).unwrap())
	}

	fn proposed(list: u8) -> ProposeCall {
		ProposeCall { tx_list: vec![list], gas_limit: 1, beneficiary: BENEFICIARY }
	}

	fn propose(list: u8) -> RuntimeCall {
		RuntimeCall::BlockProposal(Protocol::propose_block {
			tx_list: vec![list],
			gas_limit: 1,
			beneficiary: BENEFICIARY,
			max_fee_per_gas: 20_000,
		})
	}

	#[tokio::test]
	async fn a_list_is_found_among_what_is_no_call() {
		let call =
			api::transactions().block_proposal().propose_block(vec![7], 1, BENEFICIARY, 20_000);
		let foreign = [bare(vec![250, 0, 1]), bare(vec![]), vec![1, 2, 3], vec![]];
		let body = [foreign.to_vec(), vec![extrinsic(call)], foreign.to_vec()].concat();
		assert_eq!(calls_of_body(&chain(METADATA), body).await, [proposed(7)]);
	}

	#[tokio::test]
	async fn lists_are_found_wherever_they_are_proposed() {
		let remark = || RuntimeCall::System(System::remark_with_event { remark: vec![9] });
		let nested = RuntimeCall::Sudo(Sudo::sudo { call: Box::new(propose(2)) });
		let derived = Utility::as_derivative { index: 0, call: Box::new(propose(3)) };
		let calls = vec![remark(), propose(1), nested, RuntimeCall::Utility(derived), remark()];
		let body = vec![extrinsic(api::transactions().utility().batch(calls))];
		let expected = [1, 2, 3].map(proposed);
		assert_eq!(calls_of_body(&chain(METADATA), body.clone()).await, expected);
		// After an upgrade, this program does not know the call beside them.
		let (known, renamed) = (b"remark_with_event", b"remark_with_sound");
		let mut upgraded = METADATA.to_vec();
		for start in 0..upgraded.len() - known.len() {
			let name = &mut upgraded[start..start + known.len()];
			if name == known {
				name.copy_from_slice(renamed);
			}
		}
		let upgraded = chain(&upgraded);
		let extrinsics = upgraded.extrinsics().from_bytes(body.clone()).await;
		let extrinsic = extrinsics.iter().next().unwrap().unwrap();
		assert!(extrinsic.decode_call_data_as::<RuntimeCall>().is_err());
		assert_eq!(calls_of_body(&upgraded, body).await, expected);
	}
}
