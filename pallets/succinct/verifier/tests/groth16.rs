//! Public Groth16 proofs, and what is refused.

mod common;

use ark_bn254::Fq;
use ark_ff::{BigInteger, PrimeField};
use common::*;
use succinct_proof_verifier::{toy, verify, Error, Kind, System};

const INSTANCE: [u8; 32] = [0x42; 32];
const PROGRAM: [u8; 32] = [0x07; 32];

/// Returns where the points of a proof begin.
fn points(proof: &Proof) -> usize {
	proof.bytes.len() - 256
}

#[test]
fn public_proofs_are_accepted() {
	assert_eq!(sp1().verify(), Ok(()));
	assert_eq!(risc_zero().verify(), Ok(()));
	for system in [sp1_system(), risc_zero_system()] {
		assert_eq!(system.validate(), Ok(()));
	}
	assert_eq!(sp1().system.validate_program(&sp1().program), Ok(()));
	let kinds = [sp1(), risc_zero()].map(|proof| (proof.system.kind(), proof.bytes.len()));
	assert_eq!(kinds, [(Kind::Sp1Groth16, 356), (Kind::RiscZeroGroth16, 260)]);
	for (kind, length) in kinds {
		assert_eq!(kind.proof_bytes(), (length, length));
	}
}

#[test]
fn a_proof_is_of_its_program_and_of_all_bytes_of_its_values() {
	for proof in [sp1(), risc_zero()] {
		for byte in 0..32 {
			let mut other = proof.clone();
			other.program[byte] ^= 1;
			assert_eq!(other.verify(), Err(Error::Invalid), "program, byte {byte}");
		}
		for byte in 0..proof.values.len() {
			let mut other = proof.clone();
			other.values[byte] ^= 0x80;
			assert_eq!(other.verify(), Err(Error::Invalid), "values, byte {byte}");
		}
		let mut longer = proof.clone();
		longer.values.push(0);
		assert_eq!(longer.verify(), Err(Error::Invalid));
		let mut shorter = proof.clone();
		shorter.values.pop();
		assert_eq!(shorter.verify(), Err(Error::Invalid));
	}
}

#[test]
fn a_proof_is_of_its_version_and_of_a_success() {
	assert_eq!(sp1_of_another_version().verify(), Err(Error::WrongVersion));
	for proof in [sp1(), risc_zero()] {
		for byte in 0..4 {
			let mut bytes = proof.bytes.clone();
			bytes[byte] ^= 1;
			assert_eq!(proof.with(&bytes), Err(Error::WrongVersion), "selector, byte {byte}");
		}
	}
	let proof = sp1();
	for (range, error) in [
		(4..36, Error::WrongStatement), // exit code
		(36..68, Error::WrongVersion),  // root of keys
		(69..100, Error::Invalid),      // nonce
	] {
		for byte in range {
			let mut bytes = proof.bytes.clone();
			bytes[byte] ^= 1;
			assert_eq!(proof.with(&bytes), Err(error), "byte {byte}");
		}
	}
}

#[test]
fn the_constants_of_a_system_are_part_of_what_is_proven() {
	let Proof { system: System::RiscZeroGroth16(system), .. } = risc_zero() else { panic!() };
	for byte in 0..32 {
		for constant in 0..2 {
			let (mut other, mut system) = (risc_zero(), system.clone());
			[&mut system.control_root, &mut system.control_id][constant][byte] ^= 1;
			other.system = System::RiscZeroGroth16(system);
			assert_eq!(other.verify(), Err(Error::Invalid), "constant {constant}, byte {byte}");
		}
	}
	// The root is a public input of the circuit, too: it does not help to change both.
	let Proof { system: System::Sp1Groth16(mut system), bytes: mut proof, .. } = sp1() else {
		panic!()
	};
	system.vk_root[31] ^= 1;
	proof[67] ^= 1;
	let other = Proof { system: System::Sp1Groth16(system), bytes: proof, ..sp1() };
	assert_eq!(other.verify(), Err(Error::Invalid));
}

#[test]
fn every_bit_of_the_points_counts() {
	for proof in [sp1(), risc_zero()] {
		for bit in 8 * points(&proof)..8 * proof.bytes.len() {
			let mut bytes = proof.bytes.clone();
			bytes[bit / 8] ^= 1 << (bit % 8);
			assert_eq!(proof.with(&bytes), Err(Error::Malformed), "bit {bit}");
		}
	}
}

#[test]
fn a_proof_has_one_length() {
	for proof in [sp1(), risc_zero()] {
		for length in 0..proof.bytes.len() {
			assert_eq!(proof.with(&proof.bytes[..length]), Err(Error::Malformed));
		}
		assert_eq!(proof.with(&[&proof.bytes[..], &[0]].concat()), Err(Error::Malformed));
		assert_eq!(proof.with(&[0; 400_000]), Err(Error::Malformed));
	}
	// One system's proof is not another's.
	assert_eq!(sp1().with(&risc_zero().bytes), Err(Error::Malformed));
	assert_eq!(risc_zero().with(&sp1().bytes), Err(Error::Malformed));
}

/// Adding the modulus to a number gives another encoding of the same: none of them is accepted.
#[test]
fn a_number_has_one_encoding() {
	for proof in [sp1(), risc_zero()] {
		let mut tried = 0;
		for at in (points(&proof)..proof.bytes.len()).step_by(32) {
			let mut bytes = proof.bytes.clone();
			if add(&mut bytes[at..at + 32], &Fq::MODULUS.to_bytes_be()) {
				assert_eq!(proof.with(&bytes), Err(Error::Malformed), "number at {at}");
				tried += 1;
			}
		}
		assert!(tried > 4, "{tried}");
	}
	let order = ark_bn254::Fr::MODULUS.to_bytes_be();
	let proof = sp1();
	let mut bytes = proof.bytes.clone();
	assert!(add(&mut bytes[68..100], &order));
	assert_eq!(proof.with(&bytes), Err(Error::Malformed), "nonce");
	let mut program = proof.program;
	assert!(add(&mut program, &order));
	assert!(proof.system.validate_program(&program).is_err());
	assert_eq!(Proof { program, ..proof }.verify(), Err(Error::Invalid), "program");
}

/// Adds to a big-endian number. Returns whether the sum fits.
fn add(number: &mut [u8], summand: &[u8]) -> bool {
	let mut carry = 0;
	for (to, from) in number.iter_mut().zip(summand).rev() {
		let sum = u16::from(*to) + u16::from(*from) + carry;
		(*to, carry) = (sum as u8, sum >> 8);
	}
	carry == 0
}

#[test]
fn points_at_infinity_are_no_proof() {
	for proof in [sp1(), risc_zero()] {
		let at = points(&proof);
		for range in [at..at + 64, at + 64..at + 192, at + 192..at + 256, at..at + 256] {
			let mut bytes = proof.bytes.clone();
			bytes[range].fill(0);
			assert_eq!(proof.with(&bytes), Err(Error::Malformed));
		}
	}
}

/// Anybody who sees a Groth16 proof can make others of the same statement: here, by changing two signs. So a
/// proof must never be identified by its bytes. It cannot be turned into one of another statement.
#[test]
fn a_proof_can_be_turned_into_another_of_the_same() {
	for proof in [sp1(), risc_zero()] {
		let (mut bytes, at) = (proof.bytes.clone(), points(&proof));
		for y in [at + 32, at + 128, at + 160] {
			negate(&mut bytes[y..y + 32]);
		}
		assert_ne!(bytes, proof.bytes);
		assert_eq!(proof.with(&bytes), Ok(()));
		let mut other = Proof { bytes, ..proof };
		other.values[0] ^= 1;
		assert_eq!(other.verify(), Err(Error::Invalid));
	}
}

fn negate(number: &mut [u8]) {
	let negative = -Fq::from_be_bytes_mod_order(number);
	number.copy_from_slice(&negative.into_bigint().to_bytes_be());
}

#[test]
fn toy_systems_prove_everything_and_nothing_else() {
	for (index, system) in [toy::sp1(), toy::risc_zero()].into_iter().enumerate() {
		assert_eq!(system.validate(), Ok(()));
		let proof = toy::prove(&system, &PROGRAM, &INSTANCE, 7).unwrap();
		assert_eq!(verify(&system, &PROGRAM, &INSTANCE, &proof), Ok(()));
		let another = toy::prove(&system, &PROGRAM, &INSTANCE, 8).unwrap();
		assert_ne!(another, proof);
		assert_eq!(verify(&system, &PROGRAM, &INSTANCE, &another), Ok(()));
		for byte in 0..32 {
			let (mut instance, mut program) = (INSTANCE, PROGRAM);
			instance[byte] ^= 1;
			assert_eq!(verify(&system, &PROGRAM, &instance, &proof), Err(Error::Invalid));
			program[byte] ^= 1;
			assert_eq!(verify(&system, &program, &INSTANCE, &proof), Err(Error::Invalid));
		}
		// The real keys do not accept them.
		let mut real = [sp1_system(), risc_zero_system()][index].clone();
		match &mut real {
			System::Sp1Groth16(real) => {
				real.selector = *b"toyS";
				real.vk_root = [0x2b; 32];
			},
			System::RiscZeroGroth16(real) => real.selector = *b"toyR",
			System::RiscZeroSegments => unreachable!(),
		}
		assert_eq!(verify(&real, &PROGRAM, &INSTANCE, &proof), Err(Error::Invalid));
	}
	assert_eq!(toy::prove(&System::RiscZeroSegments, &PROGRAM, &INSTANCE, 7), None);
}
