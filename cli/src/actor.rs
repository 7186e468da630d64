//! An account that acts, and the key that signs for it: its own, or that of one of its proxies.

use crate::{
	chain::{AccountId, Config},
	keys::Signer,
	Result,
};
use subxt::{
	client::{ClientAtBlock, OfflineClientAtBlockT},
	error::ExtrinsicError,
	ext::scale_value::Composite,
	tx::{DynamicPayload, Payload},
};

/// The pallet by which a key acts for another account.
const PALLET: &str = "Proxy";
/// Its call.
const CALL: &str = "proxy";

/// An account, and the key that signs for it.
#[derive(Clone, Debug)]
pub struct Actor {
	signer: Signer,
	/// The account, if the key is not its own but that of a proxy.
	real: Option<AccountId>,
}

impl From<Signer> for Actor {
	/// The account is that of the key.
	fn from(signer: Signer) -> Self {
		Self { signer, real: None }
	}
}

impl Actor {
	/// Returns the account `account`, for which this key signs.
	pub fn new(signer: Signer, account: AccountId) -> Self {
		let real = (account != signer.account()).then_some(account);
		Self { signer, real }
	}

	/// Returns the account that acts.
	pub fn account(&self) -> AccountId {
		self.real.unwrap_or_else(|| self.signer.account())
	}

	/// Returns the key.
	pub fn signer(&self) -> &Signer {
		&self.signer
	}

	/// Returns the account of the key, with the key.
	pub fn of_key(&self) -> Self {
		self.signer.clone().into()
	}

	/// Returns whether the key is that of a proxy.
	pub fn is_proxied(&self) -> bool {
		self.real.is_some()
	}

	/// Returns the call that the key signs in place of this one, if it is that of a proxy. The call in it is
	/// checked as any call is. The outer one is encoded by the chain's own description: the generated one
	/// would not fit any more once any call of the chain has changed.
	pub fn proxied<C: Payload, O: OfflineClientAtBlockT<Config>>(
		&self,
		at: &ClientAtBlock<Config, O>,
		call: &C,
	) -> Result<Option<ByProxy>> {
		let Some(real) = &self.real else { return Ok(None) };
		let transactions = at.tx();
		transactions.validate(call)?;
		let metadata = at.metadata_ref();
		let pallet = metadata
			.pallet_by_name(PALLET)
			.ok_or_else(|| ExtrinsicError::PalletNameNotFound(PALLET.into()))?;
		let variant = pallet.call_variant_by_name(CALL).ok_or_else(|| {
			let (pallet_name, call_name) = (PALLET.into(), CALL.into());
			ExtrinsicError::CallNameNotFound { pallet_name, call_name }
		})?;
		// `MultiAddress::Id`, and no type of proxy: the chain takes the one that the key has.
		let mut bytes = vec![pallet.call_index(), variant.index, 0];
		bytes.extend(real.0);
		bytes.push(0);
		bytes.extend(transactions.call_data(call)?);
		Ok(Some(transactions.from_call_data_bytes(&bytes)?))
	}
}

/// A call by a proxy.
pub type ByProxy = DynamicPayload<Composite<()>>;

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::{
		api::{
			self,
			runtime_types::{
				pallet_prover_pool::pallet::Call as Pool, prover_pool_runtime::RuntimeCall,
			},
		},
		offline,
	};

	const METADATA: &[u8] = include_bytes!("../metadata.scale");
	const COLD: AccountId = AccountId([7; 32]);

	fn key() -> Signer {
		Signer::development("bob").unwrap()
	}

	#[test]
	fn a_key_acts_for_its_own_account_or_another() {
		let (own, other) = (Actor::from(key()), Actor::new(key(), COLD));
		assert_eq!((own.account(), own.is_proxied()), (key().account(), false));
		assert_eq!((other.account(), other.is_proxied()), (COLD, true));
		assert_eq!(other.of_key().account(), key().account());
		// It needs no proxy for itself.
		assert!(!Actor::new(key(), key().account()).is_proxied());
		let call = api::transactions().prover_pool().pause();
		assert!(own.proxied(&offline(METADATA), &call).unwrap().is_none());
	}

	/// The bytes are those that the generated call has.
	#[test]
	fn a_call_for_another_account_is_a_call_by_proxy() {
		let chain = offline(METADATA);
		let call = api::transactions().prover_pool().set_terms(9_000, 4);
		let outer = Actor::new(key(), COLD).proxied(&chain, &call).unwrap().unwrap();
		let inner = Pool::set_terms { reward_per_gas: 9_000, max_capacity: 4 };
		let generated =
			api::transactions().proxy().proxy(COLD.into(), None, RuntimeCall::ProverPool(inner));
		assert_eq!(
			chain.tx().call_data(&outer).unwrap(),
			chain.tx().call_data(&generated).unwrap()
		);
	}

	/// Somebody has renamed a call of another pallet: the generated call by proxy no longer fits, and this does.
	#[test]
	fn calls_of_other_pallets_may_change() {
		let (known, renamed) = (b"remark_with_event", b"remark_with_sound");
		let mut upgraded = METADATA.to_vec();
		for start in 0..upgraded.len() - known.len() {
			let name = &mut upgraded[start..start + known.len()];
			if name == known {
				name.copy_from_slice(renamed);
			}
		}
		let chain = offline(&upgraded);
		let generated = api::transactions().proxy().proxy(
			COLD.into(),
			None,
			RuntimeCall::ProverPool(Pool::pause {}),
		);
		assert!(chain.tx().validate(&generated).is_err());
		let call = api::transactions().prover_pool().pause();
		assert!(Actor::new(key(), COLD).proxied(&chain, &call).unwrap().is_some());
	}
}
