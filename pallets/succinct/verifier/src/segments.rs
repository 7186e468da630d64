//! STARKs of RISC Zero's rv32im circuit: a proof is the SCALE encoding of `Vec<Vec<u32>>`, one seal for each
//! segment of the execution, in their order.
//!
//! A seal is the version, the values that the segment makes public, the logarithm of its cycles, and then
//! what the verifier asked the prover for. Its length follows from the logarithm, so a seal of another length
//! is refused before anything is computed, and what a verification costs is bounded by the proof's length.

use alloc::vec::Vec;
use codec::{Compact, Decode};
use risc0_circuit_rv32im::{CircuitImpl, HighLowU16, Rv32imV2Claim, RV32IM_SEAL_VERSION};
use risc0_zkp::{
	adapter::{CircuitInfo, TapsProvider},
	core::digest::Digest,
	field::{
		baby_bear::{BabyBear, P},
		ExtElem, Field,
	},
	taps::TapSet,
	FRI_FOLD, INV_RATE, QUERIES,
};

use crate::{claim, Error};

/// The largest number of segments of a proof.
pub const MAX_SEGMENTS: usize = 16;
/// The logarithms of the least and the greatest number of cycles of a segment. Soundness is stated for up to
/// 2^24 cycles; RISC Zero's provers make no segment of more than 2^22.
const MIN_PO2: usize = 13;
const MAX_PO2: usize = 22;

/// The length of a seal's part that is read before it is verified: version, public values, logarithm.
const HEAD: usize = 1 + CircuitImpl::OUTPUT_SIZE + 1;
/// The length of a digest, in words.
const DIGEST: usize = 8;
/// The length of an element of the extension field, in words.
const EXTENSION: usize = 4;
/// The degree of a polynomial that is sent instead of folded.
const FINAL_DEGREE: usize = 256;
/// What an execution that ended writes into its last register: it halts, with the exit code 0.
const HALTED_0: HighLowU16 = HighLowU16(0, 0);

/// The lengths of the shortest and the longest seal, in words.
const MIN_SEAL_WORDS: usize = 47_130;
const MAX_SEAL_WORDS: usize = 79_770;

/// The least length of a proof, in bytes: one segment of 2^13 cycles.
pub const MIN_SEGMENTS_PROOF_BYTES: usize = 1 + 4 + 4 * MIN_SEAL_WORDS;
/// The greatest length of a proof, in bytes: [`MAX_SEGMENTS`] of 2^22 cycles.
pub const MAX_SEGMENTS_PROOF_BYTES: usize = 1 + MAX_SEGMENTS * (4 + 4 * MAX_SEAL_WORDS);

/// Verifies that the program with this image id wrote this journal.
pub(crate) fn verify(program: &[u8; 32], journal: &[u8], proof: &[u8]) -> Result<(), Error> {
	let seals = split(proof)?;
	let claims = seals.iter().map(claim_of).collect::<Result<Vec<_>, _>>()?;
	check_claims(&claims, program, journal)?;
	for seal in seals {
		// One at a time: at most one seal is in memory twice.
		let words: Vec<u32> = words(seal.bytes).collect();
		risc0_circuit_rv32im::verify(&words).map_err(|_| Error::Invalid)?;
	}
	Ok(())
}

/// A seal of the right version and length, whose public values are elements of the field.
struct Seal<'a> {
	bytes: &'a [u8],
	head: [u32; HEAD],
}

/// Returns the little-endian words of some bytes.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
	bytes
		.chunks_exact(4)
		.map(|bytes| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)))
}

/// Splits a proof into its seals. Allocates nothing by the lengths that the proof claims to have.
fn split(mut proof: &[u8]) -> Result<Vec<Seal<'_>>, Error> {
	let count = length(&mut proof)?;
	if count == 0 || count > MAX_SEGMENTS {
		return Err(Error::Malformed);
	}
	let mut seals = Vec::with_capacity(count);
	for _ in 0..count {
		let length = length(&mut proof)?;
		let bytes = length.checked_mul(4).ok_or(Error::Malformed)?;
		let (seal, rest) = proof.split_at_checked(bytes).ok_or(Error::Malformed)?;
		proof = rest;
		seals.push(Seal::new(seal)?);
	}
	if proof.is_empty() {
		Ok(seals)
	} else {
		Err(Error::Malformed)
	}
}

/// Reads a length in the only encoding that it has.
fn length(proof: &mut &[u8]) -> Result<usize, Error> {
	let Compact(length) = Compact::<u32>::decode(proof).map_err(|_| Error::Malformed)?;
	usize::try_from(length).map_err(|_| Error::Malformed)
}

impl<'a> Seal<'a> {
	fn new(bytes: &'a [u8]) -> Result<Self, Error> {
		let mut head = [0; HEAD];
		let (first, _) = bytes.split_at_checked(4 * HEAD).ok_or(Error::Malformed)?;
		for (to, word) in head.iter_mut().zip(words(first)) {
			*to = word;
		}
		let [version, values @ .., po2] = head;
		if version != RV32IM_SEAL_VERSION {
			return Err(Error::WrongVersion);
		}
		if values.iter().any(|value| *value >= P) {
			return Err(Error::Malformed);
		}
		match usize::try_from(po2) {
			Ok(po2) if (MIN_PO2..=MAX_PO2).contains(&po2) && bytes.len() == 4 * seal_words(po2) => {
				Ok(Seal { bytes, head })
			},
			_ => Err(Error::Malformed),
		}
	}
}

/// What a segment says that it proves.
fn claim_of(seal: &Seal) -> Result<Rv32imV2Claim, Error> {
	// A digest's words are sixteen bits each; others are no digest.
	Rv32imV2Claim::decode(&seal.head).map_err(|_| Error::Malformed)
}

/// Checks what the segments are about: the first begins with the program's memory, each following one where
/// the one before stopped; only the last one ends, with the exit code 0 and this journal; and no one has an
/// input.
fn check_claims(claims: &[Rv32imV2Claim], program: &[u8; 32], journal: &[u8]) -> Result<(), Error> {
	let (Some(first), Some((last, others))) = (claims.first(), claims.split_last()) else {
		return Err(Error::Malformed);
	};
	let begins = claim::state(first.pre_state) == Digest::from(*program);
	let chained = claims.windows(2).all(|pair| match pair {
		[one, next] => one.post_state == next.pre_state,
		_ => false,
	});
	let without_input = claims.iter().all(|claim| claim.input == Digest::ZERO);
	let pauses = others.iter().all(|claim| claim.terminate_state.is_none());
	let ends = last.terminate_state.is_some_and(|state| state.a0 == HALTED_0)
		&& last.output == Some(claim::output(journal));
	if begins && chained && without_input && pauses && ends {
		Ok(())
	} else {
		Err(Error::WrongStatement)
	}
}

/// Returns the length of the seal of a segment of `2^po2` cycles, in words.
fn seal_words(po2: usize) -> usize {
	let taps: &TapSet = CircuitImpl.get_taps();
	let check = INV_RATE * EXTENSION;
	let groups = (0..taps.num_groups()).map(|group| taps.group_size(group)).chain([check]);
	// For each tree: its top layer once; for each query, a row and the path from there to the top layer.
	let tree = |leaves: usize, row: usize| {
		let top = leaves.saturating_sub(1).min(QUERIES.ilog2() as usize);
		(DIGEST << top) + QUERIES * (row + DIGEST * (leaves - top))
	};
	let (mut degree, mut leaves) = (po2, po2 + INV_RATE.ilog2() as usize);
	let mut words = HEAD + EXTENSION * (taps.tap_size() + check);
	words += groups.map(|row| tree(leaves, row)).sum::<usize>();
	while degree > FINAL_DEGREE.ilog2() as usize {
		degree -= FRI_FOLD.ilog2() as usize;
		leaves -= FRI_FOLD.ilog2() as usize;
		words += tree(leaves, FRI_FOLD * EXTENSION);
	}
	words + (EXTENSION << degree)
}

const _: () = assert!(EXTENSION == <<BabyBear as Field>::ExtElem as ExtElem>::EXT_SIZE);

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;
	use codec::Encode;
	use risc0_circuit_rv32im::TerminateState;

	const JOURNAL: [u8; 32] = [0x42; 32];

	#[test]
	fn the_length_of_a_seal_follows_from_its_cycles() {
		// Of real proofs.
		for (po2, bytes) in [(15, 209_256), (16, 220_904), (17, 243_944)] {
			assert_eq!(4 * seal_words(po2), bytes, "2^{po2}");
		}
		let lengths = (MIN_PO2..=MAX_PO2).map(seal_words).collect::<Vec<_>>();
		assert!(lengths.is_sorted() && lengths.iter().all(|length| *length <= MAX_SEAL_WORDS));
		assert_eq!(4 * lengths[0], MIN_SEGMENTS_PROOF_BYTES - 5);
		assert_eq!(lengths.last(), Some(&MAX_SEAL_WORDS));
	}

	/// The number of permutations of Poseidon2 in the verification of a seal: sixteen words of a row each, and
	/// one for each digest on a path.
	fn permutations(po2: usize) -> usize {
		let path = |leaves: usize| QUERIES * (leaves - 5);
		let mut paths = 4 * path(po2 + 2);
		let (mut degree, mut leaves) = (po2, po2 + 2);
		while degree > 8 {
			(degree, leaves) = (degree - 4, leaves - 4);
			paths += path(leaves);
		}
		paths + (seal_words(po2) - DIGEST * paths) / 16
	}

	/// Weights are measured with a segment of 2^15 cycles, and taken for the length of the shortest one. In
	/// proportion to it, they are enough for every length.
	#[test]
	fn the_time_of_2_15_cycles_for_the_least_length_bounds_all_others() {
		for po2 in MIN_PO2..=MAX_PO2 {
			let bound = permutations(15) * seal_words(po2) / MIN_SEAL_WORDS;
			assert!(permutations(po2) <= bound, "2^{po2}: {} > {bound}", permutations(po2));
		}
		assert!(10 * permutations(MAX_PO2) < 17 * permutations(15));
	}

	/// The claims of an execution in three segments, and its program.
	fn claims() -> (Vec<Rv32imV2Claim>, [u8; 32]) {
		let states = [1, 2, 3, 0].map(|word| Digest::new([word; 8]));
		let claim = |index: usize| Rv32imV2Claim {
			pre_state: states[index],
			post_state: states[index + 1],
			input: Digest::ZERO,
			output: None,
			terminate_state: None,
			shutdown_cycle: None,
		};
		let last = Rv32imV2Claim {
			output: Some(claim::output(&JOURNAL)),
			terminate_state: Some(TerminateState { a0: HALTED_0, a1: HighLowU16(7, 7) }),
			..claim(2)
		};
		(vec![claim(0), claim(1), last], claim::state(states[0]).into())
	}

	#[test]
	fn segments_are_a_chain_from_the_program_to_its_success() {
		let (claims, program) = claims();
		assert_eq!(check_claims(&claims, &program, &JOURNAL), Ok(()));
		// One segment is a chain, too.
		let one = Rv32imV2Claim { pre_state: claims[0].pre_state, ..claims[2].clone() };
		assert_eq!(check_claims(&[one], &program, &JOURNAL), Ok(()));
		assert_eq!(check_claims(&[], &program, &JOURNAL), Err(Error::Malformed));

		let wrong = Err(Error::WrongStatement);
		for byte in 0..32 {
			let (mut program, mut journal) = (program, JOURNAL);
			program[byte] ^= 1;
			journal[byte] ^= 1;
			assert_eq!(check_claims(&claims, &program, &JOURNAL), wrong);
			assert_eq!(check_claims(&claims, &claims_program(), &journal), wrong);
		}
		for journal in [&JOURNAL[..31], &[&JOURNAL[..], &[0]].concat()] {
			assert_eq!(check_claims(&claims, &program, journal), wrong);
		}
		// A segment is missing, is there twice, or is in another place.
		for order in [&[0, 1][..], &[0, 2], &[1, 2], &[2], &[0, 1, 1, 2], &[1, 0, 2], &[0, 1, 2, 2]]
		{
			let claims = order.iter().map(|index| claims[*index].clone()).collect::<Vec<_>>();
			assert_eq!(check_claims(&claims, &program, &JOURNAL), wrong, "{order:?}");
		}
	}

	fn claims_program() -> [u8; 32] {
		claims().1
	}

	#[test]
	fn each_field_of_each_claim_counts() {
		let (claims, program) = claims();
		let other = Digest::new([9; 8]);
		let state = |a0| Some(TerminateState { a0, a1: HighLowU16(0, 0) });
		type Change<'a> = (&'a str, &'a dyn Fn(&mut Rv32imV2Claim));
		let changes: [Change; 7] = [
			("starts elsewhere", &|claim| claim.pre_state = other),
			("has an input", &|claim| claim.input = other),
			("ends with exit code 1", &|claim| claim.terminate_state = state(HighLowU16(1, 0))),
			("pauses", &|claim| claim.terminate_state = state(HighLowU16(0, 1))),
			("has another output", &|claim| claim.output = Some(other)),
			("has no output", &|claim| claim.output = None),
			("stops elsewhere", &|claim| claim.post_state = other),
		];
		for (name, change) in changes {
			for index in 0..3 {
				// A segment that does not end has no output, and what follows the end is of no interest.
				let free = match name {
					"has another output" | "has no output" => index < 2,
					"stops elsewhere" => index == 2,
					_ => false,
				};
				let mut changed = claims.clone();
				change(&mut changed[index]);
				let result = check_claims(&changed, &program, &JOURNAL);
				assert_eq!(result.is_ok(), free, "segment {index} {name}");
			}
		}
		// An end in the middle, or none.
		for index in 0..3 {
			let mut changed = claims.clone();
			changed[index].terminate_state = match index {
				2 => None,
				_ => state(HALTED_0),
			};
			assert_eq!(check_claims(&changed, &program, &JOURNAL), Err(Error::WrongStatement));
		}
	}

	/// A seal of which only the head is right.
	fn seal(po2: u32) -> Vec<u32> {
		let mut seal = vec![0; seal_words(po2 as usize)];
		(seal[0], seal[HEAD - 1]) = (RV32IM_SEAL_VERSION, po2);
		seal
	}

	#[test]
	fn a_seal_is_read_if_its_head_and_length_are_right() {
		let read = |seal: &[u32]| {
			let bytes: Vec<u8> = seal.iter().flat_map(|word| word.to_le_bytes()).collect();
			Seal::new(&bytes).map(|_| ())
		};
		for po2 in [MIN_PO2, 15, MAX_PO2] {
			let right = seal(po2 as u32);
			assert_eq!(read(&right), Ok(()));
			let changed = |at: usize, word: u32| {
				let mut seal = right.clone();
				seal[at] = word;
				read(&seal)
			};
			for version in [0, 1, 3, u32::MAX] {
				assert_eq!(changed(0, version), Err(Error::WrongVersion));
			}
			for at in 1..HEAD - 1 {
				assert_eq!(changed(at, P - 1), Ok(()));
				assert_eq!(changed(at, P), Err(Error::Malformed));
				assert_eq!(changed(at, u32::MAX), Err(Error::Malformed));
			}
			for other in [0, 1, 12, 14, 23, 24, 25, 31, 32, 64, P, u32::MAX] {
				assert_eq!(changed(HEAD - 1, other), Err(Error::Malformed));
			}
			for length in [0, 1, HEAD - 1, HEAD, right.len() - 1] {
				assert_eq!(read(&right[..length]), Err(Error::Malformed));
			}
			assert_eq!(read(&[&right[..], &[0]].concat()), Err(Error::Malformed));
		}
	}

	#[test]
	fn a_proof_is_split_in_its_only_encoding() {
		let count = |proof: &[u8]| split(proof).map(|seals| seals.len());
		let one = seal(MIN_PO2 as u32);
		for segments in [1, 2, MAX_SEGMENTS] {
			let proof = vec![one.clone(); segments].encode();
			assert_eq!(count(&proof), Ok(segments));
			assert_eq!(count(&[&proof[..], &[0]].concat()), Err(Error::Malformed));
			assert_eq!(count(&proof[..proof.len() - 1]), Err(Error::Malformed));
		}
		assert_eq!(vec![one.clone()].encode().len(), MIN_SEGMENTS_PROOF_BYTES);
		let most = vec![seal(MAX_PO2 as u32); MAX_SEGMENTS].encode();
		assert_eq!((count(&most), most.len()), (Ok(MAX_SEGMENTS), MAX_SEGMENTS_PROOF_BYTES));
		let more = vec![one.clone(); MAX_SEGMENTS + 1].encode();
		assert_eq!(count(&more), Err(Error::Malformed));
		assert_eq!(count(&[]), Err(Error::Malformed));
		assert_eq!(count(&[0]), Err(Error::Malformed));
		// The number one in two bytes instead of one.
		let proof = [&[0b101, 0][..], &vec![one].encode()[1..]].concat();
		assert_eq!(count(&proof), Err(Error::Malformed));
	}

	/// Nothing of the body is right: the circuit's verifier refuses it, and does not panic.
	#[test]
	fn an_empty_body_is_refused_by_the_circuit() {
		for po2 in MIN_PO2..=MAX_PO2 {
			let seal = seal(po2 as u32);
			assert!(risc0_circuit_rv32im::verify(&seal).is_err());
		}
	}
}
