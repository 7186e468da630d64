//! Long random sequences of steps of the pool, compared with the model.
//!
//! `PROPTEST_CASES` is the number of sequences of up to 240 steps, which differ in each run. Without it there are
//! always the same 256, so that the required counts do not depend on chance.

#[path = "steps/pool.rs"]
mod steps;

use std::cell::RefCell;

use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
use prover_pool_model::pool::{run, Summary};

/// The least numbers of accepted and refused calls in a default run.
const CALLS: &[(&str, u64, u64)] = &[
	("stake", 500, 500),
	("exit", 50, 100),
	("withdraw", 15, 100),
	("withdraw_for", 10, 100),
	("stake_extra", 50, 50),
	("unstake", 40, 100),
	("restake", 20, 100),
	("set_terms", 80, 50),
	("pause", 50, 20),
	("resume", 20, 100),
	("request", 1_000, 100),
	("release", 80, 100),
	("slash", 100, 100),
	("discharge", 80, 30),
	("discharge oneself", 8, 100),
	("apply_slash", 4, 50),
	("cancel_slash", 8, 50),
	("transfer", 100, 30),
	("freeze", 100, 10),
];
/// The errors that every default run must have.
const ERRORS: &[(&str, &str)] = &[
	("stake", "ChangeTooFrequent"),
	("stake", "InvalidParams"),
	("stake", "ProverNotGoodEnough"),
	("stake", "InsufficientFunds"),
	("exit", "ChangeTooFrequent"),
	("exit", "NotInPool"),
	("withdraw", "NoMatureExit"),
	("withdraw", "StillLiable"),
	("withdraw_for", "NoMatureExit"),
	("withdraw_for", "StillLiable"),
	("stake_extra", "InvalidParams"),
	("stake_extra", "NotInPool"),
	("stake_extra", "InsufficientFunds"),
	("unstake", "ChangeTooFrequent"),
	("unstake", "InvalidParams"),
	("unstake", "NotInPool"),
	("restake", "NotInPool"),
	("restake", "UnknownExit"),
	("set_terms", "InvalidParams"),
	("set_terms", "NotInPool"),
	("pause", "AlreadyPaused"),
	("pause", "NotInPool"),
	("resume", "NotInPool"),
	("resume", "NotPaused"),
	("resume", "StillSuspended"),
	("apply_slash", "NoPendingSlash"),
	("apply_slash", "SlashNotDue"),
	("cancel_slash", "NoPendingSlash"),
	("cancel_slash", "SlashDue"),
	("cancel_slash", "BadOrigin"),
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
/// The least number of each event.
const EVENTS: &[(&str, u64)] = &[
	("Staked", 500),
	("Exited", 100),
	("Exited, forced", 50),
	("Exited, forced, without a stake", 50),
	("Withdrawn", 50),
	("OfferListed", 100),
	("Suspended", 30),
	("SuspensionEnded", 1),
	("ProverRequested", 1_000),
	("ProverAssigned", 500),
	("ProverNotFound, ZeroFee", 50),
	("ProverNotFound, EmptyPool", 50),
	("ProverNotFound, NoFreeCapacity", 10),
	("RequestCancelled", 50),
	("ProverReleased", 80),
	("ProverDischarged", 100),
	("Slashed, by nothing", 5),
	("Slashed, stake", 50),
	("Slashed, exits", 15),
	("Slashed, both", 10),
	("SlashDeferred", 50),
	("SlashApplied", 50),
];
/// The least number of steps after which the pool must be in each state.
const STATES: &[(&str, u64)] = &[
	("several exits", 200),
	("an exit with duties", 200),
	("a free exit that cannot be received", 5),
	("misses that did not suspend", 100),
	("an entry with a change", 50),
	("a change", 100),
	("a change that is late", 10),
	("several pending slashes", 30),
	("a full pool", 500),
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
	let mut runner = match std::env::var_os("PROPTEST_CASES") {
		Some(_) => TestRunner::new(config),
		None => {
			let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
			TestRunner::new_with_rng(config, rng)
		},
	};
	let result = runner.run(&steps::any_run(240), |(settings, steps)| {
		seen.borrow_mut().add(run(settings, &steps));
		Ok(())
	});
	let seen = seen.into_inner();
	println!("{seen}");
	if let Err(difference) = result {
		panic!("{difference}");
	}

	// On average a sequence has 120 steps. Short ones are needed to shrink a failing sequence.
	assert!(seen.steps >= 80 * cases);
	// A short run need not have everything.
	if cases >= 256 {
		for (call, accepted, refused) in CALLS {
			assert!(seen.accepted(call) >= *accepted, "{call} was hardly ever accepted");
			assert!(seen.refused(call) >= *refused, "{call} was hardly ever refused");
		}
		for (call, error) in ERRORS {
			assert!(seen.results.contains_key(&(call, error)), "{call} never met {error}");
		}
		let times = |key| seen.results.get(&key).copied().unwrap_or_default();
		for (event, least) in EVENTS {
			assert!(times(("event", *event)) >= *least, "{event} hardly ever happened");
		}
		for (state, least) in STATES {
			assert!(times(("state", *state)) >= *least, "{state} was hardly ever seen");
		}
	}
}
