//! Provers with which a chain starts.

use crate::{mock::*, Listing, Prover};

#[test]
fn a_chain_may_start_with_provers_which_are_listed_at_once() {
	ExtBuilder::default()
		.entry_delay(10)
		.provers(&[(BOB, 1_000, 90, 4), (ALICE, 2_000, 100, 5)])
		.build_and_execute(|| {
			let expected = |account, stake, reward_per_gas| Prover {
				account,
				stake,
				reward_per_gas,
				paused: false,
				entered_at: START,
				entered_in: 0,
				changed_in: 0,
				listing: Listing::Current,
			};
			assert_eq!(prover(BOB), Some(expected(BOB, 1_000, 90)));
			assert_eq!(prover(ALICE), Some(expected(ALICE, 2_000, 100)));
			assert_eq!((slot(1), slot(2)), (Some(BOB), Some(ALICE)));
			assert_eq!((held(ALICE), free(ALICE)), (2_000, 8_000));
			assert_eq!(ProverPool::get_capacity(), 9);
			assign(1, ALICE);
		});
}

#[test]
fn a_chain_may_start_without_provers() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(ProverPool::get_provers(1, 9).is_empty());
		assert_eq!(crate::Stakers::<Test>::iter().count(), 0);
	});
}

#[test]
#[should_panic = "genesis prover 1 cannot stake"]
fn a_genesis_prover_needs_valid_terms() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 0, 4)]).build();
}

#[test]
#[should_panic = "genesis prover 1 cannot stake"]
fn a_genesis_prover_needs_a_stake() {
	ExtBuilder::default().provers(&[(ALICE, 0, 0, 0)]).build();
}

#[test]
#[should_panic = "genesis prover 99 cannot stake"]
fn a_genesis_prover_needs_a_balance() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4), (NOBODY, 1_000, 100, 4)]).build();
}

#[test]
#[should_panic = "genesis prover 1 cannot stake"]
fn a_genesis_prover_is_named_once() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4), (ALICE, 1_000, 100, 4)]).build();
}

#[test]
#[should_panic = "genesis prover 2 cannot stake"]
fn genesis_provers_need_slots() {
	ExtBuilder::default()
		.max_provers(1)
		.provers(&[(ALICE, 1_000, 100, 4), (BOB, 1_000, 100, 4)])
		.build();
}
