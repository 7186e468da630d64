//! Every check of the invariants fails on a state that breaks it, with its own sentence.

use frame_support::{
	assert_ok,
	traits::{
		fungible::{MutateHold, UnbalancedHold},
		tokens::Precision,
	},
};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Assignments, AssignmentsOf, DrawQueue, DrawRequest, HoldReason, Listing, Offer,
	OrderedKey, PendingChanges, PendingSlashes, ProverOf, Provers, SlashSchedule, Stakers,
};

/// Runs `corrupt` on a pool with a bit of everything, in which all invariants hold: Alice is a member with
/// work in both states and an exit, Bob a member with a change that waits, Carol a former member with
/// work and a pending slash; two requests wait.
fn broken(corrupt: impl FnOnce()) -> DispatchError {
	ExtBuilder::default()
		.slash_deferral(500)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)])
		.build()
		.execute_with(|| {
			assign(1, ALICE);
			assign(2, ALICE);
			assign(3, CAROL);
			assign(4, CAROL);
			assert_ok!(release(2));
			advance_clock(11);
			assert_ok!(unstake(ALICE, 600));
			assert_ok!(exit(CAROL));
			assert_ok!(slash(4, 0));
			assert_ok!(request(10));
			run_blocks(1);
			assert_ok!(request(11));
			EntryDelay::set(5);
			assert_ok!(set_terms(BOB, 90, 4));
			assert_ok!(ProverPool::do_try_state());

			corrupt();
			ProverPool::do_try_state().unwrap_err()
		})
}

fn breaks(sentence: &'static str, corrupt: impl FnOnce()) {
	assert_eq!(broken(corrupt), DispatchError::Other(sentence));
}

fn hold(who: AccountId, amount: Balance) {
	assert_ok!(Balances::hold(&HoldReason::Staked.into(), &who, amount));
}

fn set_hold(who: AccountId, amount: Balance) {
	assert_ok!(Balances::set_balance_on_hold(&HoldReason::Staked.into(), &who, amount));
}

fn change_staker(who: AccountId, change: impl FnOnce(&mut Staker)) {
	Stakers::<Test>::mutate(who, change);
}

fn change_prover(prover_id: u32, change: impl FnOnce(&mut ProverOf<Test>)) {
	Provers::<Test>::mutate(prover_id, |prover| change(prover.as_mut().unwrap()));
}

/// Moves Bob from slot 2, with his change that waits.
fn move_bob_to(prover_id: u32) {
	let prover = Provers::<Test>::take(2).unwrap();
	PendingChanges::<Test>::remove(OrderedKey::new(prover.changed_in, 2u32));
	PendingChanges::<Test>::insert(OrderedKey::new(prover.changed_in, prover_id), ());
	Provers::<Test>::insert(prover_id, prover);
	change_staker(BOB, |staker| staker.prover_id = Some(prover_id));
}

// I1.

#[test]
fn i1_what_is_held_is_not_what_is_recorded() {
	const HELD: &str = "I1: what is held is not the sum of stake, exits and pending slashes";
	breaks(HELD, || hold(ALICE, 1));
	breaks(HELD, || {
		let staked = HoldReason::Staked.into();
		assert_ok!(Balances::release(&staked, &BOB, 1, Precision::Exact));
	});
	breaks(HELD, || change_prover(2, |prover| prover.stake += 1));
	breaks(HELD, || change_staker(CAROL, |staker| staker.exits[0].amount -= 1));
	breaks(HELD, || PendingSlashes::<Test>::mutate(4, |slash| slash.as_mut().unwrap().amount += 1));
	// Held without a record, recorded without an account, pending without an account.
	breaks(HELD, || hold(DAVE, 5));
	breaks(HELD, || {
		change_staker(NOBODY, |staker| staker.exits.try_push(an_exit(0, 5, START)).unwrap())
	});
	breaks(HELD, || {
		PendingSlashes::<Test>::mutate(4, |slash| slash.as_mut().unwrap().who = NOBODY);
		set_hold(CAROL, staker(CAROL).exits_total());
	});
}

// I2.

#[test]
fn i2_a_members_account_has_another_slot_or_none() {
	const SLOT: &str = "I2: a member's account does not have its slot";
	breaks(SLOT, || {
		change_staker(BOB, |staker| staker.prover_id = None);
		set_hold(BOB, 0);
	});
	breaks(SLOT, || {
		// A second slot for Bob.
		let prover = Provers::<Test>::get(2).unwrap();
		Provers::<Test>::insert(4, prover);
	});
}

#[test]
fn i2_two_accounts_have_one_slot() {
	breaks("I2: an account's slot belongs to another account or to none", || {
		change_staker(DAVE, |staker| staker.prover_id = Some(2));
		hold(DAVE, 1_000);
	});
}

// I3.

#[test]
fn i3_the_queue_of_changes_is_not_that_of_the_members() {
	const QUEUE: &str = "I3: the queue of changes is not that of the members whose offer waits";
	breaks(QUEUE, || PendingChanges::<Test>::insert(OrderedKey::new(1u64, 1u32), ()));
	breaks(QUEUE, || {
		let key = PendingChanges::<Test>::iter_keys().next().unwrap();
		PendingChanges::<Test>::remove(key);
	});
	breaks(QUEUE, || change_prover(2, |prover| prover.changed_in += 1));
	breaks(QUEUE, || change_prover(2, |prover| prover.listing = Listing::Current));
	breaks(QUEUE, || {
		change_prover(1, |prover| {
			prover.listing = Listing::Entering(Offer {
				stake: 400,
				reward_per_gas: 100,
				max_capacity: 4,
				paused: false,
			})
		})
	});
}

#[test]
fn i3_a_change_waits_that_is_none() {
	breaks("I3: a change waits that changes nothing", || {
		change_prover(2, |prover| prover.reward_per_gas = 100);
	});
}

#[test]
fn i3_draws_use_more_stake_than_there_is() {
	breaks("I3: an offer that waits has more stake than there is", || {
		change_prover(2, |prover| {
			prover.listing = prover.listing.map(|older| Offer { stake: 1_001, ..older });
		})
	});
}

// I4.

#[test]
fn i4_the_index_lacks_an_assignment() {
	breaks("I4: an assignment is missing in the index by account", || {
		AssignmentsOf::<Test>::remove(ALICE, 1);
	});
}

#[test]
fn i4_the_index_has_another_assignment() {
	const INDEX: &str = "I4: the index by account names an assignment that is not the account's";
	breaks(INDEX, || AssignmentsOf::<Test>::insert(ALICE, 99, ()));
	breaks(INDEX, || AssignmentsOf::<Test>::insert(BOB, 1, ()));
	breaks(INDEX, || Assignments::<Test>::remove(1));
}

#[test]
fn i4_an_account_has_assignments_and_no_record() {
	breaks("I4: a prover with assignments has no record", || {
		let mut assignment = assignment(1).unwrap();
		assignment.prover = DAVE;
		Assignments::<Test>::insert(99, assignment);
		AssignmentsOf::<Test>::insert(DAVE, 99, ());
	});
}

#[test]
fn i4_the_duties_are_not_those_of_the_ledger() {
	const DUTIES: &str = "I4: an account's duties are not what the ledger counts";
	breaks(DUTIES, || change_staker(ALICE, |staker| staker.liable += 1));
	breaks(DUTIES, || change_staker(ALICE, |staker| staker.outstanding += 1));
	breaks(DUTIES, || change_staker(BOB, |staker| staker.liable = 1));
	breaks(DUTIES, || change_staker(CAROL, |staker| staker.outstanding = 0));
	breaks(DUTIES, || {
		Assignments::<Test>::mutate(2, |assignment| assignment.as_mut().unwrap().released = false)
	});
	breaks(DUTIES, || {
		Assignments::<Test>::remove(3);
		AssignmentsOf::<Test>::remove(CAROL, 3);
	});
}

#[test]
fn i4_the_duties_of_an_exit_are_not_those_of_the_ledger() {
	const DUTIES: &str = "I4: an exit's duties are not what the ledger counts";
	breaks(DUTIES, || change_staker(ALICE, |staker| staker.exits[0].duties -= 1));
	breaks(DUTIES, || change_staker(CAROL, |staker| staker.exits[0].duties += 1));
	// Two assignments that were drawn after the date of the exit.
	breaks(DUTIES, || change_staker(ALICE, |staker| staker.exits[0].matures_at = START - 1));
}

// I5.

#[test]
fn i5_a_slot_does_not_exist() {
	const SLOT: &str = "I5: a member has a slot that does not exist";
	breaks(SLOT, || move_bob_to(5));
	breaks(SLOT, || move_bob_to(0));
	breaks(SLOT, || MaxProvers::set(1));
}

#[test]
fn i5_a_member_has_no_stake() {
	breaks("I5: a member has no stake", || {
		change_prover(2, |prover| {
			prover.stake = 0;
			prover.listing = prover.listing.map(|older| older.limited_to(0));
		});
		set_hold(BOB, 0);
	});
}

#[test]
fn i5_a_member_has_no_price() {
	breaks("I5: a member has no price", || change_prover(2, |prover| prover.reward_per_gas = 0));
}

// I6: that the selection's own check is run, against what the records say. Its sentences are tested
// where they are written.

#[test]
fn i6_the_selection_has_other_members_than_the_records() {
	let breaks_i6 = |corrupt: fn()| match broken(corrupt) {
		DispatchError::Other(sentence) => assert!(sentence.starts_with("I6: "), "{sentence}"),
		other => panic!("{other:?}"),
	};
	// Another price, stake, capacity, pause, slot of a member; another listed offer.
	breaks_i6(|| change_prover(1, |prover| prover.reward_per_gas += 1));
	breaks_i6(|| {
		change_prover(1, |prover| prover.stake += 1);
		hold(ALICE, 1);
	});
	breaks_i6(|| change_staker(ALICE, |staker| staker.max_capacity += 1));
	breaks_i6(|| change_prover(1, |prover| prover.paused = true));
	breaks_i6(|| move_bob_to(4));
	breaks_i6(|| {
		change_prover(2, |prover| {
			prover.listing = Listing::Changing(Offer {
				stake: 1_000,
				reward_per_gas: 99,
				max_capacity: 4,
				paused: false,
			})
		})
	});
	breaks_i6(|| {
		pallet_prover_lottery::State::<Test>::kill();
	});
}

// I7.

#[test]
fn i7_nothing_is_left_in_a_record() {
	const NOTHING: &str = "I7: nothing is left in a record";
	breaks(NOTHING, || Stakers::<Test>::insert(DAVE, Staker::default()));
	// A capacity and a track record of the past are nothing.
	breaks(NOTHING, || {
		change_staker(DAVE, |staker| {
			staker.max_capacity = 4;
			staker.record.served = 9;
		})
	});
}

#[test]
fn i7_nothing_is_left_in_an_exit() {
	breaks("I7: nothing is left in an exit", || {
		change_staker(BOB, |staker| staker.exits.try_push(an_exit(0, 0, START)).unwrap())
	});
}

#[test]
fn i7_exits_are_out_of_order() {
	const ORDER: &str = "I7: an account's exits are not in the order of their ids";
	for ids in [[1, 0], [3, 3]] {
		breaks(ORDER, || {
			change_staker(BOB, |staker| {
				for id in ids {
					staker.exits.try_push(an_exit(id, 5, START)).unwrap();
				}
			});
			hold(BOB, 10);
		});
	}
}

// The queue.

fn push(block_id: u64, requested_in: u64) {
	let request = DrawRequest { block_id, fee_per_gas: FEE, requested_in, notify_handler: true };
	DrawQueue::<Test>::mutate(|queue| queue.try_push(request).unwrap());
}

#[test]
fn r4_an_id_is_pending_twice() {
	breaks("R4: an id is pending twice", || push(10, System::block_number()));
}

#[test]
fn r4_a_pending_id_is_assigned_or_slashed() {
	const ASSIGNED: &str = "R4: a pending id is assigned or slashed already";
	breaks(ASSIGNED, || push(2, System::block_number()));
	breaks(ASSIGNED, || push(4, System::block_number()));
}

#[test]
fn r4_requests_are_out_of_order() {
	breaks("R4: a younger request is before an older one", || push(12, 1));
}

// Pending slashes.

#[test]
fn r7_the_schedule_is_not_that_of_the_pending_slashes() {
	const SCHEDULE: &str = "R7: the schedule of slashes is not that of the pending slashes";
	breaks(SCHEDULE, || SlashSchedule::<Test>::insert(OrderedKey::new(START, 9u64), ()));
	breaks(SCHEDULE, || {
		let key = SlashSchedule::<Test>::iter_keys().next().unwrap();
		SlashSchedule::<Test>::remove(key);
	});
	breaks(SCHEDULE, || {
		PendingSlashes::<Test>::mutate(4, |slash| slash.as_mut().unwrap().due_at += 1)
	});
}

#[test]
fn r7_the_block_of_a_pending_slash_is_assigned() {
	breaks("R7: the block of a pending slash is assigned", || {
		let assignment = assignment(1).unwrap();
		Assignments::<Test>::remove(1);
		AssignmentsOf::<Test>::remove(ALICE, 1);
		Assignments::<Test>::insert(4, assignment);
		AssignmentsOf::<Test>::insert(ALICE, 4, ());
	});
}

/// No sentence of `try_state` without its case here.
#[test]
fn every_check_has_its_case() {
	let cases = include_str!("invariants.rs");
	let sentences: Vec<_> = include_str!("../try_state.rs")
		.split('"')
		.skip(1)
		.step_by(2)
		.filter(|text| text.contains(": "))
		.collect();
	assert!(sentences.len() >= 21, "{}: {sentences:?}", sentences.len());
	for sentence in sentences {
		assert!(cases.contains(&format!("\"{sentence}\"")), "no test of: {sentence}");
	}
}

// R10.

#[test]
fn r10_a_suspended_member_is_not_paused() {
	const NOT_PAUSED: &str = "R10: a suspended member is not paused";
	let suspend = |who| change_staker(who, |it| it.suspended_until = Some(ProverPool::now() + 100));
	breaks(NOT_PAUSED, || suspend(ALICE));
	// Bob's records say that he is paused, and the older offer that draws use does not.
	breaks(NOT_PAUSED, || {
		suspend(BOB);
		change_prover(2, |prover| prover.paused = true);
	});
}
