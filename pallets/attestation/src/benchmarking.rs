//! What [`weights`](crate::weights) are measured with.

use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use pallet_block_proposal::ProofVerifier;
use sp_core::{crypto::KeyTypeId, sr25519, H256};

use crate::*;

/// Where the host keeps the keys of benchmarks.
const KEYS: KeyTypeId = KeyTypeId(*b"atst");

/// A proof of `instance` by a new key, which is registered. It needs a host with a keystore.
pub fn proof_by_new_key<T: Config>(instance: H256) -> Vec<u8> {
	let public = sp_io::crypto::sr25519_generate(KEYS, None);
	AttestationKeys::<T>::insert(public, ());
	let signature = sp_io::crypto::sr25519_sign(KEYS, &public, instance.as_bytes())
		.expect("the key was generated just now");
	Attestation { public, signature }.encode()
}

/// Registers keys until there is a place left for one more.
fn fill<T: Config>() {
	for index in AttestationKeys::<T>::count()..T::MaxAttestationKeys::get().saturating_sub(1) {
		AttestationKeys::<T>::insert(key(index), ());
	}
}

/// A key that no account has.
fn key(index: u32) -> sr25519::Public {
	sr25519::Public::from_raw(sp_io::hashing::blake2_256(&index.encode()))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The last key that there is room for.
	#[benchmark]
	fn register_key() -> Result<(), BenchmarkError> {
		fill::<T>();
		let key = sp_io::crypto::sr25519_generate(KEYS, None);
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, key);

		assert!(AttestationKeys::<T>::contains_key(key));
		Ok(())
	}

	/// One key of as many as there may be.
	#[benchmark]
	fn revoke_key() -> Result<(), BenchmarkError> {
		fill::<T>();
		AttestationKeys::<T>::insert(key(u32::MAX), ());
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, key(u32::MAX));

		assert!(!AttestationKeys::<T>::contains_key(key(u32::MAX)));
		Ok(())
	}

	/// Checking one right proof: no wrong one takes longer.
	#[benchmark]
	fn verify_proof() {
		let instance = H256::repeat_byte(0x42);
		let proof = proof_by_new_key::<T>(instance);
		let answer;

		#[block]
		{
			answer = <Pallet<T> as ProofVerifier>::verify(instance, &proof);
		}

		assert!(answer.tag.is_some());
	}

	/// Looking up a key.
	#[benchmark]
	fn look_up_key() {
		fill::<T>();
		AttestationKeys::<T>::insert(key(u32::MAX), ());
		let revoked;

		#[block]
		{
			revoked = <Pallet<T> as ProofVerifier>::is_revoked(&key(u32::MAX));
		}

		assert!(!revoked);
	}

	impl_benchmark_test_suite!(Pallet, crate::tests::with_keystore(), crate::tests::Test);
}
