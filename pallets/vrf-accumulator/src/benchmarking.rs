//! What [`weights`](crate::weights) are measured with.

use frame_benchmarking::v2::*;
use frame_support::traits::Hooks;

use crate::*;

/// What a runtime provides for the benchmarks.
pub trait BenchmarkHelper {
	/// Makes [`Config::VrfSource`] return an output.
	fn provide_output();
}

/// For sources that have one already.
impl BenchmarkHelper for () {
	fn provide_output() {}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// With an output: without one, nothing is written.
	#[benchmark]
	fn on_initialize() {
		T::BenchmarkHelper::provide_output();
		Pallet::<T>::take_in_parent(One::one());
		let first = Accumulator::<T>::get();
		let now = frame_system::Pallet::<T>::block_number();

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert_ne!(Accumulator::<T>::get(), first);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
