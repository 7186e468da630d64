//! What [`weights`](crate::weights) are measured with.
//!
//! Verifications are measured with right proofs: no wrong one takes longer. Those of Groth16 are made here, by
//! systems whose secret is known; the time does not depend on the key.

use alloc::{boxed::Box, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use pallet_block_proposal::ProofVerifier;
use sp_core::H256;
use sp_runtime::traits::Zero;
use succinct_proof_verifier::{toy, System};

use crate::*;

const INSTANCE: H256 = H256::repeat_byte(0x42);
const ID: H256 = H256::repeat_byte(0x07);

/// A system that is different for each number.
fn system(number: u32) -> System {
	match toy::sp1() {
		System::Sp1Groth16(mut system) => {
			system.selector = number.to_be_bytes();
			System::Sp1Groth16(system)
		},
		system => system,
	}
}

/// Registers systems until there is a place left for one more.
fn fill_systems<T: Config>() {
	for number in Systems::<T>::iter().count() as u32..T::MaxSystems::get().saturating_sub(1) {
		let index = NextSystem::<T>::get();
		Systems::<T>::insert(index, SystemRecord { system: system(number), paused: false });
		NextSystem::<T>::put(index.saturating_add(1));
	}
}

/// Registers programs of a system until there is a place left for one more.
fn fill_programs<T: Config>(system: SystemIndex) {
	for number in Programs::<T>::iter().count() as u32..T::MaxPrograms::get().saturating_sub(1) {
		let index = NextProgram::<T>::get();
		let id = H256::from_low_u64_be(u64::from(number).saturating_add(1));
		let active_from = Zero::zero();
		Programs::<T>::insert(index, Program { system, id, active_from, paused: false });
		NextProgram::<T>::put(index.saturating_add(1));
	}
}

/// Registers a system and a program of it, each the last one for which there is room. Returns their indices.
fn register<T: Config>(system: System, id: H256) -> (SystemIndex, ProgramIndex) {
	fill_systems::<T>();
	let index = NextSystem::<T>::get();
	Systems::<T>::insert(index, SystemRecord { system, paused: false });
	NextSystem::<T>::put(index.saturating_add(1));
	fill_programs::<T>(index);
	let program = NextProgram::<T>::get();
	let active_from = Zero::zero();
	Programs::<T>::insert(program, Program { system: index, id, active_from, paused: false });
	NextProgram::<T>::put(program.saturating_add(1));
	(index, program)
}

/// Puts the program's index in front of a proof.
fn named(program: ProgramIndex, proof: &[u8]) -> Vec<u8> {
	[&program.to_le_bytes(), proof].concat()
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn pauser<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::PauseOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// The last system that there is room for. Both kinds with keys have the same key.
	#[benchmark]
	fn register_system() -> Result<(), BenchmarkError> {
		fill_systems::<T>();
		let index = NextSystem::<T>::get();

		#[extrinsic_call]
		_(admin::<T>()?, Box::new(system(u32::MAX)));

		assert!(Systems::<T>::contains_key(index));
		Ok(())
	}

	/// A system with a key, which is the longest.
	#[benchmark]
	fn pause_system() -> Result<(), BenchmarkError> {
		let (index, _) = register::<T>(system(u32::MAX), ID);

		#[extrinsic_call]
		_(pauser::<T>()?, index);

		assert!(Systems::<T>::get(index).is_some_and(|record| record.paused));
		Ok(())
	}

	/// A system with a key, which is the longest.
	#[benchmark]
	fn resume_system() -> Result<(), BenchmarkError> {
		let (index, _) = register::<T>(system(u32::MAX), ID);
		Systems::<T>::mutate(index, |record| record.iter_mut().for_each(|it| it.paused = true));

		#[extrinsic_call]
		_(admin::<T>()?, index);

		assert!(Systems::<T>::get(index).is_some_and(|record| !record.paused));
		Ok(())
	}

	/// A system with a key, which is the longest.
	#[benchmark]
	fn revoke_system() -> Result<(), BenchmarkError> {
		let (index, _) = register::<T>(system(u32::MAX), ID);

		#[extrinsic_call]
		_(admin::<T>()?, index);

		assert!(!Systems::<T>::contains_key(index));
		Ok(())
	}

	/// The last program that there is room for.
	#[benchmark]
	fn register_program() -> Result<(), BenchmarkError> {
		fill_systems::<T>();
		let system = NextSystem::<T>::get();
		let record = SystemRecord { system: super::system(u32::MAX), paused: false };
		Systems::<T>::insert(system, record);
		fill_programs::<T>(system);
		let program = NextProgram::<T>::get();

		#[extrinsic_call]
		_(admin::<T>()?, system, ID, T::MinActivationDelay::get());

		assert!(Programs::<T>::contains_key(program));
		Ok(())
	}

	/// Any program: all are equally long.
	#[benchmark]
	fn pause_program() -> Result<(), BenchmarkError> {
		let (_, program) = register::<T>(system(u32::MAX), ID);

		#[extrinsic_call]
		_(pauser::<T>()?, program);

		assert!(Programs::<T>::get(program).is_some_and(|record| record.paused));
		Ok(())
	}

	/// Any program: all are equally long.
	#[benchmark]
	fn resume_program() -> Result<(), BenchmarkError> {
		let (_, program) = register::<T>(system(u32::MAX), ID);
		Programs::<T>::mutate(program, |record| record.iter_mut().for_each(|it| it.paused = true));

		#[extrinsic_call]
		_(admin::<T>()?, program);

		assert!(Programs::<T>::get(program).is_some_and(|record| !record.paused));
		Ok(())
	}

	/// Any program: all are equally long.
	#[benchmark]
	fn revoke_program() -> Result<(), BenchmarkError> {
		let (_, program) = register::<T>(system(u32::MAX), ID);

		#[extrinsic_call]
		_(admin::<T>()?, program);

		assert!(!Programs::<T>::contains_key(program));
		Ok(())
	}

	/// A program that is there, and its system, which has a key.
	#[benchmark]
	fn look_up_program() {
		let (_, program) = register::<T>(system(u32::MAX), ID);
		let revoked;

		#[block]
		{
			revoked = <Pallet<T> as ProofVerifier>::is_revoked(&program);
		}

		assert!(!revoked);
	}

	/// A right proof of one segment, with the least number of cycles of the proofs that provers make. How the
	/// time grows with the length is computed: see `verifying.rs`.
	#[benchmark]
	fn verify_segment() {
		let toy::Segments { program, instance, proof } = toy::segments();
		let (_, index) = register::<T>(System::RiscZeroSegments, program.into());
		let proof = named(index, proof);
		let answer;

		#[block]
		{
			answer = <Pallet<T> as ProofVerifier>::verify(instance.into(), &proof);
		}

		assert_eq!(answer.tag, Some(index));
	}

	/// A right proof.
	#[benchmark]
	fn verify_risc_zero_groth16() -> Result<(), BenchmarkError> {
		let system = toy::risc_zero();
		let proof = toy::prove(&system, &ID.0, &INSTANCE.0, u64::MAX)
			.ok_or(BenchmarkError::Stop("the toy system proves everything"))?;
		let (_, index) = register::<T>(system, ID);
		let proof = named(index, &proof);
		let answer;

		#[block]
		{
			answer = <Pallet<T> as ProofVerifier>::verify(INSTANCE, &proof);
		}

		assert_eq!(answer.tag, Some(index));
		Ok(())
	}

	/// A right proof.
	#[benchmark]
	fn verify_sp1_groth16() -> Result<(), BenchmarkError> {
		let system = toy::sp1();
		let proof = toy::prove(&system, &ID.0, &INSTANCE.0, u64::MAX)
			.ok_or(BenchmarkError::Stop("the toy system proves everything"))?;
		let (_, index) = register::<T>(system, ID);
		let proof = named(index, &proof);
		let answer;

		#[block]
		{
			answer = <Pallet<T> as ProofVerifier>::verify(INSTANCE, &proof);
		}

		assert_eq!(answer.tag, Some(index));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
