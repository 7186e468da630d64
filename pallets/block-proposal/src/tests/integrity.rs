//! Relations between parameters, and the sentences about those that do not hold.

use crate::mock::*;
use frame_support::traits::Hooks;

type Parameters = crate::ParametersOf<Test>;

#[test]
fn the_mock_passes() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(BlockProposal::check_parameters(), Ok(()));
		BlockProposal::integrity_test();
	});
}

#[test]
fn every_broken_relation_is_named() {
	type Break = fn(&mut Parameters);
	let broken: [(Break, &str); 14] = [
		(|p| p.base_gas = p.max_gas_limit / 4 - 1, "BaseGas must be at least a quarter"),
		(|p| p.max_forks = 1, "MaxForks must be at least 2"),
		(|p| p.max_barred_proofs = 0, "MaxBarredProofs must be at least 1"),
		(|p| p.max_unverified_blocks = 0, "MaxUnverifiedBlocks must be at least 1"),
		(|p| p.max_pending_per_proposer = 0, "MaxPendingPerProposer must be at least 1"),
		(|p| p.max_open_blocks = 0, "MaxOpenBlocks must be at least 1"),
		(|p| p.min_proof_window = 0, "MinProofWindow must be enough"),
		(|p| p.min_proof_window = p.max_proof_window + 1, "must not exceed MaxProofWindow"),
		(|p| p.open_reward_start = 76, "OpenRewardStart must be at most 75"),
		(|p| p.open_reward_end = 124, "OpenRewardEnd must be at least 125"),
		(|p| p.averaging_factor = 0, "AveragingFactor must be at least 1"),
		(|p| p.min_fee_per_gas = 7, "MinFeePerGas must be at least 8"),
		(|p| p.proof_bond = 0, "ProofBond must not be 0"),
		// 20 + 10 + 3, twice, is 66.
		(|p| p.max_liability = 65, "at most half of the pool's MaxLiability"),
	];
	ExtBuilder::default().build_and_execute(|| {
		for (break_it, expected) in broken {
			let mut parameters = BlockProposal::get_parameters();
			break_it(&mut parameters);
			let advice = parameters.check().expect_err(expected);
			assert!(advice.contains(expected), "{advice}");
		}
	});
}

#[test]
fn what_is_just_enough_is_accepted() {
	let enough: [fn(&mut Parameters); 4] = [
		|p| p.base_gas = p.max_gas_limit / 4,
		|p| p.min_proof_window = p.max_proof_window,
		|p| p.min_fee_per_gas = 8,
		|p| p.max_liability = 66,
	];
	ExtBuilder::default().build_and_execute(|| {
		for change in enough {
			let mut parameters = BlockProposal::get_parameters();
			change(&mut parameters);
			assert_eq!(parameters.check(), Ok(()));
		}
	});
}

#[test]
#[should_panic(expected = "OpenRewardStart must be at most 75")]
fn the_integrity_test_panics_with_the_advice() {
	ExtBuilder::default().with(|| OpenRewardStart::set(80)).build_and_execute(|| {
		BlockProposal::integrity_test();
	});
}

#[test]
#[should_panic(expected = "does not fit into an extrinsic")]
fn calls_that_do_not_fit_into_a_block_are_noticed() {
	ExtBuilder::default().with(|| MaxUnverifiedBlocks::set(1_000_000)).build_and_execute(|| {
		BlockProposal::integrity_test();
	});
}
