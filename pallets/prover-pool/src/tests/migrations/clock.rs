//! A change of the clock: everything is as old as before, and nothing else changes.

use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::MutateHold, UncheckedOnRuntimeUpgrade},
	weights::constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_SECOND},
};
use sp_runtime::{traits::BlockNumberProvider, DispatchError};

use crate::{
	migrations::MoveClock, mock::*, Assignments, AssignmentsOf, DrawQueue, HoldReason, ProverOf,
	Stakers,
};

/// The clock that wrote the moments: it stands where the pool's own stood before the upgrade.
struct OldClock;
frame_support::parameter_types! {
	static OldNow: Moment = 0;
}
impl BlockNumberProvider for OldClock {
	type BlockNumber = Moment;

	fn current_block_number() -> Moment {
		OldNow::get()
	}
}

type Migration = MoveClock<Test, OldClock>;

/// From now on the pool's clock is another one, which stands at `new`.
fn change_clock(new: Moment) {
	OldNow::set(Now::get());
	Now::set(new);
}

fn pool() -> ExtBuilder {
	ExtBuilder::default().provers(&[
		(ALICE, 1_000, 100, 4),
		(BOB, 1_000, 100, 4),
		(CAROL, 1_000, 100, 4),
	])
}

/// Moments of every kind and age: Alice is a member with work in both states and a part of her stake on
/// its way out, Bob a member without work, Carol left with work, Dave left without. Two requests wait.
fn play() {
	assign(1, ALICE);
	advance_clock(1);
	assign(2, ALICE);
	assign(3, CAROL);
	assert_ok!(release(2));
	advance_clock(10);
	assert_ok!(stake(ALICE, 400, 100, 4));
	assert_ok!(stake(DAVE, 500, 100, 4));
	advance_clock(2);
	assert_ok!(exit(CAROL));
	advance_clock(20);
	assert_ok!(exit(DAVE));
	assert_ok!(request(10));
	run_blocks(1);
	assert_ok!(request(11));
	advance_clock(3);
}

fn with_a_bit_of_everything(test: impl FnOnce()) {
	pool().build_and_execute(|| {
		play();
		test();
	})
}

/// Every moment that is stored, in a fixed order.
fn moments() -> Vec<Moment> {
	let of = |who| {
		let staker = staker(who);
		[staker.exit_requested_at, staker.liable_since, staker.last_changed_at]
	};
	let stakers = (ALICE..=DAVE).flat_map(of).flatten();
	stakers.chain((1..=3).map(|block_id| assignment(block_id).unwrap().drawn_at)).collect()
}

#[test]
fn every_moment_moves_by_the_difference_of_the_clocks() {
	with_a_bit_of_everything(|| {
		let before = moments();
		// Alice: exit, liability, change. Bob: change. Carol: all. Dave: exit, change. Three draws.
		assert_eq!(
			before.iter().map(|moment| moment - START).collect::<Vec<_>>(),
			[11, 0, 11, 0, 13, 1, 0, 33, 11, 0, 1, 1]
		);
		assert_eq!(Now::get(), START + 36);
		let rest = || {
			let held: Vec<_> = (ALICE..=DAVE).map(held).collect();
			let slots: Vec<(_, ProverOf<Test>)> = ProverPool::get_provers(1, u32::MAX);
			(held, slots, DrawQueue::<Test>::get(), Balances::total_issuance())
		};
		let rest_before = rest();

		for new in [299_000_000, 1_000, 1_005, 1_005, START + 36] {
			let (old, stored) = (Now::get(), moments());
			change_clock(new);
			let records = Migration::check_before().unwrap();
			Migration::on_runtime_upgrade();
			assert_ok!(Migration::check_after(records));
			assert_eq!(
				moments(),
				stored.iter().map(|moment| new - (old - moment)).collect::<Vec<_>>(),
				"{new}"
			);
			assert_eq!(rest(), rest_before);
		}
		assert_eq!(moments(), before, "back where it was");
	});
}

#[test]
fn periods_end_neither_early_nor_late() {
	with_a_bit_of_everything(|| {
		change_clock(299_000_000);
		Migration::on_runtime_upgrade();
		pool_events();

		// Dave left three units ago: his exit is over after a hundred.
		advance_clock(97);
		assert_noop!(withdraw(DAVE), Error::NoMatureExit);
		advance_clock(1);
		assert_ok!(withdraw(DAVE));

		// Carol was drawn 35 units before the upgrade, and owes the block for four hundred.
		advance_clock(400 - 35 - 98);
		assert_noop!(ProverPool::discharge_prover(signed(CAROL), 3), Error::NotOverdue);
		assert_noop!(withdraw(CAROL), Error::StillLiable);
		advance_clock(1);
		assert_ok!(ProverPool::discharge_prover(signed(CAROL), 3));
		assert_ok!(withdraw(CAROL));
		assert_eq!(
			pool_events(),
			[
				withdrawn(DAVE, 500),
				Event::ProverDischarged { block_id: 3, who: CAROL },
				withdrawn(CAROL, 1_000),
			]
		);
	});
}

#[test]
fn the_change_delay_goes_on() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(EVE, 500, 100, 4));
		advance_clock(4);
		change_clock(7);
		Migration::on_runtime_upgrade();
		advance_clock(6);
		assert_noop!(exit(EVE), Error::ChangeTooFrequent);
		advance_clock(1);
		assert_ok!(exit(EVE));
		assert_eq!(pool_events(), [staked(EVE, 500, 100, 4), exited(EVE, 500, 500)]);
	});
}

/// The migration, then `tamper`, then the check.
fn checked_after(tamper: impl FnOnce()) -> Result<(), DispatchError> {
	pool().build().execute_with(|| {
		play();
		change_clock(5_000);
		let records = Migration::check_before().unwrap();
		Migration::on_runtime_upgrade();
		tamper();
		Migration::check_after(records)
	})
}

#[test]
fn the_check_sees_every_change() {
	assert_ok!(checked_after(|| ()));
	let fails = |sentence: &'static str, tampers: &[fn()]| {
		for (i, tamper) in tampers.iter().enumerate() {
			assert_eq!(
				checked_after(tamper),
				Err(DispatchError::Other(sentence)),
				"{sentence} {i}"
			);
		}
	};
	fails(
		"an account is not what it was",
		&[
			|| advance_clock(1),
			|| Stakers::<Test>::mutate(CAROL, |(staker, _)| staker.exit_requested_at = Some(4_976)),
			|| Stakers::<Test>::mutate(CAROL, |(staker, _)| staker.liable_since = Some(4_966)),
			|| Stakers::<Test>::mutate(BOB, |(staker, _)| staker.last_changed_at = Some(4_963)),
			|| Stakers::<Test>::mutate(BOB, |(staker, _)| staker.last_changed_at = None),
			|| Stakers::<Test>::mutate(DAVE, |(staker, _)| staker.exit_amount -= 1),
			|| Stakers::<Test>::remove(DAVE),
			|| {
				Stakers::<Test>::mutate(ALICE, |(_, prover)| {
					prover.as_mut().unwrap().entered_in += 1
				})
			},
			|| Stakers::<Test>::mutate(BOB, |(_, prover)| *prover = None),
		],
	);
	fails(
		"an assignment is not what it was",
		&[
			|| Assignments::<Test>::mutate(1, |duty| duty.as_mut().unwrap().drawn_at += 1),
			|| Assignments::<Test>::mutate(1, |duty| duty.as_mut().unwrap().released = true),
			|| Assignments::<Test>::remove(2),
		],
	);
	fails(
		"the draw queue is not what it was",
		&[
			|| DrawQueue::<Test>::mutate(|queue| queue[0].requested_in += 1),
			|| DrawQueue::<Test>::kill(),
		],
	);
	// The invariants: what the records do not show.
	fails(
		"I1: what is held for an exit is not what is exiting",
		&[|| Balances::hold(&HoldReason::Exit.into(), &DAVE, 1).unwrap()],
	);
	fails(
		"I4: an assignment is missing in the index by account",
		&[|| AssignmentsOf::<Test>::remove(CAROL, 3)],
	);
}

#[test]
fn a_migration_that_did_not_run_is_seen() {
	with_a_bit_of_everything(|| {
		change_clock(5_000);
		let records = Migration::check_before().unwrap();
		assert_eq!(
			Migration::check_after(records),
			Err(DispatchError::Other("an account is not what it was"))
		);
	});
}

#[test]
fn a_clock_younger_than_what_is_stored_is_refused_and_loses_age() {
	with_a_bit_of_everything(|| {
		// The oldest moment is 36 units old.
		let exact = moments();
		change_clock(36);
		assert_ok!(Migration::check_before());
		Now::set(35);
		assert_eq!(
			Migration::check_before(),
			Err(DispatchError::Other("the new clock is younger than a moment that is stored"))
		);

		Migration::on_runtime_upgrade();
		let moved = |moment: &Moment| (moment + 35).saturating_sub(START + 36);
		assert_eq!(moments(), exact.iter().map(moved).collect::<Vec<_>>());
		// What was cut looks one unit younger: late, not early.
		assert_eq!(Now::get() - assignment(1).unwrap().drawn_at, 35);
	});
}

#[test]
fn a_moment_that_the_old_clock_has_not_reached_is_refused() {
	with_a_bit_of_everything(|| {
		let drawn_at = assignment(2).unwrap().drawn_at;
		change_clock(5_000);
		// Carol's and Dave's exits came later, Alice's draw of block 2 before.
		OldNow::set(drawn_at);
		assert_eq!(
			Migration::check_before(),
			Err(DispatchError::Other("the old clock has not come to a moment that is stored"))
		);
	});
}

#[test]
fn a_broken_invariant_is_not_carried_over() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(stake(EVE, 500, 100, 4));
		assert_ok!(Balances::hold(&HoldReason::Exit.into(), &EVE, 1));
		assert_eq!(
			Migration::check_before(),
			Err(DispatchError::Other("I1: what is held for an exit is not what is exiting"))
		);
	});
}

#[test]
fn clocks_at_the_end_of_their_range_do_not_wrap() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(EVE, 500, 100, 4));
		change_clock(Moment::MAX);
		let records = Migration::check_before().unwrap();
		Migration::on_runtime_upgrade();
		assert_ok!(Migration::check_after(records));
		assert_eq!(staker(EVE).last_changed_at, Some(Moment::MAX));
	});
}

#[test]
fn the_weight_counts_every_record() {
	let cost = |records: u64| RocksDbWeight::get().reads_writes(2 * records + 4, records);
	ExtBuilder::default()
		.build_and_execute(|| assert_eq!(Migration::on_runtime_upgrade(), cost(0)));
	with_a_bit_of_everything(|| {
		change_clock(5_000);
		// Four accounts, three assignments.
		assert_eq!(Migration::on_runtime_upgrade(), cost(7));
	});
	// What the documentation says of a block of two seconds.
	let one_second = WEIGHT_REF_TIME_PER_SECOND;
	assert!(cost(6_600).ref_time() < one_second);
	assert!(cost(6_700).ref_time() > one_second);
}
