//! Sets dynamic parameters, and refuses a value that breaks a relation between them.
//!
//! `pallet-parameters` stores any value. This pallet is the only origin that it accepts
//! ([`EnsureChecked`]): its own [`set_parameter`](Call::set_parameter) passes the value on, checks the
//! [`Relations`] with the value in force, and undoes the change if one of them does not hold.
//!
//! A filter of calls would not do: `Sudo` dispatches past it.
//!
//! It guards against mistakes, not against root, which can write storage (`system.set_storage`) and act as any
//! origin, this one included (`utility.dispatch_as`).
#![warn(missing_docs)]

pub use pallet::*;

use alloc::string::String;
use frame_support::{
	storage::{with_storage_layer, with_transaction, TransactionOutcome},
	traits::{dynamic_params::AggregatedKeyValue, EnsureOriginWithArg},
	weights::Weight,
};
use pallet_parameters::WeightInfo;
use sp_runtime::DispatchError;

/// The target of log messages.
const LOG_TARGET: &str = "runtime::checked-parameters";

/// The key of a parameter.
pub type KeyOf<T> =
	<<T as pallet_parameters::Config>::RuntimeParameters as AggregatedKeyValue>::Key;

/// The relations between parameters.
pub trait Relations {
	/// Checks them with the values that are in force.
	///
	/// # Errors
	/// A sentence that says what to change.
	fn check() -> Result<(), &'static str>;

	/// Returns the most weight that [`Self::check`] consumes.
	fn check_weight() -> Weight;
}

/// Accepts only [`Origin::Checked`]: `pallet-parameters` cannot be called directly.
pub struct EnsureChecked;

impl<OuterOrigin, Key> EnsureOriginWithArg<OuterOrigin, Key> for EnsureChecked
where
	OuterOrigin: Into<Result<Origin, OuterOrigin>> + From<Origin>,
{
	type Success = ();

	fn try_origin(origin: OuterOrigin, _key: &Key) -> Result<(), OuterOrigin> {
		origin.into().map(|Origin::Checked| ())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin(_key: &Key) -> Result<OuterOrigin, ()> {
		Ok(Origin::Checked.into())
	}
}

// The macro adds items without documentation.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What a runtime decides.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeOrigin: From<Origin>> + pallet_parameters::Config
	{
		/// An origin that may set a parameter, by its key. `pallet-parameters` itself must accept
		/// [`EnsureChecked`] only, or there is a way around the check.
		type SetOrigin: EnsureOriginWithArg<Self::RuntimeOrigin, KeyOf<Self>>;

		/// The relations that must hold after each change.
		type Relations: Relations;
	}

	/// The origin of calls that this pallet makes.
	#[pallet::origin]
	#[derive(
		Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
	)]
	pub enum Origin {
		/// The relations are checked after the call.
		Checked,
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The value breaks a relation between parameters.
		BrokenRelation,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Sets a parameter; `None` restores its default.
		///
		/// ## Dispatch origin
		/// [`Config::SetOrigin`] for the parameter's key.
		///
		/// ## Details
		/// The node logs which relation does not hold, and the view function `why_refused` returns it.
		///
		/// ## Errors
		/// [`Error::BrokenRelation`].
		///
		/// ## Events
		/// `Updated` of `pallet-parameters`.
		#[pallet::call_index(0)]
		#[pallet::weight((
			<T as pallet_parameters::Config>::WeightInfo::set_parameter()
				.saturating_add(T::Relations::check_weight()),
			DispatchClass::Operational,
		))]
		pub fn set_parameter(
			origin: OriginFor<T>,
			key_value: T::RuntimeParameters,
		) -> DispatchResult {
			let (key, _) = key_value.clone().into_parts();
			T::SetOrigin::ensure_origin(origin, &key)?;
			with_storage_layer(|| Self::set(key_value))
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns what to change if `set_parameter` would refuse this value, else `None`.
		pub fn why_refused(key_value: T::RuntimeParameters) -> Option<String> {
			with_transaction(|| {
				let broken = match Self::store(key_value) {
					Ok(()) => T::Relations::check().err(),
					Err(_) => None,
				};
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(broken.map(String::from)))
			})
			.unwrap_or_default()
		}
	}
}

impl<T: Config> Pallet<T> {
	fn set(key_value: T::RuntimeParameters) -> Result<(), DispatchError> {
		Self::store(key_value)?;
		T::Relations::check().map_err(|what_to_do| {
			log::warn!(target: LOG_TARGET, "a parameter was refused: {what_to_do}");
			Error::<T>::BrokenRelation.into()
		})
	}

	fn store(key_value: T::RuntimeParameters) -> Result<(), DispatchError> {
		pallet_parameters::Pallet::<T>::set_parameter(Origin::Checked.into(), key_value)
	}
}
