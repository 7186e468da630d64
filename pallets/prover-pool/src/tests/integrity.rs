//! The relations between configuration items: each has a sentence that says what to change.

use std::panic::{catch_unwind, AssertUnwindSafe};

use frame_support::{
	traits::{Get, Hooks},
	weights::Weight,
};
use sp_runtime::Perbill;

use crate::{mock::*, WeightInfo};

type Weights = crate::weights::SubstrateWeight<Test>;

/// Runs `integrity_test` and returns the sentence of its panic.
fn integrity(set: impl FnOnce()) -> Result<(), String> {
	ExtBuilder::default().build().execute_with(|| {
		set();
		catch_unwind(AssertUnwindSafe(ProverPool::integrity_test)).map_err(|panic| {
			let sentence = panic.downcast_ref::<String>().cloned();
			sentence.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string())).unwrap()
		})
	})
}

/// A relation that holds for dynamic parameters too: both checks name it.
fn refused_by_both(sentence: &str, set: impl Fn()) {
	ExtBuilder::default().build().execute_with(|| {
		set();
		let checked = ProverPool::check_parameters().unwrap_err();
		assert!(checked.starts_with(sentence), "{checked}");
	});
	refused(sentence, set);
}

/// A relation of bounds or weights.
fn refused(sentence: &str, set: impl Fn()) {
	let tested = integrity(set).unwrap_err();
	assert!(tested.starts_with(&format!("prover pool: {sentence}")), "{tested}");
}

fn accepted(set: impl Fn()) {
	assert_eq!(integrity(&set), Ok(()));
	ExtBuilder::default().build().execute_with(|| {
		set();
		assert_eq!(ProverPool::check_parameters(), Ok(()));
	});
}

#[test]
fn the_defaults_and_the_edges_are_in_order() {
	accepted(|| ());
	accepted(|| {
		MaxExits::set(1);
		MinCapacity::set(1);
		MaxCapacity::set(1);
		MinStakePerCapacity::set(1);
		MinChangeDelay::set(0);
		MaxLiability::set(1);
		DrawDelay::set(1);
		MaxDrawsPerBlock::set(1);
		MaxPendingDraws::set(1);
		MaxAdmissions::set(1);
		MaxMisses::set(1);
		SuspensionPeriod::set(1);
		MaxPausedShare::set(Perbill::from_parts(1));
	});
	accepted(|| {
		MinCapacity::set(1);
		MaxCapacity::set(u32::MAX);
		MinStakePerCapacity::set(u128::MAX);
		ExitPeriod::set(0);
		SuspensionPeriod::set(0);
		MaxPausedShare::set(Perbill::zero());
	});
}

#[test]
fn capacities_begin_with_one() {
	refused_by_both("set MinCapacity to at least 1", || MinCapacity::set(0));
}

#[test]
fn the_range_of_capacities_is_not_empty() {
	refused_by_both("set MaxCapacity to at least MinCapacity", || MaxCapacity::set(1));
}

#[test]
fn a_unit_of_capacity_needs_a_stake() {
	refused_by_both("set MinStakePerCapacity to at least 1", || MinStakePerCapacity::set(0));
}

#[test]
fn the_smallest_stake_fits_a_balance() {
	refused_by_both("lower MinStakePerCapacity or MinCapacity", || {
		MinCapacity::set(2);
		MinStakePerCapacity::set(u128::MAX / 2 + 1);
	});
}

#[test]
fn provers_cannot_discharge_themselves_too_early() {
	refused_by_both("set MaxLiability above MinChangeDelay", || {
		MaxLiability::set(MinChangeDelay::get())
	});
}

#[test]
fn a_suspension_has_a_period() {
	refused_by_both("set SuspensionPeriod to at least 1", || {
		MaxMisses::set(1);
		SuspensionPeriod::set(0);
	});
}

#[test]
fn somebody_can_be_suspended() {
	let sentence = "set MaxPausedShare above 0, or MaxMisses to 0";
	refused_by_both(sentence, || {
		MaxMisses::set(1);
		MaxPausedShare::set(Perbill::zero());
	});
}

#[test]
fn a_seed_is_younger_than_its_request() {
	refused_by_both("set DrawDelay to at least 1", || DrawDelay::set(0));
}

/// Else who sees a request that it dislikes can be out of its draw.
#[test]
fn the_entry_delay_is_longer_than_the_draw_delay() {
	for draw_delay in [1, 3] {
		for entry_delay in 1..=draw_delay {
			refused_by_both("set EntryDelay above DrawDelay, or to 0", || {
				DrawDelay::set(draw_delay);
				EntryDelay::set(entry_delay);
			});
		}
		// Without a delay changes count at once, as in the original.
		for entry_delay in [0, draw_delay + 1] {
			accepted(|| {
				DrawDelay::set(draw_delay);
				EntryDelay::set(entry_delay);
			});
		}
	}
}

#[test]
fn accounts_have_room_for_an_exit() {
	refused("set MaxExits to at least 1", || MaxExits::set(0));
}

#[test]
fn there_are_draws_and_room_for_requests() {
	let sentence = "set MaxDrawsPerBlock and MaxPendingDraws to at least 1";
	refused(sentence, || MaxDrawsPerBlock::set(0));
	refused(sentence, || MaxPendingDraws::set(0));
}

#[test]
fn entries_are_listed() {
	refused("set MaxAdmissions to at least 1", || MaxAdmissions::set(0));
}

// The hook's weight.

const TOO_HEAVY: &str = "lower MaxDrawsPerBlock or MaxAdmissions";

#[test]
fn draws_and_admissions_must_fit_into_half_a_block() {
	refused(TOO_HEAVY, || MaxDrawsPerBlock::set(u32::MAX));
	refused(TOO_HEAVY, || MaxAdmissions::set(u32::MAX));
}

/// The weight that is left in half a block for the handler of a single draw.
fn left_for_the_handler() -> Weight {
	MaxDrawsPerBlock::set(1);
	let limits: frame_system::limits::BlockWeights =
		<Test as frame_system::Config>::BlockWeights::get();
	limits.max_block / 2
		- Weights::on_initialize()
		- ProverPool::weight_of_admission() * u64::from(MaxAdmissions::get())
		- ProverPool::weight_of_draw()
}

#[test]
fn the_handler_may_use_what_is_left_of_half_a_block() {
	accepted(|| OnDrawWeight::set(left_for_the_handler()));
	for more in [Weight::from_parts(1, 0), Weight::from_parts(0, 1)] {
		refused(TOO_HEAVY, || OnDrawWeight::set(left_for_the_handler() + more));
	}
}
