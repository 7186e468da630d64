//! Random steps of the pool.

use proptest::{collection::vec, prelude::*, sample::select};
use prover_pool_model::pool::{caller, kind, parameter, Preset, Settings, Step};

fn sum_kind() -> impl Strategy<Value = u8> {
	prop_oneof![
		12 => Just(kind::PLAIN),
		4 => Just(kind::EDGE),
		2 => Just(kind::ALL),
		2 => Just(kind::HELD),
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
	prop_oneof![6 => Just(100), 4 => select(vec![0, 1, 4_000, u32::MAX])]
}

fn capacity() -> impl Strategy<Value = u16> {
	prop_oneof![4 => 0u16..9, 16 => 2u16..6, 1 => Just(u16::MAX)]
}

/// Mostly the right caller, sometimes another one.
fn any_caller() -> impl Strategy<Value = u8> {
	prop_oneof![
		6 => Just(caller::HOOK),
		3 => Just(caller::ORIGIN),
		1 => Just(caller::OWN),
		1 => (0u8..6).prop_map(|who| who * caller::COUNT + caller::PROVER),
	]
}

fn stake() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![2 => 0..150u64, 5 => 0..4_000u64];
	(0u8..6, sum_kind(), amount, price(), capacity()).prop_map(
		|(who, kind, amount, price, capacity)| Step::Stake { who, kind, amount, price, capacity },
	)
}

/// Mostly an account for which the step makes sense.
fn who() -> impl Strategy<Value = u8> {
	prop_oneof![1 => 0u8..6, 4 => 64u8..70]
}

/// R9.
fn change() -> impl Strategy<Value = Step> {
	let amount = prop_oneof![2 => 0..20u64, 3 => 0..1_000u64];
	let part = (who(), sum_kind(), amount).boxed();
	prop_oneof![
		3 => part.clone().prop_map(|(who, kind, amount)| Step::StakeExtra { who, kind, amount }),
		5 => part.prop_map(|(who, kind, amount)| Step::Unstake { who, kind, amount }),
		4 => (who(), prop_oneof![8 => 0u8..4, 1 => 240u8..])
			.prop_map(|(who, exit)| Step::Restake { who, exit }),
		4 => (who(), price(), capacity())
			.prop_map(|(who, price, capacity)| Step::SetTerms { who, price, capacity }),
		2 => who().prop_map(|who| Step::Pause { who }),
		4 => who().prop_map(|who| Step::Resume { who }),
	]
}

fn withdraw() -> impl Strategy<Value = Step> {
	(who(), 0u8..16).prop_map(|(who, by)| Step::Withdraw { who, by })
}

fn request() -> impl Strategy<Value = Step> {
	let id = prop_oneof![12 => Just(0u8), 1 => 240u8..];
	(any_caller(), id, fee()).prop_map(|(caller, id, fee)| Step::Request { caller, id, fee })
}

fn slash() -> impl Strategy<Value = Step> {
	let reward = select(vec![0, 0, 1, 10, 100, 100, 1_000, u64::MAX]);
	let most = select(vec![3, 30, 500, u32::MAX]);
	(any_caller(), any::<u8>(), sum_kind(), reward, 0u8..5, 0u8..16, most).prop_map(
		|(caller, id, kind, reward, fault, reporter, most)| Step::Slash {
			caller,
			id,
			kind,
			reward,
			fault,
			reporter,
			most,
		},
	)
}

fn pending_slash() -> impl Strategy<Value = Step> {
	prop_oneof![
		(0u8..8, any::<u8>()).prop_map(|(by, id)| Step::ApplySlash { by, id }),
		(any_caller(), any::<u8>()).prop_map(|(caller, id)| Step::CancelSlash { caller, id }),
	]
}

fn discharge() -> impl Strategy<Value = Step> {
	let caller = prop_oneof![1 => any_caller(), 1 => Just(caller::OWN)];
	(caller, any::<u8>()).prop_map(|(caller, id)| Step::Discharge { caller, id })
}

/// Values near the first ones, so that the pool keeps working.
fn any_parameter() -> impl Strategy<Value = Step> {
	use parameter::*;
	let share = prop_oneof![Just(0), 0..100_000_000u32, 0..=1_000_000_000u32].boxed();
	prop_oneof![
		(Just(MAX_PROVERS), 0..5u32),
		(Just(MIN_CAPACITY), 0..4u32),
		(Just(MAX_CAPACITY), prop_oneof![2..6u32, Just(u32::MAX)]),
		(Just(MIN_STAKE_PER_CAPACITY), prop_oneof![0..100u32, 0..5u32]),
		(Just(EXIT_PERIOD), 0..200u32),
		(Just(MIN_CHANGE_DELAY), 0..20u32),
		(Just(SLASH_MULTIPLIER), prop_oneof![Just(1), 0..10u32, Just(u32::MAX)]),
		(Just(SLASH_EXITS_FIRST), 0..2u32),
		(Just(SLASH_DEFERRAL), prop_oneof![Just(0), Just(20), 0..60u32]),
		(Just(MAX_MISSES), select(vec![0, 1, 1, 2, 3])),
		(Just(SUSPENSION_PERIOD), 0..60u32),
		(Just(MAX_PAUSED_SHARE), select(vec![1, 333_333_333, 500_000_000, 1_000_000_000])),
		(Just(PRICE_FLOOR), 0..101u32),
		(Just(PRICE_CEILING), 0..1_000u32),
		(select(vec![SLASH_POINTS, MIN_OVERBID]), share.clone()),
		(Just(EJECTION_THRESHOLD), share),
		(Just(MAX_LIABILITY), 20..500u32),
		(Just(ENTRY_DELAY), select(vec![0, 0, 1, 3, 10])),
		(Just(DRAW_DELAY), 0..3u32),
		(Just(MAX_DRAWS_PER_BLOCK), 0..4u32),
		(Just(MAX_ADMISSIONS), 0..4u32),
	]
	.prop_map(|(which, value)| Step::Parameter { which, value })
}

fn seed() -> impl Strategy<Value = Step> {
	let seed = prop_oneof![1 => Just(0u8), 1 => 254u8.., 7 => 1u8..];
	let age = prop_oneof![2 => Just(u8::MAX), 1 => 0u8..5];
	(seed, age).prop_map(|(seed, age)| Step::Seed { seed, age })
}

fn transfer() -> impl Strategy<Value = Step> {
	// Slashed tokens return.
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
	let slashes = prop_oneof![1 => Just(u8::MAX), 1 => 0u8..3];
	prop_oneof![
		20 => stake(),
		14 => change(),
		4 => (0u8..6).prop_map(|who| Step::Exit { who }),
		6 => withdraw(),
		20 => request(),
		7 => (any_caller(), any::<u8>()).prop_map(|(caller, id)| Step::Release { caller, id }),
		8 => slash(),
		4 => pending_slash(),
		5 => discharge(),
		20 => (0u8..4).prop_map(|more| Step::Blocks { more }),
		7 => time.prop_map(|by| Step::Advance { by }),
		8 => (who(), 0u8..5, 0u8..2)
			.prop_map(|(who, edge, after)| Step::AdvanceTo { who, edge, after }),
		2 => any_parameter(),
		2 => seed(),
		2 => slashes.prop_map(|slashes| Step::Idle { slashes }),
		1 => (0u8..3).prop_map(|on| Step::CallBack { on }),
		1 => (6u8..10).prop_map(|to| Step::SlashesTo { to }),
		4 => transfer(),
		2 => (0u8..8, frozen).prop_map(|(who, amount)| Step::Freeze { who, amount }),
		1 => select(vec![0u8, 0, 1]).prop_map(|on| Step::Migrate { on }),
	]
}

fn settings() -> impl Strategy<Value = Settings> {
	let preset = prop_oneof![
		2 => Just(Preset::Small),
		1 => Just(Preset::Conformance),
		1 => Just(Preset::Demo),
	];
	(preset, 1u32..5).prop_map(|(preset, max_exits)| match preset {
		Preset::Conformance => Settings { preset, max_exits: 1 },
		_ => Settings { preset, max_exits },
	})
}

/// An account that exists without tokens stakes everything and unstakes less than it can receive. Random steps
/// alone hardly ever do this.
fn dust() -> impl Strategy<Value = Vec<Step>> {
	(0u8..2, 1..9u64).prop_map(|(who, amount)| {
		vec![
			Step::Stake { who, kind: kind::ALL, amount: 0, price: 100, capacity: 4 },
			Step::AdvanceTo { who, edge: 1, after: 1 },
			Step::Unstake { who, kind: kind::PLAIN, amount },
			Step::AdvanceTo { who, edge: 0, after: 1 },
		]
	})
}

/// A run of up to `most` steps, after some changes of its first parameters and sometimes with dust.
pub fn any_run(most: usize) -> impl Strategy<Value = (Settings, Vec<Step>)> {
	let dust = prop_oneof![15 => Just(Vec::new()), 1 => dust()];
	(settings(), vec(any_parameter(), 0..10), dust, vec(step(), 0..=most)).prop_map(
		|(settings, parameters, dust, steps)| (settings, [parameters, dust, steps].concat()),
	)
}
