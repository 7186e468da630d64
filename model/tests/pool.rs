//! Long random sequences of everything that can happen to the pool, beside the model.
//!
//! `PROPTEST_CASES` says how many sequences there are: 256 by default, of up to 240 steps.

mod steps;

use std::cell::RefCell;

use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use prover_pool_model::pool::{run, Summary};

/// How often, at least, each call must be accepted and refused in a default run, so that it says
/// something.
const CALLS: &[(&str, u64, u64)] = &[
	("stake", 500, 500),
	("exit", 100, 100),
	("withdraw", 30, 100),
	("request", 1_000, 100),
	("release", 100, 100),
	("slash", 100, 100),
	("discharge", 100, 30),
	("discharge oneself", 20, 100),
	("transfer", 100, 30),
	("freeze", 100, 20),
];
/// Errors that every default run must have met.
const ERRORS: &[(&str, &str)] = &[
	("stake", "ChangeTooFrequent"),
	("stake", "InvalidParams"),
	("stake", "ProverNotGoodEnough"),
	("stake", "the currency refuses"),
	("exit", "ChangeTooFrequent"),
	("exit", "NotInPool"),
	("withdraw", "NoMatureExit"),
	("withdraw", "StillLiable"),
	("request", "AlreadyAssigned"),
	("request", "QueueFull"),
	("request", "BadOrigin"),
	("release", "AlreadyReleased"),
	("release", "StillPending"),
	("release", "UnknownBlock"),
	("release", "BadOrigin"),
	("slash", "StillPending"),
	("slash", "UnknownBlock"),
	("slash", "BadOrigin"),
	("discharge", "UnknownBlock"),
	("discharge oneself", "StillPending"),
	("discharge oneself", "UnknownBlock"),
	("discharge oneself", "NotOverdue"),
	("discharge oneself", "NotYourAssignment"),
];
/// How often, at least, there must be each event.
const EVENTS: &[(&str, u64)] = &[
	("Staked", 500),
	("Exited", 100),
	("Exited, forced", 50),
	("Withdrawn", 50),
	("ProverRequested", 1_000),
	("ProverAssigned", 500),
	("ProverNotFound, ZeroFee", 50),
	("ProverNotFound, EmptyPool", 50),
	("ProverNotFound, NoFreeCapacity", 10),
	("RequestCancelled", 50),
	("ProverReleased", 100),
	("ProverDischarged", 100),
	("Slashed, by nothing", 5),
	("Slashed, stake", 50),
	("Slashed, exit", 20),
	("Slashed, both", 10),
];

#[test]
fn the_pool_does_what_the_model_says() {
	let persistence = FileFailurePersistence::WithSource("regressions");
	let config = Config {
		source_file: Some(file!()),
		failure_persistence: Some(Box::new(persistence)),
		..Config::default()
	};
	let cases = u64::from(config.cases);
	let seen = RefCell::new(Summary::default());
	let mut runner = TestRunner::new(config);
	let result = runner.run(&steps::any_life(240), |(life, steps)| {
		seen.borrow_mut().add(run(life, &steps));
		Ok(())
	});
	let seen = seen.into_inner();
	println!("{seen}");
	if let Err(difference) = result {
		panic!("{difference}");
	}

	// On average a sequence has 120 steps; short ones are needed to make a difference small.
	assert!(seen.steps >= 80 * cases);
	// A short run may be dull.
	if cases >= 256 {
		for (call, accepted, refused) in CALLS {
			assert!(seen.accepted(call) >= *accepted, "{call} was hardly ever accepted");
			assert!(seen.refused(call) >= *refused, "{call} was hardly ever refused");
		}
		for (call, error) in ERRORS {
			assert!(seen.results.contains_key(&(call, error)), "{call} never met {error}");
		}
		for (event, least) in EVENTS {
			let times = seen.results.get(&("event", event)).copied().unwrap_or_default();
			assert!(times >= *least, "{event} hardly ever happened");
		}
	}
}
