//! What is declared before, or returned after, the work is what it may consume.

use frame_support::{assert_ok, dispatch::GetDispatchInfo, traits::Hooks, weights::Weight};
use prover_pool_primitives::{DrawHandler, Fault, ProverPool as Pool, Selection};

use crate::{mock::*, Call, WeightInfo};

type Weights = crate::weights::SubstrateWeight<Test>;

fn all_calls() -> Vec<Call<Test>> {
	vec![
		Call::stake { amount: 0, reward_per_gas: 0, max_capacity: 0 },
		Call::exit {},
		Call::withdraw {},
		Call::withdraw_for { who: ALICE },
		Call::stake_extra { amount: 0 },
		Call::unstake { amount: 0 },
		Call::restake { exit: 0 },
		Call::set_terms { reward_per_gas: 0, max_capacity: 0 },
		Call::pause {},
		Call::resume {},
		Call::assign_prover { block_id: 0, fee_per_gas: 0 },
		Call::release_prover { block_id: 0 },
		Call::slash_prover { block_id: 0, proof_reward: 0, fault: Fault::Late, reporter: None },
		Call::discharge_prover { block_id: 0 },
		Call::apply_slash { block_id: 0 },
		Call::cancel_slash { block_id: 0 },
	]
}

fn charged(call: &Call<Test>) -> Weight {
	call.get_dispatch_info().call_weight
}

#[test]
fn the_hook_returns_the_weight_of_what_it_did() {
	ExtBuilder::default().entry_delay(2).provers(&[(ALICE, 1_000, 100, 20)]).build_and_execute(
		|| {
			let idle = Weights::on_initialize();
			let draw = ProverPool::weight_of_draw();
			let admission = ProverPool::weight_of_admission();
			let handler = Protocol::on_draw_weight();
			let at_start = |block| {
				System::set_block_number(block);
				ProverPool::on_initialize(block)
			};

			assert_eq!(at_start(2), idle);
			assert_ok!(request(1));
			assert_eq!(at_start(3), idle, "nothing is due");
			assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 2, FEE));
			assert_eq!(at_start(4), idle + draw + handler);
			assert_eq!(at_start(5), idle + draw, "no handler");

			for block_id in 11..=14 {
				assert_ok!(request(block_id));
			}
			assert_ok!(stake(BOB, 1_000, 100, 4));
			assert_ok!(set_terms(ALICE, 90, 20));
			Migrating::set(true);
			assert_eq!(at_start(7), idle, "a migration runs");
			Migrating::set(false);
			assert_eq!(at_start(8), idle + draw * 3 + handler * 3 + admission * 2);
			assert_eq!(at_start(9), idle + draw + handler);
			assert_eq!(at_start(10), idle);
		},
	);
}

#[test]
fn the_trait_declares_the_weights_of_its_methods() {
	type Trait = dyn Fn() -> Weight;
	ExtBuilder::default().build_and_execute(|| {
		let pairs: [(&Trait, Weight); 6] = [
			(&<ProverPool as Pool<_, _>>::assign_prover_weight, Weights::assign_prover()),
			(&<ProverPool as Pool<_, _>>::draw_weight, ProverPool::weight_of_draw()),
			(&<ProverPool as Pool<_, _>>::release_prover_weight, ProverPool::weight_of_release()),
			(&<ProverPool as Pool<_, _>>::slash_prover_weight, ProverPool::weight_of_slash()),
			(
				&<ProverPool as Pool<_, _>>::discharge_prover_weight,
				ProverPool::weight_of_discharge(),
			),
			(&<ProverPool as Pool<_, _>>::free_capacity_weight, Weights::free_capacity()),
		];
		for (declared, weight) in pairs {
			assert_eq!(declared(), weight);
			assert!(weight.ref_time() > 0);
		}
	});
}

#[test]
fn every_call_is_charged_at_least_what_was_measured() {
	ExtBuilder::default().build_and_execute(|| {
		let measured = [
			Weights::stake(),
			Weights::exit(),
			Weights::withdraw(),
			Weights::withdraw(),
			Weights::stake_extra(),
			Weights::unstake(),
			Weights::restake(),
			Weights::set_terms(),
			Weights::pause(),
			Weights::resume(),
			Weights::assign_prover(),
			Weights::release_prover(),
			Weights::slash_prover(),
			Weights::discharge_prover(),
			Weights::apply_slash(),
			Weights::cancel_slash(),
		];
		let calls = all_calls();
		assert_eq!(calls.len(), measured.len());
		for (call, measured) in calls.iter().zip(measured) {
			assert!(charged(call).all_gte(measured), "{call:?}");
		}
	});
}

/// A hook does the rest of their work later: their callers pay for it.
#[test]
fn entries_and_changes_pay_for_their_listing_and_requests_for_their_draw() {
	ExtBuilder::default().build_and_execute(|| {
		let calls = all_calls();
		let admission = ProverPool::weight_of_admission();
		assert!(charged(&calls[0]).all_gte(Weights::stake() + admission));
		let changes = [
			Weights::stake_extra(),
			Weights::unstake(),
			Weights::restake(),
			Weights::set_terms(),
			Weights::pause(),
			Weights::resume(),
		];
		for (call, measured) in calls[4..10].iter().zip(changes) {
			assert!(charged(call).all_gte(measured + admission), "{call:?}");
		}
		assert_eq!(charged(&calls[10]), Weights::assign_prover() + ProverPool::weight_of_draw());
	});
}

/// More slots, more levels of the selection, more to pay.
#[test]
fn weights_grow_with_max_provers() {
	ExtBuilder::default().build_and_execute(|| {
		let weights = |max_provers| -> Vec<Weight> {
			MaxProvers::set(max_provers);
			let hook = [ProverPool::weight_of_draw(), ProverPool::weight_of_admission()];
			all_calls().iter().map(charged).chain(hook).collect()
		};
		let sizes = [1, 4, 64, 65, 1_024, 1_025, 5_000, 100_000, 1 << 20];
		for pair in sizes.windows(2) {
			for (smaller, larger) in weights(pair[0]).into_iter().zip(weights(pair[1])) {
				assert!(larger.all_gte(smaller), "from {} to {}", pair[0], pair[1]);
			}
		}
		let (small, large) = (weights(4), weights(1 << 20));
		// Withdrawals and the tokens of slashes do not concern the selection.
		let constant = [2, 3, 14, 15];
		for (index, (small, large)) in small.iter().zip(&large).enumerate() {
			assert_eq!(small == large, constant.contains(&index), "{index}");
		}
		assert!(<Lottery as Selection<Balance>>::reorder_surcharge().ref_time() > 0);
	});
}
