//! What is declared before, or said after, the work is what it may consume.

use frame_support::{assert_ok, dispatch::GetDispatchInfo, traits::Hooks, weights::Weight};
use prover_pool_primitives::{DrawHandler, ProverPool as Pool};

use crate::{mock::*, WeightInfo};

type Weights = crate::weights::SubstrateWeight<Test>;

#[test]
fn the_hook_declares_what_it_did() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 20)]).build_and_execute(|| {
		let idle = Weights::on_initialize();
		let draw = Weights::draw();
		let report = Protocol::on_draw_weight();
		let at_start = |block| {
			System::set_block_number(block);
			ProverPool::on_initialize(block)
		};

		assert_eq!(at_start(2), idle);
		assert_ok!(request(1));
		assert_eq!(at_start(3), idle, "nothing is due");
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 2, FEE));
		assert_eq!(at_start(4), idle + draw + report);
		assert_eq!(at_start(5), idle + draw, "no report");

		for block_id in 11..=14 {
			assert_ok!(request(block_id));
		}
		Migrating::set(true);
		assert_eq!(at_start(7), idle, "a migration runs");
		Migrating::set(false);
		assert_eq!(at_start(8), idle + draw * 3 + report * 3);
		assert_eq!(at_start(9), idle + draw + report);
	});
}

#[test]
fn the_trait_declares_the_weights_of_its_methods() {
	type Trait = dyn Fn() -> Weight;
	ExtBuilder::default().build_and_execute(|| {
		let pairs: [(&Trait, Weight); 6] = [
			(&<ProverPool as Pool<_, _>>::assign_prover_weight, Weights::assign_prover()),
			(&<ProverPool as Pool<_, _>>::draw_weight, Weights::draw()),
			(&<ProverPool as Pool<_, _>>::release_prover_weight, Weights::release_prover()),
			(&<ProverPool as Pool<_, _>>::slash_prover_weight, ProverPool::weight_of_slash()),
			(&<ProverPool as Pool<_, _>>::discharge_prover_weight, Weights::discharge_prover()),
			(&<ProverPool as Pool<_, _>>::free_capacity_weight, Weights::free_capacity()),
		];
		for (declared, weight) in pairs {
			assert_eq!(declared(), weight);
			assert!(weight.all_gt(Weight::zero()));
		}
	});
}

/// A newcomer pays for its turn, and both who enters and who leaves for the day on which all nodes on its
/// way are split or joined.
#[test]
fn entries_and_departures_pay_for_what_is_not_measured() {
	ExtBuilder::default().build_and_execute(|| {
		let charged = |call: crate::Call<Test>| call.get_dispatch_info().call_weight;
		let stake = charged(crate::Call::stake { amount: 0, reward_per_gas: 0, max_capacity: 0 });
		assert!(stake.all_gt(Weights::stake() + Weights::admit()));
		let exit = charged(crate::Call::exit {});
		assert!(exit.all_gt(Weights::exit()));
		assert!(ProverPool::weight_of_slash().all_gt(Weights::slash_prover()));
		// More slots, more levels, more to pay.
		MaxProvers::set(100_000);
		assert!(charged(crate::Call::exit {}).all_gt(exit));
	});
}
