#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod runtime_api;
pub mod weights;

#[cfg(test)]
mod tests;

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Get, weights::Weight};
use pallet_block_proposal::{ProofVerifier, Verification};
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};
use sp_runtime::DispatchError;

/// A proof: a key and its signature of the instance.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Attestation {
	/// The key.
	pub public: sr25519::Public,
	/// Its signature of the 32 bytes of the instance.
	pub signature: sr25519::Signature,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::StorageVersion};
	use frame_system::pallet_prelude::*;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// May register and revoke keys, and so decides what counts as a proof. Whoever controls it can
		/// have anything verified.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// How many keys may be registered, at most: as many as there are attested machines.
		#[pallet::constant]
		type MaxAttestationKeys: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The registered keys. At most [`Config::MaxAttestationKeys`].
	///
	/// Blake2: the makers of keys choose them.
	#[pallet::storage]
	pub type AttestationKeys<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, sr25519::Public, (), OptionQuery>;

	/// The keys with which a chain starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The keys, each once.
		pub keys: Vec<sr25519::Public>,
		/// Nothing: the configuration is of this runtime.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for key in &self.keys {
				if let Err(error) = Pallet::<T>::do_register(*key) {
					panic!("genesis attestation key {key:?} cannot be registered: {error:?}");
				}
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Signatures of a key are proofs now.
		KeyRegistered {
			/// The key.
			key: sr25519::Public,
		},
		/// Signatures of a key are no longer proofs, and its claims that are not verified are void.
		KeyRevoked {
			/// The key.
			key: sr25519::Public,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The key is registered already.
		AlreadyRegistered,
		/// The key is not registered.
		NotRegistered,
		/// The maximum number of keys is registered.
		TooManyKeys,
		/// The bytes are not a public key, or everybody can sign for it.
		InvalidKey,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::MaxAttestationKeys::get() > 0,
				"attestation: set MaxAttestationKeys to at least 1, or nothing can be proven",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns all registered keys.
		pub fn keys() -> Vec<sr25519::Public> {
			AttestationKeys::<T>::iter_keys().collect()
		}

		/// Returns whether this proof would be accepted for this instance now.
		pub fn accepts(instance: H256, proof: Vec<u8>) -> bool {
			<Self as ProofVerifier>::verify(instance, &proof).tag.is_some()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a key: its signatures are proofs.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Errors
		/// [`Error::InvalidKey`], [`Error::AlreadyRegistered`], [`Error::TooManyKeys`].
		///
		/// ## Events
		/// [`Event::KeyRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::register_key(), DispatchClass::Operational))]
		pub fn register_key(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_register(key)?)
		}

		/// Revokes a key. Claims that it vouched for are void unless they are verified.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// If the key is registered again before the protocol has dropped its claims, they are valid again.
		/// The protocol discharges an assigned prover whose claim in time is void, also one that lied: dispute
		/// its claim before the revocation.
		///
		/// ## Errors
		/// [`Error::NotRegistered`].
		///
		/// ## Events
		/// [`Event::KeyRevoked`].
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::revoke_key(), DispatchClass::Operational))]
		pub fn revoke_key(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_revoke(key)?)
		}
	}
}

impl<T: Config> Pallet<T> {
	fn do_register(key: sr25519::Public) -> Result<(), Error<T>> {
		ensure!(is_usable(&key), Error::<T>::InvalidKey);
		ensure!(!AttestationKeys::<T>::contains_key(key), Error::<T>::AlreadyRegistered);
		let room = AttestationKeys::<T>::count() < T::MaxAttestationKeys::get();
		ensure!(room, Error::<T>::TooManyKeys);
		AttestationKeys::<T>::insert(key, ());
		Self::deposit_event(Event::KeyRegistered { key });
		Ok(())
	}

	fn do_revoke(key: sr25519::Public) -> Result<(), Error<T>> {
		AttestationKeys::<T>::take(key).ok_or(Error::<T>::NotRegistered)?;
		Self::deposit_event(Event::KeyRevoked { key });
		Ok(())
	}

	/// Checks that there are not too many keys and that they are counted. For tests and `try-runtime`.
	///
	/// # Errors
	/// The invariant that does not hold.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let keys = AttestationKeys::<T>::iter_keys().count();
		ensure!(keys == AttestationKeys::<T>::count() as usize, "keys are miscounted");
		ensure!(keys <= T::MaxAttestationKeys::get() as usize, "there are too many keys");
		Ok(())
	}
}

/// Returns whether the bytes are a public key for which only its maker can sign: they decode to a point of
/// the group that is not the identity. Of the identity, `R = s·B` holds for every message with `R` and `s`
/// zero.
fn is_usable(key: &sr25519::Public) -> bool {
	key.0 != [0; 32] && schnorrkel::PublicKey::from_bytes(&key.0).is_ok()
}

impl<T: Config> ProofVerifier for Pallet<T> {
	/// The key.
	type Tag = sr25519::Public;

	fn verify(instance: H256, proof: &[u8]) -> Verification<sr25519::Public> {
		// All bytes count: an attestation has one encoding only.
		let Ok(Attestation { public, signature }) = Attestation::decode_all(&mut &proof[..]) else {
			return Verification { tag: None, weight: Weight::zero() };
		};
		if Self::is_revoked(&public) {
			return Verification { tag: None, weight: Self::is_revoked_weight() };
		}
		let valid = sp_io::crypto::sr25519_verify(&signature, instance.as_bytes(), &public);
		Verification { tag: valid.then_some(public), weight: T::WeightInfo::verify_proof() }
	}

	/// The length does not matter: proofs that are not 96 bytes long are refused at once.
	fn verify_weight(_proof_len: u32) -> Weight {
		T::WeightInfo::verify_proof().max(T::WeightInfo::look_up_key())
	}

	fn is_revoked(key: &sr25519::Public) -> bool {
		!AttestationKeys::<T>::contains_key(key)
	}

	fn is_revoked_weight() -> Weight {
		T::WeightInfo::look_up_key()
	}
}
