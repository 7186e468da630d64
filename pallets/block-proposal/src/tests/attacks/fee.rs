//! Attacks on the fee, which follows the prices that are agreed.

use frame_support::assert_ok;
use prover_pool_primitives::PricePerGas;
use sp_runtime::{FixedPointNumber, FixedU128, Perbill};

use crate::mock::*;

/// Lets one prover prove this many full blocks at once, each proposed by `proposer`.
fn full_blocks(proposer: AccountId, prover: AccountId, blocks: u32) {
	for _ in 0..blocks {
		let id = chain().next_id;
		let limit = MaxGasLimit::get();
		assert_ok!(try_propose(proposer, tx_list(id), limit));
		next_block();
		let full = Execution { gas_used: limit, ..execution(id, right_parent(id)) };
		assert_ok!(prove_with(prover, id, full));
		cool_down_and_verify();
		forget_events();
	}
}

/// Fees and prices are whole numbers, rounded down: less than 2 of a price, a hundredth of it of the fee, in
/// each of 20 blocks.
const ROUNDING: f64 = 20.0 * 2.0 / 100.0;

fn exact_fee() -> f64 {
	Averages::<Test>::get().fee_per_gas.into_inner() as f64 / FixedU128::DIV as f64
}

/// A pool of one member with this price, and a fee that shows small steps.
fn alone(price: PricePerGas) -> ExtBuilder {
	let alone = ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, price, CAPACITY)]).fee(4_000);
	alone.with(|| MaxFeePerGas::set(10_000))
}

#[test]
fn attack_fee_ratchet_up() {
	alone(u32::MAX).with(|| AveragingFactor::set(100)).build_and_execute(|| {
		let before = balances();
		full_blocks(PROPOSER, ASSIGNED, 20);
		// The whole pool asks for everything: 125 % is agreed, and a full block moves the fee by a hundredth
		// of that quarter (a 7 200th in the demo).
		let fastest = 4_000.0 * (1.0 + 0.25 / 100.0_f64).powi(20);
		assert!(exact_fee() <= fastest && exact_fee() > fastest - ROUNDING, "{}", exact_fee());
		// Proposers pay for it, at most 125 % of the fee that they saw.
		let most = 20 * cost(MaxGasLimit::get(), 5_256) as i128;
		assert!(-gain(&before, PROPOSER) <= most);
		// One cheaper prover of the same stake, and the fee turns.
		assert_ok!(ProverPool::stake(signed(11), STAKE, 1, CAPACITY));
		let high = exact_fee();
		let mut blocks = [0, 0];
		for _ in 0..30 {
			let id = propose_drawn(1)[0];
			let prover = assignment(id).prover;
			blocks[usize::from(prover == 11)] += 1;
			assert_ok!(prove(prover, id));
			cool_down_and_verify();
			forget_events();
		}
		assert!(exact_fee() < high, "{} after {high}", exact_fee());
		// It has (5 / 3)² times the weight of the expensive one.
		assert!(blocks[1] > blocks[0], "{blocks:?}");
	});
}

#[test]
fn attack_fee_ratchet_up_by_proposing_to_oneself() {
	// Who is proposer and prover in one pays nobody: what it gains must come from others. It can raise the
	// fee no faster than with others' blocks, must prove every block, and pays the same fee as all.
	let own = vec![(PROPOSER, STAKE, u32::MAX, CAPACITY)];
	let builder = ExtBuilder::default().provers(own).fee(4_000).with(|| MaxFeePerGas::set(10_000));
	builder.with(|| AveragingFactor::set(100)).build_and_execute(|| {
		let before = balances();
		full_blocks(PROPOSER, PROPOSER, 10);
		assert_eq!(gain(&before, PROPOSER), 0);
		assert!(exact_fee() <= 4_000.0 * (1.0 + 0.25 / 100.0_f64).powi(10));
	});
}

#[test]
fn attack_fee_ratchet_down() {
	alone(1).with(|| AveragingFactor::set(100)).build_and_execute(|| {
		let before = balances();
		full_blocks(PROPOSER, ASSIGNED, 20);
		// The same speed downwards; the dumper works for three quarters of a fee that it lowers itself.
		let fastest = 4_000.0 * (1.0 - 0.25 / 100.0_f64).powi(20);
		assert!(
			exact_fee() < fastest + ROUNDING && exact_fee() > fastest - ROUNDING,
			"{}",
			exact_fee()
		);
		assert!(gain(&before, ASSIGNED) <= 20 * cost(MaxGasLimit::get(), 3_000) as i128);
		// What it leaves behind is no ratchet: the fee comes back as fast as it went.
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		assert_ok!(ProverPool::stake(signed(11), STAKE, u32::MAX, CAPACITY));
		full_blocks(PROPOSER, 11, 21);
		assert!(exact_fee() >= 4_000.0, "{}", exact_fee());
	});
}

#[test]
fn attack_fee_ratchet_down_to_nothing() {
	let low = ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, 1, CAPACITY)]).fee(9);
	let low = low.with(|| MaxFeeStep::set(Perbill::one()));
	low.with(|| AveragingFactor::set(1)).build_and_execute(|| {
		full_blocks(PROPOSER, ASSIGNED, 5);
		// Never below the least fee, from which whole prices can still rise.
		assert_eq!(BlockProposal::fee_per_gas(), MinFeePerGas::get());
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		assert_ok!(ProverPool::stake(signed(11), STAKE, u32::MAX, CAPACITY));
		full_blocks(PROPOSER, 11, 5);
		// 8, 10, 12, 15, 18, 22.
		assert_eq!(BlockProposal::fee_per_gas(), 22);
	});
}
