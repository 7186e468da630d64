//! A real STARK: a block of the demo rollup, proven by the project's own program.

mod common;

use codec::{Decode, Encode};
use common::{file, Proof};
use succinct_proof_verifier::{toy, verify, Error, Kind, System};

/// The words of a seal before its public values, and those.
const VALUES: core::ops::Range<usize> = 1..91;
/// The place of the logarithm of the number of cycles.
const PO2: usize = 91;
/// The modulus of BabyBear.
const P: u32 = 15 * (1 << 27) + 1;

fn proof() -> Proof {
	let toy::Segments { program, instance, proof } = toy::segments();
	let system = System::RiscZeroSegments;
	Proof { system, program, values: instance.to_vec(), bytes: proof.to_vec() }
}

fn seals(proof: &Proof) -> Vec<Vec<u32>> {
	Vec::decode(&mut &proof.bytes[..]).unwrap()
}

#[test]
fn it_is_accepted() {
	let toy::Segments { program, instance, proof } = toy::segments();
	assert_eq!(verify(&System::RiscZeroSegments, &program, &instance, proof), Ok(()));
	assert_eq!(System::RiscZeroSegments.validate(), Ok(()));
	assert_eq!(System::RiscZeroSegments.validate_program(&program), Ok(()));
	let (least, most) = Kind::RiscZeroSegments.proof_bytes();
	assert!((least..=most).contains(&proof.len()));
	// One encoding, and no more bytes.
	assert_eq!(seals(&self::proof()).encode(), proof);
}

#[test]
fn it_is_of_its_program_and_of_all_bytes_of_its_journal() {
	let proof = proof();
	let wrong = Err(Error::WrongStatement);
	for byte in 0..32 {
		let mut other = proof.clone();
		other.program[byte] ^= 1;
		assert_eq!(other.verify(), wrong, "program, byte {byte}");
		let mut other = proof.clone();
		other.values[byte] ^= 1;
		assert_eq!(other.verify(), wrong, "journal, byte {byte}");
	}
	for values in [&proof.values[..31], &[&proof.values[..], &[0]].concat(), &[]] {
		let values = values.to_vec();
		assert_eq!(Proof { values, ..proof.clone() }.verify(), wrong);
	}
}

#[test]
fn each_word_of_the_head_counts() {
	let proof = proof();
	let [seal] = &seals(&proof)[..] else { panic!("the proof is of one segment") };
	let with = |at: usize, word: u32| {
		let mut seal = seal.clone();
		seal[at] = word;
		proof.with(&vec![seal].encode())
	};
	for version in [0, 1, 3, u32::MAX] {
		assert_eq!(with(0, version), Err(Error::WrongVersion));
	}
	for at in VALUES {
		// The number that follows: of another value, or of none.
		let next = if seal[at] + 1 == P { 0 } else { seal[at] + 1 };
		let result = with(at, next);
		assert!(result.is_err(), "word {at}");
		// The same number in another encoding.
		if let Some(word) = seal[at].checked_add(P) {
			assert_eq!(with(at, word), Err(Error::Malformed), "word {at}");
		}
		assert_eq!(with(at, u32::MAX), Err(Error::Malformed));
	}
	for po2 in 0..40 {
		if po2 != seal[PO2] {
			assert_eq!(with(PO2, po2), Err(Error::Malformed));
		}
	}
}

#[test]
fn it_has_one_length() {
	let proof = proof();
	let length = proof.bytes.len();
	for less in (1..length).step_by(4_001).chain([1, 2, 3, 4, length]) {
		assert_eq!(proof.with(&proof.bytes[..length - less]), Err(Error::Malformed));
	}
	assert_eq!(proof.with(&[&proof.bytes[..], &[0]].concat()), Err(Error::Malformed));
	let mut longer = seals(&proof);
	longer[0].push(0);
	assert_eq!(proof.with(&longer.encode()), Err(Error::Malformed));
	let mut shorter = seals(&proof);
	shorter[0].pop();
	assert_eq!(proof.with(&shorter.encode()), Err(Error::Malformed));
}

#[test]
fn segments_of_another_execution_do_not_chain() {
	let proof = proof();
	let [seal] = &seals(&proof)[..] else { panic!("the proof is of one segment") };
	for count in [2, 16] {
		let seals = vec![seal.clone(); count];
		assert_eq!(proof.with(&seals.encode()), Err(Error::WrongStatement));
	}
	for seals in [vec![], vec![seal.clone(); 17], vec![seal.clone(), vec![]]] {
		assert_eq!(proof.with(&seals.encode()), Err(Error::Malformed));
	}
}

/// An execution of two segments, each proven.
#[test]
fn segments_of_one_execution_chain() {
	let two = Proof {
		values: file("two-segments.instance"),
		bytes: file("two-segments.proof"),
		..proof()
	};
	assert_eq!(two.verify(), Ok(()));
	let [first, last] = &seals(&two)[..] else { panic!("the proof is of two segments") };
	let one = &seals(&proof())[0];
	let result = |seals: &[&Vec<u32>]| two.with(&seals.encode());
	assert_eq!(result(&[first, last]), Ok(()));
	// One is missing, there twice, in another place, or of another execution of the same program.
	for seals in [
		&[first][..],
		&[last],
		&[last, first],
		&[first, first],
		&[last, last],
		&[first, first, last],
		&[first, last, last],
		&[first, one],
		&[one, last],
		&[one],
	] {
		assert_eq!(result(seals), Err(Error::WrongStatement));
	}
	// Each is verified.
	for changed in 0..2 {
		let mut seals = [first.clone(), last.clone()];
		seals[changed][10_000] ^= 1;
		assert_eq!(two.with(&seals.to_vec().encode()), Err(Error::Invalid), "segment {changed}");
	}
	let mut other = two.clone();
	other.values = proof().values;
	assert_eq!(other.verify(), Err(Error::WrongStatement));
}

/// A bit of every part of the proof, from its start to its end.
#[test]
fn bits_all_over_the_body_count() {
	let proof = proof();
	let start = 5 + 4 * (PO2 + 1);
	let step = (proof.bytes.len() - start) / 150;
	for (index, byte) in (start..proof.bytes.len()).step_by(step).enumerate() {
		let mut bytes = proof.bytes.clone();
		bytes[byte] ^= 1 << (index % 8);
		assert_eq!(proof.with(&bytes), Err(Error::Invalid), "byte {byte}");
	}
	// Another encoding of the same number, wherever there is one.
	let [seal] = &seals(&proof)[..] else { panic!("the proof is of one segment") };
	for at in (PO2 + 1..seal.len()).step_by(1_009) {
		let mut seal = seal.clone();
		if let Some(word) = seal[at].checked_add(P) {
			seal[at] = word;
			assert_eq!(proof.with(&vec![seal].encode()), Err(Error::Invalid), "word {at}");
		}
	}
}
