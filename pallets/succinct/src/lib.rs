#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub use pallet::*;
pub use succinct_proof_verifier::System;
pub use types::{Program, ProgramIndex, Refusal, SystemIndex, SystemRecord};
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
#[cfg(test)]
mod mock;
mod registry;
pub mod runtime_api;
#[cfg(test)]
mod tests;
mod try_state;
mod types;
mod verifying;
pub mod weights;

use pallet_block_proposal::ProofVerifier;
use sp_core::H256;
use sp_runtime::traits::BlockNumberProvider;

/// A block number of the runtime's provider.
pub type BlockNumberOf<T> =
	<<T as Config>::BlockNumberProvider as BlockNumberProvider>::BlockNumber;

/// A [`Program`] of this runtime.
pub type ProgramOf<T> = Program<BlockNumberOf<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::{pallet_prelude::*, traits::StorageVersion};
	use frame_system::pallet_prelude::*;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime decides.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// May register, resume and revoke systems and programs, and so decides what counts as a proof.
		/// Its holder can have anything verified, after [`Config::MinActivationDelay`].
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// May pause systems and programs. It should be fast, and must not be weak: while a program is
		/// paused, assigned provers miss their windows and are slashed. Include [`Config::AdminOrigin`].
		type PauseOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The blocks in which activation delays are counted: `System` on a chain with its own blocks, the
		/// relay chain's on a parachain. A provider that goes back makes active programs inactive.
		type BlockNumberProvider: BlockNumberProvider;

		/// The maximum number of systems that are registered at once. Each is nearly a kilobyte of state,
		/// and a registration reads all.
		#[pallet::constant]
		type MaxSystems: Get<u32>;

		/// The maximum number of programs that are registered at once: a few for each system, since the old
		/// and the new one are both there during an upgrade. A registration reads all.
		#[pallet::constant]
		type MaxPrograms: Get<u32>;

		/// The least time from a program's registration to its first proof, in blocks: in it, users who do
		/// not agree with the program can leave, or stop it. Zero leaves no such time.
		#[pallet::constant]
		type MinActivationDelay: Get<BlockNumberOf<Self>>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// The registered systems. At most [`Config::MaxSystems`]. A system that was revoked is not there.
	///
	/// Twox: governance counts the indices.
	#[pallet::storage]
	pub type Systems<T: Config> =
		StorageMap<_, Twox64Concat, SystemIndex, SystemRecord, OptionQuery>;

	/// The index of the next system: larger than that of any other, revoked ones included.
	#[pallet::storage]
	pub type NextSystem<T: Config> = StorageValue<_, SystemIndex, ValueQuery>;

	/// The registered programs. At most [`Config::MaxPrograms`]. A program that was revoked is not there;
	/// one whose system was revoked is, until it is revoked itself.
	///
	/// Twox: governance counts the indices.
	#[pallet::storage]
	pub type Programs<T: Config> =
		StorageMap<_, Twox64Concat, ProgramIndex, ProgramOf<T>, OptionQuery>;

	/// The index of the next program: larger than that of any other, revoked ones included.
	#[pallet::storage]
	pub type NextProgram<T: Config> = StorageValue<_, ProgramIndex, ValueQuery>;

	/// The systems and programs with which a chain starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The systems. Their indices are their places in this list.
		pub systems: Vec<System>,
		/// The programs: each one's system, by its index, and id. Their indices are their places in this
		/// list. They are active at once.
		pub programs: Vec<(SystemIndex, H256)>,
		/// Nothing: the configuration is of this runtime.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (index, system) in self.systems.iter().enumerate() {
				if let Err(error) = Pallet::<T>::do_register_system(system.clone()) {
					panic!("genesis proof system {index} cannot be registered: {error:?}");
				}
			}
			for (index, (system, id)) in self.programs.iter().enumerate() {
				let active_from = T::BlockNumberProvider::current_block_number();
				if let Err(error) = Pallet::<T>::do_register_program(*system, *id, active_from) {
					panic!("genesis program {index} cannot be registered: {error:?}");
				}
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Programs can be registered with a new system.
		SystemRegistered {
			/// The system's index.
			system: SystemIndex,
		},
		/// New proofs of a system are refused.
		SystemPaused {
			/// The system's index.
			system: SystemIndex,
		},
		/// New proofs of a system are accepted again.
		SystemResumed {
			/// The system's index.
			system: SystemIndex,
		},
		/// Proofs of a system are refused permanently, and its claims that are not verified are void.
		SystemRevoked {
			/// The system's index.
			system: SystemIndex,
		},
		/// Proofs by a program will be accepted.
		ProgramRegistered {
			/// The program's index, with which its proofs begin.
			program: ProgramIndex,
			/// The index of the system whose proofs are about it.
			system: SystemIndex,
			/// Its image id or verification key.
			id: H256,
			/// The first block in which its proofs are accepted.
			active_from: BlockNumberOf<T>,
		},
		/// New proofs by a program are refused.
		ProgramPaused {
			/// The program's index.
			program: ProgramIndex,
		},
		/// New proofs by a program are accepted again.
		ProgramResumed {
			/// The program's index.
			program: ProgramIndex,
		},
		/// Proofs by a program are refused permanently, and its claims that are not verified are void.
		ProgramRevoked {
			/// The program's index.
			program: ProgramIndex,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The same system, or the same program of this system, is registered.
		AlreadyRegistered,
		/// No system or program with this index is registered.
		NotRegistered,
		/// The maximum number of systems is registered, or indices are exhausted.
		TooManySystems,
		/// The maximum number of programs is registered, or indices are exhausted.
		TooManyPrograms,
		/// A number of the system's key is not smaller than its modulus, or a point is not in its group.
		InvalidKey,
		/// The program's id is zero, or cannot be one of this system.
		InvalidProgram,
		/// The delay is shorter than `MinActivationDelay`.
		DelayTooShort,
		/// The system or program is paused already.
		AlreadyPaused,
		/// The system or program is not paused.
		NotPaused,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let (systems, programs) = (T::MaxSystems::get(), T::MaxPrograms::get());
			assert!(
				systems > 0 && programs > 0,
				"succinct proofs: set MaxSystems and MaxPrograms to at least 1, or nothing can be proven",
			);
			let most = u32::from(u16::MAX);
			assert!(
				systems <= most && programs <= most,
				"succinct proofs: set MaxSystems and MaxPrograms to at most {most}, the number of indices",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns all registered systems with their indices, in their order.
		pub fn systems() -> Vec<(SystemIndex, SystemRecord)> {
			let mut systems: Vec<_> = Systems::<T>::iter().collect();
			systems.sort_by_key(|(index, _)| *index);
			systems
		}

		/// Returns all registered programs with their indices, in their order.
		pub fn programs() -> Vec<(ProgramIndex, ProgramOf<T>)> {
			let mut programs: Vec<_> = Programs::<T>::iter().collect();
			programs.sort_by_key(|(index, _)| *index);
			programs
		}

		/// Returns whether this proof would be accepted for this instance now.
		pub fn accepts(instance: H256, proof: Vec<u8>) -> bool {
			<Self as ProofVerifier>::verify(instance, &proof).tag.is_some()
		}

		/// Returns the program that this proof of this instance is by, or why it would be refused now.
		pub fn explain(instance: H256, proof: Vec<u8>) -> Result<ProgramIndex, Refusal> {
			Self::examine(instance, &proof).0
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers a proof system. Programs can be registered with it at once.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Errors
		/// [`Error::InvalidKey`], [`Error::AlreadyRegistered`], [`Error::TooManySystems`].
		///
		/// ## Events
		/// [`Event::SystemRegistered`].
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::register_system(), DispatchClass::Operational))]
		pub fn register_system(origin: OriginFor<T>, system: Box<System>) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_register_system(*system)?)
		}

		/// Pauses a system: new proofs of all of its programs are refused. Claims stay valid.
		///
		/// ## Dispatch origin
		/// [`Config::PauseOrigin`].
		///
		/// ## Details
		/// Provers' windows do not stop. If nothing else can prove, pause the protocol as well, or assigned
		/// provers are slashed.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		/// [`Event::SystemPaused`].
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::pause_system(), DispatchClass::Operational))]
		pub fn pause_system(origin: OriginFor<T>, system: SystemIndex) -> DispatchResult {
			T::PauseOrigin::ensure_origin(origin)?;
			Ok(Self::do_pause_system(system)?)
		}

		/// Resumes a paused system: new proofs are accepted.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NotPaused`].
		///
		/// ## Events
		/// [`Event::SystemResumed`].
		#[pallet::call_index(2)]
		#[pallet::weight((T::WeightInfo::resume_system(), DispatchClass::Operational))]
		pub fn resume_system(origin: OriginFor<T>, system: SystemIndex) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_resume_system(system)?)
		}

		/// Revokes a system. Claims by its programs are void unless they are verified.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// It cannot be undone: the system can be registered again, with another index and no programs. The
		/// programs of the revoked one count towards [`Config::MaxPrograms`] until they are revoked too.
		///
		/// The protocol discharges an assigned prover whose claim in time is void, also one that lied: dispute
		/// its claim before the revocation.
		///
		/// ## Errors
		/// [`Error::NotRegistered`].
		///
		/// ## Events
		/// [`Event::SystemRevoked`].
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::revoke_system(), DispatchClass::Operational))]
		pub fn revoke_system(origin: OriginFor<T>, system: SystemIndex) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_revoke_system(system)?)
		}

		/// Registers a program. Its proofs are accepted after `delay` blocks.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// The program must make the instance of a block public, and nothing else, only if the block was
		/// executed as the instance says. The pallet cannot check this.
		///
		/// ## Errors
		/// [`Error::DelayTooShort`], [`Error::NotRegistered`], [`Error::InvalidProgram`],
		/// [`Error::AlreadyRegistered`], [`Error::TooManyPrograms`].
		///
		/// ## Events
		/// [`Event::ProgramRegistered`].
		#[pallet::call_index(4)]
		#[pallet::weight((T::WeightInfo::register_program(), DispatchClass::Operational))]
		pub fn register_program(
			origin: OriginFor<T>,
			system: SystemIndex,
			id: H256,
			delay: BlockNumberOf<T>,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_register_program_after(system, id, delay)?)
		}

		/// Pauses a program: its new proofs are refused. Claims stay valid.
		///
		/// ## Dispatch origin
		/// [`Config::PauseOrigin`].
		///
		/// ## Details
		/// Provers' windows do not stop. If nothing else can prove, pause the protocol as well, or assigned
		/// provers are slashed.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		/// [`Event::ProgramPaused`].
		#[pallet::call_index(5)]
		#[pallet::weight((T::WeightInfo::pause_program(), DispatchClass::Operational))]
		pub fn pause_program(origin: OriginFor<T>, program: ProgramIndex) -> DispatchResult {
			T::PauseOrigin::ensure_origin(origin)?;
			Ok(Self::do_pause_program(program)?)
		}

		/// Resumes a paused program: its new proofs are accepted.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NotPaused`].
		///
		/// ## Events
		/// [`Event::ProgramResumed`].
		#[pallet::call_index(6)]
		#[pallet::weight((T::WeightInfo::resume_program(), DispatchClass::Operational))]
		pub fn resume_program(origin: OriginFor<T>, program: ProgramIndex) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_resume_program(program)?)
		}

		/// Revokes a program. Claims by it are void unless they are verified.
		///
		/// ## Dispatch origin
		/// [`Config::AdminOrigin`].
		///
		/// ## Details
		/// It cannot be undone: the program can be registered again, with another index.
		///
		/// The protocol discharges an assigned prover whose claim in time is void, also one that lied: dispute
		/// its claim before the revocation.
		///
		/// ## Errors
		/// [`Error::NotRegistered`].
		///
		/// ## Events
		/// [`Event::ProgramRevoked`].
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::revoke_program(), DispatchClass::Operational))]
		pub fn revoke_program(origin: OriginFor<T>, program: ProgramIndex) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Ok(Self::do_revoke_program(program)?)
		}
	}
}
