//! Changed proofs: none is accepted, and none panics. 100,000 cases in all.

mod common;

use codec::Encode;
use common::*;
use proptest::prelude::*;
use succinct_proof_verifier::{toy, verify, Error, System, MAX_SEGMENTS};

/// What happens to a proof.
#[derive(Clone, Debug)]
enum Change {
	/// Bits are inverted.
	Flip(Vec<usize>),
	/// Bytes are replaced.
	Replace(usize, Vec<u8>),
	/// Bytes are removed from the end.
	Truncate(usize),
	/// Bytes are added at the end.
	Append(Vec<u8>),
	/// A range moves to another place.
	Copy(usize, usize, usize),
}

fn changes() -> impl Strategy<Value = Change> {
	prop_oneof![
		4 => prop::collection::vec(any::<usize>(), 1..8).prop_map(Change::Flip),
		2 => (any::<usize>(), prop::collection::vec(any::<u8>(), 1..64))
			.prop_map(|(at, bytes)| Change::Replace(at, bytes)),
		1 => (1..10_000_usize).prop_map(Change::Truncate),
		1 => prop::collection::vec(any::<u8>(), 1..64).prop_map(Change::Append),
		1 => (any::<usize>(), any::<usize>(), 1..128_usize)
			.prop_map(|(from, to, length)| Change::Copy(from, to, length)),
	]
}

fn changed(proof: &[u8], change: &Change) -> Vec<u8> {
	let mut bytes = proof.to_vec();
	let length = bytes.len();
	match change {
		Change::Flip(bits) => bits.iter().for_each(|bit| {
			let bit = bit % (8 * length);
			bytes[bit / 8] ^= 1 << (bit % 8);
		}),
		Change::Replace(at, with) => {
			let at = at % length;
			let end = length.min(at + with.len());
			bytes[at..end].copy_from_slice(&with[..end - at]);
		},
		Change::Truncate(by) => bytes.truncate(length.saturating_sub(*by)),
		Change::Append(more) => bytes.extend(more),
		Change::Copy(from, to, count) => {
			let (from, to) = (from % length, to % length);
			let count = *count.min(&(length - from)).min(&(length - to));
			bytes.copy_within(from..from + count, to);
		},
	}
	bytes
}

/// Proofs that are shaped like one of segments: seals of any length, each with its head and then one word.
fn shaped() -> impl Strategy<Value = Vec<u8>> {
	let word = || prop_oneof![Just(0), Just(2), 0..70_000_u32, any::<u32>()];
	let seal = (prop::collection::vec(word(), 0..4), word(), 0..200_usize).prop_map(
		|(mut head, word, more)| {
			head.extend(vec![word; more]);
			// So that often more than the first word is read.
			if let (Some(version), 0..100) = (head.first_mut(), more) {
				*version = 2;
			}
			head
		},
	);
	let seals = prop::collection::vec(seal, 0..MAX_SEGMENTS + 2);
	(seals, prop::collection::vec(any::<u8>(), 0..2))
		.prop_map(|(seals, trailing)| [seals.encode(), trailing].concat())
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 40_000, ..Default::default() })]

	#[test]
	fn no_changed_groth16_proof_is_accepted(change in changes(), first in any::<bool>()) {
		let proof = if first { sp1() } else { risc_zero() };
		let bytes = changed(&proof.bytes, &change);
		prop_assume!(bytes != proof.bytes);
		prop_assert!(proof.with(&bytes).is_err());
	}

	#[test]
	fn no_bytes_are_a_proof(bytes in prop::collection::vec(any::<u8>(), 0..800)) {
		for system in [System::RiscZeroSegments, sp1_system(), risc_zero_system()] {
			prop_assert!(verify(&system, &[1; 32], &[2; 32], &bytes).is_err());
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 10_000, ..Default::default() })]

	#[test]
	fn no_shape_of_segments_is_a_proof(bytes in shaped()) {
		let result = verify(&System::RiscZeroSegments, &[1; 32], &[2; 32], &bytes);
		prop_assert!(matches!(result, Err(Error::Malformed | Error::WrongVersion)));
	}

	/// A length that no memory could hold is refused, not allocated.
	#[test]
	fn a_claimed_length_allocates_nothing(count in any::<u32>(), length in any::<u32>()) {
		let claimed = [codec::Compact(count).encode(), codec::Compact(length).encode()];
		for bytes in [claimed[..1].concat(), claimed.concat(), [vec![4], claimed.concat()].concat()] {
			let result = verify(&System::RiscZeroSegments, &[1; 32], &[2; 32], &bytes);
			prop_assert_eq!(result, Err(Error::Malformed));
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..Default::default() })]

	#[test]
	fn no_changed_stark_is_accepted(change in changes()) {
		let toy::Segments { program, instance, proof } = toy::segments();
		let bytes = changed(proof, &change);
		prop_assume!(bytes != proof);
		prop_assert!(verify(&System::RiscZeroSegments, &program, &instance, &bytes).is_err());
	}
}
