//! Dynamic parameters: who sets them, and what is refused.

use super::chain::Chain;
use crate::{
	checked_parameters::{Error, Origin},
	configs::{
		money::UNIT,
		parameters::{
			dynamic::pool::{self, Parameters as Pool},
			RuntimeParameters,
		},
	},
	CheckedParameters, OriginCaller, Parameters, ProverPool, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin,
};
use frame_support::{assert_noop, assert_ok};
use pallet_prover_pool::ParametersOf;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{
	DispatchError::{self, BadOrigin},
	Perbill,
};

fn exit_period(blocks: Option<u32>) -> RuntimeParameters {
	RuntimeParameters::Pool(Pool::ExitPeriod(pool::ExitPeriod, blocks))
}

fn sudo(call: impl Into<RuntimeCall>) -> RuntimeCall {
	pallet_sudo::Call::sudo { call: Box::new(call.into()) }.into()
}

fn set(key_value: RuntimeParameters) -> RuntimeCall {
	sudo(crate::checked_parameters::Call::set_parameter { key_value })
}

/// The outcome of the call that `Sudo` dispatched, by these events.
fn sudo_result(events: &[RuntimeEvent]) -> Result<(), DispatchError> {
	events
		.iter()
		.find_map(|event| match event {
			RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(*sudo_result),
			_ => None,
		})
		.expect("sudo was used")
}

fn parameters(chain: &mut Chain) -> ParametersOf<Runtime> {
	chain.inspect(ProverPool::get_parameters)
}

#[test]
fn sudo_sets_parameters_and_restores_their_defaults() {
	let mut chain = Chain::development();
	let default = parameters(&mut chain);
	let events = chain.block(vec![(Alice, set(exit_period(Some(10))))]);
	assert_eq!(sudo_result(&events), Ok(()));
	let updated = |event: &RuntimeEvent| {
		matches!(event, RuntimeEvent::Parameters(pallet_parameters::Event::Updated { .. }))
	};
	assert_eq!(events.iter().filter(|event| updated(event)).count(), 1);
	assert_eq!(parameters(&mut chain).exit_period, 10);
	assert_eq!(sudo_result(&chain.block(vec![(Alice, set(exit_period(None)))])), Ok(()));
	assert_eq!(parameters(&mut chain), default);
}

#[test]
fn nobody_else_sets_parameters() {
	Chain::development().inspect(|| {
		for origin in [
			RuntimeOrigin::none(),
			RuntimeOrigin::signed(Alice.to_account_id()),
			Origin::Checked.into(),
		] {
			assert_noop!(
				CheckedParameters::set_parameter(origin, exit_period(Some(10))),
				BadOrigin
			);
		}
	});
}

/// Not even past all filters, as `Sudo` dispatches.
#[test]
fn there_is_no_way_around_the_check() {
	let mut chain = Chain::development();
	chain.inspect(|| {
		for origin in [
			RuntimeOrigin::root(),
			RuntimeOrigin::none(),
			RuntimeOrigin::signed(Alice.to_account_id()),
		] {
			assert_noop!(Parameters::set_parameter(origin, exit_period(Some(10))), BadOrigin);
		}
	});
	let direct = pallet_parameters::Call::set_parameter { key_value: exit_period(Some(10)) };
	assert_eq!(sudo_result(&chain.block(vec![(Alice, sudo(direct))])), Err(BadOrigin));
}

/// What remains: root can act as any origin. Nobody does that by mistake.
#[test]
fn root_that_acts_as_the_checked_origin_passes_the_check() {
	let mut chain = Chain::development();
	let value = Pool::MinCapacity(pool::MinCapacity, Some(0));
	let key_value = RuntimeParameters::Pool(value);
	let direct = pallet_parameters::Call::<Runtime>::set_parameter { key_value };
	let call = pallet_utility::Call::<Runtime>::dispatch_as {
		as_origin: Box::new(OriginCaller::CheckedParameters(Origin::Checked)),
		call: Box::new(direct.into()),
	};
	chain.block(vec![(Alice, sudo(call))]);
	assert_eq!(parameters(&mut chain).min_capacity, 0);
}

/// Values that break a relation of the pool or of the protocol, and the beginning of the advice.
fn breaking() -> Vec<(Pool, &'static str)> {
	use crate::configs::parameters::dynamic::pool::*;
	vec![
		(Pool::MinCapacity(MinCapacity, Some(0)), "set MinCapacity to at least 1"),
		(Pool::MinCapacity(MinCapacity, Some(129)), "set MaxCapacity to at least MinCapacity"),
		(Pool::MaxCapacity(MaxCapacity, Some(3)), "set MaxCapacity to at least MinCapacity"),
		(
			Pool::MinStakePerCapacity(MinStakePerCapacity, Some(0)),
			"set MinStakePerCapacity to at least 1",
		),
		(
			Pool::MinStakePerCapacity(MinStakePerCapacity, Some(u128::MAX)),
			"lower MinStakePerCapacity or MinCapacity",
		),
		(
			Pool::MinChangeDelay(MinChangeDelay, Some(u32::MAX)),
			"set MaxLiability above MinChangeDelay",
		),
		(Pool::SuspensionPeriod(SuspensionPeriod, Some(0)), "set SuspensionPeriod to at least 1"),
		(
			Pool::MaxPausedShare(MaxPausedShare, Some(Perbill::zero())),
			"set MaxPausedShare above 0, or MaxMisses to 0",
		),
		(Pool::EntryDelay(EntryDelay, Some(3)), "set EntryDelay above DrawDelay"),
		// An hour and a block is enough for the pool, not for the protocol.
		(Pool::MaxLiability(MaxLiability, Some(601)), "raise the pool's MaxLiability"),
		// Nor are stakes that are lower than what the highest fee needs.
		(
			Pool::MinStakePerCapacity(MinStakePerCapacity, Some(10 * UNIT - 4)),
			"lower MaxFeePerGas or raise the pool's MinStakePerCapacity",
		),
		(
			Pool::SlashMultiplier(SlashMultiplier, Some(5)),
			"lower MaxFeePerGas or raise the pool's MinStakePerCapacity",
		),
	]
}

#[test]
fn value_that_breaks_a_relation_is_refused_and_changes_nothing() {
	let mut chain = Chain::development();
	// So that the protocol's relation is the one that breaks.
	let shorter = Pool::MinChangeDelay(pool::MinChangeDelay, Some(1));
	assert_eq!(
		sudo_result(&chain.block(vec![(Alice, set(RuntimeParameters::Pool(shorter)))])),
		Ok(())
	);
	let before = parameters(&mut chain);
	for (value, advice) in breaking() {
		let key_value = RuntimeParameters::Pool(value);
		chain.inspect(|| {
			let sentence = CheckedParameters::why_refused(key_value.clone()).unwrap_or_default();
			assert!(sentence.starts_with(advice), "{key_value:?}: {sentence}");
			assert_noop!(
				CheckedParameters::set_parameter(RuntimeOrigin::root(), key_value.clone()),
				Error::<Runtime>::BrokenRelation
			);
		});
		let events = chain.block(vec![(Alice, set(key_value))]);
		assert_eq!(sudo_result(&events), Err(Error::<Runtime>::BrokenRelation.into()));
		assert_eq!(parameters(&mut chain), before);
	}
}

#[test]
fn relations_hold_between_the_values_that_are_in_force() {
	use crate::configs::parameters::dynamic::pool::*;
	let suspension = || RuntimeParameters::Pool(Pool::SuspensionPeriod(SuspensionPeriod, Some(0)));
	Chain::development().inspect(|| {
		let set = |value| CheckedParameters::set_parameter(RuntimeOrigin::root(), value);
		assert_noop!(set(suspension()), Error::<Runtime>::BrokenRelation);
		// Without suspensions their length does not matter.
		assert_ok!(set(RuntimeParameters::Pool(Pool::MaxMisses(MaxMisses, Some(0)))));
		assert_eq!(CheckedParameters::why_refused(suspension()), None);
		assert_ok!(set(suspension()));
		// And now they cannot return. Nor does asking change anything.
		let before = ProverPool::get_parameters();
		let again = || RuntimeParameters::Pool(Pool::MaxMisses(MaxMisses, None));
		assert!(CheckedParameters::why_refused(again()).is_some());
		assert_eq!(ProverPool::get_parameters(), before);
		assert_noop!(set(again()), Error::<Runtime>::BrokenRelation);
	});
}

/// Every parameter of the module, with its default.
#[test]
fn every_parameter_reaches_the_pool() {
	use crate::configs::parameters::dynamic::pool::*;
	let percent = Perbill::from_percent(9);
	let values = [
		Pool::MinCapacity(MinCapacity, Some(5)),
		Pool::MaxCapacity(MaxCapacity, Some(64)),
		Pool::MinStakePerCapacity(MinStakePerCapacity, Some(100 * UNIT)),
		Pool::ExitPeriod(ExitPeriod, Some(11)),
		Pool::MinChangeDelay(MinChangeDelay, Some(12)),
		Pool::SlashPoints(SlashPoints, Some(percent)),
		Pool::SlashMultiplier(SlashMultiplier, Some(13)),
		Pool::SlashDeferral(SlashDeferral, Some(14)),
		Pool::MaxMisses(MaxMisses, Some(15)),
		Pool::SuspensionPeriod(SuspensionPeriod, Some(16)),
		Pool::MinOverbid(MinOverbid, Some(percent)),
		Pool::EjectionThreshold(EjectionThreshold, Some(percent)),
		Pool::MaxLiability(MaxLiability, Some(10_000)),
		Pool::EntryDelay(EntryDelay, Some(17)),
		Pool::MaxPausedShare(MaxPausedShare, Some(percent)),
	];
	Chain::development().inspect(|| {
		let mut expected = ProverPool::get_parameters();
		for value in values {
			let key_value = RuntimeParameters::Pool(value);
			assert_ok!(CheckedParameters::set_parameter(RuntimeOrigin::root(), key_value));
		}
		expected.min_capacity = 5;
		expected.max_capacity = 64;
		expected.min_stake_per_capacity = 100 * UNIT;
		expected.exit_period = 11;
		expected.min_change_delay = 12;
		expected.slash_points = percent;
		expected.slash_multiplier = 13;
		expected.slash_deferral = 14;
		expected.max_misses = 15;
		expected.suspension_period = 16;
		expected.min_overbid = percent;
		expected.ejection_threshold = percent;
		expected.max_liability = 10_000;
		expected.entry_delay = 17;
		expected.max_paused_share = percent;
		assert_eq!(ProverPool::get_parameters(), expected);
	});
}
