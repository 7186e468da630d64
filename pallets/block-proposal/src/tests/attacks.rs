//! Attacks on the rollup, told whole: what the attacker tries step by step, what stops it, and what
//! everybody has in the end. Rewards at the agreed price are 300 000, a slash is four of them.

use frame_support::{
	assert_noop, assert_ok,
	pallet_prelude::DispatchResult,
	traits::{fungible::Inspect, tokens::Preservation, LockableCurrency, WithdrawReasons},
};
use prover_pool_primitives::{BlockId, PoolError, PricePerGas};
use sp_runtime::{traits::BadOrigin, FixedPointNumber, FixedU128, TokenError};

use crate::mock::*;

/// Reward of a block at the agreed price: (1 000 + 2 000) × 100.
const REWARD: i128 = 300_000;

fn skip(who: AccountId, id: BlockId) -> DispatchResult {
	BlockProposal::skip_block(signed(who), id).map(|_| ()).map_err(|refused| refused.error)
}

fn propose_as(who: AccountId) -> DispatchResult {
	let id = chain().next_id;
	BlockProposal::propose_block(signed(who), tx_list(id), GAS_LIMIT, BENEFICIARY)
}

fn send(from: AccountId, amount: Balance) -> DispatchResult {
	use frame_support::traits::fungible::Mutate;
	Balances::transfer(&from, &TREASURY, amount, Preservation::Expendable).map(|_| ())
}

// Other people's blocks.

/// A rival of the proposer wants the second block to be dropped: its first block takes so long that the
/// second expires behind it, and forks keep the right proof out until then.
#[test]
fn attack_having_a_block_skipped_before_it_can_be_proven() {
	// One place: the first block is assigned, the second open.
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 1)]).build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		for vandal in &VANDALS[..4] {
			assert_ok!(prove(*vandal, ids[1], GENESIS));
		}
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		assert_noop!(prove(RESCUER, ids[1], first), Error::TooManyForks);
		// Expired long ago, and not on the verified hash: but only now its parent is known for certain.
		run_for(Cooldown::get());
		verify();
		let before = balances();
		for _ in 0..MinProofWindow::get() {
			assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
			next_block();
		}
		assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
		assert_ok!(prove(RESCUER, ids[1], first));
		next_block();
		assert_noop!(skip(VANDALS[0], ids[1]), Error::HasProof);
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[1]);
		// The rescuer earns the open price, which has risen 18 of its 20 steps; all forks cost their bonds.
		let reward = cost(GAS_USED, 142) as i128;
		assert_eq!((gain(&before, RESCUER), gain(&before, PROPOSER)), (reward, -reward));
		assert!(VANDALS[..4].iter().all(|vandal| gain(&before, *vandal) == -5_000));
	});
}

#[test]
fn attack_waiting_for_the_end_of_the_grace_with_many_blocks() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let ids = propose_drawn(3);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		run_for(ExpiryPeriod::get() + 1);
		verify();
		let before = balances();
		// Nobody proves the others: they still expire together, once the parent was certain long enough.
		run_for(MinProofWindow::get());
		assert_noop!(skip(VANDALS[0], ids[1]), Error::NotExpired);
		next_block();
		assert_ok!(skip(VANDALS[0], ids[1]));
		assert_ok!(skip(VANDALS[0], ids[2]));
		// A trap costs its setter both escrows; who skips gains nothing.
		assert_eq!((gain(&before, PROPOSER), gain(&before, VANDALS[0])), (-1_200_000, 0));
	});
}

#[test]
fn attack_stealing_a_proof_from_the_pool_of_transactions() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let before = balances();
		let id = open_block();
		let right = evidence(id, GENESIS);
		let seen = proof_of(RESCUER, id, &right);
		let prove_by = |who: AccountId, evidence: &Evidence, proof: &[u8]| {
			BlockProposal::prove_block(signed(who), id, 0, evidence.clone(), proof.to_vec())
		};
		// The thief sees the rescuer's transaction and gets in first: the proof names its prover.
		assert_noop!(prove_by(VANDALS[0], &right, &seen), Error::InvalidProof);
		// It sends it in the rescuer's name with worse claims, to spoil it: the proof names those too.
		let spoilt = Evidence { gas_used: 0, ..right.clone() };
		assert_noop!(prove_by(RESCUER, &spoilt, &seen), Error::InvalidProof);
		// It repeats the proof after the rescuer, and after its verification.
		assert_ok!(prove_by(RESCUER, &right, &seen));
		assert_noop!(prove_by(VANDALS[0], &right, &seen), Error::InvalidProof);
		assert_noop!(prove_by(RESCUER, &right, &seen), Error::AlreadyProven);
		cool_down_and_verify();
		assert_noop!(prove_by(VANDALS[0], &right, &seen), Error::UnknownBlock);
		assert_eq!((gain(&before, VANDALS[0]), held(HoldReason::ProofBond, VANDALS[0])), (0, 0));
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 75) as i128);
	});
}

#[test]
fn attack_settling_somebody_elses_block() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// Until the window is over the block is its prover's, to the last moment.
		while now() <= deadline(id) {
			assert_noop!(prove(VANDALS[0], id, GENESIS), Error::TooEarly);
			next_block();
			if now() == deadline(id) {
				assert_ok!(prove(ASSIGNED, id, GENESIS));
			}
		}
		// Afterwards anybody may prove, but the earliest proof counts.
		assert_ok!(prove(VANDALS[0], id, GENESIS));
		// Nobody but the dispute origin removes a proof, the pool knows no other protocol, and nothing else
		// of another's can be settled.
		let dispute = BlockProposal::dispute_proof(signed(VANDALS[0]), id, GENESIS, ASSIGNED);
		assert_eq!(dispute.map_err(|refused| refused.error), Err(BadOrigin.into()));
		assert_noop!(
			ProverPool::slash_prover(signed(VANDALS[0]), id, 1, Fault::Other, None),
			BadOrigin
		);
		assert_noop!(ProverPool::release_prover(signed(VANDALS[0]), id), BadOrigin);
		assert_noop!(
			ProverPool::discharge_prover(signed(VANDALS[0]), id),
			pallet_prover_pool::Error::<Test>::NotYourAssignment
		);
		assert_noop!(BlockProposal::expire_request(signed(VANDALS[0]), id), Error::NotPending);
		assert_noop!(skip(VANDALS[0], id), Error::NotExpired);
		cool_down_and_verify();
		// Paid less 2.5 % for the whole window; the vandal worked for nothing.
		assert_eq!(gain(&before, ASSIGNED), REWARD - 7_500);
		assert_eq!(gain(&before, VANDALS[0]), 0);
	});
}

#[test]
fn attack_double_slash() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// Failed twice over: a proof removed, and another one late; then rescued by two.
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), id, GENESIS, ASSIGNED));
		run_to(deadline(id) + ExpiryPeriod::get() + 2);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_ok!(prove(VANDALS[0], id, GENESIS));
		cool_down_and_verify();
		// It can neither be skipped nor verified nor slashed once more.
		assert_noop!(skip(VANDALS[0], id), Error::UnknownBlock);
		assert!(BlockProposal::verify_blocks(signed(VANDALS[0]), 9).is_err());
		assert_noop!(
			ProverPool::slash_prover(
				RuntimeOrigin::root(),
				id,
				300_000,
				Fault::Other,
				Some((VANDALS[0], 1)),
			),
			pallet_prover_pool::Error::<Test>::UnknownBlock
		);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::RemovedProof)]);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, VANDALS[0]), 0);
	});
}

#[test]
fn attack_double_release() {
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 2)]).build_and_execute(|| {
		let ids = propose_drawn(2);
		let places = || ProverPool::get_capacity();
		assert_eq!(places(), 0);
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		assert_eq!(places(), 1);
		// The same block again, on another parent, late, and after a new window was given.
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[1], hash_on(ids[0], GENESIS)));
		assert_ok!(BlockProposal::dispute_proof(RuntimeOrigin::root(), ids[0], GENESIS, ASSIGNED));
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		cool_down_and_verify();
		assert_eq!(places(), 2, "both places, and not one more");
		let refused =
			|event| matches!(event, Event::PoolRefused { error: PoolError::AlreadyReleased, .. });
		assert!(!events().into_iter().any(refused));
	});
}

// Dodging a slash. Who proves in time gains 300 000.

#[test]
fn attack_slash_dodging_by_exit() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		// The pool's exit period is 50 blocks: longer than any block of an honest rollup takes, and if
		// everybody sleeps it is still no way out.
		run_for(60);
		assert!(ProverPool::withdraw(signed(ASSIGNED)).is_err());
		assert_ok!(skip(RESCUER, id));
		let full = cost(GAS_LIMIT, FEE) as i128;
		assert_eq!((gain(&before, ASSIGNED), gain(&before, PROPOSER)), (-4 * full, -full));
		assert_ok!(ProverPool::withdraw(signed(ASSIGNED)));
		assert_eq!(gain(&before, ASSIGNED), -4 * full);
	});
}

#[test]
fn attack_slash_dodging_with_a_rescuing_accomplice() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// The pair waits for the window to end, to earn the bonus on top of the reward.
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id, GENESIS));
		cool_down_and_verify();
		let together = gain(&before, ASSIGNED) + gain(&before, RESCUER);
		assert_eq!(together, REWARD + REWARD / 2 - 4 * REWARD);
		// The proposer pays what it agreed to, and no more.
		assert_eq!(gain(&before, PROPOSER), -REWARD);
	});
}

#[test]
fn attack_slash_dodging_by_a_second_window() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let first = hash_on(ids[0], GENESIS);
		let before = balances();
		// It proves the second block where nobody will build, only to be given time; and loses the race
		// for the first on purpose.
		assert_ok!(prove(ASSIGNED, ids[1], GENESIS));
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[0], GENESIS));
		cool_down_and_verify();
		// That works, once: the parent is decided now, and cannot change any more.
		assert!(deadline(ids[1]) > now());
		run_to(deadline(ids[1]) + 1);
		assert_noop!(prove(ASSIGNED, ids[1], GENESIS), Error::WrongParent);
		assert_ok!(prove(RESCUER, ids[1], first));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), -8 * REWARD);
		assert_eq!(gain(&before, RESCUER), 2 * (REWARD + REWARD / 2));
	});
}

#[test]
fn attack_restarting_the_cooldown_for_ever() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		for _ in 1..Cooldown::get() {
			next_block();
			assert_noop!(prove(ASSIGNED, id, GENESIS), Error::AlreadyProven);
		}
		next_block();
		verify();
		assert_eq!(chain().verified_id, id);
	});
}

// Money.

#[test]
fn attack_a_proposer_that_spends_its_escrow() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		let escrow = 600_000;
		assert_eq!(held(HoldReason::Escrow, PROPOSER), escrow);
		let free = Balances::balance(&PROPOSER);
		// It cannot send it, nor what keeps the account alive, nor stake it, nor use it for a second block.
		assert_noop!(send(PROPOSER, free + 1), TokenError::FundsUnavailable);
		assert_noop!(send(PROPOSER, free - 99), TokenError::Frozen);
		let stake = ProverPool::stake(signed(PROPOSER), free, FEE, 1);
		assert_eq!(stake, Err(TokenError::FundsUnavailable.into()));
		assert_ok!(send(PROPOSER, free - 100));
		assert_noop!(propose_as(PROPOSER), Error::NoFunds);
		// It locks what is left, held or not.
		Balances::set_lock(*b"proposer", &PROPOSER, Balance::MAX, WithdrawReasons::all());
		next_block();
		let before = balances();
		assert_ok!(prove(ASSIGNED, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(balance(PROPOSER), 100 + escrow - REWARD as Balance);
	});
}

#[test]
fn attack_the_existential_deposit_edge() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		// A bond and an escrow are never what keeps an account alive.
		leave_free(VANDALS[0], ProofBond::get() + 99);
		leave_free(VANDALS[1], 600_099);
		assert_noop!(propose_as(VANDALS[1]), Error::NoFunds);
		let id = open_block();
		assert_noop!(prove(VANDALS[0], id, GENESIS), Error::NoFunds);
		// With one more base unit they are enough; all that is left free is the deposit.
		leave_free(RESCUER, ProofBond::get() + 100);
		assert_ok!(prove(RESCUER, id, GENESIS));
		assert_noop!(send(RESCUER, 1), TokenError::Frozen);
		leave_free(PROPOSER, 100);
		let before = balances();
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 75) as i128);
		assert_eq!(gain(&before, TREASURY), 0);
	});
}

#[test]
fn attack_accounts_reaped_while_the_rollup_owes_or_is_owed() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		// The prover that will not prove leaves the pool and takes all that is free.
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		leave_free(ASSIGNED, 100);
		assert_noop!(send(ASSIGNED, 100), TokenError::Frozen);
		// So does the proposer. Neither account can go while something is held from it.
		leave_free(PROPOSER, 100);
		assert_noop!(send(PROPOSER, 100), TokenError::Frozen);
		run_to(deadline(id) + 1);
		let before = balances();
		assert_ok!(prove(RESCUER, id, GENESIS));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		// Nothing is held from the proposer any more: now it may go.
		assert_ok!(send(PROPOSER, balance(PROPOSER)));
		assert!(!System::account_exists(&PROPOSER));
	});
}

#[test]
fn attack_a_trap_for_provers() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let too_long = vec![0xff; MaxTxListSize::get() as usize + 1];
		let trap =
			|list, gas| BlockProposal::propose_block(signed(PROPOSER), list, gas, BENEFICIARY);
		assert_noop!(trap(too_long, GAS_LIMIT), Error::TxListTooLong);
		assert_noop!(trap(vec![], MaxGasLimit::get() + 1), Error::GasLimitTooHigh);
		// A list that means nothing, within the limits: it proves as an empty block, which is paid.
		let garbage = vec![0xff; MaxTxListSize::get() as usize];
		assert_ok!(trap(garbage.clone(), 0));
		next_block();
		let tx_list_hash = sp_io::hashing::blake2_256(&garbage).into();
		let empty = Evidence { tx_list_hash, gas_used: 0, ..evidence(1, GENESIS) };
		assert_ok!(prove_with(ASSIGNED, 1, 0, empty));
		cool_down_and_verify();
		let base = cost(0, FEE) as i128;
		assert_eq!((gain(&before, ASSIGNED), gain(&before, PROPOSER)), (base, -base));
		assert!(slashes().is_empty());
	});
}

#[test]
fn attack_a_full_queue() {
	let capacity = vec![(ASSIGNED, STAKE, FEE, 100)];
	ExtBuilder::default()
		.provers(capacity)
		.with(|| MaxUnverifiedBlocks::set(20))
		.build_and_execute(|| {
			let before = balances();
			// One attacker does not fill the queue of 8, two do.
			(0..4).for_each(|_| propose_as(VANDALS[0]).unwrap());
			assert_noop!(propose_as(VANDALS[0]), Error::TooManyPendingBlocks);
			(0..4).for_each(|_| propose_as(VANDALS[1]).unwrap());
			assert_noop!(propose_as(PROPOSER), Error::PoolQueueFull);
			// It costs the honest proposer one block of waiting …
			next_block();
			let id = chain().next_id;
			assert_ok!(propose_as(PROPOSER));
			next_block();
			next_block();
			assert_eq!(block(id).assignment().unwrap().prover, ASSIGNED);
			// … and the attackers all their blocks: the escrow while they wait, the rewards for good.
			assert_eq!(held(HoldReason::Escrow, VANDALS[0]), 4 * cost(GAS_LIMIT, FEE));
			let mut parent = GENESIS;
			for id in 1..=id {
				assert_ok!(prove(ASSIGNED, id, parent));
				parent = hash_on(id, parent);
			}
			cool_down_and_verify();
			assert_eq!(chain().verified_id, id);
			for vandal in &VANDALS[..2] {
				// Less the penalties of a prover that got them all at once.
				let paid = -gain(&before, *vandal);
				assert!((4 * REWARD - 4 * 7_500..=4 * REWARD).contains(&paid), "{paid}");
			}
		});
}

// The fee.

/// Lets one prover prove so many full blocks at once, each proposed by `proposer`.
fn full_blocks(proposer: AccountId, prover: AccountId, blocks: u32) {
	for _ in 0..blocks {
		let id = chain().next_id;
		let list = tx_list(id);
		let limit = MaxGasLimit::get();
		assert_ok!(BlockProposal::propose_block(signed(proposer), list, limit, BENEFICIARY));
		next_block();
		let parent = chain().verified_hash;
		let full = Evidence { gas_used: limit, ..evidence(id, parent) };
		assert_ok!(prove_with(prover, id, id - 1, full));
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
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, price, CAPACITY)]).fee(4_000)
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
			let prover = block(id).assignment().unwrap().prover;
			blocks[usize::from(prover == 11)] += 1;
			assert_ok!(prove(prover, id, chain().verified_hash));
			cool_down_and_verify();
			forget_events();
		}
		assert!(exact_fee() < high, "{} after {high}", exact_fee());
		// It has (5 / 3)² times the weight of the dear one.
		assert!(blocks[1] > blocks[0], "{blocks:?}");
	});
}

#[test]
fn attack_fee_ratchet_up_by_proposing_to_oneself() {
	// Who is proposer and prover in one pays nobody: what it gains must come from others. It can raise the
	// fee no faster than with others' blocks, must prove every block, and pays the same fee as all.
	let own = vec![(PROPOSER, STAKE, u32::MAX, CAPACITY)];
	let builder = ExtBuilder::default().provers(own).fee(4_000);
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
