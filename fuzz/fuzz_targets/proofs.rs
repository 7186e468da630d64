//! Proofs of all systems: none that differs from a right one is accepted, and none panics.
//!
//! The first byte of an input chooses the system. The rest is the proof, or changes a right one: each four
//! bytes are a place and what is added there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use succinct_proof_verifier::{toy, verify, System};

const PROGRAM: [u8; 32] = [7; 32];
const INSTANCE: [u8; 32] = [42; 32];

fuzz_target!(|input: &[u8]| {
	let Some((choice, input)) = input.split_first() else { return };
	let systems = [System::RiscZeroSegments, toy::risc_zero(), toy::sp1()];
	let system = &systems[usize::from(choice % 3)];
	let segments = toy::segments();
	let (program, instance, right) = match toy::prove(system, &PROGRAM, &INSTANCE, 1) {
		Some(proof) => (PROGRAM, INSTANCE, proof),
		None => (segments.program, segments.instance, segments.proof.to_vec()),
	};
	if choice & 0x80 == 0 {
		assert!(verify(system, &program, &instance, input).is_err() || input == right);
		return;
	}
	let mut changed = right.clone();
	for change in input.chunks_exact(4) {
		let [high, middle, low, summand] = [change[0], change[1], change[2], change[3]];
		let place = u32::from_be_bytes([0, high, middle, low]) as usize % changed.len();
		changed[place] = changed[place].wrapping_add(summand);
	}
	assert_eq!(verify(system, &program, &instance, &changed).is_ok(), changed == right);
});
