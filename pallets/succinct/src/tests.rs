//! Who changes the registry, and what counts as a proof: everything with real verifications.

use codec::{Encode, MaxEncodedLen};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Hooks,
	weights::Weight,
};
use pallet_block_proposal::{AllOf, AnyOf, Either, ProofVerifier};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError};
use succinct_proof_verifier::{toy, verify, Kind, System as ProofSystem};

use crate::mock::*;

type W = <Test as Config>::WeightInfo;

fn register_system(system: ProofSystem) -> sp_runtime::DispatchResult {
	Proofs::register_system(root(), Box::new(system))
}

fn explain(instance: H256, proof: &[u8]) -> Result<ProgramIndex, Refusal> {
	Proofs::explain(instance, proof.to_vec())
}

fn is_revoked(index: ProgramIndex) -> bool {
	<Proofs as ProofVerifier>::is_revoked(&index)
}

/// Another system for each number.
fn system(number: u8) -> ProofSystem {
	match toy::sp1() {
		ProofSystem::Sp1Groth16(mut system) => {
			system.selector = [number; 4];
			ProofSystem::Sp1Groth16(system)
		},
		_ => unreachable!(),
	}
}

#[test]
fn systems_are_registered_paused_resumed_and_revoked() {
	new_test_ext().execute_with(|| {
		only(root(), |origin| Proofs::register_system(origin, Box::new(system(0))));
		for number in 0..3 {
			assert_ok!(register_system(system(number)));
			assert_noop!(register_system(system(number)), Error::AlreadyRegistered);
		}
		assert_noop!(register_system(system(3)), Error::TooManySystems);

		only(pauser(), |origin| Proofs::pause_system(origin, 1));
		assert_noop!(Proofs::resume_system(root(), 1), Error::NotPaused);
		assert_ok!(Proofs::pause_system(pauser(), 1));
		assert_noop!(Proofs::pause_system(pauser(), 1), Error::AlreadyPaused);
		only(root(), |origin| Proofs::resume_system(origin, 1));
		assert_ok!(Proofs::resume_system(root(), 1));

		only(root(), |origin| Proofs::revoke_system(origin, 1));
		assert_ok!(Proofs::revoke_system(root(), 1));
		for index in [1, 3, SystemIndex::MAX] {
			assert_noop!(Proofs::pause_system(pauser(), index), Error::NotRegistered);
			assert_noop!(Proofs::resume_system(root(), index), Error::NotRegistered);
			assert_noop!(Proofs::revoke_system(root(), index), Error::NotRegistered);
		}
		// The same system has another index now, and nothing else gets the old one.
		assert_ok!(register_system(system(1)));
		assert_eq!(
			events(),
			[
				Event::SystemRegistered { system: 0 },
				Event::SystemRegistered { system: 1 },
				Event::SystemRegistered { system: 2 },
				Event::SystemPaused { system: 1 },
				Event::SystemResumed { system: 1 },
				Event::SystemRevoked { system: 1 },
				Event::SystemRegistered { system: 3 },
			]
		);
		let record = |number| SystemRecord { system: system(number), paused: false };
		assert_eq!(Proofs::systems(), [(0, record(0)), (2, record(2)), (3, record(1))]);
		assert_ok!(Proofs::do_try_state());
	});
}

#[test]
fn programs_are_registered_paused_resumed_and_revoked() {
	execute(&[], || {
		let register =
			|system, number, delay| Proofs::register_program(root(), system, id(number), delay);
		only(root(), |origin| Proofs::register_program(origin, SP1, id(1), 5));
		assert_noop!(register(SP1, 1, 4), Error::DelayTooShort);
		assert_noop!(register(3, 1, 5), Error::NotRegistered);
		assert_noop!(register(SP1, 0, 5), Error::InvalidProgram);
		assert_noop!(register(SEGMENTS, 0, 5), Error::InvalidProgram);
		// Larger than the order of the group.
		assert_noop!(register(SP1, 0xff, 5), Error::InvalidProgram);
		assert_ok!(register(RISC_ZERO, 0xff, 5));
		assert_noop!(register(RISC_ZERO, 0xff, 6), Error::AlreadyRegistered);
		// One image id is a program of two systems: STARKs and Groth16 proofs are about it.
		assert_ok!(register(SEGMENTS, 0xff, 7));
		assert_ok!(register(SP1, 1, 5));
		assert_ok!(register(SP1, 2, u64::MAX));
		assert_noop!(register(SP1, 3, 5), Error::TooManyPrograms);

		only(pauser(), |origin| Proofs::pause_program(origin, 1));
		assert_noop!(Proofs::resume_program(root(), 1), Error::NotPaused);
		assert_ok!(Proofs::pause_program(pauser(), 1));
		assert_noop!(Proofs::pause_program(pauser(), 1), Error::AlreadyPaused);
		only(root(), |origin| Proofs::resume_program(origin, 1));
		assert_ok!(Proofs::resume_program(root(), 1));

		only(root(), |origin| Proofs::revoke_program(origin, 1));
		assert_ok!(Proofs::revoke_program(root(), 1));
		for index in [1, 4, ProgramIndex::MAX] {
			assert_noop!(Proofs::pause_program(pauser(), index), Error::NotRegistered);
			assert_noop!(Proofs::resume_program(root(), index), Error::NotRegistered);
			assert_noop!(Proofs::revoke_program(root(), index), Error::NotRegistered);
		}
		// The same program has another index now, and nothing else gets the old one.
		assert_ok!(register(SEGMENTS, 0xff, 5));
		let registered = |program, system, number, active_from| Event::ProgramRegistered {
			program,
			system,
			id: id(number),
			active_from,
		};
		assert_eq!(
			events(),
			[
				registered(0, RISC_ZERO, 0xff, 6),
				registered(1, SEGMENTS, 0xff, 8),
				registered(2, SP1, 1, 6),
				registered(3, SP1, 2, u64::MAX),
				Event::ProgramPaused { program: 1 },
				Event::ProgramResumed { program: 1 },
				Event::ProgramRevoked { program: 1 },
				registered(4, SEGMENTS, 0xff, 6),
			]
		);
		let program = |system, number, active_from| Program {
			system,
			id: id(number),
			active_from,
			paused: false,
		};
		assert_eq!(
			Proofs::programs(),
			[
				(0, program(RISC_ZERO, 0xff, 6)),
				(2, program(SP1, 1, 6)),
				(3, program(SP1, 2, u64::MAX)),
				(4, program(SEGMENTS, 0xff, 6)),
			]
		);
	});
}

#[test]
fn indices_are_exhausted_and_not_used_again() {
	execute(&[], || {
		assert_ok!(Proofs::revoke_system(root(), SEGMENTS));
		NextSystem::<Test>::put(SystemIndex::MAX);
		assert_noop!(register_system(system(1)), Error::TooManySystems);
		NextProgram::<Test>::put(ProgramIndex::MAX);
		let register = Proofs::register_program(root(), SP1, id(1), 5);
		assert_eq!(register, Err(Error::TooManyPrograms.into()));
	});
}

#[test]
fn a_key_is_checked_when_it_is_registered() {
	new_test_ext().execute_with(|| {
		for byte in [0, 63, 64, 191, 447, 448, 831] {
			for system in [toy::sp1(), toy::risc_zero()] {
				let mut wrong = system.clone();
				let (ProofSystem::Sp1Groth16(succinct_proof_verifier::Sp1 { key, .. })
				| ProofSystem::RiscZeroGroth16(succinct_proof_verifier::RiscZero {
					key, ..
				})) = &mut wrong
				else {
					unreachable!()
				};
				key.0[byte] ^= 1;
				assert_noop!(register_system(wrong), Error::InvalidKey);
			}
		}
		let ProofSystem::Sp1Groth16(mut sp1) = toy::sp1() else { unreachable!() };
		sp1.vk_root = [0xff; 32];
		assert_noop!(register_system(ProofSystem::Sp1Groth16(sp1)), Error::InvalidKey);
		let ProofSystem::RiscZeroGroth16(mut risc_zero) = toy::risc_zero() else { unreachable!() };
		risc_zero.control_id = [0xff; 32];
		assert_noop!(register_system(ProofSystem::RiscZeroGroth16(risc_zero)), Error::InvalidKey);
		assert_ok!(register_system(toy::sp1()));
	});
}

#[test]
fn a_proof_is_one_of_its_program_and_of_the_whole_instance() {
	execute(&[(RISC_ZERO, id(1)), (SP1, id(1)), (SP1, id(2))], || {
		for (index, system, number) in [(0, RISC_ZERO, 1), (1, SP1, 1), (2, SP1, 2)] {
			let right = proof(index, system, id(number), INSTANCE);
			assert_eq!(explain(INSTANCE, &right), Ok(index));
			assert!(Proofs::accepts(INSTANCE, right.clone()));
			assert_eq!(<Proofs as ProofVerifier>::verify(INSTANCE, &right).tag, Some(index));
			for byte in 0..32 {
				let mut other = INSTANCE;
				other.0[byte] ^= 1;
				assert_eq!(explain(other, &right), Err(Refusal::Invalid));
			}
			assert!(!Proofs::accepts(H256::zero(), right));
		}
		// A proof by one program does not name another one.
		let other = named(2, &proof(1, SP1, id(1), INSTANCE)[2..]);
		assert_eq!(explain(INSTANCE, &other), Err(Refusal::Invalid));
		// Nor one of another system.
		let other = named(0, &proof(1, SP1, id(1), INSTANCE)[2..]);
		assert_eq!(explain(INSTANCE, &other), Err(Refusal::WrongSystem));
	});
}

#[test]
fn a_stark_is_a_proof() {
	let toy::Segments { program, instance, proof } = toy::segments();
	execute(&[(SEGMENTS, program.into()), (SEGMENTS, id(1)), (SP1, id(1))], || {
		let right = named(0, proof);
		assert_eq!(explain(instance.into(), &right), Ok(0));
		assert_eq!(explain(INSTANCE, &right), Err(Refusal::WrongStatement));
		assert_eq!(explain(instance.into(), &named(1, proof)), Err(Refusal::WrongStatement));
		assert_eq!(explain(instance.into(), &named(2, proof)), Err(Refusal::WrongSystem));
		let mut changed = right.clone();
		*changed.last_mut().unwrap() ^= 1;
		assert_eq!(explain(instance.into(), &changed), Err(Refusal::Invalid));
	});
}

/// Every refusal by its name, and what it weighs: nothing is verified unless the program's proofs are
/// accepted.
#[test]
fn refusals_have_names() {
	execute(&[(SP1, id(1)), (RISC_ZERO, id(2))], || {
		let right = proof(0, SP1, id(1), INSTANCE);
		let refused = |proof: &[u8], refusal, weight| {
			assert_eq!(explain(INSTANCE, proof), Err(refusal));
			let answer = <Proofs as ProofVerifier>::verify(INSTANCE, proof);
			assert_eq!((answer.tag, answer.weight), (None, weight), "{refusal:?}");
			assert!(answer
				.weight
				.all_lte(<Proofs as ProofVerifier>::verify_weight(proof.len() as u32)));
		};
		let look_up = <W as WeightInfo>::look_up_program();
		let verified = <W as WeightInfo>::verify_sp1_groth16();
		for length in [0, 1, 2, 3, 261, 263, 357, 359, 100_000] {
			let mut bytes = right.clone();
			bytes.resize(length, 0);
			refused(&bytes, Refusal::Malformed, Weight::zero());
		}
		refused(&named(2, &right[2..]), Refusal::UnknownProgram, look_up);
		refused(&named(ProgramIndex::MAX, &right[2..]), Refusal::UnknownProgram, look_up);
		refused(&named(1, &right[2..]), Refusal::WrongSystem, look_up);
		let changed = |at: usize| {
			let mut bytes = right.clone();
			bytes[at] ^= 1;
			bytes
		};
		refused(&changed(2), Refusal::WrongVersion, verified);
		refused(&changed(6), Refusal::WrongStatement, verified);
		refused(&changed(right.len() - 1), Refusal::Malformed, verified);
		refused(&proof(0, SP1, id(1), id(9)), Refusal::Invalid, verified);

		assert_ok!(Proofs::register_program(root(), SP1, id(3), 5));
		let early = proof(2, SP1, id(3), INSTANCE);
		refused(&early, Refusal::NotActive, look_up);
		System::set_block_number(5);
		refused(&early, Refusal::NotActive, look_up);
		System::set_block_number(6);
		assert_eq!(explain(INSTANCE, &early), Ok(2));

		assert_ok!(Proofs::pause_program(pauser(), 0));
		refused(&right, Refusal::Paused, look_up);
		assert_ok!(Proofs::resume_program(root(), 0));
		assert_ok!(Proofs::pause_system(pauser(), SP1));
		refused(&right, Refusal::Paused, look_up);
		refused(&early, Refusal::Paused, look_up);
		assert_ok!(Proofs::resume_system(root(), SP1));
		assert_eq!(explain(INSTANCE, &right), Ok(0));
		assert_ok!(Proofs::revoke_program(root(), 0));
		refused(&right, Refusal::Revoked, look_up);
		assert_ok!(Proofs::revoke_system(root(), SP1));
		refused(&early, Refusal::Revoked, look_up);
	});
}

#[test]
fn a_claim_is_void_if_its_program_or_system_is_revoked_but_not_if_it_is_paused() {
	execute(&[(SP1, id(1)), (SP1, id(2)), (RISC_ZERO, id(1))], || {
		let revoked = || (0..4).map(is_revoked).collect::<Vec<_>>();
		assert_eq!(revoked(), [false, false, false, true]);
		assert_ok!(Proofs::pause_program(pauser(), 0));
		assert_ok!(Proofs::pause_system(pauser(), RISC_ZERO));
		assert_eq!(revoked(), [false, false, false, true]);
		assert_ok!(Proofs::revoke_program(root(), 0));
		assert_eq!(revoked(), [true, false, false, true]);
		// The same program again: the old claims stay void.
		assert_ok!(Proofs::register_program(root(), SP1, id(1), 5));
		assert_eq!(revoked(), [true, false, false, false]);
		assert_ok!(Proofs::revoke_system(root(), SP1));
		assert_eq!(revoked(), [true, true, false, true]);
		// The same system again.
		assert_ok!(register_system(toy::sp1()));
		assert_eq!(revoked(), [true, true, false, true]);
		assert_noop!(Proofs::register_program(root(), SP1, id(5), 5), Error::NotRegistered);
		let weight = <Proofs as ProofVerifier>::is_revoked_weight();
		assert_eq!(weight, <W as WeightInfo>::look_up_program());
	});
}

/// Two proofs at once, by programs of two systems: if one system is broken, a wrong block still lacks the
/// other's proof.
#[test]
fn two_systems_can_be_asked_for_at_once() {
	type Both = AllOf<Proofs, Proofs>;
	execute(&[(RISC_ZERO, id(1)), (SP1, id(1))], || {
		let one = proof(0, RISC_ZERO, id(1), INSTANCE);
		let other = proof(1, SP1, id(1), INSTANCE);
		let verify = |first: &[u8], second: &[u8]| {
			Both::verify(INSTANCE, &(first.to_vec(), second.to_vec()).encode()).tag
		};
		let tag = verify(&one, &other);
		assert_eq!(tag, Some((0, 1)));
		assert_eq!(verify(&one, &proof(1, SP1, id(1), id(9))), None);
		assert_eq!(verify(&proof(0, RISC_ZERO, id(1), id(9)), &other), None);
		assert_eq!(verify(&one, &[]), None);
		// The registry does not ask for different systems: a runtime that wants them wires different verifiers.
		assert_eq!(verify(&one, &one), Some((0, 0)));
		assert!(!Both::is_revoked(&tag.unwrap()));
		assert_ok!(Proofs::revoke_system(root(), SP1));
		assert!(Both::is_revoked(&tag.unwrap()));
		assert_eq!(verify(&one, &other), None);
	});
}

#[test]
fn any_of_several_kinds_is_named_by_the_first_byte() {
	type Any = AnyOf<(), Proofs>;
	execute(&[(SP1, id(1))], || {
		let right = proof(0, SP1, id(1), INSTANCE);
		let verify = |kind: u8| Any::verify(INSTANCE, &[&[kind], &right[..]].concat()).tag;
		assert_eq!([0, 1, 2].map(verify), [None, Some(Either::Second(0)), None]);
	});
}

#[test]
fn the_weight_is_known_from_the_length() {
	let weight = |length: usize| <Proofs as ProofVerifier>::verify_weight(length as u32);
	let (least, most) = Kind::RiscZeroSegments.proof_bytes();
	let segment = <W as WeightInfo>::verify_segment();
	let [risc_zero, sp1] =
		[<W as WeightInfo>::verify_risc_zero_groth16(), <W as WeightInfo>::verify_sp1_groth16()];
	assert_eq!([0, 1, 2, 261].map(weight), [Weight::zero(); 4]);
	assert_eq!([262, 357].map(weight), [risc_zero; 2]);
	assert_eq!([358, 359, 1 + least].map(weight), [risc_zero.max(sp1); 3]);
	assert_eq!(weight(2 + least), segment);
	assert_eq!(weight(2 + 2 * least), segment.saturating_mul(2));
	assert_eq!(
		weight(2 + most).ref_time(),
		(u128::from(segment.ref_time()) * most as u128 / least as u128) as u64
	);
	assert!(weight(2 + most).all_gt(segment.saturating_mul(27)));
	assert_eq!(weight(u32::MAX as usize), weight(2 + most));
	// Never less for a longer proof.
	let lengths = (0..400).chain((400..u32::MAX as usize).step_by(100_003));
	lengths.map(weight).reduce(|less, more| {
		assert!(less.all_lte(more));
		more
	});
}

/// A proof is a part of what combined verifiers get, which ask with the length of the whole: what it weighs
/// must be covered by that.
#[test]
fn the_weight_covers_proofs_that_are_a_part() {
	type Any = AnyOf<(), AnyOf<(), Proofs>>;
	type Both = AllOf<Proofs, Proofs>;
	let toy::Segments { program, instance, proof: stark } = toy::segments();
	execute(&[(SP1, id(1)), (RISC_ZERO, id(1)), (SEGMENTS, program.into())], || {
		let instance = H256::from(instance);
		let proofs =
			[proof(0, SP1, id(1), instance), proof(1, RISC_ZERO, id(1), instance), named(2, stark)];
		for one in &proofs {
			let alone = <Proofs as ProofVerifier>::verify(instance, one);
			let bytes = [&[1, 1], &one[..]].concat();
			let any = Any::verify(instance, &bytes);
			assert!(any.tag.is_some());
			assert_eq!(any.weight, alone.weight);
			assert!(any.weight.all_lte(Any::verify_weight(bytes.len() as u32)));
			for other in &proofs {
				let bytes = (one, other).encode();
				let both = Both::verify(instance, &bytes);
				assert!(both.tag.is_some());
				assert!(both.weight.all_lte(Both::verify_weight(bytes.len() as u32)));
			}
		}
	});
}

/// The benchmark of a segment is of at least 2^15 cycles: fewer are not enough for all lengths.
#[test]
fn the_segment_of_the_benchmark_is_long_enough() {
	let toy::Segments { program, instance, proof } = toy::segments();
	assert!(proof.len() >= 209_261 && proof.len() < 2 * 188_525);
	assert_eq!(verify(&ProofSystem::RiscZeroSegments, &program, &instance, proof), Ok(()));
}

#[test]
fn a_tag_is_two_bytes_and_a_call_is_small() {
	assert_eq!(<Proofs as ProofVerifier>::Tag::max_encoded_len(), 2);
	// The index is little-endian, as SCALE has it.
	assert_eq!(named(0x0102, &[]), 0x0102_u16.encode());
	assert!(size_of::<Call<Test>>() <= 64, "{}", size_of::<Call<Test>>());
	assert_eq!(SystemRecord::max_encoded_len(), 1 + 4 + 32 + 32 + 832 + 1);
}

#[test]
fn its_calls_are_operational() {
	let calls = [
		Call::<Test>::register_system { system: Box::new(toy::sp1()) },
		Call::pause_system { system: 0 },
		Call::resume_system { system: 0 },
		Call::revoke_system { system: 0 },
		Call::register_program { system: 0, id: id(1), delay: 5 },
		Call::pause_program { program: 0 },
		Call::resume_program { program: 0 },
		Call::revoke_program { program: 0 },
	];
	for call in calls {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
	}
}

#[test]
fn a_chain_starts_with_its_systems_and_programs() {
	execute(&[(SP1, id(1)), (SEGMENTS, id(2))], || {
		let record = |system| SystemRecord { system, paused: false };
		let systems: Vec<_> = systems().into_iter().map(record).zip(0..).collect();
		let systems: Vec<_> = systems.into_iter().map(|(record, index)| (index, record)).collect();
		assert_eq!(Proofs::systems(), systems);
		// They are active at once.
		assert_eq!(explain(INSTANCE, &proof(0, SP1, id(1), INSTANCE)), Ok(0));
		assert_eq!(Proofs::programs()[1].1.id, id(2));
	});
}

fn build(systems: Vec<ProofSystem>, programs: Vec<(SystemIndex, H256)>) {
	let proofs = GenesisConfig::<Test> { systems, programs, ..Default::default() };
	proofs.build_storage().unwrap();
}

#[test]
#[should_panic(expected = "genesis proof system 1 cannot be registered: AlreadyRegistered")]
fn a_genesis_with_a_system_twice_is_refused() {
	build(vec![toy::sp1(), toy::sp1()], vec![]);
}

#[test]
#[should_panic(expected = "genesis program 0 cannot be registered: NotRegistered")]
fn a_genesis_with_a_program_of_no_system_is_refused() {
	build(systems(), vec![(3, id(1))]);
}

#[test]
#[should_panic(expected = "genesis program 4 cannot be registered: TooManyPrograms")]
fn a_genesis_with_too_many_programs_is_refused() {
	build(systems(), (1..6).map(|number| (SP1, id(number))).collect());
}

#[test]
fn a_genesis_is_text() {
	let genesis = GenesisConfig::<Test> {
		systems: systems(),
		programs: vec![(SP1, id(1))],
		..Default::default()
	};
	let json = serde_json::to_value(&genesis).unwrap();
	assert_eq!(json["systems"][0], "RiscZeroSegments");
	let key = json["systems"][2]["Sp1Groth16"]["key"].as_str().unwrap();
	assert_eq!((key.len(), &key[..2]), (2 + 2 * 832, "0x"));
	let back: GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!((back.systems, back.programs), (genesis.systems, genesis.programs));
	let mut short = json;
	short["systems"][2]["Sp1Groth16"]["selector"] = "0x000102".into();
	assert!(serde_json::from_value::<GenesisConfig<Test>>(short).is_err());
}

#[test]
fn the_integrity_of_the_configuration_is_tested() {
	let integrity = || std::panic::catch_unwind(<Proofs as Hooks<u64>>::integrity_test).is_ok();
	assert!(integrity());
	for (systems, programs, valid) in [
		(0, 4, false),
		(3, 0, false),
		(1, 1, true),
		(65_535, 65_535, true),
		(65_536, 4, false),
		(3, 65_536, false),
	] {
		MaxSystems::set(systems);
		MaxPrograms::set(programs);
		assert_eq!(integrity(), valid, "{systems} systems, {programs} programs");
	}
}

#[test]
fn every_invariant_can_fail() {
	type Programs = crate::Programs<Test>;
	type Systems = crate::Systems<Test>;
	let program =
		|number, system| Program { system, id: id(number), active_from: 0, paused: false };
	let record = |system| SystemRecord { system, paused: false };
	let broken = |change: &dyn Fn(), expected: &'static str| {
		chain(systems(), vec![(SP1, id(1))]).execute_with(|| {
			assert_ok!(Proofs::do_try_state());
			change();
			assert_eq!(Proofs::do_try_state(), Err(DispatchError::Other(expected)));
		});
	};
	let too_many = || {
		Systems::insert(3, record(system(3)));
		NextSystem::<Test>::put(4);
	};
	broken(&too_many, "there are too many systems");
	broken(&|| NextSystem::<Test>::put(2), "the next system's index is used");
	let ProofSystem::Sp1Groth16(mut sp1) = toy::sp1() else { unreachable!() };
	sp1.key.0[100] ^= 1;
	let invalid = ProofSystem::Sp1Groth16(sp1);
	broken(&|| Systems::insert(0, record(invalid.clone())), "a system is not valid");
	broken(&|| Systems::insert(0, record(toy::sp1())), "a system is registered twice");
	let too_many = || {
		(1..5).for_each(|index| Programs::insert(index, program(9, SP1)));
		NextProgram::<Test>::put(5);
	};
	broken(&too_many, "there are too many programs");
	broken(&|| NextProgram::<Test>::put(0), "the next program's index is used");
	let never = "a program's system was never registered";
	broken(&|| Programs::insert(0, program(1, 3)), never);
	broken(&|| Programs::insert(0, program(0xff, SP1)), "a program's id is not valid");
	let twice = || {
		Programs::insert(1, program(1, SP1));
		NextProgram::<Test>::put(2);
	};
	broken(&twice, "a program is registered twice");
	// A program of a system that was revoked is no fault.
	chain(systems(), vec![(SP1, id(1))]).execute_with(|| {
		assert_ok!(Proofs::revoke_system(root(), SP1));
		assert_ok!(Proofs::do_try_state());
	});
}
