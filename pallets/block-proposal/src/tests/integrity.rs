//! Relations between parameters, and the sentences about those that do not hold.

use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{GetCallName, Hooks},
};
use sp_runtime::Perbill;

use crate::mock::*;

#[test]
fn the_mock_passes() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(BlockProposal::check_parameters(), Ok(()));
		BlockProposal::integrity_test();
	});
}

#[test]
fn every_broken_relation_is_named() {
	let broken: [(fn(), &str); 21] = [
		(|| BaseGas::set(999), "set BaseGas to at least a quarter"),
		(|| MaxForks::set(1), "set MaxForks to at least 2"),
		(|| MaxBarred::set(0), "set MaxBarred to at least 1"),
		(|| MaxUnverifiedBlocks::set(0), "set MaxUnverifiedBlocks,"),
		(|| MaxPendingPerProposer::set(0), "set MaxUnverifiedBlocks,"),
		(|| MaxOpenBlocks::set(0), "set MaxUnverifiedBlocks,"),
		(|| MinProofWindow::set(0), "set MinProofWindow to the time"),
		(|| MinProofWindow::set(21), "set MaxProofWindow to at least MinProofWindow"),
		(|| Cooldown::set(0), "set Cooldown to at least 1"),
		(|| ExpiryPeriod::set(3), "set ExpiryPeriod to at least MinProofWindow"),
		(|| MaxPause::set(0), "set MaxPause to at least 1"),
		(|| OpenRewardStart::set(76), "set OpenRewardStart to at most 75"),
		(|| OpenRewardEnd::set(124), "set OpenRewardEnd to at least 125"),
		(|| AveragingFactor::set(0), "set AveragingFactor to at least 1"),
		(|| MinFeePerGas::set(7), "set MinFeePerGas to at least 8"),
		(|| MaxFeePerGas::set(7), "set MaxFeePerGas to at least MinFeePerGas"),
		(|| MaxFeeStep::set(Perbill::zero()), "set MaxFeeStep to more than 0"),
		(|| MaxFeePerGas::set(1_001), "lower MaxFeePerGas or raise the pool's"),
		(|| MaxSecuredReward::set(6_249_999), "lower MaxFeePerGas or raise the pool's"),
		(|| ProofBond::set(0), "set ProofBond to more than 0"),
		// 20 + 10 + 3 + 12 · (4 + 3) + 20, twice, is 274.
		(|| MaxLiability::set(273), "raise the pool's MaxLiability"),
	];
	for (break_it, expected) in broken {
		ExtBuilder::default().build_and_execute(|| {
			break_it();
			let advice = BlockProposal::check_parameters().expect_err(expected);
			assert!(advice.starts_with(expected), "{advice}");
			// Back, for the invariants that are checked at the end.
			let _ = ExtBuilder::default();
		});
	}
}

#[test]
fn what_is_just_enough_is_accepted() {
	let enough: [fn(); 7] = [
		|| BaseGas::set(1_000),
		|| MinProofWindow::set(5),
		|| Cooldown::set(1),
		|| ExpiryPeriod::set(4),
		|| MinFeePerGas::set(8),
		|| MaxFeePerGas::set(1_000),
		|| MaxLiability::set(274),
	];
	for change in enough {
		ExtBuilder::default().with(change).build_and_execute(|| {
			assert_eq!(BlockProposal::check_parameters(), Ok(()));
		});
	}
}

#[test]
#[should_panic(expected = "set OpenRewardStart to at most 75")]
fn the_integrity_test_panics_with_the_advice() {
	ExtBuilder::default().with(|| OpenRewardStart::set(80)).build_and_execute(|| {
		BlockProposal::integrity_test();
	});
}

#[test]
#[should_panic(expected = "does not fit into an extrinsic")]
fn calls_that_do_not_fit_into_a_block_are_noticed() {
	ExtBuilder::default().with(|| MaxForks::set(1_000_000)).build_and_execute(|| {
		BlockProposal::integrity_test();
	});
}

#[test]
fn the_weights_of_all_calls_are_checked() {
	ExtBuilder::default().build_and_execute(|| {
		let calls = BlockProposal::heaviest_calls();
		let names: Vec<_> = calls.iter().map(|call| call.get_call_name()).collect();
		assert_eq!(names, crate::Call::<Test>::get_call_names());
		let weight = |name: &str| {
			let call = calls.iter().find(|call| call.get_call_name() == name).expect(name);
			call.get_dispatch_info().call_weight
		};
		let (list, proof) = (MaxTxListSize::get() as usize, MaxProofSize::get() as usize);
		assert_eq!(weight("propose_block"), BlockProposal::weight_of_propose(list));
		assert_eq!(weight("prove_block"), BlockProposal::weight_of_prove(proof));
		assert_eq!(weight("confirm_claim"), BlockProposal::weight_of_confirm(proof));
		assert_eq!(weight("clear_claims"), BlockProposal::weight_of_clear(64));
	});
}
