//! Keeps the operational class free for governance.
//!
//! A quarter of each block is reserved for operational calls, so that disputes, pauses and revocations are
//! included when blocks are full. Every account could fill that share too, with calls that fail only when
//! they are dispatched. So a transaction of this class is invalid unless it is signed by the `Sudo` key,
//! which holds every governance origin of this chain.
//!
//! The class is that of the whole transaction: `sudo`, `proxy`, `as_derivative` and the like have the class of
//! the call in them, `as_multi` is a normal one, and a batch is operational if none of its calls is a normal
//! one. So others act for the `Sudo` key by ordinary transactions only: the signatories of a multisig, and a
//! proxy by a batch with a normal call in it, such as `remark`.
#![warn(missing_docs)]

use crate::{Runtime, RuntimeCall, RuntimeOrigin};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	pallet_prelude::{TransactionSource, Weight},
};
use pallet_sudo::Key;
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{AsSystemOriginSigner, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, ValidTransaction},
};

/// Refuses operational transactions that are not signed by the `Sudo` key. It adds no bytes to a
/// transaction.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, PartialEq, TypeInfo,
)]
pub struct CheckOperational;

impl TransactionExtension<RuntimeCall> for CheckOperational {
	const IDENTIFIER: &'static str = "CheckOperational";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	/// The read of the key.
	fn weight(&self, _call: &RuntimeCall) -> Weight {
		<Runtime as frame_system::Config>::DbWeight::get().reads(1)
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		_call: &RuntimeCall,
		info: &DispatchInfo,
		_len: usize,
		_implicit: (),
		_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<(), RuntimeCall> {
		let is_governance = || {
			origin
				.as_system_origin_signer()
				.is_some_and(|who| Key::<Runtime>::get().as_ref() == Some(who))
		};
		if info.class == DispatchClass::Operational && !is_governance() {
			return Err(InvalidTransaction::BadSigner.into());
		}
		Ok((ValidTransaction::default(), (), origin))
	}

	impl_tx_ext_default!(RuntimeCall; prepare);
}
