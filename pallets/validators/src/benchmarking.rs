//! What [`weights`](crate::weights) are measured with.

use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Hooks};
use sp_runtime::traits::{Hash, TrailingZeroInput};

use crate::*;

/// Returns accounts with keys.
fn with_keys<T: Config>(count: u32) -> Vec<T::AccountId> {
	let with_key = |index: u32| {
		let who: T::AccountId = account("validator", index, 0);
		let bytes = T::Hashing::hash_of(&index).encode();
		let keys =
			T::Keys::decode(&mut TrailingZeroInput::new(&bytes)).expect("any bytes are keys");
		pallet_session::NextKeys::<T>::insert(&who, keys);
		who
	};
	(0..count).map(with_key).collect()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The keys of all are looked up.
	#[benchmark]
	fn set_validators(n: Linear<1, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
		let validators = with_keys::<T>(n);
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, validators.clone());

		assert_eq!(Validators::<T>::get().into_inner(), validators);
		Ok(())
	}

	/// In a block within an epoch.
	#[benchmark]
	fn check_epoch() {
		let now = frame_system::Pallet::<T>::block_number();
		let session = pallet_session::CurrentIndex::<T>::get();

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_eq!(pallet_session::CurrentIndex::<T>::get(), session);
	}

	/// A full set begins, another full set is queued, and an old session is forgotten.
	#[benchmark]
	fn rotate_session() {
		let validators = with_keys::<T>(T::MaxValidators::get());
		let keys = |who: &T::AccountId| pallet_session::NextKeys::<T>::get(who);
		let queued: Vec<_> =
			validators.iter().filter_map(|who| Some((who.clone(), keys(who)?))).collect();
		pallet_session::QueuedKeys::<T>::put(queued);
		pallet_session::QueuedChanged::<T>::put(true);
		pallet_session::CurrentIndex::<T>::put(T::ReportPeriod::get());
		Validators::<T>::put(BoundedVec::truncate_from(validators.clone()));
		Changed::<T>::put(true);

		#[block]
		{
			pallet_session::Pallet::<T>::rotate_session();
		}

		assert_eq!(pallet_session::Validators::<T>::get(), validators);
		assert_eq!(pallet_session::QueuedKeys::<T>::get().len(), validators.len());
		assert!(!Changed::<T>::get());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
