//! Long random sequences of steps of the protocol, with a real pool, compared with a naive model.
//!
//! `PROPTEST_CASES` is the number of sequences, which differ in each run. Without it there are always the same
//! 256. The counts of all of them are printed.

#[path = "steps/rollup.rs"]
mod steps;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use prover_pool_model::rollup::{run, Summary};
use std::cell::RefCell;

#[test]
fn the_pallet_does_what_the_model_says() {
	let total = RefCell::new(Summary::default());
	// The shortest failing sequence is printed below. Nothing is kept in files.
	let config = Config { failure_persistence: None, ..Config::default() };
	let cases = config.cases;
	let mut runner = match std::env::var_os("PROPTEST_CASES") {
		Some(_) => TestRunner::new(config),
		None => {
			let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
			TestRunner::new_with_rng(config, rng)
		},
	};
	let result = runner.run(&steps::any_run(200), |steps| {
		total.borrow_mut().add(&run(&steps));
		Ok(())
	});
	let total = total.into_inner();
	println!("{total}");
	match result {
		Ok(()) => {},
		Err(TestError::Fail(reason, steps)) => {
			panic!("{reason}\nby {} steps: {steps:?}", steps.len())
		},
		Err(aborted) => panic!("{aborted}"),
	}
	// A run with few events would show little.
	if cases >= 256 {
		assert!(total.steps >= 20_000, "only {} steps", total.steps);
		assert_eq!(total.check_variety(), Ok(()));
	}
}
