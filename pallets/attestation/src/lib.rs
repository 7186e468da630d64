//! # Attestation
//!
//! The proofs of a prover that runs in a trusted execution environment: whoever administers the
//! chain registers the keys that live inside attested machines, and a proof is a signature of the
//! instance hash by one of them, checked with the host's signature verification.
//!
//! The pallet implements [`ProofVerifier`], as a verifier of succinct proofs would;
//! `pallet-block-proposal` knows neither.
//!
//! ## Proof format
//!
//! The SCALE encoding of an [`Attestation`]: 32 bytes of sr25519 public key, then 64 bytes of
//! signature over the 32 bytes of the instance hash, as they are. 96 bytes, no more and no less.
//!
//! ## Trust
//!
//! A registered key can prove anything. A key that leaks must be revoked, and the proofs it made
//! must be disputed one by one while they cool down: those that are stored were valid when they
//! came.
//!
//! ## API
//!
//! - [`Call::register_key`], [`Call::revoke_key`]: by [`Config::AdminOrigin`].
//! - [`AttestationKeys`]: the keys.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub use pallet::*;
pub use weights::WeightInfo;

#[cfg(test)]
mod tests;
pub mod weights;

use codec::{Decode, DecodeAll, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::Get, weights::Weight};
use pallet_block_proposal::ProofVerifier;
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};
use sp_runtime::DispatchError;

/// A proof: who attests, and its signature of the instance hash.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Attestation {
	/// The key.
	pub public: sr25519::Public,
	/// Its signature of the 32 bytes of the instance hash.
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
		/// Who registers and revokes keys, and with that decides what counts as a proof.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// How many keys there may be: more than there are attested machines is more than needed.
		#[pallet::constant]
		type MaxAttestationKeys: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The registered keys. At most [`Config::MaxAttestationKeys`].
	///
	/// Blake2: a key is chosen by whoever makes it.
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

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Signatures of a key are proofs from now on.
		KeyRegistered {
			/// The key.
			key: sr25519::Public,
		},
		/// Signatures of a key are no longer accepted as proofs.
		KeyRevoked {
			/// The key.
			key: sr25519::Public,
		},
	}

	/// Why a call was refused. Nothing has changed then.
	#[pallet::error]
	pub enum Error<T> {
		/// The key is registered already.
		AlreadyRegistered,
		/// The key is not registered.
		NotRegistered,
		/// As many keys are registered as may be.
		TooManyKeys,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(
				T::MaxAttestationKeys::get() > 0,
				"pallet-attestation: MaxAttestationKeys must be at least 1, or nothing can be proven",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// All registered keys.
		pub fn keys() -> Vec<sr25519::Public> {
			AttestationKeys::<T>::iter_keys().collect()
		}

		/// Whether this proof would be accepted for this instance now.
		pub fn accepts(instance: H256, proof: Vec<u8>) -> bool {
			<Self as ProofVerifier>::verify(instance, &proof)
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a key.
		///
		/// The origin must be [`Config::AdminOrigin`]. Emits [`Event::KeyRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_key())]
		pub fn register_key(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_register(key)?)
		}

		/// Revokes a key. Proofs that were accepted stay until they are verified or disputed.
		///
		/// The origin must be [`Config::AdminOrigin`]. Emits [`Event::KeyRevoked`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::revoke_key())]
		pub fn revoke_key(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			AttestationKeys::<T>::take(key).ok_or(Error::<T>::NotRegistered)?;
			Self::deposit_event(Event::KeyRevoked { key });
			Ok(())
		}
	}
}

impl<T: Config> Pallet<T> {
	fn do_register(key: sr25519::Public) -> Result<(), Error<T>> {
		ensure!(!AttestationKeys::<T>::contains_key(key), Error::<T>::AlreadyRegistered);
		let room = AttestationKeys::<T>::count() < T::MaxAttestationKeys::get();
		ensure!(room, Error::<T>::TooManyKeys);
		AttestationKeys::<T>::insert(key, ());
		Self::deposit_event(Event::KeyRegistered { key });
		Ok(())
	}

	/// There are no more keys than may be, and they are counted. For tests and `try-runtime`.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let keys = AttestationKeys::<T>::iter_keys().count();
		ensure!(keys == AttestationKeys::<T>::count() as usize, "keys are miscounted");
		ensure!(keys <= T::MaxAttestationKeys::get() as usize, "there are too many keys");
		Ok(())
	}
}

impl<T: Config> ProofVerifier for Pallet<T> {
	fn verify(instance: H256, proof: &[u8]) -> bool {
		// All bytes count: the same attestation has one encoding only.
		let Ok(attestation) = Attestation::decode_all(&mut &proof[..]) else { return false };
		AttestationKeys::<T>::contains_key(attestation.public)
			&& sp_io::crypto::sr25519_verify(
				&attestation.signature,
				instance.as_bytes(),
				&attestation.public,
			)
	}

	/// The length does not matter: what is not 96 bytes long is refused at once.
	fn verify_weight(_proof_len: u32) -> Weight {
		T::WeightInfo::verify_proof()
	}
}
