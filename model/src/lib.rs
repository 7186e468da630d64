//! # Naive models of both pallets, compared with the pallets
//!
//! They are the oracle of the property tests and of the fuzzer: [`pool`] for the prover pool alone,
//! driven through its origins, and [`rollup`] for the protocol with a real pool.

pub mod pool;
pub mod rollup;

use codec::{Decode, Encode, IoReader};
use std::io::Read;

/// Runs the steps in `data`. The first byte chooses the chain. For the pool, the second byte chooses the
/// first parameters. All other bytes are steps.
pub fn run_bytes(data: &[u8]) {
	match data {
		[chain, settings, steps @ ..] if chain % 2 == 0 => {
			pool::run(pool::Settings::from_byte(*settings), &decode(steps));
		},
		[chain, steps @ ..] if chain % 2 == 1 => {
			rollup::run(&decode(steps));
		},
		_ => {},
	}
}

/// Returns the input with which [`run_bytes`] takes these steps on the pool.
pub fn encode_pool(settings: pool::Settings, steps: &[pool::Step]) -> Vec<u8> {
	encode(vec![0, settings.to_byte()], steps)
}

/// Returns the input with which [`run_bytes`] takes these steps on the protocol.
pub fn encode_rollup(steps: &[rollup::Step]) -> Vec<u8> {
	encode(vec![1], steps)
}

fn encode<S: Encode>(head: Vec<u8>, steps: &[S]) -> Vec<u8> {
	steps.iter().fold(head, |mut data, step| {
		step.encode_to(&mut data);
		data
	})
}

/// Returns the steps in `data`. The byte that selects the kind of a step counts modulo the number of
/// kinds, so that every byte of a fuzzer is valid.
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
