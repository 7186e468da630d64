//! Groth16 over BN254, with five public inputs: the number that both SP1 and RISC Zero have.
//!
//! Everything is in the encoding of Ethereum's precompiled contracts: numbers are 32 big-endian bytes; a
//! point of G1 is `x y`; one of G2 is `x1 x0 y1 y0`, where a coordinate is `x0 + x1 · u`. There is no encoding
//! of the point at infinity: `(0, 0)` is on neither curve.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr};
use ark_ff::{BigInt, PrimeField, Zero};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Error, KeyError};

/// The number of public inputs.
pub(crate) const INPUTS: usize = 5;
/// The length of a number.
pub(crate) const WORD: usize = 32;
/// The length of a point of G1.
const G1: usize = 2 * WORD;
/// The length of a point of G2.
const G2: usize = 4 * WORD;
/// The length of a proof: a point of G1, one of G2, one of G1.
pub(crate) const PROOF_BYTES: usize = 2 * G1 + G2;
/// The length of a verification key, in bytes: alpha in G1; beta, gamma and delta in G2; and six points of
/// G1, the first of which is constant and the others belong to the five inputs.
pub const KEY_BYTES: usize = G1 + 3 * G2 + (INPUTS + 1) * G1;

/// A verification key: what a trusted set-up published.
///
/// In this order: alpha, beta, gamma, delta, and the points of the inputs. Numbers are big-endian; a point of
/// G1 is `x y`, one of G2 `x1 x0 y1 y0`, as in the verifier contracts that the systems publish.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[scale_info(capture_docs = "always")]
pub struct Key(#[cfg_attr(feature = "serde", serde(with = "crate::hex"))] pub [u8; KEY_BYTES]);

impl Key {
	/// Checks that all points are on their curves and in the groups of prime order, in their only encoding,
	/// and not at infinity.
	///
	/// # Errors
	/// What is wrong with the first of them that is.
	pub fn validate(&self) -> Result<(), KeyError> {
		let mut bytes = Reader(&self.0);
		check_g1(&mut bytes).map(drop)?;
		for _ in 0..3 {
			check_g2(&mut bytes).map(drop)?;
		}
		for _ in 0..=INPUTS {
			check_g1(&mut bytes).map(drop)?;
		}
		Ok(())
	}
}

/// Reads numbers from the front of some bytes.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
	/// Returns the next number, if there is one and it is smaller than the modulus.
	fn number<F: PrimeField<BigInt = BigInt<4>>>(&mut self) -> Option<F> {
		let (bytes, rest) = self.0.split_first_chunk::<WORD>()?;
		self.0 = rest;
		number(bytes)
	}

	/// Returns the next two numbers, of which nothing else is checked.
	fn g1(&mut self) -> Option<G1Affine> {
		Some(G1Affine::new_unchecked(self.number()?, self.number()?))
	}

	/// Returns the next four numbers, of which nothing else is checked.
	fn g2(&mut self) -> Option<G2Affine> {
		let mut coordinate = || {
			let (c1, c0) = (self.number::<Fq>()?, self.number::<Fq>()?);
			Some(Fq2::new(c0, c1))
		};
		Some(G2Affine::new_unchecked(coordinate()?, coordinate()?))
	}
}

/// Returns the number that 32 big-endian bytes are, if it is smaller than the modulus.
fn number<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8; WORD]) -> Option<F> {
	let mut limbs = [0; 4];
	// Limbs are in the opposite order, and exactly eight bytes long.
	for (limb, bytes) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
		*limb = bytes.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
	}
	F::from_bigint(BigInt::new(limbs))
}

/// Returns the scalar that 32 big-endian bytes are, if it is smaller than the order of the groups.
pub(crate) fn scalar(bytes: &[u8; WORD]) -> Option<Fr> {
	number(bytes)
}

/// Reads a point of G1, all of which are in the group of prime order.
fn check_g1(bytes: &mut Reader) -> Result<G1Affine, KeyError> {
	let point = bytes.g1().ok_or(KeyError::NotCanonical)?;
	if !point.is_on_curve() || point.is_zero() {
		return Err(KeyError::NotOnCurve);
	}
	Ok(point)
}

/// Reads a point of G2.
fn check_g2(bytes: &mut Reader) -> Result<G2Affine, KeyError> {
	let point = bytes.g2().ok_or(KeyError::NotCanonical)?;
	if !point.is_on_curve() || point.is_zero() {
		return Err(KeyError::NotOnCurve);
	}
	if !point.is_in_correct_subgroup_assuming_on_curve() {
		return Err(KeyError::NotInSubgroup);
	}
	Ok(point)
}

/// Verifies a proof: `e(a, b) = e(alpha, beta) · e(inputs, gamma) · e(c, delta)`, where `inputs` is the sum
/// of the key's constant point and of its other points, each times its input.
///
/// # Errors
/// [`Error::Malformed`] where the proof is not three points of the groups in their only encoding,
/// [`Error::Invalid`] where they do not satisfy the equation.
pub(crate) fn verify(
	key: &Key,
	inputs: [Fr; INPUTS],
	proof: &[u8; PROOF_BYTES],
) -> Result<(), Error> {
	let mut bytes = Reader(proof);
	let a = check_g1(&mut bytes).map_err(|_| Error::Malformed)?;
	let b = check_g2(&mut bytes).map_err(|_| Error::Malformed)?;
	let c = check_g1(&mut bytes).map_err(|_| Error::Malformed)?;

	// The key has been validated: its points need not be checked again.
	let mut bytes = Reader(&key.0);
	let alpha = bytes.g1().ok_or(Error::Invalid)?;
	let mut g2 = || bytes.g2().ok_or(Error::Invalid);
	let (beta, gamma, delta) = (g2()?, g2()?, g2()?);
	let mut sum: G1Projective = bytes.g1().ok_or(Error::Invalid)?.into();
	for input in inputs {
		sum += bytes.g1().ok_or(Error::Invalid)?.mul_bigint(input.into_bigint());
	}

	let product = Bn254::multi_miller_loop([a, -alpha, (-sum).into(), -c], [b, beta, gamma, delta]);
	match Bn254::final_exponentiation(product) {
		Some(product) if product.is_zero() => Ok(()),
		_ => Err(Error::Invalid),
	}
}

#[cfg(all(test, feature = "toy"))]
mod tests {
	use super::*;
	use crate::{toy, System};
	use ark_ff::BigInteger;

	fn toy_key() -> Key {
		match toy::sp1() {
			System::Sp1Groth16(system) => system.key,
			_ => unreachable!(),
		}
	}

	/// Where each point of a key begins, and whether it is of G2.
	fn points() -> Vec<(usize, bool)> {
		let g2 = (0..3).map(|index| (G1 + index * G2, true));
		let g1 = (0..=INPUTS).map(|index| (G1 + 3 * G2 + index * G1, false));
		core::iter::once((0, false)).chain(g2).chain(g1).collect()
	}

	fn with(at: usize, bytes: &[u8]) -> Key {
		let mut key = toy_key();
		key.0[at..at + bytes.len()].copy_from_slice(bytes);
		key
	}

	#[test]
	fn every_point_of_a_key_is_checked() {
		assert_eq!(toy_key().validate(), Ok(()));
		let modulus = Fq::MODULUS.to_bytes_be();
		let largest = (-Fq::from(1)).into_bigint().to_bytes_be();
		for (at, is_g2) in points() {
			let numbers = if is_g2 { 4 } else { 2 };
			for number in 0..numbers {
				let at = at + number * WORD;
				assert_eq!(with(at, &modulus).validate(), Err(KeyError::NotCanonical));
				assert_eq!(with(at, &[0xff; WORD]).validate(), Err(KeyError::NotCanonical));
				assert_eq!(with(at, &largest).validate(), Err(KeyError::NotOnCurve));
			}
			let infinity = vec![0; numbers * WORD];
			assert_eq!(with(at, &infinity).validate(), Err(KeyError::NotOnCurve));
		}
	}

	/// G2's curve has points outside of the group of prime order: most of them.
	#[test]
	fn points_outside_of_the_group_are_refused() {
		let x = |number: u64| Fq2::new(Fq::from(number), Fq::from(1));
		let point = (1..).find_map(|number| G2Affine::get_point_from_x_unchecked(x(number), true));
		let point = point.unwrap();
		assert!(point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve());
		let bytes = [point.x.c1, point.x.c0, point.y.c1, point.y.c0]
			.map(|number| number.into_bigint().to_bytes_be())
			.concat();
		for (at, is_g2) in points() {
			if is_g2 {
				assert_eq!(with(at, &bytes).validate(), Err(KeyError::NotInSubgroup));
			}
		}
		let mut proof = [0; PROOF_BYTES];
		proof[..G1].copy_from_slice(&toy_key().0[..G1]);
		proof[G1..G1 + G2].copy_from_slice(&bytes);
		proof[G1 + G2..].copy_from_slice(&toy_key().0[..G1]);
		assert_eq!(verify(&toy_key(), [Fr::from(1); INPUTS], &proof), Err(Error::Malformed));
	}
}
