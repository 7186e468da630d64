//! Every check of the invariants fails on a state that breaks it, with its own sentence.

use frame_support::{
	assert_ok,
	traits::{
		fungible::{InspectHold, MutateHold, UnbalancedHold},
		tokens::Precision,
	},
};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Assignments, AssignmentsOf, Books, DrawQueue, DrawRequest, HoldReason, Nodes, Pages,
	Prover, Slots, Staker, Stakers, Turn, Waiting,
};

/// A pool with a bit of everything, in which all invariants hold: Alice is a member with work in both
/// states and an exit, Bob a member without work, Carol left with work; two requests wait. Then
/// `corrupt` breaks exactly one of them.
fn broken(sentence: &'static str, corrupt: impl FnOnce()) {
	ExtBuilder::default()
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4), (CAROL, 1_000, 100, 4)])
		.build()
		.execute_with(|| {
			assign(1, ALICE);
			assign(2, ALICE);
			assign(3, CAROL);
			assert_ok!(release(2));
			advance_clock(11);
			assert_ok!(stake(ALICE, 400, 100, 4));
			assert_ok!(exit(CAROL));
			assert_ok!(request(10));
			run_blocks(1);
			assert_ok!(request(11));
			assert_ok!(ProverPool::do_try_state());

			corrupt();
			assert_eq!(ProverPool::do_try_state(), Err(DispatchError::Other(sentence)));
		});
}

fn hold(reason: HoldReason, who: AccountId, amount: Balance) {
	assert_ok!(Balances::hold(&reason.into(), &who, amount));
}

fn change_staker(who: AccountId, change: impl FnOnce(&mut StakerOf)) {
	Stakers::<Test>::mutate(who, |(staker, _)| change(staker));
}

fn change_prover(who: AccountId, change: impl FnOnce(&mut crate::ProverOf<Test>)) {
	Stakers::<Test>::mutate(who, |(_, prover)| change(prover.as_mut().unwrap()));
}

// I1.

const STAKE: &str = "I1: what is held for a stake is not what is staked";
const EXIT: &str = "I1: what is held for an exit is not what is exiting";

#[test]
fn i1_more_is_held_than_staked() {
	broken(STAKE, || hold(HoldReason::Stake, ALICE, 1));
}

#[test]
fn i1_less_is_held_than_staked() {
	broken(STAKE, || {
		let stake = HoldReason::Stake.into();
		assert_ok!(Balances::release(&stake, &BOB, 1, Precision::Exact));
	});
}

#[test]
fn i1_another_stake_is_recorded_than_held() {
	broken(STAKE, || change_prover(BOB, |prover| prover.staked_amount += 1));
}

#[test]
fn i1_something_is_held_without_a_record() {
	broken(STAKE, || hold(HoldReason::Stake, DAVE, 5));
	broken(EXIT, || hold(HoldReason::Exit, DAVE, 5));
}

#[test]
fn i1_another_exit_is_held_than_recorded() {
	broken(EXIT, || hold(HoldReason::Exit, ALICE, 1));
	broken(EXIT, || change_staker(CAROL, |staker| staker.exit_amount -= 1));
}

#[test]
fn i1_somebody_exits_who_does_not_exist() {
	broken(EXIT, || {
		change_staker(NOBODY, |staker| {
			staker.exit_amount = 5;
			staker.exit_requested_at = Some(START);
		})
	});
}

// I2.

#[test]
fn i2_a_slot_and_a_prover_go_together() {
	const BOTH: &str = "I2: an account has a slot without a prover, or a prover without a slot";
	broken(BOTH, || change_staker(CAROL, |staker| staker.prover_id = Some(3)));
	broken(BOTH, || change_staker(BOB, |staker| staker.prover_id = None));
}

#[test]
fn i2_an_account_has_anothers_prover() {
	broken("I2: the prover of an account is another's", || {
		change_prover(BOB, |prover| prover.who = DAVE);
	});
}

#[test]
fn i2_two_accounts_have_one_slot() {
	broken("I2: a slot belongs to two accounts", || {
		hold(HoldReason::Stake, DAVE, 1_000);
		let (staker, prover) = Stakers::<Test>::get(BOB);
		let prover = prover.map(|prover| Prover { who: DAVE, ..prover });
		Stakers::<Test>::insert(DAVE, (staker, prover));
		// Whichever of the two comes first in storage: the slot knows it.
		let first = Stakers::<Test>::iter_keys().find(|who| [BOB, DAVE].contains(who));
		Slots::<Test>::insert(2, first.unwrap());
	});
}

#[test]
fn i2_a_slot_does_not_know_its_member() {
	const SLOT: &str = "I2: a slot does not know its member";
	broken(SLOT, || Slots::<Test>::insert(2, DAVE));
	broken(SLOT, || Slots::<Test>::remove(2));
	broken(SLOT, || change_staker(BOB, |staker| staker.prover_id = Some(4)));
}

// I3.

#[test]
fn i3_a_member_has_a_place_too_many_or_too_few() {
	const PLACES: &str = "I3: a member's free places are not what its duties leave";
	broken(PLACES, || change_prover(ALICE, |prover| prover.current_capacity += 1));
	broken(PLACES, || change_prover(BOB, |prover| prover.current_capacity = 0));
	broken(PLACES, || change_staker(ALICE, |staker| staker.outstanding += 1));
	broken(PLACES, || change_staker(BOB, |staker| staker.max_capacity = 5));
}

// I4.

#[test]
fn i4_the_index_lacks_an_assignment() {
	broken("I4: an assignment is missing in the index by account", || {
		AssignmentsOf::<Test>::remove(ALICE, 1);
	});
}

#[test]
fn i4_the_index_has_an_assignment_too_many() {
	const INDEX: &str = "I4: the index by account names an assignment that is not the account's";
	broken(INDEX, || AssignmentsOf::<Test>::insert(ALICE, 99, ()));
	broken(INDEX, || AssignmentsOf::<Test>::insert(BOB, 1, ()));
	broken(INDEX, || Assignments::<Test>::remove(1));
}

#[test]
fn i4_somebody_has_assignments_and_no_record() {
	broken("I4: a prover with assignments has no record", || {
		let mut assignment = assignment(1).unwrap();
		assignment.prover = DAVE;
		Assignments::<Test>::insert(99, assignment);
		AssignmentsOf::<Test>::insert(DAVE, 99, ());
	});
}

#[test]
fn i4_the_duties_are_not_those_of_the_ledger() {
	const DUTIES: &str = "I4: an account's duties are not what the ledger counts";
	broken(DUTIES, || change_staker(ALICE, |staker| staker.liable += 1));
	broken(DUTIES, || change_staker(BOB, |staker| staker.liable = 1));
	// Not a member: no places depend on it.
	broken(DUTIES, || change_staker(CAROL, |staker| staker.outstanding = 0));
	broken(DUTIES, || {
		Assignments::<Test>::mutate(2, |assignment| assignment.as_mut().unwrap().released = false)
	});
	broken(DUTIES, || {
		Assignments::<Test>::remove(3);
		AssignmentsOf::<Test>::remove(CAROL, 3);
	});
}

// I5.

fn move_bob_to(prover_id: u32) {
	Slots::<Test>::insert(prover_id, BOB);
	change_staker(BOB, |staker| staker.prover_id = Some(prover_id));
}

#[test]
fn i5_a_slot_does_not_exist() {
	const SLOT: &str = "I5: a member has a slot that does not exist";
	broken(SLOT, || move_bob_to(5));
	broken(SLOT, || move_bob_to(0));
	broken(SLOT, || MaxProvers::set(1));
}

#[test]
fn i5_a_member_has_no_stake() {
	broken("I5: a member has no stake", || {
		change_prover(BOB, |prover| prover.staked_amount = 0);
		assert_ok!(Balances::set_balance_on_hold(&HoldReason::Stake.into(), &BOB, 0));
		assert_eq!(Balances::total_balance_on_hold(&BOB), 0);
	});
}

#[test]
fn i5_a_member_has_no_price() {
	broken("I5: a member has no price", || change_prover(BOB, |prover| prover.reward_per_gas = 0));
}

// I6.

#[test]
fn i6_the_index_has_others_than_the_slots() {
	const MEMBERS: &str = "I6: the index does not have the members that the slots have";
	broken(MEMBERS, || change_prover(BOB, |prover| prover.reward_per_gas += 1));
	broken(MEMBERS, || {
		change_prover(BOB, |prover| prover.staked_amount += 1);
		hold(HoldReason::Stake, BOB, 1);
	});
	broken(MEMBERS, || change_prover(BOB, |prover| prover.waiting = true));
	broken(MEMBERS, || {
		move_bob_to(4);
	});
}

#[test]
fn i6_the_index_is_not_sound() {
	broken("the number of entries is not what is stored", || {
		Books::<Test>::mutate(|book| book.root.len += 1)
	});
	broken("some nodes are out of reach", || {
		let node = Books::<Test>::get().top.unwrap();
		Nodes::<Test>::insert(1_000, node);
	});
}

#[test]
fn i6_places_are_not_those_of_the_members() {
	const PLACES: &str = "I6: the sums of free places are not those of the members";
	broken(PLACES, || Books::<Test>::mutate(|book| book.places.all -= 1));
	broken(PLACES, || Books::<Test>::mutate(|book| book.places.waiting += 1));
	broken(PLACES, || Books::<Test>::mutate(|book| book.places.waiting_members += 1));
}

#[test]
fn i6_somebody_waits_who_is_not_to() {
	const TURNS: &str = "I6: those who wait are not those whose turn has not come";
	broken(TURNS, || Waiting::<Test>::insert(Turn::new(1, 2), ()));
	broken(TURNS, || {
		EntryDelay::set(9);
		assert_ok!(stake(DAVE, 500, 100, 4));
		assert_ok!(ProverPool::do_try_state());
		let turn = Waiting::<Test>::iter_keys().next().unwrap();
		Waiting::<Test>::remove(turn);
	});
}

#[test]
fn i6_slots_are_marked_that_are_not_taken() {
	const TAKEN: &str = "I6: the slots that are marked as taken are not those of the members";
	broken(TAKEN, || Books::<Test>::mutate(|book| book.slots.set(3, true)));
	broken(TAKEN, || Books::<Test>::mutate(|book| book.slots.set(1, false)));
	broken(TAKEN, || {
		MaxProvers::set(2_000);
		Pages::<Test>::mutate(1, |page| page.set(0, true));
	});
	const FULL: &str = "I6: a page of slots is marked as full and is not, or the other way round";
	broken(FULL, || Books::<Test>::mutate(|book| book.full.set(0, true)));
}

// I7.

#[test]
fn i7_a_record_says_nothing() {
	const NOTHING: &str = "I7: nothing is left in a record";
	broken(NOTHING, || {
		Stakers::<Test>::insert(DAVE, (Staker::default(), None::<crate::ProverOf<Test>>))
	});
	// Terms and times of the past are nothing.
	broken(NOTHING, || {
		change_staker(DAVE, |staker| {
			staker.max_capacity = 4;
			staker.last_changed_at = Some(START);
		})
	});
}

#[test]
fn i7_a_clock_and_an_exit_go_together() {
	const CLOCK: &str = "I7: an exit's clock runs without an exit, or stands still with one";
	broken(CLOCK, || change_staker(BOB, |staker| staker.exit_requested_at = Some(START)));
	broken(CLOCK, || change_staker(CAROL, |staker| staker.exit_requested_at = None));
}

#[test]
fn i7_a_liability_and_its_beginning_go_together() {
	const BEGINNING: &str = "I7: a liability has no beginning, or a beginning without a liability";
	broken(BEGINNING, || change_staker(BOB, |staker| staker.liable_since = Some(START)));
	broken(BEGINNING, || change_staker(CAROL, |staker| staker.liable_since = None));
}

// The queue.

fn push(block_id: u64, requested_in: u64) {
	let request = DrawRequest { block_id, fee_per_gas: FEE, requested_in, report: true };
	DrawQueue::<Test>::mutate(|queue| queue.try_push(request).unwrap());
}

#[test]
fn r4_an_id_is_pending_twice() {
	broken("R4: an id is pending twice", || push(10, System::block_number()));
}

#[test]
fn r4_an_assigned_id_is_pending() {
	broken("R4: a pending id is assigned already", || push(2, System::block_number()));
}

#[test]
fn r4_requests_are_out_of_order() {
	broken("R4: a younger request is before an older one", || push(12, 1));
}

/// A whole member out of nothing: the checks do not depend on how the state came about.
#[test]
fn a_state_that_is_consistent_passes_wherever_it_comes_from() {
	ExtBuilder::default().build_and_execute(|| {
		hold(HoldReason::Stake, DAVE, 700);
		let prover = Prover {
			who: DAVE,
			staked_amount: 700,
			reward_per_gas: 1,
			current_capacity: 9,
			entered_in: 5,
			waiting: false,
		};
		put_account(
			DAVE,
			Staker { prover_id: Some(3), max_capacity: 9, ..Default::default() },
			Some(prover),
		);
		assert_ok!(ProverPool::do_try_state());
	});
}

/// What is checked is what can fail: no sentence of `try_state` without its case here.
#[test]
fn every_check_has_its_case() {
	let cases = include_str!("invariants.rs");
	let sentences: Vec<_> = [include_str!("../try_state.rs"), include_str!("../members.rs")]
		.into_iter()
		.flat_map(|checks| checks.split('"').skip(1).step_by(2))
		.filter(|text| text.as_bytes().get(2) == Some(&b':'))
		.collect();
	assert!(sentences.len() >= 23, "{sentences:?}");
	for sentence in sentences {
		assert!(cases.contains(&format!("\"{sentence}\"")), "no test of: {sentence}");
	}
}
