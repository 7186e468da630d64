//! The fuzzer's inputs: arbitrary bytes are a sequence of steps, and a sequence can be written as bytes.

#[path = "steps/pool.rs"]
mod steps;

use proptest::prelude::*;
use prover_pool_model::{encode_pool, pool::run, run_bytes};

proptest! {
	// An eighth of what the other tests do: a fuzzer does this for longer.
	#![proptest_config(ProptestConfig {
		cases: ProptestConfig::default().cases / 8,
		failure_persistence: None,
		..ProptestConfig::default()
	})]

	#[test]
	fn arbitrary_bytes_make_a_run(data in prop::collection::vec(any::<u8>(), 0..1_000)) {
		run_bytes(&data);
	}

	#[test]
	fn a_run_can_be_written_as_bytes((settings, steps) in steps::any_run(40)) {
		run(settings, &steps);
		run_bytes(&encode_pool(settings, &steps));
	}
}
