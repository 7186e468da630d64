//! The invariants of the registry.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

use crate::{Config, NextProgram, NextSystem, Pallet, Programs, Systems};

impl<T: Config> Pallet<T> {
	/// Checks the invariants. For tests and `try-runtime`.
	///
	/// # Errors
	/// The invariant that does not hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_systems()?;
		Self::check_programs()
	}

	/// There are not too many systems, every one is valid and is there once, and the next one's index is
	/// free.
	fn check_systems() -> Result<(), TryRuntimeError> {
		let systems: BTreeMap<_, _> = Systems::<T>::iter().collect();
		ensure!(systems.len() <= T::MaxSystems::get() as usize, "there are too many systems");
		let next = NextSystem::<T>::get();
		ensure!(systems.keys().all(|index| *index < next), "the next system's index is used");
		let valid = |system: &crate::SystemRecord| system.system.validate().is_ok();
		ensure!(systems.values().all(valid), "a system is not valid");
		let different: BTreeSet<_> =
			systems.values().map(|system| codec::Encode::encode(&system.system)).collect();
		ensure!(different.len() == systems.len(), "a system is registered twice");
		Ok(())
	}

	/// There are not too many programs; every one is valid for its system, which was registered before, and
	/// is there once; and the next one's index is free.
	fn check_programs() -> Result<(), TryRuntimeError> {
		let programs: BTreeMap<_, _> = Programs::<T>::iter().collect();
		ensure!(programs.len() <= T::MaxPrograms::get() as usize, "there are too many programs");
		let next = NextProgram::<T>::get();
		ensure!(programs.keys().all(|index| *index < next), "the next program's index is used");
		let next_system = NextSystem::<T>::get();
		for program in programs.values() {
			ensure!(program.system < next_system, "a program's system was never registered");
			// A system that was revoked is no longer there.
			let valid = Systems::<T>::get(program.system)
				.is_none_or(|system| system.system.validate_program(&program.id.0).is_ok());
			ensure!(valid, "a program's id is not valid");
		}
		let different: BTreeSet<_> =
			programs.values().map(|program| (program.system, program.id)).collect();
		ensure!(different.len() == programs.len(), "a program is registered twice");
		Ok(())
	}
}
