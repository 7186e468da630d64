//! The clock counts this chain's blocks that admit extrinsics, and nothing else.

use crate::mock::*;
use frame_support::{
	assert_ok,
	traits::Hooks,
	weights::{Weight, WeightMeter},
};

#[test]
fn every_block_that_admits_extrinsics_is_counted() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!((now(), System::block_number()), (1, 1));
		next_block();
		next_block();
		assert_eq!((now(), System::block_number()), (3, 3));
	});
}

#[test]
fn no_window_runs_while_a_migration_lets_nobody_prove() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		Admitting::set(false);
		(0..100).for_each(|_| next_block());
		Admitting::set(true);
		// The migration was in the last minute: still in time.
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		assert_eq!(block(id).verdict(&block(id).proofs[0]), Verdict::InTime);
	});
}

#[test]
fn a_block_without_room_for_the_clock_is_not_counted() {
	ExtBuilder::default().build_and_execute(|| {
		let needed = <Test as Config>::WeightInfo::on_poll();
		let mut meter = WeightMeter::with_limit(needed);
		BlockProposal::on_poll(2, &mut meter);
		assert_eq!((now(), meter.remaining()), (2, Weight::zero()));
		// Nothing is left: no extrinsic fits either.
		BlockProposal::on_poll(3, &mut meter);
		assert_eq!(now(), 2);
	});
}
