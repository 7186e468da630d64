//! Short sequences in which pool and model once differed.

use prover_pool_model::pool::{kind, parameter, run, Preset, Settings, Step, Summary};

const SETTINGS: Settings = Settings { preset: Preset::Small, max_exits: 4 };

fn set(which: u8, value: u32) -> Step {
	Step::Parameter { which, value }
}

fn stake(who: u8, amount: u64) -> Step {
	Step::Stake { who, kind: kind::PLAIN, amount, price: 100, capacity: 2 }
}

fn stake_all(who: u8) -> Step {
	Step::Stake { who, kind: kind::ALL, amount: 0, price: 100, capacity: 2 }
}

fn unstake(who: u8, amount: u64) -> Step {
	Step::Unstake { who, kind: kind::PLAIN, amount }
}

fn assert_accepted(seen: &Summary, calls: &[(&'static str, u64)]) {
	for (call, times) in calls {
		assert_eq!(seen.accepted(call), *times, "{call}: {seen}");
	}
}

/// R5.3, R9: stake that left and returned counts in draws only after the delay, also while an older change
/// waits.
#[test]
fn stake_that_comes_back_waits() {
	let seen = run(
		SETTINGS,
		&[
			set(parameter::ENTRY_DELAY, 3),
			stake(2, 1_000),
			Step::Blocks { more: 3 },
			Step::Advance { by: 11 },
			Step::SetTerms { who: 2, price: 90, capacity: 2 },
			unstake(2, 400),
			Step::Restake { who: 2, exit: 0 },
			Step::Blocks { more: 3 },
		],
	);
	assert_accepted(&seen, &[("stake", 1), ("unstake", 1), ("restake", 1), ("set_terms", 1)]);
}

/// I3: after a slash of the stake that a member has just added, no change waits without an effect.
#[test]
fn a_slash_makes_a_change_void() {
	let seen = run(
		SETTINGS,
		&[
			set(parameter::ENTRY_DELAY, 3),
			set(parameter::SLASH_POINTS, 0),
			stake(2, 1_000),
			Step::Blocks { more: 3 },
			Step::Request { caller: 0, id: 0, fee: 100 },
			Step::Blocks { more: 1 },
			Step::StakeExtra { who: 2, kind: kind::PLAIN, amount: 400 },
			Step::Slash {
				caller: 0,
				id: 0,
				kind: kind::PLAIN,
				reward: 100,
				fault: 0,
				reporter: 8,
				most: 0,
			},
			Step::Blocks { more: 3 },
		],
	);
	assert_accepted(&seen, &[("stake", 1), ("stake_extra", 1), ("slash", 1)]);
}

/// R3: an account without free tokens can receive an exit of the existential deposit and more.
#[test]
fn a_small_exit_is_paid_to_an_empty_account() {
	let seen = run(
		SETTINGS,
		&[
			set(parameter::MIN_CHANGE_DELAY, 0),
			stake_all(0),
			Step::Advance { by: 1 },
			unstake(0, 15),
			Step::Advance { by: 101 },
			Step::Withdraw { who: 0, by: 8 },
		],
	);
	assert_accepted(&seen, &[("stake", 1), ("unstake", 1), ("withdraw", 1)]);
}

/// R7: a deferred slash that took nothing can be cancelled, also for an account with less than the
/// existential deposit.
#[test]
fn a_slash_of_nothing_is_cancelled() {
	let slash = Step::Slash {
		caller: 0,
		id: 0,
		kind: kind::PLAIN,
		reward: 0,
		fault: 0,
		reporter: 8,
		most: 0,
	};
	let seen = run(
		SETTINGS,
		&[
			set(parameter::SLASH_POINTS, 0),
			set(parameter::SLASH_DEFERRAL, 20),
			stake_all(0),
			Step::Request { caller: 0, id: 0, fee: 100 },
			Step::Blocks { more: 1 },
			slash,
			Step::CancelSlash { caller: 4, id: 0 },
		],
	);
	assert_accepted(&seen, &[("stake", 1), ("slash", 1), ("cancel_slash", 1)]);
}

/// A prover that is ejected is paid its free exit while the slashed tokens are still held: dust beside
/// them is not swept.
#[test]
fn dust_survives_an_ejection() {
	use prover_pool_model::rollup::{run, Step};

	let pass = |blocks| Step::Pass { blocks };
	let propose = Step::Propose { by: 0, list: 0, gas: 0, max_fee: 255 };
	run(&[
		Step::Stake { by: 2, amount: 121, price: 0, capacity: 1 },
		pass(1),
		Step::Stake { by: 137, amount: 6, price: 0, capacity: 1 },
		Step::Duty { block: 0, gas: 0 },
		pass(6),
		Step::Leave { by: 234, withdraw: false },
		pass(2),
		Step::Drain { who: 114, left: 1 },
		pass(7),
		propose.clone(),
		Step::Leave { by: 0, withdraw: false },
		propose.clone(),
		propose,
		pass(1),
	]);
}
