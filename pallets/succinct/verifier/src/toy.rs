//! Systems whose secret everybody knows, with which everything can be proven: for tests and benchmarks.
//!
//! The key of a Groth16 system is made of secret numbers, which its set-up destroys. Who knows them
//! can prove what is not true. Here they are constants.

use alloc::vec::Vec;
use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, Field, PrimeField};

use crate::{
	groth16::{Key, INPUTS, KEY_BYTES},
	RiscZero, Sp1, System,
};

/// The secret numbers.
const ALPHA: u64 = 0x0a1f_a000_0001;
const BETA: u64 = 0xbe7a_0000_0003;
const GAMMA: u64 = 0x9a33_a000_0005;
const DELTA: u64 = 0xde17_a000_0007;
/// Those of the constant and the five inputs.
const SUM: [u64; INPUTS + 1] = [11, 13, 17, 19, 23, 29];

/// A system like RISC Zero's Groth16 proofs.
pub fn risc_zero() -> System {
	System::RiscZeroGroth16(RiscZero {
		selector: *b"toyR",
		control_root: [0x5a; 32],
		control_id: [0x1a; 32],
		key: key(),
	})
}

/// A system like SP1's Groth16 proofs.
pub fn sp1() -> System {
	System::Sp1Groth16(Sp1 { selector: *b"toyS", vk_root: [0x2b; 32], key: key() })
}

/// Makes a proof that the program made these values public, by [`risc_zero`] or [`sp1`] or a system that
/// differs from them in its constants alone. `nonce` makes two proofs of the same differ; it is smaller than
/// 2^64 and not zero.
///
/// Returns `None` for STARKs, and if a number is not in the field.
pub fn prove(system: &System, program: &[u8; 32], values: &[u8], nonce: u64) -> Option<Vec<u8>> {
	match system {
		System::RiscZeroSegments => None,
		System::RiscZeroGroth16(system) => {
			let inputs = system.inputs(program, values).ok()?;
			Some([&system.selector[..], &simulate(inputs, nonce)?].concat())
		},
		System::Sp1Groth16(system) => {
			let mut number = [0; 32];
			number[24..].copy_from_slice(&nonce.to_be_bytes());
			let inputs = system.inputs(program, values, &number).ok()?;
			let proof = simulate(inputs, nonce)?;
			Some([&system.selector[..], &[0; 32], &system.vk_root, &number, &proof].concat())
		},
	}
}

/// A proof by [`System::RiscZeroSegments`] with what it proves. It is real: a STARK has no secret.
pub struct Segments {
	/// The image id of the program.
	pub program: [u8; 32],
	/// The program's journal.
	pub instance: [u8; 32],
	/// The proof, of one segment.
	pub proof: &'static [u8],
}

/// Returns a proof of a block of the demo rollup.
pub fn segments() -> Segments {
	Segments {
		program: *include_bytes!("../fixtures/segments.program"),
		instance: *include_bytes!("../fixtures/segments.instance"),
		proof: include_bytes!("../fixtures/segments.proof"),
	}
}

fn key() -> Key {
	let mut bytes = g1(ALPHA.into());
	for secret in [BETA, GAMMA, DELTA] {
		bytes.extend(g2(secret.into()));
	}
	for secret in SUM {
		bytes.extend(g1(secret.into()));
	}
	let mut key = Key([0; KEY_BYTES]);
	for (to, from) in key.0.iter_mut().zip(bytes) {
		*to = from;
	}
	key
}

/// Makes a proof for these inputs: `a` and `b` are chosen, and `c` solves the equation.
fn simulate(inputs: [Fr; INPUTS], nonce: u64) -> Option<Vec<u8>> {
	let (a, b) = (Fr::from(nonce), Fr::from(0xb0b0_0000_0001_u64));
	let [constant, secrets @ ..] = SUM;
	let sum = secrets.iter().zip(inputs).map(|(secret, input)| Fr::from(*secret) * input);
	let sum = Fr::from(constant) + sum.sum::<Fr>();
	let rest = a * b - Fr::from(ALPHA) * Fr::from(BETA) - sum * Fr::from(GAMMA);
	let c = rest * Fr::from(DELTA).inverse()?;
	Some([g1(a), g2(b), g1(c)].concat())
}

fn g1(scalar: Fr) -> Vec<u8> {
	let point = G1Affine::generator().mul_bigint(scalar.into_bigint()).into_affine();
	[number(point.x), number(point.y)].concat()
}

fn g2(scalar: Fr) -> Vec<u8> {
	let point = G2Affine::generator().mul_bigint(scalar.into_bigint()).into_affine();
	let coordinate = |Fq2 { c0, c1, .. }: Fq2| [number(c1), number(c0)].concat();
	[coordinate(point.x), coordinate(point.y)].concat()
}

fn number(number: Fq) -> Vec<u8> {
	number.into_bigint().to_bytes_be()
}
