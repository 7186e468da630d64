//! Long random sequences of everything that can happen to the pool, beside the model.
//!
//! `PROPTEST_CASES` says how many sequences there are: 256 by default, of up to 240 steps.

use std::cell::RefCell;

use proptest::{
	prelude::*,
	sample::select,
	test_runner::{Config, FileFailurePersistence, TestRunner},
};
use prover_pool_model::pool::{caller, kind, run, Step, Summary};

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

fn sum_kind() -> impl Strategy<Value = u8> {
	prop_oneof![
		12 => Just(kind::PLAIN),
		4 => Just(kind::EDGE),
		2 => Just(kind::ALL),
		2 => Just(kind::EXIT),
		1 => Just(kind::HUGE),
	]
}

fn price() -> impl Strategy<Value = u32> {
	prop_oneof![
		30 => select(vec![1, 60, 90, 100, 110, 130]),
		2 => Just(u32::MAX),
		1 => Just(0),
	]
}

fn fee() -> impl Strategy<Value = u32> {
	prop_oneof![4 => Just(100), 4 => select(vec![0, 1, 4_000, u32::MAX])]
}

/// Mostly whom the call is for, sometimes somebody else.
fn any_caller() -> impl Strategy<Value = u8> {
	prop_oneof![
		6 => Just(caller::HOOK),
		3 => Just(caller::ORIGIN),
		1 => Just(caller::OWN),
		1 => (0u8..6).prop_map(|who| who * caller::COUNT + caller::SOMEBODY),
	]
}

fn stake() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![2 => 0..150u64, 5 => 0..4_000u64];
	let capacity = prop_oneof![1 => 0u16..9, 4 => 2u16..6];
	(0u8..6, sum_kind(), amount, price(), capacity).prop_map(
		|(who, kind, amount, price, capacity)| Step::Stake { who, kind, amount, price, capacity },
	)
}

fn request() -> impl Strategy<Value = Step> {
	let id = prop_oneof![12 => Just(0u8), 1 => 240u8..];
	(any_caller(), id, fee()).prop_map(|(caller, id, fee)| Step::Request { caller, id, fee })
}

fn slash() -> impl Strategy<Value = Step> {
	let reward = select(vec![0, 0, 1, 10, 100, 100, 1_000, u64::MAX]);
	let most = select(vec![3, 30, 500, u32::MAX]);
	(any_caller(), any::<u8>(), sum_kind(), reward, 0u8..16, most).prop_map(
		|(caller, id, kind, reward, reporter, most)| Step::Slash {
			caller,
			id,
			kind,
			reward,
			reporter,
			most,
		},
	)
}

fn discharge() -> impl Strategy<Value = Step> {
	let caller = prop_oneof![1 => any_caller(), 1 => Just(caller::OWN)];
	(caller, any::<u8>()).prop_map(|(caller, id)| Step::Discharge { caller, id })
}

/// Values near those at the start, so that the pool stays alive.
fn parameter() -> impl Strategy<Value = Step> {
	let share = prop_oneof![Just(0), 0..100_000_000u32, 0..=1_000_000_000u32].boxed();
	prop_oneof![
		(Just(0), 0..5u32),
		(Just(1), 0..4u32),
		(Just(2), 0..100u32),
		(Just(2), 0..5u32),
		(Just(3), 0..200u32),
		(Just(4), 0..20u32),
		(Just(6), prop_oneof![Just(1), 0..10u32, Just(u32::MAX)]),
		(Just(7), 0..101u32),
		(Just(8), 0..1_000u32),
		(select(vec![5u8, 9]), share.clone()),
		(Just(10), share),
		(Just(11), 20..500u32),
		(Just(12), 0..4u32),
		(Just(13), 0..4u32),
	]
	.prop_map(|(which, value)| Step::Parameter { which, value })
}

fn seed() -> impl Strategy<Value = Step> {
	let seed = prop_oneof![1 => Just(0u8), 7 => 1u8..];
	let age = prop_oneof![2 => Just(u8::MAX), 1 => 0u8..5];
	(seed, age).prop_map(|(seed, age)| Step::Seed { seed, age })
}

fn transfer() -> impl Strategy<Value = Step> {
	// What was slashed comes back.
	let from = prop_oneof![1 => Just(6u8), 1 => 0u8..8];
	(from, 0u8..8, sum_kind(), 0..3_000u32).prop_map(|(from, to, kind, amount)| Step::Transfer {
		from,
		to,
		kind,
		amount,
	})
}

fn step() -> impl Strategy<Value = Step> {
	let time = prop_oneof![1 => 0..3u32, 2 => 0..15u32, 1 => 0..250u32, 1 => 0..500u32];
	let frozen = prop_oneof![1 => Just(0u32), 3 => 0..12_000u32];
	prop_oneof![
		20 => stake(),
		4 => (0u8..6).prop_map(|who| Step::Exit { who }),
		6 => (0u8..6).prop_map(|who| Step::Withdraw { who }),
		18 => request(),
		7 => (any_caller(), any::<u8>()).prop_map(|(caller, id)| Step::Release { caller, id }),
		6 => slash(),
		5 => discharge(),
		17 => (0u8..2).prop_map(|more| Step::Blocks { more }),
		7 => time.prop_map(|by| Step::Advance { by }),
		6 => (0u8..6, 0u8..3, 0u8..2)
			.prop_map(|(who, edge, after)| Step::AdvanceTo { who, edge, after }),
		2 => parameter(),
		2 => seed(),
		1 => (0u8..3).prop_map(|on| Step::CallBack { on }),
		1 => (6u8..10).prop_map(|to| Step::SlashesTo { to }),
		4 => transfer(),
		2 => (0u8..8, frozen).prop_map(|(who, amount)| Step::Freeze { who, amount }),
		1 => select(vec![0u8, 0, 1]).prop_map(|on| Step::Migrate { on }),
	]
}

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
	let parameters = prop::collection::vec(parameter(), 0..6);
	let steps = prop::collection::vec(step(), 0..=240);
	let result = runner.run(&(parameters, steps), |(parameters, steps)| {
		seen.borrow_mut().add(run(&[parameters, steps].concat()));
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
