#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod equivocations;
#[cfg(test)]
mod mock;
mod sessions;
#[cfg(test)]
mod tests;
mod try_state;
pub mod weights;

pub use equivocations::MAX_KNOWN;
pub use pallet::*;
pub use sessions::NoIdentification;
pub use weights::WeightInfo;

use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::Get, BoundedVec};
use pallet_session::ShouldEndSession;
use sp_staking::offence::Kind;

/// The target of log messages.
const LOG_TARGET: &str = "runtime::validators";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::StorageVersion};
	use frame_system::pallet_prelude::*;
	use pallet_session::WeightInfo as _;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime decides.
	#[pallet::config]
	pub trait Config:
		frame_system::Config
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// May replace the validator set. Whoever controls it decides who makes and finalizes blocks.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Says whether the epoch of the parent has ended: `pallet-babe`. With another one, sessions and epochs
		/// differ, and nodes refuse the blocks.
		type EpochEnd: ShouldEndSession<BlockNumberFor<Self>>;

		/// The number of validators, at most. Not above the `MaxAuthorities` of BABE and GRANDPA, which would
		/// not refuse the others but store them past their bound.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The number of sessions after which an equivocation can no longer be reported. The state has an entry
		/// of 40 bytes for each.
		#[pallet::constant]
		type ReportPeriod: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The validator set, as governance has decided it. Not empty, without duplicates, and each has session
	/// keys. The present authors are `session.validators`, which follow within two epochs.
	#[pallet::storage]
	pub type Validators<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

	/// Whether the set was replaced after the last rotation. Else it is the one that `pallet-session` has queued.
	#[pallet::storage]
	pub type Changed<T: Config> = StorageValue<_, bool, ValueQuery>;

	/// The number of equivocations of each account that was reported.
	///
	/// Blake2: accounts are chosen by their owners.
	#[pallet::storage]
	pub type Equivocations<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The hashes of the equivocations that were counted last, the oldest first.
	#[pallet::storage]
	pub type KnownEquivocations<T: Config> =
		StorageValue<_, BoundedVec<T::Hash, ConstU32<MAX_KNOWN>>, ValueQuery>;

	/// The validators with which a chain starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The accounts, each once. `pallet-session` has the keys of all of them in its own genesis.
		pub validators: Vec<T::AccountId>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			match bounded::<T>(self.validators.clone()) {
				Ok(validators) => Validators::<T>::put(validators),
				Err(error) => panic!("the genesis validators cannot be used: {error:?}"),
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Governance has replaced the validator set. It begins to author within two epochs.
		ValidatorsChanged {
			/// The new set.
			validators: Vec<T::AccountId>,
		},
		/// A validator has made two blocks in one slot, or voted twice in one round.
		Equivocated {
			/// The validator.
			validator: T::AccountId,
			/// `babe:equivocatio` for blocks, `grandpa:equivoca` for votes.
			kind: Kind,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The set has no validators.
		NoValidators,
		/// The set has too many validators.
		TooManyValidators,
		/// The set names an account twice.
		DuplicateValidator,
		/// An account of the set has no session keys.
		NoKeys,
		/// The account is in the validator set, so its keys must stay.
		IsValidator,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			if !T::EpochEnd::should_end_session(now) {
				return <T as Config>::WeightInfo::check_epoch();
			}
			pallet_session::Pallet::<T>::rotate_session();
			<T as Config>::WeightInfo::rotate_session()
		}

		fn integrity_test() {
			assert!(
				T::MaxValidators::get() > 0,
				"validators: set MaxValidators to at least 1, or nobody makes blocks",
			);
			assert!(
				T::ReportPeriod::get() > 0,
				"validators: set ReportPeriod to at least 1, or nothing can be reported",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Replaces the validator set.
		///
		/// ## Dispatch origin
		/// [`Config::GovernanceOrigin`].
		///
		/// ## Details
		/// The set is queued at the end of the present epoch, and authors from the end of the next one on.
		///
		/// ## Errors
		/// [`Error::NoValidators`], [`Error::TooManyValidators`], [`Error::DuplicateValidator`],
		/// [`Error::NoKeys`].
		///
		/// ## Events
		/// [`Event::ValidatorsChanged`].
		#[pallet::call_index(0)]
		#[pallet::weight((
			<T as Config>::WeightInfo::set_validators(validators.len() as u32),
			DispatchClass::Operational,
		))]
		pub fn set_validators(
			origin: OriginFor<T>,
			validators: Vec<T::AccountId>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Ok(Self::do_set_validators(validators)?)
		}

		/// Removes the session keys of the sender, and releases their deposit.
		///
		/// ## Dispatch origin
		/// Signed by an account that is not in the validator set.
		///
		/// ## Details
		/// A validator that governance has just removed may author and vote until the end of the next epoch.
		///
		/// ## Errors
		/// [`Error::IsValidator`], and those of `session.purge_keys`.
		#[pallet::call_index(1)]
		#[pallet::weight(
			<T as pallet_session::Config>::WeightInfo::purge_keys()
				.saturating_add(T::DbWeight::get().reads(1))
		)]
		pub fn purge_keys(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin.clone())?;
			ensure!(!Validators::<T>::get().contains(&who), Error::<T>::IsValidator);
			pallet_session::Pallet::<T>::purge_keys(origin)
		}
	}
}

/// Returns the set, if it has no duplicates and is not too large.
fn bounded<T: Config>(
	validators: Vec<T::AccountId>,
) -> Result<BoundedVec<T::AccountId, T::MaxValidators>, Error<T>> {
	let distinct = validators.iter().collect::<BTreeSet<_>>().len();
	ensure!(distinct == validators.len(), Error::<T>::DuplicateValidator);
	validators.try_into().map_err(|_| Error::<T>::TooManyValidators)
}

impl<T: Config> Pallet<T> {
	fn do_set_validators(validators: Vec<T::AccountId>) -> Result<(), Error<T>> {
		ensure!(!validators.is_empty(), Error::<T>::NoValidators);
		let set = bounded::<T>(validators.clone())?;
		ensure!(set.iter().all(Self::has_keys), Error::<T>::NoKeys);
		Validators::<T>::put(set);
		Changed::<T>::put(true);
		Self::deposit_event(Event::ValidatorsChanged { validators });
		Ok(())
	}

	/// Returns whether an account has registered session keys.
	fn has_keys(who: &T::AccountId) -> bool {
		pallet_session::NextKeys::<T>::contains_key(who)
	}
}
