//! The relations between configuration items: each has a sentence that says what to change.

use frame_support::{
	traits::{Get, Hooks},
	weights::Weight,
};

use crate::{mock::*, WeightInfo};

fn check_with(set: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		set();
		ProverPool::integrity_test();
	});
}

#[test]
fn the_defaults_are_in_order() {
	check_with(|| ());
}

#[test]
fn the_edges_are_in_order() {
	check_with(|| {
		MaxProvers::set(1);
		MinCapacity::set(1);
		MinStakePerCapacity::set(1);
		PriceFloorPercent::set(0);
		PriceCeilingPercent::set(100);
		MinChangeDelay::set(0);
		MaxLiability::set(1);
		MaxDrawsPerBlock::set(1);
		MaxPendingDraws::set(1);
	});
	check_with(|| {
		PriceFloorPercent::set(100);
		PriceCeilingPercent::set(u32::MAX);
		MinCapacity::set(1);
		MinStakePerCapacity::set(u128::MAX);
		ExitPeriod::set(0);
	});
	check_with(|| {
		MaxProvers::set(1 << 20);
		NodeWidth::set(256);
	});
}

#[test]
#[should_panic = "prover pool: set MaxProvers between 1 and 1048576, it is 0"]
fn a_pool_needs_slots() {
	check_with(|| MaxProvers::set(0));
}

#[test]
#[should_panic = "prover pool: set MaxProvers between 1 and 1048576, it is 1048577"]
fn a_pool_has_so_many_slots_that_weights_can_be_added() {
	check_with(|| MaxProvers::set((1 << 20) + 1));
}

#[test]
#[should_panic = "prover pool: NodeWidth is 3: the index's nodes are too narrow to be split and joined: raise their width to 4 or more"]
fn nodes_must_be_wide_enough_to_be_split() {
	check_with(|| NodeWidth::set(3));
}

#[test]
#[should_panic = "prover pool: NodeWidth is 257: the index's nodes are too wide to be read at every step: lower their width to 256 or less"]
fn nodes_must_be_narrow_enough_to_be_read() {
	check_with(|| NodeWidth::set(257));
}

#[test]
#[should_panic = "prover pool: set MinCapacity to at least 1"]
fn a_prover_needs_a_capacity() {
	check_with(|| MinCapacity::set(0));
}

#[test]
#[should_panic = "prover pool: set MinStakePerCapacity to at least 1"]
fn a_place_needs_a_stake() {
	check_with(|| MinStakePerCapacity::set(0));
}

#[test]
#[should_panic = "prover pool: lower MinStakePerCapacity or MinCapacity"]
fn somebody_must_be_able_to_afford_the_least() {
	check_with(|| {
		MinCapacity::set(2);
		MinStakePerCapacity::set(u128::MAX / 2 + 1);
	});
}

#[test]
#[should_panic = "prover pool: the price band must contain the fee"]
fn the_band_must_not_begin_above_the_fee() {
	check_with(|| PriceFloorPercent::set(101));
}

#[test]
#[should_panic = "prover pool: the price band must contain the fee"]
fn the_band_must_not_end_below_the_fee() {
	check_with(|| PriceCeilingPercent::set(99));
}

#[test]
#[should_panic = "prover pool: set MaxLiability above MinChangeDelay"]
fn nobody_may_discharge_itself_too_early() {
	check_with(|| MaxLiability::set(MinChangeDelay::get()));
}

#[test]
#[should_panic = "prover pool: set MaxDrawsPerBlock and MaxPendingDraws to at least 1"]
fn there_must_be_draws() {
	check_with(|| MaxDrawsPerBlock::set(0));
}

#[test]
#[should_panic = "prover pool: set MaxDrawsPerBlock and MaxPendingDraws to at least 1"]
fn there_must_be_room_for_requests() {
	check_with(|| MaxPendingDraws::set(0));
}

#[test]
#[should_panic = "prover pool: lower MaxDrawsPerBlock"]
fn the_draws_must_fit_into_half_a_block() {
	check_with(|| MaxDrawsPerBlock::set(u32::MAX));
}

/// What is left in half a block for a single handler, when nothing else takes part.
fn left_for_the_handler() -> Weight {
	type Weights = crate::weights::SubstrateWeight<Test>;
	MaxDrawsPerBlock::set(1);
	let limits: frame_system::limits::BlockWeights =
		<Test as frame_system::Config>::BlockWeights::get();
	limits.max_block / 2
		- Weights::on_initialize()
		- Weights::admit() * u64::from(crate::waiting::MAX_ADMISSIONS)
		- Weights::draw()
}

#[test]
fn the_handler_may_use_what_is_left_of_half_a_block() {
	check_with(|| OnDrawWeight::set(left_for_the_handler()));
}

#[test]
#[should_panic = "prover pool: lower MaxDrawsPerBlock"]
fn the_handler_counts_in_time() {
	check_with(|| OnDrawWeight::set(left_for_the_handler() + Weight::from_parts(1, 0)));
}

#[test]
#[should_panic = "prover pool: lower MaxDrawsPerBlock"]
fn the_handler_counts_in_size_of_proof() {
	check_with(|| OnDrawWeight::set(left_for_the_handler() + Weight::from_parts(0, 1)));
}
