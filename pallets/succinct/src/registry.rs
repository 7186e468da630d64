//! The changes of the registry.

use frame_support::{ensure, traits::Get};
use sp_core::H256;
use sp_runtime::traits::{BlockNumberProvider, Saturating};
use succinct_proof_verifier::System;

use crate::{
	BlockNumberOf, Config, Error, Event, NextProgram, NextSystem, Pallet, Program, ProgramIndex,
	Programs, SystemIndex, SystemRecord, Systems,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_system(system: System) -> Result<(), Error<T>> {
		ensure!(system.validate().is_ok(), Error::<T>::InvalidKey);
		let mut count = 0u32;
		for other in Systems::<T>::iter_values() {
			ensure!(other.system != system, Error::<T>::AlreadyRegistered);
			count = count.saturating_add(1);
		}
		ensure!(count < T::MaxSystems::get(), Error::<T>::TooManySystems);
		let index = NextSystem::<T>::get();
		let next = index.checked_add(1).ok_or(Error::<T>::TooManySystems)?;
		NextSystem::<T>::put(next);
		Systems::<T>::insert(index, SystemRecord { system, paused: false });
		Self::deposit_event(Event::SystemRegistered { system: index });
		Ok(())
	}

	pub(crate) fn do_pause_system(system: SystemIndex) -> Result<(), Error<T>> {
		Self::set_system_paused(system, true)?;
		Self::deposit_event(Event::SystemPaused { system });
		Ok(())
	}

	pub(crate) fn do_resume_system(system: SystemIndex) -> Result<(), Error<T>> {
		Self::set_system_paused(system, false)?;
		Self::deposit_event(Event::SystemResumed { system });
		Ok(())
	}

	fn set_system_paused(system: SystemIndex, paused: bool) -> Result<(), Error<T>> {
		let mut record = Systems::<T>::get(system).ok_or(Error::<T>::NotRegistered)?;
		Self::set(&mut record.paused, paused)?;
		Systems::<T>::insert(system, record);
		Ok(())
	}

	/// Sets whether something is paused. Refused where it is so already.
	fn set(field: &mut bool, paused: bool) -> Result<(), Error<T>> {
		let refusal = if paused { Error::<T>::AlreadyPaused } else { Error::<T>::NotPaused };
		ensure!(*field != paused, refusal);
		*field = paused;
		Ok(())
	}

	pub(crate) fn do_revoke_system(system: SystemIndex) -> Result<(), Error<T>> {
		Systems::<T>::take(system).ok_or(Error::<T>::NotRegistered)?;
		Self::deposit_event(Event::SystemRevoked { system });
		Ok(())
	}

	pub(crate) fn do_register_program_after(
		system: SystemIndex,
		id: H256,
		delay: BlockNumberOf<T>,
	) -> Result<(), Error<T>> {
		ensure!(delay >= T::MinActivationDelay::get(), Error::<T>::DelayTooShort);
		let now = T::BlockNumberProvider::current_block_number();
		Self::do_register_program(system, id, now.saturating_add(delay))
	}

	pub(crate) fn do_register_program(
		system: SystemIndex,
		id: H256,
		active_from: BlockNumberOf<T>,
	) -> Result<(), Error<T>> {
		let record = Systems::<T>::get(system).ok_or(Error::<T>::NotRegistered)?;
		ensure!(record.system.validate_program(&id.0).is_ok(), Error::<T>::InvalidProgram);
		let mut count = 0u32;
		for other in Programs::<T>::iter_values() {
			// Revoking one of two would leave the other.
			ensure!((other.system, other.id) != (system, id), Error::<T>::AlreadyRegistered);
			count = count.saturating_add(1);
		}
		ensure!(count < T::MaxPrograms::get(), Error::<T>::TooManyPrograms);
		let program = NextProgram::<T>::get();
		let next = program.checked_add(1).ok_or(Error::<T>::TooManyPrograms)?;
		NextProgram::<T>::put(next);
		Programs::<T>::insert(program, Program { system, id, active_from, paused: false });
		Self::deposit_event(Event::ProgramRegistered { program, system, id, active_from });
		Ok(())
	}

	pub(crate) fn do_pause_program(program: ProgramIndex) -> Result<(), Error<T>> {
		Self::set_program_paused(program, true)?;
		Self::deposit_event(Event::ProgramPaused { program });
		Ok(())
	}

	pub(crate) fn do_resume_program(program: ProgramIndex) -> Result<(), Error<T>> {
		Self::set_program_paused(program, false)?;
		Self::deposit_event(Event::ProgramResumed { program });
		Ok(())
	}

	fn set_program_paused(program: ProgramIndex, paused: bool) -> Result<(), Error<T>> {
		let mut record = Programs::<T>::get(program).ok_or(Error::<T>::NotRegistered)?;
		Self::set(&mut record.paused, paused)?;
		Programs::<T>::insert(program, record);
		Ok(())
	}

	pub(crate) fn do_revoke_program(program: ProgramIndex) -> Result<(), Error<T>> {
		Programs::<T>::take(program).ok_or(Error::<T>::NotRegistered)?;
		Self::deposit_event(Event::ProgramRevoked { program });
		Ok(())
	}
}
