//! # Naive models of both pallets, and the pallets run beside them
//!
//! The oracle of the property tests and of the fuzzer: [`pool`] for the prover pool alone, driven
//! through its origins, and [`rollup`] for the protocol on top of it.

pub mod pool;
pub mod rollup;

use codec::{Decode, Encode, IoReader};
use std::io::Read;

/// Runs the steps in `data`: the first byte chooses the chain, for the pool the second one its life; the
/// rest are steps until the input ends.
pub fn run_bytes(data: &[u8]) {
	match data {
		[chain, life, steps @ ..] if chain % 2 == 0 => {
			pool::run(pool::Life::from_byte(*life), &decode(steps));
		},
		[chain, steps @ ..] if chain % 2 == 1 => {
			rollup::run(&decode(steps));
		},
		_ => {},
	}
}

/// Returns the input that makes [`run_bytes`] do these steps to the pool.
pub fn encode_pool(life: pool::Life, steps: &[pool::Step]) -> Vec<u8> {
	encode(vec![0, life.to_byte()], steps)
}

/// Returns the input that makes [`run_bytes`] do these steps to the protocol.
pub fn encode_rollup(steps: &[rollup::Step]) -> Vec<u8> {
	encode(vec![1], steps)
}

fn encode<S: Encode>(head: Vec<u8>, steps: &[S]) -> Vec<u8> {
	steps.iter().fold(head, |mut data, step| {
		step.encode_to(&mut data);
		data
	})
}

/// Returns the steps in `data`. The byte that says which step it is counts modulo the number of steps
/// that there are, so that a fuzzer wastes none.
fn decode<S: Decode>(mut data: &[u8]) -> Vec<S> {
	let zeros = [0; 64];
	let exists = |kind: &u8| S::decode(&mut [&[*kind], &zeros[..]].concat().as_slice()).is_ok();
	let kinds = (0..u8::MAX).take_while(exists).count().max(1);
	let mut steps = Vec::new();
	while let Some((kind, rest)) = data.split_first() {
		let kind = [(usize::from(*kind) % kinds) as u8];
		data = rest;
		match S::decode(&mut IoReader(kind.chain(&mut data))) {
			Ok(step) => steps.push(step),
			Err(_) => break,
		}
	}
	steps
}
