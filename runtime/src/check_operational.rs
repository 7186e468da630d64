//! Keeps the operational class free for governance.
//!
//! A quarter of each block is reserved for operational calls, so that disputes, pauses and revocations are
//! included when blocks are full. Every account could fill that share too, with calls that fail only when
//! they are dispatched. So a transaction of this class is invalid unless it is signed by the `Sudo` key,
//! which holds every governance origin of this chain.
//!
//! The class is that of the whole transaction: `sudo`, `as_derivative` and the like have the class of the
//! call in them, and a batch is operational if all its calls are. An empty batch is operational as well.
#![warn(missing_docs)]

use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo},
	pallet_prelude::{TransactionSource, Weight},
	traits::Get,
	CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_runtime::{
	impl_tx_ext_default,
	traits::{
		AsSystemOriginSigner, DispatchOriginOf, Dispatchable, TransactionExtension, ValidateResult,
	},
	transaction_validity::{InvalidTransaction, ValidTransaction},
};

/// Refuses operational transactions that are not signed by the `Sudo` key. It adds no bytes to a
/// transaction.
#[derive(
	CloneNoBound,
	DebugNoBound,
	Decode,
	DecodeWithMemTracking,
	DefaultNoBound,
	Encode,
	EqNoBound,
	PartialEqNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct CheckOperational<T>(PhantomData<T>);

impl<T> CheckOperational<T> {
	/// Returns the extension.
	pub fn new() -> Self {
		Self(PhantomData)
	}
}

impl<T> TransactionExtension<T::RuntimeCall> for CheckOperational<T>
where
	T: pallet_sudo::Config + Send + Sync,
	<T as frame_system::Config>::RuntimeCall: Dispatchable<Info = DispatchInfo>,
	DispatchOriginOf<<T as frame_system::Config>::RuntimeCall>:
		AsSystemOriginSigner<T::AccountId> + Clone,
{
	const IDENTIFIER: &'static str = "CheckOperational";
	type Implicit = ();
	type Val = ();
	type Pre = ();

	/// The read of the key.
	fn weight(&self, _call: &<T as frame_system::Config>::RuntimeCall) -> Weight {
		T::DbWeight::get().reads(1)
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<<T as frame_system::Config>::RuntimeCall>,
		_call: &<T as frame_system::Config>::RuntimeCall,
		info: &DispatchInfo,
		_len: usize,
		_implicit: (),
		_implication: &impl Encode,
		_source: TransactionSource,
	) -> ValidateResult<(), <T as frame_system::Config>::RuntimeCall> {
		if info.class == DispatchClass::Operational {
			let key = pallet_sudo::Key::<T>::get();
			let is_key =
				origin.as_system_origin_signer().is_some_and(|who| Some(who) == key.as_ref());
			if !is_key {
				return Err(InvalidTransaction::BadSigner.into());
			}
		}
		Ok((ValidTransaction::default(), (), origin))
	}

	impl_tx_ext_default!(<T as frame_system::Config>::RuntimeCall; prepare);
}
