//! Money, last paragraph: the fee and the average delay move, both ways, and stay within their
//! bounds.

use frame_support::assert_ok;
use sp_runtime::{FixedPointNumber, FixedU128, Perbill};

use crate::{
	fees::{self, Ratio},
	mock::*,
	FeeLimits, Sample,
};

fn fixed(whole: u32) -> FixedU128 {
	FixedU128::saturating_from_integer(whole)
}

const WHOLE: Ratio = Ratio { part: 1, whole: 1 };

#[test]
fn cost_is_exact_and_saturates() {
	assert_eq!(fees::cost::<u128>(1_000, 2_000, 100), 300_000);
	assert_eq!(fees::cost::<u128>(1_000, 0, 0), 0);
	let largest = 2 * u128::from(u32::MAX) * u128::from(u32::MAX);
	assert_eq!(fees::cost::<u128>(u32::MAX, u32::MAX, u32::MAX), largest);
	assert_eq!(fees::cost::<u64>(u32::MAX, u32::MAX, u32::MAX), u64::MAX);
	assert_eq!(fees::cost::<u32>(1, 1, u32::MAX), u32::MAX);
}

#[test]
fn shares_of_the_fee_round_down_and_saturate() {
	assert_eq!(fees::share_of_fee(101, 150), 151);
	assert_eq!(fees::share_of_fee(u32::MAX, 150), u32::MAX);
	assert_eq!(fees::share_of_fee(u32::MAX, 100), u32::MAX);
	assert_eq!(fees::share_of_fee(0, 150), 0);
}

#[test]
fn the_open_reward_rises_from_the_band_to_the_escrow() {
	let reward = |fee, elapsed| fees::open_reward(fee, 75, 150, elapsed, 20);
	assert_eq!([reward(100, 0), reward(100, 1), reward(100, 19)], [75, 78, 146]);
	assert_eq!([reward(100, 20), reward(100, u64::MAX)], [150, 150]);
	for fee in [8, 9, 10, 11, 99, 101, 1 << 31, u32::MAX] {
		assert_eq!(reward(fee, 0), fees::share_of_fee(fee, 75), "the pool's floor");
		assert_eq!(reward(fee, 20), fees::share_of_fee(fee, 150), "the escrow");
		assert!((0..20).all(|t| reward(fee, t) <= reward(fee, t + 1)));
	}
	assert_eq!(fees::open_reward(100, 75, 150, 0, 0), 150, "no time to rise");
	assert_eq!(fees::open_reward(u32::MAX, 0, u32::MAX, u64::MAX, u64::MAX), u32::MAX);
}

#[test]
fn penalties_are_proportional_and_rounded_down() {
	let max = Perbill::from_parts(25_000_000);
	let paid = |reward: u128, used, window| fees::after_delay_penalty(reward, max, used, window);
	assert_eq!(paid(1_000, 0, 10), 1_000);
	assert_eq!(paid(1_000, 10, 10), 975);
	assert_eq!(paid(1_000, 5, 10), 988, "12.5 is rounded down to 12");
	assert_eq!(paid(39, 10, 10), 39, "0.975 is rounded down to 0");
	assert_eq!(paid(40, 10, 10), 39);
	assert_eq!(paid(1_000, 99, 10), 975, "never more than all of it");
	assert_eq!(paid(1_000, 1, 0), 1_000);
	let all = Perbill::one();
	assert_eq!(fees::after_delay_penalty(u128::MAX, all, u64::MAX, u64::MAX), 0);
	assert_eq!(fees::after_delay_penalty(7u32, all, 1, 1), 0);
}

#[test]
fn windows_keep_within_their_bounds() {
	let window = |delay| fees::window(delay, 200, 4, 20);
	assert_eq!(window(FixedU128::from_rational(7, 2)), 7);
	assert_eq!(window(FixedU128::from_rational(15, 4)), 7, "7.5 is rounded down");
	assert_eq!([window(fixed(0)), window(fixed(10)), window(fixed(11))], [4, 20, 20]);
	assert_eq!(window(FixedU128::from_inner(u128::MAX)), 20);
	assert_eq!(fees::window(FixedU128::from_inner(u128::MAX), u32::MAX, 0, u64::MAX), u64::MAX);
}

#[test]
fn the_weight_of_a_block_is_its_share_of_a_full_one() {
	assert_eq!(fees::averaging_weight(1_000, 4_000, 4_000), Ratio { part: 5_000, whole: 5_000 });
	assert_eq!(fees::averaging_weight(1_000, 0, 4_000), Ratio { part: 1_000, whole: 5_000 });
	assert_eq!(fees::averaging_weight(1_000, 9_000, 4_000), Ratio { part: 5_000, whole: 5_000 });
	let most = 2 * u64::from(u32::MAX);
	assert_eq!(
		fees::averaging_weight(u32::MAX, u32::MAX, u32::MAX),
		Ratio { part: most, whole: most }
	);
}

#[test]
fn an_average_moves_by_a_part_of_the_way_in_both_directions() {
	assert_eq!(fees::moved(fixed(100), fixed(200), WHOLE, 4), fixed(125));
	assert_eq!(fees::moved(fixed(200), fixed(100), WHOLE, 4), fixed(175));
	assert_eq!(fees::moved(fixed(100), fixed(200), Ratio { part: 1, whole: 5 }, 4), fixed(105));
	assert_eq!(fees::moved(fixed(100), fixed(100), WHOLE, 4), fixed(100));
	// Nonsense stays within the two values.
	assert_eq!(fees::moved(fixed(100), fixed(200), WHOLE, 0), fixed(200));
	let too_much = Ratio { part: 9, whole: 1 };
	assert_eq!(fees::moved(fixed(100), fixed(200), too_much, 1), fixed(200));
	assert_eq!(fees::moved(fixed(200), fixed(100), too_much, 1), fixed(100));
	let (least, most) = (FixedU128::from_inner(0), FixedU128::from_inner(u128::MAX));
	assert_eq!(fees::moved(least, most, WHOLE, 1), most);
	assert_eq!(fees::moved(most, least, WHOLE, 1), least);
}

/// With whole numbers, a step towards 125 % of the fee would be rounded to nothing on the way up,
/// and the fee could only fall.
#[test]
fn small_blocks_and_small_fees_move_the_average_too() {
	let smallest = fees::averaging_weight(1_000, 0, 4_000);
	let (mut up, mut down) = (fixed(8), fixed(8));
	for _ in 0..40_000 {
		up = fees::moved(up, fixed(10), smallest, 7_200);
		down = fees::moved(down, fixed(6), smallest, 7_200);
	}
	assert!(up > FixedU128::from_rational(93, 10), "{up:?}");
	assert_eq!(fixed(16) - up, down, "as fast down as up");
}

fn limits(step: Perbill) -> FeeLimits {
	FeeLimits { min: 8, max: 1_000, step }
}

#[test]
fn the_fee_is_a_whole_number_within_its_limits() {
	let whole_fee = |fee_per_gas| {
		MovingAverages::<u64> { fee_per_gas, ..Default::default() }
			.whole_fee(limits(Perbill::one()))
	};
	assert_eq!(whole_fee(FixedU128::from_rational(199, 20)), 9);
	assert_eq!(whole_fee(fixed(3)), 8);
	assert_eq!(whole_fee(fixed(1_001)), 1_000);
	assert_eq!(whole_fee(FixedU128::from_inner(u128::MAX)), 1_000);
}

#[test]
fn a_value_is_kept_within_a_step() {
	let within =
		|moved, start| fees::within_step(fixed(moved), fixed(start), Perbill::from_percent(5));
	assert_eq!([within(106, 100), within(94, 100)], [fixed(105), fixed(95)]);
	assert_eq!([within(105, 100), within(95, 100), within(100, 100)], [105, 95, 100].map(fixed));
	assert_eq!(within(50, 0), fixed(0));
	let most = FixedU128::from_inner(u128::MAX);
	assert_eq!(fees::within_step(most, most, Perbill::one()), most);
}

#[test]
fn the_fee_moves_by_one_step_within_one_block_of_this_chain() {
	let mut averages = MovingAverages::starting_at(100, 5u64, 1u64);
	let sample = |reward_per_gas| Sample { reward_per_gas, delay: 5, weight: WHOLE };
	let step = limits(Perbill::from_percent(5));
	// However many samples come, and in whatever order; the delay is not bounded so.
	for price in [900, 900, 900, 1, 900, 900] {
		averages.take_in(sample(price), 1, step, 2);
	}
	assert_eq!(averages.fee_per_gas, fixed(105));
	// The next block starts from there.
	averages.take_in(sample(900), 1, step, 3);
	assert_eq!(averages.fee_per_gas, FixedU128::from_rational(11_025, 100));
	assert_eq!((averages.fee_at_start, averages.updated_in), (fixed(105), 3));
	for _ in 0..3 {
		averages.take_in(sample(1), 1, step, 4);
	}
	assert_eq!(averages.fee_per_gas, FixedU128::from_rational(1_047_375, 10_000));
}

#[test]
fn the_limits_come_before_the_step() {
	let mut averages = MovingAverages::starting_at(100, 5u64, 1u64);
	let sample = Sample { reward_per_gas: 100, delay: 5, weight: WHOLE };
	averages.take_in(
		sample,
		1,
		FeeLimits { min: 200, max: 300, step: Perbill::from_percent(1) },
		2,
	);
	assert_eq!(averages.fee_per_gas, fixed(200));
	averages.take_in(sample, 1, FeeLimits { min: 8, max: 50, step: Perbill::from_percent(1) }, 3);
	assert_eq!(averages.fee_per_gas, fixed(50));
}

/// Lets the assigned prover prove `blocks` blocks in time, after `waits` each.
fn work(blocks: u32, waits: u64) {
	for _ in 0..blocks {
		let id = assigned_block();
		run_for(waits);
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
	}
}

#[test]
fn the_fee_rises_when_provers_ask_for_more() {
	let expensive = vec![(ASSIGNED, STAKE, 1_000, CAPACITY)];
	ExtBuilder::default().provers(expensive).with(|| AveragingFactor::set(20)).build_and_execute(
		|| {
			work(1, 0);
			// 125 was agreed, 3 000 of 5 000 gas: a twentieth of 60 % of 25.
			assert_eq!(Averages::<Test>::get().fee_per_gas, FixedU128::from_rational(403, 4));
			work(30, 0);
			assert!(BlockProposal::fee_per_gas() > 120);
		},
	);
}

#[test]
fn the_fee_falls_when_provers_ask_for_less_down_to_its_minimum() {
	let cheap = vec![(ASSIGNED, STAKE, 1, CAPACITY)];
	ExtBuilder::default()
		.fee(10)
		.provers(cheap)
		.with(|| AveragingFactor::set(2))
		.build_and_execute(|| {
			work(20, 0);
			assert_eq!(Averages::<Test>::get().fee_per_gas, fixed(8));
			assert_eq!(BlockProposal::fee_per_gas(), 8);
		});
}

#[test]
fn the_lowest_fee_can_rise_again() {
	let expensive = vec![(ASSIGNED, STAKE, 1_000, CAPACITY)];
	ExtBuilder::default()
		.fee(8)
		.provers(expensive)
		.with(|| AveragingFactor::set(5))
		.build_and_execute(|| {
			assert_eq!(BlockProposal::fee_per_gas(), 8);
			work(60, 0);
			assert!(BlockProposal::fee_per_gas() > 20);
		});
}

#[test]
fn the_average_delay_follows_the_provers_both_ways() {
	ExtBuilder::default().with(|| AveragingFactor::set(3)).build_and_execute(|| {
		work(20, 0);
		let fast = Averages::<Test>::get().delay;
		assert!(fast < FixedU128::from_rational(1, 10), "{fast:?}");
		assert_eq!(BlockProposal::current_window(), MinProofWindow::get());
		work(40, 4);
		let slow = Averages::<Test>::get().delay;
		assert!(slow > FixedU128::from_rational(39, 10) && slow < fixed(4), "{slow:?}");
		assert_eq!(BlockProposal::current_window(), 7);
	});
}

#[test]
fn the_fee_rises_up_to_its_maximum() {
	let expensive = vec![(ASSIGNED, STAKE, u32::MAX, CAPACITY)];
	let builder = ExtBuilder::default().fee(900).provers(expensive);
	builder.with(|| AveragingFactor::set(2)).build_and_execute(|| {
		work(10, 0);
		assert_eq!(BlockProposal::fee_per_gas(), MaxFeePerGas::get());
		assert_eq!(Averages::<Test>::get().fee_per_gas, fixed(MaxFeePerGas::get()));
	});
}

#[test]
fn only_blocks_proven_in_time_by_their_assigned_prover_count() {
	ExtBuilder::default().with(|| AveragingFactor::set(2)).build_and_execute(|| {
		let before = Averages::<Test>::get();
		// Rescued.
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		// Late.
		let id = assigned_block();
		run_to(deadline(id) + 1);
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		// Skipped, and cancelled although it was claimed in time.
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[1]));
		let_expire_and_skip(ids[0]);
		verify();
		assert_eq!(Averages::<Test>::get(), before);
		assert!(!events().iter().any(|event| matches!(event, Event::AveragesUpdated { .. })));
	});
}
