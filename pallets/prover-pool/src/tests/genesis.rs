//! Provers with which a chain starts.

use crate::{mock::*, Prover};

#[test]
fn a_chain_may_start_with_provers() {
	ExtBuilder::default()
		.provers(&[(BOB, 1_000, 90, 4), (ALICE, 2_000, 100, 5)])
		.build_and_execute(|| {
			assert_eq!(
				ProverPool::get_provers(1, 9),
				[
					(
						1,
						Prover {
							who: BOB,
							staked_amount: 1_000,
							reward_per_gas: 90,
							current_capacity: 4,
							entered_in: 0,
							waiting: false,
						}
					),
					(
						2,
						Prover {
							who: ALICE,
							staked_amount: 2_000,
							reward_per_gas: 100,
							current_capacity: 5,
							entered_in: 0,
							waiting: false,
						}
					),
				]
			);
			assert_eq!((held(ALICE), free(ALICE)), ((2_000, 0), 8_000));
			assert_eq!(staker(ALICE).last_changed_at, Some(START));
		});
}

#[test]
fn a_chain_may_start_without_any() {
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
