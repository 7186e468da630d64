//! A change of the clock: every moment keeps its distance from the present, and nothing else changes.

use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::MutateHold, UncheckedOnRuntimeUpgrade},
	weights::constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_SECOND},
};
use sp_runtime::{traits::BlockNumberProvider, DispatchError};

use crate::{
	migrations::MoveClock, mock::*, Assignments, AssignmentsOf, DrawQueue, HoldReason, OrderedKey,
	PendingChanges, PendingSlashes, Provers, SlashSchedule, Stakers,
};

/// The clock that wrote the moments: it shows what the pool's own showed before the upgrade.
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

/// From now on the pool's clock is another one, which shows `new`.
fn change_clock(new: Moment) {
	OldNow::set(Now::get());
	Now::set(new);
}

fn pool() -> ExtBuilder {
	ExtBuilder::default().entry_delay(100).slash_deferral(30).suspension(1, 50).provers(&[
		(ALICE, 1_000, 100, 4),
		(BOB, 1_000, 100, 4),
		(CAROL, 1_000, 100, 4),
	])
}

/// Moments of every kind, past and to come: Alice is a member with work in both states, an exit, and a
/// change that draws do not use yet; Bob is suspended for a slash that is pending; Carol left with work,
/// Dave without. Two requests wait.
fn play() {
	assign(1, ALICE);
	assign(4, BOB);
	advance_clock(1);
	assign(2, ALICE);
	assign(3, CAROL);
	assert_ok!(release(2));
	advance_clock(10);
	assert_ok!(unstake(ALICE, 600));
	assert_ok!(set_terms(ALICE, 120, 4));
	assert_ok!(stake(DAVE, 500, 100, 4));
	advance_clock(2);
	assert_ok!(exit(CAROL));
	advance_clock(20);
	assert_ok!(exit(DAVE));
	assert_eq!(slash(4, 10), Ok(50));
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
		let entered_at = prover(who).map(|prover| prover.entered_at);
		let matures_at = exits(who).into_iter().map(|exit| exit.matures_at);
		entered_at.into_iter().chain(matures_at).chain(staker(who).suspended_until)
	};
	let slash = PendingSlashes::<Test>::get(4).unwrap();
	(ALICE..=DAVE)
		.flat_map(of)
		.chain((1..=3).map(|block_id| assignment(block_id).unwrap().drawn_at))
		.chain([slash.due_at, slash.suspended_until.unwrap()])
		.collect()
}

#[test]
fn every_moment_moves_by_the_difference_of_the_clocks() {
	with_a_bit_of_everything(|| {
		let before = moments();
		// Alice: entry, exit. Bob: entry, suspension. Carol and Dave: exit. Three draws, one slash.
		assert_eq!(
			before.iter().map(|moment| moment - START).collect::<Vec<_>>(),
			[0, 111, 0, 83, 113, 133, 0, 1, 1, 63, 83]
		);
		assert_eq!(Now::get(), START + 36);
		let rest = || {
			let held: Vec<_> = (ALICE..=DAVE).map(held).collect();
			let changes: Vec<_> = PendingChanges::<Test>::iter_keys().collect();
			(held, changes, DrawQueue::<Test>::get(), Balances::total_issuance())
		};
		let rest_before = rest();
		assert_eq!(rest_before.1.len(), 1);

		for new in [299_000_000, 1_000, 1_005, 1_005, START + 36] {
			let (old, stored) = (Now::get(), moments());
			change_clock(new);
			let records = Migration::check_before().unwrap();
			Migration::on_runtime_upgrade();
			assert_ok!(Migration::check_after(records));
			assert_eq!(
				moments(),
				stored.iter().map(|moment| moment + new - old).collect::<Vec<_>>(),
				"{new}"
			);
			let due_at = PendingSlashes::<Test>::get(4).unwrap().due_at;
			assert_eq!(
				SlashSchedule::<Test>::iter_keys().collect::<Vec<_>>(),
				[OrderedKey::new(due_at, 4u64)]
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

		// Bob was slashed three units ago: deferred for 30, suspended for 50.
		advance_clock(26);
		assert_noop!(ProverPool::apply_slash(signed(EVE), 4), Error::SlashNotDue);
		advance_clock(1);
		assert_noop!(ProverPool::cancel_slash(RuntimeOrigin::root(), 4), Error::SlashDue);
		assert_ok!(ProverPool::apply_slash(signed(EVE), 4));
		advance_clock(20);
		assert_noop!(resume(BOB), Error::StillSuspended);
		advance_clock(1);
		assert_ok!(resume(BOB));

		// Dave left three units before the upgrade: his exit is over after a hundred.
		advance_clock(49);
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
				Event::SlashApplied { block_id: 4, who: BOB, amount: 50 },
				Event::Resumed { who: BOB },
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
		pool_events();
		assert_ok!(exit(EVE));
		assert_eq!(pool_events(), [exited(EVE, 500, 0)]);
	});
}

/// A slash can be cancelled after the upgrade as before, with the suspension that it caused.
#[test]
fn a_suspension_is_still_known_as_that_of_its_slash() {
	with_a_bit_of_everything(|| {
		change_clock(1_000);
		Migration::on_runtime_upgrade();
		pool_events();
		assert_ok!(ProverPool::cancel_slash(RuntimeOrigin::root(), 4));
		assert_eq!(
			pool_events(),
			[
				Event::SuspensionEnded { who: BOB },
				Event::SlashCancelled { block_id: 4, who: BOB, amount: 50 },
			]
		);
		assert!(SlashSchedule::<Test>::iter_keys().next().is_none());
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
		"a moment has another distance than before",
		&[
			|| advance_clock(1),
			|| Stakers::<Test>::mutate(CAROL, |staker| staker.exits[0].matures_at += 1),
			|| Stakers::<Test>::mutate(BOB, |staker| staker.suspended_until = Some(5_000)),
			|| Provers::<Test>::mutate(1, |prover| prover.as_mut().unwrap().entered_at -= 1),
			|| Assignments::<Test>::mutate(1, |duty| duty.as_mut().unwrap().drawn_at += 1),
			|| PendingSlashes::<Test>::mutate(4, |slash| slash.as_mut().unwrap().due_at += 1),
			|| {
				PendingSlashes::<Test>::mutate(4, |slash| {
					slash.as_mut().unwrap().suspended_until = Some(1)
				})
			},
		],
	);
	fails(
		"an account has changed",
		&[
			|| Stakers::<Test>::mutate(BOB, |staker| staker.suspended_until = None),
			|| Stakers::<Test>::mutate(DAVE, |staker| staker.exits[0].amount -= 1),
			|| Stakers::<Test>::mutate(DAVE, |staker| staker.record.assigned += 1),
			|| Stakers::<Test>::remove(DAVE),
		],
	);
	fails(
		"a member has changed",
		&[
			|| Provers::<Test>::mutate(1, |prover| prover.as_mut().unwrap().entered_in += 1),
			|| Provers::<Test>::mutate(1, |prover| prover.as_mut().unwrap().changed_in += 1),
			|| Provers::<Test>::remove(2),
		],
	);
	fails(
		"an assignment has changed",
		&[
			|| Assignments::<Test>::mutate(1, |duty| duty.as_mut().unwrap().released = true),
			|| Assignments::<Test>::remove(2),
		],
	);
	fails(
		"a pending slash has changed",
		&[
			|| PendingSlashes::<Test>::mutate(4, |slash| slash.as_mut().unwrap().amount -= 1),
			|| PendingSlashes::<Test>::remove(4),
		],
	);
	fails(
		"the draw queue has changed",
		&[
			|| DrawQueue::<Test>::mutate(|queue| queue[0].requested_in += 1),
			|| DrawQueue::<Test>::kill(),
		],
	);
	// The invariants: what the records do not show.
	fails(
		"I1: what is held is not the sum of stake, exits and pending slashes",
		&[|| Balances::hold(&HoldReason::Staked.into(), &DAVE, 1).unwrap()],
	);
	fails(
		"I4: an assignment is missing in the index by account",
		&[|| AssignmentsOf::<Test>::remove(CAROL, 3)],
	);
	fails(
		"R7: the schedule of slashes is not that of the pending slashes",
		&[
			|| SlashSchedule::<Test>::remove(OrderedKey::new(5_027u64, 4u64)),
			// As if the keys had not moved.
			|| {
				SlashSchedule::<Test>::remove(OrderedKey::new(5_027u64, 4u64));
				SlashSchedule::<Test>::insert(OrderedKey::new(START + 63, 4u64), ());
			},
		],
	);
}

#[test]
fn a_migration_that_did_not_run_is_seen() {
	with_a_bit_of_everything(|| {
		change_clock(5_000);
		let records = Migration::check_before().unwrap();
		assert_eq!(
			Migration::check_after(records),
			Err(DispatchError::Other("a moment has another distance than before"))
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
fn a_clock_without_room_for_what_is_to_come_is_refused() {
	with_a_bit_of_everything(|| {
		// The last moment, the end of Dave's exit, is 97 units ahead.
		change_clock(Moment::MAX - 97);
		assert_ok!(Migration::check_before());
		Now::set(Moment::MAX - 96);
		assert_eq!(
			Migration::check_before(),
			Err(DispatchError::Other("the new clock has no room for a moment that is stored"))
		);
		Migration::on_runtime_upgrade();
		assert_eq!(exits(DAVE)[0].matures_at, Moment::MAX);
	});
}

#[test]
fn an_entry_or_a_draw_that_the_old_clock_has_not_reached_is_refused() {
	let refused = Err(DispatchError::Other("the old clock has not reached an entry or a draw"));
	with_a_bit_of_everything(|| {
		change_clock(5_000);
		// Exits, suspension and slash end later, which is no matter; two draws were one unit later.
		OldNow::set(START + 1);
		assert_ok!(Migration::check_before());
		OldNow::set(START);
		assert_eq!(Migration::check_before(), refused);
	});
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		change_clock(5_000);
		assert_ok!(Migration::check_before());
		OldNow::set(START - 1);
		assert_eq!(Migration::check_before(), refused);
	});
}

#[test]
fn a_broken_invariant_is_not_carried_over() {
	ExtBuilder::default().build().execute_with(|| {
		assert_ok!(stake(EVE, 500, 100, 4));
		assert_ok!(Balances::hold(&HoldReason::Staked.into(), &EVE, 1));
		assert_eq!(
			Migration::check_before(),
			Err(DispatchError::Other(
				"I1: what is held is not the sum of stake, exits and pending slashes"
			))
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
		assert_eq!(prover(EVE).map(|prover| prover.entered_at), Some(Moment::MAX));
	});
}

#[test]
fn the_weight_counts_every_record() {
	let cost = |records: u64, slashes: u64| {
		RocksDbWeight::get().reads_writes(2 * (records + slashes) + 6, records + 3 * slashes)
	};
	ExtBuilder::default()
		.build_and_execute(|| assert_eq!(Migration::on_runtime_upgrade(), cost(0, 0)));
	with_a_bit_of_everything(|| {
		change_clock(5_000);
		// Four accounts, two members, three assignments; one slash.
		assert_eq!(Migration::on_runtime_upgrade(), cost(9, 1));
	});
	// What the documentation says of a block of two seconds.
	let one_second = WEIGHT_REF_TIME_PER_SECOND;
	assert!(cost(6_600, 0).ref_time() < one_second);
	assert!(cost(6_700, 0).ref_time() > one_second);
}
