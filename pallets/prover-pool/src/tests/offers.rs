//! Changing an offer in place: what the records say at once (R9). When draws learn of it is in
//! `entry_delay.rs`.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, MemberStatus, Offer};

fn one_prover() -> ExtBuilder {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)])
}

fn offer(who: AccountId) -> Offer<Balance> {
	prover_row(who).unwrap().offer
}

const OFFER: Offer<Balance> =
	Offer { stake: 1_000, reward_per_gas: 100, max_capacity: 4, paused: false };

#[test]
fn changes_need_a_member() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(stake_extra(ALICE, 1), Error::NotInPool);
		assert_noop!(unstake(ALICE, 1), Error::NotInPool);
		assert_noop!(restake(ALICE, 0), Error::NotInPool);
		assert_noop!(set_terms(ALICE, 100, 4), Error::NotInPool);
		assert_noop!(pause(ALICE), Error::NotInPool);
		assert_noop!(resume(ALICE), Error::NotInPool);
	});
}

#[test]
fn changes_reach_draws_at_once_without_an_entry_delay() {
	one_prover().build_and_execute(|| {
		assert_ok!(stake_extra(ALICE, 500));
		assert_ok!(set_terms(ALICE, 80, 6));
		assert_ok!(pause(ALICE));
		assert_eq!(ProverPool::get_capacity(), 0);
		assert_ok!(resume(ALICE));
		assert_eq!(ProverPool::get_capacity(), 6);
		// None of them waits, so none is listed later.
		run_blocks(5);
		assert_eq!(
			pool_events(),
			[
				Event::StakeIncreased { who: ALICE, amount: 500 },
				Event::TermsChanged { who: ALICE, reward_per_gas: 80, max_capacity: 6 },
				Event::Paused { who: ALICE },
				Event::Resumed { who: ALICE },
			]
		);
		assert_eq!(prover_row(ALICE).unwrap().listed, None);
	});
}

// stake_extra.

#[test]
fn extra_stake_is_held_from_free_tokens() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		System::reset_events();
		assert_ok!(stake_extra(ALICE, 500));
		assert_eq!(pool_events(), [Event::StakeIncreased { who: ALICE, amount: 500 }]);
		assert_eq!(offer(ALICE), Offer { stake: 1_200, ..OFFER });
		// The exit is untouched.
		assert_eq!(exits(ALICE), [an_exit(0, 300, START + 111)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_500, 8_500));
		assert_eq!(prover(ALICE).unwrap().entered_at, START);
	});
}

#[test]
fn extra_stake_must_be_something_and_covered() {
	one_prover().build_and_execute(|| {
		assert_noop!(stake_extra(ALICE, 0), Error::InvalidParams);
		assert_noop!(stake_extra(ALICE, 8_991), Error::InsufficientFunds);
		assert_ok!(stake_extra(ALICE, 8_990));
		assert_eq!(free(ALICE), 10);
	});
}

// unstake.

#[test]
fn unstaked_tokens_are_an_exit() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		assert_eq!(pool_events(), [Event::Unstaked { who: ALICE, amount: 300, exit: 0 }]);
		assert_eq!(offer(ALICE), Offer { stake: 700, ..OFFER });
		assert_eq!(exits(ALICE), [an_exit(0, 300, START + 111)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
	});
}

#[test]
fn the_rest_of_the_stake_must_suffice_for_the_capacity() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_noop!(unstake(ALICE, 0), Error::InvalidParams);
		// 4 · 50 must remain.
		assert_noop!(unstake(ALICE, 801), Error::InvalidParams);
		assert_noop!(unstake(ALICE, 1_000), Error::InvalidParams);
		assert_noop!(unstake(ALICE, 1_001), Error::InvalidParams);
		assert_noop!(unstake(ALICE, u128::MAX), Error::InvalidParams);
		assert_ok!(unstake(ALICE, 800));
	});
}

#[test]
fn unstaking_pays_out_free_exits_first() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		advance_clock(101);
		System::reset_events();
		assert_ok!(unstake(ALICE, 100));
		assert_eq!(
			pool_events(),
			[withdrawn(ALICE, 300), Event::Unstaked { who: ALICE, amount: 100, exit: 0 }]
		);
		assert_eq!((held(ALICE), free(ALICE)), (700, 9_300));
	});
}

#[test]
fn the_change_delay_comes_before_the_parameters_of_unstake() {
	one_prover().build_and_execute(|| {
		assert_noop!(unstake(ALICE, 0), Error::ChangeTooFrequent);
		assert_noop!(unstake(ALICE, 5_000), Error::ChangeTooFrequent);
	});
}

// restake.

#[test]
fn an_exit_can_be_staked_again_by_its_id() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		assert_ok!(unstake(ALICE, 200));
		System::reset_events();
		assert_noop!(restake(ALICE, 2), Error::UnknownExit);
		assert_ok!(restake(ALICE, 0));
		assert_eq!(pool_events(), [Event::Restaked { who: ALICE, amount: 300, exit: 0 }]);
		assert_eq!(offer(ALICE), Offer { stake: 800, ..OFFER });
		assert_eq!(exits(ALICE), [an_exit(1, 200, START + 111)]);
		assert_eq!((held(ALICE), free(ALICE)), (1_000, 9_000));
		assert_noop!(restake(ALICE, 0), Error::UnknownExit);
	});
}

#[test]
fn a_free_exit_can_be_staked_again_too() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		advance_clock(500);
		assert_ok!(restake(ALICE, 0));
		assert_eq!((offer(ALICE), held(ALICE)), (OFFER, 1_000));
	});
}

// set_terms.

#[test]
fn terms_are_changed_in_place() {
	one_prover().build_and_execute(|| {
		assign(1, ALICE);
		run_to_block(20);
		System::reset_events();
		// No change delay: the member entered at this very moment of the clock of periods.
		assert_ok!(set_terms(ALICE, 90, 5));
		assert_eq!(
			pool_events(),
			[Event::TermsChanged { who: ALICE, reward_per_gas: 90, max_capacity: 5 }]
		);
		assert_eq!(offer(ALICE), Offer { reward_per_gas: 90, max_capacity: 5, ..OFFER });
		let row = prover_row(ALICE).unwrap();
		assert_eq!((row.current_capacity, row.entered_in, row.changed_in), (4, 0, 20));
		// What is assigned keeps its price and terms.
		let assignment = assignment(1).unwrap();
		assert_eq!((assignment.reward_per_gas, assignment.terms.max_capacity), (100, 4));
	});
}

#[test]
fn new_terms_must_be_acceptable() {
	ExtBuilder::default().max_capacity(20).provers(&[(ALICE, 500, 100, 4)]).build_and_execute(
		|| {
			assert_noop!(set_terms(ALICE, 0, 4), Error::InvalidParams);
			assert_noop!(set_terms(ALICE, 100, 1), Error::InvalidParams);
			assert_noop!(set_terms(ALICE, 100, 21), Error::InvalidParams);
			// 500 / 11 = 45.
			assert_noop!(set_terms(ALICE, 100, 11), Error::InvalidParams);
			assert_ok!(set_terms(ALICE, u32::MAX, 10));
			// The minimum is live: 75 · 4 = 300 suffice, 75 · 10 do not.
			MinStakePerCapacity::set(75);
			assert_noop!(set_terms(ALICE, 100, 10), Error::InvalidParams);
			assert_ok!(set_terms(ALICE, 100, 4));
		},
	);
}

#[test]
fn a_capacity_below_what_is_outstanding_leaves_none_free() {
	one_prover().build_and_execute(|| {
		for block_id in 1..=3 {
			assign(block_id, ALICE);
		}
		assert_ok!(set_terms(ALICE, 100, 2));
		assert_eq!(ProverPool::get_capacity(), 0);
		assert_ok!(release(1));
		assert_eq!(ProverPool::get_capacity(), 0);
		assert_ok!(release(2));
		assert_eq!(ProverPool::get_capacity(), 1);
	});
}

// pause and resume.

#[test]
fn a_paused_member_keeps_slot_and_duties_and_is_not_drawn() {
	ExtBuilder::default().provers(&[(ALICE, 9_000, 100, 4), (BOB, 200, 100, 4)]).build_and_execute(
		|| {
			assign(1, ALICE);
			System::reset_events();
			assert_ok!(pause(ALICE));
			assert_eq!(pool_events(), [Event::Paused { who: ALICE }]);
			assert_eq!(slot(1), Some(ALICE));
			assert_eq!((staker(ALICE).outstanding, staker(ALICE).liable), (1, 1));
			assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Paused);
			assert_eq!(seed_for(ALICE, FEE), None);
			assert_eq!(ProverPool::get_capacity(), 4);
			for block_id in 2..=4 {
				assign(block_id, BOB);
			}
			assert_ok!(release(1));
			assert_eq!(slash(1, 0), Ok(450));
		},
	);
}

#[test]
fn a_member_pauses_once_and_resumes_once() {
	one_prover().build_and_execute(|| {
		assert_noop!(resume(ALICE), Error::NotPaused);
		assert_ok!(pause(ALICE));
		assert_noop!(pause(ALICE), Error::AlreadyPaused);
		System::reset_events();
		assert_ok!(resume(ALICE));
		assert_eq!(pool_events(), [Event::Resumed { who: ALICE }]);
		assert_noop!(resume(ALICE), Error::NotPaused);
		assert_eq!(prover_row(ALICE).unwrap().status, MemberStatus::Active);
		assign(1, ALICE);
	});
}

#[test]
fn a_paused_member_may_change_its_offer_and_leave() {
	one_prover().build_and_execute(|| {
		advance_clock(11);
		assert_ok!(pause(ALICE));
		assert_ok!(stake_extra(ALICE, 100));
		assert_ok!(unstake(ALICE, 200));
		assert_ok!(set_terms(ALICE, 70, 3));
		assert_eq!(
			offer(ALICE),
			Offer { stake: 900, reward_per_gas: 70, max_capacity: 3, paused: true }
		);
		assert_ok!(exit(ALICE));
		// A pause does not outlast a membership.
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_eq!(offer(ALICE), OFFER);
	});
}
